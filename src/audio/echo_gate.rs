//! Tells the person's voice from what is left of the echo, by level. Pure.
//!
//! It learns how loud the echo of what is played comes back, and lets through what is clearly louder. Behind a
//! canceller that works it learns that next to nothing comes back.

/// Powers are mean squares; 1e-6 is −60 dBFS. Less than this is no sound.
const SILENCE: f32 = 1e-6;
/// Blocks of 10 ms in which an echo may come back: latency of both devices and the room.
const WINDOW: usize = 50;
/// Blocks of playback after which something is known of the echo.
const FAMILIAR: u32 = 50;
/// The echo that is expected is the one that three quarters of all blocks stay under.
const QUANTILE: f32 = 0.75;
/// Change of the expected echo per block, in dB.
const STEP: f32 = 0.4;
/// The voice has to be louder than the expected echo by this.
const MARGIN: f32 = 12.0;
/// It also has to be louder than this, in dBFS.
const FAINT: f32 = -55.0;
/// Blocks for which it stays open after the last loud one: weak syllables between strong ones.
const HANGOVER: u32 = 20;
/// An echo this far under what is played, in dB, does no harm; above the second it does again.
const HARMLESS: f32 = -24.0;
const HARMFUL: f32 = -12.0;
/// What is assumed of an unknown room, in dB: it comes back as loud as it is played.
const UNKNOWN: f32 = 0.0;

#[derive(Debug)]
pub(super) struct EchoGate {
    /// Powers of the last blocks played, a ring.
    far: [f32; WINDOW],
    next: usize,
    /// Power of the microphone's noise while nothing is played.
    noise: f32,
    /// The expected echo over what is played, in dB.
    coupling: f32,
    /// Blocks of playback that were heard.
    heard: u32,
    harmless: bool,
    hangover: u32,
}

impl EchoGate {
    pub(super) fn new() -> Self {
        Self {
            far: [0.0; WINDOW],
            next: 0,
            noise: SILENCE,
            coupling: UNKNOWN,
            heard: 0,
            harmless: false,
            hangover: 0,
        }
    }

    /// Takes the power of a block that was played.
    pub(super) fn far(&mut self, power: f32) {
        self.far[self.next] = power;
        self.next = (self.next + 1) % WINDOW;
    }

    /// Nothing is played any more.
    pub(super) fn fall_silent(&mut self) {
        self.far = [0.0; WINDOW];
    }

    /// The loudest of what was played in the last `blocks` blocks.
    pub(super) fn recent(&self, blocks: usize) -> f32 {
        let newest_first = (1..=blocks.min(WINDOW)).map(|i| self.far[(self.next + WINDOW - i) % WINDOW]);
        newest_first.fold(0.0, f32::max)
    }

    /// Whether there may be an echo now.
    pub(super) fn is_echoing(&self) -> bool {
        self.recent(WINDOW) > SILENCE
    }

    /// Takes the power of a block of the microphone. Returns whether it is let through.
    pub(super) fn near(&mut self, power: f32) -> bool {
        if !self.is_echoing() {
            self.hangover = 0;
            self.noise = (self.noise * 1.02).max(SILENCE).min(power.max(SILENCE));
            return true;
        }
        let over = decibels(power) - self.coupling - decibels(self.recent(WINDOW));
        self.learn(power);
        if self.heard > FAMILIAR && over > MARGIN && decibels(power) > FAINT {
            self.hangover = HANGOVER;
        }
        self.hangover = self.hangover.saturating_sub(1);
        self.hangover > 0
    }

    /// Whether the echo is known to be too faint to be taken for a voice.
    pub(super) fn is_harmless(&self) -> bool {
        self.harmless
    }

    fn learn(&mut self, power: f32) {
        self.heard = self.heard.saturating_add(1);
        let echo = (power - self.noise).max(f32::MIN_POSITIVE);
        let ratio = (decibels(echo) - decibels(self.recent(WINDOW))).clamp(-60.0, 20.0);
        // At first the loudest echo of all; then by and by.
        if self.heard <= FAMILIAR {
            self.coupling = if self.heard == 1 { ratio } else { self.coupling.max(ratio) };
        } else if ratio > self.coupling {
            self.coupling += STEP * QUANTILE;
        } else {
            self.coupling -= STEP * (1.0 - QUANTILE);
        }
        if self.heard >= FAMILIAR {
            self.harmless = self.coupling < if self.harmless { HARMFUL } else { HARMLESS };
        }
    }
}

/// Of a power, relative to full scale.
pub(super) fn decibels(power: f32) -> f32 {
    10.0 * power.max(1e-12).log10()
}

#[cfg(test)]
mod tests;
