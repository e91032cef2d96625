//! Files that are packed with gzip.

use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::problem::Problem;

/// Most bytes that a file may unpack to.
const LARGEST: u64 = 4 << 30;
const MAGIC: &[u8] = b"\x1f\x8b";

/// The path of what is packed in a file, if its name says that something is.
pub(super) fn inner(path: &Path) -> &Path {
    let ending = path.extension().and_then(std::ffi::OsStr::to_str);
    let is_packed = ending.is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    path.file_stem()
        .filter(|_| is_packed)
        .map_or(path, Path::new)
}

/// The bytes of a file, unpacked where they are packed.
pub(super) fn unpack(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, Box<Problem>> {
    if !bytes.starts_with(MAGIC) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let mut reader = MultiGzDecoder::new(&*bytes).take(LARGEST + 1);
    if let Err(error) = reader.read_to_end(&mut plain) {
        let problem = Problem::error(path, format!("the file cannot be unpacked: {error}"));
        return Err(Box::new(problem.help("get the whole file again")));
    }
    if plain.len() as u64 > LARGEST {
        let message = "the file unpacks to more than 4 GiB";
        return Err(Box::new(Problem::error(path, message)));
    }
    Ok(plain)
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
        assert_eq!(unpack(path, two).unwrap(), b"[1,2]");
        assert_eq!(unpack(path, b"[]".to_vec()).unwrap(), b"[]");
        let mut cut = pack("a text that is cut off");
        cut.truncate(cut.len() - 9);
        let problem = unpack(path, cut).unwrap_err();
        assert!(problem.message.contains("cannot be unpacked"), "{problem}");
        assert_eq!(inner(path), Path::new("a.json"));
        assert_eq!(inner(Path::new("b/a.json")), Path::new("b/a.json"));
    }
}
