//! The task behind a link: connect, talk, wait, and again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::keepalive::{Keepalive, Signs, Verdict};
use super::opener::{Opener, Unopened};
use super::socket::{Frame, Socket, SocketError};
use super::{Delivered, LinkConfig, LinkError, LinkEvent, Queued, Shared};
use crate::protocol::dialect::{decode_server, encode_client_with};
use crate::protocol::{ApiError, ClientEvent, ServerEvent};

/// Sent when the server has the beta dialect no more.
pub(super) const BETA_DISABLED: &str = "beta_api_shape_disabled";
/// Errors after which a new connection meets the same fate.
pub(super) const FATAL: [&str; 6] = [
    BETA_DISABLED,
    "invalid_api_key",
    "insufficient_quota",
    "credit_balance_exhausted",
    "account_deactivated",
    "billing_hard_limit_reached",
];
/// How long goodbyes may take.
const GOODBYE: Duration = Duration::from_millis(800);
/// More bytes of sound than a piece of a running microphone has, which is 20 ms, and fewer than any turn that was kept,
/// which is sent however late it is: in G.711 the shortest, with what is kept from before the key, has 3,600.
const PIECE: usize = 2_400;
const TELL_AGAIN: Duration = Duration::from_mins(1);
/// No server is waited for longer, whatever it asks.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// What helps against a fatal error of the server.
pub(super) fn cure(code: &str) -> &'static str {
    match code {
        BETA_DISABLED => "; use `--dialect ga`",
        "invalid_api_key" => "; check the key, `realtime-cli doctor` says where it is from",
        _ => "; check your account and its billing",
    }
}

/// How a connection, or a try at one, came to its end.
enum End {
    /// This side wants no more.
    Closed,
    /// This side wants a new one.
    Renewed,
    /// This side wants none for now.
    Resting,
    Lost {
        reason: String,
        wait: Duration,
    },
    Fatal(LinkError),
}

fn lost(reason: impl Into<String>) -> End {
    End::Lost { reason: reason.into(), wait: Duration::ZERO }
}

impl From<Unopened> for End {
    fn from(why: Unopened) -> Self {
        match why {
            Unopened::Lost { reason, wait } => Self::Lost { reason, wait },
            Unopened::Fatal(error) => Self::Fatal(error),
        }
    }
}

/// A connection that is opened while another one is still in use. Dropped, it is not opened any more.
struct Spare(JoinHandle<Result<Socket, Unopened>>);

impl Drop for Spare {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) struct Task {
    opener: Opener,
    queued: mpsc::Receiver<Queued>,
    events: mpsc::Sender<Delivered>,
    closing: watch::Receiver<bool>,
    /// Whether no connection is wanted for now.
    rest: watch::Receiver<bool>,
    shared: Arc<Shared>,
    backoff: Backoff,
    spare: Option<Spare>,
    /// The connection's number, from 1.
    connection: u64,
}

impl Task {
    pub(super) fn new(
        config: LinkConfig,
        queued: mpsc::Receiver<Queued>,
        events: mpsc::Sender<Delivered>,
        (closing, rest): (watch::Receiver<bool>, watch::Receiver<bool>),
        shared: Arc<Shared>,
    ) -> Self {
        let backoff = Backoff::new(config.backoff, config.seed);
        let opener = Opener::new(config);
        Self { opener, queued, events, closing, rest, shared, backoff, spare: None, connection: 0 }
    }

    pub(super) async fn run(mut self) {
        let (mut closing, events, mut rest) = (self.closing.clone(), self.events.clone(), self.rest.clone());
        let mut attempt = 0;
        loop {
            if *rest.borrow_and_update() {
                attempt = 0;
                self.emit(LinkEvent::Resting).await;
                tokio::select! {
                    biased;
                    () = given_up(&mut closing, &events) => return,
                    () = until(&mut rest, false) => {}
                }
            }
            attempt += 1;
            self.emit(LinkEvent::Connecting { attempt }).await;
            self.backoff.trying(Instant::now());
            let opened = tokio::select! {
                biased;
                () = given_up(&mut closing, &events) => return,
                () = until(&mut rest, true) => continue,
                opened = self.open() => opened,
            };
            let end = match opened {
                Ok(mut socket) => {
                    attempt = 0;
                    self.talk(&mut socket).await
                }
                Err(why) => why.into(),
            };
            match end {
                End::Closed => return,
                End::Renewed | End::Resting => {}
                End::Fatal(error) => {
                    tracing::error!(%error, "the link ends");
                    return self.emit(LinkEvent::Fatal(error)).await;
                }
                End::Lost { reason, wait } => {
                    let retry_in = self.backoff.next(Instant::now()).max(wait.min(MAX_RETRY_AFTER));
                    let again = Instant::now() + retry_in;
                    tracing::warn!(%reason, ?retry_in, "the link is down");
                    self.emit(LinkEvent::Lost { reason, retry_in }).await;
                    tokio::select! {
                        biased;
                        () = given_up(&mut closing, &events) => return,
                        () = until(&mut rest, true) => {}
                        () = sleep_until(again) => {}
                    }
                }
            }
        }
    }

    /// Waits while the program is busy, unless the link is to close.
    async fn emit(&mut self, event: LinkEvent) {
        tokio::select! {
            biased;
            _ = self.events.send((self.connection, event)) => {}
            () = given_up(&mut self.closing, &self.events) => {}
        }
    }

    /// The spare connection, where there is one, or a new one.
    async fn open(&mut self) -> Result<Socket, Unopened> {
        if let Some(mut spare) = self.spare.take()
            && let Ok(Ok(socket)) = (&mut spare.0).await
        {
            return Ok(socket);
        }
        self.opener.open().await
    }

    async fn talk(&mut self, socket: &mut Socket) -> End {
        self.connection += 1;
        self.backoff.connected(Instant::now());
        while self.queued.try_recv().is_ok() {}
        self.emit(LinkEvent::Connected).await;
        tracing::info!(connection = self.connection, "connected");
        let end = self.exchange(socket).await;
        match &end {
            End::Closed => socket.close(1000, "", GOODBYE).await,
            // The socket said its own goodbye, or nobody would hear one; politeness costs no time here.
            End::Renewed | End::Resting | End::Lost { .. } | End::Fatal(_) => {
                socket.close(1000, "", Duration::ZERO).await;
            }
        }
        end
    }

    async fn exchange(&mut self, socket: &mut Socket) -> End {
        let mut keepalive = Keepalive::new(self.opener.config.keepalive, Instant::now());
        let mut rest = self.rest.clone();
        // Left over from a connection before.
        let _ = futures_util::FutureExt::now_or_never(self.shared.stuck.notified());
        // The socket rests while the program has no room for events, and is not judged by that time.
        let mut woken = Instant::now();
        // When it was told that sound is dropped.
        let mut told: Option<Instant> = None;
        loop {
            let has_room = self.events.capacity() > 0;
            let due = keepalive.due(signs(socket, woken));
            tokio::select! {
                biased;
                () = given_up(&mut self.closing, &self.events) => return End::Closed,
                () = self.shared.renew.notified() => return End::Renewed,
                () = until(&mut rest, true) => return End::Resting,
                () = self.shared.prepare.notified(), if self.spare.is_none() => {
                    let mut opener = self.opener.clone();
                    self.spare = Some(Spare(tokio::spawn(async move { opener.open().await })));
                }
                () = self.shared.stuck.notified() => return lost("the server does not take what is sent"),
                () = room(&self.events), if !has_room => woken = Instant::now(),
                () = sleep_until(due), if has_room => {
                    if let Some(end) = check(&mut keepalive, socket, woken) { return end }
                }
                // Before reading, so that a flood of sound does not hold up an interruption.
                message = self.queued.recv(), if has_room && socket.has_room() => {
                    let Some(message) = message else { return End::Closed };
                    if self.is_stale(&message) {
                        if told.is_none_or(|told| told.elapsed() > TELL_AGAIN) {
                            told = Some(Instant::now());
                            self.emit(LinkEvent::TooSlow).await;
                        }
                        continue;
                    }
                    if let Err(error) = self.message(message, socket, &mut keepalive) {
                        return lost(self.opener.quote(&error.to_string()));
                    }
                }
                // This is also what writes.
                frame = socket.recv(), if has_room => {
                    if let Some(end) = self.frame(frame, &mut keepalive).await { return end }
                }
            }
        }
    }

    /// Whether sound was dropped because it had waited too long.
    fn is_stale(&self, (connection, queued, message): &Queued) -> bool {
        let stale = *connection == self.connection
            && self.opener.config.stale.is_some_and(|stale| queued.elapsed() > stale)
            && matches!(&message.event, ClientEvent::InputAudioBufferAppend { audio } if audio.0.len() <= PIECE);
        if stale {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
        stale
    }

    fn message(
        &self,
        (connection, _, message): Queued,
        socket: &mut Socket,
        keepalive: &mut Keepalive,
    ) -> Result<(), SocketError> {
        if connection != self.connection {
            return Ok(());
        }
        if !matches!(message.event, ClientEvent::InputAudioBufferAppend { .. }) {
            keepalive.event(Instant::now());
        }
        let endpoint = &self.opener.config.endpoint;
        let text = encode_client_with(&message, endpoint.dialect, &endpoint.quirks);
        tracing::trace!(bytes = text.len(), "sent");
        socket.send(text)
    }

    async fn frame(
        &mut self,
        frame: Option<Result<Frame, SocketError>>,
        keepalive: &mut Keepalive,
    ) -> Option<End> {
        match frame {
            Some(Ok(Frame::Text(text))) => {
                keepalive.event(Instant::now());
                self.text(&text).await
            }
            Some(Ok(Frame::Pong | Frame::Room)) => None,
            Some(Ok(Frame::Binary(bytes))) => {
                tracing::warn!(bytes, "a binary frame is skipped");
                None
            }
            Some(Ok(Frame::Close { code, reason })) => Some(self.closed(code, &reason)),
            Some(Err(error)) => Some(lost(self.opener.quote(&error.to_string()))),
            None => Some(lost("the server closed the connection")),
        }
    }

    async fn text(&mut self, text: &str) -> Option<End> {
        let text = self.opener.redact_frame(text);
        let message = match decode_server(&text) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(
                    error = self.opener.quote(&error.to_string()),
                    bytes = text.len(),
                    "a frame is skipped"
                );
                return None;
            }
        };
        tracing::trace!(bytes = text.len(), "received");
        let fatal = if let ServerEvent::Error { error } = &message.event { self.fatal(error) } else { None };
        self.emit(LinkEvent::Message(message)).await;
        fatal.map(End::Fatal)
    }

    fn fatal(&self, error: &ApiError) -> Option<LinkError> {
        let names = [error.code(), error.kind.as_str()];
        let code = names.into_iter().find(|name| FATAL.contains(name))?;
        Some(LinkError::Server { code: code.to_owned(), message: self.opener.quote(&error.message) })
    }

    fn closed(&self, code: u16, reason: &str) -> End {
        // A dotted reason ends in the error's code.
        let last = reason.rsplit('.').next().unwrap_or_default();
        if FATAL.contains(&last) {
            let message = format!("it closed the connection ({code})");
            return End::Fatal(LinkError::Server { code: last.to_owned(), message });
        }
        let colon = if reason.is_empty() { "" } else { ": " };
        lost(format!("the server closed the connection ({code}{colon}{})", self.opener.quote(reason)))
    }
}

fn signs(socket: &Socket, woken: Instant) -> Signs {
    Signs {
        heard: socket.last_heard().max(woken),
        stuck_since: socket.stuck_since().map(|since| since.max(woken)),
    }
}

fn check(keepalive: &mut Keepalive, socket: &mut Socket, woken: Instant) -> Option<End> {
    match keepalive.check(Instant::now(), signs(socket, woken)) {
        Verdict::Alive => None,
        Verdict::Ping => socket.ping().err().map(|error| lost(error.to_string())),
        Verdict::Silent => Some(lost("no sign of life from the server")),
        Verdict::Stuck => Some(lost("the server does not take what is sent")),
    }
}

async fn room(events: &mpsc::Sender<Delivered>) {
    // An error means that nobody listens any more, which is noticed elsewhere.
    let _ = events.reserve().await;
}

/// Returns when `rest` is as wanted. Whoever sets it is there as long as the link is to go on.
async fn until(rest: &mut watch::Receiver<bool>, wanted: bool) {
    let _ = rest.wait_for(|&rest| rest == wanted).await;
}

/// Returns when the link is to close, or nobody is there to hear of it.
async fn given_up(closing: &mut watch::Receiver<bool>, events: &mpsc::Sender<Delivered>) {
    tokio::select! {
        // An error means that the last handle is gone.
        _ = closing.wait_for(|&closing| closing) => {}
        () = events.closed() => {}
    }
}
