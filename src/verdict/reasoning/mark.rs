//! The marks that begin and end reasoning: tags, tokens, channels.
//!
//! A mark is a name between `<` and `>`, `<|` and `|>`, `[` and `]` or `◁` and `▷`. Its
//! name tells whether it holds reasoning, so that a tag nobody has met yet is known. An
//! analysis may as well be a part of the answer, since a judge is asked for one.

/// What stands at a place of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bytes.
    pub(super) len: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Reasoning begins. `[Reasoning]` may as well be a heading.
    Open {
        bracket: Bracket,
        holds: Holds,
        heading: bool,
    },
    /// Reasoning ends.
    Close { bracket: Bracket, holds: Holds },
    /// A channel's header; whether what follows is no answer, or a call of a tool.
    Channel { hidden: bool, calls: bool },
    /// Another control token of the harmony format: it ends a channel.
    Control,
}

/// What a mark's name says that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Reasoning,
    /// Reasoning, or a part of the answer.
    Analysis,
}

/// What a mark's name stands between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    Angle,
    Square,
    Triangle,
}

/// Ends of a word that names reasoning.
const REASONING: [&str; 10] = [
    "think",
    "thinking",
    "thought",
    "thoughts",
    "reasoning",
    "scratchpad",
    "reflection",
    "monologue",
    "deliberation",
    "planning",
];

/// Gemma's tokens around its reasoning, which have no names.
const UNNAMED: [&str; 2] = ["unused94", "unused95"];

/// Ends of a word that names an analysis.
const ANALYSIS: [&str; 2] = ["analysis", "reason"];

/// Words of a name that say which end of a block it marks.
const BEGINS: [&str; 2] = ["begin", "start"];
const ENDS: [&str; 2] = ["end", "stop"];

/// Control tokens of the harmony format that end a channel.
const CONTROLS: [&str; 5] = ["start", "message", "end", "return", "call"];
const CHANNEL: &str = "channel";
const MESSAGE: &str = "<|message|>";

/// A name, a tag's attributes and a channel's header are short; longer ones are none.
const NAME_BYTES: usize = 40;
const ATTRIBUTE_BYTES: usize = 100;
const HEADER_BYTES: usize = 200;

/// Whether the text holds channels, whole or broken (`<|channel>`, `<channel|>`).
pub(super) fn has_channels(text: &str) -> bool {
    text.contains("<|channel") || text.contains("<channel|>")
}

/// The mark at the start of `rest`. Control tokens are known only in a text with
/// channels.
pub(super) fn mark_at(rest: &str, channels: bool) -> Option<Mark> {
    let written = written_at(rest)?;
    let name = written.name;
    if channels && written.bar && !written.slash {
        let after = rest.get(written.len..).unwrap_or("");
        if name == CHANNEL && rest.starts_with("<|") {
            return Some(channel(after, written.len));
        }
        let role = if name == "start" { word_len(after) } else { 0 };
        if name == CHANNEL || CONTROLS.contains(&name) {
            return Some(Mark {
                len: written.len + role,
                kind: Kind::Control,
            });
        }
    }
    let [opens, closes] = UNNAMED.map(|token| token == name);
    let holds = if opens || closes {
        Holds::Reasoning
    } else {
        what_it_holds(name)?
    };
    let bracket = written.bracket;
    let kind = if written.slash || closes || has_word(name, &ENDS) {
        Kind::Close { bracket, holds }
    } else {
        let token = name == "THINK" || has_word(name, &BEGINS);
        Kind::Open {
            bracket,
            holds,
            heading: bracket == Bracket::Square && !token,
        }
    };
    Some(Mark {
        len: written.len,
        kind,
    })
}

/// A mark as it is written.
struct Written<'a> {
    bracket: Bracket,
    /// Whether a bar stands within the brackets, on one side at least.
    bar: bool,
    slash: bool,
    name: &'a str,
    len: usize,
}

fn written_at(rest: &str) -> Option<Written<'_>> {
    let (bracket, closing, inside) = [
        (Bracket::Angle, '<', '>'),
        (Bracket::Square, '[', ']'),
        (Bracket::Triangle, '◁', '▷'),
    ]
    .into_iter()
    .find_map(|(bracket, opening, closing)| {
        Some((bracket, closing, rest.strip_prefix(opening)?))
    })?;
    let barred = inside.strip_prefix(['|', '｜']);
    let inside = barred.unwrap_or(inside);
    let slashed = inside.strip_prefix('/');
    let inside = slashed.unwrap_or(inside);
    let is_tag = bracket == Bracket::Angle && barred.is_none();
    let in_name = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '_' | '-' | ':' | '.' | '▁')
            || (c == ' ' && !is_tag)
    };
    let (end, _) = inside
        .char_indices()
        .take(NAME_BYTES)
        .find(|&(_, c)| !in_name(c))?;
    let (name, mut after) = inside.split_at_checked(end)?;
    if is_tag && after.starts_with([' ', '\t']) {
        let end = after
            .bytes()
            .take(ATTRIBUTE_BYTES)
            .position(|byte| matches!(byte, b'<' | b'>' | b'\n'))?;
        let (attributes, rest) = after.split_at_checked(end)?;
        // `<analysis of both answers>` is a placeholder, `<think />` holds nothing.
        let attributes = attributes.trim();
        if attributes.ends_with('/') || !(attributes.is_empty() || attributes.contains('=')) {
            return None;
        }
        after = rest;
    }
    let after = if is_tag { after.trim_start() } else { after };
    let bar_after = after.strip_prefix(['|', '｜']);
    let after = bar_after.unwrap_or(after).strip_prefix(closing)?;
    Some(Written {
        bracket,
        bar: barred.or(bar_after).is_some(),
        slash: slashed.is_some(),
        name: name.trim(),
        len: rest.len() - after.len(),
    })
}

/// A channel's header after its token of `token_len` bytes: `analysis<|message|>`, or
/// its name alone where that is broken.
fn channel(after: &str, token_len: usize) -> Mark {
    let trimmed = after.trim_start_matches(' ');
    let name = trimmed.get(..word_len(trimmed)).unwrap_or("");
    let limit = after
        .char_indices()
        .nth(HEADER_BYTES)
        .map_or(after.len(), |(at, _)| at);
    let header = after.get(..limit).unwrap_or("");
    let whole = header
        .find(MESSAGE)
        .filter(|&end| !header[..end].contains("<|channel"));
    let len = match whole {
        Some(end) => end + MESSAGE.len(),
        None => after.len() - trimmed.len() + name.len(),
    };
    // `commentary to=functions.submit <|constrain|>json<|message|>`
    let told = whole.map_or("", |end| &header[..end]);
    let is_commentary = name == "commentary";
    Mark {
        len: token_len + len,
        kind: Kind::Channel {
            hidden: what_it_holds(name).is_some() || is_commentary,
            calls: is_commentary && (told.contains("to=") || told.contains("json")),
        },
    }
}

/// Bytes of the word at the start of `text`.
fn word_len(text: &str) -> usize {
    text.bytes()
        .take(NAME_BYTES)
        .take_while(u8::is_ascii_alphanumeric)
        .count()
}

fn what_it_holds(name: &str) -> Option<Holds> {
    let ends_with = |word: &str, end: &str| {
        let start = word.len().checked_sub(end.len());
        start
            .and_then(|start| word.get(start..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    let names = |ends: &[&str]| words(name).any(|word| ends.iter().any(|end| ends_with(word, end)));
    if names(&REASONING) {
        Some(Holds::Reasoning)
    } else {
        names(&ANALYSIS).then_some(Holds::Analysis)
    }
}

fn has_word(name: &str, known: &[&str]) -> bool {
    words(name).any(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric())
}
