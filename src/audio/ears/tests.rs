use super::*;
use crate::audio::canceller::BLOCK;
use crate::audio::canceller::tests::speech;

/// The share of blocks that are called speech, from the third second on.
fn share(sound: &[f32]) -> f64 {
    let mut ears = Ears::new();
    let scores: Vec<f32> = sound.chunks_exact(BLOCK).map(|block| ears.score(block)).collect();
    let later = &scores[200..];
    later.iter().filter(|score| **score >= 0.6).count() as f64 / later.len() as f64
}

/// As of a fan: most of it low.
fn fan(samples: usize) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(11);
    let mut low = 0.0;
    let mut next = || {
        low = low * 0.95 + (random.f32() - 0.5) * 0.03;
        low
    };
    (0..samples).map(|_| next()).collect()
}

#[test]
fn a_fan_is_no_speech_and_speech_above_it_is() {
    let noise = fan(24_000 * 6);
    assert!(share(&noise) < 0.02, "{}", share(&noise));
    let voice = speech();
    let mixed: Vec<f32> = noise.iter().zip(voice.iter().cycle()).map(|(n, v)| n + v).collect();
    assert!(share(&mixed) > 0.4, "{}", share(&mixed));
}

#[test]
fn rested_ears_know_the_noise_and_answer_within_50_ms() {
    let mut ears = Ears::new();
    let noise = fan(24_000 * 4);
    let (before, after) = noise.split_at(24_000 * 3);
    before.chunks_exact(BLOCK).for_each(|block| ears.rest(block));
    let scores: Vec<f32> = after.chunks_exact(BLOCK).map(|block| ears.score(block)).collect();
    assert!(scores.iter().all(|score| *score < 0.6), "{scores:?}");
    assert!(scores[5..].iter().any(|score| *score > 0.0), "{scores:?}");
}
