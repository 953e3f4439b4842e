//! The input audio buffer: what a person said since the last commit, and where turns begin and end in it.

use super::Listen;
use super::conversation::KEPT_OF_ONE;
use super::ids::Ids;
use super::outbox::Outbox;
use super::refusal::{Refusal, refuse};
use super::settings::Turns;
use super::turns::{TurnDetector, TurnEvent};
use crate::codec::Decoder;
use crate::pcm::{Pcm16, ms_to_samples, samples_to_ms};
use crate::protocol::ItemId;
use crate::protocol::session::AudioFormat;
use crate::server::engine::{ENGINE_RATE, VoiceDetector};

/// Samples looked at together for a voice: 20 ms.
const FRAME: usize = crate::pcm::FRAME_SAMPLES;
/// Sound kept while nobody speaks, for a commit by hand.
const KEPT_SILENCE: usize = 60 * ENGINE_RATE as usize;
/// The service commits no less.
const LEAST_MS: u64 = 100;

/// What the buffer noticed in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Noticed {
    Started { item_id: ItemId, at_ms: u64 },
    Stopped { item_id: ItemId, at_ms: u64 },
}

/// Sound that became an item.
#[derive(Debug)]
pub(super) struct Take {
    pub(super) item_id: ItemId,
    pub(super) sound: Vec<i16>,
    pub(super) length: u64,
}

pub(super) struct InputBuffer {
    detector: Box<dyn VoiceDetector>,
    decoder: Decoder,
    turns: Option<(Turns, TurnDetector)>,
    /// Where on the axis of all samples written the turn detector's own axis begins.
    origin: u64,
    /// All samples ever written.
    written: u64,
    /// Where the sound since the last commit or clear begins.
    start: u64,
    /// The latest of it.
    samples: Vec<i16>,
    /// The utterance that a recognizer is hearing. While there is one, it has heard all since `start`.
    utterance: Option<ItemId>,
    speaking: bool,
}

impl InputBuffer {
    pub(super) fn new(detector: Box<dyn VoiceDetector>, format: AudioFormat, turns: Option<Turns>) -> Self {
        Self {
            detector,
            decoder: Decoder::new(format),
            turns: turns.map(|t| (t, TurnDetector::new(t.vad))),
            origin: 0,
            written: 0,
            start: 0,
            samples: Vec::new(),
            utterance: None,
            speaking: false,
        }
    }

    pub(super) fn is_speaking(&self) -> bool {
        self.speaking
    }

    /// The id that the sound now being heard will have.
    pub(super) fn announced(&self) -> Option<&ItemId> {
        self.utterance.as_ref()
    }

    pub(super) fn written_ms(&self) -> u64 {
        samples_to_ms(self.written, ENGINE_RATE)
    }

    /// Takes over changed settings. A turn goes on unless the way in which turns are found has changed.
    pub(super) fn configure(&mut self, format: AudioFormat, turns: Option<Turns>, out: &mut Outbox) {
        if format != self.decoder.format() {
            let rest = self.decoder.flush();
            self.store(&rest);
            self.feed(&rest, out);
            self.decoder = Decoder::new(format);
        }
        let unchanged = match (&self.turns, &turns) {
            (Some((old, _)), Some(new)) => old.vad == new.vad,
            (None, None) => true,
            _ => false,
        };
        match (unchanged, turns, &mut self.turns) {
            (true, Some(new), Some((old, _))) => *old = new,
            (true, ..) => {}
            (false, new, _) => {
                if new.is_some() {
                    self.abandon(out);
                }
                self.turns = new.map(|t| (t, TurnDetector::new(t.vad)));
                self.restart();
            }
        }
    }

    pub(super) fn decode(&mut self, bytes: Vec<u8>) -> Vec<i16> {
        self.decoder.push(bytes)
    }

    /// How many samples to [`write`](Self::write) at a time; any number where nobody looks for turns.
    pub(super) fn frame(&self) -> usize {
        if self.turns.is_some() { FRAME } else { usize::MAX }
    }

    /// Takes in one frame and says whether a turn began or ended in it.
    pub(super) fn write(&mut self, frame: &[i16], out: &mut Outbox) -> Option<Noticed> {
        self.store(frame);
        let Some((_, detector)) = &mut self.turns else {
            self.hear_all(frame, out);
            return None;
        };
        let event = detector.push(self.detector.hear(frame), frame);
        self.feed(frame, out);
        match event? {
            TurnEvent::Started { at_ms } => Some(self.turn_started(at_ms, out)),
            TurnEvent::Stopped { at_ms } => {
                self.speaking = false;
                let item_id = self.utterance.clone()?;
                Some(Noticed::Stopped { item_id, at_ms: at_ms + samples_to_ms(self.origin, ENGINE_RATE) })
            }
        }
    }

    fn turn_started(&mut self, at_ms: u64, out: &mut Outbox) -> Noticed {
        let at = (self.origin + ms_to_samples(at_ms, ENGINE_RATE)).max(self.start);
        self.drop_before(at);
        self.start = at;
        self.speaking = true;
        let item_id = self.begin(out);
        Noticed::Started { item_id, at_ms: samples_to_ms(at, ENGINE_RATE) }
    }

    /// Makes an item of all since the last one. `Err` when that is next to nothing.
    pub(super) fn commit(&mut self, out: &mut Outbox) -> Result<Take, Refusal> {
        let rest = self.decoder.flush();
        self.store(&rest);
        self.feed(&rest, out);
        let length = self.written - self.start;
        let length_ms = length as f64 * 1000.0 / f64::from(ENGINE_RATE);
        if length < ms_to_samples(LEAST_MS, ENGINE_RATE) {
            let message = format!(
                "Error committing input audio buffer: buffer too small. Expected at least {LEAST_MS}ms of audio, but \
                 buffer only has {length_ms:.2}ms of audio."
            );
            return Err(refuse("input_audio_buffer_commit_empty", message, None));
        }
        // A turn that is cut short by hand is over for the turn detector too.
        if self.speaking {
            self.restart();
        }
        Ok(self.take(out))
    }

    /// Makes an item of whatever there is.
    pub(super) fn take(&mut self, out: &mut Outbox) -> Take {
        let item_id = match self.utterance.take() {
            Some(item_id) => item_id,
            None => self.begin(out),
        };
        self.utterance = None;
        out.listen(Listen::Finish { item_id: item_id.clone() });
        let take =
            Take { item_id, sound: std::mem::take(&mut self.samples), length: self.written - self.start };
        self.start = self.written;
        take
    }

    pub(super) fn clear(&mut self, out: &mut Outbox) {
        self.abandon(out);
        self.decoder.flush();
        self.samples.clear();
        self.start = self.written;
        self.restart();
    }

    fn restart(&mut self) {
        self.speaking = false;
        self.origin = self.written;
        if let Some((turns, detector)) = &mut self.turns {
            *detector = TurnDetector::new(turns.vad);
        }
    }

    fn abandon(&mut self, out: &mut Outbox) {
        if let Some(item_id) = self.utterance.take() {
            out.listen(Listen::Abandon { item_id });
        }
    }

    fn begin(&mut self, out: &mut Outbox) -> ItemId {
        let item_id: ItemId = new_item_id(&mut out.ids);
        self.utterance = Some(item_id.clone());
        out.listen(Listen::Begin { item_id: item_id.clone() });
        if !self.samples.is_empty() {
            let pcm = Pcm16::new(self.samples.clone());
            out.listen(Listen::Feed { item_id: item_id.clone(), pcm });
        }
        item_id
    }

    /// Without turn detection all is heard from the first sample on.
    fn hear_all(&mut self, frame: &[i16], out: &mut Outbox) {
        if self.utterance.is_some() {
            self.feed(frame, out);
        } else {
            self.begin(out);
        }
    }

    fn feed(&mut self, samples: &[i16], out: &mut Outbox) {
        if let Some(item_id) = self.utterance.clone()
            && !samples.is_empty()
        {
            out.listen(Listen::Feed { item_id, pcm: Pcm16::new(samples.to_vec()) });
        }
    }

    fn store(&mut self, samples: &[i16]) {
        self.written += samples.len() as u64;
        self.samples.extend_from_slice(samples);
        let most = if self.utterance.is_some() { KEPT_OF_ONE } else { KEPT_SILENCE };
        // A recognizer has long heard what is dropped of a turn. A tenth over, so that not every frame moves all the others.
        if self.samples.len() > most + most / 10 {
            let excess = self.samples.len() - most;
            self.samples.drain(..excess);
            if self.utterance.is_none() {
                self.start = self.written - most as u64;
            }
        }
    }

    fn drop_before(&mut self, at: u64) {
        let first = self.written - self.samples.len() as u64;
        let excess = at.saturating_sub(first).min(self.samples.len() as u64);
        self.samples.drain(..excess as usize);
    }
}

fn new_item_id(ids: &mut Ids) -> ItemId {
    ids.make("item")
}

impl std::fmt::Debug for InputBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InputBuffer({} of {} samples)", self.samples.len(), self.written)
    }
}
