//! A TCP connection to a host: the first of its addresses that answers, through a proxy when told so.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;
use url::{Host, Url};

use super::auth;

/// How long one address may take before the next is tried beside it.
const STAGGER: Duration = Duration::from_millis(250);
/// What the system may hold of unsent bytes: Linux doubles it, to a second of PCM, which is still enough for an answer
/// that takes 600 ms to come back. More would only go stale.
const SEND_BUFFER: u32 = 32 << 10;
/// Of these, what may not even be on its way: a tenth of a second of PCM. What a slow network does not take is then
/// seen here, and dropped before it is stale.
#[cfg(target_os = "linux")]
const NOT_SENT: u32 = 8 << 10;
const MAX_PROXY_HEAD: usize = 16 << 10;

/// Why no connection came about.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    #[error("the address has no host or port")]
    NoHost,
    #[error("the name `{host}` cannot be resolved: {source}")]
    Resolve { host: String, source: io::Error },
    #[error("`{host}` cannot be reached: {source}")]
    Connect { host: String, source: io::Error },
    #[error("the proxy `{proxy}` says: {answer}")]
    Proxy { proxy: String, answer: String },
}

pub(super) async fn dial(url: &Url, proxy: Option<&Url>) -> Result<TcpStream, DialError> {
    // What is taken for this machine must be it, or a resolver could send a key elsewhere.
    let here = auth::is_loopback(url);
    let Some(proxy) = proxy.filter(|_| !here) else { return reach(url, here).await };
    let stream = reach(proxy, false).await?;
    tunnel(stream, url, proxy).await
}

async fn reach(url: &Url, only_here: bool) -> Result<TcpStream, DialError> {
    let port = url.port_or_known_default().ok_or(DialError::NoHost)?;
    let host = url.host_str().ok_or(DialError::NoHost)?.to_owned();
    let found = match url.host().ok_or(DialError::NoHost)? {
        Host::Ipv4(ip) => Ok(vec![SocketAddr::from((ip, port))]),
        Host::Ipv6(ip) => Ok(vec![SocketAddr::from((ip, port))]),
        Host::Domain(name) => tokio::net::lookup_host((name, port)).await.map(Iterator::collect),
    };
    let mut addresses: Vec<SocketAddr> =
        found.map_err(|source| DialError::Resolve { host: host.clone(), source })?;
    if only_here {
        addresses.retain(|address| auth::is_loopback_ip(address.ip()));
    }
    race(interleave(addresses), connect).await.map_err(|source| DialError::Connect { host, source })
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(NOT_SENT) {
        tracing::debug!(%error, "the system holds back what it likes");
    }
    Ok(stream)
}

/// Both families in turn, beginning with the resolver's first.
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (one, other): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|a| a.is_ipv6() == first_is_v6);
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut out = Vec::new();
    loop {
        let pair = (one.next(), other.next());
        out.extend(pair.0);
        out.extend(pair.1);
        if pair == (None, None) {
            return out;
        }
    }
}

/// The first that succeeds wins; the next one starts when the last has failed or is slow.
async fn race<T, F: Future<Output = io::Result<T>>>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> io::Result<T> {
    let mut waiting = addresses.into_iter();
    let mut tries = FuturesUnordered::new();
    let mut last = io::Error::new(io::ErrorKind::AddrNotAvailable, "it has no address");
    loop {
        match waiting.next() {
            Some(address) => tries.push(connect(address)),
            None if tries.is_empty() => return Err(last),
            None => {}
        }
        tokio::select! {
            Some(result) = tries.next() => match result {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            },
            () = sleep(STAGGER), if waiting.len() > 0 => {}
        }
    }
}

/// Asks a proxy to pass everything on to the server. The key is not in what the proxy sees of a `wss://` server.
async fn tunnel(mut stream: TcpStream, url: &Url, proxy: &Url) -> Result<TcpStream, DialError> {
    let failed = |answer: String| DialError::Proxy { proxy: auth::displayed(proxy), answer };
    let host = url.host_str().ok_or(DialError::NoHost)?;
    let port = url.port_or_known_default().ok_or(DialError::NoHost)?;
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if !proxy.username().is_empty() {
        let user =
            format!("{}:{}", unescaped(proxy.username()), unescaped(proxy.password().unwrap_or_default()));
        request.push_str("Proxy-Authorization: Basic ");
        request.push_str(&STANDARD.encode(user));
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.map_err(|e| failed(e.to_string()))?;
    let head = read_head(&mut stream).await.map_err(|e| failed(e.to_string()))?;
    let status = head.lines().next().unwrap_or_default();
    match status.split_whitespace().nth(1) {
        Some(code) if code.len() == 3 && code.starts_with('2') => Ok(stream),
        _ => Err(failed(status.to_owned())),
    }
}

/// Up to the empty line and not a byte further: what follows belongs to the server.
async fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MAX_PROXY_HEAD {
            return Err(io::Error::other("its answer does not end"));
        }
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn unescaped(text: &str) -> String {
    // A query parser is the percent decoder at hand; `+` and `&` are escaped first since they mean more to it.
    let guarded = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(guarded.as_bytes())
        .map(|(name, _)| name.into_owned())
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
