//! The process around a command: terminal, settings, standard streams.

use std::io::{self, BufRead as _, IsTerminal as _, Write};

use super::{Edge, Look, TasksCommand};
use crate::Failure;
use crate::cli::Exit;
use crate::config::{ColorChoice, Config};
use crate::tasks::sync::{Place, SyncError};

pub fn run(command: &TasksCommand, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut edge = Edge {
        store_dir: &config.paths.data_dir,
        look: look(config.settings.color),
        input: &mut io::stdin(),
        out,
        notices: &mut io::stderr(),
        ask: &mut ask,
        place: &|| place(config),
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

fn place(_config: &Config) -> Result<Place, SyncError> {
    Err(SyncError::NotSet)
}
