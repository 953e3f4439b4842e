#![expect(clippy::float_cmp, reason = "sound that is only passed on stays exact")]

use proptest::prelude::*;

use super::*;
use crate::audio::DeviceInfo;
use crate::audio::ring::{duration_frames, frames_in};
use crate::audio::sink::{FADE_MS, PlaybackCallback, playback_ring};
use crate::audio::tests::{device, track};

mod traces;

/// A simulated output whose time line is kept: per frame, whether it came from the ring.
struct Output {
    callback: PlaybackCallback,
    rate: u32,
    latency: u64,
    line: Vec<bool>,
    sound: Vec<f32>,
    /// The furthest position ever audible when a callback began.
    audible: usize,
    /// Frames of the time line that are counted in `audible`.
    counted: usize,
}

impl Output {
    fn call(&mut self, frames: usize) {
        let before = self.callback.ready();
        let out_now = self.line.len().saturating_sub(self.latency as usize).max(self.counted);
        self.audible += self.line[self.counted..out_now].iter().filter(|&&s| s).count();
        self.counted = out_now;
        let mut out = vec![0.0; frames];
        let latency = Duration::from_nanos(self.latency * 1_000_000_000 / u64::from(self.rate));
        assert_eq!(duration_frames(latency, self.rate), self.latency);
        self.callback.process(&mut out, latency);
        let taken = before - self.callback.ready();
        self.line.extend((0..frames).map(|i| i < taken));
        self.sound.extend(out);
    }
}

struct Rig {
    player: Player,
    output: Output,
    events: Vec<AudioEvent>,
    now: Duration,
}

impl Rig {
    fn new(rate: u32, latency: u64) -> Self {
        let config = PlayerConfig { volume: 1.0, prebuffer_ms: 20, queue_ms: 600_000 };
        let mut player = Player::new(config);
        let info = DeviceInfo { buffer_frames: rate / 16, ..device(rate, 1) };
        let (callback, sink) = playback_ring(&info);
        player.attach(sink);
        let output =
            Output { callback, rate, latency, line: Vec::new(), sound: Vec::new(), audible: 0, counted: 0 };
        Self { player, output, events: Vec::new(), now: Duration::ZERO }
    }

    fn play(&mut self, id: &str, samples: Vec<i16>) {
        self.player.play(&track(id), Pcm16::new(samples), self.now);
    }

    fn end(&mut self, id: &str) {
        self.player.end(&track(id), &mut self.events);
    }

    fn step(&mut self) {
        self.player.step(self.now, &mut self.events);
    }

    fn call(&mut self, frames: usize) {
        self.step();
        self.output.call(frames);
    }

    fn flush(&mut self) {
        self.player.flush(self.now, &mut self.events);
    }

    /// Goes on until nothing is queued, then for the latency.
    fn run_out(&mut self, frames: usize) {
        for _ in 0..10_000 {
            self.call(frames);
            if self.player.tracks.is_empty() {
                return;
            }
        }
        panic!("playback does not end");
    }

    fn take_events(&mut self) -> Vec<AudioEvent> {
        std::mem::take(&mut self.events)
    }

    fn drain_sound(&mut self) -> Vec<f32> {
        std::mem::take(&mut self.output.sound)
    }
}

fn started(id: &str) -> AudioEvent {
    AudioEvent::Started { track: track(id) }
}

fn finished(id: &str) -> AudioEvent {
    AudioEvent::Finished { track: track(id) }
}

fn flushed(playing: Option<&str>, heard_ms: u64, taken_ms: u64, unheard: &[&str]) -> AudioEvent {
    let queued_tracks_unheard = unheard.iter().map(|id| track(id)).collect();
    AudioEvent::Flushed { track: playing.map(track), heard_ms, taken_ms, queued_tracks_unheard }
}

/// Samples that are never zero and differ from their neighbours.
fn counted(from: usize, count: usize) -> Vec<i16> {
    (from..from + count).map(|i| (i % 20_000) as i16 + 1).collect()
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("track {i}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        max_global_rejects: 100_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn heard_is_exact_to_the_sample(
        rate in prop::sample::select(vec![8_000_u32, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000]),
        latency_ms in 0_u64..100,
        callback_ms in 2_usize..30,
        callbacks in 0_usize..60,
        lengths in prop::collection::vec(1_usize..9_000, 1..4),
        ended in any::<bool>(),
        cues in prop::collection::vec(0_usize..60, 0..4),
    ) {
        let latency = latency_ms * u64::from(rate) / 1000 / 10 * 10;
        // Whole nanoseconds, so that the latency is the same number of frames both ways.
        prop_assume!(latency * 1_000_000_000 % u64::from(rate) == 0);
        let mut rig = Rig::new(rate, latency);
        let names = names(lengths.len());
        for (name, &length) in names.iter().zip(&lengths) {
            rig.play(name, vec![8_000; length]);
            if ended {
                rig.end(name);
            }
        }
        for at in 0..callbacks {
            cues.iter().filter(|&&cue| cue == at).for_each(|_| rig.player.cue(Cue::Listening));
            rig.call(callback_ms * rate as usize / 1000);
        }
        rig.step();
        rig.take_events();
        rig.flush();
        rig.output.call(rate as usize / 50);
        rig.step();

        let mut begin = 0;
        let mut wanted = (None, 0, Vec::new());
        for (i, (name, &length)) in names.iter().zip(&lengths).enumerate() {
            let frames = (length * rate as usize).div_ceil(24_000);
            let heard = (rig.output.audible.saturating_sub(begin) * 24_000 / rate as usize).min(length);
            let closed = ended || i + 1 < lengths.len();
            let over = closed && rig.output.audible >= begin + frames;
            if heard > 0 && !over {
                wanted = (Some(self::track(name)), heard as u64, Vec::new());
            } else if !over {
                wanted.2.push(track(name));
            }
            begin += frames;
        }
        let flushed = rig.events.iter().find(|event| matches!(event, AudioEvent::Flushed { .. }));
        let Some(AudioEvent::Flushed { track, heard_ms, taken_ms, queued_tracks_unheard }) = flushed else {
            panic!("every flush is answered");
        };
        // One that was heard to its last sample but not ended is still the playing one until the next begins, which
        // waits for its prebuffer.
        let whole = names.iter().zip(&lengths).any(|(name, &length)| {
            !ended && track.as_deref() == Some(name.as_str()) && *heard_ms == length as u64 / 24
        });
        let playing = if whole && wanted.0.is_none() { (&None, 0) } else { (track, *heard_ms) };
        prop_assert_eq!(
            (playing.0, playing.1, queued_tracks_unheard),
            (&wanted.0, wanted.1 / 24, &wanted.2)
        );
        prop_assert!(taken_ms >= heard_ms);
    }

    #[test]
    fn every_sample_is_played_once_in_order_at_the_session_rate(
        pieces in prop::collection::vec((0_usize..3, 1_usize..3_000), 1..12),
        callbacks in prop::collection::vec(1_usize..1_500, 1..20),
    ) {
        let mut rig = Rig::new(24_000, 100);
        let mut wanted: Vec<i16> = Vec::new();
        let mut pieces = pieces;
        pieces.sort_by_key(|p| p.0);
        for &(name, length) in &pieces {
            let samples = counted(wanted.len(), length);
            wanted.extend(&samples);
            rig.play(&name.to_string(), samples);
        }
        (0..3).for_each(|name| rig.end(&name.to_string()));
        for &frames in callbacks.iter().cycle().take(10_000) {
            rig.call(frames);
            if rig.player.tracks.is_empty() {
                break;
            }
        }
        let sound = rig.drain_sound();
        let first = sound.iter().position(|&s| s != 0.0).expect("something sounds");
        let heard = Pcm16::from_f32(&sound[first..first + wanted.len()]);
        prop_assert_eq!(heard.samples(), &wanted[..]);
        prop_assert_eq!(rig.player.drain_underruns(), 0);
    }
}

#[test]
fn a_flush_tells_what_was_heard_what_was_taken_and_what_was_not_heard() {
    let mut rig = Rig::new(48_000, 960);
    rig.play("a", vec![8_000; 24_000]);
    rig.end("a");
    rig.play("b", vec![8_000; 24_000]);
    (0..10).for_each(|_| rig.call(960));
    rig.step();
    assert_eq!(rig.take_events(), [started("a")]);
    rig.flush();
    assert_eq!(rig.take_events(), [], "the device has to say first");
    rig.output.call(960);
    rig.step();
    // Ten callbacks of 20 ms were taken, the last of them is not out yet; the fade takes 8 ms more.
    assert_eq!(rig.take_events(), [flushed(Some("a"), 180, 208, &["b"])]);
}

#[test]
fn a_flush_of_nothing_is_answered_too() {
    let mut rig = Rig::new(48_000, 0);
    rig.flush();
    rig.output.call(480);
    rig.step();
    assert_eq!(rig.take_events(), [flushed(None, 0, 0, &[])]);
}

#[test]
fn a_flush_before_the_first_sound_left_finds_all_unheard() {
    let mut rig = Rig::new(48_000, 4_800);
    rig.play("a", vec![8_000; 24_000]);
    rig.play("b", vec![8_000; 24_000]);
    (0..5).for_each(|_| rig.call(960));
    rig.flush();
    rig.output.call(960);
    rig.step();
    assert_eq!(rig.take_events(), [started("a"), flushed(None, 0, 0, &["a", "b"])]);
}

#[test]
fn a_flush_is_answered_when_the_device_stands_still() {
    let mut rig = Rig::new(24_000, 0);
    rig.play("a", vec![8_000; 24_000]);
    (0..3).for_each(|_| rig.call(480));
    rig.step();
    rig.take_events();
    rig.flush();
    rig.now = Duration::from_millis(149);
    rig.step();
    assert_eq!(rig.take_events(), []);
    rig.now = FLUSH_PATIENCE;
    rig.step();
    // Audible as of the last callback: two of three were out when it began.
    assert_eq!(rig.take_events(), [flushed(Some("a"), 40, 60, &[])]);
}

#[test]
fn nothing_of_a_flushed_track_sounds_after_the_flush() {
    let mut rig = Rig::new(24_000, 240);
    rig.play("old", vec![8_000; 48_000]);
    rig.play("queued", vec![8_000; 48_000]);
    (0..5).for_each(|_| rig.call(480));
    rig.drain_sound();
    rig.flush();
    rig.play("new", vec![-8_000; 4_800]);
    rig.end("new");
    rig.play("old", vec![8_000; 4_800]);
    rig.play("queued", vec![8_000; 4_800]);
    rig.end("old");
    rig.run_out(480);
    let sound = rig.drain_sound();
    let fade = frames_in(FADE_MS, 24_000);
    assert!(sound[..fade].windows(2).all(|w| w[1] < w[0]), "the old sound fades");
    assert!(sound[fade..].iter().all(|&s| s <= 0.0), "and is gone");
    let level = crate::pcm::i16_to_f32(-8_000);
    assert_eq!(sound.iter().filter(|&&s| s == level).count(), 4_800, "the new sound is whole");
    assert!(rig.take_events().ends_with(&[started("new"), finished("new")]));
}

#[test]
fn flushing_twice_answers_twice() {
    let mut rig = Rig::new(24_000, 0);
    rig.play("a", vec![8_000; 24_000]);
    (0..3).for_each(|_| rig.call(480));
    rig.flush();
    rig.flush();
    rig.output.call(480);
    rig.step();
    assert_eq!(rig.take_events(), [started("a"), flushed(Some("a"), 60, 68, &[]), flushed(None, 0, 0, &[])]);
}

#[test]
fn a_track_is_finished_when_its_last_sample_has_left_the_speaker() {
    let mut rig = Rig::new(24_000, 1_000);
    rig.play("a", counted(0, 2_400));
    rig.end("a");
    let mut played = 0;
    while rig.player.tracks.front().is_some() {
        assert!(played < 10_000, "it has to end");
        rig.call(100);
        rig.step();
        played += 100;
    }
    // One more callback has to begin for it to be known.
    assert_eq!(played, 2_400 + 1_000 + 100);
    assert_eq!(rig.take_events(), [started("a"), finished("a")]);
}

#[test]
fn an_empty_track_is_finished_at_its_end() {
    let mut rig = Rig::new(24_000, 0);
    rig.play("a", Vec::new());
    rig.end("a");
    rig.end("never played");
    rig.run_out(480);
    assert_eq!(rig.take_events(), [finished("never played"), finished("a")]);
}

#[test]
fn a_track_without_an_end_is_left_when_another_waits() {
    let mut rig = Rig::new(24_000, 0);
    rig.play("a", vec![8_000; 4_800]);
    rig.play("b", vec![-8_000; 4_800]);
    rig.end("b");
    rig.run_out(480);
    assert_eq!(rig.take_events(), [started("a"), started("b"), finished("b")]);
    rig.end("a");
    assert_eq!(rig.take_events(), [finished("a")], "it is finished when its end comes");
}

#[test]
fn a_first_track_waits_a_moment_for_more_than_a_little_sound_or_for_its_end() {
    let mut rig = Rig::new(24_000, 0);
    rig.play("a", vec![8_000; 959]);
    (0..5).for_each(|_| rig.call(240));
    assert_eq!(rig.take_events(), []);
    rig.now = Duration::from_millis(20);
    (0..2).for_each(|_| rig.call(240));
    assert_eq!(rig.take_events(), [started("a")]);
    let mut rig = Rig::new(24_000, 0);
    rig.play("long", vec![8_000; 960]);
    (0..2).for_each(|_| rig.call(240));
    assert_eq!(rig.take_events(), [started("long")]);
    let mut rig = Rig::new(24_000, 0);
    rig.play("short", vec![8_000; 100]);
    rig.end("short");
    rig.run_out(480);
    assert_eq!(rig.take_events(), [started("short"), finished("short")]);
}

#[test]
fn an_underrun_fades_out_and_in_is_counted_once_and_loses_nothing() {
    let mut rig = Rig::new(24_000, 0);
    rig.play("a", vec![16_000; 4_800]);
    (0..20).for_each(|_| rig.call(480));
    assert_eq!(rig.player.drain_underruns(), 0, "it may be the end");
    rig.play("a", vec![16_000; 4_800]);
    rig.end("a");
    rig.run_out(480);
    let sound = rig.drain_sound();
    let begin = sound.iter().position(|&s| s != 0.0).expect("it sounds");
    let last = sound.iter().rposition(|&s| s != 0.0).expect("it sounds");
    let steps = sound[begin..=last].windows(2).map(|w| (w[1] - w[0]).abs());
    assert!(steps.fold(0.0, f32::max) < 0.003, "no click");
    // The last of the fade-out and the first of the fade-in are zero; the end of the track decays.
    let decay = frames_in(FADE_MS, 24_000) - 1;
    assert_eq!(sound.iter().filter(|&&s| s != 0.0).count(), 9_600 - 2 + decay);
    assert_eq!(rig.player.drain_underruns(), 1);
}

#[test]
fn ten_minutes_can_be_queued_and_more_is_refused_and_counted() {
    let mut rig = Rig::new(24_000, 0);
    for _ in 0..600 {
        rig.play("a", vec![0; 24_000]);
    }
    assert_eq!(rig.player.queued_ms(), 600_000);
    assert_eq!(rig.player.drain_refused(), 0);
    rig.play("b", vec![0; 100]);
    assert_eq!((rig.player.queued_ms(), rig.player.drain_refused()), (600_000, 100));
}

#[test]
fn the_volume_changes_without_a_step() {
    let mut rig = Rig::new(24_000, 0);
    rig.play("a", vec![16_000; 9_600]);
    rig.end("a");
    (0..5).for_each(|_| rig.call(480));
    rig.player.set_volume(0.5);
    rig.player.set_volume(f32::NAN);
    (0..10).for_each(|_| rig.call(480));
    let sound = rig.drain_sound();
    let begin = sound.iter().position(|&s| s != 0.0).expect("it sounds");
    assert!(sound[begin..].windows(2).all(|w| (w[1] - w[0]).abs() < 0.003));
    assert!((sound[sound.len() - 1] - 8_000.0 / 32_768.0).abs() < 1e-4);
}

#[test]
fn a_cue_sounds_at_once_at_the_volume_and_delays_no_track() {
    let mut rig = Rig::new(24_000, 0);
    rig.player.set_volume(0.5);
    rig.player.cue(Cue::Done);
    rig.play("a", vec![0; 2_400]);
    rig.end("a");
    rig.run_out(240);
    let cue: Vec<f32> = cues::frames(Cue::Done, 24_000).iter().map(|s| s * 0.5).collect();
    assert_eq!(rig.drain_sound()[..2_400], cue[..2_400]);
    assert_eq!(rig.take_events(), [started("a"), finished("a")]);
    assert_eq!(rig.output.line[..2_400], [true; 2_400]);
    rig.player.detach();
    rig.player.cue(Cue::Error);
}

#[test]
fn a_lost_output_goes_on_from_what_was_heard_at_another_rate() {
    let mut rig = Rig::new(24_000, 480);
    rig.play("a", counted(0, 24_000));
    rig.end("a");
    (0..5).for_each(|_| rig.call(480));
    rig.player.detach();
    let (callback, sink) = playback_ring(&device(24_000, 1));
    rig.player.attach(sink);
    rig.output.callback = callback;
    rig.drain_sound();
    rig.run_out(480);
    let sound = rig.drain_sound();
    let begin = sound.iter().position(|&s| s != 0.0).expect("it sounds");
    // Audible when the last of five callbacks began: three, as one is always on its way.
    let wanted = &counted(0, 24_000)[3 * 480..];
    assert_eq!(Pcm16::from_f32(&sound[begin..begin + wanted.len()]).samples(), wanted);
    assert_eq!(rig.take_events(), [started("a"), finished("a")]);
}

#[test]
fn a_flush_without_an_output_is_answered_at_once() {
    let mut rig = Rig::new(24_000, 0);
    rig.play("a", vec![8_000; 24_000]);
    (0..5).for_each(|_| rig.call(480));
    rig.player.detach();
    rig.play("b", vec![8_000; 24_000]);
    rig.flush();
    assert_eq!(rig.take_events(), [started("a"), flushed(Some("a"), 80, 80, &["b"])]);
}

#[test]
fn memory_of_what_was_heard_is_given_back() {
    let mut rig = Rig::new(24_000, 0);
    (0..100).for_each(|_| rig.play("a", vec![8_000; 480]));
    (0..50).for_each(|_| rig.call(480));
    rig.step();
    let mut out = Vec::new();
    rig.player.tracks[0].sound.read(0, 10, &mut out);
    assert_eq!(rig.player.tracks[0].sound.end(), 48_000);
    assert!(rig.player.queued_ms() < 1_100);
    assert!(rig.player.tracks[0].sound.held() <= 54, "{}", rig.player.tracks[0].sound.held());
}

#[test]
fn every_track_is_resampled_in_place_as_if_it_were_alone() {
    let samples: Vec<i16> = (0..3_333).map(|i| ((f64::from(i) * 0.1).sin() * 12_000.0) as i16).collect();
    let floats: Vec<f32> = samples.iter().map(|&s| crate::pcm::i16_to_f32(s)).collect();
    for rate in [16_000, 44_100, 48_000] {
        let mut rig = Rig::new(rate, 0);
        for id in ["a", "b"] {
            rig.play(id, samples.clone());
            rig.end(id);
        }
        rig.run_out(rate as usize / 50);
        let sound = rig.drain_sound();
        let alone = crate::resample::resample_clip(&floats, SESSION_RATE, rate);
        for (at, (&got, &wanted)) in sound.iter().zip(alone.iter().chain(&alone)).enumerate() {
            // A frame more or less would differ by 0.02, and the second track begins at half a frame.
            assert!((got - wanted).abs() < 0.015, "{rate}: frame {at} is {got}, not {wanted}");
        }
    }
}
