//! Independent wins and losses, each question judged once.

use oyer::stats::Level;
use oyer::stats::proportion::{Proportion, agresti_coull, clopper_pearson, jeffreys, wilson};

use crate::draw::{replicated, uniform};
use crate::tally::{Tally, head, merged, row};

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "questions",
        "win rate",
        "Wilson",
        "Clopper-Pearson",
        "Jeffreys",
        "Agresti-Coull",
    ];
    let mut text = head("Independent wins and losses", &columns);
    for questions in [30_u64, 100, 500] {
        for truth in [0.5, 0.8, 0.95] {
            let tallies = replicated(
                questions,
                replications,
                || [Tally::default(); 4],
                |rng, mut tallies| {
                    let wins = (0..questions).filter(|_| uniform(rng) < truth).count() as u64;
                    let found = Proportion::new(wins, questions);
                    let methods = [wilson, clopper_pearson, jeffreys, agresti_coull];
                    for (tally, method) in tallies.iter_mut().zip(methods) {
                        tally.count(
                            found.as_ref().ok().map(|p| method(*p, Level::DEFAULT)),
                            truth,
                        );
                    }
                    tallies
                },
                merged,
            );
            let mut cells = vec![questions.to_string(), format!("{truth}")];
            cells.extend(tallies.iter().map(Tally::percent));
            text += &row(&cells);
        }
    }
    text
}
