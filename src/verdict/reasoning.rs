//! Takes a model's reasoning off its answer.
//!
//! What a reasoning model writes before it answers is neither an answer to be
//! judged nor a verdict: drafts stand in it. Four shapes are known: a pair of
//! tags (`<think>…</think>` and its kin), an opening tag that is never closed, a
//! closing tag whose opening tag stood in the prompt, and the analysis channel
//! of the harmony format. One pass over the text, nothing is rescanned.

use std::borrow::Cow;

/// A text without its reasoning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripped<'a> {
    /// What is left. The text itself, untouched, where it held no reasoning;
    /// else trimmed.
    pub answer: Cow<'a, str>,
    /// Whether the text held reasoning, even an empty block.
    pub had_reasoning: bool,
}

/// Names of the tags that hold reasoning, compared without case.
const TAGS: [&str; 9] = [
    "think",
    "thinking",
    "reasoning",
    "thought",
    "thoughts",
    "seed:think",
    "scratchpad",
    "reflection",
    "inner_monologue",
];

/// Opening and closing marks that are no tags, compared as they stand.
const MARKS: [(&str, &str); 5] = [
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|think|>", "<|/think|>"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("◁think▷", "◁/think▷"),
];

const CHANNEL: &str = "<|channel|>";
const MESSAGE: &str = "<|message|>";
const START: &str = "<|start|>";

/// Control tokens of the harmony format that end a message.
const ENDS: [&str; 3] = ["<|end|>", "<|return|>", "<|call|>"];

/// A channel's header is short; a longer one is taken for broken.
const HEADER_BYTES: usize = 200;

/// Takes off every reasoning block.
///
/// Tags do not nest: an opening tag inside a block is part of the block. A
/// closing tag without an opening one ends a block that began at the very start,
/// so that all before it is dropped. An opening tag that is never closed runs to
/// the end. A tag between two quotes or backticks is a mention, not a block.
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
    let mut kept = Kept::new(text);
    let harmony = text.contains(CHANNEL);
    if !harmony && let Some(at) = detokenised_final(text) {
        kept.drop_before(at);
    }
    kept.walk(harmony);
    kept.finish()
}

/// Where the answer begins in harmony output whose control tokens were dropped
/// by the server: `analysis… assistantfinal…`.
fn detokenised_final(text: &str) -> Option<usize> {
    const FINAL: &str = "assistantfinal";
    if !text.starts_with("analysis") {
        return None;
    }
    text.rfind(FINAL).map(|at| at + FINAL.len())
}

/// What the walk is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Answer,
    Block,
    Analysis,
}

/// What stands at a place of the text.
enum Mark {
    Open(usize),
    Close(usize),
    /// A channel's header; whether it is the analysis channel.
    Channel(usize, bool),
    /// Another control token of the harmony format.
    Control(usize),
}

struct Kept<'a> {
    text: &'a str,
    ranges: Vec<(usize, usize)>,
    from: usize,
    inside: Inside,
    had_reasoning: bool,
}

impl<'a> Kept<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            ranges: Vec::new(),
            from: 0,
            inside: Inside::Answer,
            had_reasoning: false,
        }
    }

    /// Meets every mark from here on.
    fn walk(&mut self, harmony: bool) {
        let bytes = self.text.as_bytes();
        let mut at = self.from;
        // The lead byte of ◁ is 0xE2.
        let is_mark = |byte: &u8| matches!(byte, b'<' | b'[' | 0xE2);
        while let Some(by) = bytes[at..].iter().position(is_mark) {
            at += by;
            at += match mark_at(self.text, at, harmony) {
                Some(mark) => self.meet(at, &mark),
                None => 1,
            };
        }
    }

    /// Takes in a mark and says how many bytes it has.
    fn meet(&mut self, at: usize, mark: &Mark) -> usize {
        match *mark {
            Mark::Open(len) => {
                if self.inside == Inside::Answer && !is_mention(self.text, at, len) {
                    self.keep_until(at);
                    self.inside = Inside::Block;
                    self.had_reasoning = true;
                }
                len
            }
            Mark::Close(len) => {
                match self.inside {
                    Inside::Block => self.resume(at + len),
                    Inside::Answer if !is_mention(self.text, at, len) => {
                        self.drop_before(at + len);
                    }
                    Inside::Answer | Inside::Analysis => {}
                }
                len
            }
            Mark::Channel(len, analysis) => {
                if self.inside == Inside::Answer {
                    self.keep_until(at);
                }
                self.resume(at + len);
                if analysis {
                    self.inside = Inside::Analysis;
                    self.had_reasoning = true;
                }
                len
            }
            Mark::Control(len) => {
                match self.inside {
                    Inside::Answer => {
                        self.keep_until(at);
                        self.resume(at + len);
                    }
                    Inside::Analysis => self.resume(at + len),
                    Inside::Block => {}
                }
                len
            }
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
        if self.from == 0 && self.inside == Inside::Answer {
            return Stripped {
                answer: Cow::Borrowed(self.text),
                had_reasoning: false,
            };
        }
        if self.inside == Inside::Answer {
            self.keep_until(self.text.len());
        }
        Stripped {
            answer: join(self.text, &self.ranges),
            had_reasoning: self.had_reasoning,
        }
    }
}

/// The kept ranges as one text; a line break stands where two would be glued.
fn join<'a>(text: &'a str, ranges: &[(usize, usize)]) -> Cow<'a, str> {
    let mut parts = ranges
        .iter()
        .filter_map(|&(from, to)| text.get(from..to))
        .filter(|part| !part.trim().is_empty());
    let Some(first) = parts.next() else {
        return Cow::Borrowed("");
    };
    let mut joined = Cow::Borrowed(first);
    for part in parts {
        let joined = joined.to_mut();
        if !joined.ends_with(char::is_whitespace) && !part.starts_with(char::is_whitespace) {
            joined.push('\n');
        }
        joined.push_str(part);
    }
    match joined {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn mark_at(text: &str, at: usize, harmony: bool) -> Option<Mark> {
    let rest = text.get(at..)?;
    for (open, close) in MARKS {
        if rest.starts_with(open) {
            return Some(Mark::Open(open.len()));
        }
        if rest.starts_with(close) {
            return Some(Mark::Close(close.len()));
        }
    }
    if let Some(mark) = tag_at(rest) {
        return Some(mark);
    }
    if harmony { control_at(rest) } else { None }
}

/// A tag such as `<think>`, `</Think >` at the start of `rest`.
fn tag_at(rest: &str) -> Option<Mark> {
    let body = rest.strip_prefix('<')?;
    let (closing, body) = match body.strip_prefix('/') {
        Some(body) => (true, body),
        None => (false, body),
    };
    let name = TAGS.into_iter().find(|name| {
        body.as_bytes()
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
            && matches!(body.as_bytes().get(name.len()), Some(b'>' | b' ' | b'\t'))
    })?;
    let after = body.get(name.len()..)?;
    // More blanks than anybody writes would make a run of them quadratic.
    let blanks = after
        .bytes()
        .take(8)
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    if after.as_bytes().get(blanks) != Some(&b'>') {
        return None;
    }
    let len = rest.len() - after.len() + blanks + 1;
    Some(if closing {
        Mark::Close(len)
    } else {
        Mark::Open(len)
    })
}

/// A control token of the harmony format at the start of `rest`.
fn control_at(rest: &str) -> Option<Mark> {
    if let Some(header) = rest.strip_prefix(CHANNEL) {
        let end = header
            .as_bytes()
            .windows(MESSAGE.len())
            .take(HEADER_BYTES)
            .position(|window| window == MESSAGE.as_bytes());
        let analysis = header.trim_start().starts_with("analysis");
        let header_len = match end {
            Some(end) => end + MESSAGE.len(),
            None => header
                .bytes()
                .take(HEADER_BYTES)
                .take_while(u8::is_ascii_alphanumeric)
                .count(),
        };
        return Some(Mark::Channel(CHANNEL.len() + header_len, analysis));
    }
    if let Some(role) = rest.strip_prefix(START) {
        let role_len = role
            .bytes()
            .take(32)
            .take_while(u8::is_ascii_alphanumeric)
            .count();
        return Some(Mark::Control(START.len() + role_len));
    }
    ENDS.into_iter()
        .chain([MESSAGE])
        .find(|token| rest.starts_with(token))
        .map(|token| Mark::Control(token.len()))
}

/// Whether the tag stands between two quotes or backticks.
fn is_mention(text: &str, at: usize, len: usize) -> bool {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’');
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let after = text.get(at + len..).and_then(|after| after.chars().next());
    before.is_some_and(is_quote) && after.is_some_and(is_quote)
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
    #[case::less_than("1 < 2 [and] more")]
    #[case::word_analysis("analysis of the answers")]
    #[case::unfinished_tag("a <think")]
    fn a_text_without_reasoning_is_untouched(#[case] text: &str) {
        let stripped = strip(text);
        assert_eq!(stripped.answer, text);
        assert!(!stripped.had_reasoning);
        assert!(matches!(stripped.answer, Cow::Borrowed(_)));
    }

    #[test]
    fn many_tags_are_read_in_one_pass() {
        for tag in [
            "<think>",
            "</think>",
            "<",
            "<|channel|>",
            "<|start|>",
            "<think ",
        ] {
            let text = tag.repeat(200_000 / tag.len());
            let stripped = strip(&text);
            assert!(stripped.answer.len() <= text.len());
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
