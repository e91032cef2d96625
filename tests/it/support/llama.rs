//! llama.cpp's server with a tiny model of random weights, as `tests/servers/setup.sh`
//! puts it into the test cache.
//!
//! The tests that need it take minutes, so they are left out and say so unless
//! `OYER_REQUIRE_SERVERS=1` asks for them, which makes its absence a failure, or
//! `OYER_LLAMA_SERVER` names a server.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Once, mpsc};
use std::thread;
use std::time::Duration;

/// Starts the server that follows and kills it when standard input ends, which it
/// does when this process ends in whatever way. Standard error is the server's alone,
/// so that it ends when the server does.
const LEASH: &str =
    r#""$@" & server=$!; exec 2>/dev/null; read -r _; kill -9 "$server"; wait "$server""#;

/// Which weights are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weights {
    /// A model.
    One,
    /// A model with other weights.
    Two,
    /// A judge that says `A` more often than `B` and ends its texts soon.
    Judge,
}

/// How a server is started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Launch<'a> {
    /// The model behind every name that is asked for.
    pub(crate) weights: Weights,
    /// The name it gives itself in replies.
    pub(crate) alias: &'a str,
    /// Tokens of prompt and reply together; a token is about a character.
    pub(crate) context: usize,
    /// Requests it works on at one time.
    pub(crate) slots: usize,
    /// The key that is asked for.
    pub(crate) key: Option<&'a str>,
}

impl Default for Launch<'_> {
    fn default() -> Self {
        Self {
            weights: Weights::One,
            alias: "tiny-random",
            context: 16_384,
            slots: 4,
            key: None,
        }
    }
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Llama {
    leash: Child,
    root: String,
}

impl Llama {
    /// Starts a server and waits until it has loaded its model. None, with a line on
    /// standard error, where there is no server to start.
    pub(crate) fn start(launch: &Launch<'_>) -> Option<Self> {
        let (server, models) = installed()?;
        let mut leash = Command::new("sh")
            .args(["-c", LEASH, "leash"])
            .arg(server)
            .arg("--model")
            .arg(models.join(launch.weights.file()))
            .args([
                "--alias",
                launch.alias,
                "--host",
                "127.0.0.1",
                "--port",
                "0",
            ])
            .args(["--ctx-size", &(launch.context * launch.slots).to_string()])
            .args(["--parallel", &launch.slots.to_string()])
            // More threads would only wait for each other on so small a model.
            .args(["--threads", "1", "--threads-batch", "1", "--jinja"])
            // A cached prompt may change the last bits of the numbers, and with them a draw.
            .arg("--no-cache-prompt")
            .args(launch.key.iter().flat_map(|key| ["--api-key", key]))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let said = leash.stderr.take().expect("a piped standard error");
        let mut started = Self {
            leash,
            root: String::new(),
        };
        started.root =
            address(said).unwrap_or_else(|log| panic!("llama-server did not start:\n{log}"));
        Some(started)
    }

    /// The server without a path, as Anthropic's dialect wants it.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// The base URL of OpenAI's dialect.
    pub(crate) fn url(&self) -> String {
        format!("{}/v1", self.root)
    }
}

impl Drop for Llama {
    fn drop(&mut self) {
        drop(self.leash.stdin.take());
        let _ = self.leash.wait();
    }
}

impl Weights {
    fn file(self) -> &'static str {
        match self {
            Self::One => "one.gguf",
            Self::Two => "two.gguf",
            Self::Judge => "judge.gguf",
        }
    }
}

/// The server's program and the folder of models.
fn installed() -> Option<(PathBuf, PathBuf)> {
    let cache = cache();
    let given = env::var_os("OYER_LLAMA_SERVER").map(PathBuf::from);
    let required = env::var("OYER_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
    if !required && given.is_none() {
        left_out("OYER_REQUIRE_SERVERS=1 asks for them, tests/servers/setup.sh makes one");
        return None;
    }
    let server = given.unwrap_or_else(|| cache.join("server/llama-server"));
    let models = cache.join("models");
    if server.is_file() && models.join(Weights::Judge.file()).is_file() {
        return Some((server, models));
    }
    let missing = format!(
        "there is none at {}; tests/servers/setup.sh puts one there",
        server.display()
    );
    assert!(!required, "real servers are required, but {missing}");
    left_out(&missing);
    None
}

/// The cache folder, found as `tests/servers/setup.sh` finds it.
pub(crate) fn cache() -> PathBuf {
    let given = |name| env::var_os(name).filter(|value| !value.is_empty());
    given("OYER_TEST_CACHE").map_or_else(
        || {
            let user = given("XDG_CACHE_HOME").map_or_else(
                || Path::new(&given("HOME").unwrap_or_default()).join(".cache"),
                PathBuf::from,
            );
            user.join("oyer-tests")
        },
        PathBuf::from,
    )
}

/// The address that the server reports once it listens; else all that it said.
fn address(said: ChildStderr) -> Result<String, String> {
    let (tell, told) = mpsc::channel();
    // Read to its end, or the server would wait for room in the pipe some day.
    thread::spawn(move || {
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
    let mut log = String::new();
    while let Ok(line) = told.recv_timeout(Duration::from_mins(1)) {
        if let Some((_, address)) = line.split_once("listening on ") {
            return Ok(address.trim().to_owned());
        }
        log.push_str(&line);
        log.push('\n');
    }
    Err(log)
}

/// Says once what is left out, past the test runner, which shows what a test prints
/// only if the test fails.
fn left_out(missing: &str) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let line = format!("left out: the tests against real servers: {missing}\n");
        let _ = io::stderr().write_all(line.as_bytes());
    });
}
