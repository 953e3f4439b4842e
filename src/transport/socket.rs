//! A WebSocket, either side of it: text frames in and out, with limits.
//!
//! The only file that names tungstenite. It knows neither the protocol's events nor when to connect again.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error as WsError, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, accept_hdr_async, client_async_tls_with_config,
};
use url::Url;

use super::auth::{ApiKey, KeyPlace};
use super::tls;
pub use super::wire::Io;
use super::wire::{Meter, Wire};

/// Above this many unsent bytes no more should be handed in: a quarter of a second of sound, which would go stale.
const ROOM: usize = 16 << 10;
/// What is read or written at once.
const BUFFER: usize = 64 << 10;
/// The one subprotocol there is; it is agreed to when a client offers it.
const SUBPROTOCOL: &str = "realtime";
/// RFC 6455: what a close frame's reason can hold.
const MAX_REASON: usize = 123;

/// What a socket puts up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one incoming message.
    pub max_message: usize,
    /// Bytes waiting to be sent; a single message cannot be larger.
    pub max_unsent: usize,
    /// How long the opening may take on the server's side.
    pub handshake: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_message: 16 << 20, max_unsent: 1 << 20, handshake: Duration::from_secs(5) }
    }
}

/// What comes out of a socket. Pings are answered and not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    /// The protocol has none; its length in bytes.
    Binary(usize),
    /// The answer to [`Socket::ping`].
    Pong,
    /// No frame: what was unsent is sent, and there is room again for more ([`Socket::has_room`]).
    Room,
    /// The other side says goodbye; nothing comes after it. 1005 stands for no code.
    Close {
        code: u16,
        reason: String,
    },
}

/// Why a socket is of no more use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SocketError {
    #[error("the connection was cut without a goodbye")]
    Cut,
    #[error("the connection failed: {0}")]
    Io(String),
    #[error("a message of {size} bytes is larger than the {max} that are taken")]
    TooLarge { size: usize, max: usize },
    #[error("the other side broke the WebSocket rules: {0}")]
    Protocol(String),
    #[error("the other side does not take what is sent")]
    Full,
    #[error("the connection is closed")]
    Closed,
}

/// One connection. Dropping it cuts the line.
pub struct Socket {
    ws: WebSocketStream<MaybeTlsStream<Wire>>,
    meter: Arc<Meter>,
    /// Handed in and perhaps not written: bytes, and since when.
    unsent: usize,
    unsent_since: Instant,
    /// The system did not take all of it when it was last asked.
    blocked: bool,
    write_error: Option<SocketError>,
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").field("unsent", &self.unsent).finish_non_exhaustive()
    }
}

impl Socket {
    fn new(ws: WebSocketStream<MaybeTlsStream<Wire>>, meter: Arc<Meter>) -> Self {
        Self { ws, meter, unsent: 0, unsent_since: Instant::now(), blocked: false, write_error: None }
    }

    /// The next frame; `None` once the connection is over. Also what writes: await it always, whether frames are
    /// expected or not. Loses nothing when dropped.
    pub async fn recv(&mut self) -> Option<Result<Frame, SocketError>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, SocketError>>> {
        let was_full = !self.has_room();
        self.poll_write(cx);
        if was_full && self.has_room() {
            return Poll::Ready(Some(Ok(Frame::Room)));
        }
        loop {
            let message = match self.ws.poll_next_unpin(cx) {
                Poll::Ready(message) => message,
                // A goodbye that came before writing failed is worth more, so reading goes first.
                Poll::Pending => {
                    return self.write_error.take().map_or(Poll::Pending, |e| Poll::Ready(Some(Err(e))));
                }
            };
            return Poll::Ready(match message {
                Some(Ok(Message::Text(text))) => Some(Ok(Frame::Text(text.as_str().to_owned()))),
                Some(Ok(Message::Binary(bytes))) => Some(Ok(Frame::Binary(bytes.len()))),
                Some(Ok(Message::Close(frame))) => Some(Ok(closing(frame))),
                Some(Ok(Message::Pong(_))) => Some(Ok(Frame::Pong)),
                Some(Ok(Message::Ping(_) | Message::Frame(_))) => continue,
                Some(Err(error)) => Some(Err(self.fail(error, cx))),
                None => None,
            });
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) {
        if self.unsent == 0 || self.write_error.is_some() {
            return;
        }
        let flushed = self.ws.poll_flush_unpin(cx);
        self.blocked = flushed.is_pending();
        match flushed {
            Poll::Ready(Ok(())) => self.unsent = 0,
            Poll::Ready(Err(error)) => self.write_error = Some(describe(error)),
            Poll::Pending => {}
        }
    }

    /// Says why, as far as the other side still listens.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "tungstenite's errors are many and mean the same here"
    )]
    fn fail(&mut self, error: WsError, cx: &mut Context<'_>) -> SocketError {
        let code = match &error {
            WsError::Capacity(_) => Some(1009),
            WsError::Utf8(_) => Some(1007),
            WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
            WsError::Protocol(_) => Some(1002),
            _ => None,
        };
        if let Some(code) = code
            && self.push(close_message(code, "")).is_ok()
        {
            self.poll_write(cx);
        }
        describe(error)
    }

    /// Hands in one text frame; [`Self::recv`] writes it. Never waits: [`SocketError::Full`] when too much is unsent.
    pub fn send(&mut self, text: String) -> Result<(), SocketError> {
        self.push(Message::text(text))
    }

    /// Asks for a sign of life; see [`Self::last_heard`].
    pub fn ping(&mut self) -> Result<(), SocketError> {
        self.push(Message::Ping(Vec::new().into()))
    }

    fn push(&mut self, message: Message) -> Result<(), SocketError> {
        let size = message.len() + 1;
        if self.unsent == 0 {
            self.unsent_since = Instant::now();
        }
        self.ws.start_send_unpin(message).map_err(describe)?;
        self.unsent += size;
        Ok(())
    }

    /// Whether [`Self::send`] should be given more: little is unsent.
    pub fn has_room(&self) -> bool {
        self.unsent < ROOM
    }

    /// When the last byte came, whatever it belonged to.
    pub fn last_heard(&self) -> Instant {
        self.meter.last_read()
    }

    /// Since when no byte could be written, if some could not.
    pub fn stuck_since(&self) -> Option<Instant> {
        self.blocked.then(|| self.meter.last_written().max(self.unsent_since))
    }

    /// Says goodbye and waits for the answer, but not longer than `patience`. What still comes is dropped.
    pub async fn close(&mut self, code: u16, reason: &str, patience: Duration) {
        // It fails when the other side said goodbye first; the answer to that still has to be written.
        let _ = self.push(close_message(code, reason));
        let rest = async { while let Some(Ok(_)) = self.recv().await {} };
        // Late is as good as never: the line is cut next.
        let _ = timeout(patience, rest).await;
    }
}

fn close_message(code: u16, reason: &str) -> Message {
    let mut end = reason.len().min(MAX_REASON);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    Message::Close(Some(CloseFrame { code: code.into(), reason: reason[..end].into() }))
}

fn closing(frame: Option<CloseFrame>) -> Frame {
    frame.map_or(Frame::Close { code: 1005, reason: String::new() }, |frame| Frame::Close {
        code: frame.code.into(),
        reason: frame.reason.as_str().to_owned(),
    })
}

/// Name and value of the header that holds the key.
fn key_header(key: &str, place: &KeyPlace) -> Option<(String, String)> {
    let (name, value) = match place {
        KeyPlace::Bearer => ("authorization", format!("Bearer {key}")),
        KeyPlace::Basic => ("authorization", format!("Basic {key}")),
        KeyPlace::Header(name) => (name.as_str(), key.to_owned()),
        KeyPlace::Subprotocol(prefix) => ("sec-websocket-protocol", format!("{SUBPROTOCOL}, {prefix}{key}")),
        KeyPlace::Query(_) | KeyPlace::Nowhere => return None,
    };
    Some((name.to_owned(), value))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "tungstenite's errors are many and mean the same here")]
fn describe(error: WsError) -> SocketError {
    match error {
        WsError::ConnectionClosed | WsError::AlreadyClosed => SocketError::Closed,
        WsError::Protocol(ProtocolError::SendAfterClosing) => SocketError::Closed,
        WsError::Protocol(
            ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete,
        ) => SocketError::Cut,
        WsError::Protocol(error) => SocketError::Protocol(error.to_string()),
        WsError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => SocketError::Cut,
        WsError::Io(error) => SocketError::Io(error.to_string()),
        WsError::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            SocketError::TooLarge { size, max: max_size }
        }
        WsError::WriteBufferFull(_) => SocketError::Full,
        other => SocketError::Protocol(other.to_string()),
    }
}

fn websocket_config(limits: &Limits) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER.min(limits.max_unsent / 2))
        .max_write_buffer_size(limits.max_unsent)
        .max_message_size(Some(limits.max_message))
        .max_frame_size(Some(limits.max_message))
}

/// What a client asks a server for. It has no `Debug`: the address may hold a secret.
#[derive(Clone)]
pub struct Opening {
    pub url: Url,
    /// And where it stands.
    pub key: Option<(ApiKey, KeyPlace)>,
    pub headers: Vec<(&'static str, String)>,
}

/// Why a server could not be talked to.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the address cannot be used: {0}")]
    Address(String),
    #[error("{0}")]
    Tls(String),
    /// An answer, but not the one to go on with.
    #[error("the server answered HTTP {}", .0.status)]
    Http(HttpAnswer),
    #[error("{0}")]
    Socket(SocketError),
}

/// What a server said instead of agreeing. All text is its own and not to be trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub location: Option<String>,
    /// From a JSON body's `error`, as far as it came with the answer's head.
    pub code: Option<String>,
    pub message: Option<String>,
}

/// Opens the client's side over `stream`, encrypted when the address says so.
pub async fn open(
    stream: impl Io + 'static,
    opening: &Opening,
    tls: Option<tls::TlsConfig>,
    limits: &Limits,
) -> Result<Socket, OpenError> {
    let request = request(opening)?;
    let connector = tls.map_or(Connector::Plain, Connector::Rustls);
    let (wire, meter) = Wire::new(stream);
    let config = websocket_config(limits);
    let (ws, _) = client_async_tls_with_config(request, wire, Some(config), Some(connector))
        .await
        .map_err(open_error)?;
    Ok(Socket::new(ws, meter))
}

fn request(
    opening: &Opening,
) -> Result<tokio_tungstenite::tungstenite::handshake::client::Request, OpenError> {
    let mut url = opening.url.clone();
    if let Some((key, KeyPlace::Query(name))) = &opening.key {
        url.query_pairs_mut().append_pair(name, key.reveal());
    }
    // The reason could quote the address.
    let wrong = |_| OpenError::Address("it is no address of a WebSocket".to_owned());
    let mut request = url.as_str().into_client_request().map_err(wrong)?;
    let headers = request.headers_mut();
    for (name, text) in &opening.headers {
        let value = HeaderValue::from_str(text)
            .map_err(|_| OpenError::Address(format!("the header `{name}` cannot hold its value")))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    if let Some((key, place)) = &opening.key
        && let Some((name, text)) = key_header(key.reveal(), place)
    {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| OpenError::Address(format!("a header cannot be called `{name}`")))?;
        let mut value = HeaderValue::from_str(&text).expect("a key is plain ASCII");
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(request)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "tungstenite's errors are many and mean the same here")]
fn open_error(error: WsError) -> OpenError {
    match error {
        WsError::Http(response) => {
            let (parts, body) = response.into_parts();
            OpenError::Http(http_answer(parts.status, &parts.headers, &body.unwrap_or_default()))
        }
        WsError::Io(error) => match tls::failure(&error) {
            Some(reason) => OpenError::Tls(reason),
            None => OpenError::Socket(describe(WsError::Io(error))),
        },
        WsError::Tls(error) => OpenError::Tls(error.to_string()),
        WsError::Url(error) => OpenError::Address(error.to_string()),
        other => OpenError::Socket(describe(other)),
    }
}

fn http_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> HttpAnswer {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body["error"][name].as_str().map(str::to_owned);
    HttpAnswer {
        status: status.as_u16(),
        retry_after: header("retry-after").and_then(|s| s.trim().parse().ok()).map(Duration::from_secs),
        location: header("location").map(str::to_owned),
        code: text("code"),
        message: text("message").or_else(|| body["error"].as_str().map(str::to_owned)),
    }
}

/// The head of a client's request.
#[derive(Debug)]
pub struct RequestHead<'a> {
    pub path: &'a str,
    /// Without its `?`.
    pub query: Option<&'a str>,
    headers: &'a HeaderMap,
}

impl<'a> RequestHead<'a> {
    /// The first header of this name, in any case of letters, when it is ASCII text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Every entry of every header of this name that is a list separated by commas.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let values = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|entry| !entry.is_empty())
    }
}

/// An answer that turns a client away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// 400 to 599.
    pub status: u16,
    /// JSON, or plain text when it does not begin with `{`.
    pub body: String,
}

/// Why a client did not become a connection. It has been told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    #[error("the client took too long to ask")]
    Late,
    #[error("the client was turned away with HTTP {0}")]
    Refused(u16),
    #[error("the client did not ask for a WebSocket: {0}")]
    NotWebSocket(String),
    #[error("{0}")]
    Socket(SocketError),
}

/// Opens the server's side over `stream`. `check` sees the request's head and may refuse it.
pub async fn accept<F>(
    mut stream: impl Io + 'static,
    limits: &Limits,
    check: F,
) -> Result<Socket, AcceptError>
where
    F: FnOnce(&RequestHead<'_>) -> Result<(), Refusal> + Unpin,
{
    let opening = timeout(limits.handshake, shake_hands(&mut stream, check));
    let Ok(result) = opening.await else { return Err(AcceptError::Late) };
    if let Err(error) = result {
        // The refusal may lie in the system's buffer still; a plain drop could take it back.
        let _ = timeout(Duration::from_secs(1), stream.shutdown()).await;
        return Err(error);
    }
    let (wire, meter) = Wire::new(stream);
    let wire = MaybeTlsStream::Plain(wire);
    // A client may not send frames before it has its answer, so no byte was read too many.
    let ws = WebSocketStream::from_raw_socket(wire, Role::Server, Some(websocket_config(limits))).await;
    Ok(Socket::new(ws, meter))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "tungstenite's errors are many and mean the same here")]
async fn shake_hands<S, F>(stream: &mut S, check: F) -> Result<(), AcceptError>
where
    S: Io,
    F: FnOnce(&RequestHead<'_>) -> Result<(), Refusal> + Unpin,
{
    #[expect(clippy::result_large_err, reason = "the shape is tungstenite's")]
    let callback = |request: &Request, mut response: Response| {
        let uri = request.uri();
        let head = RequestHead { path: uri.path(), query: uri.query(), headers: request.headers() };
        check(&head).map_err(refusal)?;
        if head.list("sec-websocket-protocol").any(|name| name == SUBPROTOCOL) {
            response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
        }
        Ok(response)
    };
    let Err(error) = accept_hdr_async(&mut *stream, callback).await else { return Ok(()) };
    match error {
        WsError::Http(response) => Err(AcceptError::Refused(response.status().as_u16())),
        WsError::Io(_) | WsError::Protocol(ProtocolError::HandshakeIncomplete) => {
            Err(AcceptError::Socket(describe(error)))
        }
        other => {
            turn_away(stream).await;
            Err(AcceptError::NotWebSocket(other.to_string()))
        }
    }
}

fn refusal(Refusal { status, body }: Refusal) -> ErrorResponse {
    let kind = if body.starts_with('{') { "application/json" } else { "text/plain; charset=utf-8" };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = ErrorResponse::new(None);
    // A success would be no refusal.
    *response.status_mut() = if status.is_success() { StatusCode::BAD_REQUEST } else { status };
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(kind));
    headers.insert("content-length", HeaderValue::from(body.len()));
    headers.insert("connection", HeaderValue::from_static("close"));
    *response.body_mut() = Some(body);
    response
}

/// An answer for browsers and others that came by plain HTTP.
async fn turn_away(stream: &mut impl Io) {
    const BODY: &str = "This address speaks the Realtime protocol over WebSocket only.\n";
    let answer = format!(
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: close\r\n\
         Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    // Who does not listen need not be told.
    let _ = stream.write_all(answer.as_bytes()).await;
}

#[cfg(test)]
mod tests;
