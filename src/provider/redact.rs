//! Keeps a key out of everything that is kept or shown.
//!
//! Some servers repeat the key they were sent, most of all in the error that says
//! it is wrong. Whatever comes back from a server passes through here before it is
//! stored, logged or shown.

use std::fmt::Write;

use secrecy::{ExposeSecret, SecretString};

/// What stands in a key's place.
const MASK: &str = "[key]";

/// Shortest key that is looked for in errors: a shorter one (`-`, `x`) is a
/// stand-in for none, and masking it would garble every text.
const SHORTEST: usize = 4;

/// Finds a key in the forms in which a server may send it back.
#[derive(Clone, Default)]
pub(super) struct Redactor {
    /// The key as it is, percent-encoded, and as JSON escapes it; longest first.
    forms: Vec<SecretString>,
    /// Whether the key cannot be a word of an answer, so that it may be masked in
    /// successes too.
    distinct: bool,
}

impl Redactor {
    /// For this key, or for none.
    pub(super) fn new(key: Option<&SecretString>) -> Self {
        let Some(key) = key.map(ExposeSecret::expose_secret) else {
            return Self::default();
        };
        if key.len() < SHORTEST {
            return Self::default();
        }
        let mut forms = vec![key.to_owned()];
        for upper in [true, false] {
            forms.push(escaped(key, is_unreserved, |out, byte| {
                if upper {
                    write!(out, "%{byte:02X}")
                } else {
                    write!(out, "%{byte:02x}")
                }
            }));
            forms.push(escaped(
                key,
                |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'),
                |out, byte| {
                    if upper {
                        write!(out, "\\u{byte:04X}")
                    } else {
                        write!(out, "\\u{byte:04x}")
                    }
                },
            ));
        }
        forms.push(escaped(
            key,
            |byte| !matches!(byte, b'/' | b'"' | b'\\'),
            |out, byte| write!(out, "\\{}", char::from(byte)),
        ));
        forms.push(escaped(
            key,
            |byte| !matches!(byte, b'"' | b'\\'),
            |out, byte| write!(out, "\\{}", char::from(byte)),
        ));
        forms.sort_unstable();
        forms.dedup();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        Self {
            forms: forms.into_iter().map(SecretString::from).collect(),
            distinct: is_distinct(key),
        }
    }

    /// The body with the key masked. In the body of a success a key that might be
    /// a plain word (`ollama`, `EMPTY`) is left: it is none, and answers are data.
    pub(super) fn body(&self, body: Vec<u8>, success: bool) -> Vec<u8> {
        if self.forms.is_empty() || (success && !self.distinct) {
            return body;
        }
        match String::from_utf8(body) {
            Ok(text) => self.text(text).into_bytes(),
            Err(error) => self.bytes(error.into_bytes()),
        }
    }

    /// The text with the key masked.
    pub(super) fn text(&self, mut text: String) -> String {
        for form in self.forms.iter().map(ExposeSecret::expose_secret) {
            if text.contains(form) {
                text = text.replace(form, MASK);
            }
        }
        text
    }

    /// Bytes that are no text, with the key masked.
    fn bytes(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for form in self
            .forms
            .iter()
            .map(|form| form.expose_secret().as_bytes())
        {
            let mut masked = Vec::new();
            let mut rest = bytes.as_slice();
            while let Some(at) = rest.windows(form.len()).position(|window| window == form) {
                masked.extend_from_slice(&rest[..at]);
                masked.extend_from_slice(MASK.as_bytes());
                rest = &rest[at + form.len()..];
            }
            if rest.len() < bytes.len() {
                masked.extend_from_slice(rest);
                bytes = masked;
            }
        }
        bytes
    }
}

/// The key with every byte escaped that is not `plain`.
fn escaped(
    key: &str,
    plain: impl Fn(u8) -> bool,
    escape: impl Fn(&mut String, u8) -> std::fmt::Result,
) -> String {
    let mut out = String::new();
    for byte in key.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = escape(&mut out, byte);
        }
    }
    out
}

/// Characters that stand for themselves in a URL (RFC 3986, 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Whether a key is surely no word: it is long, or it is not of letters alone.
fn is_distinct(key: &str) -> bool {
    key.len() >= 16 || (key.len() >= 6 && !key.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn redactor(key: &str) -> Redactor {
        Redactor::new(Some(&SecretString::from(key)))
    }

    #[rstest]
    #[case("wrong key sk-a/b+c=", "wrong key [key]")]
    #[case("Bearer sk-a/b+c= twice sk-a/b+c=", "Bearer [key] twice [key]")]
    #[case("?key=sk-a%2Fb%2Bc%3D&x", "?key=[key]&x")]
    #[case("?key=sk-a%2fb%2bc%3d&x", "?key=[key]&x")]
    #[case(r#""sk-a\/b+c=""#, r#""[key]""#)]
    #[case(r#""sk-a\u002Fb\u002Bc\u003D""#, r#""[key]""#)]
    #[case(r#""sk-a\u002fb\u002bc\u003d""#, r#""[key]""#)]
    #[case("nothing here", "nothing here")]
    fn every_form_of_the_key_is_masked(#[case] text: &str, #[case] expected: &str) {
        let redactor = redactor("sk-a/b+c=");
        assert_eq!(redactor.text(text.to_owned()), expected);
        assert_eq!(
            redactor.body(text.as_bytes().to_vec(), true),
            expected.as_bytes()
        );
        let mut broken = text.as_bytes().to_vec();
        broken.push(0xff);
        let mut masked = expected.as_bytes().to_vec();
        masked.push(0xff);
        assert_eq!(redactor.body(broken, false), masked);
    }

    #[test]
    fn a_key_that_is_a_word_is_masked_in_errors_only() {
        let redactor = redactor("ollama");
        assert_eq!(redactor.body(b"my ollama".to_vec(), true), b"my ollama");
        assert_eq!(redactor.body(b"my ollama".to_vec(), false), b"my [key]");
    }

    #[test]
    fn a_stand_in_for_no_key_is_not_looked_for() {
        let redactor = redactor("x");
        assert_eq!(redactor.body(b"xxx".to_vec(), false), b"xxx");
    }

    #[test]
    fn without_a_key_nothing_changes() {
        let redactor = Redactor::new(None);
        assert_eq!(redactor.body(b"text".to_vec(), false), b"text");
    }
}
