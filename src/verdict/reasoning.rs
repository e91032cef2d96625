//! Takes a model's reasoning off its answer.
//!
//! What a reasoning model writes before it answers is neither an answer to be
//! judged nor a verdict: drafts stand in it. Four shapes are known: a pair of
//! tags (`<think>…</think>` and its kin, see `mark`), an opening tag that is never
//! closed, a closing tag whose opening tag stood in the prompt, and the channels of the
//! harmony format that hold no answer. A tag that names an analysis is reasoning only as a pair
//! that text follows. One pass over the text, nothing is rescanned.

mod mark;

use std::borrow::Cow;

use self::mark::{Bracket, Holds, Kind, Mark, has_channels, mark_at};

/// A text without its reasoning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripped<'a> {
    /// What is left. The text itself, untouched, where it held no reasoning;
    /// else trimmed.
    pub answer: Cow<'a, str>,
    /// Whether the text held reasoning, even an empty block.
    pub had_reasoning: bool,
    /// Whether an analysis was taken off, which may have been a part of the answer.
    pub had_analysis: bool,
    /// Bytes of the answer before each place where something was taken out of its middle:
    /// a block or a control token.
    pub(crate) seams: Vec<usize>,
}

/// Takes off every reasoning block.
///
/// Tags do not nest: an opening tag inside a block is part of the block. A
/// closing tag without an opening one ends a block that began at the very start,
/// so that all before it is dropped. An opening tag that is never closed runs to
/// the end, unless it may be a heading (`[Analysis]`) or a mention in a sentence
/// (`its <think> block`). A tag between two quotes or backticks is always a mention.
/// Of an analysis (`<analysis>…</analysis>`) only a pair that text follows is one.
///
/// ```
/// use oyer::verdict::reasoning::strip;
///
/// let stripped = strip("<think>B? No.</think>\nI would ask my mother.");
/// assert_eq!(stripped.answer, "I would ask my mother.");
/// assert!(stripped.had_reasoning);
/// assert_eq!(strip("so I ask her</think>Yes.").answer, "Yes.");
/// ```
pub fn strip(text: &str) -> Stripped<'_> {
    take_off(text, Leaves::Nothing)
}

/// As [`strip`], but for calls of a tool, which are left: a judge may give its verdict in one.
pub(crate) fn strip_reply(text: &str) -> Stripped<'_> {
    take_off(text, Leaves::Calls)
}

/// As [`strip_reply`], but for analyses, which are left too.
pub(crate) fn strip_but_analysis(text: &str) -> Stripped<'_> {
    take_off(text, Leaves::Analyses)
}

/// What is left though it is not plainly an answer, each with what stands before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaves {
    Nothing,
    Calls,
    Analyses,
}

fn take_off(text: &str, leaves: Leaves) -> Stripped<'_> {
    let mut kept = Kept::new(text, leaves);
    let channels = has_channels(text);
    if !channels && let Some(at) = detokenised_final(text) {
        kept.drop_before(at);
    }
    kept.walk(channels);
    kept.finish()
}

/// Where the answer begins in harmony output whose control tokens were dropped
/// by the server: `analysis… assistantfinal…`. Where it was cut off before its answer, a
/// sentence is joined to the channel's name (`analysisWe …`).
fn detokenised_final(text: &str) -> Option<usize> {
    const FINAL: &str = "assistantfinal";
    let reasoning = text.strip_prefix("analysis")?;
    let joined = reasoning.starts_with(char::is_uppercase);
    let answer = text.rfind(FINAL).map(|at| at + FINAL.len());
    answer.or_else(|| joined.then_some(text.len()))
}

/// Bytes before and after a tag within which the quotes stand that it is quoted in.
const QUOTED_BYTES: usize = 400;

/// What ends a call of a tool.
const CALL_END: &str = "<|call|>";

/// What the walk is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Answer,
    Block,
    /// The block of a tag that is none unless a like one closes it.
    Doubtful {
        at: usize,
        bracket: Bracket,
        /// The first opening tag in it that leaves no doubt.
        certain: Option<usize>,
    },
    /// A channel that holds no answer.
    Channel,
}

struct Kept<'a> {
    text: &'a str,
    ranges: Vec<(usize, usize)>,
    from: usize,
    inside: Inside,
    had_reasoning: bool,
    had_analysis: bool,
    leaves: Leaves,
    /// Where the last call of a tool ends.
    last_call: usize,
    /// How far braces were counted since a message began, and how many are open there.
    braces: (usize, usize),
}

impl<'a> Kept<'a> {
    fn new(text: &'a str, leaves: Leaves) -> Self {
        Self {
            text,
            ranges: Vec::new(),
            from: 0,
            inside: Inside::Answer,
            had_reasoning: false,
            had_analysis: false,
            leaves,
            last_call: text.rfind(CALL_END).unwrap_or(0),
            braces: (0, 0),
        }
    }

    /// Meets every mark from here on.
    fn walk(&mut self, channels: bool) {
        let text = self.text;
        let mut at = self.from;
        // The lead byte of ◁ is 0xE2.
        let is_mark = |byte: &u8| matches!(byte, b'<' | b'[' | 0xE2);
        while let Some(by) = text.as_bytes()[at..].iter().position(is_mark) {
            at += by;
            let mark = text.get(at..).and_then(|rest| mark_at(rest, channels));
            at += match mark {
                Some(mark) => {
                    self.meet(at, mark);
                    mark.len
                }
                None => 1,
            };
        }
    }

    fn meet(&mut self, at: usize, mark: Mark) {
        let end = at + mark.len;
        match mark.kind {
            Kind::Open { holds, .. } | Kind::Close { holds, .. }
                if self.leaves == Leaves::Analyses && holds == Holds::Analysis => {}
            Kind::Open {
                bracket,
                holds,
                heading,
            } => {
                let doubtful = heading || holds == Holds::Analysis || goes_on(self.text, at, end);
                self.open(at, end, bracket, doubtful);
            }
            Kind::Close {
                bracket,
                holds: Holds::Reasoning,
            } => self.close(at, end, bracket),
            Kind::Close {
                bracket,
                holds: Holds::Analysis,
            } => self.close_analysis(at, end, bracket),
            Kind::Channel { calls: true, .. }
                if self.leaves != Leaves::Nothing && !self.begins_message(at) =>
            {
                self.pass_quoted_call(at, end);
            }
            Kind::Channel { hidden, calls } => {
                self.leave(at);
                self.resume(end);
                if hidden && !(calls && self.leaves != Leaves::Nothing) {
                    self.inside = Inside::Channel;
                    self.had_reasoning = true;
                }
            }
            Kind::Control if self.inside != Inside::Block => {
                self.leave(at);
                self.resume(end);
            }
            Kind::Control => {}
        }
    }

    /// Whether a message begins at `at`: where the text, another message or a block of
    /// reasoning ended before it, or on a line of its own outside an object.
    fn begins_message(&mut self, at: usize) -> bool {
        let before = self
            .text
            .get(self.from..at)
            .unwrap_or("")
            .trim_end_matches(' ');
        // `<|start|>assistant to=functions.submit<|channel|>`
        let last = before.rsplit(char::is_whitespace).next().unwrap_or("");
        let recipient = if last.starts_with("to=") {
            last.len()
        } else {
            0
        };
        let head = before.get(..before.len() - recipient).unwrap_or("");
        let follows = self.inside == Inside::Answer && head.trim_end().is_empty();
        follows || (before.ends_with('\n') && self.open_braces(at) == 0)
    }

    /// How many braces are open at `at` in the message around it.
    fn open_braces(&mut self, at: usize) -> usize {
        let (mut counted, mut open) = self.braces;
        if counted < self.from {
            (counted, open) = (self.from, 0);
        }
        for byte in self.text.get(counted..at).unwrap_or("").bytes() {
            match byte {
                b'{' => open += 1,
                b'}' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        self.braces = (at, open);
        open
    }

    /// A call of a tool that is quoted begins no message. What it holds is no answer, if it
    /// ends.
    fn pass_quoted_call(&mut self, at: usize, end: usize) {
        let is_kept = !matches!(self.inside, Inside::Block | Inside::Channel);
        if is_kept && end <= self.last_call {
            self.leave(at);
            self.resume(end);
            self.inside = Inside::Channel;
            self.had_reasoning = true;
        }
    }

    fn open(&mut self, at: usize, end: usize, bracket: Bracket, doubtful: bool) {
        match &mut self.inside {
            Inside::Answer if is_quoted(self.text, at, end) => {}
            Inside::Answer => {
                self.keep_until(at);
                self.inside = if doubtful {
                    Inside::Doubtful {
                        at,
                        bracket,
                        certain: None,
                    }
                } else {
                    self.had_reasoning = true;
                    Inside::Block
                };
            }
            Inside::Doubtful { certain, .. } if !doubtful => {
                certain.get_or_insert(at);
            }
            Inside::Doubtful { .. } | Inside::Block | Inside::Channel => {}
        }
    }

    fn close(&mut self, at: usize, end: usize, bracket: Bracket) {
        match self.inside {
            Inside::Block => self.resume(end),
            Inside::Doubtful {
                bracket: opened,
                certain,
                ..
            } if opened == bracket => {
                if certain.is_some() {
                    self.leave(at);
                }
                self.had_reasoning = true;
                self.resume(end);
            }
            Inside::Channel => {}
            Inside::Answer | Inside::Doubtful { .. } => {
                if !is_quoted(self.text, at, end) && !goes_on(self.text, at, end) {
                    self.drop_before(end);
                }
            }
        }
    }

    /// The end of an analysis: what it closes is none of the answer where more follows.
    fn close_analysis(&mut self, at: usize, end: usize, bracket: Bracket) {
        let rest = self.text.get(end..).unwrap_or("");
        match self.inside {
            Inside::Doubtful {
                bracket: opened, ..
            } if opened == bracket && rest.contains(char::is_alphanumeric) => {
                self.had_analysis = true;
                self.close(at, end, bracket);
            }
            _ => {}
        }
    }

    /// Keeps what is an answer up to here. What is in doubt is one.
    fn leave(&mut self, end: usize) {
        match self.inside {
            Inside::Answer => self.keep_until(end),
            Inside::Doubtful { at, certain, .. } => {
                // What was kept before the tag goes on with it.
                self.from = match self.ranges.pop_if(|(_, to)| *to == at) {
                    Some((from, _)) => from,
                    None => at,
                };
                self.had_reasoning |= certain.is_some();
                self.keep_until(certain.unwrap_or(end));
            }
            Inside::Block | Inside::Channel => {}
        }
    }

    fn keep_until(&mut self, end: usize) {
        if self.from < end {
            self.ranges.push((self.from, end));
        }
        self.from = end;
    }

    fn resume(&mut self, at: usize) {
        self.inside = Inside::Answer;
        self.from = at;
    }

    fn drop_before(&mut self, at: usize) {
        self.ranges.clear();
        self.resume(at);
        self.had_reasoning = true;
    }

    fn finish(mut self) -> Stripped<'a> {
        self.leave(self.text.len());
        let whole = self.ranges == [(0, self.text.len())] || self.text.is_empty();
        let (answer, seams) = if whole {
            (Cow::Borrowed(self.text), Vec::new())
        } else {
            join(self.text, &self.ranges)
        };
        Stripped {
            answer,
            seams,
            had_reasoning: self.had_reasoning,
            had_analysis: self.had_analysis,
        }
    }
}

/// The kept ranges as one text, and where two of them meet; a line break stands where
/// they would be glued.
fn join<'a>(text: &'a str, ranges: &[(usize, usize)]) -> (Cow<'a, str>, Vec<usize>) {
    let mut parts = ranges
        .iter()
        .filter_map(|&(from, to)| text.get(from..to))
        .filter(|part| !part.trim().is_empty());
    let mut seams = Vec::new();
    let Some(first) = parts.next() else {
        return (Cow::Borrowed(""), seams);
    };
    let mut joined = Cow::Borrowed(first);
    let trimmed = first.len() - first.trim_start().len();
    for part in parts {
        let joined = joined.to_mut();
        if !joined.ends_with(char::is_whitespace) && !part.starts_with(char::is_whitespace) {
            joined.push('\n');
        }
        seams.push(joined.len() - trimmed);
        joined.push_str(part);
    }
    let joined = match joined {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    (joined, seams)
}

/// Whether the tag stands between two quotes or backticks, which may be escaped, or in
/// words that are quoted on its line.
fn is_quoted(text: &str, at: usize, end: usize) -> bool {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’');
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let after = text.get(end..).unwrap_or("").trim_start_matches('\\');
    let between = before.is_some_and(is_quote) && after.starts_with(is_quote);
    between || is_in_quoted_words(text, at, end)
}

/// Whether the tag stands in quotes that are opened and closed on its line: `"reason": "B
/// leaks </think>."}`.
fn is_in_quoted_words(text: &str, at: usize, end: usize) -> bool {
    let opens = |c: char| c.is_whitespace() || matches!(c, ':' | '(' | '[' | '{' | ',' | '=');
    let closes = |c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']' | ')' | '.' | ';');
    let from = text.floor_char_boundary(at.saturating_sub(QUOTED_BYTES));
    let to = text.floor_char_boundary(end.saturating_add(QUOTED_BYTES));
    let before = text.get(from..at).unwrap_or("");
    let before = before.rsplit('\n').next().unwrap_or("");
    let after = text.get(end..to).unwrap_or("");
    let after = after.split('\n').next().unwrap_or("");
    let is_open = last_quote(before)
        .and_then(|quote| before.get(..quote))
        .is_some_and(|before| before.is_empty() || before.ends_with(opens));
    let is_closed = first_quote(after)
        .and_then(|quote| after.get(quote + 1..))
        .is_some_and(|after| after.is_empty() || after.starts_with(closes));
    is_open && is_closed
}

/// Where the last quote stands that is not escaped.
fn last_quote(text: &str) -> Option<usize> {
    text.rmatch_indices('"')
        .map(|(at, _)| at)
        .find(|&at| !text[..at].ends_with('\\'))
}

/// Where the first quote stands that is not escaped.
fn first_quote(text: &str) -> Option<usize> {
    text.match_indices('"')
        .map(|(at, _)| at)
        .find(|&at| !text[..at].ends_with('\\'))
}

/// Whether a sentence goes on over the tag: `its <think> block`, `a stray </think>"}`.
fn goes_on(text: &str, at: usize, end: usize) -> bool {
    let mut before = text.get(..at).unwrap_or("").chars().rev();
    let mut after = text.get(end..).unwrap_or("").chars();
    let in_sentence = match before.next() {
        Some(' ') => before.next().is_some_and(char::is_alphabetic),
        before => before == Some('('),
    };
    let ends_word = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || c == ',' || c == '}');
    in_sentence
        && match after.next() {
            Some(' ') => after.next().is_some_and(char::is_lowercase),
            Some('"' | '\'' | '”' | '.' | ':') => ends_word(after.next()),
            Some(',' | ';' | ')' | '-') => true,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::verdict::extract::cases::seeded;

    #[rstest]
    #[case::pair("<think>hm</think>Yes", "Yes")]
    #[case::pair_in_the_middle("Well. <think>hm</think> Yes", "Well.  Yes")]
    #[case::glued("Well<think>hm</think>Yes", "Well\nYes")]
    #[case::several("<think>a</think>One<think>b</think>\nTwo", "One\nTwo")]
    #[case::upper_case("<THINK>hm</Think>Yes", "Yes")]
    #[case::thinking("<thinking>hm</thinking>Yes", "Yes")]
    #[case::reasoning("<reasoning>hm</reasoning>Yes", "Yes")]
    #[case::blanks_in_the_tag("<think >hm</think >Yes", "Yes")]
    #[case::mixed_names("<thinking>hm</think>Yes", "Yes")]
    #[case::unclosed("Yes <think>hm", "Yes")]
    #[case::unclosed_from_the_start("<think>hm", "")]
    #[case::lone_close("hm, B\n</think>\nYes", "Yes")]
    #[case::two_lone_closes("hm</think>hm</think>Yes", "Yes")]
    #[case::open_inside_a_block("<think>a <think> b</think>Yes", "Yes")]
    #[case::nested_blocks("<think>a<think>b</think>c</think>Yes", "Yes")]
    #[case::empty_block("<think>\n\n</think>\n\nYes", "Yes")]
    #[case::close_at_the_end("hm</think>", "")]
    #[case::square("[THINK]hm[/THINK]Yes", "Yes")]
    #[case::triangles("◁think▷hm◁/think▷Yes", "Yes")]
    #[case::scratchpad("<scratchpad>hm</scratchpad>Yes", "Yes")]
    #[case::thought_tokens("<|begin_of_thought|>hm<|end_of_thought|>Yes", "Yes")]
    #[case::cohere("<|START_THINKING|>hm<|END_THINKING|>Yes", "Yes")]
    #[case::harmony(
        "<|channel|>analysis<|message|>B?<|end|><|start|>assistant<|channel|>final<|message|>Yes<|return|>",
        "Yes"
    )]
    #[case::harmony_with_start(
        "<|start|>assistant<|channel|>analysis<|message|>B?<|end|>\n<|start|>assistant<|channel|>final <|constrain|>json<|message|>Yes",
        "Yes"
    )]
    #[case::harmony_without_end(
        "<|channel|>analysis<|message|>B?<|channel|>final<|message|>Yes",
        "Yes"
    )]
    #[case::harmony_cut("<|channel|>analysis<|message|>B? then", "")]
    #[case::harmony_commentary(
        "<|channel|>commentary<|message|>B?<|end|><|start|>assistant<|channel|>final<|message|>Yes",
        "Yes"
    )]
    #[case::harmony_commentary_without_end(
        "<|channel|>commentary to=x B? <|channel|>final<|message|>Yes",
        "Yes"
    )]
    #[case::harmony_broken("<|channel>thought\nB?<channel|>Yes", "Yes")]
    #[case::harmony_broken_cut("<|channel>thought\nB?", "")]
    #[case::begin_and_end("[BEGIN THINK]hm[END THINK]Yes", "Yes")]
    #[case::begin_unclosed("Yes\n[BEGIN THINKING]hm", "Yes")]
    #[case::square_heading_closed("[Reasoning]hm[/Reasoning]Yes", "Yes")]
    #[case::ant_thinking("<antThinking>hm</antThinking>Yes", "Yes")]
    #[case::namespace("<ant:thinking>hm</ant:thinking>Yes", "Yes")]
    #[case::analysis("<persona_analysis>hm</persona_analysis>Yes", "Yes")]
    #[case::attributes("<think type=\"x\">hm</think>Yes", "Yes")]
    #[case::reflection("<reflection>hm</reflection>Yes", "Yes")]
    #[case::chain_of_thought("<|chain_of_thought|>hm<|/chain_of_thought|>Yes", "Yes")]
    #[case::end_token("hm<|end_thinking|>Yes", "Yes")]
    #[case::mention_then_block(
        "Its <think> block is odd.\n<think>hm</think>Yes",
        "Its <think> block is odd.\nYes"
    )]
    #[case::mention_then_unclosed(
        "Its <think> block is odd.\n<think>hm",
        "Its <think> block is odd."
    )]
    #[case::heading_in_a_lone_block("[Analysis] hm </think>Yes", "Yes")]
    #[case::analysis_from_start_to_end("[START OF ANALYSIS] hm [END OF ANALYSIS] Yes", "Yes")]
    #[case::analysis_in_a_block("<think>hm <analysis>a</analysis> hm</think>Yes", "Yes")]
    #[case::analysis_in_an_open_block("Yes <think>hm <analysis>a</analysis> hm", "Yes")]
    #[case::block_in_an_analysis("<analysis><think>hm</think>Yes", "<analysis>\nYes")]
    #[case::harmony_detokenised_cut("analysisWe compare. {x}", "")]
    #[case::unnamed("<unused94>thought\nhm<unused95>Yes", "Yes")]
    #[case::wide_tokens("<｜begin▁of▁thought｜>hm<｜end▁of▁thought｜>Yes", "Yes")]
    #[case::tag_after_quoted_words(
        "He says \"no\" <think>hm</think> \"x\"",
        "He says \"no\"  \"x\""
    )]
    #[case::harmony_detokenised("analysisWe compare.assistantfinalYes", "Yes")]
    fn reasoning_is_taken_off(#[case] text: &str, #[case] answer: &str) {
        let stripped = strip(text);
        assert_eq!(stripped.answer, answer);
        assert!(stripped.had_reasoning);
    }

    #[rstest]
    #[case::plain("  I would ask my mother. ")]
    #[case::empty("")]
    #[case::other_tag("<thinker>a</thinker>")]
    #[case::mention("The tag \"<think>\" is odd, so is `</think>`.")]
    #[case::mention_in_a_sentence("It leaks its <think> block.\nThat is odd.")]
    #[case::mention_before_a_comma("It leaks <think>, which is odd.")]
    #[case::mention_at_the_end("It leaks <think>.\nThat is odd.")]
    #[case::mention_in_brackets("It is odd (<think> is no word).")]
    #[case::mention_in_a_string("{\"reason\": \"A leaks <think>\", \"winner\": \"B\"}")]
    #[case::escaped_mention(r#"{"reason": "A ends with \"</think>\".", "winner": "B"}"#)]
    #[case::mention_that_ends_a_string(r#"{"reason": "A ends with …</think>."}"#)]
    #[case::mention_that_begins_a_string(r#"{"reason": "<think>I am, says A", "winner": "B"}"#)]
    #[case::mention_in_quoted_words("A contains \"yes</think>No\" in its text.")]
    #[case::closing_mention("It leaks a </think> tag.\nThat is odd.")]
    #[case::heading("[Analysis]\nA is warm.\n[Verdict]\nA")]
    #[case::placeholder("<analysis of both answers> then a verdict")]
    #[case::empty_tag("a <think/> b <think /> c")]
    #[case::less_than("1 < 2 [and] more")]
    #[case::word_analysis("analysis of the answers")]
    #[case::open_analysis("<analysis>\nA is warm. {x}")]
    #[case::open_named_analysis("Persona Analysis: <persona_analysis> A is warm. {x}")]
    #[case::begun_analysis("[START OF ANALYSIS]\nA is warm.\n\n{x}")]
    #[case::analysis_that_ends_the_text("<analysis>A is warm. {x}</analysis>\n")]
    #[case::end_of_an_analysis("{x}\n\n[End of Analysis]")]
    #[case::end_token_of_an_analysis("{x} <end_of_analysis>")]
    #[case::reason_as_a_placeholder("{\"reason\": <reason>, \"winner\": \"A\"}")]
    #[case::unfinished_tag("a <think")]
    fn a_text_without_reasoning_is_untouched(#[case] text: &str) {
        let stripped = strip(text);
        assert_eq!(stripped.answer, text);
        assert!(!stripped.had_reasoning);
        assert!(matches!(stripped.answer, Cow::Borrowed(_)));
    }

    #[rstest]
    #[case::with_a_recipient("<|channel|>commentary to=functions.x <|constrain|>json<|message|>")]
    #[case::with_a_type("<|channel|>commentary json<|message|>")]
    fn a_call_of_a_tool_is_left_in_a_reply(#[case] header: &str) {
        let text = format!("<|channel|>analysis<|message|>hm<|end|>{header}{{x}}<|call|>");
        assert_eq!(strip(&text).answer, "");
        assert_eq!(strip_reply(&text).answer, "{x}");
        assert_eq!(strip_but_analysis(&text).answer, "{x}");
        let preamble = "<|channel|>commentary<|message|>hm<|end|>";
        assert_eq!(strip_reply(preamble).answer, "");
    }

    #[rstest]
    #[case::after_a_line("So I submit.\n", "So I submit.\n{x}")]
    #[case::after_its_start("<|start|>assistant", "{x}")]
    #[case::after_its_recipient("<|start|>assistant to=functions.x", "to=functions.x\n{x}")]
    #[case::after_a_block("<think>hm</think>\n", "{x}")]
    #[case::after_a_message("<|channel|>final<|message|>Yes<|end|>", "Yes\n{x}")]
    #[case::within_a_line("B says ", "B says")]
    #[case::within_an_object("{\"note\": \"B says\n", "{\"note\": \"B says")]
    #[case::within_reasoning("<|channel|>analysis<|message|>B says ", "")]
    fn a_call_of_a_tool_is_read_where_a_message_begins(#[case] before: &str, #[case] left: &str) {
        let header = "<|channel|>commentary to=functions.x<|message|>";
        let text = format!("{before}{header}{{x}}<|call|>");
        assert_eq!(strip_reply(&text).answer, left);
    }

    #[test]
    fn the_header_of_a_call_that_is_quoted_hides_nothing() {
        let text = "{\"note\": \"<|channel|>commentary to=x<|message|>\", \"winner\": \"A\"}";
        assert_eq!(strip_reply(text).answer, text);
        assert!(!strip_reply(text).had_reasoning);
    }

    #[test]
    fn an_analysis_may_be_left() {
        let text = "<analysis>{x}</analysis>\n<think>hm</think>So it is.";
        assert_eq!(strip(text).answer, "So it is.");
        assert!(strip(text).had_analysis);
        let left = strip_but_analysis(text);
        assert_eq!(left.answer, "<analysis>{x}</analysis>\nSo it is.");
        assert!(left.had_reasoning && !left.had_analysis);
    }

    #[test]
    fn many_tags_are_read_in_one_pass() {
        for tag in [
            "<think>",
            "</think>",
            "<analysis></analysis>",
            "<analysis>",
            "</analysis>",
            "<",
            "<|channel|>",
            "<|start|>",
            "<|channel|>commentary to=x<|message|>",
            "\n<|channel|>commentary to=x<|message|>{",
            "<think ",
        ] {
            let text = tag.repeat(200_000 / tag.len());
            for stripped in [strip(&text), strip_reply(&text)] {
                assert!(stripped.answer.len() <= text.len());
            }
        }
    }

    proptest! {
        #![proptest_config(seeded(128))]

        #[test]
        fn any_text_is_read(text in "(<think>|</think>|<\\|channel\\|>|analysis|final|<\\|message\\|>|<\\|end\\|>|[a-z<>◁é\n ]){0,40}") {
            let stripped = strip(&text);
            prop_assert!(stripped.answer.len() <= text.len() + text.len() / 2);
        }

        #[test]
        fn stripping_twice_is_stripping_once(text in "(<think>|</think>|[a-z ]){0,30}") {
            let once = strip(&text).answer.into_owned();
            prop_assert_eq!(strip(&once).answer, once.as_str());
        }

        #[test]
        fn what_follows_a_block_is_the_answer(block in "[a-z {}\"]{0,40}", answer in "[a-z]{1,20}") {
            let text = format!("<think>{block}</think>{answer}");
            prop_assert_eq!(strip(&text).answer, answer.as_str());
        }
    }
}
