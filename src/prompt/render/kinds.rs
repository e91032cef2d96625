//! Which items a template can tell apart.
//!
//! A value that is shown as it is, or of which only is asked whether it is there, changes
//! the words of a prompt and not its form. All other uses may: items that agree in the
//! values used so are of one kind.

use std::collections::HashMap;
use std::hash::Hash;

use minijinja::value::Value;

use crate::prompt::words::tags;
use crate::study::Study;

/// What a template asks of an item, and how.
#[derive(Debug, Clone, Default)]
pub(super) struct Uses {
    paths: Vec<Use>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Use {
    /// Such as `persona.text`.
    path: String,
    /// Whether more counts than if it is there.
    decides: bool,
}

/// What templates are given that belongs to the item.
const ROOTS: [&str; 3] = ["persona", "question", "truth"];

/// Filters that change how a text is shown and nothing else.
const SHOWING: [&str; 5] = ["trim", "lower", "upper", "capitalize", "title"];

/// Words in a condition that only asks what is there.
const ASKING: [&str; 8] = ["if", "elif", "not", "and", "or", "is", "none", "defined"];

/// An item that stands for all of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Like {
    pub(super) persona: usize,
    pub(super) question: usize,
    /// How many items are of its kind.
    pub(super) items: usize,
}

/// The kind of each persona and of each question.
#[derive(Debug)]
pub(super) struct Kinds {
    personas: Vec<usize>,
    questions: Vec<usize>,
}

impl Uses {
    pub(super) fn of(source: &str) -> Self {
        let mut uses = Self::default();
        let tags = tags(source);
        let keeps_text = tags.iter().any(|tag| keeps_text(tag));
        for tag in tags {
            let inside = tag_inside(tag);
            let shows_only = !keeps_text
                && if tag.starts_with("{{") {
                    shows(inside)
                } else {
                    asks(inside)
                };
            for path in paths(inside) {
                uses.add(path, !shows_only);
            }
        }
        uses
    }

    fn add(&mut self, path: &str, decides: bool) {
        match self.paths.iter_mut().find(|used| used.path == path) {
            Some(used) => used.decides |= decides,
            None => self.paths.push(Use {
                path: path.to_owned(),
                decides,
            }),
        }
    }

    /// What either of two templates asks.
    pub(super) fn with(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for used in &other.paths {
            both.add(&used.path, used.decides);
        }
        both
    }

    /// Whether it asks anything of the question.
    pub(super) fn asks_question(&self) -> bool {
        self.under("question").next().is_some()
    }

    /// Whether more counts of the truth than if it is known.
    pub(super) fn truth_decides(&self) -> bool {
        self.under("truth").any(|used| used.decides)
    }

    /// What is asked of each persona.
    pub(super) fn of_personas(&self, personas: &[Value]) -> Vec<blake3::Hash> {
        self.asked("persona", personas)
    }

    /// What is asked of each question.
    pub(super) fn of_questions(&self, questions: &[Value]) -> Vec<blake3::Hash> {
        self.asked("question", questions)
    }

    fn under(&self, root: &str) -> impl Iterator<Item = &Use> {
        self.paths
            .iter()
            .filter(move |used| used.path.split('.').next() == Some(root))
    }

    fn asked(&self, root: &str, values: &[Value]) -> Vec<blake3::Hash> {
        let used: Vec<_> = self.under(root).collect();
        let asked = |value: &Value| {
            let mut hasher = blake3::Hasher::new();
            for used in &used {
                let value = at(value, &used.path);
                hasher.update(&[
                    u8::from(value.is_none()),
                    u8::from(value.is_undefined()),
                    u8::from(value.is_true()),
                ]);
                if used.decides {
                    let said = value.to_string();
                    hasher.update(&(said.len() as u64).to_le_bytes());
                    hasher.update(said.as_bytes());
                }
            }
            hasher.finalize()
        };
        values.iter().map(asked).collect()
    }
}

/// What stands at a path, whose first part is the value itself.
fn at(value: &Value, path: &str) -> Value {
    path.split('.').skip(1).fold(value.clone(), |value, name| {
        value.get_attr(name).unwrap_or_default()
    })
}

impl Kinds {
    /// Personas and questions are of one kind where these are equal.
    pub(super) fn new<P: Hash + Eq, Q: Hash + Eq>(personas: &[P], questions: &[Q]) -> Self {
        Self {
            personas: numbered(personas),
            questions: numbered(questions),
        }
    }

    /// The first item of each kind, in the order of items.
    pub(super) fn likes(&self) -> Vec<Like> {
        let questions = firsts(&self.questions);
        let of_persona = |(persona, personas): (usize, usize)| {
            questions.iter().map(move |(question, questions)| Like {
                persona,
                question: *question,
                items: personas * questions,
            })
        };
        firsts(&self.personas)
            .into_iter()
            .flat_map(of_persona)
            .collect()
    }

    /// The same where items with and without a truth are of two kinds, or of one for each
    /// value of it where that decides.
    pub(super) fn likes_by_truth(&self, study: &Study, decides: bool) -> Vec<Like> {
        let mut likes: Vec<Like> = Vec::new();
        let mut places = HashMap::new();
        let mut truths = study.truths.iter().peekable();
        for (persona, persona_kind) in self.personas.iter().enumerate() {
            for (question, question_kind) in self.questions.iter().enumerate() {
                let item = (persona as u32, question as u32);
                let truth = truths.next_if(|truth| (truth.persona, truth.question) == item);
                let truth = truth.map(|truth| if decides { &*truth.value } else { "" });
                let kind = (persona_kind, question_kind, truth);
                let place = *places.entry(kind).or_insert(likes.len());
                if place == likes.len() {
                    likes.push(Like {
                        persona,
                        question,
                        items: 0,
                    });
                }
                likes[place].items += 1;
            }
        }
        likes
    }

    /// Each persona with the first question, and each question with the first persona.
    pub(super) fn lines(&self) -> impl Iterator<Item = Like> {
        let of_personas = (0..self.personas.len()).map(|persona| (persona, 0));
        let of_questions = (1..self.questions.len()).map(|question| (0, question));
        let are_there = !self.personas.is_empty() && !self.questions.is_empty();
        let items = of_personas.chain(of_questions);
        items
            .filter(move |_| are_there)
            .map(|(persona, question)| Like {
                persona,
                question,
                items: 1,
            })
    }
}

/// For each the number of its kind.
fn numbered<T: Hash + Eq>(values: &[T]) -> Vec<usize> {
    let mut kinds = HashMap::new();
    let number = |value| {
        let next = kinds.len();
        *kinds.entry(value).or_insert(next)
    };
    values.iter().map(number).collect()
}

/// The first place of each kind, and how many there are of it.
fn firsts(kinds: &[usize]) -> Vec<(usize, usize)> {
    let mut firsts: Vec<(usize, usize)> = Vec::new();
    for (place, kind) in kinds.iter().enumerate() {
        match firsts.get_mut(*kind) {
            Some((_, number)) => *number += 1,
            None => firsts.push((place, 1)),
        }
    }
    firsts
}

/// What stands in a tag.
fn tag_inside(tag: &str) -> &str {
    let inside = tag.get(2..tag.len().max(4) - 2).unwrap_or_default();
    inside.trim_matches(['-', '+']).trim()
}

/// Whether a tag can make a value of what the template shows.
fn keeps_text(tag: &str) -> bool {
    let inside = tag_inside(tag);
    let first = inside.split_whitespace().next().unwrap_or_default();
    let is_statement = tag.starts_with("{%");
    is_statement
        && (matches!(first, "filter" | "macro" | "call")
            || (first == "set" && !inside.contains('=')))
        || ["self", "super", "debug", "loop"]
            .iter()
            .any(|name| names_alone(inside, name))
}

/// Whether it names this other than to ask an attribute of `loop`.
fn names_alone(inside: &str, name: &str) -> bool {
    inside.match_indices(name).any(|(at, _)| {
        let rest = &inside[at + name.len()..];
        let is_attribute = name == "loop" && rest.starts_with('.');
        !inside[..at].ends_with(part_of_name) && !rest.starts_with(part_of_name) && !is_attribute
    })
}

/// Whether an expression is one value shown as it is, or by a filter that only shows.
fn shows(expression: &str) -> bool {
    let mut parts = expression.split('|').map(str::trim);
    parts.next().is_some_and(is_path) && parts.all(|filter| SHOWING.contains(&filter))
}

/// Whether a statement is a condition on what is there.
fn asks(statement: &str) -> bool {
    let mut words = statement.split_whitespace();
    matches!(words.clone().next(), Some("if" | "elif"))
        && words.all(|word| ASKING.contains(&word) || is_path(word))
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| part_of_name(c) || c == '.')
}

/// Each value of the item that a tag names, as far as its path can be read.
fn paths(inside: &str) -> Vec<&str> {
    let mut paths = Vec::new();
    for root in ROOTS {
        for (at, _) in inside.match_indices(root) {
            let rest = &inside[at + root.len()..];
            if inside[..at].ends_with(|c| part_of_name(c) || c == '.')
                || rest.starts_with(part_of_name)
            {
                continue;
            }
            let end = rest.find(|c| !part_of_name(c) && c != '.');
            let path = &inside[at..at + root.len() + end.unwrap_or(rest.len())];
            paths.push(path.trim_end_matches('.'));
        }
    }
    paths
}

fn part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths of which more counts than if they are there, and the others.
    fn uses(source: &str) -> [Vec<String>; 2] {
        let uses = Uses::of(source);
        let paths = |decides| {
            let of_kind = uses.paths.iter().filter(|used| used.decides == decides);
            of_kind.map(|used| used.path.clone()).collect()
        };
        [paths(true), paths(false)]
    }

    #[test]
    fn what_is_shown_or_asked_for_its_presence_decides_nothing() {
        let source = "{{ persona.text }}{{- question.text|trim -}}\
            {% if persona.text is not none and not persona.traits %}{{ truth }}{% endif %}\
            {% elif truth_known and (question.topic) %}{# {{ persona.id == 1 }} #}";
        let [decide, others] = uses(source);
        assert_eq!(decide, ["question.topic"]);
        let shown = ["persona.text", "question.text", "persona.traits", "truth"];
        assert_eq!(others, shown);
    }

    #[test]
    fn every_other_use_decides() {
        for tag in [
            "{% if persona.levels.sex == \"f\" %}",
            "{{ persona.levels.sex[0] }}",
            "{{ 'x' if persona.levels.sex else 'y' }}",
            "{% set x = persona.levels.sex %}",
            "{% for x in persona.levels.sex %}",
            "{{ persona.levels.sex|length }}",
            "{% set x %}{{ persona.levels.sex }}{% endset %}",
            "{% macro x() %}{{ persona.levels.sex }}{% endmacro %}",
            "{% filter length %}{{ persona.levels.sex }}{% endfilter %}",
            "{{ persona.levels.sex }}{% if \"f\" in self.user() %}",
            "{{ persona.levels.sex }}{% if \"f\" in debug() %}",
        ] {
            assert_eq!(uses(tag)[0], ["persona.levels.sex"], "{tag}");
        }
        assert_eq!(uses("{{ persona['levels']['sex'] }}")[0], ["persona"]);
        assert_eq!(uses("{{ my.persona.text }}{{ truths }}")[0], [""; 0]);
    }

    #[test]
    fn items_are_counted_with_the_first_of_their_kind() {
        let kinds = Kinds::new(&["f", "m", "f"], &[1, 1, 2]);
        let like = |persona, question, items| Like {
            persona,
            question,
            items,
        };
        let expected = [like(0, 0, 4), like(0, 2, 2), like(1, 0, 2), like(1, 2, 1)];
        assert_eq!(kinds.likes(), expected);
        let lines = [(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)];
        let lines = lines.map(|(persona, question)| like(persona, question, 1));
        assert!(kinds.lines().eq(lines));
        assert_eq!(Kinds::new(&["f"], &[0; 0]).lines().count(), 0);
    }
}
