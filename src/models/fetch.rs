//! One file from the network to its place: whole and with the right checksum, or not at all.
//!
//! What has come stands in a file beside it, ends with `.part`, and is gone on with after an interruption.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::checksum::{Checksum, Hasher};
use crate::config::paths::private_dir;
use crate::http::{Client, Endpoint, Event, HttpError, Patience, Request, Service};

const PATIENCE: Patience = Patience { connect: Duration::from_secs(10), silence: Duration::from_secs(30) };
const SERVICE: Service = Service { name: "server", setting: "--url", key: "", path: "" };
const BUFFER: usize = 64 << 10;

/// In bytes; the whole is not always known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) done: u64,
    pub(super) total: Option<u64>,
}

/// Why a file was not fetched. What came of it is kept where that can be of use.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{0}; the same command goes on where it stopped")]
    Network(String),
    #[error("the address does not end with a file's name")]
    Name,
    #[error("`{}` is being fetched already", .0.display())]
    Busy(PathBuf),
    #[error(
        "what came from `{host}` is not what it should be (checksum {found}, not {expected}); it was thrown away: try \
         again, or look at its maker's page"
    )]
    Checksum { host: String, found: String, expected: String },
    #[error("cannot write `{}`: {reason}", path.display())]
    Disk { path: PathBuf, reason: String },
}

/// Fetches the file into `folder`, under its own name, unless it is there already. Returns where it is.
pub(super) fn fetch(
    endpoint: &Endpoint,
    expected: &Checksum,
    folder: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<PathBuf, FetchError> {
    let name = name(endpoint).ok_or(FetchError::Name)?;
    let path = folder.join(&name);
    let disk = |error: &io::Error| on_disk(&path, error);
    if path.is_file() && of_file(&path, expected).map_err(|e| disk(&e))?.finish() == *expected {
        return Ok(path);
    }
    private_dir(folder).map_err(|e| disk(&e))?;
    let part = folder.join(format!("{name}.part"));
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part).map_err(|e| disk(&e))?;
    file.try_lock().map_err(|_| FetchError::Busy(path.clone()))?;
    let mut begun = true;
    let found = loop {
        match receive(endpoint, expected, &mut file, begun, progress) {
            Ok(found) => break found,
            // Nothing comes behind what is there: it is whole, or wrong.
            Err(Stop::Http(HttpError::Status { status: 416, .. })) if begun => begun = false,
            Err(Stop::Http(error)) => {
                if file.metadata().is_ok_and(|meta| meta.len() == 0) {
                    let _ = fs::remove_file(&part);
                }
                return Err(FetchError::Network(words(&error, endpoint)));
            }
            Err(Stop::Disk(error)) => return Err(disk(&error)),
        }
    };
    if found != *expected {
        // A file that is left is tried again from its beginning.
        let _ = fs::remove_file(&part);
        let (found, expected, host) = (found.to_string(), expected.to_string(), endpoint.host());
        return Err(FetchError::Checksum { host, found, expected });
    }
    file.sync_all().and_then(|()| fs::rename(&part, &path)).map_err(|e| disk(&e))?;
    Ok(path)
}

enum Stop {
    Http(HttpError),
    Disk(io::Error),
}

/// Appends what comes to `file`; with `go_on`, behind what it holds. Returns the checksum of all.
fn receive(
    endpoint: &Endpoint,
    expected: &Checksum,
    file: &mut File,
    go_on: bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Checksum, Stop> {
    if !go_on {
        file.set_len(0).map_err(Stop::Disk)?;
    }
    let mut done = file.metadata().map_err(Stop::Disk)?.len();
    let mut hasher = expected.hasher();
    if done > 0 {
        io::Seek::rewind(file).and_then(|()| hash(file, &mut hasher)).map_err(Stop::Disk)?;
    }
    let mut request = Request::get(&endpoint.url).header("accept-encoding", "identity");
    if done > 0 {
        request = request.header("range", format!("bytes={done}-"));
    }
    let mut total = None;
    let mut wrong = None;
    let client = Client::new(endpoint.clone(), PATIENCE);
    client
        .exchange(request, &mut |event| {
            let stored = match event {
                Event::Head(head) => {
                    let restart = done > 0 && head.status != 206;
                    if restart {
                        done = 0;
                        hasher = expected.hasher();
                    }
                    total = head.content_length.map(|length| done + length);
                    if restart { file.set_len(0) } else { Ok(()) }
                }
                Event::Body(bytes) => {
                    hasher.update(bytes);
                    done += bytes.len() as u64;
                    file.write_all(bytes)
                }
                Event::Waiting => Ok(()),
            };
            progress(Progress { done, total });
            wrong = stored.err();
            if wrong.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .map_err(Stop::Http)?;
    match wrong {
        Some(error) => Err(Stop::Disk(error)),
        None => Ok(hasher.finish()),
    }
}

fn words(error: &HttpError, endpoint: &Endpoint) -> String {
    match error {
        HttpError::Status { status: 404 | 410, .. } => {
            format!("there is no such file at `{}` (any more)", endpoint.host())
        }
        other => SERVICE.explain(other, endpoint, ""),
    }
}

/// The last part of the address, if it can be a file's name everywhere.
fn name(endpoint: &Endpoint) -> Option<String> {
    let name = endpoint.url.path_segments()?.next_back()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let fits = !name.is_empty() && name.len() < 200 && name.chars().all(plain) && !name.starts_with('.');
    fits.then(|| name.to_owned())
}

fn of_file(path: &Path, like: &Checksum) -> io::Result<Hasher> {
    let mut hasher = like.hasher();
    hash(&mut File::open(path)?, &mut hasher)?;
    Ok(hasher)
}

fn hash(file: &mut File, hasher: &mut Hasher) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            count => hasher.update(&buffer[..count]),
        }
    }
}

fn on_disk(path: &Path, error: &io::Error) -> FetchError {
    let reason = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full; make room, and the same command goes on".to_owned()
        }
        _ => error.to_string(),
    };
    FetchError::Disk { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests;
