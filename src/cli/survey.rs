//! `oyer survey build MICRODATA --codebook FILE --config FILE --out DIR`

use std::path::Path;

use oyer::survey::{self, Sources};

use super::Done;
use super::args::{CheckFormat, SurveyBuildArgs};
use super::error::Failure;
use super::{folder, output};
use oyer::text::counted;

pub(crate) fn build(args: &SurveyBuildArgs) -> Result<Done, Failure> {
    let sources = Sources {
        microdata: &args.microdata,
        codebook: &args.codebook,
        config: &args.config,
    };
    refuse_other_folders(&args.out)?;
    let built = survey::build(&sources).map_err(Failure::Problems)?;
    folder::refuse_to_overwrite(&args.out, &built.read, &built.files)?;
    folder::write_together(&args.out, &built.files, survey::MADE)?;
    match args.format {
        CheckFormat::Json => output::print_json(&built.summary)?,
        CheckFormat::Table => {
            let text = built.summary.text();
            output::print(&oyer::text::escape_lines(&text))?;
            let count = counted(built.files.len() as u64, "file");
            output::note(&format!("{count} written to {}", args.out.display()));
        }
    }
    Ok(Done::Complete)
}

/// Refuses a folder with tables that no earlier build lists in its summary.
fn refuse_other_folders(out: &Path) -> Result<(), Failure> {
    let summary = std::fs::read(out.join("summary.json")).unwrap_or_default();
    let summary: serde_json::Value = serde_json::from_slice(&summary).unwrap_or_default();
    let listed: Vec<&str> = summary["files"]
        .as_array()
        .filter(|_| summary.get("exclusions").is_some())
        .map_or_else(Vec::new, |files| {
            files.iter().filter_map(|file| file.as_str()).collect()
        });
    let is_own =
        |name: &str| listed.contains(&name) || (name == "summary.json" && !listed.is_empty());
    folder::refuse_others(out, survey::MADE, is_own, "build of a survey")
}
