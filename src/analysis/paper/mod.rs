//! The two tables of arXiv 2604.12851, of anybody's study.
//!
//! Table A has accuracy, NMAE and a win rate of each base and of the model tuned from
//! it; Table B how unequal personas are in the first two. Numbers are those of each
//! model on its own items, as the tables have them; what they leave open (intervals,
//! noise, paired differences) is in the other reports.

pub mod report;

use std::collections::{BTreeMap, HashMap};

use self::report::{Change, PaperReport, PaperSplit, RowA, RowB, TableA, TableB};
use super::layout::Layout;
use super::scores::metrics::{Metric, Treatment};
use super::scores::{COVERAGE_ROUNDING, ItemScores, ScoreOptions, Unstable, splits_of};
use super::transfer::pairs::{self, ItemRate, Judged, Pairing, Setting};
use super::transfer::splits::Splits;
use super::transfer::{TransferError, TransferOptions, simulated};
use crate::answers::AnswerTable;
use crate::stats::disparity::{Disparity, Sigma, disparity};
use crate::text::{counted_of, in_percent};
use crate::verdict::table::VerdictTable;

/// Version of the JSON of a [`PaperReport`].
pub const SCHEMA_VERSION: u32 = 1;

/// Makes both tables, for the split that the options name or else for each.
///
/// # Errors
///
/// Where an option names what is not there, or no pair of models has both halves.
pub fn paper(
    answers: &AnswerTable,
    verdicts: &VerdictTable,
    options: &TransferOptions,
    sigma: Sigma,
) -> Result<PaperReport, TransferError> {
    let layout = Layout::new(verdicts);
    let found = pairs::find(answers, &layout, options)?;
    let settings = overall(&layout, pairs::settings(&layout, options)?);
    let known = splits_of(answers);
    let open_ended = Splits::new(answers, &options.links);
    let splits: Vec<Option<String>> = match &options.scores.split {
        Some(split) => vec![Some(split.clone())],
        None if known.len() > 1 => known.into_iter().map(Some).collect(),
        None => vec![None],
    };
    let mut report = PaperReport {
        schema_version: SCHEMA_VERSION,
        study: None,
        simulated: simulated(answers, verdicts),
        splits: Vec::new(),
        notes: found.notes,
        withheld: Vec::new(),
    };
    for split in splits {
        let of_split = Split {
            answers,
            layout: &layout,
            scored: ItemScores::new(
                answers,
                &ScoreOptions {
                    split: split.clone(),
                    ..options.scores.clone()
                },
            )?,
            name: split.clone(),
            open_ended: &open_ended,
            floor: options.scores.coverage_floor,
            sigma,
        };
        report.notes.extend(of_split.notes(&options.scores));
        let met = of_split.met(&found.pairs);
        let rates: Vec<Rates<'_>> = settings
            .iter()
            .map(|setting| of_split.rates(setting, &met))
            .collect();
        report.withheld.extend(of_split.withheld(&met, &rates));
        let tables = settings
            .iter()
            .zip(&rates)
            .map(|(setting, rates)| of_split.table_a(setting, rates, &found.pairs))
            .collect::<Result<Vec<_>, _>>()?;
        report.notes.extend(of_split.part_means(&tables));
        report.splits.push(PaperSplit {
            split,
            tables,
            fairness: of_split.table_b(&found.pairs)?,
        });
    }
    if found.pairs.iter().any(|pair| pair.reference.is_none()) {
        report.notes.push(
            "a tuned model that met its base has its win rate against it, and the base one half by definition".to_owned(),
        );
    }
    let divisor = match sigma {
        Sigma::Population => "the number of personas",
        Sigma::Sample => "one less than the number of personas",
    };
    report.notes.push(format!(
        "Norm. Range is (highest - lowest) / highest of the personas' means, CV their standard deviation (divided by {divisor}) over their mean: both are larger by the noise of the means, and divide by a level that tuning moves (`oyer survey fairness` has them without noise, with intervals, and on the scale itself)"
    ));
    Ok(report)
}

/// The criterion that is called overall of each judge and rubric, or else the first.
fn overall(layout: &Layout<'_>, settings: Vec<Setting>) -> Vec<Setting> {
    let is_overall = |setting: &Setting| {
        let name = &layout.table.criteria[usize::from(setting.criterion)];
        name.to_lowercase().contains("overall")
    };
    let mut chosen: Vec<Setting> = Vec::new();
    for setting in settings {
        let of_rubric = |known: &&mut Setting| {
            (&known.judge, &known.rubric) == (&setting.judge, &setting.rubric)
        };
        match chosen.iter_mut().find(of_rubric) {
            Some(known) => {
                if is_overall(&setting) && !is_overall(known) {
                    *known = setting;
                }
            }
            None => chosen.push(setting),
        }
    }
    chosen
}

/// A model, and another that it met.
type Met<'a> = (&'a str, &'a str);

/// What is judged of models that met, by one judge.
type Rates<'a> = HashMap<Met<'a>, Judged>;

/// What the tables of one split are made from.
struct Split<'a> {
    answers: &'a AnswerTable,
    layout: &'a Layout<'a>,
    scored: ItemScores<'a>,
    name: Option<String>,
    /// The split of each open-ended item.
    open_ended: &'a Splits<'a>,
    /// Share of what was planned that must be there for a number.
    floor: f64,
    sigma: Sigma,
}

impl Split<'_> {
    /// Whether so much of a model's planned answers is there that its scores are told.
    fn is_covered(&self, model: usize) -> bool {
        self.scored.counts(model).coverage() + COVERAGE_ROUNDING >= self.floor
    }

    /// The split, before what is said of it.
    fn called(&self) -> String {
        let name = self.name.as_deref();
        name.map_or_else(String::new, |split| format!("{split}: "))
    }

    /// Which numbers are withheld for want of answers or of verdicts.
    fn withheld(&self, met: &[Met<'_>], rates: &[Rates<'_>]) -> Vec<String> {
        let of = self.called();
        let floor = 100.0 * self.floor;
        let mut told = Vec::new();
        let lacking = self
            .answers
            .models
            .iter()
            .enumerate()
            .filter_map(|(model, name)| {
                let counts = self.scored.counts(model);
                let there = counts.planned - counts.failed - counts.not_run;
                (counts.planned > 0 && !self.is_covered(model))
                    .then(|| format!("{name} ({there} of {})", counts.planned))
            });
        let lacking: Vec<String> = lacking.collect();
        if !lacking.is_empty() {
            told.push(format!(
                "{of}the scores of {} are withheld, since under {floor:.1}% of their planned answers are there (--coverage-floor)",
                lacking.join(", ")
            ));
        }
        let mut lacking: Vec<String> = Vec::new();
        for rates in rates {
            for met in met {
                let name = format!("{} against {}", met.0, met.1);
                let judged = rates.get(met);
                if judged.is_some_and(|judged| !judged.is_covered(self.floor))
                    && !lacking.contains(&name)
                {
                    lacking.push(name);
                }
            }
        }
        if !lacking.is_empty() {
            told.push(format!(
                "{of}the win rates of {} are withheld, since under {floor:.1}% of the planned items have a verdict in each order (--coverage-floor)",
                lacking.join(", ")
            ));
        }
        told
    }

    /// Which means are over some of the pairs only.
    fn part_means(&self, tables: &[TableA]) -> Vec<String> {
        let of = self.called();
        let mut notes: Vec<String> = Vec::new();
        for table in tables {
            for (what, column) in ["accuracy", "NMAE", "win rate"].into_iter().zip(0..) {
                let lacks = |row: &&RowA| {
                    let columns = [row.accuracy, row.nmae, row.win_rate];
                    columns[column].difference.is_none()
                };
                let lacking: Vec<&str> = table
                    .rows
                    .iter()
                    .filter(lacks)
                    .map(|row| &*row.model)
                    .collect();
                let (all, there) = (table.rows.len(), table.rows.len() - lacking.len());
                let judge = match (what, tables.len()) {
                    ("win rate", 2..) => format!(" by {}", table.judge),
                    _ => String::new(),
                };
                let note = format!(
                    "{of}the mean of {what}{judge} is over {there} of {all} pairs: no number for {}",
                    lacking.join(", ")
                );
                if !lacking.is_empty() && there > 0 && !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
        notes
    }

    /// What has to be known of the answers and the truth behind the tables.
    fn notes(&self, options: &ScoreOptions) -> Vec<String> {
        let of = self.called();
        let mut notes = Vec::new();
        let mut without = Vec::new();
        for (model, name) in self.answers.models.iter().enumerate() {
            let counts = self.scored.counts(model);
            let there = counts.planned - counts.failed - counts.not_run;
            let percent = |count: u64| 100.0 * count as f64 / there.max(1) as f64;
            if counts.answered < there {
                let unreadable = counts.unreadable + counts.truncated;
                without.push(format!(
                    "{name} {:.1}% refused, {:.1}% unreadable",
                    percent(counts.refused),
                    percent(unreadable)
                ));
            }
        }
        let treatment = match options.missing {
            Treatment::Excluded => "are left out",
            Treatment::Wrong => "count as wrong, and as the option farthest from the modal answer",
            Treatment::Middle => "count as the middle of the scale",
            Treatment::Guess => "count as a random guess",
        };
        let who = if without.is_empty() {
            "no model has any".to_owned()
        } else {
            without.join("; ")
        };
        notes.push(format!(
            "{of}answers without an option {treatment} (--missing): {who}"
        ));
        if let Some(found) = self.scored.unstable_items(self.name.as_deref()) {
            let done = match options.unstable {
                Unstable::Keep => "they count as any other",
                Unstable::Drop => "they are left out",
                Unstable::Weight => {
                    "each item counts with the share of resamples that have its mode"
                }
            };
            notes.push(format!(
                "{of}the modal answer of {} is another one in more than {}% of resamples of the respondents; {done} (--unstable)",
                counted_of(found.unstable, found.known, "item"),
                in_percent(options.unstable_above)
            ));
        }
        notes
    }

    /// The mean of a metric over items; `None` where a model has none, or too few.
    fn mean(&self, model: &str, metric: Metric) -> Option<f64> {
        let model = self.scored.model(model).ok()?;
        if !self.is_covered(model) {
            return None;
        }
        let (mut sum, mut total) = (0.0, 0.0);
        for (item, value) in self.scored.values(model, metric) {
            let weight = self.scored.weight(item);
            sum += weight * value;
            total += weight;
        }
        (total > 0.0).then(|| sum / total)
    }

    /// The win rate of a model against another; `None` where the two were not compared, or
    /// too few items have a verdict.
    fn win_rate(&self, rates: &Rates<'_>, met: Met<'_>) -> Option<f64> {
        let judged = rates.get(&met)?;
        judged.rate().filter(|_| judged.is_covered(self.floor))
    }

    /// Every two models whose win rate a table may have.
    fn met<'a>(&'a self, pairs: &'a [Pairing]) -> Vec<Met<'a>> {
        let mut met: Vec<Met<'a>> = Vec::new();
        for pair in pairs {
            match pair.reference.as_deref() {
                None => met.push((&pair.tuned, &pair.base)),
                Some(reference) => {
                    let others = self.answers.models.iter();
                    let others = others.filter(|name| *name != reference);
                    met.extend(others.map(|name| (name.as_str(), reference)));
                }
            }
        }
        met
    }

    /// What is judged of the split, of those that were compared.
    fn rates<'a>(&self, setting: &Setting, met: &[Met<'a>]) -> Rates<'a> {
        let in_split = |of_item: &ItemRate| {
            let item = self.layout.items[of_item.item as usize];
            let item = &self.layout.table.items[item as usize];
            self.name.is_none() || self.open_ended.of(item) == self.name.as_deref()
        };
        let judged = |&(model, other): &Met<'a>| {
            let rates = pairs::rates(self.layout, setting, model, other)?;
            let judged = Judged::of(rates.into_iter().filter(in_split));
            Some(((model, other), judged))
        };
        met.iter().filter_map(judged).collect()
    }

    fn table_a(
        &self,
        setting: &Setting,
        rates: &Rates<'_>,
        pairs: &[Pairing],
    ) -> Result<TableA, TransferError> {
        let metric = |pair: &Pairing, metric: Metric| {
            Change::new(
                self.mean(&pair.base, metric),
                self.mean(&pair.tuned, metric),
            )
        };
        let mut rows = Vec::new();
        for pair in pairs {
            self.scored.model(&pair.tuned)?;
            self.scored.model(&pair.base)?;
            let win_rate = if let Some(reference) = &pair.reference {
                Change::new(
                    self.win_rate(rates, (&pair.base, reference)),
                    self.win_rate(rates, (&pair.tuned, reference)),
                )
            } else {
                let rate = self.win_rate(rates, (&pair.tuned, &pair.base));
                Change::new(rate.map(|_| 0.5), rate)
            };
            rows.push(RowA {
                model: pair.tuned.clone(),
                base: Some(pair.base.clone()),
                accuracy: metric(pair, Metric::Accuracy),
                nmae: metric(pair, Metric::Nmae),
                win_rate,
            });
        }
        Ok(TableA {
            judge: setting.judge.clone(),
            rubric: setting.rubric.clone(),
            criterion: self.layout.table.criteria[usize::from(setting.criterion)].clone(),
            mean: RowA::mean(&rows),
            others: self.others(rates, pairs),
            rows,
        })
    }

    /// Models of no pair: the references, and whoever met one.
    fn others(&self, rates: &Rates<'_>, pairs: &[Pairing]) -> Vec<RowA> {
        let references: Vec<&str> = pairs
            .iter()
            .filter_map(|p| p.reference.as_deref())
            .collect();
        let of_pair = |name: &str| pairs.iter().any(|p| p.tuned == name || p.base == name);
        let others = self.answers.models.iter().filter(|name| !of_pair(name));
        others
            .map(|name| {
                let win_rate = if references.contains(&name.as_str()) {
                    Some(0.5)
                } else {
                    let met = |other: &&str| self.win_rate(rates, (name, other));
                    references.iter().find_map(met)
                };
                RowA {
                    model: name.clone(),
                    base: None,
                    accuracy: Change::new(self.mean(name, Metric::Accuracy), None),
                    nmae: Change::new(self.mean(name, Metric::Nmae), None),
                    win_rate: Change::new(win_rate, None),
                }
            })
            .collect()
    }

    /// The mean of a metric for each persona.
    fn persona_means(&self, model: usize, metric: Metric) -> Vec<f64> {
        if !self.is_covered(model) {
            return Vec::new();
        }
        let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for (item, value) in self.scored.values(model, metric) {
            let weight = self.scored.weight(item);
            let persona = self.answers.items[item as usize].persona;
            let (sum, total) = sums.entry(persona).or_default();
            *sum += weight * value;
            *total += weight;
        }
        sums.into_values().map(|(sum, total)| sum / total).collect()
    }

    fn table_b(&self, pairs: &[Pairing]) -> Result<TableB, TransferError> {
        let mut rows = Vec::new();
        for pair in pairs {
            let (base, tuned) = (
                self.scored.model(&pair.base)?,
                self.scored.model(&pair.tuned)?,
            );
            let of = |metric: Metric| {
                let [base, tuned] = [base, tuned]
                    .map(|model| disparity(&self.persona_means(model, metric), self.sigma).ok());
                let both = |of: fn(&Disparity) -> Option<f64>| {
                    Change::new(base.as_ref().and_then(of), tuned.as_ref().and_then(of))
                };
                (both(|d| d.normalised_range), both(|d| d.variation))
            };
            let (accuracy_range, accuracy_cv) = of(Metric::Accuracy);
            let (nmae_range, nmae_cv) = of(Metric::Nmae);
            rows.push(RowB {
                model: pair.tuned.clone(),
                base: pair.base.clone(),
                personas: self.persona_means(tuned, Metric::Accuracy).len() as u64,
                accuracy_range,
                accuracy_cv,
                nmae_range,
                nmae_cv,
            });
        }
        Ok(TableB {
            mean: RowB::mean(&rows),
            rows,
        })
    }
}

#[cfg(test)]
mod tests;
