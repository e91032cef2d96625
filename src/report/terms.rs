//! What the terms of a report mean: the page `docs/statistics.md`, carried by the
//! program and cut at its headings.
//!
//! Each heading of the third level is a term. A line `Also: …` under it gives its
//! other names, the report's fields and methods among them; what follows says what
//! it is, its formula, its source, and what it is not for. So the page and the
//! command cannot differ.

mod layout;

pub use layout::{list, page};

/// The page itself.
const PAGE: &str = include_str!("../../docs/statistics.md");

/// A term of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Its heading.
    pub name: &'static str,
    /// The heading that it stands under.
    pub group: &'static str,
    /// Its other names.
    pub also: Vec<&'static str>,
    /// What is said of it, in Markdown.
    pub text: &'static str,
}

impl Term {
    /// All names that it is found by.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        std::iter::once(self.name).chain(self.also.iter().copied())
    }

    /// The term under its heading, as the page has it.
    pub fn markdown(&self) -> String {
        let also: Vec<String> = self.also.iter().map(|name| format!("`{name}`")).collect();
        let also = if also.is_empty() {
            String::new()
        } else {
            format!("{ALSO} {}.\n\n", also.join(", "))
        };
        format!("### {}\n\n{also}{}\n\n", self.name, self.text)
    }
}

/// There is no such term.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no term `{wanted}`; {}", meant(*.nearest))]
pub struct UnknownTerm {
    /// What was asked for.
    pub wanted: String,
    /// The name that is most like it, where one is.
    pub nearest: Option<&'static str>,
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "`oyer explain` lists all terms".to_owned(),
        |name| format!("did you mean `{name}`?"),
    )
}

/// All terms, in the order of the page.
pub fn terms() -> Vec<Term> {
    let mut terms = Vec::new();
    for (group, of_group) in sections(PAGE, "## ") {
        for (name, text) in sections(of_group, "### ") {
            terms.push(term(name, group, text));
        }
    }
    terms
}

/// The term of some name, whatever its case and however its words are joined; the heading
/// of a table, such as `90% interval`, is that of its term at some level.
///
/// # Errors
///
/// When no term has the name.
pub fn find(wanted: &str) -> Result<Term, UnknownTerm> {
    let key = plain(wanted);
    let key = without_level(&key);
    let mut terms = terms();
    if let Some(place) = terms
        .iter()
        .position(|term| term.names().any(|name| without_level(&plain(name)) == key))
    {
        return Ok(terms.swap_remove(place));
    }
    Err(UnknownTerm {
        wanted: wanted.to_owned(),
        nearest: nearest(key, terms.iter().flat_map(Term::names)),
    })
}

/// The name that is most like a key, if any is like it.
fn nearest(key: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    const ALIKE: f64 = 0.8;
    names
        .map(|name| (strsim::jaro_winkler(key, &plain(name)), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        // The first of equals, so that a heading goes before its other names.
        .reduce(|best, other| if other.0 > best.0 { other } else { best })
        .map(|(_, name)| name)
}

/// A name without case, blanks, hyphens and underscores.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !"-_`".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// A plain name without the percentage that it starts with.
fn without_level(key: &str) -> &str {
    let digits = |c: char| c.is_ascii_digit() || ".,".contains(c);
    match key.trim_start_matches(digits).strip_prefix('%') {
        Some(rest) if !rest.is_empty() && key.starts_with(digits) => rest,
        _ => key,
    }
}

/// The headings that start with a mark, each with what stands under it.
fn sections<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut starts: Vec<usize> = text
        .match_indices(mark)
        .map(|(at, _)| at)
        .filter(|&at| at == 0 || text[..at].ends_with('\n'))
        .collect();
    starts.push(text.len());
    let mut ends = starts.clone().into_iter().skip(1);
    starts.into_iter().filter_map(move |start| {
        let section = &text[start..ends.next()?];
        let (heading, under) = section.split_once('\n')?;
        Some((heading[mark.len()..].trim(), under.trim()))
    })
}

fn term(name: &'static str, group: &'static str, under: &'static str) -> Term {
    let (also, text) = match under.split_once('\n') {
        Some((line, rest)) if line.starts_with(ALSO) => (line, rest.trim_start()),
        _ => ("", under),
    };
    let also = also
        .trim_start_matches(ALSO)
        .trim_end_matches('.')
        .split(',')
        .map(|name| name.trim().trim_matches('`'))
        .filter(|name| !name.is_empty())
        .collect();
    Term {
        name,
        group,
        also,
        text,
    }
}

/// Starts the line of a term's other names.
const ALSO: &str = "Also:";

#[cfg(test)]
mod tests;
