//! Clusters of very different sizes: the default interval, which counts clusters, and the
//! one that allows for their sizes.

use oyer::stats::quantile::normal_upper_quantile;
use oyer::stats::uneven::sized_wilson;
use oyer::stats::wilson::design_effect_wilson;
use oyer::stats::{Clusters, Level, cluster_mean};

use crate::draw::{Judge, normal, replicated};
use crate::tally::{Tally, head, merged, row};

/// Items of a study with one dimension of clusters, about.
const ITEMS: u32 = 400;
/// Standard deviations of what clusters (questions), personas and items add to the lead.
const CLUSTER: f64 = 0.8;
const PERSONA: f64 = 0.5;
const ITEM: f64 = 1.0;
const RATES: [f64; 3] = [0.5, 0.7, 0.9];

/// Who is asked what.
struct Design {
    name: String,
    cluster: Vec<u32>,
    persona: Option<Vec<u32>>,
}

impl Design {
    /// Clusters that hold these shares of the items; what is left goes to the others alike.
    fn of_shares(name: &str, shares: &[f64], clusters: u32) -> Self {
        let large = shares.len() as u32;
        let left = 1.0 - shares.iter().sum::<f64>();
        let small = f64::from(ITEMS) * left / f64::from(clusters - large);
        let sizes = (0..clusters).map(|g| {
            let share = shares.get(g as usize).map(|w| w * f64::from(ITEMS));
            share.unwrap_or(small).round().max(1.0) as usize
        });
        Self::of_sizes(name, &sizes.collect::<Vec<_>>())
    }

    /// The size of a cluster falls with its rank, as the numbers of words do.
    fn by_rank(clusters: u32) -> Self {
        let sum: f64 = (1..=clusters).map(|rank| 1.0 / f64::from(rank)).sum();
        let size = |rank| (f64::from(ITEMS) / f64::from(rank) / sum).max(1.0) as usize;
        let sizes: Vec<usize> = (1..=clusters).map(size).collect();
        Self::of_sizes("falling with the rank", &sizes)
    }

    fn of_sizes(name: &str, sizes: &[usize]) -> Self {
        let of = |(g, size): (usize, &usize)| std::iter::repeat_n(g as u32, *size);
        Self {
            name: name.to_owned(),
            cluster: sizes.iter().enumerate().flat_map(of).collect(),
            persona: None,
        }
    }

    /// One persona is asked all questions, and each other one of them a part.
    fn crossed(questions: u32, personas: u32) -> Self {
        let asked = |(q, p): &(u32, u32)| *p == 0 || q % (personas - 1) == p - 1;
        let cells = (0..questions).flat_map(|q| (0..personas).map(move |p| (q, p)));
        let (cluster, persona): (Vec<u32>, Vec<u32>) = cells.filter(asked).unzip();
        Self {
            name: format!("{questions} questions, of {personas} personas one is asked half"),
            cluster,
            persona: Some(persona),
        }
    }

    fn clusters(&self) -> Clusters<'_> {
        match &self.persona {
            Some(persona) => Clusters::TwoWay(&self.cluster, persona),
            None => Clusters::OneWay(&self.cluster),
        }
    }

    fn effects(&self) -> f64 {
        let persona = if self.persona.is_some() { PERSONA } else { 0.0 };
        CLUSTER.powi(2) + persona.powi(2) + ITEM.powi(2)
    }

    /// Degrees of freedom by the sizes, whatever the scores.
    fn degrees_of_freedom(&self) -> String {
        let scores: Vec<f64> = (0..self.cluster.len()).map(|i| (i % 2) as f64).collect();
        sized_wilson(&scores, self.clusters(), Level::DEFAULT).map_or_else(
            |_| "-".to_owned(),
            |sized| format!("{:.1}", sized.degrees_of_freedom),
        )
    }

    fn tallies(&self, rate: f64, replications: u32) -> [Tally; 2] {
        let judge = Judge {
            lead: normal_upper_quantile(1.0 - rate) * (self.effects() + 1.0).sqrt(),
            place: 0.0,
            tie: 0.0,
        };
        let numbers = |labels: &[u32]| labels.iter().max().map_or(0, |most| most + 1);
        let clusters = numbers(&self.cluster);
        let personas = self.persona.as_deref().map_or(0, numbers);
        replicated(
            u64::from(clusters) * 1_000 + (rate * 100.0) as u64,
            replications,
            || [Tally::default(); 2],
            |rng, mut tallies| {
                let of_cluster: Vec<f64> = (0..clusters).map(|_| CLUSTER * normal(rng)).collect();
                let of_persona: Vec<f64> = (0..personas).map(|_| PERSONA * normal(rng)).collect();
                let score = |(i, cluster): (usize, &u32)| {
                    let persona = self.persona.as_ref().map(|of| of_persona[of[i] as usize]);
                    let shared = of_cluster[*cluster as usize] + persona.unwrap_or_default();
                    let effect = shared + ITEM * normal(rng);
                    let (first, second) = judge.both(rng, effect);
                    0.5 * (first + second)
                };
                let scores: Vec<f64> = self.cluster.iter().enumerate().map(score).collect();
                let usual = cluster_mean(&scores, self.clusters())
                    .and_then(|mean| design_effect_wilson(&mean, Level::DEFAULT));
                tallies[0].count(usual.ok(), rate);
                let sized = sized_wilson(&scores, self.clusters(), Level::DEFAULT);
                tallies[1].count(sized.map(|sized| sized.interval).ok(), rate);
                tallies
            },
            merged,
        )
    }
}

fn designs() -> Vec<Design> {
    let mut designs = Vec::new();
    for clusters in [10, 20, 40] {
        designs.extend([
            Design::of_shares("all of one size", &[], clusters),
            Design::of_shares("one holds 30%", &[0.3], clusters),
            Design::of_shares("one holds 50%", &[0.5], clusters),
            Design::of_shares("one holds 70%", &[0.7], clusters),
            Design::of_shares("one holds 90%", &[0.9], clusters),
            Design::of_shares("two hold 40% each", &[0.4, 0.4], clusters),
            Design::by_rank(clusters),
        ]);
    }
    designs.extend([Design::crossed(40, 12), Design::crossed(100, 20)]);
    designs
}

pub(crate) fn table(replications: u32) -> String {
    let mut columns = vec!["sizes", "clusters", "degrees of freedom by sizes"];
    let of_rates: Vec<[String; 2]> = RATES
        .iter()
        .map(|rate| {
            let rate = rate * 100.0;
            [format!("{rate}%: default"), format!("{rate}%: by sizes")]
        })
        .collect();
    columns.extend(of_rates.iter().flatten().map(String::as_str));
    columns.extend(["width at 50%: default", "by sizes"]);
    let mut text = head("Clusters of different sizes, by win rate", &columns);
    for design in designs() {
        let of_rates = RATES.map(|rate| design.tallies(rate, replications));
        let smallest = match &design.persona {
            Some(persona) => persona.iter().chain([&0]).max(),
            None => design.cluster.last(),
        };
        let mut cells = vec![
            design.name.clone(),
            smallest.map_or(0, |last| last + 1).to_string(),
            design.degrees_of_freedom(),
        ];
        for [usual, sized] in &of_rates {
            cells.extend([usual.percent(), sized.percent()]);
        }
        cells.extend([of_rates[0][0].mean_width(), of_rates[0][1].mean_width()]);
        text += &row(&cells);
    }
    text
}
