//! The files that a survey is built of, as its summary names them.

use std::path::{Path, PathBuf};

use super::summary::Input;
use crate::problem::Problem;

/// The files that were read.
#[derive(Default)]
pub(super) struct Inputs {
    pub(super) told: Vec<Input>,
    pub(super) paths: Vec<PathBuf>,
}

impl Inputs {
    /// Reads a file, or says that it cannot be read.
    pub(super) fn read(
        &mut self,
        role: &str,
        path: &Path,
        problems: &mut Vec<Problem>,
    ) -> Option<Vec<u8>> {
        match std::fs::read(path) {
            Ok(bytes) => {
                self.add(role, path, &bytes);
                Some(bytes)
            }
            Err(error) => {
                problems.push(Problem::error(path, format!("cannot be read: {error}")));
                None
            }
        }
    }

    pub(super) fn add(&mut self, role: &str, path: &Path, bytes: &[u8]) {
        let name = path.file_name().unwrap_or_default();
        self.told.push(Input {
            role: role.to_owned(),
            file: name.to_string_lossy().into_owned(),
            blake3: hash(bytes),
        });
        self.paths.push(path.to_owned());
    }
}

pub(super) fn hash(bytes: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(bytes).finalize().to_string()
}
