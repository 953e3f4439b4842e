//! From a track's samples to the frames of an open output: volume, resampling, fades, and what is kept ready.

use super::queue::Track;
use super::ring::frames_in;
use super::sink::{FADE_MS, PlaybackSink, fade_out};
use crate::pcm::SESSION_RATE;
use crate::resample::Resampler;

/// Samples made into frames at a time: 10 ms.
const CHUNK: usize = 240;

/// An open output and what is on its way there.
pub(super) struct Line {
    pub(super) sink: PlaybackSink,
    resampler: Resampler,
    /// Frames made but not yet in the ring.
    pub(super) staged: Vec<f32>,
    /// Samples that went into the resampler and frames that came out.
    fed: u64,
    made: u64,
    /// Frames of the resampler's own delay still to be left out.
    lead: usize,
    /// The end of the staged frames has to wait for more sound.
    pub(super) dry: bool,
    /// Frames left of a fade-in, after an underrun.
    fade_in: usize,
}

impl Line {
    pub(super) fn new(sink: PlaybackSink) -> Self {
        let resampler = Resampler::new(SESSION_RATE, sink.rate());
        Self { sink, resampler, staged: Vec::new(), fed: 0, made: 0, lead: 0, dry: true, fade_in: 0 }
    }

    pub(super) fn fade(&self) -> usize {
        frames_in(FADE_MS, self.sink.rate())
    }

    /// Sound that a track cannot go on without, in ms: what the device may take before the next turn, the fade-out
    /// that is kept back, and what the resampler holds.
    pub(super) fn headroom_ms(&self) -> u64 {
        let frames = self.sink.low_water() + self.fade() + self.resampler.held_frames();
        (frames as u64 * 1000).div_ceil(u64::from(self.sink.rate().max(1)))
    }

    /// The device may meet the end of what is ready before the next turn.
    pub(super) fn is_running_dry(&self) -> bool {
        self.sink.fill() <= self.sink.low_water()
    }

    /// Frames that were made and not yet taken by the device.
    pub(super) fn unread(&self) -> u64 {
        (self.sink.fill() + self.staged.len()) as u64
    }

    /// The position of the next frame to be made.
    fn position(&self) -> u64 {
        self.sink.written() + self.staged.len() as u64
    }

    /// Turns the next chunk of `track` into staged frames, or closes it. `false`: there is nothing to do now.
    pub(super) fn make(
        &mut self,
        track: &mut Track,
        closing: bool,
        scratch: &mut Vec<f32>,
        gain: &mut Gain,
    ) -> bool {
        if !track.is_placed() {
            track.place(self.position(), self.sink.rate());
            self.lead = self.delay();
        }
        let made = self.staged.len();
        track.sound.read(track.next, CHUNK, scratch);
        if scratch.is_empty() && !closing {
            return false;
        }
        track.next += scratch.len() as u64;
        gain.apply(scratch);
        if scratch.is_empty() {
            self.push_out();
        } else {
            self.resample(scratch);
        }
        self.leave_out_lead(made);
        if scratch.is_empty() {
            self.close(track);
        }
        self.fade_in(made);
        true
    }

    fn resample(&mut self, samples: &[f32]) {
        let before = self.staged.len();
        self.resampler.push(samples, &mut self.staged);
        self.fed += samples.len() as u64;
        self.made += (self.staged.len() - before) as u64;
    }

    /// Frames that will come out before the first of the next sample.
    fn delay(&self) -> usize {
        let due = (self.fed * u64::from(self.sink.rate())).div_ceil(u64::from(SESSION_RATE));
        self.resampler.delay_frames() + due.saturating_sub(self.made) as usize
    }

    /// Pushes all that went into the resampler out of it, with silence, up to the end of one of its chunks.
    fn push_out(&mut self) {
        let delay = self.resampler.delay_frames();
        if delay > 0 {
            let chunk = self.resampler.chunk();
            let tail = delay * SESSION_RATE as usize / self.sink.rate() as usize + 2 * chunk;
            let fed = self.fed as usize + tail;
            self.resample(&vec![0.0; fed.next_multiple_of(chunk) - self.fed as usize]);
        }
    }

    fn leave_out_lead(&mut self, made: usize) {
        let left_out = self.lead.min(self.staged.len() - made);
        self.staged.drain(made..made + left_out);
        self.lead -= left_out;
    }

    /// Gives the track exactly the frames that its samples are long.
    fn close(&mut self, track: &mut Track) {
        let end = track.closing_frame().unwrap_or_else(|| self.position());
        let staged = end.saturating_sub(self.sink.written()) as usize;
        self.staged.resize(staged, 0.0);
        track.end_frame = Some(end);
    }

    fn fade_in(&mut self, made: usize) {
        let fade = self.fade();
        for sample in self.staged.iter_mut().skip(made).take(self.fade_in) {
            *sample *= 1.0 - self.fade_in as f32 / fade as f32;
            self.fade_in -= 1;
        }
    }

    /// Hands over at most `want` frames, keeping back the last `keep`.
    pub(super) fn push(&mut self, want: usize, keep: usize) {
        let ready = self.staged.len().saturating_sub(keep).min(want);
        if keep == 0 && ready == self.staged.len() {
            self.sink.settle_after(ready);
        }
        let pushed = self.sink.push(&self.staged[..ready]);
        self.staged.drain(..pushed);
    }

    /// No more sound came in time: lets what is left fade out and waits for more than a little sound. Returns
    /// whether anything was left; if not, the device has met the gap already.
    pub(super) fn run_dry(&mut self) -> bool {
        let left = self.unread() > 0;
        let fade = self.fade().min(self.staged.len());
        let start = self.staged.len() - fade;
        fade_out(&mut self.staged[start..]);
        self.push(self.staged.len(), 0);
        self.dry = true;
        self.fade_in = self.fade();
        left
    }

    /// Drops all that is under way. Returns the position the device will have reached when it has done so.
    pub(super) fn discard(&mut self) -> u64 {
        // First of all, so that a callback in the meantime sees it.
        let mark = self.sink.discard();
        self.push_out();
        self.staged.clear();
        self.dry = true;
        self.fade_in = 0;
        mark
    }
}

/// Volume that changes without a click.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gain {
    now: f32,
    goal: f32,
}

impl Gain {
    pub(super) fn new(volume: f32) -> Self {
        let mut gain = Self { now: 1.0, goal: 1.0 };
        gain.set(volume);
        gain.now = gain.goal;
        gain
    }

    pub(super) fn set(&mut self, volume: f32) {
        if volume.is_finite() {
            self.goal = volume.clamp(0.0, 2.0);
        }
    }

    /// At the volume that is wanted; what is beyond full scale is clipped where it is mixed.
    pub(super) fn scale(self, samples: &mut [f32]) {
        samples.iter_mut().for_each(|sample| *sample *= self.goal);
    }

    pub(super) fn apply(&mut self, samples: &mut [f32]) {
        let step = (self.goal - self.now) / samples.len().max(1) as f32;
        for sample in samples {
            self.now += step;
            *sample = (*sample * self.now).clamp(-1.0, 1.0);
        }
        self.now = self.goal;
    }
}
