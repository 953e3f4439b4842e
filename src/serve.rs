//! `serve`: the offline engine for any other client of the protocol.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;

use crate::Failure;
use crate::cli::{Exit, ServeArgs};
use crate::config::Config;
use crate::offline::{self, Ears};
use crate::server::{self, Access, Token};

/// Serves until a signal ends it. `out` gets `url: …` and, unless everybody may come in, `token: …`.
pub(crate) fn run(args: &ServeArgs, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let address = address(args).map_err(|e| Failure::new(Exit::Usage, e))?;
    let token = token(args).map_err(|e| Failure::new(Exit::Failure, e))?;
    let plan = config.offline()?;
    let engines = offline::engines(&plan, &config.paths.cache_dir, Ears::Open)
        .map_err(|e| Failure::new(Exit::Usage, e))?;
    let developer = developer::from(&args.developer)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on `{address}`; choose another by `--port`, 0 takes any")
        })?;
        announce(&listener, token.as_ref(), out)?;
        let access = Access { token };
        let mut signals = crate::app::driver::Signals::new();
        let mut exit = Exit::Ok;
        let shutdown = async { exit = signals.next().await };
        server::run_for_developers(listener, engines, access, developer, shutdown).await?;
        Ok(exit)
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    served.map_err(|e: anyhow::Error| Failure::new(Exit::Failure, e))
}

mod developer;

fn address(args: &ServeArgs) -> anyhow::Result<SocketAddr> {
    let host = if args.host == "localhost" { "127.0.0.1" } else { &args.host };
    let ip: IpAddr = host.parse().map_err(|_| anyhow!("`--host` takes an address such as `127.0.0.1`"))?;
    if args.no_auth && !ip.is_loopback() {
        return Err(anyhow!("`--no-auth` is for loopback only; leave it out to serve on `{ip}`"));
    }
    Ok(SocketAddr::new(ip, args.port))
}

fn token(args: &ServeArgs) -> anyhow::Result<Option<Token>> {
    if args.no_auth {
        return Ok(None);
    }
    let Some(path) = &args.token_file else { return Ok(Some(Token::random()?)) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let token = text.trim();
    if token.len() < 16 {
        return Err(anyhow!("the token in `{}` has fewer than 16 characters", path.display()));
    }
    Ok(Some(Token::new(token)))
}

/// In one write: a reader who has what it needs after the first line must not end the server.
fn announce(listener: &TcpListener, token: Option<&Token>, out: &mut dyn Write) -> anyhow::Result<()> {
    let token = token.map(|token| format!("token: {}\n", token.reveal())).unwrap_or_default();
    let address = listener.local_addr()?;
    let url = format!("url: ws://{address}/v1/realtime\n");
    let warning = if address.ip().is_loopback() {
        ""
    } else {
        "Others on the network can reach it, and nothing is encrypted: put a TLS proxy before it.\n"
    };
    let text =
        format!("{url}{token}ready; Ctrl-C ends it. A client shows the token as its API key.\n{warning}");
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
