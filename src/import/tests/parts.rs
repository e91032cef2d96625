//! Figures of several files and their estimates, what the places of files tell, and what is
//! said of judgments in one order.

use super::*;
use crate::analysis::source_figures::SourceFigures;
use crate::verdict::MissingReason;

#[track_caller]
fn value(set: &SourceFigures, name: &str) -> f64 {
    let mut figures = set.figures.iter();
    figures.find(|f| f.name == name).unwrap().value.unwrap()
}

fn subjects(import: &Import) -> Vec<&str> {
    import.figures.iter().map(|set| &*set.subject).collect()
}

fn rubrics(import: &Import) -> BTreeSet<&str> {
    import.table.contests.iter().map(|c| &*c.rubric).collect()
}

fn names(import: &Import) -> Vec<[&str; 3]> {
    let contests = import.table.contests.iter();
    let names = contests.map(|c| [&*c.candidate, &*c.opponent, &*c.judge]);
    names.collect()
}

fn judged(id: &str, decisions: &[&str]) -> Value {
    let judgments: Vec<Value> = decisions
        .iter()
        .map(|decision| json!({"decision": decision}))
        .collect();
    json!({"pair_id": id, "label": "A>B", "response_A": "x", "response_B": "y", "judge_name": "arena_hard", "judgments": judgments})
}

#[test]
fn a_judge_of_judgebench_has_an_estimate_for_the_responses_of_each_model() {
    let name =
        |model: &str| format!("dataset=judgebench,response_model={model},judge_model=o1.jsonl");
    let (gpt, claude) = (name("gpt-4o"), name("claude"));
    let right = lines(&[judged("1", &["A>B", "B>A"])]);
    let wrong = lines(&[judged("2", &["B>A", "A>B"])]);
    let mut import = made(&[(&gpt, right.clone()), (&claude, wrong)]);
    assert_eq!(
        subjects(&import),
        ["arena_hard/o1 on gpt-4o", "arena_hard/o1 on claude"]
    );
    assert_eq!(
        rubrics(&import),
        ["judgebench claude", "judgebench gpt-4o"].into()
    );
    let comparisons: Vec<_> = import.figures.iter().map(|set| &set.comparison).collect();
    assert!(comparisons[0].is_some() && comparisons[0] != comparisons[1]);
    let claims = read_claims("arena_hard/o1 on claude:overall=0").unwrap();
    assert!(compare(&mut import.figures, &claims).is_empty());
    let published = |set: &SourceFigures| set.figures[0].published.is_some();
    let published: Vec<bool> = import.figures.iter().map(published).collect();
    assert_eq!(published, [false, true]);
    // A judge's own name is enough where only one set is of it.
    let mut import = made(&[(&gpt, right)]);
    let claims = read_claims("arena_hard/o1:overall=100").unwrap();
    assert!(compare(&mut import.figures, &claims).is_empty());
}

#[test]
fn figures_that_share_a_comparison_have_no_estimate_and_say_so() {
    let import = made(&[
        ("run1/o.jsonl", lines(&[judged("1", &["A>B", "B>A"])])),
        ("run2/o.jsonl", lines(&[judged("2", &["B>A", "A>B"])])),
    ]);
    assert_eq!(
        subjects(&import),
        ["arena_hard (run1)", "arena_hard (run2)"]
    );
    for set in &import.figures {
        assert_eq!(set.comparison, None);
        let why = &set.why_they_differ[0];
        assert!(why.starts_with("No estimate stands beside"), "{why}");
    }
    let import = made(&[("o.jsonl", lines(&[judged("1", &["A>B", "B>A"])]))]);
    assert!(import.figures[0].comparison.is_some());
}

#[test]
fn versions_of_wildbench_are_parts_of_their_own() {
    let pair = |winner: &str| {
        json!([{"session_id": "1", "model_A": "m", "model_B": "r", "winner": winner, "extent": 2}])
            .to_string()
    };
    let place = |version: &str| format!("{version}/pairwise.v2/eval=j/ref=r/m.json");
    let (old, new) = (place("v2.0522"), place("v2.0625"));
    let import = made(&[(&old, pair("m")), (&new, pair("r"))]);
    assert_eq!(
        subjects(&import),
        ["m against r, by j (v2.0522)", "m against r, by j (v2.0625)"]
    );
    assert_eq!(
        rubrics(&import),
        ["wildbench v2.0522", "wildbench v2.0625"].into()
    );
    assert!(import.figures.iter().all(|set| set.comparison.is_some()));
    assert_eq!(counted(&import, "one more repeat"), 0);

    let scores = |model: &str, score: u32| {
        json!([{"session_id": "1", "model_test": model, "score": score}]).to_string()
    };
    let place = |version: &str, model: &str| format!("{version}/score.v2/eval=j/{model}.json");
    let places = [
        place("v2.0522", "a"),
        place("v2.0522", "b"),
        place("v2.0625", "a"),
        place("v2.0625", "b"),
    ];
    let import = made(&[
        (&places[0], scores("a", 8)),
        (&places[1], scores("b", 5)),
        (&places[2], scores("a", 4)),
        (&places[3], scores("b", 6)),
    ]);
    assert_eq!(
        subjects(&import),
        [
            "a, by j (v2.0522)",
            "a, by j (v2.0625)",
            "b, by j (v2.0522)",
            "b, by j (v2.0625)"
        ]
    );
    assert!((value(&import.figures[0], "raw_score") - 8.0).abs() < 1e-12);
    assert!((value(&import.figures[1], "raw_score") - 4.0).abs() < 1e-12);
    let outcomes: Vec<Outcome> = import.table.cells.iter().map(|cell| cell.outcome).collect();
    assert_eq!(outcomes, [Outcome::Win, Outcome::Loss]);
    assert!(!has_note(&import, "scored more than once"));
}

#[test]
fn scores_of_two_files_of_one_judge_are_averaged_by_file() {
    let score = |score: u32| {
        lines(&[
            json!({"question_id": 1, "model": "m", "judge": ["j", "s"], "turn": 1, "score": score}),
        ])
    };
    let import = made(&[
        ("run1/j_single.jsonl", score(8)),
        ("run2/j_single.jsonl", score(4)),
    ]);
    assert_eq!(subjects(&import), ["m, by j (run1)", "m, by j (run2)"]);
    assert!((value(&import.figures[0], "average") - 8.0).abs() < 1e-12);
    assert!((value(&import.figures[1], "average") - 4.0).abs() < 1e-12);
    assert!(has_note(&import, "1 answers were scored more than once"));
}

/// An instance of LLMBar whose outputs were scored alone.
fn rated(input: &str, label: u8, scores: [Value; 2], winners: [&str; 2]) -> Value {
    let [first, second] = scores;
    json!({"input": input, "output_1": "one", "output_2": "two!", "label": label, "results": [
        {"score_1": [first, "stop"], "score_2": [second, "stop"], "swap = False": {"winner": winners[0]}, "swap = True": {"winner": winners[1]}},
    ]})
}

#[test]
fn outputs_that_were_scored_alone_are_one_comparison_without_an_order() {
    let rows = json!([
        rated("i", 1, [json!("9"), json!("5")], ["1", "1"]),
        rated("j", 2, [json!("9"), json!("5")], ["1", "1"]),
        rated("k", 1, [json!("7"), json!("7.0")], ["2", "1"]),
        rated("l", 1, [json!("I cannot rate"), json!("5")], ["1", "2"]),
    ]);
    let place = "Natural/evaluators/GPT-4/Rating/result.json";
    let import = made(&[(place, rows.to_string())]);
    let cells = import.table.cells.iter();
    let outcomes: Vec<_> = cells.map(|cell| (cell.outcome, cell.missing)).collect();
    let missing = Some(MissingReason::NoVerdict);
    assert_eq!(
        outcomes,
        [
            (Outcome::Win, None),
            (Outcome::Loss, None),
            (Outcome::Tie, None),
            (Outcome::Missing, missing)
        ]
    );
    assert!(import.table.orders_unknown);
    assert_eq!(counted(&import, "a score that is no number"), 1);
    assert_eq!(counted(&import, "no winner could be read"), 0);
    // The source's own figures are of its winners.
    let set = &import.figures[0];
    for (name, expected) in [
        ("correct_False", 50.0),
        ("correct_True", 50.0),
        ("correct_both", 25.0),
        ("equal", 50.0),
    ] {
        assert!((value(set, name) - expected).abs() < 1e-12, "{name}");
    }
    let why = set.why_they_differ.join(" ");
    assert!(why.contains("no order was ever shown"), "{why}");
    assert!(!why.contains("both orders averaged"), "{why}");
}

#[test]
fn places_tell_nothing_but_by_the_layout_of_the_source() {
    let instance = json!([{"input": "i", "output_1": "one", "output_2": "two", "label": 1, "results": [{"swap = False": {"winner": "1"}, "swap = True": {"winner": "1"}}]}]).to_string();
    let place = |name: &str| {
        let import = made(&[(name, instance.clone())]);
        let has_subset = import.table.items[0].id().contains('/');
        let said = counted(&import, "no judge is named");
        let contest = &import.table.contests[0];
        (
            contest.judge.clone(),
            contest.rubric.clone(),
            has_subset,
            said,
        )
    };
    let named = ("GPT-4/CoT".to_owned(), "llmbar Natural".to_owned(), true, 0);
    assert_eq!(place("Natural/evaluators/GPT-4/CoT/result.json"), named);
    assert_eq!(place("Natural/evaluators/GPT-4/CoT/mine.json"), named);
    assert_eq!(place("Natural/GPT-4/CoT/result.json"), named);
    let nameless = ("judge".to_owned(), "llmbar".to_owned(), false, 1);
    assert_eq!(place("Natural/GPT-4/CoT/mine.json"), nameless);
    assert_eq!(place("home/runs/today/result.json"), nameless);

    let given = Options {
        judge: Some("mine".to_owned()),
        ..Options::default()
    };
    for (name, judge, rubric) in [
        ("home/runs/today/result.json", "mine", "llmbar"),
        (
            "Natural/evaluators/GPT-4/CoT/mine.json",
            "mine",
            "llmbar Natural",
        ),
        // Only the source's own places name the judge of its own files.
        (
            "Natural/GPT-4/CoT/result.json",
            "GPT-4/CoT",
            "llmbar Natural",
        ),
    ] {
        let import = imported(&given, &[(name, instance.clone())]).unwrap();
        let contest = &import.table.contests[0];
        let told = [&*contest.judge, &*contest.rubric];
        assert_eq!(told, [judge, rubric], "{name}");
        let is_unused = judge != "mine";
        assert_eq!(has_note(&import, "--judge mine names nothing"), is_unused);
    }
}

#[test]
fn a_judge_that_nothing_names_is_counted_in_every_format() {
    let pair = json!({"question_id": 1, "model_1": "a", "model_2": "b", "g1_winner": "tie"});
    let score = json!({"question_id": 1, "model": "a", "judge": null, "score": 5});
    let mut nameless = judged("1", &["A>B"]);
    nameless.as_object_mut().unwrap().remove("judge_name");
    let files = [
        lines(&[pair]),
        lines(&[score]),
        lines(&[nameless]),
        lines(&[json!({"uid": "u", "model": "m", "baseline": "b", "games": [{"score": "A>B"}]})]),
        json!([{"session_id": "1", "model_A": "m", "model_B": "r", "winner": "m"}]).to_string(),
        json!([{"session_id": "1", "model_test": "m", "score": 5}]).to_string(),
    ];
    for text in files {
        let file = [("mine.json", text)];
        let import = made(&file);
        assert_eq!(counted(&import, "no judge is named"), 1, "{}", file[0].1);
        let options = Options {
            judge: Some("x".to_owned()),
            ..Options::default()
        };
        let import = imported(&options, &file).unwrap();
        assert_eq!(counted(&import, "no judge is named"), 0, "{}", file[0].1);
    }
}

#[test]
fn judgments_in_one_order_are_not_said_to_be_in_both() {
    let one_order = |text: &str, has: &str| {
        assert!(text.contains(has), "{text}");
        assert!(
            !text.contains("both orders") && !text.contains("orders disagree"),
            "{text}"
        );
    };
    let why = |import: &Import| import.figures[0].why_they_differ.join(" ");
    let pair = |second: &str| json!({"question_id": 1, "model_1": "a", "model_2": second, "judge": ["j", "p"], "turn": 1, "g1_winner": "tie"});
    let import = made(&[("j_pair.jsonl", lines(&[pair("b")]))]);
    one_order(&why(&import), "judged in one order");
    let definitions = import.figures[0]
        .figures
        .iter()
        .map(|f| f.definition.as_str());
    let definitions: Vec<&str> = definitions.take(3).collect();
    assert_eq!(definitions, ["pairs won", "pairs lost", "pairs tied"]);
    let import = made(&[("j_pair.jsonl", lines(&[pair("b"), pair("c")]))]);
    one_order(&why(&import), "counts a tie as a loss");
    let review = json!({"review_id": "r", "question_id": 1, "answer1_id": "x", "answer2_id": "y", "text": "9 7\nbetter"});
    let import = made(&[("review_a_b.jsonl", lines(&[review]))]);
    one_order(&why(&import), "judged in one order");
    let import = made(&[("o.jsonl", lines(&[judged("1", &["A>B"])]))]);
    one_order(&why(&import), "judged in one order");
    let import = made(&[("o.jsonl", lines(&[judged("1", &["A>B", "B>A"])]))]);
    assert!(why(&import).contains("both orders averaged"));
}

#[test]
fn each_version_of_arena_hard_has_its_own_interval() {
    let games = json!([{"score": "A>B"}, {"score": "B>A"}]);
    let record = |id: &str| {
        let mut record = json!({"model": "m", "baseline": "b", "judge": "j", "games": games});
        record[id] = json!("1");
        made(&[("g.jsonl", lines(&[record]))]).figures[0]
            .why_they_differ
            .join(" ")
    };
    let (old, new) = (record("question_id"), record("uid"));
    assert!(old.contains("2.5th to 97.5th percentile"), "{old}");
    assert!(old.contains("Bradley-Terry fit") && !old.contains("mean over its resamplings"));
    assert!(
        new.contains("the 5th to 95th percentile") && new.contains("mean over its resamplings")
    );
}

/// A pair of WildBench's older layout.
fn assigned(session: &str, models: [&str; 2], winner: &str) -> Value {
    json!({"session_id": session, "generator": "zephyr", "ref_generator": "gpt", "model_output": ["four"], "ref_output": "xx",
        "eval_config": {"mode": "pairwise", "gpt": "gpt-4-0125"}, "assignment": {"A": models[0], "B": models[1]},
        "parsed_result": {"choice": "tie"}, "winner": winner})
}

#[test]
fn older_pairs_of_wildbench_name_model_judge_and_answers() {
    let rows = json!([
        assigned("1", ["zephyr", "gpt"], "zephyr"),
        assigned("2", ["gpt", "zephyr"], "zephyr"),
    ]);
    let import = made(&[("eval.json", rows.to_string())]);
    assert_eq!(names(&import), [["zephyr", "gpt", "gpt-4-0125"]]);
    let judgments = import.table.judgments.iter();
    let lengths: Vec<_> = judgments
        .map(|one| [one.candidate_chars.chars(), one.opponent_chars.chars()])
        .collect();
    assert_eq!(lengths, [[Some(4), Some(2)]; 2]);
    assert!((value(&import.figures[0], "avg_len") - 4.0).abs() < 1e-12);
    assert!(
        !has_note(&import, "the first by name"),
        "{:?}",
        import.notes
    );
    // A folder of the newer layout stands before the record.
    let import = made(&[("eval=j/ref=gpt/eval.json", rows.to_string())]);
    assert_eq!(names(&import), [["zephyr", "gpt", "j"]]);
}

#[test]
fn a_pair_of_wildbench_that_only_names_tell_apart_is_noted() {
    let rows = json!([
        {"session_id": "1", "model_A": "m", "model_B": "a", "winner": "m"},
        {"session_id": "2", "model_A": "a", "model_B": "m", "winner": "m"},
    ]);
    let files = [("p.json", rows.to_string())];
    let import = made(&files);
    assert_eq!(names(&import), [["a", "m", "judge"]]);
    assert!(has_note(&import, "the first by name is: a against m;"));
    let options = Options {
        baseline: Some("a".to_owned()),
        ..Options::default()
    };
    let import = imported(&options, &files).unwrap();
    assert_eq!(names(&import), [["m", "a", "judge"]]);
    assert!(!has_note(&import, "the first by name"));
}
