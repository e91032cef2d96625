//! Which of the values that a template asks for it will not be given.
//!
//! All of them are told at once, where rendering would stop at the first.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use super::words::tags;

/// A value that templates are given.
pub(super) struct Known {
    /// Its path, such as `persona.text`.
    pub(super) path: String,
    /// Whether its attributes are given too, each with a path of its own.
    pub(super) has_attributes: bool,
}

/// A value that is asked for and not given.
pub(super) struct Unknown {
    /// Line and column, from 1, where it is first asked for.
    pub(super) place: Option<(usize, usize)>,
    pub(super) message: String,
    pub(super) help: String,
}

/// Lists that templates go through, and what each of their elements has.
const LISTS: [(&str, &[&str]); 3] = [
    ("persona.traits", &["name", "value"]),
    ("criteria", &["key", "name", "guide"]),
    ("question.options", &["code", "label"]),
];

/// What a template asks for and will not be given, from its first line on. `asked`
/// are the paths that it asks for, `globals` the names that every template knows.
pub(super) fn unknown_values(
    source: &str,
    asked: HashSet<String>,
    globals: &HashSet<&str>,
    known: &[Known],
) -> Vec<Unknown> {
    let mut unknown: Vec<_> = asked
        .into_iter()
        .filter(|path| !globals.contains(root(path)))
        .filter(|path| !is_known(path, known) && !is_set(source, root(path)))
        .map(|path| {
            let names = known.iter().filter(|known| !known.has_attributes);
            let names: Vec<_> = names.map(|known| known.path.as_str()).collect();
            let last = path.rsplit('.').next().unwrap_or_default();
            let place = place_of(source, &path).or_else(|| place_of(source, last));
            unknown(place, &path, &names)
        })
        .collect();
    unknown.extend(unknown_of_elements(source));
    unknown.sort_by_key(|unknown| unknown.place);
    unknown
}

fn unknown(place: Option<(usize, usize)>, path: &str, names: &[&str]) -> Unknown {
    // Two typing errors, or a third of a long last part, still look like it.
    let last_part = path.rsplit('.').next().unwrap_or(path);
    let bound = 2.max(last_part.chars().count() / 3);
    let near = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(path, name), name))
        .min()
        .filter(|(distance, _)| *distance <= bound);
    Unknown {
        place,
        message: format!("there is no value `{path}` in this template"),
        help: match near {
            Some((_, name)) => format!("did you mean `{name}`?"),
            None => format!("what is given here: {}", names.join(", ")),
        },
    }
}

/// Attributes of a loop's element that it has not, such as `trait.nmae`.
fn unknown_of_elements(source: &str) -> Vec<Unknown> {
    let mut found = Vec::new();
    for (list, attributes) in LISTS {
        for element in elements_of(source, list) {
            // A name that stands for other things too is left to the rendering.
            if is_set(source, element)
                || loops_over(source, element) > elements(source, list, element)
            {
                continue;
            }
            for path in paths_under(source, element) {
                let attribute = &path[element.len() + 1..];
                if !attributes.contains(&attribute) {
                    let names: Vec<_> = attributes
                        .iter()
                        .map(|name| format!("{element}.{name}"))
                        .collect();
                    let names: Vec<_> = names.iter().map(String::as_str).collect();
                    found.push(unknown(place_of(source, path), path, &names));
                }
            }
        }
    }
    found
}

/// The names under which loops go through this list, each once.
fn elements_of<'s>(source: &'s str, list: &str) -> BTreeSet<&'s str> {
    loops(source)
        .filter(|(_, rest)| names_list(rest, list))
        .map(|(name, _)| name)
        .collect()
}

/// How many loops call their element so.
fn loops_over(source: &str, element: &str) -> usize {
    loops(source).filter(|(name, _)| *name == element).count()
}

/// How many of them go through this list.
fn elements(source: &str, list: &str, element: &str) -> usize {
    loops(source)
        .filter(|(name, rest)| *name == element && names_list(rest, list))
        .count()
}

/// Whether what follows `in ` is this list itself.
fn names_list(rest: &str, list: &str) -> bool {
    rest.strip_prefix(list)
        .is_some_and(|after| after.trim_start().starts_with(['%', '-', '|']))
}

/// Each `for NAME in …`: the name and what follows `in`.
fn loops(source: &str) -> impl Iterator<Item = (&str, &str)> {
    source.match_indices("for ").filter_map(|(at, keyword)| {
        let rest = source[at + keyword.len()..].trim_start();
        let end = rest.find(|c| !part_of_name(c))?;
        let list = rest[end..].trim_start().strip_prefix("in ")?;
        (end > 0).then(|| (&rest[..end], list.trim_start()))
    })
}

/// Each `NAME.attribute` in a tag, once.
fn paths_under<'s>(source: &'s str, name: &str) -> BTreeSet<&'s str> {
    source
        .match_indices(name)
        .filter(|(at, _)| stands_in_tag(source, *at))
        .filter_map(|(at, _)| {
            let attribute = source[at + name.len()..].strip_prefix('.')?;
            let end = attribute
                .find(|c| !part_of_name(c))
                .unwrap_or(attribute.len());
            (end > 0).then(|| &source[at..at + name.len() + 1 + end])
        })
        .collect()
}

fn root(path: &str) -> &str {
    path.split_once('.').map_or(path, |(root, _)| root)
}

/// Whether a path is a known value or lies inside one whose attributes are its own
/// affair, such as a method of a text.
fn is_known(path: &str, known: &[Known]) -> bool {
    known.iter().any(|known| {
        let rest = path.strip_prefix(known.path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('.') && !known.has_attributes))
    })
}

/// Whether the template itself gives a value to this name somewhere. What is asked
/// for does not follow a `set` out of an `if`; whether such a value is there when it
/// is used shows when the template is tried.
fn is_set(source: &str, name: &str) -> bool {
    source.match_indices("set ").any(|(at, set)| {
        source[at + set.len()..]
            .trim_start()
            .strip_prefix(name)
            .is_some_and(|rest| !rest.starts_with(part_of_name))
    })
}

fn part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The first place at which a tag of the template names the path, if there is one where no
/// loop or macro around it gives the name a value of its own.
fn place_of(source: &str, path: &str) -> Option<(usize, usize)> {
    let is_named = |at: &usize| {
        stands_in_tag(source, *at) && !source[at + path.len()..].starts_with(part_of_name)
    };
    let own = own_values(source, root(path));
    let named = || {
        source
            .match_indices(path)
            .map(|(at, _)| at)
            .filter(is_named)
    };
    let outside = named().find(|at| !own.iter().any(|range| range.contains(at)));
    let at = outside.or_else(|| named().next())?;
    Some(place(source, at))
}

/// Where loops and macros give this name a value of their own.
fn own_values(source: &str, name: &str) -> Vec<Range<usize>> {
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut found = Vec::new();
    for tag in tags(source) {
        let at = tag.as_ptr() as usize - source.as_ptr() as usize;
        let inside = tag.trim_start_matches("{%").trim_start_matches(['-', '+']);
        let inside = inside.trim_start();
        let (word, rest) = inside.split_once(' ').unwrap_or((inside, ""));
        let names = match word.trim_end_matches(['-', '%', '}']) {
            "for" => rest.split(" in ").next().unwrap_or_default(),
            "macro" | "call" => rest,
            "endfor" | "endmacro" | "endcall" => {
                found.extend(
                    open.pop()
                        .filter(|(_, is_own)| *is_own)
                        .map(|(from, _)| from..at),
                );
                continue;
            }
            _ => continue,
        };
        let mut names = names.split(|c| !part_of_name(c));
        open.push((at, names.any(|own| own == name)));
    }
    found
}

/// Whether a name begins here within a tag.
fn stands_in_tag(source: &str, at: usize) -> bool {
    let before = &source[..at];
    let opened = before.rfind("{{").max(before.rfind("{%"));
    let closed = before.rfind("}}").max(before.rfind("%}"));
    opened > closed && !before.ends_with(part_of_name)
}

/// Line and column in characters, both from 1, of a byte of the template.
pub(super) fn place(source: &str, at: usize) -> (usize, usize) {
    let before = &source[..source.floor_char_boundary(at)];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}
