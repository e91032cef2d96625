//! `oyer agree RESULTS|TABLE [--labels FILE]`

use oyer::analysis::agreement::report::{AgreementNote, AgreementNoteCode};
use oyer::analysis::agreement::{AgreementOptions, Inconsistent, Ties, agree as agreement};
use oyer::import::named_by;
use oyer::report;
use oyer::stats::Draws;

use super::args::{AgreeArgs, Orders, ReportFormat, TieRule};
use super::error::Failure;
use super::report::{Verdicts, same, split};
use super::{Done, labels, output};

pub(crate) fn agree(args: &AgreeArgs) -> Result<Done, Failure> {
    let mut results = Verdicts::read(&args.results)?.in_variant(args.variant.as_deref())?;
    let labels = if !args.labels.is_empty() {
        Some(labels::read(&args.labels, &args.results)?)
    } else if results.is_import() {
        labels::of_import(&args.results)?
    } else {
        None
    };
    if let Some(labels) = &labels {
        results.table = named_by(results.table, &labels.table);
    }
    let seed = args.seed.or_else(|| results.seed());
    let mut options = options(args, seed.unwrap_or(Draws::BOOTSTRAP.seed));
    options.simulated = results.simulated();
    options.coverage_floor = args.coverage_floor.unwrap_or(results.coverage_floor());
    let made = agreement(&results.table, labels.as_ref(), &options)
        .map_err(|error| Failure::Input(error.to_string()))?;
    output::print(&match args.format {
        ReportFormat::Table => report::table::render_agreement(&made, output::style()),
        ReportFormat::Json => report::json::render_agreement(&made),
        ReportFormat::Csv => report::csv::render_agreement(&made),
        ReportFormat::Md => report::markdown::render_agreement(&made),
    })?;
    let withheld = |note: &&AgreementNote| note.code == AgreementNoteCode::Withheld;
    let withheld: Vec<&str> = (made.notes.iter().filter(withheld))
        .map(|note| note.sentence.as_str())
        .collect();
    if withheld.is_empty() {
        return Ok(Done::Complete);
    }
    output::note(&format!(
        "the report is not complete: {}",
        withheld.join("; ")
    ));
    Ok(Done::Incomplete)
}

fn options(args: &AgreeArgs, seed: u64) -> AgreementOptions {
    AgreementOptions {
        criterion: args.criterion.clone(),
        by: args.by.iter().map(|by| split(by)).collect(),
        cluster: args.cluster.as_deref().map(split),
        level: args.level,
        draws: Draws::BOOTSTRAP.with_seed(seed),
        inconsistent: match args.inconsistent {
            Orders::Tie => Inconsistent::Tie,
            Orders::Average => Inconsistent::Average,
            Orders::Drop => Inconsistent::Drop,
            Orders::CandidateFirst => Inconsistent::CandidateFirst,
        },
        ties: match args.ties {
            TieRule::Keep => Ties::Keep,
            TieRule::Drop => Ties::Drop,
        },
        epsilon: args.epsilon,
        same: args.same.iter().map(same).collect(),
        ..AgreementOptions::default()
    }
}
