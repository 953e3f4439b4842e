use super::*;

const RATE: u32 = 16_000;

fn denoised(input: &[f32], piece: usize) -> Vec<f32> {
    let mut denoiser = Denoiser::new(RATE);
    let mut out = Vec::new();
    input.chunks(piece).for_each(|piece| denoiser.push(piece, &mut out));
    out
}

fn power(samples: &[f32]) -> f32 {
    samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32
}

#[test]
fn steady_noise_is_taken_out() {
    let mut random = fastrand::Rng::with_seed(1);
    let noise: Vec<f32> = (0..2 * RATE).map(|_| 0.1 * (random.f32() - 0.5)).collect();
    let out = denoised(&noise, 320);
    let second = RATE as usize;
    assert!(power(&out[second..]) < 0.25 * power(&noise[second..]), "less than 6 dB");
}

#[test]
fn it_is_the_same_however_the_sound_is_cut() {
    let mut random = fastrand::Rng::with_seed(2);
    let noise: Vec<f32> = (0..RATE / 2).map(|_| random.f32() - 0.5).collect();
    let whole = denoised(&noise, noise.len());
    assert_eq!(whole.len(), noise.len());
    assert_eq!(denoised(&noise, 37), whole);
}
