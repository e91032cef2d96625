//! Files that people write, with the line and column of all that is in them.
//!
//! [`source`] is the text of a file, [`schema`] holds a TOML document to a table of keys,
//! [`section`] is what it gives back, [`table`] reads CSV and JSONL as one, [`quotes`]
//! looks at a CSV's quotes. Nothing stops at the first problem: each is kept with its
//! place, and what was wrong is left out.

pub(crate) mod quotes;
pub(crate) mod schema;
pub(crate) mod section;
pub(crate) mod source;
pub(crate) mod table;
#[cfg(test)]
pub(crate) mod testing;
