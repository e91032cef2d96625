//! `oyer survey build MICRODATA --codebook FILE --config FILE --out DIR`

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use oyer::survey::{self, Sources};

use super::Done;
use super::args::{CheckFormat, SurveyBuildArgs};
use super::error::Failure;
use super::output;

pub(crate) fn build(args: &SurveyBuildArgs) -> Result<Done, Failure> {
    let sources = Sources {
        microdata: &args.microdata,
        codebook: &args.codebook,
        config: &args.config,
    };
    let built = survey::build(&sources).map_err(Failure::Problems)?;
    write_together(&args.out, &built.files).map_err(|error| {
        Failure::Incomplete(format!(
            "the tables cannot be written to {}: {error}",
            args.out.display()
        ))
    })?;
    match args.format {
        CheckFormat::Json => output::print_json(&built.summary)?,
        CheckFormat::Table => {
            let text = built.summary.text();
            output::print(&oyer::text::escape_lines(&text))?;
            let count = built.files.len();
            output::note(&format!("{count} files written to {}", args.out.display()));
        }
    }
    Ok(Done::Complete)
}

/// Writes all files or none: each is whole on disk under another name before the
/// first takes its place.
pub(crate) fn write_together(folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    let mut parts: Vec<(PathBuf, PathBuf)> = Vec::new();
    let write = |parts: &mut Vec<(PathBuf, PathBuf)>| -> io::Result<()> {
        for (name, bytes) in files {
            let target = folder.join(name);
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent)?;
            }
            let mut part = OsString::from(target.as_os_str());
            part.push(".part");
            let part = PathBuf::from(part);
            parts.push((part.clone(), target));
            let mut file = std::fs::File::create(&part)?;
            file.write_all(bytes)?;
            file.sync_data()?;
        }
        parts
            .iter()
            .try_for_each(|(part, target)| std::fs::rename(part, target))
    };
    let written = write(&mut parts);
    if written.is_err() {
        for (part, _) in &parts {
            // Those that were renamed are no longer there.
            let _ = std::fs::remove_file(part);
        }
    }
    written
}
