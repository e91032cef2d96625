//! What servers say about their rate limits, in headers of every answer.
//!
//! Two families are read: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`
//! (OpenAI, Azure, vLLM gateways, Groq) and
//! `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// One limit: how much is allowed, how much is left, when it is full again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limit {
    /// Allowed in a window.
    pub limit: Option<u64>,
    /// Left in this window.
    pub remaining: Option<u64>,
    /// When the limit is restored.
    pub reset: Option<Timestamp>,
}

/// The limits that an answer's headers state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimits {
    /// Of requests.
    pub requests: Limit,
    /// Of tokens, prompt and reply together.
    pub tokens: Limit,
    /// Of prompt tokens.
    pub input_tokens: Limit,
    /// Of reply tokens.
    pub output_tokens: Limit,
}

impl RateLimits {
    /// The limits in headers with lower-case names, of an answer that came `now`.
    /// What cannot be read is left out.
    pub fn from_headers(headers: &[(String, String)], now: Timestamp) -> Self {
        let mut limits = Self::default();
        for (name, value) in headers {
            let Some((field, what)) = split(name) else {
                continue;
            };
            let limit = match what {
                "requests" => &mut limits.requests,
                "tokens" => &mut limits.tokens,
                "input-tokens" => &mut limits.input_tokens,
                "output-tokens" => &mut limits.output_tokens,
                _ => continue,
            };
            let value = value.trim();
            match field {
                "limit" => limit.limit = value.parse().ok(),
                "remaining" => limit.remaining = value.parse().ok(),
                "reset" => limit.reset = reset(value, now),
                _ => {}
            }
        }
        limits
    }

    /// How long no further call should be made: until the last of the limits that
    /// are used up is restored. `None` where nothing is used up, or no time is said.
    pub fn pause(&self, now: Timestamp) -> Option<Duration> {
        let all = [
            self.requests,
            self.tokens,
            self.input_tokens,
            self.output_tokens,
        ];
        all.into_iter()
            .filter(|limit| limit.remaining == Some(0))
            .filter_map(|limit| Duration::try_from(now.duration_until(limit.reset?)).ok())
            .filter(|wait| !wait.is_zero())
            .max()
    }
}

/// Field and resource of a header's name.
fn split(name: &str) -> Option<(&str, &str)> {
    if let Some(rest) = name.strip_prefix("x-ratelimit-") {
        return rest.split_once('-');
    }
    let rest = name.strip_prefix("anthropic-ratelimit-")?;
    let (what, field) = rest.rsplit_once('-')?;
    Some((field, what))
}

/// When a limit is restored: a time (RFC 3339, seconds or milliseconds since
/// 1970), or a wait from now (`6m0s`, `20ms`, seconds).
fn reset(value: &str, now: Timestamp) -> Option<Timestamp> {
    /// No wait in seconds is as large as this; a time since 1970 is.
    const EPOCH_SECONDS: f64 = 1e9;
    const EPOCH_MILLISECONDS: f64 = 1e12;
    if let Ok(number) = value.parse::<f64>() {
        return if number >= EPOCH_MILLISECONDS {
            Timestamp::from_millisecond(number as i64).ok()
        } else if number >= EPOCH_SECONDS {
            Timestamp::from_second(number as i64).ok()
        } else {
            after(Duration::try_from_secs_f64(number).ok()?, now)
        };
    }
    if let Ok(time) = value.parse() {
        return Some(time);
    }
    after(go_duration(value)?, now)
}

fn after(wait: Duration, now: Timestamp) -> Option<Timestamp> {
    now.checked_add(SignedDuration::try_from(wait).ok()?).ok()
}

/// A duration as Go prints it: numbers with units, such as `1h2m3.5s` or `20ms`.
fn go_duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let number_ends = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after_number) = rest.split_at(number_ends);
        let unit_ends = after_number
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after_number.len());
        let (unit, after_unit) = after_number.split_at(unit_ends);
        let seconds = match unit {
            "d" => 86_400.0,
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(part)?;
        rest = after_unit;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn now() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    fn limits(headers: &[(&str, &str)]) -> RateLimits {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        RateLimits::from_headers(&headers, now())
    }

    fn seconds_from_now(reset: Option<Timestamp>) -> Option<f64> {
        reset.map(|reset| now().duration_until(reset).as_secs_f64())
    }

    #[test]
    fn openai_headers_are_read() {
        let limits = limits(&[
            ("x-request-id", "req_1"),
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-reset-requests", "120ms"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ]);
        assert_eq!(limits.requests.limit, Some(500));
        assert_eq!(limits.requests.remaining, Some(499));
        assert_eq!(seconds_from_now(limits.requests.reset), Some(0.12));
        assert_eq!(limits.tokens.limit, Some(30_000));
        assert_eq!(limits.tokens.remaining, Some(0));
        assert_eq!(limits.input_tokens, Limit::default());
        assert_eq!(limits.pause(now()), Some(Duration::from_mins(6)));
    }

    #[test]
    fn anthropic_headers_are_read() {
        let limits = limits(&[
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:03Z"),
            ("anthropic-ratelimit-input-tokens-remaining", "0"),
            (
                "anthropic-ratelimit-input-tokens-reset",
                "2026-01-01T00:00:05Z",
            ),
            ("anthropic-ratelimit-output-tokens-limit", "8000"),
            ("anthropic-ratelimit-tokens-remaining", "10"),
            ("anthropic-ratelimit-tokens-reset", "2026-01-01T00:01:00Z"),
        ]);
        assert_eq!(limits.requests.limit, Some(50));
        assert_eq!(limits.output_tokens.limit, Some(8000));
        assert_eq!(limits.tokens.remaining, Some(10));
        assert_eq!(limits.pause(now()), Some(Duration::from_secs(5)));
    }

    #[rstest]
    #[case("1s", Some(1.0))]
    #[case("6m0s", Some(360.0))]
    #[case("20ms", Some(0.02))]
    #[case("1h2m3.5s", Some(3723.5))]
    #[case("2m59.56s", Some(179.56))]
    #[case("1d", Some(86_400.0))]
    #[case("0s", Some(0.0))]
    #[case("12", Some(12.0))]
    #[case("0.5", Some(0.5))]
    #[case("1767225610", Some(10.0))]
    #[case("1767225610500", Some(10.5))]
    #[case("2026-01-01T00:00:07+00:00", Some(7.0))]
    #[case("", None)]
    #[case("5", Some(5.0))]
    #[case("5x", None)]
    #[case("s", None)]
    #[case("1.2.3s", None)]
    #[case("-1s", None)]
    #[case("99999999999999999999d", None)]
    #[case("soon", None)]
    fn resets_are_read(#[case] value: &str, #[case] expected: Option<f64>) {
        assert_eq!(seconds_from_now(reset(value, now())), expected);
    }

    #[test]
    fn what_is_not_used_up_or_has_passed_is_no_pause() {
        assert_eq!(limits(&[]).pause(now()), None);
        assert_eq!(
            limits(&[("x-ratelimit-remaining-requests", "0")]).pause(now()),
            None
        );
        let passed = limits(&[
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2025-12-31T23:59:59Z"),
        ]);
        assert_eq!(passed.pause(now()), None);
        let odd = limits(&[
            ("x-ratelimit-remaining-requests", "many"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-remaining", "0"),
        ]);
        assert_eq!(odd.pause(now()), None);
    }
}
