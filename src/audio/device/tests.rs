#![expect(clippy::float_cmp, reason = "sound that is only passed on stays exact")]

use assert_no_alloc::assert_no_alloc;

use super::*;
use crate::audio::ring::{CaptureSource, capture_ring};
use crate::audio::sink::{PlaybackSink, playback_ring};
use crate::audio::tests::{device, end, play};
use crate::audio::{AudioCommand, AudioConfig, AudioEngine, AudioEvent, AudioEvents, DeviceEvent, Gate};

const NOW: Duration = Duration::ZERO;

fn reader(channels: u16) -> (Reader, CaptureSource) {
    let (callback, source) = capture_ring(&device(48_000, channels));
    let config = StreamConfig { channels, sample_rate: 48_000, buffer_size: BufferSize::Default };
    (Reader::new(callback, config), source)
}

fn writer(channels: u16) -> (Writer, PlaybackSink) {
    let (callback, sink) = playback_ring(&device(48_000, 1));
    let config = StreamConfig { channels, sample_rate: 48_000, buffer_size: BufferSize::Default };
    (Writer::new(callback, config), sink)
}

fn read<T: Copy>(samples: &[T]) -> Vec<f32>
where
    f32: FromSample<T>,
{
    let (mut reader, mut source) = reader(1);
    assert_no_alloc(|| reader.read(samples, NOW, NOW));
    let mut out = Vec::new();
    source.take(usize::MAX, &mut out);
    out
}

fn written<T: cpal::Sample + FromSample<f32>>(mono: &[f32]) -> Vec<T> {
    let (mut writer, mut sink) = writer(1);
    sink.push(mono);
    let mut out = vec![T::EQUILIBRIUM; mono.len()];
    assert_no_alloc(|| writer.write(&mut out, NOW));
    out
}

/// Least, silent and greatest value of a format both ways: no wrap-around at full scale, and beyond it.
macro_rules! format_test {
    ($($name:ident: $format:ty, $least:expr, $silent:expr, $greatest:expr;)*) => {$(
        #[test]
        fn $name() {
            let floats = read::<$format>(&[$least, $silent, $greatest]);
            assert_eq!(&floats[..2], [-1.0, 0.0]);
            assert!((0.99..=1.0).contains(&floats[2]), "{floats:?}");
            let samples = written::<$format>(&[-1.0, 0.0, 1.0, -7.0, 7.0]);
            let exact = read::<$format>(&samples);
            assert_eq!((&exact[..2], exact[3]), (&[-1.0, 0.0][..], -1.0));
            assert!(exact[2] > 0.99 && exact[4] == exact[2], "{exact:?}");
        }
    )*};
}

format_test! {
    i8_is_converted: i8, i8::MIN, 0, i8::MAX;
    i16_is_converted: i16, i16::MIN, 0, i16::MAX;
    i24_is_converted: I24, I24::new(-8_388_608).unwrap(), I24::new(0).unwrap(), I24::new(8_388_607).unwrap();
    i32_is_converted: i32, i32::MIN, 0, i32::MAX;
    i64_is_converted: i64, i64::MIN, 0, i64::MAX;
    u8_is_converted: u8, 0, 128, u8::MAX;
    u16_is_converted: u16, 0, 1 << 15, u16::MAX;
    u24_is_converted: U24, U24::new(0).unwrap(), U24::new(1 << 23).unwrap(), U24::new(16_777_215).unwrap();
    u32_is_converted: u32, 0, 1 << 31, u32::MAX;
    u64_is_converted: u64, 0, 1 << 63, u64::MAX;
    f32_is_converted: f32, -1.0, 0.0, 1.0;
    f64_is_converted: f64, -1.0, 0.0, 1.0;
}

#[test]
fn sixteen_bits_pass_unchanged_both_ways() {
    let samples: Vec<i16> = (i16::MIN..=i16::MAX).step_by(7).collect();
    let floats = read(&samples);
    assert_eq!(written::<i16>(&floats), samples);
}

#[test]
fn the_voice_goes_to_the_first_two_channels() {
    let mut frames = [9_i16; 8];
    spread(&[0.5, -0.5], &mut frames, 4);
    assert_eq!(frames, [16_384, 16_384, 0, 0, -16_384, -16_384, 0, 0]);
    let mut frames = [9_u8; 3];
    spread(&[0.5, -0.5, 0.0], &mut frames, 1);
    assert_eq!(frames, [192, 64, 128]);
}

#[test]
fn callbacks_of_any_length_are_served_in_blocks_without_a_seam() {
    let (mut writer, mut sink) = writer(2);
    let mono: Vec<f32> = (0..5_000).map(|i| i as f32 / 8_192.0).collect();
    sink.push(&mono);
    let mut out = vec![0.0_f32; 10_000];
    writer.write(&mut out, NOW);
    assert!(out.chunks(2).zip(&mono).all(|(frame, &s)| frame == [s.min(LOUDEST); 2]));
    assert!(sink.target() >= 5_000, "the next one will find as much");
    let (mut reader, mut source) = reader(3);
    reader.read(&vec![0.5_f32; 15_000], NOW, NOW);
    assert_eq!(source.take(usize::MAX, &mut Vec::new()), 5_000);
}

#[test]
fn a_fixed_buffer_is_asked_for_first_longer_ones_then_and_the_default_last() {
    use BufferSize::{Default, Fixed};
    assert_eq!(buffer_sizes(48_000, 10), [Fixed(480), Fixed(960), Fixed(1_920), Default]);
    assert_eq!(buffer_sizes(44_100, 20), [Fixed(882), Fixed(1_764), Fixed(3_528), Default]);
    assert_eq!(buffer_sizes(100, 10)[0], Fixed(64));
}

#[test]
fn a_device_that_was_not_served_in_time_is_counted_and_goes_on() {
    let health = Health::default();
    complain(&health, ErrorKind::Xrun);
    complain(&health, ErrorKind::BackendError);
    assert_eq!((health.misses(), health.errors(), health.fatal()), (1, 1, None));
}

#[test]
fn only_what_ends_a_stream_is_fatal() {
    let fatal = |kind| fault(kind).is_fatal();
    for kind in [
        ErrorKind::DeviceNotAvailable,
        ErrorKind::StreamInvalidated,
        ErrorKind::HostUnavailable,
        ErrorKind::PermissionDenied,
    ] {
        assert!(fatal(kind), "{kind:?}");
    }
    for kind in
        [ErrorKind::Xrun, ErrorKind::DeviceChanged, ErrorKind::RealtimeDenied, ErrorKind::BackendError]
    {
        assert!(!fatal(kind), "{kind:?}");
    }
    assert_eq!(fault(ErrorKind::Xrun), Fault::Harmless);
}

/// Takes events until `wanted`; fails when that takes longer than a device may need to open.
fn wait(events: &mut AudioEvents, mut wanted: impl FnMut(&AudioEvent) -> bool) -> AudioEvent {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(10), async {
            loop {
                let event = events.recv().await.expect("the engine runs");
                assert!(!matches!(&event, AudioEvent::Device(DeviceEvent::Failed { .. })), "{event:?}");
                if wanted(&event) {
                    return event;
                }
            }
        })
        .await
        .expect("in time")
    })
}

#[test]
#[ignore = "needs a sound card with a microphone and a speaker"]
fn a_sound_card_plays_records_and_tells_what_was_heard() {
    let (handle, mut events) =
        AudioEngine::start(AudioConfig::default(), Box::new(CpalBackend::new(DeviceChoice::default())));
    handle.send(AudioCommand::Capture(Gate::Open));
    let tone = |i: u16| (f32::from(i % 120) / 120.0 * std::f32::consts::TAU).sin() * 3_000.0;
    handle.send(play("tone", (0..48_000).map(|i| tone(i) as i16).collect()));
    wait(&mut events, |event| matches!(event, AudioEvent::Started { .. }));
    // The microphone is the clock: half a second is 25 frames.
    let mut frames = 0;
    wait(&mut events, |event| {
        frames += u32::from(matches!(event, AudioEvent::Frame { .. }));
        frames == 25
    });
    handle.send(AudioCommand::Flush);
    let flushed = wait(&mut events, |event| matches!(event, AudioEvent::Flushed { .. }));
    let AudioEvent::Flushed { track: Some(_), heard_ms, taken_ms, .. } = flushed else {
        panic!("{flushed:?}");
    };
    assert!((250..=700).contains(&heard_ms) && taken_ms >= heard_ms, "{heard_ms} {taken_ms}");
    handle.send(play("last", vec![0; 4_800]));
    handle.send(end("last"));
    wait(&mut events, |event| matches!(event, AudioEvent::Finished { .. }));
    assert_eq!(handle.meters().lost_capture, 0);
    handle.stop();
}
