//! Label Studio's exports: choices or pairwise tags of people.
//!
//! A JSON export is a list of tasks: `annotations` have `result`s, `choices` whose text
//! says left, right or tie (also A, B, 1, 2) or `pairwise` with `selected`. JSON-MIN is
//! a row an annotation, with the task's data and the labels side by side ([`min`]).
//! What a task is about is in its data ([`task`]), or, of a task that this program
//! wrote, in the key: its data holds an opaque id ([`own`]).
//!
//! Invariants: of a person's annotations of one task the last stands, be it empty; a
//! cancelled one says nothing; a choice of both sides is none.

mod annotation;
mod controls;
mod min;
mod own;
mod task;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::flags::of_words;
use super::kind::Kind;
use super::labelling_key::{Key, field};
use super::record::{Fault, Fields, Record};
use super::rows::{Asked, Row, Rows, Verdict};
use super::sheet::Sheet;
use super::tally::{Effect, WITH_ITSELF};
use super::words::Words;
use super::{Made, Part, Reader};
use crate::analysis::source_figures::{Figure, Pools, SourceFigures};
use crate::verdict::Choice;
use crate::verdict::labels::WEIGHT;
use annotation::{Annotation, Person};
use controls::Controls;
use task::Task;

const RUBRIC: &str = "label-studio";
/// What holds the annotations of a task.
const ANNOTATIONS: [&str; 2] = ["annotations", "completions"];

/// Why an estimate is not what the counts of sides are.
const WHY: [&str; 2] = [
    "The source counts on which side the better answer stood; an estimate is of one model's share of the labels, each turned to its side, a tie counted one half.",
    "The source gives no interval; an estimate's is over questions, and it is of the comparisons that this annotator labelled, unweighted.",
];

pub(super) struct LabelStudio<'o> {
    /// Of tasks that this program wrote; `None` where none was given.
    pub(super) key: Option<Key>,
    /// What choices say.
    pub(super) words: Words,
    /// The words that the user gave a meaning, as given.
    pub(super) values: &'o [(String, String)],
}

/// What a task is about.
enum About {
    /// A task of this program, by its opaque id.
    Own(String),
    /// Any other.
    Other(Box<Task>),
}

/// A task with what people said of it.
pub(super) struct Labelled {
    about: About,
    /// Label Studio's number of the task.
    number: String,
    /// The record that holds it.
    row: usize,
    annotations: Vec<Annotation>,
}

/// What a file holds.
#[derive(Default)]
pub(super) struct Export {
    tasks: Vec<Labelled>,
    /// Controls that say which side is better.
    taken: BTreeSet<String>,
    /// Of these, controls that say it by 1 and 2 alone.
    numbered: BTreeSet<String>,
    /// The others, with their words.
    others: BTreeMap<String, BTreeSet<String>>,
    /// Words that the user gave a meaning.
    met: BTreeSet<String>,
}

impl Reader for LabelStudio<'_> {
    type Part = Export;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> Export {
        if self.key.is_none()
            && let Some(own) = records.iter().find(|record| is_own(record))
        {
            let message = "the task was written by `oyer export label-studio`, and its key is needed to tell whose answer stood where: `oyer import` takes it with --key RESULTS/labelling/NAME.key.csv; `oyer agree` and `oyer report` find it in the results folder that the tasks were made of";
            sheet.fault(own, Fault::new(field::TASK, message));
            return Export::default();
        }
        let controls = match sheet.kind {
            Kind::LabelStudioMin => Controls::of_rows(records, &self.words),
            _ => Controls::of_tasks(records, &self.words),
        };
        let taken = controls.taken();
        let all = sheet.each(records, |sheet, record| {
            let fields = Fields::of_record(record)?;
            if sheet.kind == Kind::LabelStudioMin {
                self.min(&fields, &taken, &controls, sheet, record)
                    .map(Some)
            } else {
                self.task(&fields, &controls, sheet, record).map(Some)
            }
        });
        if let Some(first) = records.first()
            && !all.is_empty()
            && all
                .iter()
                .flat_map(|task| &task.annotations)
                .all(|annotation| annotation.said.is_empty())
        {
            let mut message =
                "no annotation of any task says left, right or tie (or A, B; 1, 2)".to_owned();
            if let Some(word) = sheet.found.words.first() {
                let words = sheet.found.words.join("`, `");
                message = format!(
                    "{message}, but `{words}`; `oyer import` takes --value '{word}=left' (or right, or tie) to say what a word means"
                );
            }
            sheet.fault(first, Fault::new("annotations", message));
        }
        Export {
            tasks: all,
            taken,
            numbered: controls.numbered(),
            met: controls.met(),
            others: controls.not_taken(),
        }
    }

    fn combine(&self, parts: Vec<Part<Export>>, made: &mut Made) {
        let names = own::Names::new(&parts, self.key.as_ref(), made);
        let standing = standing(&parts, &names, made);
        made.notes.extend(of_numbers(&parts));
        made.notes.extend(of_controls(&parts));
        let met = parts.iter().flat_map(|part| &part.given.met);
        let met: BTreeSet<String> = met.cloned().collect();
        let unmet = self
            .values
            .iter()
            .filter(|(word, _)| !met.contains(word.trim()));
        made.notes.extend(of_words(unmet, "choice"));
        let tags: BTreeSet<&str> = standing
            .iter()
            .filter(|one| matches!(one.labelled.about, About::Other(_)))
            .flat_map(|one| one.annotation.said.keys())
            .map(String::as_str)
            .collect();
        if standing.iter().any(|one| self.weight(one).is_some()) {
            made.labels = Rows::new(&[], &[WEIGHT]);
        }
        let mut by_person: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
        let mut begun = None;
        for one in &standing {
            if begun.replace(one.file) != Some(one.file) {
                made.begin(&parts[one.file].path);
            }
            let given: Vec<Choice> = match &one.labelled.about {
                About::Own(id) => {
                    let key = self.key.as_ref().and_then(|key| key.tasks.get(id));
                    key.map_or_else(Vec::new, |entry| {
                        own::push(one, entry, self.weight(one), made)
                    })
                }
                About::Other(task) => push(one, task, &tags, made),
            };
            for choice in given {
                let place = match choice {
                    Choice::First => 0,
                    Choice::Second => 1,
                    Choice::Tie => 2,
                };
                by_person.entry(&one.person).or_default()[place] += 1;
            }
        }
        for (annotator, counts) in by_person {
            made.figures.push(figures(annotator, counts));
        }
    }
}

impl LabelStudio<'_> {
    /// A task of the JSON export.
    fn task(
        &self,
        fields: &Fields<'_>,
        controls: &Controls<'_>,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
    ) -> Result<Labelled, Fault> {
        let data = fields.object(&["data"])?.unwrap_or_default();
        let about = self.about(&data, fields, sheet, record)?;
        let annotations = fields.list(&ANNOTATIONS)?.unwrap_or_default();
        if annotations.is_empty() {
            sheet.count(Effect::Skipped, annotation::NOBODY, record);
        }
        let mut read = Vec::new();
        for raw in annotations {
            read.extend(annotation::read(raw, controls, sheet, record)?);
        }
        Ok(Labelled {
            about,
            number: number(fields, record),
            row: record.row,
            annotations: read,
        })
    }

    /// A row of JSON-MIN.
    fn min(
        &self,
        fields: &Fields<'_>,
        taken: &BTreeSet<String>,
        controls: &Controls<'_>,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
    ) -> Result<Labelled, Fault> {
        let about = self.about(fields, fields, sheet, record)?;
        let entry = match &about {
            About::Own(id) => self.key.as_ref().and_then(|key| key.tasks.get(id)),
            About::Other(_) => None,
        };
        let own: BTreeSet<String> = entry
            .map(|entry| entry.criteria.keys().cloned().collect())
            .unwrap_or_default();
        let taken = if entry.is_some() { &own } else { taken };
        Ok(Labelled {
            about,
            number: number(fields, record),
            row: record.row,
            annotations: min::read(fields, taken, controls, sheet, record)?
                .into_iter()
                .collect(),
        })
    }

    /// How many comparisons a label stands for, where the key says so.
    fn weight(&self, one: &Standing<'_>) -> Option<f64> {
        let About::Own(id) = &one.labelled.about else {
            return None;
        };
        let entry = self.key.as_ref()?.tasks.get(id)?;
        Some(entry.subgroup?.weight())
    }

    fn about(
        &self,
        data: &Fields<'_>,
        fields: &Fields<'_>,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
    ) -> Result<About, Fault> {
        let Some(id) = data.text(&[field::TASK])? else {
            let task = task::task(data, fields)?;
            if task.order_assumed {
                let reason = "`candidate` without `order`: taken to have stood on the left";
                sheet.count(Effect::Kept, reason, record);
            }
            if !task.names_models {
                let reason = "a task that does not name both models: a side without one is compared as `left` or `right`";
                sheet.count(Effect::Kept, reason, record);
            }
            sheet.about(record, task.id());
            return Ok(About::Other(Box::new(task)));
        };
        match self.key.as_ref().and_then(|key| key.tasks.get(&*id)) {
            Some(entry) => sheet.about(record, &entry.item),
            None => sheet.count(Effect::Skipped, "a task that the key does not have", record),
        }
        Ok(About::Own(id.into_owned()))
    }
}

/// Whether a record is of a task that this program wrote.
fn is_own(record: &Record<'_>) -> bool {
    let Some(fields) = Fields::of(record.raw) else {
        return false;
    };
    let data = fields.object(&["data"]).ok().flatten();
    fields.has(field::TASK) || data.is_some_and(|data| data.has(field::TASK))
}

/// Label Studio's number of a task, or its place in the file.
fn number(fields: &Fields<'_>, record: &Record<'_>) -> String {
    let given = fields.text(&["id"]).ok().flatten();
    given.map_or_else(|| format!("record {}", record.row), String::from)
}

/// An annotation that counts.
struct Standing<'p> {
    file: usize,
    labelled: &'p Labelled,
    annotation: &'p Annotation,
    person: String,
    place: String,
}

/// Says which controls of tasks that are not this program's were taken, where not all
/// were, or where their words may mean something else.
fn of_controls(parts: &[Part<Export>]) -> impl Iterator<Item = String> {
    let is_other = |task: &Labelled| matches!(task.about, About::Other(_));
    let mut is_min = false;
    let (mut taken, mut numbered) = (BTreeSet::new(), BTreeSet::new());
    let mut others: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for part in (parts.iter()).filter(|part| part.given.tasks.iter().any(is_other)) {
        let export = &part.given;
        is_min |= part.kind == Kind::LabelStudioMin;
        taken.extend(export.taken.iter().cloned());
        numbered.extend(export.numbered.iter().cloned());
        for (control, words) in &export.others {
            let known = others.entry(control.clone()).or_default();
            known.extend(words.iter().cloned());
        }
    }
    let said = [
        controls::of_taken(&taken, &others, is_min),
        controls::of_numbered(&numbered),
    ];
    said.into_iter().flatten()
}

/// What is said where a number stands for a person in several files.
fn of_numbers(parts: &[Part<Export>]) -> Option<String> {
    let mut files: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (file, part) in parts.iter().enumerate() {
        let others = part
            .given
            .tasks
            .iter()
            .filter(|task| matches!(task.about, About::Other(_)));
        for annotation in others.flat_map(|task| &task.annotations) {
            if let Person::Numbered(number) = &annotation.person {
                files.entry(number).or_default().insert(file);
            }
        }
    }
    files.values().any(|files| files.len() > 1).then(|| {
        "annotators of whom only a number is known are taken to be the same person in all files; import the files of different installations apart".to_owned()
    })
}

/// The last annotation of each person and task, in the order of the files, where it says
/// anything.
fn standing<'p>(
    parts: &'p [Part<Export>],
    names: &own::Names,
    made: &mut Made,
) -> Vec<Standing<'p>> {
    type Task<'p> = (Option<usize>, &'p str, String);
    let mut all: Vec<Option<Standing<'p>>> = Vec::new();
    let mut last: HashMap<Task<'p>, usize> = HashMap::new();
    let mut unnamed: HashMap<(Option<usize>, &str), usize> = HashMap::new();
    for (number, part) in parts.iter().enumerate() {
        for labelled in &part.given.tasks {
            for annotation in &labelled.annotations {
                let mut new = Standing {
                    file: number,
                    labelled,
                    annotation,
                    person: names.of(number, labelled, annotation),
                    place: format!("{} (record {})", part.path.display(), labelled.row),
                };
                let (file, task) = match &labelled.about {
                    About::Own(id) => (None, id.as_str()),
                    About::Other(_) => (Some(number), labelled.number.as_str()),
                };
                if annotation.person == Person::Unknown {
                    if !annotation.said.is_empty() {
                        let reason = "an annotation that does not say whose it is";
                        made.tally.add(Effect::Kept, reason, || new.place.clone());
                        let before = unnamed.entry((file, task)).or_default();
                        *before += 1;
                        if *before > 1 {
                            new.person = format!("{} ({before})", new.person);
                        }
                    }
                    all.push(Some(new));
                    continue;
                }
                let task = (file, task, new.person.clone());
                let Some(before) = last.get_mut(&task) else {
                    last.insert(task, all.len());
                    all.push(Some(new));
                    continue;
                };
                let known = all[*before].as_ref();
                let is_newer =
                    known.is_none_or(|known| annotation.at.is_from(&known.annotation.at));
                let replaced = if is_newer { *before } else { all.len() };
                if is_newer {
                    *before = all.len();
                }
                all.push(Some(new));
                if let Some(old) = all[replaced].take() {
                    made.tally.add(
                        Effect::Skipped,
                        "an annotation that the same person replaced by a later one",
                        || old.place,
                    );
                }
            }
        }
    }
    if !unnamed.is_empty() {
        made.notes.push("annotations that do not say whose they are may be of any number of people: those of one task are taken for different people, and the first of each task for one, so that nothing is known of how far they agree with themselves or each other".to_owned());
    }
    let standing = all.into_iter().flatten();
    standing
        .filter(|one| !one.annotation.said.is_empty())
        .collect()
}

/// Adds the labels of a task that says itself what it is about.
fn push(one: &Standing<'_>, task: &Task, tags: &BTreeSet<&str>, made: &mut Made) -> Vec<Choice> {
    if task.candidate == task.opponent {
        made.tally
            .add(Effect::Skipped, WITH_ITSELF, || one.place.clone());
        return Vec::new();
    }
    let said = one.annotation.said.iter();
    let mut given = Vec::new();
    for (tag, choice) in said.filter_map(|(tag, choice)| Some((tag, (*choice)?))) {
        let criterion = match &task.criterion {
            Some(criterion) if tags.len() == 1 => criterion,
            _ => tag,
        };
        given.push(choice);
        made.labels.push(&Row {
            asked: Asked {
                item: &task.item,
                persona: &task.persona,
                question: &task.question,
                topic: task.topic.as_deref(),
                ..Asked::default()
            },
            candidate: &task.candidate,
            opponent: &task.opponent,
            judge: &one.person,
            rubric: RUBRIC,
            criterion,
            order: Some(task.order),
            sample: task.sample,
            verdict: Verdict::Given(choice.outcome(task.order)),
            candidate_chars: None,
            opponent_chars: None,
        });
    }
    given
}

fn figures(annotator: &str, counts: [u64; 3]) -> SourceFigures {
    let names = ["left", "right", "tie"];
    let figures = names.into_iter().zip(counts).map(|(name, n)| {
        Figure::count(
            name,
            n,
            format!("labels of {name}, as the sides were shown"),
        )
    });
    SourceFigures {
        source: "label-studio".to_owned(),
        subject: annotator.to_owned(),
        figures: figures.collect(),
        pools: Some(Pools {
            judge: Some(annotator.to_owned()),
            ..Pools::default()
        }),
        why_they_differ: WHY.map(str::to_owned).to_vec(),
        ..SourceFigures::default()
    }
}
