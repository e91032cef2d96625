//! The keys of `survey.toml`.

use std::ops::Bound::{Excluded, Included};

use crate::input::schema::{Key, Kind, MAX_EXACT, optional};

/// Most draws of the bootstrap, far above any use.
const MOST_DRAWS: i64 = 100_000;

/// The whole file. `docs/survey.md` explains each key; a test holds it to that.
pub(super) const SURVEY: &[Key] = &[
    optional("seed", Kind::Whole(0, MAX_EXACT)),
    optional("respondents", Kind::Table(RESPONDENTS)),
    Key {
        name: "dimensions",
        kind: Kind::Named(DIMENSION),
        required: Some("[dimensions.sex] with column = \"…\" describes one"),
    },
    Key {
        name: "strata",
        kind: Kind::Table(STRATA),
        required: Some(
            "[strata] with id = [[\"sex\"], [\"sex\", \"age\"]] says which groups there are",
        ),
    },
    optional("subgroups", Kind::Table(SUBGROUPS)),
    optional("questions", Kind::Table(QUESTIONS)),
    optional("scales", Kind::Named(SCALE)),
    optional("study", Kind::Table(STUDY)),
];

const RESPONDENTS: &[Key] = &[
    optional("keep", Kind::TextTable),
    optional("id", Kind::Text),
    optional("duplicates", Kind::OneOf(&["first", "none", "refuse"])),
    optional("weight", Kind::Text),
];

const DIMENSION: &[Key] = &[
    Key {
        name: "column",
        kind: Kind::Text,
        required: Some("column = \"Q260\" names the column of the microdata"),
    },
    optional("short", Kind::Text),
    optional("levels", Kind::TextTable),
    optional("bands", Kind::TextTable),
    optional("drop", Kind::Texts),
    optional("missing", Kind::Texts),
];

const STRATA: &[Key] = &[
    optional("id", Kind::TextLists),
    optional("ood", Kind::TextLists),
];

const SUBGROUPS: &[Key] = &[
    optional("minimum", Kind::Whole(1, MAX_EXACT)),
    optional("require", Kind::Texts),
    optional("text", Kind::Text),
];

const QUESTIONS: &[Key] = &[
    optional("use", Kind::Texts),
    optional("drop", Kind::Texts),
    optional("missing", Kind::Texts),
    optional("ties", Kind::OneOf(&["lowest", "random", "drop", "all"])),
    optional("minimum", Kind::Whole(1, MAX_EXACT)),
    optional("bootstrap", Kind::Whole(0, MOST_DRAWS)),
    optional("unstable", Kind::Number((Excluded(0.0), Included(1.0)))),
];

const SCALE: &[Key] = &[
    optional("range", Kind::Text),
    optional("order", Kind::Texts),
    optional("remap", Kind::TextTable),
    optional("drop", Kind::Texts),
    optional("labels", Kind::TextTable),
    optional("nominal", Kind::Flag),
    optional("text", Kind::Text),
    optional("topic", Kind::Text),
];

const STUDY: &[Key] = &[
    Key {
        name: "questions",
        kind: Kind::Path,
        required: Some("questions = \"open-ended.csv\" with id, text and structured"),
    },
    optional("strata", Kind::Texts),
];
