use super::*;
use crate::pcm::SESSION_RATE;

/// The share of 20 ms pieces that are called speech.
fn speech_share(samples: &[i16]) -> f32 {
    let mut detector = VoiceActivity::new(SESSION_RATE);
    let samples: Vec<f32> = samples.iter().map(|&s| crate::pcm::i16_to_f32(s)).collect();
    let pieces = samples.chunks(480);
    let count = pieces.len();
    pieces.filter(|piece| detector.score(piece) >= 0.5).count() as f32 / count as f32
}

fn demo() -> Vec<i16> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/buy-groceries.wav");
    hound::WavReader::open(path).expect("the demo").into_samples().map(|s| s.expect("a sample")).collect()
}

#[test]
fn speech_is_heard_as_speech() {
    let share = speech_share(&demo());
    assert!(share > 0.5, "{share}");
}

#[test]
fn silence_and_noise_are_not() {
    let mut random = fastrand::Rng::with_seed(1);
    let noise: Vec<i16> = (0..48_000).map(|_| random.i16(-800..800)).collect();
    assert!(speech_share(&noise) < 0.05, "{}", speech_share(&noise));
    assert_eq!(speech_share(&vec![0; 48_000]), 0.0);
}

#[test]
fn speech_too_quiet_for_any_microphone_is_silence() {
    let whisper: Vec<i16> = demo().iter().map(|s| s / 2000).collect();
    assert_eq!(speech_share(&whisper), 0.0);
}
