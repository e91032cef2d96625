//! Which win rates of one table are subtracted from each other.

use std::collections::HashMap;

use crate::analysis::estimate::Measured;
use crate::analysis::report::DifferenceKind;

/// Models that met one other beyond which each is compared with the reference only: there
/// would be as many differences as pairs of them.
pub(in crate::analysis) const MOST_PAIRED: usize = 8;
/// Models up to which any two are compared through a third one. Of more models, two that
/// met each other are compared only through the reference, or through one that all others
/// met: where everybody met everybody, pairs and a leaderboard say more.
const FEW_MODELS: usize = 3;
/// Judges, or rubrics, of one comparison beyond which no two of them are compared: pairs
/// would be thousands, each of few items.
pub(in crate::analysis) const MOST_JUDGES: usize = 20;
/// Models that a note names.
const MOST_NAMED: usize = 3;

/// Pairs that are left out: of models that met the same third one, and of judges or rubrics
/// of one comparison.
#[derive(Debug, Default)]
pub(in crate::analysis) struct LeftOut {
    /// Because more than [`MOST_PAIRED`] met it.
    pub(in crate::analysis) too_many: Reason,
    /// Because the two met each other.
    pub(in crate::analysis) met: Reason,
    /// Because more than [`MOST_JUDGES`] made the comparison.
    pub(in crate::analysis) judges: usize,
}

/// Pairs that are left out for one reason.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Reason {
    pub(in crate::analysis) pairs: usize,
    /// Some models of which each, as the reference, gives some of these pairs.
    pub(in crate::analysis) references: Vec<String>,
}

impl Reason {
    fn add(&mut self, reference: Option<&str>) {
        self.pairs += 1;
        let new = reference.filter(|_| self.references.len() < MOST_NAMED);
        if let Some(new) = new
            && self.references.iter().all(|known| known != new)
        {
            self.references.push(new.to_owned());
        }
    }
}

/// Two win rates: places among all that were measured, and whether each is seen
/// from its opponent's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) kind: DifferenceKind,
    pub(super) first: (usize, bool),
    pub(super) second: (usize, bool),
    /// Differences of one family are read together.
    pub(super) family: usize,
}

/// Numbers for keys, in order of appearance.
struct Numbers<K> {
    of: HashMap<K, usize>,
}

impl<K: std::hash::Hash + Eq> Numbers<K> {
    fn new() -> Self {
        Self { of: HashMap::new() }
    }

    fn number(&mut self, key: K) -> usize {
        let next = self.of.len();
        *self.of.entry(key).or_insert(next)
    }
}

/// All pairs, and those of models that met the same third one that are left out.
pub(super) fn pairs(measured: &[Measured], reference: Option<&str>) -> (Vec<Pair>, LeftOut) {
    let (mut pairs, mut left_out) = of_models(measured, reference);
    for kind in [DifferenceKind::Judges, DifferenceKind::Rubrics] {
        let families = pairs.iter().map(|pair| pair.family + 1).max().unwrap_or(0);
        let (of_kind, too_many) = of_kind(measured, kind, families);
        pairs.extend(of_kind);
        left_out.judges += too_many;
    }
    (pairs, left_out)
}

/// A comparison of a model with the shared one.
#[derive(Debug, Clone, Copy)]
struct Met<'a> {
    model: &'a str,
    place: usize,
    turned: bool,
}

/// Pairs of models that met the same third one.
fn of_models(measured: &[Measured], reference: Option<&str>) -> (Vec<Pair>, LeftOut) {
    let mut families: Numbers<[&str; 3]> = Numbers::new();
    let mut groups: Numbers<[&str; 3]> = Numbers::new();
    let mut places: Vec<Vec<usize>> = Vec::new();
    for (place, part) in measured.iter().enumerate() {
        let c = &part.comparison;
        let group = groups.number([&c.judge, &c.rubric, &c.criterion]);
        places.resize(places.len().max(group + 1), Vec::new());
        places[group].push(place);
    }
    let (mut pairs, mut left_out) = (Vec::new(), LeftOut::default());
    for places in &places {
        let meetings = Meetings::new(measured, places);
        let few = meetings.models.len() <= FEW_MODELS;
        for shared in &meetings.models {
            let met = meetings.of(shared);
            let many = met.len() > MOST_PAIRED;
            let is_common = few || meetings.is_common(shared);
            let is_reference = |model: &str| Some(model) == reference;
            for (i, a) in met.iter().enumerate() {
                for b in &met[i + 1..] {
                    let with_reference = is_reference(a.model) || is_reference(b.model);
                    let of_interest = is_common || !meetings.direct(a.model, b.model);
                    if !(of_interest || is_reference(shared) && !many) {
                        left_out.met.add((!many).then_some(*shared));
                        continue;
                    }
                    if many && !with_reference {
                        left_out.too_many.add(Some(a.model));
                        continue;
                    }
                    // What a reference is subtracted from stands first.
                    let (a, b) = if is_reference(a.model) {
                        (b, a)
                    } else {
                        (a, b)
                    };
                    let c = &measured[a.place].comparison;
                    pairs.push(Pair {
                        kind: DifferenceKind::Models,
                        first: (a.place, a.turned),
                        second: (b.place, b.turned),
                        family: families.number([&c.judge, &c.rubric, *shared]),
                    });
                }
            }
        }
    }
    (pairs, left_out)
}

/// Who met whom, by one judge and rubric on one criterion.
struct Meetings<'a> {
    models: Vec<&'a str>,
    met: HashMap<&'a str, Vec<Met<'a>>>,
}

impl<'a> Meetings<'a> {
    fn new(measured: &'a [Measured], places: &[usize]) -> Self {
        let mut meetings = Self {
            models: Vec::new(),
            met: HashMap::new(),
        };
        // A model that met itself is no opponent that two models share.
        let with_another = places.iter().filter(|&&place| {
            let c = &measured[place].comparison;
            c.candidate != c.opponent
        });
        for &place in with_another {
            let c = &measured[place].comparison;
            let sides = [
                (&c.candidate, &c.opponent, false),
                (&c.opponent, &c.candidate, true),
            ];
            for (model, other, turned) in sides {
                let known = meetings.met.entry(other).or_insert_with(|| {
                    meetings.models.push(other);
                    Vec::new()
                });
                known.push(Met {
                    model,
                    place,
                    turned,
                });
            }
        }
        meetings
    }

    fn of(&self, shared: &str) -> &[Met<'a>] {
        self.met.get(shared).map_or(&[], Vec::as_slice)
    }

    /// Whether all others met it, and not everybody met everybody.
    fn is_common(&self, shared: &str) -> bool {
        let met_by_all = |model: &str| self.of(model).len() + 1 == self.models.len();
        met_by_all(shared) && !self.models.iter().all(|model| met_by_all(model))
    }

    fn direct(&self, a: &str, b: &str) -> bool {
        self.of(a).iter().any(|met| met.model == b)
    }
}

/// Pairs of judges, or of rubrics, of one comparison on one criterion, and how many are
/// left out.
fn of_kind(measured: &[Measured], kind: DifferenceKind, first_family: usize) -> (Vec<Pair>, usize) {
    let by_judge = kind == DifferenceKind::Judges;
    let mut families: Numbers<[&str; 3]> = Numbers::new();
    let mut groups: Numbers<(usize, &str)> = Numbers::new();
    let mut members: Vec<Vec<(usize, bool)>> = Vec::new();
    let mut family_of: Vec<usize> = Vec::new();
    for (place, part) in measured.iter().enumerate() {
        let c = &part.comparison;
        let turned = c.opponent < c.candidate;
        let (low, high) = if turned {
            (&c.opponent, &c.candidate)
        } else {
            (&c.candidate, &c.opponent)
        };
        let kept = if by_judge { &c.rubric } else { &c.judge };
        let family = families.number([low, high, kept]);
        let group = groups.number((family, &c.criterion));
        if group == members.len() {
            members.push(Vec::new());
            family_of.push(family);
        }
        members[group].push((place, turned));
    }
    let (mut pairs, mut left_out) = (Vec::new(), 0);
    for (members, family) in members.iter().zip(family_of) {
        if members.len() > MOST_JUDGES {
            left_out += members.len() * (members.len() - 1) / 2;
            continue;
        }
        for (i, a) in members.iter().enumerate() {
            for b in &members[i + 1..] {
                // Both are seen as the first of them has it.
                pairs.push(Pair {
                    kind,
                    first: (a.0, false),
                    second: (b.0, a.1 != b.1),
                    family: first_family + family,
                });
            }
        }
    }
    (pairs, left_out)
}
