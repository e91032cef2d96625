//! The file of a log (`.eval`, a zip, or `.json`) as records: its header, then its samples.

use std::io::{Cursor, Read};
use std::path::Path;

use serde_json::value::RawValue;

use crate::import::kind::Format;
use crate::import::packed::LARGEST;
use crate::import::record::Fields;
use crate::import::sheet;
use crate::import::source::{Lines, Source};
use crate::input::source::shown;
use crate::problem::Problem;

/// What is kept of a header.
const HEADER: [&str; 5] = ["version", "status", "eval", "plan", "results"];
/// What is kept of a sample.
const KEPT: [&str; 9] = [
    "id", "epoch", "input", "choices", "target", "output", "scores", "score", "metadata",
];

/// The records of a log: its header, then its samples.
pub(in crate::import) fn open(path: &Path, bytes: Vec<u8>) -> Result<Source, Box<Problem>> {
    if bytes.starts_with(b"PK") {
        return unpack(path, &bytes);
    }
    let source = Source::new(path, bytes)?.without_not_numbers();
    let records = sheet::records(&source, Format::Inspect)?;
    let Some((first, log)) = records
        .first()
        .and_then(|record| Some((record, Fields::of(record.raw)?)))
    else {
        return Err(Box::new(Problem::error(path, "the file holds no log")));
    };
    if let Some(second) = records.get(1) {
        let message = format!("the file holds {} values, expected one log", records.len());
        let problem = Problem::error(path, message).line(source.line(second).unwrap_or(1));
        return Err(Box::new(
            problem.help("put each log into a file of its own"),
        ));
    }
    let mut text = String::new();
    append(&log, &HEADER, None, &mut text);
    let mut lines = Lines::default();
    let mut line_of = |raw: &RawValue| {
        let start = raw.get().as_ptr().addr() - source.text.as_ptr().addr();
        lines.of(source.text.as_bytes(), start)
    };
    let mut places = vec![line_of(first.raw)];
    for sample in log.list(&["samples"]).ok().flatten().unwrap_or_default() {
        places.push(line_of(sample));
        match Fields::of(sample) {
            Some(sample) => append(&sample, &KEPT, None, &mut text),
            // Reading it as a sample tells what is wrong.
            None => text.extend([sample.get(), "\n"]),
        }
    }
    Ok(Source {
        path: path.to_owned(),
        text,
        first: 0,
        lines: places,
        entries: Vec::new(),
        not_numbers: source.not_numbers,
        replaced: 0,
    })
}

/// The records of a packed log.
fn unpack(path: &Path, bytes: &[u8]) -> Result<Source, Box<Problem>> {
    let broken = |error: zip::result::ZipError| {
        Problem::error(path, format!("the log cannot be unpacked: {error}"))
            .help("get the whole file again")
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let replaced = if archive.has_duplicate_names() {
        let entries = entries(bytes, archive.central_directory_start());
        entries.saturating_sub(archive.len() as u64)
    } else {
        0
    };
    let mut names: Vec<String> = Vec::new();
    for name in archive.file_names() {
        names.push(name.map_err(broken)?.into_owned());
    }
    names.sort_unstable();
    // A log that was not finished has its header in the journal.
    let header = ["header.json", "_journal/start.json"]
        .into_iter()
        .find(|header| names.iter().any(|name| name == header));
    let Some(header) = header else {
        return Err(Box::new(Problem::error(
            path,
            "the file is a zip without `header.json`, and no Inspect log",
        )));
    };
    let samples: Vec<String> = names
        .iter()
        .filter(|name| is_sample(name))
        .cloned()
        .collect();
    let mut read = |name: &str| -> Result<Source, Box<Problem>> {
        let entry = archive.by_name(name).map_err(broken)?;
        let too_large = || {
            let message = format!("`{}` unpacks to more than 1 GiB", shown(name));
            Box::new(Problem::error(path, message))
        };
        if entry.size() > LARGEST {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        entry
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| {
                Problem::error(
                    path,
                    format!("`{}` cannot be unpacked: {error}", shown(name)),
                )
            })?;
        if bytes.len() as u64 > LARGEST {
            return Err(too_large());
        }
        let inner = Source::new(path, bytes).map_err(|problem| in_entry(name, *problem))?;
        Ok(inner.without_not_numbers())
    };
    let (mut text, mut not_numbers) = (String::new(), 0);
    let entries: Vec<String> = std::iter::once(header.to_owned()).chain(samples).collect();
    for name in entries.iter().map(String::as_str) {
        let inner = read(name)?;
        not_numbers += inner.not_numbers;
        let fields = object(&inner, name)?;
        if name == header {
            append(&fields, &HEADER, None, &mut text);
            continue;
        }
        // A sample in a folder of its own has its metadata beside it.
        let beside = name
            .strip_suffix("sample.json")
            .map(|folder| format!("{folder}metadata.json"));
        let beside = beside.filter(|beside| names.binary_search(beside).is_ok());
        let metadata = beside.as_deref().map(&mut read).transpose()?;
        if let (Some(beside), Some(metadata)) = (&beside, &metadata) {
            object(metadata, beside)?;
        }
        not_numbers += metadata.as_ref().map_or(0, |metadata| metadata.not_numbers);
        append(&fields, &KEPT, metadata.as_ref(), &mut text);
    }
    Ok(Source {
        path: path.to_owned(),
        text,
        first: 0,
        lines: Vec::new(),
        entries,
        not_numbers,
        replaced,
    })
}

/// How many entries a zip has whose directory stands there, those of one name included.
fn entries(bytes: &[u8], start: u64) -> u64 {
    let mut rest = bytes.get(start as usize..).unwrap_or_default();
    let mut count = 0;
    while let Some(header) = rest.strip_prefix(b"PK\x01\x02")
        && let Some(lengths) = header.get(24..30)
    {
        let lengths = lengths.chunks_exact(2);
        let length: usize = lengths
            .map(|two| usize::from(u16::from_le_bytes([two[0], two[1]])))
            .sum();
        count += 1;
        rest = header.get(42 + length..).unwrap_or_default();
    }
    count
}

/// A problem with an entry of a log: its line is one of the entry.
fn in_entry(name: &str, problem: Problem) -> Box<Problem> {
    let line = problem.line.map(|line| format!(", line {line}"));
    let (name, line) = (shown(name), line.unwrap_or_default());
    let message = format!("{name}{line}: {}", problem.message);
    Box::new(Problem {
        message,
        line: None,
        column: None,
        ..problem
    })
}

/// Whether an entry of a log is a sample: a file (the sample's id may hold slashes), or
/// `sample.json` in a folder with the sample's messages.
fn is_sample(name: &str) -> bool {
    let Some(stem) = name
        .strip_prefix("samples/")
        .and_then(|rest| rest.strip_suffix(".json"))
    else {
        return false;
    };
    let epoch = stem.rsplit_once("_epoch_").map_or("", |(_, epoch)| epoch);
    let is_epoch = !epoch.is_empty() && epoch.bytes().all(|digit| digit.is_ascii_digit());
    is_epoch || !stem.contains('/') || stem.ends_with("/sample")
}

/// The one object of an entry.
fn object<'s>(inner: &'s Source, name: &str) -> Result<Fields<'s>, Box<Problem>> {
    let records = inner
        .records()
        .map_err(|problem| in_entry(name, *problem))?;
    let fields = records.first().and_then(|record| Fields::of(record.raw));
    let what = "expected an object";
    fields.ok_or_else(|| in_entry(name, Problem::error(&inner.path, what)))
}

/// Appends some of an object's fields as an object, with the metadata that stands beside
/// it where there is any.
fn append(fields: &Fields<'_>, kept: &[&str], metadata: Option<&Source>, text: &mut String) {
    text.push('{');
    let chosen = fields.pairs().filter(|(name, _)| kept.contains(name));
    for (i, (name, raw)) in chosen.enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push('"');
        text.push_str(name);
        text.push_str("\":");
        text.push_str(raw.get());
    }
    if let Some(metadata) = metadata {
        text.push_str(if text.ends_with('{') { "" } else { "," });
        text.push_str("\"metadata\":");
        text.push_str(&metadata.text);
    }
    text.push_str("}\n");
}
