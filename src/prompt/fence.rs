//! The fence around an answer in a judge's prompt.
//!
//! A fence carries a token derived from the whole call, both answers included, so
//! that no answer can hold the token of the prompt it ends up in: nothing an
//! answer says can close its own fence or open another. The token is the same
//! whenever the same call is made, so runs repeat.

use std::borrow::Cow;
use std::fmt;

/// Hexadecimal digits of a token.
const TOKEN_LEN: usize = 16;

/// What opens every fence line.
const OPEN: &str = "<<<";

/// What closes every fence line.
const CLOSE: &str = ">>>";

/// The line of a prompt that names the token ahead of the answers.
const TOKEN_LINE: &str = "Fence token: ";

/// A fence's token: 16 lower-case hexadecimal digits that stand in neither answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The token of one call: from what tells the call from others (persona, question,
/// order, sample, repeat, criteria, …) and from the answers that it will fence.
///
/// 64 bits of BLAKE3 under a domain of their own. Should they stand in an answer,
/// which only chance can bring about, the next number of a counter is hashed in.
pub fn token<P: AsRef<[u8]>>(call: impl IntoIterator<Item = P>, answers: [&str; 2]) -> Token {
    let mut hasher = blake3::Hasher::new_derive_key("oyer 2026 fence of a judge's prompt");
    for part in call {
        feed(&mut hasher, part.as_ref());
    }
    // The answers stand apart from a call whose parts happen to end alike.
    feed(&mut hasher, b"answers");
    for answer in answers {
        feed(&mut hasher, answer.as_bytes());
    }
    for counter in 0_u64.. {
        let mut hasher = hasher.clone();
        hasher.update(&counter.to_le_bytes());
        let digits = &hasher.finalize().to_hex()[..TOKEN_LEN];
        if !answers.iter().any(|answer| answer.contains(digits)) {
            return Token(digits.to_owned());
        }
    }
    unreachable!("an answer is finite, so some token is not in it")
}

/// Adds a part with its length before it, so that no two lists of parts are alike.
fn feed(hasher: &mut blake3::Hasher, part: &[u8]) {
    hasher.update(&(part.len() as u64).to_le_bytes());
    hasher.update(part);
}

/// An answer in its fence:
///
/// ```text
/// <<<answer A 5f2c91ab04d7e3c1>>>
/// the answer
/// <<<end answer A 5f2c91ab04d7e3c1>>>
/// ```
///
/// The text stands in it as it is, but for NUL, which becomes U+FFFD: a server
/// that takes a prompt for a C string would end it there and lose the fence's end
/// and the other answer.
pub fn fenced(label: &str, token: &Token, text: &str) -> String {
    let text = if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    };
    format!("{OPEN}answer {label} {token}{CLOSE}\n{text}\n{OPEN}end answer {label} {token}{CLOSE}")
}

/// An answer found in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fenced<'a> {
    /// How the prompt calls it.
    pub label: &'a str,
    /// What stands in the fence.
    pub text: &'a str,
}

/// The two fenced answers of a judge's prompt, in the order in which they stand.
///
/// The token is one that the prompt names in a line `Fence token: …`, else that of
/// its first fence; either stands before the answers, so whatever they hold, even
/// whole fences with other tokens, is only text.
pub fn find(prompt: &str) -> Option<[Fenced<'_>; 2]> {
    let named = prompt
        .lines()
        .filter_map(|line| line.trim().strip_prefix(TOKEN_LINE))
        .filter(|token| is_token(token));
    let of_first_fence = prompt.lines().find_map(|line| Some(opening(line)?.1));
    named
        .chain(of_first_fence)
        .find_map(|token| pair(prompt, token))
}

/// The two answers in fences with this token.
fn pair<'a>(prompt: &'a str, token: &str) -> Option<[Fenced<'a>; 2]> {
    let (first, rest) = next_fence(prompt, token)?;
    let (second, _) = next_fence(rest, token)?;
    Some([first, second])
}

/// The next answer in a fence with this token, and what follows it.
fn next_fence<'a>(prompt: &'a str, token: &str) -> Option<(Fenced<'a>, &'a str)> {
    let mut rest = prompt;
    loop {
        let (line, after) = rest.split_once('\n')?;
        rest = after;
        let Some((label, found)) = opening(line) else {
            continue;
        };
        if found != token {
            continue;
        }
        let end = format!("\n{OPEN}end answer {label} {token}{CLOSE}");
        let (text, rest) = rest.split_once(&end)?;
        return Some((Fenced { label, text }, rest));
    }
}

/// Label and token of a line that opens a fence.
fn opening(line: &str) -> Option<(&str, &str)> {
    let inside = line.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    let (label, token) = inside.strip_prefix("answer ")?.rsplit_once(' ')?;
    is_token(token).then_some((label, token))
}

fn is_token(text: &str) -> bool {
    text.len() == TOKEN_LEN && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
