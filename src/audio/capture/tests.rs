use super::*;
use crate::audio::EchoMode;
use crate::audio::echo::EchoConfig;
use crate::audio::tests::device;

/// Nothing is done to the sound.
fn capture(preroll_ms: u64) -> Capture {
    Capture::new(preroll_ms, Echo::new(EchoConfig { mode: EchoMode::Off, ..EchoConfig::default() }), None)
}

fn mixed(interleaved: &[f32], channels: usize) -> Vec<f32> {
    let mut mono = Vec::new();
    down_mix(interleaved, channels, &mut mono);
    mono
}

/// Twenty-millisecond frames of the values 1, 2, 3 and so on, as the microphone gives them.
fn numbered(frames: std::ops::RangeInclusive<i16>) -> Vec<f32> {
    frames.flat_map(|n| [pcm::i16_to_f32(n); FRAME_SAMPLES]).collect()
}

fn numbers(frames: &[Pcm16]) -> Vec<i16> {
    frames
        .iter()
        .map(|frame| {
            assert_eq!(frame.len(), FRAME_SAMPLES);
            assert!(frame.samples().iter().all(|&s| s == frame.samples()[0]));
            frame.samples()[0]
        })
        .collect()
}

#[test]
fn channels_are_mixed_to_the_mean_of_the_first_two() {
    assert_eq!(mixed(&[0.5, -0.25], 1), [0.5, -0.25]);
    assert_eq!(mixed(&[0.5, 0.0, -1.0, 0.5], 2), [0.25, -0.25]);
    assert_eq!(mixed(&[0.5, 0.25, 9.0, 9.0, 0.0, 1.0, 9.0, 9.0], 4), [0.375, 0.5]);
    assert_eq!(mixed(&[f32::NAN, 0.5, f32::INFINITY, 0.5], 2), [0.0, 0.0]);
}

#[test]
fn sound_at_the_session_rate_comes_out_exactly_as_it_went_in() {
    let mut capture = capture(0);
    capture.attach(&device(24_000, 1));
    capture.set_gate(Gate::Open);
    let samples: Vec<i16> = (0..4_800).map(|i| (i * 13 % 65_536 - 32_768) as i16).collect();
    let floats: Vec<f32> = samples.iter().map(|&s| pcm::i16_to_f32(s)).collect();
    let mut out = Vec::new();
    for part in floats.chunks(333) {
        out.extend(capture.push(part).frames.into_iter().flat_map(Pcm16::into_samples));
    }
    assert_eq!(out, samples);
}

#[test]
fn opening_the_gate_gives_the_latest_preroll_and_then_goes_on_without_a_gap() {
    let mut capture = capture(60);
    capture.attach(&device(24_000, 1));
    assert!(capture.push(&numbered(1..=10)).frames.is_empty());
    assert_eq!(numbers(&capture.set_gate(Gate::Open)), [8, 9, 10]);
    assert_eq!(numbers(&capture.push(&numbered(11..=12)).frames), [11, 12]);
    assert!(capture.set_gate(Gate::Closed).is_empty());
    assert_eq!(numbers(&capture.push(&numbered(13..=13)).frames), Vec::<i16>::new());
    assert_eq!(numbers(&capture.set_gate(Gate::Open)), [13], "what was delivered is not delivered again");
    assert!(capture.set_gate(Gate::Open).is_empty());
}

#[test]
fn without_preroll_nothing_from_before_is_delivered() {
    let mut capture = capture(0);
    capture.attach(&device(24_000, 1));
    capture.push(&numbered(1..=5));
    assert!(capture.set_gate(Gate::Open).is_empty());
}

#[test]
fn a_new_device_does_not_continue_the_frame_of_the_old_one() {
    let mut capture = capture(100);
    capture.attach(&device(24_000, 1));
    capture.push(&numbered(1..=2));
    capture.push(&[0.5; 100]);
    capture.detach();
    capture.attach(&device(24_000, 1));
    capture.push(&numbered(7..=7));
    assert_eq!(numbers(&capture.set_gate(Gate::Open)), [7]);
}

#[test]
fn device_rates_become_the_session_rate() {
    for rate in [8_000_u32, 16_000, 44_100, 48_000] {
        let mut capture = capture(0);
        capture.attach(&device(rate, 2));
        capture.set_gate(Gate::Open);
        let one_second = capture.push(&vec![0.25; rate as usize * 2]).frames;
        assert!((48..=50).contains(&one_second.len()), "{rate}: {} frames", one_second.len());
        let middle = &one_second[25].samples()[0];
        assert!((middle - 8_192).abs() < 20, "{rate}: {middle}");
    }
}

#[test]
fn levels_are_told_while_the_gate_is_closed() {
    let mut capture = capture(0);
    capture.attach(&device(24_000, 1));
    assert_eq!(capture.push(&[0.5; 479]).level, None);
    assert_eq!(capture.push(&[-0.5; 1]).level, Some((0.5, 0.5)));
}

#[test]
fn a_channel_of_ones_own_is_taken_where_the_device_has_it() {
    for (channel, expected) in [(None, 0.375), (Some(2), 0.5), (Some(3), -0.5), (Some(4), 0.375)] {
        let mut capture = capture(0).with_channel(channel);
        capture.attach(&device(24_000, 3));
        let level = capture.push(&[0.25, 0.5, -0.5].repeat(480)).level;
        assert_eq!(level.map(|(peak, _)| peak), Some(f32::abs(expected)), "{channel:?}");
    }
}

#[test]
fn a_microphone_that_gives_only_zeros_is_told_once_for_each_opening() {
    let mut capture = capture(0);
    capture.attach(&device(8_000, 1));
    assert!(!capture.push(&vec![0.0; 11_999]).fell_silent);
    assert!(capture.push(&[0.0]).fell_silent);
    assert!(!capture.push(&vec![0.0; 80_000]).fell_silent);
    assert!(!capture.push(&[0.001, 0.0]).fell_silent);
    assert!(!capture.push(&vec![0.0; 39_999]).fell_silent);
    capture.detach();
    capture.attach(&device(8_000, 1));
    assert!(capture.push(&vec![0.0; 12_000]).fell_silent);
}
