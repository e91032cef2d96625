//! Which of two answers a judge is shown first.

use serde::{Deserialize, Serialize};

/// Which answer was shown first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The candidate's answer stood first.
    CandidateFirst,
    /// The opponent's answer stood first.
    OpponentFirst,
}

impl Order {
    /// The other order; also this one seen from the opponent's side.
    #[must_use]
    pub fn swapped(self) -> Self {
        match self {
            Self::CandidateFirst => Self::OpponentFirst,
            Self::OpponentFirst => Self::CandidateFirst,
        }
    }
}
