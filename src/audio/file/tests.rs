use tempfile::TempDir;

use super::*;
use crate::audio::ring::capture_ring;
use crate::audio::sink::playback_ring;
use crate::audio::tests::{device, end, play, track};
use crate::audio::{AudioCommand, AudioConfig, AudioEngine, AudioEvent, AudioEvents, Gate};
use crate::pcm::FRAME_SAMPLES;

fn spec(rate: u32, channels: u16, bits: u16, format: SampleFormat) -> WavSpec {
    WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: format }
}

fn sixteen(rate: u32, channels: u16) -> WavSpec {
    spec(rate, channels, 16, SampleFormat::Int)
}

fn write<S: hound::Sample + Copy>(path: &Path, spec: WavSpec, samples: &[S]) {
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for &sample in samples {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
}

fn read_back(path: &Path) -> Vec<i16> {
    let mut reader = WavReader::open(path).unwrap();
    assert_eq!(reader.spec(), sixteen(24_000, 1));
    reader.samples().map(Result::unwrap).collect()
}

fn counted(count: usize) -> Vec<i16> {
    (0..count).map(|i| (i % 60_000) as i16).collect()
}

fn dir() -> (TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in.wav"), dir.path().join("out.wav"));
    (dir, input, output)
}

/// Takes events until `done`, giving the frames' samples and all other events but those of devices.
fn collect(events: &mut AudioEvents, done: impl Fn(&AudioEvent) -> bool) -> (Vec<i16>, Vec<AudioEvent>) {
    let (mut samples, mut others) = (Vec::new(), Vec::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    loop {
        let event = runtime.block_on(events.recv()).expect("the engine runs");
        let last = done(&event);
        if let AudioEvent::Frame { pcm } = event {
            assert_eq!(pcm.len(), FRAME_SAMPLES);
            samples.extend(pcm.into_samples());
        } else if !matches!(event, AudioEvent::Device(_)) {
            others.push(event);
        }
        if last {
            return (samples, others);
        }
    }
}

fn fast_input(input: &Path) -> Vec<i16> {
    let backend = FileBackend::new(Some(input), None, Pace::Fast).unwrap();
    let (handle, mut events) = AudioEngine::start(AudioConfig::default(), Box::new(backend));
    handle.send(AudioCommand::Capture(Gate::Open));
    let (samples, others) = collect(&mut events, |event| *event == AudioEvent::InputEnded);
    assert_eq!(others, [AudioEvent::InputEnded]);
    assert_eq!((handle.meters().dropped_frames, handle.meters().lost_capture), (0, 0));
    handle.stop();
    samples
}

#[test]
fn a_file_becomes_frames_to_the_sample_and_then_two_seconds_of_silence() {
    let (_dir, input, _) = dir();
    let sound = counted(100_007);
    write(&input, sixteen(24_000, 1), &sound);
    let samples = fast_input(&input);
    assert_eq!(samples.len(), (100_007 + 48_000_usize).next_multiple_of(FRAME_SAMPLES));
    assert_eq!(samples[..sound.len()], sound);
    assert!(samples[sound.len()..].iter().all(|&s| s == 0));
}

#[test]
fn every_usual_format_is_read() {
    let (_dir, input, _) = dir();
    let level = |samples: Vec<i16>| samples[6_000];
    write(&input, spec(24_000, 1, 8, SampleFormat::Int), &[64_i8; 12_000]);
    assert_eq!(level(fast_input(&input)), 16_384);
    write(&input, spec(24_000, 1, 24, SampleFormat::Int), &vec![-2_097_152_i32; 12_000]);
    assert_eq!(level(fast_input(&input)), -8_192);
    write(&input, spec(24_000, 1, 32, SampleFormat::Int), &vec![1_073_741_824_i32; 12_000]);
    assert_eq!(level(fast_input(&input)), 16_384);
    write(&input, spec(24_000, 1, 32, SampleFormat::Float), &vec![0.25_f32; 12_000]);
    assert_eq!(level(fast_input(&input)), 8_192);
    let stereo: Vec<i16> = [8_000, 4_000].repeat(24_000);
    write(&input, sixteen(48_000, 2), &stereo);
    let samples = fast_input(&input);
    assert!((samples[6_000] - 6_000).abs() < 5, "{}", samples[6_000]);
    assert!((60_000..=60_480).contains(&samples.len()), "half a second and two of silence");
}

#[test]
fn a_file_that_was_cut_short_is_read_as_far_as_it_goes() {
    let (_dir, input, _) = dir();
    write(&input, sixteen(24_000, 1), &[1_000_i16; 1_000]);
    let bytes = std::fs::read(&input).unwrap();
    std::fs::write(&input, &bytes[..bytes.len() - 1_001]).unwrap();
    let samples = fast_input(&input);
    assert_eq!(samples.iter().filter(|&&s| s == 1_000).count(), 499);
}

#[test]
fn files_that_cannot_be_used_are_found_before_the_start() {
    let (dir, input, output) = dir();
    let error = |input: Option<&Path>, output: Option<&Path>| {
        FileBackend::new(input, output, Pace::Real).err().expect("an error").to_string()
    };
    let absent = error(Some(&input), None);
    assert!(absent.contains("in.wav") && absent.contains("No such file"), "{absent}");
    std::fs::write(&input, "no sound").unwrap();
    assert!(error(Some(&input), None).contains("in.wav"));
    let nowhere = dir.path().join("absent").join("out.wav");
    let unwritable = error(None, Some(&nowhere));
    assert!(unwritable.starts_with("cannot write `") && unwritable.contains("out.wav"), "{unwritable}");
    write(&output, sixteen(24_000, 1), &[1_i16; 10]);
    let same = error(Some(&output), Some(&output));
    assert!(same.contains("both input and output"), "{same}");
    assert_eq!(read_back(&output), [1; 10], "the file is left alone");
}

#[test]
fn at_the_fast_pace_tracks_are_written_to_the_sample_without_silence_between() {
    let (_dir, _, output) = dir();
    let backend = FileBackend::new(None, Some(&output), Pace::Fast).unwrap();
    let (handle, mut events) = AudioEngine::start(AudioConfig::default(), Box::new(backend));
    let sound = counted(50_003);
    handle.send(play("a", sound[..20_000].to_vec()));
    handle.send(end("a"));
    let finished = |name: &str| AudioEvent::Finished { track: track(name) };
    let (_, others) = collect(&mut events, |event| *event == finished("a"));
    assert_eq!(others, [AudioEvent::Started { track: track("a") }, finished("a")]);
    handle.send(play("b", sound[20_000..].to_vec()));
    handle.send(end("b"));
    collect(&mut events, |event| *event == finished("b"));
    handle.stop();
    assert_eq!(read_back(&output), sound);
}

#[test]
fn at_the_fast_pace_a_flush_is_answered_and_cuts_the_file() {
    let (_dir, _, output) = dir();
    let backend = FileBackend::new(None, Some(&output), Pace::Fast).unwrap();
    let (handle, mut events) = AudioEngine::start(AudioConfig::default(), Box::new(backend));
    handle.send(play("a", vec![8_000; 4_800]));
    collect(&mut events, |event| matches!(event, AudioEvent::Started { .. }));
    handle.send(AudioCommand::Flush);
    let (_, others) = collect(&mut events, |event| matches!(event, AudioEvent::Flushed { .. }));
    assert!(
        matches!(others[..], [AudioEvent::Flushed { track: Some(_), heard_ms: ..=200, .. }]),
        "{others:?}"
    );
    handle.stop();
    assert!(read_back(&output).len() <= 4_800);
}

#[test]
fn the_real_pace_feeds_silence_until_the_gate_opens_then_the_file_its_tail_one_end_and_then_silence_for_ever()
{
    let (_dir, input, _) = dir();
    write(&input, sixteen(8_000, 1), &counted(1_000));
    let wav = WavIn::open(&input).unwrap();
    let info = DeviceInfo { buffer_frames: 80, ..device(8_000, 1) };
    let (callback, mut source) = capture_ring(&info);
    let mut feeder = Feeder::new(Some(wav), callback, 8_000, 1);
    let (mut sound, mut end) = (Vec::new(), None);
    feeder.give(80);
    source.take(usize::MAX, &mut sound);
    assert_eq!(sound, [0.0; 80], "nobody listens yet");
    sound.clear();
    source.want();
    for tick in 0..300 {
        feeder.give(80);
        if let (None, Some(left)) = (end, source.until_end()) {
            end = Some(tick * 80 + left);
        }
        source.take(usize::MAX, &mut sound);
    }
    assert_eq!(end, Some(1_000 + 16_000), "to the sample");
    assert_eq!(sound.len(), 300 * 80);
    let floats: Vec<f32> = counted(1_000).iter().map(|&s| crate::pcm::i16_to_f32(s)).collect();
    assert_eq!(sound[..1_000], floats);
    assert!(sound[1_000..].iter().all(|&s| s == 0.0));
}

#[test]
fn the_real_pace_records_the_time_line_and_the_file_is_valid_all_the_time() {
    let (_dir, _, output) = dir();
    let mut wav = WavOut::create(&output).unwrap();
    assert_eq!(read_back(&output), [0; 0], "valid from the start");
    wav.write(&vec![0.5; 11_999]).unwrap();
    wav.write(&[0.5; 1]).unwrap();
    assert_eq!(read_back(&output), vec![16_384; 12_000], "valid after half a second, though never finished");
    let info = DeviceInfo { buffer_frames: 240, ..device(24_000, 1) };
    let (callback, mut sink) = playback_ring(&info);
    let mut recorder = Recorder { wav: Some(wav), callback };
    recorder.record(&mut [0.0; 240]);
    sink.settle_after(240);
    sink.push(&[-0.5; 240]);
    recorder.record(&mut [0.0; 240]);
    recorder.wav.unwrap().finish().unwrap();
    let wanted = [vec![16_384; 12_000], vec![0; 240], vec![-16_384; 240]].concat();
    assert_eq!(read_back(&output), wanted);
}

#[test]
fn without_files_there_is_silence_and_it_never_ends() {
    let backend = FileBackend::new(None, None, Pace::Real).unwrap();
    let (handle, mut events) = AudioEngine::start(AudioConfig::default(), Box::new(backend));
    handle.send(AudioCommand::Capture(Gate::Open));
    let (samples, _) = collect(&mut events, |event| matches!(event, AudioEvent::Frame { .. }));
    assert_eq!(samples, [0; FRAME_SAMPLES]);
    handle.stop();
}
