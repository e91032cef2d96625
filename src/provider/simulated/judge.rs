//! A simulated judge that knows nothing but the prompt it is sent.
//!
//! It finds the two fenced answers, the ground truth and the criteria in the
//! messages, looks at a few plain features of the answers, and gives its verdict
//! as text with a JSON object at the end, or as the object that the request's
//! schema asks for. Per criterion, in this order: with the probability `tie_rate`
//! a tie, where ties are offered; with the probability `first_bias` the answer
//! shown first; with the probability `skill` the better answer by its features;
//! else, or where neither is better, a coin decides.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::draws::Draws;
use super::words::{Stance, words};
use super::{End, MARK, Written};
use crate::prompt::fence::{self, Fenced};
use crate::provider::ChatRequest;
use crate::study::Simulated;

/// What the line with the ground truth begins with.
const TRUTH_LINE: &str = "Ground-truth value: ";

/// What a judge is to do.
pub(super) struct Task {
    answers: Option<[Looked; 2]>,
    criteria: Vec<Criterion>,
    truth_known: bool,
    form: Form,
}

/// How the verdict is to be written.
enum Form {
    /// Prose, then an object.
    Text,
    /// Only an object, with these free texts before the winners.
    Object { texts: Vec<String> },
}

/// A criterion and the labels that may be given.
struct Criterion {
    key: String,
    first: String,
    second: String,
    tie: Option<String>,
}

/// What is seen of an answer.
struct Looked {
    label: String,
    adherence: u8,
    stance: u8,
}

/// Parts of a prompt that are no answers.
struct Around<'a>(Vec<&'a str>);

impl Task {
    /// The task in a request, if it is a judge's.
    pub(super) fn find(request: &ChatRequest<'_>) -> Option<Self> {
        let fenced = request
            .messages
            .iter()
            .enumerate()
            .find_map(|(index, message)| Some((index, fence::find(&message.content)?)));
        if fenced.is_none() && request.schema.is_none() {
            return None;
        }
        let around = Around::of(request, fenced);
        let truth = around.truth().map(Stance::of);
        let answers = fenced.map(|(_, answers)| answers.map(|a| Looked::at(a, truth.as_ref())));
        let schema = request
            .schema
            .and_then(|schema| serde_json::from_str::<Schema>(schema.json.get()).ok());
        let labels = fenced.map_or(["A", "B"], |(_, [first, second])| {
            [first.label, second.label]
        });
        let (criteria, form) = match schema {
            Some(Schema { properties }) => {
                let (texts, winners): (Vec<_>, Vec<_>) = properties
                    .0
                    .into_iter()
                    .partition(|(_, property)| property.labels.is_empty());
                let criteria = winners
                    .into_iter()
                    .filter_map(|(key, property)| Criterion::new(key, property.labels, labels))
                    .collect();
                let texts = texts.into_iter().map(|(key, _)| key).collect();
                (criteria, Form::Object { texts })
            }
            None => (around.criteria(labels), Form::Text),
        };
        Some(Self {
            answers,
            criteria,
            truth_known: truth.is_some(),
            form,
        })
    }

    /// Judges.
    pub(super) fn judge(&self, behaviour: &Simulated, draws: &mut Draws) -> Written {
        let malformed = draws.chance(behaviour.malformed_rate);
        let Some(answers) = self.answers.as_ref().filter(|_| !self.criteria.is_empty()) else {
            return done(format!(
                "{MARK}The prompt does not show two fenced answers and what to decide about \
                 them, so there is no verdict."
            ));
        };
        let winners: Vec<&str> = self
            .criteria
            .iter()
            .map(|criterion| criterion.decide(answers, behaviour, draws))
            .collect();
        let analysis = self.analysis(answers);
        if malformed {
            self.malformed(&analysis, &winners, draws)
        } else {
            done(self.verdict(&analysis, &winners, None))
        }
    }

    /// What is seen of the answers, in prose. No answer is quoted, so that what
    /// stands in one cannot pass for the judge's own words.
    fn analysis(&self, answers: &[Looked; 2]) -> String {
        let about = |seen: fn(&Looked) -> &'static str| {
            answers
                .each_ref()
                .map(|answer| format!("Answer {} {}.", answer.label, seen(answer)))
                .join(" ")
        };
        let persona = about(|answer| match answer.adherence {
            0 => "speaks as an assistant and not as a person",
            1 => "keeps to general remarks and shows little of a person",
            _ => "speaks in the first person and out of a life of its own",
        });
        if !self.truth_known {
            return format!("{MARK}Persona Analysis: {persona}");
        }
        let value = about(|answer| match answer.stance {
            0 => "does not take the ground-truth stance",
            1 => "comes near the ground-truth stance",
            _ => "says the ground-truth value in so many words",
        });
        format!("{MARK}Persona Analysis: {persona}\n\nValue Analysis: {value}")
    }

    /// The whole reply; `without` leaves one criterion out.
    fn verdict(&self, analysis: &str, winners: &[&str], without: Option<usize>) -> String {
        let winners = self
            .criteria
            .iter()
            .zip(winners)
            .enumerate()
            .filter(|(index, _)| Some(*index) != without)
            .map(|(_, (criterion, winner))| (criterion.key.as_str(), *winner));
        match &self.form {
            Form::Text => format!("{analysis}\n\n{}", object(winners)),
            Form::Object { texts } => {
                let texts = texts.iter().map(|key| (key.as_str(), analysis));
                object(texts.chain(winners))
            }
        }
    }

    /// A reply without a full verdict, in one of the ways in which models fail.
    fn malformed(&self, analysis: &str, winners: &[&str], draws: &mut Draws) -> Written {
        let failure = draws.below(4);
        let forgotten = draws.below(winners.len());
        match (&self.form, failure) {
            (Form::Text, 0) => done(format!("{analysis}\n\nBoth have been weighed with care.")),
            (Form::Text, 1) if winners.len() > 1 => {
                done(self.verdict(analysis, winners, Some(forgotten)))
            }
            (Form::Text, 2) => done(format!(
                "{MARK}I am sorry, but I cannot help with comparing these answers."
            )),
            (Form::Object { .. }, 2) => Written {
                text: format!("{MARK}I am sorry, but I cannot help with comparing these answers."),
                end: End::Refused,
            },
            _ => {
                let whole = self.verdict(analysis, winners, None);
                // Up to the first winner, so that none can be read.
                let first = self.criteria.first().map(|c| quoted(&c.key));
                let end = first.map_or(0, |key| {
                    whole.rfind(&key).map_or(0, |start| start + key.len())
                });
                Written {
                    text: whole[..end].to_owned(),
                    end: End::Cut,
                }
            }
        }
    }
}

fn done(text: String) -> Written {
    Written {
        text,
        end: End::Done,
    }
}

/// A JSON object of texts, in this order.
fn object<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let entries: Vec<String> = entries
        .map(|(key, value)| format!("{}: {}", quoted(key), quoted(value)))
        .collect();
    format!("{{{}}}", entries.join(", "))
}

/// A text as JSON writes it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Criterion {
    /// A criterion with these labels, where the answers are called `answers`.
    fn new(key: String, labels: Vec<String>, answers: [&str; 2]) -> Option<Self> {
        let [first, second] = answers;
        let named = |name: &str| labels.iter().any(|label| label == name);
        if named(first) && named(second) {
            let tie = labels
                .iter()
                .find(|label| *label != first && *label != second)
                .cloned();
            return Some(Self {
                key,
                first: first.to_owned(),
                second: second.to_owned(),
                tie,
            });
        }
        let mut labels = labels.into_iter();
        Some(Self {
            key,
            first: labels.next()?,
            second: labels.next()?,
            tie: labels.next(),
        })
    }

    /// The winner's label.
    fn decide(&self, answers: &[Looked; 2], behaviour: &Simulated, draws: &mut Draws) -> &str {
        // All are drawn whatever comes of them, so that changing one rate leaves
        // the other choices as they are.
        let tie = draws.chance(behaviour.tie_rate);
        let biased = draws.chance(behaviour.first_bias);
        let skilled = draws.chance(behaviour.skill);
        let coin = draws.chance(0.5);
        if let Some(label) = self.tie.as_ref().filter(|_| tie) {
            return label;
        }
        let [first, second] = answers.each_ref().map(|answer| self.merit(answer));
        let first_wins = if biased {
            true
        } else if skilled && first != second {
            first > second
        } else {
            coin
        };
        if first_wins {
            &self.first
        } else {
            &self.second
        }
    }

    /// How good an answer is on this criterion, which its key says.
    fn merit(&self, answer: &Looked) -> u8 {
        let key = self.key.to_lowercase();
        let speaks_of = |stems: &[&str]| stems.iter().any(|stem| key.contains(stem));
        if speaks_of(&["overall"]) {
            answer.adherence + answer.stance
        } else if speaks_of(&["persona", "voice", "adher", "charact", "tone", "style"]) {
            answer.adherence
        } else if speaks_of(&["value", "stance", "align", "opinion", "truth"]) {
            answer.stance
        } else {
            answer.adherence + answer.stance
        }
    }
}

impl Looked {
    /// Looks at an answer: whether it speaks as a person (0 as an assistant, 1
    /// neither, 2 in the first person), and how far it takes the ground-truth
    /// stance (0 no word of it, 1 half of its words, 2 the value as it is).
    fn at(answer: Fenced<'_>, truth: Option<&Stance>) -> Self {
        /// First-person words from which an answer speaks as a person.
        const ENOUGH: usize = 3;
        let words = words(answer.text);
        let says = |pair: [&str; 2]| words.windows(2).any(|window| window == pair);
        let assistant =
            says(["ai", "language"]) || says(["ai", "assistant"]) || says(["language", "model"]);
        let first_person = words
            .iter()
            .filter(|word| matches!(word.as_str(), "i" | "me" | "my" | "mine" | "myself"))
            .count();
        let adherence = match (assistant, first_person >= ENOUGH) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        };
        let stance = match truth {
            Some(truth) if truth.is_said_in(&words) => 2,
            Some(truth) if truth.is_hinted_at_in(&words) => 1,
            _ => 0,
        };
        Self {
            label: answer.label.to_owned(),
            adherence,
            stance,
        }
    }
}

impl<'a> Around<'a> {
    /// The messages without the answers found in the message of this index.
    fn of(request: &ChatRequest<'a>, fenced: Option<(usize, [Fenced<'a>; 2])>) -> Self {
        let mut parts = Vec::new();
        for (index, message) in request.messages.iter().enumerate() {
            let text = message.content.as_str();
            match fenced {
                Some((at, answers)) if at == index => {
                    let mut from = 0;
                    for answer in answers {
                        let start = answer.text.as_ptr().addr() - text.as_ptr().addr();
                        parts.push(&text[from..start]);
                        from = start + answer.text.len();
                    }
                    parts.push(&text[from..]);
                }
                _ => parts.push(text),
            }
        }
        Self(parts)
    }

    /// The ground truth: the last line that gives one, since it stands nearest to
    /// the answers, after anything that a persona or question could say.
    fn truth(&self) -> Option<&'a str> {
        self.0
            .iter()
            .flat_map(|part| part.lines())
            .filter_map(|line| line.strip_prefix(TRUTH_LINE))
            .next_back()
            .map(str::trim)
    }

    /// The criteria that the shown form of the verdict has.
    fn criteria(&self, answers: [&str; 2]) -> Vec<Criterion> {
        let mut criteria: Vec<Criterion> = Vec::new();
        for (key, labels) in self.0.iter().flat_map(|part| choices(part)) {
            if criteria.iter().all(|known| known.key != key)
                && let Some(criterion) = Criterion::new(key, labels, answers)
            {
                criteria.push(criterion);
            }
        }
        criteria
    }
}

/// Every `"key": "one" | "other"` in a text, with two or more choices.
fn choices(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, from_key)) = rest.split_once('"') {
        let Some((key, after_key)) = from_key.split_once('"') else {
            break;
        };
        rest = after_key;
        let Some(mut after) = after_key.trim_start().strip_prefix(':') else {
            // What looked like the end of a key may be the beginning of the next.
            rest = from_key;
            continue;
        };
        let mut labels = Vec::new();
        while let Some((label, after_label)) = after
            .trim_start()
            .strip_prefix('"')
            .and_then(|label| label.split_once('"'))
        {
            labels.push(label.to_owned());
            rest = after_label;
            match after_label.trim_start().strip_prefix('|') {
                Some(next) => after = next,
                None => break,
            }
        }
        if labels.len() > 1 {
            found.push((key.to_owned(), labels));
        }
    }
    found
}

/// A verdict's schema, as far as it says what to write.
#[derive(Deserialize)]
struct Schema {
    properties: Properties,
}

/// Properties in the order of the text, in which a reply is to be written.
struct Properties(Vec<(String, Property)>);

#[derive(Deserialize)]
struct Property {
    #[serde(rename = "enum", default)]
    labels: Vec<String>,
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Properties;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the properties of an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
                let mut properties = Vec::new();
                while let Some(property) = map.next_entry()? {
                    properties.push(property);
                }
                Ok(Properties(properties))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
