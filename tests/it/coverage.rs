//! How often the reports' interval holds the truth, and how often one does that
//! takes every judgment for an independent one: the figures of the README and of
//! `docs/statistics.md`; and what the tables there say, which the coverage program
//! writes.

use oyer::stats::proportion::{Proportion, wilson};
use oyer::stats::wilson::design_effect_wilson;
use oyer::stats::{Clusters, Level, cluster_mean};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const REPLICATIONS: u32 = 1000;

/// Standard deviations of what a question, a persona, the two together and a single
/// look of the judge add to the candidate's lead.
const QUESTION: f64 = 0.6;
const PERSONA: f64 = 0.3;
const ITEM: f64 = 0.8;
const LOOK: f64 = 0.6;

#[test]
fn the_interval_of_reports_covers_and_one_without_clusters_does_not() {
    // Questions, personas, and the coverage of the interval without clusters.
    for (questions, personas, published) in [
        (20, 10, 0.55),
        (48, 18, 0.47),
        (50, 20, 0.42),
        (200, 10, 0.33),
    ] {
        let (naive, ours) = coverage(questions, personas);
        assert!(
            (naive - published).abs() < 0.03,
            "{questions} x {personas}: {naive} without clusters"
        );
        assert!(
            (0.93..=0.98).contains(&ours),
            "{questions} x {personas}: {ours}"
        );
    }
}

/// Shares of replications in which each interval holds one half, which is the truth
/// of a lead that is 0 on average.
fn coverage(questions: u32, personas: u32) -> (f64, f64) {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let question: Vec<u32> = (0..questions * personas).map(|i| i / personas).collect();
    let persona: Vec<u32> = (0..questions * personas).map(|i| i % personas).collect();
    let (mut naive, mut ours) = (0, 0);
    for _ in 0..REPLICATIONS {
        let of_question = normals(&mut rng, questions, QUESTION);
        let of_persona = normals(&mut rng, personas, PERSONA);
        let mut wins = 0;
        let scores: Vec<f64> = question
            .iter()
            .zip(&persona)
            .map(|(&q, &p)| {
                let lead =
                    of_question[q as usize] + of_persona[p as usize] + ITEM * normal(&mut rng);
                let won = (0..2).filter(|_| lead + LOOK * normal(&mut rng) > 0.0);
                let won = won.count() as u64;
                wins += won;
                won as f64 / 2.0
            })
            .collect();
        let judgments = Proportion::new(wins, 2 * scores.len() as u64).unwrap();
        let level = Level::DEFAULT;
        naive += u32::from(wilson(judgments, level).contains(0.5));
        let mean = cluster_mean(&scores, Clusters::TwoWay(&question, &persona)).unwrap();
        ours += u32::from(design_effect_wilson(&mean, level).unwrap().contains(0.5));
    }
    let share = |hits: u32| f64::from(hits) / f64::from(REPLICATIONS);
    (share(naive), share(ours))
}

fn normals(rng: &mut ChaCha8Rng, n: u32, spread: f64) -> Vec<f64> {
    (0..n).map(|_| spread * normal(rng)).collect()
}

/// A standard normal number (Box & Muller 1958).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (radius, turn): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
}

/// The rows of a table of `docs/statistics.md`, each cell with its column.
fn published(title: &str) -> Vec<Vec<(String, String)>> {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/statistics.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, after) = page
        .split_once(&format!("**{title}**\n\n"))
        .expect("a table");
    let mut lines = after.lines().take_while(|line| line.starts_with('|'));
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim_matches('|');
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let header = cells(lines.next().expect("a header"));
    lines
        .skip(1)
        .map(|line| header.iter().cloned().zip(cells(line)).collect())
        .collect()
}

/// The number at the start of a row's cell.
fn number(row: &[(String, String)], column: &str) -> f64 {
    let (_, cell) = row
        .iter()
        .find(|(name, _)| name == column)
        .expect("a column");
    let number = cell.split(' ').next().expect("a number");
    number.parse().expect("a number")
}

#[test]
fn the_published_defaults_cover_in_every_cell_but_the_hard_ones() {
    let covers = |coverage: f64| (93.0..=97.5).contains(&coverage);
    let one_way = published("Both orders, one cluster dimension");
    assert_eq!(one_way.len(), 31);
    for row in &one_way {
        let coverage = number(row, "design-effect Wilson");
        // The cells that reports warn of.
        let hard = number(row, "clusters") <= 50.0 && number(row, "win rate") > 0.9;
        assert!(covers(coverage) || (hard && coverage > 90.0), "{row:?}");
    }
    for row in published("Questions crossed with personas") {
        assert!(covers(number(&row, "both (default)")), "{row:?}");
    }
    for row in published("Clusters of different sizes, by win rate") {
        for rate in ["50%", "70%", "90%"] {
            let coverage = number(&row, &format!("{rate}: by sizes"));
            assert!((92.0..=99.0).contains(&coverage), "{row:?}");
        }
    }
    for row in published("Bradley-Terry differences") {
        assert!(covers(number(&row, "by question (default)")), "{row:?}");
    }
    for row in published("Subgroups") {
        assert!(covers(number(&row, "spread (Q-profile)")), "{row:?}");
        assert!(number(&row, "gap") > 93.0, "{row:?}");
    }
    for row in published("Planned studies") {
        let power = number(&row, "power reached (planned: 80)");
        assert!((78.0..=85.0).contains(&power), "{row:?}");
    }
}
