//! The settings of a simulated model or judge.

use std::collections::BTreeSet;

use crate::input::section::Section;
use crate::input::source::Source;
use crate::problem::Problem;
use crate::study::{AlignmentBy, Persona, Simulated};
use crate::text::nearest::suggestion;

pub(super) fn read(section: &Section) -> Simulated {
    let default = Simulated::default();
    let number = |key, default| section.number(key).map_or(default, |spot| spot.value);
    Simulated {
        alignment: number("alignment", default.alignment),
        adherence: number("adherence", default.adherence),
        skill: number("skill", default.skill),
        first_bias: number("first_bias", default.first_bias),
        tie_rate: number("tie_rate", default.tie_rate),
        malformed_rate: number("malformed_rate", default.malformed_rate),
        refusal_rate: number("refusal_rate", default.refusal_rate),
    }
}

/// The alignment of a simulated model by the levels of personas, from keys such as
/// `sex=Female` or `sex=Female, age=65+`. `dimensions` are those of the `personas`.
pub(in crate::study) fn alignment_by(
    source: &Source,
    section: &Section,
    dimensions: &[String],
    personas: &[Persona],
    problems: &mut Vec<Problem>,
) -> Vec<AlignmentBy> {
    let mut read = Vec::new();
    for (key, value) in section.json("alignment_by") {
        let field = section.field("alignment_by");
        let mut wrong = |message: String, help: String| {
            problems.push(source.error(key.offset, &field, message).help(help));
        };
        let alignment = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
        let Some(alignment) = alignment else {
            let message = format!("expected a probability from 0 to 1, found {value}");
            wrong(message, "write such as { \"sex=Female\" = 0.6 }".to_owned());
            continue;
        };
        let mut levels = Vec::new();
        let mut unused = Vec::new();
        for part in key.value.split(',') {
            let (dimension, level) = part.split_once('=').unwrap_or((part, ""));
            let (dimension, level) = (dimension.trim(), level.trim());
            let place = dimensions.iter().position(|known| known == dimension);
            match place {
                Some(place) if !level.is_empty() => {
                    levels.push((place as u32, level.to_owned()));
                    let known = personas
                        .iter()
                        .filter_map(|persona| persona.levels[place].as_deref());
                    let known: BTreeSet<&str> = known.collect();
                    if !personas.is_empty() && !known.contains(level) {
                        let message =
                            format!("no persona has the level `{level}` of `{dimension}`");
                        let help = suggestion(level, known, "levels");
                        unused.push(source.warning(key.offset, &field, message).help(help));
                    }
                }
                Some(_) => wrong(
                    format!("`{dimension}` has no level here"),
                    format!("write such as \"{dimension}=…\""),
                ),
                None => wrong(
                    format!("the personas have no dimension `{dimension}`"),
                    suggestion(
                        dimension,
                        dimensions.iter().map(String::as_str),
                        "dimensions",
                    ),
                ),
            }
        }
        problems.append(&mut unused);
        read.push(AlignmentBy { levels, alignment });
    }
    read
}
