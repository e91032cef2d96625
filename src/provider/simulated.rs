//! The embedded deterministic model.
use super::{ChatRequest, Received};
use crate::study::Entry;
pub(super) fn reply(_entry: &Entry, _request: &ChatRequest<'_>) -> Received {
    Received::default()
}
