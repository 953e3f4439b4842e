#![expect(clippy::float_cmp, reason = "sound that is only passed on stays exact")]

use assert_no_alloc::assert_no_alloc;

use super::*;
use crate::audio::tests::device;

const NOW: Duration = Duration::ZERO;

fn ring(rate: u32) -> (PlaybackCallback, PlaybackSink) {
    playback_ring(&device(rate, 1))
}

fn call(callback: &mut PlaybackCallback, frames: usize) -> Vec<f32> {
    let mut out = vec![9.0; frames];
    callback.process(&mut out, NOW);
    out
}

#[test]
fn the_callback_does_not_allocate() {
    let (mut callback, mut sink) = ring(48_000);
    let mut out = vec![0.0; 960];
    sink.push(&vec![0.5; 3_000]);
    assert_no_alloc(|| callback.process(&mut out, Duration::from_millis(20)));
    sink.discard();
    assert_no_alloc(|| callback.process(&mut out, Duration::from_millis(20)));
    sink.push(&vec![0.5; 100]);
    sink.push_cue(&[0.1; 500]);
    assert_no_alloc(|| callback.process(&mut out, Duration::from_millis(20)));
    assert_eq!(sink.drain_underruns(), 1, "the run ended in an underrun");
}

#[test]
fn silence_of_the_device_itself_stands_in_the_reference_where_it_was() {
    let (mut callback, mut sink) = ring(48_000);
    sink.push(&[0.5; 20]);
    call(&mut callback, 10);
    assert_no_alloc(|| callback.silent(3));
    call(&mut callback, 10);
    let mut reference = Vec::new();
    sink.take_reference(&mut reference);
    assert_eq!(reference, [vec![0.5; 10], vec![0.0; 3], vec![0.5; 10]].concat());
    assert_eq!(sink.read(), 20, "it is nobody's sound");
}

#[test]
fn a_flush_is_silent_after_one_callback_and_fades_within_8_ms() {
    let (mut callback, mut sink) = ring(48_000);
    sink.push(&vec![0.5; 4_000]);
    call(&mut callback, 960);
    let mark = sink.discard();
    assert_eq!(sink.discarded(mark), None);
    let out = call(&mut callback, 960);
    assert!(out[0] > 0.49 && out[..384].windows(2).all(|w| w[1] < w[0]), "falls steadily");
    assert!(out[383..].iter().all(|&s| s == 0.0));
    assert_eq!(sink.discarded(mark), Some((960, 960 + 384)));
    assert_eq!((sink.fill(), sink.drain_underruns()), (0, 0));
    assert!(call(&mut callback, 960).iter().all(|&s| s == 0.0));
}

#[test]
fn sound_pushed_after_a_flush_follows_the_fade_unharmed() {
    let (mut callback, mut sink) = ring(48_000);
    sink.push(&vec![0.5; 2_000]);
    call(&mut callback, 480);
    sink.discard();
    sink.push(&vec![-0.25; 2_000]);
    let out = call(&mut callback, 960);
    assert!(out[..384].iter().all(|&s| s >= 0.0));
    assert!(out[384..].iter().all(|&s| s == -0.25));
}

#[test]
fn an_underrun_is_counted_once_and_decays_without_a_step() {
    let (mut callback, mut sink) = ring(48_000);
    sink.push(&vec![0.5; 100]);
    let mut out = call(&mut callback, 480);
    out.extend(call(&mut callback, 480));
    assert_eq!(sink.drain_underruns(), 1);
    assert!(out.windows(2).all(|w| (w[1] - w[0]).abs() < 0.002), "no step");
    assert_eq!(out[959], 0.0);
    call(&mut callback, 480);
    assert_eq!(sink.drain_underruns(), 0, "silence goes on");
}

#[test]
fn running_out_where_it_was_expected_is_no_underrun() {
    let (mut callback, mut sink) = ring(48_000);
    sink.settle_after(100);
    sink.push(&[0.5; 100]);
    call(&mut callback, 480);
    assert_eq!(sink.drain_underruns(), 0);
}

#[test]
fn what_is_audible_lags_by_the_latency_and_silence_counts_in_it() {
    let (mut callback, mut sink) = ring(48_000);
    let latency = Duration::from_millis(20);
    let mut block = vec![0.0; 480];
    sink.settle_after(1_000);
    sink.push(&[0.5; 1_000]);
    let audible: Vec<u64> = (0..6)
        .map(|_| {
            callback.process(&mut block, latency);
            sink.audible()
        })
        .collect();
    // 480, 960 and then 1,000 frames were taken; 960 of the newest are never out yet.
    assert_eq!(audible, [0, 0, 0, 480, 960, 1_000]);
}

#[test]
fn what_is_on_its_way_is_counted_across_a_pause() {
    let mut runs = Runs::default();
    runs.sound(100);
    assert_eq!((runs.pending(60), runs.pending(500)), (60, 100));
    runs.silence(50);
    assert_eq!((runs.pending(50), runs.pending(80), runs.pending(500)), (0, 30, 100));
    runs.sound(70);
    runs.sound(30);
    assert_eq!((runs.pending(100), runs.pending(150), runs.pending(200)), (100, 100, 150));
}

#[test]
fn a_pause_fades_holds_the_place_and_goes_on_where_it_was() {
    let (mut callback, mut sink) = ring(48_000);
    sink.push(&vec![0.5; 8_000]);
    call(&mut callback, 480);
    sink.set_paused(true);
    let out = call(&mut callback, 960);
    assert!(out[0] > 0.49 && out[..384].windows(2).all(|w| w[1] < w[0]), "falls steadily");
    assert!(out[383..].iter().all(|&s| s == 0.0));
    assert!(call(&mut callback, 4_800).iter().all(|&s| s == 0.0));
    assert_eq!(sink.read(), 480 + 384);
    sink.set_paused(false);
    let out = call(&mut callback, 960);
    assert!(out[0] < 0.01 && out[..384].windows(2).all(|w| w[1] > w[0]), "rises steadily");
    assert!(out[384..].iter().all(|&s| s == 0.5));
    assert_eq!((sink.read(), sink.drain_underruns()), (480 + 384 + 960, 0));
}

#[test]
fn a_flush_in_a_pause_counts_what_was_heard_before_it() {
    let (mut callback, mut sink) = ring(48_000);
    sink.push(&vec![0.5; 4_000]);
    call(&mut callback, 480);
    sink.set_paused(true);
    call(&mut callback, 960);
    let mark = sink.discard();
    sink.set_paused(false);
    assert!(call(&mut callback, 960).iter().all(|&s| s == 0.0));
    assert_eq!(sink.discarded(mark), Some((480 + 384, 480 + 384)));
}

#[test]
fn a_pause_before_the_first_sound_keeps_all_of_it() {
    let (mut callback, mut sink) = ring(48_000);
    sink.set_paused(true);
    sink.push(&vec![0.5; 960]);
    assert!(call(&mut callback, 480).iter().all(|&s| s == 0.0));
    sink.set_paused(false);
    assert_eq!(call(&mut callback, 480), [0.5; 480]);
}

#[test]
fn all_that_the_device_was_given_is_known_silence_too() {
    let (mut callback, mut sink) = ring(48_000);
    let mut reference = Vec::new();
    let mut given = call(&mut callback, 100);
    sink.push(&vec![0.5; 700]);
    given.extend(call(&mut callback, 480));
    given.extend(call(&mut callback, 480));
    sink.take_reference(&mut reference);
    assert_eq!(reference, given);
    let mut out = vec![0.0; 96_000];
    assert_no_alloc(|| callback.process(&mut out, NOW));
    reference.clear();
    sink.take_reference(&mut reference);
    assert_eq!(reference.len(), 48_000, "what nobody asks for is not kept for ever");
}

#[test]
fn a_cue_is_added_to_sound_and_to_silence_and_counted_nowhere() {
    let (mut callback, mut sink) = ring(48_000);
    sink.settle_after(480);
    sink.push(&[0.5; 480]);
    sink.push_cue(&[0.25; 700]);
    assert_eq!(call(&mut callback, 480), [0.75; 480]);
    let out = call(&mut callback, 480);
    assert!(out[..200].iter().all(|&s| s >= 0.25) && out[480 - 80..].iter().all(|&s| s == 0.0));
    assert_eq!((sink.read(), sink.audible(), sink.drain_underruns()), (480, 480, 0));
}

#[test]
fn a_cue_clips_at_full_scale_and_survives_a_flush() {
    let (mut callback, mut sink) = ring(48_000);
    sink.push(&vec![0.9; 960]);
    sink.push_cue(&[0.5; 960]);
    assert_eq!(call(&mut callback, 480), [1.0; 480]);
    sink.discard();
    let out = call(&mut callback, 480);
    assert!(out[384..].iter().all(|&s| s == 0.5), "what plays is gone, the cue is not");
}
