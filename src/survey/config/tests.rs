use super::ranges::{band, code_range};
use super::*;

fn problems(text: &str) -> String {
    let mut problems = Vec::new();
    let read = read(Path::new("s.toml"), text.as_bytes(), &mut problems);
    assert_eq!(read.is_none(), !problems.is_empty());
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

const GOOD: &str = "[dimensions.sex]\ncolumn = \"Q260\"\n[dimensions.age_group]\ncolumn = \"Q262\"\nshort = \"age\"\nbands = { \"16-24\" = \"young\", \"25+\" = \"old\" }\n";

#[test]
fn what_is_not_said_has_its_default() {
    let text = format!("{GOOD}[strata]\nid = [[\"sex\"], [\"sex\", \"age_group\"]]\n");
    let mut problems = Vec::new();
    let config = read(Path::new("s.toml"), text.as_bytes(), &mut problems).unwrap();
    assert!(problems.is_empty());
    assert_eq!((config.minimum, config.questions.minimum), (30, 1));
    assert!(config.questions.missing.has(-99) && !config.questions.missing.has(0));
    assert_eq!(config.strata[1].name, "sex_x_age");
    assert_eq!(config.questions.ties, Ties::Lowest);
    assert_eq!(config.duplicates, Duplicates::First);
}

#[test]
fn a_backslash_in_a_path_is_told_to_be_an_escape() {
    let text =
        format!("{GOOD}[strata]\nid = [[\"sex\"]]\n[study]\nquestions = \"data\\topen.csv\"\n");
    insta::assert_snapshot!(problems(&text), @r"
    s.toml:10:13: study.questions: this path holds a control character, `\t`, and no file is named so
      help: a backslash within double quotes begins an escape: write `/` in a path, or single quotes around it
    ");
}

#[test]
fn everything_wrong_is_told_at_once() {
    insta::assert_snapshot!(problems(
        "[dimensions.sex]\ncolumn = \"Q260\"\n[dimensions.age]\ncolumn = \"Q262\"\nbands = { \"16-24\" = \"a\", \"24-30\" = \"b\", \"old\" = \"c\" }\n[strata]\nid = [[\"sexx\"], [\"sex\", \"age\"]]\nood = [[\"age\", \"sex\"]]\n[scales.Q1]\nrange = \"4-1\"\nremap = { \"x\" = \"1\" }\n[respondents]\nwieght = \"W\"\n"
    ), @r#"
    s.toml:13:1: respondents.wieght: there is no such key
      help: did you mean `weight`?
    s.toml:5:26: dimensions.age.bands: this band overlaps that of `a`
      help: both ends belong to a band
    s.toml:5:41: dimensions.age.bands: `old` is not a range of numbers
      help: write such as "25-34", or "65+" for 65 and over
    s.toml:7:8: strata.id: there is no dimension `sexx`
      help: did you mean `sex`?
    s.toml:8:8: strata.ood: `sex_x_age` is a stratum already, of id
      help: a cross of the same dimensions has the same subgroups, whatever their order; it belongs to one split
    s.toml:10:9: scales.Q1.range: `4-1` is not a range of codes
      help: write the lowest and the highest code, such as "1-4"
    s.toml:11:11: scales.Q1.remap: expected a whole number, found `x`
      help: codes are such as "1"
    "#);
}

#[test]
fn a_file_without_strata_is_refused() {
    insta::assert_snapshot!(problems("[dimensions.sex]\ncolumn = \"Q260\"\n[strata]\n"), @r#"
    s.toml:3:2: strata: there is no stratum
      help: write such as id = [["sex"], ["sex", "age"]]
    "#);
}

#[test]
fn missing_codes_of_ones_own_take_the_place_of_the_negative_ones() {
    let text =
        format!("{GOOD}[strata]\nid = [[\"sex\"]]\n[questions]\nmissing = [\"9\", \"99\"]\n");
    let config = read(Path::new("s.toml"), text.as_bytes(), &mut Vec::new()).unwrap();
    assert!(config.questions.missing.has(99) && !config.questions.missing.has(-1));
}

#[test]
fn bands_and_ranges_are_read() {
    assert!(band("65+").unwrap().high.is_infinite());
    let band_of = |low, high| Some(Band { low, high });
    assert_eq!(band(" 25 - 34 "), band_of(25.0, 34.0));
    assert!(band("34-25").is_none() && band("x").is_none());
    assert_eq!(code_range("0-2"), Some((0, 2)));
    assert_eq!(code_range("-3-3"), Some((-3, 3)));
    assert_eq!(code_range(" -3 - -1 "), Some((-3, -1)));
    assert!(code_range("--3-3").is_none() && code_range("-3").is_none());
    assert!(code_range("3").is_none() && code_range("2-2").is_none());
}

#[test]
fn strata_without_a_group_are_one_problem() {
    let wrong = |strata: &str| problems(&format!("{GOOD}{strata}"));
    let missing = wrong("");
    assert_eq!(missing.lines().count(), 2, "{missing}");
    insta::assert_snapshot!(wrong("[strata]\nid = []\n"), @r#"
    s.toml:7:2: strata: there is no stratum
      help: write such as id = [["sex"], ["sex", "age"]]
    "#);
    insta::assert_snapshot!(wrong("[strata]\nid = [[]]\n"), @"s.toml:8:7: strata.id: this list must not be empty");
}

#[test]
fn a_column_under_two_names_is_not_in_both_splits() {
    let twice = "[dimensions.sex]\ncolumn = \"Q260\"\n[dimensions.age]\ncolumn = \"X003R\"\n[dimensions.age_group]\ncolumn = \"X003R\"\n";
    let told = problems(&format!(
        "{twice}[strata]\nid = [[\"sex\", \"age\"]]\nood = [[\"age_group\", \"sex\"]]\n"
    ));
    assert!(
        told.starts_with(
            "s.toml:9:8: strata.ood: `sex_x_age`, of id, is made of the same columns (Q260, X003R)"
        ),
        "{told}"
    );
    // Within one split nothing is held out from the other.
    let same =
        format!("{twice}[strata]\nid = [[\"age\"], [\"age_group\"]]\nood = [[\"sex\", \"age\"]]\n");
    assert_eq!(problems(&same), "");
}
