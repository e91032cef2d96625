//! What is asked and compared, how it is judged, and how it is reported.

use super::*;

#[test]
fn one_model_cannot_be_compared() {
    let text = changed(
        "[models.tuned]\nprovider = \"simulated\"\nalignment = 0.7\n",
        "",
    );
    insta::assert_snapshot!(check(&[("study.toml", &text.replace("pairs = [[\"tuned\", \"base\"]]", "all = true"))]), @"
    study.toml:17:7: compare.all: there is only one model, so nothing is compared
      help: add a second [models.<name>]
    ");
    insta::assert_snapshot!(check(&[("study.toml", &text.replace("pairs = [[\"tuned\", \"base\"]]", "reference = \"base\""))]), @"
    study.toml:17:13: compare.reference: there is only one model, so nothing is compared
      help: add a second [models.<name>]
    ");
}

#[test]
fn models_and_judges_that_are_not_asked() {
    let text = changed(
        "[compare]",
        "[judges.other]\nprovider = \"simulated\"\nskill = 0.5\n[models.idle]\nprovider = \"simulated\"\nadherence = 0.1\n[compare]",
    );
    insta::assert_snapshot!(check(&[("study.toml", &format!("{text}[judging]\njudges = [\"main\"]\n"))]), @"
    warning: study.toml:19:9: judges.other: judging.judges does not name this judge, so it is not asked
      help: name it there, or take it out
    warning: study.toml:22:9: models.idle: nothing compares this model, so it is not asked
      help: name it in [compare], or take it out
    ");
}

#[test]
fn how_it_is_judged() {
    let judging = |keys: &str| check(&[("study.toml", &format!("{STUDY}\n[judging]\n{keys}\n"))]);
    insta::assert_snapshot!(judging("judges = [\"mian\", \"main\", \"main\"]"), @"
    study.toml:23:11: judging.judges: there is no judge `mian`
      help: did you mean `main`?
    study.toml:23:27: judging.judges: this judge stands twice
      help: keep one; repeats = … asks a judge again
    ");
    insta::assert_snapshot!(judging("judges = []\norders = \"swapped\"\nrepeats = 0\nreasks = -1"), @"
    study.toml:23:10: judging.judges: this list must not be empty
    study.toml:24:10: judging.orders: `swapped` is not known; expected `both` or `random`
    study.toml:25:11: judging.repeats: expected a whole number from 1 to 10000, found 0
    study.toml:26:10: judging.reasks: expected a whole number from 0 to 10000, found -1
    ");
    insta::assert_snapshot!(judging("rubric = \"persona-valu\"\npersona_prompt = \"mine.j2\"\nquestion_prompt = \"open-endet\""), @"
    study.toml:23:10: judging.rubric: there is no built-in rubric and no file `persona-valu`
      help: did you mean `persona-value`? built-in: persona-value, persona-value-separate, stance, voice; or the path of a file
    study.toml:24:18: judging.persona_prompt: there is no built-in prompt template and no file `mine.j2`
      help: built-in: none, open-ended, pairwise, persona, persona-qa, persona-third, structured; or the path of a file
    study.toml:25:19: judging.question_prompt: there is no built-in prompt template and no file `open-endet`
      help: did you mean `open-ended`? built-in: none, open-ended, pairwise, persona, persona-qa, persona-third, structured; or the path of a file
    ");
    assert_eq!(
        judging("rubric = \"voice\"\nreasks = 0\nrepeats = 3\norders = \"random\""),
        ""
    );
}

#[test]
fn a_rubric_of_ones_own_is_read_and_its_problems_are_told_in_its_file() {
    let text = format!("{STUDY}\n[judging]\nrubric = \"mine.toml\"\n");
    let rubric =
        "name = \"mine\"\ntemplate = \"pairwise\"\n[[criteria]]\nkey = \"winner\"\nname = \"W\"\n";
    insta::assert_snapshot!(check(&[("study.toml", &text), ("mine.toml", rubric)]), @r#"
    mine.toml:3:1: criteria.guide: this key is missing
      help: guide = "…" tells the judge what counts
    "#);
    let rubric = format!("{rubric}guide = \"Which is better?\"\n");
    assert_eq!(check(&[("study.toml", &text), ("mine.toml", &rubric)]), "");
}

#[test]
fn how_it_is_reported() {
    let report = |keys: &str| check(&[("study.toml", &format!("{STUDY}\n[report]\n{keys}\n"))]);
    insta::assert_snapshot!(report("by = [[\"sexe\"], [\"sex\", \"age\", \"weight\"], [\"sex\", \"sex\"], [\"age\", \"sex\"], [\"sex\", \"age\"], []]"), @r#"
    study.toml:23:8: report.by: the personas have no dimension `sexe`
      help: did you mean `sex`?
    study.toml:23:17: report.by: a breakdown is by one or two dimensions, found 3
      help: write such as [["sex"], ["sex", "age"]]
    study.toml:23:32: report.by: the personas have no dimension `weight`
      help: known dimensions: sex, age
    study.toml:23:43: report.by: this breakdown names one dimension twice
      help: name it once
    study.toml:23:75: report.by: this breakdown stands twice
      help: keep one
    study.toml:23:91: report.by: this list must not be empty
    "#);
    insta::assert_snapshot!(report("level = 1\ncoverage_floor = -0.1\npersonas = \"fix\""), @"
    study.toml:23:9: report.level: expected a number over 0 and under 1, found 1
    study.toml:24:18: report.coverage_floor: expected a number from 0 to 1, found -0.1
    study.toml:25:12: report.personas: `fix` is not known; expected `sampled` or `fixed`
      help: did you mean `fixed`?
    ");
    insta::assert_snapshot!(report("interval = \"wilsn\"\nmargin = 0.5\nadjust = \"holm\"\ncluster = \"sx\""), @"
    study.toml:23:12: report.interval: `wilsn` is not known; expected `design-effect-wilson`, `t`, `tango`, `wilson`, `clopper-pearson`, `jeffreys`, `bootstrap-percentile` or `bootstrap-bca`
      help: did you mean `wilson`?
    study.toml:24:10: report.margin: expected a number over 0 and under 0.5, found 0.5
    study.toml:25:10: report.adjust: `holm` is not known; expected `bh` or `by`
    study.toml:26:11: report.cluster: there is nothing called `sx` to cluster by
      help: known columns: question, persona, both, topic, split, group.sex, group.age, x.length
    ");
    insta::assert_snapshot!(report("cluster = [\"both\", \"sex\"]"), @r#"
    study.toml:23:12: report.cluster: clusters are of one column or of two different ones
      help: write such as "question", "both" or ["x.template", "persona"]
    "#);
    insta::assert_snapshot!(report("rating = \"glicko\"\nelo_k = 0\nreference = \"bse\"\nmin_items = 1\ncontrol = \"length, x.lenght\"\ndifficulty = \"x.structured\""), @"
    study.toml:23:10: report.rating: `glicko` is not known; expected `bradley-terry`, `davidson` or `elo`
    study.toml:24:9: report.elo_k: expected a number over 0, found 0
    study.toml:25:13: report.reference: there is no model `bse`
      help: did you mean `base`?
    study.toml:26:13: report.min_items: expected a whole number from 2 to 10000, found 1
    study.toml:27:11: report.control: the questions have no column `lenght`
      help: did you mean `length`?
    study.toml:28:14: report.difficulty: the questions have no column `structured`
      help: known columns: length
    ");
    insta::assert_snapshot!(report("control = \"lenght\""), @"
    study.toml:23:11: report.control: the questions have no column `lenght`
      help: did you mean `length`?
    ");
    let plain = ("questions.csv", "id,text\nq1,What matters?\n");
    let study_file = format!("{STUDY}\n[report]\ncontrol = \"none, lenght\"\n");
    insta::assert_snapshot!(check(&[("study.toml", &study_file), plain]), @"
    study.toml:23:11: report.control: the questions have no column `lenght`
      help: did you mean `length`?
    truth.csv:2:4: question: there is no question `q2`
      help: did you mean `q1`?
    truth.csv:4:4: question: there is no question `q2`
      help: did you mean `q1`?
    ");
    let text = format!(
        "{STUDY}\n[report]\nreference = \"base\"\nrating = \"davidson\"\nmin_items = 4\ncontrol = \"none\"\n"
    );
    let options = study(&[("study.toml", &text)]).report;
    assert_eq!(options.reference.as_deref(), Some("base"));
    assert_eq!(options.rating, RatingMethod::Davidson);
    assert_eq!(
        (options.min_items, options.control.as_deref()),
        (4, Some("none"))
    );
    let text = format!(
        "{STUDY}\n[report]\nby = []\nlevel = 0.9\npersonas = \"fixed\"\ncoverage_floor = 1\ninterval = \"t\"\ncluster = [\"group.sex\", \"question\"]\nmargin = 0.05\nadjust = \"by\"\n"
    );
    let options = study(&[("study.toml", &text)]).report;
    assert_eq!(options.by, Some(Vec::new()));
    assert_eq!(options.personas, PersonaPopulation::Fixed);
    assert_eq!(options.interval, IntervalMethod::T);
    assert_eq!(options.margin, Some(0.05));
    assert_eq!(options.adjust, SubgroupAdjustment::BenjaminiYekutieli);
    assert_eq!(options.cluster.unwrap(), ["group.sex", "question"]);
    let both = format!("{STUDY}\n[report]\ncluster = \"both\"\n");
    let options = study(&[("study.toml", &both)]).report;
    assert_eq!(options.cluster.unwrap(), ["question", "persona"]);
}

#[test]
fn items_without_truth_are_listed_and_left_out_or_refused() {
    let some = ("truth.csv", "persona,question,value\np1,q1,Money\n");
    insta::assert_snapshot!(check(&[some]), @"
    warning: study.toml:7:9: data.truth: 3 of 4 items have no truth (p1/q2, p2/q1, p2/q2), which `value_winner` of the rubric `persona-value` needs
      help: the criterion is left out for these items; else add rows with persona, question, value to the table data.truth
    ");
    assert_eq!(
        items_without_truth(&study(&[some])),
        [(0, 1), (1, 0), (1, 1)]
    );
    assert_eq!(items_without_truth(&study(&[])), []);
    let none = changed("truth = \"truth.csv\"\n", "");
    insta::assert_snapshot!(check(&[("study.toml", &none)]), @"
    warning: study.toml:4:2: data.truth: 4 of 4 items have no truth (p1/q1, p1/q2, p2/q1, p2/q2), which `value_winner` of the rubric `persona-value` needs
      help: the criterion is left out for these items; else add rows with persona, question, value to the table data.truth
    ");
    let rubric = |rubric: &str| {
        let text = format!("{STUDY}\n[judging]\nrubric = \"mine.toml\"\n");
        let criterion =
            "[[criteria]]\nkey = \"value\"\nname = \"V\"\nguide = \"G\"\nneeds_truth = true\n";
        let rubric = format!("name = \"mine\"\ntemplate = \"pairwise\"\n{rubric}\n{criterion}");
        check(&[("study.toml", &text), ("mine.toml", &rubric), some])
    };
    insta::assert_snapshot!(rubric("without_truth = \"refuse\""), @"
    study.toml:7:9: data.truth: 3 of 4 items have no truth (p1/q2, p2/q1, p2/q2), which `value` of the rubric `mine` needs
      help: add rows with persona, question, value to the table data.truth
    ");
    insta::assert_snapshot!(rubric(""), @"
    warning: study.toml:7:9: data.truth: 3 of 4 items have no truth (p1/q2, p2/q1, p2/q2), which `value` of the rubric `mine` needs
      help: the criterion is left out for these items; else add rows with persona, question, value to the table data.truth
    ");
}

#[test]
fn a_study_that_can_judge_nothing_is_refused() {
    let text = format!(
        "{}\n[judging]\nrubric = \"stance\"\n",
        changed("truth = \"truth.csv\"\n", "")
    );
    insta::assert_snapshot!(check(&[("study.toml", &text)]), @"
    study.toml:4:2: data.truth: 4 of 4 items have no truth (p1/q1, p1/q2, p2/q1, p2/q2), which `stance_winner` of the rubric `stance` needs
      help: add rows with persona, question, value to the table data.truth
    ");
}
