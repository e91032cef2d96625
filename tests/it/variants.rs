//! `[variants]`: one study over several phrasings of the persona.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::home::Home;

const STUDY: &str = r#"name = "s"
seed = 3
[data]
personas = "personas.csv"
questions = "questions.csv"
truth = "truth.csv"
[models.base]
provider = "simulated"
alignment = 0.4
[models.tuned]
provider = "simulated"
alignment = 0.8
[judges.main]
provider = "simulated"
[compare]
pairs = [["tuned", "base"]]
[structured]
questions = "survey.csv"
"#;

const VARIANTS: &str = r#"[variants]
persona_prompts = ["persona", "copy.j2", "none"]
control = "none"
"#;

/// Eight personas, twelve questions, each open-ended and structured.
fn home(variants: &str) -> Home {
    let home = Home::new();
    let mut rows = "id,sex\n".to_owned();
    for p in 0..8 {
        writeln!(rows, "p{p},{}", ["Female", "Male"][p % 2]).unwrap();
    }
    home.write("personas.csv", rows);
    let (mut open, mut survey) = (
        "id,text,structured\n".to_owned(),
        "id,text,options\n".to_owned(),
    );
    for q in 0..12 {
        writeln!(open, "o{q},What of matter {q}?,Q{q}").unwrap();
        writeln!(
            survey,
            "Q{q},How important is matter {q}?,1 = Very | 2 = Rather | 3 = Not"
        )
        .unwrap();
    }
    home.write("questions.csv", open);
    home.write("survey.csv", survey);
    let mut truth = "persona,question,code\n".to_owned();
    for p in 0..8 {
        for q in 0..12 {
            writeln!(truth, "p{p},Q{q},{}", 1 + (p + q) % 3).unwrap();
        }
    }
    home.write("truth.csv", truth);
    // The words of the built-in, as a phrasing of its own.
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/prompts/persona.j2");
    home.write("copy.j2", std::fs::read_to_string(built_in).unwrap());
    home.write("study.toml", format!("{STUDY}{variants}"));
    home
}

fn variants_of<'v>(report: &'v Value, list: &str) -> Vec<&'v str> {
    let mut names: Vec<&str> = report[list]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["variant"].as_str())
        .collect();
    names.dedup();
    names
}

#[test]
fn every_item_is_asked_in_every_phrasing_and_compared_within_it() {
    let home = home(VARIANTS);
    let check = home
        .oyer(&["check", "study.toml", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(
        (&check["items"], &check["structured"]["items"]),
        (&288.into(), &288.into())
    );
    assert_eq!(check["structured"]["items_without_truth"], 0);
    // Two models give 288 responses and 288 answers each; each item is judged twice.
    assert_eq!(check["total_calls"], 2 * (288 + 288) + 2 * 288);
    let text = home.oyer(&["check", "study.toml"]).expect(0).stdout;
    assert!(
        text.contains("8 personas x 12 questions x 3 phrasings"),
        "{text}"
    );
    let named = home
        .oyer(&["prompt", "study.toml", "p0/o0/none"])
        .expect(0)
        .stdout;
    let told = home
        .oyer(&["prompt", "study.toml", "p0/o0/persona"])
        .expect(0)
        .stdout;
    let of_models = |text: &str| text.split("=== [judges").next().unwrap().to_owned();
    assert!(of_models(&told).contains("sex: Female"), "{told}");
    assert!(!of_models(&named).contains("Female"), "{named}");
    // The judge is told of the persona in the same words.
    let judged = |text: &str| text.split("=== [judges").nth(1).unwrap().contains("Female");
    assert!(judged(&told) && judged(&named));
    home.oyer(&["run", "study.toml"]).expect(0);
    let manifest: Value = serde_json::from_str(&home.read("results/s/manifest.json")).unwrap();
    // Phrasings of the same words are draws of their own.
    assert_eq!(manifest["totals"]["requests"], 2 * (288 + 288) + 2 * 288);
    let report = home
        .oyer(&["report", "results/s", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(
        variants_of(&report, "comparisons"),
        ["persona", "copy.j2", "none"]
    );
    let phrasings = report["phrasings"].as_array().unwrap();
    assert_eq!(phrasings.len(), 3);
    for made in phrasings {
        assert_eq!(made["control"], "none");
        assert_eq!(made["rates"].as_array().unwrap().len(), 3);
        let gains = made["gains"].as_array().unwrap();
        assert_eq!(gains.len(), 2);
        for gain in gains {
            // Paired by hand: the difference of the two win rates, all items being in both.
            let rate = |variant: &Value| {
                let rates = made["rates"].as_array().unwrap();
                let of = rates
                    .iter()
                    .find(|rate| rate["variant"] == *variant)
                    .unwrap();
                of["win_rate"].as_f64().unwrap()
            };
            let expected = rate(&gain["variant"]) - rate(&"none".into());
            assert!((gain["difference"].as_f64().unwrap() - expected).abs() < 1e-9);
            assert_eq!(
                (&gain["n_items"], &gain["adjustment"]["tests"]),
                (&96.into(), &2.into())
            );
            assert!(gain["p_adjusted"].as_f64() >= gain["p_value"].as_f64());
        }
    }
    let text = home.oyer(&["report", "results/s"]).expect(0).stdout;
    assert!(
        text.contains("Phrasings") && text.contains("tuned vs base, phrasing none"),
        "{text}"
    );
    let csv = home
        .oyer(&["report", "results/s", "--format", "csv"])
        .expect(0)
        .stdout;
    assert!(
        csv.contains("phrasing_gain") && csv.contains("phrasing_range"),
        "{csv}"
    );
    let shown = home
        .oyer(&["show", "results/s", "p0/o0/copy.j2"])
        .expect(0)
        .stdout;
    assert!(shown.contains("What of matter 0?"), "{shown}");
    let wrong = home.oyer(&["show", "results/s", "p0/o"]).expect(2).stderr;
    assert!(wrong.contains("persona/question/phrasing"), "{wrong}");
}

#[test]
fn an_item_without_a_phrasing_is_shown_in_all_of_them() {
    let home = home(VARIANTS);
    let all = home.oyer(&["prompt", "study.toml", "p0/o0"]).expect(0);
    for phrasing in ["persona", "copy.j2", "none"] {
        let title = format!(", phrasing {phrasing}\n");
        assert!(all.stdout.contains(&title), "{}", all.stdout);
    }
    home.oyer(&["run", "study.toml"]).expect(0);
    let all = home.oyer(&["show", "results/s", "p0/o0"]).expect(0);
    let items = all
        .stdout
        .lines()
        .filter(|line| line.starts_with("=== item "));
    let items: Vec<_> = items.collect();
    let phrasings = ["persona", "copy.j2", "none"];
    assert_eq!(
        items,
        phrasings.map(|name| format!("=== item p0/o0/{name}"))
    );
}

#[test]
fn the_tables_of_a_run_hold_its_phrasings_and_score_as_the_run_does() {
    let home = home(VARIANTS);
    home.oyer(&["run", "study.toml"]).expect(0);
    home.write(
        "verdicts.csv",
        home.oyer(&["verdicts", "results/s"]).expect(0).stdout,
    );
    home.write(
        "verdicts.jsonl",
        home.oyer(&["verdicts", "results/s", "--format", "jsonl"])
            .expect(0)
            .stdout,
    );
    let of_run = home
        .oyer(&["report", "results/s", "--format", "json"])
        .expect(0)
        .json();
    for table in ["verdicts.csv", "verdicts.jsonl"] {
        let of_table = home
            .oyer(&["report", table, "--format", "json"])
            .expect(0)
            .json();
        assert_eq!(
            variants_of(&of_table, "comparisons"),
            ["persona", "copy.j2", "none"]
        );
        for (mine, its) in [(0, 0), (4, 4), (8, 8)] {
            assert_eq!(
                of_table["comparisons"][mine]["win_rate"],
                of_run["comparisons"][its]["win_rate"]
            );
        }
    }
    let answers = home.oyer(&["answers", "results/s"]).expect(0).stdout;
    home.write("answers.csv", answers);
    let scores = |source: &str| {
        home.oyer(&["survey", "score", source, "--format", "json"])
            .expect(0)
            .json()
    };
    let (of_run, of_table) = (scores("results/s"), scores("answers.csv"));
    assert_eq!(of_run["models"], of_table["models"]);
    assert_eq!(of_run["phrasings"], of_table["phrasings"]);
    let accuracy = of_run["phrasings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|made| made["model"] == "tuned" && made["metric"] == "accuracy")
        .unwrap();
    // Who is not told the persona guesses: one in three, and not eight in ten.
    let rate = |at: usize| {
        accuracy["rates"][at]["estimate"]["estimate"]
            .as_f64()
            .unwrap()
    };
    assert!((rate(0) - 0.8).abs() < 0.12 && (rate(2) - 1.0 / 3.0).abs() < 0.16);
    let gain = &accuracy["rates"][0]["gain"];
    assert!((gain["estimate"].as_f64().unwrap() - (rate(0) - rate(2))).abs() < 1e-9);
    assert!(accuracy["rates"][0]["p_adjusted"].as_f64().unwrap() < 0.01);
    assert!(accuracy["rates"][2]["gain"].is_null());
    let text = home
        .oyer(&["survey", "score", "results/s"])
        .expect(0)
        .stdout;
    assert!(
        text.contains("Phrasings") && text.contains("tuned, phrasing copy.j2"),
        "{text}"
    );
    let fairness = home
        .oyer(&[
            "survey",
            "fairness",
            "results/s",
            "--draws",
            "100",
            "--format",
            "json",
        ])
        .expect(0)
        .json();
    assert_eq!(
        variants_of(&fairness, "changes"),
        ["persona", "copy.j2", "none"]
    );
    let refused = home.oyer(&["transfer", "results/s"]).expect(2).stderr;
    assert!(
        refused.contains("--variant; they were asked in persona, copy.j2, none"),
        "{refused}"
    );
}

#[test]
fn what_was_not_asked_for_is_counted_within_the_phrasing_that_is_told() {
    let home = home(VARIANTS);
    home.oyer(&["run", "study.toml", "--limit", "30"]).expect(3);
    let said = home
        .oyer(&[
            "transfer",
            "results/s",
            "--variant",
            "persona",
            "--min-items",
            "2",
        ])
        .expect(3)
        .stderr;
    // 96 items of each half in each of the three phrasings.
    assert!(said.contains(" of 96 items were not begun and "), "{said}");
    assert!(!said.contains("of 288"), "{said}");
}

#[test]
fn a_run_over_phrasings_resumes_and_one_without_keeps_its_store() {
    let whole = home(VARIANTS);
    whole.oyer(&["run", "study.toml"]).expect(0);
    let cut = home(VARIANTS);
    cut.oyer(&["run", "study.toml", "--max-calls", "101"])
        .expect(3);
    cut.oyer(&["run", "study.toml", "--limit", "7"]).expect(3);
    cut.oyer(&["run", "study.toml"]).expect(0);
    for file in ["verdicts.csv", "answers.csv", "report.json"] {
        let file = format!("results/s/{file}");
        assert!(whole.read(&file) == cut.read(&file), "{file}");
    }
    // A study of one phrasing has no variant anywhere.
    let plain = home("");
    plain.oyer(&["run", "study.toml"]).expect(0);
    for file in ["verdicts.csv", "answers.csv", "report.json", "scores.json"] {
        assert!(
            !plain.read(&format!("results/s/{file}")).contains("variant"),
            "{file}"
        );
    }
}

#[test]
fn a_mistake_of_one_phrasing_hides_none_of_another() {
    let home = home(
        "[variants]\npersona_prompts = [\"mine.j2\", \"missing.j2\", \"mine/other.j2\"]\n\
         [judging]\npersona_prompt = \"none\"\n",
    );
    home.write("mine.j2", "{{ persna.id }}");
    home.write("mine/other.j2", "x\n{{ persona.id|shout }}");
    let said = home.oyer(&["check", "study.toml"]).expect(2).stderr;
    assert_snapshot!(said, @r#"
    error: study.toml:20:31: variants.persona_prompts: there is no built-in prompt template and no file `missing.j2`
      help: built-in: none, open-ended, pairwise, persona, persona-qa, persona-third, structured; or the path of a file
    error: study.toml:22:18: variants.persona_prompts: persona_prompt of [judging] names a phrasing, and [variants] does too
      help: leave persona_prompt out and put its template into persona_prompts
    error: mine.j2:1:4: variants.persona_prompts: there is no value `persna.id` in this template
      help: did you mean `persona.id`?
            variants.persona_prompts names it, at study.toml:20:20
    error: mine/other.j2:2:15: variants.persona_prompts: unknown filter: filter shout is unknown
      help: filters are Jinja's, such as `trim`, `lower`, `join(", ")`, `default("…")`
            variants.persona_prompts names it, at study.toml:20:45
    4 errors
    "#);
}

#[test]
fn what_is_wrong_with_variants_is_said_with_its_place() {
    let error = |variants: &str| {
        home(variants)
            .oyer(&["check", "study.toml"])
            .expect(2)
            .stderr
    };
    for (variants, expected) in [
        (
            "[variants]\npersona_prompts = [\"persona\"]\n",
            "study.toml:20:20: variants.persona_prompts: there is 1 phrasing",
        ),
        (
            "[variants]\npersona_prompts = [\"persona\", \"persona\"]\n",
            "this phrasing stands twice",
        ),
        (
            "[variants]\npersona_prompts = [\"persona\", \"none\"]\ncontrol = \"nome\"\n",
            "`nome` is none of the phrasings",
        ),
        (
            "[variants]\npersona_prompts = [\"persona\", \"missing.j2\"]\n",
            "variants.persona_prompts",
        ),
        (
            "[variants]\npersona_prompts = [\"persona\", \"none\"]\n[judging]\npersona_prompt = \"none\"\n",
            "persona_prompt of [judging] names a phrasing",
        ),
        ("[variants]\ncontrol = \"none\"\n", "persona_prompts"),
    ] {
        let said = error(variants);
        assert!(said.contains(expected), "{variants}: {said}");
    }
}

#[test]
fn a_file_says_in_which_phrasing_it_answers() {
    let home = home(VARIANTS);
    let simulated = "[models.tuned]\nprovider = \"simulated\"\nalignment = 0.8\n";
    let file = "[models.tuned]\nprovider = \"file\"\npath = \"open.csv\"\nstructured_path = \"survey-answers.csv\"\n";
    let study = home.read("study.toml").replace(simulated, file);
    home.write("study.toml", study);
    let head = "persona,question,variant,text\n";
    let (mut open, mut survey) = (head.to_owned(), head.to_owned());
    for (p, q) in (0..8).flat_map(|p| (0..12).map(move |q| (p, q))) {
        // Right in the first phrasing, wrong in the others.
        for (variant, off) in [("none", 1), ("persona", 0), ("copy.j2", 2)] {
            writeln!(open, "p{p},o{q},{variant},I am p{p} on o{q} in {variant}").unwrap();
            let code = 1 + (p + q + off) % 3;
            writeln!(survey, "p{p},Q{q},{variant},Answer: {code}").unwrap();
        }
    }
    home.write("open.csv", &open);
    home.write("survey-answers.csv", &survey);
    home.oyer(&["run", "study.toml"]).expect(0);
    let shown = home.oyer(&["show", "results/s", "p3/o5/copy.j2"]).expect(0);
    assert!(
        shown.stdout.contains("I am p3 on o5 in copy.j2"),
        "{}",
        shown.stdout
    );
    let scores = home
        .oyer(&["survey", "score", "results/s", "--format", "json"])
        .expect(0)
        .json();
    let accuracy = |variant: &str| {
        let mut rows = scores["models"].as_array().unwrap().iter();
        let row = rows.find(|row| row["model"] == "tuned" && row["variant"] == variant);
        row.unwrap()["metrics"]["accuracy"]["estimate"].as_f64()
    };
    assert_eq!(accuracy("persona"), Some(1.0));
    assert_eq!(accuracy("copy.j2"), Some(0.0));
    assert_eq!(accuracy("none"), Some(0.0));
    let refused = |text: String| {
        home.write("open.csv", text);
        home.oyer(&["check", "study.toml"])
    };
    let lacking = refused(open.replace("p3,o5,copy.j2,I am p3 on o5 in copy.j2\n", "")).expect(0);
    assert!(
        lacking
            .stderr
            .contains("1 of 288 planned answers is not in this file (p3/o5/copy.j2)"),
        "{}",
        lacking.stderr
    );
    let unknown = refused(open.replace("p0,o0,none", "p0,o0,nome")).expect(2);
    insta::assert_snapshot!(unknown.stderr, @"
    error: open.csv:2:7: variant: there is no phrasing `nome`
      help: did you mean `none`?
    ");
    let silent = refused(open.replace(",variant,", ",phrasing,")).expect(2);
    insta::assert_snapshot!(silent.stderr, @"
    error: open.csv:1: the study has [variants], and no column `variant` says in which phrasing an answer was given
      help: add the column, with a name of variants.persona_prompts in each row, or leave the model out
    ");
}

#[test]
fn labels_and_pilots_are_of_one_phrasing() {
    let home = Home::new();
    let mut table = "persona,question,candidate,opponent,criterion,outcome,variant\n".to_owned();
    let mut labels = "item,question,candidate,opponent,criterion,outcome,annotator\n".to_owned();
    for q in 0..24 {
        for (variant, won) in [("plain", q % 4 > 0), ("terse", q % 4 == 0)] {
            let outcome = if won { "win" } else { "loss" };
            writeln!(table, "p,q{q},a,b,overall,{outcome},{variant}").unwrap();
            for person in ["eva", "tom"] {
                let item = format!("p/q{q}/{variant}");
                writeln!(labels, "{item},q{q},a,b,overall,{outcome},{person}").unwrap();
            }
        }
    }
    home.write("v.csv", table);
    home.write("l.csv", labels);
    let commands: [&[&str]; 3] = [
        &["agree", "v.csv", "--labels", "l.csv"],
        &["report", "v.csv", "--labels", "l.csv"],
        &["plan", "--effect", "0.6", "--pilot", "v.csv"],
    ];
    for command in commands {
        let ran = home.oyer(command).expect(2);
        let said =
            "several phrasings, which are never averaged; name one with --variant: plain, terse";
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        let named = [command, &["--variant", "plain", "--format", "json"]].concat();
        let made = home.oyer(&named).expect(0).json();
        let text = made.to_string();
        // Three of four were won in it, and one of four in the other.
        assert!(text.contains("0.75"), "{text}");
        let unknown = [command, &["--variant", "third"]].concat();
        let ran = home.oyer(&unknown).expect(2);
        assert!(
            ran.stderr
                .contains("no phrasing `third`; name one of plain, terse"),
            "{}",
            ran.stderr
        );
    }
    let shown = home.oyer(&["report", "v.csv", "--variant", "terse", "--format", "json"]);
    let shown = shown.expect(0).json();
    assert_eq!(variants_of(&shown, "comparisons"), ["terse"]);
    assert_eq!(shown["comparisons"][0]["win_rate"], 0.25);
}

#[test]
fn any_phrasing_of_a_table_may_be_the_control() {
    let home = Home::new();
    let mut text = "persona,question,model,option,truth,variant,scale\n".to_owned();
    for p in 0..4 {
        for q in 0..8 {
            for (at, variant) in ["plain", "told", ""].iter().enumerate() {
                let option = 1 + (p + q + at) % (2 + at);
                writeln!(text, "p{p},q{q},m,{option},1,{variant},1|2|3|4").unwrap();
            }
        }
    }
    home.write("answers.csv", text);
    let score = |more: &[&str]| home.oyer(&[&["survey", "score", "answers.csv"], more].concat());
    let json = score(&["--control", "plain", "--format", "json"])
        .expect(0)
        .json();
    let made = &json["phrasings"][0];
    assert_eq!(made["control"], "plain");
    assert!(made["rates"][1]["gain"].is_object() && made["rates"][0]["gain"].is_null());
    assert!(score(&["--format", "json"]).expect(0).json()["phrasings"][0]["control"].is_null());
    // What has no name is called so in every row.
    let said = score(&["--format", "md"]).expect(0).stdout;
    assert!(said.contains("m, phrasing (none given)"), "{said}");
    let wrong = score(&["--control", "plan"]).expect(2).stderr;
    assert!(
        wrong.contains("--control: there is no phrasing `plan`; name one of plain, told"),
        "{wrong}"
    );
    home.write("study.toml", "name = \"s\"\n");
    let wrong = score(&["--study", "study.toml"]).expect(2).stderr;
    assert!(wrong.contains("so --study would change nothing"), "{wrong}");
    let wrong = score(&["--skip-unknown"]).expect(2).stderr;
    assert!(wrong.contains("--study"), "{wrong}");
}
