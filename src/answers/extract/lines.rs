//! What the lines of a reply say together. A list of options gives none of them, and an
//! option that the next lines contradict, or that only numbers the first of several
//! reasons, is none.

use super::denial::is_retraction;
use super::value::{Found, unless_another, value, whole, without_noun};
use super::{Finds, NEAR, is_markup, starts_at, strip_word, turns, words};
use crate::study::Scale;

/// The first line and the last, each where it is an option and nothing else and no line of a
/// list. Lines between them may contradict.
pub(super) fn alone(text: &str, scale: &Scale, finds: &mut Finds) {
    let lines: Vec<&str> = each_line(text).collect();
    let last = lines.len().saturating_sub(1);
    let longest = longest_option(scale);
    let found: Vec<Found> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| match index {
            _ if is_bound(line) && !line.starts_with("> ") => Found::OffScale,
            _ if index == 0 || index == last || line.len() <= longest => whole(line, scale),
            _ => Found::Nothing,
        })
        .collect();
    let mut between = Vec::new();
    let mut index = 0;
    while index < found.len() {
        let listed = options_in_a_row(found[index..].iter().copied()).len();
        if listed > 1 {
            finds.are_listed = true;
        } else if index == 0 || index == last {
            let next = lines.get(index + 1).copied();
            let found = unless_corrected(found[index], next, scale);
            finds.add(found, starts_at(without_noun(lines[index]), text));
            finds.is_settled |= index == 0 && finds.option.is_some();
        } else {
            between.push(found[index]);
        }
        index += listed.max(1);
    }
    if let Some(option) = finds.option {
        let is_other = |found: &Found| matches!(found, Found::Option(other) if *other != option);
        finds.several |= between.iter().any(is_other);
    }
}

/// The option with which a text begins, unless its next lines go on with others: with lines
/// that are options, of which none is this one again, or with the next number of a list.
pub(super) fn stated(text: &str, scale: &Scale) -> Found {
    let near = &text[..text.floor_char_boundary(NEAR)];
    if is_bound(near) {
        return Found::OffScale;
    }
    let mut lines = each_line(near.trim_start_matches(|c: char| c.is_whitespace() || is_markup(c)));
    let line = lines.next().unwrap_or_default();
    let found = value(line, scale);
    let Found::Option(_) = found else {
        return found;
    };
    let row = options_in_a_row(lines.clone().map(|line| whole(line, scale)));
    let goes_on = !row.is_empty() && !row.contains(&found);
    let numbers_a_list = || {
        let number = item_number(line).filter(|_| whole(line, scale) == Found::Nothing);
        number.is_some_and(|number| lines.clone().find_map(item_number) == Some(number + 1))
    };
    if goes_on || numbers_a_list() {
        Found::Several
    } else {
        unless_corrected(found, lines.next(), scale)
    }
}

/// Words with which a line takes back the one before.
const CORRECTIONS: [&str; 10] = [
    "actually",
    "atau",
    "correction",
    "hmm",
    "i mean",
    "no",
    "or",
    "rather",
    "sorry",
    "wait",
];

/// What was found, unless the next line takes it back: `Wait, actually 3.`
fn unless_corrected(found: Found, next: Option<&str>, scale: &Scale) -> Found {
    let (Found::Option(option), Some(next)) = (found, next) else {
        return found;
    };
    let next = next.trim_start_matches(is_markup);
    if is_retraction(next) {
        return Found::Denied;
    }
    let ends_with_another = || {
        let last = last_clause(next).map(|clause| whole(clause, scale));
        last.is_some_and(|last| matches!(last, Found::Option(other) if other != option))
    };
    if turns::begin_a_line(next, option, scale) || ends_with_another() {
        return Found::Several;
    }
    let rest = CORRECTIONS.iter().find_map(|word| strip_word(next, word));
    // A blank parts the number from the one before.
    rest.map_or(found, |rest| {
        unless_another(found, &format!(" {rest}"), scale)
    })
}

/// Words by which a line turns from what was said.
const TURNING: &[&str] = &[
    "actually",
    "back",
    "better",
    "change",
    "changed",
    "correction",
    "hang",
    "harder",
    "hmm",
    "hold",
    "however",
    "inspection",
    "instead",
    "mind",
    "mistake",
    "mistaken",
    "no",
    "oops",
    "rather",
    "reconsidering",
    "reflection",
    "rethinking",
    "review",
    "scratch",
    "second",
    "sorry",
    "strike",
    "think",
    "thinking",
    "thought",
    "wait",
    "wrong",
];

/// Bytes of a line that may be a correction in whatever words.
const SHORT: usize = 60;

/// The last clause of a short line that has others before it: `2.` of `Hold on, 2.` None where
/// it tells what a code of the scale means.
fn last_clause(line: &str) -> Option<&str> {
    const ENDS: [char; 9] = ['.', ',', ';', '!', '?', '>', '—', '–', '…'];
    let line = line.trim_end_matches(|c| is_markup(c) || ENDS.contains(&c) || c == ' ');
    // `0.9` is one number.
    let number = line.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let before = if line[number.len()..].contains('.') && number.ends_with(' ') {
        number
    } else {
        line
    };
    let at = before
        .rfind(ENDS)
        .filter(|_| line.len() <= SHORT && !line.replace("=>", ">").contains('='))?;
    let turns = words(&line[..at]).any(|word| {
        let is_it = |turning: &&str| word.eq_ignore_ascii_case(turning);
        TURNING.iter().any(is_it)
    });
    turns.then(|| line[at..].trim_start_matches(ENDS).trim())
}

/// Whether the sentence that begins with an option ends with it, and another thing follows.
pub(super) fn ends_its_sentence(text: &str, scale: &Scale) -> bool {
    let near = &text[..text.floor_char_boundary(NEAR)];
    let near = near.trim_start_matches(|c: char| c.is_whitespace() || is_markup(c));
    let is_digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let mut ends = near.match_indices(['.', '!', '\n']);
    let end = ends.find(|(at, end)| *end != "." || !is_digit(&near[at + end.len()..]));
    end.is_some_and(|(end, _)| matches!(whole(&near[..end], scale), Found::Option(_)))
}

/// Whether a text begins with a number over or under which something is: `>2`, `>= 2`, and
/// not `<2>`.
fn is_bound(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '*', '_', '`', '"', '“']);
    let Some(rest) = text.strip_prefix(['<', '>']) else {
        return false;
    };
    let number = rest
        .strip_prefix('=')
        .unwrap_or(rest)
        .trim_start_matches([' ', '-', '+']);
    let after = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let closes = after.lines().next().is_some_and(|line| line.contains('>'));
    after.len() < number.len() && !closes
}

/// The lines that are not blank, without blanks around them.
fn each_line(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// The options that lines begin with one after the other, up to one that stood before.
fn options_in_a_row(lines: impl Iterator<Item = Found>) -> Vec<Found> {
    let mut row = Vec::new();
    for found in lines {
        let is_option = matches!(found, Found::Option(_) | Found::Several);
        if !is_option || row.contains(&found) {
            break;
        }
        row.push(found);
    }
    row
}

/// The number that a line of a list begins with, as in `2. …`, `(2) …` and `2 = …`.
fn item_number(line: &str) -> Option<u32> {
    let line = line.trim_start_matches(|c: char| is_markup(c) || matches!(c, '(' | ' '));
    let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = line[..line.len() - after.len()].parse().ok()?;
    let explained = after.trim_start_matches(' ').strip_prefix('=');
    let rest = explained.or_else(|| after.strip_prefix(['.', ')']))?;
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some(number)
}

/// Bytes that a line may have besides a label and be the option: its code and layout.
const AROUND: usize = 40;

fn longest_option(scale: &Scale) -> usize {
    let labels = scale.options().iter();
    let labels = labels.filter_map(|option| option.label.as_deref());
    labels.map(str::len).max().unwrap_or_default() + AROUND
}
