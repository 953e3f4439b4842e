#![expect(clippy::float_cmp, reason = "sound that is only passed on stays exact")]

use super::*;
use crate::audio::tests::{Rig, Sim, end, play, track};
use crate::audio::{Direction, EchoMode, Gate, LocalSpeech, OpenError};

fn frames(events: &[AudioEvent]) -> usize {
    events.iter().filter(|event| matches!(event, AudioEvent::Frame { .. })).count()
}

fn others(events: Vec<AudioEvent>) -> Vec<AudioEvent> {
    let boring = |event: &AudioEvent| matches!(event, AudioEvent::Frame { .. } | AudioEvent::Device(_));
    events.into_iter().filter(|event| !boring(event)).collect()
}

fn device_events(events: Vec<AudioEvent>) -> Vec<DeviceEvent> {
    let device = |event| if let AudioEvent::Device(device) = event { Some(device) } else { None };
    events.into_iter().filter_map(device).collect()
}

#[test]
fn sound_goes_from_the_microphone_to_frames_while_the_gate_is_open() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.sim.record(&vec![0.5; 4_800]);
    rig.pass(5);
    assert_eq!(frames(&rig.events()), 0);
    rig.send(AudioCommand::Capture(Gate::Open));
    assert_eq!(frames(&rig.events()), 10, "the pre-roll comes at once");
    rig.sim.record(&[0.5; 960]);
    rig.pass(5);
    assert_eq!(frames(&rig.events()), 2);
    rig.send(AudioCommand::Capture(Gate::Closed));
    rig.sim.record(&[0.25; 960]);
    rig.pass(5);
    assert_eq!(frames(&rig.events()), 0);
    assert_eq!((rig.meters.read().mic_peak, rig.meters.read().mic_rms), (0.25, 0.25));
}

#[test]
fn a_backlog_of_more_than_half_a_second_loses_its_oldest_sound() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.send(AudioCommand::Capture(Gate::Open));
    let second: Vec<f32> = (0..24_000).map(crate::pcm::i16_to_f32).collect();
    rig.sim.record(&second);
    rig.pass(5);
    let events = rig.events();
    assert_eq!((frames(&events), rig.meters.read().lost_capture), (25, 12_000));
    let first = events
        .into_iter()
        .find_map(|event| if let AudioEvent::Frame { pcm } = event { Some(pcm.samples()[0]) } else { None });
    assert_eq!(first, Some(12_000));
}

#[test]
fn frames_that_nobody_took_in_half_a_second_are_dropped_but_no_other_event_is() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.send(AudioCommand::Capture(Gate::Open));
    rig.send(end("early"));
    for _ in 0..100 {
        rig.sim.record(&[0.5; 480]);
        rig.pass(20);
    }
    let events = rig.events();
    assert!((25..=26).contains(&frames(&events)), "{}", frames(&events));
    assert_eq!(rig.meters.read().dropped_frames, 100 - frames(&events) as u64);
    assert_eq!(others(events), [AudioEvent::Finished { track: track("early") }]);
}

#[test]
fn memory_is_bounded_when_nobody_takes_events() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.send(AudioCommand::Capture(Gate::Open));
    for _ in 0..1_100 {
        rig.sim.record(&[0.5; 480]);
        rig.pass(20);
    }
    assert_eq!(rig.meters.read().dropped_frames, 100);
    assert_eq!(frames(&rig.events()), 0, "what is left is long stale");
    assert_eq!(rig.meters.read().dropped_frames, 1_100);
}

#[test]
fn a_track_is_played_flushed_and_metered() {
    let mut rig = Rig::new(&Sim::new(24_000, 48_000));
    rig.send(play("a", vec![8_192; 24_000]));
    for _ in 0..10 {
        rig.pass(5);
        rig.sim.play(480);
    }
    rig.pass(5);
    let meters = rig.meters.read();
    assert!(meters.playing && (0.15..0.26).contains(&meters.speaker_peak), "{meters:?}");
    assert!((890..=910).contains(&meters.queued_ms), "{meters:?}");
    rig.send(AudioCommand::Flush);
    rig.sim.play(480);
    rig.pass(5);
    let events = others(rig.events());
    assert_eq!(events[0], AudioEvent::Started { track: track("a") });
    assert!(matches!(&events[1..], [AudioEvent::Flushed { heard_ms: 100, .. }]), "{events:?}");
    let meters = rig.meters.read();
    assert_eq!((meters.playing, meters.queued_ms, meters.underruns), (false, 0, 0));
}

#[test]
fn the_speaker_works_without_a_microphone_and_the_microphone_without_a_speaker() {
    let sim = Sim::new(24_000, 24_000);
    sim.state().input = Err(OpenError("no microphone".to_owned()));
    let mut rig = Rig::new(&sim);
    rig.send(play("a", vec![8_192; 4_800]));
    rig.pass(5);
    assert!(rig.sim.play(480)[479] > 0.2);

    let sim = Sim::new(24_000, 24_000);
    sim.state().output = Err(OpenError("no speaker".to_owned()));
    let mut rig = Rig::new(&sim);
    rig.send(AudioCommand::Capture(Gate::Open));
    rig.sim.record(&[0.5; 480]);
    rig.pass(5);
    let events = rig.events();
    assert_eq!(frames(&events), 1);
    let failed = DeviceEvent::Failed { direction: Direction::Output, message: "no speaker".to_owned() };
    assert!(device_events(events).contains(&failed));
}

#[test]
fn without_a_speaker_for_long_tracks_run_on_by_the_clock_so_that_the_dialogue_goes_on() {
    let sim = Sim::new(24_000, 24_000);
    sim.state().output = Err(OpenError("no speaker".to_owned()));
    let mut rig = Rig::new(&sim);
    rig.send(play("a", vec![8_192; 24_000]));
    rig.send(end("a"));
    (0..299).for_each(|_| rig.pass(10));
    assert_eq!(others(rig.events()), [], "a short absence is waited for");
    (0..60).for_each(|_| rig.pass(10));
    rig.send(AudioCommand::Flush);
    rig.pass(5);
    let events = others(rig.events());
    assert!(
        matches!(events[..], [AudioEvent::Started { .. }, AudioEvent::Flushed { heard_ms: 550..=600, .. }]),
        "{events:?}"
    );
    rig.send(play("b", vec![8_192; 24_000]));
    rig.send(end("b"));
    (0..110).for_each(|_| rig.pass(10));
    assert_eq!(
        others(rig.events()),
        [AudioEvent::Started { track: track("b") }, AudioEvent::Finished { track: track("b") }]
    );
}

#[test]
fn a_lost_speaker_that_comes_back_goes_on_with_the_track() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.send(play("a", vec![8_192; 24_000]));
    rig.send(end("a"));
    for _ in 0..10 {
        rig.pass(20);
        rig.sim.play(480);
    }
    rig.sim.state().playback.as_ref().expect("open").health().fault(super::super::Fault::Gone);
    rig.pass(10);
    while rig.sim.state().playback.is_some() {
        std::thread::yield_now();
    }
    rig.pass(1_000);
    rig.pass(1_100);
    assert!(rig.sim.state().playback.is_some(), "it is open again");
    let mut sounding = 0;
    for _ in 0..60 {
        sounding += rig.sim.play(480).iter().filter(|&&s| s == 0.25).count();
        rig.pass(20);
    }
    assert!((24_000 - 4_800..24_000 - 4_800 + 960).contains(&sounding), "{sounding}");
    assert!(others(rig.events()).ends_with(&[AudioEvent::Finished { track: track("a") }]));
}

#[test]
fn a_silent_microphone_is_told_of_where_there_is_one() {
    for (sim, told) in [(Sim::new(8_000, 8_000), true), (Sim::new(8_000, 8_000).soft(), false)] {
        let mut rig = Rig::new(&sim);
        for _ in 0..300 {
            rig.sim.record(&[0.0; 160]);
            rig.pass(20);
        }
        assert_eq!(device_events(rig.events()).contains(&DeviceEvent::SilentMicrophone), told);
    }
}

#[test]
fn at_the_fast_pace_nothing_is_taken_that_cannot_be_passed_on() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000).fast());
    rig.sim.record(&vec![0.5; 480 * 60 + 100]);
    rig.sim.state().capture.as_mut().expect("open").mark_end();
    rig.pass(5);
    assert_eq!(rig.events().len(), 2, "only the devices are told of while the gate is closed");
    rig.send(AudioCommand::Capture(Gate::Open));
    rig.pass(10_000);
    assert_eq!(frames(&rig.events()), 50);
    rig.pass(10_000);
    let events = rig.events();
    assert_eq!(frames(&events), 11, "the last frame is filled up");
    assert_eq!(events.last(), Some(&AudioEvent::InputEnded));
    rig.pass(10_000);
    assert_eq!(rig.events(), []);
    assert_eq!((rig.meters.read().dropped_frames, rig.meters.read().lost_capture), (0, 0));
}

/// Has the device of one direction die, and waits until it is closed.
fn lose(rig: &mut Rig, direction: Direction) {
    let gone = super::super::Fault::Gone;
    match direction {
        Direction::Input => rig.sim.state().capture.as_ref().expect("open").health().fault(gone),
        Direction::Output => rig.sim.state().playback.as_ref().expect("open").health().fault(gone),
    }
    rig.pass(10);
    let open = |rig: &Rig| match direction {
        Direction::Input => rig.sim.state().capture.is_some(),
        Direction::Output => rig.sim.state().playback.is_some(),
    };
    while open(rig) {
        std::thread::yield_now();
    }
}

#[test]
fn a_speaker_that_comes_back_with_another_rate_goes_on_at_the_right_pitch_and_place() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.send(play("a", vec![8_192; 24_000]));
    rig.send(end("a"));
    for _ in 0..10 {
        rig.pass(20);
        rig.sim.play(480);
    }
    rig.sim.state().output = Ok(crate::audio::tests::device(44_100, 1));
    lose(&mut rig, Direction::Output);
    rig.pass(1_000);
    rig.pass(1_100);
    let mut sounding = 0;
    for _ in 0..20 {
        sounding += rig.sim.play(882).iter().filter(|&&s| s > 0.2).count();
        rig.pass(20);
    }
    // 200 ms went to the first device; as many samples are 400 ms only at the rate of the second.
    assert!((400 - 25..=400).contains(&(sounding * 1_000 / 44_100)), "{sounding}");
    rig.send(AudioCommand::Flush);
    rig.sim.play(882);
    rig.pass(5);
    let events = others(rig.events());
    assert!(matches!(events.last(), Some(AudioEvent::Flushed { heard_ms: 575..=605, .. })), "{events:?}");
}

#[test]
fn a_microphone_that_comes_back_with_another_rate_and_more_channels_keeps_the_pace() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.send(AudioCommand::Capture(Gate::Open));
    rig.sim.record(&[0.5; 480]);
    rig.pass(5);
    rig.sim.state().input = Ok(crate::audio::tests::device(44_100, 8));
    lose(&mut rig, Direction::Input);
    rig.pass(1_000);
    rig.pass(1_100);
    rig.events();
    for _ in 0..50 {
        rig.sim.record(&[0.5; 882 * 8]);
        rig.pass(20);
    }
    let frames = frames(&rig.events());
    assert!((24..=26).contains(&frames) || (48..=50).contains(&frames), "{frames}");
}

#[test]
fn when_the_speaker_has_died_a_silent_microphone_is_opened_again_at_once() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.sim.record(&[0.5; 480]);
    rig.sim.play(480);
    rig.pass(10);
    rig.events();
    lose(&mut rig, Direction::Output);
    rig.pass(300);
    let lost = |event: &DeviceEvent| matches!(event, DeviceEvent::Lost { direction: Direction::Input, .. });
    assert!(device_events(rig.events()).iter().any(lost));
}

#[test]
fn a_released_microphone_is_closed_until_it_is_kept_again_and_nothing_old_is_delivered() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.sim.record(&[0.5; 4_800]);
    rig.pass(5);
    rig.events();
    rig.send(AudioCommand::Microphone(crate::audio::Microphone::Released));
    while rig.sim.state().capture.is_some() {
        std::thread::yield_now();
    }
    assert_eq!(rig.meters.read().mic_peak, 0.0);
    (0..100).for_each(|_| {
        rig.sim.play(480);
        rig.pass(20);
    });
    rig.events();
    rig.send(AudioCommand::Capture(Gate::Open));
    rig.sim.play(480);
    rig.pass(10);
    assert_eq!(rig.events(), []);
    rig.send(AudioCommand::Microphone(crate::audio::Microphone::Kept));
    rig.pass(10);
    rig.sim.record(&[0.5; 480]);
    rig.pass(5);
    let events = rig.events();
    assert_eq!(frames(&events), 1);
    assert!(matches!(device_events(events)[..], [DeviceEvent::Restored { .. }]));
}

/// A voice that is spoken into the microphone while a track sounds, in steps of 10 ms.
struct Duplex {
    rig: Rig,
    voice: std::vec::IntoIter<f32>,
    heard: Vec<f32>,
    said: Vec<LocalSpeech>,
}

impl Duplex {
    /// The track is a steady value, so that a pause shows.
    fn new(echo: EchoMode) -> Self {
        let config = AudioConfig { echo, barge_in: true, ..AudioConfig::default() };
        let mut rig = Rig::with(&Sim::new(24_000, 24_000), &config);
        rig.send(AudioCommand::Capture(Gate::Open));
        rig.send(play("a", vec![3_000; 24_000 * 20]));
        let voice = crate::audio::canceller::tests::speech().into_iter();
        Self { rig, voice: voice.collect::<Vec<_>>().into_iter(), heard: Vec::new(), said: Vec::new() }
    }

    fn pass(&mut self, ms: usize, speaks: bool) {
        for _ in 0..ms / 10 {
            let near: Vec<f32> =
                if speaks { self.voice.by_ref().take(240).collect() } else { vec![0.0; 240] };
            self.rig.sim.record(&near);
            self.rig.pass(10);
            self.heard.extend(self.rig.sim.play(240));
            let speech = |event| if let AudioEvent::Speech(speech) = event { Some(speech) } else { None };
            self.said.extend(self.rig.events().into_iter().filter_map(speech));
        }
    }

    fn is_sounding(&self) -> bool {
        self.heard[self.heard.len() - 240..].iter().any(|s| s.abs() > 0.01)
    }
}

#[test]
fn playback_pauses_when_somebody_begins_to_speak_and_waits_for_the_flush() {
    let mut duplex = Duplex::new(EchoMode::Off);
    duplex.pass(500, false);
    assert!(duplex.is_sounding());
    duplex.pass(900, true);
    assert_eq!(duplex.said, [LocalSpeech::Suspected, LocalSpeech::Confirmed]);
    assert!(!duplex.is_sounding());
    duplex.rig.send(AudioCommand::Flush);
    duplex.rig.sim.play(240);
    duplex.rig.pass(10);
    let events = others(duplex.rig.events());
    assert!(matches!(events[..], [AudioEvent::Flushed { heard_ms: 500..1_000, .. }]), "{events:?}");
}

#[test]
fn a_false_alarm_goes_on_within_a_second_without_losing_its_place() {
    let mut duplex = Duplex::new(EchoMode::Off);
    duplex.pass(500, false);
    duplex.pass(250, true);
    duplex.pass(1_000, false);
    assert_eq!(duplex.said, [LocalSpeech::Suspected, LocalSpeech::FalseAlarm]);
    assert!(duplex.is_sounding());
    let silent = duplex.heard.iter().filter(|s| **s == 0.0).count();
    assert!(silent < 24_000, "{silent} samples of pause");
}

#[test]
fn nobody_is_listened_to_behind_a_closed_gate() {
    let mut duplex = Duplex::new(EchoMode::Off);
    duplex.rig.send(AudioCommand::Capture(Gate::Closed));
    duplex.pass(300, false);
    duplex.pass(1_000, true);
    assert_eq!(duplex.said, []);
    assert!(duplex.is_sounding());
}

#[test]
fn closing_the_gate_in_a_pause_lets_playback_go_on() {
    let mut duplex = Duplex::new(EchoMode::Off);
    duplex.pass(500, false);
    duplex.pass(250, true);
    duplex.rig.send(AudioCommand::Capture(Gate::Closed));
    duplex.pass(100, false);
    assert_eq!(duplex.said, [LocalSpeech::Suspected, LocalSpeech::FalseAlarm]);
    assert!(duplex.is_sounding());
}

#[test]
fn the_echo_of_a_voice_does_not_interrupt_it_but_somebody_else_does() {
    let config = AudioConfig { echo: EchoMode::Auto, barge_in: true, ..AudioConfig::default() };
    let mut rig = Rig::with(&Sim::new(48_000, 48_000), &config);
    rig.send(AudioCommand::Capture(Gate::Open));
    let speech = crate::audio::canceller::tests::speech();
    let far: Vec<i16> = speech.iter().cycle().take(24_000 * 9).map(|&s| crate::pcm::f32_to_i16(s)).collect();
    rig.send(play("a", far));
    let mut line = std::collections::VecDeque::from(vec![0.0; 48 * 60]);
    let mut said = Vec::new();
    let near = crate::resample::resample_clip(&speech, 24_000, 48_000);
    for i in 0..700 {
        let heard = rig.sim.play(480);
        line.extend(heard.iter().map(|s| s * 0.25));
        let voice = if i >= 600 { &near[(i - 600) * 480..(i - 599) * 480] } else { &[0.0; 480] };
        let mixed: Vec<f32> = voice.iter().map(|v| v + line.pop_front().unwrap_or_default()).collect();
        rig.sim.record(&mixed);
        rig.pass(10);
        let events = rig.events().into_iter();
        said.extend(events.filter_map(|e| if let AudioEvent::Speech(s) = e { Some((i, s)) } else { None }));
    }
    assert!(matches!(said[..], [(600..=640, LocalSpeech::Suspected), ..]), "{said:?}");
    assert_eq!(rig.meters.read().echo, crate::audio::EchoState::Cancelling);
}

#[test]
fn clocks_of_microphone_and_speaker_that_drift_apart_do_no_harm() {
    // In two minutes what 200 ppm each way make of an hour: a second and a half.
    let config = AudioConfig { echo: EchoMode::Gate, ..AudioConfig::default() };
    let mut rig = Rig::with(&Sim::new(24_000, 24_000), &config);
    rig.send(AudioCommand::Capture(Gate::Open));
    let samples: Vec<i16> = (0..24_000 * 130).map(|i| (i % 8_000) as i16 + 1).collect();
    rig.send(play("a", samples.clone()));
    let (mut recorded, mut played, mut frames_out) = (0_u64, 0_u64, 0);
    let mut heard = samples.iter().map(|&s| crate::pcm::i16_to_f32(s)).peekable();
    for step in 1..=12_000_u64 {
        let due = |ppm: i64| (step as i64 * 240 * (1_000_000 + ppm) / 1_000_000) as u64;
        rig.sim.record(&vec![0.001; (due(6_000) - recorded) as usize]);
        recorded = due(6_000);
        rig.pass(10);
        let out = rig.sim.play((due(-6_000) - played) as usize);
        played = due(-6_000);
        // Before its start there is silence; from then on every sample comes, once and in order.
        for sample in out.iter().skip_while(|s| played < 24_000 && **s == 0.0) {
            assert_eq!(Some(*sample), heard.next(), "at {step}");
        }
        frames_out += frames(&rig.events());
        assert!(rig.engine.capture.echo().backlog_ms() <= 20, "at {step}");
    }
    let meters = rig.meters.read();
    assert_eq!((meters.underruns, meters.lost_capture, meters.dropped_frames), (0, 0, 0));
    assert_eq!(frames_out as u64, recorded / 480);
}

// ---- another device while it runs ----

fn use_device(direction: Direction, name: &str) -> AudioCommand {
    AudioCommand::UseDevice { direction, choice: Some(name.to_owned()) }
}

fn named(name: &str, rate: u32) -> crate::audio::DeviceInfo {
    crate::audio::DeviceInfo { name: name.to_owned(), ..crate::audio::tests::device(rate, 1) }
}

#[test]
fn another_speaker_goes_on_with_the_track_where_it_was_heard() {
    let mut rig = Rig::new(&Sim::new(24_000, 48_000));
    rig.send(play("a", vec![8_192; 24_000]));
    rig.send(end("a"));
    for _ in 0..10 {
        rig.pass(5);
        rig.sim.play(480);
    }
    rig.events();
    rig.sim.state().output = Ok(named("headset", 24_000));
    rig.send(use_device(Direction::Output, "headset"));
    assert_eq!(rig.sim.state().chosen, [(Direction::Output, Some("headset".to_owned()))]);
    reopen(&mut rig, |state| state.playback.is_some());
    for _ in 0..40 {
        rig.pass(20);
        rig.sim.play(480);
    }
    rig.pass(5);
    let events = rig.events();
    let news = device_events(events.clone());
    assert!(
        matches!(&news[..], [DeviceEvent::Restored { device, .. }] if device.name == "headset"),
        "{news:?}"
    );
    rig.send(AudioCommand::Flush);
    rig.sim.play(480);
    rig.pass(5);
    let heard = others(rig.events());
    assert!(
        matches!(heard[..], [AudioEvent::Flushed { heard_ms: 850..=905, .. }]),
        "100 ms from one, 800 from the other: {heard:?}"
    );
    assert_eq!(others(events), []);
}

#[test]
fn another_microphone_is_captured_from_with_the_gate_as_it_was() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.send(AudioCommand::Capture(Gate::Open));
    rig.sim.record(&[0.5; 480]);
    rig.pass(5);
    assert_eq!(frames(&rig.events()), 1);
    rig.sim.state().input = Ok(named("headset", 48_000));
    rig.send(use_device(Direction::Input, "headset"));
    reopen(&mut rig, |state| state.capture.is_some());
    rig.sim.record(&[0.25; 1_920]);
    rig.pass(5);
    let events = rig.events();
    assert!((1..=2).contains(&frames(&events)), "{}", frames(&events));
    assert!(device_events(events).iter().any(|e| matches!(e, DeviceEvent::Restored { .. })));
}

#[test]
fn files_take_no_other_device() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000).soft());
    let before = rig.sim.state().attempts;
    rig.sim.state().choosable = false;
    rig.send(use_device(Direction::Output, "headset"));
    rig.pass(5);
    assert_eq!(rig.sim.state().attempts, before);
}

#[test]
fn a_microphone_that_is_given_back_stays_so_until_it_is_wanted() {
    let mut rig = Rig::new(&Sim::new(24_000, 24_000));
    rig.send(AudioCommand::Microphone(crate::audio::Microphone::Released));
    rig.pass(5);
    rig.send(use_device(Direction::Input, "headset"));
    let before = rig.sim.state().attempts;
    (0..300).for_each(|_| rig.pass(10));
    assert_eq!(rig.sim.state().attempts, before);
    rig.send(AudioCommand::Microphone(crate::audio::Microphone::Kept));
    reopen(&mut rig, |state| state.capture.is_some());
}

/// Side threads close and open; time is not what is waited for.
fn reopen(rig: &mut Rig, is_open: impl Fn(&crate::audio::tests::SimState) -> bool) {
    let before = rig.sim.state().attempts;
    while rig.sim.state().attempts == before || !is_open(&rig.sim.state()) {
        rig.pass(0);
        std::thread::yield_now();
    }
}
