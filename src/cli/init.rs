//! `oyer init DIR`

use oyer::study::scaffold;

use super::Done;
use super::args::InitArgs;
use super::error::Failure;
use super::output;

pub(crate) fn init(args: &InitArgs) -> Result<Done, Failure> {
    let files = scaffold(&args.dir).map_err(|error| Failure::Input(error.to_string()))?;
    for file in files {
        output::print(&format!("wrote {}", file.display()))?;
    }
    let study = args.dir.join("study.toml");
    output::print(&format!("run it with: oyer run {}", study.display()))?;
    Ok(Done::Complete)
}
