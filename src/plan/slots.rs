//! The slots of a plan and the order in which they are worked on.

use crate::key::Key;
use crate::study::Study;
use crate::verdict::Order;

/// One persona asked one question, as indices into the study's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Item {
    /// Index into [`Study::personas`].
    pub persona: u32,
    /// Index into [`Study::questions`], or of a structured item into the study's
    /// structured questions.
    pub question: u32,
    /// Index into the phrasings of the study's variants; 0 where there are none.
    pub variant: u32,
}

/// A planned response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Generation {
    /// Index into the plan's items.
    pub item: u32,
    /// Index into [`Study::models`].
    pub model: usize,
    /// From 1.
    pub sample: u32,
}

/// A planned answer to a structured question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswerSlot {
    /// Index into the plan's items, open-ended and structured.
    pub item: u32,
    /// Index into [`Study::models`].
    pub model: usize,
    /// From 1.
    pub sample: u32,
}

/// A planned asking of a judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Judgment {
    /// Index into the plan's items.
    pub item: u32,
    /// Index into the study's pairs.
    pub pair: usize,
    /// Sample k of the candidate meets sample k of the opponent; from 1.
    pub sample: u32,
    /// Index into [`Study::judges`].
    pub judge: usize,
    /// Which of the item's criteria groups is asked for.
    pub ask: usize,
    /// From 1.
    pub repeat: u32,
    /// Which response is shown first.
    pub order: Order,
}

/// A response as it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The call that gave it.
    pub key: Key,
    /// Its text without reasoning blocks.
    pub text: String,
    /// Characters of the text.
    pub chars: u32,
    /// Whether the model was cut off.
    pub truncated: bool,
    /// Whether the model's API says that this text is a refusal.
    pub refused: bool,
}

impl Response {
    /// A response of this text.
    pub fn new(key: Key, text: &str, truncated: bool) -> Self {
        Self {
            key,
            text: text.to_owned(),
            chars: u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
            truncated,
            refused: false,
        }
    }
}

/// A number that depends on the study's seed and on these parts, and on nothing
/// else, so that adding a question does not move the others.
fn draw(study: &Study, purpose: &str, parts: &[&str]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("oyer plan draw 1");
    hasher.update(&study.seed.to_le_bytes());
    for part in std::iter::once(&purpose).chain(parts) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// All open-ended items: questions shuffled by the seed, each with every persona. None
/// where nothing is compared.
pub(super) fn items(study: &Study) -> Vec<Item> {
    if study.compare.pairs.is_empty() {
        return Vec::new();
    }
    let ids: Vec<&str> = study.questions.iter().map(|q| q.id.as_str()).collect();
    shuffled(study, "question", &ids)
}

/// All structured items, in the same way.
pub(super) fn structured_items(study: &Study) -> Vec<Item> {
    let questions = study.structured.iter().flat_map(|s| &s.questions);
    let ids: Vec<&str> = questions.map(|question| question.id.as_str()).collect();
    shuffled(study, "structured question", &ids)
}

fn shuffled(study: &Study, purpose: &str, ids: &[&str]) -> Vec<Item> {
    let mut questions: Vec<u32> = (0..ids.len() as u32).collect();
    questions.sort_by_cached_key(|index| draw(study, purpose, &[ids[*index as usize]]));
    let personas = study.personas.len() as u32;
    let variants = study.variants.as_ref();
    let variants = variants.map_or(1, |variants| variants.persona_prompts.len() as u32);
    questions
        .into_iter()
        .flat_map(|question| (0..personas).map(move |persona| (persona, question)))
        .flat_map(|(persona, question)| {
            (0..variants).map(move |variant| Item {
                persona,
                question,
                variant,
            })
        })
        .collect()
}

/// The models that stand in a pair, in file order.
pub(super) fn models_in_use(study: &Study) -> Vec<usize> {
    (0..study.models.len())
        .filter(|model| {
            study
                .compare
                .pairs
                .iter()
                .any(|pair| pair.candidate == *model || pair.opponent == *model)
        })
        .collect()
}

/// The one order of a comparison under `orders = "random"`. `pair` tells its models
/// whatever they are called and whichever is the candidate, so that a renamed entry keeps
/// its orders; `is_mirrored` says that the draw is for the opponent.
pub(super) fn random_order(
    study: &Study,
    item: Item,
    pair: Key,
    sample: u32,
    is_mirrored: bool,
) -> &'static [Order] {
    let (pair, sample) = (pair.to_string(), sample.to_string());
    let mut parts = vec![
        study.personas[item.persona as usize].id.as_str(),
        &study.questions[item.question as usize].id,
        &pair,
        &sample,
    ];
    parts.extend(
        study
            .variants
            .as_ref()
            .map(|variants| variants.name(item.variant)),
    );
    if (draw(study, "order", &parts)[0] & 1 == 0) == is_mirrored {
        &[Order::OpponentFirst]
    } else {
        &[Order::CandidateFirst]
    }
}
