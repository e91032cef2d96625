//! The smallest win rates that a study will find, for `oyer check`.

use std::collections::BTreeSet;

use oyer::analysis::pilot::pilots;
use oyer::stats::Level;
use oyer::stats::study_size::{Dependence, Design, Orders, Scatter};
use oyer::study::{self, PersonaPopulation, Study};
use oyer::text::{counted, in_percent};
use oyer::verdict::MissingReason;
use oyer::verdict::table::VerdictTable;
use serde::Serialize;

use super::plan::{FEW, ICC_PERSONA, ICC_QUESTION, ORDER_CORRELATION};

/// The smallest win rates above one half that a study finds four times in five;
/// null where it finds none.
#[derive(Debug, Serialize)]
pub(crate) struct Detectable {
    power: f64,
    /// Were no item to depend on another.
    independent: Option<f64>,
    /// With the scatter that is assumed without a pilot.
    assumed: Option<f64>,
    /// With the scatter of what is stored, where that is enough to measure it: with several
    /// personas, where some are asked the same questions.
    measured: Vec<Measured>,
    /// Questions and personas with an item that is judged, or will be.
    #[serde(skip)]
    judged: (u64, u64),
}

/// Of one comparison and criterion.
#[derive(Debug, Serialize)]
struct Measured {
    candidate: String,
    opponent: String,
    judge: String,
    rubric: String,
    criterion: String,
    smallest: Option<f64>,
}

/// What a planned study will find, from what is stored of it.
pub(crate) fn detectable(study: &Study, table: &VerdictTable) -> Detectable {
    const POWER: f64 = 0.8;
    let (questions, personas) = judged(table);
    let smallest = |scatter: Scatter| {
        let design = Design {
            scatter,
            sampled_personas: study.report.personas == PersonaPopulation::Sampled,
            orders: match study.judging.orders {
                study::Orders::Both => Orders::Both,
                study::Orders::Random => Orders::One,
            },
            level: Level::new(study.report.level).unwrap_or_default(),
            one_sided: false,
            power: POWER,
        };
        design.smallest_rate(questions, personas).ok().flatten()
    };
    let item = 0.5 * (1.0 + ORDER_CORRELATION);
    let assumed = |question: f64, persona: f64| Scatter {
        judgment: 1.0,
        order_correlation: ORDER_CORRELATION,
        dependence: Dependence::Components {
            question: question * item,
            persona: persona * item,
        },
    };
    let measured = pilots(table, ORDER_CORRELATION)
        .into_iter()
        .filter(|pilot| pilot.questions >= FEW)
        .filter_map(|pilot| {
            let seen = pilot.observed.as_ref().ok()?;
            let is_shown = personas < 2 || (seen.shows_question && seen.shows_persona);
            is_shown.then(|| Measured {
                smallest: smallest(seen.scatter),
                candidate: pilot.candidate,
                opponent: pilot.opponent,
                judge: pilot.judge,
                rubric: pilot.rubric,
                criterion: pilot.criterion,
            })
        })
        .collect();
    Detectable {
        power: POWER,
        independent: smallest(assumed(0.0, 0.0)),
        // Items of one persona share no question, and nothing that personas differ by.
        assumed: if personas > 1 {
            smallest(assumed(ICC_QUESTION, ICC_PERSONA))
        } else {
            smallest(assumed(0.0, 0.0))
        },
        measured,
        judged: (questions, personas),
    }
}

/// How many questions and personas have an item that is judged, or will be.
fn judged(table: &VerdictTable) -> (u64, u64) {
    let (mut questions, mut personas) = (BTreeSet::new(), BTreeSet::new());
    for judgment in &table.judgments {
        let mut cells = table.cells_of(judgment).iter();
        if cells.any(|cell| matches!(cell.missing, None | Some(MissingReason::NotRun))) {
            let item = &table.items[judgment.item as usize];
            questions.insert(&item.question.id);
            personas.insert(&item.persona.id);
        }
    }
    (questions.len() as u64, personas.len() as u64)
}

/// What is found, in lines for people.
pub(crate) fn lines(found: &Detectable) -> Vec<String> {
    let percent = |rate: f64| format!("{:.1}%", rate * 100.0);
    let rate = |rate: Option<f64>| rate.map_or_else(|| "none".to_owned(), percent);
    if found.measured.is_empty() && found.independent.is_none() {
        return vec![format!(
            "finds      no win rate can be found with {}% power: {}; see `oyer plan`",
            in_percent(found.power),
            match found.judged {
                (0, _) | (_, 0) => "no item can be judged".to_owned(),
                (questions, personas) => format!(
                    "{} and {} are too few",
                    counted(questions, "question"),
                    counted(personas, "persona")
                ),
            }
        )];
    }
    if found.measured.is_empty() && found.judged.1 < 2 {
        return vec![format!(
            "finds      win rates from {} (items of one persona are independent) with {:.0}% power; see `oyer plan`",
            rate(found.independent),
            found.power * 100.0
        )];
    }
    if found.measured.is_empty() {
        return vec![format!(
            "finds      win rates from {} (independent items) or {} (assumed scatter) with {}% power; see `oyer plan`",
            rate(found.independent),
            rate(found.assumed),
            in_percent(found.power)
        )];
    }
    let rubrics = found.measured.windows(2);
    let several = rubrics
        .into_iter()
        .any(|two| two[0].rubric != two[1].rubric);
    let of = |one: &Measured| {
        let rubric = if several {
            format!(", rubric {},", one.rubric)
        } else {
            String::new()
        };
        format!(
            "finds      win rates of {} against {} by {} on {}{rubric} from {} with {}% power (measured on stored judgments)",
            one.candidate,
            one.opponent,
            one.judge,
            one.criterion,
            rate(one.smallest),
            in_percent(found.power)
        )
    };
    found.measured.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(independent: Option<f64>, judged: (u64, u64)) -> String {
        let found = Detectable {
            power: 0.8,
            independent,
            assumed: None,
            measured: Vec::new(),
            judged,
        };
        lines(&found).join("\n")
    }

    #[test]
    fn where_no_win_rate_can_be_found_the_reason_is_said() {
        assert_eq!(
            said(None, (1, 1_200)),
            "finds      no win rate can be found with 80% power: 1 question and 1,200 personas are too few; see `oyer plan`"
        );
        assert!(said(None, (0, 0)).contains("80% power: no item can be judged; see"));
        assert!(
            said(Some(0.7), (9, 2)).contains("win rates from 70.0% (independent items) or none")
        );
    }
}
