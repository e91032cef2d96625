use proptest::prelude::*;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::pairwise_data::{Table, journals, puddings, three_models};
use crate::stats::random::normal;
use crate::stats::{Draws, Level};

const DRAWS: Draws = Draws {
    seed: 1,
    count: 2_000,
};

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "found {found}, expected {expected}"
    );
}

fn against_first(ratings: &Ratings) -> Vec<f64> {
    ratings
        .strengths()
        .iter()
        .map(|t| t - ratings.strengths()[0])
        .collect()
}

/// Turner & Firth, vignette of `BradleyTerry2`, section 2.1: printed -2.9491,
/// -.4796, .2690; digits by statsmodels.
#[test]
fn strengths_of_journals_agree_with_the_published_fit() {
    let table = journals();
    let rows = table.rows();
    let found = bradley_terry(table.comparisons(), 4, Clusters::OneWay(&rows)).unwrap();
    let expected = [
        0.0,
        -2.949_072_496_843_91,
        -0.479_569_769_751_993_06,
        0.268_954_055_819_471_46,
    ];
    for (found, expected) in against_first(&found).into_iter().zip(expected) {
        close(found, expected, 1e-9);
    }
    assert!(!found.separated());
}

/// The same source prints .1025, .0606 and .0708: the inverse information, which
/// takes comparisons as independent.
#[test]
fn the_inverse_information_agrees_with_the_published_errors() {
    let table = journals();
    let totals = PairTotals::new(&table.comparisons(), 4);
    let likelihood = BradleyTerry {
        totals: &totals,
        models: 4,
        imagined: false,
    };
    let maximum = maximise(&likelihood, vec![0.0; 4]).unwrap();
    let inverse = centred(&maximum.inverse_information);
    let expected = [
        0.102_545_335_511_208_84,
        0.060_588_729_248_230_7,
        0.070_829_965_111_141_3,
    ];
    for (model, expected) in expected.into_iter().enumerate() {
        close(inverse.contrast(model + 1, 0).sqrt(), expected, 1e-9);
    }
}

#[test]
fn ties_as_halves_agree_with_evalica() {
    let table = puddings();
    let rows = table.rows();
    let found = bradley_terry(table.comparisons(), 6, Clusters::OneWay(&rows)).unwrap();
    let powers: Vec<f64> = found.strengths().iter().map(|t| t.exp()).collect();
    let total: f64 = powers.iter().sum();
    let expected = [
        0.146_074_710_924_116_86,
        0.171_473_207_333_093_07,
        0.163_279_202_656_356_73,
        0.165_935_398_466_994_3,
        0.161_023_222_365_994_56,
        0.192_214_258_253_444_46,
    ];
    for (power, expected) in powers.iter().zip(expected) {
        close(power / total, expected, 1e-9);
    }
}

/// statsmodels `GLM(Binomial).fit(cov_type="cluster")`, whose errors carry one
/// more factor, `(N - 1)/(N - k)` for 360 rows and 2 coefficients.
#[test]
fn clustered_errors_agree_with_statsmodels() {
    let (table, questions) = three_models();
    let found = bradley_terry(table.comparisons(), 3, Clusters::OneWay(&questions)).unwrap();
    let strengths = against_first(&found);
    close(strengths[1], 0.403_814_197_506_989_55, 1e-9);
    close(strengths[2], 0.790_302_520_351_355_2, 1e-9);
    let factor = (359.0_f64 / 358.0).sqrt();
    let covariance = |a, b| {
        found
            .test(a, b)
            .map(|test| (found.strengths()[a] - found.strengths()[b]) / test.statistic)
    };
    close(
        covariance(1, 0).unwrap() * factor,
        0.092_053_748_046_006_34,
        1e-9,
    );
    close(
        covariance(2, 0).unwrap() * factor,
        0.116_881_984_554_193_32,
        1e-9,
    );
}

#[test]
fn a_contrast_is_a_t_interval_and_its_win_chance_follows() {
    let (table, questions) = three_models();
    let found = bradley_terry(table.comparisons(), 3, Clusters::OneWay(&questions)).unwrap();
    let contrast = found.contrast(2, 0, Level::DEFAULT).unwrap();
    let factor = (359.0_f64 / 358.0).sqrt();
    // scipy.stats.t.ppf(.975, 59)
    let reach = 2.000_995_378_048_288 * 0.116_881_984_554_193_32 / factor;
    close(contrast.low(), 0.790_302_520_351_355_2 - reach, 1e-8);
    close(contrast.high(), 0.790_302_520_351_355_2 + reach, 1e-8);
    let chance = found.win_chance(2, 0, Level::DEFAULT).unwrap();
    close(chance.estimate(), sigmoid(0.790_302_520_351_355_2), 1e-9);
    let back = found.contrast(0, 2, Level::DEFAULT).unwrap();
    close(back.low(), -contrast.high(), 1e-12);
}

#[test]
fn simultaneous_intervals_are_wider_than_single_and_narrower_than_bonferroni() {
    let (table, questions) = three_models();
    let found = bradley_terry(table.comparisons(), 3, Clusters::OneWay(&questions)).unwrap();
    let pairs = [(0, 1), (0, 2), (1, 2)];
    let bonferroni = Level::new(1.0 - 0.05 / 3.0).unwrap();
    let all = found.simultaneous(&pairs, Level::DEFAULT, DRAWS).unwrap();
    for (&(a, b), interval) in pairs.iter().zip(&all) {
        let single = found.contrast(a, b, Level::DEFAULT).unwrap();
        let widest = found.contrast(a, b, bonferroni).unwrap();
        assert!(single.width() < interval.width() && interval.width() <= widest.width());
    }
}

#[test]
fn ranks_are_certain_for_models_far_apart_and_open_for_equals() {
    let (table, questions) = three_models();
    let found = bradley_terry(table.comparisons(), 3, Clusters::OneWay(&questions)).unwrap();
    let ranks = found.rank_intervals(Level::DEFAULT, DRAWS).unwrap();
    assert_eq!(
        ranks.iter().map(|r| r.rank).collect::<Vec<_>>(),
        vec![3, 2, 1]
    );
    assert!(ranks.iter().all(|r| r.best <= r.rank && r.rank <= r.worst));

    let mut even = Table::default();
    let mut clusters = Vec::new();
    for question in 0..20 {
        for (a, b) in [(0, 1), (1, 2), (2, 0)] {
            even.push(a, b, f64::from(question % 2), 1);
            clusters.push(question);
        }
    }
    let found = bradley_terry(even.comparisons(), 3, Clusters::OneWay(&clusters)).unwrap();
    let ranks = found.rank_intervals(Level::DEFAULT, DRAWS).unwrap();
    assert!(
        ranks.iter().all(|r| (r.best, r.worst) == (1, 3)),
        "{ranks:?}"
    );
}

/// On `a > b, a > b, a > c, b > c` no finite strengths exist, and a fit that does
/// not look returns equal ones.
#[test]
fn separated_models_are_ranked_with_imagined_comparisons_and_marked() {
    let mut table = Table::default();
    table.push(0, 1, 1.0, 2);
    table.push(0, 2, 1.0, 1);
    table.push(1, 2, 1.0, 1);
    let rows = table.rows();
    let found = bradley_terry(table.comparisons(), 3, Clusters::OneWay(&rows)).unwrap();
    assert!(found.separated());
    assert_eq!(found.groups(), &[vec![0], vec![1], vec![2]]);
    let s = found.strengths();
    assert!(s[0] > s[1] && s[1] > s[2] && s[0] < 10.0, "{s:?}");
    assert!(found.contrast(0, 2, Level::DEFAULT).is_ok());
}

#[test]
fn two_models_that_only_tie_are_equal_without_an_interval() {
    let mut table = Table::default();
    table.push(0, 1, 0.5, 10);
    let rows = table.rows();
    let found = bradley_terry(table.comparisons(), 2, Clusters::OneWay(&rows)).unwrap();
    close(found.strengths()[0], 0.0, 1e-12);
    assert_eq!(
        found.contrast(0, 1, Level::DEFAULT),
        Err(StatsError::NoVariation)
    );
    let ranks = found.rank_intervals(Level::DEFAULT, DRAWS).unwrap();
    assert!(ranks.iter().all(|r| (r.rank, r.best, r.worst) == (1, 1, 2)));
}

#[test]
fn one_cluster_gives_strengths_and_no_interval() {
    let table = puddings();
    let one = vec![3; table.score.len()];
    let found = bradley_terry(table.comparisons(), 6, Clusters::OneWay(&one)).unwrap();
    assert!(found.strengths()[5] > found.strengths()[0]);
    let error = StatsError::TooFewClusters {
        found: 1,
        needed: 2,
    };
    assert_eq!(found.contrast(0, 1, Level::DEFAULT), Err(error.clone()));
    assert_eq!(
        found.rank_intervals(Level::DEFAULT, DRAWS),
        Err(error.clone())
    );
    assert_eq!(found.standard_error(0), Err(error));
}

#[test]
fn models_and_clusters_are_checked() {
    let table = puddings();
    let rows = table.rows();
    assert!(bradley_terry(table.comparisons(), 5, Clusters::OneWay(&rows)).is_err());
    assert!(bradley_terry(table.comparisons(), 6, Clusters::OneWay(&rows[1..])).is_err());
    let found = bradley_terry(table.comparisons(), 6, Clusters::OneWay(&rows)).unwrap();
    assert!(found.contrast(0, 6, Level::DEFAULT).is_err());
    assert!(
        found
            .simultaneous(&[(0, 9)], Level::DEFAULT, DRAWS)
            .is_err()
    );
}

#[test]
fn a_large_table_gives_the_same_bytes_for_any_number_of_threads() {
    let mut table = Table::default();
    let mut questions = Vec::new();
    for row in 0..150_000_u32 {
        let a = row.wrapping_mul(7919) % 6;
        table.push(a, (a + 1 + row % 5) % 6, f64::from(row * 31 % 9) / 8.0, 1);
        questions.push(row.wrapping_mul(2_654_435_761) % 701);
    }
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let clusters = Clusters::OneWay(&questions);
            let found = bradley_terry(table.comparisons(), 6, clusters).unwrap();
            let ranks = found.rank_intervals(Level::DEFAULT, DRAWS).unwrap();
            (found, ranks)
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(16));
}

/// Four models judged on the same questions in both orders, each question moving
/// the models' quality: every pair of a question shares what moved.
fn shared_questions(rng: &mut ChaCha8Rng, questions: u32) -> (Table, Vec<u32>) {
    let mut table = Table::default();
    let mut clusters = Vec::new();
    for question in 0..questions {
        let quality: Vec<f64> = (0..4)
            .map(|m| 0.3 * f64::from(m) + 1.2 * normal(rng))
            .collect();
        for a in 0..4_u32 {
            for b in a + 1..4 {
                for place in [0.3, -0.3] {
                    let lead = quality[a as usize] - quality[b as usize] + place + normal(rng);
                    let score = f64::from(u8::from(lead > 0.2))
                        + 0.5 * f64::from(u8::from(lead.abs() <= 0.2));
                    table.push(a, b, score, 1);
                    clusters.push(question);
                }
            }
        }
    }
    (table, clusters)
}

#[test]
fn clustered_intervals_cover_where_independent_rows_would_not() {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let fit = |rng: &mut ChaCha8Rng, questions| {
        let (table, clusters) = shared_questions(rng, questions);
        let by_question =
            bradley_terry(table.comparisons(), 4, Clusters::OneWay(&clusters)).unwrap();
        let rows = table.rows();
        let by_row = bradley_terry(table.comparisons(), 4, Clusters::OneWay(&rows)).unwrap();
        (by_question, by_row)
    };
    let truth = against_first(&fit(&mut rng, 15_000).0);
    let (mut covered, mut naive) = (0, 0);
    for _ in 0..200 {
        let (by_question, by_row) = fit(&mut rng, 50);
        for (model, &truth) in truth.iter().enumerate().skip(1) {
            let holds = |r: &Ratings| {
                r.contrast(model, 0, Level::DEFAULT)
                    .unwrap()
                    .contains(truth)
            };
            covered += u32::from(holds(&by_question));
            naive += u32::from(holds(&by_row));
        }
    }
    let (covered, naive) = (f64::from(covered) / 600.0, f64::from(naive) / 600.0);
    assert!((0.92..=0.98).contains(&covered), "{covered}");
    assert!(naive < 0.88, "{naive}");
}

/// The update of Zermelo (1929): slow, obvious, and without derivatives.
fn naive_strengths(table: &Table, models: usize) -> Vec<f64> {
    let mut won = vec![0.0; models];
    let mut met = vec![vec![0.0; models]; models];
    for row in 0..table.score.len() {
        let (a, b) = (table.first[row] as usize, table.second[row] as usize);
        won[a] += table.score[row];
        won[b] += 1.0 - table.score[row];
        met[a][b] += 1.0;
        met[b][a] += 1.0;
    }
    let mut power = vec![1.0; models];
    for _ in 0..20_000 {
        power = (0..models)
            .map(|i| {
                let faced: f64 = (0..models)
                    .filter(|&j| met[i][j] > 0.0)
                    .map(|j| met[i][j] / (power[i] + power[j]))
                    .sum();
                won[i] / faced
            })
            .collect();
        let middle = power.iter().map(|p: &f64| p.ln()).sum::<f64>() / models as f64;
        for p in &mut power {
            *p /= middle.exp();
        }
    }
    power.iter().map(|p| p.ln()).collect()
}

prop_compose! {
    fn tournament()(
        rows in prop::collection::vec((0_u32..4, 1_u32..4, 0_u8..=2, 0_u32..8, 0_u32..4), 30..80),
    ) -> (Table, Vec<u32>, Vec<u32>) {
        let mut table = Table::default();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for (a, step, score, question, persona) in rows {
            table.push(a, (a + step) % 4, f64::from(score) / 2.0, 1);
            first.push(question);
            second.push(persona);
        }
        // A round of ties, so that finite strengths exist.
        for i in 0..4 {
            table.push(i, (i + 1) % 4, 0.5, 1);
            first.push(8 + i % 2);
            second.push(4 + i % 2);
        }
        (table, first, second)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn strengths_are_those_of_the_naive_twin((table, question, _) in tournament()) {
        let found = bradley_terry(table.comparisons(), 4, Clusters::OneWay(&question)).unwrap();
        for (found, naive) in found.strengths().iter().zip(naive_strengths(&table, 4)) {
            prop_assert!((found - naive).abs() < 1e-7, "{found} {naive}");
        }
    }

    #[test]
    fn turning_a_comparison_around_changes_nothing((table, question, persona) in tournament()) {
        let turned = Table {
            first: table.second.clone(),
            second: table.first.clone(),
            score: table.score.iter().map(|s| 1.0 - s).collect(),
        };
        let clusters = Clusters::TwoWay(&question, &persona);
        let plain = bradley_terry(table.comparisons(), 4, clusters).unwrap();
        let other = bradley_terry(turned.comparisons(), 4, clusters).unwrap();
        for model in 0..4 {
            prop_assert!((plain.strengths()[model] - other.strengths()[model]).abs() < 1e-9);
            let (a, b) = (plain.standard_error(model).unwrap(), other.standard_error(model).unwrap());
            prop_assert!((a - b).abs() < 1e-9);
        }
    }

    #[test]
    fn repeating_every_comparison_within_its_cluster_adds_no_precision(
        (table, question, _) in tournament(),
    ) {
        let doubled = Table {
            first: table.first.repeat(2),
            second: table.second.repeat(2),
            score: table.score.repeat(2),
        };
        let plain = bradley_terry(table.comparisons(), 4, Clusters::OneWay(&question)).unwrap();
        let other =
            bradley_terry(doubled.comparisons(), 4, Clusters::OneWay(&question.repeat(2))).unwrap();
        let (a, b) =
            (plain.contrast(0, 1, Level::DEFAULT).unwrap(), other.contrast(0, 1, Level::DEFAULT).unwrap());
        prop_assert!((a.low() - b.low()).abs() < 1e-8 && (a.high() - b.high()).abs() < 1e-8);
    }

    /// The naive twin of the sandwich leaves one question out and fits again.
    #[test]
    fn clustered_errors_are_near_the_jackknife((table, _, _) in tournament()) {
        let question: Vec<u32> = (0..table.score.len() as u32).map(|row| row % 17).collect();
        let found = bradley_terry(table.comparisons(), 4, Clusters::OneWay(&question)).unwrap();
        let mut left_out = Vec::new();
        for g in 0..17 {
            let keep: Vec<usize> = (0..question.len()).filter(|&row| question[row] != g).collect();
            let part = Table {
                first: keep.iter().map(|&row| table.first[row]).collect(),
                second: keep.iter().map(|&row| table.second[row]).collect(),
                score: keep.iter().map(|&row| table.score[row]).collect(),
            };
            let rows = part.rows();
            let fit = bradley_terry(part.comparisons(), 4, Clusters::OneWay(&rows)).unwrap();
            prop_assume!(!fit.separated());
            left_out.push(fit.strengths()[1] - fit.strengths()[0]);
        }
        let middle = left_out.iter().sum::<f64>() / 17.0;
        let squares: f64 = left_out.iter().map(|x| (x - middle).powi(2)).sum();
        let jackknife = (16.0 / 17.0 * squares).sqrt();
        let contrast = found.strengths()[1] - found.strengths()[0];
        // Equal strengths have a statistic of 0, which says nothing of the error.
        prop_assume!(contrast.abs() > 1e-6);
        let error = contrast / found.test(1, 0).map(|test| test.statistic).unwrap();
        prop_assert!(error / jackknife > 0.6 && error / jackknife < 1.25, "{error} {jackknife}");
    }
}
