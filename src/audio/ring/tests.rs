use assert_no_alloc::assert_no_alloc;

use super::*;
use crate::audio::health::Fault;
use crate::audio::tests::device;

const NOW: Duration = Duration::ZERO;

#[test]
fn the_callback_does_not_allocate() {
    let (mut capture, _source) = capture_ring(&device(48_000, 2));
    let interleaved = vec![0.1; 200_000];
    assert_no_alloc(|| {
        capture.process(&interleaved, NOW);
        capture.process(&interleaved, NOW);
        capture.process(&interleaved, Duration::from_secs(1));
        capture.mark_end();
        capture.health().fault(Fault::System);
    });
}

#[test]
fn capture_that_finds_no_room_or_comes_late_is_counted() {
    let (mut callback, mut source) = capture_ring(&device(8_000, 2));
    let room = callback.room();
    callback.process(&vec![0.5; (room + 5) * 2], NOW);
    assert_eq!((source.waiting(), source.drain_lost()), (room, 5));
    source.skip(10);
    callback.process(&[0.25; 8], STALE + Duration::from_millis(1));
    callback.process(&[0.25; 8], STALE);
    assert_eq!((source.waiting(), source.drain_lost()), (room - 6, 14));
}

#[test]
fn the_end_of_a_file_is_known_to_the_frame() {
    let (mut callback, mut source) = capture_ring(&device(8_000, 1));
    callback.process(&[0.5; 30], NOW);
    assert_eq!(source.until_end(), None);
    callback.mark_end();
    callback.process(&[0.5; 30], NOW);
    let mut out = Vec::new();
    source.take(20, &mut out);
    assert_eq!(source.until_end(), Some(10));
    source.take(30, &mut out);
    assert_eq!(source.until_end(), Some(0));
}

#[test]
fn lost_sound_is_silence_of_its_length_and_counted() {
    let (mut callback, mut source) = capture_ring(&device(8_000, 2));
    callback.process(&[0.5; 4], NOW);
    assert_no_alloc(|| callback.fill(3));
    callback.process(&[0.25; 2], NOW);
    let mut out = Vec::new();
    assert_eq!(source.take(10, &mut out), 6);
    assert_eq!(out, [0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.25]);
    assert_eq!(source.drain_lost(), 3);
    callback.fill(1_000_000);
    assert!(source.waiting() < 1_000_000);
}
