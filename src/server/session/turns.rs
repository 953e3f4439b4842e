//! Where turns begin and end, on the time axis of all samples pushed.

use crate::pcm::{ms_to_samples, samples_to_ms};
use crate::server::engine::ENGINE_RATE;

/// Speech must last this long to be believed.
const ONSET_MS: u64 = 60;
/// Once speaking, a voice may be this much less certain.
const HYSTERESIS: f32 = 0.15;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VadSettings {
    /// 0 to 1: what likelihood counts as speech.
    pub threshold: f32,
    /// How much sound before the first speech belongs to the turn.
    pub prefix_padding_ms: u32,
    /// How long a pause ends it.
    pub silence_duration_ms: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnEvent {
    /// Prefix padding included.
    Started { at_ms: u64 },
    /// The pause that ended it included.
    Stopped { at_ms: u64 },
}

#[derive(Debug)]
pub struct TurnDetector {
    settings: VadSettings,
    /// Samples pushed so far.
    heard: u64,
    speaking: bool,
    /// Where the current run of the other state began: speech while silent, a pause while speaking.
    since: Option<u64>,
    /// Where the last turn ended: padding does not reach behind it.
    floor_ms: u64,
}

impl TurnDetector {
    pub fn new(settings: VadSettings) -> Self {
        Self { settings, heard: 0, speaking: false, since: None, floor_ms: 0 }
    }

    /// Takes in `samples`, of which `probability` says how likely they are speech.
    pub fn push(&mut self, probability: f32, samples: &[i16]) -> Option<TurnEvent> {
        let from = self.heard;
        self.heard += samples.len() as u64;
        let limit = self.settings.threshold - if self.speaking { HYSTERESIS } else { 0.0 };
        if (probability >= limit.max(0.01)) == self.speaking {
            self.since = None;
            return None;
        }
        let since = *self.since.get_or_insert(from);
        let wanted = if self.speaking { u64::from(self.settings.silence_duration_ms) } else { ONSET_MS };
        if self.heard - since < ms_to_samples(wanted, ENGINE_RATE) {
            return None;
        }
        self.since = None;
        self.speaking = !self.speaking;
        if self.speaking {
            let start_ms = samples_to_ms(since, ENGINE_RATE);
            let at_ms =
                start_ms.saturating_sub(u64::from(self.settings.prefix_padding_ms)).max(self.floor_ms);
            Some(TurnEvent::Started { at_ms })
        } else {
            self.floor_ms = samples_to_ms(self.heard, ENGINE_RATE);
            Some(TurnEvent::Stopped { at_ms: self.floor_ms })
        }
    }
}

#[cfg(test)]
mod tests;
