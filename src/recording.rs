//! Both voices as WAV files: the microphone as it was sent, the assistant as it was played, each from the beginning of
//! the session, so that the two lie side by side in any editor.
//!
//! [`Tape`] decides what belongs where and is pure; [`wav`] writes it. What the assistant says is put down when it
//! begins to sound and cut where it was interrupted; while playback pauses for a voice that may be one, the rest of that
//! answer stands as much too early.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::audio::{AudioCommand, AudioEvent, LocalSpeech, TrackId};
use crate::codec::Decoder;
use crate::pcm::{AudioBytes, SESSION_RATE, ms_to_samples};
use crate::protocol::session::AudioFormat;

pub mod wav;

/// What comes so soon after what was before follows it without a gap: frames do not arrive evenly.
const EVEN: Duration = Duration::from_millis(250);

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Of the person.
    You,
    Assistant,
}

/// What is to be done to a file; positions are in samples from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// Samples go here; what is between them and those before is silence.
    Put { side: Side, at: u64, samples: Vec<i16> },
    /// All from here on was not heard.
    Drop { side: Side, from: u64 },
    /// All from here on was heard by so much later; before it is silence.
    Delay { side: Side, from: u64, by: u64 },
}

/// Where on the two files what happens belongs.
#[derive(Debug, Default)]
pub struct Tape {
    /// Of the person's sound on the wire.
    wire: Decoder,
    you_end: u64,
    assistant_end: u64,
    /// Received, and not begun.
    waiting: BTreeMap<TrackId, Vec<i16>>,
    playing: Option<Playing>,
}

#[derive(Debug)]
struct Playing {
    track: TrackId,
    /// Where it would have begun without its pauses.
    start: u64,
    paused: Option<u64>,
}

impl Tape {
    /// The format in which sound goes to the server.
    pub fn new(format: AudioFormat) -> Self {
        Self { wire: Decoder::new(format), ..Self::default() }
    }

    /// It goes in another from now on.
    pub fn format(&mut self, format: AudioFormat) {
        self.wire = Decoder::new(format);
    }

    /// Sound goes to the server.
    pub fn sent(&mut self, audio: &AudioBytes, now: Duration) -> Cut {
        let samples = self.wire.push(audio.0.clone());
        let length = samples.len() as u64;
        let spoken = position(now).saturating_sub(length);
        let gap = position(EVEN);
        let at = if spoken > self.you_end + gap { spoken } else { self.you_end };
        self.you_end = at + length;
        Cut::Put { side: Side::You, at, samples }
    }

    /// The engine is told.
    pub fn command(&mut self, command: &AudioCommand) -> Option<Cut> {
        let AudioCommand::Play { track, pcm } = command else { return None };
        if self.playing.as_ref().is_some_and(|playing| playing.track == *track) {
            return Some(self.append(pcm.samples().to_vec()));
        }
        self.waiting.entry(track.clone()).or_default().extend_from_slice(pcm.samples());
        None
    }

    /// The engine tells.
    pub fn event(&mut self, event: &AudioEvent, now: Duration) -> Option<Cut> {
        match event {
            AudioEvent::Started { track } => {
                let start = self.assistant_end.max(position(now));
                self.assistant_end = start;
                self.playing = Some(Playing { track: track.clone(), start, paused: None });
                let samples = self.waiting.remove(track)?;
                Some(self.append(samples))
            }
            AudioEvent::Flushed { track, taken_ms, .. } => {
                self.waiting.clear();
                let playing = self.playing.take()?;
                let heard = if track.as_ref() == Some(&playing.track) { *taken_ms } else { 0 };
                self.drop_from(playing.start + ms_to_samples(heard, SESSION_RATE))
            }
            AudioEvent::Finished { .. } => {
                self.playing = None;
                None
            }
            AudioEvent::Speech(LocalSpeech::Suspected) => {
                self.playing.as_mut()?.paused = Some(position(now));
                None
            }
            AudioEvent::Speech(LocalSpeech::FalseAlarm) => {
                let playing = self.playing.as_mut()?;
                let from = playing.paused.take().filter(|from| *from < self.assistant_end)?;
                let by = position(now).saturating_sub(from);
                playing.start += by;
                self.assistant_end += by;
                Some(Cut::Delay { side: Side::Assistant, from, by })
            }
            AudioEvent::Frame { .. }
            | AudioEvent::Speech(LocalSpeech::Confirmed)
            | AudioEvent::InputEnded
            | AudioEvent::Device(_) => None,
        }
    }

    /// The session is over; what plays is cut off.
    pub fn end(&mut self, now: Duration) -> Option<Cut> {
        self.playing.take()?;
        self.drop_from(position(now))
    }

    fn append(&mut self, samples: Vec<i16>) -> Cut {
        let at = self.assistant_end;
        self.assistant_end += samples.len() as u64;
        Cut::Put { side: Side::Assistant, at, samples }
    }

    fn drop_from(&mut self, from: u64) -> Option<Cut> {
        if from >= self.assistant_end {
            return None;
        }
        self.assistant_end = from;
        Some(Cut::Drop { side: Side::Assistant, from })
    }
}

fn position(at: Duration) -> u64 {
    ms_to_samples(at.as_millis() as u64, SESSION_RATE)
}

#[cfg(test)]
mod tests;
