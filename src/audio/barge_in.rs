//! Whether the person cuts in, told from the local detector's scores while tracks sound. Pure.
//!
//! In two steps: at the first sign playback is paused; when the sign holds, it is speech, and when it does not,
//! playback goes on. What the server hears may be quicker than either.

use std::time::Duration;

use super::LocalSpeech;

/// Scores from here on are taken for speech while the assistant speaks, and what it takes after a false alarm.
const SPEECH: f32 = 0.6;
const WARY: f32 = 0.8;
/// After a false alarm it takes more for this long.
const WARINESS: Duration = Duration::from_secs(3);
/// Speech of this length within the pause is no cough.
const CONFIRMED: Duration = Duration::from_millis(350);
/// Silence of this length within the pause ends it.
const LULL: Duration = Duration::from_millis(300);
/// No pause is longer, unless it is speech.
const LONGEST_PAUSE: Duration = Duration::from_millis(800);
/// Confirmed speech that nobody flushed playback for: then nobody wants it flushed.
const UNHEEDED: Duration = Duration::from_millis(1_000);

#[derive(Debug, Default)]
pub(super) struct BargeIn {
    state: State,
    /// The end of wariness.
    wary_until: Duration,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum State {
    #[default]
    Quiet,
    Suspected {
        since: Duration,
        /// Speech heard since.
        speech: Duration,
        last: Duration,
    },
    Confirmed {
        since: Duration,
    },
}

impl BargeIn {
    /// Takes the score of the latest `length` of sound, while tracks sound or are paused by this.
    pub(super) fn hear(&mut self, score: f32, length: Duration, now: Duration) -> Option<LocalSpeech> {
        match &mut self.state {
            State::Quiet => {
                let wanted = if now < self.wary_until { WARY } else { SPEECH };
                let heard = score >= wanted;
                if heard {
                    self.state = State::Suspected { since: now, speech: length, last: now };
                }
                heard.then_some(LocalSpeech::Suspected)
            }
            State::Suspected { since, speech, last } => {
                if score >= SPEECH {
                    *speech += length;
                    *last = now;
                }
                if *speech >= CONFIRMED {
                    self.state = State::Confirmed { since: now };
                    return Some(LocalSpeech::Confirmed);
                }
                let over = now.saturating_sub(*last) >= LULL || now.saturating_sub(*since) >= LONGEST_PAUSE;
                over.then(|| self.false_alarm(now))
            }
            State::Confirmed { since } => {
                let unheeded = now.saturating_sub(*since) >= UNHEEDED;
                unheeded.then(|| self.false_alarm(now))
            }
        }
    }

    /// Whether playback waits for longer than any sound of the person would make it.
    pub(super) fn is_overdue(&self, now: Duration) -> bool {
        let (since, limit) = match self.state {
            State::Quiet => return false,
            State::Suspected { since, .. } => (since, LONGEST_PAUSE),
            State::Confirmed { since } => (since, UNHEEDED),
        };
        now.saturating_sub(since) > limit
    }

    /// Playback was flushed or is over, or nobody listens to the microphone. Returns whether it was paused.
    pub(super) fn reset(&mut self) -> bool {
        std::mem::take(&mut self.state) != State::Quiet
    }

    fn false_alarm(&mut self, now: Duration) -> LocalSpeech {
        self.state = State::Quiet;
        self.wary_until = now + WARINESS;
        LocalSpeech::FalseAlarm
    }
}

#[cfg(test)]
mod tests;
