//! The verdict table: the narrow waist between collected judgments and numbers.
//!
//! Columns are compact because a run may hold millions of rows: names are
//! interned once, a judgment is a few integers, and each of its criteria is a
//! [`Cell`]. Reading and writing the table as CSV or JSONL is in `table_io`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::{MissingReason, Order, Outcome};
use crate::text::names::distinct;
pub use crate::text::names::{Names, Shared};
use crate::text::{counted, counted_of, form};

/// Every judgment of one or more comparisons.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VerdictTable {
    /// Nobody recorded which answer was shown first. Every judgment then says
    /// [`Order::CandidateFirst`], which means nothing: position effects cannot be
    /// seen.
    pub orders_unknown: bool,
    /// Dimension names, in column order (`group.<dimension>`).
    pub dimensions: Vec<String>,
    /// Covariate names, in column order (`x.<covariate>`).
    pub covariates: Vec<String>,
    /// What was asked; [`Judgment::item`] indexes it.
    pub items: Vec<Item>,
    /// Who was compared by whom; [`Judgment::contest`] indexes it.
    pub contests: Vec<Contest>,
    /// Criteria; [`Cell::criterion`] indexes it.
    pub criteria: Vec<String>,
    /// The judgments.
    pub judgments: Vec<Judgment>,
    /// Verdicts of all judgments, one run of cells a judgment.
    pub cells: Vec<Cell>,
    /// Graded scores, the candidate's share in [0, 1], parallel to `cells`, or
    /// empty where no judge graded. NaN where a cell has none.
    pub scores: Vec<f64>,
    /// Models and judges that are simulated: what they say is of no real model.
    pub simulated: BTreeSet<String>,
    /// Covariates whose number differs between the judgments of an item, as that of two
    /// answers does. They have no value in [`ItemQuestion::covariates`].
    pub styles: Vec<Style>,
    /// The key of the call behind each judgment, parallel to `judgments`, or empty
    /// where no call is known; all zeros where one judgment has none.
    pub calls: Vec<[u8; 32]>,
}

/// One persona asked one question, with what the analysis groups it by.
///
/// What it has from its persona and from its question is shared by many items: see
/// [`Names`].
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its id, where that is not made of the fields below; see [`Item::id`].
    pub own_id: Option<Arc<str>>,
    /// Who was asked.
    pub persona: Arc<ItemPersona>,
    /// What was asked.
    pub question: Arc<ItemQuestion>,
    /// In which phrasing of the persona, where there are several.
    pub variant: Option<Arc<str>>,
    /// It waits for a run as others do, though files lack some of its answers: what of it
    /// is missing for good was never asked for.
    pub not_begun: bool,
}

/// What an item has from its persona.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ItemPersona {
    /// Persona id; empty where the table has none.
    pub id: Arc<str>,
    /// Split of the items of the persona that have this; others may be of another.
    pub split: Option<Arc<str>>,
    /// The level of each of [`VerdictTable::dimensions`].
    pub levels: Arc<[Option<Arc<str>>]>,
}

/// What an item has from its question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ItemQuestion {
    /// Question id.
    pub id: Arc<str>,
    /// Topic.
    pub topic: Option<Arc<str>>,
    /// The value of each of [`VerdictTable::covariates`].
    pub covariates: Arc<[Option<Arc<str>>]>,
}

impl Item {
    /// Its id, unique in a table: its own, or else `persona/question/variant`, less what
    /// it does not have. A run of a million items need not keep as many texts.
    pub fn id(&self) -> Cow<'_, str> {
        let (persona, question) = (&*self.persona.id, &*self.question.id);
        match (self.own_id.as_deref(), self.variant.as_deref()) {
            (Some(id), _) => Cow::Borrowed(id),
            (None, None | Some("")) if persona.is_empty() => Cow::Borrowed(question),
            (None, None | Some("")) => Cow::Owned(format!("{persona}/{question}")),
            (None, Some(variant)) if persona.is_empty() => {
                Cow::Owned(format!("{question}/{variant}"))
            }
            (None, Some(variant)) => Cow::Owned(format!("{persona}/{question}/{variant}")),
        }
    }

    /// The item, called `id`.
    #[must_use]
    pub fn called(mut self, id: impl Into<Arc<str>> + AsRef<str>) -> Self {
        self.own_id = None;
        if *self.id() != *id.as_ref() {
            self.own_id = Some(id.into());
        }
        self
    }

    /// Its id, without its phrasing where that stands at the end.
    fn id_without_variant(&self) -> Arc<str> {
        let id = self.id();
        let rest = id.strip_suffix(self.variant.as_deref().unwrap_or_default());
        let rest = rest.and_then(|rest| rest.strip_suffix('/'));
        rest.unwrap_or(&id).into()
    }

    /// An item of a table without topics, splits, dimensions and covariates.
    pub fn new(
        id: impl Into<Arc<str>> + AsRef<str>,
        persona: impl Into<Arc<str>>,
        question: impl Into<Arc<str>>,
    ) -> Self {
        let persona = ItemPersona {
            id: persona.into(),
            split: None,
            levels: Arc::from([]),
        };
        let question = ItemQuestion {
            id: question.into(),
            topic: None,
            covariates: Arc::from([]),
        };
        let item = Self {
            own_id: None,
            persona: Arc::new(persona),
            question: Arc::new(question),
            variant: None,
            not_begun: false,
        };
        item.called(id)
    }
}

/// A candidate, its opponent, and by whom and by which rubric they are compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Contest {
    /// Candidate model.
    pub candidate: String,
    /// Opponent model.
    pub opponent: String,
    /// Judge.
    pub judge: String,
    /// Rubric as `name@hash`.
    pub rubric: String,
}

impl Contest {
    /// The same seen from the opponent's side.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        Self {
            candidate: self.opponent.clone(),
            opponent: self.candidate.clone(),
            ..self.clone()
        }
    }
}

/// A covariate of the two answers of a judgment.
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    /// Index into [`VerdictTable::covariates`].
    pub covariate: usize,
    /// The number of each judgment, parallel to [`VerdictTable::judgments`]; NaN where
    /// there is none.
    pub numbers: Vec<f64>,
}

/// One planned asking of a judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgment {
    /// Index into [`VerdictTable::items`].
    pub item: u32,
    /// Index into [`VerdictTable::contests`].
    pub contest: u32,
    /// Which answer was shown first.
    pub order: Order,
    /// From 1.
    pub sample: u16,
    /// From 1.
    pub repeat: u16,
    /// Characters of the candidate's answer.
    pub candidate_chars: Length,
    /// Characters of the opponent's answer.
    pub opponent_chars: Length,
    /// First of its cells in [`VerdictTable::cells`].
    pub first_cell: u32,
    /// How many cells it has.
    pub cell_count: u16,
}

/// Characters of an answer, where they are known, in half the room of an `Option<u32>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Length {
    one_more: Option<NonZeroU32>,
}

impl Style {
    /// The same covariate for another list of judgments.
    pub(super) fn without_numbers(&self) -> Self {
        Self {
            covariate: self.covariate,
            numbers: Vec::new(),
        }
    }
}

impl Length {
    /// How many characters.
    pub fn chars(self) -> Option<u32> {
        self.one_more.map(|one_more| one_more.get() - 1)
    }
}

impl From<Option<u32>> for Length {
    fn from(chars: Option<u32>) -> Self {
        Self {
            one_more: chars.and_then(|chars| NonZeroU32::new(chars.saturating_add(1))),
        }
    }
}

/// A verdict on one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Index into [`VerdictTable::criteria`].
    pub criterion: u16,
    /// From the candidate's side.
    pub outcome: Outcome,
    /// Why it is missing; `None` unless it is.
    pub missing: Option<MissingReason>,
}

/// What of a table was planned and not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NotAsked {
    /// Items of which nothing was.
    pub items: usize,
    /// All planned items.
    pub of: usize,
    /// Verdicts or answers, those of begun items too.
    pub each: usize,
}

impl NotAsked {
    /// What a report says of it, by what one of what was not asked for is called; `None`
    /// where all was asked.
    pub fn sentence(self, one: &str) -> Option<String> {
        let told = self.told(one)?;
        Some(format!("{told}; the numbers are over the items begun"))
    }

    /// What is said of it beside a table; `None` where all was asked.
    pub fn told(self, one: &str) -> Option<String> {
        let [items, of, each] = [self.items, self.of, self.each].map(|number| number as u64);
        (each > 0).then(|| {
            format!(
                "not everything planned was run: {} {} not begun and {} {} not asked for",
                counted_of(items, of, "item"),
                form(items, "was", "were"),
                counted(each, one),
                form(each, "was", "were")
            )
        })
    }
}

impl VerdictTable {
    /// Leaves out the items of which nothing was asked, as win rates do. Where nothing was,
    /// all of it stays.
    pub fn leave_out_items_not_begun(&mut self) {
        let not_asked = self.not_asked(|_| true);
        if 0 < not_asked.items && not_asked.items < not_asked.of {
            let is_begun = self.items_begun();
            *self = self.with_items(|item, _| is_begun[item]);
        }
    }

    /// How much was not asked for, among the items that count.
    pub fn not_asked(&self, counts: impl Fn(&Item) -> bool) -> NotAsked {
        let counts: Vec<bool> = self.items.iter().map(counts).collect();
        let mut is_planned = vec![false; self.items.len()];
        let mut each = 0;
        for judgment in &self.judgments {
            let item = judgment.item as usize;
            is_planned[item] = true;
            if counts[item] {
                let not_run = |cell: &&Cell| cell.missing == Some(MissingReason::NotRun);
                each += self.cells_of(judgment).iter().filter(not_run).count();
            }
        }
        let count = |marks: &[bool]| {
            let both = marks.iter().zip(&counts);
            both.filter(|(mark, counts)| **mark && **counts).count()
        };
        let of = count(&is_planned);
        NotAsked {
            items: of - count(&self.items_begun()),
            of,
            each,
        }
    }

    /// Of each item whether anything of it was asked.
    pub fn items_begun(&self) -> Vec<bool> {
        let mut is_begun = vec![false; self.items.len()];
        for judgment in &self.judgments {
            is_begun[judgment.item as usize] |= self.is_begun_by(judgment);
        }
        is_begun
    }

    /// Whether a judgment shows that its item was begun.
    pub fn is_begun_by(&self, judgment: &Judgment) -> bool {
        let was_asked = |cell: &Cell| cell.missing != Some(MissingReason::NotRun);
        !self.items[judgment.item as usize].not_begun
            && self.cells_of(judgment).iter().any(was_asked)
    }

    /// The phrasings of its items, in the order in which they first appear.
    pub fn variants(&self) -> Vec<Arc<str>> {
        distinct(self.items.iter().filter_map(|item| item.variant.as_ref()))
    }

    /// The judgments of one phrasing (of none, the items without one), its items called as
    /// those of the other phrasings: by id without the phrasing.
    #[must_use]
    pub fn of_variant(&self, variant: Option<&str>) -> Self {
        let mut of = self.in_variant(variant);
        for item in &mut of.items {
            *item = item.clone().called(item.id_without_variant());
        }
        of
    }

    /// The judgments of one phrasing (of none, the items without one).
    #[must_use]
    pub fn in_variant(&self, variant: Option<&str>) -> Self {
        self.with_items(|_, item| item.variant.as_deref() == variant)
    }

    /// Some of the items, by number, and their judgments.
    fn with_items(&self, is_kept: impl Fn(usize, &Item) -> bool) -> Self {
        let mut of = Self {
            orders_unknown: self.orders_unknown,
            dimensions: self.dimensions.clone(),
            covariates: self.covariates.clone(),
            contests: self.contests.clone(),
            criteria: self.criteria.clone(),
            simulated: self.simulated.clone(),
            styles: self.styles.iter().map(Style::without_numbers).collect(),
            ..Self::default()
        };
        let mut numbers = vec![None; self.items.len()];
        for (number, item) in self.items.iter().enumerate() {
            if is_kept(number, item) {
                numbers[number] = Some(of.items.len() as u32);
                of.items.push(item.clone());
            }
        }
        for (place, judgment) in self.judgments.iter().enumerate() {
            let Some(item) = numbers[judgment.item as usize] else {
                continue;
            };
            let first = judgment.first_cell as usize;
            let cells = first..first + usize::from(judgment.cell_count);
            of.judgments.push(Judgment {
                item,
                first_cell: of.cells.len() as u32,
                ..*judgment
            });
            of.cells.extend_from_slice(&self.cells[cells.clone()]);
            let scores = self.scores.get(cells).unwrap_or_default();
            of.scores.extend_from_slice(scores);
            of.calls.extend(self.calls.get(place));
            for (of, style) in of.styles.iter_mut().zip(&self.styles) {
                of.numbers.push(style.numbers[place]);
            }
        }
        of
    }

    /// What a judgment has of a covariate: a number of its own, or the value of its
    /// question.
    pub fn covariate(&self, judgment: usize, covariate: usize) -> Option<Cow<'_, str>> {
        if let Some(style) = self.style(covariate) {
            let number = style.numbers[judgment];
            return (!number.is_nan()).then(|| Cow::Owned(number.to_string()));
        }
        let item = &self.items[self.judgments[judgment].item as usize];
        let value = item.question.covariates.get(covariate)?.as_deref();
        value.map(Cow::Borrowed)
    }

    /// A covariate as a number of each judgment, where it differs within items.
    pub fn style(&self, covariate: usize) -> Option<&Style> {
        self.styles
            .iter()
            .find(|style| style.covariate == covariate)
    }

    /// The cells of a judgment.
    pub fn cells_of(&self, judgment: &Judgment) -> &[Cell] {
        let first = judgment.first_cell as usize;
        &self.cells[first..first + usize::from(judgment.cell_count)]
    }

    /// The score in [0, 1] of the cell at `index` of [`Self::cells`]: the graded
    /// score where there is one, else 1, ½ or 0; `None` where it is missing.
    pub fn score(&self, index: usize) -> Option<f64> {
        let cell = self.cells.get(index)?;
        if cell.outcome == Outcome::Missing {
            return None;
        }
        match self.scores.get(index) {
            Some(score) if !score.is_nan() => Some(*score),
            _ => Some(match cell.outcome {
                Outcome::Win => 1.0,
                Outcome::Tie => 0.5,
                Outcome::Loss | Outcome::Missing => 0.0,
            }),
        }
    }
}
