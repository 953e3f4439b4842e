//! What the program keeps on disk of its conversations, and where. Nothing, unless it is asked for.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::{Paths, paths};

/// Below the state directory.
const SESSIONS: &str = "sessions";
const CONVERSATIONS: &str = "conversations";
const CRASHES: &str = "crashes";

/// Where `log.sessions` has the logs of sessions written.
pub fn sessions_dir(paths: &Paths) -> PathBuf {
    paths.state_dir.join(SESSIONS)
}

/// Where `history.keep` has conversations kept.
pub fn conversations_dir(paths: &Paths) -> PathBuf {
    paths.state_dir.join(CONVERSATIONS)
}

/// Makes a file in `dir` that is named after the time, so that the names are in the order of time.
pub fn new_in(dir: &Path, at: Timestamp) -> io::Result<(PathBuf, File)> {
    paths::private_dir(dir)?;
    let stem = at.strftime("%Y-%m-%dT%H-%M-%S").to_string();
    for number in 0_u32.. {
        let again = if number == 0 { String::new() } else { format!("-{number}") };
        let path = dir.join(format!("{stem}{again}.jsonl"));
        match paths::private_create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => {}
            made => return made.map(|file| (path, file)),
        }
    }
    unreachable!("a hundred tries are the last")
}

/// The `.jsonl` files of a directory, the oldest first; none where there is no directory.
pub fn files_in(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    files
}

/// All logs in the state directory: of the program, of libraries, of what went wrong, and of sessions.
pub fn logs(paths: &Paths) -> Vec<PathBuf> {
    let is_log = |path: &PathBuf| {
        let is = |path: &Path, extension: &str| path.extension().is_some_and(|found| found == extension);
        let is_older = is(path, "1") && is(&path.with_extension(""), "log");
        path.is_file() && (is(path, "log") || is_older)
    };
    let below = |dir: PathBuf| fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let crashes = below(paths.state_dir.join(CRASHES)).filter(|path| path.is_file());
    let here = below(paths.state_dir.clone()).filter(is_log);
    here.chain(crashes).chain(files_in(&sessions_dir(paths))).collect()
}

/// The log of the session that was written to last.
pub fn newest_log(paths: &Paths) -> Option<PathBuf> {
    newest(files_in(&sessions_dir(paths)))
}

/// The conversation that was gone on with last.
pub fn newest_conversation(paths: &Paths) -> Option<PathBuf> {
    newest(files_in(&conversations_dir(paths)))
}

/// Of several with the same time, the one with the last name.
pub fn newest(files: Vec<PathBuf>) -> Option<PathBuf> {
    files.into_iter().max_by_key(|path| (changed(path), path.clone()))
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// Deletes conversations and logs of sessions that nothing was written to for so many days; 0 deletes none.
pub fn expire(paths: &Paths, days: u32, now: Timestamp) {
    let age = Duration::from_secs(u64::from(days) * 24 * 3600);
    let Some(limit) = SystemTime::from(now).checked_sub(age).filter(|_| days > 0) else { return };
    for path in files_in(&sessions_dir(paths)).into_iter().chain(files_in(&conversations_dir(paths))) {
        if changed(&path).is_some_and(|at| at < limit)
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(%error, "an old file cannot be deleted");
        }
    }
}

/// What was written where the person said, one path a line, so that `purge` finds it.
const ELSEWHERE: &str = "written.jsonl";

/// Of files that a conversation leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Log,
    Recording,
    Conversation,
}

#[derive(Serialize, Deserialize)]
struct Written {
    kind: Kind,
    path: PathBuf,
}

/// Remembers absolute paths of files outside the program's own directories.
pub fn remember(paths: &Paths, kind: Kind, files: &[PathBuf]) {
    let remembered = || -> io::Result<()> {
        paths::private_dir(&paths.state_dir)?;
        let mut index = paths::private_append(&paths.state_dir.join(ELSEWHERE))?;
        let mut lines = String::new();
        for path in files {
            lines.push_str(&serde_json::to_string(&Written { kind, path: path.clone() })?);
            lines.push('\n');
        }
        index.write_all(lines.as_bytes())
    };
    if let Err(error) = remembered() {
        tracing::warn!(%error, "purge will not know of these files");
    }
}

/// What was remembered and is still there.
pub fn elsewhere(paths: &Paths, kind: Kind) -> Vec<PathBuf> {
    let text = fs::read_to_string(paths.state_dir.join(ELSEWHERE)).unwrap_or_default();
    let written = text.lines().filter_map(|line| serde_json::from_str::<Written>(line).ok());
    written.filter(|written| written.kind == kind && written.path.exists()).map(|w| w.path).collect()
}

/// Forgets what is not there any more.
pub fn forget_missing(paths: &Paths) -> io::Result<()> {
    let index = paths.state_dir.join(ELSEWHERE);
    let Ok(text) = fs::read_to_string(&index) else { return Ok(()) };
    let is_there =
        |line: &&str| serde_json::from_str::<Written>(line).is_ok_and(|written| written.path.exists());
    let left: Vec<_> = text.lines().filter(is_there).collect();
    match left.as_slice() {
        [] => fs::remove_file(&index),
        left => paths::private_replace(&index, format!("{}\n", left.join("\n")).as_bytes()),
    }
}
