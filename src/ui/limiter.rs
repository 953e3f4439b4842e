//! When to draw: only after something changed, and not more often than every 33 ms.

use std::time::{Duration, Instant};

/// The shortest time between two frames.
pub const FRAME: Duration = Duration::from_millis(33);

#[derive(Debug, Clone, Default)]
pub struct FrameLimiter {
    changed: bool,
    last: Option<Instant>,
}

impl FrameLimiter {
    /// Something on screen is different now.
    pub fn request(&mut self) {
        self.changed = true;
    }

    /// When the next frame is to be drawn; `None` while nothing has changed. May lie in the past.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        self.changed.then(|| self.last.map_or(now, |last| last + FRAME))
    }

    /// True once per frame: draw now.
    pub fn take(&mut self, now: Instant) -> bool {
        let draw = self.due(now).is_some_and(|due| due <= now);
        if draw {
            self.changed = false;
            self.last = Some(now);
        }
        draw
    }
}

#[cfg(test)]
mod tests;
