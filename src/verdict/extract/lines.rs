//! Keys on lines of their own: `persona_winner: A`.
//!
//! The key of a criterion that was asked must begin the line, after bullets,
//! numbers, markup, a bracket or the mark of a block quotation, and a colon, an equals sign, an arrow
//! or a dash must follow. Lines of tables (`|`) and of tags (`<`) are none. Further pairs
//! may follow on the line, after a comma, a bar, a line break of HTML or a blank. Where
//! the rest of the line is empty, a label that stands alone on the next line that is not
//! is the value, and below a heading (`### Persona Winner`) no colon is needed. Lines that
//! follow one another count as one object.

use super::answers::without_remark;
use super::findings::{Kind, Node, Place, Said, Written};
use super::keys::KeyHit;
use super::label::{Unread, is_decoration};
use super::member::is_winner;
use super::repair::{Repair, Repairs};
use super::scan::{LastBlock, Scanner};
use super::text::{self, Family, Sym, glyph, slice};
use super::values::offers_another;

/// Bullets and the like before a key; more is no key line.
const MARKS: usize = 8;

/// Lines of a block of YAML among which its `winner` is looked for.
const YAML_LINES: usize = 4;

impl Scanner<'_> {
    /// Reads the line at `at` if a key begins it, and says where scanning goes on.
    pub(super) fn key_line(&mut self, at: usize) -> Option<usize> {
        let start = self.line_key_start(at);
        let end = self.lexer.line_end(start);
        let hit = match self.lexer.keys.find(self.lexer.text, start) {
            Some(hit) => hit,
            None => self.heading(at, start, end)?,
        };
        let block = self.block_for(at, end, hit.criterion);
        let value = self.value_start(hit.value);
        let here = glyph(self.lexer.text, value);
        if here.sym == Sym::OpenObject && self.lexer.object_at(value, here.len) {
            let line = self.push_line_node(block, start, value, hit.repairs);
            self.push_line(line, hit.criterion);
            self.pos = value;
            self.push_object(here, true);
            return Some(self.pos);
        }
        self.read_pairs(block, start, hit, end);
        Some(hit.value)
    }

    /// The key that is all there is of the heading on this line, if a label stands alone
    /// below it.
    fn heading(&mut self, at: usize, start: usize, end: usize) -> Option<KeyHit> {
        let marks = slice(self.lexer.text, at, start);
        if !marks.contains('#') && !marks.ends_with("**") {
            return None;
        }
        let hit = self.lexer.keys.find_alone(self.lexer.text, start, end)?;
        self.label_below(end).map(|_| hit)
    }

    /// Reads the pairs from a first one up to the end of the line.
    fn read_pairs(&mut self, block: usize, start: usize, first: KeyHit, end: usize) {
        let mut start = start;
        let mut hit = first;
        loop {
            let (mut to, next) = self.pair_end(hit.value, end);
            let (mut value, mut quoted) = clean(slice(self.lexer.text, hit.value, to));
            // What opens a block of YAML.
            let opens_block = matches!(value, "|-" | "|+" | ">-" | ">+");
            if (opens_block || value.trim_matches(is_decoration).is_empty())
                && next.is_none()
                && to == end
                && let Some((from, below, repairs)) = self.value_below(end)
            {
                hit.repairs = hit.repairs.and(repairs);
                (value, quoted) = clean(slice(self.lexer.text, from, below));
                to = below;
                self.extend_block(below);
            }
            let after = glyph(self.lexer.text, to).sym;
            let comment = to < end && matches!(after, Sym::LineComment | Sym::BlockComment);
            let ends_in_token =
                before_end_token(slice(self.lexer.text, hit.value, to).trim()).is_some();
            let repairs = hit
                .repairs
                .with_if(comment, Repair::Comment)
                .with_if(ends_in_token, Repair::LabelDecoration);
            let node = self.push_line_node(block, start, to, repairs);
            let is_cut = to == self.lexer.text.len() && opens_quote(value);
            let said = if is_cut {
                Err(Unread::Cut)
            } else if quoted && value.contains('\\') {
                self.labels.read_escaped(value, &text::unescape(value))
            } else if quoted {
                self.labels.read(value, true)
            } else {
                self.read_bare(value)
            };
            let said = if next.is_none() && self.is_offered_below(end) {
                Err(Unread::TwoLabels)
            } else {
                said
            };
            let said = Said::from(said);
            self.found
                .say(node, hit.criterion, said, Written::default());
            let Some((place, further)) = next else {
                return;
            };
            start = place;
            hit = further;
        }
    }

    /// Whether the line below the one that ends at `end` offers another label: `or B`.
    fn is_offered_below(&mut self, end: usize) -> bool {
        let Some((from, to)) = self.line_below(end) else {
            return false;
        };
        let line = slice(self.lexer.text, from, to);
        let label = line.strip_prefix("or ");
        label.is_some_and(|label| self.is_label((to - label.len(), to)))
    }

    /// Where the value of a line that has none stands below it, as a label alone or as the
    /// `winner` of a block of YAML, and what that asks for.
    fn value_below(&mut self, end: usize) -> Option<(usize, usize, Repairs)> {
        if let Some((from, to)) = self.label_below(end) {
            return Some((from, to, Repairs::NONE));
        }
        let text = self.lexer.text;
        let mut above = end;
        for _ in 0..YAML_LINES {
            let (from, to) = self.line_below(above)?;
            let (key, value) = slice(text, from, to).split_once(':')?;
            let is_indented = from > above + 1;
            if !is_indented || self.lexer.keys.find(text, from).is_some() {
                return None;
            }
            if is_winner(key) {
                let how = Repairs::one(Repair::WinnerObject);
                return Some((to - value.len(), to, how));
            }
            above = to;
        }
        None
    }

    /// Where a label stands alone on the line below the one that ends at `end`, or
    /// below one blank line. Where another follows on the next line, they are a list of
    /// what may be said.
    fn label_below(&mut self, end: usize) -> Option<(usize, usize)> {
        let mut line = self.line_below(end)?;
        if slice(self.lexer.text, line.0, line.1).trim().is_empty() {
            line = self.line_below(line.1)?;
        }
        let next = self.line_below(line.1);
        let is_list = next.is_some_and(|next| self.is_label(next));
        (self.is_label(line) && !is_list).then_some(line)
    }

    /// The line below the one that ends at `end`, after a bullet.
    fn line_below(&mut self, end: usize) -> Option<(usize, usize)> {
        let from = end + 1;
        let text = self.lexer.text;
        let to = (from < text.len()).then(|| self.lexer.line_end(from))?;
        let line = slice(text, from, to).trim_start();
        let line = line.strip_prefix("- ").unwrap_or(line);
        Some((to - line.len(), to))
    }

    fn is_label(&self, (from, to): (usize, usize)) -> bool {
        let (line, _) = clean(slice(self.lexer.text, from, to));
        self.labels.stands_alone(line)
    }

    /// Where the value from `from` ends, and the pair after it on the line.
    fn pair_end(&mut self, from: usize, end: usize) -> (usize, Option<(usize, KeyHit)>) {
        let mut at = from;
        let mut after_space = true;
        let mut after_quote = false;
        while at < end {
            let here = glyph(self.lexer.text, at);
            self.lexer.count(1);
            match here.sym {
                Sym::Comma => {
                    let next = self.value_start(at + here.len);
                    if let Some(hit) = self.lexer.keys.find(self.lexer.text, next) {
                        return (at, Some((next, hit)));
                    }
                }
                Sym::Other if pair_mark(self.lexer.text, at) > 0 => {
                    let next = self.value_start(at + pair_mark(self.lexer.text, at));
                    if let Some(hit) = self.lexer.keys.find(self.lexer.text, next) {
                        return (at, Some((next, hit)));
                    }
                }
                Sym::Other | Sym::Quote(_) if after_space && at > from => {
                    if let Some(hit) = self.lexer.keys.find(self.lexer.text, at) {
                        return (at, Some((at, hit)));
                    }
                }
                Sym::OpenObject if !after_quote && self.lexer.object_at(at, here.len) => {
                    return (at, None);
                }
                Sym::LineComment | Sym::BlockComment
                    if after_space
                        && at > from
                        && !offers_another(slice(self.lexer.text, at, end)) =>
                {
                    return (at, None);
                }
                _ => {}
            }
            after_space = here.sym == Sym::Space;
            after_quote = matches!(here.sym, Sym::Quote(_));
            at += here.len.max(1);
        }
        (end, None)
    }

    /// The first place after blanks.
    fn value_start(&mut self, from: usize) -> usize {
        let mut at = from;
        while glyph(self.lexer.text, at).sym == Sym::Space {
            self.lexer.count(1);
            at += glyph(self.lexer.text, at).len;
        }
        at
    }

    /// Where a key could begin on the line at `at`, after bullets and numbers.
    fn line_key_start(&mut self, at: usize) -> usize {
        let mut at = at;
        for _ in 0..MARKS {
            at = self.value_start(at);
            let rest = slice(self.lexer.text, at, self.lexer.text.len());
            let number = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
            let keycap = keycap_len(slice(rest, number, rest.len()));
            let numbered = matches!(rest.as_bytes().get(number), Some(b'.' | b')'));
            match rest.chars().next() {
                Some(_) if number > 0 && numbered => at += number + 1,
                Some(_) if number > 0 && keycap > 0 => at += number + keycap,
                Some('[') if is_box(rest) => at += 3,
                // `[persona_winner: A]`
                Some('[') if self.lexer.keys.find(self.lexer.text, at + 1).is_some() => at += 1,
                // `a)` and the like.
                Some(c) if c.is_ascii_alphabetic() && rest.as_bytes().get(1) == Some(&b')') => {
                    at += 2;
                }
                Some('=' | '-') if rest.as_bytes().get(1) == Some(&b'>') => at += 2,
                Some(c) if is_bullet(c) => at += c.len_utf8(),
                _ => break,
            }
        }
        at
    }

    /// The block that a key line at `at` belongs to, which then goes to `end`. Where a
    /// blank line stands before it and it is of the criterion that a block began with, it
    /// begins another.
    fn block_for(&mut self, at: usize, end: usize, criterion: usize) -> usize {
        let goes_on = self.block.filter(|block| {
            let between = slice(self.lexer.text, block.end, at);
            let is_apart = between.bytes().filter(|byte| *byte == b'\n').count() > 1;
            between.trim().is_empty() && !(is_apart && block.first == criterion)
        });
        let (node, first) = if let Some(block) = goes_on {
            (block.node, block.first)
        } else {
            let node = self.line_node(Kind::Block, self.outer, (at, end), Repairs::NONE);
            self.found.nodes.push(node);
            (self.found.nodes.len() - 1, criterion)
        };
        self.block = Some(LastBlock { node, first, end });
        self.extend_block(end);
        node
    }

    /// The block of the last key line goes on to `end`.
    fn extend_block(&mut self, end: usize) {
        let Some(last) = &mut self.block else {
            return;
        };
        last.end = end;
        if let Some(block) = self.found.nodes.get_mut(last.node) {
            block.end = block.end.max(end);
        }
    }

    /// The object that was a key line's value has ended here.
    pub(super) fn end_line_object(&mut self) {
        if let Some(last) = self.block {
            self.extend_block(last.end.max(self.pos));
        }
    }

    fn push_line_node(&mut self, block: usize, start: usize, end: usize, key: Repairs) -> usize {
        // On a line of its own, a key needs no quotes.
        let repairs = key.without(Repair::UnquotedKey).with(Repair::KeyLines);
        let node = self.line_node(Kind::Line, Some(block), (start, end), repairs);
        if let Some(block) = self.found.nodes.get_mut(block) {
            let line = without_remark(slice(self.lexer.text, start, end));
            block.last.end = start + line.len();
        }
        self.found.nodes.push(node);
        self.found.nodes.len() - 1
    }

    fn line_node(
        &self,
        kind: Kind,
        parent: Option<usize>,
        (start, end): (usize, usize),
        repairs: Repairs,
    ) -> Node {
        Node {
            kind,
            parent,
            place: match self.outer {
                Some(_) if kind == Kind::Block && self.among_reasons => Place::Reasons,
                Some(_) if kind == Kind::Block => Place::String,
                _ => Place::Member,
            },
            text: self.text_id,
            start,
            end,
            repairs,
            own: Vec::new(),
            written: Vec::new(),
            last: Written::default(),
        }
    }
}

/// Bytes of a bar or a line break of HTML at `at`, after which another pair may stand.
fn pair_mark(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or(&[]);
    [&b"|"[..], b"<br>", b"<br/>", b"<br />"]
        .iter()
        .find(|mark| rest.starts_with(mark))
        .map_or(0, |mark| mark.len())
}

/// Bytes of the marks that make a keycap of the digit before them: `1️⃣`.
fn keycap_len(rest: &str) -> usize {
    ["\u{fe0f}\u{20e3}", "\u{20e3}"]
        .iter()
        .find(|marks| rest.starts_with(**marks))
        .map_or(0, |marks| marks.len())
}

/// Whether a box of a list of tasks stands here: `[x]`.
fn is_box(rest: &str) -> bool {
    ["[ ]", "[x]", "[X]"].iter().any(|it| rest.starts_with(it))
}

/// A mark before a key: bullets, headings, ticks. Not what opens a table's row, a
/// tag, an object or a list.
fn is_bullet(c: char) -> bool {
    (!c.is_alphanumeric() || matches!(c, '①'..='⑳'))
        && !c.is_control()
        && !matches!(
            text::narrow(c),
            '|' | '<' | '>' | '{' | '}' | '[' | ']' | '\\'
        )
        && Family::of(c).is_none()
}

/// What stands before a line break in HTML, or before what ends a model's text: `A</s>`,
/// `A<|im_end|>`.
pub(super) fn before_end_token(value: &str) -> Option<&str> {
    const TOKENS: [&str; 6] = ["br", "br/", "br /", "/s", "/p", "end_of_turn"];
    let (before, token) = value.strip_suffix('>')?.rsplit_once('<')?;
    let is_special = token.len() > 2 && token.starts_with('|') && token.ends_with('|');
    (is_special || TOKENS.contains(&token)).then(|| before.trim_end())
}

/// Whether a value begins with a quote and holds no other.
fn opens_quote(value: &str) -> bool {
    let is_quote = |c: char| Family::of(c).is_some();
    value.starts_with(is_quote) && value.matches(is_quote).nth(1).is_none()
}

/// A line's value without a comma after it and quotes around it, and whether it
/// had quotes.
fn clean(value: &str) -> (&str, bool) {
    let mut value = value.trim();
    // `A<br></s>`; a bound keeps the time linear.
    for _ in 0..3 {
        value = before_end_token(value).unwrap_or(value);
    }
    let value =
        value.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '}' | ']'));
    let inner = value
        .strip_prefix(|c| Family::of(c).is_some())
        .and_then(|rest| rest.strip_suffix(|c| Family::of(c).is_some()));
    match inner {
        Some(inner) => (inner, true),
        None => (value, false),
    }
}
