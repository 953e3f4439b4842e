//! One client's connection: carries frames to its session and the session's wishes to the engines.
//!
//! Reads the clock, owns the tasks; decides nothing that the session could decide. Engines block, so they run on
//! threads of their own; what they make comes back through one bounded channel, so that a slow client slows them down.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, watch};

use super::access::RequestHead;
use super::engine::{Brain, Recognizer, Synthesizer, VoiceDetector};
use super::session::{Config, Input, Output, ServerSession};
use super::socket::{Admitted, Frame, Reader, Received, Writer};
use crate::protocol::dialect::{decode_client, encode_server};
use crate::protocol::{ApiError, ClientEvent, ClientMessage, Dialect, ServerEvent};
use workers::Workers;

mod pace;
mod workers;

/// Frames that wait for a slow client before the engines must wait too.
const BUSY: usize = 256;
/// Frames that wait for a client that asks and asks but does not read, before it is no longer read.
const FULL: usize = 4_096;
/// A client that takes longer to accept one frame is gone.
const STUCK: Duration = Duration::from_secs(20);
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
pub(super) async fn serve(admitted: Admitted, engines: &Arc<Engines>, mut stopped: watch::Receiver<()>) {
    let Admitted { mut reader, writer, head, seat } = admitted;
    let (frames, to_write) = mpsc::channel(1);
    let mut writing = tokio::spawn(write(writer, to_write));
    Connection::new(&head, engines).run(&mut reader, frames, &mut stopped).await;
    let goodbye = async {
        let _ = (&mut writing).await;
        while !matches!(reader.next().await, Received::Closed | Received::TooLong) {}
    };
    let _ = tokio::time::timeout(FAREWELL, goodbye).await;
    writing.abort();
    drop(seat);
}

/// Writes what comes until there is no more or the client is gone.
async fn write(mut writer: Writer, mut frames: mpsc::Receiver<Frame>) {
    while let Some(frame) = frames.recv().await {
        let sent = tokio::time::timeout(STUCK, writer.send(frame)).await;
        if sent != Ok(true) {
            return;
        }
    }
}

struct Connection {
    session: ServerSession,
    dialect: Dialect,
    workers: Workers,
    /// From the engines.
    results: mpsc::Receiver<Input>,
    outbox: VecDeque<Frame>,
    pace: pace::Pace,
    /// Not to be read before.
    resume: Option<Instant>,
    last_heard: Instant,
    closing: bool,
}

impl Connection {
    fn new(head: &RequestHead, engines: &Arc<Engines>) -> Self {
        let now = now();
        let dialect = if head.is_beta() { Dialect::Beta } else { Dialect::Ga };
        let config = Config {
            model: engines.model.clone(),
            requested_model: head.query_value("model"),
            instructions: engines.instructions.clone(),
            dialect,
            seed: fastrand::u64(..),
            unix_now: unix_now(),
        };
        let (workers, results) = Workers::new(Arc::clone(engines));
        Self {
            session: ServerSession::new(&config, (engines.detector)(), now),
            dialect,
            workers,
            results,
            outbox: VecDeque::new(),
            pace: pace::Pace::new(now),
            resume: None,
            last_heard: now,
            closing: false,
        }
    }

    async fn run(
        mut self,
        reader: &mut Reader,
        frames: mpsc::Sender<Frame>,
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
                place = frames.reserve(), if !self.outbox.is_empty() => match (place, self.outbox.pop_front()) {
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
            self.outbox.push_back(Frame::Ping);
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
                    self.outbox.extend(encode_server(&message, self.dialect).map(Frame::Text));
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
        self.outbox.push_back(Frame::Close { code, reason });
        self.closing = true;
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
