//! What the person has said that no server is known to have understood. A connection can be lost in the middle of it;
//! the next one then hears it from its beginning.

use std::collections::VecDeque;
use std::time::Instant;

use super::{Conversation, Level, Purpose, TurnMode};
use crate::pcm::{Pcm16, SESSION_RATE};
use crate::protocol::{ClientEvent, ItemId};

/// Before speech is known to have begun, in samples: what a detector needs to be sure, and what belongs before it.
const LEAD: usize = SESSION_RATE as usize;
/// While no server tells speech from silence, because there is none, or one that died without a word, which is known
/// after eight seconds: ten.
const KEPT_QUIET: usize = 10 * SESSION_RATE as usize;
/// A turn, with what is said until its words are known: half a minute.
const KEPT_TURN: usize = 30 * SESSION_RATE as usize;
/// A turn that costs one connection after the other is given up.
const RETRIES: u8 = 3;

const LOST_BEGINNING: &str =
    "of what you said while the connection was lost, only the last half minute was sent";

#[derive(Debug, Default)]
pub(super) struct Speech {
    frames: VecDeque<Pcm16>,
    samples: usize,
    state: State,
    item: Option<ItemId>,
    /// The beginning of what is kept was dropped for its length.
    cut: bool,
    retries: u8,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// As far as is known, nobody speaks.
    #[default]
    Quiet,
    /// The person speaks. `since`: so many of the samples kept are of a turn before it.
    Open { since: usize },
    /// The person has spoken, and waits.
    Said,
}

/// What a new connection is to be told.
struct Again {
    samples: Vec<i16>,
    said: bool,
    cut: bool,
}

impl Speech {
    fn hear(&mut self, pcm: Pcm16) {
        self.samples += pcm.len();
        self.frames.push_back(pcm);
        let most = match self.state {
            State::Quiet => KEPT_QUIET,
            State::Open { .. } | State::Said => KEPT_TURN,
        };
        while self.samples > most && self.drop_first() {
            self.cut |= self.state != State::Quiet;
        }
    }

    fn drop_first(&mut self) -> bool {
        let Some(first) = self.frames.pop_front() else { return false };
        self.samples -= first.len();
        if let State::Open { since } = &mut self.state {
            *since = since.saturating_sub(first.len());
        }
        true
    }

    /// `item`: under which the server will tell of it, as far as that is known.
    pub(super) fn begins(&mut self, item: Option<&ItemId>) {
        self.item = item.cloned();
        match self.state {
            State::Quiet => self.state = State::Open { since: 0 },
            State::Said => self.state = State::Open { since: self.samples.saturating_sub(LEAD) },
            State::Open { .. } => {}
        }
    }

    pub(super) fn ends(&mut self, item: Option<&ItemId>) {
        if item.is_some() {
            self.item = item.cloned();
        }
        if self.samples > 0 {
            self.state = State::Said;
        }
    }

    /// The server has understood what was said, but perhaps not what is being said now.
    pub(super) fn understood(&mut self) {
        match self.state {
            State::Open { since: mut before } => {
                while let Some(first) = self.frames.front().map(Pcm16::len).filter(|len| *len <= before) {
                    before -= first;
                    self.drop_first();
                }
                (self.cut, self.retries) = (false, 0);
            }
            State::Said => self.clear(),
            State::Quiet => {}
        }
    }

    /// Its words are known.
    pub(super) fn transcribed(&mut self, item: &ItemId) {
        let is_latest = self.item.as_ref() == Some(item);
        match self.state {
            State::Said if is_latest => self.understood(),
            State::Open { .. } if !is_latest => self.understood(),
            State::Said | State::Open { .. } | State::Quiet => {}
        }
    }

    /// The server that heard it is alive: what it has not called speech is none, but for the latest of it.
    pub(super) fn was_heard(&mut self) {
        while self.state == State::Quiet && self.samples > LEAD && self.drop_first() {}
    }

    /// No more will come for now: a turn that was open has ended.
    pub(super) fn falls_silent(&mut self) {
        match self.state {
            State::Open { .. } => self.ends(None),
            State::Quiet => self.clear(),
            State::Said => {}
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a turn is kept that a new connection will hear.
    pub(super) fn is_kept(&self) -> bool {
        self.state != State::Quiet && self.samples > 0 && self.retries < RETRIES
    }

    /// What a new connection is to hear, of a turn no more than some times.
    fn again(&mut self) -> Option<Again> {
        if self.state != State::Quiet {
            if !self.is_kept() {
                self.clear();
                return None;
            }
            self.retries += 1;
        }
        let samples: Vec<i16> = self.frames.iter().flat_map(|pcm| pcm.samples().iter().copied()).collect();
        let again = Again { samples, said: self.state == State::Said, cut: std::mem::take(&mut self.cut) };
        Some(again).filter(|again| !again.samples.is_empty())
    }
}

impl Conversation {
    pub(super) fn mic(&mut self, pcm: Pcm16) {
        if !self.wants_sound() {
            return;
        }
        self.talk_samples += pcm.len() as u64;
        if self.up {
            self.append(&pcm);
        }
        self.speech.hear(pcm);
    }

    /// A new server hears what no other has understood.
    pub(super) fn speak_again(&mut self, now: Instant) {
        let Some(Again { mut samples, said, cut }) = self.speech.again() else { return };
        if cut {
            self.notice(Level::Warning, LOST_BEGINNING);
        }
        if said && self.mode == TurnMode::Vad {
            // A server that has no sound to hear of its end would wait for it.
            samples.resize(samples.len() + self.silence_after_speech(), 0);
        }
        // In one piece: two hundred would overflow the queue.
        self.append(&Pcm16::new(samples));
        match self.mode {
            TurnMode::Vad if said && self.config.vad.create_response => self.responses.expect(now),
            TurnMode::PushToTalk if said => {
                self.send(Purpose::Other, ClientEvent::InputAudioBufferCommit {});
                self.responses.want();
            }
            TurnMode::Vad | TurnMode::PushToTalk | TurnMode::TextOnly => {}
        }
    }
}

#[cfg(test)]
mod tests;
