//! The win rates that stand beside another tool's figures: of judges, of each person, and
//! of people together.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::estimate::measure;
use super::layout::{Candidates, Layout};
use super::options::{AnalysisError, Options};
use super::report::Comparison;
use super::source_figures::{OfPooled, SourceFigures};
use crate::verdict::labels::{Labels, PEOPLE};
use crate::verdict::table::{Item, VerdictTable};

/// People beyond whom what is of no certain judge is of all of them together: each has but
/// a few labels then.
const MOST_PEOPLE: usize = 40;

/// Win rates by who judged.
#[derive(Debug, Default)]
pub struct Estimates {
    all: Vec<OfPooled>,
    by_judge: HashMap<String, Vec<usize>>,
    /// What is taken where nobody says who judged.
    by_anybody: Vec<usize>,
}

impl Estimates {
    /// Those of verdicts and labels, as far as figures need them.
    ///
    /// # Errors
    ///
    /// As [`analyse`](super::analyse).
    pub fn of_tables(
        table: &VerdictTable,
        labels: &Labels,
        figures: &[SourceFigures],
        options: &Options,
    ) -> Result<Self, AnalysisError> {
        let of_judges = win_rates(Layout::new(table), options)?;
        Self::with_people(of_judges, table, labels, figures, options)
    }

    /// Those of a report on a table, and of labels.
    ///
    /// # Errors
    ///
    /// As [`analyse`](super::analyse).
    pub fn beside(
        comparisons: &[Comparison],
        table: &VerdictTable,
        labels: &Labels,
        figures: &[SourceFigures],
        options: &Options,
    ) -> Result<Self, AnalysisError> {
        let of_judges = comparisons.iter().map(OfPooled::of).collect();
        Self::with_people(of_judges, table, labels, figures, options)
    }

    fn with_people(
        of_judges: Vec<OfPooled>,
        table: &VerdictTable,
        labels: &Labels,
        figures: &[SourceFigures],
        options: &Options,
    ) -> Result<Self, AnalysisError> {
        let mut made = Self::default();
        made.add(of_judges, true);
        made.add_labels(table, labels, figures, options)?;
        Ok(made)
    }

    /// Win rates by a judge of this name; by anybody where none is given.
    pub(super) fn by(&self, judge: Option<&str>) -> impl Iterator<Item = &OfPooled> {
        let places = match judge {
            Some(judge) => self
                .by_judge
                .get(judge.trim())
                .map_or(&[][..], Vec::as_slice),
            None => &self.by_anybody,
        };
        places.iter().map(|place| &self.all[*place])
    }

    fn add(&mut self, rates: Vec<OfPooled>, by_anybody: bool) {
        for rate in rates {
            let place = self.all.len();
            let judge = rate.comparison.judge.trim().to_owned();
            self.by_judge.entry(judge).or_default().push(place);
            if by_anybody {
                self.by_anybody.push(place);
            }
            self.all.push(rate);
        }
    }

    fn add_labels(
        &mut self,
        table: &VerdictTable,
        labels: &Labels,
        figures: &[SourceFigures],
        options: &Options,
    ) -> Result<(), AnalysisError> {
        let people: BTreeSet<&str> = labels.annotators().into_iter().map(str::trim).collect();
        if people.is_empty() {
            return Ok(());
        }
        let few = people.len() <= MOST_PEOPLE;
        let any =
            |is_such: &dyn Fn(Option<&str>) -> bool| figures.iter().any(|set| set.is_by(is_such));
        let by_anybody = any(&|judge| judge.is_none());
        let of_each = any(&|judge| judge.is_some_and(|judge| people.contains(judge.trim())));
        let of_all = any(&|judge| judge == Some(PEOPLE));
        let candidates = Candidates::of(&[table, &labels.table]);
        let wanted = options.clusters().unwrap_or_default();
        let own = with_columns(&labels.table, table, &wanted);
        let labels = &own.map_or(Cow::Borrowed(labels), |table| Cow::Owned(Labels { table }));
        let by_people = |table: &VerdictTable| {
            win_rates(Layout::with(table, &candidates).in_any_order(), options)
        };
        if of_each || (by_anybody && few) {
            let rates = by_people(&labels.table)?;
            self.add(rates, few);
        }
        if of_all || (by_anybody && !few) {
            let pooled = labels.pooled().map_err(AnalysisError::TooManyPeople)?;
            let rates = by_people(&pooled)?;
            self.add(rates, !few);
        }
        Ok(())
    }
}

/// Labels whose items have of the columns to cluster by what they lack and the items of the
/// results have; none where these have no such column.
fn with_columns(
    labels: &VerdictTable,
    results: &VerdictTable,
    wanted: &[String],
) -> Option<VerdictTable> {
    let (mut of_dimensions, mut of_covariates) =
        (labels.dimensions.clone(), labels.covariates.clone());
    let dimensions = places(wanted, "group.", &mut of_dimensions, &results.dimensions);
    let covariates = places(wanted, "x.", &mut of_covariates, &results.covariates);
    if dimensions.is_empty() && covariates.is_empty() {
        return None;
    }
    let known: HashMap<Cow<'_, str>, &Item> =
        results.items.iter().map(|item| (item.id(), item)).collect();
    let mut made = VerdictTable {
        dimensions: of_dimensions,
        covariates: of_covariates,
        ..labels.clone()
    };
    for item in &mut made.items {
        let known = known.get(&item.id()).copied();
        let levels = known.map_or(&[][..], |known| &known.persona.levels);
        let persona = Arc::make_mut(&mut item.persona);
        persona.levels = filled(&persona.levels, levels, &dimensions);
        let values = known.map_or(&[][..], |known| &known.question.covariates);
        let question = Arc::make_mut(&mut item.question);
        question.covariates = filled(&question.covariates, values, &covariates);
    }
    Some(made)
}

/// Where the columns of this kind that are wanted stand here, added where they are not, and
/// where there.
fn places(
    wanted: &[String],
    prefix: &str,
    here: &mut Vec<String>,
    there: &[String],
) -> Vec<[usize; 2]> {
    let place = |names: &[String], name: &str| names.iter().position(|known| known == name);
    let names = wanted.iter().filter_map(|name| name.strip_prefix(prefix));
    let both = names.filter_map(|name| {
        let of_results = place(there, name)?;
        let of_labels = place(here, name).unwrap_or_else(|| {
            here.push(name.to_owned());
            here.len() - 1
        });
        Some([of_labels, of_results])
    });
    both.collect()
}

/// Values with those of a known item where there are none.
fn filled(
    own: &[Option<Arc<str>>],
    known: &[Option<Arc<str>>],
    places: &[[usize; 2]],
) -> Arc<[Option<Arc<str>>]> {
    let mut values = own.to_vec();
    for &[here, there] in places {
        if values.len() <= here {
            values.resize(here + 1, None);
        }
        if values[here].is_none() {
            values[here] = known.get(there).cloned().flatten();
        }
    }
    values.into()
}

/// The win rate of every comparison of a table on every criterion.
fn win_rates(mut layout: Layout<'_>, options: &Options) -> Result<Vec<OfPooled>, AnalysisError> {
    let settings = options.check(options.seed)?;
    if let Some(names) = options.clusters() {
        layout = layout.clustered_by(&names)?;
    }
    let parts = layout.parts();
    let of_part = |&(comparison, criterion): &(usize, u16)| {
        let made = measure(&layout, comparison, criterion, &[], &settings, None);
        OfPooled::of(&made.comparison)
    };
    Ok(if layout.is_large() {
        parts.iter().map(of_part).collect()
    } else {
        parts.par_iter().map(of_part).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::source_figures::Pools;
    use crate::verdict::table_io::{Format, read, read_labels};
    use std::fmt::Write as _;
    use std::path::Path;

    const HEADER: &str = "question,candidate,opponent,criterion,order,annotator,outcome\n";

    /// Win rates by people that stand beside figures over all judges.
    fn of_labels(rows: &str) -> Result<Vec<OfPooled>, AnalysisError> {
        let text = format!("{HEADER}{rows}");
        let labels = read_labels(Path::new("l"), text.as_bytes(), Format::Csv).unwrap();
        let figures = [SourceFigures {
            pools: Some(Pools::default()),
            ..SourceFigures::default()
        }];
        let none = VerdictTable::default();
        let made = Estimates::of_tables(&none, &labels, &figures, &Options::default())?;
        Ok(made.by(None).cloned().collect())
    }

    fn values(rows: &str) -> Vec<Option<f64>> {
        let rates = of_labels(rows).unwrap();
        rates.iter().map(|rate| rate.estimate.value).collect()
    }

    /// Labels of 60 questions by some people, each in one order, and how many are wins.
    fn in_one_order(people: usize) -> String {
        let mut rows = String::new();
        for question in 0..60 {
            let outcome = ["win", "win", "loss"][question % 3];
            let order = ["candidate_first", "opponent_first"][question % 2];
            let person = question % people;
            writeln!(rows, "q{question},a,b,c,{order},p{person},{outcome}").unwrap();
        }
        rows
    }

    #[test]
    fn one_label_in_a_second_order_takes_nobody_elses_away() {
        for people in [1, 4, 50] {
            let one = in_one_order(people);
            let before = values(&one);
            assert!(before.iter().all(Option::is_some), "{before:?}");
            for second in [
                "q0,a,b,c,opponent_first,p0,win\n",
                "q0,b,a,c,candidate_first,p0,loss\n",
            ] {
                assert_eq!(values(&format!("{one}{second}")), before, "{people}");
            }
        }
    }

    /// Verdicts on items of three templates, and labels of some of them that name none.
    #[test]
    fn labels_are_clustered_by_what_the_results_say_of_their_items() {
        let header = "question,persona,group.g,x.template,candidate,opponent,judge,rubric,criterion,order,outcome\n";
        let mut results = header.to_owned();
        let mut rows = String::new();
        for question in 0..60 {
            let outcome = ["win", "win", "loss"][question % 3];
            let (template, group) = (question % 5, question % 4);
            writeln!(
                results,
                "q{question},p{group},g{group},{template},a,b,j,r,c,candidate_first,{outcome}"
            )
            .unwrap();
            writeln!(
                rows,
                "q{question},p{group},a,b,c,candidate_first,ann,{outcome}"
            )
            .unwrap();
        }
        let results = read(Path::new("v"), results.as_bytes(), Format::Csv).unwrap();
        let header = "question,persona,candidate,opponent,criterion,order,annotator,outcome";
        let of_rows = |header: &str, rows: &str| {
            let text = format!("{header}\n{rows}");
            read_labels(Path::new("l"), text.as_bytes(), Format::Csv).unwrap()
        };
        let labels = of_rows(header, &rows);
        let empty = of_rows(
            &format!("{header},x.template,group.g"),
            &rows.replace('\n', ",,\n"),
        );
        let figures = [SourceFigures {
            pools: Some(Pools::default()),
            ..SourceFigures::default()
        }];
        for name in ["x.template", "group.g"] {
            let options = Options {
                cluster: Some(vec![name.to_owned()]),
                ..Options::default()
            };
            let of = |labels: &Labels| Estimates::of_tables(&results, labels, &figures, &options);
            for labels in [&labels, &empty] {
                let made = of(labels).unwrap();
                let rates: Vec<&OfPooled> = made.by(None).collect();
                assert_eq!(rates.len(), 2, "{name}");
                assert_eq!(rates[0].estimate.value, rates[1].estimate.value);
            }
            // Where nobody labelled there is nothing to cluster.
            assert_eq!(of(&Labels::default()).unwrap().by(None).count(), 1);
        }
        let options = Options {
            cluster: Some(vec!["x.nothing".to_owned()]),
            ..Options::default()
        };
        assert!(Estimates::of_tables(&results, &labels, &figures, &options).is_err());
    }

    #[test]
    fn two_orders_of_one_person_are_one_opinion() {
        let rows = "q0,a,b,c,candidate_first,p,win\nq0,a,b,c,opponent_first,p,loss\n\
            q1,a,b,c,candidate_first,p,win\n";
        assert_eq!(values(rows), [Some(0.75)]);
    }

    #[test]
    fn more_people_than_an_item_holds_are_refused_with_a_sentence() {
        let people = |count: usize| -> String {
            let row = |n: usize| {
                let outcome = ["win", "loss"][usize::from(2 * n >= count)];
                format!("q,a,b,c,candidate_first,p{n},{outcome}\n")
            };
            (0..count).map(row).collect()
        };
        let said = of_labels(&people(65_536)).unwrap_err().to_string();
        assert!(
            said.contains("item `q`") && said.contains("65535"),
            "{said}"
        );
        let value = values(&people(65_534))[0].unwrap();
        assert!((value - 0.5).abs() < 1e-9, "{value}");
    }
}
