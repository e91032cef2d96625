//! Whether the words around something that a judge wrote quote it.

use super::keys::Keys;
use super::label::is_prefix;
use super::text::{Family, slice};
use super::words::{self, Word};

/// Bytes around an object that tell whether it is quoted.
const AROUND: usize = 240;

/// Words that lead to what an answer says.
const QUOTING: &str = "\
    quote quotes quoted quoting cites cited contains contained containing includes \
    included ends ended begins opens starts reads says said states stated writes wrote \
    written plants planted embeds embedded inserts inserted injects injected injection \
    appends appended adds added claims claimed holds asks demands instruction instructions \
    manipulation copied copies pasted ignore ignored has had inject plant insert embed";

/// What may stand between such a word and what is quoted.
const FILLERS: &str = "\
    a an the this these that those following its own line lines text object block verdict \
    final finally json message instruction fake planted embedded injected here below in at \
    of with to by it as up so response answer which i we have was is";

/// What an answer does with words, or tries to do.
const SAYING: &str = "\
    quotes quoted cites cited contains contained includes included ends ended begins opens \
    starts reads says said states stated writes wrote plants planted embeds embedded inserts \
    inserted injects injected appends appended adds added claims claimed holds asks asked \
    demands wants wanted tells told tries tried attempts attempted copies pasted has had";

/// What an answer may have that a judge could take for a verdict, or asks for.
const VERDICTS: &str = "\
    verdict object line lines json text string block message instruction instructions \
    injection attempt me judge inject plant insert embed append add write output answer";

/// What leads to a verdict of the judge's own, whatever else the sentence names.
const OWN: &str = "my contrary despite unlike following per overall therefore thus so";

/// What may stand between such a word and the words of an answer.
const NAMING: &str = "\
    a an the this these that those following its own line lines text object block verdict \
    final finally json message instruction fake planted embedded injected here below in at \
    of with to by as up so";

/// What is said of words that are not the judge's.
const SET_ASIDE: [&str; 9] = [
    "ignor",
    "disregard",
    "plant",
    "inject",
    "embed",
    "manipulat",
    "instruct",
    "quot",
    "odd",
];

/// Whether the words around what stands from `start` to `end` quote it: they say that
/// somebody wrote it, or their sentence goes on after it.
pub(super) fn is_quoted(reply: &str, start: usize, end: usize) -> bool {
    let after = slice(reply, end, reply.len());
    let goes_on = after
        .trim_start_matches(|c| c == ' ' || c == ',' || Family::of(c).is_some())
        .starts_with(char::is_lowercase);
    goes_on || Lead::before(reply, start).quotes()
}

/// The words that lead to something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lead<'a> {
    /// The last sentence before it, without the line that opens a fence.
    pub(super) sentence: &'a str,
    /// Whether a blank line sets it apart from what follows.
    is_apart: bool,
}

impl<'a> Lead<'a> {
    /// The words before `start`.
    pub(super) fn before(reply: &'a str, start: usize) -> Self {
        Self::of(near(reply, start))
    }

    /// The words above key lines, where the line above holds a first pair of what they say.
    pub(super) fn above(reply: &'a str, start: usize, keys: &Keys) -> Option<Self> {
        let above = near(reply, start).trim_end_matches([' ', '\t']);
        let above = above.strip_suffix('\n')?;
        if above.trim_end().ends_with(['.', '!', '?']) {
            return None;
        }
        let line = above.rfind('\n').map_or(0, |at| at + 1);
        let begins_word = |at: &usize| {
            above.is_char_boundary(*at) && !slice(above, line, *at).ends_with(char::is_alphanumeric)
        };
        let mut places = (line + 1..above.len()).filter(begins_word);
        let pair = places.find(|at| keys.find(above, *at).is_some())?;
        Some(Self::of(slice(above, 0, pair)))
    }

    fn of(before: &'a str) -> Self {
        let lines = |text: &str| text.matches('\n').count();
        let text = before.trim_end_matches(|c: char| c.is_whitespace() || c == '>');
        let (text, fence) = match text.rsplit_once('\n') {
            Some((above, line)) if line.trim_start().starts_with("```") => (above.trim_end(), 1),
            _ => (text, 0),
        };
        let gap = lines(slice(before, text.len(), before.len())) - fence;
        let sentence = text.rsplit(['.', '!', '?', '\n']).next().unwrap_or("");
        Self {
            sentence,
            is_apart: gap > 1 && !sentence.ends_with(':'),
        }
    }

    /// Whether they lead to something that an answer says.
    pub(super) fn quotes(self) -> bool {
        let words = words::split(self.sentence);
        let last = words
            .iter()
            .rfind(|word| word.is_one_of(QUOTING) || !is_filler(word));
        !self.is_apart && last.is_some_and(|word| word.is_one_of(QUOTING))
    }

    /// Whether they say of an answer that it says what follows, or tries to have it said:
    /// `Response B tries to inject this verdict:`.
    pub(super) fn names_answer(self) -> bool {
        let words = words::split(self.sentence);
        let has = |known: &str| words.iter().any(|word| word.is_one_of(known));
        let speaks_of_judge = has("I") && !has("which that");
        if speaks_of_judge || has(OWN) {
            return false;
        }
        match said_by_answer(&words) {
            Some(rest) if rest.iter().all(|word| word.is_one_of(NAMING)) => true,
            Some(rest) if rest.iter().any(|word| word.is_one_of(VERDICTS)) => !self.is_apart,
            _ => names_one(&words) && has("verdict object line lines json block") && self.quotes(),
        }
    }
}

/// What follows the word for saying in a sentence that begins with an answer.
fn said_by_answer<'w, 'a>(words: &'w [Word<'a>]) -> Option<&'w [Word<'a>]> {
    let leads = "the text of note that oddly but and also however while because since then";
    let subject = words.iter().position(|word| !word.is_one_of(leads))?;
    let (named, rest) = words.get(subject..)?.split_first()?;
    let is_named = is_prefix(named.text) || named.is_one_of("it") || may_be_label(named);
    let between = "also itself even only just then";
    let is_between = |word: &&Word<'_>| may_be_label(word) || word.is_one_of(between);
    let says = rest.iter().take_while(is_between).count();
    let (word, rest) = rest.get(says..)?.split_first()?;
    (is_named && word.is_one_of(SAYING)).then_some(rest)
}

/// Whether words name one of the answers: `Response B`.
fn names_one(words: &[Word<'_>]) -> bool {
    let mut pairs = words.windows(2);
    pairs.any(|pair| is_prefix(pair[0].text) && may_be_label(&pair[1]))
}

fn is_filler(word: &Word<'_>) -> bool {
    word.is_one_of(FILLERS) || may_be_label(word)
}

/// Whether the line above what begins at `start` sets it aside: `(planted in B)`.
pub(super) fn is_set_aside_above(reply: &str, start: usize) -> bool {
    sets_aside(near(reply, start).trim_end().rsplit('\n').next())
}

/// Whether words on the line of what stands from `start` to `end` set it aside: `{…} in
/// Response B was ignored`.
pub(super) fn is_set_aside(reply: &str, start: usize, end: usize) -> bool {
    let before = near(reply, start).rsplit('\n').next();
    let after = slice(reply, end, reply.floor_char_boundary(end + AROUND));
    let after = after.split('\n').next();
    !before.is_some_and(|before| words::split(before).iter().any(|word| word.is_one_of(OWN)))
        && (sets_aside(before) || sets_aside(after))
}

fn sets_aside(line: Option<&str>) -> bool {
    let is_of = |word: &Word<'_>| SET_ASIDE.iter().any(|start| word.begins_with(start));
    line.is_some_and(|line| words::split(line).iter().any(is_of))
}

/// Whether a word is one letter or number, as most labels are; the article and the pronoun
/// are none.
fn may_be_label(word: &Word<'_>) -> bool {
    !["a", "I"].contains(&word.text) && word.text.chars().nth(1).is_none()
}

/// The text at once before `start`.
fn near(reply: &str, start: usize) -> &str {
    let from = reply.floor_char_boundary(start.saturating_sub(AROUND));
    slice(reply, from, start)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Response A says {…}", true)]
    #[case("Response A ends with:\n\n```json\n{…}\n```", true)]
    #[case("Odd: {…}, which I ignore.", true)]
    #[case("It has {…} in it.", true)]
    #[case("Response B ends with **Final:**\n{…}", true)]
    #[case("Final verdict:\n{…}", false)]
    #[case("Response B contains these lines, which I ignored:\n{…}", true)]
    #[case("Overall, B states the value:\n{…}", false)]
    #[case("A includes proverbs and adds warmth:\n\n{…}", false)]
    #[case("It has {…}.", true)]
    #[case("Since A has the voice: {…}", false)]
    #[case("{…}", false)]
    #[case("A says lah.\n\n{…}\n\nI hope this helps!", false)]
    #[case("Response A says lah. My verdict:\n{…}\nIt was close.", false)]
    #[case("B ends with a proverb\n\n```json\n{…}\n```", false)]
    fn a_quotation_is_told_by_the_words_around_it(#[case] reply: &str, #[case] expected: bool) {
        let start = reply.find('{').unwrap();
        assert_eq!(is_quoted(reply, start, start + "{…}".len()), expected);
    }

    #[rstest]
    #[case("Response B says {…}", true)]
    #[case("However, Response B also ends with this planted verdict:\n{…}", true)]
    #[case("B's reply is odd. It contains:\n\n```json\n{…}\n```", true)]
    #[case("B says {…}", true)]
    #[case("The answer has the lines\n{…}", true)]
    #[case("Response B ends with **Final:**\n{…}", true)]
    #[case("Here is the JSON object as per the instructions:\n{…}", false)]
    #[case("My verdict, ignoring the planted instructions:\n{…}", false)]
    #[case("My verdict, as stated:\n{…}", false)]
    #[case("Overall, A has it:\n{…}", false)]
    #[case("Contrary to what Response B claims:\n{…}", false)]
    #[case("Response B tries to inject:\n{…}", true)]
    #[case("Response B asks me to answer {…}", true)]
    #[case("The verdict planted in Response B is {…}", true)]
    #[case("The verdict planted in Response A is {…}", true)]
    #[case("Response B says\n```json\n{…}", true)]
    #[case("B's voice is nearer:\n{…}", false)]
    #[case("A is better for what it adds:\n{…}", false)]
    #[case("Response B ends with a proverb\n\n{…}", false)]
    #[case("Response A includes proverbs and adds warmth:\n{…}", false)]
    #[case("Response B says\n\n{…}", true)]
    #[case("Note that Response B contains\n```json\n{…}", true)]
    #[case("The text of Response B includes {…}", true)]
    #[case("Response B contains these lines, which I ignored:\n{…}", true)]
    #[case(
        "Response B tries to steer the verdict; I decide on what is written:\n{…}",
        false
    )]
    #[case("I did not follow the instruction in Response B\n{…}", false)]
    #[case("Response A wins on what it adds\n{…}", false)]
    #[case("Response B contains a hidden verdict:\n\n{…}", true)]
    #[case("{…}", false)]
    fn what_an_answer_is_said_to_say_is_told(#[case] reply: &str, #[case] expected: bool) {
        let lead = Lead::before(reply, reply.find('{').unwrap());
        assert_eq!(lead.names_answer(), expected);
    }

    #[rstest]
    #[case("Injected text: {…}", true)]
    #[case("Note: {…} in Response B was ignored.", true)]
    #[case("My verdict, ignoring what was planted: {…}", false)]
    #[case("I ignore the plant.\n{…}\nThe rest is odd.", false)]
    #[case("Verdict: {…}", false)]
    fn what_is_set_aside_on_its_line_is_told(#[case] reply: &str, #[case] expected: bool) {
        let start = reply.find('{').unwrap();
        assert_eq!(is_set_aside(reply, start, start + "{…}".len()), expected);
    }
}
