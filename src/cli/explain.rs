//! `oyer explain [TERM]`

use oyer::report::terms;

use super::Done;
use super::args::{ExplainArgs, ExplainFormat};
use super::error::Failure;
use super::output;

pub(crate) fn explain(args: &ExplainArgs) -> Result<Done, Failure> {
    let wanted = args.term.join(" ");
    let text = if wanted.trim().is_empty() {
        let all = terms::terms();
        match args.format {
            ExplainFormat::Text => terms::list(&all, output::style()),
            ExplainFormat::Md => all.iter().map(terms::Term::markdown).collect(),
        }
    } else {
        let term = terms::find(&wanted).map_err(|unknown| Failure::Input(unknown.to_string()))?;
        match args.format {
            ExplainFormat::Text => terms::page(&term, output::style()),
            ExplainFormat::Md => term.markdown(),
        }
    };
    output::print(&text)?;
    Ok(Done::Complete)
}
