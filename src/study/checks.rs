//! Checks of the parts of a study against each other.

use std::fmt::Write as _;

use super::answers::{self, Answers};
use super::entry::{Draft, Role};
use super::load::Parts;
use super::{Compare, Judging, Structured, Study, file, splits};
use crate::input::section::Section;
use crate::input::source::Source;
use crate::problem::Problem;
use crate::rubric::WithoutTruth;
use crate::text::{counted, counted_of, escape, form, thousands};

/// Names of items or answers that a problem shows.
const SHOWN: usize = 5;

/// Items of a study whose truth is not known, as indices of persona and question.
pub fn items_without_truth(study: &Study) -> Vec<(u32, u32)> {
    let known = study.truths.iter();
    let known = known.map(|truth| (truth.persona, truth.question));
    without_truth(known, study.personas.len(), study.questions.len())
}

/// Items that are not among those, which stand in the order of items.
fn without_truth(
    known: impl Iterator<Item = (u32, u32)>,
    personas: usize,
    questions: usize,
) -> Vec<(u32, u32)> {
    let all = (0..personas as u32)
        .flat_map(|persona| (0..questions as u32).map(move |question| (persona, question)));
    let mut known = known.peekable();
    all.filter(|item| known.next_if_eq(item).is_none())
        .collect()
}

/// The study file, what was read of it, and where to put what is wrong.
pub(super) struct Checks<'a> {
    pub(super) source: &'a Source,
    pub(super) top: &'a Section,
    pub(super) parts: &'a Parts,
    /// Whether the models of the study are asked anything.
    pub(super) asks_models: bool,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Checks<'_> {
    /// The name is that of the results folder too.
    pub(super) fn name(&mut self) {
        const LONGEST: usize = 100;
        let Some(name) = self.top.text("name") else {
            return;
        };
        let text = name.value;
        let plain = text.trim() == text
            && !text.starts_with('.')
            && text.len() <= LONGEST
            && !text.contains(|c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c));
        if !plain {
            let message = "this cannot be the name of a folder, which the name of a study is";
            let problem = self.source.error(name.offset, "name", message);
            self.problems.push(problem.help(format!(
                "use letters, digits, `-` and `_`, at most {LONGEST} bytes"
            )));
        }
    }

    /// What a study that compares models cannot do without. One that asks structured
    /// questions may compare nothing.
    pub(super) fn comparisons_are_whole(&mut self) {
        let top = self.top;
        if top.has("structured") && !top.has("compare") {
            if let Some(judges) = top.table("judges") {
                let message = "nothing is compared, so no judge is asked";
                let problem = self.source.warning(judges.offset, "judges", message);
                self.problems
                    .push(problem.help("add [compare], or take it out"));
            }
            if self.asks_models && !top.has("models") {
                let message = "this table is missing";
                let problem = self.source.error(top.offset, "models", message);
                self.problems.push(problem.help(
                    "[models.<name>] describes a model under study; one is enough where nothing is compared",
                ));
            }
            return;
        }
        for (key, message, help) in file::OF_COMPARISONS {
            let (section, name) = match key.split_once('.') {
                Some((table, name)) => (top.table(table), name),
                None => (Some(top), key),
            };
            let Some(section) = section else { continue };
            if !section.has(name) {
                let problem = self.source.error(section.offset, key, message);
                self.problems.push(problem.help(help));
            }
        }
    }

    /// An empty `[models]` or `[judges]` is a missing one.
    pub(super) fn entries_exist(&mut self) {
        for (key, what) in [("models", "model"), ("judges", "judge")] {
            let Some(table) = self.top.table(key) else {
                continue;
            };
            let is_needed = self.asks_models || self.top.has("compare");
            if table.entries.is_empty() && table.dropped.is_empty() && is_needed {
                let problem = self
                    .source
                    .error(table.offset, key, format!("there is no {what}"));
                self.problems
                    .push(problem.help(format!("add [{key}.<name>]")));
            }
        }
    }

    /// Two entries of one identity would share each reply.
    pub(super) fn identities(&mut self) {
        for drafts in [&self.parts.models, &self.parts.judges] {
            for (index, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.sound) {
                let identity = draft.entry.identity();
                let mut earlier = drafts[..index].iter().filter(|other| other.sound);
                let Some(same) = earlier.find(|other| other.entry.identity() == identity) else {
                    continue;
                };
                let message = format!(
                    "this is the same as {} (line {}): provider, model and every parameter of a call are equal, so a reply to one is a reply to the other",
                    same.section.path,
                    self.source.line(same.section.offset),
                );
                let problem = self
                    .source
                    .error(draft.section.offset, &draft.section.path, message);
                self.problems.push(problem.help(
                    "if they are different checkpoints, give each a revision = \"…\" of its own; else take one out",
                ));
            }
        }
    }

    /// Two models of one file have the same answers.
    pub(super) fn files(&mut self) {
        let drafts = &self.parts.models;
        for (index, draft) in drafts.iter().enumerate() {
            let Some(path) = draft.answers_path() else {
                continue;
            };
            let is_same = |other: &&Draft| {
                let other = other.answers_path();
                other.is_some_and(|other| other.value == path.value)
            };
            let Some(same) = drafts[..index].iter().find(is_same) else {
                continue;
            };
            let message = format!(
                "{} has its answers from this file too, so the two are compared on equal answers",
                same.section.path
            );
            let field = draft.section.field("path");
            let problem = self.source.warning(path.offset, field, message);
            self.problems.push(problem.help("name another file"));
        }
    }

    /// Models that no pair names, and copies that cannot differ.
    pub(super) fn use_of_models(&mut self, compare: Option<&Compare>) {
        let Some(compare) = compare else { return };
        // Pairs that could not be read may have named any model.
        if compare.pairs.is_empty() || !self.section_is_right("compare") {
            return;
        }
        for (index, draft) in self.parts.models.iter().enumerate() {
            if !uses(compare, index) && !self.top.has("structured") {
                let message = "nothing compares this model, so it is not asked";
                self.warn_of_entry(draft, message, "name it in [compare], or take it out");
            } else if compare.samples > 1 {
                self.warn_of_copies(draft, Role::Model, compare.samples);
            }
        }
    }

    /// Judges that are not named, and repeats that cannot differ.
    pub(super) fn use_of_judges(&mut self, judging: Option<&Judging>) {
        let Some(judging) = judging else { return };
        if judging.judges.is_empty() || !self.section_is_right("judging") {
            return;
        }
        for (index, draft) in self.parts.judges.iter().enumerate() {
            if !judging.judges.contains(&index) {
                let message = "judging.judges does not name this judge, so it is not asked";
                self.warn_of_entry(draft, message, "name it there, or take it out");
            } else if judging.repeats > 1 {
                self.warn_of_copies(draft, Role::Judge, judging.repeats);
            }
        }
    }

    fn section_is_right(&self, key: &str) -> bool {
        let prefix = format!("{key}.");
        !self.problems.iter().any(|problem| {
            let field = problem.field.as_deref().unwrap_or_default();
            problem.file == self.source.path && (field == key || field.starts_with(&prefix))
        })
    }

    fn warn_of_entry(&mut self, draft: &Draft, message: &str, help: &str) {
        let section = &draft.section;
        let problem = self.source.warning(section.offset, &section.path, message);
        self.problems.push(problem.help(help));
    }

    fn warn_of_copies(&mut self, draft: &Draft, role: Role, times: u32) {
        let Some(temperature) = draft.section.number("temperature") else {
            return;
        };
        if temperature.value > 0.0 {
            return;
        }
        let key = match role {
            Role::Model => "compare.samples",
            Role::Judge => "judging.repeats",
        };
        let message = format!(
            "at temperature 0 the {times} replies that {key} = {times} asks for are nearly copies of one"
        );
        let field = draft.section.field("temperature");
        let problem = self.source.warning(temperature.offset, field, message);
        self.problems
            .push(problem.help(format!("raise the temperature, or set {key} = 1")));
    }

    /// Items without the truth that a criterion needs.
    pub(super) fn truth(&mut self, judging: Option<&Judging>) {
        let parts = self.parts;
        let (Some(personas), Some(questions), Some(truths), Some(judging)) =
            (&parts.personas, &parts.questions, &parts.truths, judging)
        else {
            return;
        };
        let rubric = &judging.rubric;
        let needing: Vec<_> = rubric
            .criteria
            .iter()
            .filter(|criterion| criterion.needs_truth)
            .map(|criterion| format!("`{}`", criterion.key))
            .collect();
        let known = truths.open.iter();
        let known = known.map(|truth| (truth.persona, truth.question));
        let missing = without_truth(known, personas.rows.len(), questions.rows.len());
        let nothing_is_judged = self.top.has("structured") && !self.top.has("compare");
        if needing.is_empty() || missing.is_empty() || nothing_is_judged || self.truth_is_misnamed()
        {
            return;
        }
        let items = personas.rows.len() * questions.rows.len();
        let named = missing
            .iter()
            .map(|(persona, question)| self.item(*persona, *question));
        let message = format!(
            "{} {} no truth ({}), which {} of the rubric `{}` needs",
            counted_of(missing.len() as u64, items as u64, "item"),
            form(missing.len() as u64, "has", "have"),
            some_of(named, missing.len() as u64),
            needing.join(", "),
            rubric.name,
        );
        let names_all = if missing.len() > SHOWN {
            " (`oyer check STUDY --format json` names them all)"
        } else {
            ""
        };
        let nothing_left = missing.len() == items && needing.len() == rubric.criteria.len();
        let add = "add rows with persona, question, value to the table data.truth";
        let (refused, help) = if rubric.without_truth == WithoutTruth::Refuse {
            (true, add.to_owned())
        } else if nothing_left {
            (true, format!("nothing can be judged: {add}"))
        } else {
            (
                false,
                format!("the criterion is left out for these items{names_all}; else {add}"),
            )
        };
        let offset = self.truth_offset();
        let problem = if refused {
            self.source.error(offset, "data.truth", message)
        } else {
            self.source.warning(offset, "data.truth", message)
        };
        self.problems.push(problem.help(help));
    }

    /// Structured items that no answer of theirs can be scored against.
    pub(super) fn structured_truth(&mut self, structured: &Structured) {
        let Some(personas) = &self.parts.personas else {
            return;
        };
        let known = structured.truths.iter();
        let known = known.map(|truth| (truth.persona, truth.question));
        let counts = (personas.rows.len(), structured.questions.len());
        let missing = without_truth(known, counts.0, counts.1);
        if missing.is_empty() || self.truth_is_misnamed() {
            return;
        }
        let named = missing.iter().map(|(persona, question)| {
            format!(
                "{}/{}",
                personas.rows[*persona as usize].id, structured.questions[*question as usize].id
            )
        });
        let lacking = missing.len() as u64;
        let them = form(lacking, "it", "them");
        let message = format!(
            "{} {} no truth ({}): no answer to {them} can be scored, and no example made of {them}",
            counted_of(lacking, (counts.0 * counts.1) as u64, "structured item"),
            form(lacking, "has", "have"),
            some_of(named, missing.len() as u64),
        );
        let problem = self
            .source
            .warning(self.truth_offset(), "data.truth", message);
        self.problems.push(problem.help(
            "add rows with persona, question, code to the table of truths, or take their personas or questions out",
        ));
    }

    /// Splits of structured questions under other names than those of personas.
    pub(super) fn question_splits(&mut self, structured: &Structured) {
        let personas = self.parts.personas.as_ref();
        let told = personas.and_then(|read| splits::told_strange(&read.rows, structured));
        let Some(message) = told else { return };
        let section = self.top.table("structured");
        let offset = section.and_then(|section| Some(section.text("questions")?.offset));
        let at = offset.unwrap_or_default();
        let problem = self.source.warning(at, "structured.questions", message);
        self.problems.push(problem.help(
            "call the splits of questions as those of personas, or leave the cells of those empty that may be trained on",
        ));
    }

    /// Whether the truth may stand under a key of `[data]` that is told to be misspelt.
    fn truth_is_misnamed(&self) -> bool {
        let data = self.top.table("data");
        let is_key = |problem: &Problem| {
            let field = problem.field.as_deref().unwrap_or_default();
            problem.file == self.source.path && field.starts_with("data.")
        };
        data.is_some_and(|data| !data.has("truth")) && self.problems.iter().any(is_key)
    }

    fn truth_offset(&self) -> usize {
        let data = self.top.table("data");
        data.map_or(0, |data| {
            data.text("truth").map_or(data.offset, |spot| spot.offset)
        })
    }

    /// Items that a file of answers does not answer.
    pub(super) fn answers(&mut self, compare: Option<&Compare>) {
        let (Some(questions), Some(compare)) = (&self.parts.questions, compare) else {
            return;
        };
        let asked = Asked {
            questions: questions.rows.iter().map(|q| &*q.id).collect(),
            samples: compare.samples,
            samples_key: "compare.samples",
        };
        for (index, draft) in self.parts.models.iter().enumerate() {
            if draft.sound && uses(compare, index) {
                self.answers_of(draft, "path", &draft.answers, &asked);
            }
        }
    }

    /// The same of structured answers, which every model is asked for.
    pub(super) fn structured_answers(&mut self, samples: u32) {
        let Some(questions) = &self.parts.structured_questions else {
            return;
        };
        let asked = Asked {
            questions: questions.rows.iter().map(|q| &*q.id).collect(),
            samples,
            samples_key: "structured.samples",
        };
        for draft in self.parts.models.iter().filter(|draft| draft.sound) {
            self.answers_of(draft, "structured_path", &draft.structured, &asked);
        }
    }

    fn answers_of(&mut self, draft: &Draft, key: &str, answers: &Answers, asked: &Asked<'_>) {
        let (Some(personas), Some(path)) = (&self.parts.personas, draft.file_path(key)) else {
            return;
        };
        let field = draft.section.field(key);
        let samples = asked.samples;
        let phrasings = &self.parts.phrasings;
        let counts = [personas.rows.len(), asked.questions.len(), phrasings.len()];
        let [people, questions, phrased] = counts.map(|count| count as u32);
        let missing = answers::missing(answers, [people, questions, phrased.max(1), samples]);
        if missing.has_none || missing.count > 0 {
            let named = missing.first.iter();
            let named = named.map(|(persona, question, phrasing, sample)| {
                let persona = &personas.rows[*persona as usize].id;
                let mut item = format!("{persona}/{}", asked.questions[*question as usize]);
                if let Some(phrasing) = phrasings.get(*phrasing as usize) {
                    item = format!("{item}/{phrasing}");
                }
                if samples > 1 {
                    item = format!("{item} sample {sample}");
                }
                item
            });
            let all = missing.planned;
            let message = if missing.count > 0 {
                format!(
                    "{} {} not in this file ({})",
                    counted_of(missing.count, all, "planned answer"),
                    form(missing.count, "is", "are"),
                    some_of(named, missing.count),
                )
            } else {
                match all {
                    1 => "the planned answer is empty in this file".to_owned(),
                    all => format!(
                        "all {} are empty in this file",
                        counted(all, "planned answer")
                    ),
                }
            };
            let problem = if missing.has_none {
                let problem = self.source.error(path.offset, &field, message);
                problem.help(if missing.count > 0 {
                    "it answers nothing: are its persona and question ids those of this study?"
                } else {
                    "it answers nothing: name the file in which the answers are"
                })
            } else {
                let problem = self.source.warning(path.offset, &field, message);
                problem.help("what needs them is reported as missing, not as lost")
            };
            self.problems.push(problem);
        }
        let given = answers.given.iter();
        let unused = given.filter(|answer| answer.sample > samples).count() as u64;
        if unused > 0 {
            let message = format!(
                "{} of this file {} not used: {} = {samples}",
                counted(unused, "answer"),
                form(unused, "is", "are"),
                asked.samples_key
            );
            self.problems
                .push(self.source.warning(path.offset, &field, message));
        }
    }

    fn item(&self, persona: u32, question: u32) -> String {
        let persona = self
            .parts
            .personas
            .as_ref()
            .and_then(|p| p.rows.get(persona as usize));
        let question = self
            .parts
            .questions
            .as_ref()
            .and_then(|q| q.rows.get(question as usize));
        format!(
            "{}/{}",
            persona.map_or("", |persona| &persona.id),
            question.map_or("", |question| &question.id),
        )
    }
}

/// What the answers of a file are to.
struct Asked<'a> {
    /// Ids of the questions.
    questions: Vec<&'a str>,
    samples: u32,
    /// The key that says how many.
    samples_key: &'static str,
}

fn uses(compare: &Compare, model: usize) -> bool {
    let mut pairs = compare.pairs.iter();
    pairs.any(|pair| pair.candidate == model || pair.opponent == model)
}

/// The first few of many names.
fn some_of(names: impl Iterator<Item = String>, all: u64) -> String {
    let mut text = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    text = escape(&text).into_owned();
    if all > SHOWN as u64 {
        let _ = write!(text, " and {} more", thousands(all - SHOWN as u64));
    }
    text
}
