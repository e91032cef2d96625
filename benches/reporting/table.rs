//! A verdict table of any size.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

const CRITERIA: [&str; 5] = ["persona", "value", "fluency", "honesty", "overall"];
const CANDIDATES: [&str; 2] = ["tuned", "prompted"];
const TOPICS: [&str; 4] = ["work", "family", "faith", "politics"];
const SEXES: [&str; 2] = ["female", "male"];
const AGES: [&str; 4] = ["18-29", "30-44", "45-59", "60+"];
const REGIONS: [&str; 5] = ["north", "south", "east", "west", "centre"];
const SCHOOLS: [&str; 3] = ["primary", "secondary", "tertiary"];

/// How large a table is: each persona is asked each question.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) personas: u32,
    pub(crate) questions: u32,
}

impl Size {
    pub(crate) fn rows(self) -> usize {
        let items = self.personas as usize * self.questions as usize;
        items * CRITERIA.len() * CANDIDATES.len() * 2
    }
}

/// Writes a table with two candidates, five criteria, both orders and four
/// dimensions.
pub(crate) fn write(path: &Path, size: Size) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(
        out,
        "item,persona,question,topic,candidate,opponent,judge,rubric,criterion,order,sample,repeat,outcome,missing_reason,candidate_chars,opponent_chars,group.sex,group.age,group.region,group.school"
    )?;
    for question in 0..size.questions {
        for persona in 0..size.personas {
            for (c, candidate) in CANDIDATES.iter().enumerate() {
                for order in 0..2 {
                    let draw = hash(&[question, persona, c as u32, order]);
                    let chars = (300 + draw % 900, 300 + (draw >> 10) % 900);
                    for (k, criterion) in CRITERIA.iter().enumerate() {
                        let outcome = outcome(question, persona, c as u32, order, k as u32);
                        writeln!(
                            out,
                            "p{persona:03}/q{question:03},p{persona:03},q{question:03},{},{candidate},base,main,persona-value@0123456789abcdef,{criterion},{},1,1,{outcome},{},{},{},{},{},{},{}",
                            TOPICS[question as usize % 4],
                            ["candidate_first", "opponent_first"][order as usize],
                            if outcome == "missing" {
                                "no_verdict"
                            } else {
                                ""
                            },
                            chars.0,
                            chars.1,
                            SEXES[persona as usize % 2],
                            AGES[persona as usize / 2 % 4],
                            REGIONS[persona as usize / 8 % 5],
                            SCHOOLS[persona as usize / 40 % 3],
                        )?;
                    }
                }
            }
        }
    }
    out.flush()
}

/// What a judge with a liking for the first place says: some questions and some
/// personas suit a candidate better than others.
fn outcome(
    question: u32,
    persona: u32,
    candidate: u32,
    order: u32,
    criterion: u32,
) -> &'static str {
    let level = |parts: &[u32]| f64::from(hash(parts)) / f64::from(u32::MAX) - 0.5;
    let noise = level(&[question, persona, candidate, order, criterion]);
    let item = level(&[question, persona, candidate, criterion]);
    let leaning = 0.05 + 0.3 * level(&[question, criterion]) + 0.2 * level(&[persona, criterion]);
    let place = if order == 0 { 0.06 } else { -0.06 };
    match leaning + place + 0.8 * item + 0.6 * noise {
        x if noise > 0.495 && x > 0.0 => "missing",
        x if x.abs() < 0.03 => "tie",
        x if x > 0.0 => "win",
        _ => "loss",
    }
}

/// The score of an item in quarters.
pub(crate) fn score(item: u32) -> f64 {
    f64::from(hash(&[item]) % 5) / 4.0
}

/// A mixing of small numbers (the finaliser of `MurmurHash3`).
fn hash(parts: &[u32]) -> u32 {
    let mut state = 0x9e37_79b9_u32;
    for part in parts {
        state = (state ^ part).wrapping_mul(0x85eb_ca6b).rotate_left(13);
    }
    state ^= state >> 16;
    state = state.wrapping_mul(0x85eb_ca6b);
    state ^= state >> 13;
    state = state.wrapping_mul(0xc2b2_ae35);
    state ^ (state >> 16)
}
