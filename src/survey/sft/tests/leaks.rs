//! What may not be exported.

use super::*;

#[test]
fn a_held_out_subgroup_that_an_exported_persona_tells_is_refused() {
    let equal = study(&[
        ("a", "id", ["Male", "Hindu"]),
        ("b", "ood", ["male ", "Hindu"]),
    ]);
    assert!(refused(&equal, &options()).starts_with(
        "the persona `a` would be trained on, and is told the same levels as the subgroup `b`, which is held out (sex = male , faith = Hindu)"
    ));
    let contained = study(&[("a", "id", ["Male", "Hindu"]), ("b", "ood", ["", "Hindu"])]);
    assert!(refused(&contained, &options()).contains("is told all the levels of the subgroup `b`"));
    let mut by_text = study(&[("a", "id", ["Male", ""]), ("b", "ood", ["Male", "Hindu"])]);
    assert!(made(&by_text, &options()).is_ok());
    by_text.personas[0].text = Some("Prays in a hindu temple.".to_owned());
    assert!(refused(&by_text, &options()).contains("its text and levels tell all the levels of"));
    by_text.personas[0].text = Some("Studies Hinduism.".to_owned());
    assert!(made(&by_text, &options()).is_ok());
    // What is said of everybody tells nobody apart.
    for persona in &mut by_text.personas {
        persona.text = Some("Lives where many are Hindu.".to_owned());
    }
    assert!(made(&by_text, &options()).is_ok());
    let wordless = study(&[("a", "id", ["", ""]), ("b", "ood", ["", ""])]);
    assert!(refused(&wordless, &options()).contains("is told the same as the subgroup `b`"));
    // Only what is exported can leak.
    let unused = Options {
        personas: vec!["c".to_owned()],
        ..options()
    };
    let contained = study(&[
        ("a", "id", ["Male", "Hindu"]),
        ("b", "ood", ["", "Hindu"]),
        ("c", "id", ["Male", ""]),
    ]);
    assert!(made(&contained, &unused).is_ok());
}

#[test]
fn how_texts_and_levels_are_pointed_hides_no_leak() {
    let mut wordless = study(&[("a", "id", ["", ""]), ("b", "ood", ["", ""])]);
    wordless.personas[0].text = Some("A Malay Muslim woman of 30.".to_owned());
    wordless.personas[1].text = Some("A malay  Muslim woman of 30".to_owned());
    assert!(refused(&wordless, &options()).contains("is told the same as the subgroup `b`"));
    wordless.personas[1].text = Some("A Malay Muslim woman of 31.".to_owned());
    assert!(made(&wordless, &options()).is_ok());
    let dashes = study(&[
        ("a", "id", ["25\u{2013}34", ""]),
        ("b", "ood", ["25-34", ""]),
    ]);
    assert!(refused(&dashes, &options()).contains("is told the same levels as"));
    let mut by_text = study(&[("a", "id", ["Male", ""]), ("b", "ood", ["Male", "25-34"])]);
    by_text.personas[0].text = Some("He is 25\u{2013}34 years old.".to_owned());
    assert!(refused(&by_text, &options()).contains("its text and levels tell"));
    // A prompt that tells the text alone is the same prompt.
    let mut study = three();
    study.judging.persona_prompt.source = "{{ persona.text }}".to_owned();
    for (persona, text) in study.personas.iter_mut().zip(["One.", "Two.", "one"]) {
        persona.text = Some(text.to_owned());
    }
    let message = refused(&study, &options());
    assert!(
        message.contains("the prompt of male/Q1, which would be trained on, is word for word that of male_hindu/Q1"),
        "{message}"
    );
}

#[test]
fn a_prompt_of_a_held_out_item_is_refused() {
    let mut study = three();
    study.judging.persona_prompt = template("none", std::path::Path::new("")).unwrap();
    let message = refused(&study, &options());
    assert!(
        message.contains("the prompt of male/Q1, which would be trained on, is word for word that of male_hindu/Q1, which is held out"),
        "{message}"
    );
    let mut study = three();
    structured(&mut study).questions[1].split = Some("ood".to_owned());
    structured(&mut study).questions[1].text = "How much of Q1?".to_owned();
    let message = refused(&study, &options());
    assert!(
        message.contains("that of male/Q2, which is held out"),
        "{message}"
    );
}

#[test]
fn held_out_questions_are_not_exported() {
    let mut study = three();
    structured(&mut study).questions[1].split = Some("ood".to_owned());
    let export = made(&study, &options()).unwrap();
    assert!(
        items(&export, "train.jsonl")
            .iter()
            .all(|item| item.1 == "Q1")
    );
    assert_eq!(export.manifest.held_out_questions, ["Q2"]);
    let asked = Options {
        questions: vec!["Q2".to_owned()],
        ..options()
    };
    assert_eq!(
        refused(&study, &asked),
        "the question `Q2` is of the split `ood`, which is held out: only those of `id` may be trained on"
    );
}

#[test]
fn a_split_that_is_held_out_by_name_is_refused_whatever_else_is_there() {
    for name in [
        "val",
        "validation",
        "dev",
        "test",
        "holdout",
        "hold-out",
        "held_out",
        "Test 2",
        "ood-far",
    ] {
        let study = study(&[
            ("male", name, ["Male", ""]),
            ("female", "id", ["Female", ""]),
        ]);
        let asked = Options {
            split: Some(name.to_owned()),
            ..options()
        };
        let said = refused(&study, &asked);
        assert!(said.contains("is held out, as its name says"), "{said}");
    }
    // Other names are for whoever gave them.
    let study = study(&[("male", "testers", ["Male", ""])]);
    let asked = Options {
        split: Some("testers".to_owned()),
        ..options()
    };
    assert!(made(&study, &asked).is_ok());
}

#[test]
fn a_level_of_another_dimension_tells_it_where_the_answers_are_the_same() {
    let mut study = study(&[("a", "id", ["Old", ""]), ("b", "ood", ["", "old"])]);
    assert!(made(&study, &options()).is_ok());
    for truth in &mut structured(&mut study).truths {
        truth.code = 1;
        truth.n = Some(40.0);
        truth.distribution = Some(Distribution::parse("1 = 0.5 | 2 = 0.5").unwrap());
    }
    assert!(refused(&study, &options()).starts_with(
        "the persona `a` would be trained on, and tells, as levels of other dimensions and with the same answers, all the levels of the subgroup `b`"
    ));
    structured(&mut study).truths[0].n = Some(41.0);
    assert!(made(&study, &options()).is_ok());
}

#[test]
fn other_dimensions_tell_a_subgroup_where_the_truth_has_modes_alone() {
    let mut study = study(&[("a", "id", ["Malay", ""]), ("b", "ood", ["", "malay"])]);
    for truth in &mut structured(&mut study).truths {
        (truth.code, truth.n, truth.distribution, truth.share) = (1, None, None, None);
    }
    let message = refused(&study, &options());
    assert!(
        message.contains("tells, as levels of other dimensions"),
        "{message}"
    );
    // What the message says is so.
    assert!(
        message.contains("`n` and `distribution` of the truth say so"),
        "{message}"
    );
    for (index, truth) in structured(&mut study).truths.iter_mut().enumerate() {
        truth.n = Some(40.0 + index as f64);
    }
    assert!(made(&study, &options()).is_ok());
    // Nothing is known of a subgroup without answers.
    structured(&mut study)
        .truths
        .retain(|truth| truth.persona == 0);
    assert!(made(&study, &options()).is_ok());
}
