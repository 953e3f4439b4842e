//! The process around a command: terminal, settings, standard streams.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write};
use std::path::Path;

use super::{Edge, Look, TasksCommand};
use crate::Failure;
use crate::cli::Exit;
use crate::config::{ColorChoice, Config, SyncSettings};
use crate::tasks::sync::{Place, SyncError};

/// Of the git repository to sync with, which holds nothing else.
const BRANCH: &str = "tasks";
/// In bytes.
const MAX_SECRET: u64 = 4096;

pub fn run(command: &TasksCommand, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut edge = Edge {
        store_dir: &config.paths.data_dir,
        look: look(config.settings.color),
        input: &mut io::stdin(),
        out,
        notices: &mut io::stderr(),
        ask: &mut ask,
        place: &|| place(config.sync()),
    };
    match super::run(command, &mut edge, &jiff::Zoned::now()) {
        Ok(code) => Ok(exit(code)),
        Err(error) => Err(Failure::new(exit(error.exit_code()), error)),
    }
}

fn exit(code: u8) -> Exit {
    match code {
        0 => Exit::Ok,
        2 => Exit::Usage,
        3 => Exit::NotFound,
        _ => Exit::Failure,
    }
}

fn look(color: ColorChoice) -> Look {
    let is_terminal = io::stdout().is_terminal();
    let width = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
    let has_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    Look {
        width: width.filter(|width| is_terminal && *width > 0),
        color: match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && !has_none,
        },
    }
}

/// Only where a person can read the question and answer it.
fn ask(question: &str) -> Option<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return None;
    }
    let mut stderr = io::stderr();
    write!(stderr, "{}", crate::text::Clean::new(question)).and_then(|()| stderr.flush()).ok()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).ok()?;
    Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn place(settings: SyncSettings) -> Result<Place, SyncError> {
    if let Some(directory) = settings.directory {
        return Ok(Place::Directory(directory));
    }
    let path = settings.git.ok_or(SyncError::NotSet)?;
    let file = settings.secret_file.ok_or(SyncError::NoSecret)?;
    let secret = secret(&file).map_err(|reason| SyncError::Secret { path: file, reason })?;
    Ok(Place::Git { path, branch: BRANCH.to_owned(), remote: settings.remote, secret })
}

/// Without the blanks and the line's end around it.
fn secret(file: &Path) -> Result<Vec<u8>, String> {
    let mut text = String::new();
    let file = std::fs::File::open(file).map_err(|error| error.to_string())?;
    file.take(MAX_SECRET).read_to_string(&mut text).map_err(|error| error.to_string())?;
    let secret = text.trim();
    if secret.is_empty() { Err("it is empty".to_owned()) } else { Ok(secret.as_bytes().to_vec()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_git_repository_is_synced_with_only_under_a_secret() {
        let dir = tempfile::TempDir::new().unwrap();
        let file = dir.path().join("secret");
        let settings = || SyncSettings { git: Some(dir.path().to_owned()), ..SyncSettings::default() };
        assert!(matches!(place(SyncSettings::default()), Err(SyncError::NotSet)));
        assert!(matches!(place(settings()), Err(SyncError::NoSecret)));
        let with_file = || SyncSettings { secret_file: Some(file.clone()), ..settings() };
        assert!(matches!(place(with_file()), Err(SyncError::Secret { .. })));
        std::fs::write(&file, " \n").unwrap();
        assert!(matches!(place(with_file()), Err(SyncError::Secret { .. })));
        std::fs::write(&file, "correct horse\n").unwrap();
        let Ok(Place::Git { secret, branch, .. }) = place(with_file()) else { panic!("a place") };
        assert_eq!((secret.as_slice(), branch.as_str()), (&b"correct horse"[..], "tasks"));
    }
}
