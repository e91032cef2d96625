//! `oyer survey export-sft`, read back as trainers would read it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::support::home::{Home, Ran};

fn data() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("studies/singapore/data").display().to_string()
}

fn export(home: &Home, source: &str, more: &[&str]) -> Ran {
    let start = ["survey", "export-sft", source, "--out", "sft"];
    home.oyer(&[&start[..], more].concat())
}

fn jsonl(home: &Home, name: &str) -> Vec<Value> {
    let text = home.read(name);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize().map(|row| row.unwrap());
    rows.collect()
}

/// The example's survey as a study that asks its structured questions.
fn study(home: &Home) {
    let (data, name) = (data(), "study.toml");
    home.write(
        name,
        format!(
            "name = \"all groups\"\nseed = 3\n[data]\npersonas = \"{data}/personas.csv\"\ntruth = \"{data}/truth.csv\"\n[models.base]\nprovider = \"simulated\"\n[structured]\nquestions = \"{data}/questions.csv\"\n"
        ),
    );
}

#[test]
fn the_tables_of_a_survey_become_examples_of_its_in_distribution_items() {
    let home = Home::new();
    let ran = export(&home, &data(), &["--format", "json", "--val", "0.1"]).expect(0);
    let manifest = ran.json();
    assert_eq!(
        manifest,
        serde_json::from_str::<Value>(&home.read("sft/manifest.json")).unwrap()
    );
    let personas = rows(&std::fs::read_to_string(format!("{}/personas.csv", data())).unwrap());
    let of = |split: &str| -> BTreeSet<String> {
        let rows = personas.iter().filter(|row| row["split"] == split);
        rows.map(|row| row["id"].clone()).collect()
    };
    let (id, ood) = (of("id"), of("ood"));
    let truth = rows(&std::fs::read_to_string(format!("{}/truth.csv", data())).unwrap());
    let truth: BTreeMap<(String, String), String> = truth
        .into_iter()
        .map(|row| {
            (
                (row["persona"].clone(), row["question"].clone()),
                row["code"].clone(),
            )
        })
        .collect();
    let wanted = truth.keys().filter(|item| id.contains(&item.0)).count();
    let files = [("train.jsonl", "train"), ("val.jsonl", "val")];
    let items = rows(&home.read("sft/items.csv"));
    assert_eq!(items.len(), wanted);
    let mut seen = BTreeSet::new();
    for (file, count) in files {
        let lines = jsonl(&home, &format!("sft/{file}"));
        assert_eq!(manifest["counts"][count], lines.len());
        let items: Vec<_> = items.iter().filter(|row| row["file"] == file).collect();
        for (line, item) in lines.iter().zip(items) {
            let key = (item["persona"].clone(), item["question"].clone());
            assert!(id.contains(&key.0) && !ood.contains(&key.0));
            let said: Vec<&str> = line["messages"]
                .as_array()
                .unwrap()
                .iter()
                .map(|message| message["role"].as_str().unwrap())
                .collect();
            assert_eq!(said, ["system", "user", "assistant"]);
            let reply = line["messages"][2]["content"].as_str().unwrap();
            assert_eq!(reply, format!("Answer: {}", truth[&key]));
            assert!(seen.insert(key), "twice");
        }
    }
    assert_eq!(
        manifest["counts"]["val"],
        (wanted as f64 * 0.1).round() as u64
    );
    let held_out: BTreeSet<String> =
        serde_json::from_value(manifest["held_out_personas"].clone()).unwrap();
    assert_eq!(held_out, ood);
    for file in manifest["files"].as_array().unwrap() {
        let bytes = std::fs::read(home.path().join("sft").join(file["file"].as_str().unwrap()));
        assert_eq!(file["blake3"], blake3::hash(&bytes.unwrap()).to_string());
    }
    let by_persona = manifest["personas"].as_array().unwrap();
    let sum: u64 = by_persona
        .iter()
        .map(|row| row["train"].as_u64().unwrap())
        .sum();
    assert_eq!(manifest["counts"]["train"], sum);
    let again = export(&home, &data(), &["--format", "json", "--val", "0.1"]).expect(0);
    assert_eq!(again.stdout, ran.stdout);
}

#[test]
fn the_prompts_are_those_that_a_run_sends() {
    let home = Home::new();
    study(&home);
    export(&home, "study.toml", &[]).expect(0);
    let lines = jsonl(&home, "sft/train.jsonl");
    let items = rows(&home.read("sft/items.csv"));
    for at in [0, 100, lines.len() - 1] {
        let item = format!("{}/{}", items[at]["persona"], items[at]["question"]);
        let shown = home
            .oyer(&["prompt", "study.toml", &item, "--format", "json"])
            .expect(0)
            .json();
        assert_eq!(shown[0]["title"], "structured answer");
        let sent = shown[0]["body"]["messages"].as_array().unwrap();
        let taught = lines[at]["messages"].as_array().unwrap();
        assert_eq!(taught[..sent.len()], sent[..]);
        assert_eq!(taught.len(), sent.len() + 1);
    }
    // A folder with a study is that study.
    let manifest = home.read("sft/manifest.json");
    export(&home, ".", &[]).expect(0);
    assert_eq!(home.read("sft/manifest.json"), manifest);
}

#[test]
fn every_form_teaches_the_same_answers_in_the_same_order() {
    let home = Home::new();
    let read = |form: &str, reply: &dyn Fn(&Value) -> Value| -> Vec<(Value, Value)> {
        let pieces = |line: &Value| match form {
            "trl" | "openai" => (line["messages"][1]["content"].clone(), reply(line)),
            "trl-prompt-completion" => (line["prompt"][1]["content"].clone(), reply(line)),
            "llama-factory" => (line["conversations"][0]["value"].clone(), reply(line)),
            _ => (line["instruction"].clone(), reply(line)),
        };
        export(&home, &data(), &["--for", form, "--val", "0.2"]).expect(0);
        jsonl(&home, "sft/train.jsonl").iter().map(pieces).collect()
    };
    let trl = read("trl", &|line| line["messages"][2]["content"].clone());
    assert!(
        trl.len() > 1000
            && trl
                .iter()
                .all(|(_, reply)| reply.as_str().unwrap().starts_with("Answer: "))
    );
    assert!(!home.path().join("sft/dataset_info.json").exists());
    assert_eq!(
        trl,
        read("openai", &|line| line["messages"][2]["content"].clone())
    );
    assert_eq!(
        trl,
        read("trl-prompt-completion", &|line| {
            line["completion"][0]["content"].clone()
        })
    );
    assert_eq!(
        trl,
        read("llama-factory-alpaca", &|line| line["output"].clone())
    );
    assert_eq!(
        trl,
        read("llama-factory", &|line| line["conversations"][1]["value"]
            .clone())
    );
    let info: Value = serde_json::from_str(&home.read("sft/dataset_info.json")).unwrap();
    assert_eq!(info["oyer_survey"]["file_name"], "train.jsonl");
    assert_eq!(info["oyer_survey_val"]["file_name"], "val.jsonl");
    // What an earlier export left is not mixed with a later one.
    export(&home, &data(), &[]).expect(0);
    for gone in ["val.jsonl", "dataset_info.json"] {
        assert!(!home.path().join("sft").join(gone).exists(), "{gone}");
    }
}

#[test]
fn a_leak_is_refused_with_a_sentence_and_nothing_is_written() {
    let home = Home::new();
    let ood = "ethnicity_x_religion_SG:-Chinese_Buddhist";
    let cases: [(&[&str], &str); 5] = [
        (
            &["--persona", ood],
            "is of the split `ood`, which is held out",
        ),
        (&["--split", "ood"], "is held out, as its name says"),
        (&["--persona-prompt", "none"], "is word for word that of"),
        (&["--persona", "sex_Mal"], "did you mean `sex_Male`?"),
        (&["--val", "1"], "below 1"),
    ];
    for (more, said) in cases {
        let ran = export(&home, &data(), more).expect(2);
        assert!(ran.stderr.contains(said), "{said}\n{}", ran.stderr);
        assert!(!home.path().join("sft").exists());
    }
    study(&home);
    let personas = std::fs::read_to_string(format!("{}/personas.csv", data())).unwrap();
    let study = home
        .read("study.toml")
        .replace(&format!("{}/personas.csv", data()), "p.csv");
    home.write("study.toml", study);
    // An in-distribution persona with the levels of a held-out one, and one level more.
    home.write(
        "p.csv",
        format!("{personas}spy,,Male,,SG: Chinese,Buddhist,id,spy,40,40\n"),
    );
    let ran = export(&home, "study.toml", &[]).expect(2);
    let said = "the persona `spy` would be trained on, and is told all the levels of the subgroup `ethnicity_x_religion_SG:-Chinese_Buddhist`, which is held out (ethnicity = SG: Chinese, religion = Buddhist)";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    home.write("p.csv", personas.replace(",split,", ",part,"));
    let ran = export(&home, "study.toml", &[]).expect(2);
    assert!(
        ran.stderr.contains("its personas have no `split`"),
        "{}",
        ran.stderr
    );
    assert!(!home.path().join("sft").exists());
    for (source, said) in [("nothing", "cannot be read"), ("sft-not", "cannot be read")] {
        assert!(export(&home, source, &[]).expect(2).stderr.contains(said));
    }
    home.write("empty/x", "");
    let ran = export(&home, "empty", &[]).expect(2);
    assert!(
        ran.stderr.contains("has no study.toml and no personas.csv"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_odd_about_the_tables_of_a_folder_is_told_by_their_names() {
    let home = Home::new();
    home.write("d/personas.csv", "id,sex,split\nm,Male,id\nf,Female,id\n");
    home.write(
        "d/questions.csv",
        "id,text,options\nQ1,How?,1 = a | 2 = b\n",
    );
    home.write(
        "d/truth.csv",
        "persona,question,code,distribution\nm,Q1,2,1 = 0.8 | 2 = 0.2\n",
    );
    let ran = export(&home, "d", &["--val", "0"]).expect(0);
    insta::assert_snapshot!(ran.stderr, @"
    warning: d/truth.csv: 1 of 2 structured items has no truth (f/Q1): no answer to it can be scored, and no example made of it
      help: add rows with persona, question, code to the table of truths, or take their personas or questions out
    3 files written to sft
    ");
    let note = "note: the truth of 1 of 1 examples is not the most frequent answer of its distribution (m/Q1); they teach the truth\n";
    assert!(ran.stdout.contains(note), "{}", ran.stdout);
    let ran = export(&home, "d", &["--prompt", "no-such"]).expect(2);
    assert!(
        ran.stderr.contains("error: d: --prompt: "),
        "{}",
        ran.stderr
    );
    // A value that is the label of another option than the code.
    home.write(
        "d/truth.csv",
        "persona,question,value,code\nm,Q1,a,1\nf,Q1,A,2\n",
    );
    let ran = export(&home, "d", &[]).expect(2);
    let said = "error: d/truth.csv:3:6: value: this is what the code 1 says, and the code of this row is 2";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    // Or its code; a number that is none is a text of its own.
    home.write(
        "d/truth.csv",
        "persona,question,value,code\nm,Q1,7,1\nf,Q1,1,2\n",
    );
    let ran = export(&home, "d", &[]).expect(2);
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(!ran.stderr.contains("truth.csv:2"), "{}", ran.stderr);
}

#[test]
fn a_manifest_tells_files_of_one_name_apart_and_a_check_splits_that_no_persona_has() {
    let home = Home::new();
    home.write("d/p.csv", "id,sex,split\nm,Male,id\nf,Female,ood\n");
    home.write(
        "d/data/questions.csv",
        "id,text,options,split\nQ1,How?,1 = a | 2 = b,id\nQ2,Why?,1 = a | 2 = b,test\n",
    );
    home.write("d/questions.csv", "id,text,structured\no1,Tell.,Q1\n");
    home.write(
        "d/t.csv",
        "persona,question,code\nm,Q1,2\nf,Q1,1\nm,Q2,2\nf,Q2,1\n",
    );
    home.write(
        "d/study.toml",
        "name = \"s\"\n[data]\npersonas = \"p.csv\"\nquestions = \"questions.csv\"\ntruth = \"t.csv\"\n\
         [structured]\nquestions = \"data/questions.csv\"\n[models]\na = { provider = \"simulated\" }\nb = { provider = \"simulated\" }\n\
         [judges]\nj = { provider = \"simulated\" }\n[compare]\npairs = [[\"a\", \"b\"]]\n[judging]\nrubric = \"voice\"\n",
    );
    for source in ["d", "d/study.toml"] {
        let ran = export(&home, source, &["--format", "json"]).expect(0);
        let inputs = ran.json()["inputs"].as_array().unwrap().clone();
        let files: Vec<&str> = inputs
            .iter()
            .map(|one| one["file"].as_str().unwrap())
            .collect();
        for file in ["questions.csv", "data/questions.csv", "p.csv"] {
            assert!(files.contains(&file), "{source}: {files:?}");
        }
    }
    let checked = home.oyer(&["check", "d/study.toml"]).expect(0);
    insta::assert_snapshot!(checked.stderr, @"
    warning: d/study.toml:7:13: structured.questions: no persona is of the split `test` of these questions (personas are of `id`, `ood`): no example is made of them
      help: call the splits of questions as those of personas, or leave the cells of those empty that may be trained on
    ");
    // A question may be held out from personas of one split.
    home.write("d/p.csv", "id,sex,split\nm,Male,id\nf,Female,id\n");
    assert_eq!(home.oyer(&["check", "d/study.toml"]).expect(0).stderr, "");
}

#[test]
fn folders_of_others_and_tables_that_are_not_whole_are_refused() {
    let home = Home::new();
    home.write("sft/dataset_info.json", "{}");
    let ran = export(&home, &data(), &[]).expect(2);
    assert!(
        ran.stderr
            .contains("holds a dataset_info.json that no export wrote"),
        "{}",
        ran.stderr
    );
    assert_eq!(home.read("sft/dataset_info.json"), "{}");
    for name in ["personas.csv", "questions.csv", "truth.csv"] {
        home.write(
            &format!("d/{name}"),
            std::fs::read(format!("{}/{name}", data())).unwrap(),
        );
    }
    home.write("d/.oyer-unfinished", "");
    std::fs::remove_file(home.path().join("sft/dataset_info.json")).unwrap();
    let ran = export(&home, "d", &[]).expect(2);
    assert!(
        ran.stderr.contains("the tables in d are not whole"),
        "{}",
        ran.stderr
    );
}
