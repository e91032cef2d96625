//! Whether a reply that uses refusing words names an option of the scale, as an answer with its
//! reasons does: `Strongly disagree! I cannot respond with violence.`

use super::super::is_markup;
use super::super::value::folded_label;
use crate::study::Scale;
use crate::text::folded;

/// What may stand before a label at the beginning of a clause.
const LEADS: &[&str] = &["i ", "i'd ", "it is ", "it's ", "saya ", "ia ", "我", "நான் "];

const CLAUSE_ENDS: [char; 11] = ['.', ',', ';', ':', '!', '?', '(', ')', '–', '—', '='];

/// The label that the clauses which are one, or begin or end with one, name, where they name
/// no other. A label that is a part of words that refuse (`No comment`, where `No` is an option)
/// names none.
pub(super) fn named_option(
    text: &str,
    scale: &Scale,
    says_no: impl Fn(&str) -> bool,
) -> Option<String> {
    let options = scale.options().iter();
    let labels: Vec<String> = options
        .filter_map(|option| option.label.as_deref().map(folded_label))
        .filter(|label| !label.is_empty())
        .collect();
    let mut named: Option<&str> = None;
    for line in text.lines() {
        let line = folded(line).replace(" - ", " – ");
        let mut begin = 0;
        while begin <= line.len() {
            let rest = &line[begin..];
            let end = rest.find(CLAUSE_ENDS).map_or(line.len(), |at| begin + at);
            let clause = Clause {
                from: bare(rest),
                until: bare(&line[..end]),
                whole: bare(&line[begin..end]),
            };
            if let Some(label) = clause.label(&labels, &says_no) {
                if named.is_some_and(|before| before != label) {
                    return None;
                }
                named = Some(label);
            }
            begin = end + line[end..].chars().next().map_or(1, char::len_utf8);
        }
    }
    named.map(str::to_owned)
}

/// A clause of a line: labels may have marks that would end it.
struct Clause<'t> {
    /// The line from its beginning on.
    from: &'t str,
    /// The line up to its end.
    until: &'t str,
    whole: &'t str,
}

impl Clause<'_> {
    /// The longest label with which it begins or ends.
    fn label<'l>(&self, labels: &'l [String], says_no: &dyn Fn(&str) -> bool) -> Option<&'l str> {
        let fitting = labels.iter().map(String::as_str);
        let fitting = fitting.filter(|label| self.begins(label) || self.ends(label));
        if self.whole.is_empty() {
            return None;
        }
        let label = fitting.max_by_key(|label| label.len())?;
        let rest = self.rest_after(label);
        let is_answer = if self.begins(label) {
            rest.is_none_or(|rest| rest.is_empty() || says_no(rest)) || !says_no(self.whole)
        } else {
            let before = self.whole.strip_suffix(label).unwrap_or_default();
            !says_no(before) && !says_no(self.whole)
        };
        (is_answer || says_no(label)).then_some(label)
    }

    fn begins(&self, label: &str) -> bool {
        after(self.from, label).is_some()
    }

    /// What of the clause follows the label with which it begins; none where it ends first.
    fn rest_after(&self, label: &str) -> Option<&str> {
        after(self.whole, label)
    }

    fn ends(&self, label: &str) -> bool {
        let before = self.until.strip_suffix(label);
        before.is_some_and(|before| !joins(before.chars().next_back(), label.chars().next()))
    }
}

/// What follows a label with which a text begins, or begins after who speaks.
fn after<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let without_lead = LEADS.iter().filter_map(|lead| text.strip_prefix(lead));
    let mut texts = without_lead.chain([text]);
    texts.find_map(|text| {
        let rest = text.strip_prefix(label)?;
        (!joins(label.chars().next_back(), rest.chars().next())).then_some(rest.trim())
    })
}

/// Whether two letters next to each other may be of one word; Chinese has no blanks.
fn joins(one: Option<char>, next: Option<char>) -> bool {
    let is_part = |c: char| c.is_alphanumeric() && !('\u{3400}'..='\u{9fff}').contains(&c);
    one.is_some_and(is_part) && next.is_some_and(is_part)
}

/// Without layout around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || is_markup(c))
}
