//! `realtime-cli mic-test`: records three seconds, says what arrived, and plays it back.
//!
//! Goes through the same engine as a conversation, on any [`Backend`]. The results go to `out`; what happens meanwhile
//! goes to `progress`.

use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::Failure;
use crate::audio::{
    AudioCommand, AudioConfig, AudioEngine, AudioEvent, AudioEvents, AudioHandle, Backend, DeviceEvent,
    DeviceInfo, Direction, Gate, Meters,
};
use crate::cli::Exit;
use crate::pcm::{self, Pcm16, SESSION_RATE};
use crate::text::Clean;

/// How long devices may take to open.
const OPENING: Duration = Duration::from_secs(5);
/// How often the level is drawn: on a terminal, and as lines of their own.
const REDRAW: Duration = Duration::from_millis(100);
const LINE: Duration = Duration::from_secs(1);
const BAR: usize = 30;
/// The quietest level that the bar shows.
const FLOOR_DB: f32 = -60.0;
/// A voice at arm's length is above the first, a distorted one reaches the second.
const LOW_PEAK_DB: f32 = -35.0;
const CLIPPING_PEAK: f32 = 0.99;

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct MicTestArgs {
    /// The microphone, by its name or a part of it
    #[arg(long, value_name = "NAME")]
    pub input_device: Option<String>,
    /// The speaker, likewise
    #[arg(long, value_name = "NAME")]
    pub output_device: Option<String>,
    /// How long to record
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub seconds: u64,
    /// Write a JSON object
    #[arg(long)]
    pub json: bool,
}

/// How the level is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// One line, drawn again and again.
    Terminal,
    Lines,
}

/// What is to be done, and how it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) seconds: u64,
    pub(crate) json: bool,
    pub(crate) progress: Progress,
}

/// Records, judges and plays back. The exit code is [`Exit::Audio`] when no sound came.
pub(crate) async fn run(
    plan: Plan,
    config: AudioConfig,
    backend: Box<dyn Backend>,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> Result<Exit, Failure> {
    let (handle, events) = AudioEngine::start(config, backend);
    let mut test = Test::new(plan, handle, events, progress);
    let verdict = test.listen().await;
    let exit = match &verdict {
        Ok(recording) => {
            let judged = Judged::of(recording);
            test.report(&judged, out)?;
            if judged.verdict != Verdict::Silent {
                test.play_back(recording).await?;
            }
            Ok(if judged.verdict == Verdict::Silent { Exit::Audio } else { Exit::Ok })
        }
        Err(message) => Err(Failure::new(Exit::Audio, anyhow::anyhow!("{message}"))),
    };
    test.handle.stop();
    exit
}

struct Test<'a> {
    plan: Plan,
    handle: AudioHandle,
    events: AudioEvents,
    progress: &'a mut dyn Write,
    microphone: Option<DeviceInfo>,
    speaker: Option<DeviceInfo>,
    speaker_failed: bool,
}

impl<'a> Test<'a> {
    fn new(plan: Plan, handle: AudioHandle, events: AudioEvents, progress: &'a mut dyn Write) -> Self {
        Self { plan, handle, events, progress, microphone: None, speaker: None, speaker_failed: false }
    }

    /// The recording, or why there is none.
    async fn listen(&mut self) -> Result<Vec<i16>, String> {
        self.open().await?;
        self.handle.send(AudioCommand::Capture(Gate::Open));
        let wanted = (self.plan.seconds * u64::from(SESSION_RATE)) as usize;
        let mut recording = Vec::with_capacity(wanted);
        let every = match self.plan.progress {
            Progress::Terminal => REDRAW,
            Progress::Lines => LINE,
        };
        let mut redraw = tokio::time::interval(every);
        let limit = tokio::time::sleep(Duration::from_secs(self.plan.seconds) + OPENING);
        tokio::pin!(limit);
        while recording.len() < wanted {
            tokio::select! {
                () = &mut limit => return Err("the microphone stopped giving sound; try again".to_owned()),
                _ = redraw.tick() => self.draw_level(),
                event = self.events.recv() => match event {
                    Some(AudioEvent::Frame { pcm }) => recording.extend_from_slice(pcm.samples()),
                    Some(AudioEvent::InputEnded) | None => break,
                    Some(AudioEvent::Device(event)) => self.note(event)?,
                    Some(_) => {}
                },
            }
        }
        self.handle.send(AudioCommand::Capture(Gate::Closed));
        self.finish_level();
        Ok(recording)
    }

    /// Waits for the microphone, and for the speaker unless that fails.
    async fn open(&mut self) -> Result<(), String> {
        let limit = tokio::time::sleep(OPENING);
        tokio::pin!(limit);
        while self.is_opening() {
            tokio::select! {
                () = &mut limit => break,
                event = self.events.recv() => match event {
                    Some(AudioEvent::Device(event)) => self.note(event)?,
                    Some(_) => {}
                    None => break,
                },
            }
        }
        let microphone = self.microphone.clone();
        let microphone =
            microphone.ok_or("the microphone does not answer; `realtime-cli devices` lists them all")?;
        let what = describe(&microphone);
        self.say(&format!("microphone: {what}"));
        if let Some(speaker) = self.speaker.clone() {
            let what = describe(&speaker);
            self.say(&format!("speaker: {what}"));
        }
        self.say(&format!("speak: recording for {} s", self.plan.seconds));
        Ok(())
    }

    fn is_opening(&self) -> bool {
        self.microphone.is_none() || (self.speaker.is_none() && !self.speaker_failed)
    }

    fn note(&mut self, event: DeviceEvent) -> Result<(), String> {
        match event {
            DeviceEvent::Opened { direction, device } | DeviceEvent::Restored { direction, device } => {
                match direction {
                    Direction::Input => self.microphone = Some(device),
                    Direction::Output => self.speaker = Some(device),
                }
            }
            DeviceEvent::Failed { direction: Direction::Input, message } => {
                return Err(format!("no microphone: {message}; `realtime-cli devices` lists them all"));
            }
            DeviceEvent::Failed { direction: Direction::Output, message } => {
                self.say(&format!("no speaker: {message}"));
                self.speaker_failed = true;
            }
            DeviceEvent::Substituted { message, device, .. } => {
                self.say(&format!("{message}; using `{}`", device.name));
            }
            DeviceEvent::HandsFree { device } => {
                self.say(&format!(
                    "`{}` is in its Bluetooth hands-free mode: another one sounds better",
                    device.name
                ));
            }
            DeviceEvent::Stalled { .. } | DeviceEvent::Lost { .. } | DeviceEvent::SilentMicrophone => {}
        }
        Ok(())
    }

    fn report(&self, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
        let device = |info: &Option<DeviceInfo>| {
            info.as_ref().map(|i| json!({"name": i.name, "rate": i.rate, "channels": i.channels}))
        };
        if self.plan.json {
            let value = json!({
                "v": 1,
                "microphone": device(&self.microphone),
                "speaker": device(&self.speaker),
                "seconds": judged.seconds,
                "peak_dbfs": judged.peak.map(tenth),
                "rms_dbfs": judged.rms.map(tenth),
                "verdict": judged.verdict.word(),
            });
            return writeln!(out, "{value:#}");
        }
        if let (Some(peak), Some(rms)) = (judged.peak, judged.rms) {
            writeln!(out, "peak {peak:.1} dBFS, RMS {rms:.1} dBFS")?;
        }
        writeln!(out, "{}", judged.verdict.advice())
    }

    async fn play_back(&mut self, recording: &[i16]) -> io::Result<()> {
        if self.speaker.is_none() {
            self.say("there is no speaker to play it back");
            return Ok(());
        }
        self.say("playing it back");
        let track = crate::audio::TrackId::from("mic-test");
        self.handle.send(AudioCommand::Play { track: track.clone(), pcm: Pcm16::new(recording.to_vec()) });
        self.handle.send(AudioCommand::End { track });
        let limit = tokio::time::sleep(Duration::from_secs(self.plan.seconds) + OPENING);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                () = &mut limit => {
                    self.say("the speaker stopped; `realtime-cli devices` lists what else there is");
                    return Ok(());
                }
                event = self.events.recv() => match event {
                    Some(AudioEvent::Finished { .. }) | None => return Ok(()),
                    Some(_) => {}
                },
            }
        }
    }

    fn draw_level(&mut self) {
        let bar = bar(self.handle.meters());
        // Who does not see the level still gets the result.
        let _ = match self.plan.progress {
            Progress::Terminal => write!(self.progress, "\r{bar}").and_then(|()| self.progress.flush()),
            Progress::Lines => writeln!(self.progress, "{bar}"),
        };
    }

    fn finish_level(&mut self) {
        if self.plan.progress == Progress::Terminal {
            let _ = write!(self.progress, "\r{:width$}\r", "", width = BAR + 12);
        }
    }

    /// The text may hold names of devices.
    fn say(&mut self, text: &str) {
        let _ = writeln!(self.progress, "{}", Clean::line(text));
    }
}

fn describe(device: &DeviceInfo) -> String {
    let ways = if device.channels == 1 { "channel" } else { "channels" };
    format!("{} ({} Hz, {} {ways})", device.name, device.rate, device.channels)
}

fn bar(meters: Meters) -> String {
    let level = decibels(meters.mic_peak).unwrap_or(FLOOR_DB).max(FLOOR_DB);
    let full = (((level - FLOOR_DB) / -FLOOR_DB) * BAR as f32).round() as usize;
    format!("[{}{}] {level:>5.0} dB", "#".repeat(full.min(BAR)), " ".repeat(BAR.saturating_sub(full)))
}

/// Relative to full scale; `None` for nothing at all.
fn decibels(level: f32) -> Option<f32> {
    (level > 0.0).then(|| 20.0 * level.log10())
}

fn tenth(decibels: f32) -> f64 {
    (f64::from(decibels) * 10.0).round() / 10.0
}

/// What a recording is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Judged {
    seconds: f64,
    /// In dBFS.
    peak: Option<f32>,
    rms: Option<f32>,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Silent,
    Low,
    Clipping,
    Good,
}

impl Judged {
    fn of(recording: &[i16]) -> Self {
        let (peak, rms) = (pcm::peak(recording), pcm::rms(recording));
        let verdict = match decibels(peak) {
            None => Verdict::Silent,
            Some(_) if peak >= CLIPPING_PEAK => Verdict::Clipping,
            Some(db) if db < LOW_PEAK_DB => Verdict::Low,
            Some(_) => Verdict::Good,
        };
        let seconds = recording.len() as f64 / f64::from(SESSION_RATE);
        Self { seconds, peak: decibels(peak), rms: decibels(rms), verdict }
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Low => "low",
            Self::Clipping => "clipping",
            Self::Good => "good",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Silent => {
                "silent: nothing but exact zeros. Is it muted, or may this terminal not use the microphone? On macOS, \
                 allow it in System Settings, Privacy & Security, Microphone; `realtime-cli devices` lists others"
            }
            Self::Low => {
                "very low: go nearer, raise the microphone's level in the system's sound settings, or set \
                 `audio.gain_control`"
            }
            Self::Clipping => {
                "clipping: it is too loud; lower the microphone's level in the system's sound settings"
            }
            Self::Good => "good",
        }
    }
}

#[cfg(test)]
mod tests;
