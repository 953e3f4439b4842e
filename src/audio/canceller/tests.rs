use super::*;
use crate::audio::echo::power;
use crate::audio::echo_gate::decibels;

#[test]
fn nothing_to_do_needs_no_canceller() {
    assert!(Canceller::new(Processing::default()).is_none());
}

#[test]
fn noise_suppression_takes_steady_noise_away() {
    let mut canceller = Canceller::new(Processing { noise: true, ..Processing::default() }).expect("some");
    let mut random = fastrand::Rng::with_seed(7);
    let (mut before, mut after) = (0.0, 0.0);
    for i in 0..300 {
        let mut block: Vec<f32> = (0..BLOCK).map(|_| (random.f32() - 0.5) * 0.02).collect();
        let loud = power(&block);
        canceller.near(&mut block);
        if i >= 200 {
            (before, after) = (before + loud, after + power(&block));
        }
    }
    assert!(decibels(before) - decibels(after) > 8.0, "{} dB", decibels(before) - decibels(after));
}

#[test]
fn gain_control_brings_quiet_speech_up() {
    let mut canceller = Canceller::new(Processing { gain: true, ..Processing::default() }).expect("some");
    let (mut before, mut after) = (0.0, 0.0);
    for (i, chunk) in
        speech().iter().cycle().take(24_000 * 15).collect::<Vec<_>>().chunks_exact(BLOCK).enumerate()
    {
        let mut block: Vec<f32> = chunk.iter().map(|s| **s * 0.05).collect();
        let loud = power(&block);
        canceller.near(&mut block);
        if i >= 1_000 {
            (before, after) = (before + loud, after + power(&block));
        }
    }
    assert!(decibels(after) - decibels(before) > 6.0, "{} dB", decibels(after) - decibels(before));
}

/// A real command, spoken, from its first sound on.
pub(in crate::audio) fn speech() -> Vec<f32> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/buy-groceries.wav");
    let reader = hound::WavReader::open(path).expect("the demo");
    let samples = reader.into_samples::<i16>().map(|s| crate::pcm::i16_to_f32(s.expect("a sample")));
    samples.skip_while(|s| s.abs() < 0.01).collect()
}
