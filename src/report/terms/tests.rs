use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::analysis::agreement::AgreementReport;
use crate::analysis::paper::report::PaperReport;
use crate::analysis::scores::fairness::report::FairnessReport;
use crate::analysis::scores::report::ScoreReport;
use crate::analysis::transfer::report::TransferReport;
use crate::analysis::{Options, Report, analyse};
use crate::report::table::Style;
use crate::study::IntervalMethod;
use crate::verdict::table::VerdictTable;

#[test]
fn every_term_says_its_formula_its_source_and_what_it_is_not_for() {
    let terms = terms();
    assert!(terms.len() > 40, "{} terms", terms.len());
    for term in &terms {
        for part in ["\n**Formula.**", "\n**Source.**", "\n**Not for.**"] {
            assert_eq!(term.text.matches(part).count(), 1, "{}: {part}", term.name);
        }
        assert!(!term.text.starts_with("**"), "{} is not defined", term.name);
    }
}

#[test]
fn no_two_terms_share_a_name() {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for term in &terms() {
        for name in term.names() {
            let other = owners.insert(plain(name), term.name);
            assert!(
                other.is_none_or(|other| other == term.name),
                "`{name}` is of {} and of {other:?}",
                term.name
            );
        }
    }
}

/// What is named in a report but says nothing of statistics.
const PLAIN_FIELDS: &[&str] = &[
    "adjusted",
    "candidate",
    "opponent",
    "judge",
    "rubric",
    "criterion",
    "dimensions",
    "levels",
    "items",
    "first",
    "second",
    "expected",
    "kind",
    "model",
    "n",
    "control",
    "sentence",
    "sentences",
];

/// Every method, test, adjustment, reason and kind of cluster in the schema of a
/// report, and every field of an estimate, can be looked up.
#[test]
fn every_method_and_field_of_a_report_is_a_term() {
    let schema = serde_json::to_value(schemars::schema_for!(Report)).unwrap();
    let agreement = serde_json::to_value(schemars::schema_for!(AgreementReport)).unwrap();
    let mut unknown = Vec::new();
    let mut seen = 0;
    let mut demand = |name: &str, place: &str| {
        seen += 1;
        if !PLAIN_FIELDS.contains(&name) && find(name).is_err() {
            unknown.push(format!("{place}: {name}"));
        }
    };
    let of_both = [&schema, &agreement].map(|schema| schema["$defs"].as_object().unwrap());
    for (definition, body) in of_both.into_iter().flatten() {
        if !NO_TERMS.contains(&definition.as_str()) {
            for value in enum_values(body) {
                demand(&value, definition);
            }
        }
    }
    for definition in OF_STATISTICS {
        let skipped = ["candidate_first", "opponent_first", "both_orders"];
        for field in schema["$defs"][definition]["properties"]
            .as_object()
            .unwrap()
            .keys()
        {
            if !skipped.contains(&field.as_str()) {
                demand(field, definition);
            }
        }
    }
    assert!(seen > 40, "{seen} names");
    assert!(
        unknown.is_empty(),
        "docs/statistics.md has no term for {}: add one, or the name to an `Also:` line",
        unknown.join(", ")
    );
}

/// What a column of the CSV is called can be looked up, but for who was compared and what
/// kind of row it is.
#[test]
fn every_column_of_the_csv_is_a_term() {
    let table = VerdictTable::default();
    let report = analyse(&table, None, &Options::default()).unwrap();
    let csv = crate::report::csv::render(&report);
    let columns = csv.lines().next().unwrap().split(',');
    let unknown: Vec<&str> = columns
        .filter(|name| !PLAIN_FIELDS.contains(name))
        .filter(|name| find(name).is_err())
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

/// What says who, what and where in the reports on structured answers and in the tables of a
/// survey, and their settings.
const PLAIN_OF_ANSWERS: &[&str] = &[
    "above",
    "anchors",
    "answered",
    "answers",
    "base",
    "base_model",
    "blake3",
    "changes",
    "column",
    "count",
    "disparities",
    "exclusions",
    "fairness",
    "file",
    "files",
    "found",
    "higher_is_better",
    "id",
    "inputs",
    "known",
    "mean",
    "mean_base",
    "mean_candidate",
    "measures",
    "methods",
    "metric",
    "metrics",
    "name",
    "notes",
    "of",
    "options",
    "others",
    "pair",
    "persona",
    "personas",
    "published",
    "question",
    "questions",
    "rates",
    "reason",
    "role",
    "rows",
    "rule",
    "schema_version",
    "scores",
    "settings",
    "splits",
    "stability",
    "study",
    "sum",
    "summary",
    "table",
    "tables",
    "text",
    "topic",
    "tuned",
    "unstable_items",
    "weights",
    "what",
    // The dimensions of the example.
    "age_group",
    "ethnicity",
    "religion",
    "sex",
];

/// Every column and field of what `survey build`, `survey score`, `survey fairness`,
/// `transfer` and `report --layout paper` write.
#[test]
fn every_column_and_field_of_structured_reports_and_surveys_is_a_term() {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let titles = crate::report::csv::titles_of_answers().into_iter();
    names.extend(titles.map(str::to_owned));
    for schema in [
        schemars::schema_for!(ScoreReport),
        schemars::schema_for!(FairnessReport),
        schemars::schema_for!(TransferReport),
        schemars::schema_for!(PaperReport),
    ] {
        let schema = serde_json::to_value(schema).unwrap();
        let parts = schema["$defs"].as_object().unwrap().values();
        for part in parts.chain([&schema]) {
            let fields = part["properties"].as_object().into_iter().flatten();
            names.extend(fields.map(|(name, _)| name.clone()));
        }
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("studies/singapore/data");
    let files = [&data, &data.join("study")].map(|folder| folder.read_dir().unwrap());
    for file in files.into_iter().flatten().map(|file| file.unwrap().path()) {
        let Some(kind) = file.extension() else {
            continue;
        };
        let text = std::fs::read_to_string(&file).unwrap();
        if kind == "json" {
            add_keys(&serde_json::from_str(&text).unwrap(), &mut names);
        } else {
            let head = text.lines().next().unwrap();
            names.extend(head.split(',').map(str::to_owned));
        }
    }
    assert!(names.len() > 150, "{} names", names.len());
    let is_plain = |name: &&String| {
        [PLAIN_FIELDS, PLAIN_OF_ANSWERS]
            .iter()
            .any(|plain| plain.contains(&name.as_str()))
    };
    let unknown: Vec<&String> = names
        .iter()
        .filter(|name| !is_plain(name) && find(name).is_err())
        .collect();
    assert_eq!(unknown, Vec::<&String>::new());
    // A word that stands in the place of an interval.
    assert!(find("unresolved").is_ok());
}

fn add_keys(value: &Value, names: &mut BTreeSet<String>) {
    let fields = value.as_object().into_iter().flatten();
    for (name, value) in fields {
        names.insert(name.clone());
        add_keys(value, names);
    }
    let list = value.as_array().into_iter().flatten();
    list.for_each(|value| add_keys(value, names));
}

/// The parts of a report whose fields are statistics.
const OF_STATISTICS: &[&str] = &[
    "Comparison",
    "ItemCoverage",
    "ItemOutcomes",
    "TieRules",
    "RuleRate",
    "Bounds",
    "OrderSection",
    "PositionEffect",
    "Missing",
    "Interval",
    "SizedInterval",
    "Limits",
    "Test",
    "Equivalence",
    "Adjustment",
    "ClusterCounts",
    "Difference",
    "StyleControl",
    "StyleSlope",
    "Leaderboard",
    "RatedModel",
    "RatedPair",
    "Contrast",
    "LackOfFit",
    "Elo",
    "SignTest",
    "OrderCounts",
    "SubgroupSection",
    "SubgroupLevel",
    "Homogeneity",
    "Spread",
    "Gap",
    "Worst",
];

/// What `--interval` takes is a term.
#[test]
fn every_interval_that_can_be_chosen_is_a_term() {
    let unknown: Vec<&str> = IntervalMethod::NAMES
        .iter()
        .copied()
        .filter(|name| find(name).is_err())
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

/// The enums of the report that say something in a sentence of their own, and plain
/// units.
const NO_TERMS: &[&str] = &[
    "NoteCode",
    "NoteKind",
    "Unit",
    "AgreementNoteCode",
    "RaterKind",
    "Inconsistent",
    "Ties",
];

fn enum_values(body: &Value) -> Vec<String> {
    let one_of = body["oneOf"].as_array().into_iter().flatten();
    let of_variant = one_of.map(|variant| variant["const"].clone());
    let of_enum = body["enum"].as_array().into_iter().flatten().cloned();
    of_variant
        .chain(of_enum)
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

#[test]
fn a_term_is_found_however_it_is_written() {
    for name in [
        "Design-effect Wilson",
        "design_effect_wilson",
        "DESIGN EFFECT WILSON",
    ] {
        assert_eq!(find(name).unwrap().name, "Design-effect Wilson interval");
    }
    assert_eq!(find("tost").unwrap().name, "Equivalence");
}

#[test]
fn an_interval_is_found_at_any_level() {
    for level in ["95", "90", "99.9"] {
        for name in ["interval", "confidence interval", " Interval"] {
            let found = find(&format!("{level}%{name}")).unwrap();
            assert_eq!(
                found.name, "Design-effect Wilson interval",
                "{level}% {name}"
            );
        }
        assert_eq!(
            find(&format!("{level}% t interval")).unwrap().name,
            "t interval"
        );
    }
    assert!(find("95%").is_err() && find("%interval").is_err());
}

#[test]
fn an_unknown_term_is_answered_with_the_nearest_one() {
    assert_eq!(
        find("clopper person").unwrap_err().to_string(),
        "there is no term `clopper person`; did you mean `clopper_pearson`?"
    );
    assert_eq!(
        find("quux").unwrap_err().to_string(),
        "there is no term `quux`; `oyer explain` lists all terms"
    );
}

#[test]
fn a_term_is_laid_out_for_a_terminal() {
    let style = Style {
        width: 60,
        colour: false,
    };
    insta::assert_snapshot!(page(&find("n_eff").unwrap(), style), @r"
    Effective items
    also: n_eff, n_effective

    The number of independent yes/no outcomes that would be as
    precise as what was judged. It has no upper limit: where a
    judge favours a place, the orders of an item disagree, and
    their mean is worth more than two independent judgments.
    Where all clusters agree (V = 0) it is the smallest number
    of clusters.

    Formula.

        n_eff = p(1-p) / V

    Source. Kish 1965, Survey Sampling, on the design effect.
    Code: wilson.rs.

    Not for. Comparing studies with different rates: it is the
    precision of this one.
    ");
    let long = terms()
        .iter()
        .flat_map(|term| {
            page(term, style)
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|line| !line.starts_with("    ") && line.chars().count() > 60)
        .collect::<Vec<_>>();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn the_list_names_every_term_under_its_group() {
    let all = terms();
    let list = list(&all, Style::default());
    for term in &all {
        assert!(
            list.contains(&format!("  {}: ", term.name)),
            "{}",
            term.name
        );
    }
    assert!(
        list.starts_with("From judgments to a win rate\n  Item: "),
        "{list}"
    );
}

#[test]
fn marks_are_taken_off_and_code_is_not_touched() {
    let term = Term {
        name: "x",
        group: "y",
        also: Vec::new(),
        text: "A **loud** *word*, `a*b` and [a page](there.md).\n\n```\na * b\n```\n\n| a | long one |\n| --- | --- |\n| `first` | 1 |\nEnd.",
    };
    assert_eq!(
        page(&term, Style::default()),
        "x\n\nA loud word, a*b and a page.\n\n    a * b\n\n    a      long one\n    first  1\n\nEnd.\n"
    );
}
