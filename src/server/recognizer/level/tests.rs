use proptest::prelude::*;

use super::*;

fn levelled(input: &[f32], block: usize) -> Vec<f32> {
    let mut leveller = Leveller::new();
    let mut out = Vec::new();
    for piece in input.chunks(block) {
        leveller.push(piece, &mut out);
    }
    leveller.finish(&mut out);
    out
}

fn tone(peak: f32, samples: usize) -> Vec<f32> {
    (0..samples).map(|n| peak * (n as f32 * 0.2).sin()).collect()
}

#[test]
fn loud_and_quiet_speech_come_out_alike() {
    for peak in [0.02, 0.1, 0.9] {
        let out = levelled(&tone(peak, 16_000), 320);
        let level = rms(&out);
        assert!((level - TARGET).abs() < 0.1 * TARGET, "{peak} came out at {level}");
    }
}

#[test]
fn silence_is_not_raised_to_speech() {
    let out = levelled(&tone(0.0002, 32_000), 320);
    assert!(rms(&out) < 0.1 * TARGET);
}

#[test]
fn true_silence_gets_faint_noise() {
    let out = levelled(&[0.0; 4_000], 160);
    assert!(out.iter().any(|&x| x != 0.0));
    assert!(out.iter().all(|x| x.abs() <= NOISE));
}

#[test]
fn a_loud_word_lowers_the_gain_and_silence_does_not_raise_it() {
    let mut input = tone(0.05, 8_000);
    input.extend(tone(0.8, 8_000));
    input.extend(tone(0.05, 8_000));
    let out = levelled(&input, 320);
    assert!(rms(&out[16_500..]) < 0.3 * rms(&out[..8_000]));
}

#[test]
fn nothing_is_held_for_longer_than_a_second() {
    let mut leveller = Leveller::new();
    let mut out = Vec::new();
    leveller.push(&vec![0.0; MOST_HELD * FRAME], &mut out);
    assert_eq!(out.len(), MOST_HELD * FRAME);
}

proptest! {
    #[test]
    fn as_many_samples_come_out_as_went_in(
        input in prop::collection::vec(-1.0_f32..1.0, 0..5_000), block in 1_usize..2_000,
    ) {
        let out = levelled(&input, block);
        prop_assert_eq!(out.len(), input.len());
        prop_assert!(out.iter().all(|x| x.abs() <= 1.0));
    }
}
