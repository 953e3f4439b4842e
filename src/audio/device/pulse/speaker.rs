//! The speaker: the server asks for as much as it has played.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pulseaudio::protocol::{
    self, Command, CreatePlaybackStreamReply, LatencyParams, PlaybackLatency, PlaybackStreamParams,
    ProtocolError, ServerInfo, SinkInfo, stream,
};

use super::{Candidate, Connection, Found, SAMPLE, Said, Wanted, low_latency};
use crate::audio::backend::{ConnectOutput, OpenError, Opened};
use crate::audio::clock::Clock;
use crate::audio::device::{BLOCK, spread};
use crate::audio::gaps::Gaps;
use crate::audio::health::{Fault, Health};
use crate::audio::sink::PlaybackCallback;

/// How often the server is asked how long sound is on its way.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// After its sound has run out, it is asked with so many blocks: then the silence that it played is known.
const ASK_AFTER_UNDERFLOW: u32 = 8;
/// No server with so short a buffer asks for more than this at once.
const MOST_SECONDS: usize = 2;
/// The server keeps two buffers: one that plays, one that is being filled.
const BUFFERS: u32 = 2;

/// `None` when there is no server, or it has no such speaker.
pub(in crate::audio::device) fn open(
    wanted: Wanted<'_>,
    buffer_ms: u32,
    connect: ConnectOutput<'_>,
) -> Option<Result<Opened, OpenError>> {
    let find = |connection: &mut Connection| find(connection, wanted);
    super::open("speaker", find, |connection, found| play(connection, found, buffer_ms, connect))
}

fn find(connection: &mut Connection, wanted: Wanted<'_>) -> Result<Option<Found>, ProtocolError> {
    let server: ServerInfo = connection.ask(&Command::GetServerInfo)?;
    let sinks: Vec<SinkInfo> = connection.ask(&Command::GetSinkInfoList)?;
    let candidates: Vec<Candidate<'_>> = sinks
        .iter()
        .map(|s| Candidate {
            name: &s.name,
            description: s.description.as_ref(),
            spec: &s.sample_spec,
            map: &s.channel_map,
            is_monitor: false,
        })
        .collect();
    Ok(Found::among(&candidates, server.default_sink_name.as_ref(), wanted))
}

fn play(
    mut connection: Connection,
    found: &Found,
    buffer_ms: u32,
    connect: ConnectOutput<'_>,
) -> Result<Opened, ProtocolError> {
    let frames = found.frames(buffer_ms);
    let length = frames * found.frame() as u32;
    let params = PlaybackStreamParams {
        sample_spec: found.spec(),
        channel_map: found.channel_map,
        sink_name: found.name.clone(),
        buffer_attr: stream::BufferAttr {
            max_length: BUFFERS * length,
            target_length: BUFFERS * length,
            minimum_request_length: length,
            ..stream::BufferAttr::default()
        },
        flags: low_latency(),
        ..PlaybackStreamParams::default()
    };
    let made: CreatePlaybackStreamReply = connection.ask(&Command::CreatePlaybackStream(params))?;
    let closer = connection.begin()?;
    let info = found.info(frames);
    let callback = connect(&info);
    let health = callback.health();
    let mut speaker = Feed {
        writer: Writer::new(callback, found.frame()),
        connection,
        channel: made.channel,
        rate: found.rate,
        // Until the server says more.
        latency: Duration::from_millis(u64::from(BUFFERS * buffer_ms)),
        asked: None,
        asking: 0,
        last: 0,
        next_heard: None,
        given: 0,
        gaps: Gaps::new(found.rate),
        clock: Clock::start(),
    };
    let thread = std::thread::Builder::new().name("audio-speaker".to_owned());
    thread.spawn(move || {
        let _: Result<(), ProtocolError> = speaker.run(made.requested_bytes, &health);
        health.fault(Fault::Ended);
    })?;
    Ok(Opened { info, instead: None, stream: Box::new(closer) })
}

/// Gives the server what it asks for.
struct Feed {
    writer: Writer,
    connection: Connection,
    channel: u32,
    rate: u32,
    /// From being handed over to being heard.
    latency: Duration,
    asked: Option<Duration>,
    /// Blocks with which it is still asked.
    asking: u32,
    /// Bytes of the last block.
    last: usize,
    /// When the first of `given` frames was to be heard, as last told.
    next_heard: Option<Duration>,
    given: usize,
    /// The server's own silence between our blocks.
    gaps: Gaps,
    clock: Clock,
}

impl Feed {
    fn run(&mut self, first: u32, health: &Arc<Health>) -> Result<(), ProtocolError> {
        self.give(first as usize)?;
        loop {
            match self.connection.next()? {
                Said::Request(bytes) => self.give(bytes)?,
                Said::Underflow => {
                    self.asking = ASK_AFTER_UNDERFLOW;
                    health.miss();
                }
                Said::Killed => return Ok(()),
                Said::Answer => self.learn(),
                Said::Sound | Said::Other => {}
            }
        }
    }

    fn give(&mut self, bytes: usize) -> Result<(), ProtocolError> {
        let bytes = bytes.min(MOST_SECONDS * self.rate as usize * self.writer.frame);
        if bytes < self.writer.frame {
            return Ok(());
        }
        let block = self.writer.write(bytes, self.latency, self.rate);
        protocol::write_memblock(self.connection.reader.get_mut(), self.channel, block, 0)?;
        self.last = bytes;
        self.given += bytes / self.writer.frame;
        let now = self.clock.now();
        if self.asking > 0 || self.asked.is_none_or(|asked| now.saturating_sub(asked) >= ASK_EVERY) {
            self.asking = self.asking.saturating_sub(1);
            self.asked = Some(now);
            let params = LatencyParams { channel: self.channel, now: SystemTime::UNIX_EPOCH };
            self.connection.send(&Command::GetPlaybackLatency(params))?;
        }
        Ok(())
    }

    /// The server was asked right behind a block, so the block is on its way, and the next one will find as much less.
    fn learn(&mut self) {
        let Ok(told) = self.connection.answer::<PlaybackLatency>() else { return };
        let queued = told.write_offset.saturating_sub(told.read_offset).max(0) as usize;
        let device = Duration::from_micros(told.sink_usec);
        self.latency = device + self.duration(queued.saturating_sub(self.last));
        self.find_silence(self.clock.now() + device + self.duration(queued));
    }

    /// Between what was given before the last answer and after it the server may have played silence of its own. The
    /// echo canceller has to know, or the echo's delay jumps.
    fn find_silence(&mut self, next_heard: Duration) {
        let given = std::mem::take(&mut self.given);
        if let Some(heard) = self.next_heard.replace(next_heard) {
            let silent = self.gaps.missing(heard, given);
            self.writer.callback.silent(silent);
        }
    }

    fn duration(&self, bytes: usize) -> Duration {
        Duration::from_secs_f64((bytes / self.writer.frame) as f64 / f64::from(self.rate.max(1)))
    }
}

/// From the playback callback to the server's bytes.
struct Writer {
    callback: PlaybackCallback,
    frame: usize,
    mono: Vec<f32>,
    frames: Vec<f32>,
    bytes: Vec<u8>,
}

impl Writer {
    fn new(callback: PlaybackCallback, frame: usize) -> Self {
        Self {
            callback,
            frame,
            mono: vec![0.0; BLOCK],
            frames: vec![0.0; BLOCK * frame / SAMPLE],
            bytes: Vec::new(),
        }
    }

    /// `bytes` bytes of sound, the first of which will be heard after `latency`.
    fn write(&mut self, bytes: usize, latency: Duration, rate: u32) -> &[u8] {
        let (mut left, mut latency) = (bytes / self.frame, latency);
        self.callback.expect(left);
        self.bytes.clear();
        while left > 0 {
            let count = left.min(BLOCK);
            let mono = &mut self.mono[..count];
            self.callback.process(mono, latency);
            let channels = self.frame / SAMPLE;
            let frames = &mut self.frames[..count * channels];
            spread(mono, frames, channels);
            self.bytes.extend(frames.iter().flat_map(|s| s.to_le_bytes()));
            latency += Duration::from_secs_f64(count as f64 / f64::from(rate.max(1)));
            left -= count;
        }
        &self.bytes
    }
}
