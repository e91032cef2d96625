//! `oyer report RESULTS|TABLE`

use std::path::Path;

use oyer::analysis::agreement::corrected_rates;
use oyer::analysis::report::{DifferenceKind, Note, NoteCode};
use oyer::analysis::source_figures::SourceFigures;
use oyer::analysis::{self, Controls, Estimates, Facts, Options, Other, Report, Same, Sections};
use oyer::import::folder::{self, Stored};
use oyer::import::named_by;
use oyer::report::{self, Detail};
use oyer::study::{
    IntervalMethod, PersonaPopulation, RatingMethod, ReportOptions, SubgroupAdjustment,
};
use oyer::verdict::table::VerdictTable;
use oyer::verdict::table_io;

use super::Done;
use super::args::{Layout, Population, ReportArgs, ReportFlags, ReportFormat, SectionFlags};
use super::error::Failure;
use super::phrasing::in_variant;
use super::results::Results;
use super::{facts, labels, output, paper};

/// What is said of an import without verdicts whose labels have estimates.
const ONLY_LABELS: &str = "there are no judgments of judges; what people said is estimated beside the source's figures, and `oyer agree` compares them with each other";

pub(crate) fn report(args: &ReportArgs) -> Result<Done, Failure> {
    if args.layout == Layout::Paper {
        return paper::paper(args);
    }
    refuse_without_layout(args)?;
    let mut this = Verdicts::read(&args.results)?;
    if args.variant.is_some() || !args.labels.is_empty() {
        this = this.in_variant(args.variant.as_deref())?;
    }
    let mut labels = None;
    let mut as_stored = None;
    if !args.labels.is_empty() {
        let read = labels::read(&args.labels, &args.results)?;
        let before = this.import.is_some().then(|| this.table.clone());
        this.table = named_by(this.table, &read.table);
        as_stored = before.filter(|before| before.contests != this.table.contests);
        labels = Some(read);
    }
    let options = options(&this.settings, &args.report);
    let there = args.against.as_deref().map(read_any).transpose()?;
    let other = there.as_ref().zip(args.against.as_deref());
    let other = other.map(|(table, path)| Other {
        here: args.results.display().to_string(),
        there: path.display().to_string(),
        table,
        same: args.same.iter().map(same).collect(),
    });
    let facts = this.facts.as_ref();
    let mut made = analysis::analyse_against(&this.table, facts, &options, other.as_ref())
        .map_err(|error| Failure::Input(error.to_string()))?;
    if let Some(labels) = &labels {
        let seed = options.seed.or(facts.map(|facts| facts.seed));
        let seeded = Options {
            seed,
            ..options.clone()
        };
        made.corrected = corrected_rates(&this.table, labels, &seeded)
            .map_err(|error| Failure::Input(error.to_string()))?;
    }
    let mut is_done = done(&made);
    if let Some(stored) = this.import {
        if stored.judgments == 0 {
            // Of labels alone nothing is left to be judged.
            is_done = Done::Complete;
        }
        take_source(
            stored,
            &mut made,
            &this.table,
            as_stored.as_ref(),
            &args.results,
            &options,
        )?;
    }
    output::print(&render(&made, &args.report))?;
    Ok(is_done)
}

/// What only the paper's layout takes.
fn refuse_without_layout(args: &ReportArgs) -> Result<(), Failure> {
    for (is_given, flag) in [
        (args.answers.is_some(), "--answers"),
        (!args.pair.is_empty(), "--pair"),
        (args.split.is_some(), "--split"),
        (args.paper.normaliser.is_some(), "--normaliser"),
        (args.paper.missing.is_some(), "--missing"),
        (args.paper.unstable.is_some(), "--unstable"),
        (args.paper.unstable_above.is_some(), "--unstable-above"),
        (args.paper.sigma.is_some(), "--sigma"),
    ] {
        if is_given {
            return Err(Failure::Input(format!(
                "{flag} says what the paper's tables show; give --layout paper as well"
            )));
        }
    }
    Ok(())
}

pub(super) fn same((here, there): &(String, String)) -> Same {
    Same {
        here: here.clone(),
        there: there.clone(),
    }
}

/// The name of an import and the source's own figures, with estimates of its judges and
/// of its people.
fn take_source(
    stored: Stored,
    made: &mut Report,
    table: &VerdictTable,
    as_stored: Option<&VerdictTable>,
    results: &Path,
    options: &Options,
) -> Result<(), Failure> {
    let labels = labels::of_import(results)?.unwrap_or_default();
    let options = Options {
        by: Some(Vec::new()),
        sections: Sections::default(),
        random_tests: false,
        ..options.clone()
    };
    let mut figures = stored.source_figures;
    // The source's figures know their models by the names that were stored.
    let estimates = match as_stored {
        Some(table) => Estimates::of_tables(table, &labels, &figures, &options),
        None => Estimates::beside(&made.comparisons, table, &labels, &figures, &options),
    }
    .map_err(|error| {
        let path = results.join(folder::LABELS);
        Failure::Input(format!("{}: {error}", path.display()))
    })?;
    for set in &mut figures {
        set.take_estimates(&estimates);
    }
    made.study.name = Some(stored.name);
    made.source_figures = figures;
    if made.source_figures.iter().any(SourceFigures::has_estimate) {
        let nothing = made.notes.iter_mut();
        for note in nothing.filter(|note| note.code == NoteCode::EmptyTable) {
            ONLY_LABELS.clone_into(&mut note.sentence);
        }
    }
    Ok(())
}

/// The verdicts of a results folder, of an import or of a table.
pub(super) struct Verdicts {
    pub(super) table: VerdictTable,
    facts: Option<Facts>,
    settings: ReportOptions,
    import: Option<Stored>,
}

impl Verdicts {
    /// The study's seed.
    pub(super) fn seed(&self) -> Option<u64> {
        self.facts.as_ref().map(|facts| facts.seed)
    }

    /// The study's coverage floor.
    pub(super) fn coverage_floor(&self) -> f64 {
        self.settings.coverage_floor
    }

    /// Models and judges that are simulated.
    pub(super) fn simulated(&self) -> Vec<String> {
        let facts = self.facts.as_ref();
        analysis::facts::simulated(&self.table, facts)
    }

    /// The verdicts in one phrasing, where there are several.
    pub(super) fn in_variant(mut self, variant: Option<&str>) -> Result<Self, Failure> {
        self.table = in_variant(self.table, variant)?;
        if let (Some(facts), Some(_)) = (&mut self.facts, variant) {
            // They are planned for all phrasings.
            facts.planned_items = None;
        }
        Ok(self)
    }

    /// Whether these are of an import.
    pub(super) fn is_import(&self) -> bool {
        self.import.is_some()
    }

    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        if !path.is_dir() {
            return Ok(Self {
                table: read_table(path)?,
                facts: None,
                settings: ReportOptions::default(),
                import: None,
            });
        }
        if let Some(stored) = Stored::read(path)? {
            return Ok(Self {
                table: folder::read_table(path)?,
                facts: None,
                settings: ReportOptions::default(),
                import: Some(stored),
            });
        }
        let results = Results::open(path)?;
        if results.plan.items().is_empty() {
            return Err(Failure::Input(format!(
                "the study of {} compares nothing, so there are no win rates to report; \
                 `oyer survey score` scores its structured answers",
                path.display()
            )));
        }
        let collected = results.collect()?;
        Ok(Self {
            facts: Some(facts::facts(&results.plan, &collected)),
            table: collected.table,
            settings: results.plan.study().report.clone(),
            import: None,
        })
    }
}

/// The report of a table; flags win over the study's settings.
pub(crate) fn make(
    table: &VerdictTable,
    facts: Option<&Facts>,
    settings: &ReportOptions,
    flags: &ReportFlags,
) -> Result<Report, Failure> {
    analysis::analyse(table, facts, &options(settings, flags))
        .map_err(|error| Failure::Input(error.to_string()))
}

fn options(settings: &ReportOptions, flags: &ReportFlags) -> Options {
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
    options.seed = flags.seed;
    sections(&flags.sections, &mut options.sections);
    options
}

fn sections(flags: &SectionFlags, sections: &mut Sections) {
    if let Some(control) = &flags.control {
        sections.controls = Controls::parse(control);
    }
    if let Some(column) = &flags.difficulty {
        sections.difficulty = Some(column.clone());
    }
    if let Some(rating) = flags.rating.as_deref().and_then(RatingMethod::named) {
        sections.rating = rating;
    }
    if let Some(k) = flags.elo_k {
        sections.elo_k = k;
    }
    if let Some(reference) = &flags.reference {
        sections.reference = Some(reference.clone());
    }
    if let Some(min) = flags.min_items {
        sections.min_items = min;
    }
}

/// Names joined with commas.
pub(super) fn split(names: &str) -> Vec<String> {
    names
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect()
}

pub(crate) fn render(made: &Report, flags: &ReportFlags) -> String {
    let detail = if flags.full {
        Detail::Full
    } else {
        Detail::Short
    };
    match flags.format {
        ReportFormat::Table => report::table::render(made, detail, output::style()),
        ReportFormat::Json => report::json::render(made),
        ReportFormat::Csv => report::csv::render(made),
        ReportFormat::Md => report::markdown::render(made, detail),
    }
}

/// A report that lacks planned items, or of which a headline or a difference of runs is
/// withheld, is not done, and why is said.
pub(crate) fn done(made: &Report) -> Done {
    let differences = made.differences.iter();
    let of_runs = differences.filter(|made| made.kind == DifferenceKind::Runs);
    let withheld: Vec<&str> = of_runs
        .filter_map(|made| made.withheld.as_deref())
        .collect();
    if made.coverage.complete && withheld.is_empty() {
        return Done::Complete;
    }
    let lacking = [NoteCode::Partial, NoteCode::Withheld];
    let notes = made.notes.iter();
    let is_any_shown = made.comparisons.iter().any(|made| made.withheld.is_none());
    let reasons: Vec<String> = notes
        .filter(|note| lacking.contains(&note.code))
        .map(|note| match note.code {
            NoteCode::Withheld if is_any_shown => of_some(note),
            _ => note.sentence.clone(),
        })
        .chain(withheld.first().map(|&why| why.to_owned()))
        .collect();
    say_incomplete(&reasons);
    Done::Incomplete
}

/// Says why a report is not complete, in every format: a CSV has no notes.
pub(super) fn say_incomplete(reasons: &[String]) {
    if !reasons.is_empty() {
        let why = reasons.join("; ");
        output::note(&format!("the report is not complete: {why}"));
    }
}

/// A note with what it is about, where that is not all there is.
fn of_some(note: &Note) -> String {
    const MOST: usize = 3;
    let named: Vec<&str> = note
        .subjects
        .iter()
        .map(String::as_str)
        .take(MOST)
        .collect();
    let more = match note.subjects.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{} (of {}{more})", note.sentence, named.join("; "))
}

/// The verdict table of a results folder, of an import or of a file.
pub(crate) fn read_any(path: &Path) -> Result<VerdictTable, Failure> {
    if path.is_dir() {
        if Stored::read(path)?.is_some() {
            return Ok(folder::read_table(path)?);
        }
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
