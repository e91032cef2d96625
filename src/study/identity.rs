//! What of an entry can change a reply.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{AlignmentBy, Entry, ProviderKind, ReplyFormat, Simulated, SystemRole};

/// The part of an entry that makes two equal prompts one call or two: where it
/// is equal, a reply to the one is a reply to the other. The server's URL, the
/// key, headers, prices and limits are not part of it, so that a server may move.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Identity<'a> {
    /// Dialect.
    pub provider: ProviderKind,
    /// Model name as the server knows it. A simulated entry that names none goes by
    /// its own name: two of them with equal settings are two models with draws of
    /// their own, such as the arms of a study in which nothing differs.
    pub model: &'a str,
    /// Tells checkpoints of one name apart.
    pub revision: Option<&'a str>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// Most tokens of a reply, under whatever name it is sent.
    pub max_tokens: Option<u32>,
    /// Seed of the first draw.
    pub seed: Option<i64>,
    /// Parameters passed through.
    pub extra: &'a Map<String, Value>,
    /// Where the system prompt goes.
    pub system: SystemRole,
    /// How the reply is bound.
    pub reply: ReplyFormat,
    /// Behaviour, of a simulated entry.
    pub simulated: Option<Simulated>,
    /// What its behaviour is for some personas.
    #[serde(skip_serializing_if = "<[AlignmentBy]>::is_empty")]
    pub alignment_by: &'a [AlignmentBy],
}

impl Entry {
    /// What of this entry can change a reply.
    pub fn identity(&self) -> Identity<'_> {
        Identity {
            provider: self.provider,
            model: &self.model,
            revision: self.revision.as_deref(),
            temperature: self.temperature,
            top_p: self.top_p,
            max_tokens: self.max_tokens,
            seed: self.seed,
            extra: &self.extra,
            system: self.system,
            reply: self.reply,
            alignment_by: &self.alignment_by,
            simulated: (self.provider == ProviderKind::Simulated).then_some(self.simulated),
        }
    }
}
