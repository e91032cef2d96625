//! The key of a labelling task: which task is about what, and which answer stood left.
//!
//! A CSV with a row a task and criterion, kept apart from the tasks. Invariant: a key
//! that is written and read again is the same key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::packed;
use super::source::{line_of_row, wrong_quote};
use crate::input::quotes;
use crate::problem::Problem;
use crate::text::cell;
use crate::verdict::Order;

/// The folder of keys in a results folder.
pub const FOLDER: &str = "labelling";

/// What a key's file name ends with.
pub const SUFFIX: &str = ".key.csv";

const COLUMNS: [&str; 11] = [
    "task",
    "annotator",
    "item",
    "persona",
    "question",
    "candidate",
    "opponent",
    "sample",
    "left",
    "criterion",
    "control",
];

/// Columns that a key may lack: the comparisons of the task's subgroup that could have been
/// drawn, and those that were.
const OF_SUBGROUP: [&str; 2] = ["subgroup_size", "subgroup_drawn"];

/// Fields of a task's data.
pub mod field {
    /// Opaque id, by which the key is asked.
    pub const TASK: &str = "oyer_task";
    /// Who speaks.
    pub const PERSONA: &str = "persona";
    /// What was asked.
    pub const QUESTION: &str = "question";
    /// What the persona's group holds.
    pub const TRUTH: &str = "truth";
    /// The answer on the left.
    pub const LEFT: &str = "left";
    /// The answer on the right.
    pub const RIGHT: &str = "right";
}

/// What a task is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number of the annotator that it was made for, from 1.
    pub annotator: u32,
    /// Item, as the results call it.
    pub item: String,
    /// Its persona; empty where there is none.
    pub persona: String,
    /// Its question.
    pub question: String,
    /// Whose win rate it is.
    pub candidate: String,
    /// Whom it is compared with.
    pub opponent: String,
    /// From 1.
    pub sample: u16,
    /// Which answer stood left, that is first.
    pub order: Order,
    /// The comparisons of its subgroup, and those of them that were drawn, where that is
    /// known.
    pub subgroup: Option<Subgroup>,
    /// The criterion of each control.
    pub criteria: BTreeMap<String, String>,
}

/// The subgroup that a task was drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subgroup {
    /// Comparisons that could have been drawn.
    pub size: u32,
    /// Comparisons that were drawn.
    pub drawn: u32,
}

impl Subgroup {
    /// How many comparisons each that was drawn stands for.
    pub fn weight(self) -> f64 {
        f64::from(self.size) / f64::from(self.drawn)
    }
}

/// All tasks by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Key {
    /// Entries by task.
    pub tasks: BTreeMap<String, Entry>,
}

impl Key {
    /// As a CSV.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut row = |cells: &[&str]| {
            for (place, text) in cells.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                cell::encode(text, &mut out);
            }
            out.push(b'\n');
        };
        let header: Vec<&str> = COLUMNS.iter().chain(&OF_SUBGROUP).copied().collect();
        row(&header);
        for (task, entry) in &self.tasks {
            let (annotator, sample) = (entry.annotator.to_string(), entry.sample.to_string());
            let left = match entry.order {
                Order::CandidateFirst => "candidate",
                Order::OpponentFirst => "opponent",
            };
            let of_subgroup = |count: fn(Subgroup) -> u32| {
                let count = entry.subgroup.map(count);
                count.map_or_else(String::new, |count| count.to_string())
            };
            let size = of_subgroup(|subgroup| subgroup.size);
            let drawn = of_subgroup(|subgroup| subgroup.drawn);
            for (control, criterion) in &entry.criteria {
                row(&[
                    task,
                    &annotator,
                    &entry.item,
                    &entry.persona,
                    &entry.question,
                    &entry.candidate,
                    &entry.opponent,
                    &sample,
                    left,
                    criterion,
                    control,
                    &size,
                    &drawn,
                ]);
            }
        }
        out
    }

    /// Reads keys; those of several files are put together.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them, with line and column.
    pub fn read(paths: &[PathBuf]) -> Result<Self, Vec<Problem>> {
        let mut key = Self::default();
        let mut problems = Vec::new();
        for path in paths {
            match packed::read(path) {
                Ok(bytes) => key.add(path, &bytes, &mut problems),
                Err(problem) => problems.push(*problem),
            }
        }
        if problems.is_empty() {
            Ok(key)
        } else {
            Err(problems)
        }
    }

    /// Adds the rows of one file.
    fn add(&mut self, path: &Path, bytes: &[u8], problems: &mut Vec<Problem>) {
        const MOST: usize = 50;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if let Some((line, column, message)) = wrong_quote(bytes) {
            let problem = Problem::error(path, message).line(line).column(column);
            problems.push(problem.help(quotes::HELP));
            return;
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                problems.push(not_a_key(path, &error.to_string()));
                return;
            }
        };
        let place = |name: &str| header.iter().position(|column| column.trim() == name);
        let mut places = [0; COLUMNS.len()];
        for (at, name) in places.iter_mut().zip(COLUMNS) {
            let Some(found) = place(name) else {
                problems.push(not_a_key(path, &format!("it has no column `{name}`")));
                return;
            };
            *at = found;
        }
        let of_subgroup = OF_SUBGROUP.map(place);
        let mut rows = 0;
        for record in reader.records() {
            rows += 1;
            let added = match record {
                Ok(record) => {
                    let start = record.position().map_or(0, csv::Position::byte) as usize;
                    let line = line_of_row(bytes, start);
                    let cells = places.map(|at| cell::decode(record.get(at).unwrap_or_default()));
                    let of_subgroup =
                        of_subgroup.map(|at| at.and_then(|at| record.get(at)).unwrap_or_default());
                    let subgroup = subgroup(of_subgroup);
                    let added = subgroup.and_then(|subgroup| {
                        self.add_row(&cells.each_ref().map(|cell| &**cell), subgroup)
                    });
                    added.map_err(|(field, message)| {
                        Problem::error(path, message).line(line).field(field)
                    })
                }
                Err(error) => Err(Problem::error(
                    path,
                    format!("the row cannot be read: {error}"),
                )),
            };
            if let Err(problem) = added {
                problems.push(problem);
                if problems.len() >= MOST {
                    return;
                }
            }
        }
        if rows == 0 {
            problems.push(not_a_key(path, "it has no rows"));
        }
    }

    fn add_row(
        &mut self,
        cells: &[&str; COLUMNS.len()],
        subgroup: Option<Subgroup>,
    ) -> Result<(), (&'static str, String)> {
        let [
            task,
            annotator,
            item,
            persona,
            question,
            candidate,
            opponent,
            sample,
            left,
            criterion,
            control,
        ] = *cells;
        for (name, text) in [
            ("task", task),
            ("item", item),
            ("candidate", candidate),
            ("opponent", opponent),
            ("criterion", criterion),
            ("control", control),
        ] {
            if text.is_empty() {
                return Err((name, "the cell is empty".to_owned()));
            }
        }
        if candidate == opponent {
            let message = format!("found `{opponent}`, which is the candidate too");
            return Err(("opponent", message));
        }
        let number = |name, text: &str| match text.parse::<u16>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err((name, format!("found `{text}`, expected a number from 1"))),
        };
        let order = match left {
            "candidate" => Order::CandidateFirst,
            "opponent" => Order::OpponentFirst,
            other => {
                let message = format!("found `{other}`, expected candidate or opponent");
                return Err(("left", message));
            }
        };
        let new = Entry {
            annotator: u32::from(number("annotator", annotator)?),
            item: item.to_owned(),
            persona: persona.to_owned(),
            question: question.to_owned(),
            candidate: candidate.to_owned(),
            opponent: opponent.to_owned(),
            sample: number("sample", sample)?,
            order,
            subgroup,
            criteria: BTreeMap::new(),
        };
        let known = self
            .tasks
            .entry(task.to_owned())
            .or_insert_with(|| new.clone());
        // A task of two draws of one seed counts by the larger, which has the smaller in it.
        known.subgroup = larger(known.subgroup, new.subgroup);
        let same = Entry {
            criteria: known.criteria.clone(),
            subgroup: known.subgroup,
            ..new
        };
        if *known != same {
            let message = format!("the task `{task}` was told otherwise before");
            return Err(("task", message));
        }
        let before = known
            .criteria
            .insert(control.to_owned(), criterion.to_owned());
        match before {
            Some(before) if before != criterion => Err((
                "control",
                format!("`{control}` of the task `{task}` was `{before}` before"),
            )),
            _ => Ok(()),
        }
    }
}

fn larger(a: Option<Subgroup>, b: Option<Subgroup>) -> Option<Subgroup> {
    [a, b].into_iter().flatten().max_by_key(|draw| draw.drawn)
}

/// The cells of a subgroup; `None` where both are empty.
fn subgroup([size, drawn]: [&str; 2]) -> Result<Option<Subgroup>, (&'static str, String)> {
    if size.is_empty() && drawn.is_empty() {
        return Ok(None);
    }
    let number = |name, text: &str| match text.parse::<u32>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err((name, format!("found `{text}`, expected a number from 1"))),
    };
    let [of_size, of_drawn] = OF_SUBGROUP;
    let (size, drawn) = (number(of_size, size)?, number(of_drawn, drawn)?);
    if drawn > size {
        let message = format!("{drawn} were drawn of {size}");
        return Err((of_drawn, message));
    }
    Ok(Some(Subgroup { size, drawn }))
}

fn not_a_key(path: &Path, what: &str) -> Problem {
    Problem::error(
        path,
        format!("the file is not the key of a labelling task: {what}"),
    )
    .help("give the .key.csv that `oyer export label-studio` wrote")
}

/// The keys in a results folder, by name; none where there are none.
pub fn keys_of(results: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(results.join(FOLDER)) else {
        return Vec::new();
    };
    let mut keys: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(SUFFIX) && !name.starts_with('.')
        })
        .collect();
    keys.sort();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(item: &str, order: Order) -> Entry {
        Entry {
            annotator: 2,
            item: item.to_owned(),
            persona: "=cmd".to_owned(),
            question: "q,\"1\"\n\u{1b}".to_owned(),
            candidate: "tuned".to_owned(),
            opponent: "base".to_owned(),
            sample: 3,
            order,
            subgroup: Some(Subgroup { size: 20, drawn: 3 }),
            criteria: [("c1", "overall"), ("c2", "two words")]
                .map(|(control, criterion)| (control.to_owned(), criterion.to_owned()))
                .into(),
        }
    }

    fn read(text: &[u8]) -> Result<Key, Vec<String>> {
        let mut key = Key::default();
        let mut problems = Vec::new();
        key.add(Path::new("k.key.csv"), text, &mut problems);
        if problems.is_empty() {
            Ok(key)
        } else {
            Err(problems.iter().map(ToString::to_string).collect())
        }
    }

    #[test]
    fn a_key_is_written_and_read_again() {
        let key = Key {
            tasks: [
                ("t1".to_owned(), entry("p/q", Order::CandidateFirst)),
                ("t2".to_owned(), entry("p/r", Order::OpponentFirst)),
            ]
            .into(),
        };
        let csv = key.to_csv();
        assert!(!csv.contains(&0x1b));
        assert_eq!(read(&csv).unwrap(), key);
        // A key that is given twice says the same twice.
        let mut twice = key.clone();
        let mut problems = Vec::new();
        twice.add(Path::new("k"), &csv, &mut problems);
        assert_eq!((twice, problems.len()), (key, 0));
    }

    #[test]
    fn a_task_of_two_draws_counts_by_the_larger() {
        let of = |subgroup| Key {
            tasks: [(
                "t1".to_owned(),
                Entry {
                    subgroup,
                    ..entry("p/q", Order::CandidateFirst)
                },
            )]
            .into(),
        };
        let draw = |drawn| Some(Subgroup { size: 20, drawn });
        for (first, second) in [(draw(3), draw(8)), (draw(8), draw(3)), (None, draw(8))] {
            let (mut key, mut problems) = (of(first), Vec::new());
            key.add(Path::new("k"), &of(second).to_csv(), &mut problems);
            assert_eq!((key.tasks["t1"].subgroup, problems.len()), (draw(8), 0));
        }
    }

    #[test]
    fn a_key_without_sizes_of_subgroups_is_read() {
        let header = COLUMNS.join(",");
        let row = "t1,1,p/q,p,q,a,b,1,candidate,overall,overall";
        let plain = read(format!("{header}\n{row}\n").as_bytes()).unwrap();
        assert_eq!(plain.tasks["t1"].subgroup, None);
        let sized = |cells: &str| {
            let header = format!("{header},subgroup_size,subgroup_drawn");
            read(format!("{header}\n{row},{cells}\n").as_bytes())
        };
        let subgroup = sized("20,8").unwrap().tasks["t1"].subgroup.unwrap();
        assert!((subgroup.weight() - 2.5).abs() < 1e-12);
        for wrong in ["20,0", "20,", "8,20", "x,2"] {
            let said = sized(wrong).unwrap_err().join("|");
            assert!(said.contains("subgroup_"), "{said}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_key_is_said_with_its_place() {
        let header = COLUMNS.join(",");
        let said = |rows: &str| {
            read(format!("{header}\n{rows}").as_bytes())
                .unwrap_err()
                .join("|")
        };
        let row = "t1,1,p/q,p,q,a,b,1,candidate,overall,overall\n";
        assert!(said("").contains("no rows"));
        let same = said(&row.replace(",a,b,", ",a,a,"));
        assert!(
            same.contains("k.key.csv:2") && same.contains("opponent") && same.contains("`a`"),
            "{same}"
        );
        let wrong = said(&row.replace(",candidate,", ",middle,"));
        assert!(
            wrong.contains("k.key.csv:2") && wrong.contains("left") && wrong.contains("`middle`"),
            "{wrong}"
        );
        assert!(said(&row.replace(",1,candidate", ",0,candidate")).contains("sample"));
        assert!(said(&row.replace("t1", "")).contains("empty"));
        let other = format!("{row}{}", row.replace(",candidate,", ",opponent,"));
        assert!(said(&other).contains("told otherwise before"));
        let other = format!("{row}{}", row.replace("overall,overall", "value,overall"));
        assert!(said(&other).contains("was `overall` before"));
        let open = format!("{header}\n{row}\"{row}").replace('\n', "\r");
        let open = read(open.as_bytes()).unwrap_err().join("|");
        assert!(
            open.contains("k.key.csv:3:1") && open.contains("never closed"),
            "{open}"
        );
        let lines = format!("{header}\n\n{}", row.replace("t1", "")).replace('\n', "\r");
        let lines = read(lines.as_bytes()).unwrap_err().join("|");
        assert!(lines.contains("k.key.csv:3"), "{lines}");
        let columns = read(b"a,b\n1,2\n").unwrap_err().join("|");
        assert!(columns.contains("no column `task`"), "{columns}");
        assert!(read(b"\xff\xfe").is_err());
    }
}
