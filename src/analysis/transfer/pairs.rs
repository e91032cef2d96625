//! Which tuned model is compared with which base, and how the two met.

use super::{TransferError, TransferOptions};
use crate::analysis::item_score::visit;
use crate::analysis::layout::{Layout, Place};
use crate::analysis::scores::{COVERAGE_ROUNDING, ScoreError};
use crate::answers::AnswerTable;

/// A tuned model and its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis) struct Pairing {
    pub(in crate::analysis) tuned: String,
    pub(in crate::analysis) base: String,
    /// Whom both met; `None` where they met each other.
    pub(in crate::analysis) reference: Option<String>,
}

/// A judge, a rubric and a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis) struct Setting {
    pub(in crate::analysis) judge: String,
    pub(in crate::analysis) rubric: String,
    pub(in crate::analysis) criterion: u16,
}

/// The pairs, and what has to be said of how they were found.
pub(in crate::analysis) struct Found {
    pub(in crate::analysis) pairs: Vec<Pairing>,
    pub(in crate::analysis) notes: Vec<String>,
}

/// Every judge, rubric and criterion that is asked for.
pub(in crate::analysis) fn settings(
    layout: &Layout<'_>,
    options: &TransferOptions,
) -> Result<Vec<Setting>, TransferError> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut judges: Vec<String> = Vec::new();
    for (place, criterion) in layout.parts() {
        let contest = &layout.comparisons[place].contest;
        if !judges.contains(&contest.judge) {
            judges.push(contest.judge.clone());
        }
        let setting = Setting {
            judge: contest.judge.clone(),
            rubric: contest.rubric.clone(),
            criterion,
        };
        let name = &layout.table.criteria[usize::from(criterion)];
        let judge_wanted = options
            .judge
            .as_ref()
            .is_none_or(|judge| *judge == setting.judge);
        let wanted = options
            .criterion
            .as_ref()
            .is_none_or(|wanted| wanted == name);
        if judge_wanted && wanted && !settings.contains(&setting) {
            settings.push(setting);
        }
    }
    let unknown = |what, name: &String, known: &[String]| TransferError::Unknown {
        what,
        name: name.clone(),
        known: format!("the verdicts have {}", known.join(", ")),
    };
    if let Some(judge) = options
        .judge
        .as_ref()
        .filter(|judge| !judges.contains(judge))
    {
        return Err(unknown("judge", judge, &judges));
    }
    let criteria = &layout.table.criteria;
    if let Some(criterion) = options
        .criterion
        .as_ref()
        .filter(|name| !criteria.contains(name))
    {
        return Err(unknown("criterion", criterion, criteria));
    }
    Ok(settings)
}

/// The pairs that are asked for, or those of the verdicts.
pub(in crate::analysis) fn find(
    answers: &AnswerTable,
    layout: &Layout<'_>,
    options: &TransferOptions,
) -> Result<Found, TransferError> {
    let meetings = Meetings::new(layout);
    if !options.pairs.is_empty() {
        let mut pairs: Vec<Pairing> = Vec::new();
        for (tuned, base) in &options.pairs {
            let pair = meetings.pair(tuned, base, options)?;
            // One that is named twice is one.
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        return Ok(Found {
            pairs,
            notes: Vec::new(),
        });
    }
    let answered = |name: &str| answers.models.iter().any(|model| model == name);
    if let Some(reference) = &options.reference {
        return meetings.against(reference, answers);
    }
    let direct: Vec<&(String, String)> = meetings
        .pairs
        .iter()
        .filter(|(candidate, opponent)| answered(candidate) && answered(opponent))
        .collect();
    let met_by = |opponent: &str| -> Vec<String> {
        let met = meetings.pairs.iter().filter(|pair| pair.1 == opponent);
        met.map(|pair| pair.0.clone()).collect()
    };
    let crowded = meetings.pairs.iter().find(|(_, opponent)| {
        let candidates = met_by(opponent);
        let strangers = |a: &String| candidates.iter().all(|b| !meetings.met(a, b));
        candidates.len() > 1 && candidates.iter().all(strangers)
    });
    if let Some((_, opponent)) = crowded {
        return Err(TransferError::OneOpponent {
            candidates: met_by(opponent).join(", "),
            opponent: opponent.clone(),
        });
    }
    if direct.is_empty() {
        return Err(TransferError::NoPair {
            answered: if answers.models.is_empty() {
                "no model".to_owned()
            } else {
                answers.models.join(", ")
            },
            judged: meetings.listed(),
        });
    }
    let pairs = direct.into_iter().map(|(tuned, base)| Pairing {
        tuned: tuned.clone(),
        base: base.clone(),
        reference: None,
    });
    Ok(Found {
        pairs: pairs.collect(),
        notes: Vec::new(),
    })
}

/// Who met whom, each pair once.
struct Meetings {
    pairs: Vec<(String, String)>,
}

impl Meetings {
    fn new(layout: &Layout<'_>) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for place in &layout.comparisons {
            let pair = (
                place.contest.candidate.clone(),
                place.contest.opponent.clone(),
            );
            if !place.criteria.is_empty() && !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        Self { pairs }
    }

    fn met(&self, a: &str, b: &str) -> bool {
        self.pairs
            .iter()
            .any(|(c, o)| (c == a && o == b) || (c == b && o == a))
    }

    /// Everybody that a model met.
    fn of(&self, model: &str) -> Vec<&str> {
        let other = |(a, b): &'_ (String, String)| -> bool { a == model || b == model };
        let mut met: Vec<&str> = Vec::new();
        for (a, b) in self.pairs.iter().filter(|pair| other(pair)) {
            let name = if a == model { b } else { a };
            if !met.contains(&name.as_str()) {
                met.push(name);
            }
        }
        met
    }

    fn listed(&self) -> String {
        if self.pairs.is_empty() {
            return "no models".to_owned();
        }
        let pairs = self.pairs.iter().map(|(a, b)| format!("{a} with {b}"));
        pairs.collect::<Vec<_>>().join(", ")
    }

    fn pair(
        &self,
        tuned: &str,
        base: &str,
        options: &TransferOptions,
    ) -> Result<Pairing, TransferError> {
        if tuned == base {
            let model = tuned.to_owned();
            return Err(ScoreError::WithItself { model }.into());
        }
        let made = |reference: Option<&str>| Pairing {
            tuned: tuned.to_owned(),
            base: base.to_owned(),
            reference: reference.map(str::to_owned),
        };
        let not_met = |what: &str| TransferError::NotMet {
            tuned: tuned.to_owned(),
            base: base.to_owned(),
            what: what.to_owned(),
            judged: self.listed(),
        };
        if let Some(reference) = &options.reference {
            let both = self.met(tuned, reference) && self.met(base, reference);
            return if both {
                Ok(made(Some(reference)))
            } else {
                Err(not_met(&format!("both {reference}")))
            };
        }
        if self.met(tuned, base) {
            return Ok(made(None));
        }
        let of_base = self.of(base);
        let shared: Vec<&str> = self
            .of(tuned)
            .into_iter()
            .filter(|model| of_base.contains(model))
            .collect();
        match shared[..] {
            [] => Err(not_met("a third model")),
            [one] => Ok(made(Some(one))),
            _ => Err(TransferError::SeveralReferences {
                tuned: tuned.to_owned(),
                base: base.to_owned(),
                references: shared.join(", "),
            }),
        }
    }

    /// The pair of the two models that met a reference, the later one taken as tuned.
    fn against(&self, reference: &str, answers: &AnswerTable) -> Result<Found, TransferError> {
        let met = self.of(reference);
        if met.is_empty() {
            return Err(TransferError::Unknown {
                what: "model that was compared",
                name: reference.to_owned(),
                known: format!("{} were", self.listed()),
            });
        }
        let both = answers
            .models
            .iter()
            .filter(|model| met.contains(&model.as_str()));
        let both: Vec<&String> = both.collect();
        let [base, tuned] = both[..] else {
            let names: Vec<&str> = both.iter().map(|name| name.as_str()).collect();
            return Err(TransferError::NoPair {
                answered: if names.is_empty() {
                    format!("no model that met {reference}")
                } else {
                    names.join(", ")
                },
                judged: self.listed(),
            });
        };
        Ok(Found {
            notes: vec![format!(
                "{base} is taken for the base and {tuned} for the tuned model, in the order of the models; --pair TUNED=BASE says otherwise"
            )],
            pairs: vec![Pairing {
                tuned: tuned.clone(),
                base: base.clone(),
                reference: Some(reference.to_owned()),
            }],
        })
    }
}

/// How a model did against another in each item; `None` where this judge
/// did not compare them.
pub(in crate::analysis) fn rates(
    layout: &Layout<'_>,
    setting: &Setting,
    model: &str,
    other: &str,
) -> Option<Vec<ItemRate>> {
    let side = |(place, comparison): (usize, &Place)| {
        let contest = &comparison.contest;
        let fits = contest.judge == setting.judge
            && contest.rubric == setting.rubric
            && comparison.criteria.contains(&setting.criterion);
        let sides = (contest.candidate.as_str(), contest.opponent.as_str());
        if fits && sides == (model, other) {
            Some((place, false))
        } else if fits && sides == (other, model) {
            Some((place, true))
        } else {
            None
        }
    };
    let (place, turned) = layout.comparisons.iter().enumerate().find_map(side)?;
    let mut rates = Vec::new();
    visit(layout, place, setting.criterion, |score, tally| {
        let share = |share: f64| if turned { 1.0 - share } else { share };
        rates.push(ItemRate {
            item: score.item,
            rate: Some(score.score).filter(|rate| !rate.is_nan()).map(share),
            covered: tally.share,
        });
    });
    Some(rates)
}

/// How a model did against another in one item.
pub(in crate::analysis) struct ItemRate {
    /// Its rank.
    pub(in crate::analysis) item: u32,
    /// The model's share; `None` where there is no verdict.
    pub(in crate::analysis) rate: Option<f64>,
    /// The share of its samples with a verdict.
    pub(in crate::analysis) covered: f64,
}

/// How much of what was planned is there, and the win rate over it. What is not begun is
/// missing too, as it is among answers.
#[derive(Clone, Copy, Default)]
pub(in crate::analysis) struct Judged {
    /// Planned items.
    pub(in crate::analysis) planned: f64,
    covered: f64,
    with_rate: f64,
    sum: f64,
}

impl Judged {
    pub(in crate::analysis) fn of(items: impl Iterator<Item = ItemRate>) -> Self {
        items.fold(Self::default(), |all, item| Self {
            planned: all.planned + 1.0,
            covered: all.covered + item.covered,
            with_rate: all.with_rate + f64::from(u8::from(item.rate.is_some())),
            sum: all.sum + item.rate.unwrap_or_default(),
        })
    }

    /// The share of the planned items with a verdict.
    pub(in crate::analysis) fn share(&self) -> f64 {
        self.covered / self.planned
    }

    /// Whether that is no less than a floor.
    pub(in crate::analysis) fn is_covered(&self, floor: f64) -> bool {
        self.covered + COVERAGE_ROUNDING * self.planned >= floor * self.planned
    }

    /// The mean over the items with a verdict; `None` where there are none.
    pub(in crate::analysis) fn rate(&self) -> Option<f64> {
        (self.with_rate > 0.0).then(|| self.sum / self.with_rate)
    }
}
