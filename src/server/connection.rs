//! One client's connection: carries frames to its session and the session's wishes to the engines.
//!
//! Reads the clock, owns the tasks; decides nothing that the session could decide. Engines block, so they run on
//! threads of their own; what they make comes back through one bounded channel, so that a slow client slows them down.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::access::RequestHead;
use super::developer::Client;
use super::engine::{Brain, Recognizer, Synthesizer, VoiceDetector};
use super::record::Track;
use super::session::{Config, Input, Output, ServerSession};
use super::socket::{Admitted, Frame, Reader, Received};
use crate::protocol::dialect::{decode_client, encode_server};
use crate::protocol::session::SessionKind;
use crate::protocol::{ApiError, ClientEvent, ClientMessage, Dialect, ServerEvent};
use outgoing::{Outgoing, Timed, Written};
use workers::Workers;

mod outgoing;
mod pace;
mod queue;
mod scripted;
mod workers;

pub(super) use queue::Queue;
pub(super) use scripted::play;

/// Frames that wait for a slow client before the engines must wait too.
const BUSY: usize = 256;
/// Frames that wait for a client that asks and asks but does not read, before it is no longer read.
const FULL: usize = 4_096;
/// After this long without a word, a client is asked whether it is there.
const QUIET: Duration = Duration::from_secs(20);
/// After this long without an answer it is gone. A client that takes in a long answer at the pace of its sound comes to
/// the question only after minutes.
const GONE: Duration = Duration::from_mins(5);
/// What a client gets to answer a close.
const FAREWELL: Duration = Duration::from_secs(1);
/// Of any event but those that bring sound, in bytes.
const MAX_EVENT: usize = 1 << 20;
const APPEND: &str = "input_audio_buffer.append";

/// What a server's sessions hear, think and speak with.
pub struct Engines {
    /// The name under which they present themselves, as a session's `model`.
    pub model: String,
    /// The instructions until a client gives others.
    pub instructions: String,
    /// Makes a voice detector for each session.
    pub detector: Box<dyn Fn() -> Box<dyn VoiceDetector> + Send + Sync>,
    pub recognizer: Arc<dyn Recognizer>,
    pub brain: Arc<dyn Brain>,
    pub synthesizer: Arc<dyn Synthesizer>,
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engines").field("model", &self.model).finish_non_exhaustive()
    }
}

/// Serves one client until it leaves, its session ends or `stopped` says so.
pub(super) async fn serve(
    admitted: Admitted,
    engines: &Arc<Engines>,
    queue: &Arc<Queue>,
    client: Client,
    mut stopped: watch::Receiver<()>,
) {
    let Admitted { mut reader, writer, head, seat } = admitted;
    let Client { seed, weather, track } = client;
    if let Some(track) = &track {
        track.connected(&head);
    }
    let (frames, to_write) = mpsc::channel(1);
    let writing = tokio::spawn(outgoing::write(writer, to_write, track.clone()));
    let workers = Workers::new(Arc::clone(engines), Arc::clone(queue));
    let connection = Connection::new(&head, engines, workers, seed, Outgoing::new(weather), track);
    connection.run(&mut reader, frames, &mut stopped).await;
    part(reader, writing).await;
    drop(seat);
}

/// Waits for the client's own goodbye, unless there is none to be said.
async fn part(mut reader: Reader, mut writing: JoinHandle<Written>) {
    let goodbye = async {
        if matches!((&mut writing).await, Ok(Written::Cut)) {
            return;
        }
        while !matches!(reader.next().await, Received::Closed | Received::TooLong) {}
    };
    let _ = tokio::time::timeout(FAREWELL, goodbye).await;
    writing.abort();
}

struct Connection {
    session: ServerSession,
    dialect: Dialect,
    workers: Workers,
    /// From the engines.
    results: mpsc::Receiver<Input>,
    outbox: Outgoing,
    track: Option<Track>,
    pace: pace::Pace,
    /// Not to be read before.
    resume: Option<Instant>,
    last_heard: Instant,
    closing: bool,
}

impl Connection {
    fn new(
        head: &RequestHead,
        engines: &Arc<Engines>,
        (workers, results): (Workers, mpsc::Receiver<Input>),
        seed: u64,
        outbox: Outgoing,
        track: Option<Track>,
    ) -> Self {
        let now = now();
        let dialect = if head.is_beta() { Dialect::Beta } else { Dialect::Ga };
        let config = Config {
            model: engines.model.clone(),
            requested_model: head.query_value("model"),
            kind: kind(head),
            instructions: engines.instructions.clone(),
            dialect,
            seed,
            unix_now: unix_now(),
        };
        Self {
            session: ServerSession::new(&config, (engines.detector)(), now),
            dialect,
            workers,
            results,
            outbox,
            track,
            pace: pace::Pace::new(now),
            resume: None,
            last_heard: now,
            closing: false,
        }
    }

    async fn run(
        mut self,
        reader: &mut Reader,
        frames: mpsc::Sender<Timed>,
        stopped: &mut watch::Receiver<()>,
    ) {
        let mut keepalive = tokio::time::interval(QUIET);
        loop {
            self.drain();
            if self.closing && self.outbox.is_empty() {
                return;
            }
            let wake = self.wake_at();
            let (busy, full) = (self.outbox.len() >= BUSY, self.outbox.len() >= FULL);
            tokio::select! {
                place = frames.reserve(), if !self.outbox.is_empty() => match (place, self.outbox.pop()) {
                    (Ok(place), Some(frame)) => place.send(frame),
                    _ => return,
                },
                received = reader.next(), if !full && !self.closing && self.resume.is_none() => {
                    if !self.received(received) {
                        return;
                    }
                }
                Some(input) = self.results.recv(), if !busy && !self.closing => self.session.handle(input, now()),
                () = tokio::time::sleep_until(wake.into()) => self.woken(),
                _ = keepalive.tick() => {
                    if self.is_gone() {
                        return;
                    }
                }
                _ = stopped.changed(), if !self.closing => {
                    self.outbox.clear();
                    self.close(1001, "the server is shutting down".to_owned());
                }
            }
        }
    }

    /// False when nothing more will come.
    fn received(&mut self, received: Received) -> bool {
        let now = now();
        self.last_heard = now;
        if let Some(track) = &self.track {
            note(track, &received);
        }
        let message = match received {
            Received::Text(text) => self.decode(&text),
            Received::Binary => {
                Err(refusal("invalid_event", "Events are JSON in text frames, not binary ones."))
            }
            Received::Alive => return true,
            Received::TooLong => {
                self.close(1009, "the message is too long".to_owned());
                return true;
            }
            Received::Closed => return false,
        };
        self.resume = self.pace.take(now);
        self.session.handle(Input::Client(message), now);
        true
    }

    fn decode(&self, text: &str) -> Result<ClientMessage, Box<ApiError>> {
        let too_long = || refusal("event_too_large", "Only events with audio may be longer than 1 MiB.");
        let long = text.len() > MAX_EVENT;
        if long && !text.contains(APPEND) {
            return Err(too_long());
        }
        let message = decode_client(text, self.dialect)?;
        let is_append = matches!(message.event, ClientEvent::InputAudioBufferAppend { .. });
        if long && !is_append { Err(too_long()) } else { Ok(message) }
    }

    fn wake_at(&self) -> Instant {
        let session = self.session.poll_timeout().unwrap_or(self.last_heard + GONE);
        self.resume.map_or(session, |resume| resume.min(session))
    }

    fn woken(&mut self) {
        let now = now();
        self.resume = self.resume.filter(|at| *at > now);
        self.session.handle(Input::Timeout, now);
    }

    /// Asks a quiet client whether it is there. True when it has not answered for long.
    fn is_gone(&mut self) -> bool {
        let quiet = now().saturating_duration_since(self.last_heard);
        if quiet >= QUIET {
            self.outbox.push(Frame::Ping);
        }
        // One that may not be read cannot answer.
        quiet >= GONE && self.resume.is_none() && self.outbox.len() < FULL
    }

    /// Does all that the session wants done.
    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(message) => {
                    if let ServerEvent::ResponseDone(done) = &message.event {
                        self.workers.forget(&done.response.id);
                    }
                    if let Some(text) = encode_server(&message, self.dialect)
                        && !self.closing
                    {
                        self.closing = !self.outbox.push(Frame::Text(text));
                    }
                }
                Output::Close { code, reason } => self.close(code, reason),
                Output::Listen(_) | Output::Think { .. } | Output::Speak { .. } | Output::Abandon { .. } => {
                    if let Some(failed) = self.workers.run(output) {
                        self.session.handle(failed, now());
                    }
                }
            }
        }
    }

    fn close(&mut self, code: u16, reason: String) {
        self.outbox.push(Frame::Close { code, reason });
        self.closing = true;
    }
}

/// Whoever asks for `intent=transcription` wants no dialogue.
fn kind(head: &RequestHead) -> SessionKind {
    match head.query_value("intent").as_deref() {
        Some("transcription") => SessionKind::Transcription,
        _ => SessionKind::Realtime,
    }
}

fn note(track: &Track, received: &Received) {
    match received {
        Received::Text(text) => track.event("client", text),
        Received::Binary => track.binary(),
        Received::TooLong => track.closed("client", &json!({"too_long": true})),
        Received::Closed => track.closed("client", &json!({})),
        Received::Alive => {}
    }
}

#[expect(clippy::unnecessary_box_returns, reason = "errors travel boxed, because they are long")]
fn refusal(code: &str, message: &str) -> Box<ApiError> {
    Box::new(ApiError {
        kind: "invalid_request_error".to_owned(),
        code: Some(code.to_owned()),
        message: message.to_owned(),
        ..ApiError::default()
    })
}

#[expect(clippy::disallowed_methods, reason = "the session's driver reads the clock for it")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a session tells when it expires in Unix time")]
fn unix_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
