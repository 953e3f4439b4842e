//! The sound card, through cpal; only this file and [`listing`] know it.
//!
//! Measured on Linux: [`pulse`] loses nothing and costs least where there is a sound server. Without one: capture
//! through cpal's `PulseAudio` host silently loses blocks under load, its ALSA host does not; playback through the ALSA
//! host underruns, the other does not. So each direction has its own order of hosts. The default buffer size is never asked for first: with `PulseAudio` it means two seconds.

use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cpal::traits::{DeviceTrait as _, StreamTrait as _};
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, Host, HostId, I24, InputCallbackInfo, OutputCallbackInfo,
    SampleFormat, SizedSample, Stream, StreamConfig, StreamInstant, SupportedStreamConfig, U24,
};

use super::backend::{Backend, ConnectInput, ConnectOutput, DeviceInfo, Direction, OpenError, Opened};
use super::buffers::Buffers;
use super::choice::DeviceChoice;
use super::gaps::Gaps;
use super::health::{DENIED, Fault, Health};
use super::late::Late;
use super::ring::CaptureCallback;
use super::sink::PlaybackCallback;

pub use listing::devices;

mod listing;
#[cfg(target_os = "linux")]
mod pulse;

/// A device that does not open in this time is given up.
const OPEN_TIMEOUT: Duration = Duration::from_secs(2);
/// Parts of the names and ids of microphones that have an echo canceller of the system before them.
const ECHO_CANCELLERS: &[&str] = &["echo-cancel", "echo cancel", "echo_cancel", "echocancel"];
/// Frames converted at a time; callbacks may have any length.
const BLOCK: usize = 1024;
/// The loudest sample that no integer format overflows at.
const LOUDEST: f32 = 0.999_999_94;

/// The devices that were chosen, else the system's default ones, at their own rate and format.
#[derive(Debug)]
pub struct CpalBackend {
    choice: Mutex<DeviceChoice>,
    buffers: Buffers,
}

impl CpalBackend {
    pub fn new(choice: DeviceChoice) -> Self {
        let buffers = Buffers::new(choice.buffer_ms);
        Self { choice: Mutex::new(choice), buffers }
    }

    /// What is chosen now.
    fn choice(&self) -> DeviceChoice {
        self.choice.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks for what was chosen, if something was.
    fn sought(choice: &DeviceChoice, direction: Direction) -> Option<Sought<'_>> {
        let wanted = choice.wanted(direction)?;
        let hosts: Vec<Host> = hosts(direction).collect();
        Some(Sought { wanted, device: listing::find(&hosts, direction, wanted) })
    }

    /// The chosen device; where that is not to be had, the default one of the first host that has one that works.
    fn open(
        &self,
        direction: Direction,
        sought: Option<Sought<'_>>,
        build: Build<'_>,
    ) -> Result<Opened, OpenError> {
        let plan = &mut Plan { direction, buffer_ms: self.buffers.ms(direction), build };
        let Some(Sought { wanted, device }) = sought else { return open_default(plan) };
        let instead = match device {
            Some(device) => match open_device(&device, plan) {
                Ok(opened) => return Ok(opened),
                Err(error) => error.to_string(),
            },
            None => format!("`{wanted}` is not there"),
        };
        let opened = open_default(plan).map_err(|error| OpenError(format!("{instead}, and {error}")))?;
        Ok(Opened { instead: Some(instead), ..opened })
    }
}

/// A device that was asked for, and whether it is there.
struct Sought<'a> {
    wanted: &'a str,
    device: Option<Device>,
}

#[cfg(target_os = "linux")]
impl CpalBackend {
    /// The chosen device, if it is one of a sound server's. What fails here is left to the other ways.
    fn through_server(
        &self,
        direction: Direction,
        choice: &DeviceChoice,
        sought: Option<&Sought<'_>>,
        open: impl FnOnce(pulse::Wanted<'_>, u32) -> Option<Result<Opened, OpenError>>,
    ) -> Option<Opened> {
        let id = sought.map(|sought| Some(sought.device.as_ref()?.id().ok()?.to_string()));
        let wanted = match &id {
            None if choice.echo_cancelled && direction == Direction::Input => pulse::Wanted::EchoCancelled,
            None => pulse::Wanted::Default,
            Some(id) => pulse::Wanted::Named(id.as_deref()?.strip_prefix("pulseaudio:")?),
        };
        let opened = open(wanted, self.buffers.ms(direction))?;
        opened.inspect_err(|error| tracing::info!(%error, "not through the sound server")).ok()
    }
}

impl Backend for CpalBackend {
    fn open_input(&self, connect: ConnectInput<'_>) -> Result<Opened, OpenError> {
        let choice = self.choice();
        let sought = Self::sought(&choice, Direction::Input);
        #[cfg(target_os = "linux")]
        let server = |wanted: pulse::Wanted<'_>, ms| pulse::open_microphone(wanted, ms, connect);
        #[cfg(target_os = "linux")]
        if let Some(opened) = self.through_server(Direction::Input, &choice, sought.as_ref(), server) {
            return Ok(opened);
        }
        self.open(Direction::Input, sought, &mut |device, supported, config, info| {
            let callback = connect(info);
            let health = callback.health();
            build_input(device, supported.sample_format(), config, callback, health)
        })
    }

    fn open_output(&self, connect: ConnectOutput<'_>) -> Result<Opened, OpenError> {
        let choice = self.choice();
        let sought = Self::sought(&choice, Direction::Output);
        #[cfg(target_os = "linux")]
        let server = |wanted: pulse::Wanted<'_>, ms| pulse::open_speaker(wanted, ms, connect);
        #[cfg(target_os = "linux")]
        if let Some(opened) = self.through_server(Direction::Output, &choice, sought.as_ref(), server) {
            return Ok(opened);
        }
        self.open(Direction::Output, sought, &mut |device, supported, config, info| {
            let callback = connect(info);
            let health = callback.health();
            build_output(device, supported.sample_format(), config, callback, health)
        })
    }

    fn is_hardware(&self) -> bool {
        true
    }

    fn choose(&self, direction: Direction, wanted: Option<String>) -> bool {
        let mut choice = self.choice.lock().unwrap_or_else(PoisonError::into_inner);
        match direction {
            Direction::Input => choice.input = wanted,
            Direction::Output => choice.output = wanted,
        }
        true
    }

    fn lengthen(&self, direction: Direction) -> bool {
        self.buffers.lengthen(direction)
    }
}

type Build<'a> = &'a mut dyn FnMut(
    &Device,
    SupportedStreamConfig,
    StreamConfig,
    &DeviceInfo,
) -> Result<Stream, cpal::Error>;

/// What is to be opened, and how.
struct Plan<'a> {
    direction: Direction,
    buffer_ms: u32,
    build: Build<'a>,
}

/// The complaint of the first host is the one that is told.
fn open_default(plan: &mut Plan<'_>) -> Result<Opened, OpenError> {
    let mut complaint = None;
    for host in hosts(plan.direction) {
        let attempt = match listing::default_of(&host, plan.direction) {
            Some(device) => open_device(&device, plan),
            None => Err(OpenError(format!("no {} was found", what(plan.direction)))),
        };
        match attempt {
            Ok(opened) => return Ok(opened),
            Err(error) => {
                complaint.get_or_insert(error);
            }
        }
    }
    Err(complaint.unwrap_or_else(|| OpenError("no sound system was found".to_owned())))
}

fn what(direction: Direction) -> &'static str {
    match direction {
        Direction::Input => "microphone",
        Direction::Output => "speaker",
    }
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

fn open_device(device: &Device, plan: &mut Plan<'_>) -> Result<Opened, OpenError> {
    let name = listing::name(device);
    let opened = listing::default_config(device, plan.direction)
        .and_then(|supported| open_with(device, &name, supported, plan));
    opened.map_err(|error| {
        let (what, text) = (what(plan.direction), error.to_string());
        let reason = match error.kind() {
            ErrorKind::PermissionDenied => DENIED,
            _ => text.trim_end_matches('.'),
        };
        OpenError(format!("the {what} `{name}` cannot be used: {reason}"))
    })
}

/// Tries a few buffer sizes.
fn open_with(
    device: &Device,
    name: &str,
    supported: SupportedStreamConfig,
    plan: &mut Plan<'_>,
) -> Result<Opened, cpal::Error> {
    let mut first_error = None;
    for buffer_size in buffer_sizes(supported.sample_rate(), plan.buffer_ms) {
        let config = StreamConfig { buffer_size, ..supported.config() };
        let mut info = describe(device, name, &config);
        let stream = (plan.build)(device, supported, config, &info).and_then(|s| s.play().map(|()| s));
        match stream {
            Ok(stream) => {
                info.buffer_frames = stream.buffer_size().unwrap_or(info.buffer_frames);
                return Ok(Opened { info, instead: None, stream: Box::new(stream) });
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

fn buffer_sizes(rate: u32, ms: u32) -> [BufferSize; 4] {
    let wanted = (u64::from(rate) * u64::from(ms) / 1_000).max(64) as u32;
    let fixed = BufferSize::Fixed;
    [fixed(wanted), fixed(wanted * 2), fixed(wanted * 4), BufferSize::Default]
}

fn describe(device: &Device, name: &str, config: &StreamConfig) -> DeviceInfo {
    DeviceInfo {
        name: name.to_owned(),
        echo_cancelled: is_echo_canceller(name)
            || device.id().is_ok_and(|id| is_echo_canceller(&id.to_string())),
        rate: config.sample_rate,
        channels: config.channels,
        buffer_frames: match config.buffer_size {
            BufferSize::Fixed(frames) => frames,
            BufferSize::Default => 0,
        },
    }
}

/// Whether a microphone of this name or id has an echo canceller of the system before it.
pub fn is_echo_canceller(text: &str) -> bool {
    let text = text.to_lowercase();
    ECHO_CANCELLERS.iter().any(|part| text.contains(part))
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
    let mut reader = Reader::new(callback, config);
    device.build_input_stream(
        config,
        move |samples: &[T], info: &InputCallbackInfo| {
            let at = info.timestamp();
            let captured = at.capture.saturating_duration_since(StreamInstant::ZERO);
            reader.read(samples, captured, at.callback.saturating_duration_since(at.capture));
        },
        move |error: cpal::Error| complain(&health, error.kind()),
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
    let mut late = LateCalls { late: Late::default(), rate: config.sample_rate, health: Arc::clone(&health) };
    device.build_output_stream(
        config,
        move |samples: &mut [T], info: &OutputCallbackInfo| {
            let at = info.timestamp();
            let latency = at.playback.saturating_duration_since(at.callback);
            let since = at.callback.saturating_duration_since(StreamInstant::ZERO);
            late.call(since, latency, samples.len() / writer.channels);
            writer.write(samples, latency);
        },
        move |error: cpal::Error| complain(&health, error.kind()),
        Some(OPEN_TIMEOUT),
    )
}

/// Counts the callbacks that came too late.
struct LateCalls {
    late: Late,
    rate: u32,
    health: Arc<Health>,
}

impl LateCalls {
    fn call(&mut self, now: Duration, latency: Duration, frames: usize) {
        let length = Duration::from_secs_f64(frames as f64 / f64::from(self.rate.max(1)));
        if self.late.call(now, latency, length) {
            self.health.miss();
        }
    }
}

/// May be called 100,000 times a second: it only counts.
fn complain(health: &Health, kind: ErrorKind) {
    if kind == ErrorKind::Xrun {
        health.miss();
    }
    health.fault(fault(kind));
}

#[expect(clippy::wildcard_enum_match_arm, reason = "cpal may add kinds at any time")]
fn fault(kind: ErrorKind) -> Fault {
    match kind {
        ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => Fault::Harmless,
        ErrorKind::DeviceNotAvailable => Fault::Gone,
        ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable => Fault::Ended,
        ErrorKind::PermissionDenied => Fault::Denied,
        // The kinds are not all known; none of the others says that the stream has ended.
        _ => Fault::System,
    }
}

/// From a device's samples to the capture callback, without allocation.
struct Reader {
    callback: CaptureCallback,
    channels: usize,
    block: Vec<f32>,
    gaps: Gaps,
}

impl Reader {
    fn new(callback: CaptureCallback, config: StreamConfig) -> Self {
        let channels = usize::from(config.channels.max(1));
        Self { callback, channels, block: vec![0.0; BLOCK * channels], gaps: Gaps::new(config.sample_rate) }
    }

    /// Takes samples that were captured at `captured`, on the device's clock, which is `age` ago.
    fn read<T: Copy>(&mut self, samples: &[T], captured: Duration, age: Duration)
    where
        f32: FromSample<T>,
    {
        self.callback.fill(self.gaps.missing(captured, samples.len() / self.channels));
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
