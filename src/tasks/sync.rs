//! Brings the store to the same state as elsewhere, both ways, by `TaskChampion`'s own protocol: what two sides have
//! changed is merged property by property, and of two changes of one property the later one stays.

use std::path::PathBuf;

use taskchampion::storage::AccessMode;
use taskchampion::{Replica, ServerConfig, SqliteStorage};

use super::block_on::block_on;
use super::{TaskStore, chain};

/// Where the other side is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A directory that both sides can reach, such as one on a shared disk. Not encrypted.
    Directory(PathBuf),
    /// A git repository of its own, in which everything is encrypted. `git` has to be able to push without a question.
    Git { path: PathBuf, branch: String, remote: Option<String>, secret: Vec<u8> },
}

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("say with what to sync: set `tasks.sync_directory` or `tasks.sync_git`; see docs/tasks.md")]
    NotSet,
    #[error(
        "set `tasks.sync_secret_file` to a file with the secret that encrypts what is in `tasks.sync_git`"
    )]
    NoSecret,
    #[error("cannot make the directory `{path}` to sync with: {source}")]
    Directory { path: PathBuf, source: std::io::Error },
    #[error("cannot read the secret `{path}` to sync with: {reason}")]
    Secret { path: PathBuf, reason: String },
    #[error("cannot sync: {0}")]
    Failed(String),
}

/// How many changes of this side the other one has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synced {
    pub sent: usize,
}

impl TaskStore {
    /// Blocks as long as the other side needs. What was synced cannot be undone any more, on either side.
    pub fn sync(&self, place: Place) -> Result<Synced, SyncError> {
        let server = config(place)?;
        // A second connection to the same database, as another program would have; it keeps its own locks.
        let failed = |error: taskchampion::Error| SyncError::Failed(chain(&error));
        let storage = block_on(SqliteStorage::new(&self.0.dir, AccessMode::ReadWrite, false));
        let mut replica = Replica::new(storage.map_err(failed)?);
        let sent = block_on(replica.num_local_operations()).map_err(failed)?;
        let mut server = block_on(server.into_server()).map_err(failed)?;
        block_on(replica.sync(&mut server, false)).map_err(failed)?;
        Ok(Synced { sent })
    }
}

fn config(place: Place) -> Result<ServerConfig, SyncError> {
    match place {
        Place::Directory(path) => {
            std::fs::create_dir_all(&path)
                .map_err(|source| SyncError::Directory { path: path.clone(), source })?;
            Ok(ServerConfig::Local { server_dir: path })
        }
        Place::Git { path, branch, remote, secret } => Ok(ServerConfig::Git {
            local_path: path,
            branch,
            local_only: remote.is_none(),
            remote,
            encryption_secret: secret,
            git_path: None,
        }),
    }
}
