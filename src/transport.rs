//! The link to a server: one task that connects, keeps alive, connects again, and says so in events.
//!
//! A lost connection is an event, not an error. Nothing here waits for the program: a message is queued or
//! refused. What the messages mean is not known here, but for the few errors that make trying again useless.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use url::Url;

use crate::protocol::dialect::Quirks;
use crate::protocol::{ClientEvent, ClientMessage, Dialect, ServerMessage};

pub mod auth;
pub mod backoff;
mod dial;
pub mod keepalive;
mod opener;
pub mod probe;
pub mod socket;
mod task;
pub mod tls;
mod wire;

use auth::ApiKey;

/// Messages and events that may wait, each way.
const QUEUE: usize = 256;
/// Places that sound may not take: with less left, an `append` is dropped.
const RESERVE: usize = 16;
/// Sound older than this is not sent over a network.
const STALE: Duration = Duration::from_millis(500);

/// A server and how to talk to it.
#[derive(Clone)]
pub struct Endpoint {
    /// `ws://` or `wss://`, complete with its query.
    pub url: Url,
    pub key: Option<ApiKey>,
    pub key_place: auth::KeyPlace,
    pub organization: Option<String>,
    pub project: Option<String>,
    pub dialect: Dialect,
    /// What it wants otherwise than its dialect has it.
    pub quirks: Quirks,
    /// `http://`; never used for this machine.
    pub proxy: Option<Url>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &auth::displayed(&self.url))
            .field("key", &self.key)
            .field("dialect", &self.dialect)
            .field("proxy", &self.proxy.as_ref().map(auth::displayed))
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// A server that needs nothing said, such as the engine inside this program.
    pub fn plain(url: Url) -> Self {
        Self {
            url,
            key: None,
            key_place: auth::KeyPlace::default(),
            organization: None,
            project: None,
            dialect: Dialect::Ga,
            quirks: Quirks::default(),
            proxy: None,
        }
    }
}

/// What a link is made from.
#[derive(Debug, Clone)]
pub struct LinkConfig {
    pub endpoint: Endpoint,
    /// Name resolution, TCP, TLS and the WebSocket's opening together.
    pub connect_timeout: Duration,
    pub backoff: backoff::Policy,
    pub keepalive: keepalive::Policy,
    /// Sound that waits longer for the network is of no use to anybody, and dropped. `None`: it is waited for.
    pub stale: Option<Duration>,
    pub limits: socket::Limits,
    /// In place of the system's trusted certificates.
    pub tls: Option<tls::TlsConfig>,
    /// Chance for the waits between tries.
    pub seed: u64,
}

impl LinkConfig {
    pub fn new(endpoint: Endpoint, seed: u64) -> Self {
        let here = auth::is_loopback(&endpoint.url);
        Self {
            endpoint,
            connect_timeout: Duration::from_secs(10),
            backoff: backoff::Policy::default(),
            keepalive: if here { keepalive::Policy::LOOPBACK } else { keepalive::Policy::REMOTE },
            stale: (!here).then_some(STALE),
            limits: socket::Limits::default(),
            tls: None,
            seed,
        }
    }
}

/// What happens to a link. All text of its own in it is fit to be shown; a message's is as the server sent it.
#[expect(clippy::large_enum_variant, reason = "nearly all events are messages")]
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkEvent {
    /// A try begins; 1 is the first since the last connection.
    Connecting {
        attempt: u32,
    },
    Connected,
    #[serde(skip)]
    Message(ServerMessage),
    /// No connection, or no longer; the next try comes by itself.
    Lost {
        reason: String,
        retry_in: Duration,
    },
    /// The network does not take sound as fast as it comes: some was dropped. Told once a minute.
    TooSlow,
    /// There is none because none was wanted: [`LinkHandle::rest`].
    Resting,
    /// Trying again would not help. The last event.
    Fatal(LinkError),
}

/// What no second try will mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkError {
    #[error(
        "the server wants an API key; give one by `realtime-cli login`, for this `--url`, or `--api-key-file`"
    )]
    NoKey,
    #[error(
        "the server refused the API key (HTTP {status}{detail}); check the key, `realtime-cli doctor` says where it is from"
    )]
    Key { status: u16, detail: String },
    #[error("the server knows no such address or model (HTTP 404{detail}); check `--url` and `--model`")]
    NotFound { detail: String },
    #[error("the server refused the connection (HTTP {status}{detail}); check `--url` and `--model`")]
    Refused { status: u16, detail: String },
    #[error(
        "the server wants to send us elsewhere (HTTP {status}, to `{to}`); give the final address by `--url`"
    )]
    Redirected { status: u16, to: String },
    #[error("no safe connection to `{host}`: {reason}")]
    Tls { host: String, reason: String },
    #[error(transparent)]
    ClearText(#[from] auth::ClearText),
    #[error("{0}")]
    Address(String),
    #[error("the server said `{code}`: {message}{}", task::cure(.code))]
    Server { code: String, message: String },
}

impl LinkError {
    /// Whether the key or the account is at fault, and not the address or the network.
    pub fn is_auth(&self) -> bool {
        match self {
            Self::NoKey | Self::Key { .. } | Self::ClearText(_) => true,
            Self::Server { code, .. } => code != task::BETA_DISABLED,
            Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Redirected { .. }
            | Self::Tls { .. }
            | Self::Address(_) => false,
        }
    }
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("there is no connection")]
    Down,
    #[error("the queue is full, so this piece of sound is dropped")]
    Dropped,
    #[error("the server does not take what is sent; the connection is given up")]
    Stuck,
}

/// What handle, events and task share.
#[derive(Debug, Default)]
struct Shared {
    /// The connection that the events' reader knows of; 0 is none.
    known: AtomicU64,
    dropped: AtomicU64,
    stuck: Notify,
    /// The connection is to be replaced by a new one.
    renew: Notify,
    /// A new one is to be opened beside it.
    prepare: Notify,
}

/// A message, the connection it is meant for, and when it was queued.
type Queued = (u64, Instant, ClientMessage);
/// An event and, with `Connected`, which connection that is.
type Delivered = (u64, LinkEvent);

/// The way to a link's task. Dropping the last one closes the link.
#[derive(Debug, Clone)]
pub struct LinkHandle {
    queue: mpsc::Sender<Queued>,
    shared: Arc<Shared>,
    close: Arc<watch::Sender<bool>>,
    rest: Arc<watch::Sender<bool>>,
}

/// A link's events, in order.
#[derive(Debug)]
pub struct LinkEvents {
    events: mpsc::Receiver<Delivered>,
    shared: Arc<Shared>,
}

/// Namespace for [`Link::spawn`].
#[derive(Debug)]
pub struct Link;

impl Link {
    /// Starts the task, inside a tokio runtime. It connects at once.
    pub fn spawn(config: LinkConfig) -> (LinkHandle, LinkEvents) {
        let (queue, queued) = mpsc::channel(QUEUE);
        let (events_in, events) = mpsc::channel(QUEUE);
        let (close, closing) = watch::channel(false);
        let (rest, resting) = watch::channel(false);
        let shared = Arc::new(Shared::default());
        let wishes = (closing, resting);
        tokio::spawn(task::Task::new(config, queued, events_in, wishes, Arc::clone(&shared)).run());
        let (close, rest) = (Arc::new(close), Arc::new(rest));
        let handle = LinkHandle { queue, shared: Arc::clone(&shared), close, rest };
        (handle, LinkEvents { events, shared })
    }
}

impl LinkHandle {
    /// Queues a message for the connection that [`LinkEvents::recv`] last told of. Never waits.
    pub fn send(&self, message: ClientMessage) -> Result<(), SendError> {
        let known = self.shared.known.load(Ordering::Acquire);
        if known == 0 {
            return Err(SendError::Down);
        }
        let is_sound = matches!(message.event, ClientEvent::InputAudioBufferAppend { .. });
        if is_sound && self.queue.capacity() <= RESERVE {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return Err(SendError::Dropped);
        }
        self.queue.try_send((known, Instant::now(), message)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                self.shared.stuck.notify_one();
                SendError::Stuck
            }
            mpsc::error::TrySendError::Closed(_) => SendError::Down,
        })
    }

    /// Pieces of sound dropped because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// Gives the connection up for a new one, at once: a [`LinkEvent::Connecting`] comes without a
    /// [`LinkEvent::Lost`]. What the old one still had to say may come before it.
    pub fn renew(&self) {
        self.shared.renew.notify_one();
    }

    /// Opens another connection beside the one in use, so that [`Self::renew`] finds it ready. It is not told of
    /// before that, and one that cannot be opened is no trouble: `renew` then opens one as usual.
    pub fn prepare(&self) {
        self.shared.prepare.notify_one();
    }

    /// Gives the connection up and opens no other until this is called with `false`.
    pub fn rest(&self, resting: bool) {
        self.rest.send_replace(resting);
    }

    /// Says goodbye to the server. The events end within a second.
    pub fn close(&self) {
        self.close.send_replace(true);
    }
}

impl LinkEvents {
    /// The next event; `None` when the link has ended. Loses nothing when dropped.
    pub async fn recv(&mut self) -> Option<LinkEvent> {
        let (connection, event) = self.events.recv().await?;
        // Only now may messages flow: one sent before was meant for an older connection.
        match event {
            LinkEvent::Connected => self.shared.known.store(connection, Ordering::Release),
            LinkEvent::Connecting { .. }
            | LinkEvent::Lost { .. }
            | LinkEvent::Resting
            | LinkEvent::Fatal(_) => {
                self.shared.known.store(0, Ordering::Release);
            }
            LinkEvent::Message(_) | LinkEvent::TooSlow => {}
        }
        Some(event)
    }
}

#[cfg(test)]
mod tests;
