use proptest::prelude::*;

use super::*;

#[test]
fn base64_is_read_with_and_without_padding() {
    for text in ["\"AQID\"", "\"AQ==\"", "\"AQ\""] {
        let bytes: AudioBytes = serde_json::from_str(text).expect(text);
        assert_eq!(bytes.0[0], 1);
    }
}

#[test]
fn base64_with_foreign_characters_is_refused() {
    assert!(serde_json::from_str::<AudioBytes>("\"8//2...\"").is_err());
}

#[test]
fn an_odd_last_byte_is_left_out() {
    assert_eq!(Pcm16::from_le_bytes(&[1, 0, 2]).samples(), [1]);
}

#[test]
fn levels_of_silence_and_full_scale() {
    assert_eq!(rms(&[]), 0.0);
    assert_eq!(peak(&[0, 0]), 0.0);
    assert_eq!(peak(&[i16::MIN]), 1.0);
    assert_eq!(rms(&[i16::MIN, i16::MIN]), 1.0);
}

proptest! {
    #[test]
    fn pcm_survives_the_wire(samples: Vec<i16>) {
        let pcm = Pcm16::new(samples);
        let json = serde_json::to_string(&AudioBytes::from(&pcm)).expect("encodes");
        let back: AudioBytes = serde_json::from_str(&json).expect("decodes");
        prop_assert_eq!(Pcm16::from_le_bytes(&back.0), pcm);
    }

    #[test]
    fn i16_survives_the_way_through_f32(sample: i16) {
        prop_assert_eq!(f32_to_i16(i16_to_f32(sample)), sample);
    }
}
