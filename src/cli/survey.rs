//! `oyer survey build MICRODATA --codebook FILE --config FILE --out DIR`

use oyer::survey::{self, Sources};

use super::Done;
use super::args::{CheckFormat, SurveyBuildArgs};
use super::error::Failure;
use super::{folder, output};

pub(crate) fn build(args: &SurveyBuildArgs) -> Result<Done, Failure> {
    let sources = Sources {
        microdata: &args.microdata,
        codebook: &args.codebook,
        config: &args.config,
    };
    let built = survey::build(&sources).map_err(Failure::Problems)?;
    folder::write_together(&args.out, &built.files, survey::MADE)?;
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
