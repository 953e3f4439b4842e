//! `login` and `logout`: a key is read without being shown, kept for the host that it is for, and removed.
//!
//! It is never an argument, which everybody on the machine could read.

use std::io::{self, IsTerminal as _, Read as _, Write};

use clap::Args;
use url::Url;
use zeroize::Zeroizing;

use crate::Failure;
use crate::cli::Exit;
use crate::config::{Config, Stored, host_of};
use crate::keyring::Keyring;
use crate::text::Clean;
use crate::transport::auth::{self, ApiKey, KeyError};

#[cfg(unix)]
mod hidden;

/// No key is as long.
const MAX_KEY: usize = 16 << 10;
/// No key is as short.
const MIN_KEY: usize = 12;

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct LoginArgs {
    /// The server that the key is for: openai, azure, xai, qwen, inworld and others
    #[arg(long, value_name = "NAME", conflicts_with = "url")]
    pub provider: Option<String>,
    /// or its address
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Keep the key in a file for you alone, where no keyring answers
    #[arg(long)]
    pub file: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct LogoutArgs {
    /// The server whose key is to be removed
    #[arg(long, value_name = "NAME", conflicts_with = "url")]
    pub provider: Option<String>,
    /// or its address
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// Why a text is hardly a key. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Implausible {
    #[error("that is no key: {0}")]
    Not(#[from] KeyError),
    #[error("that is too short for a key")]
    Short,
    #[error("give the key alone, without `{0}`")]
    Wrapped(&'static str),
    #[error("a key of OpenAI begins with `sk-`; for another server use `--provider` or `--url`")]
    NotOpenAi,
}

pub(crate) fn login(
    args: &LoginArgs,
    config: &Config,
    keyring: &dyn Keyring,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let url = config.server_url()?;
    auth::may_send_key(&url).map_err(|e| Failure::new(Exit::Auth, e))?;
    let host = host_of(&url);
    let text = read(&host)?;
    let key = plausible(&text, &url).map_err(|e| Failure::new(Exit::Auth, e))?;
    keep(key, &host, args.file, config, keyring, out)?;
    Ok(Exit::Ok)
}

fn keep(
    key: ApiKey,
    host: &str,
    in_file: bool,
    config: &Config,
    keyring: &dyn Keyring,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let place = if in_file {
        config.store(host, Some(&Stored::File(key))).map_err(|e| unwritable(config, e))?;
        format!("`{}`, for you alone", config.keys_file().display())
    } else {
        keyring.set(host, &key).map_err(|error| {
            let cure = "`realtime-cli login --file` keeps the key in a file for you alone";
            Failure::new(Exit::Failure, anyhow::anyhow!("{error}; {cure}"))
        })?;
        config.store(host, Some(&Stored::Keyring)).map_err(|e| unwritable(config, e))?;
        "the keyring".to_owned()
    };
    writeln!(out, "the key for {} is in {place}", Clean::line(host))?;
    if let Some(stronger) = stronger(config, host) {
        writeln!(out, "not in use as long as there is one {stronger}")?;
    }
    Ok(())
}

pub(crate) fn logout(config: &Config, keyring: &dyn Keyring, out: &mut dyn Write) -> Result<Exit, Failure> {
    let host = host_of(&config.server_url()?);
    let stored = config.stored(&host)?;
    let shown = Clean::line(&host);
    if stored == Some(Stored::Keyring) {
        keyring.delete(&host).map_err(|error| {
            Failure::new(Exit::Failure, anyhow::anyhow!("the key for {shown} cannot be removed: {error}"))
        })?;
    }
    if stored.is_none() {
        let text = anyhow::anyhow!("no key for {shown} was kept by `login`");
        return Err(Failure::new(Exit::NotFound, text));
    }
    config.store(&host, None).map_err(|e| unwritable(config, e))?;
    writeln!(out, "the key for {shown} is removed")?;
    if let Some(stronger) = stronger(config, &host) {
        writeln!(out, "there still is one {stronger}")?;
    }
    Ok(Exit::Ok)
}

fn unwritable(config: &Config, error: io::Error) -> Failure {
    let path = config.keys_file();
    Failure::new(
        Exit::Failure,
        anyhow::Error::from(error).context(format!("cannot change `{}`", path.display())),
    )
}

/// A key that goes before the one that is kept.
fn stronger(config: &Config, host: &str) -> Option<String> {
    let kept = format!(", for {host}");
    config.key_source().filter(|source| !source.ends_with(&kept))
}

/// From the terminal, without showing it; else from standard input, as from another program.
fn read(host: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        let mut text = Zeroizing::new(String::new());
        io::stdin().take(MAX_KEY as u64).read_to_string(&mut text)?;
        return Ok(text);
    }
    let prompt = format!("API key for {}, which is not shown: ", Clean::line(host));
    hidden_line(&prompt)
}

#[cfg(unix)]
fn hidden_line(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    match hidden::line(prompt, MAX_KEY)? {
        Some(line) => Ok(line),
        None => Err(Failure::new(Exit::Interrupted, anyhow::anyhow!("nothing was kept"))),
    }
}

#[cfg(not(unix))]
fn hidden_line(_: &str) -> Result<Zeroizing<String>, Failure> {
    let text = "a typed key would be seen here; pipe it in, as in `realtime-cli login < key.txt`";
    Err(Failure::new(Exit::Usage, anyhow::anyhow!(text)))
}

fn plausible(text: &str, url: &Url) -> Result<ApiKey, Implausible> {
    let text = text.trim();
    for wrap in ["Bearer ", "OPENAI_API_KEY=", "export ", "\"", "'"] {
        if text.starts_with(wrap) {
            return Err(Implausible::Wrapped(wrap.trim_end()));
        }
    }
    let key = ApiKey::new(text)?;
    if text.len() < MIN_KEY {
        return Err(Implausible::Short);
    }
    let openai = url.host_str() == Some("api.openai.com");
    if openai && !["sk-", "ek_"].iter().any(|begin| text.starts_with(begin)) {
        return Err(Implausible::NotOpenAi);
    }
    Ok(key)
}

#[cfg(test)]
mod tests;
