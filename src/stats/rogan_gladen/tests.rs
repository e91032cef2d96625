use super::*;

fn share(share: f64, of: f64) -> Share {
    Share { share, of }
}

/// Lee et al.'s README: p = .4, q0 = .7, q1 = .9 gives .1667; their code gives the
/// interval for n = 1000 and 200 labels of either kind.
#[test]
fn the_example_of_lee_et_al() {
    let made = rogan_gladen(
        share(0.4, 1000.0),
        share(0.7, 200.0),
        share(0.9, 200.0),
        Level::DEFAULT,
    )
    .unwrap();
    assert!((made.estimate() - 0.166_666_666_666_666_8).abs() < 1e-12);
    assert!(
        (made.low() - 0.056_350_724_841_608_94).abs() < 1e-9,
        "{made:?}"
    );
    assert!(
        (made.high() - 0.262_733_025_785_958_8).abs() < 1e-9,
        "{made:?}"
    );
}

#[test]
fn a_judge_without_errors_is_left_as_it_is() {
    let made = rogan_gladen(
        share(0.3, 1e9),
        share(1.0, 1e9),
        share(1.0, 1e9),
        Level::DEFAULT,
    );
    assert!((made.unwrap().estimate() - 0.3).abs() < 1e-12);
}

#[test]
fn seen_from_the_other_side_all_is_mirrored() {
    let (p, q0, q1) = (share(0.42, 300.0), share(0.75, 60.0), share(0.85, 80.0));
    let made = rogan_gladen(p, q0, q1, Level::DEFAULT).unwrap();
    let mirrored = rogan_gladen(share(0.58, 300.0), q1, q0, Level::DEFAULT).unwrap();
    assert!((made.estimate() + mirrored.estimate() - 1.0).abs() < 1e-12);
    assert!((made.low() + mirrored.high() - 1.0).abs() < 1e-12);
}

#[test]
fn a_judge_no_better_than_chance_and_impossible_shares_are_refused() {
    let level = Level::DEFAULT;
    let refused = rogan_gladen(share(0.5, 100.0), share(0.4, 50.0), share(0.6, 50.0), level);
    assert!(matches!(
        refused,
        Err(StatsError::NoBetterThanChance { .. })
    ));
    // Just better by the labels, but not after the two that the interval adds.
    let refused = rogan_gladen(share(0.5, 9.0), share(0.0, 1.0), share(1.0, 1.0), level);
    assert!(refused.is_err());
    assert!(rogan_gladen(share(1.5, 9.0), share(0.9, 9.0), share(0.9, 9.0), level).is_err());
    assert!(rogan_gladen(share(0.5, 0.0), share(0.9, 9.0), share(0.9, 9.0), level).is_err());
    assert!(
        rogan_gladen(
            share(f64::NAN, 9.0),
            share(0.9, 9.0),
            share(0.9, 9.0),
            level
        )
        .is_err()
    );
}
