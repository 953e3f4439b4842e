//! Whether the other side is still there. Pure: time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// When to ask for a sign of life, and how long to wait for one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Silence before a ping while a conversation is going on.
    pub busy: Duration,
    /// Silence before a ping otherwise.
    pub idle: Duration,
    /// How long after the last event the conversation counts as going on.
    pub afterglow: Duration,
    /// How long any byte may take to come after a ping.
    pub patience: Duration,
    /// How long the other side may refuse to take bytes.
    pub stall: Duration,
}

impl Policy {
    /// Over a network: a dead peer is known 8 s after its last sign in a conversation, else after 14 s.
    pub const REMOTE: Self = Self {
        busy: Duration::from_secs(3),
        idle: Duration::from_secs(9),
        afterglow: Duration::from_secs(20),
        patience: Duration::from_secs(5),
        stall: Duration::from_secs(10),
    };
    /// On this machine a dead peer's socket closes by itself; silence means that a model is loading.
    pub const LOOPBACK: Self = Self {
        busy: Duration::from_secs(15),
        idle: Duration::from_secs(15),
        afterglow: Duration::ZERO,
        patience: Duration::from_secs(45),
        stall: Duration::from_secs(45),
    };
}

/// What a socket shows of its other side.
#[derive(Debug, Clone, Copy)]
pub struct Signs {
    /// When the last byte came.
    pub heard: Instant,
    /// Since when nothing could be written, if something waits to be.
    pub stuck_since: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Alive,
    Ping,
    Silent,
    Stuck,
}

#[derive(Debug, Clone)]
pub struct Keepalive {
    policy: Policy,
    event: Instant,
    pinged: Option<Instant>,
}

impl Keepalive {
    pub fn new(policy: Policy, now: Instant) -> Self {
        Self { policy, event: now, pinged: None }
    }

    /// An event passed, either way, that belongs to a conversation.
    pub fn event(&mut self, now: Instant) {
        self.event = now;
    }

    /// The next moment at which [`Self::check`] has something to say.
    pub fn due(&self, signs: Signs) -> Instant {
        let silence = match self.unanswered(signs) {
            Some(pinged) => pinged + self.policy.patience,
            None => self.ping_due(signs.heard),
        };
        signs.stuck_since.map_or(silence, |since| silence.min(since + self.policy.stall))
    }

    /// Judges the other side; after [`Verdict::Ping`] the caller sends one.
    pub fn check(&mut self, now: Instant, signs: Signs) -> Verdict {
        if signs.stuck_since.is_some_and(|since| now >= since + self.policy.stall) {
            return Verdict::Stuck;
        }
        match self.unanswered(signs) {
            Some(pinged) if now >= pinged + self.policy.patience => Verdict::Silent,
            Some(_) => Verdict::Alive,
            None if now >= self.ping_due(signs.heard) => {
                self.pinged = Some(now);
                Verdict::Ping
            }
            None => Verdict::Alive,
        }
    }

    /// Since when there is no answer to a ping. Where bytes wait to be written, the ping waits behind them, and each
    /// that can be written is a sign that the other side takes some.
    fn unanswered(&self, signs: Signs) -> Option<Instant> {
        let pinged = self.pinged.filter(|&pinged| signs.heard < pinged)?;
        Some(signs.stuck_since.map_or(pinged, |since| since.max(pinged)))
    }

    fn ping_due(&self, heard: Instant) -> Instant {
        let soon = heard + self.policy.busy;
        if soon <= self.event + self.policy.afterglow { soon } else { heard + self.policy.idle }
    }
}

#[cfg(test)]
mod tests;
