//! When the talk key begins and ends a take. Pure: strokes and the time in, [`Talk`] out.
//!
//! Terminals that report a key's release make it simple ([`Way::Hold`]). Elsewhere a held key is one that repeats
//! ([`Way::Repeat`]), and a key that does not repeat within `ARM` was tapped: the next tap ends the take, so that
//! nobody is stuck where keys do not repeat. Whatever happens, a take ends with another key, with the focus, or at
//! its limit.

use std::time::{Duration, Instant};

use crossterm::event::{KeyEvent, KeyEventKind};

/// A held key has begun to repeat after this; X11 waits 660 ms, others less.
const ARM: Duration = Duration::from_millis(750);
/// A key that has not repeated for so many of its intervals is up,
const MISSED: u32 = 5;
/// but not sooner than this, since a busy machine is late at times,
const SOONEST: Duration = Duration::from_millis(180);
/// and not later.
const LATEST: Duration = Duration::from_millis(250);

/// How the key is meant to work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// [`Self::Hold`] where the terminal reports releases, else [`Self::Repeat`].
    #[default]
    Auto,
    /// Talk while the key is down, until its release; the terminal is asked to report it even where that is known
    /// to be in vain.
    Hold,
    /// Talk while the key repeats; a tap starts, and the next one ends.
    Repeat,
    /// One press starts, the next one ends.
    Toggle,
}

/// How the key works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Way {
    Hold,
    #[default]
    Repeat,
    Toggle,
}

/// What the terminal tells of the key. Without the keyboard protocol, repeats are presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    Press,
    Repeat,
    Release,
}

impl Stroke {
    pub fn of(key: KeyEvent) -> Self {
        match key.kind {
            KeyEventKind::Press => Self::Press,
            KeyEventKind::Repeat => Self::Repeat,
            KeyEventKind::Release => Self::Release,
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Talk {
    Start,
    Stop {
        why: Stop,
        /// When it came up; in the past where that was found out late.
        up_at: Instant,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The key came up, or was pressed again.
    Key,
    /// Something else was pressed or pasted, or the window is no longer in front.
    Elsewhere,
    /// The take was too long.
    Limit,
}

#[derive(Debug, Clone)]
pub struct TalkKey {
    method: Method,
    /// The longest take.
    limit: Duration,
    /// The terminal reports releases.
    releases: bool,
    /// Between two repeats, as learned.
    interval: Duration,
    /// Since when there is a take.
    since: Option<Instant>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    /// Pressed, and not yet known to be held.
    Armed {
        at: Instant,
    },
    /// Held: it repeats.
    Repeating {
        last: Instant,
    },
    /// Held, until its release.
    Down,
    /// Tapped: the take goes on until the next press.
    Open {
        last: Instant,
    },
    /// The take is over, the key may still be down: strokes less than `wait` after the `last` are its repeats.
    Spent {
        last: Instant,
        wait: Duration,
    },
}

impl TalkKey {
    pub fn new(method: Method, limit: Duration) -> Self {
        let interval = LATEST / MISSED;
        Self { method, limit, releases: false, interval, since: None, state: State::Up }
    }

    pub fn way(&self) -> Way {
        match self.method {
            Method::Toggle => Way::Toggle,
            Method::Auto | Method::Hold if self.releases => Way::Hold,
            Method::Auto | Method::Hold | Method::Repeat => Way::Repeat,
        }
    }

    pub fn method(&self) -> Method {
        self.method
    }

    /// The terminal says whether it reports releases.
    pub fn set_releases(&mut self, releases: bool) {
        self.releases = releases;
    }

    pub fn is_talking(&self) -> bool {
        self.since.is_some()
    }

    /// The take goes on without the key.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Whether a stroke belongs to what the key was last pressed for, so that it must not be typed.
    pub fn owns(&self, stroke: Stroke, now: Instant) -> bool {
        self.is_talking() || self.is_spent(stroke, now)
    }

    pub fn stroke(&mut self, stroke: Stroke, now: Instant) -> Option<Talk> {
        if stroke == Stroke::Release {
            return self.release(now);
        }
        match self.state {
            State::Spent { .. } if self.is_spent(stroke, now) => {
                self.state = State::Spent { last: now, wait: self.window() };
                None
            }
            // A repeat of a press that was for something else.
            State::Up | State::Spent { .. } if stroke == Stroke::Repeat => None,
            State::Up | State::Spent { .. } => Some(self.start(now)),
            State::Armed { .. } => {
                self.state = State::Repeating { last: now };
                None
            }
            State::Repeating { last } => {
                self.learn(now.saturating_duration_since(last));
                self.state = State::Repeating { last: now };
                None
            }
            State::Down => None,
            State::Open { last } if self.is_repeat(stroke, last, ARM, now) => {
                self.state = State::Open { last: now };
                None
            }
            State::Open { .. } => self.stop(Stop::Key, now, State::Spent { last: now, wait: ARM }),
        }
    }

    /// The same as a tap, by other means than the key.
    pub fn toggle(&mut self, now: Instant) -> Option<Talk> {
        if self.is_talking() {
            return self.stop(Stop::Key, now, State::Up);
        }
        let start = self.start(now);
        self.state = State::Open { last: now };
        Some(start)
    }

    /// Another key, which makes this one stop to repeat.
    pub fn other_key(&mut self, now: Instant) -> Option<Talk> {
        let spent = State::Spent { last: now, wait: Duration::ZERO };
        self.stop(Stop::Elsewhere, now, if self.is_talking() { spent } else { State::Up })
    }

    /// The window is no longer in front, or something was pasted. The key's release may be lost, or still to come.
    pub fn turn_away(&mut self, now: Instant) -> Option<Talk> {
        let wait = if self.is_repeating() { self.window() } else { ARM };
        self.stop(Stop::Elsewhere, now, State::Spent { last: now, wait })
    }

    /// When to come back with [`Self::timeout`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        let key = match self.state {
            State::Armed { at } => Some(at + ARM),
            State::Repeating { last } => Some(last + self.window()),
            State::Up | State::Down | State::Open { .. } | State::Spent { .. } => None,
        };
        let limit = self.since.map(|since| since + self.limit);
        [key, limit].into_iter().flatten().min()
    }

    pub fn timeout(&mut self, now: Instant) -> Option<Talk> {
        if self.since.is_some_and(|since| now >= since + self.limit) {
            return self.stop(Stop::Limit, now, State::Spent { last: now, wait: ARM });
        }
        match self.state {
            State::Armed { at } if now >= at + ARM => {
                self.state = State::Open { last: at };
                None
            }
            State::Repeating { last } if now >= last + self.window() => self.stop(Stop::Key, last, State::Up),
            _ => None,
        }
    }

    fn start(&mut self, now: Instant) -> Talk {
        self.since = Some(now);
        self.state = match self.way() {
            Way::Hold => State::Down,
            Way::Repeat => State::Armed { at: now },
            Way::Toggle => State::Open { last: now },
        };
        Talk::Start
    }

    fn stop(&mut self, why: Stop, up_at: Instant, next: State) -> Option<Talk> {
        let talking = self.since.take().is_some();
        if talking || next == State::Up {
            self.state = next;
        }
        talking.then_some(Talk::Stop { why, up_at })
    }

    fn release(&mut self, now: Instant) -> Option<Talk> {
        self.releases = true;
        match self.state {
            State::Open { .. } if self.method == Method::Toggle => None,
            _ => self.stop(Stop::Key, now, State::Up),
        }
    }

    fn is_spent(&self, stroke: Stroke, now: Instant) -> bool {
        match self.state {
            State::Spent { last, wait } => {
                stroke == Stroke::Release || self.is_repeat(stroke, last, wait, now)
            }
            _ => false,
        }
    }

    /// Where releases are reported, repeats are called by their name, so a press is one.
    fn is_repeat(&self, stroke: Stroke, last: Instant, wait: Duration, now: Instant) -> bool {
        stroke == Stroke::Repeat || (!self.releases && now < last + wait)
    }

    fn is_repeating(&self) -> bool {
        matches!(self.state, State::Repeating { .. })
    }

    fn learn(&mut self, gap: Duration) {
        if gap < LATEST {
            self.interval = (self.interval * 3 + gap) / 4;
        }
    }

    fn window(&self) -> Duration {
        (self.interval * MISSED).clamp(SOONEST, LATEST)
    }
}

#[cfg(test)]
mod tests;
