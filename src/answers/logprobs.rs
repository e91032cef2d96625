//! The probability of each option, from the log-probabilities of a reply's tokens.

use crate::provider::TokenChoice;
use crate::study::Scale;

/// Least probability of all options together at the place of the answer; below it the
/// alternatives that are known say too little.
const LEAST: f64 = 0.5;

/// The share of each position of the scale, given the option that was drawn; `None`
/// where its token is not found, or the options together have less than half of the
/// probability there.
///
/// The place is the first token that is the option's code and nothing else, blanks and
/// marks aside. The probability of an option is that of all tokens that are its code,
/// divided by that of all options. A code that was drawn in several tokens (`1` and
/// `0`) shares the probability of its first with the codes that begin alike, by what
/// stood at the second; elsewhere a first token counts for the code that it is.
pub fn shares(tokens: &[TokenChoice], drawn: u16, scale: &Scale) -> Option<Vec<f64>> {
    let code = scale.options().get(usize::from(drawn))?.code.to_string();
    let (at, parts) = place(tokens, &code)?;
    let mut shares = vec![0.0; scale.len()];
    let mut add = |text: &str, probability: f64| {
        let position = plain(text)
            .parse()
            .ok()
            .and_then(|code| scale.position(code));
        if let Some(position) = position {
            shares[position] += probability;
        }
    };
    let begun = plain(&tokens[at].text);
    for (text, logprob) in &tokens[at].likeliest {
        let probability = logprob.exp();
        if parts == 1 || plain(text) != begun {
            add(text, probability);
            continue;
        }
        // The code goes on in the next token, or ends before it.
        let next = &tokens[at + 1].likeliest;
        for (rest, logprob) in next {
            let goes_on = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
            let text = if goes_on {
                format!("{begun}{rest}")
            } else {
                begun.to_owned()
            };
            add(&text, probability * logprob.exp());
        }
    }
    let sum: f64 = shares.iter().sum();
    if !(sum >= LEAST && sum.is_finite()) {
        return None;
    }
    for share in &mut shares {
        *share /= sum;
    }
    Some(shares)
}

/// The first token of the code, and in how many tokens it stands: one or two.
fn place(tokens: &[TokenChoice], code: &str) -> Option<(usize, usize)> {
    let whole = |token: &TokenChoice| plain(&token.text) == code;
    let in_two = |pair: &[TokenChoice]| {
        let first = plain(&pair[0].text);
        let rest = code.strip_prefix(first);
        !first.is_empty() && rest.is_some_and(|rest| !rest.is_empty() && pair[1].text == rest)
    };
    let one = tokens.iter().position(whole).map(|at| (at, 1));
    let two = tokens.windows(2).position(in_two).map(|at| (at, 2));
    // A lone `1` is the code 1 only where no digit follows it.
    let one = one.filter(|(at, _)| {
        let next = tokens.get(at + 1);
        !next.is_some_and(|next| next.text.starts_with(|c: char| c.is_ascii_digit()))
    });
    match (one, two) {
        (Some(one), Some(two)) => Some(if one.0 <= two.0 { one } else { two }),
        (one, two) => one.or(two),
    }
}

/// A token without blanks, quotes and marks of layout.
fn plain(token: &str) -> &str {
    token.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '*' | '"' | '\'' | '(' | ')' | '.' | '▁' | 'Ġ')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str, likeliest: &[(&str, f64)]) -> TokenChoice {
        let log = |(text, probability): &(&str, f64)| ((*text).to_owned(), probability.ln());
        TokenChoice {
            text: text.to_owned(),
            likeliest: likeliest.iter().map(log).collect(),
        }
    }

    fn near(found: Option<Vec<f64>>, expected: &[f64]) {
        let found = found.unwrap();
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-12, "{found:?} {expected:?}");
        }
    }

    #[test]
    fn the_options_share_the_probability_of_their_tokens() {
        let scale = Scale::parse("1 | 2 | 3").unwrap();
        let tokens = [
            token("Answer", &[("Answer", 1.0)]),
            token(":", &[(":", 1.0)]),
            token(
                " 2",
                &[
                    (" 2", 0.4),
                    ("2", 0.2),
                    (" 3", 0.2),
                    (" I", 0.1),
                    (" 7", 0.1),
                ],
            ),
        ];
        near(shares(&tokens, 1, &scale), &[0.0, 0.75, 0.25]);
    }

    #[test]
    fn a_code_in_two_tokens_shares_its_first_with_its_like() {
        let scale = Scale::parse("1|2|3|4|5|6|7|8|9|10").unwrap();
        let tokens = [
            token("1", &[("1", 0.6), ("9", 0.4)]),
            token("0", &[("0", 0.75), ("\n", 0.25)]),
        ];
        let found = shares(&tokens, 9, &scale).unwrap();
        assert!((found[9] - 0.45).abs() < 1e-12);
        assert!((found[0] - 0.15).abs() < 1e-12);
        assert!((found[8] - 0.4).abs() < 1e-12);
    }

    #[test]
    fn too_little_probability_or_no_token_gives_nothing() {
        let scale = Scale::parse("1 | 2").unwrap();
        assert_eq!(
            shares(&[token("2", &[("2", 0.3), ("x", 0.7)])], 1, &scale),
            None
        );
        assert_eq!(shares(&[token("two", &[("two", 1.0)])], 1, &scale), None);
        assert_eq!(shares(&[token("2", &[])], 1, &scale), None);
        assert_eq!(shares(&[], 1, &scale), None);
        assert_eq!(shares(&[], 9, &scale), None);
    }
}
