//! What the screen's panels need of the machine: its devices, settings, log and files.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::app::machine::{Machine, News, Request};
use crate::audio::{self, DeviceEntry, Direction};
use crate::config::{Config, Environment, paths};
use crate::{devices_cli, logging};

pub(crate) struct Desk {
    config: Config,
    /// One at a time: what is remembered is read, changed and written.
    choosing: Mutex<()>,
}

impl Desk {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, choosing: Mutex::new(()) }
    }

    fn choose(&self, direction: Direction, wanted: &str, entries: Vec<DeviceEntry>) -> News {
        let _one = self.choosing.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = if entries.is_empty() { audio::devices() } else { entries };
        News::Chosen { direction, outcome: devices_cli::choose(&entries, direction, wanted, &self.config) }
    }
}

impl Machine for Desk {
    fn carry_out(&self, request: Request) -> Option<News> {
        Some(match request {
            // What sound libraries print meanwhile goes where the screen's owner has put standard error.
            Request::Devices => News::Devices(audio::devices()),
            Request::Choose { direction, wanted, entries } => self.choose(direction, &wanted, entries),
            Request::Settings => News::Settings(self.config.rows()),
            Request::Log { seen } => {
                let (seen, lines) = logging::recent(seen)?;
                News::Log { seen, lines }
            }
            Request::Export { path, text } => News::Exported(export(&path, &text)),
        })
    }
}

/// What became of it; a file that is there already is left alone.
fn export(name: &str, text: &str) -> Result<String, String> {
    let path: PathBuf = paths::expand(name, &Environment::of_process());
    let shown = path.display();
    match paths::private_new(&path, text.as_bytes()) {
        Ok(()) => Ok(format!("written to `{shown}`")),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(format!("`{shown}` is there already; name another file"))
        }
        Err(error) => Err(format!("`{shown}` cannot be written: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_was_said_is_for_its_owner_only_and_takes_no_files_place() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("talk.md");
        let name = path.to_str().unwrap();
        assert!(export(name, "first").unwrap().contains(name));
        let refused = export(name, "second").unwrap_err();
        assert!(refused.contains("is there already"), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none/talk.md");
        let refused = export(path.to_str().unwrap(), "text").unwrap_err();
        assert!(refused.contains("cannot be written"), "{refused}");
    }
}
