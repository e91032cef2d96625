//! What a run would cost, before it is made: calls, tokens, dollars and time, as
//! ranges with the assumptions behind them. Pure.

use super::{Generation, Plan, PlanError, Response};
use crate::key::Key;
use crate::prompt::Message;
use crate::study::{Entry, ProviderKind};

/// From low to high.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Range {
    /// The least that is likely.
    pub low: f64,
    /// The most that is likely.
    pub high: f64,
}

impl Range {
    fn times(self, n: f64) -> Self {
        Self {
            low: self.low * n,
            high: self.high * n,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            high: self.high + other.high,
        }
    }
}

/// What is known or assumed of an entry's replies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replies {
    /// Reply tokens of a call.
    pub tokens: Range,
    /// Whether they were measured on this entry's stored replies.
    pub is_measured: bool,
}

/// Calls of one entry that a run would make.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct EntryEstimate {
    /// Prompt tokens of all calls.
    pub input_tokens: Range,
    /// Reply tokens of all calls.
    pub output_tokens: Range,
    /// Dollars of all calls, where the entry has a price.
    pub dollars: Option<Range>,
    /// Seconds at the entry's limit, if nothing else were slower.
    pub seconds: Range,
}

/// Bytes of a token of English prose, from measurements of common tokenizers.
const BYTES_PER_TOKEN: Range = Range {
    low: 3.0,
    high: 4.5,
};

/// Tokens a second of one reply, from a busy server to a fast one.
const TOKENS_PER_SECOND: Range = Range {
    low: 20.0,
    high: 100.0,
};

/// Seconds until a reply begins.
const FIRST_TOKEN: Range = Range {
    low: 0.2,
    high: 2.0,
};

/// Calls in flight that an adaptive limit may come to.
const ADAPTIVE_LIMIT: Range = Range {
    low: 16.0,
    high: 128.0,
};

/// Items whose prompts are rendered to learn their length.
const SAMPLED_ITEMS: usize = 200;

/// What a reply of this entry is assumed to take where nothing is measured.
pub fn assumed_replies(entry: &Entry, is_judge: bool) -> Replies {
    let (low, high) = if is_judge {
        (100.0, 800.0)
    } else {
        (80.0, 500.0)
    };
    assumed(entry, Range { low, high })
}

/// What the reply to a structured question is assumed to take: a few words, or as many
/// as the limit lets a model write that does not keep to them.
pub fn assumed_answers(entry: &Entry) -> Replies {
    assumed(
        entry,
        Range {
            low: 4.0,
            high: 60.0,
        },
    )
}

/// Replies that are no longer than the limit, and not all as long: at least half of it
/// stays uncertain, however low it is.
fn assumed(entry: &Entry, tokens: Range) -> Replies {
    let most = entry.max_tokens.map_or(f64::INFINITY, f64::from);
    Replies {
        tokens: Range {
            low: tokens.low.min(most / 2.0),
            high: tokens.high.min(most),
        },
        is_measured: false,
    }
}

/// Mean bytes of a model's prompt, and of a judge's without the two answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PromptBytes {
    /// Of a generation.
    pub generation: f64,
    /// Of a judgment, without the answers.
    pub judgment: f64,
    /// Of a structured question.
    pub answer: f64,
}

impl Plan {
    /// Mean prompt lengths over evenly spaced items.
    pub fn prompt_bytes(&self) -> Result<PromptBytes, PlanError> {
        let step = self.items().len().div_ceil(SAMPLED_ITEMS).max(1);
        let (mut generation, mut judgment) = (Mean::default(), Mean::default());
        let empty = Response::new(Key([0; 32]), "", false);
        for item in (0..self.items().len()).step_by(step) {
            for slot in self
                .generations(item as u32)
                .filter(|slot| self.is_asked(slot))
            {
                generation.add(bytes(&self.generation_call(&slot)?.messages));
            }
            for slot in self.judgments(item as u32).iter().take(2) {
                judgment.add(bytes(&self.judgment_call(slot, &empty, &empty)?.messages));
            }
        }
        Ok(PromptBytes {
            generation: generation.get(),
            judgment: judgment.get(),
            answer: self.structured_bytes()?,
        })
    }

    fn structured_bytes(&self) -> Result<f64, PlanError> {
        let step = self.structured_items().len().div_ceil(SAMPLED_ITEMS).max(1);
        let mut mean = Mean::default();
        for item in (self.items().len()..self.items.len()).step_by(step) {
            if let Some(slot) = self.answers(item as u32).next()
                && let Some((call, _)) = self.answer_call(&slot)?
            {
                mean.add(bytes(&call.messages));
            }
        }
        Ok(mean.get())
    }

    /// Whether a model is asked for this response, or a file has it.
    pub fn is_asked(&self, slot: &Generation) -> bool {
        self.study.models[slot.model].provider != ProviderKind::File
    }
}

/// Tokens of a call, its re-asks included, as stored calls were billed; `None` where no
/// count was given.
pub fn measured(tokens: u64, calls: u64) -> Option<Range> {
    let mean = tokens as f64 / calls.max(1) as f64;
    (mean > 0.0).then_some(Range {
        low: mean * 0.9,
        high: mean * 1.1,
    })
}

/// Tokens of prompts of this many bytes.
pub fn assumed_prompt(bytes: Range) -> Range {
    Range {
        low: bytes.low / BYTES_PER_TOKEN.high,
        high: bytes.high / BYTES_PER_TOKEN.low,
    }
}

/// What `calls` calls with prompts of this many tokens take.
pub fn entry(entry: &Entry, calls: u64, input: Range, replies: Replies) -> EntryEstimate {
    let calls = calls as f64;
    let dollars = entry.price.map(|price| {
        let million = 1e6;
        input
            .times(calls * price.input / million)
            .plus(replies.tokens.times(calls * price.output / million))
    });
    EntryEstimate {
        input_tokens: input.times(calls),
        output_tokens: replies.tokens.times(calls),
        dollars,
        seconds: seconds(entry, calls, replies),
    }
}

fn seconds(entry: &Entry, calls: f64, replies: Replies) -> Range {
    if entry.provider == ProviderKind::Simulated {
        return Range {
            low: calls * 5e-5,
            high: calls * 5e-4,
        };
    }
    let limit = entry.max_connections.map_or(ADAPTIVE_LIMIT, |limit| Range {
        low: f64::from(limit),
        high: f64::from(limit),
    });
    let fastest = FIRST_TOKEN.low + replies.tokens.low / TOKENS_PER_SECOND.high;
    let slowest = FIRST_TOKEN.high + replies.tokens.high / TOKENS_PER_SECOND.low;
    Range {
        low: calls * fastest / limit.high.min(calls.max(1.0)),
        high: calls * slowest / limit.low.min(calls.max(1.0)),
    }
}

fn bytes(messages: &[Message]) -> usize {
    messages.iter().map(|message| message.content.len()).sum()
}

#[derive(Default)]
struct Mean {
    sum: usize,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: usize) {
        self.sum += value;
        self.count += 1;
    }

    fn get(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Price;

    fn priced() -> Entry {
        let mut entry = crate::study::testing::entry("base", ProviderKind::OpenAi);
        entry.price = Some(Price {
            input: 1.0,
            output: 2.0,
        });
        entry.max_tokens = Some(200);
        entry
    }

    #[test]
    fn dollars_follow_from_tokens_and_price() {
        let entry_ = priced();
        let replies = assumed_replies(&entry_, false);
        assert_eq!(
            replies.tokens,
            Range {
                low: 80.0,
                high: 200.0
            }
        );
        let bytes = Range {
            low: 4500.0,
            high: 4500.0,
        };
        let estimate = entry(&entry_, 1000, assumed_prompt(bytes), replies);
        assert!((estimate.input_tokens.low - 1e6).abs() < 1e-6);
        let dollars = estimate.dollars.unwrap();
        assert!((dollars.low - (1.0 + 0.16)).abs() < 1e-9);
        assert!((dollars.high - (1.5 + 0.4)).abs() < 1e-9);
    }

    #[test]
    fn replies_are_assumed_shorter_than_a_low_limit() {
        let mut entry = priced();
        entry.max_tokens = Some(60);
        let tokens = |low, high| Range { low, high };
        assert_eq!(assumed_replies(&entry, false).tokens, tokens(30.0, 60.0));
        assert_eq!(assumed_replies(&entry, true).tokens, tokens(30.0, 60.0));
        entry.max_tokens = Some(4);
        assert_eq!(assumed_answers(&entry).tokens, tokens(2.0, 4.0));
        entry.max_tokens = None;
        assert_eq!(assumed_replies(&entry, true).tokens, tokens(100.0, 800.0));
    }

    #[test]
    fn what_was_measured_is_tokens_of_a_call_and_nothing_without_counts() {
        let mean = measured(12_000, 20).unwrap();
        assert!((mean.low - 540.0).abs() < 1e-9 && (mean.high - 660.0).abs() < 1e-9);
        assert_eq!(measured(0, 20), None);
        assert_eq!(measured(0, 0), None);
    }

    #[test]
    fn time_falls_with_the_connections_but_not_below_one_call() {
        let mut entry_ = priced();
        let replies = assumed_replies(&entry_, false);
        let bytes = Range::default();
        entry_.max_connections = Some(10);
        let ten = entry(&entry_, 1000, bytes, replies).seconds;
        entry_.max_connections = Some(100);
        let hundred = entry(&entry_, 1000, bytes, replies).seconds;
        assert!((ten.high / hundred.high - 10.0).abs() < 1e-9);
        let one = entry(&entry_, 1, bytes, replies).seconds;
        assert!(one.low >= FIRST_TOKEN.low);
    }
}
