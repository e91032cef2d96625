//! What holds of every format, whatever the report.

use super::*;

#[test]
fn colours_change_nothing_else() {
    let plain = text(&small());
    let style = table::Style {
        colour: true,
        ..table::Style::default()
    };
    let coloured = table::render(&small(), Detail::Full, style);
    assert!(coloured.contains("\u{1b}[1m"));
    let codes = ["\u{1b}[1m", "\u{1b}[33m", "\u{1b}[0m"];
    let stripped = codes
        .iter()
        .fold(coloured, |text, code| text.replace(code, ""));
    assert_eq!(stripped, plain);
}

#[test]
fn no_line_is_wider_than_asked() {
    for report in [small(), hostile(), withheld(), empty()] {
        for width in [80, 100, 120] {
            let style = table::Style {
                width,
                colour: false,
            };
            for line in table::render(&report, Detail::Full, style).lines() {
                assert!(
                    line.chars().count() <= usize::from(width),
                    "{width}: {line}"
                );
            }
        }
    }
}

#[test]
fn hidden_characters_of_names_reach_no_output() {
    let report = hostile();
    for out in [
        text(&report),
        markdown::render(&report, Detail::Full),
        csv::render(&report),
    ] {
        assert!(
            !out.chars().any(|c| crate::text::is_hidden(c) && c != '\n'),
            "{out}"
        );
    }
    assert!(!json::render(&report).contains('\u{1b}'));
    assert!(!markdown::render(&report, Detail::Full).contains("<b>"));
    assert!(csv::render(&report).contains(",'=cmd(),"));
}

#[test]
fn csv_has_as_many_cells_in_each_row() {
    let text = csv::render(&small());
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let win_rates = rows
        .iter()
        .filter(|row| row.iter().any(|cell| cell == "win_rate"));
    assert_eq!(
        win_rates.count(),
        small().comparisons.len() + small().groups.len()
    );
}

/// Every JSON report of these tests, and of the analysis' kinds of tables, is as
/// the schema says.
#[test]
fn reports_satisfy_their_schema() {
    let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in [small(), hostile(), withheld(), empty()] {
        let value: serde_json::Value = serde_json::from_str(&json::render(&report)).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let mut broken: serde_json::Value = serde_json::from_str(&json::render(&small())).unwrap();
    broken["comparisons"][0]["wins"] = serde_json::Value::from("many");
    assert!(!validator.is_valid(&broken), "the schema says something");
}

#[test]
fn the_published_schema_is_up_to_date() {
    is_published("report.schema.json", &schema());
}

/// The published schema is the one of the code. Where it is not, the right one is
/// written to a temporary file that can be copied to `docs/`.
#[track_caller]
pub(super) fn is_published(name: &str, schema: &str) {
    let published = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
    let found = std::fs::read_to_string(&published).unwrap_or_default();
    if found != schema {
        let fresh = std::env::temp_dir().join(format!("oyer-{name}"));
        std::fs::write(&fresh, schema).unwrap();
        let line = found.lines().zip(schema.lines()).position(|(a, b)| a != b);
        panic!(
            "{published} is out of date from line {} on; copy {} over it",
            line.unwrap_or_default() + 1,
            fresh.display()
        );
    }
}
