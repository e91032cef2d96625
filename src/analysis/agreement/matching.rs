//! Which label is about which verdict: the same item, models, criterion and sample.
//!
//! Everything said of two models is handed over from the side of the same one of them,
//! whichever side it was written from.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::options::{AgreementError, AgreementOptions};
use super::ratings::Row;
use crate::analysis::item_score::mirror;
use crate::analysis::layout::Layout;
use crate::verdict::Order;
use crate::verdict::labels::{Labels, WEIGHT, weight_of};
use crate::verdict::table::{Contest, VerdictTable};

/// Most names that a sentence gives as examples.
const EXAMPLES: usize = 4;

/// Labels that are about nothing in the results, by what is not there: how many, and
/// the first few names.
pub(super) type LeftOut = BTreeMap<&'static str, (u64, BTreeSet<String>)>;

const ITEMS: &str = "items";
const CRITERIA: &str = "criteria";
const MODELS: &str = "models";

/// Two models, the candidate first, and whether they were written the other way round,
/// where the results compare them; and the rater.
type Known = (Option<((u32, u32), bool)>, u32);

/// What results and labels call things.
pub(super) struct Matching<'a> {
    /// Rank of each item, by id.
    items: HashMap<Cow<'a, str>, u32>,
    pub(super) criteria: Vec<String>,
    /// Criteria of the results that were not asked for.
    passed_over: Vec<String>,
    /// All models, sorted.
    models: Vec<String>,
    /// Pairs of models that are compared, the lower number first, and whether the second
    /// is the candidate.
    pairs: BTreeMap<(u32, u32), bool>,
    /// The results' names of what labels call otherwise.
    renamed: HashMap<&'a str, &'a str>,
    left_out: LeftOut,
}

impl<'a> Matching<'a> {
    pub(super) fn new(
        layout: &Layout<'a>,
        table: &VerdictTable,
        labels: Option<&Labels>,
        options: &'a AgreementOptions,
    ) -> Result<Self, AgreementError> {
        let base = layout.table;
        let renamed = options.same.iter();
        let renamed: HashMap<&str, &str> = renamed
            .map(|same| (same.there.as_str(), same.here.as_str()))
            .collect();
        // Labels without verdicts are matched with themselves under their new names.
        let own = table.judgments.is_empty();
        let called = |name: &str| -> String {
            match renamed.get(name) {
                Some(new) if own => (*new).to_owned(),
                _ => name.to_owned(),
            }
        };
        let criteria: Vec<String> = base.criteria.iter().map(|name| called(name)).collect();
        check_names((!own).then_some(table), labels, options)?;
        let mut passed_over = Vec::new();
        let criteria = match &options.criterion {
            None => criteria,
            Some(name) if criteria.contains(name) => {
                passed_over = criteria;
                vec![name.clone()]
            }
            Some(name) => return Err(AgreementError::unknown_criterion(name, criteria)),
        };
        let mut names = BTreeSet::new();
        for contest in &base.contests {
            names.extend([called(&contest.candidate), called(&contest.opponent)]);
        }
        let mut made = Self {
            items: HashMap::new(),
            criteria,
            passed_over,
            models: names.into_iter().collect(),
            pairs: BTreeMap::new(),
            renamed: renamed.clone(),
            left_out: LeftOut::new(),
        };
        for (index, item) in base.items.iter().enumerate() {
            made.items.insert(item.id(), layout.rank_of(index as u32));
        }
        let contests = base.contests.iter();
        let models = contests
            .map(|contest| [&contest.candidate, &contest.opponent].map(|name| called(name)));
        made.pairs = made.candidates(base, &models.collect::<Vec<_>>());
        Ok(made)
    }

    /// The candidate of each pair of models: the one from whose side more judgments are
    /// written; where both have as many, the name that sorts first.
    fn candidates(
        &self,
        base: &VerdictTable,
        models: &[[String; 2]],
    ) -> BTreeMap<(u32, u32), bool> {
        let pair = |[candidate, opponent]: &[String; 2]| {
            let (candidate, opponent) = (self.model(candidate)?, self.model(opponent)?);
            Some((
                candidate.min(opponent),
                candidate.max(opponent),
                candidate > opponent,
            ))
        };
        let pairs: Vec<_> = models.iter().map(pair).collect();
        let mut balance: BTreeMap<(u32, u32), i64> = BTreeMap::new();
        for (low, high, _) in pairs.iter().flatten() {
            balance.entry((*low, *high)).or_default();
        }
        for judgment in &base.judgments {
            if let Some((low, high, second)) = pairs[judgment.contest as usize] {
                *balance.entry((low, high)).or_default() += if second { 1 } else { -1 };
            }
        }
        let more = |(pair, balance)| (pair, balance > 0);
        balance.into_iter().map(more).collect()
    }

    /// The results' name of what a label calls so.
    fn here<'n>(&'n self, name: &'n str) -> &'n str {
        self.renamed.get(name).copied().unwrap_or(name)
    }

    fn model(&self, name: &str) -> Option<u32> {
        let place = self
            .models
            .binary_search_by(|model| model.as_str().cmp(name));
        place.ok().map(|place| place as u32)
    }

    /// Two models that are compared, the candidate first, and whether they had to be
    /// turned.
    fn pair(&self, candidate: &str, opponent: &str) -> Option<((u32, u32), bool)> {
        let given = (self.model(candidate)?, self.model(opponent)?);
        let (low, high) = (given.0.min(given.1), given.0.max(given.1));
        let pair = oriented((low, high), *self.pairs.get(&(low, high))?);
        Some((pair, pair != given))
    }

    fn criterion(&self, name: &str) -> Option<u16> {
        let place = self.criteria.iter().position(|known| known == name);
        place.map(|place| place as u16)
    }

    /// Hands over every verdict of a criterion that is asked for.
    pub(super) fn verdicts(
        &self,
        table: &VerdictTable,
        rater: &dyn Fn(&Contest) -> u32,
        take: &mut dyn FnMut(Row),
    ) {
        let contests: Vec<_> = table
            .contests
            .iter()
            .map(|contest| {
                let pair = self.pair(&contest.candidate, &contest.opponent);
                (pair, rater(contest))
            })
            .collect();
        let criteria: Vec<_> = table
            .criteria
            .iter()
            .map(|name| self.criterion(name))
            .collect();
        let items: Vec<Option<u32>> = self.ranks(table);
        for_each(table, &items, &contests, &criteria, None, take);
    }

    fn ranks(&self, table: &VerdictTable) -> Vec<Option<u32>> {
        let ranks = table
            .items
            .iter()
            .map(|item| self.items.get(&item.id()).copied());
        ranks.collect()
    }

    /// Hands over every label that is about something in the results, and keeps count
    /// of the others.
    pub(super) fn labels(
        &mut self,
        table: &VerdictTable,
        rater: &dyn Fn(&Contest) -> u32,
        take: &mut dyn FnMut(Row),
    ) -> Result<(), AgreementError> {
        let contests: Vec<_> = table
            .contests
            .iter()
            .map(|contest| {
                let pair = self.pair(self.here(&contest.candidate), self.here(&contest.opponent));
                (pair, rater(contest))
            })
            .collect();
        let criteria: Vec<_> = table
            .criteria
            .iter()
            .map(|name| self.criterion(self.here(name)))
            .collect();
        let items = self.ranks(table);
        let mut given = 0;
        let weights = weights(table)?;
        for_each(
            table,
            &items,
            &contests,
            &criteria,
            Some(&weights),
            &mut |row| {
                given += 1;
                take(row);
            },
        );
        self.leave_out(table, &items, &contests, &criteria);
        if given == 0 && !table.judgments.is_empty() {
            return Err(self.nothing_shared(table, &items, &contests));
        }
        Ok(())
    }

    fn leave_out(
        &mut self,
        table: &VerdictTable,
        items: &[Option<u32>],
        contests: &[Known],
        criteria: &[Option<u16>],
    ) {
        let unknown = |name: &String| {
            !self
                .passed_over
                .iter()
                .any(|known| known == self.here(name))
        };
        let unknown: Vec<bool> = table.criteria.iter().map(unknown).collect();
        let mut add = |what: &'static str, name: String| {
            let (count, names) = self.left_out.entry(what).or_default();
            *count += 1;
            if names.len() < EXAMPLES {
                names.insert(name);
            }
        };
        for judgment in &table.judgments {
            let contest = &table.contests[judgment.contest as usize];
            if items[judgment.item as usize].is_none() {
                add(ITEMS, table.items[judgment.item as usize].id().into_owned());
            } else if contests[judgment.contest as usize].0.is_none() {
                add(
                    MODELS,
                    format!("{} against {}", contest.candidate, contest.opponent),
                );
            } else {
                for cell in table.cells_of(judgment) {
                    let criterion = usize::from(cell.criterion);
                    if criteria[criterion].is_none() && unknown[criterion] {
                        add(
                            CRITERIA,
                            table.criteria[usize::from(cell.criterion)].clone(),
                        );
                    }
                }
            }
        }
    }

    fn nothing_shared(
        &self,
        table: &VerdictTable,
        items: &[Option<u32>],
        contests: &[Known],
    ) -> AgreementError {
        let pair = |(pair, second): (&(u32, u32), &bool)| {
            let (candidate, opponent) = oriented(*pair, *second);
            format!(
                "{} against {}",
                self.models[candidate as usize], self.models[opponent as usize]
            )
        };
        let judged = || table.judgments.iter();
        if judged().all(|judgment| items[judgment.item as usize].is_none()) {
            let mut ours: Vec<&str> = self.items.keys().map(AsRef::as_ref).collect();
            ours.sort_unstable();
            return AgreementError::NothingShared {
                what: ITEMS,
                theirs: examples(table.items.iter().map(|item| item.id().into_owned())),
                ours: examples(ours.into_iter().map(str::to_owned)),
                advice: "an item is persona/question, or the question where there are no personas, unless a column `item` says otherwise",
            };
        }
        if judged().all(|judgment| contests[judgment.contest as usize].0.is_none()) {
            let theirs = table.contests.iter();
            return AgreementError::NothingShared {
                what: MODELS,
                theirs: examples(theirs.map(|c| format!("{} against {}", c.candidate, c.opponent))),
                ours: examples(self.pairs.iter().map(pair)),
                advice: "`oyer agree` matches a model of the results with its name in the labels by --same HERE=THERE",
            };
        }
        AgreementError::NothingShared {
            what: CRITERIA,
            theirs: examples(table.criteria.iter().cloned()),
            ours: examples(self.criteria.iter().cloned()),
            advice: "`oyer agree` matches a criterion of the results with its name in the labels by --same HERE=THERE",
        }
    }

    pub(super) fn finish(self) -> (Vec<String>, LeftOut) {
        (self.models, self.left_out)
    }
}

/// A pair with its candidate first.
fn oriented((low, high): (u32, u32), second: bool) -> (u32, u32) {
    if second { (high, low) } else { (low, high) }
}

/// The first few different names.
fn examples(names: impl Iterator<Item = String>) -> String {
    let mut shown: Vec<String> = Vec::new();
    for name in names {
        let name = format!("`{name}`");
        if shown.contains(&name) {
            continue;
        }
        if shown.len() == EXAMPLES {
            shown.push("…".to_owned());
            break;
        }
        shown.push(name);
    }
    shown.join(", ")
}

/// Each name to be matched must be where it is said to be.
fn check_names(
    table: Option<&VerdictTable>,
    labels: Option<&Labels>,
    options: &AgreementOptions,
) -> Result<(), AgreementError> {
    let has = |table: &VerdictTable, name: &str| {
        let mut contests = table.contests.iter();
        table.criteria.iter().any(|criterion| criterion == name)
            || contests.any(|c| c.candidate == name || c.opponent == name)
    };
    for same in &options.same {
        let unknown = |name: &str, place| AgreementError::UnknownMatch {
            name: name.to_owned(),
            place,
        };
        if let Some(labels) = labels
            && !has(&labels.table, &same.there)
        {
            return Err(unknown(&same.there, "labels"));
        }
        if table.is_some_and(|table| !has(table, &same.here)) {
            return Err(unknown(&same.here, "results"));
        }
    }
    Ok(())
}

/// How many items each label stands for; empty where labels have no weights.
fn weights(table: &VerdictTable) -> Result<Vec<f64>, AgreementError> {
    let mut names = table.covariates.iter();
    let Some(column) = names.position(|name| name == WEIGHT) else {
        return Ok(Vec::new());
    };
    let mut weights = Vec::with_capacity(table.judgments.len());
    for number in 0..table.judgments.len() {
        let found = table.covariate(number, column);
        let found = found.as_deref().unwrap_or_default().trim();
        let Some(weight) = weight_of(found) else {
            let item = &table.items[table.judgments[number].item as usize];
            return Err(AgreementError::Weight {
                item: format!("`{}`", item.id()),
                found: if found.is_empty() {
                    "nothing".to_owned()
                } else {
                    format!("`{found}`")
                },
            });
        };
        weights.push(weight);
    }
    Ok(weights)
}

/// Hands over the cells of a table whose item, models and criterion are known, from the
/// candidate's side.
fn for_each(
    table: &VerdictTable,
    items: &[Option<u32>],
    contests: &[Known],
    criteria: &[Option<u16>],
    weights: Option<&[f64]>,
    take: &mut dyn FnMut(Row),
) {
    for (number, judgment) in table.judgments.iter().enumerate() {
        let (Some((pair, turned)), rater) = contests[judgment.contest as usize] else {
            continue;
        };
        let Some(item) = items[judgment.item as usize] else {
            continue;
        };
        let order = match (table.orders_unknown, turned) {
            // Where nobody knows what was shown first, all were shown in one order.
            (true, _) => Order::CandidateFirst,
            (false, true) => judgment.order.swapped(),
            (false, false) => judgment.order,
        };
        for (place, cell) in table.cells_of(judgment).iter().enumerate() {
            let Some(criterion) = criteria[usize::from(cell.criterion)] else {
                continue;
            };
            let score = table.score(judgment.first_cell as usize + place);
            take(Row {
                criterion,
                item,
                pair,
                sample: judgment.sample,
                rater,
                order,
                repeat: judgment.repeat,
                outcome: if turned {
                    mirror(cell.outcome)
                } else {
                    cell.outcome
                },
                score: if turned {
                    score.map(|score| 1.0 - score)
                } else {
                    score
                },
                weight: weights.map(|weights| weights.get(number).copied().unwrap_or(1.0)),
            });
        }
    }
}
