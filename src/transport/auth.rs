//! The API key, and to whom it may be shown.
//!
//! No other file reads the key's text, but for the server that checks one.

use std::borrow::Cow;
use std::net::IpAddr;

use url::{Host, Url};
use zeroize::Zeroizing;

/// No key that a service hands out is shorter.
const SECRET: usize = 12;

/// A secret: prints as stars everywhere, cannot be serialized, and is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Zeroizing<String>);

/// Why a text cannot be a key. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("it is empty")]
    Empty,
    #[error("it has spaces, control characters or letters that are not ASCII in it")]
    Malformed,
}

impl ApiKey {
    /// Blanks around it are dropped.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        match text {
            "" => Err(KeyError::Empty),
            _ if !text.bytes().all(|b| b.is_ascii_graphic()) => Err(KeyError::Malformed),
            _ => Ok(Self(Zeroizing::new(text.to_owned()))),
        }
    }

    /// The secret itself, for a request's header or a comparison, never for display.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// A server's frame without the key, wherever in it it says it back. What is too short to be a secret stays: it
    /// may well be a word of the protocol.
    pub fn redact_frame<'t>(&self, frame: &'t str) -> Cow<'t, str> {
        if self.0.len() >= SECRET && frame.contains(self.0.as_str()) {
            Cow::Owned(self.redact(frame))
        } else {
            Cow::Borrowed(frame)
        }
    }

    /// `text` without the key: a server may send back what it was sent.
    pub fn redact(&self, text: &str) -> String {
        text.replace(self.0.as_str(), "[key]")
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(***)")
    }
}

impl std::fmt::Display for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Where in the request for a connection the key stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum KeyPlace {
    /// `Authorization: Bearer KEY`
    #[default]
    Bearer,
    /// `Authorization: Basic KEY`, the key being what is asked for, encoded already.
    Basic,
    /// A header of this name.
    Header(String),
    /// A parameter of the address. It ends in the logs of others; some servers take it no other way.
    Query(String),
    /// A WebSocket subprotocol: this, then the key.
    Subprotocol(String),
    /// Nowhere: the server wants none.
    Nowhere,
}

impl KeyPlace {
    /// `bearer`, `basic`, `none`, `header:NAME`, `query:NAME` or `subprotocol:PREFIX`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let token = |name: &str| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
            if !name.is_empty() && name.bytes().all(fits) { Ok(name.to_owned()) } else { Err(()) }
        };
        let place = match text.split_once(':') {
            None if text == "bearer" => Ok(Self::Bearer),
            None if text == "basic" => Ok(Self::Basic),
            None if text == "none" => Ok(Self::Nowhere),
            Some(("header", name)) => token(name).map(|name| Self::Header(name.to_ascii_lowercase())),
            Some(("query", name)) => token(name).map(Self::Query),
            Some(("subprotocol", prefix)) => token(prefix).map(Self::Subprotocol),
            _ => Err(()),
        };
        place.map_err(|()| {
            "`auth` is bearer, basic, none, header:NAME, query:NAME or subprotocol:PREFIX".to_owned()
        })
    }
}

/// Why a key is not sent to a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[error(
    "the API key is not sent to `{host}` over an unencrypted connection; use a `wss://` address, or unset the key"
)]
pub struct ClearText {
    pub host: String,
}

/// Whether this address may be shown a key: encrypted, or this very machine.
pub fn may_send_key(url: &Url) -> Result<(), ClearText> {
    if url.scheme() == "wss" || is_loopback(url) {
        return Ok(());
    }
    Err(ClearText { host: url.host_str().unwrap_or_default().to_owned() })
}

/// Whether the address is this machine, whatever a resolver says.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Whether a resolved address is this machine; what `localhost` resolves to is checked again with it.
pub fn is_loopback_ip(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// The address as it may be shown: no password, and of the query only what is known to be harmless.
pub fn displayed(url: &Url) -> String {
    const HARMLESS: [&str; 6] = ["model", "intent", "call_id", "api-version", "deployment", "language"];
    let mut shown = url.clone();
    // Refused only for addresses that have no user part anyway.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_fragment(None);
    if url.query().is_some() {
        let masked: Vec<_> = url
            .query_pairs()
            .map(|(name, value)| {
                let harmless = HARMLESS.contains(&name.as_ref());
                (name.into_owned(), if harmless { value.into_owned() } else { "***".to_owned() })
            })
            .collect();
        shown.query_pairs_mut().clear().extend_pairs(masked);
    }
    shown.to_string()
}

#[cfg(test)]
mod tests;
