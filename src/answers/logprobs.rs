//! The probability of each option, from the log-probabilities of a reply's tokens.

use crate::provider::TokenChoice;
use crate::study::Scale;

/// Least probability of all options together at the place of the answer; below it the
/// alternatives that are known say too little.
const LEAST: f64 = 0.5;

/// Largest part of it that may be of tokens which could begin a longer code.
const UNCLEAR: f64 = 0.01;

/// The share of each position of the scale, given the option that was drawn; `None`
/// where its token is not found, or the options together have less than half of the
/// probability there.
///
/// The place is the first token that is the option's code and nothing else, blanks and
/// marks aside. The probability of an option is that of all tokens that are its code,
/// divided by that of all options. Where no code of several digits is one token, `1` may
/// begin `10`: the token that was drawn shares its probability among the codes that begin
/// so, by what stood at the next; for any other nothing says how it would have gone on,
/// and where such tokens have more than 1 in 100 of the probability there are no shares.
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
    let begins_longer = longer_codes(&tokens[at], scale);
    let next = tokens.get(at + 1).map(|next| next.likeliest.as_slice());
    let next = next.filter(|next| !next.is_empty());
    let mut unclear = 0.0;
    for (text, logprob) in &tokens[at].likeliest {
        let probability = logprob.exp();
        let is_long = begins_longer(plain(text));
        let next = next.filter(|_| plain(text) == begun && (parts == 2 || is_long));
        let Some(next) = next else {
            unclear += if is_long { probability } else { 0.0 };
            add(text, probability);
            continue;
        };
        // The code goes on in the next token, or ends before it.
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
    if !(sum >= LEAST && sum.is_finite() && unclear <= UNCLEAR * sum) {
        return None;
    }
    for share in &mut shares {
        *share /= sum;
    }
    Some(shares)
}

/// Whether a text is a code that may begin a longer one: never where a code of several
/// digits is known to be one token.
fn longer_codes(token: &TokenChoice, scale: &Scale) -> impl Fn(&str) -> bool {
    let is_code = |text: &str| {
        text.parse()
            .is_ok_and(|code| scale.position(code).is_some())
    };
    let is_whole = |text: &str| text.len() > 1 && is_code(text);
    let likeliest = token.likeliest.iter().map(|(text, _)| text);
    let mut texts = likeliest.chain([&token.text]);
    let are_whole = texts.any(|text| is_whole(plain(text)));
    move |text: &str| {
        let longer = |code: String| code.len() > text.len() && code.starts_with(text);
        !are_whole && is_code(text) && scale.codes().any(|code| longer(code.to_string()))
    }
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
    fn a_token_that_may_begin_a_longer_code_is_no_code_yet() {
        let scale = Scale::parse("1|2|3|4|5|6|7|8|9|10").unwrap();
        let seven = |others: &[(&str, f64)]| {
            let all: Vec<_> = [("7", 0.5)].iter().chain(others).copied().collect();
            shares(&[token("7", &all)], 6, &scale)
        };
        assert_eq!(seven(&[("1", 0.4), ("8", 0.1)]), None);
        assert!(seven(&[("1", 0.004), ("8", 0.4)]).is_some());
        // Here 10 is one token, so that 1 is 1.
        let found = seven(&[("1", 0.3), ("10", 0.2)]).unwrap();
        assert!((found[0] - 0.3).abs() < 1e-12 && (found[9] - 0.2).abs() < 1e-12);
        let one = token("1", &[("1", 0.8), ("9", 0.2)]);
        let end = token("\n", &[("\n", 0.75), ("0", 0.25)]);
        let found = shares(&[one.clone(), end], 0, &scale).unwrap();
        assert!((found[0] - 0.6).abs() < 1e-12 && (found[9] - 0.2).abs() < 1e-12);
        assert_eq!(shares(&[one], 0, &scale), None);
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
