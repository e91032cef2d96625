//! A clean home for the real command line.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A folder in which commands run and which nothing else knows.
pub(crate) struct Home {
    dir: tempfile::TempDir,
}

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Fails the test, with everything that was said, unless it ended so.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// The output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).expect("JSON on stdout")
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file and the folders to it.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, text).expect("a written file");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).expect("a readable file")
    }

    /// The command, with an empty environment but for what is set on it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oyer"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn oyer(&self, arguments: &[&str]) -> Ran {
        self.oyer_with(arguments, &[])
    }

    /// Runs a command to its end, with these variables.
    pub(crate) fn oyer_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let output = self
            .command(arguments)
            .envs(variables.iter().copied())
            .output()
            .expect("a command that starts");
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        }
    }

    /// Starts a command and gives it back running, its output kept for later.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a command that starts")
    }
}

/// Builds a survey from `m.csv`, `c.csv` and `s.toml` of a home into a folder of it.
pub(crate) fn build_survey(
    home: &Home,
    microdata: impl AsRef<[u8]>,
    codebook: &str,
    config: &str,
    out: &str,
) -> Ran {
    home.write("m.csv", microdata);
    home.write("c.csv", codebook);
    home.write("s.toml", config);
    home.oyer(&[
        "survey",
        "build",
        "m.csv",
        "--codebook",
        "c.csv",
        "--config",
        "s.toml",
        "--out",
        out,
    ])
}
