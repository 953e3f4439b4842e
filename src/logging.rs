//! The log: a file only when asked for, only for its owner, only the program's own words. The last of them, `info` and
//! above, are also kept in memory for the screen.
//!
//! | level | what it means |
//! |---|---|
//! | `error` | the program cannot do what it is for |
//! | `warn` | something was lost or skipped: a connection, a frame, a device |
//! | `info` | what a person would call an event: connected, a device chosen |
//! | `debug` | each step, without contents |
//! | `trace` | each message's kind and size |
//!
//! Sound, keys and the contents of messages are logged at no level.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry;

use crate::config::{LogLevel, paths};
use recent::{Keeper, TimeOfDay};

mod recent;

pub use recent::recent;

/// Two files of this many bytes at the most: the current one and the one before.
const MAX_FILE: u64 = 5_000_000;

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the log `{}`: {source}; use `--log-level off` or another `REALTIME_CLI_HOME`", path.display())]
pub struct LogError {
    path: PathBuf,
    source: io::Error,
}

/// Begins to log into `state_dir`, and says where; `None` when nothing is to be logged. Once per process.
pub fn init(level: LogLevel, state_dir: &Path) -> Result<Option<PathBuf>, LogError> {
    let path = Some(state_dir.join("realtime-cli.log")).filter(|_| level != LogLevel::Off);
    let open = |path: &PathBuf| {
        LogFile::open(path, MAX_FILE).map_err(|source| LogError { path: path.clone(), source })
    };
    let log = path.as_ref().map(open).transpose()?;
    // A second one in this process would be lost; the first goes on.
    let _ = tracing::subscriber::set_global_default(subscriber(level, log));
    Ok(path)
}

/// Other crates' words are left out: they are not known to hold no secrets.
fn subscriber(level: LogLevel, log: Option<LogFile>) -> impl tracing::Subscriber + Send + Sync {
    let own = |level| Targets::new().with_target("realtime_cli", level);
    let layer = || tracing_subscriber::fmt::layer().with_ansi(false);
    let recent = layer().with_target(false).with_timer(TimeOfDay).with_writer(|| Keeper);
    let mut layers = vec![recent.with_filter(own(LevelFilter::INFO)).boxed()];
    layers
        .extend(log.map(|log| layer().with_writer(Mutex::new(log)).with_filter(own(filter(level))).boxed()));
    registry().with(layers)
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

/// A file that starts anew when it is full; the one before is kept.
#[derive(Debug)]
struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    max: u64,
}

impl LogFile {
    fn open(path: &Path, max: u64) -> io::Result<Self> {
        if let Some(dir) = path.parent() {
            paths::private_dir(dir)?;
        }
        let file = paths::private_append(path)?;
        let size = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, size, max })
    }

    fn rotate(&mut self) -> io::Result<()> {
        std::fs::rename(&self.path, self.path.with_extension("log.1"))?;
        self.file = paths::private_append(&self.path)?;
        self.size = 0;
        Ok(())
    }
}

impl Write for LogFile {
    /// One call is one line: the formatter hands them over whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = escaped(&String::from_utf8_lossy(line));
        if self.size > 0 && self.size + text.len() as u64 > self.max {
            self.rotate()?;
        }
        self.file.write_all(text.as_bytes())?;
        self.size += text.len() as u64;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// One line that does nothing to a terminal and cannot pass for two.
fn escaped(line: &str) -> String {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let mut out = String::with_capacity(line.len() + 1);
    for c in line.chars() {
        if is_plain(c) {
            out.push(c);
        } else {
            out.extend(c.escape_unicode());
        }
    }
    out.push('\n');
    out
}

fn is_plain(c: char) -> bool {
    let bidi =
        matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    !c.is_control() && !bidi && c != '\u{feff}'
}

#[cfg(test)]
mod tests;
