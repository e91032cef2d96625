//! Which items move together.
//!
//! A *side* is something that items share: their question, their persona, or the
//! value of a column that a report was asked to cluster by. A column with one value
//! for each question takes the place of the question in every interval, because
//! questions that share it move together too; the same for personas.

use std::collections::HashMap;

use super::item_score::ItemScore;
use super::layout::{Layout, numbered};
use super::options::AnalysisError;
use super::report::{self, ClusterCounts};
use crate::stats::uneven::{are_uneven, sized_wilson};
use crate::stats::wilson::{design_effect_wilson, effective_items};
use crate::stats::{ClusterMean, Level, cluster_mean};
use crate::study::PersonaPopulation;
use crate::text::counted;
use crate::verdict::table::{Item, VerdictTable};

/// Something that items share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Question,
    Persona,
    /// A column of [`ClusterColumns`].
    Column(usize),
}

/// Which items are taken to move together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clusters {
    One(Side),
    Two(Side, Side),
}

impl Clusters {
    pub(super) fn sides(self) -> Vec<Side> {
        match self {
            Self::One(side) => vec![side],
            Self::Two(first, second) => vec![first, second],
        }
    }
}

/// A column that items are clustered by.
struct Column {
    name: String,
    /// The number of each item's value, by rank.
    of_item: Vec<u32>,
    /// How many values there are.
    count: usize,
}

/// What a report was asked to cluster by.
pub(super) struct ClusterColumns {
    columns: Vec<Column>,
    asked: Option<Clusters>,
    /// What stands for the question, and for the persona.
    question: Side,
    persona: Side,
    /// A column that neither questions nor personas have one value of.
    splits: Option<String>,
}

impl Default for ClusterColumns {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            asked: None,
            question: Side::Question,
            persona: Side::Persona,
            splits: None,
        }
    }
}

impl ClusterColumns {
    /// Finds what is asked for: `question`, `persona`, or names of columns.
    pub(super) fn new(layout: &Layout<'_>, names: &[String]) -> Result<Self, AnalysisError> {
        let mut plan = Self::default();
        let mut sides = Vec::new();
        for name in names {
            sides.push(match name.as_str() {
                "question" => Side::Question,
                "persona" => Side::Persona,
                _ => plan.column(layout, name)?,
            });
        }
        plan.asked = Some(match sides[..] {
            [side] => Clusters::One(side),
            [first, second] if first != second => Clusters::Two(first, second),
            _ => return Err(AnalysisError::Clusters(names.to_vec())),
        });
        Ok(plan)
    }

    fn column(&mut self, layout: &Layout<'_>, name: &str) -> Result<Side, AnalysisError> {
        let column = Column::new(layout, name)?;
        if let Some(known) = self.columns.iter().position(|c| c.name == column.name) {
            return Ok(Side::Column(known));
        }
        let side = Side::Column(self.columns.len());
        if one_value_each(&layout.questions, &column.of_item) {
            self.question = side;
        } else if layout.has_personas && one_value_each(&layout.personas, &column.of_item) {
            self.persona = side;
        } else {
            self.splits = Some(column.name.clone());
        }
        self.columns.push(column);
        Ok(side)
    }

    /// Whether the headline's clusters were asked for.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// A column whose values divide items of one question, and of one persona.
    pub(super) fn splits(&self) -> Option<&str> {
        self.splits.as_deref()
    }

    fn name(&self, side: Side) -> &str {
        match side {
            Side::Question => "question",
            Side::Persona => "persona",
            Side::Column(column) => &self.columns[column].name,
        }
    }

    /// What is sampled when the clusters of a side are, as a plural.
    fn noun(&self, side: Side) -> String {
        match side {
            Side::Question => "questions".to_owned(),
            Side::Persona => "personas".to_owned(),
            Side::Column(column) => format!("values of {}", self.columns[column].name),
        }
    }
}

/// Where the value of a column is found in an item.
#[derive(Clone, Copy)]
enum Source {
    Topic,
    Split,
    Group(usize),
    Covariate(usize),
}

impl Source {
    fn value(self, item: &Item) -> Option<&str> {
        match self {
            Self::Topic => item.question.topic.as_deref(),
            Self::Split => item.persona.split.as_deref(),
            Self::Group(group) => item.persona.levels.get(group)?.as_deref(),
            Self::Covariate(covariate) => item.question.covariates.get(covariate)?.as_deref(),
        }
    }

    /// Every column that a table can be clustered by, under its full name.
    fn all(table: &VerdictTable) -> Vec<(String, Self)> {
        let mut all = Vec::new();
        for (name, source) in [("topic", Self::Topic), ("split", Self::Split)] {
            if table.items.iter().any(|item| source.value(item).is_some()) {
                all.push((name.to_owned(), source));
            }
        }
        let groups = table.dimensions.iter().enumerate();
        all.extend(groups.map(|(i, name)| (format!("group.{name}"), Self::Group(i))));
        let covariates = table.covariates.iter().enumerate();
        all.extend(covariates.map(|(i, name)| (format!("x.{name}"), Self::Covariate(i))));
        all
    }
}

impl Column {
    fn new(layout: &Layout<'_>, name: &str) -> Result<Self, AnalysisError> {
        let table = layout.table;
        let all = Source::all(table);
        // A dimension may be called by its bare name.
        let called = |(full, _): &&(String, Source)| {
            full == name || full.strip_prefix("group.") == Some(name)
        };
        let Some((full, source)) = all.iter().find(called) else {
            let known = [
                "question".to_owned(),
                "persona".to_owned(),
                "both".to_owned(),
            ];
            let known: Vec<String> = known
                .into_iter()
                .chain(all.into_iter().map(|(name, _)| name))
                .collect();
            return Err(AnalysisError::unknown_cluster(name, known));
        };
        if let Source::Covariate(covariate) = source
            && table.style(*covariate).is_some()
        {
            return Err(AnalysisError::ClusterOfAnswers(full.clone()));
        }
        let without = |item: &&Item| source.value(item).is_none();
        if let Some(item) = table.items.iter().find(without) {
            return Err(AnalysisError::NoCluster {
                item: item.id().into_owned(),
                column: full.clone(),
            });
        }
        let (values, of_item) =
            numbered(&table.items, |item| source.value(item).unwrap_or_default());
        let by_rank = layout.items.iter().map(|item| of_item[*item as usize]);
        Ok(Self {
            name: full.clone(),
            of_item: by_rank.collect(),
            count: values.len(),
        })
    }
}

/// Whether all items of a cluster have the same value.
fn one_value_each(clusters: &[u32], values: &[u32]) -> bool {
    let mut value_of: HashMap<u32, u32> = HashMap::new();
    clusters
        .iter()
        .zip(values)
        .all(|(cluster, value)| value_of.entry(*cluster).or_insert(*value) == value)
}

/// The items of an estimate as columns.
pub(super) struct Columns<'a> {
    pub(super) questions: Vec<u32>,
    pub(super) personas: Vec<u32>,
    pub(super) counts: ClusterCounts,
    /// Those of `plan`, each with the number of its values.
    others: Vec<(Vec<u32>, u64)>,
    plan: &'a ClusterColumns,
}

impl<'a> Columns<'a> {
    pub(super) fn of(layout: &'a Layout<'_>, items: &[ItemScore]) -> Self {
        let ranks: Vec<u32> = items.iter().map(|item| item.item).collect();
        Self::of_ranks(layout, &ranks)
    }

    /// The columns of the items at some ranks.
    pub(super) fn of_ranks(layout: &'a Layout<'_>, ranks: &[u32]) -> Self {
        let column = |numbers: &[u32]| -> Vec<u32> {
            ranks.iter().map(|rank| numbers[*rank as usize]).collect()
        };
        let (questions, personas) = (column(&layout.questions), column(&layout.personas));
        let counts = ClusterCounts {
            question: distinct(&questions, layout.question_count),
            persona: if layout.has_personas {
                distinct(&personas, layout.persona_count)
            } else {
                0
            },
        };
        let other = |of: &Column| {
            let labels = column(&of.of_item);
            let count = distinct(&labels, of.count);
            (labels, count)
        };
        Self {
            questions,
            personas,
            counts,
            others: layout.clusters.columns.iter().map(other).collect(),
            plan: &layout.clusters,
        }
    }

    /// The cluster of each item.
    pub(super) fn labels(&self, side: Side) -> &[u32] {
        match side {
            Side::Question => &self.questions,
            Side::Persona => &self.personas,
            Side::Column(column) => &self.others[column].0,
        }
    }

    /// How many clusters a side has.
    pub(super) fn count(&self, side: Side) -> u64 {
        match side {
            Side::Question => self.counts.question,
            Side::Persona => self.counts.persona,
            Side::Column(column) => self.others[column].1,
        }
    }

    /// How many clusters each side has.
    pub(super) fn cluster_counts(&self, clusters: Clusters) -> Vec<u64> {
        let sides = clusters.sides();
        sides.into_iter().map(|side| self.count(side)).collect()
    }

    /// What the sides are called.
    pub(super) fn names(&self, clusters: Clusters) -> Vec<String> {
        let name = |side| self.plan.name(side).to_owned();
        clusters.sides().into_iter().map(name).collect()
    }

    pub(super) fn stats(&self, clusters: Clusters) -> crate::stats::Clusters<'_> {
        use crate::stats::Clusters as By;
        match clusters {
            Clusters::One(side) => By::OneWay(self.labels(side)),
            Clusters::Two(first, second) => By::TwoWay(self.labels(first), self.labels(second)),
        }
    }

    /// The mean of some values with the spread over these clusters.
    pub(super) fn mean(&self, values: &[f64], clusters: Clusters) -> Option<ClusterMean> {
        cluster_mean(values, self.stats(clusters)).ok()
    }

    /// The clusters for claims about personas like these.
    pub(super) fn sampled(&self) -> Option<Clusters> {
        let (question, persona) = (self.plan.question, self.plan.persona);
        match (self.count(question), self.count(persona)) {
            (2.., 2..) => Some(Clusters::Two(question, persona)),
            (_, 2..) => Some(Clusters::One(persona)),
            _ => None,
        }
    }

    /// The clusters for claims about exactly these personas.
    pub(super) fn fixed(&self) -> Option<Clusters> {
        let question = self.plan.question;
        (self.count(question) >= 2).then_some(Clusters::One(question))
    }

    /// The clusters of a headline: those asked for, else for personas like these
    /// where they are a sample and can be told apart, else for exactly these.
    pub(super) fn headline(&self, personas: PersonaPopulation) -> Option<Clusters> {
        self.asked(false).or_else(|| match personas {
            PersonaPopulation::Sampled => self.sampled().or_else(|| self.fixed()),
            PersonaPopulation::Fixed => self.fixed(),
        })
    }

    /// The clusters inside a level, whose personas are the population asked about:
    /// the one side that was asked for, else questions, or personas where there is
    /// one question.
    pub(super) fn inside_levels(&self) -> Side {
        if let Some(Clusters::One(side)) = self.asked(true) {
            return side;
        }
        let (question, persona) = (self.plan.question, self.plan.persona);
        if self.count(question) < 2 && self.count(persona) > 1 {
            persona
        } else {
            question
        }
    }

    /// What one side is called, and what is sampled when its clusters are.
    pub(super) fn called(&self, side: Side) -> (String, String) {
        (self.plan.name(side).to_owned(), self.plan.noun(side))
    }

    /// The clusters that were asked for, if any were: within a level of personas
    /// (`fixed`) only those that do not sample personas too.
    pub(super) fn asked(&self, fixed: bool) -> Option<Clusters> {
        let persona = self.plan.persona;
        Some(match self.plan.asked? {
            Clusters::Two(first, second) if fixed && second == persona => Clusters::One(first),
            Clusters::Two(first, second) if fixed && first == persona => Clusters::One(second),
            asked => asked,
        })
    }

    /// Whether clusters are of the questions alone, or of the personas alone.
    pub(super) fn is_question(&self, clusters: Clusters) -> bool {
        clusters == Clusters::One(self.plan.question)
    }

    pub(super) fn is_persona(&self, clusters: Clusters) -> bool {
        clusters == Clusters::One(self.plan.persona)
    }

    /// Whether no two items share a question or a persona; one persona is no cluster.
    pub(super) fn nothing_shared(&self) -> bool {
        let items = self.questions.len() as u64;
        self.counts.question == items && [0, 1, items].contains(&self.counts.persona)
    }

    /// The interval that allows for the sizes of clusters, where they differ so much that
    /// others are too narrow.
    pub(super) fn uneven(
        &self,
        scores: &[f64],
        clusters: Clusters,
        level: Level,
    ) -> Option<report::SizedInterval> {
        let by = self.stats(clusters);
        if !are_uneven(by, level) {
            return None;
        }
        let found = sized_wilson(scores, by, level).ok()?;
        Some(report::SizedInterval {
            low: found.interval.low(),
            high: found.interval.high(),
            level: level.get(),
            degrees_of_freedom: found.degrees_of_freedom,
            n_effective: found.effective_items,
            p_value: Some(found.p(0.5).get()),
        })
    }

    /// How many personas there are, where they are among the clusters.
    pub(super) fn personas_among(&self, clusters: Clusters) -> Option<u64> {
        let persona = self.plan.persona;
        let among = clusters.sides().contains(&persona);
        among.then(|| self.count(persona))
    }

    /// Whether no two items share a cluster.
    pub(super) fn all_apart(&self, clusters: Clusters) -> bool {
        let items = self.questions.len() as u64;
        let counts = self.cluster_counts(clusters);
        counts.into_iter().all(|count| count == items)
    }

    /// The one side that position effects are clustered by.
    pub(super) fn of_position(&self) -> Option<Clusters> {
        self.fixed().or_else(|| self.sampled())
    }

    /// Whom an interval over such clusters speaks of.
    pub(super) fn population(&self, clusters: Clusters) -> String {
        let asked = |one: &str, n: u64| match n {
            1 => format!("exactly this {one}"),
            n => format!("exactly these {}", counted(n, one)),
        };
        match clusters {
            Clusters::Two(first, second) => format!(
                "{} and {} like these",
                self.plan.noun(first),
                self.plan.noun(second)
            ),
            Clusters::One(side) => {
                let like = format!("{} like these", self.plan.noun(side));
                if side == self.plan.question && self.counts.persona > 0 {
                    let personas = asked("persona", self.counts.persona);
                    format!("{like}, asked of {personas}")
                } else if side == self.plan.persona {
                    let questions = asked("question", self.counts.question);
                    format!("{like}, asked {questions}")
                } else {
                    like
                }
            }
        }
    }

    /// The design-effect Wilson interval of a rate, on a scale that starts `shift`
    /// lower.
    pub(super) fn interval(
        &self,
        mean: &ClusterMean,
        clusters: Clusters,
        level: Level,
        shift: f64,
    ) -> Option<report::Interval> {
        let interval = design_effect_wilson(mean, level).ok()?;
        Some(report::Interval {
            low: interval.low() - shift,
            high: interval.high() - shift,
            level: level.get(),
            method: report::Method::DesignEffectWilson,
            clusters: self.names(clusters),
            n_clusters: self.cluster_counts(clusters),
            population: self.population(clusters),
            degrees_of_freedom: Some(mean.degrees_of_freedom() as u64),
            n_effective: Some(effective_items(mean).ok()?),
            draws: None,
            seed: None,
        })
    }
}

/// How many different numbers there are, all of them under a bound. What it takes hangs on
/// how many numbers are given, since there may be as many comparisons as items.
fn distinct(numbers: &[u32], bound: usize) -> u64 {
    if numbers.len() < bound / 8 {
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        return sorted.len() as u64;
    }
    let mut seen = vec![false; bound];
    numbers
        .iter()
        .filter(|n| !std::mem::replace(&mut seen[**n as usize], true))
        .count() as u64
}
