//! Flags of an import that say nothing of the files.

use super::csv::{Mapping, is_of_order};
use super::{Format, Options};

/// What is said of the first flag that is wrong: one that was given twice with different
/// meanings, or that nothing of this format is told by.
pub fn wrong_flag(format: Format, options: &Options) -> Option<String> {
    let Mapping { columns, values } = &options.columns;
    // A word may stand in both columns.
    let (orders, outcomes): (Vec<_>, Vec<_>) = values.iter().partition(|value| is_of_order(value));
    twice("--column", &columns.iter().collect::<Vec<_>>())
        .or_else(|| twice("--value", &outcomes))
        .or_else(|| twice("--value", &orders))
        .or_else(|| of_no_use(format, options))
}

/// What is said of a name that two meanings were given.
fn twice(flag: &str, pairs: &[&(String, String)]) -> Option<String> {
    let mut given = pairs.iter().enumerate();
    given.find_map(|(at, (name, to))| {
        let mut before = pairs[..at].iter();
        let (_, first) =
            before.find(|(known, first)| known.trim() == name.trim() && first != to)?;
        Some(format!(
            "{flag} is given twice for `{name}`, as `{first}` and as `{to}`: leave one of them out"
        ))
    })
}

fn of_no_use(format: Format, options: &Options) -> Option<String> {
    use Format::{
        AlpacaEval, ArenaHard, Csv, Fastchat, Inspect, Judgebench, LabelStudio, Llmbar, Pandalm,
        Wildbench,
    };
    let flags: [(&str, bool, &str, &[Format]); 6] = [
        (
            "--baseline",
            options.baseline.is_some(),
            "the model that others are compared with",
            &[AlpacaEval, Fastchat, ArenaHard, Wildbench, Inspect],
        ),
        (
            "--judge",
            options.judge.is_some(),
            "the judge",
            &[
                AlpacaEval, Fastchat, ArenaHard, Llmbar, Judgebench, Pandalm, Wildbench, Inspect,
                Csv,
            ],
        ),
        (
            "--column",
            !options.columns.columns.is_empty(),
            "the columns",
            &[Csv],
        ),
        (
            "--value",
            !options.columns.values.is_empty(),
            "the words of an outcome or a choice",
            &[Csv, LabelStudio],
        ),
        (
            "--key",
            !options.keys.is_empty(),
            "the tasks that `oyer export label-studio` wrote",
            &[LabelStudio],
        ),
        (
            "--length-margin",
            !options.length_margins.is_empty(),
            "the length margin of slight wins",
            &[Wildbench],
        ),
    ];
    let mut flags = flags.into_iter();
    let (flag, _, what, formats) =
        flags.find(|(_, is_given, _, formats)| *is_given && !formats.contains(&format))?;
    let formats: Vec<String> = formats.iter().map(|of| format!("`{of}`")).collect();
    Some(format!(
        "{flag} tells {what} of {}, and says nothing of `{format}`: leave it out",
        formats.join(", ")
    ))
}

/// What is said of words that were given a meaning and that no file has in their place.
pub(super) fn of_words<'o>(
    unmet: impl Iterator<Item = &'o (String, String)>,
    place: &str,
) -> Option<String> {
    let unmet: Vec<String> = unmet.map(|(word, to)| format!("{word}={to}")).collect();
    (!unmet.is_empty()).then(|| {
        format!(
            "--value {} says nothing here: no {place} of the files is that word",
            unmet.join(", --value ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_is_of_use_to_some_format_and_said_to_be_of_none_to_others() {
        let text = || Some("x".to_owned());
        let pair = || vec![("x".to_owned(), "y".to_owned())];
        let mut value = Options::default();
        value.columns.values = pair();
        let mut column = Options::default();
        column.columns.columns = pair();
        let all = [
            (
                "--baseline",
                Options {
                    baseline: text(),
                    ..Options::default()
                },
                5,
            ),
            (
                "--judge",
                Options {
                    judge: text(),
                    ..Options::default()
                },
                9,
            ),
            ("--column", column, 1),
            ("--value", value, 2),
            (
                "--key",
                Options {
                    keys: vec!["k".into()],
                    ..Options::default()
                },
                1,
            ),
            (
                "--length-margin",
                Options {
                    length_margins: vec![500],
                    ..Options::default()
                },
                1,
            ),
        ];
        for (flag, options, formats) in all {
            let said = Format::ALL.map(|format| of_no_use(format, &options));
            let useless: Vec<&String> = said.iter().flatten().collect();
            assert_eq!(Format::ALL.len() - useless.len(), formats, "{flag}");
            assert!(
                useless.iter().all(|said| said.starts_with(flag)),
                "{useless:?}"
            );
        }
        assert_eq!(wrong_flag(Format::Csv, &Options::default()), None);
        let mut options = Options::default();
        let pair = |name: &str, to: &str| (name.to_owned(), to.to_owned());
        options.columns.values = vec![pair("yes", "win"), pair("no", "loss"), pair("yes", "win")];
        assert_eq!(wrong_flag(Format::Csv, &options), None);
        options.columns.values.push(pair("no ", "tie"));
        let said = wrong_flag(Format::Csv, &options).unwrap();
        assert!(said.contains("as `loss` and as `tie`"), "{said}");
        options.columns.values = vec![pair("1", "win"), pair("1", "candidate_first")];
        assert_eq!(wrong_flag(Format::Csv, &options), None);
        options.columns.values.push(pair("1", "opponent_first"));
        let said = wrong_flag(Format::Csv, &options).unwrap();
        assert!(
            said.contains("as `candidate_first` and as `opponent_first`"),
            "{said}"
        );
    }
}
