use super::*;
use crate::pcm::rms;

const LAWS: [AudioFormat; 2] = [AudioFormat::Pcmu, AudioFormat::Pcma];

fn tone(samples: usize) -> Vec<i16> {
    (0..samples)
        .map(|i| ((i as f32 * 440.0 * std::f32::consts::TAU / 24_000.0).sin() * 8_000.0) as i16)
        .collect()
}

#[test]
fn the_laws_are_those_of_the_recommendation() {
    // Ends, zeros and the first steps of both signs.
    for (byte, value) in [(0x00, -32_124), (0x80, 32_124), (0xff, 0), (0x7f, 0), (0xfe, 8), (0xef, 132)] {
        assert_eq!(g711::ulaw_decode(byte), value, "{byte:#x}");
    }
    for (byte, value) in [(0x2a, -32_256), (0xaa, 32_256), (0xd5, 8), (0x55, -8), (0xd4, 24), (0xc5, 264)] {
        assert_eq!(g711::alaw_decode(byte), value, "{byte:#x}");
    }
}

#[test]
fn every_code_word_survives_decoding_and_encoding() {
    for byte in 0..=u8::MAX {
        // The negative zero of μ-law has no sample of its own.
        let expected = if byte == 0x7f { 0xff } else { byte };
        assert_eq!(g711::ulaw_encode(g711::ulaw_decode(byte)), expected, "{byte:#x}");
        assert_eq!(g711::alaw_encode(g711::alaw_decode(byte)), byte, "{byte:#x}");
    }
}

#[test]
fn no_sample_is_further_off_than_its_segment_allows() {
    for sample in i16::MIN..=i16::MAX {
        let limit = i32::from(sample).abs() / 16 + 16;
        for back in
            [g711::ulaw_decode(g711::ulaw_encode(sample)), g711::alaw_decode(g711::alaw_encode(sample))]
        {
            let error = (i32::from(back) - i32::from(sample)).abs();
            assert!(
                error <= limit.max(700 * i32::from(sample.unsigned_abs() > 32_000)),
                "{sample} -> {back}"
            );
        }
    }
}

#[test]
fn telephone_sound_comes_in_at_three_samples_for_one_whatever_the_pieces() {
    for format in LAWS {
        let mut decoder = Decoder::new(format);
        let mut out = Vec::new();
        for piece in [1_usize, 160, 7, 800, 32] {
            out.extend(decoder.push(vec![0x91; piece]));
        }
        out.extend(decoder.flush());
        assert_eq!(out.len(), 3 * 1_000);
        assert_eq!(decoder.flush(), Vec::<i16>::new());
    }
}

#[test]
fn a_tone_keeps_its_level_and_place_through_the_telephone() {
    for format in LAWS {
        let given = tone(24_000);
        let back = from_base64(&to_base64(&given, format), format).expect("base64");
        assert!((f64::from(rms(&back[..24_000])) - f64::from(rms(&given))).abs() < 0.02);
        // The encoder's own delay is left in: what follows is a stream.
        assert!(back.len() >= 24_000);
    }
}

#[test]
fn a_sample_cut_in_two_is_put_together() {
    let mut decoder = Decoder::new(AudioFormat::default());
    let mut out = decoder.push(vec![1, 2, 3]);
    out.extend(decoder.push(vec![4, 5, 6]));
    assert_eq!(out, [0x0201, 0x0403, 0x0605]);
}

#[test]
fn what_is_not_base64_is_no_sound() {
    assert_eq!(from_base64("***", AudioFormat::default()), None);
    assert_eq!(from_base64("AQI=", AudioFormat::default()), Some(vec![0x0201]));
}
