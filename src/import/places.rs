//! What the place of a file says of it.

use std::collections::BTreeSet;
use std::path::Path;

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
    let depth = path.components().count();
    let place = (1..depth)
        .find(differ)
        .and_then(|up| folder_above(path, up));
    place.unwrap_or_else(|| path.display().to_string())
}

/// The name of the folder `up` levels above a file.
pub(crate) fn folder_above(path: &Path, up: usize) -> Option<String> {
    let name = path.ancestors().nth(up)?.file_name()?;
    Some(name.to_string_lossy().into_owned())
}
