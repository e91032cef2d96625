//! `oyer report RESULTS --layout paper`

use oyer::analysis::paper::paper as tables;
use oyer::analysis::paper::report::PaperReport;
use oyer::analysis::scores::{ScoreOptions, UNSTABLE_ABOVE};
use oyer::analysis::transfer::TransferOptions;
use oyer::report;

use super::args::{ReportArgs, ReportFormat};
use super::error::Failure;
use super::report::say_incomplete;
use super::transfer::Halves;
use super::{Done, output};

pub(super) fn paper(args: &ReportArgs) -> Result<Done, Failure> {
    for (is_given, flag) in [
        (args.against.is_some(), "--against"),
        (!args.labels.is_empty(), "--labels"),
        (!args.report.by.is_empty(), "--by"),
    ] {
        if is_given {
            return Err(Failure::Input(format!(
                "the paper's tables do not show what {flag} asks for; leave out {flag} or --layout paper"
            )));
        }
    }
    let halves = match &args.answers {
        Some(answers) => Halves::of_tables(answers, &args.results, None)?,
        None if !args.results.exists() => {
            return Err(Failure::Input(format!(
                "{} does not exist; name a results folder, or a verdict table with --answers TABLE",
                args.results.display()
            )));
        }
        None if !args.results.is_dir() => {
            return Err(Failure::Input(format!(
                "{} is a verdict table; the paper's tables need structured answers too: give --answers TABLE",
                args.results.display()
            )));
        }
        None => Halves::of_run(&args.results, None)?,
    };
    let halves = halves.of_items_begun(args.variant.as_deref(), args.split.as_deref())?;
    let scoring = &args.paper;
    let options = TransferOptions {
        scores: ScoreOptions {
            split: args.split.clone(),
            normaliser: scoring.normaliser.unwrap_or_default().into(),
            missing: scoring.missing.unwrap_or_default().into(),
            unstable: scoring.unstable.unwrap_or_default().into(),
            unstable_above: scoring.unstable_above.unwrap_or(UNSTABLE_ABOVE),
            coverage_floor: args.report.coverage_floor.unwrap_or(halves.coverage_floor),
            ..ScoreOptions::default()
        },
        pairs: args.pair.clone(),
        reference: args.report.sections.reference.clone(),
        links: halves.links,
        ..TransferOptions::default()
    };
    let sigma = scoring.sigma.unwrap_or_default().into();
    let mut made = tables(&halves.answers, &halves.verdicts, &options, sigma)
        .map_err(|error| Failure::Input(error.to_string()))?;
    made.study = halves.study;
    made.notes.splice(0..0, halves.notes);
    output::print(&render(&made, args.report.format))?;
    say_incomplete(&halves.not_asked);
    Ok(if halves.not_asked.is_empty() && made.withheld.is_empty() {
        Done::Complete
    } else {
        Done::Incomplete
    })
}

fn render(made: &PaperReport, format: ReportFormat) -> String {
    match format {
        ReportFormat::Table => report::table::render_paper(made, output::style()),
        ReportFormat::Json => report::json::render_paper(made),
        ReportFormat::Csv => report::csv::render_paper(made),
        ReportFormat::Md => report::markdown::render_paper(made),
    }
}
