//! `oyer explain` at the command line.

use crate::support::home::Home;

#[test]
fn a_term_of_several_words_is_explained() {
    let said = Home::new()
        .oyer(&["explain", "smallest", "detectable", "win", "rate"])
        .expect(0)
        .stdout;
    assert!(said.starts_with("Smallest detectable win rate\n"), "{said}");
    for part in ["\nFormula.", "\nSource.", "\nNot for."] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn what_the_tables_of_a_report_call_an_interval_is_a_term() {
    let said = Home::new().oyer(&["explain", "95% interval"]).expect(0);
    let heading = "Design-effect Wilson interval\n";
    assert!(said.stdout.starts_with(heading), "{}", said.stdout);
}

#[test]
fn an_unknown_term_is_the_users_mistake() {
    let ran = Home::new().oyer(&["explain", "tangoo"]).expect(2);
    assert_eq!(ran.stdout, "");
    assert!(
        ran.stderr.contains("did you mean `tango`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_list_and_the_markdown_are_of_the_same_terms() {
    let home = Home::new();
    let list = home.oyer(&["explain"]).expect(0).stdout;
    let page = home.oyer(&["explain", "--format", "md"]).expect(0).stdout;
    let headings: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    assert!(headings.len() > 40, "{} terms", headings.len());
    for heading in headings {
        assert!(list.contains(&format!("  {heading}: ")), "{heading}");
    }
}

#[test]
fn the_scores_of_structured_answers_are_terms() {
    let home = Home::new();
    for (asked, heading) in [
        ("accuracy", "Accuracy"),
        ("soft_accuracy", "Accuracy"),
        ("nmae", "NMAE"),
        ("wasserstein", "Wasserstein distance"),
        ("refusal_rate", "Refusal rate"),
    ] {
        let said = home.oyer(&["explain", asked]).expect(0).stdout;
        assert!(said.starts_with(&format!("{heading}\n")), "{said}");
    }
}
