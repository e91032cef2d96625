//! Files that are packed with gzip.

use std::io::{self, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;

use super::guess::read_bytes;
use crate::problem::Problem;

/// Most bytes that a file may unpack to.
pub(super) const LARGEST: u64 = 1 << 30;
const MAGIC: &[u8] = b"\x1f\x8b";
/// Most bytes that deflate makes of one.
const MOST_OF_ONE: u64 = 1032;

/// The path of what is packed in a file, if its name says that something is.
pub fn inner(path: &Path) -> &Path {
    let ending = path.extension().and_then(std::ffi::OsStr::to_str);
    let is_packed = ending.is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    path.file_stem()
        .filter(|_| is_packed)
        .map_or(path, Path::new)
}

/// Whether bytes are packed.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// How many bytes those of a packed file say that they unpack to, as far as that can be.
fn stated(bytes: &[u8]) -> u64 {
    let trailer = bytes.last_chunk::<4>().copied().unwrap_or_default();
    let stated = u64::from(u32::from_le_bytes(trailer));
    stated.min(bytes.len() as u64 * MOST_OF_ONE)
}

/// The bytes of a file, unpacked where they are packed.
pub(super) fn unpack(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, Box<Problem>> {
    if !is_packed(&bytes) {
        return Ok(bytes);
    }
    unpack_within(&bytes, LARGEST).map_err(|error| {
        Box::new(match error {
            Some(error) => Problem::error(path, format!("the file cannot be unpacked: {error}"))
                .help("get the whole file again"),
            None => Problem::error(path, "the file unpacks to more than 1 GiB")
                .help("unpack it, and import what it holds"),
        })
    })
}

/// The bytes of a file that may be packed.
///
/// # Errors
///
/// When it cannot be read or unpacked.
pub fn read(path: &Path) -> Result<Vec<u8>, Box<Problem>> {
    unpack(path, read_bytes(path)?)
}

/// At most so many bytes, unpacked; `None` where there are more.
fn unpack_within(bytes: &[u8], most: u64) -> Result<Vec<u8>, Option<io::Error>> {
    // A file that is cut off says any number, and one of several members that of the last.
    let stated = Some(stated(bytes)).filter(|stated| *stated <= most);
    let mut plain = Vec::with_capacity(stated.unwrap_or(0) as usize);
    let mut reader = Members::new(bytes);
    (&mut reader)
        .take(plain.capacity() as u64)
        .read_to_end(&mut plain)?;
    let read = plain.len() as u64;
    // So what is beyond the stated is only counted, before there is room for it.
    let all = read + io::copy(&mut reader.take(most + 1 - read), &mut io::sink())?;
    if all > most {
        return Err(None);
    }
    if all > read {
        plain.clear();
        plain.reserve_exact(all as usize);
        Members::new(bytes).read_to_end(&mut plain)?;
    }
    Ok(plain)
}

/// What the members of a packed file hold, one after the other; zeros behind the last fill a
/// block up.
struct Members<'b>(Option<GzDecoder<&'b [u8]>>);

impl<'b> Members<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self(Some(GzDecoder::new(bytes)))
    }
}

impl Read for Members<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let read = member.read(out)?;
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            let rest = *member.get_ref();
            let is_end = rest.iter().all(|byte| *byte == 0);
            self.0 = (!is_end).then(|| GzDecoder::new(rest));
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::write::GzEncoder;

    use super::*;

    fn pack(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_files_are_unpacked_and_others_left_as_they_are() {
        let path = Path::new("a.json.gz");
        let two = [pack("[1,"), pack("2]")].concat();
        assert_eq!(unpack(path, two.clone()).unwrap(), b"[1,2]");
        let padded = [&two[..], &[0; 512]].concat();
        assert_eq!(unpack(path, padded).unwrap(), b"[1,2]");
        let garbage = [&two[..], &[0, 0, 1]].concat();
        assert!(unpack(path, garbage).is_err());
        assert_eq!(unpack(path, b"[]".to_vec()).unwrap(), b"[]");
        let long = "0".repeat(1 << 20);
        let plain = unpack(path, pack(&long)).unwrap();
        assert_eq!((plain.len(), plain.capacity()), (long.len(), long.len()));
        let within = |most| unpack_within(&pack(&long), most).map_err(|error| error.is_some());
        assert_eq!(within(1 << 20).map(|plain| plain.len()), Ok(1 << 20));
        assert_eq!(within((1 << 20) - 1), Err(false));
        let members = [pack(&long), pack(&long), pack("0")].concat();
        let plain = unpack(path, members.clone()).unwrap();
        let all = 2 * long.len() + 1;
        assert_eq!((plain.len(), plain.capacity()), (all, all));
        let within = unpack_within(&members, 1 << 21).map_err(|error| error.is_some());
        assert_eq!(within, Err(false));
        let mut cut = pack(&long);
        cut.truncate(cut.len() - 9);
        let error = unpack_within(&cut, 100).map_err(|error| error.is_some());
        assert_eq!(error, Err(false), "more than was asked for, though cut off");
        let mut short = pack("a text that is cut off");
        short.truncate(short.len() - 9);
        short.extend([255; 4]);
        let error = unpack_within(&short, 100).map_err(|error| error.is_some());
        assert_eq!(error, Err(true), "a trailer that says too much is none");
        let mut cut = pack("a text that is cut off");
        cut.truncate(cut.len() - 9);
        let problem = unpack(path, cut).unwrap_err();
        assert!(problem.message.contains("cannot be unpacked"), "{problem}");
        assert_eq!(inner(path), Path::new("a.json"));
        assert_eq!(inner(Path::new("b/a.json")), Path::new("b/a.json"));
    }
}
