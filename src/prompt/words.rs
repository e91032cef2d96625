//! The filters, tests and functions that a template names.
//!
//! The engine looks them up when it gets to them, and stops at the first that there is not.

/// What a name stands for where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Filter,
    Test,
    Function,
}

/// A name in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word<'s> {
    pub(super) kind: Kind,
    pub(super) name: &'s str,
    /// Byte of the template at which it stands.
    pub(super) at: usize,
}

/// Every filter, test and function that the tags of a template name, in their order.
pub(super) fn words(source: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    for_each_tag(source, &mut words, |_| {});
    words
}

/// The tags of a template, with their braces, in their order. What `raw` keeps from being
/// read belongs to its tag.
pub(super) fn tags(source: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    for_each_tag(source, &mut Vec::new(), |tag| tags.push(tag));
    tags
}

fn for_each_tag<'s>(source: &'s str, words: &mut Vec<Word<'s>>, mut seen: impl FnMut(&'s str)) {
    let mut at = 0;
    while let Some(opened) = source[at..].find('{') {
        at += opened;
        let tag = &source[at..];
        at += if tag.starts_with("{#") {
            tag.find("#}").map_or(tag.len(), |end| end + 2)
        } else if tag.starts_with("{{") || tag.starts_with("{%") {
            let length = length_of_tag(source, at, words);
            seen(&tag[..length]);
            length
        } else {
            1
        };
    }
}

/// How long the tag is that begins here, with the words in it. What `raw` keeps from being
/// read belongs to its tag.
fn length_of_tag<'s>(source: &'s str, start: usize, words: &mut Vec<Word<'s>>) -> usize {
    let is_statement = source[start..].starts_with("{%");
    let end = if is_statement { "%}" } else { "}}" };
    let mut at = start + 2;
    // What stands before a name, without blanks: a name or a sign.
    let mut before = if is_statement { "{%" } else { "{{" };
    let mut is_first = is_statement;
    while let Some(next) = source[at..].chars().next() {
        let rest = &source[at..];
        if rest.starts_with(end) {
            return at + end.len() - start;
        }
        let length = match next {
            '"' | '\'' => length_of_text(rest, next),
            _ if next.is_alphanumeric() || next == '_' => rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len()),
            _ => next.len_utf8(),
        };
        let token = &rest[..length];
        let is_name = next.is_alphabetic() || next == '_';
        if is_first && token == "raw" {
            return length_of_raw(rest) + at - start;
        }
        let kind = match before {
            "|" => Some(Kind::Filter),
            "filter" if is_statement => Some(Kind::Filter),
            "is" if token != "not" => Some(Kind::Test),
            "is not" => Some(Kind::Test),
            "." | "macro" => None,
            _ if rest[length..].trim_start().starts_with('(') && !KEYWORDS.contains(&token) => {
                Some(Kind::Function)
            }
            _ => None,
        };
        let mut length = length;
        if let Some(kind) = kind.filter(|_| is_name) {
            if kind != Kind::Function {
                length += length_of_dotted(&rest[length..]);
            }
            let name = &rest[..length];
            words.push(Word { kind, name, at });
            if kind == Kind::Filter {
                words.extend(named_in_call(source, at + length, name));
            }
        }
        if !next.is_whitespace() {
            before = match (before, token) {
                ("is", "not") => "is not",
                // An attribute of that name is none.
                (".", "is" | "filter") => "",
                (_, "filter") if !is_first => "",
                _ => token,
            };
            is_first = is_first && matches!(token, "-" | "+");
        }
        at += length;
    }
    source.len() - start
}

/// How long a text is up to the tag that ends `raw`, with it.
fn length_of_raw(text: &str) -> usize {
    let mut tags = text.match_indices("{%");
    let end = tags.find_map(|(at, _)| {
        let tag = &text[at + 2..];
        let tag = tag.strip_prefix(['-', '+']).unwrap_or(tag).trim_start();
        let rest = tag.strip_prefix("endraw")?.trim_start();
        let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
        Some(text.len() - rest.strip_prefix("%}")?.len())
    });
    end.unwrap_or(text.len())
}

/// How long the rest of a name with points is: `.b` of `a.b`, one filter or test.
fn length_of_dotted(rest: &str) -> usize {
    let mut length = 0;
    while let Some(part) = rest[length..].strip_prefix('.') {
        let end = part.find(|c: char| !c.is_alphanumeric() && c != '_');
        let end = end.unwrap_or(part.len());
        if end == 0 {
            break;
        }
        length += 1 + end;
    }
    length
}

/// The filter or test whose name in quotes is what a filter, called here, is given first:
/// `map("lower")`.
fn named_in_call<'s>(source: &'s str, at: usize, filter: &str) -> Option<Word<'s>> {
    let kind = match filter {
        "map" => Kind::Filter,
        "select" | "reject" => Kind::Test,
        _ => return None,
    };
    let inside = source[at..].trim_start().strip_prefix('(')?.trim_start();
    let quote = inside.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, _) = inside[1..].split_once(quote)?;
    let at = source.len() - inside.len() + 1;
    (!name.contains('\\')).then_some(Word { kind, name, at })
}

/// What may stand before a parenthesis and is no function.
const KEYWORDS: [&str; 9] = ["in", "and", "or", "not", "if", "elif", "else", "is", "call"];

/// How long the quoted text is that begins here.
fn length_of_text(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !is_escaped {
            return at + 1;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(source: &str, kind: Kind) -> Vec<&str> {
        let words = words(source);
        for word in &words {
            assert!(source[word.at..].starts_with(word.name), "{word:?}");
        }
        let of_kind = words.into_iter().filter(|word| word.kind == kind);
        of_kind.map(|word| word.name).collect()
    }

    #[test]
    fn filters_tests_and_functions_are_found_in_every_kind_of_tag() {
        let source = "{{ a|one | two(1, x|three) }} {%- if b is four and c is not five %}\
                      {% for x in six() if x is seven(8) %}{{ (x)|eight }}{% endfor %}{% endif %}\
                      {% filter nine %}é{% endfilter %}{% set y = range (3)|ten -%}";
        let filters = ["one", "two", "three", "eight", "nine", "ten"];
        // A call of a filter or a test is none of a function.
        assert_eq!(named(source, Kind::Filter), filters);
        assert_eq!(named(source, Kind::Test), ["four", "five", "seven"]);
        assert_eq!(named(source, Kind::Function), ["six", "range"]);
    }

    #[test]
    fn what_is_no_filter_test_or_function_is_not_taken_for_one() {
        let source = "x|no {# {{ x|no }} is no #} { x|no } {% raw %}{{ x|no }}{% endraw %}\
                      {{ 'x|no is no()' }}{{ \"}}|no \\\" |no\" }}{{ x.is }}{{ x.no() }}\
                      {{ x.filter }}{{ a if (b) else (c) }}{% macro mine(x) %}{% endmacro %}\
                      {{ a in (1, 2) and not (b) }}";
        assert_eq!(words(source), []);
        assert_eq!(named("{{ 'it''s'|yes }}", Kind::Filter), ["yes"]);
    }

    #[test]
    fn raw_ends_with_its_tag_and_not_with_the_word() {
        for end in ["{% endraw %}", "{%-endraw-%}", "{%+ endraw +%}"] {
            let source = format!(
                "{{% raw %}}{{{{ x|no }}}} endraw {{% endraws %}} {{{{ x|no }}}}{end}{{{{ x|yes }}}}"
            );
            assert_eq!(named(&source, Kind::Filter), ["yes"], "{source}");
        }
    }

    #[test]
    fn a_name_with_points_is_one_and_what_a_filter_is_given_by_name_is_one_too() {
        let source = "{{ x|a.b|c.d(1) }}{{ x is e.f }}{{ x|map('g')|select( \"h\")|map }}\
                      {{ x|map(attribute='no')|join('no') }}";
        let filters = ["a.b", "c.d", "map", "g", "select", "map", "map", "join"];
        assert_eq!(named(source, Kind::Filter), filters);
        assert_eq!(named(source, Kind::Test), ["e.f", "h"]);
    }

    #[test]
    fn a_tag_that_does_not_end_ends_with_the_template() {
        for source in ["{{ x|yes", "{% if x|yes", "{{ x|yes(\"é", "{{ x|yes('\\"] {
            assert_eq!(named(source, Kind::Filter), ["yes"], "{source}");
        }
        assert_eq!(words("{% raw %}{{ x|no"), []);
        assert_eq!(words("{# {{ x|no"), []);
    }
}
