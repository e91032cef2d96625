//! What a misspelt name may have been meant to be.

use std::collections::HashSet;

/// Names of secrets with everything but letters and digits taken off.
const SECRETS: &[&str] = &[
    "accesstoken",
    "apisecret",
    "apitoken",
    "authkey",
    "authorization",
    "authtoken",
    "bearer",
    "bearertoken",
    "clientsecret",
    "cookie",
    "key",
    "ocpapimsubscriptionkey",
    "password",
    "proxyauthorization",
    "secret",
    "secretkey",
    "token",
    "xauthtoken",
];

/// The known name that is most like what was written, if any is like it.
pub(crate) fn nearest<'k>(
    written: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let written = written.to_lowercase();
    // Up to two typing errors, fewer in a short word, more in a long one.
    let allowed = match written.chars().count() {
        0..=3 => 1,
        4..=8 => 2,
        length => length / 3,
    };
    known
        .into_iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let distance = strsim::osa_distance(&written, &lower);
            let alike = strsim::jaro_winkler(&written, &lower);
            (distance <= allowed || alike >= 0.87).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The name with this prefix that was meant, where what stands before its point is like it:
/// `group.sex` of `groop.sex` and `group.`.
pub(crate) fn with_prefix(written: &str, prefix: &str) -> Option<String> {
    let (first, rest) = written
        .split_once('.')
        .filter(|(_, rest)| !rest.is_empty())?;
    nearest(first, [prefix.trim_end_matches('.')]).map(|_| format!("{prefix}{rest}"))
}

/// Advice on an unknown name: the nearest known one, else all of them.
pub(crate) fn suggestion<'k>(
    written: &str,
    known: impl IntoIterator<Item = &'k str>,
    what: &str,
) -> String {
    const SHOWN: usize = 24;
    let mut seen = HashSet::new();
    let known: Vec<_> = known
        .into_iter()
        .filter(|name| seen.insert(*name))
        .collect();
    if let Some(name) = nearest(written, known.iter().copied()) {
        return format!("did you mean `{name}`?");
    }
    if known.is_empty() {
        return format!("there are no {what}");
    }
    let more = if known.len() > SHOWN { ", …" } else { "" };
    let shown = &known[..known.len().min(SHOWN)];
    format!("known {what}: {}{more}", shown.join(", "))
}

/// Whether this name is one slip of typing away from a known one, long enough for
/// that to be no accident.
pub(crate) fn slip_of<'k>(
    written: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    known.into_iter().find(|name| {
        let alike = strsim::osa_distance(&written.to_lowercase(), name) <= 1;
        alike && *name != written && name.chars().count() >= 4
    })
}

/// Whether a key or header of this name would hold a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    plain.ends_with("apikey") || SECRETS.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let keys = ["temperature", "top_p", "timeout", "seed"];
        assert_eq!(nearest("temprature", keys), Some("temperature"));
        assert_eq!(nearest("temp", keys), Some("temperature"));
        assert_eq!(nearest("Seed", keys), Some("seed"));
        assert_eq!(nearest("tpo_p", keys), Some("top_p"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("", keys), None);
    }

    #[test]
    fn a_prefix_that_is_misspelt_is_told_with_what_follows_it() {
        let group = |written| with_prefix(written, "group.");
        assert_eq!(group("groop.age_group"), Some("group.age_group".to_owned()));
        for other in ["sex", "groop", "groop.", "colour.x", ".sex"] {
            assert_eq!(group(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_told_once() {
        let known = ["sex", "age", "sex"];
        assert_eq!(suggestion("zzzz", known, "keys"), "known keys: sex, age");
    }

    #[test]
    fn a_name_like_no_other_is_answered_with_all_of_them() {
        assert_eq!(
            suggestion("sede", ["seed", "name"], "keys"),
            "did you mean `seed`?"
        );
        assert_eq!(
            suggestion("zzz", ["seed", "name"], "keys"),
            "known keys: seed, name"
        );
        assert_eq!(suggestion("zzz", [], "models"), "there are no models");
    }

    #[test]
    fn a_slip_needs_a_name_of_some_length() {
        let reserved = ["id", "weight", "text"];
        assert_eq!(slip_of("wieght", reserved), Some("weight"));
        assert_eq!(slip_of("Weight", reserved), Some("weight"));
        assert_eq!(slip_of("weight", reserved), None);
        assert_eq!(slip_of("ix", reserved), None);
        assert_eq!(slip_of("age", reserved), None);
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "api_key",
            "API-Key",
            "x-api-key",
            "Authorization",
            "token",
            "openai_api_key",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["max_token", "api_key_env", "X-Title", "seed", "keys"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
