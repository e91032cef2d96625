//! Tasks that this program wrote: what was labelled is told by the key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::annotation::{Annotation, Person};
use super::{About, Export, Labelled, RUBRIC, Standing};
use crate::import::labelling_key::{Entry, Key};
use crate::import::rows::{Asked, Row, Verdict};
use crate::import::tally::Effect;
use crate::import::{Made, Part};
use crate::verdict::{Choice, MissingReason};

/// What people are called.
///
/// Label Studio knows a person by a number that the next installation gives again.
/// Somebody with a number who alone labelled the tasks of one annotator is called
/// after these.
pub(super) struct Names {
    slots: HashMap<(usize, String), u32>,
}

impl Names {
    pub(super) fn new(parts: &[Part<Export>], key: Option<&Key>, made: &mut Made) -> Self {
        let mut slots: HashMap<(usize, String), BTreeSet<u32>> = HashMap::new();
        let mut people: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        for (number, part) in parts.iter().enumerate() {
            for labelled in &part.given.tasks {
                let About::Own(id) = &labelled.about else {
                    continue;
                };
                let Some(entry) = key.and_then(|key| key.tasks.get(id)) else {
                    continue;
                };
                let said = |annotation: &&Annotation| !annotation.said.is_empty();
                for annotation in labelled.annotations.iter().filter(said) {
                    let person = annotation.person.name().to_owned();
                    people
                        .entry(entry.annotator)
                        .or_default()
                        .insert(person.clone());
                    if !matches!(annotation.person, Person::Named(_)) {
                        let of = slots.entry((number, person)).or_default();
                        of.insert(entry.annotator);
                    }
                }
            }
        }
        let slots: HashMap<(usize, String), u32> = slots
            .into_iter()
            .filter_map(|(person, of)| {
                let mut of = of.into_iter();
                let (slot, None) = (of.next()?, of.next()) else {
                    return None;
                };
                (people.get(&slot)?.len() == 1).then_some((person, slot))
            })
            .collect();
        if !slots.is_empty() {
            made.notes.push(
                "people whom Label Studio knows by a number are called after the tasks that they alone labelled (annotator-1 for those of the first file)".to_owned(),
            );
        }
        Self { slots }
    }

    /// What the person of an annotation is called.
    pub(super) fn of(&self, part: usize, labelled: &Labelled, annotation: &Annotation) -> String {
        let name = annotation.person.name();
        let is_own = matches!(labelled.about, About::Own(_));
        let is_named = matches!(annotation.person, Person::Named(_));
        match self.slots.get(&(part, name.to_owned())) {
            Some(slot) if is_own && !is_named => format!("annotator-{slot}"),
            _ => name.to_owned(),
        }
    }
}

/// Adds the labels of an annotation, a criterion left open as missing.
pub(super) fn push(
    one: &Standing<'_>,
    entry: &Entry,
    weight: Option<f64>,
    made: &mut Made,
) -> Vec<Choice> {
    let mut given = Vec::new();
    let weight = weight.map(|weight| weight.to_string());
    for (control, criterion) in &entry.criteria {
        let choice = one.annotation.said.get(control).copied().flatten();
        let verdict = if let Some(choice) = choice {
            given.push(choice);
            Verdict::Given(choice.outcome(entry.order))
        } else {
            let reason = format!("the criterion `{criterion}` left open");
            made.tally
                .add(Effect::Missing, &reason, || one.place.clone());
            Verdict::Missing(MissingReason::Partial)
        };
        made.labels.push(&Row {
            asked: Asked {
                item: &entry.item,
                persona: &entry.persona,
                question: &entry.question,
                covariates: &[weight.as_deref()],
                ..Asked::default()
            },
            candidate: &entry.candidate,
            opponent: &entry.opponent,
            judge: &one.person,
            rubric: RUBRIC,
            criterion,
            order: Some(entry.order),
            sample: entry.sample,
            verdict,
            candidate_chars: None,
            opponent_chars: None,
        });
    }
    for control in one.annotation.said.keys() {
        if !entry.criteria.contains_key(control) {
            let reason = format!("a label `{control}` that the task does not ask for");
            made.tally
                .add(Effect::Skipped, &reason, || one.place.clone());
        }
    }
    given
}
