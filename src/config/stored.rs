//! Keys that `login` keeps: which host each is for, and where it is.
//!
//! `keys.toml` beside the settings file has one table for each host: `keyring = true`, or the `key` itself, for its
//! owner only. So the keyring is asked only by those who have put a key there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};
use url::Url;
use zeroize::Zeroizing;

use super::{Config, ConfigError, paths, read_file};
use crate::transport::auth::ApiKey;

/// Where a stored key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    Keyring,
    /// In `keys.toml`.
    File(ApiKey),
}

/// For whom a key is kept: the host, with a port that is not the usual one.
pub fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl Config {
    pub fn keys_file(&self) -> PathBuf {
        self.file.with_file_name("keys.toml")
    }

    /// Where the key for this host was put.
    pub fn stored(&self, host: &str) -> Result<Option<Stored>, ConfigError> {
        let path = self.keys_file();
        let wrong = |reason: &str| ConfigError::File { path: path.clone(), reason: reason.to_owned() };
        let Some(text) = read_file(&path)?.map(Zeroizing::new) else { return Ok(None) };
        // Without the parser's words: they quote the line, and with it the key.
        let table: Table = text.parse().map_err(|_| wrong("it is not valid TOML"))?;
        let Some(entry) = table.get(host) else { return Ok(None) };
        match (entry.get("key"), entry.get("keyring")) {
            (Some(Value::String(key)), None) => ApiKey::new(key)
                .map(|key| Some(Stored::File(key)))
                .map_err(|e| wrong(&format!("the key: {e}"))),
            (None, Some(Value::Boolean(true))) => Ok(Some(Stored::Keyring)),
            _ => Err(wrong(&format!("`{host}` has neither a `key` nor `keyring = true`"))),
        }
    }

    /// Puts an entry in the place of the host's, or takes it out. Whether there was one.
    pub fn store(&self, host: &str, stored: Option<&Stored>) -> io::Result<bool> {
        let path = self.keys_file();
        let mut table = read_table(&path)?;
        let before = match stored {
            Some(stored) => table.insert(host.to_owned(), entry(stored)),
            None => table.remove(host),
        };
        if stored.is_none() && before.is_none() {
            return Ok(false);
        }
        if table.is_empty() {
            fs::remove_file(&path)?;
            return Ok(true);
        }
        paths::private_dir(path.parent().unwrap_or(Path::new("/")))?;
        let text = Zeroizing::new(table.to_string());
        paths::private_replace(&path, text.as_bytes())?;
        Ok(before.is_some())
    }
}

fn entry(stored: &Stored) -> Value {
    let (name, value) = match stored {
        Stored::Keyring => ("keyring", Value::Boolean(true)),
        Stored::File(key) => ("key", Value::String(key.reveal().to_owned())),
    };
    Value::Table(Table::from_iter([(name.to_owned(), value)]))
}

fn read_table(path: &Path) -> io::Result<Table> {
    match fs::read_to_string(path).map(Zeroizing::new) {
        Ok(text) => text.parse().map_err(|_| io::Error::other("it is not valid TOML; mend or remove it")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Table::new()),
        Err(error) => Err(error),
    }
}
