//! Keeps a key out of everything that is kept or shown.
//!
//! Some servers repeat the key they were sent, most of all in the error that says
//! it is wrong. Whatever comes back from a server passes through here before it is
//! stored, logged or shown.

use secrecy::{ExposeSecret, SecretString};

/// What stands in a key's place.
const MASK: &[u8] = b"[key]";

/// Shortest key that is looked for in errors: a shorter one (`-`, `x`) is a
/// stand-in for none, and masking it would garble every text.
const SHORTEST: usize = 4;

/// Finds a key in the forms in which a server may send it back: each of its characters as
/// it is, or as URLs, JSON (once or twice) or HTML may write it.
#[derive(Clone, Default)]
pub(super) struct Redactor {
    key: Option<SecretString>,
    /// Whether the key cannot be a word of an answer, so that it may be masked in
    /// successes too.
    distinct: bool,
}

impl Redactor {
    /// For this key, or for none.
    pub(super) fn new(key: Option<&SecretString>) -> Self {
        let key = key.filter(|key| key.expose_secret().len() >= SHORTEST);
        Self {
            distinct: key.is_some_and(|key| is_distinct(key.expose_secret())),
            key: key.cloned(),
        }
    }

    /// The body with the key masked. In the body of a success a key that might be
    /// a plain word (`ollama`, `EMPTY`) is left: it is none, and answers are data.
    pub(super) fn body(&self, body: Vec<u8>, success: bool) -> Vec<u8> {
        if success && !self.distinct {
            return body;
        }
        self.masked(&body).unwrap_or(body)
    }

    /// The text with the key masked.
    pub(super) fn text(&self, text: String) -> String {
        // Whole characters are masked, so what is left is text.
        let masked = self.masked(text.as_bytes());
        masked.map_or(text, |masked| String::from_utf8_lossy(&masked).into_owned())
    }

    /// `None` where the key is not there.
    fn masked(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let key = self.key.as_ref()?.expose_secret().as_bytes();
        let mut masked = Vec::new();
        let mut kept = 0;
        let mut at = 0;
        while at < bytes.len() {
            match length_of(key, &bytes[at..]) {
                Some(length) => {
                    masked.extend_from_slice(&bytes[kept..at]);
                    masked.extend_from_slice(MASK);
                    at += length;
                    kept = at;
                }
                None => at += 1,
            }
        }
        (kept > 0).then(|| {
            masked.extend_from_slice(&bytes[kept..]);
            masked
        })
    }
}

/// How many bytes of the text the key takes, where the text begins with it.
fn length_of(key: &[u8], text: &[u8]) -> Option<usize> {
    let Some((&first, rest)) = key.split_first() else {
        return Some(0);
    };
    let ways = [
        as_it_is(first, text),
        escaped(first, text),
        encoded(first, text),
    ];
    let mut ways = ways.into_iter().flatten();
    ways.find_map(|length| Some(length + length_of(rest, &text[length..])?))
}

fn as_it_is(byte: u8, text: &[u8]) -> Option<usize> {
    (text.first() == Some(&byte)).then_some(1)
}

/// The length of a byte after backslashes, itself or as `uXXXX`.
fn escaped(byte: u8, text: &[u8]) -> Option<usize> {
    let slashes = text.iter().take_while(|byte| **byte == b'\\').count();
    // Where the byte is a backslash, the last one is itself.
    let slashes = if byte == b'\\' && slashes > 1 {
        slashes - 1
    } else {
        slashes
    };
    let rest = text.get(slashes..).filter(|_| slashes > 0)?;
    if rest.first() == Some(&byte) && !byte.is_ascii_alphanumeric() {
        return Some(slashes + 1);
    }
    let digits = rest.strip_prefix(b"u")?.get(..4)?;
    (hexadecimal(digits)? == u32::from(byte)).then_some(slashes + 5)
}

/// The length of a byte as `%XX` or as an HTML entity.
fn encoded(byte: u8, text: &[u8]) -> Option<usize> {
    if let Some(digits) = text.strip_prefix(b"%") {
        return (hexadecimal(digits.get(..2)?)? == u32::from(byte)).then_some(3);
    }
    let end = text.iter().take(10).position(|byte| *byte == b';')?;
    let name = text.get(..end)?.strip_prefix(b"&")?;
    let is_it = match name.strip_prefix(b"#") {
        Some(number) => match number.strip_prefix(b"x").or(number.strip_prefix(b"X")) {
            Some(digits) => hexadecimal(digits)? == u32::from(byte),
            None => std::str::from_utf8(number).ok()?.parse() == Ok(u32::from(byte)),
        },
        None => matches!(
            (name, byte),
            (b"amp", b'&') | (b"lt", b'<') | (b"gt", b'>') | (b"quot", b'"') | (b"apos", b'\'')
        ),
    };
    is_it.then_some(end + 1)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
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
    #[case(r#""sk-a/b\u002Bc=""#, r#""[key]""#)]
    #[case(r#""sk-a\/b\u002bc=""#, r#""[key]""#)]
    #[case(r#""{\"k\":\"sk-a\\u002fb+c=\"}""#, r#""{\"k\":\"[key]\"}""#)]
    #[case(r"\u0073\u006b\u002d\u0061/b+c=", "[key]")]
    #[case("<b>sk-a&#47;b&#x2B;c=</b>", "<b>[key]</b>")]
    #[case("sk-a/b+c sk-a/b+c", "sk-a/b+c sk-a/b+c")]
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

    #[rstest]
    #[case("k&y<1>", "no k&amp;y&lt;1&gt; here", "no [key] here")]
    #[case(r"k\1234", r#""k\\1234""#, r#""[key]""#)]
    #[case("k\"1234", r#""k\"1234""#, r#""[key]""#)]
    fn keys_of_odd_characters_are_masked(
        #[case] key: &str,
        #[case] text: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(redactor(key).text(text.to_owned()), expected);
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
