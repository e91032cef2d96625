//! Which comparisons are labelled, by whom, and which answer stands left.
//!
//! Comparisons are drawn at random inside subgroups, in proportion to their sizes and
//! at least one of each (so that comparisons of small ones are likelier to be drawn, which
//! the key tells and labels are weighed by), and dealt to annotators in turn; a share of them goes to two.
//! Every draw is a hash of the seed and of the comparison, so that neither the order
//! of rows nor what else is in the results moves it, and a larger sample of one seed
//! holds the smaller one of each subgroup.

use std::collections::{BTreeMap, HashSet};

use super::{Comparison, Frame, draw};

/// Most annotators.
pub const MOST_ANNOTATORS: u32 = 1000;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Comparisons to be labelled.
    pub n: usize,
    /// Seeds every draw.
    pub seed: u64,
    /// How many people label.
    pub annotators: u32,
    /// Share of the comparisons that two people label, from 0 to 1.
    pub double: f64,
    /// Dimensions whose crossed levels are the subgroups; all of personas, as far as
    /// there are comparisons enough, where `None`.
    pub by: Option<Vec<String>>,
}

/// Why nothing is drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// There is nothing to label.
    #[error("there is no comparison of two answers to be labelled{0}")]
    Empty(String),
    /// More subgroups than comparisons are asked for.
    #[error(
        "{n} comparisons are too few for {subgroups} subgroups by {by}, of which each gets one at least; raise --n, or name fewer dimensions with --by"
    )]
    TooFew {
        /// Comparisons asked for.
        n: usize,
        /// Subgroups there are.
        subgroups: usize,
        /// What they are told apart by.
        by: String,
    },
    /// A dimension that the results do not have.
    #[error("there is no dimension `{name}`; the results have {known}")]
    UnknownDimension {
        /// What was asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// Two labels of one comparison take two people.
    #[error(
        "a share of {0} cannot be labelled twice by one annotator; raise --annotators, or leave --double out"
    )]
    OneAnnotator(String),
}

/// A comparison as one annotator is shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Opaque id of the task.
    pub task: String,
    /// Index into [`Frame::comparisons`].
    pub comparison: usize,
    /// Index into [`Drawn::strata`].
    pub stratum: usize,
    /// From 1.
    pub annotator: u32,
    /// Whether the candidate's answer stands left.
    pub candidate_left: bool,
}

/// A subgroup, and what was drawn of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// Parallel to [`Drawn::by`].
    pub levels: Vec<String>,
    /// Comparisons it has.
    pub there: usize,
    /// Comparisons that are labelled.
    pub drawn: usize,
    /// Of these, labelled by two.
    pub twice: usize,
}

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// What subgroups are told apart by.
    pub by: Vec<String>,
    /// Subgroups by their levels.
    pub strata: Vec<Stratum>,
    /// By annotator, then in the order in which they are shown.
    pub assignments: Vec<Assignment>,
    /// What to know of the draw.
    pub notes: Vec<String>,
}

/// What stands for the two models in a subgroup's levels.
pub const MODELS: &str = "models";
/// What stands for a level that is not known.
const NO_LEVEL: &str = "(none)";

impl Drawn {
    /// Comparisons that are labelled.
    pub fn comparisons(&self) -> usize {
        self.strata.iter().map(|stratum| stratum.drawn).sum()
    }

    /// Of these, labelled by two.
    pub fn twice(&self) -> usize {
        self.strata.iter().map(|stratum| stratum.twice).sum()
    }
}

/// Draws comparisons and deals them (see the module).
///
/// # Errors
///
/// When there is nothing to draw from, or the design does not fit what there is.
pub fn sample(frame: &Frame, design: &Design) -> Result<Drawn, SampleError> {
    if frame.comparisons.is_empty() {
        let reasons: Vec<String> = frame
            .left_out
            .iter()
            .map(|(reason, count)| format!("{count}: {reason}"))
            .collect();
        let why = if reasons.is_empty() {
            String::new()
        } else {
            format!(" ({})", reasons.join("; "))
        };
        return Err(SampleError::Empty(why));
    }
    if design.annotators < 2 && design.double > 0.0 {
        return Err(SampleError::OneAnnotator(design.double.to_string()));
    }
    let mut notes = Vec::new();
    let n = design.n.min(frame.comparisons.len());
    if n < design.n {
        notes.push(format!(
            "there are {n} comparisons, so all of them are labelled and not {}",
            design.n
        ));
    }
    let (by, groups) = subgroups(frame, design, n, &mut notes)?;
    let sizes: Vec<usize> = groups.values().map(Vec::len).collect();
    // Which of equal subgroups gets one more is drawn too.
    let order: Vec<[u8; 32]> = groups
        .keys()
        .map(|levels| {
            let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
            draw("subgroup", design.seed, &levels)
        })
        .collect();
    let drawn = shares(&sizes, n, 1, &order);
    let doubled = (design.double * n as f64).round() as usize;
    let twice = shares(&drawn, doubled, 0, &order);
    let mut strata = Vec::with_capacity(groups.len());
    let mut dealer = Dealer::new(design);
    for (((levels, members), drawn), twice) in groups.iter().zip(drawn).zip(twice) {
        let mut ranked = members.clone();
        ranked.sort_by_cached_key(|index| {
            let comparison = &frame.comparisons[*index];
            draw("rank", design.seed, &identity(comparison, &[]))
        });
        for (place, index) in ranked[..drawn].iter().enumerate() {
            let comparison = &frame.comparisons[*index];
            dealer.deal(*index, comparison, strata.len(), place < twice);
        }
        strata.push(Stratum {
            levels: levels.clone(),
            there: members.len(),
            drawn,
            twice,
        });
    }
    notes.extend(out_of_proportion(&strata));
    let mut assignments = dealer.assignments;
    // An opaque id is a hash, so this is a shuffle.
    assignments.sort_by(|a, b| (a.annotator, &a.task).cmp(&(b.annotator, &b.task)));
    Ok(Drawn {
        by,
        strata,
        assignments,
        notes,
    })
}

/// What is said where a comparison of one subgroup was clearly likelier to be drawn than
/// one of another, by more than rounding to whole comparisons does.
fn out_of_proportion(strata: &[Stratum]) -> Option<String> {
    let drawn: usize = strata.iter().map(|stratum| stratum.drawn).sum();
    let there: usize = strata.iter().map(|stratum| stratum.there).sum();
    let is_far = |stratum: &&Stratum| {
        let due = (stratum.there * drawn) as f64 / there as f64;
        (stratum.drawn as f64 - due).abs() >= 1.0
    };
    let far = strata.iter().filter(is_far).count();
    (far > 0).then(|| {
        format!(
            "{far} of {} subgroups are not drawn in proportion to their sizes, as each has one comparison at least; the key holds how many of each were there and drawn, by which `oyer agree` and `oyer report` weigh the labels",
            strata.len()
        )
    })
}

type Groups = BTreeMap<Vec<String>, Vec<usize>>;

/// The subgroups, with the comparisons of each.
fn subgroups(
    frame: &Frame,
    design: &Design,
    n: usize,
    notes: &mut Vec<String>,
) -> Result<(Vec<String>, Groups), SampleError> {
    let contests: HashSet<(&str, &str)> = frame
        .comparisons
        .iter()
        .map(|one| (one.candidate.as_str(), one.opponent.as_str()))
        .collect();
    let models = contests.len() > 1;
    let named = |dimensions: &[usize]| -> Vec<String> {
        let names = dimensions.iter().map(|at| frame.dimensions[*at].clone());
        names.chain(models.then(|| MODELS.to_owned())).collect()
    };
    let group = |dimensions: &[usize]| -> Groups {
        let mut groups = Groups::new();
        for (index, comparison) in frame.comparisons.iter().enumerate() {
            let level = |at: &usize| {
                let level = comparison.levels.get(*at).and_then(Option::as_deref);
                level.unwrap_or(NO_LEVEL).to_owned()
            };
            let pair = format!("{} against {}", comparison.candidate, comparison.opponent);
            let levels: Vec<String> = dimensions
                .iter()
                .map(level)
                .chain(models.then_some(pair))
                .collect();
            groups.entry(levels).or_default().push(index);
        }
        groups
    };
    let Some(asked) = &design.by else {
        let mut dimensions: Vec<usize> = (0..frame.of_personas).collect();
        loop {
            let groups = group(&dimensions);
            if groups.len() <= n {
                if dimensions.len() < frame.of_personas {
                    notes.push(format!(
                        "subgroups are told apart by {} alone, as {n} comparisons are too few for more",
                        or_nothing(&named(&dimensions))
                    ));
                }
                return Ok((named(&dimensions), groups));
            }
            if dimensions.pop().is_none() {
                return Err(too_few(n, groups.len(), &named(&dimensions)));
            }
        }
    };
    let mut dimensions: Vec<usize> = Vec::new();
    for name in asked {
        let Some(at) = frame.dimensions.iter().position(|known| known == name) else {
            return Err(SampleError::UnknownDimension {
                name: name.clone(),
                known: or_nothing(&frame.dimensions),
            });
        };
        if !dimensions.contains(&at) {
            dimensions.push(at);
        }
    }
    let groups = group(&dimensions);
    if groups.len() > n {
        return Err(too_few(n, groups.len(), &named(&dimensions)));
    }
    Ok((named(&dimensions), groups))
}

fn too_few(n: usize, subgroups: usize, by: &[String]) -> SampleError {
    SampleError::TooFew {
        n,
        subgroups,
        by: by.join(", "),
    }
}

fn or_nothing(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// `n` dealt in proportion to `sizes`, at least `least` to each that has as many, by
/// largest remainders; of equal remainders the one with the lowest `order` comes first.
fn shares<T: Ord>(sizes: &[usize], n: usize, least: usize, order: &[T]) -> Vec<usize> {
    let mut shares = vec![0_usize; sizes.len()];
    let mut open: Vec<usize> = (0..sizes.len()).collect();
    let mut left = n;
    // Those whose proportion is under the least get it, and the rest is dealt anew.
    loop {
        let total: usize = open.iter().map(|at| sizes[*at]).sum();
        let (small, large): (Vec<usize>, Vec<usize>) = open
            .iter()
            .partition(|at| least > 0 && left * sizes[**at] < total * least);
        if small.is_empty() {
            break;
        }
        for at in small {
            shares[at] = least.min(sizes[at]);
            left = left.saturating_sub(shares[at]);
        }
        open = large;
    }
    let total: usize = open.iter().map(|at| sizes[*at]).sum();
    if total == 0 {
        return shares;
    }
    let left = left.min(total);
    let mut given = 0;
    for at in &open {
        shares[*at] = left * sizes[*at] / total;
        given += shares[*at];
    }
    open.sort_by_key(|at| (std::cmp::Reverse(left * sizes[*at] % total), &order[*at]));
    for at in open.iter().take(left - given) {
        shares[*at] += 1;
    }
    shares
}

/// Deals comparisons to annotators so that all have about as many.
struct Dealer<'d> {
    design: &'d Design,
    loads: Vec<usize>,
    /// Comparisons that two annotators share.
    pairs: BTreeMap<(u32, u32), usize>,
    assignments: Vec<Assignment>,
}

impl<'d> Dealer<'d> {
    fn new(design: &'d Design) -> Self {
        Self {
            design,
            loads: vec![0; design.annotators.max(1) as usize],
            pairs: BTreeMap::new(),
            assignments: Vec::new(),
        }
    }

    fn deal(&mut self, index: usize, comparison: &Comparison, stratum: usize, twice: bool) {
        let annotators = self.loads.len() as u32;
        let load = |annotator: &u32| (self.loads[*annotator as usize], *annotator);
        let first = (0..annotators).min_by_key(load).unwrap_or_default();
        self.give(index, comparison, stratum, first);
        if !twice {
            return;
        }
        let pair = |other: u32| (first.min(other), first.max(other));
        let others = (0..annotators).filter(|other| *other != first);
        let second = others.min_by_key(|other| {
            let shared = self.pairs.get(&pair(*other)).copied().unwrap_or_default();
            (shared, self.loads[*other as usize], *other)
        });
        if let Some(second) = second {
            *self.pairs.entry(pair(second)).or_default() += 1;
            self.give(index, comparison, stratum, second);
        }
    }

    fn give(&mut self, index: usize, comparison: &Comparison, stratum: usize, annotator: u32) {
        self.loads[annotator as usize] += 1;
        let number = (annotator + 1).to_string();
        let parts = identity(comparison, &[&number, &comparison.secret]);
        let seed = self.design.seed;
        let id = blake3::Hash::from(draw("task", seed, &parts)).to_hex();
        self.assignments.push(Assignment {
            task: id[..20].to_owned(),
            comparison: index,
            stratum,
            annotator: annotator + 1,
            candidate_left: draw("side", seed, &parts)[0] & 1 == 0,
        });
    }
}

/// What tells a comparison from all others.
fn identity<'c>(comparison: &'c Comparison, more: &[&'c str]) -> Vec<&'c str> {
    const SAMPLES: [&str; 4] = ["1", "2", "3", "4"];
    let mut parts = vec![
        comparison.item.as_str(),
        &comparison.candidate,
        &comparison.opponent,
    ];
    match comparison.sample {
        sample @ 1..=4 => parts.push(SAMPLES[usize::from(sample) - 1]),
        // The secret is made of both answers' calls, which name their draw.
        _ => parts.push(&comparison.secret),
    }
    parts.extend_from_slice(more);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rubric::Labels;

    pub(crate) fn frame(sizes: &[usize]) -> Frame {
        let mut comparisons = Vec::new();
        for (group, size) in sizes.iter().enumerate() {
            for n in 0..*size {
                comparisons.push(Comparison {
                    item: format!("p{group}/q{n}"),
                    persona: format!("p{group}"),
                    question: format!("q{n}"),
                    sample: 1,
                    candidate: "tuned".to_owned(),
                    opponent: "base".to_owned(),
                    levels: vec![Some(format!("g{group}")), Some(format!("t{}", n % 2))],
                    criteria: vec![0],
                    secret: format!("s{group}-{n}"),
                });
            }
        }
        Frame {
            dimensions: vec!["group".to_owned(), "topic".to_owned()],
            of_personas: 1,
            criteria: Vec::new(),
            labels: Labels::default(),
            judge_ties: true,
            comparisons,
            left_out: Vec::new(),
        }
    }

    fn design(n: usize) -> Design {
        Design {
            n,
            seed: 7,
            annotators: 2,
            double: 0.2,
            by: None,
        }
    }

    fn dealt(sizes: &[usize], n: usize, least: usize) -> Vec<usize> {
        let order: Vec<usize> = (0..sizes.len()).collect();
        shares(sizes, n, least, &order)
    }

    #[test]
    fn shares_are_proportional_with_at_least_one_each() {
        assert_eq!(dealt(&[90, 9, 1], 10, 1), [8, 1, 1]);
        assert_eq!(dealt(&[50, 30, 20], 10, 1), [5, 3, 2]);
        assert_eq!(dealt(&[1, 1, 1], 3, 1), [1, 1, 1]);
        assert_eq!(dealt(&[100, 1, 1, 1], 5, 1), [2, 1, 1, 1]);
        assert_eq!(dealt(&[3, 3, 4], 0, 0), [0, 0, 0]);
        assert_eq!(dealt(&[3, 3, 4], 5, 0), [2, 1, 2]);
        assert_eq!(dealt(&[], 5, 1), [0_usize; 0]);
        assert_eq!(shares(&[2, 2, 2], 1, 0, &[3, 1, 2]), [0, 1, 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn shares_add_up_fit_and_keep_the_least(
            sizes in prop::collection::vec(1_usize..60, 1..12), part in 0.0_f64..1.0,
        ) {
            let total: usize = sizes.iter().sum();
            let n = sizes.len() + ((total - sizes.len()) as f64 * part) as usize;
            let shares = dealt(&sizes, n, 1);
            prop_assert_eq!(shares.iter().sum::<usize>(), n);
            for (share, size) in shares.iter().zip(&sizes) {
                prop_assert!((1..=*size).contains(share), "{:?} of {:?}", shares, sizes);
                let exact = (n * size) as f64 / total as f64;
                // None gets more than its proportion rounded up, but for the least.
                prop_assert!(*share <= (exact.ceil() as usize).max(1));
            }
        }
    }

    #[test]
    fn each_subgroup_is_drawn_and_a_share_goes_to_two_people() {
        let drawn = sample(&frame(&[60, 30, 1]), &design(40)).unwrap();
        assert_eq!(drawn.by, ["group"]);
        let counts: Vec<usize> = drawn.strata.iter().map(|stratum| stratum.drawn).collect();
        assert_eq!(counts, [26, 13, 1]);
        assert_eq!((drawn.comparisons(), drawn.twice()), (40, 8));
        assert_eq!(drawn.assignments.len(), 48);
        let of = |annotator| {
            let all = drawn.assignments.iter();
            all.filter(|one| one.annotator == annotator).count()
        };
        assert_eq!((of(1), of(2)), (24, 24));
        let mut seen: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for one in &drawn.assignments {
            seen.entry(one.comparison).or_default().push(one.annotator);
        }
        assert_eq!(seen.values().filter(|who| who.len() == 2).count(), 8);
        assert!(seen.values().all(|who| who.len() < 2 || who[0] != who[1]));
    }

    #[test]
    fn what_is_drawn_out_of_proportion_is_told() {
        let told = |sizes: &[usize], n| {
            let drawn = sample(&frame(sizes), &design(n)).unwrap();
            for one in &drawn.assignments {
                let level = &frame(sizes).comparisons[one.comparison].levels[0];
                assert_eq!(Some(&drawn.strata[one.stratum].levels[0]), level.as_ref());
            }
            drawn.notes.join("|")
        };
        assert_eq!(told(&[60, 30, 10], 40), "");
        let mut sizes = vec![60; 10];
        sizes.extend([2; 40]);
        let said = told(&sizes, 100);
        assert!(
            said.contains("10 of 50 subgroups are not drawn in proportion"),
            "{said}"
        );
    }

    #[test]
    fn sides_ids_and_order_tell_nothing_and_each_annotator_has_their_own() {
        let drawn = sample(
            &frame(&[400]),
            &Design {
                double: 1.0,
                ..design(400)
            },
        )
        .unwrap();
        let left = |annotator| {
            let of = drawn.assignments.iter();
            let of = of.filter(move |one| one.annotator == annotator);
            of.map(|one| (one.comparison, one.candidate_left))
                .collect::<BTreeMap<_, _>>()
        };
        let (one, two) = (left(1), left(2));
        for sides in [&one, &two] {
            let left = sides.values().filter(|left| **left).count();
            assert!((160..=240).contains(&left), "{left} of 400 stand left");
        }
        let alike = one.iter().filter(|(at, left)| two[*at] == **left).count();
        assert!((160..=240).contains(&alike), "{alike} of 400 stand alike");
        let ids: HashSet<&str> = drawn.assignments.iter().map(|one| &*one.task).collect();
        assert_eq!(ids.len(), 800);
        // In the order of the file, sides do not run in blocks.
        let turns = drawn
            .assignments
            .windows(2)
            .filter(|pair| pair[0].candidate_left != pair[1].candidate_left);
        assert!((320..=480).contains(&turns.count()));
    }

    #[test]
    fn the_seed_moves_the_draw_and_the_order_of_rows_does_not() {
        let straight = frame(&[30, 30]);
        let mut turned = straight.clone();
        turned.comparisons.reverse();
        let ids = |frame: &Frame, seed| {
            let design = Design { seed, ..design(20) };
            let drawn = sample(frame, &design).unwrap();
            let all = drawn.assignments.iter();
            all.map(|one| {
                (
                    one.task.clone(),
                    one.annotator,
                    frame.comparisons[one.comparison].item.clone(),
                    one.candidate_left,
                )
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(ids(&straight, 7), ids(&turned, 7));
        assert_ne!(ids(&straight, 7), ids(&straight, 8));
    }

    #[test]
    fn without_the_answers_calls_nobody_can_tell_a_side() {
        let known = frame(&[40]);
        let mut other = known.clone();
        for comparison in &mut other.comparisons {
            comparison.secret.push('x');
        }
        let sides = |frame: &Frame| {
            let drawn = sample(frame, &design(40)).unwrap();
            let mut sides: Vec<(usize, bool)> = drawn
                .assignments
                .iter()
                .filter(|one| one.annotator == 1)
                .map(|one| (one.comparison, one.candidate_left))
                .collect();
            sides.sort_unstable();
            sides
        };
        assert_ne!(sides(&known), sides(&other));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let small = frame(&[5, 5, 5]);
        let failed = |design: Design| sample(&small, &design).unwrap_err().to_string();
        let by = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
        let few = failed(Design {
            by: by(&["group", "topic"]),
            ..design(4)
        });
        assert!(
            few.contains("4 comparisons are too few for 6 subgroups by group, topic"),
            "{few}"
        );
        let unknown = failed(Design {
            by: by(&["age"]),
            ..design(4)
        });
        assert!(
            unknown.contains("`age`; the results have group, topic"),
            "{unknown}"
        );
        let alone = failed(Design {
            annotators: 1,
            ..design(4)
        });
        assert!(alone.contains("--annotators"), "{alone}");
        // Without being asked for, dimensions that are too fine are left out and said.
        let drawn = sample(
            &small,
            &Design {
                double: 0.0,
                ..design(2)
            },
        )
        .unwrap();
        assert_eq!((drawn.by.len(), drawn.notes.len()), (0, 1));
        let all = sample(&small, &design(99)).unwrap();
        assert_eq!(all.comparisons(), 15);
        assert!(all.notes[0].contains("all of them"), "{:?}", all.notes);
        let mut empty = small.clone();
        empty.comparisons.clear();
        empty.left_out = vec![("an answer is missing".to_owned(), 3)];
        let said = sample(&empty, &design(4)).unwrap_err().to_string();
        assert!(said.contains("3: an answer is missing"), "{said}");
    }
}
