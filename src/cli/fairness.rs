//! `oyer survey fairness RESULTS|ANSWERS`

use oyer::analysis::scores::fairness::report::FairnessReport;
use oyer::analysis::scores::fairness::{self, FairnessOptions};
use oyer::report;
use oyer::stats::Draws;
use oyer::stats::disparity::Sigma;

use super::args::{FairnessArgs, ReportFormat, SigmaOf};
use super::error::Failure;
use super::report::say_incomplete;
use super::score::{Source, options};
use super::{Done, output};

pub(crate) fn fairness(args: &FairnessArgs) -> Result<Done, Failure> {
    let source = Source::read(&args.answers)?;
    let scoring = options(&args.answers, &source)?;
    let comparing = FairnessOptions {
        sigma: args.sigma.into(),
        min_items: usize::try_from(args.min_items).unwrap_or(usize::MAX),
        draws: Draws {
            seed: args.seed.unwrap_or(source.seed),
            count: args.draws,
        },
    };
    let mut made = fairness::fairness(&source.table, &scoring, &comparing)
        .map_err(|error| Failure::Input(error.to_string()))?;
    made.study = source.study;
    made.notes.splice(0..0, source.notes);
    output::print(&render(&made, args.answers.format))?;
    say_incomplete(source.not_asked.as_slice());
    let is_told = made.disparities.iter().all(|d| d.withheld.is_none());
    Ok(if source.not_asked.is_none() && is_told {
        Done::Complete
    } else {
        Done::Incomplete
    })
}

impl From<SigmaOf> for Sigma {
    fn from(sigma: SigmaOf) -> Self {
        match sigma {
            SigmaOf::Population => Self::Population,
            SigmaOf::Sample => Self::Sample,
        }
    }
}

fn render(made: &FairnessReport, format: ReportFormat) -> String {
    match format {
        ReportFormat::Table => report::table::render_fairness(made, output::style()),
        ReportFormat::Json => report::json::render_fairness(made),
        ReportFormat::Csv => report::csv::render_fairness(made),
        ReportFormat::Md => report::markdown::render_fairness(made),
    }
}
