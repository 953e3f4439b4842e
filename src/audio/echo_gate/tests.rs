use proptest::prelude::*;

use super::*;

fn linear(db: f32) -> f32 {
    10f32.powf(db / 10.0)
}

/// `blocks` blocks with this much played and this much at the microphone, in dBFS: how many were let through.
fn run(gate: &mut EchoGate, blocks: usize, far_db: f32, near_db: f32) -> usize {
    let mut open = 0;
    for _ in 0..blocks {
        gate.far(linear(far_db));
        open += usize::from(gate.near(linear(near_db)));
    }
    open
}

#[test]
fn everything_passes_while_nothing_is_played() {
    let mut gate = EchoGate::new();
    assert_eq!(run(&mut gate, 100, -100.0, -50.0), 100);
    assert!(!gate.is_harmless(), "nothing is known of the echo yet");
}

#[test]
fn nothing_passes_before_the_echo_is_known() {
    let mut gate = EchoGate::new();
    assert_eq!(run(&mut gate, FAMILIAR as usize, -20.0, -10.0), 0);
}

#[test]
fn an_echo_never_passes_and_a_voice_above_it_does() {
    let mut gate = EchoGate::new();
    assert_eq!(run(&mut gate, 500, -20.0, -32.0), 0, "12 dB under what is played");
    assert!(!gate.is_harmless());
    assert_eq!(run(&mut gate, 10, -20.0, -18.0), 10, "14 dB louder than the echo");
    let after = run(&mut gate, 100, -20.0, -32.0);
    assert!((10..=20).contains(&after), "it stays open for weak syllables: {after}");
}

#[test]
fn a_voice_that_lasts_is_not_learned_as_echo() {
    let mut gate = EchoGate::new();
    run(&mut gate, 500, -20.0, -40.0);
    assert_eq!(run(&mut gate, 20, -20.0, -18.0), 20);
    run(&mut gate, 100, -20.0, -40.0);
    assert!(run(&mut gate, 20, -20.0, -22.0) > 10);
}

#[test]
fn an_echo_that_is_all_but_gone_is_harmless_until_it_comes_back() {
    let mut gate = EchoGate::new();
    run(&mut gate, 100, -20.0, -60.0);
    assert!(gate.is_harmless());
    run(&mut gate, 10, -20.0, -18.0);
    assert!(gate.is_harmless(), "a moment of double talk changes nothing");
    run(&mut gate, 300, -20.0, -25.0);
    assert!(!gate.is_harmless());
}

#[test]
fn steady_noise_of_the_room_is_not_taken_for_echo() {
    let mut gate = EchoGate::new();
    run(&mut gate, 300, -100.0, -42.0);
    run(&mut gate, 100, -20.0, -42.0);
    assert!(gate.is_harmless(), "{}", gate.coupling);
}

#[test]
fn a_pause_in_what_is_played_lets_everything_through_when_the_echo_is_over() {
    let mut gate = EchoGate::new();
    run(&mut gate, 200, -20.0, -30.0);
    assert_eq!(run(&mut gate, WINDOW - 1, -100.0, -30.0), 0);
    assert_eq!(run(&mut gate, 10, -100.0, -30.0), 10);
}

proptest! {
    #[test]
    fn no_sound_breaks_it(blocks in prop::collection::vec((prop::num::f32::ANY, prop::num::f32::ANY), 0..300)) {
        let mut gate = EchoGate::new();
        for (far, near) in blocks {
            gate.far(far);
            let _ = gate.near(near);
        }
        run(&mut gate, 2_000, -20.0, -60.0);
        prop_assert!(gate.coupling.is_finite());
    }
}
