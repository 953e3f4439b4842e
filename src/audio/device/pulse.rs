//! The microphone of a `PulseAudio` server, or of `PipeWire` in its place; the only file that knows that crate.
//!
//! Playback goes through cpal. Capture does not: cpal lets the server keep one block, which is lost when we are late
//! (19 % of the samples on a loaded machine), and the way through ALSA's plugin takes 7 to 11 % of a core. Here the
//! server keeps what we are late for, and nothing is polled.

use std::ffi::{CStr, CString};
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::task::{Context, Waker};
use std::time::Duration;

use pulseaudio::protocol::{RecordStreamParams, SampleFormat, SampleSpec, SourceInfo, stream};
use pulseaudio::{Client, ClientError, RecordStream};

use super::BLOCK;
use crate::audio::arrival::Arrival;
use crate::audio::backend::{ConnectInput, DeviceInfo, OpenError, Opened};
use crate::audio::clock::Clock;
use crate::audio::echo;
use crate::audio::health::{Fault, Health};
use crate::audio::ring::CaptureCallback;
use crate::block_on::block_on;

/// How often the server is asked whether it still knows the stream.
const CHECK_EVERY: Duration = Duration::from_millis(250);
/// How the server names us to the person.
const NAME: &CStr = c"realtime-cli";
const SAMPLE: usize = size_of::<f32>();

/// Which of the server's sources is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// By the server's name for it.
    Named(&'a str),
    Default,
    /// One behind an echo canceller of the system where there is one, else the default.
    EchoCancelled,
}

/// `None` when there is no such server.
pub(super) fn open(
    source: Source<'_>,
    buffer_ms: u32,
    connect: ConnectInput<'_>,
) -> Option<Result<Opened, OpenError>> {
    let client = Client::from_env(NAME).ok()?;
    let opened = record(&client, source, buffer_ms, connect);
    Some(opened.map_err(|error| OpenError(format!("the microphone cannot be used: {error}"))))
}

fn record(
    client: &Client,
    source: Source<'_>,
    buffer_ms: u32,
    connect: ConnectInput<'_>,
) -> Result<Opened, ClientError> {
    let (info, name) = find(client, source)?;
    let rate = info.sample_spec.sample_rate.clamp(8_000, 192_000);
    let channels = info.sample_spec.channels.max(1);
    let frame = SAMPLE * usize::from(channels);
    let frames = (u64::from(rate) * u64::from(buffer_ms) / 1_000).max(64) as u32;
    let params = RecordStreamParams {
        sample_spec: SampleSpec { format: SampleFormat::Float32Le, channels, sample_rate: rate },
        channel_map: info.channel_map,
        source_name: name,
        buffer_attr: stream::BufferAttr {
            max_length: u32::MAX,
            fragment_size: frames * frame as u32,
            ..stream::BufferAttr::default()
        },
        flags: stream::StreamFlags { adjust_latency: true, ..stream::StreamFlags::default() },
        ..RecordStreamParams::default()
    };
    let label = info.description.as_deref().unwrap_or(&info.name).to_string_lossy().into_owned();
    let device = DeviceInfo { name: label, rate, channels: channels.into(), buffer_frames: frames };
    let callback = connect(&device);
    let health = callback.health();
    let mut reader = Reader::new(callback, rate, frame);
    let stream = block_on(client.create_record_stream(params, move |bytes: &[u8]| reader.read(bytes)))?;
    let stop = watch(stream.clone(), health);
    Ok(Opened { info: device, instead: None, stream: Box::new(Microphone { stream, _stop: stop }) })
}

/// The source, and its name when it is not simply the default, which the server may move elsewhere.
fn find(client: &Client, wanted: Source<'_>) -> Result<(SourceInfo, Option<CString>), ClientError> {
    let sources = block_on(client.list_sources())?;
    let default = block_on(client.server_info())?.default_source_name;
    let chosen = match wanted {
        Source::Named(name) => sources.iter().find(|s| s.name.to_bytes() == name.as_bytes()),
        Source::EchoCancelled => sources.iter().find(|s| is_echo_cancelled(s)),
        Source::Default => None,
    };
    if let Some(source) = chosen {
        return Ok((source.clone(), Some(source.name.clone())));
    }
    let is_default = |s: &&SourceInfo| default.as_ref().is_some_and(|name| *name == s.name);
    let source = sources.iter().find(is_default).or(sources.first());
    Ok((source.ok_or(ClientError::ServerUnavailable)?.clone(), None))
}

fn is_echo_cancelled(source: &SourceInfo) -> bool {
    let description = source.description.as_deref().map(CStr::to_string_lossy).unwrap_or_default();
    source.monitor_of_sink_index.is_none()
        && (echo::is_cancelled_by_system(&description)
            || echo::is_cancelled_by_system(&source.name.to_string_lossy()))
}

/// An open microphone. Dropping it closes it without waiting for the server.
struct Microphone {
    stream: RecordStream,
    _stop: Sender<()>,
}

impl Drop for Microphone {
    fn drop(&mut self) {
        // Asked once, the request is on its way; a server that hangs never answers it.
        let _ = pin!(self.stream.clone().delete()).poll(&mut Context::from_waker(Waker::noop()));
    }
}

/// A lost server and a source that was taken away are not told by the callback; who asks is told.
fn watch(stream: RecordStream, health: Arc<Health>) -> Sender<()> {
    let (stop, stopped) = channel::<()>();
    std::thread::spawn(move || {
        while stopped.recv_timeout(CHECK_EVERY) == Err(RecvTimeoutError::Timeout) {
            if block_on(stream.timing_info()).is_err() {
                health.fault(Fault::Ended);
                return;
            }
        }
    });
    stop
}

/// From the server's bytes to the capture callback, without allocation.
struct Reader {
    callback: CaptureCallback,
    block: Vec<f32>,
    frame: usize,
    arrival: Arrival,
    clock: Clock,
}

impl Reader {
    fn new(callback: CaptureCallback, rate: u32, frame: usize) -> Self {
        let block = vec![0.0; BLOCK * frame / SAMPLE];
        Self { callback, block, frame, arrival: Arrival::new(rate), clock: Clock::start() }
    }

    fn read(&mut self, bytes: &[u8]) {
        let age = self.arrival.age(self.clock.now(), bytes.len() / self.frame);
        for part in bytes.chunks(self.block.len() * SAMPLE) {
            let block = &mut self.block[..part.len() / SAMPLE];
            for (to, from) in block.iter_mut().zip(part.chunks_exact(SAMPLE)) {
                *to = f32::from_le_bytes([from[0], from[1], from[2], from[3]]);
            }
            self.callback.process(block, age);
        }
    }
}
