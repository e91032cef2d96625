use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::analysis::agreement::AgreementReport;
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
    "estimate",
    "expected",
    "kind",
    "method",
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
    let plain = ["estimate", "value", "simulated"];
    let unknown: Vec<&str> = columns
        .filter(|name| !PLAIN_FIELDS.contains(name) && !plain.contains(name))
        .filter(|name| find(name).is_err())
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
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
