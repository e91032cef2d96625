//! A simulated model that answers a question in a persona's voice.
//!
//! With the probability `alignment` the answer takes the ground-truth stance, by
//! saying the value's words; else it takes none and holds none of them. With the
//! probability `adherence` it speaks as a person with a life of their own; else as
//! an assistant. Nothing that is said depends on which group a persona belongs to.

use super::draws::Draws;
use super::words::{Stance, is_telling, words};
use super::{End, MARK, Written};
use crate::prompt::Role;
use crate::provider::ChatRequest;
use crate::study::Simulated;

/// The sentences of a voice. `{topic}` is a word of the question, `{value}` the
/// ground truth, `{self}` the persona's levels.
struct Voice {
    /// How an answer begins.
    openings: &'static [&'static str],
    /// How it begins where the persona's levels are known.
    openings_of_somebody: &'static [&'static str],
    /// Takes the stance.
    stances: &'static [&'static str],
    /// Takes none.
    evasions: &'static [&'static str],
    /// What is said around it.
    remarks: &'static [&'static str],
}

const PERSON: Voice = Voice {
    openings: &[
        "You want to hear what I make of {topic}, so pull up a chair, because I have been chewing on it for years.",
        "I had to smile when I heard the question, since {topic} came up at my own table only yesterday.",
        "Let me tell you what I see of {topic} from where I stand, with my shopping bag still on my arm.",
        "I am no expert on {topic}, I only know what my own days have taught me.",
    ],
    openings_of_somebody: &[
        "On paper I am “{self}”, but what I know of {topic} I know from my own kitchen and not from any form.",
        "Write “{self}” beside my name if you like, and then let me tell you in my own words about {topic}.",
        "I filled in a form this morning that called me “{self}”, and I laughed, because it says so little about me and {topic}.",
    ],
    stances: &[
        "If you want it in a few words, I would say “{value}”, and I mean it.",
        "For me it comes down to this: “{value}”.",
        "I have turned it over many times and I always end up at “{value}”.",
        "Ask me tomorrow and I will still answer “{value}”.",
        "My honest answer is “{value}”, and my friends have heard it often enough.",
    ],
    evasions: &[
        "I go back and forth, and tonight I could not tell you where I will land.",
        "I never planted a flag on either side, and I doubt that I ever shall.",
        "I would rather leave the choice to my neighbours than make it myself.",
        "My heart pulls one way and my head another, so I keep my mouth shut.",
        "I shrug when they ask me, since I truly hold no fixed view.",
        "I leave that door half open and walk on.",
    ],
    remarks: &[
        "I think of {topic} on the bus home, when my head is finally quiet.",
        "My neighbour and I argue about {topic} across the corridor, and we still share a pot of soup afterwards.",
        "When I was small my aunt talked of {topic} while she folded the laundry, and I listened harder than she knew.",
        "Last week I stood in a queue, heard two strangers go on about {topic}, and nodded to myself.",
        "I keep letters from an old friend in a drawer, and nearly every page has a line on {topic}.",
        "In the evening I walk around the block, and somewhere near the bakery I start on {topic} again.",
        "A cousin of mine sees {topic} with other eyes, so we cook together and let it rest.",
        "I once had to decide something about {topic} after a sleepless night, and I can still taste that coffee.",
        "My hands are busy from early on, but I find room for {topic} while the kettle boils.",
        "I own a small notebook with a red cover, and a few of its lines are about {topic}.",
        "When somebody brings up {topic} at dinner, I put down my spoon and listen first.",
        "I am no friend of speeches, yet I would miss the talk of {topic} if it stopped.",
        "My plants on the windowsill have heard me mutter about {topic} often enough.",
        "I rang my sister about {topic}, and we forgot the time until the soup burnt.",
        "I still have the umbrella I carried on the day I learnt what {topic} can do to a household.",
    ],
};

const ASSISTANT: Voice = Voice {
    openings: &[
        "As an AI language model, I do not hold personal opinions, but here is an overview of {topic}.",
        "As an AI language model without lived experience, I can only summarise common views on {topic}.",
        "Being an AI assistant, I can offer general information regarding {topic}.",
        "This response, written by an AI assistant, outlines several considerations regarding {topic}.",
    ],
    openings_of_somebody: &[],
    stances: &[
        "A position that fits the question is “{value}”.",
        "Among the available answers, “{value}” would be a suitable choice.",
        "The answer that can be given here is “{value}”.",
        "On balance, the response “{value}” appears appropriate.",
    ],
    evasions: &[
        "No single position can be recommended, and various outcomes remain possible.",
        "Whichever option is selected, sound arguments exist against it.",
        "A definite position is beyond the scope of such a summary.",
        "Both directions have merits, hence none is preferred here.",
        "The matter is left undecided at this point.",
    ],
    remarks: &[
        "Several aspects should be considered with regard to {topic}.",
        "Studies of {topic} point in more than one direction.",
        "Various stakeholders weigh {topic} in various ways.",
        "It helps to distinguish short-term effects of {topic} from long-term effects.",
        "Context, resources and timing influence the understanding of {topic}.",
        "A balanced account of {topic} covers costs as well as benefits.",
        "Definitions of {topic} differ between sources, which complicates any comparison.",
        "Additional material concerning {topic} is available in public statistics.",
        "Measures that concern {topic} tend to involve trade-offs.",
        "Historical developments have shaped the present debate around {topic}.",
        "Data on {topic} should be interpreted with appropriate caution.",
        "Further factors, such as education and infrastructure, interact with {topic}.",
        "Communication between the parties involved may clarify matters of {topic}.",
        "Overall, the subject of {topic} remains multifaceted.",
        "Readers are encouraged to consult qualified sources on {topic} before drawing conclusions.",
        "Terminology surrounding {topic} has evolved considerably over recent decades.",
    ],
};

/// Words after which a question names what it is about.
const BEFORE_TOPICS: &[&str] = &[
    "a", "about", "an", "and", "any", "for", "from", "in", "of", "on", "or", "our", "the", "their",
    "these", "this", "towards", "with", "your",
];

/// Words of questions that name nothing.
const NO_TOPICS: &[&str] = &[
    "after",
    "against",
    "agree",
    "also",
    "always",
    "answer",
    "anything",
    "because",
    "before",
    "being",
    "believe",
    "better",
    "between",
    "come",
    "consider",
    "decide",
    "describe",
    "disagree",
    "even",
    "ever",
    "every",
    "everyone",
    "explain",
    "feel",
    "find",
    "give",
    "given",
    "going",
    "good",
    "important",
    "itself",
    "just",
    "kind",
    "know",
    "less",
    "like",
    "make",
    "makes",
    "many",
    "matter",
    "matters",
    "mean",
    "might",
    "need",
    "never",
    "often",
    "opinion",
    "other",
    "others",
    "part",
    "personally",
    "please",
    "question",
    "rather",
    "really",
    "same",
    "shall",
    "somebody",
    "someone",
    "something",
    "spend",
    "such",
    "sure",
    "take",
    "tell",
    "thing",
    "things",
    "think",
    "towards",
    "under",
    "view",
    "views",
    "want",
    "well",
    "whether",
    "while",
    "within",
    "without",
];

/// Fewest and most words at which an answer ends; a sentence more is at most 30.
const LENGTHS: (usize, usize) = (70, 185);

/// An answer to the request's question.
pub(super) fn answer(
    request: &ChatRequest<'_>,
    behaviour: &Simulated,
    draws: &mut Draws,
) -> Written {
    let alignment = request.simulation.alignment;
    let aligned = draws.chance(alignment.unwrap_or(behaviour.alignment));
    let voice = if draws.chance(behaviour.adherence) {
        &PERSON
    } else {
        &ASSISTANT
    };
    let (fewest, most) = LENGTHS;
    let truth = request.simulation.truth;
    let mut writer = Writer {
        topics: topics(question(request)),
        persona: request.simulation.persona,
        value: truth.filter(|_| aligned),
        stance: truth.map(Stance::of),
        length: fewest + draws.below(most - fewest),
        sentences: Vec::new(),
        words: 0,
        draws,
    };
    writer.open(voice);
    let stance_stands_last = writer.draws.chance(0.5);
    if !stance_stands_last {
        writer.take_stance(voice);
    }
    writer.remark(voice);
    if stance_stands_last {
        writer.take_stance(voice);
    }
    Written {
        text: format!("{MARK}{}", writer.sentences.join(" ")),
        end: End::Done,
    }
}

/// The question of a request: it stands first, and what follows it says how to
/// answer.
fn question<'a>(request: &ChatRequest<'a>) -> &'a str {
    let asked = request
        .messages
        .iter()
        .rev()
        .find(|message| message.role == Role::User)
        .map_or("", |message| message.content.as_str());
    asked.split_inclusive(['?', '\n']).next().unwrap_or(asked)
}

/// Words of the question that an answer can come back to: the last words of what
/// stands after an article, a possessive or the like. Of "do you put trust in the
/// national elections" that is only "elections".
fn topics(question: &str) -> Vec<String> {
    let mut topics: Vec<String> = Vec::new();
    let mut current: Option<&str> = None;
    let mut named = false;
    for token in question.split_whitespace() {
        let word = token.trim_matches(|c: char| !c.is_alphabetic());
        let goes_on = named && is_topic(word);
        if goes_on {
            current = Some(word);
        }
        if !goes_on || !token.ends_with(char::is_alphabetic) {
            topics.extend(current.take().map(str::to_owned));
            named = BEFORE_TOPICS.contains(&word.to_lowercase().as_str());
        }
    }
    topics.extend(current.map(str::to_owned));
    topics
}

fn is_topic(word: &str) -> bool {
    let lower = word.to_lowercase();
    word.chars().count() > 3
        && word.chars().all(char::is_alphabetic)
        && is_telling(&lower)
        && !NO_TOPICS.contains(&lower.as_str())
}

/// An answer under way.
struct Writer<'a> {
    topics: Vec<String>,
    persona: &'a str,
    /// The ground truth, where the answer takes it for its stance.
    value: Option<&'a str>,
    /// The ground truth, as no other sentence may touch it.
    stance: Option<Stance>,
    /// Words at which the answer is long enough.
    length: usize,
    sentences: Vec<String>,
    words: usize,
    draws: &'a mut Draws,
}

impl Writer<'_> {
    fn open(&mut self, voice: &Voice) {
        let of_somebody = !self.persona.is_empty() && !voice.openings_of_somebody.is_empty();
        let openings = if of_somebody {
            voice.openings_of_somebody
        } else {
            voice.openings
        };
        if !self.say_one_of(openings) {
            self.say_one_of(voice.openings);
        }
    }

    fn take_stance(&mut self, voice: &Voice) {
        let Some(value) = self.value else {
            self.say_one_of(voice.evasions);
            return;
        };
        let template = self.draws.pick(voice.stances).map_or("{value}", |t| *t);
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        self.push(template.replace("{value}", value.trim_end_matches('.')));
    }

    /// Remarks until the answer is long enough.
    fn remark(&mut self, voice: &Voice) {
        for template in self.draws.shuffled(voice.remarks) {
            if self.words >= self.length {
                return;
            }
            self.say(template);
        }
    }

    /// Says the first that fits, in a random order.
    fn say_one_of(&mut self, templates: &[&str]) -> bool {
        self.draws
            .shuffled(templates)
            .into_iter()
            .any(|template| self.say(template))
    }

    /// Says a sentence that takes no stance; it is left out where it holds a word
    /// of the value.
    fn say(&mut self, template: &str) -> bool {
        // After the first sentence "it" is clear, and a word that comes back in
        // every sentence is not how anybody talks.
        let by_name = self.sentences.is_empty() || self.draws.chance(0.4);
        let topic = match self.draws.pick(&self.topics) {
            Some(topic) if by_name => topic,
            Some(_) => "it",
            None => "this",
        };
        let fitting = [topic, "it"].into_iter().find_map(|topic| {
            let sentence = template
                .replace("{topic}", topic)
                .replace("{self}", self.persona);
            let touched = self
                .stance
                .as_ref()
                .is_some_and(|stance| stance.touches(&words(&sentence)));
            (!touched).then_some(sentence)
        });
        let fits = fitting.is_some();
        if let Some(sentence) = fitting {
            self.push(sentence);
        }
        fits
    }

    fn push(&mut self, sentence: String) {
        self.words += sentence.split_whitespace().count();
        self.sentences.push(sentence);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::provider::testing::{message, request};

    #[rstest]
    #[case("How much does your family matter to your decisions?", &["family", "decisions"])]
    #[case("Do you put trust in the national elections, or not?", &["elections"])]
    #[case("Should people be careful with strangers?", &["strangers"])]
    #[case("Is work a duty towards society?", &["duty", "society"])]
    #[case("Can people change?", &[])]
    #[case("", &[])]
    fn a_question_is_about_its_nouns(#[case] question: &str, #[case] expected: &[&str]) {
        assert_eq!(topics(question), expected);
    }

    #[test]
    fn how_to_answer_is_no_part_of_the_question() {
        let asked = "What of your garden?\n\nAnswer in the first person.";
        let messages = [message(Role::User, asked)];
        assert_eq!(question(&request(&messages)), "What of your garden?");
        assert_eq!(question(&request(&[])), "");
    }
}
