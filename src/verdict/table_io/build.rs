//! Rows into a [`VerdictTable`]: names are kept once, rows of one judgment
//! become its cells, and what cannot hold between rows is said.

mod items;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::Format;
use super::columns::{
    CALL, CANDIDATE, CANDIDATE_CHARS, CRITERION, Columns, JUDGE, MISSING_REASON, NAMES, OPPONENT,
    OPPONENT_CHARS, ORDER, OUTCOME, REPEAT, ROLES, RUBRIC, SAMPLE, SCORE, SIMULATED,
};
use super::fault::Fault;
use super::joined::joined;
use super::source::{Problems, Row};
use super::styles;
use super::value::{self, Verdict};
use crate::input::source::shown;
use crate::problem::Problem;
use crate::text::cell;
use crate::verdict::Order;
use crate::verdict::labels::WEIGHT;
use crate::verdict::styles::finish;
use crate::verdict::table::{
    Cell, Contest, ItemPersona, ItemQuestion, Judgment, Names, Shared, VerdictTable,
};

/// Everything that tells one row from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RowKey(u128);

impl RowKey {
    fn new(contest: u32, judgment: &Judgment, criterion: u16, order: Order) -> Self {
        let mut key = u128::from(judgment.item);
        key = (key << 32) | u128::from(contest);
        key = (key << 16) | u128::from(judgment.sample);
        key = (key << 1) | u128::from(order == Order::OpponentFirst);
        key = (key << 16) | u128::from(judgment.repeat);
        Self((key << 16) | u128::from(criterion))
    }
}

/// A contest as indices of names, to find it without making texts.
type ContestKey = [u32; 4];

/// Collects rows into a table.
#[derive(Default)]
pub(super) struct Builder {
    table: VerdictTable,
    /// Cells hold escapes.
    escaped: bool,
    /// Whether the row before was taken.
    taken: bool,
    names: Names,
    personas: Shared<ItemPersona>,
    questions: Shared<ItemQuestion>,
    items: HashMap<Arc<str>, u32>,
    /// The item of the row before, which this row most often shares.
    last_item: Option<u32>,
    /// Buffer for an id made of persona and question.
    id: String,
    words: Words,
    contests: HashMap<ContestKey, u32>,
    last_contest: Option<(ContestKey, u32)>,
    /// The contest under which rows of a contest are told apart, and whether it is
    /// the same seen from the other side.
    canonical: Vec<(u32, bool)>,
    criteria: HashMap<u32, u16>,
    keys: Vec<RowKey>,
    lines: Vec<u32>,
    /// First line with an order, and first without.
    ordered: Option<usize>,
    unordered: Option<usize>,
}

/// Names of models, judges, rubrics and criteria by number.
#[derive(Default)]
struct Words {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    /// The last number in each of a few columns.
    last: [Option<u32>; 5],
}

impl Words {
    fn number(&mut self, column: usize, text: &str) -> u32 {
        if let Some(last) = self.last[column]
            && &*self.texts[last as usize] == text
        {
            return last;
        }
        let number = if let Some(&number) = self.numbers.get(text) {
            number
        } else {
            let number = self.texts.len() as u32;
            let text: Arc<str> = Arc::from(text);
            self.texts.push(Arc::clone(&text));
            self.numbers.insert(text, number);
            number
        };
        self.last[column] = Some(number);
        number
    }
}

impl Builder {
    pub(super) fn new(format: Format) -> Self {
        Self {
            escaped: format == Format::Csv,
            ..Self::default()
        }
    }

    /// Adds a row, or says what is wrong with it.
    pub(super) fn take(&mut self, row: &Row<'_>, columns: &Columns) -> Result<(), Fault> {
        // What was found for the row before holds only if that row was taken.
        let follows = std::mem::replace(&mut self.taken, false);
        let item = match self.last_item {
            Some(last) if follows && row.repeats(&columns.of_item) => last,
            _ => self.item(row, columns)?,
        };
        let contest = match self.last_contest {
            Some((_, last)) if follows && row.repeats(&columns.of_contest) => last,
            _ => self.contest(row, columns)?,
        };
        let criterion = self.criterion(row, columns)?;
        let styles = styles::numbers(&self.table, row, columns, |raw| self.text(raw))?;
        let judgment = self.judgment(row, columns, item, contest)?;
        let verdict = value::verdict(
            row.at(columns.slot(OUTCOME)),
            row.at(columns.slot(SCORE)),
            row.at(columns.slot(MISSING_REASON)),
        )?;
        let call = value::call(row.at(columns.slot(CALL)))?;
        if let Some(slot) = columns.weight() {
            let found = value::weight(&self.text(row.at(Some(slot))), slot);
            found.map_err(|fault| Fault {
                field: Some(columns.called(WEIGHT)),
                ..fault
            })?;
        }
        self.push(judgment, &styles, call, criterion, verdict, row.line);
        self.taken = true;
        Ok(())
    }

    fn text<'a>(&self, raw: &'a str) -> Cow<'a, str> {
        decoded(raw, self.escaped)
    }

    fn required<'a>(
        &self,
        row: &'a Row<'_>,
        columns: &Columns,
        column: usize,
    ) -> Result<Cow<'a, str>, Fault> {
        match row.at(columns.slot(column)) {
            "" => Err(Fault::at(column, "the row has none, and it is required")),
            raw => Ok(self.text(raw)),
        }
    }

    fn contest(&mut self, row: &Row<'_>, columns: &Columns) -> Result<u32, Fault> {
        let mut key: ContestKey = [0; 4];
        for (place, (column, default)) in [
            (CANDIDATE, ""),
            (OPPONENT, ""),
            (JUDGE, if columns.is_labels() { "" } else { "judge" }),
            (RUBRIC, "unknown"),
        ]
        .into_iter()
        .enumerate()
        {
            let raw = row.at(columns.slot(column));
            let text = match raw {
                "" if default.is_empty() => self.required(row, columns, column)?,
                "" => Cow::Borrowed(default),
                raw => self.text(raw),
            };
            key[place] = self.words.number(place, &text);
        }
        if key[0] == key[1] {
            let name = shown(&self.words.texts[key[0] as usize]);
            let message = format!(
                "`{name}` is the candidate too, and a row compares two models; leave such rows out"
            );
            return Err(Fault::at(OPPONENT, message));
        }
        self.simulated(&self.text(row.at(columns.slot(SIMULATED))), key)?;
        if let Some((last, index)) = self.last_contest
            && last == key
        {
            return Ok(index);
        }
        let index = match self.contests.get(&key) {
            Some(&index) => index,
            None => self.add_contest(key),
        };
        self.last_contest = Some((key, index));
        Ok(index)
    }

    /// Notes which of a contest's names are simulated.
    fn simulated(&mut self, roles: &str, key: ContestKey) -> Result<(), Fault> {
        for role in roles.split_whitespace() {
            let Some(place) = ROLES.iter().position(|known| *known == role) else {
                let message = format!(
                    "`{}` is not known; expected some of {}",
                    shown(role),
                    ROLES.join(", ")
                );
                return Err(Fault::at(SIMULATED, message));
            };
            let name = &*self.words.texts[key[place] as usize];
            if !self.table.simulated.contains(name) {
                self.table.simulated.insert(name.to_owned());
            }
        }
        Ok(())
    }

    fn add_contest(&mut self, key: ContestKey) -> u32 {
        let index = self.table.contests.len() as u32;
        let text = |number: u32| self.words.texts[number as usize].to_string();
        let [candidate, opponent, judge, rubric] = key.map(text);
        self.table.contests.push(Contest {
            candidate,
            opponent,
            judge,
            rubric,
        });
        self.contests.insert(key, index);
        let [candidate, opponent, judge, rubric] = key;
        let other_side = self.contests.get(&[opponent, candidate, judge, rubric]);
        self.canonical.push(match other_side {
            Some(&other) if other != index => (other, true),
            _ => (index, false),
        });
        index
    }

    fn criterion(&mut self, row: &Row<'_>, columns: &Columns) -> Result<u16, Fault> {
        let text = self.required(row, columns, CRITERION)?;
        let word = self.words.number(4, &text);
        if let Some(&index) = self.criteria.get(&word) {
            return Ok(index);
        }
        let Ok(index) = u16::try_from(self.table.criteria.len()) else {
            return Err(Fault::at(
                CRITERION,
                "a table holds at most 65,536 criteria",
            ));
        };
        self.table.criteria.push(text.into_owned());
        self.criteria.insert(word, index);
        Ok(index)
    }

    fn judgment(
        &mut self,
        row: &Row<'_>,
        columns: &Columns,
        item: u32,
        contest: u32,
    ) -> Result<Judgment, Fault> {
        let at = |column| row.at(columns.slot(column));
        let order = value::order(at(ORDER))?;
        let seen = if order.is_some() {
            &mut self.ordered
        } else {
            &mut self.unordered
        };
        seen.get_or_insert(row.line);
        Ok(Judgment {
            item,
            contest,
            order: order.unwrap_or(Order::CandidateFirst),
            sample: value::counted(SAMPLE, at(SAMPLE))?,
            repeat: value::counted(REPEAT, at(REPEAT))?,
            candidate_chars: value::length(CANDIDATE_CHARS, at(CANDIDATE_CHARS))?.into(),
            opponent_chars: value::length(OPPONENT_CHARS, at(OPPONENT_CHARS))?.into(),
            first_cell: self.table.cells.len() as u32,
            cell_count: 0,
        })
    }

    fn push(
        &mut self,
        judgment: Judgment,
        styles: &[f64],
        call: Option<[u8; 32]>,
        criterion: u16,
        verdict: Verdict,
        line: usize,
    ) {
        let (canonical, mirrored) = self.canonical[judgment.contest as usize];
        let order = if mirrored {
            judgment.order.swapped()
        } else {
            judgment.order
        };
        self.keys
            .push(RowKey::new(canonical, &judgment, criterion, order));
        self.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        let continues = self.continues(&judgment, call, criterion);
        if !(continues && styles::continue_last(&self.table, styles)) {
            let before = self.table.judgments.len();
            self.table.judgments.push(judgment);
            if let Some(call) = call {
                self.table.calls.resize(before, [0; 32]);
                self.table.calls.push(call);
            } else if !self.table.calls.is_empty() {
                self.table.calls.push([0; 32]);
            }
            for (style, number) in self.table.styles.iter_mut().zip(styles) {
                style.numbers.push(*number);
            }
        }
        if let Some(last) = self.table.judgments.last_mut() {
            last.cell_count += 1;
        }
        let before = self.table.cells.len();
        self.table.cells.push(Cell {
            criterion,
            outcome: verdict.outcome,
            missing: verdict.missing,
        });
        if let Some(score) = verdict.score {
            self.table.scores.resize(before, f64::NAN);
            self.table.scores.push(score);
        } else if !self.table.scores.is_empty() {
            self.table.scores.push(f64::NAN);
        }
    }

    /// Whether a row gives a further criterion of the last judgment.
    fn continues(&self, judgment: &Judgment, call: Option<[u8; 32]>, criterion: u16) -> bool {
        let Some(last) = self.table.judgments.last() else {
            return false;
        };
        let place = Judgment {
            first_cell: last.first_cell,
            cell_count: last.cell_count,
            ..*judgment
        };
        let last_call = self.table.calls.last().copied().unwrap_or_default();
        place == *last
            && last.cell_count < u16::MAX
            && last_call == call.unwrap_or_default()
            && self
                .table
                .cells_of(last)
                .iter()
                .all(|cell| cell.criterion != criterion)
    }

    /// The table of all rows taken, and what is wrong between rows.
    pub(super) fn finish(mut self, columns: &Columns, problems: &mut Problems<'_>) -> VerdictTable {
        self.add_duplicates(problems);
        if let (Some(line), Some(ordered)) = (self.unordered, self.ordered) {
            problems.add(|file| {
                let message = format!("the row has no order, but line {ordered} has one");
                Problem::error(file, message)
                    .line(line)
                    .field(NAMES[ORDER])
                    .help("give an order in every row, or in none")
            });
        }
        let mut table = std::mem::take(&mut self.table);
        table.orders_unknown = self.ordered.is_none() && !table.judgments.is_empty();
        table.dimensions = columns
            .groups
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        table.covariates = columns
            .covariates
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        // A JSON Lines file may name a dimension only after the first items.
        for item in &mut table.items {
            if let Some(levels) = padded(&item.persona.levels, table.dimensions.len()) {
                let persona = ItemPersona::clone(&item.persona);
                item.persona = self.personas.one(ItemPersona { levels, ..persona });
            }
            if let Some(covariates) = padded(&item.question.covariates, table.covariates.len()) {
                let question = ItemQuestion::clone(&item.question);
                item.question = self.questions.one(ItemQuestion {
                    covariates,
                    ..question
                });
            }
        }
        finish(&mut table, &mut self.questions);
        joined(table, &self.canonical)
    }

    /// Says which rows repeat an earlier one.
    fn add_duplicates(&self, problems: &mut Problems<'_>) {
        if self.keys.is_sorted_by(|a, b| a < b) {
            return;
        }
        let mut rows: Vec<(RowKey, u32)> = self
            .keys
            .iter()
            .copied()
            .zip(self.lines.iter().copied())
            .collect();
        rows.sort_unstable();
        let mut repeated: Vec<(u32, u32)> = rows
            .chunk_by(|a, b| a.0 == b.0)
            .flat_map(|same| same[1..].iter().map(|(_, line)| (*line, same[0].1)))
            .collect();
        repeated.sort_unstable();
        for (line, first) in repeated {
            problems.add(|file| {
                let message =
                    format!("the row is for the same judgment and criterion as line {first}");
                Problem::error(file, message).line(line as usize).help(
                    "tell rows apart by judge, rubric, order, sample or repeat, or leave one out",
                )
            });
        }
    }
}

/// The text of a field, whose escapes are undone where cells hold them.
fn decoded(raw: &str, escaped: bool) -> Cow<'_, str> {
    if escaped {
        cell::decode(raw)
    } else {
        Cow::Borrowed(raw)
    }
}

/// A row of values made as long as wanted; `None` where it is already.
fn padded(values: &[Option<Arc<str>>], wanted: usize) -> Option<Arc<[Option<Arc<str>>]>> {
    let with_nothing = values.iter().cloned().chain(std::iter::repeat(None));
    (values.len() < wanted).then(|| with_nothing.take(wanted).collect())
}
