//! The sound card, through cpal; the only file that knows it.
//!
//! Measured on Linux: capture through the `PulseAudio` host silently loses blocks under load, the ALSA host does not;
//! playback through the ALSA host underruns, the `PulseAudio` host does not. So each direction has its own order of
//! hosts. The default buffer size is never asked for first: with `PulseAudio` it means two seconds.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait as _};
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, Host, HostId, I24, InputCallbackInfo, OutputCallbackInfo,
    SampleFormat, SizedSample, Stream, StreamConfig, SupportedStreamConfig, U24,
};

use super::backend::{Backend, ConnectInput, ConnectOutput, DeviceInfo, Direction, OpenError, Opened};
use super::health::{Fault, Health};
use super::ring::CaptureCallback;
use super::sink::PlaybackCallback;

/// A device that does not open in this time is given up.
const OPEN_TIMEOUT: Duration = Duration::from_secs(2);
/// Length of a device buffer: 960 frames at 48 kHz. With half of it a loaded two-core machine underran.
const BUFFERS_PER_SECOND: u32 = 50;
/// Frames converted at a time; callbacks may have any length.
const BLOCK: usize = 1024;
/// The loudest sample that no integer format overflows at.
const LOUDEST: f32 = 0.999_999_94;

/// The system's default devices, at their own rate and format.
#[derive(Debug, Clone, Copy, Default)]
pub struct CpalBackend;

impl Backend for CpalBackend {
    fn open_input(&self, connect: ConnectInput<'_>) -> Result<Opened, OpenError> {
        open(Direction::Input, &mut |device, supported, config, info| {
            let callback = connect(info);
            let health = callback.health();
            build_input(device, supported.sample_format(), config, callback, health)
        })
    }

    fn open_output(&self, connect: ConnectOutput<'_>) -> Result<Opened, OpenError> {
        open(Direction::Output, &mut |device, supported, config, info| {
            let callback = connect(info);
            let health = callback.health();
            build_output(device, supported.sample_format(), config, callback, health)
        })
    }

    fn is_hardware(&self) -> bool {
        true
    }
}

type Build<'a> = &'a mut dyn FnMut(
    &Device,
    SupportedStreamConfig,
    StreamConfig,
    &DeviceInfo,
) -> Result<Stream, cpal::Error>;

/// Tries hosts, and on each a few buffer sizes. The complaint of the first host is the one that is told.
fn open(direction: Direction, build: Build<'_>) -> Result<Opened, OpenError> {
    let mut complaint = None;
    for host in hosts(direction) {
        match open_on(&host, direction, build) {
            Ok(opened) => return Ok(opened),
            Err(error) => {
                complaint.get_or_insert(error);
            }
        }
    }
    Err(complaint.unwrap_or_else(|| OpenError("no sound system was found".to_owned())))
}

fn hosts(direction: Direction) -> impl Iterator<Item = Host> {
    let preferred = match direction {
        Direction::Input => ["alsa", "pulseaudio"],
        Direction::Output => ["pulseaudio", "alsa"],
    };
    let known: Vec<HostId> = preferred.iter().filter_map(|name| HostId::from_str(name).ok()).collect();
    let other = known.is_empty().then(cpal::default_host);
    let available = cpal::available_hosts();
    let known = known.into_iter().filter(move |id| available.contains(id));
    known.filter_map(|id| cpal::host_from_id(id).ok()).chain(other)
}

fn open_on(host: &Host, direction: Direction, build: Build<'_>) -> Result<Opened, OpenError> {
    let (device, what) = match direction {
        Direction::Input => (host.default_input_device(), "microphone"),
        Direction::Output => (host.default_output_device(), "speaker"),
    };
    let device = device.ok_or_else(|| OpenError(format!("no {what} was found")))?;
    let failed = |error: &cpal::Error| {
        let reason = error.to_string();
        OpenError(format!("the {what} `{device}` cannot be used: {}", reason.trim_end_matches('.')))
    };
    let supported = match direction {
        Direction::Input => device.default_input_config(),
        Direction::Output => device.default_output_config(),
    }
    .map_err(|error| failed(&error))?;
    open_device(&device, supported, build).map_err(|error| failed(&error))
}

fn open_device(
    device: &Device,
    supported: SupportedStreamConfig,
    build: Build<'_>,
) -> Result<Opened, cpal::Error> {
    let mut first_error = None;
    for buffer_size in buffer_sizes(supported.sample_rate()) {
        let config = StreamConfig { buffer_size, ..supported.config() };
        let mut info = describe(device, &config);
        let stream = build(device, supported, config, &info).and_then(|s| s.play().map(|()| s));
        match stream {
            Ok(stream) => {
                info.buffer_frames = stream.buffer_size().unwrap_or(info.buffer_frames);
                return Ok(Opened { info, stream: Box::new(stream) });
            }
            Err(error) if is_about_size(error.kind()) => {
                first_error.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(first_error.unwrap_or_else(|| ErrorKind::UnsupportedConfig.into()))
}

/// Whether another buffer size may help.
fn is_about_size(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnsupportedConfig | ErrorKind::InvalidInput | ErrorKind::BackendError)
}

fn buffer_sizes(rate: u32) -> [BufferSize; 4] {
    let wanted = (rate / BUFFERS_PER_SECOND).max(64);
    let fixed = BufferSize::Fixed;
    [fixed(wanted), fixed(wanted * 2), fixed(wanted / 2), BufferSize::Default]
}

fn describe(device: &Device, config: &StreamConfig) -> DeviceInfo {
    DeviceInfo {
        name: device.to_string(),
        rate: config.sample_rate,
        channels: config.channels,
        buffer_frames: match config.buffer_size {
            BufferSize::Fixed(frames) => frames,
            BufferSize::Default => 0,
        },
    }
}

/// Runs `$build::<T>` for the sample type of a format; DSD is no PCM and is not supported.
macro_rules! for_format {
    ($format:expr, $build:ident($($argument:expr),*)) => {
        match $format {
            SampleFormat::I8 => $build::<i8>($($argument),*),
            SampleFormat::I16 => $build::<i16>($($argument),*),
            SampleFormat::I24 => $build::<I24>($($argument),*),
            SampleFormat::I32 => $build::<i32>($($argument),*),
            SampleFormat::I64 => $build::<i64>($($argument),*),
            SampleFormat::U8 => $build::<u8>($($argument),*),
            SampleFormat::U16 => $build::<u16>($($argument),*),
            SampleFormat::U24 => $build::<U24>($($argument),*),
            SampleFormat::U32 => $build::<u32>($($argument),*),
            SampleFormat::U64 => $build::<u64>($($argument),*),
            SampleFormat::F32 => $build::<f32>($($argument),*),
            SampleFormat::F64 => $build::<f64>($($argument),*),
            other => Err(cpal::Error::with_message(
                ErrorKind::UnsupportedConfig,
                format!("sample format {other} is not supported"),
            )),
        }
    };
}

fn build_input(
    device: &Device,
    format: SampleFormat,
    config: StreamConfig,
    callback: CaptureCallback,
    health: Arc<Health>,
) -> Result<Stream, cpal::Error> {
    for_format!(format, typed_input(device, config, callback, health))
}

fn build_output(
    device: &Device,
    format: SampleFormat,
    config: StreamConfig,
    callback: PlaybackCallback,
    health: Arc<Health>,
) -> Result<Stream, cpal::Error> {
    for_format!(format, typed_output(device, config, callback, health))
}

fn typed_input<T>(
    device: &Device,
    config: StreamConfig,
    callback: CaptureCallback,
    health: Arc<Health>,
) -> Result<Stream, cpal::Error>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let mut reader = Reader::new(callback, config.channels);
    device.build_input_stream(
        config,
        move |samples: &[T], info: &InputCallbackInfo| {
            let at = info.timestamp();
            reader.read(samples, at.callback.saturating_duration_since(at.capture));
        },
        move |error: cpal::Error| health.fault(fault(error.kind())),
        Some(OPEN_TIMEOUT),
    )
}

fn typed_output<T>(
    device: &Device,
    config: StreamConfig,
    callback: PlaybackCallback,
    health: Arc<Health>,
) -> Result<Stream, cpal::Error>
where
    T: SizedSample + FromSample<f32>,
{
    let mut writer = Writer::new(callback, config);
    device.build_output_stream(
        config,
        move |samples: &mut [T], info: &OutputCallbackInfo| {
            let at = info.timestamp();
            writer.write(samples, at.playback.saturating_duration_since(at.callback));
        },
        move |error: cpal::Error| health.fault(fault(error.kind())),
        Some(OPEN_TIMEOUT),
    )
}

#[expect(clippy::wildcard_enum_match_arm, reason = "cpal may add kinds at any time")]
fn fault(kind: ErrorKind) -> Fault {
    match kind {
        ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => Fault::Harmless,
        ErrorKind::DeviceNotAvailable => Fault::Gone,
        ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable => Fault::Ended,
        // The kinds are not all known; none of the others says that the stream has ended.
        _ => Fault::System,
    }
}

/// From a device's samples to the capture callback, without allocation.
struct Reader {
    callback: CaptureCallback,
    block: Vec<f32>,
}

impl Reader {
    fn new(callback: CaptureCallback, channels: u16) -> Self {
        Self { callback, block: vec![0.0; BLOCK * usize::from(channels.max(1))] }
    }

    fn read<T: Copy>(&mut self, samples: &[T], age: Duration)
    where
        f32: FromSample<T>,
    {
        for part in samples.chunks(self.block.len()) {
            let block = &mut self.block[..part.len()];
            for (to, &from) in block.iter_mut().zip(part) {
                *to = f32::from_sample_(from);
            }
            self.callback.process(block, age);
        }
    }
}

/// From the playback callback to a device's samples, without allocation.
struct Writer {
    callback: PlaybackCallback,
    rate: u32,
    channels: usize,
    block: Vec<f32>,
}

impl Writer {
    fn new(callback: PlaybackCallback, config: StreamConfig) -> Self {
        let channels = usize::from(config.channels.max(1));
        Self { callback, rate: config.sample_rate, channels, block: vec![0.0; BLOCK] }
    }

    fn write<T>(&mut self, samples: &mut [T], latency: Duration)
    where
        T: cpal::Sample + FromSample<f32>,
    {
        self.callback.expect(samples.len() / self.channels);
        let mut latency = latency;
        for part in samples.chunks_mut(BLOCK * self.channels) {
            let block = &mut self.block[..part.len() / self.channels];
            self.callback.process(block, latency);
            spread(block, part, self.channels);
            latency += Duration::from_secs_f64(block.len() as f64 / f64::from(self.rate.max(1)));
        }
    }
}

/// The voice goes to the first two channels; a centre, bass or rear speaker stays silent.
fn spread<T: cpal::Sample + FromSample<f32>>(mono: &[f32], frames: &mut [T], channels: usize) {
    for (frame, &sample) in frames.chunks_exact_mut(channels).zip(mono) {
        let (voice, rest) = frame.split_at_mut(channels.min(2));
        voice.fill(T::from_sample(sample.clamp(-1.0, LOUDEST)));
        rest.fill(T::EQUILIBRIUM);
    }
}

#[cfg(test)]
mod tests;
