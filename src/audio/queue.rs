//! Tracks that wait, sound, or were flushed: their samples, and where they stand on the device's time line.

use std::collections::VecDeque;

use super::TrackId;
use super::jitter::Arrivals;
use crate::pcm::{Pcm16, SESSION_RATE, i16_to_f32};

/// A growing clip of session samples, addressed from its very start; what was heard can be let go.
#[derive(Debug, Default)]
pub(super) struct Sound {
    chunks: VecDeque<Vec<i16>>,
    /// Where the first chunk begins.
    start: u64,
    end: u64,
}

impl Sound {
    pub(super) fn push(&mut self, pcm: Pcm16) {
        self.end += pcm.len() as u64;
        if !pcm.is_empty() {
            self.chunks.push_back(pcm.into_samples());
        }
    }

    /// Samples ever put in.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Replaces `out` by at most `count` samples from `at` on.
    pub(super) fn read(&self, at: u64, count: usize, out: &mut Vec<f32>) {
        out.clear();
        let mut offset = at.saturating_sub(self.start) as usize;
        for chunk in &self.chunks {
            if out.len() == count {
                break;
            }
            let part = chunk.get(offset..).unwrap_or_default();
            offset = offset.saturating_sub(chunk.len());
            let wanted = part.len().min(count - out.len());
            out.extend(part[..wanted].iter().map(|&s| i16_to_f32(s)));
        }
    }

    /// Lets go of whole chunks before `position`.
    pub(super) fn release(&mut self, position: u64) {
        while let Some(chunk) = self.chunks.front() {
            let end = self.start + chunk.len() as u64;
            if end > position {
                break;
            }
            self.start = end;
            self.chunks.pop_front();
        }
    }
}

/// Where a track's sound begins on the device's time line.
#[derive(Debug, Clone, Copy)]
struct Origin {
    frame: u64,
    sample: u64,
    rate: u32,
}

#[derive(Debug)]
pub(super) struct Track {
    pub(super) id: TrackId,
    pub(super) sound: Sound,
    pub(super) arrivals: Arrivals,
    /// The next sample to be fed to the device.
    pub(super) next: u64,
    /// No more sound will come.
    pub(super) ended: bool,
    pub(super) started: bool,
    /// It faded out the last time that it ran dry; if not, the device has met and counted the gap.
    pub(super) faded_out: bool,
    origin: Option<Origin>,
    /// The frame after its last one, once all of it was fed.
    pub(super) end_frame: Option<u64>,
}

impl Track {
    pub(super) fn new(id: TrackId) -> Self {
        Self {
            id,
            sound: Sound::default(),
            arrivals: Arrivals::default(),
            next: 0,
            ended: false,
            started: false,
            faded_out: false,
            origin: None,
            end_frame: None,
        }
    }

    /// Samples not yet fed.
    pub(super) fn waiting(&self) -> u64 {
        self.sound.end().saturating_sub(self.next)
    }

    pub(super) fn is_placed(&self) -> bool {
        self.origin.is_some()
    }

    /// Lets the next sample be the one at `frame` of a device with `rate`.
    pub(super) fn place(&mut self, frame: u64, rate: u32) {
        self.origin = Some(Origin { frame, sample: self.next, rate });
    }

    pub(super) fn start_frame(&self) -> Option<u64> {
        self.origin.map(|o| o.frame)
    }

    /// The frame after the last sample that is known now.
    pub(super) fn closing_frame(&self) -> Option<u64> {
        self.origin.map(|o| {
            let samples = self.sound.end() - o.sample;
            o.frame + (samples * u64::from(o.rate)).div_ceil(u64::from(SESSION_RATE))
        })
    }

    /// Samples of it that lie before `frame` on the device's time line; never more than were fed.
    pub(super) fn heard_at(&self, frame: u64) -> u64 {
        self.origin.map_or(self.next, |o| {
            let frames = frame.saturating_sub(o.frame);
            let samples = frames * u64::from(SESSION_RATE) / u64::from(o.rate.max(1));
            (o.sample + samples).min(self.next)
        })
    }

    /// Takes it off the device's time line; it will go on from what was heard at `frame`.
    pub(super) fn withdraw(&mut self, frame: u64) {
        self.next = self.heard_at(frame);
        self.origin = None;
        self.end_frame = None;
    }
}

#[cfg(test)]
impl Sound {
    /// Chunks in memory.
    pub(super) fn held(&self) -> usize {
        self.chunks.len()
    }
}
