//! What the calls cost.

use schemars::JsonSchema;
use serde::Serialize;

/// What the calls cost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Cost {
    /// Calls with a final reply.
    pub calls: u64,
    /// Attempts, failed ones among them.
    pub attempts: u64,
    /// Tokens of prompts.
    pub input_tokens: u64,
    /// Tokens of replies.
    pub output_tokens: u64,
    /// Attempts that may have been billed beyond what is counted here: no reply came,
    /// or one that does not count its tokens.
    pub unmetered: u64,
    /// Dollars of the entries with a price; null where none has one.
    pub dollars: Option<f64>,
    /// Entries that were called and have no price.
    pub unpriced: Vec<String>,
    /// Each model and judge.
    pub entries: Vec<EntryCost>,
}

/// What the calls to one model or judge cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct EntryCost {
    /// The entry's name.
    pub entry: String,
    /// Calls with a final reply.
    pub calls: u64,
    /// Attempts, failed ones among them.
    pub attempts: u64,
    /// Tokens of prompts.
    pub input_tokens: u64,
    /// Tokens of replies.
    pub output_tokens: u64,
    /// Attempts that may have been billed beyond what is counted here.
    pub unmetered: u64,
    /// Dollars; null where the entry has no price.
    pub dollars: Option<f64>,
}
