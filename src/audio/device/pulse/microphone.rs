//! The microphone: the server sends a block whenever there is one, and keeps what we are late for.

use std::sync::Arc;

use pulseaudio::protocol::{
    Command, CreateRecordStreamReply, ProtocolError, RecordStreamParams, ServerInfo, SourceInfo, stream,
};

use super::{Candidate, Connection, Found, SAMPLE, Said, Wanted, low_latency};
use crate::audio::arrival::Arrival;
use crate::audio::backend::{ConnectInput, OpenError, Opened};
use crate::audio::clock::Clock;
use crate::audio::device::BLOCK;
use crate::audio::health::{Fault, Health};
use crate::audio::ring::CaptureCallback;

/// `None` when there is no server, or it has no such microphone.
pub(in crate::audio::device) fn open(
    wanted: Wanted<'_>,
    buffer_ms: u32,
    connect: ConnectInput<'_>,
) -> Option<Result<Opened, OpenError>> {
    let find = |connection: &mut Connection| find(connection, wanted);
    super::open("microphone", find, |connection, found| record(connection, found, buffer_ms, connect))
}

fn find(connection: &mut Connection, wanted: Wanted<'_>) -> Result<Option<Found>, ProtocolError> {
    let server: ServerInfo = connection.ask(&Command::GetServerInfo)?;
    let sources: Vec<SourceInfo> = connection.ask(&Command::GetSourceInfoList)?;
    let candidates: Vec<Candidate<'_>> = sources
        .iter()
        .map(|s| Candidate {
            name: &s.name,
            description: s.description.as_ref(),
            spec: &s.sample_spec,
            map: &s.channel_map,
            is_monitor: s.monitor_of_sink_index.is_some(),
        })
        .collect();
    Ok(Found::among(&candidates, server.default_source_name.as_ref(), wanted))
}

fn record(
    mut connection: Connection,
    found: &Found,
    buffer_ms: u32,
    connect: ConnectInput<'_>,
) -> Result<Opened, ProtocolError> {
    let frames = found.frames(buffer_ms);
    let params = RecordStreamParams {
        sample_spec: found.spec(),
        channel_map: found.channel_map,
        source_name: found.name.clone(),
        buffer_attr: stream::BufferAttr {
            fragment_size: frames * found.frame() as u32,
            ..stream::BufferAttr::default()
        },
        flags: low_latency(),
        ..RecordStreamParams::default()
    };
    let _: CreateRecordStreamReply = connection.ask(&Command::CreateRecordStream(params))?;
    let closer = connection.begin()?;
    let info = found.info(frames);
    let callback = connect(&info);
    let health = callback.health();
    let mut reader = Reader::new(callback, found.rate, found.frame());
    let thread = std::thread::Builder::new().name("audio-mic".to_owned());
    thread.spawn(move || run(connection, &mut reader, &health))?;
    Ok(Opened { info, instead: None, stream: Box::new(closer) })
}

fn run(mut connection: Connection, reader: &mut Reader, health: &Arc<Health>) {
    loop {
        match connection.next() {
            Ok(Said::Sound) => reader.read(&connection.message),
            Ok(Said::Killed) | Err(_) => break,
            Ok(Said::Request(_) | Said::Underflow | Said::Answer | Said::Other) => {}
        }
    }
    health.fault(Fault::Ended);
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
        self.callback.announce();
    }
}
