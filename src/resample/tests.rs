use super::*;

fn tone(rate: u32, hz: f64, seconds: f32) -> Vec<f32> {
    let n = (rate as f32 * seconds) as usize;
    (0..n).map(|i| ((i as f64 / f64::from(rate) * hz * std::f64::consts::TAU).sin() * 0.5) as f32).collect()
}

fn rms(x: &[f32]) -> f32 {
    (x.iter().map(|v| v * v).sum::<f32>() / x.len() as f32).sqrt()
}

#[test]
fn a_clip_keeps_its_length_and_its_place() {
    for (from, to) in
        [(48_000, 24_000), (44_100, 24_000), (22_050, 24_000), (24_000, 48_000), (16_000, 24_000)]
    {
        let clip = resample_clip(&tone(from, 440.0, 0.5), from, to);
        let ideal = tone(to, 440.0, 0.5);
        assert!(clip.len().abs_diff(ideal.len()) <= 1, "{from} -> {to}");
        let middle = clip.len() / 4..clip.len() * 3 / 4;
        let error: Vec<f32> = middle.clone().map(|i| clip[i] - ideal[i]).collect();
        assert!(rms(&error) < 0.02, "{from} -> {to}: {}", rms(&error));
    }
}

#[test]
fn what_the_new_rate_cannot_hold_is_gone() {
    let clip = resample_clip(&tone(48_000, 15_000.0, 0.5), 48_000, 24_000);
    assert!(rms(&clip[1000..clip.len() - 1000]) < 1e-5);
}

#[test]
fn blocks_of_any_size_give_the_same_stream() {
    let input = tone(44_100, 1000.0, 0.3);
    let mut whole = Vec::new();
    Resampler::new(44_100, 24_000).push(&input, &mut whole);
    let mut pieces = Vec::new();
    let mut resampler = Resampler::new(44_100, 24_000);
    for block in input.chunks(37) {
        resampler.push(block, &mut pieces);
    }
    assert_eq!(whole, pieces);
}

#[test]
fn equal_rates_pass_through() {
    let mut out = Vec::new();
    Resampler::new(24_000, 24_000).push(&[0.1, 0.2], &mut out);
    assert_eq!(out, [0.1, 0.2]);
}

// ---- what it does to a tone ----

const SESSION: u32 = 24_000;
const DEVICES: [u32; 11] =
    [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000];

fn db(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

/// A tone of full scale through a stream in 10 ms blocks, measured where it has settled: its gain, and all else that
/// comes out, in dB.
fn response(from: u32, to: u32, hz: f64) -> (f64, f64) {
    let mut out = Vec::new();
    let mut resampler = Resampler::new(from, to);
    let input: Vec<f32> = (0..from / 4)
        .map(|i| (f64::from(i) / f64::from(from) * hz * std::f64::consts::TAU).sin() as f32)
        .collect();
    input.chunks(from as usize / 100).for_each(|block| resampler.push(block, &mut out));
    let steady = &out[out.len() / 3..];
    // Least squares by two steps: close enough to orthogonal over thousands of periods.
    let mut rest: Vec<f64> = steady.iter().map(|&s| f64::from(s)).collect();
    let (mut sine, mut cosine) = (0.0, 0.0);
    for _ in 0..4 {
        let turn = |i: usize| (i as f64 / f64::from(to) * hz * std::f64::consts::TAU).sin_cos();
        let n = rest.len() as f64 / 2.0;
        let a = rest.iter().enumerate().map(|(i, r)| r * turn(i).0).sum::<f64>() / n;
        let b = rest.iter().enumerate().map(|(i, r)| r * turn(i).1).sum::<f64>() / n;
        rest.iter_mut().enumerate().for_each(|(i, r)| *r -= a * turn(i).0 + b * turn(i).1);
        (sine, cosine) = (sine + a, cosine + b);
    }
    let noise = (rest.iter().map(|r| r * r).sum::<f64>() / rest.len() as f64 * 2.0).sqrt();
    (db(sine.hypot(cosine)), db(noise))
}

#[test]
fn every_device_rate_is_flat_and_clean_both_ways() {
    for rate in DEVICES {
        let nyquist = f64::from(rate.min(SESSION)) / 2.0;
        for (from, to) in [(rate, SESSION), (SESSION, rate)] {
            for share in [0.1, 0.83] {
                let (gain, noise) = response(from, to, nyquist * share);
                assert!(gain.abs() < 0.2, "{from} -> {to} at {share}: {gain} dB");
                assert!(noise < -130.0, "{from} -> {to} at {share}: {noise} dB");
            }
        }
    }
}

#[test]
fn what_lies_above_the_lower_rate_is_at_least_80_db_down() {
    for rate in DEVICES {
        let (from, to) = (rate.max(SESSION), rate.min(SESSION));
        let (gain, noise) = response(from, to, f64::from(to) / 2.0 * 1.06);
        assert!(gain < -80.0 && noise < -80.0, "{from} -> {to}: {gain}, {noise} dB");
    }
}

#[test]
fn a_microphone_waits_less_than_3_ms_for_the_filter_unless_it_is_of_a_telephone() {
    let delay_ms = |rate| Resampler::new(rate, SESSION).delay_frames() as f64 / 24.0;
    for rate in DEVICES.into_iter().filter(|&rate| rate >= 22_050) {
        assert!(delay_ms(rate) <= 3.0, "{rate}: {} ms", delay_ms(rate));
    }
    assert!(delay_ms(16_000) <= 4.1 && delay_ms(8_000) <= 8.1);
}
