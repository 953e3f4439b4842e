//! The WebSocket below a connection: the handshake with its checks, frames in, frames out.

#![expect(clippy::result_large_err, reason = "the handshake callback's type is tungstenite's")]

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Bytes};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

use super::access::{Access, RequestHead};

/// The whole handshake must be over by then.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Of a request's headers together.
const MAX_HEADERS: usize = 16 << 10;
/// The API allows 15 MiB of audio in one event; the rest is for the JSON around it.
const MAX_MESSAGE: usize = (15 << 20) + (64 << 10);
const PATHS: [&str; 2] = ["/v1/realtime", "/realtime"];

/// A client that was let in; its seat is free again when this is dropped.
pub(super) struct Admitted {
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    pub(super) head: RequestHead,
    pub(super) seat: OwnedSemaphorePermit,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum AcceptError {
    #[error("the handshake took longer than {} s", HANDSHAKE.as_secs())]
    Slow,
    #[error("the handshake failed: {0}")]
    Handshake(#[from] tungstenite::Error),
    #[error("the connection was lost: {0}")]
    Lost(#[from] std::io::Error),
}

/// Shakes hands with whoever passes all checks and finds a free one of `seats`.
pub(super) async fn accept(
    stream: TcpStream,
    access: &Access,
    seats: &Arc<Semaphore>,
) -> Result<Admitted, AcceptError> {
    stream.set_nodelay(true)?;
    let local = stream.local_addr()?.ip();
    let mut admitted = None;
    let check = |request: &Request, response: Response| {
        let head = head(request);
        let answer =
            examine(&head, response, || access.check(&head, local).map_err(|d| (d.status(), d.to_string())))?;
        let Ok(seat) = Arc::clone(seats).try_acquire_owned() else {
            return Err(refusal(503, "all places are taken; try again later"));
        };
        admitted = Some((head, seat));
        Ok(answer)
    };
    let limits =
        WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    let handshake = accept_hdr_async_with_config(stream, check, Some(limits));
    let socket = tokio::time::timeout(HANDSHAKE, handshake).await.map_err(|_| AcceptError::Slow)??;
    let (head, seat) = admitted.expect("a handshake that succeeded was checked");
    let (sink, stream) = socket.split();
    Ok(Admitted { reader: Reader(stream), writer: Writer(sink), head, seat })
}

fn examine(
    head: &RequestHead,
    mut response: Response,
    check: impl FnOnce() -> Result<(), (u16, String)>,
) -> Result<Response, ErrorResponse> {
    if head.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_HEADERS {
        return Err(refusal(431, "the request's headers are too long"));
    }
    check().map_err(|(status, message)| refusal(status, &message))?;
    if !PATHS.contains(&head.path.trim_end_matches('/')) {
        return Err(refusal(404, "nothing is served here; connect to `/v1/realtime`"));
    }
    if let Some(protocol) = head.subprotocol() {
        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
    }
    Ok(response)
}

fn head(request: &Request) -> RequestHead {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    RequestHead {
        path: request.uri().path().to_owned(),
        query: request.uri().query().map(str::to_owned),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
    }
}

fn refusal(status: u16, message: &str) -> ErrorResponse {
    let kind = if status == 503 { "server_error" } else { "invalid_request_error" };
    let code = if status == 401 { Some("invalid_api_key") } else { None };
    let body = json!({"error": {"type": kind, "code": code, "message": message, "param": null}}).to_string();
    let length = body.len();
    let mut response = ErrorResponse::new(Some(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("content-length", HeaderValue::from(length));
    headers.insert("connection", HeaderValue::from_static("close"));
    if status == 401 {
        headers.insert("www-authenticate", HeaderValue::from_static("Bearer"));
    }
    response
}

/// What came from a client.
#[derive(Debug)]
pub(super) enum Received {
    Text(String),
    /// The protocol has no such frames.
    Binary,
    /// A sign of life.
    Alive,
    /// A message beyond all limits; nothing can be read after it.
    TooLong,
    Closed,
}

pub(super) struct Reader(SplitStream<WebSocketStream<TcpStream>>);

impl Reader {
    /// The next message. May be dropped and called again without loss.
    pub(super) async fn next(&mut self) -> Received {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Received::Text(text.as_str().to_owned()),
            Some(Ok(Message::Binary(_))) => Received::Binary,
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Received::Alive,
            Some(Err(tungstenite::Error::Capacity(_))) => Received::TooLong,
            Some(Ok(Message::Close(_)) | Err(_)) | None => Received::Closed,
        }
    }
}

/// What goes to a client.
#[derive(Debug)]
pub(super) enum Frame {
    Text(String),
    Ping,
    Close {
        code: u16,
        reason: String,
    },
    /// None at all: the connection is cut.
    Cut,
}

pub(super) struct Writer(SplitSink<WebSocketStream<TcpStream>, Message>);

impl Writer {
    /// False when the connection is gone.
    pub(super) async fn send(&mut self, frame: Frame) -> bool {
        let message = match frame {
            Frame::Text(text) => Message::text(text),
            Frame::Ping => Message::Ping(Bytes::new()),
            Frame::Close { code, reason } => {
                Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }))
            }
            Frame::Cut => return false,
        };
        self.0.send(message).await.is_ok()
    }
}
