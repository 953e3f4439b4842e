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
