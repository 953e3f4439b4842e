//! What is played when: the queue of tracks, the wait for sound, the feed to the device's ring, and what was heard.
//!
//! Knows the ring, not the device. All positions are frames of the ring; [`super::queue`] maps them to samples.

use std::collections::VecDeque;
use std::time::Duration;

use super::jitter::Jitter;
use super::line::{Gain, Line};
use super::queue::Track;
use super::sink::PlaybackSink;
use super::{AudioEvent, Cue, TrackId, cues};
use crate::pcm::{Pcm16, SESSION_RATE, ms_to_samples, samples_to_ms};

/// A flush is answered after this long even when the device does not call back.
const FLUSH_PATIENCE: Duration = Duration::from_millis(150);
/// Flushed tracks that are remembered, so that late sound of theirs is not played.
const FLUSHED_KEPT: usize = 64;

/// How the player is set up.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlayerConfig {
    pub(super) volume: f32,
    pub(super) prebuffer_ms: u64,
    pub(super) queue_ms: u64,
}

/// Plays tracks one after the other into a [`PlaybackSink`].
pub(super) struct Player {
    config: PlayerConfig,
    jitter: Jitter,
    tracks: VecDeque<Track>,
    flushes: VecDeque<Flush>,
    flushed: VecDeque<TrackId>,
    line: Option<Line>,
    gain: Gain,
    scratch: Vec<f32>,
    paused: bool,
    underruns: u64,
    refused: u64,
}

/// A flush that waits for the device to carry it out.
struct Flush {
    /// Nothing is to be waited for when there is no output.
    mark: Option<u64>,
    deadline: Duration,
    tracks: VecDeque<Track>,
}

impl Player {
    pub(super) fn new(config: PlayerConfig) -> Self {
        Self {
            config,
            jitter: Jitter::new(config.prebuffer_ms),
            tracks: VecDeque::new(),
            flushes: VecDeque::new(),
            flushed: VecDeque::new(),
            line: None,
            gain: Gain::new(config.volume),
            scratch: Vec::new(),
            paused: false,
            underruns: 0,
            refused: 0,
        }
    }

    pub(super) fn attach(&mut self, sink: PlaybackSink) {
        self.detach();
        sink.set_paused(self.paused);
        self.line = Some(Line::new(sink));
    }

    /// The output is gone: what was not heard will be played again by the next one.
    pub(super) fn detach(&mut self) {
        let Some(line) = self.line.take() else { return };
        let audible = line.sink.audible();
        self.underruns += line.sink.drain_underruns();
        for flush in &mut self.flushes {
            flush.tracks.iter_mut().for_each(|t| t.withdraw(audible));
            flush.mark = None;
        }
        self.tracks.iter_mut().for_each(|t| t.withdraw(audible));
    }

    pub(super) fn is_attached(&self) -> bool {
        self.line.is_some()
    }

    /// Appends sound to a track, which is queued if it is new. Flushed tracks take no more.
    pub(super) fn play(&mut self, id: &TrackId, mut pcm: Pcm16, now: Duration) {
        if self.flushed.contains(id) {
            return;
        }
        let queued: u64 = self.tracks.iter().map(Track::waiting).sum();
        let room = ms_to_samples(self.config.queue_ms, SESSION_RATE).saturating_sub(queued) as usize;
        if pcm.len() > room {
            self.refused += (pcm.len() - room) as u64;
            pcm = Pcm16::new(pcm.samples()[..room].to_vec());
        }
        let known = self.tracks.iter().position(|t| t.id == *id && t.end_frame.is_none());
        let at = known.unwrap_or_else(|| {
            self.tracks.push_back(Track::new(id.clone()));
            self.tracks.len() - 1
        });
        let track = &mut self.tracks[at];
        // Whether a silence was an underrun is known when more comes: it may have been the end.
        if self.jitter.arrived(&mut track.arrivals, pcm.len(), now) && track.faded_out {
            self.underruns += 1;
        }
        track.sound.push(pcm);
    }

    /// No more sound will come for a track.
    pub(super) fn end(&mut self, id: &TrackId, events: &mut Vec<AudioEvent>) {
        let mut known = false;
        for track in self.tracks.iter_mut().filter(|t| t.id == *id) {
            track.ended = true;
            known = true;
        }
        if !known && !self.flushed.contains(id) {
            events.push(AudioEvent::Finished { track: id.clone() });
        }
    }

    /// A short sound, at once; none where there is no output.
    pub(super) fn cue(&mut self, cue: Cue) {
        if let Some(line) = &mut self.line {
            let mut frames = cues::frames(cue, line.sink.rate());
            self.gain.scale(&mut frames);
            line.sink.push_cue(&frames);
        }
    }

    pub(super) fn set_volume(&mut self, volume: f32) {
        self.gain.set(volume);
    }

    /// Empties the queue and the ring; the answer comes when the device has carried it out.
    pub(super) fn flush(&mut self, now: Duration, events: &mut Vec<AudioEvent>) {
        self.progress(events);
        let tracks = std::mem::take(&mut self.tracks);
        for track in &tracks {
            self.flushed.push_back(track.id.clone());
        }
        self.flushed.drain(..self.flushed.len().saturating_sub(FLUSHED_KEPT));
        let mark = self.line.as_mut().map(Line::discard);
        self.set_paused(false);
        self.flushes.push_back(Flush { mark, deadline: now + FLUSH_PATIENCE, tracks });
        self.answer_flushes(now, events);
    }

    /// Lets what sounds wait, or go on. Over when the queue is flushed.
    pub(super) fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
        if let Some(line) = &self.line {
            line.sink.set_paused(paused);
        }
    }

    /// Appends what the device was given since the last call; at which rate.
    pub(super) fn take_reference(&mut self, out: &mut Vec<f32>) -> Option<u32> {
        let line = self.line.as_mut()?;
        line.sink.take_reference(out);
        Some(line.sink.rate())
    }

    /// Does what is due: answers flushes, reports starts and ends, feeds the device.
    pub(super) fn step(&mut self, now: Duration, events: &mut Vec<AudioEvent>) {
        self.answer_flushes(now, events);
        self.progress(events);
        self.feed(now);
        self.release();
    }

    /// Samples waiting and on their way, in milliseconds.
    pub(super) fn queued_ms(&self) -> u64 {
        let waiting: u64 = self.tracks.iter().map(Track::waiting).sum();
        let on_the_way = self.line.as_ref().map_or(0, |l| samples_to_ms(l.unread(), l.sink.rate()));
        samples_to_ms(waiting, SESSION_RATE) + on_the_way
    }

    pub(super) fn is_playing(&self) -> bool {
        self.tracks.front().is_some_and(|t| t.started)
    }

    /// Underruns since the last call.
    pub(super) fn drain_underruns(&mut self) -> u64 {
        let met = self.line.as_ref().map_or(0, |l| l.sink.drain_underruns());
        std::mem::take(&mut self.underruns) + met
    }

    /// How long a track waits for more sound at the moment.
    pub(super) fn jitter_ms(&self, now: Duration) -> u64 {
        let headroom = self.line.as_ref().map_or(0, Line::headroom_ms);
        self.jitter.wait_ms(headroom, now).round() as u64
    }

    /// Samples refused since the last call.
    pub(super) fn drain_refused(&mut self) -> u64 {
        std::mem::take(&mut self.refused)
    }

    pub(super) fn drain_level(&self) -> f32 {
        self.line.as_ref().map_or(0.0, |l| l.sink.drain_level())
    }

    fn answer_flushes(&mut self, now: Duration, events: &mut Vec<AudioEvent>) {
        while let Some(flush) = self.flushes.front() {
            let sink = self.line.as_ref().map(|l| &l.sink);
            let positions = match (flush.mark, sink) {
                (Some(mark), Some(sink)) => {
                    let late = (now >= flush.deadline).then(|| (sink.audible(), sink.read()));
                    sink.discarded(mark).or(late)
                }
                (None, _) | (_, None) => Some((0, 0)),
            };
            let Some((audible, read)) = positions else { return };
            if let Some(flush) = self.flushes.pop_front() {
                answer(&flush.tracks, audible, read, events);
            }
        }
    }

    /// Reports what began to sound and what is over.
    fn progress(&mut self, events: &mut Vec<AudioEvent>) {
        let Some(line) = &self.line else { return };
        let (read, audible) = (line.sink.read(), line.sink.audible());
        for track in &mut self.tracks {
            let sounds = track.start_frame().is_some_and(|start| read > start);
            if sounds && !track.started {
                track.started = true;
                events.push(AudioEvent::Started { track: track.id.clone() });
            }
        }
        while let Some(track) = self.tracks.front() {
            if track.end_frame.is_none_or(|end| audible < end) {
                break;
            }
            if let Some(track) = self.tracks.pop_front().filter(|t| t.ended) {
                events.push(AudioEvent::Finished { track: track.id });
            }
        }
    }

    fn release(&mut self) {
        if let (Some(track), Some(line)) = (self.tracks.front_mut(), &self.line) {
            let heard = track.heard_at(line.sink.audible());
            track.sound.release(heard);
        }
    }

    fn feed(&mut self, now: Duration) {
        let Some(line) = &mut self.line else { return };
        let want = line.sink.target().saturating_sub(line.sink.fill());
        let enough = want + line.fade();
        while line.staged.len() < enough {
            let Some(at) = self.tracks.iter().position(|t| t.end_frame.is_none()) else { break };
            let closing = self.tracks[at].ended || at + 1 < self.tracks.len();
            let track = &mut self.tracks[at];
            let begins = !closing && (line.dry || !track.is_placed());
            let headroom = line.headroom_ms();
            if begins && !self.jitter.is_enough(&track.arrivals, track.waiting(), headroom, now) {
                break;
            }
            line.dry = false;
            if !line.make(track, closing, &mut self.scratch, &mut self.gain) {
                break;
            }
        }
        if line.dry {
            return;
        }
        let Some(open) = self.tracks.iter_mut().find(|t| t.is_placed() && t.end_frame.is_none()) else {
            line.push(want, 0);
            line.dry = line.staged.is_empty();
            return;
        };
        line.push(want, line.fade());
        if line.is_running_dry() {
            open.faded_out = line.run_dry();
            open.arrivals.run_dry();
        }
    }
}

/// Says what was heard of `tracks` when the device had played up to `audible` and taken up to `read`.
fn answer(tracks: &VecDeque<Track>, audible: u64, read: u64, events: &mut Vec<AudioEvent>) {
    let mut playing = None;
    let mut unheard = Vec::new();
    for track in tracks {
        let heard = track.heard_at(audible);
        let over = track.end_frame.is_some_and(|end| audible >= end);
        if over && track.ended {
            events.push(AudioEvent::Finished { track: track.id.clone() });
        } else if heard == 0 {
            unheard.push(track.id.clone());
        } else {
            playing = Some((track, heard));
        }
    }
    let ms = |samples| samples_to_ms(samples, SESSION_RATE);
    events.push(AudioEvent::Flushed {
        track: playing.map(|(t, _)| t.id.clone()),
        heard_ms: playing.map_or(0, |(_, heard)| ms(heard)),
        taken_ms: playing.map_or(0, |(t, heard)| ms(t.heard_at(read).max(heard))),
        queued_tracks_unheard: unheard,
    });
}

#[cfg(test)]
mod tests;
