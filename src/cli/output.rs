//! Where a command's words go.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use oyer::report::table::Style;
use oyer::text::{escape_json, escape_lines};
use serde::Serialize;

use super::error::Failure;

/// Lines for people, on stderr. What they quote may be anybody's, so they are
/// escaped here, whoever wrote them. Where nobody reads them any more, nobody lacks them.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", escape_lines(text));
}

/// The result of a command, on stdout. A closed output is a reader that has seen
/// enough, as `head` has; how the command ends is not changed by it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(end.as_bytes()))
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// The result of a command as JSON, on stdout.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    print(&escape_json(&json))
}

/// How tables are laid out: coloured on a terminal where `NO_COLOR` is not set.
pub(crate) fn style() -> Style {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Style {
        colour: io::stdout().is_terminal() && !no_color,
        ..Style::default()
    }
}

/// Writes a file whole or not at all: beside its place first, then renamed.
pub(crate) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure::Incomplete(format!("cannot write {}: {error}", path.display()));
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let file = std::fs::File::create(&beside).map_err(failed)?;
    let mut buffered = io::BufWriter::with_capacity(1 << 16, file);
    write(&mut buffered)
        .and_then(|()| {
            buffered
                .into_inner()
                .map_err(io::IntoInnerError::into_error)
        })
        .and_then(|file| file.sync_data())
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| {
            // What was written of it helps nobody.
            let _ = std::fs::remove_file(&beside);
            failed(error)
        })
}
