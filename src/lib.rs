//! oyer measures what language models say in somebody else's voice.
//!
//! The way of the data, room by room: a [`study`] with its [`rubric`] becomes a
//! [`plan`]; an [`engine`] asks the chat models and keeps every reply in a
//! [`store`]; judge replies are read into [`verdict`]s; [`stats`] and [`analysis`]
//! turn the verdict table into a [`report`]. The library never prints, reads the
//! environment, or exits.

pub mod analysis;
pub mod answers;
pub mod engine;
pub mod import;
mod input;
pub mod key;
pub mod labelling;
pub mod plan;
pub mod problem;
pub mod prompt;
pub mod provider;
pub mod report;
pub mod rubric;
pub mod settle;
pub mod stats;
pub mod store;
pub mod study;
pub mod survey;
pub mod text;
pub mod verdict;
