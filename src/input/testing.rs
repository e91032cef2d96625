//! Holds a page that explains keys to the table of these keys, for the tests of other rooms.

use super::schema::{Key, Kind};

/// The part of a page under the heading of level 2 that holds this text.
pub(crate) fn part<'p>(page: &'p str, heading: &str) -> &'p str {
    let mut parts = page.split("\n## ").skip(1);
    let is_it = |part: &&str| {
        part.lines()
            .next()
            .is_some_and(|line| line.contains(heading))
    };
    parts.find(is_it).expect(heading)
}

/// The keys without a row in this part of a page, and the words that a key may hold and
/// its row does not name. A key of a table within the table is `table.key` there.
pub(crate) fn unexplained(part: &str, keys: &[Key]) -> Vec<String> {
    let mut missing = Vec::new();
    look(part, "", keys, &mut missing);
    missing
}

fn look(part: &str, path: &str, keys: &[Key], missing: &mut Vec<String>) {
    for key in keys {
        let name = format!("{path}{}", key.name);
        let words: &[&str] = match key.kind {
            Kind::Table(inner) | Kind::Named(inner) | Kind::Tables(inner) => {
                look(part, &format!("{name}."), inner, missing);
                continue;
            }
            Kind::OneOf(words) => words,
            _ => &[],
        };
        let Some(row) = part.lines().find(|line| begins_with(line, &name)) else {
            missing.push(name);
            continue;
        };
        let unnamed = words.iter().filter(|word| !row.contains(&code(word)));
        missing.extend(unnamed.map(|word| format!("{name} = {word}")));
    }
}

/// Whether the first cell of a row names the key.
fn begins_with(line: &str, key: &str) -> bool {
    let cells = line.strip_prefix("| ").and_then(|row| row.split_once(" |"));
    cells.is_some_and(|(first, _)| first.contains(&code(key)))
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
