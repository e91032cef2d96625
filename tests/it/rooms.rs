//! The rooms of `ARCHITECTURE.md` against what the code uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Uses = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What each room may use by the map: the names in backticks of its last column.
fn on_the_map() -> Uses {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| room"))
        .skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let mut uses = Uses::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        for room in quoted(cells[0]) {
            uses.insert(room, quoted(cells[2]).into_iter().collect());
        }
    }
    uses
}

fn quoted(text: &str) -> Vec<String> {
    let parts = text.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

/// What each room of the library uses of the others, tests aside.
fn in_the_code(rooms: &BTreeSet<String>) -> Uses {
    let mut uses = Uses::new();
    for file in sources(&root().join("src")) {
        let below = file.strip_prefix(root().join("src")).unwrap();
        let first = below.components().next().unwrap();
        let room = Path::new(first.as_os_str()).with_extension("");
        let room = room.display().to_string();
        let code = fs::read_to_string(&file).unwrap();
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = code.lines().map(str::trim_start);
        let code: Vec<&str> = lines.filter(|line| !line.starts_with("//")).collect();
        let of_room = uses.entry(room.clone()).or_default();
        for after in code.join("\n").split("crate::").skip(1) {
            let name = |text: &str| -> String {
                let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
                text.trim().chars().take_while(is_part).collect()
            };
            let names: Vec<String> = match after.strip_prefix('{') {
                Some(list) => list.split(['{', '}', ',']).map(name).collect(),
                None => vec![name(after)],
            };
            of_room.extend(
                names
                    .into_iter()
                    .filter(|name| rooms.contains(name) && *name != room),
            );
        }
    }
    uses
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name.ends_with("tests") || name == "testing" {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_room_uses_what_the_map_says_and_no_two_use_each_other() {
    let map = on_the_map();
    let rooms: BTreeSet<String> = map.keys().cloned().collect();
    let code = in_the_code(&rooms);
    assert!(code.len() > 15, "{code:?}");
    for (room, uses) in &code {
        // `lib.rs` and `main.rs` are no rooms, and the command line uses all of them.
        if ["lib", "main", "cli"].contains(&room.as_str()) {
            continue;
        }
        let allowed = map.get(room);
        assert!(allowed.is_some(), "ARCHITECTURE.md has no room `{room}`");
        assert_eq!(allowed, Some(uses), "what `{room}` uses");
        for other in uses {
            assert!(
                !code[other].contains(room),
                "`{room}` and `{other}` use each other"
            );
        }
    }
}
