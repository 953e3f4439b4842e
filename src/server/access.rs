//! Who may come in: the token, and the address and page that a request says it comes from. Pure.
//!
//! A web page can make a browser connect to loopback, under a name that points there; so the token alone is not asked.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use subtle::ConstantTimeEq as _;

/// A subprotocol that carries a key, for those who cannot set headers.
const KEY_PROTOCOL: &str = "openai-insecure-api-key.";
const BETA_PROTOCOL: &str = "openai-beta.realtime-v1";
const PROTOCOL: &str = "realtime";

/// A secret of 128 random bits, as 32 hexadecimal digits. Never shows itself.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one, from the system's source of randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bytes))))
    }

    /// One that was chosen elsewhere.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The secret itself, to be given to a client.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn matches(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What a request says of itself before it becomes a WebSocket.
#[derive(Debug, Clone, Default)]
pub struct RequestHead {
    pub path: String,
    pub query: Option<String>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("no or a wrong token; send it as `Authorization: Bearer TOKEN`")]
    Token,
    #[error("the `Host` header does not name this machine's loopback or the address served")]
    Host,
    #[error("the `Origin` is not on loopback")]
    Origin,
}

impl Denied {
    /// The HTTP status to answer with.
    pub fn status(self) -> u16 {
        match self {
            Self::Token => 401,
            Self::Host | Self::Origin => 403,
        }
    }
}

/// Who is let in.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// `None` lets everybody in who is on this machine.
    pub token: Option<Token>,
}

impl Access {
    /// Checks a request that came to the address `local`.
    pub fn check(&self, head: &RequestHead, local: IpAddr) -> Result<(), Denied> {
        let mut hosts = head.all("host");
        match (hosts.next(), hosts.next()) {
            (Some(host), None) if is_own_host(host_of(host), local) => {}
            _ => return Err(Denied::Host),
        }
        if !head.all("origin").all(|origin| is_own_origin(origin, local)) {
            return Err(Denied::Origin);
        }
        match &self.token {
            None => Ok(()),
            Some(token) if head.keys().any(|key| token.matches(key)) => Ok(()),
            Some(_) => Err(Denied::Token),
        }
    }
}

impl RequestHead {
    /// Every value of the header `name`, given in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.trim())
    }

    /// The first value of the query's field `name`, percent-decoded.
    pub fn query_value(&self, name: &str) -> Option<String> {
        let query = self.query.as_deref()?;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The subprotocol to answer with.
    pub fn subprotocol(&self) -> Option<&'static str> {
        self.protocols().any(|p| p == PROTOCOL).then_some(PROTOCOL)
    }

    /// Whether the client speaks the older dialect.
    pub fn is_beta(&self) -> bool {
        self.all("openai-beta").any(|value| value.split(',').any(|v| v.trim() == "realtime=v1"))
            || self.protocols().any(|p| p == BETA_PROTOCOL)
    }

    fn protocols(&self) -> impl Iterator<Item = &str> {
        self.all("sec-websocket-protocol").flat_map(|list| list.split(',')).map(str::trim)
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        let bearer = self.all("authorization").filter_map(|value| {
            let (scheme, key) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
        });
        let protocol = self.protocols().filter_map(|p| p.strip_prefix(KEY_PROTOCOL));
        bearer.chain(self.all("api-key")).chain(protocol)
    }
}

/// The name or address of `host:port`, without brackets.
fn host_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split_once(']').map_or("", |(host, _)| host);
    }
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}

fn is_own_host(host: &str, local: IpAddr) -> bool {
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    host.parse::<IpAddr>().is_ok_and(|ip| is_loopback(ip) || canonical(ip) == canonical(local))
}

fn is_own_origin(origin: &str, local: IpAddr) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    matches!(scheme, "http" | "https") && is_own_host(host_of(authority), local)
}

fn is_loopback(ip: IpAddr) -> bool {
    canonical(ip).is_loopback()
}

/// IPv4 in IPv6's clothes is IPv4.
fn canonical(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(Ipv6Addr::from(v6.octets())), IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

#[cfg(test)]
mod tests;
