//! The probability of each option, from the log-probabilities of a reply's tokens.

use super::extract::half_width;
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
/// The place is the token that is the option's code and nothing else, blanks and marks
/// aside, where the option is read: `from` is the reply from there on, as
/// [`from_option`] gives it. Where the tokens do not spell it, the code must stand in one place
/// alone. After a label the code says nothing that was not said. The probability of an option
/// is that of all tokens that are its code, divided by that of all options. Where no code of
/// several digits is one token, `1` may begin `10`: the token that was drawn shares its
/// probability among the codes that begin so, by what stood at the next; for any other nothing
/// says how it would have gone on, and where such tokens have more than 1 in 100 of the
/// probability there are no shares. So it is with the sign of a negative code, which may be a
/// token of its own.
///
/// [`from_option`]: super::extract::from_option
pub fn shares(
    tokens: &[TokenChoice],
    drawn: u16,
    scale: &Scale,
    from: Option<&str>,
) -> Option<Vec<f64>> {
    let code = scale.options().get(usize::from(drawn))?.code.to_string();
    let (at, parts) = place(tokens, &code, from)?;
    let mut shares = vec![0.0; scale.len()];
    let mut add = |text: &str, probability: f64| {
        let position = half_width(plain(text))
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

/// Whether a text may begin a longer code: the sign of a negative one, or a code, which never
/// does where a code of several digits is known to be one token.
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
        let text = &*half_width(text);
        let longer = |code: String| code.len() > text.len() && code.starts_with(text);
        let may_go_on = text == "-" || !are_whole && is_code(text);
        may_go_on && scale.codes().any(|code| longer(code.to_string()))
    }
}

/// The first token of the code where the option is read, and in how many tokens it stands
/// there: one or two.
fn place(tokens: &[TokenChoice], code: &str, from: Option<&str>) -> Option<(usize, usize)> {
    if let Some(first) = from.and_then(|from| token_of(tokens, from)) {
        let says_something = |at: &usize| {
            let text = plain(&tokens[*at].text);
            text.contains(char::is_alphanumeric) || parts(tokens, *at, code).is_some()
        };
        let at = (first..tokens.len()).find(says_something)?;
        return Some((at, parts(tokens, at, code)?));
    }
    let mut places = (0..tokens.len()).filter_map(|at| Some((at, parts(tokens, at, code)?)));
    let place = places.next();
    place.filter(|_| places.next().is_none())
}

/// In how many tokens the code stands that begins with this one, if it does.
fn parts(tokens: &[TokenChoice], at: usize, code: &str) -> Option<usize> {
    let is_digit = |c: char| c.is_ascii_digit();
    let token = &tokens[at].text;
    let before = at.checked_sub(1).map(|before| &tokens[before].text);
    if token.starts_with(is_digit) && before.is_some_and(|before| before.ends_with(is_digit)) {
        return None;
    }
    let next = tokens.get(at + 1).map(|next| next.text.as_str());
    let begun = plain(token);
    if begun == code {
        // A lone `1` is the code 1 only where no digit follows it.
        let goes_on = next.is_some_and(|next| next.starts_with(is_digit));
        return (!goes_on).then_some(1);
    }
    let rest = code.strip_prefix(begun).filter(|_| !begun.is_empty())?;
    (next == Some(rest)).then_some(2)
}

/// The token in which the last part of a reply begins, where the tokens spell it.
fn token_of(tokens: &[TokenChoice], from: &str) -> Option<usize> {
    let pieces: Vec<String> = tokens.iter().map(|token| spelt(&token.text)).collect();
    let at = pieces.concat().rfind(&spelt(from))?;
    let mut end = 0;
    pieces.iter().position(|piece| {
        end += piece.len();
        end > at
    })
}

/// Without blanks, however a vocabulary writes them, and with marks in their usual forms.
fn spelt(text: &str) -> String {
    let is_blank = |c: &char| c.is_whitespace() || is_written_blank(*c);
    half_width(text).chars().filter(|c| !is_blank(c)).collect()
}

/// A token without blanks, quotes and marks of layout.
fn plain(token: &str) -> &str {
    token.trim_matches(|c: char| {
        c.is_whitespace() || is_written_blank(c) || matches!(c, '*' | '"' | '\'' | '(' | ')' | '.')
    })
}

/// Letters that stand for a blank or the end of a line in the tokens of a vocabulary.
fn is_written_blank(c: char) -> bool {
    matches!(c, '▁' | 'Ġ' | 'Ċ')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::answers::extract::from_option;

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
        near(shares(&tokens, 1, &scale, Some("2")), &[0.0, 0.75, 0.25]);
    }

    #[test]
    fn the_sign_of_a_negative_code_says_not_which_it_would_have_been() {
        let scale = Scale::parse("-2 = Strongly oppose | -1 | 0 | 1 | 2 = Strongly support");
        let scale = scale.unwrap();
        let of = |choices: &[(&str, f64)], drawn| {
            let tokens = [token("Answer:", &[("Answer:", 1.0)]), token(" 2", choices)];
            shares(&tokens, drawn, &scale, Some("2"))
        };
        assert_eq!(of(&[(" 2", 0.5), (" -", 0.4), (" 1", 0.1)], 4), None);
        assert_eq!(of(&[(" 2", 0.5), (" \u{2212}", 0.4), (" 1", 0.1)], 4), None);
        near(
            of(&[(" 2", 0.5), (" -2", 0.3), (" \u{2212}1", 0.2)], 4),
            &[0.3, 0.2, 0.0, 0.0, 0.5],
        );
        // Where the sign was drawn, the next token tells.
        let drawn = [
            token(" -", &[(" -", 0.6), (" 1", 0.3), (" 2", 0.1)]),
            token("2", &[("2", 0.75), ("1", 0.25)]),
        ];
        near(
            shares(&drawn, 0, &scale, Some("-2")),
            &[0.45, 0.15, 0.0, 0.3, 0.1],
        );
    }

    /// The shares, of a scale of four, of a reply in which the answer is 3: 0.9 where it
    /// stands, and otherwise elsewhere.
    fn of(pieces: &[&str], text: &str) -> Option<Vec<f64>> {
        let scale = Scale::parse("1 = Very important | 2 = Rather | 3 = Not | 4 = Never").unwrap();
        let tokens: Vec<_> = pieces
            .iter()
            .map(|piece| match piece.strip_prefix('!') {
                Some(piece) => token(piece, &[(piece, 0.9), ("4", 0.1)]),
                None => token(piece, &[("1", 0.1), ("2", 0.6), ("3", 0.3)]),
            })
            .collect();
        let from = from_option(text, &scale);
        shares(&tokens, 2, &scale, from.as_deref())
    }

    #[rstest]
    #[case(&["With", " 3", " children", ", I", " care", ".\n", "Answer", ":", "! 3"])]
    #[case(&["<think>", "Option", " 3", "?", "</think>", "\n", "Answer", ":", "! 3"])]
    #[case(&["Answer", ":", "! 3", "\n\n", "I", " have", " 3", " children", "."])]
    #[case(&["{\"", "reason", "\":", " \"", "3", " of", " us", "\",", "answer", "\":", "!3", "}"])]
    #[case(&["{\"reason\"", ":\"", "answer", "\"", "\",", "\"answer\"", ":", " \"", "!3", "\"}"])]
    #[case(&["We", " are", " 3", ".", " I", " choose", " option", "! 3", "."])]
    #[case(&["Option", "! 3", "\n\n", "All", " 3", " agree", "."])]
    #[case(&["１", "３", " of", " 3", "。\n", "Answer", "：", "!3", "。"])]
    #[case(&["Answer", ":", "!3", "\n", "Answer", ":", " 3"])]
    fn the_shares_are_those_of_the_place_where_the_option_is_read(#[case] pieces: &[&str]) {
        let text: String = pieces
            .iter()
            .map(|piece| piece.trim_start_matches('!'))
            .collect();
        near(of(pieces, &text), &[0.0, 0.0, 0.9, 0.1]);
    }

    #[rstest]
    // A server that gives the tokens of the reasoning, and the text without it.
    #[case(&["Option", " 3", "?", "</think>", "Answer", ":", "! 3"], "Answer: 3")]
    #[case(&["For", " 3", " reasons", ":\n\n", "**", "!3", "**", "<|eot_id|>"], "For 3 reasons:\n\n**3**")]
    // Tokens as a vocabulary spells them.
    #[case(&["With", "Ġ3", "Ġkids", ".", "Ċ", "Answer", ":", "!Ġ3"], "With 3 kids.\nAnswer: 3")]
    #[case(&["▁Answer", ":", "!▁3"], "Answer: 3")]
    // Tokens that do not spell the text, of which one alone is the code.
    #[case(&["\\xe7", "\\xad", ":", "!3"], "Answer: 3 答")]
    fn tokens_that_are_not_quite_the_text_are_placed(#[case] pieces: &[&str], #[case] text: &str) {
        near(of(pieces, text), &[0.0, 0.0, 0.9, 0.1]);
    }

    #[rstest]
    #[case(&["\\xad", "3", ":", "!3", "\\xad"], "3 答 Answer: 3 答")]
    #[case(&["Answer", ":", "Not", "\n", "I", " have", " 3", "."], "Answer: Not\nI have 3.")]
    #[case(&["Not", " (", "3", ")"], "Not (3)")]
    fn a_code_that_is_not_where_the_option_is_read_has_no_shares(
        #[case] pieces: &[&str],
        #[case] text: &str,
    ) {
        assert_eq!(of(pieces, text), None);
    }

    #[test]
    fn a_code_in_two_tokens_shares_its_first_with_its_like() {
        let scale = Scale::parse("1|2|3|4|5|6|7|8|9|10").unwrap();
        let tokens = [
            token("1", &[("1", 0.6), ("9", 0.4)]),
            token("0", &[("0", 0.75), ("\n", 0.25)]),
        ];
        let found = shares(&tokens, 9, &scale, None).unwrap();
        assert!((found[9] - 0.45).abs() < 1e-12);
        assert!((found[0] - 0.15).abs() < 1e-12);
        assert!((found[8] - 0.4).abs() < 1e-12);
    }

    #[test]
    fn a_token_that_may_begin_a_longer_code_is_no_code_yet() {
        let scale = Scale::parse("1|2|3|4|5|6|7|8|9|10").unwrap();
        let seven = |others: &[(&str, f64)]| {
            let all: Vec<_> = [("7", 0.5)].iter().chain(others).copied().collect();
            shares(&[token("7", &all)], 6, &scale, None)
        };
        assert_eq!(seven(&[("1", 0.4), ("8", 0.1)]), None);
        assert!(seven(&[("1", 0.004), ("8", 0.4)]).is_some());
        // Here 10 is one token, so that 1 is 1.
        let found = seven(&[("1", 0.3), ("10", 0.2)]).unwrap();
        assert!((found[0] - 0.3).abs() < 1e-12 && (found[9] - 0.2).abs() < 1e-12);
        let one = token("1", &[("1", 0.8), ("9", 0.2)]);
        let end = token("\n", &[("\n", 0.75), ("0", 0.25)]);
        let found = shares(&[one.clone(), end], 0, &scale, None).unwrap();
        assert!((found[0] - 0.6).abs() < 1e-12 && (found[9] - 0.2).abs() < 1e-12);
        assert_eq!(shares(&[one], 0, &scale, None), None);
    }

    #[test]
    fn too_little_probability_or_no_token_gives_nothing() {
        let scale = Scale::parse("1 | 2").unwrap();
        assert_eq!(
            shares(&[token("2", &[("2", 0.3), ("x", 0.7)])], 1, &scale, None),
            None
        );
        assert_eq!(
            shares(&[token("two", &[("two", 1.0)])], 1, &scale, None),
            None
        );
        assert_eq!(shares(&[token("2", &[])], 1, &scale, None), None);
        assert_eq!(shares(&[], 1, &scale, None), None);
        assert_eq!(shares(&[], 9, &scale, None), None);
    }
}
