//! The key of a member: of a criterion asked, or any other, with the colon after it.

use super::keys::{quote_repairs, separator};
use super::lexer::Lexer;
use super::repair::{Repair, Repairs};
use super::text::{self, Quote, Sym, glyph, slice};

/// A bare key is a short name; more is prose.
pub(super) const BARE_KEY_BYTES: usize = 64;

/// What a key may look like, from what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// An opening brace: a quoted key, or a bare one of several words.
    Brace,
    /// A comma: a quoted key, or a bare word.
    Comma,
    /// No comma: a quoted key, or the bare key of a criterion.
    Nothing,
}

/// What a key that is no criterion's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// `winner`
    Winner,
    /// An explanation: `reasons`, `analysis`, `why`.
    Reasons,
    /// What does not win: `losers`, `rejected`, `runner-up`.
    Losers,
    Other,
}

/// A key with the colon after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyAt {
    /// Index into the criteria asked.
    pub(super) criterion: Option<usize>,
    pub(super) names: Names,
    /// Where the value begins.
    pub(super) value: usize,
    pub(super) repairs: Repairs,
}

impl Lexer<'_> {
    /// The key at `at`, if there is one with a colon after it.
    pub(super) fn key(&mut self, at: usize, lead: Lead) -> Option<KeyAt> {
        if let Some((place, key)) = self.last_key
            && place == (at, lead)
        {
            return key;
        }
        let key = self.look_for_key(at, lead);
        self.last_key = Some(((at, lead), key));
        key
    }

    fn look_for_key(&mut self, at: usize, lead: Lead) -> Option<KeyAt> {
        self.count(1);
        let at = at + symbol_mark(self.text, at);
        if let Some(hit) = self.keys.find_member(self.text, at) {
            return Some(KeyAt {
                criterion: Some(hit.criterion),
                names: if self.keys.is_winner(hit.criterion) {
                    Names::Winner
                } else {
                    Names::Other
                },
                value: hit.value,
                repairs: hit.repairs,
            });
        }
        let here = glyph(self.text, at);
        if let Sym::Quote(quote) = here.sym {
            return self.quoted_key(at + here.len, quote);
        }
        match lead {
            Lead::Brace => self.bare_key(at, true),
            Lead::Comma => self.bare_key(at, false),
            Lead::Nothing => None,
        }
    }

    /// A key in quotes that is no criterion's, from after its opening quote: it
    /// ends with the first quote that can close it.
    fn quoted_key(&mut self, from: usize, quote: Quote) -> Option<KeyAt> {
        if self.no_quote_from[quote.kind()] <= from {
            return None;
        }
        let mut slashes = 0;
        let mut chars = slice(self.text, from, self.text.len()).char_indices();
        let (end, after) = loop {
            let Some((by, c)) = chars.next() else {
                self.count(self.text.len() - from);
                self.no_quote_from[quote.kind()] = from;
                return None;
            };
            if quote.closed_by(c, slashes) {
                break (
                    from + by - slashes.min(quote.level),
                    from + by + c.len_utf8(),
                );
            }
            slashes = if c == '\\' { slashes + 1 } else { 0 };
        };
        self.count(after - from);
        let colon = self.blanks(after);
        let (value, other) = separator(self.text, colon)?;
        let name = slice(self.text, from, end);
        let hit = self.keys.find_escaped(name);
        Some(KeyAt {
            criterion: hit.map(|hit| hit.criterion),
            names: Names::of(name),
            value,
            repairs: hit
                .map_or(Repairs::NONE, |hit| hit.repairs)
                .and(quote_repairs(quote))
                .with_if(other, Repair::OtherSeparator)
                .with_if(glyph(self.text, colon).wide, Repair::FullWidth),
        })
    }

    fn bare_key(&mut self, at: usize, several_words: bool) -> Option<KeyAt> {
        let rest = slice(self.text, at, self.text.len());
        let len = rest
            .char_indices()
            .take_while(|&(by, c)| {
                by < BARE_KEY_BYTES
                    && (c.is_alphanumeric()
                        || matches!(c, '_' | '-' | '.' | '$' | '*' | '\\')
                        || (several_words && c == ' '))
            })
            .last()
            .map(|(by, c)| by + c.len_utf8())?;
        self.count(len);
        let name = slice(rest, 0, len);
        // `analysis -> warm`
        let is_arrow = slice(rest, len, rest.len()).starts_with('>');
        let name = name.strip_suffix('-').filter(|_| is_arrow).unwrap_or(name);
        let len = name.len();
        // A dash is a bullet of YAML.
        if name.starts_with('-') || !name.contains(char::is_alphabetic) {
            return None;
        }
        let colon = self.blanks(at + len);
        let (value, other) = separator(self.text, colon)?;
        Some(KeyAt {
            criterion: None,
            names: Names::of(name),
            value,
            repairs: Repairs::one(Repair::UnquotedKey)
                .with_if(other, Repair::OtherSeparator)
                .with_if(glyph(self.text, colon).wide, Repair::FullWidth),
        })
    }
}

/// Bytes of the colon at `at` that makes a symbol of Ruby of the key after it:
/// `:persona_winner => "A"`.
fn symbol_mark(text: &str, at: usize) -> usize {
    let key = slice(text, at, text.len()).strip_prefix(':');
    let is_symbol = key.is_some_and(|key| key.starts_with(|c: char| c.is_alphabetic() || c == '"'));
    usize::from(is_symbol)
}

/// Whether a key is `winner`, however it is spelled.
pub(super) fn is_winner(key: &str) -> bool {
    key.len() <= 32
        && key
            .chars()
            .filter(|c| c.is_alphanumeric())
            .map(text::fold)
            .eq("winner".chars())
}

impl Names {
    fn of(key: &str) -> Self {
        const REASONS: [&str; 10] = [
            "reason", "explan", "rational", "justif", "analys", "comment", "note", "why",
            "evidence", "thought",
        ];
        const LOSERS: [&str; 4] = ["loser", "losing", "reject", "runnerup"];
        let letters = key.chars().take(32).filter(|c| c.is_alphanumeric());
        let folded: String = letters.map(text::fold).collect();
        let holds = |names: &[&str]| names.iter().any(|name| folded.contains(name));
        if is_winner(key) {
            Self::Winner
        } else if holds(&REASONS) {
            Self::Reasons
        } else if holds(&LOSERS) {
            Self::Losers
        } else {
            Self::Other
        }
    }
}
