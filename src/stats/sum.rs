//! Compensated summation.

/// A running sum whose rounding error does not grow with the number of terms.
///
/// Neumaier (1974), "Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen".
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds one term.
    pub(crate) fn add(&mut self, term: f64) {
        let next = self.total + term;
        self.lost += if self.total.abs() >= term.abs() {
            (self.total - next) + term
        } else {
            (term - next) + self.total
        };
        self.total = next;
    }

    /// The sum of all terms added.
    pub(crate) fn value(self) -> f64 {
        self.total + self.lost
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        for term in terms {
            sum.add(term);
        }
        sum
    }
}

/// Sum of all terms, in their order.
pub(crate) fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    terms.into_iter().collect::<Sum>().value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the point is that the sum is exact")]
    fn small_terms_survive_a_large_one() {
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(sum([1e16, 1.0, 1.0, -1e16]), 2.0);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the point is that the sum is exact")]
    fn many_equal_terms_average_to_the_term() {
        let n = 999_983;
        assert_eq!(sum(std::iter::repeat_n(0.1, n)) / n as f64, 0.1);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "an empty sum is exactly zero")]
    fn nothing_sums_to_zero() {
        assert_eq!(sum([]), 0.0);
    }
}
