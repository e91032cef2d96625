//! The metrics against a twin straight from their definitions.

use proptest::prelude::*;

use super::*;

/// One answer of the naive twin: persona, question, model, sample, option or none.
type Row = (usize, usize, usize, usize, Option<usize>);

/// A twin of the metrics, straight from their definitions, over lists of rows.
fn naive(rows: &[Row], model: usize, truth: &dyn Fn(usize, usize) -> [f64; 3]) -> [Option<f64>; 3] {
    let mut sums = [0.0; 3];
    let mut items = 0.0;
    for p in 0..4 {
        for q in 0..5 {
            let answers: Vec<usize> = rows
                .iter()
                .filter(|row| (row.0, row.1, row.2) == (p, q, model))
                .filter_map(|row| row.4)
                .collect();
            if answers.is_empty() {
                continue;
            }
            items += 1.0;
            let shares = truth(p, q);
            let most = shares.iter().copied().fold(0.0, f64::max);
            let mode = shares
                .iter()
                .position(|share| most - share <= 1e-12)
                .unwrap();
            let n = answers.len() as f64;
            sums[0] += answers.iter().filter(|at| **at == mode).count() as f64 / n;
            let off = |at: &usize| (*at as f64 - mode as f64).abs() / 2.0;
            sums[1] += answers.iter().map(off).sum::<f64>() / n;
            // Wasserstein-1 as the area between the two cumulative distributions.
            let below = |at: usize| answers.iter().filter(|own| **own <= at).count() as f64 / n;
            let truth_below = |at: usize| shares[..=at].iter().sum::<f64>();
            sums[2] += (0..2)
                .map(|at| (below(at) - truth_below(at)).abs())
                .sum::<f64>()
                / 2.0;
        }
    }
    sums.map(|sum| (items > 0.0).then(|| sum / items))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn scores_are_those_of_the_naive_twin(
        given in prop::collection::btree_map(
            (0..4_usize, 0..5_usize, 0..2_usize, 1..3_usize),
            prop::option::weighted(0.8, 0..3_usize),
            1..60,
        ),
        weights in prop::collection::vec(1_u32..9, 60),
    ) {
        let truth = |p: usize, q: usize| {
            let at = (p * 5 + q) * 3;
            let counts = [weights[at], weights[at + 1], weights[at + 2]].map(f64::from);
            let sum: f64 = counts.iter().sum();
            counts.map(|count| count / sum)
        };
        let mut text = "persona,question,model,sample,option,missing_reason,truth_distribution,scale\n".to_owned();
        for ((p, q, m, s), option) in &given {
            let shares = truth(*p, *q);
            let (option, reason) = match option {
                Some(at) => ((at + 1).to_string(), ""),
                None => (String::new(), "refused"),
            };
            writeln!(
                text,
                "p{p},q{q},m{m},{s},{option},{reason},1 = {} | 2 = {} | 3 = {},1|2|3",
                shares[0], shares[1], shares[2]
            ).unwrap();
        }
        let rows: Vec<Row> = given.iter().map(|((p, q, m, s), option)| (*p, *q, *m, *s, *option)).collect();
        let report = score(&table(&text), &ScoreOptions::default()).unwrap();
        for m in 0..2 {
            let name = format!("m{m}");
            let row = report.models.iter().find(|row| row.model == name && row.breakdown == "all");
            let Some(row) = row else { continue };
            let twin = naive(&rows, m, &truth);
            for (metric, expected) in [Metric::Accuracy, Metric::Nmae, Metric::Wasserstein].into_iter().zip(twin) {
                let found = row.metrics.get(metric).map(|estimate| estimate.estimate);
                match (found, expected) {
                    (Some(found), Some(expected)) => prop_assert!(near(found, expected), "{metric:?} {found} {expected}"),
                    (found, expected) => prop_assert_eq!(found, expected),
                }
            }
        }
    }
}
