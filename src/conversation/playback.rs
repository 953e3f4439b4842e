//! What was received to be played, and what became of it: the truth about what was heard, in items.

use std::collections::BTreeMap;

use crate::pcm::{AudioBytes, Pcm16, SESSION_RATE, samples_to_ms};
use crate::protocol::ItemId;

/// The items that have sound which is not yet played, in order.
#[derive(Debug, Default)]
pub(super) struct Playback {
    order: Vec<ItemId>,
    tracks: BTreeMap<ItemId, Track>,
    flushing: bool,
}

#[derive(Debug, Default)]
struct Track {
    received: u64,
    /// Half a sample: servers may cut anywhere.
    odd: Option<u8>,
    ended: bool,
    started: bool,
    /// Was there when the flush was asked for.
    flushing: bool,
    /// Of a session that is over: the present one knows its words, not its sound.
    stale: bool,
}

/// What to do about an item whose playback was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All was heard.
    Whole,
    Heard {
        ms: u64,
        of_ms: u64,
        /// The session has its sound.
        known: bool,
    },
    Nothing,
}

impl Playback {
    /// Takes sound for `item_id`; returns the whole samples there are now.
    pub(super) fn receive(&mut self, item_id: &ItemId, bytes: &AudioBytes) -> Pcm16 {
        if !self.tracks.contains_key(item_id) {
            self.order.push(item_id.clone());
        }
        let track = self.tracks.entry(item_id.clone()).or_default();
        let mut joined: Vec<u8> = track.odd.take().into_iter().collect();
        joined.extend_from_slice(&bytes.0);
        if joined.len() % 2 == 1 {
            track.odd = joined.pop();
        }
        let pcm = Pcm16::from_le_bytes(&joined);
        track.received += pcm.len() as u64;
        pcm
    }

    /// True if the item has sound and this is its first end.
    pub(super) fn end(&mut self, item_id: &ItemId) -> bool {
        self.tracks.get_mut(item_id).is_some_and(|t| !std::mem::replace(&mut t.ended, true))
    }

    pub(super) fn started(&mut self, item_id: &ItemId) {
        if let Some(track) = self.tracks.get_mut(item_id) {
            track.started = true;
        }
    }

    pub(super) fn finished(&mut self, item_id: &ItemId) -> bool {
        self.remove(item_id).is_some()
    }

    /// Asks for a flush; false if there is nothing to be flushed, or one is under way.
    pub(super) fn flush(&mut self) -> bool {
        let asked = !self.tracks.is_empty() && !std::mem::replace(&mut self.flushing, true);
        if asked {
            self.tracks.values_mut().for_each(|t| t.flushing = true);
        }
        asked
    }

    /// The flush is through. `heard_ms` of the item left the speaker.
    pub(super) fn flushed(&mut self, item_id: &ItemId, heard_ms: u64) -> Option<Verdict> {
        let track = self.remove(item_id)?;
        let of_ms = samples_to_ms(track.received, SESSION_RATE);
        Some(match heard_ms.min(of_ms) {
            ms if ms == of_ms && track.ended => Verdict::Whole,
            0 => Verdict::Nothing,
            ms => Verdict::Heard { ms, of_ms, known: !track.stale },
        })
    }

    /// After all of [`Self::flushed`]: the items that the player did not know any more, or never, and whether
    /// they were heard.
    pub(super) fn flush_done(&mut self) -> Vec<(ItemId, bool)> {
        self.flushing = false;
        let flushed = |id: &ItemId| self.tracks.get(id).filter(|t| t.flushing).map(|t| t.started);
        let left: Vec<_> = self.order.iter().filter_map(|id| Some((id.clone(), flushed(id)?))).collect();
        for (id, _) in &left {
            self.remove(id);
        }
        left
    }

    /// The session is over.
    pub(super) fn disconnected(&mut self) {
        self.tracks.values_mut().for_each(|t| t.stale = true);
    }

    pub(super) fn contains(&self, item_id: &ItemId) -> bool {
        self.tracks.contains_key(item_id)
    }

    /// Items of which more sound may come.
    pub(super) fn receiving(&self) -> Vec<ItemId> {
        self.order.iter().filter(|id| self.tracks.get(*id).is_some_and(|t| !t.ended)).cloned().collect()
    }

    pub(super) fn is_audible(&self) -> bool {
        !self.flushing && self.tracks.values().any(|t| t.started)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    fn remove(&mut self, item_id: &ItemId) -> Option<Track> {
        self.order.retain(|id| id != item_id);
        self.tracks.remove(item_id)
    }
}
