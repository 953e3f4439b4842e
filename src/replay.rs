//! A session from its log, once more: the app is told the same at the same times, so that it shows the same. No server
//! is called, no function runs, no task is looked at.
//!
//! Pure, but for [`command`].

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _};
use std::time::{Duration, Instant};

use crate::app::{App, AppConfig, Effect, Msg};
use crate::conversation::{SessionConfig, TurnMode};
use crate::session_log::{self, Head, Line};
use crate::text::Clean;
use crate::ui::commands::Format;
use crate::ui::keymap::Keymap;
use crate::ui::line::LineEvent;
use crate::ui::theme::Theme;
use crate::ui::view::View;

pub mod command;

/// No line of a log is longer, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// A log that was read.
#[derive(Debug)]
pub struct Recording {
    pub head: Head,
    /// What happened when, in order.
    pub events: VecDeque<(Duration, Msg)>,
    /// What could not be read, and what of it, with the numbers of the lines.
    pub warnings: Vec<String>,
}

/// Why a log cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("it is no session's log: none of its lines can be read; the first one: {0}")]
    Nothing(String),
}

impl Recording {
    /// Lines that are damaged are left out and told of.
    pub fn read(mut log: impl BufRead) -> Result<Self, LogError> {
        let (mut head, mut events, mut warnings) = (None, VecDeque::new(), Vec::new());
        let mut last = Duration::ZERO;
        for number in 1_u64.. {
            let mut bytes = Vec::new();
            if log.by_ref().take(MOST_BYTES).read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
            let line = String::from_utf8_lossy(&bytes);
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            match session_log::read(line) {
                Ok(Line::Head(first)) if head.is_none() && events.is_empty() => head = Some(*first),
                Ok(Line::Head(_)) => {
                    warnings.push(format!("line {number}: another session begins here; it is not played"));
                    break;
                }
                Ok(Line::Sent) => {}
                Ok(Line::Happened { at, msg }) => {
                    last = last.max(at);
                    events.push_back((last, *msg));
                }
                Err(why) => warnings.push(format!("line {number} is left out: {}", Clean::line(&why))),
            }
        }
        let head = match head {
            Some(head) => head,
            None if events.is_empty() => {
                let why = warnings.into_iter().next().unwrap_or_else(|| "there is none".to_owned());
                return Err(LogError::Nothing(why));
            }
            None => {
                warnings.insert(0, "how the session began is not known; what is shown may differ".to_owned());
                lost_head()
            }
        };
        if head.program != env!("CARGO_PKG_VERSION") {
            let program = Clean::line(&head.program);
            warnings.insert(0, format!("written by version {program}: what is shown may differ"));
        }
        Ok(Self { head, events, warnings })
    }
}

/// A session that is played again.
pub struct Player {
    app: App,
    base: Instant,
    events: VecDeque<(Duration, Msg)>,
    /// When the latest event was that was played.
    at: Duration,
    length: Duration,
}

impl Player {
    /// `base` is any moment, which becomes the session's start.
    pub fn new(head: Head, events: VecDeque<(Duration, Msg)>, theme: Theme, base: Instant) -> Self {
        let mut keymap = Keymap::default();
        // What is wrong about a key was told in the session itself.
        let _ = keymap.rebind(head.keys.iter().map(|(name, keys)| (name.as_str(), keys.as_str())));
        let mut app = App::new(AppConfig { theme, keymap, ..head.session });
        app.tell_lines();
        let length = events.back().map_or(Duration::ZERO, |(at, _)| *at);
        Self { app, base, events, at: Duration::ZERO, length }
    }

    /// When the next event was.
    pub fn next_at(&self) -> Option<Duration> {
        self.events.front().map(|(at, _)| *at)
    }

    pub fn length(&self) -> Duration {
        self.length
    }

    /// Plays the next event. What the app wants of the world it gets from the log; its lines are for whoever reads.
    pub fn step(&mut self) -> Vec<LineEvent> {
        let Some((at, msg)) = self.events.pop_front() else { return Vec::new() };
        self.at = at;
        self.tell(msg)
    }

    /// Plays all that is left.
    pub fn finish(&mut self) -> Vec<LineEvent> {
        let mut lines = Vec::new();
        while self.next_at().is_some() {
            lines.extend(self.step());
        }
        lines
    }

    /// Tells the app something that is not in the log, such as what part of it is to be seen.
    pub fn tell(&mut self, msg: Msg) -> Vec<LineEvent> {
        self.app.update(msg, self.base + self.at);
        let mut lines = Vec::new();
        while let Some(effect) = self.app.poll_effect() {
            if let Effect::Line(line) = effect {
                lines.push(line);
            }
        }
        lines
    }

    /// The screen at a time since the start, with `caption` in the place of the keys.
    pub fn view(&mut self, at: Duration, caption: &str) -> &View {
        self.app.set_caption(Clean::line(caption));
        self.app.view(self.base + at.max(self.at))
    }

    /// What was said, as a file.
    pub fn export(&self, format: Format) -> String {
        self.app.exported(format)
    }
}

/// A session of which nothing is known but what happened in it.
fn lost_head() -> Head {
    let session = SessionConfig { mode: TurnMode::Vad, spoken: true, ..SessionConfig::default() };
    let session = AppConfig { session, sound: true, ..AppConfig::default() };
    Head {
        v: session_log::VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        begun: String::new(),
        keys: std::collections::BTreeMap::new(),
        session,
    }
}

#[cfg(test)]
mod tests;
