//! What the fault server says where a test does not say it: a persona's answer, or a
//! judge's analysis with a verdict on every criterion that the prompt asks for.
//!
//! Everything follows from the request's bytes alone: the same request gets the same
//! reply in every run, at any load.

use std::fmt::Write as _;

use super::dialect::Call;

/// A criterion as the judge prompt's form of the verdict names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The JSON key.
    pub(crate) key: String,
    /// What may be said: first, second and perhaps a tie.
    pub(crate) labels: Vec<String>,
}

/// The default reply to a call.
pub(crate) fn usual(call: &Call) -> String {
    let mut dice = Dice::new(&call.raw);
    let asked = asked(&call.prompt());
    if asked.is_empty() {
        persona(&mut dice)
    } else {
        judge(&mut dice, &asked, call.wants_json)
    }
}

/// The criteria of a judge prompt, read from lines such as
/// `"persona_winner": "A" | "B" | "Tie"`; none in any other prompt.
pub(crate) fn asked(prompt: &str) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    for line in prompt.lines() {
        let Some((key, labels)) = line.trim().trim_end_matches(',').split_once("\": ") else {
            continue;
        };
        let labels: Vec<String> = labels
            .split(" | ")
            .filter_map(|label| label.strip_prefix('"')?.strip_suffix('"'))
            .map(str::to_owned)
            .collect();
        let key = key.trim_start_matches('"').to_owned();
        // The first mention stands: what an answer says later changes nothing.
        if labels.len() >= 2 && all.iter().all(|known| known.key != key) {
            all.push(Asked { key, labels });
        }
    }
    all
}

const STANCES: [&str; 6] = [
    "I would say family comes first, whatever the neighbours think of it.",
    "To my mind a promise is a promise, and that settles it for me.",
    "I am of two minds, but if you press me I lean towards letting people choose.",
    "No, I do not trust them with it, and I have my reasons.",
    "Yes, I think that is right, even if it costs us something.",
    "It depends on who is asking, but mostly I am against it.",
];
const REASONS: [&str; 8] = [
    "My mother kept the shop open through the bad years and never once complained.",
    "When you have queued with three children you see who gets up for you and who looks away.",
    "I have worked with all sorts, and the quiet ones were seldom the lazy ones.",
    "My neighbours and I do not pray alike, yet we share the same corridor and the same keys.",
    "Money I have had and lost, and I slept the same in both beds.",
    "You cannot teach respect from a poster on the wall of a station.",
    "At my age you count the people who come when you are ill, not the ones who write.",
    "The young ones laugh at this, and perhaps they will think of me later.",
];
const POINTS: [&str; 6] = [
    "speaks from a life that fits the description, with details nobody would make up for show",
    "takes the stance the value points to, though in quite other words",
    "stays general and could have been said by anybody",
    "argues well but comes down on the other side in the end",
    "recites the description more than it lives in it",
    "answers the question plainly and gives a reason that carries it",
];

fn persona(dice: &mut Dice) -> String {
    let mut text = (*dice.pick(&STANCES)).to_owned();
    for _ in 0..4 {
        let _ = write!(text, " {}", dice.pick(&REASONS));
    }
    text
}

fn judge(dice: &mut Dice, asked: &[Asked], bare: bool) -> String {
    let mut text = String::new();
    let mut verdict = String::new();
    for Asked { key, labels } in asked {
        let (first, second) = (&labels[0], &labels[1]);
        let _ = writeln!(
            text,
            "{key}: answer {first} {}; answer {second} {}.",
            dice.pick(&POINTS),
            dice.pick(&POINTS)
        );
        let comma = if verdict.is_empty() { "" } else { ", " };
        let _ = write!(verdict, "{comma}\"{key}\": \"{}\"", dice.pick(labels));
    }
    if bare {
        format!("{{{verdict}}}")
    } else {
        format!("{text}\n{{{verdict}}}")
    }
}

/// A stream of choices that belongs to some bytes.
struct Dice(blake3::OutputReader);

impl Dice {
    fn new(bytes: &[u8]) -> Self {
        Self(blake3::Hasher::new().update(bytes).finalize_xof())
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let mut four = [0; 4];
        self.0.fill(&mut four);
        &from[u32::from_le_bytes(four) as usize % from.len()]
    }
}
