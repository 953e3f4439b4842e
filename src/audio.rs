//! Sound in and out: microphone to 20 ms frames, tracks to the speaker, and what of them was heard.
//!
//! One thread does all the work; device callbacks only copy and count. Knows neither the protocol nor the screen.
//! Only `device.rs` knows cpal. ALSA and its plugins print to file descriptor 2 while devices are opened and
//! fail; whoever owns the screen has to redirect it before [`AudioEngine::start`].

mod arrival;
mod backend;
mod barge_in;
#[doc(hidden)]
pub mod bench;
mod buffers;
mod canceller;
mod capture;
mod choice;
mod clock;
mod cues;
mod device;
mod ears;
mod echo;
mod echo_gate;
mod engine;
mod events;
mod file;
mod gaps;
mod hands_free;
mod health;
mod jitter;
mod late;
mod line;
mod meters;
mod on_demand;
mod playback;
mod queue;
mod ring;
mod sink;
mod streams;
mod watchdog;
mod wav_out;

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

pub use backend::{Backend, ConnectInput, ConnectOutput, DeviceInfo, Direction, OpenError, Opened, Pace};
pub use choice::{DeviceChoice, DeviceEntry, asked_for, named, used};
pub use device::{CpalBackend, devices, is_echo_canceller};
pub use events::AudioEvents;
pub use file::{FileBackend, FileError};
pub use health::{DENIED, Fault, Health};
pub use meters::Meters;
pub use ring::CaptureCallback;
pub use sink::PlaybackCallback;

use crate::pcm::Pcm16;
use clock::Clock;
use meters::SharedMeters;

/// Names a piece of speech; the Realtime item's id.
pub type TrackId = Arc<str>;

/// How long [`AudioHandle::stop`] waits.
const STOP_LIMIT: Duration = Duration::from_secs(1);

/// How long [`AudioHandle::wait_for_release`] waits.
const RELEASE_LIMIT: Duration = Duration::from_millis(500);

/// How sound is handled. Frames and tracks are mono, at [`crate::pcm::SESSION_RATE`].
#[derive(Debug, Clone, PartialEq)]
pub struct AudioConfig {
    /// 1 is as received; 0 to 2.
    pub volume: f32,
    /// Sound from before the gate was opened that is delivered all the same; 0 to 500 ms.
    pub preroll_ms: u64,
    /// How long the very first track waits for more sound than a little, unless it is complete. Later ones wait as
    /// long as the ones before them would have had to.
    pub prebuffer_ms: u64,
    /// Sound that can wait to be played; what goes beyond is refused and counted.
    pub queue_ms: u64,
    pub echo: EchoMode,
    pub noise_suppression: bool,
    pub gain_control: bool,
    /// Playback pauses at the first sign of the person's voice, while the gate is open.
    pub barge_in: bool,
    /// Which of the microphone's channels is taken, from 1. `None`, or one that it has not: a mix of the first two.
    pub input_channel: Option<u16>,
}

/// What keeps the assistant from hearing itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EchoMode {
    /// The system's own echo cancellation where the microphone has it, else [`Self::Aec`].
    #[default]
    Auto,
    /// Echo cancellation, and [`Self::Gate`] until it has converged.
    Aec,
    /// While tracks sound, only what is clearly louder than their echo is let through.
    Gate,
    /// While tracks sound, nothing is let through.
    Half,
    Off,
}

/// What is done about the echo at the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EchoState {
    /// Nothing.
    #[default]
    Off,
    /// The microphone comes from an echo canceller of the system.
    System,
    /// The canceller has not yet proved itself; the gate helps.
    Converging,
    Cancelling,
    Gating,
    /// The microphone is shut while tracks sound.
    HalfDuplex,
}

impl EchoState {
    fn from_code(code: u8) -> Self {
        [Self::Off, Self::System, Self::Converging, Self::Cancelling, Self::Gating, Self::HalfDuplex]
            .into_iter()
            .find(|&state| state as u8 == code)
            .unwrap_or_default()
    }
}

impl Default for AudioConfig {
    fn default() -> Self {
        Self {
            volume: 1.0,
            preroll_ms: 300,
            prebuffer_ms: 20,
            queue_ms: 20 * 60 * 1000,
            echo: EchoMode::Off,
            noise_suppression: false,
            gain_control: false,
            barge_in: false,
            input_channel: None,
        }
    }
}

/// What the engine can be asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum AudioCommand {
    /// Appends sound to a track. A new track begins when all before it were played.
    Play {
        track: TrackId,
        pcm: Pcm16,
    },
    /// No more sound will come for the track. One that runs dry while another waits is left without this.
    End {
        track: TrackId,
    },
    /// Silence at once, and an empty queue. A track that was flushed takes no more sound, so ids are not to be
    /// used again.
    Flush,
    Capture(Gate),
    /// 1 is as received; 0 to 2.
    SetVolume(f32),
    SetEcho(EchoMode),
    /// From now on another device: an id, a name or a part of either; `None` is the system's default. What plays goes
    /// on there, and captured sound comes from there.
    UseDevice {
        direction: Direction,
        choice: Option<String>,
    },
    /// Whether the microphone is kept open, which is so at first.
    Microphone(Microphone),
    /// A short sound, at once and beside the tracks: none of them waits for it, and no flush stops it.
    Cue(Cue),
    Stop,
}

/// Whether captured sound is delivered. Closed at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Open,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Microphone {
    Kept,
    /// Closed, so that the system shows that nobody listens.
    Released,
}

/// What a short sound says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// The microphone is open.
    Listening,
    /// The person's turn was taken.
    Done,
    Error,
}

/// What was heard of the person while tracks sounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalSpeech {
    /// It may be speech: playback was paused.
    Suspected,
    /// It is speech; playback waits to be flushed.
    Confirmed,
    /// It was not: playback goes on.
    FalseAlarm,
}

/// What the engine tells.
#[derive(Debug, Clone, PartialEq)]
pub enum AudioEvent {
    /// 20 ms of captured sound.
    Frame {
        pcm: Pcm16,
    },
    /// The first sound of the track left for the device.
    Started {
        track: TrackId,
    },
    /// The answer to [`AudioCommand::Flush`], one for each.
    Flushed {
        /// The track that was playing, if anything of one was heard.
        track: Option<TrackId>,
        /// How much of it had left the speaker at the moment of the flush; never more than was received.
        heard_ms: u64,
        /// How much of it the device had taken, with the fade-out; what it took cannot be taken back and is heard
        /// within the device's latency after the flush.
        taken_ms: u64,
        /// Tracks that were queued, of which nothing had left the speaker.
        queued_tracks_unheard: Vec<TrackId>,
    },
    /// All of the track was played, after [`AudioCommand::End`].
    Finished {
        track: TrackId,
    },
    Speech(LocalSpeech),
    /// The input file is through, with its silent tail.
    InputEnded,
    Device(DeviceEvent),
}

/// News of a device. Names and messages are untrusted text. Lost or failed devices are tried again for ever; each
/// trouble is told once.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceEvent {
    /// Sound flows for the first time.
    Opened { direction: Direction, device: DeviceInfo },
    /// It cannot be opened, or gives no sound.
    Failed { direction: Direction, message: String },
    /// No sound has flowed for a second.
    Stalled { direction: Direction },
    /// It stopped working and is opened again.
    Lost { direction: Direction, message: String },
    /// Sound flows again, perhaps through another device.
    Restored { direction: Direction, device: DeviceInfo },
    /// Another device than the one asked for is used; the message says why, and names the one asked for.
    Substituted { direction: Direction, message: String, device: DeviceInfo },
    /// The microphone gives exact zeros only: it is muted, or the program may not use it.
    SilentMicrophone,
    /// The microphone is a headset's in its telephone mode, in which all that it plays sounds bad, too.
    HandsFree { device: DeviceInfo },
}

/// Starts the audio thread.
pub struct AudioEngine;

impl AudioEngine {
    /// Returns at once; devices are opened by and by, and failing to is an event. The input's gate is closed.
    pub fn start(config: AudioConfig, backend: Box<dyn Backend>) -> (AudioHandle, AudioEvents) {
        let clock = Clock::start();
        let meters = Arc::new(SharedMeters::default());
        let (commands, received) = channel();
        let (sender, events) = events::event_channel(backend.pace(), clock, &meters);
        let shared = Arc::clone(&meters);
        let thread = std::thread::Builder::new().name("audio".to_owned()).spawn(move || {
            let engine = engine::Engine::new(&config, Arc::from(backend), sender, shared);
            engine::run(engine, &received, clock);
        });
        (AudioHandle { commands, meters, thread: thread.ok() }, events)
    }
}

/// Commands the engine; dropping it stops the engine without waiting.
pub struct AudioHandle {
    commands: Sender<AudioCommand>,
    meters: Arc<SharedMeters>,
    thread: Option<JoinHandle<()>>,
}

impl AudioHandle {
    /// Never blocks; without effect when the engine has stopped.
    pub fn send(&self, command: AudioCommand) {
        let _ = self.commands.send(command);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    pub fn meters(&self) -> Meters {
        self.meters.read()
    }

    /// Blocks until a microphone that was [`Microphone::Released`] is closed, for at most half a second.
    pub fn wait_for_release(&self) {
        let clock = Clock::start();
        while self.meters().microphone_open && clock.now() < RELEASE_LIMIT {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Stops the engine and closes the devices. Blocks for at most a second, then leaves a stuck device alone.
    pub fn stop(self) {
        self.send(AudioCommand::Stop);
        let Some(thread) = self.thread else { return };
        let clock = Clock::start();
        while !thread.is_finished() && clock.now() < STOP_LIMIT {
            std::thread::sleep(Duration::from_millis(2));
        }
        if thread.is_finished() {
            // A panic of the audio thread was told by the panic hook.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
