mod agreement;
mod beside;
mod formats;

use std::path::Path;

use insta::assert_snapshot;

use super::*;
use crate::analysis::facts::ModelFacts;
use crate::analysis::report::{Answers, EntryCost};
use crate::analysis::{Facts, Options, Report, analyse};
use crate::verdict::table::VerdictTable;
use crate::verdict::table_io::{Format, read};

const HEADER: &str = "persona,question,candidate,opponent,judge,rubric,criterion,order,outcome,missing_reason,group.sex";

/// Three questions, four personas, two criteria, both orders, one verdict missing.
fn verdicts() -> VerdictTable {
    let mut lines = vec![HEADER.to_owned()];
    for (i, persona) in ["p1", "p2", "p3", "p4"].iter().enumerate() {
        for (j, k) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)] {
            let order = ["candidate_first", "opponent_first"][k];
            let value = ["win", "loss", "win", "tie", "win"][(2 * i + j + k) % 5];
            let persona_winner = match (i, j, k) {
                (0, 0, 0) => "missing,truncated",
                (_, 2, 1) => "loss,",
                _ => "win,",
            };
            let sex = if i < 2 { "female" } else { "male" };
            let start = format!("{persona},q{j},tuned,base,main,persona-value@0123456789abcdef");
            lines.push(format!(
                "{start},persona_winner,{order},{persona_winner},{sex}"
            ));
            lines.push(format!("{start},value_winner,{order},{value},,{sex}"));
        }
    }
    read(
        Path::new("verdicts.csv"),
        lines.join("\n").as_bytes(),
        Format::Csv,
    )
    .unwrap()
}

fn facts() -> Facts {
    let model = |name: &str, truncated, mean_chars| ModelFacts {
        name: name.to_owned(),
        answers: Answers {
            planned: 12,
            answered: 12,
            truncated,
            ..Answers::default()
        },
        mean_chars: Some(mean_chars),
    };
    let cost = |entry: &str, calls, dollars| EntryCost {
        entry: entry.to_owned(),
        calls,
        attempts: calls + 1,
        input_tokens: calls * 1000,
        output_tokens: calls * 200,
        unmetered: 0,
        dollars,
    };
    Facts {
        control_variant: None,
        study: "singapore".to_owned(),
        seed: 7,
        judges: vec!["main".to_owned()],
        simulated: vec!["base".to_owned(), "tuned".to_owned(), "main".to_owned()],
        models: vec![model("tuned", 1, 812.4), model("base", 0, 1034.0)],
        planned_items: Some(12),
        readings: Vec::new(),
        cost: vec![
            cost("tuned", 12, Some(0.012)),
            cost("base", 12, None),
            cost("main", 48, Some(1.5)),
        ],
    }
}

fn options() -> Options {
    Options {
        coverage_floor: 0.9,
        ..Options::default()
    }
}

fn small() -> Report {
    analyse(&verdicts(), Some(&facts()), &options()).unwrap()
}

/// A table from elsewhere: no personas, no orders, hostile names.
fn hostile() -> Report {
    let text = "question,candidate,opponent,criterion,outcome,group.\u{1b}[31mdim\n\
        q1,a\u{1b}[2J|<b>,=cmd(),*c*,win,\u{202e}x\n\
        q2,a\u{1b}[2J|<b>,=cmd(),*c*,loss,y\u{7}\n\
        q3,a\u{1b}[2J|<b>,=cmd(),*c*,win,y\u{7}\n";
    let table = read(Path::new("v.csv"), text.as_bytes(), Format::Csv).unwrap();
    analyse(&table, None, &Options::default()).unwrap()
}

fn withheld() -> Report {
    analyse(&verdicts(), None, &Options::default()).unwrap()
}

fn empty() -> Report {
    analyse(&VerdictTable::default(), None, &Options::default()).unwrap()
}

fn text(report: &Report) -> String {
    table::render(report, Detail::Full, table::Style::default())
}

#[test]
fn a_report_for_a_terminal() {
    assert_snapshot!(text(&small()), @"
    singapore, seed 7
    ═════════════════

    SIMULATED: these models or judges are simulated; the numbers say nothing of any real model (base;
    tuned; main)

    Coverage: 47 of 48 verdicts (97.9%) of 24 judgments; 12 of 12 items begun. Missing: 1 truncated.

    tuned vs base (simulated)
    ─────────────────────────

    Win rate of tuned by judge main, rubric persona-value@01234567. The 95% interval speaks of questions
    and personas like these (from 3 questions and 4 personas).

    criterion       win rate  95% interval          these   W/T/L  missing  items  flips      p  p adj
                                                 personas
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    persona_winner     81.8%     14.1–99.2      14.1–99.2  19/0/4        1     11  36.4%  0.294  0.294
    value_winner       68.8%     44.6–85.8      52.0–81.7  14/5/5        0     12  41.7%  0.080  0.160

    Smallest win rate that such a study finds four times in five: value_winner 79.2%.

    Order of the answers
    criterion       pairs  same verdict      first  second  half  flips'   help        interval      p
                                              both    both  tied       p     of
                                                                          first
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    persona_winner     11             7          4       0     0   1.000  +18.2  -36.6 to +46.7  0.433
    value_winner       12             2          2       3     5   1.000   -2.1  -23.1 to +19.7  0.742

    Other rules, and what is missing
    criterion       averaged    inconsistent is  inconsistent  without ties      all      all  covered
                                            tie       dropped                missing  missing
                                                                                lost      won
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    persona_winner     81.8%              81.8%  100.0% (n 7)  100.0% (n 7)    79.2%    83.3%    91.7%
    value_winner       68.8%              58.3%  100.0% (n 2)  100.0% (n 7)    68.8%    68.8%   100.0%

    - Missing of persona_winner: 1 truncated; 1 with tuned first, 0 with base first.

    By sex
    criterion       level   win rate  95% interval   W/T/L  missing  items  flips  p  p adj
    ────────────────────────────────────────────────────────────────────────────────────────
    persona_winner  female  withheld             -   9/0/2        1      5  40.0%  -      -
    persona_winner  male       83.3%     14.9–99.3  10/0/2        0      6  33.3%  -      -
    value_winner    female     70.8%     33.6–92.1   7/3/2        0      6  33.3%  -      -
    value_winner    male       66.7%     47.7–81.4   7/2/3        0      6  50.0%  -      -

    - persona_winner, value_winner: levels are not compared: fewer than two have 10 questions or more
      and a win rate that is not withheld.

    Models
    ──────

    model               answers  cut off  refused  failed  not run     reasoning        mean  verdicts
                                                                         removed  characters   missing
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    tuned (simulated)  12 of 12        1        0       0        0             0         812   1 of 48
    base (simulated)   12 of 12        0        0       0        0             0       1,034   1 of 48

    Cost
    ────

    entry  calls  attempts  tokens in  tokens out  dollars
    ───────────────────────────────────────────────────────
    tuned     12        13     12,000       2,400  $0.0120
    base      12        13     12,000       2,400        -
    main      48        49     48,000       9,600    $1.50
    total     72        75     72,000      14,400    $1.51

    Notes
    ─────

    - Warning: there are fewer than 10 personas: an interval for personas like these is wide and rests
      on few of them; if they are all there are, ask for fixed personas (tuned vs base, persona_winner;
      tuned vs base, value_winner).
    - Warning: answers were cut off at the token limit and judged as they are; a limit that one model
      meets more often than another moves the win rate (tuned: 1 of 12).
    - Note: win rates of subgroups that are withheld for want of coverage: 1 of 4.
    - Note: levels with too few clusters for a claim (--min-items) have a rate and an interval, and no
      test (female; male).

    How to read this
    ────────────────

    - Win rate: mean over items of the candidate's share, a tie counted one half; both orders are
      averaged, and an item without both is missing. Unit: item (one persona asked one question).
    - Interval: 95%, design-effect Wilson on the cluster-robust standard error; items of one question
      (and, for personas like these, of one persona) are taken to move together.
    - p: score test of a win rate of 50%, which the interval inverts. p adj: Holm over the criteria of a
      comparison, Benjamini-Hochberg over the levels of a breakdown and, for whether levels differ, over
      the breakdowns of a criterion.
    - W/T/L (wins, ties, losses) and missing count judgments; flips are pairs of judgments whose winner
      changed sides with the order of the answers.
    - Help of first: percentage points by which the answer shown first wins more than half of the time.
    - Within a level of personas, intervals speak of questions like these and of exactly these personas.
    ");
}

#[test]
fn a_report_of_somebody_elses_table() {
    assert_snapshot!(text(&hostile()), @r"
    Verdict table
    ═════════════

    Coverage: 3 of 3 verdicts (100.0%) of 3 judgments; 3 of 3 items begun. Missing: none.

    a\u{1b}[2J|<b> vs =cmd()
    ────────────────────────

    Win rate of a\u{1b}[2J|<b> by judge judge, rubric unknown. The 95% interval speaks of questions like
    these (from 3 questions).

    criterion  win rate  95% interval  W/T/L  missing  items  flips      p  p adj
    ──────────────────────────────────────────────────────────────────────────────
    *c*           66.7%      4.4–98.9  2/0/1        0      3      -  0.684  0.684

    Other rules, and what is missing
    criterion  without ties  all missing lost  all missing won  covered
    ────────────────────────────────────────────────────────────────────
    *c*         66.7% (n 3)             66.7%            66.7%   100.0%

    By \u{1b}[31mdim
    criterion  level      win rate  95% interval  W/T/L  items  flips  p  p adj
    ────────────────────────────────────────────────────────────────────────────
    *c*        y\u{7}        50.0%      0.2–99.8  1/0/1      2      -  -      -
    *c*        \u{202e}x    100.0%             -  1/0/0      1      -  -      -

    - *c*: levels are not compared: fewer than two have 10 questions or more and a win rate that is not
      withheld.

    Models
    ──────

    model           mean characters  verdicts missing
    ──────────────────────────────────────────────────
    a\u{1b}[2J|<b>                -            0 of 3
    =cmd()                        -            0 of 3

    Notes
    ─────

    - Warning: nobody recorded which answer was shown first, so a judge's preference for a place can be
      neither seen nor averaged out.
    - Note: levels with too few clusters for a claim (--min-items) have a rate and an interval, and no
      test (y\u{7}).
    - Note: levels with a single cluster have a rate, and neither an interval nor a test (\u{202e}x).

    How to read this
    ────────────────

    - Win rate: mean over items of the candidate's share, a tie counted one half. Unit: item (one
      question).
    - Interval: 95%, design-effect Wilson on the cluster-robust standard error; items of one question
      are taken to move together.
    - p: score test of a win rate of 50%, which the interval inverts. p adj: Holm over the criteria of a
      comparison, Benjamini-Hochberg over the levels of a breakdown and, for whether levels differ, over
      the breakdowns of a criterion.
    - W/T/L (wins, ties, losses) and missing count judgments.
    ");
}

#[test]
fn a_withheld_win_rate_is_shown_nowhere() {
    let report = withheld();
    assert_snapshot!(text(&report), @"
    Verdict table
    ═════════════

    Coverage: 47 of 48 verdicts (97.9%) of 24 judgments; 12 of 12 items begun. Missing: 1 truncated.

    tuned vs base
    ─────────────

    Win rate of tuned by judge main, rubric persona-value@01234567. The 95% interval speaks of questions
    and personas like these (from 3 questions and 4 personas).

    criterion       win rate  95% interval          these   W/T/L  missing  items  flips      p  p adj
                                                 personas
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    persona_winner  withheld             -              -  19/0/4        1     11  36.4%      -      -
    value_winner       68.8%     44.6–85.8      52.0–81.7  14/5/5        0     12  41.7%  0.080  0.080

    Smallest win rate that such a study finds four times in five: value_winner 79.2%.

    Withheld for persona_winner: a verdict in both orders for 91.7% of the 12 items begun, under the
    floor of 95.0%.

    Order of the answers
    criterion       pairs  same verdict      first  second  half  flips'   help        interval      p
                                              both    both  tied       p     of
                                                                          first
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    persona_winner     11             7          4       0     0   1.000  +18.2  -36.6 to +46.7  0.433
    value_winner       12             2          2       3     5   1.000   -2.1  -23.1 to +19.7  0.742

    Other rules, and what is missing
    criterion       averaged    inconsistent is  inconsistent  without ties      all      all  covered
                                            tie       dropped                missing  missing
                                                                                lost      won
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    persona_winner         -                  -             -             -    79.2%    83.3%    91.7%
    value_winner       68.8%              58.3%  100.0% (n 2)  100.0% (n 7)    68.8%    68.8%   100.0%

    - Missing of persona_winner: 1 truncated; 1 with tuned first, 0 with base first.

    By sex
    criterion       level   win rate  95% interval   W/T/L  missing  items  flips  p  p adj
    ────────────────────────────────────────────────────────────────────────────────────────
    persona_winner  female  withheld             -   9/0/2        1      5  40.0%  -      -
    persona_winner  male       83.3%     14.9–99.3  10/0/2        0      6  33.3%  -      -
    value_winner    female     70.8%     33.6–92.1   7/3/2        0      6  33.3%  -      -
    value_winner    male       66.7%     47.7–81.4   7/2/3        0      6  50.0%  -      -

    - value_winner: levels are not compared: fewer than two have 10 questions or more and a win rate
      that is not withheld.

    Models
    ──────

    model  mean characters  verdicts missing
    ─────────────────────────────────────────
    tuned                -           1 of 48
    base                 -           1 of 48

    Notes
    ─────

    - Warning: win rates are withheld: a verdict in both orders for 91.7% of the 12 items begun, under
      the floor of 95.0% (tuned vs base, persona_winner).
    - Warning: there are fewer than 10 personas: an interval for personas like these is wide and rests
      on few of them; if they are all there are, ask for fixed personas (tuned vs base, value_winner).
    - Note: win rates of subgroups that are withheld for want of coverage: 1 of 4.
    - Note: levels with too few clusters for a claim (--min-items) have a rate and an interval, and no
      test (female; male).

    How to read this
    ────────────────

    - Win rate: mean over items of the candidate's share, a tie counted one half; both orders are
      averaged, and an item without both is missing. Unit: item (one persona asked one question).
    - Interval: 95%, design-effect Wilson on the cluster-robust standard error; items of one question
      (and, for personas like these, of one persona) are taken to move together.
    - p: score test of a win rate of 50%, which the interval inverts. p adj: Holm over the criteria of a
      comparison, Benjamini-Hochberg over the levels of a breakdown and, for whether levels differ, over
      the breakdowns of a criterion.
    - W/T/L (wins, ties, losses) and missing count judgments; flips are pairs of judgments whose winner
      changed sides with the order of the answers.
    - Help of first: percentage points by which the answer shown first wins more than half of the time.
    - Within a level of personas, intervals speak of questions like these and of exactly these personas.
    ");
    assert!(json::render(&report).contains("\"win_rate\": null"));
}

#[test]
fn an_empty_report() {
    assert_snapshot!(text(&empty()), @r"
    Verdict table
    ═════════════

    Coverage: 0 of 0 verdicts (-) of 0 judgments; 0 of 0 items begun. Missing: none.

    Notes
    ─────

    - Warning: there are no judgments, so there is nothing to estimate.
    ");
    assert_snapshot!(markdown::render(&empty(), Detail::Full), @r"
    # Verdict table

    Coverage: 0 of 0 verdicts (-) of 0 judgments; 0 of 0 items begun. Missing: none.

    ## Notes

    - **Warning: there are no judgments, so there is nothing to estimate.**
    ");
}

#[test]
fn a_report_as_markdown() {
    assert_snapshot!(markdown::render(&small(), Detail::Full), @r"
    # singapore, seed 7

    **SIMULATED: these models or judges are simulated; the numbers say nothing of any real model (base; tuned; main)**

    Coverage: 47 of 48 verdicts (97.9%) of 24 judgments; 12 of 12 items begun. Missing: 1 truncated.

    ## tuned vs base (simulated)

    Win rate of tuned by judge main, rubric persona-value@01234567. The 95% interval speaks of questions and personas like these (from 3 questions and 4 personas).

    | criterion | win rate | 95% interval | these personas | W/T/L | missing | items | flips | p | p adj |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | persona_winner | 81.8% | 14.1–99.2 | 14.1–99.2 | 19/0/4 | 1 | 11 | 36.4% | 0.294 | 0.294 |
    | value_winner | 68.8% | 44.6–85.8 | 52.0–81.7 | 14/5/5 | 0 | 12 | 41.7% | 0.080 | 0.160 |

    Smallest win rate that such a study finds four times in five: value_winner 79.2%.

    ### Order of the answers

    | criterion | pairs | same verdict | first both | second both | half tied | flips' p | help of first | interval | p |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | persona_winner | 11 | 7 | 4 | 0 | 0 | 1.000 | +18.2 | -36.6 to +46.7 | 0.433 |
    | value_winner | 12 | 2 | 2 | 3 | 5 | 1.000 | -2.1 | -23.1 to +19.7 | 0.742 |

    ### Other rules, and what is missing

    | criterion | averaged | inconsistent is tie | inconsistent dropped | without ties | all missing lost | all missing won | covered |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | persona_winner | 81.8% | 81.8% | 100.0% (n 7) | 100.0% (n 7) | 79.2% | 83.3% | 91.7% |
    | value_winner | 68.8% | 58.3% | 100.0% (n 2) | 100.0% (n 7) | 68.8% | 68.8% | 100.0% |

    - Missing of persona_winner: 1 truncated; 1 with tuned first, 0 with base first.

    ### By sex

    | criterion | level | win rate | 95% interval | W/T/L | missing | items | flips | p | p adj |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | persona_winner | female | withheld | - | 9/0/2 | 1 | 5 | 40.0% | - | - |
    | persona_winner | male | 83.3% | 14.9–99.3 | 10/0/2 | 0 | 6 | 33.3% | - | - |
    | value_winner | female | 70.8% | 33.6–92.1 | 7/3/2 | 0 | 6 | 33.3% | - | - |
    | value_winner | male | 66.7% | 47.7–81.4 | 7/2/3 | 0 | 6 | 50.0% | - | - |

    - persona_winner, value_winner: levels are not compared: fewer than two have 10 questions or more and a win rate that is not withheld.

    ## Models

    | model | answers | cut off | refused | failed | not run | reasoning removed | mean characters | verdicts missing |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | tuned (simulated) | 12 of 12 | 1 | 0 | 0 | 0 | 0 | 812 | 1 of 48 |
    | base (simulated) | 12 of 12 | 0 | 0 | 0 | 0 | 0 | 1,034 | 1 of 48 |

    ## Cost

    | entry | calls | attempts | tokens in | tokens out | dollars |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | tuned | 12 | 13 | 12,000 | 2,400 | \$0.0120 |
    | base | 12 | 13 | 12,000 | 2,400 | - |
    | main | 48 | 49 | 48,000 | 9,600 | \$1.50 |
    | total | 72 | 75 | 72,000 | 14,400 | \$1.51 |

    ## Notes

    - **Warning: there are fewer than 10 personas: an interval for personas like these is wide and rests on few of them; if they are all there are, ask for fixed personas (tuned vs base, persona_winner; tuned vs base, value_winner).**
    - **Warning: answers were cut off at the token limit and judged as they are; a limit that one model meets more often than another moves the win rate (tuned: 1 of 12).**
    - Note: win rates of subgroups that are withheld for want of coverage: 1 of 4.
    - Note: levels with too few clusters for a claim (--min-items) have a rate and an interval, and no test (female; male).

    ## How to read this

    - Win rate: mean over items of the candidate's share, a tie counted one half; both orders are averaged, and an item without both is missing. Unit: item (one persona asked one question).
    - Interval: 95%, design-effect Wilson on the cluster-robust standard error; items of one question (and, for personas like these, of one persona) are taken to move together.
    - p: score test of a win rate of 50%, which the interval inverts. p adj: Holm over the criteria of a comparison, Benjamini-Hochberg over the levels of a breakdown and, for whether levels differ, over the breakdowns of a criterion.
    - W/T/L (wins, ties, losses) and missing count judgments; flips are pairs of judgments whose winner changed sides with the order of the answers.
    - Help of first: percentage points by which the answer shown first wins more than half of the time.
    - Within a level of personas, intervals speak of questions like these and of exactly these personas.
    ");
}

#[test]
fn a_report_as_csv() {
    assert_snapshot!("small_report_csv", csv::render(&small()));
}

#[test]
fn a_report_as_json() {
    assert_snapshot!("small_report", json::render(&small()));
}
