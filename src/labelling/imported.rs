//! What can be labelled of an import: the answers that its source's records hold.
//!
//! The records are read twice, once for which answers there are and once for those
//! that were drawn, so that not all texts are in memory.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::{Comparison, Criterion, Frame, Texts};
use crate::import::folder::{self, FolderError, Stored};
use crate::import::texts::{Shown, Side, shown};
use crate::import::{Format, places_of_file};
use crate::rubric::Labels;
use crate::verdict::table::VerdictTable;

/// An import whose answers are read when it is known which.
pub struct Imported {
    folder: PathBuf,
    format: Format,
    /// What may stand after a model's name in each file, where others have it too.
    places: Vec<[String; 3]>,
}

/// What a set of answers of an item holds; `T` is what is kept of a text.
struct Answers<T> {
    question: Option<String>,
    sides: Vec<(Side, T)>,
}

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Self {
            question: None,
            sides: Vec::new(),
        }
    }
}

impl Imported {
    /// The comparisons of an import whose two answers stand in its source's records.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn frame(
        folder: &Path,
        stored: &Stored,
        table: &VerdictTable,
    ) -> Result<(Frame, Self), FolderError> {
        let files = stored.files.iter();
        let imported = Self {
            folder: folder.to_owned(),
            format: stored.format,
            places: files
                .map(|file| places_of_file(Path::new(&file.file)))
                .collect(),
        };
        let answers = imported.answers(|_| true, |_| ())?;
        let mut dimensions = table.dimensions.clone();
        let of_personas = dimensions.len();
        dimensions.extend(["split".to_owned(), "topic".to_owned()]);
        let mut frame = Frame {
            dimensions,
            of_personas,
            criteria: criteria(table),
            labels: Labels::default(),
            judge_ties: true,
            comparisons: Vec::new(),
            left_out: Vec::new(),
        };
        let mut without = 0;
        for comparison in comparisons(table, stored) {
            let has = |name: &str, role: Side| {
                let of_item = answers.get(&comparison.item);
                of_item.is_some_and(|of_item| side(of_item, name, &role).is_some())
            };
            if has(&comparison.candidate, Side::Candidate)
                && has(&comparison.opponent, Side::Opponent)
            {
                frame.comparisons.push(comparison);
            } else {
                without += 1;
            }
        }
        if without > 0 {
            let reason = "the source's records do not hold both answers".to_owned();
            frame.left_out.push((reason, without));
        }
        Ok((frame, imported))
    }

    /// What is shown of these comparisons of the frame, by their index.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn texts(
        &self,
        frame: &Frame,
        wanted: &HashSet<usize>,
    ) -> Result<HashMap<usize, Texts>, FolderError> {
        let items: HashSet<&str> = wanted
            .iter()
            .map(|index| frame.comparisons[*index].item.as_str())
            .collect();
        let answers = self.answers(|item| items.contains(item), |text| text)?;
        let mut texts = HashMap::new();
        for index in wanted {
            let comparison = &frame.comparisons[*index];
            let Some(of_item) = answers.get(&comparison.item) else {
                continue;
            };
            let text = |name: &str, role| side(of_item, name, &role).cloned().unwrap_or_default();
            let shown = Texts {
                question: of_item.question.clone().unwrap_or_default(),
                candidate: text(&comparison.candidate, Side::Candidate),
                opponent: text(&comparison.opponent, Side::Opponent),
                ..Texts::default()
            };
            texts.insert(*index, shown);
        }
        Ok(texts)
    }

    /// The answers of items, put together from all records.
    fn answers<T>(
        &self,
        wanted: impl Fn(&str) -> bool,
        keep: impl Fn(String) -> T,
    ) -> Result<HashMap<String, Answers<T>>, FolderError> {
        let mut answers: HashMap<String, Answers<T>> = HashMap::new();
        let mut times: HashMap<(usize, String, Vec<Side>), usize> = HashMap::new();
        folder::each_record(&self.folder, |kept| {
            let places = self.places.get(kept.file).map_or(&[][..], |places| places);
            for mut one in shown(self.format, kept.item.as_deref(), &kept.raw) {
                self.rename(&mut one, kept.file, &mut times);
                if !wanted(&one.item) {
                    continue;
                }
                let of_item = answers.entry(one.item).or_default();
                if of_item.question.is_none() {
                    of_item.question = one.question;
                }
                for (side, text) in one.sides {
                    // A model that stands in two files goes by its place as well.
                    if let Side::Model(name) = &side
                        && self.format == Format::AlpacaEval
                    {
                        for place in places {
                            let other = Side::Model(format!("{name} ({place})"));
                            of_item.sides.push((other, keep(text.clone())));
                        }
                    }
                    of_item.sides.push((side, keep(text)));
                }
            }
        })?;
        Ok(answers)
    }

    /// An instruction that stands again in a file of `AlpacaEval` is an item of its own.
    fn rename(
        &self,
        one: &mut Shown,
        file: usize,
        times: &mut HashMap<(usize, String, Vec<Side>), usize>,
    ) {
        if self.format != Format::AlpacaEval {
            return;
        }
        let sides = one.sides.iter().map(|(side, _)| side.clone()).collect();
        let times = times.entry((file, one.item.clone(), sides)).or_default();
        *times += 1;
        if *times > 1 {
            one.item = format!("{}#{times}", one.item);
        }
    }
}

/// The answer of a model by its name, or by its role.
fn side<'a, T>(answers: &'a Answers<T>, name: &str, role: &Side) -> Option<&'a T> {
    let named = |side: &Side| matches!(side, Side::Model(model) if model == name);
    let find = |holds: &dyn Fn(&Side) -> bool| {
        let mut sides = answers.sides.iter();
        sides.find(|(side, _)| holds(side)).map(|(_, text)| text)
    };
    find(&named).or_else(|| find(&|side| side == role))
}

fn criteria(table: &VerdictTable) -> Vec<Criterion> {
    let criterion = |key: &String| Criterion {
        key: key.clone(),
        name: if table.criteria.len() == 1 {
            "Which answer is better?".to_owned()
        } else {
            format!("Which answer is better: {key}?")
        },
        guide: String::new(),
        needs_truth: false,
    };
    table.criteria.iter().map(criterion).collect()
}

/// What a table compares, each once.
fn comparisons(table: &VerdictTable, stored: &Stored) -> Vec<Comparison> {
    // Hashes of the files: a task alone does not tell them.
    let hashes = stored.files.iter().map(|file| file.blake3.as_str());
    let secret: String = hashes.collect();
    let mut places: HashMap<(u32, &str, &str, u16), usize> = HashMap::new();
    let mut found: Vec<Comparison> = Vec::new();
    for judgment in &table.judgments {
        let contest = &table.contests[judgment.contest as usize];
        let (candidate, opponent) = (contest.candidate.as_str(), contest.opponent.as_str());
        let criteria = table
            .cells_of(judgment)
            .iter()
            .map(|cell| usize::from(cell.criterion));
        let known = places
            .get(&(judgment.item, candidate, opponent, judgment.sample))
            .or_else(|| places.get(&(judgment.item, opponent, candidate, judgment.sample)));
        if let Some(known) = known {
            for criterion in criteria {
                if !found[*known].criteria.contains(&criterion) {
                    found[*known].criteria.push(criterion);
                }
            }
            continue;
        }
        let item = &table.items[judgment.item as usize];
        let mut levels: Vec<Option<String>> = item
            .persona
            .levels
            .iter()
            .map(|level| level.as_deref().map(str::to_owned))
            .collect();
        levels.extend([
            item.persona.split.as_deref().map(str::to_owned),
            item.question.topic.as_deref().map(str::to_owned),
        ]);
        places.insert(
            (judgment.item, candidate, opponent, judgment.sample),
            found.len(),
        );
        found.push(Comparison {
            item: item.id().into_owned(),
            persona: item.persona.id.to_string(),
            question: item.question.id.to_string(),
            sample: judgment.sample,
            candidate: candidate.to_owned(),
            opponent: opponent.to_owned(),
            levels,
            criteria: criteria.collect(),
            secret: secret.clone(),
        });
    }
    found
}
