use super::*;
use crate::study::{StructuredQuestion, StructuredTruth};

fn study() -> Study {
    let mut study = crate::study::testing::structured_study(2, 1);
    study.personas[0].id = "sex_Male".to_owned();
    study.personas[1].id = "age_group_16-24 years".to_owned();
    study.structured.as_mut().unwrap().truths.pop();
    study
}

fn read(text: &str) -> Result<AnswerTable, String> {
    read_for(&study(), text)
}

fn read_for(study: &Study, text: &str) -> Result<AnswerTable, String> {
    let mut outside = Outside::new(study);
    outside
        .add("m", Path::new("a.csv"), text.as_bytes())
        .map_err(|problems| problems[0].to_string())?;
    Ok(outside.finish())
}

#[test]
fn batch_ids_are_a_question_and_a_persona() {
    let table = read(
        "custom_id,response\nQ1_sex_Male,Answer: 2\nQ1_age_group_16-24-years,I cannot answer.\nQ1_sex_Male,3\n",
    )
    .unwrap();
    assert_eq!(table.items.len(), 2);
    assert_eq!(table.items[0].truth.as_ref().unwrap().mode, 1);
    assert_eq!(table.answers[0].given, Given::Option(1));
    assert_eq!(table.answers[1].given, Given::Missing(Missing::Refused));
    assert_eq!(
        (table.answers[2].sample, table.answers[2].given),
        (2, Given::Option(2))
    );
}

/// Asked in the phrasings `persona` and `none`.
fn phrased() -> Study {
    let mut study = study();
    let prompts = ["persona", "none"].map(|name| {
        let mut prompt = study.judging.persona_prompt.clone();
        prompt.name = name.to_owned();
        prompt
    });
    study.variants = Some(Variants {
        persona_prompts: prompts.to_vec(),
        control: Some(1),
    });
    study
}

fn read_phrased(text: &str) -> Result<AnswerTable, String> {
    read_for(&phrased(), text)
}

#[test]
fn each_phrasing_is_an_item_of_its_own() {
    let rows = "persona,question,variant,option\nsex_Male,Q1,none,1\nsex_Male,Q1,persona,2\n";
    let batch =
        "custom_id,response,variant\nQ1_sex_Male,Answer: 1,none\nQ1_sex_Male,Answer: 2,persona\n";
    for text in [rows, batch] {
        let table = read_phrased(text).unwrap();
        let items = &table.items[..2];
        let variants: Vec<_> = items.iter().map(|i| i.variant.as_deref()).collect();
        assert_eq!(variants, [Some("none"), Some("persona")]);
        assert!(items.iter().all(|item| item.truth.is_some()));
        let given: Vec<_> = table
            .answers
            .iter()
            .map(|a| (a.item, a.sample, a.given))
            .collect();
        let expected = [(0, 1, Given::Option(0)), (1, 1, Given::Option(1))];
        assert_eq!(given, expected);
    }
}

#[test]
fn what_lacks_is_planned_in_the_phrasings_that_a_file_answers() {
    let mut study = phrased();
    let truths = &mut study.structured.as_mut().unwrap().truths;
    let other = StructuredTruth {
        persona: 1,
        ..truths[0].clone()
    };
    truths.push(other);
    let mut outside = Outside::new(&study);
    let rows = "persona,question,variant,option\nsex_Male,Q1,none,1\n";
    outside
        .add("m", Path::new("a.csv"), rows.as_bytes())
        .unwrap();
    let table = outside.finish();
    let missing = |answer: &&Answer| answer.given == Given::Missing(Missing::Failed);
    let missing: Vec<_> = table.answers.iter().filter(missing).collect();
    assert_eq!(missing.len(), 1);
    let item = &table.items[missing[0].item as usize];
    assert_eq!((item.persona, item.variant.as_deref()), (1, Some("none")));
}

#[test]
fn a_phrasing_that_is_not_said_or_not_known_is_refused() {
    let refused = |told: Result<AnswerTable, String>, expected: &str| {
        let told = told.unwrap_err();
        assert!(told.starts_with(expected), "{told}");
    };
    refused(
        read_phrased("persona,question,option\nsex_Male,Q1,1\n"),
        "a.csv:1: the study has [variants], and no column `variant`",
    );
    refused(
        read_phrased("persona,question,variant,option\nsex_Male,Q1,nome,1\n"),
        "a.csv:2:13: variant: variants.persona_prompts has no `nome`\n  help: did you mean `none`?",
    );
    refused(
        read("persona,question,variant,option\nsex_Male,Q1,,1\nsex_Male,Q1,none,1\n"),
        "a.csv:3:13: variant: this names a phrasing of the persona, and the study has no [variants]",
    );
    assert!(read("persona,question,variant,option\nsex_Male,Q1,,1\n").is_ok());
}

#[test]
fn a_sample_that_stands_twice_is_refused() {
    let wrong =
        read("persona,question,sample,option\nsex_Male,Q1,1,1\nsex_Male,Q1,2,1\nsex_Male,Q1,1,2\n");
    let told = wrong.unwrap_err();
    assert!(
        told.contains(
            "a.csv:4:1: sample: the answer to this item and sample stands twice, first on line 2"
        ),
        "{told}"
    );
}

#[test]
fn scores_of_participants_and_plain_tables_are_read() {
    let table = read("QUESTION_ID\tPARTICIPANT_ID\tSCORE\nQ1\tsex_Male\t3.0\nQ1\tsex_Male\t9\n");
    let table = table.unwrap();
    assert_eq!(table.answers[0].given, Given::Option(2));
    assert_eq!(table.answers[1].given, Given::Missing(Missing::Unreadable));
    let table = read("persona,question,sample,option\nsex_Male,Q1,4,1\n").unwrap();
    assert_eq!(
        (table.answers[0].sample, table.answers[0].given),
        (4, Given::Option(0))
    );
    let table = read("persona,question,text\nsex_Male,Q1,Little\n").unwrap();
    assert_eq!(table.answers[0].given, Given::Option(1));
}

#[test]
fn a_score_that_is_no_code_is_unreadable() {
    let head = "QUESTION_ID\tPARTICIPANT_ID\tSCORE\n";
    let rows = "Q1\tsex_Male\tnan\nQ1\tsex_Male\tMuch\nQ1\tsex_Male\t2.5\n";
    let table = read(&format!("{head}{rows}")).unwrap();
    let unreadable = Given::Missing(Missing::Unreadable);
    assert!(table.answers[..3].iter().all(|a| a.given == unreadable));
    assert!(read("persona,question,option\nsex_Male,Q1,nan\n").is_err());
}

#[test]
fn what_the_study_does_not_know_is_left_out_where_that_is_asked() {
    let text =
        "persona,question,option\nsex_Male,Q1,1\nsex_Female,Q1,1\nsex_Male,Q9,1\nsex_Male,Q9,2\n";
    let study = study();
    let mut outside = Outside::new(&study).skipping_unknown(true);
    outside
        .add("m", Path::new("a.csv"), text.as_bytes())
        .unwrap();
    insta::assert_snapshot!(outside.notes()[0], @"a.csv: 3 rows are left out, since the study does not know what they name: question `Q9` (2), persona `sex_Female` (1)");
    assert_eq!(outside.finish().answers.len(), 1);
    let mut outside = Outside::new(&study).skipping_unknown(true);
    let none = "persona,question,option\nsex_Female,Q1,1\n";
    let refused = outside.add("m", Path::new("a.csv"), none.as_bytes());
    let refused = refused.unwrap_err()[0].to_string();
    assert!(
        refused.contains("no row is about a persona and a question"),
        "{refused}"
    );
}

#[test]
fn advice_on_what_is_not_known_names_what_is_like_it() {
    let study = study();
    let help = |text: &str| {
        let added = Outside::new(&study).add("m", Path::new("a.csv"), text.as_bytes());
        added.unwrap_err()[0].help.clone().unwrap_or_default()
    };
    let near = help("custom_id,response\nQ1_sex_Malee,1\n");
    assert!(near.starts_with("did you mean `Q1_sex_Male`?"), "{near}");
    let near = help("persona,question,option\nsex_Mal,Q1,1\n");
    assert!(near.starts_with("did you mean `sex_Male`?"), "{near}");
    let far = help("QUESTION_ID\tPARTICIPANT_ID\tSCORE\nQ1\t702070001\t1\n");
    assert!(far.contains("D_INTERVIEW"), "{far}");
}

#[test]
fn what_the_study_does_not_know_is_placed() {
    insta::assert_snapshot!(read("custom_id,response\nQ1_sex_Female,1\n").unwrap_err(), @"
    a.csv:2:1: custom_id: `Q1_sex_Female` is no question of the study, an underscore, and one of its personas
      help: did you mean `Q1_sex_Male`? --skip-unknown leaves out what the study does not know
    ");
    insta::assert_snapshot!(read("persona,question,option\nsex_Male,Q2,1\n").unwrap_err(), @"
    a.csv:2:10: question: the study has no structured question `Q2`
      help: did you mean `Q1`? --skip-unknown leaves out what the study does not know
    ");
    assert!(
        read("a,b\n1,2\n")
            .unwrap_err()
            .starts_with("a.csv:1: these columns are not known: a, b")
    );
}

/// The truths of both personas, of which the second is held out.
fn both_splits() -> Study {
    let mut study = study();
    study.personas[0].split = Some("id".to_owned());
    study.personas[1].split = Some("ood".to_owned());
    let truths = &mut study.structured.as_mut().unwrap().truths;
    truths.push(StructuredTruth {
        persona: 1,
        ..truths[0].clone()
    });
    study
}

fn add_batch(study: &Study, lines: &str) -> Result<AnswerTable, String> {
    let mut outside = Outside::new(study);
    outside
        .add("m", Path::new("b.jsonl"), lines.as_bytes())
        .map_err(|problems| problems[0].to_string())?;
    Ok(outside.finish())
}

#[test]
fn a_split_whose_requests_all_failed_is_planned_and_missing() {
    let study = both_splits();
    let failed = |id: &str| {
        format!("{{\"custom_id\":\"{id}\",\"response\":null,\"error\":{{\"code\":\"late\"}}}}\n")
    };
    let good = "{\"custom_id\":\"Q1_sex_Male\",\"response\":{\"body\":{\"choices\":[{\"message\":{\"content\":\"Answer: 1\"}}]}}}\n";
    let ood = failed("Q1_age_group_16-24-years");
    let given = |lines: &str| {
        let table = add_batch(&study, lines).unwrap();
        let mut given: Vec<(u32, Given)> = table
            .answers
            .iter()
            .map(|answer| (table.items[answer.item as usize].persona, answer.given))
            .collect();
        given.sort_by_key(|(persona, _)| *persona);
        given
    };
    let missing = Given::Missing(Missing::Failed);
    assert_eq!(
        given(&format!("{good}{ood}")),
        [(0, Given::Option(0)), (1, missing)]
    );
    // Of a split that the file does not name nothing was asked.
    assert_eq!(given(good), [(0, Given::Option(0))]);
    assert_eq!(
        given(&format!("{}{ood}", failed("Q1_sex_Male"))),
        [(0, missing), (1, missing)]
    );
    // A request that was sent again, and answered then, has not failed.
    assert_eq!(
        given(&format!("{}{good}", failed("Q1_sex_Male"))),
        [(0, Given::Option(0))]
    );
}

#[test]
fn items_of_a_held_out_question_are_of_its_split() {
    let mut study = crate::study::testing::structured_study(2, 2);
    study.personas[0].split = Some("id".to_owned());
    study.personas[1].split = Some("id".to_owned());
    study.structured.as_mut().unwrap().questions[1].split = Some("ood".to_owned());
    let of = |text: &str| {
        let table = read_for(&study, text).unwrap();
        let items = table.items.iter();
        let items = items.map(|item| {
            (
                item.id.to_string(),
                item.split.as_deref().map(str::to_owned),
            )
        });
        let mut items: Vec<(String, Option<String>)> = items.collect();
        items.sort();
        items
    };
    let item = |id: &str, split: &str| (id.to_owned(), Some(split.to_owned()));
    // What a file does not answer is planned within its splits only.
    assert_eq!(
        of("persona,question,option\np0,Q1,1\n"),
        [item("p0/Q1", "id"), item("p1/Q1", "id")]
    );
    assert_eq!(
        of("persona,question,option\np0,Q1,1\np0,Q2,1\n"),
        [
            item("p0/Q1", "id"),
            item("p0/Q2", "ood"),
            item("p1/Q1", "id"),
            item("p1/Q2", "ood"),
        ]
    );
}

#[test]
fn a_file_made_for_a_set_of_personas_need_not_answer_the_others() {
    let mut study = crate::study::testing::structured_study(3, 2);
    for (persona, split) in study.personas.iter_mut().zip(["id", "ood", "ood"]) {
        persona.split = Some(split.to_owned());
    }
    study.structured.as_mut().unwrap().questions[1].split = Some("ood".to_owned());
    let planned = |text: &str| {
        let table = read_for(&study, text).unwrap();
        let items = table.items.iter().map(|item| item.id.to_string());
        let mut items: Vec<String> = items.collect();
        items.sort();
        items
    };
    let of_personas = "persona,question,option\np1,Q1,1\np1,Q2,1\n";
    assert_eq!(planned(of_personas), ["p1/Q1", "p1/Q2", "p2/Q1", "p2/Q2"]);
    let of_questions = "persona,question,option\np0,Q2,1\np1,Q2,1\n";
    assert_eq!(planned(of_questions), ["p0/Q2", "p1/Q2", "p2/Q2"]);
}

#[test]
fn an_empty_reply_cannot_be_read_and_one_that_is_not_there_is_missing() {
    let given = |file: &str, text: &str| {
        let study = study();
        let mut outside = Outside::new(&study);
        let path = Path::new(file);
        outside.add("m", path, text.as_bytes()).unwrap();
        outside.finish().answers[0].given
    };
    let csv = "custom_id,response\nQ1_sex_Male, \n";
    let unreadable = Given::Missing(Missing::Unreadable);
    assert_eq!(given("a.csv", csv), unreadable);
    let csv = "persona,question,text\nsex_Male,Q1,\n";
    assert_eq!(given("a.csv", csv), unreadable);
    let line =
        |text: &str| format!("{{\"persona\":\"sex_Male\",\"question\":\"Q1\",\"text\":{text}}}\n");
    assert_eq!(given("a.jsonl", &line("\"\"")), unreadable);
    let failed = Given::Missing(Missing::Failed);
    assert_eq!(given("a.jsonl", &line("null")), failed);
}

#[test]
fn a_file_without_an_answer_says_so() {
    let told = read("custom_id,response\n").unwrap_err();
    assert!(
        told.starts_with("a.csv: this file has no row with an answer"),
        "{told}"
    );
}

#[test]
fn ids_that_may_be_of_several_items_are_refused_and_exact_ones_go_first() {
    let mut study = both_splits();
    study.personas[0].id = "c d".to_owned();
    study.personas[1].id = "c-d".to_owned();
    let persona = |text: &str| {
        let table = read_for(&study, text)?;
        Ok::<u32, String>(table.items[table.answers[0].item as usize].persona)
    };
    assert_eq!(persona("persona,question,option\nc d,Q1,1\n"), Ok(0));
    assert_eq!(persona("persona,question,option\nc-d,Q1,1\n"), Ok(1));
    assert_eq!(persona("custom_id,response\nQ1_c d,1\n"), Ok(0));
    assert_eq!(persona("custom_id,response\nQ1_c-d,1\n"), Ok(1));
    study.personas[0].id = "c d e".to_owned();
    study.personas[1].id = "c-d e".to_owned();
    let told = read_for(&study, "persona,question,option\nc-d-e,Q1,1\n").unwrap_err();
    assert!(
        told.starts_with("a.csv:2:1: persona: `c-d-e` may be any of several personas of the study"),
        "{told}"
    );
    // A question whose id ends where the id of a persona begins.
    study.personas[0].id = "a_b".to_owned();
    study.personas[1].id = "b".to_owned();
    let questions = &mut study.structured.as_mut().unwrap().questions;
    let other = StructuredQuestion {
        id: "Q1_a".to_owned(),
        ..questions[0].clone()
    };
    questions.push(other);
    let told = read_for(&study, "custom_id,response\nQ1_a_b,1\n").unwrap_err();
    assert!(
        told.starts_with("a.csv:2:1: custom_id: `Q1_a_b` may be any of several items of the study"),
        "{told}"
    );
    assert!(read_for(&study, "custom_id,response\nQ1_b,1\nQ1_a_a_b,1\n").is_ok());
}
