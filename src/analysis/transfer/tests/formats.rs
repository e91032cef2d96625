//! Transfer as it is written.

use super::*;

#[test]
fn all_formats_hold_transfer() {
    let report = planted(12, 12, 0.7, 5)
        .told(&TransferOptions::default())
        .unwrap();
    let schema = crate::report::transfer_schema();
    let value: serde_json::Value =
        serde_json::from_str(&crate::report::json::render_transfer(&report)).unwrap();
    assert!(jsonschema::is_valid(
        &serde_json::from_str(&schema).unwrap(),
        &value
    ));
    let published = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/transfer.schema.json");
    if std::fs::read_to_string(published).unwrap_or_default() != schema {
        let fresh = std::env::temp_dir().join("oyer-transfer.schema.json");
        std::fs::write(&fresh, &schema).unwrap();
        panic!(
            "docs/transfer.schema.json is out of date; copy {} over it",
            fresh.display()
        );
    }
    let csv = crate::report::csv::render_transfer(&report);
    for quantity in ["structured_gain", "pearson", "structured_reliability"] {
        assert!(csv.contains(&format!(",{quantity},")), "{csv}");
    }
    assert!(csv.contains(",persona,p3,open_ended_gain,"), "{csv}");
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<std::collections::HashMap<String, String>> =
        reader.deserialize().map(Result::unwrap).collect();
    for row in &rows {
        let mut told = vec!["estimand", "unit", "n"];
        if !row["low"].is_empty() {
            told.extend(["method", "confidence", "clusters"]);
        }
        for title in told {
            assert!(!row[title].is_empty(), "{title}: {row:?}");
        }
    }
    let style = crate::report::table::Style::default();
    let text = crate::report::table::render_transfer(&report, style);
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(
        text.contains("By persona") && text.contains("p11"),
        "{text}"
    );
    let markdown = crate::report::markdown::render_transfer(&report);
    assert!(markdown.contains("| p11 |"), "{markdown}");
}

#[test]
fn every_number_of_transfer_is_a_term() {
    let schema: serde_json::Value =
        serde_json::from_str(&crate::report::transfer_schema()).unwrap();
    let plain = [
        "contrast",
        "unit",
        "n_units",
        "left_out",
        "clusters",
        "refused",
        "units",
        "estimate",
        "low",
        "high",
        "name",
        "structured_items",
        "open_items",
    ];
    for definition in ["Transfer", "Corrected", "Likelihood", "Slope", "UnitRow"] {
        let fields = schema["$defs"][definition]["properties"]
            .as_object()
            .unwrap();
        for field in fields
            .keys()
            .filter(|field| !plain.contains(&field.as_str()))
        {
            assert!(
                crate::report::terms::find(field).is_ok(),
                "{definition}: {field}"
            );
        }
    }
}
