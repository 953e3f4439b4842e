use super::*;

const SETTINGS: VadSettings =
    VadSettings { threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 200 };

/// Pushes frames of 20 ms, one for each likelihood.
fn run(detector: &mut TurnDetector, likelihoods: impl IntoIterator<Item = f32>) -> Vec<TurnEvent> {
    likelihoods.into_iter().filter_map(|p| detector.push(p, &[0; 480])).collect()
}

#[test]
fn a_turn_has_its_prefix_and_its_pause() {
    let mut detector = TurnDetector::new(SETTINGS);
    let sound = [vec![0.0; 50], vec![0.9; 50], vec![0.1; 20]].concat();
    assert_eq!(
        run(&mut detector, sound),
        [TurnEvent::Started { at_ms: 700 }, TurnEvent::Stopped { at_ms: 2_200 }]
    );
}

#[test]
fn a_click_is_no_turn_and_a_breath_ends_none() {
    let mut detector = TurnDetector::new(SETTINGS);
    assert_eq!(run(&mut detector, [0.9, 0.9, 0.1, 0.9, 0.1]), []);
    assert_eq!(run(&mut detector, [0.9; 5]).len(), 1);
    assert_eq!(run(&mut detector, [vec![0.1; 9], vec![0.9; 3], vec![0.4; 40]].concat()), []);
}

#[test]
fn padding_does_not_reach_into_the_turn_before() {
    let mut detector = TurnDetector::new(SETTINGS);
    let sound = [vec![0.9; 10], vec![0.0; 10], vec![0.9; 10]].concat();
    let events = run(&mut detector, sound);
    assert_eq!(events[1..], [TurnEvent::Stopped { at_ms: 400 }, TurnEvent::Started { at_ms: 400 }]);
}
