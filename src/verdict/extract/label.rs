//! One value, one label: which answer a criterion's value names, if any.
//!
//! A winner is never guessed. A value that names both answers, or a word the
//! rubric does not know, says nothing.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::member::is_winner;
use super::repair::{Repair, Repairs};
use super::{east_asian, sentence, text};
use crate::rubric::Rubric;
use crate::verdict::Choice;

/// Why a criterion has no readable label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// No object and no line says the criterion's key.
    NotSaid,
    /// The value is null.
    Null,
    /// The value is empty.
    Empty,
    /// The value is a number, and the label is none.
    Number,
    /// The value states none of the rubric's labels: it names none, or it denies,
    /// hedges or asks.
    UnknownLabel,
    /// The value names more than one label.
    TwoLabels,
    /// The key is said twice in one object, with different winners.
    SaidTwice,
    /// The value is a tie and the rubric knows none.
    TieNotAllowed,
    /// What says it stands in one of the two answers.
    InAnswer,
    /// The reply ends within the value.
    Cut,
}

/// A label that was read, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Labelled {
    pub(super) choice: Choice,
    pub(super) repairs: Repairs,
    /// Whether the value is the label, begins with it and goes on after a mark, or says that
    /// it wins, with a reason at most. Else it is a sentence, which may as well explain a
    /// verdict as give one.
    pub(super) is_plain: bool,
}

pub(super) type Reading = Result<Labelled, Unread>;

/// The labels of a rubric, prepared for reading.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    all: [Label; 3],
    ties: bool,
    letters: bool,
}

/// One label.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub(super) choice: Choice,
    /// As the rubric spells it.
    exact: String,
    /// Without punctuation around it.
    core: String,
    /// The core without case.
    folded: String,
    /// Whether case may be ignored: no other label differs by case alone.
    any_case: bool,
    /// The core's words, for sentences.
    pub(super) words: Vec<String>,
}

/// Words that come before a label, in lower case.
const PREFIXES: [&str; 11] = [
    "response",
    "answer",
    "option",
    "model",
    "assistant",
    "candidate",
    "reply",
    "text",
    "output",
    "choice",
    "version",
];

/// What means a tie whatever the rubric calls it, in lower case. `none` is not among
/// them: it may as well be null.
const TIES: [&str; 27] = [
    "tie",
    "tie game",
    "tied",
    "draw",
    "neither",
    "both",
    "equal",
    "equally",
    "equals",
    "no winner",
    "no clear winner",
    "no preference",
    "no difference",
    "dead heat",
    "平局",
    "平手",
    "引き分け",
    "무승부",
    "unentschieden",
    "gleichstand",
    "égalité",
    "match nul",
    "empate",
    "pareggio",
    "ничья",
    "seri",
    "imbang",
];

pub(super) fn is_prefix(word: &str) -> bool {
    PREFIXES
        .iter()
        .any(|prefix| word.eq_ignore_ascii_case(prefix))
}

impl Labels {
    pub(super) fn new(rubric: &Rubric) -> Self {
        let labels = &rubric.labels;
        let mut all = [
            Label::new(Choice::First, &labels.first),
            Label::new(Choice::Second, &labels.second),
            Label::new(Choice::Tie, &labels.tie),
        ];
        // Where punctuation tells labels apart, it is part of them.
        if !distinct(&all, |label| &label.core) {
            for label in &mut all {
                label.core.clone_from(&label.exact);
                label.folded = fold(&label.core);
                label.words.clear();
            }
        }
        let ambiguous: Vec<bool> = all
            .iter()
            .map(|one| {
                all.iter()
                    .filter(|other| other.folded == one.folded)
                    .count()
                    > 1
            })
            .collect();
        for (label, ambiguous) in all.iter_mut().zip(ambiguous) {
            label.any_case = !ambiguous;
        }
        let [first, second, _] = &all;
        let are_letters = [first, second]
            .iter()
            .all(|label| label.words.len() == 1 && label.words[0].chars().nth(1).is_none());
        let is_article = |label: &Label| label.core.eq_ignore_ascii_case("a");
        Self {
            letters: are_letters && (is_article(first) || is_article(second)),
            all,
            ties: rubric.ties,
        }
    }

    /// Reads a value. `quoted` says whether it is a string: a bare `null` is null.
    pub(super) fn read(&self, value: &str, quoted: bool) -> Reading {
        let read = self.read_any(value, quoted)?;
        if read.choice == Choice::Tie && !self.ties {
            return Err(Unread::TieNotAllowed);
        }
        Ok(read)
    }

    /// Whether a value offers labels to choose from: `A/b`.
    fn are_offered(&self, value: &str) -> bool {
        let mut offered = value
            .split(['/', '|'])
            .filter(|label| !label.trim().is_empty())
            .map(|label| self.read_core(undecorated(label)).map(|read| read.choice));
        let first = offered.next().flatten();
        let mut differs = false;
        first.is_some()
            && offered.all(|other| {
                differs |= other != first;
                other.is_some()
            })
            && differs
    }

    /// Whether a value is a label and nothing more.
    pub(super) fn stands_alone(&self, value: &str) -> bool {
        self.read_core(undecorated(trim(value))).is_some()
    }

    /// Reads a string in which escapes stand: as it is where it is a label so, as
    /// `\boxed{A}` is, else by its text without them.
    pub(super) fn read_escaped(&self, content: &str, unescaped: &str) -> Reading {
        let is_label = self.stands_alone(unwrap_latex(trim(content)));
        self.read(if is_label { content } else { unescaped }, true)
    }

    fn read_any(&self, value: &str, quoted: bool) -> Reading {
        let padded = quoted && trim(value).len() < value.len();
        let value = trim(value);
        let value = if quoted {
            value
        } else {
            without_string_prefix(value)
        };
        if value.is_empty() {
            return Err(Unread::Empty);
        }
        if let Some(label) = self.find(|label| label.exact == value) {
            return Ok(label.read(Repairs::NONE.with_if(padded, Repair::LabelDecoration)));
        }
        let wide = value.chars().any(|c| text::narrow(c) != c);
        let value = if wide {
            Cow::Owned(value.chars().map(text::narrow).collect())
        } else {
            Cow::Borrowed(value)
        };
        let whole = value.len();
        let value = trim(unwrap_latex(&value));
        let core = undecorated(value);
        let padded = Repairs::NONE
            .with_if(padded, Repair::LabelDecoration)
            .with_if(wide, Repair::FullWidth);
        let decorated = padded.with_if(core.len() < whole, Repair::LabelDecoration);
        if let Some(read) = self.read_core(core) {
            return Ok(Labelled {
                repairs: read.repairs.and(decorated),
                ..read
            });
        }
        if let Some(bare) = text::without_tokens(value) {
            let read = self.read_any(trim(&bare), quoted)?;
            return Ok(Labelled {
                repairs: read.repairs.and(padded).with(Repair::StrayText),
                ..read
            });
        }
        if !quoted && is_null(core) {
            return Err(Unread::Null);
        }
        if core.is_empty() || value.ends_with('?') {
            return Err(Unread::UnknownLabel);
        }
        if core.parse::<f64>().is_ok() {
            return Err(Unread::Number);
        }
        if let Some(winner) = encoded_winner(value) {
            let read = self.read_core(undecorated(&winner));
            let how = Repairs::one(Repair::WinnerObject).with(Repair::StringEncoded);
            return read.ok_or(Unread::UnknownLabel).map(|read| Labelled {
                repairs: read.repairs.and(how),
                ..read
            });
        }
        if self.are_offered(value) {
            return Err(Unread::TwoLabels);
        }
        if let Some(reading) = east_asian::read(value, self) {
            return reading;
        }
        sentence::read(value, self)
    }

    /// The label, bare or after a prefix, or a single word for a tie.
    fn read_core(&self, core: &str) -> Option<Labelled> {
        if let Some(label) = self.find(|label| label.core == core) {
            return Some(label.read(Repairs::NONE));
        }
        let folded = fold(core);
        if let Some(label) = self.find(|label| label.any_case && label.folded == folded) {
            return Some(label.read(Repairs::one(Repair::LabelCase)));
        }
        if let Some(rest) = after_prefix(core) {
            return self.read_prefixed(rest);
        }
        let tie = folded.strip_prefix("there is ").unwrap_or(&folded);
        TIES.contains(&tie).then_some(Labelled {
            choice: Choice::Tie,
            repairs: Repairs::one(Repair::TieWord),
            is_plain: true,
        })
    }

    fn read_prefixed(&self, rest: &str) -> Option<Labelled> {
        let prefix = Repairs::one(Repair::LabelPrefix);
        if let Some(label) = self.find(|label| label.core == rest) {
            return Some(label.read(prefix));
        }
        let folded = fold(rest);
        self.find(|label| label.any_case && label.folded == folded)
            .map(|label| label.read(prefix.with(Repair::LabelCase)))
    }

    fn find(&self, fits: impl Fn(&Label) -> bool) -> Option<&Label> {
        self.all.iter().find(|label| fits(label))
    }

    pub(super) fn all(&self) -> &[Label; 3] {
        &self.all
    }

    /// Whether the answers are called by letters of which one is the English article.
    pub(super) fn are_letters(&self) -> bool {
        self.letters
    }
}

impl Label {
    fn new(choice: Choice, label: &str) -> Self {
        let exact = trim(label).to_owned();
        let core = undecorated(&exact).to_owned();
        let words = core
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        Self {
            choice,
            folded: fold(&core),
            exact,
            core,
            any_case: false,
            words,
        }
    }

    fn read(&self, repairs: Repairs) -> Labelled {
        Labelled {
            choice: self.choice,
            repairs,
            is_plain: true,
        }
    }

    /// Without punctuation around it.
    pub(super) fn core(&self) -> &str {
        &self.core
    }

    /// Whether a word of a sentence can be this word of the label: spelled so, or
    /// with a capital where case tells no labels apart.
    pub(super) fn word_fits(&self, own: &str, word: &str) -> bool {
        own == word
            || (self.any_case
                && word.starts_with(char::is_uppercase)
                && own.chars().map(text::fold).eq(word.chars().map(text::fold)))
    }
}

/// Whether no two labels have the same non-empty text.
fn distinct<'a>(labels: &'a [Label; 3], text: impl Fn(&'a Label) -> &'a String) -> bool {
    let [first, second, tie] = labels.each_ref().map(text);
    first != second
        && second != tie
        && first != tie
        && !first.is_empty()
        && !second.is_empty()
        && !tie.is_empty()
}

/// What follows `Response`, `the answer`, `option-` and the like.
fn after_prefix(core: &str) -> Option<&str> {
    let core = match core.get(..4) {
        Some(the) if the.eq_ignore_ascii_case("the ") => core.get(4..)?,
        _ => core,
    };
    let prefix = PREFIXES.iter().find(|prefix| {
        core.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })?;
    let rest = core.get(prefix.len()..)?;
    let label = undecorated(rest.trim_start_matches(['_', '-', ' ']));
    // `responseA` is a label, `options` is a word.
    let apart =
        label.len() < rest.len() || label.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    (apart && !label.is_empty()).then_some(label)
}

/// The inside of `\boxed{A}`, `$\text{A}$` and the like.
fn unwrap_latex(value: &str) -> &str {
    let mut inner = value;
    // Nobody nests more of them; a bound keeps the time linear.
    for _ in 0..3 {
        let candidate = inner.trim_matches(|c: char| c == '$' || c.is_whitespace());
        // Without quotes, the backslash was passed over as noise.
        let Some((name, rest)) = candidate.trim_start_matches('\\').split_once('{') else {
            break;
        };
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        let Some(content) = rest.strip_suffix('}').filter(|_| is_name) else {
            break;
        };
        inner = content;
    }
    inner
}

/// Without the letter that Python writes before some strings: `u'A'`.
fn without_string_prefix(value: &str) -> &str {
    let string = value.strip_prefix(['u', 'b', 'r']).filter(|string| {
        string.len() > 1
            && ['\'', '"']
                .iter()
                .any(|&quote| string.starts_with(quote) && string.ends_with(quote))
    });
    string.unwrap_or(value)
}

/// The `winner` of an object that was written into a string.
fn encoded_winner(value: &str) -> Option<String> {
    if !value.starts_with('{') {
        return None;
    }
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(value).ok()?;
    let mut winners = object.iter().filter(|(key, _)| is_winner(key));
    let (_, winner) = winners.next()?;
    Some(winner.as_str()?.to_owned())
}

fn is_null(core: &str) -> bool {
    ["null", "none", "nil", "undefined"]
        .iter()
        .any(|null| core.eq_ignore_ascii_case(null))
}

fn fold(text: &str) -> String {
    text.chars().map(text::fold).collect()
}

/// Without blanks around it, invisible ones included.
fn trim(value: &str) -> &str {
    value.trim_matches(text::is_blank)
}

/// Without punctuation and markup around it. A leading `!` is more than that.
fn undecorated(value: &str) -> &str {
    value
        .trim_start_matches(|c| c != '!' && is_decoration(c))
        .trim_end_matches(is_decoration)
}

/// Punctuation and markup that may stand around a label.
pub(super) fn is_decoration(c: char) -> bool {
    const DECORATION: &str = "*_`\"'“”‘’«»‹›❛❜❝❞〝〞〟「」『』【】()[]{}<>.,;:!#$\\/|。、•\u{fffd}";
    c.is_whitespace() || DECORATION.contains(c)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::cases::{rubric, rubric_with_labels};
    use super::*;

    fn read(value: &str) -> Result<Choice, Unread> {
        Labels::new(&rubric())
            .read(value, true)
            .map(|read| read.choice)
    }

    fn read_with(labels: [&str; 3], value: &str) -> Result<Choice, Unread> {
        Labels::new(&rubric_with_labels(labels))
            .read(value, true)
            .map(|read| read.choice)
    }

    #[rstest]
    #[case("A")]
    #[case(" A ")]
    #[case("a")]
    #[case("A.")]
    #[case("A!")]
    #[case("(A)")]
    #[case("[A]")]
    #[case("[[A]]")]
    #[case("{A}")]
    #[case("<A>")]
    #[case("**A**")]
    #[case("__A__")]
    #[case("`A`")]
    #[case("\"A\"")]
    #[case("“A”")]
    #[case("【A】")]
    #[case("Ａ")]
    #[case("Response A")]
    #[case("response a")]
    #[case("RESPONSE A")]
    #[case("Response_A")]
    #[case("response-a")]
    #[case("ResponseA")]
    #[case("Response: A")]
    #[case("Response [A]")]
    #[case("**Response A**")]
    #[case("Answer A.")]
    #[case("the answer A")]
    #[case("Option A")]
    #[case("Assistant A")]
    #[case(r"\boxed{A}")]
    #[case(r"$\boxed{\text{A}}$")]
    #[case(r"\\boxed{A}")]
    #[case("\u{feff}A\u{200b}")]
    fn the_first_label_is_read(#[case] value: &str) {
        assert_eq!(read(value), Ok(Choice::First), "{value}");
    }

    #[rstest]
    #[case("Tie")]
    #[case("tie")]
    #[case("TIE")]
    #[case("tie.")]
    #[case("Neither")]
    #[case("both")]
    #[case("Equal")]
    #[case("draw")]
    #[case("**Draw**")]
    #[case("no winner")]
    #[case("There is no clear winner.")]
    #[case("No clear winner.")]
    #[case("No preference")]
    fn a_tie_is_read(#[case] value: &str) {
        assert_eq!(read(value), Ok(Choice::Tie), "{value}");
    }

    #[rstest]
    #[case("", Unread::Empty)]
    #[case("  \n", Unread::Empty)]
    #[case("1", Unread::Number)]
    #[case("0.5", Unread::Number)]
    #[case("-1e3", Unread::Number)]
    #[case("C", Unread::UnknownLabel)]
    #[case("Response C", Unread::UnknownLabel)]
    #[case("null", Unread::UnknownLabel)]
    #[case("none", Unread::UnknownLabel)]
    #[case("no winner can be named", Unread::UnknownLabel)]
    #[case("N/A", Unread::UnknownLabel)]
    #[case("n/a", Unread::UnknownLabel)]
    #[case("...", Unread::UnknownLabel)]
    #[case("true", Unread::UnknownLabel)]
    #[case("winner", Unread::UnknownLabel)]
    #[case("A?", Unread::UnknownLabel)]
    #[case("!A", Unread::UnknownLabel)]
    #[case("! A", Unread::UnknownLabel)]
    #[case("Response !A", Unread::UnknownLabel)]
    #[case("AB", Unread::UnknownLabel)]
    #[case("A or B", Unread::TwoLabels)]
    #[case("A|B", Unread::TwoLabels)]
    #[case("A|B|Tie", Unread::TwoLabels)]
    #[case("A/B", Unread::TwoLabels)]
    #[case("A / B / Tie", Unread::TwoLabels)]
    #[case("<A or B>", Unread::TwoLabels)]
    #[case("A, B", Unread::TwoLabels)]
    #[case("A and B", Unread::TwoLabels)]
    #[case("A=B", Unread::TwoLabels)]
    #[case("Response A | Response B", Unread::TwoLabels)]
    #[case("Response A/Response B", Unread::TwoLabels)]
    #[case("A or Tie", Unread::TwoLabels)]
    fn what_names_no_single_label_says_nothing(#[case] value: &str, #[case] why: Unread) {
        assert_eq!(read(value), Err(why), "{value}");
    }

    #[test]
    fn a_bare_null_is_null() {
        let labels = Labels::new(&rubric());
        for null in ["null", "None", "NULL", "undefined"] {
            assert_eq!(labels.read(null, false), Err(Unread::Null));
        }
    }

    #[test]
    fn a_tie_says_nothing_where_the_rubric_knows_none() {
        let rubric = Rubric {
            ties: false,
            ..rubric()
        };
        let labels = Labels::new(&rubric);
        for tie in ["Tie", "neither", "it is a tie", "Equal"] {
            assert_eq!(labels.read(tie, true), Err(Unread::TieNotAllowed));
        }
        assert!(labels.read("A", true).is_ok());
    }

    #[rstest]
    #[case("Left", Ok(Choice::First))]
    #[case("right", Ok(Choice::Second))]
    #[case("the left answer", Err(Unread::UnknownLabel))]
    #[case("The Left answer is warmer", Ok(Choice::First))]
    #[case("Even", Ok(Choice::Tie))]
    #[case("tie", Ok(Choice::Tie))]
    #[case("A", Err(Unread::UnknownLabel))]
    fn labels_of_several_letters_are_read(
        #[case] value: &str,
        #[case] expected: Result<Choice, Unread>,
    ) {
        assert_eq!(read_with(["Left", "Right", "Even"], value), expected);
    }

    #[rstest]
    #[case("1", Ok(Choice::First))]
    #[case("Response 2", Ok(Choice::Second))]
    #[case("Response 1 is better", Ok(Choice::First))]
    #[case("2 is better", Ok(Choice::Second))]
    #[case("2 reasons speak for it", Err(Unread::UnknownLabel))]
    #[case("3", Err(Unread::Number))]
    #[case("1.0", Err(Unread::Number))]
    #[case("0", Ok(Choice::Tie))]
    fn numbers_may_be_labels(#[case] value: &str, #[case] expected: Result<Choice, Unread>) {
        assert_eq!(read_with(["1", "2", "0"], value), expected);
    }

    #[rstest]
    #[case("m", Ok(Choice::First))]
    #[case("M", Ok(Choice::Second))]
    #[case("Response M", Ok(Choice::Second))]
    #[case("Response m", Ok(Choice::First))]
    #[case("EQUAL", Ok(Choice::Tie))]
    fn case_counts_where_it_tells_labels_apart(
        #[case] value: &str,
        #[case] expected: Result<Choice, Unread>,
    ) {
        assert_eq!(read_with(["m", "M", "="], value), expected);
    }

    #[test]
    fn punctuation_may_belong_to_the_label() {
        assert_eq!(
            read_with(["[[A]]", "[[B]]", "[[C]]"], "[[C]]"),
            Ok(Choice::Tie)
        );
        assert_eq!(
            read_with(["[[A]]", "[[B]]", "[[C]]"], "B"),
            Ok(Choice::Second)
        );
        assert_eq!(read_with(["A", "(A)", "Tie"], "(A)"), Ok(Choice::Second));
        assert_eq!(read_with(["A", "(A)", "Tie"], "A"), Ok(Choice::First));
    }

    #[test]
    fn how_a_label_was_read_is_recorded() {
        let labels = Labels::new(&rubric());
        let repairs = |value: &str| labels.read(value, true).unwrap().repairs.list();
        assert_eq!(repairs("A"), []);
        assert_eq!(repairs("a"), [Repair::LabelCase]);
        assert_eq!(repairs("[[A]]"), [Repair::LabelDecoration]);
        assert_eq!(repairs("Response A"), [Repair::LabelPrefix]);
        assert_eq!(
            repairs("**response b**"),
            [
                Repair::LabelCase,
                Repair::LabelDecoration,
                Repair::LabelPrefix
            ]
        );
        assert_eq!(repairs("neither"), [Repair::TieWord]);
        assert_eq!(repairs("B is warmer"), [Repair::LabelSentence]);
    }
}
