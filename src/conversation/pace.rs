//! Notices when an answer's sound comes slower than it is spoken, so that it can be heard only with gaps.

use std::time::{Duration, Instant};

use super::{Conversation, Level, Report};
use crate::pcm::{SESSION_RATE, samples_to_ms};
use crate::protocol::ItemId;

/// So far behind its own pace the sound of an answer may be: more than any jitter of a network that can carry it.
const BEHIND: Duration = Duration::from_secs(2);
/// Whoever waits for the end of it is told again that it goes on.
const TELL_AGAIN: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Pace {
    current: Option<Sound>,
    told: Option<Instant>,
}

#[derive(Debug)]
struct Sound {
    item_id: ItemId,
    since: Instant,
    samples: u64,
    /// That this one is late was told.
    told: bool,
}

/// How much has come, and in what time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Late {
    sound: Duration,
    time: Duration,
    /// Nothing was told of this answer yet.
    first: bool,
}

impl Pace {
    /// So many samples have come. Returns what is to be told of it now.
    pub(super) fn came(&mut self, item_id: &ItemId, samples: usize, now: Instant) -> Option<Late> {
        if self.current.as_ref().is_none_or(|sound| sound.item_id != *item_id) {
            self.current = Some(Sound { item_id: item_id.clone(), since: now, samples: 0, told: false });
        }
        let current = self.current.as_mut()?;
        let sound = Duration::from_millis(samples_to_ms(current.samples, SESSION_RATE));
        current.samples += samples as u64;
        let time = now.saturating_duration_since(current.since);
        let lately = self.told.is_some_and(|told| now.saturating_duration_since(told) < TELL_AGAIN);
        if time < sound + BEHIND || lately {
            return None;
        }
        self.told = Some(now);
        Some(Late { sound, time, first: !std::mem::replace(&mut current.told, true) })
    }
}

impl Conversation {
    /// The screen is told once of an answer: the person hears that it goes on.
    pub(super) fn voice_is_late(&mut self, late: &Late) {
        let (sound, time) = (late.sound.as_secs_f32(), late.time.as_secs_f32());
        let text = format!(
            "the assistant's voice comes too slowly to be heard without gaps, {sound:.1} s of it in {time:.1}{}; `/set output_modality text` has \
             answers written",
            self.sparing()
        );
        if late.first {
            self.notice(Level::Warning, &text);
        } else {
            self.report(Report::Notice { level: Level::Warning, text });
        }
    }
}

#[cfg(test)]
mod tests;
