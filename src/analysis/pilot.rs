//! What a verdict table says of a study that is still to be planned.

use super::item_score::{ItemScore, visit};
use super::layout::Layout;
use crate::stats::StatsError;
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
    /// Samples of an item, the most that one has.
    pub samples: u64,
    /// Repeats of one order of a sample, the most that one has.
    pub repeats: u64,
    /// Share of ties among the verdicts; 0 without any.
    pub ties: f64,
    /// The scatter of means over so many samples and repeats, or why there is none.
    pub observed: Result<Observed, StatsError>,
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
    let (samples, repeats) = asked(layout, comparison);
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
    }
}

/// The most samples of an item, and the most repeats of one order of a sample.
fn asked(layout: &Layout<'_>, comparison: usize) -> (u64, u64) {
    let of = |judgment: u32| layout.judgment(judgment);
    let (mut samples, mut repeats) = (1_u64, 1);
    for (_, judgments) in layout.items_of(comparison) {
        let mut of_item = 0;
        for sample in judgments.chunk_by(|a, b| of(*a).sample == of(*b).sample) {
            of_item += 1;
            samples = samples.max(of_item);
            let by_order = sample.chunk_by(|a, b| layout.order(*a) == layout.order(*b));
            for order in by_order {
                let of_order = order.chunk_by(|a, b| of(*a).repeat == of(*b).repeat);
                repeats = repeats.max(of_order.count());
            }
        }
    }
    (samples, repeats as u64)
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
        assert_eq!(found[0].personas, 0);
    }

    #[test]
    fn samples_and_repeats_of_a_pilot_are_counted() {
        let asked = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)];
        let rows = asked.map(|(sample, repeat)| {
            ["candidate_first", "opponent_first"]
                .map(|order| format!("q1,a,b,c,{order},{sample},{repeat},win\n"))
                .concat()
        });
        let head = "question,candidate,opponent,criterion,order,sample,repeat,outcome\n";
        let rows = format!("{head}{}q2,a,b,c,candidate_first,1,1,loss\n", rows.concat());
        let path = std::path::Path::new("t.csv");
        let table = table_io::read(path, rows.as_bytes(), Format::Csv).unwrap();
        let found = &pilots(&table, 0.2)[0];
        assert_eq!((found.samples, found.repeats), (2, 3));
    }

    #[test]
    fn a_table_in_which_nothing_differs_has_no_scatter() {
        let rows = [both("q1", "", "win", "win"), both("q2", "", "win", "win")];
        let found = pilots(&table(&rows.concat()), 0.2);
        assert_eq!(found[0].observed, Err(StatsError::NoVariation));
    }
}
