//! The pieces of tolerant JSON: blanks and comments, keys, bare values. Strings are in
//! `literal`.
//!
//! Every function looks forward from a place. Where many places could look at
//! the same stretch, the result is kept, so that the whole of a text is read in
//! linear time: the next line end and comment end, the blanks after a comment,
//! the key last looked at, and from where on no quote of a kind closes any more.

use super::keys::{Keys, quote_repairs, separator};
use super::repair::{Repair, Repairs};
use super::text::{self, QUOTE_KINDS, Quote, Sym, glyph, slice};

/// A bare key is a short name; more is prose.
pub(super) const BARE_KEY_BYTES: usize = 64;

/// A comma, dots and blanks before the first key; more is something else.
const STRAY_GLYPHS: usize = 16;

/// Bytes of a string before the first key; a longer one is something else.
const STRAY_BYTES: usize = 400;

pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    pub(super) keys: &'t Keys,
    line_end: Ahead,
    brace: Ahead,
    comment_end: Ahead,
    /// What follows the first comment, for each kind of comment.
    after_comment: [Option<AfterComment>; 2],
    last_key: Option<((usize, Lead), Option<KeyAt>)>,
    /// For each kind of quote, from where on none closes a string.
    pub(super) unclosed_from: [usize; QUOTE_KINDS],
    /// For each kind of quote, from where on there is none that could close a key.
    no_quote_from: [usize; QUOTE_KINDS],
    /// Bytes looked at, for the tests that hold the time linear.
    #[cfg(test)]
    pub(super) work: usize,
}

/// The next place of something, kept for all places before it.
#[derive(Default)]
struct Ahead {
    known: bool,
    from: usize,
    at: usize,
}

/// Blanks and comments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trivia {
    /// Where they end.
    pub(super) end: usize,
    /// Line ends among them.
    pub(super) newlines: usize,
    /// The first comment, if any: its kind and its end.
    first_comment: Option<(usize, usize)>,
}

impl Trivia {
    pub(super) fn has_comment(&self) -> bool {
        self.first_comment.is_some()
    }
}

/// What was found after a comment: many places may lead to the same one.
#[derive(Clone, Copy)]
struct AfterComment {
    comment_end: usize,
    end: usize,
    newlines: usize,
    /// Whether a key stands at the end, once it was looked for.
    has_key: Option<bool>,
}

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

/// A value without quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bare {
    pub(super) from: usize,
    /// Where it ends; reading goes on there.
    pub(super) to: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, keys: &'t Keys) -> Self {
        Self {
            text,
            keys,
            line_end: Ahead::default(),
            brace: Ahead::default(),
            comment_end: Ahead::default(),
            after_comment: [None; 2],
            last_key: None,
            unclosed_from: [usize::MAX; QUOTE_KINDS],
            no_quote_from: [usize::MAX; QUOTE_KINDS],
            #[cfg(test)]
            work: 0,
        }
    }

    #[cfg(test)]
    pub(super) fn count(&mut self, bytes: usize) {
        self.work += bytes;
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "counts in the tests only")]
    pub(super) fn count(&mut self, _bytes: usize) {}

    /// The end of the line that `at` is in, or of the text.
    pub(super) fn line_end(&mut self, at: usize) -> usize {
        let text = self.text;
        let fresh = self.line_end.next(
            at,
            |at| text.get(at..)?.find('\n').map(|by| at + by),
            text.len(),
        );
        self.count(fresh.1);
        fresh.0
    }

    /// The next closing brace from `at` on.
    pub(super) fn next_brace(&mut self, at: usize) -> Option<usize> {
        let text = self.text;
        let (at, work) = self.brace.next(
            at,
            |at| text.get(at..)?.find('}').map(|by| at + by),
            text.len(),
        );
        self.count(work);
        (at < text.len()).then_some(at)
    }

    /// Passes over blanks and comments.
    pub(super) fn trivia(&mut self, from: usize) -> Trivia {
        let mut trivia = Trivia {
            end: from,
            newlines: 0,
            first_comment: None,
        };
        loop {
            let here = glyph(self.text, trivia.end);
            match here.sym {
                Sym::Space => trivia.end += here.len,
                Sym::Newline => {
                    trivia.newlines += 1;
                    trivia.end += here.len;
                }
                Sym::LineComment | Sym::BlockComment => {
                    let kind = usize::from(here.sym == Sym::BlockComment);
                    trivia.end = self.pass_comment(trivia.end, here.sym);
                    if trivia.first_comment.is_none() {
                        trivia.first_comment = Some((kind, trivia.end));
                        if let Some(known) = self.known_after(kind, trivia.end) {
                            trivia.end = known.end;
                            trivia.newlines += known.newlines;
                            return trivia;
                        }
                    }
                }
                _ => break,
            }
            self.count(1);
        }
        if let Some((kind, comment_end)) = trivia.first_comment {
            self.after_comment[kind] = Some(AfterComment {
                comment_end,
                end: trivia.end,
                newlines: trivia.newlines,
                has_key: None,
            });
        }
        trivia
    }

    fn known_after(&self, kind: usize, comment_end: usize) -> Option<AfterComment> {
        self.after_comment[kind].filter(|known| known.comment_end == comment_end)
    }

    fn pass_comment(&mut self, at: usize, sym: Sym) -> usize {
        if sym == Sym::BlockComment {
            let text = self.text;
            let (end, work) = self.comment_end.next(
                at + 2,
                |at| text.get(at..)?.find("*/").map(|by| at + by),
                text.len(),
            );
            self.count(work);
            if end < text.len() {
                return end + 2;
            }
        }
        self.line_end(at)
    }

    /// Whether an object begins with the brace of `len` bytes at `at`: a key must
    /// follow, so that `{A} is better` is none.
    pub(super) fn object_at(&mut self, at: usize, len: usize) -> bool {
        let trivia = self.trivia(at + len);
        let Some((kind, comment_end)) = trivia.first_comment else {
            return self.member_at(trivia.end);
        };
        let known = self.known_after(kind, comment_end);
        if let Some(has_key) = known.and_then(|known| known.has_key) {
            return has_key;
        }
        let has_key = self.member_at(trivia.end);
        if let Some(known) = &mut self.after_comment[kind]
            && known.comment_end == comment_end
        {
            known.has_key = Some(has_key);
        }
        has_key
    }

    /// Where the object ends that begins with the brace of `len` bytes at `at`, if
    /// nothing stands in it.
    pub(super) fn empty_object_end(&mut self, at: usize, len: usize) -> Option<usize> {
        let inside = self.trivia(at + len).end;
        let here = glyph(self.text, inside);
        (here.sym == Sym::CloseObject).then_some(inside + here.len)
    }

    /// Whether the first member of an object stands here: a key with its colon, or a
    /// criterion's key that lacks it. A comma or dots may stand before it.
    fn member_at(&mut self, at: usize) -> bool {
        let mut at = at;
        for _ in 0..STRAY_GLYPHS {
            let here = glyph(self.text, at);
            let is_stray = matches!(here.sym, Sym::Space | Sym::Newline | Sym::Comma);
            if !is_stray && !text::is_dots(self.text, at) {
                break;
            }
            at += here.len;
        }
        self.key(at, Lead::Brace).is_some()
            || self.keys.names(self.text, at)
            || self.key_after_string(at)
    }

    /// Whether a string stands at `at` that is no member, and a criterion's key after it
    /// and a comma: `{"A is warm.", "persona_winner": "A"}`.
    fn key_after_string(&mut self, at: usize) -> bool {
        let here = glyph(self.text, at);
        let Sym::Quote(quote) = here.sym else {
            return false;
        };
        let from = at + here.len;
        let to = self.text.floor_char_boundary(from + STRAY_BYTES);
        // Another brace ends the search, so that no stretch is searched twice.
        let near = slice(self.text, from, to);
        let near = near.split(['{', '\n']).next().unwrap_or("");
        self.count(near.len());
        let mut ends = near.match_indices(|c| quote.closed_by(c, quote.level));
        let Some((by, mark)) = ends.next() else {
            return false;
        };
        let comma = self.blanks(from + by + mark.len());
        if glyph(self.text, comma).sym != Sym::Comma {
            return false;
        }
        let key = self.blanks(comma + glyph(self.text, comma).len);
        self.keys.find_member(self.text, key).is_some()
    }

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

    /// Passes over blanks on a line and over line ends.
    fn blanks(&mut self, from: usize) -> usize {
        let mut at = from;
        loop {
            let here = glyph(self.text, at);
            if !matches!(here.sym, Sym::Space | Sym::Newline) {
                return at;
            }
            self.count(1);
            at += here.len;
        }
    }

    /// The bare value at `from`. A comma belongs to it unless a key, a closing
    /// brace or the end of the line follows, or it stands in a list.
    pub(super) fn bare(&mut self, from: usize, list: bool) -> Bare {
        let mut at = from;
        let mut braces = 0_usize;
        let mut after_space = false;
        loop {
            let here = glyph(self.text, at);
            let ends = match here.sym {
                Sym::Comma => list || self.member_ends(at + here.len),
                Sym::CloseList => list || braces == 0,
                Sym::CloseObject if braces > 0 => {
                    braces -= 1;
                    false
                }
                Sym::End | Sym::Newline | Sym::CloseObject => true,
                Sym::OpenObject => {
                    braces += 1;
                    self.object_at(at, here.len)
                }
                Sym::LineComment | Sym::BlockComment => after_space,
                Sym::Other | Sym::Quote(_) if after_space => {
                    self.keys.find(self.text, at).is_some()
                }
                _ => false,
            };
            if ends {
                return Bare { from, to: at };
            }
            self.count(1);
            after_space = here.sym == Sym::Space;
            at += here.len;
        }
    }

    /// Whether a comma before `at` ends a member.
    fn member_ends(&mut self, at: usize) -> bool {
        let mut next = at;
        while glyph(self.text, next).sym == Sym::Space {
            self.count(1);
            next += glyph(self.text, next).len;
        }
        match glyph(self.text, next).sym {
            Sym::End
            | Sym::Newline
            | Sym::CloseObject
            | Sym::CloseList
            | Sym::OpenObject
            | Sym::LineComment
            | Sym::BlockComment => true,
            _ => self.key(next, Lead::Comma).is_some(),
        }
    }
}

/// Bytes of the colon at `at` that makes a symbol of Ruby of the key after it:
/// `:persona_winner => "A"`.
fn symbol_mark(text: &str, at: usize) -> usize {
    let key = slice(text, at, text.len()).strip_prefix(':');
    let is_symbol = key.is_some_and(|key| key.starts_with(|c: char| c.is_alphabetic() || c == '"'));
    usize::from(is_symbol)
}

impl Ahead {
    /// The place found from `at` on, or `none`, and the bytes that were searched.
    fn next(
        &mut self,
        at: usize,
        find: impl FnOnce(usize) -> Option<usize>,
        none: usize,
    ) -> (usize, usize) {
        if self.known && self.from <= at && at <= self.at {
            return (self.at, 0);
        }
        *self = Self {
            known: true,
            from: at,
            at: find(at).unwrap_or(none),
        };
        (self.at, self.at - at.min(self.at))
    }
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
