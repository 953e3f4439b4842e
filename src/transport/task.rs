//! The task behind a link: connect, talk, wait, and again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::backoff::Backoff;
use super::keepalive::{Keepalive, Signs, Verdict};
use super::socket::{self, Frame, HttpAnswer, OpenError, Opening, Socket, SocketError};
use super::{Delivered, LinkConfig, LinkError, LinkEvent, Queued, Shared, auth, dial, tls};
use crate::protocol::dialect::{decode_server, encode_client};
use crate::protocol::{ApiError, ClientEvent, Dialect, ServerEvent};
use crate::text::Clean;

/// Sent when the server has the beta dialect no more.
pub(super) const BETA_DISABLED: &str = "beta_api_shape_disabled";
/// Errors after which a new connection meets the same fate.
const FATAL: [&str; 6] = [
    BETA_DISABLED,
    "invalid_api_key",
    "insufficient_quota",
    "credit_balance_exhausted",
    "account_deactivated",
    "billing_hard_limit_reached",
];
/// How long goodbyes may take.
const GOODBYE: Duration = Duration::from_millis(800);
/// No server is waited for longer, whatever it asks.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);
/// Letters of a server's own words that are shown.
const MAX_QUOTE: usize = 200;

/// What helps against a fatal error of the server.
pub(super) fn cure(code: &str) -> &'static str {
    match code {
        BETA_DISABLED => "; use `--dialect ga`",
        "invalid_api_key" => "; check `OPENAI_API_KEY`",
        _ => "; check your account and its billing",
    }
}

/// How a connection, or a try at one, came to its end.
enum End {
    /// This side wants no more.
    Closed,
    /// This side wants a new one.
    Renewed,
    Lost {
        reason: String,
        wait: Duration,
    },
    Fatal(LinkError),
}

fn lost(reason: impl Into<String>) -> End {
    End::Lost { reason: reason.into(), wait: Duration::ZERO }
}

pub(super) struct Task {
    config: LinkConfig,
    queued: mpsc::Receiver<Queued>,
    events: mpsc::Sender<Delivered>,
    closing: watch::Receiver<bool>,
    shared: Arc<Shared>,
    backoff: Backoff,
    tls: Option<tls::TlsConfig>,
    /// The connection's number, from 1.
    connection: u64,
}

impl Task {
    pub(super) fn new(
        config: LinkConfig,
        queued: mpsc::Receiver<Queued>,
        events: mpsc::Sender<Delivered>,
        closing: watch::Receiver<bool>,
        shared: Arc<Shared>,
    ) -> Self {
        let backoff = Backoff::new(config.backoff, config.seed);
        let tls = config.tls.clone();
        Self { config, queued, events, closing, shared, backoff, tls, connection: 0 }
    }

    pub(super) async fn run(mut self) {
        let (mut closing, events) = (self.closing.clone(), self.events.clone());
        let mut attempt = 0;
        loop {
            attempt += 1;
            self.emit(LinkEvent::Connecting { attempt }).await;
            self.backoff.trying(Instant::now());
            let opened = tokio::select! {
                biased;
                () = given_up(&mut closing, &events) => return,
                opened = self.open() => opened,
            };
            let end = match opened {
                Ok(mut socket) => {
                    attempt = 0;
                    self.talk(&mut socket).await
                }
                Err(end) => end,
            };
            match end {
                End::Closed => return,
                End::Renewed => {}
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

    async fn open(&mut self) -> Result<Socket, End> {
        let within = self.config.connect_timeout;
        timeout(within, self.connect())
            .await
            .unwrap_or_else(|_| Err(lost(format!("no answer within {} s", within.as_secs_f32()))))
    }

    async fn connect(&mut self) -> Result<Socket, End> {
        let opening = self.opening().map_err(End::Fatal)?;
        let tls = self.tls().await?;
        let stream = dial::dial(&opening.url, self.config.endpoint.proxy.as_ref()).await;
        let stream = stream.map_err(|error| lost(self.quote(&error.to_string())))?;
        tracing::debug!(url = auth::displayed(&opening.url), "connected, opening");
        let opened = socket::open(stream, &opening, tls, &self.config.limits).await;
        opened.map_err(|error| self.refused(error))
    }

    /// The request. Nothing is resolved or sent before the key's way was checked.
    fn opening(&self) -> Result<Opening, LinkError> {
        let endpoint = &self.config.endpoint;
        if endpoint.key.is_some() {
            auth::may_send_key(&endpoint.url)?;
        }
        let mut headers =
            vec![("user-agent", concat!("realtime-cli/", env!("CARGO_PKG_VERSION")).to_owned())];
        headers.extend(endpoint.organization.clone().map(|text| ("openai-organization", text)));
        headers.extend(endpoint.project.clone().map(|text| ("openai-project", text)));
        if endpoint.dialect == Dialect::Beta {
            headers.push(("openai-beta", "realtime=v1".to_owned()));
        }
        Ok(Opening { url: endpoint.url.clone(), key: endpoint.key.clone(), headers })
    }

    /// The trusted certificates are read once, and not on the runtime's threads.
    async fn tls(&mut self) -> Result<Option<tls::TlsConfig>, End> {
        if self.config.endpoint.url.scheme() != "wss" {
            return Ok(None);
        }
        if self.tls.is_none() {
            let loaded = tokio::task::spawn_blocking(tls::native).await.expect("loading does not panic");
            self.tls = Some(loaded.map_err(|reason| End::Fatal(self.tls_error(reason)))?);
        }
        Ok(self.tls.clone())
    }

    fn tls_error(&self, reason: String) -> LinkError {
        LinkError::Tls { host: self.config.endpoint.url.host_str().unwrap_or_default().to_owned(), reason }
    }

    fn refused(&self, error: OpenError) -> End {
        match error {
            OpenError::Address(reason) => End::Fatal(LinkError::Address(self.quote(&reason))),
            OpenError::Tls(reason) => End::Fatal(self.tls_error(self.quote(&reason))),
            OpenError::Socket(error) => lost(self.quote(&error.to_string())),
            OpenError::Http(answer) => self.answered(&answer),
        }
    }

    fn answered(&self, answer: &HttpAnswer) -> End {
        let said = answer.message.as_deref().or(answer.code.as_deref());
        let detail = said.map(|text| format!(": {}", self.quote(text))).unwrap_or_default();
        let status = answer.status;
        if let Some(code) = answer.code.as_deref().filter(|code| FATAL.contains(code)) {
            return End::Fatal(LinkError::Server {
                code: code.to_owned(),
                message: self.quote(answer.message.as_deref().unwrap_or("no more was said")),
            });
        }
        End::Fatal(match status {
            401 | 403 if self.config.endpoint.key.is_none() => LinkError::NoKey,
            401 | 403 => LinkError::Key { status, detail },
            404 => LinkError::NotFound { detail },
            408 | 425 | 429 | 500.. => {
                let reason = format!("the server answered HTTP {status}{detail}");
                return End::Lost { reason, wait: answer.retry_after.unwrap_or_default() };
            }
            300..=399 => {
                let to = answer.location.as_deref().unwrap_or("nowhere");
                LinkError::Redirected { status, to: self.quote(to) }
            }
            _ => LinkError::Refused { status, detail },
        })
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
            End::Renewed | End::Lost { .. } | End::Fatal(_) => socket.close(1000, "", Duration::ZERO).await,
        }
        end
    }

    async fn exchange(&mut self, socket: &mut Socket) -> End {
        let mut keepalive = Keepalive::new(self.config.keepalive, Instant::now());
        // Left over from a connection before.
        let _ = futures_util::FutureExt::now_or_never(self.shared.stuck.notified());
        // The socket rests while the program has no room for events, and is not judged by that time.
        let mut woken = Instant::now();
        loop {
            let has_room = self.events.capacity() > 0;
            let due = keepalive.due(signs(socket, woken));
            tokio::select! {
                biased;
                () = given_up(&mut self.closing, &self.events) => return End::Closed,
                () = self.shared.renew.notified() => return End::Renewed,
                () = self.shared.stuck.notified() => return lost("the server does not take what is sent"),
                () = room(&self.events), if !has_room => woken = Instant::now(),
                () = sleep_until(due), if has_room => {
                    if let Some(end) = check(&mut keepalive, socket, woken) { return end }
                }
                // Before reading, so that a flood of sound does not hold up an interruption.
                message = self.queued.recv(), if has_room && socket.has_room() => {
                    let Some(message) = message else { return End::Closed };
                    if let Err(error) = self.message(message, socket, &mut keepalive) {
                        return lost(self.quote(&error.to_string()));
                    }
                }
                // This is also what writes.
                frame = socket.recv(), if has_room => {
                    if let Some(end) = self.frame(frame, &mut keepalive).await { return end }
                }
            }
        }
    }

    fn message(
        &self,
        (connection, message): Queued,
        socket: &mut Socket,
        keepalive: &mut Keepalive,
    ) -> Result<(), SocketError> {
        if connection != self.connection {
            return Ok(());
        }
        if !matches!(message.event, ClientEvent::InputAudioBufferAppend { .. }) {
            keepalive.event(Instant::now());
        }
        let text = encode_client(&message, self.config.endpoint.dialect);
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
            Some(Ok(Frame::Pong)) => None,
            Some(Ok(Frame::Binary(bytes))) => {
                tracing::warn!(bytes, "a binary frame is skipped");
                None
            }
            Some(Ok(Frame::Close { code, reason })) => Some(self.closed(code, &reason)),
            Some(Err(error)) => Some(lost(self.quote(&error.to_string()))),
            None => Some(lost("the server closed the connection")),
        }
    }

    async fn text(&mut self, text: &str) -> Option<End> {
        let message = match decode_server(text) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(
                    error = self.quote(&error.to_string()),
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
        Some(LinkError::Server { code: code.to_owned(), message: self.quote(&error.message) })
    }

    fn closed(&self, code: u16, reason: &str) -> End {
        // A dotted reason ends in the error's code.
        let last = reason.rsplit('.').next().unwrap_or_default();
        if FATAL.contains(&last) {
            let message = format!("it closed the connection ({code})");
            return End::Fatal(LinkError::Server { code: last.to_owned(), message });
        }
        let colon = if reason.is_empty() { "" } else { ": " };
        lost(format!("the server closed the connection ({code}{colon}{})", self.quote(reason)))
    }

    /// Another's words, fit to be shown: on one line, not long, and without the key.
    fn quote(&self, text: &str) -> String {
        let text = self.config.endpoint.key.as_ref().map_or_else(|| text.to_owned(), |key| key.redact(text));
        let mut text = Clean::line(&text).into_string();
        if let Some((cut, _)) = text.char_indices().nth(MAX_QUOTE) {
            text.replace_range(cut.., "…");
        }
        text
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

/// Returns when the link is to close, or nobody is there to hear of it.
async fn given_up(closing: &mut watch::Receiver<bool>, events: &mpsc::Sender<Delivered>) {
    tokio::select! {
        // An error means that the last handle is gone.
        _ = closing.wait_for(|&closing| closing) => {}
        () = events.closed() => {}
    }
}
