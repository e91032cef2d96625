use proptest::prelude::*;

use super::*;

mod golden;
mod golden_tails;

fn close(found: f64, expected: f64, relative: f64) -> bool {
    (found - expected).abs() <= relative * expected.abs().max(1e-300)
}

/// Checks one row of a table, naming the row that fails.
fn check(row: &dyn std::fmt::Debug, found: f64, expected: f64, relative: f64) {
    assert!(
        close(found, expected, relative),
        "{row:?}: found {found:e}, expected {expected:e}, relative error {:e}",
        (found / expected - 1.0).abs()
    );
}

#[test]
fn t_quantiles_agree_with_scipy_for_all_degrees_of_freedom() {
    for row in golden::T_QUANTILES {
        let (df, tail, expected) = row;
        check(&row, t_upper_quantile(tail, df), expected, 1e-10);
    }
}

#[test]
fn t_tails_agree_with_scipy() {
    for row in golden::T_TAILS {
        let (df, t, expected) = row;
        check(&row, t_upper_tail(t, df), expected, 1e-10);
        assert!(
            (t_upper_tail(-t, df) - (1.0 - expected)).abs() < 1e-12,
            "{row:?}"
        );
    }
}

#[test]
fn normal_tails_and_quantiles_agree_with_scipy() {
    for row in golden::NORMAL_TAILS {
        check(&row, normal_upper_tail(row.0), row.1, 1e-12);
    }
    for row in golden::NORMAL_QUANTILES {
        let found = normal_upper_quantile(row.0);
        assert!(
            (found - row.1).abs() <= 1e-14 * row.1.abs(),
            "{row:?}: {found}"
        );
    }
}

#[test]
fn chi_squared_tails_and_quantiles_agree_with_scipy() {
    for row in golden::CHI_SQUARED_TAILS {
        check(&row, chi_squared_upper_tail(row.1, row.0), row.2, 1e-10);
    }
    for row in golden::CHI_SQUARED_QUANTILES {
        check(&row, chi_squared_quantile(row.1, row.0), row.2, 1e-10);
    }
}

#[test]
fn beta_probabilities_and_quantiles_agree_with_scipy_up_to_ten_million() {
    for row in golden::BETA_PROBABILITIES {
        check(&row, beta_cdf(row.2, row.0, row.1), row.3, 1e-10);
    }
    for row in golden::BETA_QUANTILES {
        check(&row, beta_quantile(row.2, row.0, row.1), row.3, 1e-10);
    }
}

#[test]
fn f_tails_agree_with_scipy_up_to_ten_million_degrees_of_freedom() {
    for row in golden_tails::F_TAILS {
        check(&row, f_upper_tail(row.2, row.0, row.1), row.3, 1e-9);
    }
}

#[test]
fn upper_beta_quantiles_agree_with_scipy_up_to_ten_million() {
    for row in golden_tails::BETA_UPPER_QUANTILES {
        check(&row, beta_upper_quantile(row.2, row.0, row.1), row.3, 1e-9);
    }
}

#[test]
fn fair_binomial_agrees_with_scipy_up_to_ten_million() {
    for row in golden::FAIR_BINOMIAL {
        let (k, n, cdf, mass) = row;
        check(&row, fair_binomial_cdf(k, n), cdf, 1e-10);
        check(&row, fair_binomial_mass(k, n), mass, 1e-10);
    }
}

#[test]
fn infinite_degrees_of_freedom_are_the_normal_distribution() {
    assert!(close(
        t_upper_tail(1.5, f64::INFINITY),
        normal_upper_tail(1.5),
        1e-15
    ));
    assert!(close(
        t_upper_quantile(0.025, f64::INFINITY),
        normal_upper_quantile(0.025),
        1e-15
    ));
}

#[test]
fn infinite_statistics_have_no_tail() {
    assert!(t_upper_tail(f64::INFINITY, 3.0) <= 0.0);
    assert!(t_upper_tail(f64::NEG_INFINITY, 3.0) >= 1.0);
    assert!(t_two_sided(f64::INFINITY, 1e7) <= 0.0);
}

#[test]
fn one_and_two_degrees_of_freedom_have_closed_forms() {
    for tail in [0.4_f64, 0.1, 0.025, 1e-6] {
        let cauchy = 1.0 / (std::f64::consts::PI * tail).tan();
        assert!(close(t_upper_quantile(tail, 1.0), cauchy, 1e-12));
        let two = (1.0 - 2.0 * tail) / (2.0 * tail * (1.0 - tail)).sqrt();
        assert!(close(t_upper_quantile(tail, 2.0), two, 1e-12));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn t_quantile_inverts_the_tail(tail in 1e-9..0.5_f64, log_df in 0.0..16.0_f64) {
        let df = log_df.exp();
        let t = t_upper_quantile(tail, df);
        prop_assert!(close(t_upper_tail(t, df), tail, 1e-11), "{} {}", tail, t_upper_tail(t, df));
    }

    #[test]
    fn beta_quantile_inverts_the_probability(
        p in 1e-6..0.999_f64, log_a in -1.0..12.0_f64, log_b in -1.0..12.0_f64,
    ) {
        let (a, b) = (log_a.exp(), log_b.exp());
        let x = beta_quantile(p, a, b);
        prop_assume!(x > 1e-300 && x < 0.999);
        prop_assert!(close(beta_cdf(x, a, b), p, 1e-9), "{} {}", p, beta_cdf(x, a, b));
    }

    #[test]
    fn chi_squared_quantile_inverts_the_tail(p in 0.001..0.999_f64, df in 1_u32..2000) {
        let x = chi_squared_quantile(p, f64::from(df));
        prop_assert!(close(1.0 - chi_squared_upper_tail(x, f64::from(df)), p, 1e-10));
    }

    /// The naive twin: the sum of the probabilities themselves.
    #[test]
    fn fair_binomial_is_the_sum_of_its_terms(n in 1_u64..60, share in 0.0..1.0_f64) {
        let k = (share * n as f64) as u64;
        let mut term = 0.5_f64.powi(n as i32);
        let mut total = term;
        for i in 0..k {
            term *= (n - i) as f64 / (i + 1) as f64;
            total += term;
        }
        prop_assert!(close(fair_binomial_cdf(k, n), total, 1e-12));
        prop_assert!(close(fair_binomial_mass(k, n), term, 1e-12));
    }
}

#[test]
fn f_tails_agree_with_scipy() {
    let rows = [
        (2.5, 3.0, 40.0, 0.073_254_352_017_949_83),
        (1.1, 11.0, 1990.0, 0.356_870_879_637_493_6),
        (9.0, 1.0, 5.0, 0.030_099_247_897_462_586),
        (0.3, 7.0, 12.0, 0.940_582_254_508_522_7),
    ];
    for row in rows {
        check(&row, f_upper_tail(row.0, row.1, row.2), row.3, 1e-11);
    }
    assert!(f_upper_tail(0.0, 2.0, 5.0) >= 1.0);
}
