//! Writes the files of a folder together.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use oyer::study::UNFINISHED;

use super::error::Failure;

/// Refuses a folder that holds a file of these names which is not an earlier one of the
/// same command, so that nobody's work is written over or taken away.
///
/// Where a marker of [`write_together`] stands, a kill may have left files of the command
/// without the one that tells them.
pub(crate) fn refuse_others(
    folder: &Path,
    made: &[&str],
    is_own: impl Fn(&str) -> bool,
    command: &str,
) -> Result<(), Failure> {
    let other = made.iter().find(|name| {
        let path = folder.join(name);
        path.exists() && !is_own(name) && !path.with_file_name(UNFINISHED).exists()
    });
    match other {
        None => Ok(()),
        Some(other) => Err(Failure::Input(format!(
            "{} holds a {other} that no {command} wrote; name another folder with --out",
            folder.display()
        ))),
    }
}

/// Refuses a folder in which a file that was read has the name of one to be written.
pub(crate) fn refuse_to_overwrite<P: AsRef<Path>>(
    folder: &Path,
    read: impl IntoIterator<Item = P>,
    files: &[(String, Vec<u8>)],
) -> Result<(), Failure> {
    let Ok(folder) = folder.canonicalize() else {
        return Ok(());
    };
    for input in read {
        let input = input.as_ref();
        let is_target = |file: &PathBuf| files.iter().any(|(name, _)| folder.join(name) == *file);
        if input.canonicalize().is_ok_and(|file| is_target(&file)) {
            return Err(Failure::Input(format!(
                "{} would be written over, and was read; name another folder with --out",
                input.display()
            )));
        }
    }
    Ok(())
}

/// Writes all files or none, and takes away those of `made` that an earlier command
/// left and that are not among them.
///
/// Each file is whole on disk under another name before the first takes its place.
/// While they take their places a marker stands in each folder, and readers of tables
/// refuse a folder with one: a kill leaves the files of one command in it, or of the
/// other, or a marker.
pub(crate) fn write_together(
    folder: &Path,
    files: &[(String, Vec<u8>)],
    made: &[&str],
) -> Result<(), Failure> {
    let mut parts: Vec<(PathBuf, PathBuf)> = Vec::new();
    let prepared = prepare(folder, files, &mut parts);
    let written = prepared.and_then(|()| put_into_place(folder, &parts, made));
    if written.is_err() {
        for (part, _) in &parts {
            // Those that were renamed are no longer there.
            let _ = std::fs::remove_file(part);
        }
    }
    written.map_err(|error| {
        Failure::Incomplete(format!(
            "the files cannot be written to {}: {error}",
            folder.display()
        ))
    })
}

/// Writes each file under another name.
fn prepare(
    folder: &Path,
    files: &[(String, Vec<u8>)],
    parts: &mut Vec<(PathBuf, PathBuf)>,
) -> io::Result<()> {
    for (name, bytes) in files {
        let target = folder.join(name);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        if target.is_dir() {
            let message = format!("{} is a folder", target.display());
            return Err(io::Error::new(io::ErrorKind::IsADirectory, message));
        }
        let mut part = OsString::from(target.as_os_str());
        part.push(".part");
        let part = PathBuf::from(part);
        parts.push((part.clone(), target));
        let mut file = std::fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_data()?;
    }
    Ok(())
}

/// Takes the earlier files away and gives each new one its name.
fn put_into_place(folder: &Path, parts: &[(PathBuf, PathBuf)], made: &[&str]) -> io::Result<()> {
    let mut markers: Vec<PathBuf> = Vec::new();
    let earlier = made.iter().map(|name| folder.join(name));
    for target in earlier
        .clone()
        .chain(parts.iter().map(|(_, target)| target.clone()))
    {
        let Some(parent) = target.parent().filter(|parent| parent.is_dir()) else {
            continue;
        };
        let marker = parent.join(UNFINISHED);
        if !markers.contains(&marker) {
            std::fs::File::create(&marker)?.sync_all()?;
            markers.push(marker);
        }
    }
    let stale = earlier.filter(|path| !parts.iter().any(|(_, target)| target == path));
    for path in stale {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    for (part, target) in parts {
        std::fs::rename(part, target)?;
    }
    for marker in markers {
        std::fs::remove_file(marker)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn file(name: &str, text: &str) -> (String, Vec<u8>) {
        (name.to_owned(), text.into())
    }

    #[test]
    fn files_of_an_earlier_command_are_taken_away_and_those_of_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let made = ["a.csv", "b.csv", "in/c.csv"];
        write_together(&path, &[file("b.csv", "1"), file("in/c.csv", "1")], &made).unwrap();
        std::fs::write(path.join("mine.txt"), "x").unwrap();
        assert_eq!(names(&path), ["b.csv", "in", "mine.txt"]);
        write_together(&path, &[file("a.csv", "2")], &made).unwrap();
        assert_eq!(names(&path), ["a.csv", "in", "mine.txt"]);
        assert!(names(&path.join("in")).is_empty());
    }

    #[test]
    fn where_one_file_cannot_be_written_all_stay_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let made = ["a.csv", "b.csv"];
        write_together(path, &[file("a.csv", "1")], &made).unwrap();
        std::fs::create_dir(path.join("b.csv")).unwrap();
        let failed = write_together(path, &[file("a.csv", "2"), file("b.csv", "2")], &made);
        assert!(
            failed
                .unwrap_err()
                .to_string()
                .contains("b.csv is a folder")
        );
        assert_eq!(std::fs::read(path.join("a.csv")).unwrap(), b"1");
        assert_eq!(names(path), ["a.csv", "b.csv"]);
    }
}
