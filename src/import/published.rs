//! Values that were published for figures, and whether they are the same.

mod claims;

pub use claims::{Claim, PublishedError, read_claims};

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::notes::most_of;
use super::places::whole;
use crate::analysis::source_figures::{Figure, Published, SourceFigures, Unit, half_of_last_digit};
use claims::COMMAND_LINE;

/// Whether a figure is what was printed: equal to the digits printed, or, where more are
/// printed than a sum of rounded numbers can keep, within `1e-9`.
fn agrees(figure: f64, printed: &str, value: f64) -> bool {
    // Numbers that are large have no digits as small as that.
    let by_sums = f64::max(1e-9, 4.0 * f64::EPSILON * figure.abs());
    (figure - value).abs() <= half_of_last_digit(printed).max(by_sums)
}

/// Sets each claim beside the figure that it is about; gives a sentence for each
/// that is about none.
pub fn compare(sets: &mut [SourceFigures], claims: &[Claim]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut strangers: Vec<&Claim> = Vec::new();
    for claim in claims {
        let mut about: Vec<usize> = (0..sets.len())
            .filter(|&at| {
                is_about(&sets[at], claim) && sets[at].figures.iter().any(|f| is_named(f, claim))
            })
            .collect();
        if claim.subject.is_none() && about.len() > 1 {
            let by_place = about.iter().copied();
            let by_place: Vec<usize> = by_place
                .filter(|&at| is_called_by_place(&sets[at].subject, claim))
                .collect();
            if by_place.len() == 1 {
                about = by_place;
            }
        }
        match (about.as_slice(), &claim.subject) {
            // A column of other things may have any name.
            ([], _) if claim.value.is_none() => {}
            ([], Some(subject)) if claim.from == COMMAND_LINE => {
                let known = sets.iter().any(|set| is_about(set, claim));
                notes.push(if known {
                    format!(
                        "`{}` of {subject} was given as published, but is no figure here",
                        claim.name
                    )
                } else {
                    format!(
                        "`{}` of {subject} was given as published, but no figures here are about {subject}; they are about {}",
                        claim.name,
                        subjects(sets)
                    )
                });
            }
            ([], Some(_)) => strangers.push(claim),
            ([], None) => notes.push(format!(
                "`{}` was given as published, but is no figure here",
                claim.name
            )),
            ([_, _, ..], None) => notes.push(of_several(claim, about.len())),
            _ => {
                for at in about {
                    let SourceFigures {
                        figures, subject, ..
                    } = &mut sets[at];
                    notes.extend(set_beside(figures, subject, claim));
                }
            }
        }
    }
    settle_strengths(sets);
    let unknown: BTreeSet<&str> = strangers
        .iter()
        .filter(|claim| sets.iter().any(|set| is_about(set, claim)))
        .map(|claim| claim.name.as_str())
        .collect();
    if !unknown.is_empty() {
        let names: Vec<&str> = unknown.into_iter().collect();
        notes.push(format!(
            "published too, but no figures here, and so not compared: {}",
            names.join(", ")
        ));
    }
    // A leaderboard names many whom nobody asked about; but one of them should be here.
    let mut files: Vec<&str> = strangers.iter().map(|claim| claim.from.as_str()).collect();
    files.dedup();
    for file in files {
        let used = |set: &SourceFigures| {
            let mut published = set.figures.iter().filter_map(|f| f.published.as_ref());
            published.any(|published| published.from == file)
        };
        if !sets.iter().any(used) {
            notes.push(format!(
                "no published value of {file} is about any of the figures here (they are about {})",
                subjects(sets)
            ));
        }
    }
    notes
}

/// What is said of a value that names none of the subjects that have its figure.
fn of_several(claim: &Claim, subjects: usize) -> String {
    let Claim { name, printed, .. } = claim;
    let place = if claim.from == COMMAND_LINE {
        String::new()
    } else {
        format!(
            ", and the place of {} names none or several of them",
            claim.from
        )
    };
    let percent = if claim.is_percent { "%" } else { "" };
    format!(
        "`{name}` was given as published, but {subjects} subjects have it{place}: write subject:{name}={printed}{percent}"
    )
}

/// The fewest published strengths that are brought to another scale: to one a scale fits
/// always, and two of few digits say little more.
const FEWEST_ON_A_SCALE: usize = 3;

/// Strengths are defined up to a factor, so what one place published of them is compared on
/// the scale on which most of it is the same, where that is more than as printed. Fewer
/// than [`FEWEST_ON_A_SCALE`] are compared as printed.
fn settle_strengths(sets: &mut [SourceFigures]) {
    let all = sets.iter_mut().flat_map(|set| &mut set.figures);
    let mut alike: BTreeMap<(String, String), Vec<&mut Figure>> = BTreeMap::new();
    for figure in all.filter(|figure| figure.unit == Unit::Strength) {
        if let Some(published) = &figure.published {
            let key = (figure.name.clone(), published.from.clone());
            alike.entry(key).or_default().push(figure);
        }
    }
    alike.into_values().for_each(settle);
}

/// Compares what was published of some strengths on the scale on which most are the same.
fn settle(mut figures: Vec<&mut Figure>) {
    let scales: Vec<Option<Scales>> = figures.iter().map(|figure| Scales::of(figure)).collect();
    // What is printed as 0 is the same on every scale that is large enough, and tells none.
    let tells = |scales: &Option<Scales>| scales.filter(|scales| scales.most.is_finite());
    let known: Vec<Scales> = scales.iter().filter_map(tells).collect();
    if known.len() < FEWEST_ON_A_SCALE {
        return;
    }
    let Some((scale, on_scale)) = scale_of_most(&known) else {
        return;
    };
    let telling = figures
        .iter()
        .zip(&scales)
        .filter(|(_, scales)| tells(scales).is_some());
    let published = telling.filter_map(|(figure, _)| figure.published.as_ref());
    let as_printed = published.filter(|published| published.agrees).count();
    // Any one value is the same on some scale.
    if on_scale <= as_printed.max(1) {
        return;
    }
    for (figure, scales) in figures.iter_mut().zip(scales) {
        if let Some(published) = &mut figure.published {
            published.agrees = scales.is_some_and(|scales| scales.hold(scale));
        }
    }
}

/// The factors that bring a published strength to the one here, to the digits printed.
#[derive(Debug, Clone, Copy)]
struct Scales {
    least: f64,
    most: f64,
}

/// How far off a strength may be for its size, where more digits are printed.
const OF_STRENGTH: f64 = 1e-6;

impl Scales {
    fn of(figure: &Figure) -> Option<Self> {
        let value = figure.value.filter(|value| *value > 0.0)?;
        let published = figure.published.as_ref()?;
        let half = half_of_last_digit(&published.printed);
        let [smallest, largest] = [published.value - half, published.value + half];
        if largest <= 0.0 {
            return None;
        }
        // What is printed as 0 may be as small as it likes.
        let most = if smallest > 0.0 {
            value / smallest
        } else {
            f64::INFINITY
        };
        let mut scales = Self {
            least: value / largest,
            most,
        };
        if published.value > 0.0 {
            let exact = value / published.value;
            scales.least = scales.least.min(exact * (1.0 - OF_STRENGTH));
            scales.most = scales.most.max(exact * (1.0 + OF_STRENGTH));
        }
        Some(scales)
    }

    fn hold(self, scale: f64) -> bool {
        (self.least..=self.most).contains(&scale)
    }
}

/// The largest scale that most published strengths hold, and how many; of several ranges of
/// such, that of the narrowest. A strength that is wrong is away from it, and moves it no bit.
fn scale_of_most(known: &[Scales]) -> Option<(f64, usize)> {
    let ends = |scales: &Scales| [(scales.least, false), (scales.most, true)];
    let mut ends: Vec<(f64, bool)> = known.iter().flat_map(ends).collect();
    // A range begins before another ends at the same place, since both hold it.
    ends.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (mut holding, mut found) = (0, None);
    let mut width_of_found = f64::INFINITY;
    for (place, &(scale, is_end)) in ends.iter().enumerate() {
        if is_end {
            holding -= 1;
            continue;
        }
        holding += 1;
        // What begins here ends somewhere, and where most hold, the next to come is an end.
        let Some((next, _)) = ends.get(place + 1) else {
            continue;
        };
        let width = next / scale;
        let most = found.map_or(0, |(_, most)| most);
        if holding > most || (holding == most && width < width_of_found) {
            (found, width_of_found) = (Some((*next, holding)), width);
        }
    }
    found
}

/// What figures are called here, each once.
fn subjects(sets: &[SourceFigures]) -> String {
    let names: BTreeSet<&String> = sets.iter().map(|set| &set.subject).collect();
    most_of(names.into_iter().cloned())
}

fn names(set: &SourceFigures) -> Vec<&str> {
    let mut names: Vec<&str> = set.also_called.iter().map(String::as_str).collect();
    match &set.comparison {
        Some(subject) => names.push(&subject.candidate),
        None => names.push(&set.subject),
    }
    names
}

fn is_about(set: &SourceFigures, claim: &Claim) -> bool {
    match &claim.subject {
        None => true,
        Some(subject) => names(set).contains(&subject.as_str()) || set.subject == *subject,
    }
}

/// Whether the place of a claim's file names a subject: all parts of its name are folders
/// above the file, or the file without its ending, as `Natural/GPT-4/CoT` in
/// `Natural/evaluators/GPT-4/CoT/statistics.json`.
fn is_called_by_place(subject: &str, claim: &Claim) -> bool {
    if claim.from == COMMAND_LINE {
        return false;
    }
    let path = whole(Path::new(&claim.from));
    let folders = path.ancestors().skip(1).filter_map(Path::file_name);
    let places: Vec<_> = folders.chain(path.file_stem()).collect();
    subject
        .split('/')
        .all(|part| places.iter().any(|place| *place == part))
}

/// Names that the sources' own files have for figures that are called otherwise here.
const OTHER_NAMES: [(&str, &str); 2] = [
    // WildBench's score.json; `score` alone says too little beside `adjusted_score`.
    ("score", "raw_score"),
    // Of scores less 5, doubled, as all task averages are.
    ("adjusted_task_macro_score", "task_macro_score"),
];

fn is_named(figure: &Figure, claim: &Claim) -> bool {
    let is_other = |(other, name): &(&str, &str)| claim.name == *other && figure.name == *name;
    figure.name == claim.name || OTHER_NAMES.iter().any(is_other)
}

/// Sets a claim beside the figure that it names. Of several claims of one figure one that
/// is not the same stands, and that they differ is said.
fn set_beside(figures: &mut [Figure], subject: &str, claim: &Claim) -> Vec<String> {
    let mut notes = Vec::new();
    for figure in figures.iter_mut().filter(|figure| is_named(figure, claim)) {
        let Some(value) = claim.value else {
            notes.push(format!(
                "`{}` of {subject} is `{}` in {}, which is no number, and so not compared",
                figure.name, claim.printed, claim.from
            ));
            continue;
        };
        let percent = figure.unit.percent();
        // A number of things is no share of them, and so never the same.
        let is_count = matches!(figure.unit, Unit::Count | Unit::Characters);
        if claim.is_percent && percent.is_none() && !is_count {
            notes.push(format!(
                "`{}` of {subject} was published as {}% in {}, but a percent of it means nothing ({}), and so it is not compared; give the number without the sign if that is what was printed",
                figure.name, claim.printed, claim.from, figure.definition
            ));
            continue;
        }
        let is_in_percent = percent.is_some_and(|percent| percent >= 1.0);
        let (printed, value) = match percent {
            _ if !claim.is_percent || is_in_percent => (claim.printed.clone(), value),
            Some(_) => (format!("{}%", claim.printed), value / 100.0),
            None => (format!("{}%", claim.printed), value),
        };
        let is_same = |figure| !(claim.is_percent && is_count) && agrees(figure, &printed, value);
        let new = Published {
            agrees: figure.value.is_some_and(is_same),
            printed,
            value,
            from: claim.from.clone(),
        };
        match &figure.published {
            Some(before) if !(before.agrees && new.agrees) => {
                if before.printed != new.printed {
                    notes.push(format!(
                        "`{}` of {subject} was published twice, and not the same: as {} ({}) and as {} ({})",
                        figure.name, before.printed, before.from, new.printed, new.from
                    ));
                }
                if before.agrees {
                    figure.published = Some(new);
                }
            }
            Some(_) => {}
            None => figure.published = Some(new),
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::claims::{of_csv, of_object};
    use super::*;

    fn claim(text: &str) -> Claim {
        read_claims(text).unwrap().remove(0)
    }

    fn set(subject: &str, value: f64) -> SourceFigures {
        SourceFigures {
            source: "s".to_owned(),
            subject: subject.to_owned(),
            figures: vec![Figure::new("win_rate", Some(value), Unit::Percent, "d")],
            why_they_differ: Vec::new(),
            ..SourceFigures::default()
        }
    }

    #[test]
    fn values_agree_to_the_digits_that_were_printed() {
        for (figure, printed, same) in [
            (50.04, "50.0", true),
            (50.06, "50.0", false),
            (50.4, "50", true),
            (6.937_294_379_677_018, "6.937294379677019", true),
            (6.937_294_4, "6.937294379677018", false),
            (0.000_012_3, "1.23e-05", true),
            (0.000_012_4, "1.23e-05", false),
            (123.0, "1.2e2", true),
            (1234.0, "1.2e3", true),
            (1260.0, "1.2e3", false),
            (76.919_791_870_0, "76.9197918037", false),
            (76.919_791_804_2, "76.9197918037", true),
            (123_456_789.123_456_79, "123456789.12345679", true),
        ] {
            let claim = claim(&format!("x={printed}"));
            let found = agrees(figure, &claim.printed, claim.value.unwrap());
            assert_eq!(found, same, "{figure} {printed}");
        }
    }

    #[test]
    fn a_percent_sign_is_read_by_the_unit_of_the_figure() {
        let with = |unit, value: f64, claims: &[Claim]| {
            let mut sets = [set("a", value)];
            sets[0].figures[0].unit = unit;
            compare(&mut sets, claims);
            sets[0].figures[0].published.clone().unwrap()
        };
        for (unit, value, printed, same) in [
            (Unit::Share, 0.2078, "20.8%", true),
            (Unit::Share, 0.2078, "20.7%", false),
            (Unit::Share, 0.2078, "20.8", false),
            (Unit::Share, 0.2078, "0.208", true),
            (Unit::Share, 0.2078, "2.1e1 %", true),
            (Unit::Percent, 20.78, "20.8%", true),
            (Unit::Percent, 20.78, "20.8", true),
            (Unit::Count, 20.0, "20", true),
            (Unit::Count, 20.0, "20%", false),
            (Unit::Characters, 20.0, "20%", false),
        ] {
            let claims = [claim(&format!("win_rate={printed}"))];
            let found = with(unit, value, &claims);
            assert_eq!(found.agrees, same, "{unit:?} {printed}");
        }
        let found = with(Unit::Share, 0.2078, &[claim("win_rate=20.8%")]);
        assert_eq!(
            (found.printed.as_str(), found.value),
            ("20.8%", 20.8 / 100.0)
        );
        assert!(found.is_to_the_last_digit(0.2078));
        assert!(!found.is_to_the_last_digit(0.2072));
        for (unit, value) in [(Unit::Coefficient, 0.852), (Unit::NetShare, 0.852)] {
            let found = with(unit, value, &[claim("win_rate=85.2%")]);
            assert!(found.agrees, "{unit:?}");
        }
        let cells = of_csv(",win_rate\na,20.8%\n", "f").unwrap();
        assert!(with(Unit::Share, 0.2078, &cells).agrees);
        let fields = serde_json::json!({"win_rate": "10 / 48 = 20.8%"});
        let fields = of_object(fields.as_object().unwrap(), "f");
        assert!(with(Unit::Share, 0.2078, &fields).agrees);
    }

    #[test]
    fn a_percent_of_a_scale_that_has_none_is_refused_with_a_sentence() {
        for (unit, value) in [(Unit::Score, 7.5), (Unit::Strength, 1.2)] {
            let mut sets = [set("a", value)];
            sets[0].figures[0].unit = unit;
            let notes = compare(&mut sets, &[claim(&format!("win_rate={value}%"))]);
            assert_eq!(notes.len(), 1, "{notes:?}");
            assert!(
                notes[0].contains("a percent of it means nothing (d)"),
                "{notes:?}"
            );
            assert!(sets[0].figures[0].published.is_none());
            assert!(compare(&mut sets, &[claim(&format!("win_rate={value}"))]).is_empty());
            assert!(sets[0].figures[0].published.as_ref().unwrap().agrees);
        }
    }

    #[test]
    fn figures_that_python_has_no_number_for_are_not_compared() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.json");
        std::fs::write(&path, "{\"kappa\": NaN, \"win_rate\": 50.0}").unwrap();
        let claims = read_claims(path.to_str().unwrap()).unwrap();
        let names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
        assert_eq!(names, ["win_rate"]);
        // A name that holds the word in a CSV stays as it is.
        let path = dir.path().join("l.csv");
        std::fs::write(&path, ",win_rate\nNaN-7b,50\nb,NaN\n").unwrap();
        let claims = read_claims(path.to_str().unwrap()).unwrap();
        assert_eq!(claims[0].subject.as_deref(), Some("NaN-7b"));
        assert_eq!(claims.len(), 1);
    }

    #[test]
    fn a_claim_finds_its_subject_or_says_why_not() {
        let mut sets = [set("a", 50.0), set("b", 60.0)];
        let notes = compare(
            &mut sets,
            &[
                claim("b:win_rate=60.1"),
                claim("win_rate=50"),
                claim("loss=1"),
            ],
        );
        assert!(!sets[1].figures[0].published.as_ref().unwrap().agrees);
        assert!(sets[0].figures[0].published.is_none());
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert_eq!(
            notes[0],
            "`win_rate` was given as published, but 2 subjects have it: write subject:win_rate=50"
        );
        let from_file = Claim {
            from: "board.json".to_owned(),
            ..claim("win_rate=50%")
        };
        let notes_of_file = compare(&mut sets, &[from_file]);
        assert!(
            notes_of_file[0].contains("the place of board.json names none")
                && notes_of_file[0].ends_with("subject:win_rate=50%"),
            "{notes_of_file:?}"
        );
        let notes = compare(&mut sets, &[claim("c:win_rate=1")]);
        assert!(
            notes[0].contains("no figures here are about c; they are about a, b"),
            "{notes:?}"
        );
        let notes = compare(&mut sets, &[claim("a:loss=1")]);
        assert!(notes[0].contains("`loss` of a"), "{notes:?}");
        let of_file = Claim {
            from: "board.csv".to_owned(),
            ..claim("c:win_rate=1")
        };
        let notes = compare(&mut sets, &[of_file]);
        assert!(
            notes[0].contains("no published value of board.csv"),
            "{notes:?}"
        );
    }

    #[test]
    fn values_of_a_file_are_of_the_subject_that_its_folders_name() {
        let subjects = [
            "Natural/GPT-4/CoT",
            "Natural/GPT-4/Vanilla",
            "GPTOut/GPT-4/CoT",
        ];
        let of = |from: &str| {
            let mut sets = subjects.map(|subject| set(subject, 50.0));
            let claim = Claim {
                from: from.to_owned(),
                ..claim("win_rate=50")
            };
            let notes = compare(&mut sets, &[claim]);
            (
                sets.map(|set| set.figures[0].published.is_some()),
                notes.len(),
            )
        };
        let place = "x/Natural/evaluators/GPT-4/CoT/statistics.json";
        assert_eq!(of(place), ([true, false, false], 0));
        assert_eq!(of("GPT-4/CoT/statistics.json"), ([false; 3], 1));
        assert_eq!(of("Natural/GPTOut/GPT-4/CoT.json"), ([false; 3], 1));
        let in_its_folder = "x/Natural/evaluators/GPT-4/CoT/deeper/../statistics.json";
        assert_eq!(of(in_its_folder), ([true, false, false], 0));
    }

    #[test]
    fn a_value_that_was_published_twice_is_not_overwritten() {
        for (claims, printed) in [
            (["win_rate=50.0", "win_rate=51"], "51"),
            (["win_rate=51", "win_rate=50.0"], "51"),
            (["win_rate=52", "win_rate=51"], "52"),
        ] {
            let mut sets = [set("a", 50.0)];
            let notes = compare(&mut sets, &claims.map(claim));
            let published = sets[0].figures[0].published.as_ref().unwrap();
            assert_eq!(
                (published.agrees, published.printed.as_str()),
                (false, printed)
            );
            assert!(
                notes[0].contains("published twice, and not the same"),
                "{notes:?}"
            );
        }
        let mut sets = [set("a", 50.0)];
        assert!(compare(&mut sets, &[claim("win_rate=50.0"), claim("win_rate=50")]).is_empty());
    }

    #[test]
    fn figures_of_parts_and_other_names_are_found() {
        let of_model = serde_json::json!({"m": {"score": 7.0, "by": {"Math": 1.5, "n": {"x": 2}}}});
        let claims = of_object(of_model.as_object().unwrap(), "f");
        let names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
        assert_eq!(names, ["by: Math", "by: n: x", "score"]);
        let alone = of_object(of_model["m"].as_object().unwrap(), "f");
        assert!(alone.iter().all(|claim| claim.subject.is_none()));
        assert_eq!(alone.len(), 3);
        let mut sets = [set("m", 7.0)];
        sets[0].figures[0].name = "raw_score".to_owned();
        compare(&mut sets, &claims);
        assert!(sets[0].figures[0].published.as_ref().unwrap().agrees);
    }

    #[test]
    fn leaderboards_and_objects_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            read_claims(path.to_str().unwrap())
        };
        let claims = file("l.csv", ",win_rate,mode\nm1,6.93,verified\nm2,7,x\n").unwrap();
        let numbers = claims.iter().filter(|claim| claim.value.is_some());
        assert_eq!(numbers.count(), 2);
        assert_eq!(claims[2].subject.as_deref(), Some("m2"));
        let claims = file("g.csv", "algorithm,item,score\nelo,a,1.5\n").unwrap();
        assert_eq!(
            (claims[0].name.as_str(), claims[0].value),
            ("elo", Some(1.5))
        );
        let claims = file(
            "s.json",
            r#"{"correct": "71 / 100 = 71.0%", "kappa": 0.5, "m": {"x": 1}}"#,
        )
        .unwrap();
        let numbers: Vec<f64> = claims.iter().filter_map(|claim| claim.value).collect();
        assert_eq!(numbers, [71.0, 0.5, 1.0]);
        assert!(file("n.json", "{\"a\":").is_err());
        assert!(file("n.csv", "a,b\nx,y\n").is_err());
        let open = file("n.csv", "m,win_rate\na,50\n\"b,51\nc,52\n").unwrap_err();
        assert!(open.to_string().contains("line 3, column 1"), "{open}");
        assert!(read_claims("nothing").is_err());
        for unnamed in ["=5", " =5", "m:=5"] {
            let error = read_claims(unnamed).unwrap_err().to_string();
            assert!(
                error.contains("does not say what the value is of"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_cell_that_is_no_number_is_said_where_it_is_about_a_figure() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("l.csv");
        let text = ",win_rate,mode,size\na,5o.0,verified,7B\nb,n/a,x,8\nc,1,x,9\n";
        std::fs::write(&path, text).unwrap();
        let claims = read_claims(path.to_str().unwrap()).unwrap();
        let mut sets = [set("a", 50.0), set("b", 60.0), set("c", 1.0)];
        let notes = compare(&mut sets, &claims);
        let about = |text: &str| notes.iter().filter(|note| note.contains(text)).count();
        assert_eq!(about("`win_rate` of a is `5o.0` in"), 1, "{notes:?}");
        assert_eq!((about("mode"), about("of b")), (0, 0), "{notes:?}");
        assert!(sets[0].figures[0].published.is_none());
        assert!(sets[2].figures[0].published.as_ref().unwrap().agrees);
    }
    #[test]
    fn values_beside_a_file_are_of_its_folders_however_the_path_is_typed() {
        let here = std::env::current_dir().unwrap();
        let name = here.file_name().unwrap().to_str().unwrap();
        let mut sets = [set(name, 50.0), set("elsewhere", 50.0)];
        let beside = Claim {
            from: "statistics.json".to_owned(),
            ..claim("win_rate=50")
        };
        assert_eq!(compare(&mut sets, &[beside]), Vec::<String>::new());
        assert!(sets[0].figures[0].published.is_some());
    }

    #[test]
    fn whom_figures_are_about_is_said_by_the_names_that_a_value_can_give() {
        let mut sets = ["r/x", "r/y"].map(|subject| set(subject, 50.0));
        for set in &mut sets {
            set.comparison = Some(crate::analysis::source_figures::Subject {
                candidate: "the right one".to_owned(),
                opponent: "the other".to_owned(),
                judge: "j".to_owned(),
                rubric: "r".to_owned(),
                criterion: "c".to_owned(),
            });
        }
        let notes = compare(&mut sets, &[claim("z:win_rate=50")]);
        assert!(notes[0].ends_with("they are about r/x, r/y"), "{notes:?}");
        assert!(compare(&mut sets, &[claim("r/y:win_rate=50")]).is_empty());
        assert!(sets[1].figures[0].published.is_some());
    }

    #[test]
    fn strengths_of_each_name_are_brought_to_their_own_scale_where_that_helps() {
        let figures = |bradley_terry: f64, newman: f64| {
            [("bradley_terry", bradley_terry), ("newman", newman)]
                .map(|(name, value)| Figure::new(name, Some(value), Unit::Strength, "d"))
                .to_vec()
        };
        let sets = || {
            [("a", 0.5, 2.0), ("b", 0.3, 1.0), ("c", 0.2, 0.5)].map(|(subject, one, two)| {
                SourceFigures {
                    figures: figures(one, two),
                    ..set(subject, 0.0)
                }
            })
        };
        let agree = |claims: &[&str]| -> Vec<Option<bool>> {
            let claims: Vec<Claim> = claims.iter().map(|text| claim(text)).collect();
            let mut sets = sets();
            compare(&mut sets, &claims);
            let figures = sets.iter().flat_map(|set| &set.figures);
            let published = figures.map(|figure| figure.published.as_ref());
            published.map(|known| Some(known?.agrees)).collect()
        };
        // Of a geometric mean of 1, beside Newman's on another scale.
        let scale = (0.5_f64 * 0.3 * 0.2).cbrt();
        let texts: Vec<String> = [("a", 0.5, 4.0), ("b", 0.3, 2.0), ("c", 0.2, 1.0)]
            .into_iter()
            .flat_map(|(subject, one, two)| {
                let one: f64 = one / scale;
                [
                    format!("{subject}:bradley_terry={one:.12}"),
                    format!("{subject}:newman={two:.1}"),
                ]
            })
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(agree(&texts), [Some(true); 6]);
        // One that is wrong leaves the others the same.
        let wrong = [
            "a:bradley_terry=0.5",
            "b:bradley_terry=0.3",
            "c:bradley_terry=0.4",
        ];
        let found = agree(&wrong);
        assert_eq!(
            [found[0], found[2], found[4]],
            [Some(true), Some(true), Some(false)]
        );
        // One or two say too little of a scale.
        assert_eq!(agree(&["a:newman=3999"])[1], Some(false));
        let two = agree(&["a:newman=4.0", "b:newman=2.0"]);
        assert_eq!([two[1], two[3]], [Some(false); 2]);
        assert_eq!(agree(&["a:newman=2.0"])[1], Some(true));
    }

    /// How many of some published strengths are the same as those here.
    fn same_strengths(values: &[f64], printed: &[String]) -> usize {
        let subjects: Vec<String> = (0..values.len()).map(|n| format!("m{n}")).collect();
        let mut sets: Vec<SourceFigures> = subjects
            .iter()
            .zip(values)
            .map(|(subject, &value)| SourceFigures {
                figures: vec![Figure::new("newman", Some(value), Unit::Strength, "d")],
                ..set(subject, 0.0)
            })
            .collect();
        let claims: Vec<Claim> = subjects
            .iter()
            .zip(printed)
            .map(|(subject, printed)| claim(&format!("{subject}:newman={printed}")))
            .collect();
        assert_eq!(compare(&mut sets, &claims), Vec::<String>::new());
        let published = sets
            .iter()
            .filter_map(|set| set.figures[0].published.as_ref());
        published.filter(|published| published.agrees).count()
    }

    #[test]
    fn a_strength_that_is_wrong_moves_no_other_on_whatever_scale() {
        let values = [32.591_862, 5.122_308, 0.481_419, 0.480_480, 0.025_904];
        let on = |scale: f64| values.map(|value| format!("{:.6}", value * scale));
        assert_eq!(same_strengths(&values, &on(2.0)), 5);
        for wrong in 0..5 {
            for factor in [0.0, 0.01, 1.01, 5.0, 1e6] {
                let mut printed = on(2.0);
                printed[wrong] = format!("{:.6}", values[wrong] * 2.0 * factor);
                assert_eq!(same_strengths(&values, &printed), 4, "{printed:?}");
            }
        }
        // Two that are wrong by the same factor are on a scale of their own, which is not
        // that of most.
        let mut printed = on(2.0);
        for wrong in [1, 3] {
            printed[wrong] = format!("{:.6}", values[wrong] * 3.0);
        }
        assert_eq!(same_strengths(&values, &printed), 3);
    }

    #[test]
    fn a_list_or_a_truth_value_in_the_place_of_a_number_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.json");
        for value in ["[50.0]", "true"] {
            std::fs::write(&path, format!("{{\"other\":805,\"win_rate\":{value}}}")).unwrap();
            let claims = read_claims(path.to_str().unwrap()).unwrap();
            let mut sets = [set("m", 50.0)];
            let notes = compare(&mut sets, &claims);
            let words = format!("`win_rate` of m is `{value}`");
            assert!(
                notes.iter().any(|note| note.starts_with(&words)),
                "{notes:?}"
            );
        }
    }

    #[test]
    fn strengths_that_agree_with_no_other_are_on_no_scale() {
        let printed = ["1.00", "3.00", "7.00"].map(str::to_owned);
        assert_eq!(same_strengths(&[2.0, 1.5, 1.0], &printed), 0);
    }

    #[test]
    fn strengths_that_are_printed_as_nothing_make_no_scale() {
        let values = [14.025_905, 13.784_311, 0.518_222, 0.517_001, 0.019_337];
        let of = |printed: [&str; 5]| same_strengths(&values, &printed.map(str::to_owned));
        // Three that are wrong agree with each other on any scale that is large enough.
        assert_eq!(of(["14.025905", "0", "0", "0", "0.019337"]), 2);
        // Only the last is 0 to the digits printed.
        assert_eq!(of(["0"; 5]), 1);
        assert_eq!(of(["0.0"; 5]), 1);
        // Of a scale that others tell it may be one.
        assert_eq!(of(["1.403", "1.378", "0.052", "0.052", "0.00"]), 5);
        assert_eq!(of(["1.403", "1.378", "0.052", "0.00", "0.00"]), 4);
    }

    #[test]
    fn strengths_are_compared_on_another_scale_as_they_were_rounded() {
        // From large to so small that nothing of them is printed.
        let values: Vec<f64> = (0..59).map(|n| 12.0 * 0.8_f64.powi(n)).collect();
        let of_digits = [(3.0, 0), (0.37, 0), (123.456, 0), (0.01, 1)];
        for (scale, fewest) in of_digits {
            for decimals in fewest..6 {
                let printed = values
                    .iter()
                    .map(|value| format!("{:.decimals$}", value * scale));
                let printed: Vec<String> = printed.collect();
                assert_eq!(same_strengths(&values, &printed), 59, "{scale} {decimals}");
            }
        }
    }

    #[test]
    fn a_mark_of_the_byte_order_is_no_part_of_a_file() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("s.json", "\u{feff}{\"m\": {\"win_rate\": 50.0}}"),
            ("l.csv", "\u{feff}model,win_rate\nm,50.0\n"),
        ] {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            let claims = read_claims(path.to_str().unwrap()).unwrap();
            assert_eq!(
                (claims[0].subject.as_deref(), claims[0].value),
                (Some("m"), Some(50.0)),
                "{name}"
            );
        }
    }
}
