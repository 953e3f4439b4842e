//! What this machine has: room, tasks, a terminal, speech.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use super::Check;
use crate::config::Config;
use crate::offline;
use crate::tasks::TaskStore;
use crate::ui::terminal;

/// Less room than this is soon used up, in bytes.
const LITTLE_ROOM: u64 = 100 << 20;
/// The store needs this to change anything.
const NO_ROOM: u64 = 1 << 20;

/// The tasks can be read: all of them, which finds a file that is broken.
pub(super) fn tasks(dir: &Path) -> Check {
    let read = || -> Result<(usize, usize), crate::tasks::StoreError> {
        let store = TaskStore::open(dir)?;
        Ok((store.pending()?.len(), store.all()?.len()))
    };
    match read() {
        Ok((pending, all)) => Check::ok("tasks", format!("{}: {pending} to do, {all} in all", dir.display())),
        Err(error) => Check::failed(
            "tasks",
            error.to_string(),
            "close other programs that use it; else move the file away and bring back a backup copy",
        ),
    }
}

#[cfg(unix)]
pub(super) fn disk(dir: &Path) -> Check {
    let existing = dir.ancestors().find(|dir| dir.is_dir()).unwrap_or(dir);
    match rustix::fs::statvfs(existing) {
        Ok(stat) => room(stat.f_bavail.saturating_mul(stat.f_frsize)),
        Err(error) => Check::warning("disk", format!("cannot be asked: {error}"), "check the data directory"),
    }
}

#[cfg(not(unix))]
pub(super) fn disk(_: &Path) -> Check {
    Check::ok("disk", "not asked on this system")
}

#[cfg_attr(not(unix), allow(dead_code, reason = "only asked on Unix"))]
pub(super) fn room(free: u64) -> Check {
    let detail = format!("{} MiB free", free >> 20);
    match free {
        _ if free < NO_ROOM => Check::failed("disk", detail, "make room: no change of a task can be kept"),
        _ if free < LITTLE_ROOM => Check::warning("disk", detail, "make room before it is used up"),
        _ => Check::ok("disk", detail),
    }
}

pub(super) fn terminal() -> Vec<Check> {
    let variable = |name| std::env::var(name).ok().filter(|text: &String| !text.is_empty());
    let (term, tmux) = (variable("TERM"), variable("TMUX"));
    let name = term.clone().unwrap_or_else(|| "none".to_owned());
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return vec![Check::ok("terminal", "none here: lines in, lines out")];
    }
    if !terminal::available(term.as_deref()) {
        let cure = "use another terminal for the screen; `--text` works everywhere";
        return vec![Check::warning("terminal", format!("TERM={name} cannot show a screen"), cure)];
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default();
    let mut checks = Vec::new();
    if terminal::is_multiplexed(term.as_deref(), tmux.as_deref()) {
        let cure = "for holding the talk key, run it outside, or use `--ptt toggle`";
        checks.push(Check::warning("terminal", format!("{name}, in tmux or screen"), cure));
    } else {
        let colours = if variable("COLORTERM").is_some() { "all colours" } else { "256 colours or fewer" };
        checks.push(Check::ok("terminal", format!("{name}, {colours}")));
    }
    if !locale.to_lowercase().replace('-', "").contains("utf8") {
        let cure = "set LANG to a UTF-8 locale such as C.UTF-8";
        checks.push(Check::warning("terminal", format!("the locale `{locale}` is not UTF-8"), cure));
    }
    checks
}

/// What the offline engine speaks and hears with.
pub(super) fn speech(config: &Config) -> Vec<Check> {
    let plan = match config.offline() {
        Ok(plan) => plan,
        Err(error) => {
            return vec![Check::warning("offline", error.to_string(), "see `[offline]` in the settings")];
        }
    };
    offline::missing(&plan).into_iter().map(|(what, cure)| Check::warning("offline", what, cure)).collect()
}
