//! What a verdict table says of a study that is still to be planned.

use super::item_score::{ItemScore, visit, visit_samples};
use super::layout::Layout;
use crate::stats::StatsError;
use crate::stats::planning::{Repeated, Replication};
use crate::stats::study_size::{Observed, scatter_of};
use crate::verdict::table::VerdictTable;

/// How the items of one comparison scatter on one criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Pilot {
    /// Whose win rate it is.
    pub candidate: String,
    /// Whom it was compared with.
    pub opponent: String,
    /// Who judged.
    pub judge: String,
    /// By what, as `name@hash`.
    pub rubric: String,
    /// On what.
    pub criterion: String,
    /// Items with a score.
    pub items: u64,
    /// Their questions.
    pub questions: u64,
    /// Their personas; 0 where there are none.
    pub personas: u64,
    /// Samples of an item, in the mean.
    pub samples: u64,
    /// Judgments of one order of a sample, in the mean.
    pub repeats: u64,
    /// Share of ties among the verdicts; 0 without any.
    pub ties: f64,
    /// The scatter of means over so many samples and repeats, or why there is none.
    pub observed: Result<Observed, StatsError>,
    /// What the samples and repeats of an item differ by.
    pub replication: Replication,
}

/// The scatter of every comparison and criterion of a table. Where items were
/// judged in one order, the correlation of orders is the one given.
pub fn pilots(table: &VerdictTable, order_correlation: f64) -> Vec<Pilot> {
    let layout = Layout::new(table);
    layout
        .parts()
        .into_iter()
        .map(|(comparison, criterion)| pilot(&layout, comparison, criterion, order_correlation))
        .collect()
}

fn pilot(layout: &Layout<'_>, comparison: usize, criterion: u16, order_correlation: f64) -> Pilot {
    let place = &layout.comparisons[comparison];
    let (mut ties, mut verdicts) = (0, 0);
    let mut items: Vec<ItemScore> = Vec::new();
    visit(layout, comparison, criterion, |item, tally| {
        let all = tally.judgments();
        ties += all.ties;
        verdicts += all.wins + all.ties + all.losses;
        if !item.score.is_nan() {
            items.push(item);
        }
    });
    let column = |numbers: &[u32]| -> Vec<u32> {
        let of = |item: &ItemScore| numbers[item.item as usize];
        items.iter().map(of).collect()
    };
    let (questions, personas) = (column(&layout.questions), column(&layout.personas));
    let distinct = |column: &[u32]| {
        let mut seen = column.to_vec();
        seen.sort_unstable();
        seen.dedup();
        seen.len() as u64
    };
    let of_personas = if layout.has_personas {
        distinct(&personas)
    } else {
        0
    };
    // The mean of both orders and that of the answer shown first give each order.
    let half = |item: &ItemScore| item.first_shown - 0.5;
    let (first, second): (Vec<f64>, Option<Vec<f64>>) = if place.both_orders {
        let first = items.iter().map(|item| item.score + half(item)).collect();
        let second = items.iter().map(|item| item.score - half(item)).collect();
        (first, Some(second))
    } else {
        (items.iter().map(|item| item.score).collect(), None)
    };
    let contest = &place.contest;
    let (samples, repeats) = asked(layout, comparison, criterion);
    let mut repeated = Repeated::default();
    visit_samples(layout, comparison, criterion, |samples| {
        repeated.add(samples);
    });
    Pilot {
        samples,
        repeats,
        candidate: contest.candidate.clone(),
        opponent: contest.opponent.clone(),
        judge: contest.judge.clone(),
        rubric: contest.rubric.clone(),
        criterion: layout.table.criteria[usize::from(criterion)].clone(),
        items: items.len() as u64,
        questions: distinct(&questions),
        personas: of_personas,
        ties: if verdicts == 0 {
            0.0
        } else {
            ties as f64 / verdicts as f64
        },
        observed: scatter_of(
            &first,
            second.as_deref(),
            &questions,
            (of_personas > 1).then_some(&personas),
            order_correlation,
        ),
        replication: repeated.seen(),
    }
}

/// How many samples an item has, and how often each was judged in an order, in the mean over
/// those with a verdict on the criterion and rounded: a record that stands twice is no design.
fn asked(layout: &Layout<'_>, comparison: usize, criterion: u16) -> (u64, u64) {
    let of = |judgment: u32| layout.judgment(judgment);
    let is_judged = |judgment: &u32| layout.has_verdict(*judgment, criterion);
    let (mut items, mut samples, mut orders, mut verdicts) = (0_u64, 0_u64, 0_u64, 0_u64);
    for (_, judgments) in layout.items_of(comparison) {
        let judged: Vec<u32> = judgments.iter().copied().filter(is_judged).collect();
        items += u64::from(!judged.is_empty());
        verdicts += judged.len() as u64;
        for sample in judged.chunk_by(|a, b| of(*a).sample == of(*b).sample) {
            samples += 1;
            let by_order = sample.chunk_by(|a, b| layout.order(*a) == layout.order(*b));
            orders += by_order.count() as u64;
        }
    }
    let rounded = |sum: u64, of: u64| (sum as f64 / of.max(1) as f64).round().max(1.0) as u64;
    (rounded(samples, items), rounded(verdicts, orders))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::planning;
    use crate::stats::study_size::Dependence;
    use crate::verdict::table_io::{self, Format};

    fn table(rows: &str) -> VerdictTable {
        let head = "question,persona,candidate,opponent,criterion,order,outcome\n";
        let text = format!("{head}{rows}");
        table_io::read(std::path::Path::new("t.csv"), text.as_bytes(), Format::Csv).unwrap()
    }

    fn both(question: &str, persona: &str, first: &str, second: &str) -> String {
        format!(
            "{question},{persona},a,b,c,candidate_first,{first}\n\
             {question},{persona},a,b,c,opponent_first,{second}\n"
        )
    }

    #[test]
    fn the_scatter_is_that_of_the_scores_in_each_order() {
        let rows = [
            both("q1", "p1", "win", "win"),
            both("q1", "p2", "win", "loss"),
            both("q2", "p1", "loss", "tie"),
            both("q2", "p2", "win", "tie"),
            both("q3", "p1", "loss", "loss"),
            both("q3", "p2", "win", "missing"),
        ];
        let found = pilots(&table(&rows.concat()), 0.9);
        assert_eq!(found.len(), 1);
        let found = &found[0];
        assert_eq!((found.items, found.questions, found.personas), (5, 3, 2));
        assert_eq!((found.samples, found.repeats), (1, 1));
        assert!((found.ties - 2.0 / 11.0).abs() < 1e-12);
        let observed = found.observed.as_ref().unwrap();
        let first = [1.0, 1.0, 0.0, 1.0, 0.0];
        let second = [1.0, 0.0, 0.5, 0.5, 0.0];
        let twin = planning::pilot(&first, &second).unwrap();
        let unit = observed.rate * (1.0 - observed.rate);
        assert!((observed.rate - 0.5).abs() < 1e-12 && observed.both_orders);
        let between = observed.scatter.judgment * (1.0 - observed.scatter.order_correlation) / 2.0;
        let pooled = twin.judgment_variance - twin.variance;
        assert!((between - pooled / unit).abs() < 1e-12);
    }

    #[test]
    fn items_judged_in_one_order_take_the_correlation_that_is_given() {
        let rows = "q1,,a,b,c,candidate_first,win\nq2,,a,b,c,opponent_first,loss\n\
                    q3,,a,b,c,candidate_first,win\n";
        let found = pilots(&table(rows), 0.3);
        let observed = found[0].observed.as_ref().unwrap();
        assert!(!observed.both_orders);
        assert!((observed.scatter.order_correlation - 0.3).abs() < 1e-15);
        assert_eq!(
            observed.scatter.dependence,
            Dependence::Components {
                question: 0.0,
                persona: 0.0
            }
        );
        assert!(!observed.shows_question && !observed.shows_persona);
        assert_eq!(found[0].personas, 0);
    }

    /// Samples and repeats of a pilot in which questions were asked for so many of each.
    fn counted(questions: &[(usize, usize)]) -> (u64, u64) {
        let mut rows =
            "question,candidate,opponent,criterion,order,sample,repeat,outcome\n".to_owned();
        for (question, (samples, repeats)) in questions.iter().enumerate() {
            for (sample, repeat) in (1..=*samples).flat_map(|s| (1..=*repeats).map(move |r| (s, r)))
            {
                for order in ["candidate_first", "opponent_first"] {
                    rows += &[
                        "q",
                        &question.to_string(),
                        ",a,b,c,",
                        order,
                        ",",
                        &sample.to_string(),
                        ",",
                        &repeat.to_string(),
                        ",win\n",
                    ]
                    .concat();
                }
            }
        }
        let path = std::path::Path::new("t.csv");
        let table = table_io::read(path, rows.as_bytes(), Format::Csv).unwrap();
        let found = &pilots(&table, 0.2)[0];
        (found.samples, found.repeats)
    }

    #[test]
    fn samples_and_repeats_are_those_of_the_design() {
        assert_eq!(counted(&[(2, 3); 4]), (2, 3));
        assert_eq!(counted(&[(1, 1); 4]), (1, 1));
        // Records that stand twice are none, nor is what was asked once for one item.
        let mut odd = [(1, 1); 30];
        odd[3] = (1, 6);
        odd[4] = (3, 1);
        assert_eq!(counted(&odd), (1, 1));
    }

    #[test]
    fn a_table_in_which_nothing_differs_has_no_scatter() {
        let rows = [both("q1", "", "win", "win"), both("q2", "", "win", "win")];
        let found = pilots(&table(&rows.concat()), 0.2);
        assert_eq!(found[0].observed, Err(StatsError::NoVariation));
    }
}
