//! HTTP for those who may block: one request, its answer in pieces, and a way to stop it at any moment.
//!
//! The only file that knows ureq. Owns who may see a key: encrypted or this very machine, never by a redirect.

use std::io::{self, Read as _};
use std::net::ToSocketAddrs as _;
use std::ops::ControlFlow;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use url::Url;

use crate::transport::auth::{self, ApiKey};

mod words;

pub use words::{Service, model_names, told};

/// How often someone who waits is asked whether to go on waiting.
const ASK: Duration = Duration::from_millis(50);
/// Handed out at a time, in bytes.
const PIECE: usize = 16 << 10;
/// Pieces that may wait for who takes them.
const PIECES: usize = 8;
/// Kept of an answer that says what went wrong, in bytes.
const MAX_COMPLAINT: usize = 16 << 10;
/// Redirects that are followed where no key is shown.
const MAX_REDIRECTS: u32 = 8;

/// Whom to ask, and what to show there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `http` or `https`.
    pub url: Url,
    pub key: Option<ApiKey>,
    pub proxy: Option<Url>,
}

impl Endpoint {
    /// Host and port, as a person knows them.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub connect: Duration,
    /// For the next byte.
    pub silence: Duration,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    pub url: Url,
    pub headers: Vec<(&'static str, String)>,
    /// With a body it is a POST, else a GET.
    pub body: Option<Vec<u8>>,
}

impl Request {
    pub fn get(url: &Url) -> Self {
        Self { url: url.clone(), headers: Vec::new(), body: None }
    }

    pub fn post(url: &Url, content_type: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { url: url.clone(), headers, body: Some(body) }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What comes back, in this order: one head, then bodies, with waiting in between.
#[derive(Debug)]
pub enum Event<'a> {
    Head(Head),
    Body(&'a [u8]),
    /// Nothing came for a moment.
    Waiting,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// 200 to 299; anything else is an [`HttpError`].
    pub status: u16,
    /// In lower case, without parameters; empty when not told.
    pub content_type: String,
    pub content_length: Option<u64>,
}

/// Why there is no answer, or only a part of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    #[error("the connection was refused")]
    Refused,
    #[error("there is no such host")]
    NoHost,
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
    #[error("the connection broke off")]
    Cut,
    #[error("{0}")]
    Tls(String),
    #[error("the key is not sent over an unencrypted connection")]
    ClearText,
    #[error("it sends us to `{0}`")]
    Redirected(String),
    #[error("the answer was {status}")]
    Status { status: u16, body: String },
    #[error("{0}")]
    Other(String),
}

/// Asks one endpoint. Connections are kept for the next request.
pub struct Client {
    endpoint: Endpoint,
    patience: Patience,
    /// Those at rest, each with one connection at most, so that one can be shut down without harm to another.
    agents: Mutex<Vec<Agent>>,
}

impl Client {
    pub fn new(endpoint: Endpoint, patience: Patience) -> Self {
        Self { endpoint, patience, agents: Mutex::new(Vec::new()) }
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Asks, and hands what comes to `take` on this thread until all is there or `take` says `Break`: then the
    /// connection is closed, and nothing is wrong.
    pub fn exchange(
        &self,
        request: Request,
        take: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<(), HttpError> {
        self.may_show_key(&request.url)?;
        let agent = self.agent()?;
        let (pieces, received) = mpsc::sync_channel(PIECES);
        let work = Work {
            agent: agent.clone(),
            request,
            key: self.endpoint.key.clone(),
            silence: self.patience.silence,
        };
        thread::spawn(move || work.run(&pieces));
        loop {
            let taken = match received.recv_timeout(ASK) {
                Ok(Piece::Head(head)) => take(Event::Head(head)),
                Ok(Piece::Body(bytes)) => take(Event::Body(&bytes)),
                Ok(Piece::End(Ok(()))) => {
                    self.rest(agent);
                    return Ok(());
                }
                Ok(Piece::End(Err(error))) => return Err(error),
                Err(RecvTimeoutError::Timeout) => take(Event::Waiting),
                Err(RecvTimeoutError::Disconnected) => return Err(HttpError::Cut),
            };
            if taken.is_break() {
                agent.shutdown();
                return Ok(());
            }
        }
    }

    /// The whole answer, if it is no longer than `most` bytes.
    pub fn fetch(&self, request: Request, most: usize) -> Result<Vec<u8>, HttpError> {
        let mut all = Vec::new();
        self.exchange(request, &mut |event| {
            if let Event::Body(bytes) = event {
                all.extend_from_slice(bytes);
            }
            if all.len() > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if all.len() > most {
            return Err(HttpError::Other("the answer is too long".to_owned()));
        }
        Ok(all)
    }

    fn may_show_key(&self, url: &Url) -> Result<(), HttpError> {
        if self.endpoint.key.is_none() || url.scheme() == "https" {
            return Ok(());
        }
        if !auth::is_loopback(url) {
            return Err(HttpError::ClearText);
        }
        // A resolver may call anything `localhost`.
        let place = (url.host_str().unwrap_or_default().trim_matches(['[', ']']), 0);
        let mut addresses = place.to_socket_addrs().map_err(|_| HttpError::NoHost)?;
        let all_here = addresses.all(|address| auth::is_loopback_ip(address.ip()));
        if all_here { Ok(()) } else { Err(HttpError::ClearText) }
    }

    fn agent(&self) -> Result<Agent, HttpError> {
        if let Some(agent) = self.agents.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(agent);
        }
        let Endpoint { url, key, proxy } = &self.endpoint;
        let encrypted = url.scheme() == "https";
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(encrypted)
            .max_redirects(if key.is_some() { 0 } else { MAX_REDIRECTS })
            .max_redirects_will_error(false)
            .max_idle_connections(1)
            .timeout_resolve(Some(self.patience.connect))
            .timeout_connect(Some(self.patience.connect))
            .timeout_per_read(Some(self.patience.silence))
            .timeout_per_write(Some(self.patience.silence))
            .user_agent(concat!("realtime-cli/", env!("CARGO_PKG_VERSION")))
            .proxy(
                proxy
                    .as_ref()
                    .map(|proxy| ureq::Proxy::new(proxy.as_str()))
                    .transpose()
                    .map_err(|_| HttpError::Other("the proxy's address cannot be used".to_owned()))?,
            );
        if encrypted {
            config = config.tls_config(tls()?);
        }
        Ok(config.build().new_agent())
    }

    fn rest(&self, agent: Agent) {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner).push(agent);
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Trusts what the system trusts, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` hold, as the wire does. Read once.
fn tls() -> Result<TlsConfig, HttpError> {
    static ROOTS: OnceLock<Arc<Vec<Certificate<'static>>>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a trusted certificate cannot be read");
        }
        Arc::new(found.certs.iter().map(|der| Certificate::from_der(der).to_owned()).collect())
    });
    if roots.is_empty() {
        return Err(HttpError::Tls(
            "no trusted certificates were found; install `ca-certificates` or set `SSL_CERT_FILE`".to_owned(),
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::clone(roots)))
        .unversioned_rustls_crypto_provider(provider)
        .build())
}

enum Piece {
    Head(Head),
    Body(Vec<u8>),
    /// Always the last.
    End(Result<(), HttpError>),
}

/// One request on its own thread.
struct Work {
    agent: Agent,
    request: Request,
    key: Option<ApiKey>,
    silence: Duration,
}

impl Work {
    fn run(self, pieces: &SyncSender<Piece>) {
        let end = self.ask(pieces);
        // Who asked may have gone.
        let _ = pieces.send(Piece::End(end));
    }

    fn ask(&self, pieces: &SyncSender<Piece>) -> Result<(), HttpError> {
        let mut response = self.send().map_err(|error| self.failure(&error))?;
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        if response.status().is_redirection() {
            let place = header("location").unwrap_or_default();
            return Err(HttpError::Redirected(place.chars().take(200).collect()));
        }
        let kind = header("content-type").unwrap_or_default();
        let head = Head {
            status,
            content_type: kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
            content_length: header("content-length").and_then(|length| length.parse().ok()),
        };
        let mut body = response.body_mut().as_reader();
        if !response_is_good(status) {
            let mut complaint = Vec::new();
            // What can be read of it will do.
            let _ = body.take(MAX_COMPLAINT as u64).read_to_end(&mut complaint);
            let body = self.redacted(&String::from_utf8_lossy(&complaint));
            return Err(HttpError::Status { status, body });
        }
        if pieces.send(Piece::Head(head)).is_err() {
            return Ok(());
        }
        let mut buffer = vec![0; PIECE];
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failure(&ureq::Error::from(error))),
            };
            if pieces.send(Piece::Body(buffer[..count].to_vec())).is_err() {
                return Ok(());
            }
        }
    }

    fn send(&self) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let mut request = ureq::http::Request::builder().uri(self.request.url.as_str());
        for (name, value) in &self.request.headers {
            request = request.header(*name, value);
        }
        if let Some(key) = &self.key {
            let mut value = ureq::http::HeaderValue::from_str(&format!("Bearer {}", key.reveal()))
                .map_err(|error| ureq::Error::Http(error.into()))?;
            value.set_sensitive(true);
            request = request.header("authorization", value);
        }
        match &self.request.body {
            Some(body) => self.agent.run(request.method("POST").body(body.as_slice())?),
            None => self.agent.run(request.method("GET").body(())?),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "ureq may add more, and its own words will do")]
    fn failure(&self, error: &ureq::Error) -> HttpError {
        match error {
            ureq::Error::Io(error) => self.io_failure(error),
            ureq::Error::Timeout(_) => HttpError::Silent(self.silence),
            ureq::Error::HostNotFound => HttpError::NoHost,
            ureq::Error::Rustls(error) => HttpError::Tls(tls_words(error)),
            ureq::Error::Protocol(_) => HttpError::Cut,
            ureq::Error::RequireHttpsOnly(place) => HttpError::Redirected(place.clone()),
            other => HttpError::Other(self.redacted(&other.to_string())),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "any other has its own words")]
    fn io_failure(&self, error: &io::Error) -> HttpError {
        if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
            return self.failure(inner);
        }
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return HttpError::Tls(tls_words(tls));
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => HttpError::Refused,
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => HttpError::Silent(self.silence),
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::BrokenPipe => HttpError::Cut,
            _ => HttpError::Other(self.redacted(&error.to_string())),
        }
    }

    /// A server may send back what it was sent.
    fn redacted(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.redact(text))
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "rustls may add more, and its own words will do")]
fn tls_words(error: &rustls::Error) -> String {
    use rustls::CertificateError::{Expired, ExpiredContext, UnknownIssuer};
    match error {
        rustls::Error::InvalidCertificate(UnknownIssuer) => {
            "its certificate is from an issuer that this system does not trust; for a private one name its file in \
             `SSL_CERT_FILE`"
                .to_owned()
        }
        rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. }) => {
            "its certificate has expired; check this machine's clock".to_owned()
        }
        rustls::Error::InvalidMessage(_) => {
            "it does not speak TLS; for a server on this machine use `http://`".to_owned()
        }
        other => other.to_string(),
    }
}

fn response_is_good(status: u16) -> bool {
    (200..300).contains(&status)
}

#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;
