//! The way to a server, one step after the other, each with its time: for finding out where it ends.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use url::Host;

use super::opener::{Opener, Unopened};
use super::socket::Frame;
use super::{LinkConfig, auth, dial, tls};
use crate::protocol::dialect::decode_server;
use crate::protocol::{ApiError, ServerEvent};
use crate::text::Clean;

/// What one step may take.
pub const STEP_LIMIT: Duration = Duration::from_secs(5);

/// A step that was tried. All text is fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    pub took: Duration,
    pub result: Result<String, Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub what: String,
    pub cure: String,
}

fn problem(what: impl Into<String>, cure: impl Into<String>) -> Problem {
    Problem { what: what.into(), cure: cure.into() }
}

/// Goes as far as it gets. The last step has failed, or all have succeeded.
pub async fn probe(config: LinkConfig) -> Vec<Step> {
    let mut probe = Probe { opener: Opener::new(config), steps: Vec::new() };
    // Why it ends is in the steps.
    let _ = Box::pin(probe.run()).await;
    probe.steps
}

struct Probe {
    opener: Opener,
    steps: Vec<Step>,
}

impl Probe {
    async fn run(&mut self) -> Option<()> {
        let (url, proxy) = {
            let endpoint = &self.opener.config.endpoint;
            (endpoint.url.clone(), endpoint.proxy.clone().filter(|_| !auth::is_loopback(&endpoint.url)))
        };
        let first = proxy.as_ref().unwrap_or(&url);
        if let Some(Host::Domain(name)) = first.host() {
            let port = first.port_or_known_default().unwrap_or(443);
            self.step("name", resolve(name, port)).await?;
        }
        let reach =
            async { dial::dial(&url, proxy.as_ref()).await.map_err(|e| unreachable(&e, proxy.is_some())) };
        let stream = self.step("tcp", async { reach.await.map(|stream| (told(&stream), stream)) }).await?;
        if url.scheme() == "wss" {
            let host = url.host_str().unwrap_or_default().to_owned();
            let trusted = self.opener.config.tls.clone();
            self.step("tls", encrypt(stream, host, trusted)).await?;
        }
        let mut opener = self.opener.clone();
        Box::pin(self.step("sign-in", async move { sign_in(&mut opener).await })).await
    }

    /// Waits for one step and notes it.
    async fn step<T>(
        &mut self,
        name: &'static str,
        work: impl Future<Output = Result<(String, T), Problem>>,
    ) -> Option<T> {
        let began = Instant::now();
        let done = timeout(STEP_LIMIT, work).await.unwrap_or_else(|_| {
            Err(problem(
                format!("no answer within {} s", STEP_LIMIT.as_secs()),
                "check the network, and a firewall",
            ))
        });
        let (result, value) = match done {
            Ok((text, value)) => (Ok(Clean::line(&text).into_string()), Some(value)),
            Err(why) => (Err(Problem { what: Clean::line(&why.what).into_string(), cure: why.cure }), None),
        };
        self.steps.push(Step { name, took: began.elapsed(), result });
        value
    }
}

async fn resolve(name: &str, port: u16) -> Result<(String, ()), Problem> {
    let found = tokio::net::lookup_host((name, port)).await;
    let cure = "check the address's spelling, the network, and the resolver of this machine";
    let count = found.map_err(|e| problem(format!("`{name}` cannot be resolved: {e}"), cure))?.count();
    match count {
        0 => Err(problem(format!("`{name}` has no address"), cure)),
        1 => Ok((format!("`{name}`: 1 address"), ())),
        _ => Ok((format!("`{name}`: {count} addresses"), ())),
    }
}

fn told(stream: &TcpStream) -> String {
    stream.peer_addr().map_or_else(|_| "connected".to_owned(), |address| address.to_string())
}

fn unreachable(error: &dial::DialError, by_proxy: bool) -> Problem {
    let cure = if by_proxy {
        "check `server.proxy`, HTTPS_PROXY, and what the proxy lets through"
    } else {
        "check that the server runs there, the port, and a firewall; behind a proxy set HTTPS_PROXY"
    };
    problem(error.to_string(), cure)
}

async fn encrypt(
    stream: TcpStream,
    host: String,
    trusted: Option<tls::TlsConfig>,
) -> Result<(String, ()), Problem> {
    let trusted = match trusted {
        Some(trusted) => trusted,
        None => tokio::task::spawn_blocking(tls::native)
            .await
            .expect("loading does not panic")
            .map_err(|why| problem(why, "install the package `ca-certificates`"))?,
    };
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
        .map_err(|_| problem(format!("no certificate can be for `{host}`"), "check the address"))?;
    let stream = tokio_rustls::TlsConnector::from(Arc::clone(&trusted)).connect(name, stream).await.map_err(|e| {
        problem(
            tls::failure(&e).unwrap_or_else(|| e.to_string()),
            "for a private certificate authority name its file in SSL_CERT_FILE; else check the address and the clock",
        )
    })?;
    let version = stream.get_ref().1.protocol_version().and_then(|version| version.as_str()).unwrap_or("TLS");
    Ok((version.replace('_', " ").replace("TLSv", "TLS "), ()))
}

async fn sign_in(opener: &mut Opener) -> Result<(String, ()), Problem> {
    let mut socket = opener.open().await.map_err(|why| match why {
        Unopened::Fatal(error) => problem(error.to_string(), cure_of(&error)),
        Unopened::Lost { reason, .. } => {
            problem(reason, "try again later; the server's status page may know more")
        }
    })?;
    let silent = || problem("the server hung up before its first word", "check `--url` and `--dialect`");
    loop {
        let Some(Ok(frame)) = socket.recv().await else { return Err(silent()) };
        let Frame::Text(text) = frame else { continue };
        let Ok(message) = decode_server(&text) else { continue };
        match message.event {
            ServerEvent::SessionCreated(event) => {
                socket.close(1000, "", Duration::ZERO).await;
                let model = event.session.model.unwrap_or_default();
                return Ok((format!("session created, model `{model}`"), ()));
            }
            ServerEvent::Error { error } => return Err(refused(opener, &error)),
            _ => {}
        }
    }
}

fn refused(opener: &Opener, error: &ApiError) -> Problem {
    let what = if error.message.is_empty() { error.code() } else { &error.message };
    problem(opener.quote(what), "check the key, the model and the account's billing")
}

fn cure_of(error: &super::LinkError) -> &'static str {
    if error.is_auth() {
        "check `realtime-cli config show` for where the key is from"
    } else {
        "check `--url` and `--model`"
    }
}

#[cfg(test)]
mod tests;
