use super::*;

/// 300 ms of a pause and 700 ms of a voice, with noise of that root mean square.
fn speech(noise: f32) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(1);
    let peak = noise * 3.0_f32.sqrt();
    let voice = |n: usize| if n < 4_800 { 0.0 } else { 0.2 * (n as f32 * 0.1).sin() };
    (0..16_000).map(|n| voice(n) + peak * (random.f32() * 2.0 - 1.0)).collect()
}

#[test]
fn much_noise_is_told_from_little() {
    let voice = 0.2 / 2.0_f32.sqrt();
    assert!(!is_noisy(&speech(0.0)));
    assert!(!is_noisy(&speech(voice / 31.6)), "30 dB");
    assert!(is_noisy(&speech(voice / 3.16)), "10 dB");
    assert!(!is_noisy(&[0.0; 16_000]));
    assert!(!is_noisy(&[]));
}

#[test]
fn short_and_long_sound_comes_out_whole() {
    for (length, noise) in [(0, 0.0), (2_400, 0.0), (2_400, 0.1), (24_000, 0.0), (24_000, 0.1)] {
        let input: Vec<i16> = speech(noise).into_iter().cycle().take(length).map(f32_to_i16).collect();
        let mut front = FrontEnd::default();
        let mut out = Vec::new();
        input.chunks(480).for_each(|piece| front.push(piece, &mut out));
        front.finish(&mut out);
        let expected = length * 2 / 3 + TAIL_SAMPLES;
        // The suppressor works in blocks of 160, and the resampler may round.
        assert!(out.len().abs_diff(expected) <= 200, "{} of {expected}", out.len());
    }
}
