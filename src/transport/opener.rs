//! Opening a connection: the request, the way there, and what a refusal means.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::timeout;

use super::socket::{self, HttpAnswer, OpenError, Opening, Socket};
use super::task::FATAL;
use super::{LinkConfig, LinkError, auth, dial, tls};
use crate::protocol::Dialect;
use crate::text::Clean;

/// Letters of a server's own words that are shown.
const MAX_QUOTE: usize = 200;

/// Why there is no connection.
pub(super) enum Unopened {
    /// The next try may have more luck; `wait` is what the server asked for.
    Lost {
        reason: String,
        wait: Duration,
    },
    Fatal(LinkError),
}

fn lost(reason: impl Into<String>) -> Unopened {
    Unopened::Lost { reason: reason.into(), wait: Duration::ZERO }
}

/// Opens connections of one kind.
#[derive(Clone)]
pub(super) struct Opener {
    pub(super) config: LinkConfig,
    /// The trusted certificates, once they are read.
    tls: Option<tls::TlsConfig>,
}

impl Opener {
    pub(super) fn new(config: LinkConfig) -> Self {
        let tls = config.tls.clone();
        Self { config, tls }
    }

    /// A socket that is ready to talk.
    pub(super) async fn open(&mut self) -> Result<Socket, Unopened> {
        let within = self.config.connect_timeout;
        timeout(within, self.connect())
            .await
            .unwrap_or_else(|_| Err(lost(format!("no answer within {} s", within.as_secs_f32()))))
    }

    async fn connect(&mut self) -> Result<Socket, Unopened> {
        let opening = self.opening().map_err(Unopened::Fatal)?;
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
        let key = endpoint.key.clone().map(|key| (key, endpoint.key_place.clone()));
        Ok(Opening { url: endpoint.url.clone(), key, headers })
    }

    /// The trusted certificates are read once, and not on the runtime's threads.
    async fn tls(&mut self) -> Result<Option<tls::TlsConfig>, Unopened> {
        if self.config.endpoint.url.scheme() != "wss" {
            return Ok(None);
        }
        if self.tls.is_none() {
            let loaded = tokio::task::spawn_blocking(tls::native).await.expect("loading does not panic");
            self.tls = Some(loaded.map_err(|reason| Unopened::Fatal(self.tls_error(reason)))?);
        }
        Ok(self.tls.clone())
    }

    fn tls_error(&self, reason: String) -> LinkError {
        LinkError::Tls { host: self.config.endpoint.url.host_str().unwrap_or_default().to_owned(), reason }
    }

    fn refused(&self, error: OpenError) -> Unopened {
        match error {
            OpenError::Address(reason) => Unopened::Fatal(LinkError::Address(self.quote(&reason))),
            OpenError::Tls(reason) => Unopened::Fatal(self.tls_error(self.quote(&reason))),
            OpenError::Socket(error) => lost(self.quote(&error.to_string())),
            OpenError::Http(answer) => self.answered(&answer),
        }
    }

    fn answered(&self, answer: &HttpAnswer) -> Unopened {
        let said = answer.message.as_deref().or(answer.code.as_deref());
        let detail = said.map(|text| format!(": {}", self.quote(text))).unwrap_or_default();
        let status = answer.status;
        if let Some(code) = answer.code.as_deref().filter(|code| FATAL.contains(code)) {
            return Unopened::Fatal(LinkError::Server {
                code: code.to_owned(),
                message: self.quote(answer.message.as_deref().unwrap_or("no more was said")),
            });
        }
        Unopened::Fatal(match status {
            401 | 403 if self.config.endpoint.key.is_none() => LinkError::NoKey,
            401 | 403 => LinkError::Key { status, detail },
            404 => LinkError::NotFound { detail },
            408 | 425 | 429 | 500.. => {
                let reason = format!("the server answered HTTP {status}{detail}");
                return Unopened::Lost { reason, wait: answer.retry_after.unwrap_or_default() };
            }
            300..=399 => {
                let to = answer.location.as_deref().unwrap_or("nowhere");
                LinkError::Redirected { status, to: self.quote(to) }
            }
            _ => LinkError::Refused { status, detail },
        })
    }

    /// A frame of the server, without the key that it may say back.
    pub(super) fn redact_frame<'t>(&self, frame: &'t str) -> Cow<'t, str> {
        self.config.endpoint.key.as_ref().map_or(Cow::Borrowed(frame), |key| key.redact_frame(frame))
    }

    /// Another's words, fit to be shown: on one line, not long, and without the key.
    pub(super) fn quote(&self, text: &str) -> String {
        let text = self.config.endpoint.key.as_ref().map_or_else(|| text.to_owned(), |key| key.redact(text));
        let mut text = Clean::line(&text).into_string();
        if let Some((cut, _)) = text.char_indices().nth(MAX_QUOTE) {
            text.replace_range(cut.., "…");
        }
        text
    }
}
