//! Intervals and clusters that were asked for.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use rstest::rstest;

use super::*;
use crate::stats::proportion::{Proportion, clopper_pearson, jeffreys, wilson};
use crate::stats::quantile::t_upper_quantile;
use crate::stats::tango::{Outcomes, tango_win_rate};
use crate::stats::{Interval, Level};
use crate::verdict::table_io::{Format, read};
use Outcome::{Loss, Tie, Win};
use report::{Method, NoteCode};

/// Names that live as long as the tests.
const QUESTIONS: [&str; 24] = [
    "q00", "q01", "q02", "q03", "q04", "q05", "q06", "q07", "q08", "q09", "q10", "q11", "q12",
    "q13", "q14", "q15", "q16", "q17", "q18", "q19", "q20", "q21", "q22", "q23",
];
const PERSONAS: [&str; 3] = ["p1", "p2", "p3"];

/// One question an item, both orders alike.
fn apart(outcomes: &[Outcome]) -> Vec<Row> {
    let of = |(question, outcome): (&&'static str, &Outcome)| {
        [FIRST, SECOND].map(|order| row("", question, order, *outcome))
    };
    QUESTIONS.iter().zip(outcomes).flat_map(of).collect()
}

/// Every persona asked every question, with some of each outcome.
fn crossed() -> Vec<Row> {
    let mut rows = Vec::new();
    for (p, persona) in PERSONAS.iter().enumerate() {
        for (q, question) in QUESTIONS.iter().enumerate() {
            for (o, order) in [FIRST, SECOND].into_iter().enumerate() {
                let outcome = [Win, Loss, Win, Tie, Win][(5 * p + 3 * q * q + o * (q % 2)) % 5];
                rows.push(row(persona, question, order, outcome));
            }
        }
    }
    rows
}

fn with(method: Method) -> Options {
    Options {
        interval: method,
        ..Options::default()
    }
}

fn clustered(names: &[&str]) -> Options {
    Options {
        cluster: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..Options::default()
    }
}

/// Gives every question a template, as a covariate.
fn with_template(
    mut table: VerdictTable,
    template: impl Fn(&Item) -> Option<String>,
) -> VerdictTable {
    table.covariates.push("template".to_owned());
    for item in &mut table.items {
        let template = template(item).map(Into::into);
        Arc::make_mut(&mut item.question).covariates = [template].into();
    }
    table
}

fn by_three(item: &Item) -> String {
    let number: usize = item.question.id[1..].parse().unwrap();
    format!("t{}", number / 3)
}

fn seven_of_ten() -> Vec<Outcome> {
    [[Win; 7].as_slice(), &[Loss; 3]].concat()
}

#[track_caller]
fn assert_limits(found: &report::Interval, expected: &Interval) {
    assert_close(found.low, expected.low());
    assert_close(found.high, expected.high());
}

#[test]
fn methods_for_independent_items_count_items_won_and_lost() {
    let rows = apart(&seven_of_ten());
    let decided = Proportion::new(7, 10).unwrap();
    let level = Level::DEFAULT;
    let outcomes = Outcomes {
        wins: 7,
        ties: 0,
        losses: 3,
    };
    for (method, expected) in [
        (Method::Wilson, wilson(decided, level)),
        (Method::ClopperPearson, clopper_pearson(decided, level)),
        (Method::Jeffreys, jeffreys(decided, level)),
        (Method::Tango, tango_win_rate(outcomes, level).unwrap()),
    ] {
        let report = report(&rows, &with(method));
        let c = &report.comparisons[0];
        let interval = c.interval.as_ref().unwrap();
        assert_limits(interval, &expected);
        assert_eq!(interval.method, method);
        assert!(interval.clusters.is_empty());
        assert!(
            !has_note(&report, NoteCode::ItemsTakenIndependent),
            "none is shared"
        );
        // The same items without ties are the same items.
        let without = c.outcomes.as_ref().unwrap();
        assert_limits(without.interval_without_ties.as_ref().unwrap(), &expected);
    }
}

#[rstest]
#[case(Method::Tango, true)]
#[case(Method::Wilson, true)]
#[case(Method::ClopperPearson, false)]
#[case(Method::Jeffreys, false)]
fn ties_are_counted_or_refused(#[case] method: Method, #[case] counted: bool) {
    let outcomes = [seven_of_ten().as_slice(), &[Tie; 4]].concat();
    let report = report(&apart(&outcomes), &with(method));
    let c = &report.comparisons[0];
    assert_eq!(c.interval.is_some(), counted);
    assert_eq!(has_note(&report, NoteCode::NoInterval), !counted);
    assert_eq!(c.no_interval.is_some(), !counted);
    let of_items = c.outcomes.as_ref().unwrap();
    assert_eq!((of_items.wins, of_items.ties, of_items.losses), (7, 4, 3));
    assert_close(of_items.net, 4.0 / 14.0);
    assert_close(of_items.win_rate_without_ties, 0.7);
    assert_eq!(of_items.n_without_ties, 10);
    assert!(of_items.interval_without_ties.is_some());
}

#[test]
fn scores_in_between_have_no_tango_interval() {
    let mut rows = apart(&seven_of_ten());
    rows[0].outcome = Tie;
    let report = report(&rows, &with(Method::Tango));
    let c = &report.comparisons[0];
    assert!(c.interval.is_none());
    let why = c.no_interval.as_deref().unwrap();
    assert!(why.contains("in between"), "{why}");
    // The other two still speak, by the method that knows clusters.
    assert!(c.p_value.is_some());
}

#[test]
fn items_that_share_questions_are_said_to_be_taken_as_independent() {
    let report = report(&crossed(), &with(Method::Wilson));
    assert!(has_note(&report, NoteCode::ItemsTakenIndependent));
    let c = &report.comparisons[0];
    let sampled = c.interval_sampled_personas.as_ref().unwrap();
    assert_eq!(sampled.method, Method::DesignEffectWilson);
    assert_eq!(sampled.clusters, ["question", "persona"]);
}

/// With ties only the interval without them is there to take items as independent.
#[rstest]
#[case(Method::ClopperPearson)]
#[case(Method::Jeffreys)]
fn it_is_said_of_an_interval_without_ties_too(#[case] method: Method) {
    let mut rows = crossed();
    let tied = (rows[0].persona, rows[0].question);
    for row in &mut rows {
        if (row.persona, row.question) == tied {
            row.outcome = Tie;
        }
    }
    let report = report(&rows, &with(method));
    let c = &report.comparisons[0];
    assert!(c.interval.is_none());
    let without = c.outcomes.as_ref().unwrap().interval_without_ties.as_ref();
    assert!(without.unwrap().clusters.is_empty());
    assert!(has_note(&report, NoteCode::ItemsTakenIndependent));
    // Where no two of the decided items share anything there is nothing to say.
    let mut rows = apart(&seven_of_ten());
    rows.extend(rows.clone().into_iter().take(2).map(|row| Row {
        persona: "another",
        outcome: Tie,
        ..row
    }));
    assert!(!has_note(
        &self::report(&rows, &with(method)),
        NoteCode::ItemsTakenIndependent
    ));
}

#[test]
fn a_t_interval_is_the_mean_and_its_standard_error() {
    let report = report(&apart(&seven_of_ten()), &with(Method::T));
    let c = &report.comparisons[0];
    let interval = c.interval.as_ref().unwrap();
    assert_eq!(interval.degrees_of_freedom, Some(9));
    let reach = t_upper_quantile(0.025, 9.0) * c.standard_error.unwrap();
    assert_close(interval.low, 0.7 - reach);
    assert_close(interval.high, (0.7 + reach).min(1.0));
    assert_eq!(c.p_method, Some(report::TestMethod::T));
}

#[test]
fn bootstraps_draw_from_the_seed_of_the_study() {
    let table = table(&crossed());
    let of = |method, seed| {
        let facts = Facts {
            seed,
            ..Facts::default()
        };
        let options = Options {
            personas: crate::study::PersonaPopulation::Fixed,
            ..with(method)
        };
        analyse(&table, Some(&facts), &options).unwrap()
    };
    for method in [Method::BootstrapPercentile, Method::BootstrapBca] {
        let (one, same) = (of(method, 1), of(method, 1));
        assert_eq!(json(&one), json(&same));
        let limits = |report: &Report| {
            let interval = report.comparisons[0].interval.clone().unwrap();
            (interval.low, interval.high)
        };
        let interval = one.comparisons[0].interval.as_ref().unwrap();
        assert_eq!((interval.draws, interval.seed), (Some(2000), Some(1)));
        let others: Vec<(f64, f64)> = (2..6).map(|seed| limits(&of(method, seed))).collect();
        assert!(
            others.iter().any(|other| *other != limits(&one)),
            "{others:?}"
        );
        let near = |(low, high): &(f64, f64)| {
            (low - interval.low).abs() < 0.02 && (high - interval.high).abs() < 0.02
        };
        assert!(others.iter().all(near), "{others:?}");
    }
}

#[test]
fn bca_refuses_two_dimensions_and_percentiles_do_not() {
    let bca = report(&crossed(), &with(Method::BootstrapBca));
    assert!(bca.comparisons[0].interval.is_none());
    assert!(bca.comparisons[0].interval_fixed_personas.is_some());
    assert!(has_note(&bca, NoteCode::NoInterval));
    let percentile = report(&crossed(), &with(Method::BootstrapPercentile));
    assert!(percentile.comparisons[0].interval.is_some());
    assert!(has_note(&percentile, NoteCode::FewClusters));
}

#[rstest]
#[case(Method::T)]
#[case(Method::BootstrapPercentile)]
#[case(Method::BootstrapBca)]
fn clusters_that_agree_have_no_interval_of_a_single_point(#[case] method: Method) {
    let report = report(&apart(&[Win; 12]), &with(method));
    let c = &report.comparisons[0];
    assert_close(c.win_rate, 1.0);
    assert!(c.interval.is_none() && c.no_interval.is_some());
    assert!(has_note(&report, NoteCode::NoInterval));
}

#[test]
fn the_warning_of_few_clusters_is_about_the_method() {
    let mut outcomes = vec![Win; 24];
    outcomes[0] = Loss;
    let sentence = |method| {
        let report = report(&apart(&outcomes), &with(method));
        let mut notes = report.notes.into_iter();
        notes
            .find(|note| note.code == NoteCode::FewClustersExtremeRate)
            .map(|note| note.sentence)
    };
    assert!(
        sentence(Method::DesignEffectWilson)
            .unwrap()
            .contains("50 clusters")
    );
    assert!(sentence(Method::T).unwrap().contains("100 clusters"));
    assert_eq!(sentence(Method::Tango), None);
}

#[rstest]
#[case(&["question"], &["question"], 24)]
#[case(&["persona"], &["persona"], 3)]
#[case(&["both"], &["question", "persona"], 24)]
#[case(&["x.template"], &["x.template"], 8)]
#[case(&["x.template", "persona"], &["x.template", "persona"], 8)]
#[case(&["topic"], &["topic"], 2)]
#[case(&["group.sex"], &["group.sex"], 2)]
#[case(&["sex"], &["group.sex"], 2)]
fn the_clusters_asked_for_are_the_headlines(
    #[case] asked: &[&str],
    #[case] clusters: &[&str],
    #[case] first: u64,
) {
    let table = with_template(table(&crossed()), |item| Some(by_three(item)));
    let mut table = with_dimension(table, "sex", |p| {
        Some(if p == "p1" { "f" } else { "m" }.to_owned())
    });
    for item in &mut table.items {
        let question = Arc::make_mut(&mut item.question);
        question.topic = Some(
            if *question.id < *"q12" {
                "work"
            } else {
                "home"
            }
            .into(),
        );
    }
    let report = analyse(&table, None, &clustered(asked)).unwrap();
    let interval = report.comparisons[0].interval.as_ref().unwrap();
    assert_eq!(interval.clusters, clusters);
    assert_eq!(interval.n_clusters[0], first);
    let smallest = *interval.n_clusters.iter().min().unwrap();
    assert_eq!(interval.degrees_of_freedom, Some(smallest - 1));
    // Levels hold few personas, which are fixed there.
    let level = report.groups[0].interval.as_ref();
    if asked == ["both"] {
        assert_eq!(level.unwrap().clusters, ["question"]);
    }
}

#[test]
fn a_column_of_questions_stands_for_them_in_every_interval() {
    let table = with_template(table(&crossed()), |item| Some(by_three(item)));
    let report = analyse(&table, None, &clustered(&["x.template"])).unwrap();
    let c = &report.comparisons[0];
    let clusters = |interval: &Option<report::Interval>| interval.clone().unwrap().clusters;
    assert_eq!(clusters(&c.interval_fixed_personas), ["x.template"]);
    assert_eq!(
        clusters(&c.interval_sampled_personas),
        ["x.template", "persona"]
    );
    assert_eq!(
        c.interval.as_ref().unwrap().population,
        "values of x.template like these, asked of exactly these 3 personas"
    );
    let order = c.order.as_ref().unwrap();
    assert_eq!(order.sign_test.as_ref().unwrap().unit, "x.template");
}

#[test]
fn the_variance_over_a_column_is_that_of_its_sums() {
    let table = with_template(table(&crossed()), |item| Some(by_three(item)));
    let report = analyse(&table, None, &clustered(&["x.template"])).unwrap();
    let c = &report.comparisons[0];
    let p = c.win_rate.unwrap();
    // The score of an item once more: the mean of its two orders.
    let mut sums = std::collections::BTreeMap::<usize, f64>::new();
    for pair in crossed().chunks(2) {
        let value = |row: &Row| [1.0, 0.5, 0.0][row.outcome as usize];
        let score = f64::midpoint(value(&pair[0]), value(&pair[1]));
        let question: usize = pair[0].question[1..].parse().unwrap();
        *sums.entry(question / 3).or_default() += score - p;
    }
    let squares: f64 = sums.values().map(|sum| sum * sum).sum();
    let variance: f64 = 8.0 / 7.0 * squares / (72.0 * 72.0);
    assert_close(c.standard_error, variance.sqrt());
}

#[test]
fn a_column_that_splits_questions_is_warned_of() {
    let table = with_template(table(&crossed()), |item| {
        Some(format!("{}{}", item.persona.id, &item.question.id[2..]))
    });
    let report = analyse(&table, None, &clustered(&["x.template"])).unwrap();
    assert!(has_note(&report, NoteCode::ClustersSplit));
}

#[test]
fn clusters_that_are_not_there_are_refused_with_a_sentence() {
    let plain = with_template(table(&crossed()), |item| Some(by_three(item)));
    let error = |table: &VerdictTable, names: &[&str]| {
        analyse(table, None, &clustered(names))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error(&plain, &["x.templat"]),
        "there is no column `x.templat` to cluster by; did you mean `x.template`?"
    );
    assert_eq!(
        error(&plain, &["village"]),
        "there is no column `village` to cluster by; the table has question, persona, both, x.template"
    );
    assert_eq!(
        error(&plain, &["question", "persona", "x.template"]),
        "clusters are of one column or of two different ones, not of [question, persona, x.template]"
    );
    assert_eq!(
        error(&plain, &["persona", "persona"]),
        "clusters are of one column or of two different ones, not of [persona, persona]"
    );
    let partly = with_template(table(&crossed()), |item| {
        Some(by_three(item)).filter(|template| template != "t2")
    });
    assert_eq!(
        error(&partly, &["x.template"]),
        "item `p1/q06` has no x.template, so it is in no cluster; give every item one, or cluster by something else"
    );
}

#[test]
fn asking_for_one_cluster_gives_no_interval_and_no_test() {
    let table = with_template(table(&crossed()), |_| Some("the one".to_owned()));
    let report = analyse(&table, None, &clustered(&["x.template"])).unwrap();
    let c = &report.comparisons[0];
    assert!(c.interval.is_none() && c.p_value.is_none() && c.tests.is_empty());
    assert!(has_note(&report, NoteCode::SingleCluster));
}

#[test]
fn few_values_of_a_column_are_not_called_personas() {
    let table = with_dimension(table(&league(&["a", "b"], 12, 20, 1)), "home", |p| {
        Some(if p < "p2" { "north" } else { "south" }.to_owned())
    });
    let options = Options {
        cluster: Some(vec!["question".to_owned(), "home".to_owned()]),
        ..without_floor()
    };
    let made = analyse(&table, None, &options).unwrap();
    let few = |note: &&report::Note| note.code == report::NoteCode::FewPersonas;
    let note = made.notes.iter().find(few).unwrap();
    assert!(
        note.sentence
            .starts_with("there are fewer than 10 values of group.home"),
        "{note:?}"
    );
}

#[test]
fn one_persona_is_no_cluster_that_items_share() {
    let mut rows = apart(&seven_of_ten());
    for row in &mut rows {
        row.persona = "p1";
    }
    let report = report(&rows, &with(Method::Tango));
    assert!(!has_note(&report, NoteCode::ItemsTakenIndependent));
}

/// Questions that each were asked of so many personas of their own.
fn uneven(sizes: &[usize]) -> Report {
    uneven_by(sizes, &Options::default())
}

fn uneven_by(sizes: &[usize], options: &Options) -> Report {
    let mut text = "question,persona,candidate,opponent,criterion,outcome\n".to_owned();
    for (q, size) in sizes.iter().enumerate() {
        for item in 0..*size {
            let outcome = if (q * 5 + item * 3) % 7 < 4 {
                "win"
            } else {
                "loss"
            };
            writeln!(text, "q{q},q{q}p{item},a,b,c,{outcome}").unwrap();
        }
    }
    let table = read(Path::new("t.csv"), text.as_bytes(), Format::Csv).unwrap();
    analyse(&table, None, options).unwrap()
}

#[test]
fn whether_clusters_are_uneven_does_not_hang_on_the_method_of_the_headline() {
    let sizes = [[100].as_slice(), &[5; 20]].concat();
    let usual = uneven(&sizes).comparisons[0].interval_uneven_clusters;
    assert!(usual.is_some());
    for method in [
        Method::T,
        Method::BootstrapPercentile,
        Method::BootstrapBca,
        Method::Wilson,
        Method::Tango,
    ] {
        let report = uneven_by(&sizes, &with(method));
        let comparison = &report.comparisons[0];
        assert_eq!(comparison.interval_uneven_clusters, usual, "{method:?}");
        assert!(has_note(&report, NoteCode::UnevenClusters), "{method:?}");
    }
}

#[test]
fn clusters_of_very_different_sizes_have_an_interval_that_allows_for_them() {
    let one_large = uneven(&[[100].as_slice(), &[5; 20]].concat());
    let comparison = &one_large.comparisons[0];
    let usual = comparison.interval.as_ref().unwrap();
    let sized = comparison.interval_uneven_clusters.unwrap();
    assert_eq!(usual.degrees_of_freedom, Some(20));
    assert!((2.0..5.0).contains(&sized.degrees_of_freedom), "{sized:?}");
    assert!(sized.low < usual.low && usual.high < sized.high);
    let of_sizes = |note: &&report::Note| note.code == NoteCode::UnevenClusters;
    let note = one_large.notes.iter().find(of_sizes).unwrap();
    let numbers = format!(
        "a vs b, c: {:.1}% to {:.1}%, p {:.3}, {:.1} degrees of freedom",
        100.0 * sized.low,
        100.0 * sized.high,
        sized.p_value.unwrap(),
        sized.degrees_of_freedom
    );
    assert_eq!(note.subjects, [numbers]);
    let csv = crate::report::csv::render(&one_large);
    let [header, row] = [0, 1].map(|line| csv.lines().nth(line).unwrap().split(','));
    let cell = |name: &str| header.clone().zip(row.clone()).find(|(c, _)| *c == name);
    for (name, number) in [
        ("uneven_clusters_low", sized.low),
        ("uneven_clusters_high", sized.high),
        (
            "uneven_clusters_degrees_of_freedom",
            sized.degrees_of_freedom,
        ),
        ("uneven_clusters_n_effective", sized.n_effective),
        ("uneven_clusters_p", sized.p_value.unwrap()),
    ] {
        assert_eq!(cell(name).unwrap().1, number.to_string(), "{name}");
    }

    let zipf: Vec<usize> = (1..=60).map(|place| 120_usize.div_ceil(place)).collect();
    assert!(has_note(&uneven(&zipf), NoteCode::UnevenClusters));
    let mild = [[8; 10].as_slice(), &[4; 20]].concat();
    for even in [[5; 21].as_slice(), &[5; 6], &mild] {
        let report = uneven(even);
        assert!(!has_note(&report, NoteCode::UnevenClusters), "{even:?}");
        assert_eq!(report.comparisons[0].interval_uneven_clusters, None);
    }
}
