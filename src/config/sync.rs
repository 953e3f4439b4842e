//! With what the tasks are synced.

use std::path::PathBuf;

use super::{Config, resolve};

/// As set; paths are absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncSettings {
    pub directory: Option<PathBuf>,
    pub git: Option<PathBuf>,
    pub remote: Option<String>,
    /// Never read into the settings.
    pub secret_file: Option<PathBuf>,
}

impl Config {
    pub fn sync(&self) -> SyncSettings {
        let text = |key: &str| Some(self.text(key).to_owned()).filter(|text| !text.trim().is_empty());
        let path = |key: &str| text(key).map(|path| resolve(&path, self.origin(key), &self.env));
        SyncSettings {
            directory: path("tasks.sync_directory"),
            git: path("tasks.sync_git"),
            remote: text("tasks.sync_remote"),
            secret_file: path("tasks.sync_secret_file"),
        }
    }
}
