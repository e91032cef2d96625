//! What can be labelled of an import: the answers that its source's records hold.
//!
//! The records are read twice, once for which answers there are and once for those
//! that were drawn, so that not all texts are in memory.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use super::{Comparison, Criterion, Frame, Texts};
use crate::import::csv::Mapping;
use crate::import::folder::{self, FolderError, Stored};
use crate::import::texts::{Shown, Side, shown};
use crate::import::{Format, places_of_file};
use crate::rubric::Labels;
use crate::verdict::table::VerdictTable;

/// An import whose answers are read when it is known which.
pub struct Imported {
    folder: PathBuf,
    format: Format,
    /// What the columns of a CSV were said to be.
    mapping: Mapping,
    /// What may stand after a model's name in each file, where others have it too.
    places: Vec<[String; 3]>,
}

/// What a set of answers of an item holds; `T` is what is kept of a text.
struct Answers<T> {
    question: Option<String>,
    /// Whose each is, and of which draw, where the source knows that.
    sides: Vec<(Side, Option<u16>, T)>,
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
            mapping: Mapping::of_settings(&stored.settings),
            places: files
                .map(|file| places_of_file(Path::new(&file.file)))
                .collect(),
        };
        let hash = |text: String| {
            let mut hasher = DefaultHasher::new();
            text.trim().hash(&mut hasher);
            hasher.finish()
        };
        let answers = imported.answers(|_| true, hash)?;
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
        let (mut without, mut unclear) = (0, 0);
        for comparison in comparisons(table, stored) {
            let of_item = answers.get(&comparison.item);
            let texts = of_item.map(|of_item| of_sides(of_item, &comparison));
            match texts {
                Some(texts) if texts.iter().all(|texts| !texts.is_empty()) => {
                    if texts
                        .iter()
                        .all(|texts| texts.iter().all(|text| *text == texts[0]))
                    {
                        frame.comparisons.push(comparison);
                    } else {
                        unclear += 1;
                    }
                }
                _ => without += 1,
            }
        }
        for (reason, count) in [
            ("the source's records do not hold both answers", without),
            (
                "the source's records hold different answers of one model, and do not tell which was compared",
                unclear,
            ),
        ] {
            if count > 0 {
                frame.left_out.push((reason.to_owned(), count));
            }
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
            let first = |texts: Vec<&String>| texts.first().copied().cloned().unwrap_or_default();
            let [candidate, opponent] = of_sides(of_item, comparison).map(first);
            let shown = Texts {
                question: of_item.question.clone().unwrap_or_default(),
                candidate,
                opponent,
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
            for mut one in shown(self.format, &self.mapping, kept.item.as_deref(), &kept.raw) {
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
                            of_item.sides.push((other, one.sample, keep(text.clone())));
                        }
                    }
                    of_item.sides.push((side, one.sample, keep(text)));
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

/// The answers that may be those of a comparison's candidate and opponent: by the model's
/// name, or else by its role.
fn of_sides<'a, T>(answers: &'a Answers<T>, comparison: &Comparison) -> [Vec<&'a T>; 2] {
    let of = |wanted: &Side| -> Vec<&'a T> {
        let is_of_draw = |draw: &Option<u16>| draw.is_none_or(|draw| draw == comparison.sample);
        let sides = answers.sides.iter();
        sides
            .filter(|(side, draw, _)| side == wanted && is_of_draw(draw))
            .map(|(.., text)| text)
            .collect()
    };
    [
        (&comparison.candidate, Side::Candidate),
        (&comparison.opponent, Side::Opponent),
    ]
    .map(|(name, role)| {
        let named = of(&Side::Model(name.clone()));
        if named.is_empty() { of(&role) } else { named }
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Options, folder::Draft, import};

    /// The comparisons of a CSV with the texts that are shown of each, and what is left out.
    fn told(columns: &[(&str, &str)], csv: &str) -> (Vec<[String; 4]>, Vec<(String, u64)>) {
        let dir = tempfile::tempdir().unwrap();
        let (path, results) = (dir.path().join("g.csv"), dir.path().join("r"));
        std::fs::write(&path, csv).unwrap();
        let columns = columns.iter();
        let options = Options {
            columns: Mapping {
                columns: columns
                    .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                    .collect(),
                ..Mapping::default()
            },
            ..Options::default()
        };
        let mut draft = Draft::begin(&results).unwrap();
        let made = import(&[path], &options, &mut |frame| draft.keep(frame)).unwrap();
        let stored = Stored::new(&made, "r", &options);
        draft.finish(&made, &stored).unwrap();
        let (frame, imported) = Imported::frame(&results, &stored, &made.table).unwrap();
        let all: HashSet<usize> = (0..frame.comparisons.len()).collect();
        let texts = imported.texts(&frame, &all).unwrap();
        let shown = frame
            .comparisons
            .iter()
            .enumerate()
            .map(|(index, comparison)| {
                let texts = &texts[&index];
                [
                    comparison.candidate.clone(),
                    comparison.opponent.clone(),
                    texts.candidate.clone(),
                    texts.opponent.clone(),
                ]
            });
        (shown.collect(), frame.left_out)
    }

    #[test]
    fn an_item_with_several_pairs_and_draws_shows_each_model_its_own_answer() {
        let csv = "question,left,right,sample,reply,opponent_text,winner
q,a,b,1,a1,b1,left
q,c,b,1,c1,b1,left
q,b,a,2,b2,a2,left
";
        let (shown, left_out) = told(&[("candidate_text", "reply")], csv);
        assert_eq!(
            shown,
            [
                ["a", "b", "a1", "b1"],
                ["c", "b", "c1", "b1"],
                ["b", "a", "b2", "a2"]
            ]
        );
        assert!(left_out.is_empty(), "{left_out:?}");
    }

    #[test]
    fn a_comparison_of_a_model_with_different_answers_is_left_out() {
        let csv = "question,left,right,candidate_text,opponent_text,winner
q,a,b,a1,b1,left
q,a,c,a2,c1,left
q,b,c,b1 ,c1,left
";
        let (shown, left_out) = told(&[], csv);
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert_eq!(shown[0][..2], ["b", "c"]);
        assert!(left_out[0].0.contains("different answers of one model"));
        assert_eq!(left_out[0].1, 2);
    }
}
