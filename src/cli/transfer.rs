//! `oyer transfer RESULTS`

use std::collections::HashMap;
use std::path::Path;

use oyer::analysis::scores::ScoreOptions;
use oyer::analysis::scores::metrics::Metric;
use oyer::analysis::transfer::report::TransferReport;
use oyer::analysis::transfer::splits::Splits;
use oyer::analysis::transfer::{TransferOptions, transfer as told};
use oyer::answers::{AnswerTable, links};
use oyer::report;
use oyer::stats::Level;
use oyer::study::{PersonaPopulation, ReportOptions};
use oyer::verdict::table::VerdictTable;

use super::args::{GainIn, Population, ReportFormat, TransferArgs};
use super::error::Failure;
use super::report::say_incomplete;
use super::results::Results;
use super::{Done, output, report as reports, score};

pub(crate) fn transfer(args: &TransferArgs) -> Result<Done, Failure> {
    let split = args.split.as_deref();
    let halves = Halves::read(args)?.of_items_begun(args.variant.as_deref(), split)?;
    let options = options(args, &halves)?;
    let mut made = told(&halves.answers, &halves.verdicts, &options)
        .map_err(|error| Failure::Input(error.to_string()))?;
    made.study = halves.study;
    made.notes.splice(0..0, halves.notes);
    output::print(&render(&made, args.format))?;
    say_incomplete(&halves.not_asked);
    let is_told = made.gains.iter().all(|gains| gains.withheld.is_none());
    Ok(if halves.not_asked.is_empty() && is_told {
        Done::Complete
    } else {
        Done::Incomplete
    })
}

fn render(made: &TransferReport, format: ReportFormat) -> String {
    match format {
        ReportFormat::Table => report::table::render_transfer(made, output::style()),
        ReportFormat::Json => report::json::render_transfer(made),
        ReportFormat::Csv => report::csv::render_transfer(made),
        ReportFormat::Md => report::markdown::render_transfer(made),
    }
}

/// Both halves of a study.
pub(super) struct Halves {
    pub(super) answers: AnswerTable,
    pub(super) verdicts: VerdictTable,
    pub(super) study: Option<String>,
    personas: PersonaPopulation,
    level: f64,
    pub(super) coverage_floor: f64,
    pub(super) links: HashMap<String, String>,
    /// On simulated models, and on what was not asked for.
    pub(super) notes: Vec<String>,
    /// What was not asked for, of each half of which not everything planned was.
    pub(super) not_asked: Vec<String>,
}

impl Halves {
    /// Both halves in one phrasing, where they were asked in several: gains are compared
    /// within a phrasing, never across.
    fn one_phrasing(mut self, variant: Option<&str>) -> Result<Self, Failure> {
        let known = [self.answers.variants(), self.verdicts.variants()];
        if known.iter().all(Vec::is_empty) && variant.is_none() {
            return Ok(self);
        }
        let names: Vec<&str> = known[0].iter().map(|name| &**name).collect();
        let both = |name: &str| {
            known
                .iter()
                .all(|of| of.iter().any(|known| &**known == name))
        };
        let Some(variant) = variant.filter(|name| both(name)) else {
            let found = if names.is_empty() {
                "they were asked in one phrasing only".to_owned()
            } else {
                format!("they were asked in {}", names.join(", "))
            };
            return Err(Failure::Input(format!(
                "name one phrasing of both halves with --variant; {found}"
            )));
        };
        self.answers = self.answers.of_variant(Some(variant));
        self.verdicts = self.verdicts.of_variant(Some(variant));
        Ok(self)
    }

    /// In one phrasing, without its items of which nothing was asked, and with notes on what
    /// there is and what is not, of a split where one is asked for.
    pub(super) fn of_items_begun(
        self,
        variant: Option<&str>,
        split: Option<&str>,
    ) -> Result<Self, Failure> {
        let mut this = self.one_phrasing(variant)?;
        let splits = Splits::new(&this.answers, &this.links);
        let verdicts = this
            .verdicts
            .not_asked(|item| split.is_none() || splits.of(item) == split);
        this.verdicts.leave_out_items_not_begun();
        let answers = score::leave_out_items_not_begun(&mut this.answers, split);
        let not_asked = [answers, verdicts.sentence("verdict")];
        this.not_asked = not_asked.into_iter().flatten().collect();
        this.notes.extend(score::simulated(&this.answers.simulated));
        this.notes.extend(this.not_asked.iter().cloned());
        Ok(this)
    }

    fn read(args: &TransferArgs) -> Result<Self, Failure> {
        let links = args.questions.as_deref().map(read_links).transpose()?;
        match (&args.results, &args.answers, &args.verdicts) {
            (Some(path), ..) => Self::of_run(path, links),
            (None, Some(answers), Some(verdicts)) => Self::of_tables(answers, verdicts, links),
            _ => Err(Failure::Input(
                "name a results folder, or give --answers and --verdicts".to_owned(),
            )),
        }
    }

    pub(super) fn of_tables(
        answers: &Path,
        verdicts: &Path,
        links: Option<HashMap<String, String>>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            answers: score::read_table(answers)?,
            verdicts: reports::read_any(verdicts)?,
            notes: Vec::new(),
            not_asked: Vec::new(),
            study: None,
            personas: PersonaPopulation::Sampled,
            level: Level::DEFAULT.get(),
            coverage_floor: ReportOptions::default().coverage_floor,
            links: links.unwrap_or_default(),
        })
    }

    pub(super) fn of_run(
        path: &Path,
        links: Option<HashMap<String, String>>,
    ) -> Result<Self, Failure> {
        if !path.is_dir() {
            let what = if path.exists() {
                "is no results folder"
            } else {
                "does not exist"
            };
            return Err(Failure::Input(format!(
                "{} {what}; tables are given as --answers TABLE --verdicts TABLE",
                path.display()
            )));
        }
        let results = Results::open(path)?;
        let study = results.plan.study();
        if study.structured.is_none() {
            return Err(Failure::Input(format!(
                "the study of {} asks no structured questions: it has no [structured], so there is no structured gain",
                path.display()
            )));
        }
        if results.plan.items().is_empty() {
            return Err(Failure::Input(format!(
                "the study of {} compares nothing, so it has no win rates to set beside its structured answers; `oyer survey score` and `oyer survey fairness` tell of those",
                path.display()
            )));
        }
        let collected = results.collect()?;
        let links = links.unwrap_or_else(|| {
            let link = |question: &oyer::study::Question| {
                Some((question.id.clone(), question.structured.clone()?))
            };
            study.questions.iter().filter_map(link).collect()
        });
        Ok(Self {
            answers: collected.answers,
            verdicts: collected.table,
            notes: Vec::new(),
            not_asked: Vec::new(),
            study: Some(study.name.clone()),
            personas: study.report.personas,
            level: study.report.level,
            coverage_floor: study.report.coverage_floor,
            links,
        })
    }
}

fn read_links(path: &Path) -> Result<HashMap<String, String>, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::Input(format!("cannot read {}: {error}", path.display())))?;
    links::read(path, &bytes).map_err(Failure::Problems)
}

fn options(args: &TransferArgs, halves: &Halves) -> Result<TransferOptions, Failure> {
    let level = args.level.unwrap_or(halves.level);
    let mut metrics: Vec<Metric> = Vec::new();
    for metric in &args.metric {
        let metric = match metric {
            GainIn::Accuracy => Metric::Accuracy,
            GainIn::SoftAccuracy => Metric::SoftAccuracy,
            GainIn::ExpectedAccuracy => Metric::ExpectedAccuracy,
            GainIn::Nmae => Metric::Nmae,
            GainIn::Wasserstein => Metric::Wasserstein,
        };
        if !metrics.contains(&metric) {
            metrics.push(metric);
        }
    }
    if metrics.is_empty() {
        metrics.push(Metric::Accuracy);
    }
    Ok(TransferOptions {
        scores: ScoreOptions {
            personas: match args.personas {
                Some(Population::Sampled) => PersonaPopulation::Sampled,
                Some(Population::Fixed) => PersonaPopulation::Fixed,
                None => halves.personas,
            },
            level: Level::new(level).map_err(|error| Failure::Input(error.to_string()))?,
            coverage_floor: args.coverage_floor.unwrap_or(halves.coverage_floor),
            split: args.split.clone(),
            ..args.scoring.options()
        },
        metrics,
        pairs: args.pair.clone(),
        reference: args.reference.clone(),
        judge: args.judge.clone(),
        criterion: args.criterion.clone(),
        links: halves.links.clone(),
        linked_only: args.linked_only,
        min_items: usize::try_from(args.min_items).unwrap_or(usize::MAX),
    })
}
