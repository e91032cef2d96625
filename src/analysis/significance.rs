//! Whether a win rate differs from one half, and whether it is shown to be near it.

use super::clusters::{Clusters, Columns};
use super::estimate::{Context, Scope};
use super::intervals::collapsed;
use super::report::{Comparison, Equivalence, Finding, FindingCode, Method, Test, TestMethod};
use crate::stats::equivalence::{self, rate_equivalence, t_equivalence};
use crate::stats::permutation::sign_flip;
use crate::stats::score_test::score_test;
use crate::stats::sign_test::{mid_p, sign_test};
use crate::stats::t_interval::t_test;
use crate::stats::{ClusterMean, Draws, PValue};

/// The win rate of no difference.
const NULL: f64 = 0.5;
/// Most flips of single clusters in a permutation test.
const MOST_FLIPS: u64 = 200_000_000;
/// Fewest draws of a permutation test.
const FEWEST_DRAWS: u64 = 2_000;

/// Tests the win rate of some items with the headline's clusters.
pub(super) fn test(
    context: &Context<'_>,
    comparison: &mut Comparison,
    scores: &[f64],
    columns: &Columns<'_>,
    (by, mean): (Clusters, &ClusterMean),
    scope: Scope,
) {
    let Some(first) = robust_test(context, columns, by, mean) else {
        return;
    };
    comparison.p_value = Some(first.p_value);
    comparison.p_method = Some(first.method);
    if let Ok(p) = PValue::new(first.p_value) {
        say(context, comparison, p, mean);
    }
    comparison.tests.push(first);
    if let (Clusters::One(side), Scope::Whole(_)) = (by, scope)
        && context.settings.random_tests
    {
        let draws = permutations(columns.count(side), context.settings.seed);
        let flipped = sign_flip(scores, columns.labels(side), NULL, draws);
        comparison.tests.extend(flipped.ok().map(|flip| Test {
            clusters: columns.names(by),
            exact: flip.draws.is_none(),
            draws: flip.draws.map(|draws| draws.count),
            seed: flip.draws.map(|draws| draws.seed),
            ..plain(TestMethod::SignFlip, flip.p, flip.clusters as u64)
        }));
    }
    if columns.all_apart(by) && columns.nothing_shared() {
        let counts = collapsed(scores);
        let n = counts.wins + counts.losses;
        let exact = plain(
            TestMethod::SignTest,
            sign_test(counts.wins, counts.losses),
            n,
        );
        let mid = plain(
            TestMethod::McnemarMidP,
            mid_p(counts.wins, counts.losses),
            n,
        );
        comparison.tests.extend([
            exact,
            Test {
                exact: false,
                ..mid
            },
        ]);
    }
}

/// A test without a statistic and without draws.
fn plain(method: TestMethod, p: PValue, n: u64) -> Test {
    Test {
        method,
        p_value: p.get(),
        p_adjusted: None,
        n,
        clusters: Vec::new(),
        exact: true,
        draws: None,
        seed: None,
        statistic: None,
        degrees_of_freedom: None,
    }
}

/// The test that goes with the cluster-robust interval: t with t, else the score
/// test.
fn robust_test(
    context: &Context<'_>,
    columns: &Columns<'_>,
    by: Clusters,
    mean: &ClusterMean,
) -> Option<Test> {
    let (method, test) = match context.how().method {
        Method::T => (TestMethod::T, t_test(mean, NULL)),
        _ => (TestMethod::Score, score_test(mean, NULL)),
    };
    let test = test.ok()?;
    Some(Test {
        clusters: columns.names(by),
        exact: false,
        statistic: test.statistic.is_finite().then_some(test.statistic),
        degrees_of_freedom: Some(test.degrees_of_freedom as u64),
        ..plain(method, test.p, mean.clusters().smallest() as u64)
    })
}

/// As many draws as are worth their time: 20,000, fewer where there are very many
/// clusters, whose sum is near normal.
fn permutations(clusters: u64, seed: u64) -> Draws {
    let most = (MOST_FLIPS / clusters.max(1)).max(FEWEST_DRAWS);
    Draws {
        seed,
        count: most.min(u64::from(Draws::PERMUTATION.count)) as u32,
    }
}

/// Says whether there is a difference and, with a margin, whether it is near none.
fn say(context: &Context<'_>, comparison: &mut Comparison, p: PValue, mean: &ClusterMean) {
    let alpha = context.settings.level.alpha();
    let near = context.settings.margin.and_then(|margin| {
        let (low, high) = (NULL - margin, NULL + margin);
        let test = match context.how().method {
            Method::T => t_equivalence(mean, low, high),
            _ => rate_equivalence(mean, low, high),
        };
        Some((margin, test.ok()?))
    });
    comparison.equivalence = near.map(|(margin, test)| Equivalence {
        margin,
        p_value: test.p().get(),
        p_low: test.p_low.get(),
        p_high: test.p_high.get(),
    });
    comparison.finding = Some(match near {
        Some((margin, test)) => finding(equivalence::Finding::new(p, &test, alpha), margin),
        None if p.get() < alpha => found(FindingCode::Differs, "differs".to_owned()),
        None => no_evidence(),
    });
}

fn found(code: FindingCode, sentence: String) -> Finding {
    Finding { code, sentence }
}

fn no_evidence() -> Finding {
    found(
        FindingCode::NoEvidence,
        "no evidence of a difference".to_owned(),
    )
}

fn finding(finding: equivalence::Finding, margin: f64) -> Finding {
    use equivalence::Finding as Both;
    // Two digits after the point, without zeros that say nothing.
    let points = (margin * 1e4).round() / 1e2;
    match finding {
        Both::Different => found(FindingCode::Differs, "differs".to_owned()),
        Both::DifferentWithinMargin => found(
            FindingCode::DiffersWithinMargin,
            format!("differs, by less than {points} points"),
        ),
        Both::Equivalent => found(
            FindingCode::Equivalent,
            format!("equivalent within ±{points} points"),
        ),
        Both::Undecided => no_evidence(),
    }
}
