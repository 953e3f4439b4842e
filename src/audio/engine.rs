//! The audio thread: carries commands and sound between the devices' rings and the outside.
//!
//! [`Engine`] is one turn of it and reads no clock; [`run`] gives it turns.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

use super::backend::{Backend, DeviceInfo, Pace};
use super::barge_in::BargeIn;
use super::capture::{Capture, Captured};
use super::clock::Clock;
use super::ears::Ears;
use super::echo::{Echo, EchoConfig};
use super::events::EventSender;
use super::meters::SharedMeters;
use super::playback::{Player, PlayerConfig};
use super::ring::{CaptureSource, STALE, frames_in};
use super::sink::{PlaybackCallback, PlaybackSink, playback_ring};
use super::streams::{Link, Slot};
use super::{AudioCommand, AudioConfig, AudioEvent, DeviceEvent, Gate, LocalSpeech, Microphone};
use crate::pcm::{Pcm16, SESSION_RATE};

/// How long the thread sleeps at most.
const TICK: Duration = Duration::from_millis(5);
const FAST_TICK: Duration = Duration::from_millis(1);
/// Captured sound handled in one piece: 20 ms.
const PIECE_MS: u64 = 20;
/// Of sound that is scored by the voice detector in one piece.
const SCORED: Duration = Duration::from_millis(10);
/// Frames that may wait to be taken when nothing may be lost.
const FAST_BACKLOG: usize = 50;
/// After this long without an output device, tracks run on unheard, so that the dialogue can go on.
const HOLD: Duration = Duration::from_secs(3);
/// Devices get this long to close at the end.
const CLOSING: Duration = Duration::from_millis(400);

/// Runs until it is told to stop or nobody is left to tell. Whoever sends a command or sound unparks it.
pub(super) fn run(mut engine: Engine, commands: &Receiver<AudioCommand>, clock: Clock) {
    loop {
        loop {
            match commands.try_recv() {
                Ok(AudioCommand::Stop) | Err(TryRecvError::Disconnected) => return engine.stop(),
                Ok(command) => engine.command(command, clock.now()),
                Err(TryRecvError::Empty) => break,
            }
        }
        let busy = engine.step(clock.now());
        match engine.pace {
            Pace::Fast if busy => {}
            Pace::Fast => thread::park_timeout(FAST_TICK),
            Pace::Real => thread::park_timeout(TICK),
        }
    }
}

pub(super) struct Engine {
    pace: Pace,
    hardware: bool,
    input: Slot<CaptureSource>,
    output: Slot<PlaybackSink>,
    source: Option<CaptureSource>,
    source_rate: u32,
    input_over: bool,
    capture: Capture,
    barge_in: BargeIn,
    /// What the speaker was given since the last turn.
    played: Vec<f32>,
    player: Player,
    void: Option<Void>,
    no_output_since: Duration,
    events: EventSender,
    meters: Arc<SharedMeters>,
    piece: Vec<f32>,
    pending: Vec<AudioEvent>,
}

impl Engine {
    pub(super) fn new(
        config: &AudioConfig,
        backend: Arc<dyn Backend>,
        events: EventSender,
        meters: Arc<SharedMeters>,
    ) -> Self {
        let player = Player::new(PlayerConfig {
            volume: config.volume,
            prebuffer_ms: config.prebuffer_ms,
            queue_ms: config.queue_ms,
        });
        Self {
            pace: backend.pace(),
            hardware: backend.is_hardware(),
            input: Slot::new(Arc::clone(&backend)),
            output: Slot::new(backend),
            source: None,
            source_rate: SESSION_RATE,
            input_over: false,
            capture: Capture::new(
                config.preroll_ms,
                Echo::new(EchoConfig {
                    mode: config.echo,
                    noise: config.noise_suppression,
                    gain: config.gain_control,
                }),
                config.barge_in.then(Ears::new),
            )
            .with_channel(config.input_channel),
            barge_in: BargeIn::default(),
            played: Vec::new(),
            player,
            void: None,
            no_output_since: Duration::ZERO,
            events,
            meters,
            piece: Vec::new(),
            pending: Vec::new(),
        }
    }

    /// Carries out one command; [`AudioCommand::Stop`] is the caller's.
    pub(super) fn command(&mut self, command: AudioCommand, now: Duration) {
        match command {
            AudioCommand::Play { track, pcm } => self.player.play(&track, pcm, now),
            AudioCommand::End { track } => self.player.end(&track, &mut self.pending),
            AudioCommand::Flush => {
                self.barge_in.reset();
                self.player.flush(now, &mut self.pending);
            }
            AudioCommand::Capture(gate) => {
                if gate == Gate::Closed {
                    self.unpause();
                }
                let preroll = self.capture.set_gate(gate);
                self.deliver(preroll, now);
            }
            AudioCommand::SetVolume(volume) => self.player.set_volume(volume),
            AudioCommand::Microphone(Microphone::Released) => {
                if self.input.release() {
                    self.input_down();
                }
            }
            AudioCommand::Microphone(Microphone::Kept) => self.input.keep(now),
            AudioCommand::SetEcho(mode) => self.capture.echo().set_mode(mode),
            AudioCommand::Cue(cue) => self.player.cue(cue),
            AudioCommand::Stop => {}
        }
        self.report(now);
    }

    /// One turn. Returns whether there may be more to do at once.
    pub(super) fn step(&mut self, now: Duration) -> bool {
        self.poll_devices(now);
        self.hear_speaker();
        let captured = self.drain_capture(now);
        if let Some(void) = &mut self.void {
            void.tick(now);
        }
        self.limit_pause(now);
        self.player.step(now, &mut self.pending);
        self.report(now);
        self.update_meters(now);
        captured
    }

    /// Closes the devices.
    pub(super) fn stop(&mut self) {
        self.input.stop(Duration::ZERO);
        self.output.stop(CLOSING);
    }

    #[cfg(test)]
    pub(super) fn settle(&mut self) {
        self.input.settle();
        self.output.settle();
    }

    fn poll_devices(&mut self, now: Duration) {
        match self.input.poll(now) {
            Some(Link::Up { info, end }) => self.input_up(&info, end),
            Some(Link::Down) => {
                self.input_down();
                self.output.suspect(now);
            }
            Some(Link::Renewing) => self.input_down(),
            None => {}
        }
        self.output.set_idle(!self.player.is_playing());
        self.input.set_idle(!self.capture.is_open());
        match self.output.poll(now) {
            Some(Link::Up { end, .. }) => {
                self.void = None;
                self.player.attach(end);
            }
            Some(Link::Down) => {
                self.output_down(now);
                self.input.suspect(now);
            }
            Some(Link::Renewing) => self.output_down(now),
            None => {}
        }
        self.fall_back(now);
        let reports = self.input.drain_reports().into_iter().chain(self.output.drain_reports());
        self.pending.extend(reports.map(AudioEvent::Device));
    }

    fn input_up(&mut self, info: &DeviceInfo, source: CaptureSource) {
        self.capture.attach(info);
        self.source_rate = info.rate;
        source.take_here();
        self.source = Some(source);
    }

    fn input_down(&mut self) {
        self.source = None;
        self.capture.detach();
        self.unpause();
        self.meters.mic_peak.set(0.0);
        self.meters.mic_rms.set(0.0);
    }

    fn output_down(&mut self, now: Duration) {
        self.player.detach();
        self.capture.echo().fall_silent();
        self.no_output_since = now;
    }

    /// Without an output for long, lets the tracks run on into nothing.
    fn fall_back(&mut self, now: Duration) {
        if !self.player.is_attached() && now.saturating_sub(self.no_output_since) >= HOLD {
            let (void, sink) = Void::new(now);
            self.void = Some(void);
            self.player.attach(sink);
        }
    }

    /// What the speaker was given comes back as echo. Into nothing, it does not.
    fn hear_speaker(&mut self) {
        self.played.clear();
        let rate = self.player.take_reference(&mut self.played);
        if let (Some(rate), None) = (rate, &self.void) {
            self.capture.echo().far(&self.played, rate);
        }
    }

    /// Takes scores of the voice detector, each for a block of sound.
    fn consider_barge_in(&mut self, scores: &[f32], now: Duration) {
        if !self.capture.is_open() || !self.player.is_playing() {
            return self.unpause();
        }
        for &score in scores {
            let Some(speech) = self.barge_in.hear(score, SCORED, now) else { continue };
            match speech {
                LocalSpeech::Suspected => self.player.set_paused(true),
                LocalSpeech::FalseAlarm => self.player.set_paused(false),
                LocalSpeech::Confirmed => {}
            }
            self.pending.push(AudioEvent::Speech(speech));
        }
    }

    /// A microphone that gives nothing any more must not hold playback up.
    fn limit_pause(&mut self, now: Duration) {
        if self.barge_in.is_overdue(now) {
            self.unpause();
        }
    }

    /// Playback goes on if it was waiting for the person.
    fn unpause(&mut self) {
        if self.barge_in.reset() {
            self.player.set_paused(false);
            self.pending.push(AudioEvent::Speech(LocalSpeech::FalseAlarm));
        }
    }

    /// Returns whether anything was captured.
    fn drain_capture(&mut self, now: Duration) -> bool {
        let waiting = self.source.as_ref().map_or(0, CaptureSource::waiting);
        self.capture.expect(waiting);
        self.capture.set_attentive(self.player.is_playing());
        self.drop_stale();
        if let (true, Some(source)) = (self.capture.is_open(), &self.source) {
            source.want();
        }
        let piece = frames_in(PIECE_MS, self.source_rate).max(1);
        let mut any = false;
        while self.may_take() {
            let Some(source) = &mut self.source else { break };
            let wanted = match source.until_end() {
                Some(left) if !self.input_over => piece.min(left as usize),
                Some(_) | None => piece,
            };
            self.piece.clear();
            let taken = source.take(wanted, &mut self.piece);
            let ends = !self.input_over && source.until_end() == Some(0);
            let captured = self.capture.push(&self.piece);
            self.captured(captured, now);
            if ends {
                self.end_input(now);
            }
            any |= taken > 0;
            if taken == 0 {
                break;
            }
        }
        any
    }

    /// Where nothing may be lost, sound is taken only when it can be passed on.
    fn may_take(&self) -> bool {
        match self.pace {
            Pace::Real => true,
            Pace::Fast => self.capture.is_open() && self.events.waiting_frames() < FAST_BACKLOG,
        }
    }

    fn drop_stale(&mut self) {
        let limit = frames_in(STALE.as_millis() as u64, self.source_rate);
        if let (Pace::Real, Some(source)) = (self.pace, &mut self.source) {
            let waiting = source.waiting();
            if waiting > limit {
                source.skip(waiting - limit);
                self.capture.skip(waiting - limit);
            }
        }
    }

    fn end_input(&mut self, now: Duration) {
        self.input_over = true;
        if self.pace == Pace::Fast {
            let last = self.capture.finish();
            self.captured(last, now);
        }
        self.pending.push(AudioEvent::InputEnded);
    }

    fn captured(&mut self, captured: Captured, now: Duration) {
        if let Some((peak, rms)) = captured.level {
            self.meters.mic_peak.set(peak);
            self.meters.mic_rms.set(rms);
        }
        if captured.fell_silent && self.hardware {
            self.pending.push(AudioEvent::Device(DeviceEvent::SilentMicrophone));
        }
        self.consider_barge_in(&captured.speech, now);
        self.deliver(captured.frames, now);
    }

    fn deliver(&mut self, frames: Vec<Pcm16>, now: Duration) {
        for pcm in frames {
            self.events.frame(pcm, now);
        }
    }

    fn report(&mut self, now: Duration) {
        for event in self.pending.drain(..) {
            self.events.send(event, now);
        }
    }

    fn update_meters(&mut self, now: Duration) {
        let meters = &self.meters;
        meters.speaker_peak.set(self.player.drain_level().max(meters.speaker_peak.get() * 0.9));
        // Of silence nobody hears it.
        let missed = self.output.drain_misses() * u64::from(self.player.is_playing());
        meters.underruns.fetch_add(self.player.drain_underruns() + missed, Ordering::Relaxed);
        meters.refused_samples.fetch_add(self.player.drain_refused(), Ordering::Relaxed);
        let lost = self.source.as_ref().map_or(0, CaptureSource::drain_lost);
        meters.lost_capture.fetch_add(lost, Ordering::Relaxed);
        meters.queued_ms.store(self.player.queued_ms(), Ordering::Relaxed);
        meters.jitter_ms.store(self.player.jitter_ms(now), Ordering::Relaxed);
        meters.playing.store(self.player.is_playing(), Ordering::Relaxed);
        meters.microphone_open.store(self.input.is_held(), Ordering::Relaxed);
        meters.echo.store(self.capture.echo().state() as u8, Ordering::Relaxed);
    }
}

/// An output that nobody hears, driven by the audio thread itself.
struct Void {
    callback: PlaybackCallback,
    begun: Duration,
    taken: u64,
    buffer: Vec<f32>,
}

impl Void {
    fn new(now: Duration) -> (Self, PlaybackSink) {
        let info = DeviceInfo { rate: SESSION_RATE, channels: 1, ..DeviceInfo::default() };
        let (callback, sink) = playback_ring(&info);
        (Self { callback, begun: now, taken: 0, buffer: Vec::new() }, sink)
    }

    fn tick(&mut self, now: Duration) {
        let due = super::ring::duration_frames(now.saturating_sub(self.begun), SESSION_RATE);
        self.buffer.resize(due.saturating_sub(self.taken) as usize, 0.0);
        self.taken = due;
        self.callback.process(&mut self.buffer, Duration::ZERO);
    }
}

#[cfg(test)]
mod tests;
