//! The pieces of tolerant JSON: blanks and comments, bare values. Keys are in `member`,
//! strings in `literal`.
//!
//! Every function looks forward from a place. Where many places could look at
//! the same stretch, the result is kept, so that the whole of a text is read in
//! linear time: the next line end and comment end, the comments that follow one another,
//! the key last looked at, and from where on no quote of a kind closes any more.

use super::keys::Keys;
use super::member::{KeyAt, Lead};
use super::text::{self, QUOTE_KINDS, Sym, glyph, slice};

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
    /// The last run of comments that begins with each kind of comment, and the last that
    /// leads into one of these.
    runs: [Run; 3],
    pub(super) last_key: Option<((usize, Lead), Option<KeyAt>)>,
    /// For each kind of quote, from where on none closes a string.
    pub(super) unclosed_from: [usize; QUOTE_KINDS],
    /// For each kind of quote, from where on there is none that could close a key.
    pub(super) no_quote_from: [usize; QUOTE_KINDS],
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
    /// The run of comments that is known to end there, if there is a comment.
    run: Option<usize>,
}

impl Trivia {
    pub(super) fn has_comment(&self) -> bool {
        self.run.is_some()
    }
}

/// Comments with nothing but blanks between them: many places may lead into them.
#[derive(Default)]
struct Run {
    /// Where each comment ends, and the line ends before that.
    comments: Vec<(usize, usize)>,
    /// Where the blanks after the last end, and the line ends before that.
    end: usize,
    newlines: usize,
    /// Whether a key stands at the end, once it was looked for.
    has_key: Option<bool>,
}

/// The place of a run that leads into another.
const LEADING: usize = 2;

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
            runs: Default::default(),
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
            run: None,
        };
        let mut comments = Vec::new();
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
                    trivia.run.get_or_insert(kind);
                    trivia.end = self.pass_comment(trivia.end, here.sym);
                    if let Some((run, newlines)) = self.run_from(trivia.end) {
                        trivia.end = self.runs[run].end;
                        trivia.newlines += newlines;
                        trivia.run = Some(run);
                        if !comments.is_empty() {
                            self.keep_run(LEADING, comments, trivia);
                        }
                        return trivia;
                    }
                    comments.push((trivia.end, trivia.newlines));
                }
                _ => break,
            }
            self.count(1);
        }
        if let Some(kind) = trivia.run {
            self.keep_run(kind, comments, trivia);
        }
        trivia
    }

    /// The run that a comment which ends at `end` belongs to, and the line ends after it.
    fn run_from(&self, end: usize) -> Option<(usize, usize)> {
        self.runs.iter().enumerate().find_map(|(index, run)| {
            let at = run.comments.binary_search_by_key(&end, |&(end, _)| end);
            let (_, before) = run.comments[at.ok()?];
            Some((index, run.newlines - before))
        })
    }

    fn keep_run(&mut self, run: usize, comments: Vec<(usize, usize)>, trivia: Trivia) {
        self.runs[run] = Run {
            comments,
            end: trivia.end,
            newlines: trivia.newlines,
            has_key: None,
        };
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
        let Some(run) = trivia.run else {
            return self.member_at(trivia.end);
        };
        if let Some(has_key) = self.runs[run].has_key {
            return has_key;
        }
        let has_key = self.member_at(trivia.end);
        self.runs[run].has_key = Some(has_key);
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

    /// Passes over blanks on a line and over line ends.
    pub(super) fn blanks(&mut self, from: usize) -> usize {
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
