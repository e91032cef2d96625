use serde_json::{Value, json};

use super::*;
use crate::rubric::load::template;
use crate::study::testing::structured_half;
use crate::study::{Distribution, Persona, ReplyFormat, Structured, StructuredTruth};

mod leaks;

/// Personas as id, split and levels of sex and faith; two questions, of which every item
/// has the truth `1 + (persona + question) % 3`.
fn study(personas: &[(&str, &str, [&str; 2])]) -> Study {
    let mut study = crate::study::testing::study(1, 1);
    study.dimensions = vec!["sex".to_owned(), "faith".to_owned()];
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    study.personas = personas
        .iter()
        .map(|(id, split, levels)| Persona {
            id: (*id).to_owned(),
            split: said(split),
            levels: levels.map(said).to_vec(),
            ..study.personas[0].clone()
        })
        .collect();
    study.truths.clear();
    let code = |persona: u32, question: u32| 1 + ((persona + question) % 3).cast_signed();
    study.structured = Some(structured_half(personas.len() as u32, 2, code));
    study
}

fn three() -> Study {
    study(&[
        ("male", "id", ["Male", ""]),
        ("female", "id", ["Female", ""]),
        ("male_hindu", "ood", ["Male", "Hindu"]),
    ])
}

fn structured(study: &mut Study) -> &mut Structured {
    study.structured.as_mut().unwrap()
}

fn options() -> Options {
    Options {
        form: Form::Trl,
        val: 0.0,
        seed: None,
        split: None,
        personas: Vec::new(),
        questions: Vec::new(),
        system: None,
        ties: TiedTruth::Named,
    }
}

fn made(study: &Study, options: &Options) -> Result<Export, SftError> {
    export(study, &Prompts::new(study).unwrap(), options)
}

#[track_caller]
fn refused(study: &Study, options: &Options) -> String {
    made(study, options).unwrap_err().to_string()
}

fn file<'e>(export: &'e Export, name: &str) -> &'e str {
    let found = export.files.iter().find(|(known, _)| known == name);
    std::str::from_utf8(&found.unwrap().1).unwrap()
}

fn lines(export: &Export, name: &str) -> Vec<Value> {
    let text = file(export, name).lines();
    text.map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Persona and question of each line of a file.
fn items(export: &Export, name: &str) -> Vec<(String, String, i32)> {
    let mut reader = csv::Reader::from_reader(file(export, "items.csv").as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    rows.filter(|row| &row[0] == name)
        .map(|row| {
            (
                row[2].to_owned(),
                row[3].to_owned(),
                row[4].parse().unwrap(),
            )
        })
        .collect()
}

#[test]
fn an_example_answers_in_the_form_that_its_prompt_asks_for() {
    let taught = |ends: &str| {
        let mut study = three();
        structured(&mut study).prompt.source = format!("{{{{ question.text }}}}\n{ends}");
        let export = made(&study, &options()).unwrap();
        let line = lines(&export, "train.jsonl").swap_remove(0);
        let taught = line["messages"][2]["content"].as_str().unwrap().to_owned();
        let (lead, code) = taught.split_at(taught.len() - 1);
        assert_eq!(export.manifest.target, format!("{lead}1"));
        assert!("123".contains(code));
        lead.to_owned()
    };
    assert_eq!(taught("Jawapan: nombor"), "Jawapan: ");
    assert_eq!(taught("答案：数字"), "答案：");
    // What would not be read is not taught.
    assert_eq!(taught("Antwort: Zahl"), "Answer: ");
    assert_eq!(taught("Reply with its number."), "Answer: ");
}

#[test]
fn an_example_is_the_prompt_of_a_run_and_the_modal_answer() {
    let study = three();
    let export = made(&study, &options()).unwrap();
    let prompts = Prompts::new(&study).unwrap();
    let lines = lines(&export, "train.jsonl");
    let items = items(&export, "train.jsonl");
    assert_eq!((lines.len(), items.len()), (4, 4));
    for (line, (persona, question, code)) in lines.iter().zip(items) {
        let p = study.personas.iter().position(|p| p.id == persona).unwrap();
        let q = usize::from(question == "Q2");
        let asked = prompts.structured(0, p, q).unwrap();
        let truth = study.structured.as_ref().unwrap().truth(p as u32, q as u32);
        assert_eq!(code, truth.unwrap().code);
        assert_eq!(
            *line,
            json!({ "messages": [
                { "role": "system", "content": asked[0].content },
                { "role": "user", "content": asked[1].content },
                { "role": "assistant", "content": format!("Answer: {code}") },
            ]})
        );
    }
    let manifest = &export.manifest;
    assert_eq!(manifest.held_out_personas, ["male_hindu"]);
    assert_eq!((manifest.counts.items, manifest.counts.train), (4, 4));
    assert_eq!(manifest.personas[1].train, 2);
    assert_eq!(manifest.questions[0].train, 2);
    assert_eq!(manifest.seed, 7);
}

#[test]
fn each_form_has_the_fields_that_its_tool_reads() {
    let study = three();
    let of = |form, system| {
        let options = Options {
            form,
            system,
            personas: vec!["male".into()],
            questions: vec!["Q1".into()],
            ..options()
        };
        let export = made(&study, &options).unwrap();
        (lines(&export, "train.jsonl").remove(0), export)
    };
    let asked = Prompts::new(&study).unwrap().structured(0, 0, 0).unwrap();
    let (system, user) = (&asked[0].content, &asked[1].content);
    let chat =
        json!([{ "role": "system", "content": system }, { "role": "user", "content": user }]);
    let reply = json!({ "role": "assistant", "content": "Answer: 1" });
    let both = json!({ "messages": [chat[0], chat[1], reply] });
    assert_eq!(of(Form::Trl, None).0, both);
    assert_eq!(of(Form::OpenAi, None).0, both);
    assert_eq!(
        of(Form::TrlPromptCompletion, None).0,
        json!({ "prompt": chat, "completion": [reply] })
    );
    let (example, export) = of(Form::LlamaFactory, None);
    assert_eq!(
        example,
        json!({
            "conversations": [
                { "from": "human", "value": user },
                { "from": "gpt", "value": "Answer: 1" },
            ],
            "system": system,
        })
    );
    let info: Value = serde_json::from_str(file(&export, "dataset_info.json")).unwrap();
    assert_eq!(
        info,
        json!({ "oyer_test": {
            "file_name": "train.jsonl",
            "formatting": "sharegpt",
            "columns": { "messages": "conversations", "system": "system" },
            "tags": {
                "role_tag": "from", "content_tag": "value",
                "user_tag": "human", "assistant_tag": "gpt",
            },
        }})
    );
    let (example, export) = of(Form::LlamaFactoryAlpaca, None);
    assert_eq!(
        example,
        json!({ "instruction": user, "input": "", "output": "Answer: 1", "system": system })
    );
    let info: Value = serde_json::from_str(file(&export, "dataset_info.json")).unwrap();
    assert_eq!(info["oyer_test"]["columns"]["prompt"], "instruction");
    assert_eq!(info["oyer_test"]["columns"]["response"], "output");
    let (example, _) = of(Form::Trl, Some(SystemRole::User));
    assert_eq!(
        example["messages"][0]["content"],
        format!("{system}\n\n{user}")
    );
    assert_eq!(example["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn the_reply_is_in_the_form_that_the_prompt_asks_for() {
    let mut study = three();
    structured(&mut study).reply = ReplyFormat::JsonSchema;
    let export = made(&study, &options()).unwrap();
    let code = items(&export, "train.jsonl")[0].2;
    let reply = &lines(&export, "train.jsonl")[0]["messages"][2]["content"];
    assert_eq!(*reply, format!("{{\"answer\":{code}}}"));
    assert_eq!(export.manifest.target, r#"{"answer":1}"#);
}

#[test]
fn what_may_not_be_asked_for_is_refused_by_name() {
    let with = |change: &dyn Fn(&mut Options)| {
        let mut options = options();
        change(&mut options);
        options
    };
    let personas = |id: &str| {
        let id = id.to_owned();
        with(&move |options| options.personas = vec![id.clone()])
    };
    let mut study = three();
    assert!(
        refused(&study, &personas("male_hindu"))
            .contains("is of the split `ood`, which is held out")
    );
    assert!(refused(&study, &personas("femal")).contains("did you mean `female`?"));
    let split = |name: &str| {
        let name = name.to_owned();
        with(&move |options| options.split = Some(name.clone()))
    };
    assert!(refused(&study, &split("OOD")).contains("is held out, as its name says"));
    assert!(refused(&study, &split("x")).contains("splits here: id, ood"));
    study.personas[1].split = None;
    assert!(refused(&study, &personas("female")).contains("has no split, so it is held out"));
    study.personas[0].split = Some("train".to_owned());
    study.personas[1].split = Some("id".to_owned());
    assert!(refused(&study, &options()).contains("say with --split"));
    assert!(made(&study, &split("Train")).is_ok());
    for persona in &mut study.personas {
        persona.split = None;
    }
    assert!(refused(&study, &options()).contains("its personas have no `split`"));
    study.structured = None;
    assert!(refused(&study, &options()).contains("no [structured]"));
}

#[test]
fn ties_go_as_the_truth_says_and_items_without_one_are_counted() {
    let mut study = three();
    let truths = &mut structured(&mut study).truths;
    truths[0].modes = vec![1, 3];
    truths.remove(1);
    let of = |ties| {
        let options = Options { ties, ..options() };
        let export = made(&study, &options).unwrap();
        let mut codes: Vec<i32> = items(&export, "train.jsonl")
            .into_iter()
            .filter(|item| item.0 == "male")
            .map(|item| item.2)
            .collect();
        codes.sort_unstable();
        (codes, export.manifest)
    };
    let (codes, manifest) = of(TiedTruth::Named);
    assert_eq!(codes, [1]);
    assert_eq!((manifest.counts.items, manifest.counts.tied), (3, 1));
    assert_eq!(
        manifest.left_out,
        LeftOut {
            without_truth: 1,
            tied: 0
        }
    );
    assert_eq!(manifest.personas[0].without_truth, 1);
    let text = manifest.text();
    for said in [
        "left out: 1 item without a truth\n",
        "tied answers: 1 item, the answer that the truth names\n",
    ] {
        assert!(text.contains(said), "{text}");
    }
    let (codes, manifest) = of(TiedTruth::Each);
    assert_eq!(codes, [1, 3]);
    assert_eq!((manifest.counts.items, manifest.counts.train), (3, 4));
    let (codes, manifest) = of(TiedTruth::Drop);
    assert!(codes.is_empty());
    assert_eq!(
        manifest.left_out,
        LeftOut {
            without_truth: 1,
            tied: 1
        }
    );
    let only = Options {
        ties: TiedTruth::Drop,
        personas: vec!["male".to_owned()],
        ..options()
    };
    assert_eq!(
        refused(&study, &only),
        "none of the 2 items that may be trained on can be: 1 have no truth, 1 have tied answers"
    );
}

#[test]
fn answers_that_tie_in_the_distribution_tie_though_the_truth_names_one() {
    let mut study = three();
    let truths = &mut structured(&mut study).truths;
    truths[0].distribution = Some(Distribution::parse("1 = 0.4 | 2 = 0.2 | 3 = 0.4").unwrap());
    assert_eq!(truths[0].code, 1);
    let of = |ties| {
        let options = Options { ties, ..options() };
        let export = made(&study, &options).unwrap();
        let mut codes: Vec<i32> = items(&export, "train.jsonl")
            .into_iter()
            .filter(|item| item.0 == "male" && item.1 == "Q1")
            .map(|item| item.2)
            .collect();
        codes.sort_unstable();
        (codes, export.manifest.counts.tied)
    };
    assert_eq!(of(TiedTruth::Named), (vec![1], 1));
    assert_eq!(of(TiedTruth::Each), (vec![1, 3], 1));
    assert_eq!(of(TiedTruth::Drop), (vec![], 1));
}

#[test]
fn an_items_place_does_not_depend_on_the_order_of_tables_or_on_the_form() {
    let personas: Vec<(String, [&str; 2])> =
        (0..20).map(|n| (format!("p{n}"), ["Male", ""])).collect();
    let rows = |order: &mut dyn Iterator<Item = &(String, [&'static str; 2])>| {
        let rows: Vec<_> = order
            .map(|(id, levels)| (id.as_str(), "id", *levels))
            .collect();
        // The truth is by place, which is not what is looked at here.
        study(&rows)
    };
    let personas: Vec<(String, [&'static str; 2])> = personas
        .into_iter()
        .map(|(id, _)| (id, ["Male", ""]))
        .collect();
    let there = rows(&mut personas.iter());
    let back = rows(&mut personas.iter().rev());
    let places = |study: &Study, seed, form| {
        let options = Options {
            val: 0.3,
            seed: Some(seed),
            form,
            ..options()
        };
        let export = made(study, &options).unwrap();
        ["train.jsonl", "val.jsonl"].map(|file| {
            let items = items(&export, file);
            items
                .into_iter()
                .map(|item| (item.0, item.1))
                .collect::<Vec<_>>()
        })
    };
    let [train, val] = places(&there, 1, Form::Trl);
    assert_eq!((train.len(), val.len()), (28, 12));
    assert!(val.iter().all(|item| !train.contains(item)));
    assert_eq!(places(&back, 1, Form::OpenAi), [train.clone(), val.clone()]);
    let other = places(&there, 2, Form::Trl);
    assert_ne!(other[0], train);
    assert_ne!(other[1], val);
}

#[test]
fn validation_takes_its_share_and_leaves_something_to_train_on() {
    let study = three();
    let of = |val| {
        let export = made(&study, &Options { val, ..options() }).unwrap();
        let names: Vec<&str> = export.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.contains(&"val.jsonl"), val > 0.0);
        (export.manifest.counts.train, export.manifest.counts.val)
    };
    assert_eq!(of(0.0), (4, 0));
    assert_eq!(of(0.01), (3, 1));
    assert_eq!(of(0.5), (2, 2));
    assert_eq!(of(0.99), (1, 3));
}

#[test]
fn groups_with_the_same_answers_are_noted() {
    let mut study = three();
    let truths = &mut structured(&mut study).truths;
    for truth in truths.iter_mut() {
        truth.n = Some(40.0);
        let cell = format!("{} = 1", truth.code);
        truth.distribution = Some(crate::study::Distribution::parse(&cell).unwrap());
    }
    assert!(made(&study, &options()).unwrap().manifest.notes.is_empty());
    let truths = &mut structured(&mut study).truths;
    for question in 0..2 {
        let same = truths[question].clone();
        truths[4 + question] = StructuredTruth { persona: 2, ..same };
    }
    let notes = made(&study, &options()).unwrap().manifest.notes;
    assert!(notes[0].starts_with(
        "the held-out subgroup `male_hindu` has the respondents and answers of `male`"
    ));
}

#[test]
fn a_note_names_a_long_id_whole() {
    let mut study = three();
    let long = format!("ethnicity_x_religion_{}_Hindu", "South-Asian-".repeat(6));
    study.personas[2].id.clone_from(&long);
    let truths = &mut structured(&mut study).truths;
    for truth in truths.iter_mut() {
        truth.n = Some(40.0);
        truth.distribution = Some(crate::study::Distribution::parse("1 = 0.6 | 2 = 0.4").unwrap());
    }
    for question in 0..2 {
        let same = truths[question].clone();
        truths[4 + question] = StructuredTruth { persona: 2, ..same };
    }
    let notes = made(&study, &options()).unwrap().manifest.notes;
    assert!(
        notes[0].contains(&format!("subgroup `{long}` has")),
        "{notes:?}"
    );
    study.personas[0].id = format!("{long} male");
    let notes = made(&study, &options()).unwrap().manifest.notes;
    assert!(notes[1].contains(&format!("({long} male/Q")), "{notes:?}");
}

#[test]
fn questions_of_other_splits_than_the_one_trained_on_are_named_with_what_to_do() {
    let mut study = three();
    for (question, split) in structured(&mut study)
        .questions
        .iter_mut()
        .zip(["train", "test"])
    {
        question.split = Some(split.to_owned());
    }
    assert_eq!(
        refused(&study, &options()),
        "no question may be trained on: the split that is trained on, that of the personas, is `id`, and the questions are of `test`, `train`; in the column `split` of the questions, write `id` for those that may be trained on, or leave their cells empty"
    );
}

#[test]
fn of_several_phrasings_one_is_taught_and_none_may_leak() {
    let phrasing = |name: &str| template(name, std::path::Path::new("")).unwrap();
    let with = |prompts: [&str; 2], control| {
        let mut study = three();
        study.variants = Some(crate::study::Variants {
            persona_prompts: prompts.map(phrasing).to_vec(),
            control,
        });
        study
    };
    // Without a persona the prompt of every group is the same, but nobody is taught it.
    let study = with(["none", "persona"], Some(0));
    let export = made(&study, &options()).unwrap();
    assert_eq!(export.manifest.prompts[0].name, "persona");
    assert_eq!(
        export.manifest.notes[0],
        "every example is in the phrasing `persona`, one of the 2 of [variants]; the others are new to a model that is trained on it"
    );
    let system = &lines(&export, "train.jsonl")[0]["messages"][0];
    assert_eq!(system["role"], "system");
    let said = refused(&with(["none", "persona"], None), &options());
    assert!(said.contains("is word for word that of"), "{said}");
    // The phrasing that is taught has the words of a held-out item in another one.
    let mut study = with(["persona", "persona-third"], None);
    let variants = study.variants.as_mut().unwrap();
    variants.persona_prompts[0].source = "{{ persona.id }}".to_owned();
    variants.persona_prompts[1].source =
        "{% if persona.id == \"male_hindu\" %}male{% else %}They.{% endif %}".to_owned();
    let said = refused(&study, &options());
    assert!(said.contains("is word for word that of"), "{said}");
}
