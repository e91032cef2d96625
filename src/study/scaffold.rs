//! A small study to start from, as files.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::text::form;

macro_rules! starter {
    ($file:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/studies/starter/",
            $file
        ))
    };
}

/// The files of the starter study: path within its folder, and text.
pub const STARTER: &[(&str, &str)] = &[
    ("study.toml", starter!("study.toml")),
    ("personas.csv", starter!("personas.csv")),
    ("questions.csv", starter!("questions.csv")),
    ("truth.csv", starter!("truth.csv")),
];

/// Why no starter study was written.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// Nothing was written: it would have replaced these files.
    #[error("{} already there: {}; choose another folder", form(.0.len() as u64, "this file is", "these files are"), list(.0))]
    Exists(Vec<PathBuf>),
    /// The file or folder at this path could not be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// File or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Writes the starter study into `dir`, which is made if it is not there, and gives
/// back the files. Never replaces a file.
///
/// # Errors
/// [`ScaffoldError::Exists`] before anything is written where one of the files is
/// there; [`ScaffoldError::Write`] where the folder does not let itself be written.
pub fn scaffold(dir: &Path) -> Result<Vec<PathBuf>, ScaffoldError> {
    let files = || STARTER.iter().map(|(name, text)| (dir.join(name), text));
    let there: Vec<_> = files()
        .map(|(path, _)| path)
        .filter(|path| path.symlink_metadata().is_ok())
        .collect();
    if !there.is_empty() {
        return Err(ScaffoldError::Exists(there));
    }
    let write_error = |path: &Path| {
        let path = path.to_owned();
        |source| ScaffoldError::Write { path, source }
    };
    fs::create_dir_all(dir).map_err(write_error(dir))?;
    for (path, text) in files() {
        // `create_new` refuses a file that came to be since the look above.
        fs::File::create_new(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(write_error(&path))?;
    }
    Ok(files().map(|(path, _)| path).collect())
}

fn list(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;

    #[test]
    fn the_starter_study_loads_without_a_problem() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new/study");
        let files = scaffold(&folder).unwrap();
        assert_eq!(files.len(), STARTER.len());
        let loaded = load(&folder.join("study.toml"));
        assert_eq!(loaded.problems, []);
        let study = loaded.study.unwrap();
        assert_eq!((study.personas.len(), study.questions.len()), (12, 6));
        assert_eq!(study.truths.len(), 72);
    }

    #[test]
    fn its_lines_for_real_servers_load_in_the_place_of_the_simulated_ones() {
        let dir = tempfile::tempdir().unwrap();
        scaffold(dir.path()).unwrap();
        let path = dir.path().join("study.toml");
        let text = fs::read_to_string(&path).unwrap();
        let real: Vec<_> = text
            .lines()
            .filter(|line| !line.contains("\"simulated\", "))
            .map(|line| match line.strip_prefix("# ") {
                Some(real) if real.contains("\"openai\"") => real,
                _ => line,
            })
            .collect();
        fs::write(&path, real.join("\n")).unwrap();
        let loaded = load(&path);
        assert_eq!(loaded.problems, []);
        let study = loaded.study.unwrap();
        assert_eq!(study.models[1].model, "my-fine-tune");
        assert_eq!(study.judges[0].base_urls, ["http://127.0.0.1:8002/v1"]);
    }

    #[test]
    fn no_file_is_replaced_and_then_none_is_written() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("truth.csv"), "mine").unwrap();
        let error = scaffold(dir.path()).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "this file is already there: {}; choose another folder",
                dir.path().join("truth.csv").display()
            )
        );
        assert!(!dir.path().join("study.toml").exists());
        assert_eq!(
            fs::read_to_string(dir.path().join("truth.csv")).unwrap(),
            "mine"
        );
    }

    #[test]
    fn a_folder_that_is_a_file_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let error = scaffold(&file).unwrap_err().to_string();
        assert!(error.contains("cannot be written"), "{error}");
    }
}
