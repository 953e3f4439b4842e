//! The last lines that were logged, in memory, for whoever sits before the screen.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use super::escaped;

/// Lines that are kept.
const KEPT: usize = 400;
/// More of a line, in characters, is nothing to be read on a screen.
const LONGEST: usize = 1_000;

static RECENT: Mutex<Recent> = Mutex::new(Recent { lines: VecDeque::new(), count: 0 });

struct Recent {
    lines: VecDeque<String>,
    /// Of all lines ever.
    count: u64,
}

/// The lines that are kept, oldest first, and how many there ever were; `None` when there are no more than `seen`.
pub fn recent(seen: u64) -> Option<(u64, Vec<String>)> {
    let recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
    (recent.count > seen).then(|| (recent.count, recent.lines.iter().cloned().collect()))
}

/// One call is one line.
pub(super) struct Keeper;

impl Write for Keeper {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = escaped(&String::from_utf8_lossy(line));
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        recent.lines.push_back(text.trim_end().chars().take(LONGEST).collect());
        recent.count += 1;
        if recent.lines.len() > KEPT {
            recent.lines.pop_front();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The time of day: what is on screen is of this run.
pub(super) struct TimeOfDay;

impl FormatTime for TimeOfDay {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        write!(w, "{}", jiff::Zoned::now().strftime("%H:%M:%S"))
    }
}
