//! What the place of a file says of it.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::packed;

/// The name of a file without its ending.
pub(super) fn stem(path: &Path) -> Option<String> {
    let stem = packed::inner(path).file_stem()?.to_owned();
    Some(stem.to_string_lossy().into_owned())
}

/// What tells a file from others: the nearest of its folders whose names all differ, or
/// its path.
pub(super) fn apart(path: &Path, files: &[&Path]) -> String {
    let differ = |up: &usize| {
        let names: BTreeSet<Option<String>> =
            files.iter().map(|file| folder_above(file, *up)).collect();
        names.len() == files.len()
    };
    let depth = whole(path).components().count();
    let place = (1..depth)
        .find(differ)
        .and_then(|up| folder_above(path, up));
    place.unwrap_or_else(|| path.display().to_string())
}

/// The name of the folder `up` levels above a file, however its path was typed.
pub(super) fn folder_above(path: &Path, up: usize) -> Option<String> {
    typed_folder_above(&whole(path), up)
}

/// The name of the folder `up` levels above a file, of those that its path has.
pub(super) fn typed_folder_above(path: &Path, up: usize) -> Option<String> {
    let name = path.ancestors().nth(up)?.file_name()?;
    Some(name.to_string_lossy().into_owned())
}

/// A path from the root, without `..`; links are left as they are, since what they lead to
/// may have any name.
pub(super) fn whole(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut whole = PathBuf::new();
    for component in path.components() {
        if component == Component::ParentDir {
            whole.pop();
        } else {
            whole.push(component);
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_the_same_however_a_path_is_typed() {
        let here = std::env::current_dir().unwrap();
        let name = here.file_name().unwrap().to_str().unwrap();
        for typed in ["f.json", "./f.json", "x/../f.json"] {
            assert_eq!(folder_above(Path::new(typed), 1).as_deref(), Some(name));
        }
        let above = format!("../{name}/f.json");
        assert_eq!(folder_above(Path::new(&above), 1).as_deref(), Some(name));
        assert_eq!(typed_folder_above(Path::new("f.json"), 1), None);
        let files = [Path::new("f.json"), Path::new("../x/f.json")];
        assert_eq!(apart(files[0], &files), name);
        assert_eq!(apart(files[1], &files), "x");
    }
}
