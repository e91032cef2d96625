//! The integration tests: one binary, one module a subject.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test needs and does not get is a failed test"
)]

mod agree;
mod check;
mod coverage;
mod disk;
mod explain;
mod export_sft;
mod fairness;
mod fault_server;
mod faults;
mod hostile;
mod import;
mod kill;
mod labelling;
mod oracle;
mod plan;
mod planted;
mod readme;
mod report;
mod reuse;
mod rooms;
mod run;
mod secrets;
mod servers;
mod stopping;
mod structured;
mod support;
mod survey;
mod survey_input;
#[cfg(unix)]
mod terminal;
mod threads;
mod transfer;
mod variants;
