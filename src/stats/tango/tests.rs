use proptest::prelude::*;

use super::*;

fn outcomes(wins: u64, ties: u64, losses: u64) -> Outcomes {
    Outcomes { wins, ties, losses }
}

fn check(interval: &Interval, low: f64, high: f64, tolerance: f64) {
    assert!(
        (interval.low() - low).abs() <= tolerance && (interval.high() - high).abs() <= tolerance,
        "found {} to {}, expected {low} to {high}",
        interval.low(),
        interval.high(),
    );
}

/// Fagerland et al. (2014), *Statistics in Medicine* 33:2850: 1 against 7 of 21,
/// printed -.517 to -.026.
#[test]
fn agrees_with_fagerland() {
    let found = tango_net(outcomes(1, 13, 7), Level::DEFAULT).unwrap();
    check(&found, -0.517, -0.026, 6e-4);
    check(
        &found,
        -0.517_232_276_421_377_4,
        -0.026_003_032_480_868_608,
        1e-11,
    );
}

/// The root of the score equation by an independent program (SciPy brentq).
#[test]
fn agrees_with_the_root_of_the_score_equation() {
    let found = tango_net(outcomes(40, 40, 20), Level::DEFAULT).unwrap();
    check(
        &found,
        0.049_131_303_422_940_156,
        0.341_022_525_103_337_36,
        1e-11,
    );
    let rate = tango_win_rate(outcomes(40, 40, 20), Level::DEFAULT).unwrap();
    check(
        &rate,
        0.524_565_651_711_470_1,
        0.670_511_262_551_668_7,
        1e-11,
    );
}

#[test]
fn all_ties_give_an_interval_and_not_a_point() {
    // The score statistic is then sqrt(n d / (1 - d)), so the limit is
    // z^2 / (n + z^2).
    let found = tango_net(outcomes(0, 50, 0), Level::DEFAULT).unwrap();
    let z = 1.959_963_984_540_054_f64;
    let limit = z * z / (50.0 + z * z);
    check(&found, -limit, limit, 1e-12);
}

#[test]
fn all_wins_reach_one() {
    let found = tango_net(outcomes(30, 0, 0), Level::DEFAULT).unwrap();
    assert!(
        found.high() >= 1.0 && found.low() > 0.7 && found.low() < 0.9,
        "{found:?}"
    );
}

#[test]
fn no_items_are_an_error() {
    assert_eq!(
        tango_net(outcomes(0, 0, 0), Level::DEFAULT),
        Err(StatsError::Empty)
    );
    assert_eq!(outcomes(0, 0, 0).win_rate(), None);
    assert_eq!(outcomes(0, 4, 0).win_rate_without_ties(), None);
}

#[test]
fn rates_are_those_of_the_counts() {
    let counts = outcomes(6, 2, 2);
    assert_eq!(counts.net(), Some(0.4));
    assert_eq!(counts.win_rate(), Some(0.7));
    assert_eq!(counts.win_rate_without_ties(), Some(0.75));
}

#[test]
fn millions_of_items_are_no_harder() {
    let found = tango_net(outcomes(4_000_000, 1_000_000, 5_000_000), Level::DEFAULT).unwrap();
    // Wald at this size: -.1 -+ 1.96 sqrt((.9 - .01) / 1e7).
    check(&found, -0.1 - 5.847e-4, -0.1 + 5.847e-4, 1e-6);
}

/// The likelihood under a net rate `d` as a function of the loss probability,
/// maximised on a fine grid.
fn naive_loss(outcomes: Outcomes, d: f64) -> f64 {
    let (w, t, l) = (
        outcomes.wins as f64,
        outcomes.ties as f64,
        outcomes.losses as f64,
    );
    let term = |count: f64, p: f64| if count > 0.0 { count * p.ln() } else { 0.0 };
    let (low, high) = ((-d).max(0.0), (1.0 - d) / 2.0);
    let log_likelihood =
        |q: f64| term(w, (q + d).max(0.0)) + term(t, (1.0 - 2.0 * q - d).max(0.0)) + term(l, q);
    let steps = 200_000;
    (0..=steps)
        .map(|i| low + (high - low) * f64::from(i) / f64::from(steps))
        .max_by(|a, b| log_likelihood(*a).total_cmp(&log_likelihood(*b)))
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_limit_solves_the_score_equation_of_the_naive_twin(
        w in 1_u64..60, t in 1_u64..60, l in 1_u64..60,
    ) {
        let counts = outcomes(w, t, l);
        let interval = tango_net(counts, Level::DEFAULT).unwrap();
        let n = counts.items() as f64;
        for d in [interval.low(), interval.high()] {
            let q = naive_loss(counts, d);
            let statistic = (w as f64 - l as f64 - n * d) / (n * (2.0 * q + d - d * d)).sqrt();
            prop_assert!((statistic.abs() - 1.959_963_984_540_054).abs() < 1e-3, "{statistic}");
        }
    }

    #[test]
    fn swapping_candidate_and_opponent_mirrors_the_interval(
        w in 0_u64..60, t in 0_u64..60, l in 0_u64..60,
    ) {
        prop_assume!(w + t + l > 0);
        let plain = tango_net(outcomes(w, t, l), Level::DEFAULT).unwrap();
        let mirrored = tango_net(outcomes(l, t, w), Level::DEFAULT).unwrap();
        prop_assert!((plain.low() + mirrored.high()).abs() <= 0.0);
        prop_assert!((plain.high() + mirrored.low()).abs() <= 0.0);
    }

    #[test]
    fn limits_hold_the_net_rate_inside_its_range(
        w in 0_u64..60, t in 0_u64..60, l in 0_u64..60, level in 0.01..0.9999_f64,
    ) {
        prop_assume!(w + t + l > 0);
        let found = tango_net(outcomes(w, t, l), Level::new(level).unwrap()).unwrap();
        prop_assert!(-1.0 <= found.low() && found.low() <= found.estimate());
        prop_assert!(found.estimate() <= found.high() && found.high() <= 1.0);
    }
}
