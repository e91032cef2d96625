//! The study file as a whole.

use proptest::prelude::*;

use super::*;

#[test]
fn a_good_study_is_read_whole() {
    let study = study(&[]);
    assert_eq!((study.name.as_str(), study.seed), ("small", 7));
    assert_eq!(study.dimensions, ["sex", "age"]);
    assert_eq!(study.covariates, ["length"]);
    assert_eq!(
        study.personas[0].levels,
        [Some("female".to_owned()), Some("25-34".to_owned())]
    );
    assert_eq!(study.personas[0].weight, Some(1.5));
    assert_eq!(study.personas[1].levels, [Some("male".to_owned()), None]);
    assert_eq!(study.personas[1].text.as_deref(), Some("A nurse."));
    assert_eq!(study.questions[1].topic, None);
    assert_eq!(study.questions[0].covariates, [Some("short".to_owned())]);
    let order: Vec<_> = study
        .truths
        .iter()
        .map(|t| (t.persona, t.question))
        .collect();
    assert_eq!(order, [(0, 0), (0, 1), (1, 0), (1, 1)]);
    assert_eq!(study.truth(0, 0).unwrap().share, Some(0.62));
    assert_eq!(
        study.compare.pairs,
        [Pair {
            candidate: 1,
            opponent: 0
        }]
    );
    assert_eq!(
        (
            study.compare.samples,
            study.judging.repeats,
            study.judging.reasks
        ),
        (1, 1, 1)
    );
    assert_eq!(study.judging.judges, [0]);
    assert_eq!(study.judging.rubric.name, "persona-value");
    assert_eq!(study.judging.orders, Orders::Both);
    assert_eq!(study.report, ReportOptions::default());
    assert_eq!(study.models[1].model, "tuned");
    assert_eq!(study.models[1].timeout.to_bits(), 120.0_f64.to_bits());
    assert_eq!(study.models[1].max_tries, 8);
}

#[test]
fn a_study_survives_json() {
    let study = study(&[]);
    let json = serde_json::to_string(&study).unwrap();
    assert_eq!(serde_json::from_str::<Study>(&json).unwrap(), study);
    let name = |kind: ProviderKind| serde_json::to_string(&kind).unwrap();
    assert_eq!(name(ProviderKind::OpenAi), "\"openai\"");
    assert_eq!(name(ProviderKind::File), "\"file\"");
}

#[test]
fn entries_keep_the_order_of_the_file() {
    let text = changed(
        "[models.base]",
        "[models.zeta]\nprovider = \"simulated\"\nalignment = 0.1\n[models.alpha]\nprovider = \"simulated\"\nalignment = 0.2\n[models.base]",
    );
    let study = study(&[(
        "study.toml",
        &text.replace("pairs = [[\"tuned\", \"base\"]]", "all = true"),
    )]);
    let names: Vec<_> = study
        .models
        .iter()
        .map(|model| model.name.as_str())
        .collect();
    assert_eq!(names, ["zeta", "alpha", "base", "tuned"]);
    let pairs: Vec<_> = study
        .compare
        .pairs
        .iter()
        .map(|p| (p.candidate, p.opponent))
        .collect();
    assert_eq!(pairs, [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]);
}

#[test]
fn a_faulty_rubric_does_not_hide_its_template() {
    let text = format!("{STUDY}[judging]\nrubric = \"mine.toml\"\n");
    let rubric = "name = \"mine\"\ntemplate = \"mine.j2\"\nwithout_truth = \"skp\"\n[[criteria]]\nkey = \"k\"\nname = \"x\"\nguide = \"y\"\n";
    let dir = folder(&[
        ("study.toml", text.as_bytes()),
        ("mine.toml", rubric.as_bytes()),
        ("mine.j2", b"{{ tokn }}"),
    ]);
    let loaded = load_in(dir.path());
    assert_eq!(loaded.problems.len(), 1, "{:?}", loaded.problems);
    let seen = &loaded.seen.as_ref().unwrap().study.judging;
    assert_eq!(seen.rubric.template.source, "{{ tokn }}");
    let problem = Problem::error("mine.j2", "wrong")
        .line(1)
        .field("judging.rubric");
    insta::assert_snapshot!(told(dir.path(), &loaded.place_templates(vec![problem])), @"
    mine.j2:1: judging.rubric: wrong
      help: judging.rubric names it, at study.toml:22:10
    ");
}

#[test]
fn all_problems_of_a_study_are_told_at_once() {
    insta::assert_snapshot!(check(&[
        ("study.toml", "sede = 7\nname = \"a/b\"\n[data]\npersonas = \"people.csv\"\nquestions = \"questions.csv\"\n[models.base]\nprovider = \"opneai\"\ntemprature = 1\n[models.tuned]\nprovider = \"simulated\"\nalignment = 1.5\n[judges]\n[compare]\npairs = [[\"tuned\", \"bas\"]]\nsamples = 0\n[report]\nlevel = 95\n"),
        ("questions.csv", "id,text\nq1,\nq1,Why?\n"),
    ]), @"
    study.toml:1:1: sede: there is no such key
      help: did you mean `seed`?
    study.toml:2:8: name: this cannot be the name of a folder, which the name of a study is
      help: use letters, digits, `-` and `_`, at most 100 bytes
    study.toml:4:12: data.personas: people.csv cannot be read: No such file or directory (os error 2)
      help: paths start at the folder of the study file
    study.toml:7:12: models.base.provider: `opneai` is not known; expected `openai`, `anthropic`, `simulated` or `file`
      help: did you mean `openai`?
    study.toml:8:1: models.base.temprature: there is no such key
      help: did you mean `temperature`?
    study.toml:11:13: models.tuned.alignment: expected a number from 0 to 1, found 1.5
    study.toml:12:2: judges: there is no judge
      help: add [judges.<name>]
    study.toml:14:20: compare.pairs: there is no model `bas`
      help: did you mean `base`?
    study.toml:15:11: compare.samples: expected a whole number from 1 to 10000, found 0
    study.toml:17:9: report.level: expected a number over 0 and under 1, found 95
    questions.csv:2:4: text: this cell is empty
      help: write the question as it is asked
    questions.csv:3:1: id: the id `q1` stands twice, first on line 2
      help: keep one of the two rows
    ");
}

#[test]
fn keys_that_are_not_known_or_stand_in_the_wrong_place() {
    insta::assert_snapshot!(check(&[("study.toml", &format!("{}\n[report]\nlevel = 0.9\nseeds = 1\nrubric = \"voice\"\nseed = 3\n", changed("[models.base]", "[model.base]\nprovider = \"simulated\"\n[models.base]")))]), @"
    study.toml:9:2: model: there is no such key
      help: did you mean `models`?
    study.toml:26:1: report.seeds: there is no such key
      help: did you mean `seed`? It belongs at the top of the file, before the first [table], or under [models.<name>], or under [judges.<name>]
    study.toml:27:1: report.rubric: there is no such key
      help: `rubric` belongs under [judging]
    study.toml:28:1: report.seed: there is no such key
      help: `seed` belongs at the top of the file, before the first [table], or under [models.<name>], or under [judges.<name>]
    ");
}

#[test]
fn an_empty_study_lists_what_it_needs() {
    insta::assert_snapshot!(check(&[("study.toml", "")]), @r#"
    study.toml:1:1: name: this key is missing
      help: name = "…" names the study and its results folder
    study.toml:1:1: data: this table is missing
      help: [data] names the tables: personas, questions, and truth where it is known
    study.toml:1:1: models: this table is missing
      help: [models.<name>] describes a model under study; two are needed
    study.toml:1:1: judges: this table is missing
      help: [judges.<name>] describes a judge
    study.toml:1:1: compare: this table is missing
      help: [compare] says which models are compared: pairs = [["candidate", "opponent"]], or reference = "…", or all = true
    "#);
}

#[test]
fn types_are_said_without_repeating_values() {
    insta::assert_snapshot!(check(&[("study.toml", "name = 3\nseed = \"seven\"\nmodels = 1\njudges = [\"main\"]\ncompare = { pairs = [\"tuned\", \"base\"], all = \"yes\", samples = 1.5 }\nreport = { by = [\"sex\"], level = \"high\" }\n[data]\npersonas = [\"personas.csv\"]\nquestions = 2024-01-01\n")]), @r#"
    study.toml:1:8: name: expected a text in quotes, found a whole number
    study.toml:2:8: seed: expected a whole number, found a text
    study.toml:3:10: models: expected a table for each name, found a whole number
    study.toml:4:10: judges: expected a table for each name, found a list
    study.toml:5:1: compare.all: `pairs` says already what is compared
      help: keep one of pairs, reference and all
    study.toml:5:22: compare.pairs: expected a list of texts, found a text
      help: a list is such as ["a", "b"], a list of lists such as [["a", "b"]]
    study.toml:5:31: compare.pairs: expected a list of texts, found a text
      help: a list is such as ["a", "b"], a list of lists such as [["a", "b"]]
    study.toml:5:46: compare.all: expected `true` or `false`, found a text
    study.toml:5:63: compare.samples: expected a whole number, found a number with a fraction
    study.toml:6:18: report.by: expected a list of texts, found a text
      help: a list is such as ["a", "b"], a list of lists such as [["a", "b"]]
    study.toml:6:34: report.level: expected a number, found a text
    study.toml:8:12: data.personas: expected a text in quotes, found a list
    study.toml:9:13: data.questions: expected a text in quotes, found a date or time
    "#);
}

#[test]
fn syntax_errors_are_told_with_the_tables_problems() {
    insta::assert_snapshot!(check(&[
        ("study.toml", &changed("alignment = 0.7", "alignment = 0.7.1\nadherence = yes\nskil = 1").replace("[compare]", "[compare")),
        ("truth.csv", "persona,question,value\np1,q9,x\n"),
    ]), @r#"
    study.toml:14:16: not TOML: invalid float
      help: a line is such as `key = "text"`, `key = 1.5`, `key = ["a", "b"]` or `[table]`
    study.toml:15:13: not TOML: string values must be quoted, expected literal string
      help: put the text into double quotes
    study.toml:16:1: models.tuned.skil: there is no such key
      help: did you mean `skill`?
    study.toml:21:9: not TOML: unclosed table, expected `]`
      help: a line is such as `key = "text"`, `key = 1.5`, `key = ["a", "b"]` or `[table]`
    truth.csv:2:4: question: there is no question `q9`
      help: did you mean `q1`?
    "#);
}

#[test]
fn a_list_that_is_never_closed_is_told_once() {
    let told = check_with(
        "\"base\"]]",
        "\"base\"]\n[judging]\nrepeats = 2\norders = \"both\"",
    );
    let alike = told.matches("not TOML").count();
    assert_eq!(alike, 2, "{told}");
    assert!(told.contains("close the list with `]`"), "{told}");
    // The tables and values after it were read as parts of it.
    assert!(!told.contains("compare.pairs"), "{told}");
}

#[test]
fn a_backslash_in_a_path_is_told_with_what_to_write() {
    let told = check_with("\"questions.csv\"", "\"data\\questions.csv\"");
    assert!(told.contains("write `/` in a path"), "{told}");
}

#[test]
fn a_key_twice_is_a_syntax_error() {
    insta::assert_snapshot!(check_with("seed = 7", "seed = 7\nseed = 8"), @"
    study.toml:3:1: not TOML: duplicate key
      help: keep one of the two
    ");
}

#[test]
fn a_study_file_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let loaded = load_in(dir.path());
    assert!(
        told(dir.path(), &loaded.problems).starts_with("study.toml: the study cannot be read: ")
    );
    let dir = folder(&[]);
    let loaded = load(dir.path());
    assert!(
        loaded.problems[0]
            .help
            .as_ref()
            .unwrap()
            .contains("did you mean")
    );
}

#[test]
fn a_misspelt_study_file_is_answered_with_the_nearest() {
    let dir = folder(&[]);
    let loaded = load(&dir.path().join("stduy.toml"));
    let near = format!("did you mean {}?", dir.path().join("study.toml").display());
    assert_eq!(loaded.problems[0].help.as_deref(), Some(&*near));
}

#[test]
fn what_is_compared() {
    let compare = |by: &str| check_with("pairs = [[\"tuned\", \"base\"]]", by);
    insta::assert_snapshot!(compare("samples = 2"), @r#"
    study.toml:19:2: compare: nothing is compared
      help: write one of: pairs = [["candidate", "opponent"]]; reference = "…"; all = true
    "#);
    insta::assert_snapshot!(compare("all = false"), @"
    study.toml:20:7: compare.all: nothing is compared
      help: write all = true, or take it out and write pairs or reference
    ");
    insta::assert_snapshot!(compare("pairs = []"), @r#"
    study.toml:20:1: compare.pairs: there is no pair
      help: write [["candidate", "opponent"]]
    "#);
    insta::assert_snapshot!(compare("pairs = [[\"tuned\"], [\"tuned\", \"base\", \"base\"], []]"), @r#"
    study.toml:20:10: compare.pairs: a pair is two models, found 1
      help: write ["candidate", "opponent"]
    study.toml:20:21: compare.pairs: a pair is two models, found 3
      help: write ["candidate", "opponent"]
    study.toml:20:48: compare.pairs: this list must not be empty
    "#);
    insta::assert_snapshot!(compare("pairs = [[\"tuned\", \"base\"],\n [\"tuned\", \"base\"],\n [\"base\", \"tuned\"],\n [\"base\", \"base\"],\n [\"tuend\", \"base\"]]"), @"
    study.toml:21:2: compare.pairs: this stands twice, first on line 20
      help: keep one
    study.toml:22:2: compare.pairs: this is the comparison of line 20 the other way round
      help: keep one: its win rate is 1 less the other's
    study.toml:23:2: compare.pairs: this compares a model with itself
      help: compare it with another model; two entries of one model differ by `revision`
    study.toml:24:3: compare.pairs: there is no model `tuend`
      help: did you mean `tuned`?
    ");
    insta::assert_snapshot!(compare("reference = \"base\"\nall = true"), @"
    study.toml:21:1: compare.all: `reference` says already what is compared
      help: keep one of pairs, reference and all
    ");
    insta::assert_snapshot!(compare("candidates = [\"tuned\"]\nall = true"), @r#"
    study.toml:20:1: compare.candidates: candidates need a reference that they are compared with
      help: add reference = "…", or write pairs
    "#);
    insta::assert_snapshot!(compare("reference = \"bsae\"\ncandidates = [\"tuned\", \"nothing\"]"), @"
    study.toml:20:13: compare.reference: there is no model `bsae`
      help: did you mean `base`?
    study.toml:21:24: compare.candidates: there is no model `nothing`
      help: known models: base, tuned
    ");
    assert_eq!(compare("reference = \"base\""), "");
    assert_eq!(
        compare("reference = \"base\"\ncandidates = [\"tuned\"]"),
        ""
    );
    assert_eq!(compare("all = true"), "");
}

#[test]
fn names_that_are_no_folders() {
    for name in ["..", ".hidden", "a/b", "a\\\\b", " a", "a\\u001b[1m", "a:b"] {
        let told = check_with("name = \"small\"", &format!("name = \"{name}\""));
        assert!(
            told.starts_with("study.toml:1:8: name: this cannot be the name of a folder"),
            "{told}"
        );
    }
}

#[test]
fn a_study_with_byte_order_mark_and_windows_line_ends_is_read() {
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let (study_file, personas, questions, truth) = (
        windows(STUDY),
        windows(PERSONAS),
        windows(QUESTIONS),
        windows(TRUTH),
    );
    let read = study(&[
        ("study.toml", &study_file),
        ("personas.csv", &personas),
        ("questions.csv", &questions),
        ("truth.csv", &truth),
    ]);
    assert_eq!(read, study(&[]));
}

#[test]
fn a_study_file_that_is_not_utf8() {
    let dir = folder(&[("study.toml", b"name = \"caf\xe9\"\n")]);
    let told = told(dir.path(), &load_in(dir.path()).problems);
    assert!(
        told.contains("study.toml:1:12: this is not UTF-8"),
        "{told}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// `load_in` holds that a study comes back exactly where there is no error.
    #[test]
    fn no_change_of_bytes_makes_loading_panic(
        file in 0_usize..5,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, prop_oneof![any::<u8>(), prop::sample::select(&b"\"',[]{}=.#\n\r\\0-9ae \xff"[..])]), 1..6),
    ) {
        let names = ["study.toml", "personas.csv", "questions.csv", "truth.csv", "answers.jsonl"];
        let answers = "{\"persona\": \"p1\", \"question\": \"q1\", \"text\": \"a\"}\n{\"persona\": \"p2\", \"question\": \"q2\", \"sample\": 1, \"text\": \"b\"}\n";
        let text = changed("[models.base]\nprovider = \"simulated\"", "[models.base]\nprovider = \"file\"\npath = \"answers.jsonl\"");
        let mut bytes = [&text, PERSONAS, QUESTIONS, TRUTH, answers][file].as_bytes().to_vec();
        for (place, kind, byte) in edits {
            let at = place.index(bytes.len().max(1));
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => { bytes.remove(at); }
                2 => bytes.insert(at.min(bytes.len()), byte),
                _ => bytes.truncate(at),
            }
        }
        let mut files: Vec<(&str, &[u8])> = vec![("study.toml", text.as_bytes()), ("answers.jsonl", answers.as_bytes())];
        files.push((names[file], &bytes));
        let dir = folder(&files);
        let loaded = load_in(dir.path());
        for problem in &loaded.problems {
            let is_placed = problem.line.is_some() && problem.column.is_some();
            prop_assert!(is_placed, "{problem}");
        }
    }
}

#[test]
fn a_file_that_is_no_study_is_told_as_a_whole() {
    let dir = folder(&[
        ("other.csv", b"id,text\nq1,Why?\n"),
        ("utf16.toml", b"\xff\xfen\0a\0m\0e\0"),
        ("run.sqlite", b"SQLite format 3\0"),
    ]);
    let told = |name: &str| {
        let loaded = load(&dir.path().join(name));
        assert!(loaded.study.is_none());
        told(dir.path(), &loaded.problems)
    };
    insta::assert_snapshot!(told("other.csv"), @"
    other.csv: this is called .csv; a study is a TOML file
      help: name a study file, such as study.toml; `init` writes one to start from
    ");
    insta::assert_snapshot!(told("utf16.toml"), @"
    utf16.toml:1:1: this file is UTF-16, not UTF-8
      help: save it as UTF-8
    ");
    insta::assert_snapshot!(told("run.sqlite"), @"
    run.sqlite: this is an SQLite file, not a table of text; a study is a TOML file
      help: name a study file, such as study.toml; `init` writes one to start from
    ");
}
