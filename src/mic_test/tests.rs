use std::path::Path;

use super::*;
use crate::audio::{ConnectInput, ConnectOutput, FileBackend, OpenError, Opened, Pace};

/// The exit, what was written, and what was told meanwhile.
async fn tested(backend: impl Backend + 'static, json: bool) -> (Result<Exit, Failure>, String, String) {
    let (mut out, mut progress) = (Vec::new(), Vec::new());
    let plan = Plan { seconds: 1, json, progress: Progress::Lines };
    let exit = run(plan, AudioConfig::default(), Box::new(backend), &mut out, &mut progress).await;
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(progress).unwrap())
}

/// A file of one second, played and recorded as fast as it goes.
fn files(folder: &Path, sample: i16) -> FileBackend {
    let (input, output) = (folder.join("in.wav"), folder.join("out.wav"));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: SESSION_RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(&input, spec).unwrap();
    (0..SESSION_RATE).for_each(|_| wav.write_sample(sample).unwrap());
    wav.finalize().unwrap();
    FileBackend::new(Some(&input), Some(&output), Pace::Fast).unwrap()
}

#[tokio::test]
async fn what_was_recorded_is_judged_and_played_back() {
    let folder = tempfile::tempdir().unwrap();
    let (exit, out, progress) = tested(files(folder.path(), 3_277), false).await;
    assert_eq!(exit.unwrap(), Exit::Ok);
    assert_eq!(out, "peak -20.0 dBFS, RMS -20.0 dBFS\ngood\n");
    assert!(progress.contains("in.wav (24000 Hz, 1 channel)\nspeaker: "), "{progress}");
    assert!(progress.ends_with("playing it back\n"), "{progress}");
    let mut wav = hound::WavReader::open(folder.path().join("out.wav")).unwrap();
    let loud = wav.samples::<i16>().filter(|s| s.as_ref().is_ok_and(|&s| s > 3_000)).count();
    assert!((23_000..=24_000).contains(&loud), "{loud}");
}

#[tokio::test]
async fn nothing_but_zeros_is_a_failure_with_a_cure_and_is_not_played() {
    let folder = tempfile::tempdir().unwrap();
    let (exit, out, progress) = tested(files(folder.path(), 0), false).await;
    assert_eq!(exit.unwrap(), Exit::Audio);
    assert!(out.starts_with("silent: nothing but exact zeros. Is it muted"), "{out}");
    assert!(!progress.contains("playing"), "{progress}");
}

#[tokio::test]
async fn the_json_result_has_a_version_and_a_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let (exit, out, _) = tested(files(folder.path(), i16::MAX), true).await;
    assert_eq!(exit.unwrap(), Exit::Ok);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&value["v"], &value["verdict"]), (&json!(1), &json!("clipping")));
    assert!(value["microphone"]["name"].as_str().unwrap().ends_with("in.wav"));
}

struct NoDevices;

impl Backend for NoDevices {
    fn open_input(&self, _: ConnectInput<'_>) -> Result<Opened, OpenError> {
        Err(OpenError("no microphone was \u{1b}[2Jfound".to_owned()))
    }

    fn open_output(&self, _: ConnectOutput<'_>) -> Result<Opened, OpenError> {
        Err(OpenError("no speaker was \u{1b}[2Jfound".to_owned()))
    }

    fn is_hardware(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn without_a_microphone_it_says_so_and_where_to_look() {
    let (exit, out, progress) = tested(NoDevices, false).await;
    let failure = exit.unwrap_err();
    assert_eq!((failure.exit, out.as_str()), (Exit::Audio, ""));
    assert!(failure.message().contains("`realtime-cli devices`"));
    assert!(!progress.contains('\u{1b}'));
}

/// A microphone, and a speaker that is there but does not work.
struct NoSpeaker(FileBackend);

impl Backend for NoSpeaker {
    fn open_input(&self, connect: ConnectInput<'_>) -> Result<Opened, OpenError> {
        self.0.open_input(connect)
    }

    fn open_output(&self, connect: ConnectOutput<'_>) -> Result<Opened, OpenError> {
        NoDevices.open_output(connect)
    }

    fn is_hardware(&self) -> bool {
        self.0.is_hardware()
    }

    fn pace(&self) -> Pace {
        self.0.pace()
    }
}

#[tokio::test]
async fn without_a_speaker_it_judges_and_says_that_it_cannot_play() {
    let folder = tempfile::tempdir().unwrap();
    let (exit, out, progress) = tested(NoSpeaker(files(folder.path(), 3_277)), false).await;
    assert_eq!(exit.unwrap(), Exit::Ok);
    assert!(out.ends_with("good\n"), "{out}");
    assert!(progress.starts_with("no speaker: "), "{progress}");
    assert!(progress.ends_with("there is no speaker to play it back\n"), "{progress}");
}

#[test]
fn a_speaker_that_failed_is_not_waited_for() {
    let failed = DeviceEvent::Failed { direction: Direction::Output, message: "busy".to_owned() };
    let opened = DeviceEvent::Opened { direction: Direction::Input, device: DeviceInfo::default() };
    for events in [[failed.clone(), opened.clone()], [opened, failed]] {
        let (handle, received) = AudioEngine::start(AudioConfig::default(), Box::new(NoDevices));
        let plan = Plan { seconds: 1, json: false, progress: Progress::Lines };
        let mut progress = Vec::new();
        let mut test = Test::new(plan, handle, received, &mut progress);
        for event in events {
            assert!(test.is_opening());
            test.note(event).unwrap();
        }
        assert!(!test.is_opening());
        assert_eq!(progress, b"no speaker: busy\n");
    }
}

#[test]
fn levels_are_judged_by_their_peak() {
    let verdict = |peak: i16| Judged::of(&[0, peak, 0]).verdict;
    assert_eq!(
        [0, 1, 300, 1_000, 32_000].map(verdict).map(Verdict::word),
        ["silent", "low", "low", "good", "good"]
    );
    assert_eq!(verdict(i16::MIN), Verdict::Clipping);
}

#[test]
fn the_bar_grows_with_the_level() {
    let bar = |mic_peak| bar(Meters { mic_peak, ..Meters::default() });
    assert_eq!(bar(0.0), format!("[{}]   -60 dB", " ".repeat(BAR)));
    assert_eq!(bar(1.0), format!("[{}]     0 dB", "#".repeat(BAR)));
    assert!(bar(0.03).contains("[###############  "), "{}", bar(0.03));
}
