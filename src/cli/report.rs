//! `oyer report RESULTS|TABLE`

use std::path::Path;

use oyer::analysis::{self, Facts, Options, Report};
use oyer::import::folder::{self, Stored};
use oyer::report;
use oyer::study::{IntervalMethod, PersonaPopulation, ReportOptions, SubgroupAdjustment};
use oyer::verdict::table::VerdictTable;
use oyer::verdict::table_io;

use super::Done;
use super::args::{Population, ReportArgs, ReportFlags, ReportFormat};
use super::error::Failure;
use super::results::Results;
use super::{facts, output};

pub(crate) fn report(args: &ReportArgs) -> Result<Done, Failure> {
    let made = if args.results.is_dir() {
        if let Some(stored) = Stored::read(&args.results)? {
            return report_import(stored, args);
        }
        let results = Results::open(&args.results)?;
        let collected = results.collect()?;
        let facts = facts::facts(&results.plan, &collected);
        let settings = &results.plan.study().report;
        make(&collected.table, Some(&facts), settings, &args.report)?
    } else {
        let table = read_table(&args.results)?;
        make(&table, None, &ReportOptions::default(), &args.report)?
    };
    output::print(&render(&made, args.report.format))?;
    Ok(done(&made))
}

/// The report of an import, with the source's own figures.
fn report_import(stored: Stored, args: &ReportArgs) -> Result<Done, Failure> {
    let table = folder::read_table(&args.results)?;
    let mut made = make(&table, None, &ReportOptions::default(), &args.report)?;
    made.study.name = Some(stored.name);
    let mut figures = stored.source_figures;
    for set in &mut figures {
        set.take_estimate(&made);
    }
    made.source_figures = figures;
    output::print(&render(&made, args.report.format))?;
    Ok(done(&made))
}

/// The report of a table; flags win over the study's settings.
pub(crate) fn make(
    table: &VerdictTable,
    facts: Option<&Facts>,
    settings: &ReportOptions,
    flags: &ReportFlags,
) -> Result<Report, Failure> {
    let mut options = Options::from(settings);
    if let Some(level) = flags.level {
        options.level = level;
    }
    if let Some(floor) = flags.coverage_floor {
        options.coverage_floor = floor;
    }
    if let Some(population) = flags.personas {
        options.personas = match population {
            Population::Sampled => PersonaPopulation::Sampled,
            Population::Fixed => PersonaPopulation::Fixed,
        };
    }
    if let Some(interval) = flags.interval.as_deref().and_then(IntervalMethod::named) {
        options.interval = interval;
    }
    if let Some(adjust) = flags.adjust.as_deref().and_then(SubgroupAdjustment::named) {
        options.adjust = adjust;
    }
    if let Some(margin) = flags.margin {
        options.margin = Some(margin);
    }
    if let Some(cluster) = &flags.cluster {
        options.cluster = Some(split(cluster));
    }
    if !flags.by.is_empty() {
        options.by = Some(flags.by.iter().map(|by| split(by)).collect());
    }
    analysis::analyse(table, facts, &options).map_err(|error| Failure::Input(error.to_string()))
}

/// Names joined with commas.
fn split(names: &str) -> Vec<String> {
    names
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect()
}

pub(crate) fn render(made: &Report, format: ReportFormat) -> String {
    match format {
        ReportFormat::Table => report::table::render(made, output::style()),
        ReportFormat::Json => report::json::render(made),
        ReportFormat::Csv => report::csv::render(made),
        ReportFormat::Md => report::markdown::render(made),
    }
}

/// A report that lacks planned items, or whose headline is withheld, is not done.
pub(crate) fn done(made: &Report) -> Done {
    if made.coverage.complete {
        Done::Complete
    } else {
        Done::Incomplete
    }
}

/// The verdict table of a results folder or of a file.
pub(crate) fn read_any(path: &Path) -> Result<VerdictTable, Failure> {
    if path.is_dir() {
        Ok(Results::open(path)?.collect()?.table)
    } else {
        read_table(path)
    }
}

fn read_table(path: &Path) -> Result<VerdictTable, Failure> {
    let file = std::fs::File::open(path).map_err(|error| {
        Failure::Input(format!(
            "cannot read {}: {error}; name a results folder or a verdict table (CSV or JSONL)",
            path.display()
        ))
    })?;
    let format = table_io::Format::of_name(path);
    table_io::read(path, file, format).map_err(Failure::Problems)
}
