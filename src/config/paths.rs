//! Where things are kept, and that only their owner can read them.
//!
//! The XDG base directories on every Unix, macOS too; on Windows the application data folders.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::Environment;

const NAME: &str = "realtime-cli";

/// The program's directories. None is made by looking it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    pub config_dir: PathBuf,
    /// Tasks.
    pub data_dir: PathBuf,
    /// Logs and histories.
    pub state_dir: PathBuf,
    /// What can be made again.
    pub cache_dir: PathBuf,
}

impl Paths {
    /// `REALTIME_CLI_HOME`, when set, holds all four; else each has its own place. `None` without a home.
    pub fn find(env: &Environment) -> Option<Self> {
        if let Some(home) = env.path("REALTIME_CLI_HOME") {
            let home = std::path::absolute(home).ok()?;
            return Some(Self {
                config_dir: home.join("config"),
                data_dir: home.join("data"),
                state_dir: home.join("state"),
                cache_dir: home.join("cache"),
            });
        }
        let home = env.path("HOME").or_else(|| env.path("USERPROFILE")).filter(|p| p.is_absolute());
        let place = |variable: &str, windows: &str, unix: &str| {
            let set = env.path(variable).filter(|p| p.is_absolute());
            let known = if cfg!(windows) { env.path(windows) } else { None };
            set.or(known).or_else(|| home.as_ref().map(|home| home.join(unix))).map(|base| base.join(NAME))
        };
        Some(Self {
            config_dir: place("XDG_CONFIG_HOME", "APPDATA", ".config")?,
            data_dir: place("XDG_DATA_HOME", "APPDATA", ".local/share")?,
            state_dir: place("XDG_STATE_HOME", "LOCALAPPDATA", ".local/state")?,
            cache_dir: place("XDG_CACHE_HOME", "LOCALAPPDATA", ".cache")?,
        })
    }

    pub fn config_file(&self) -> PathBuf {
        self.config_dir.join("config.toml")
    }
}

/// Makes a directory and what is missing above it, for the owner only from the start.
pub fn private_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file for appending; a new one is for the owner only from the start.
pub fn private_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes an empty file for the owner only; `AlreadyExists` where there is one.
pub fn private_create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create_new(true).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a file for the owner only; `AlreadyExists` where there is one.
pub fn private_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write as _;
    private_create(path)?.write_all(bytes)
}

/// Puts a file for the owner only in the place of another; who reads meanwhile finds the one or the other, whole.
pub fn private_replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let moved = private_new(&new, bytes).and_then(|()| std::fs::rename(&new, path));
    if moved.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    moved
}

/// A leading `~/` is the home directory; what is relative is relative to the working directory.
pub fn expand(path: &str, env: &Environment) -> PathBuf {
    match (path.strip_prefix("~/"), env.path("HOME")) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path)),
    }
}
