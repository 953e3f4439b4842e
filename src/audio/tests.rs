//! A simulated sound card that ticks by hand, and the engine as its users see it.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::*;

/// Aborts the tests when a device callback allocates; everywhere else it is the system's allocator.
#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// Stands for a device; whoever drops it has closed the device.
struct OpenDevice(Arc<Mutex<SimState>>, Direction);

impl Drop for OpenDevice {
    fn drop(&mut self) {
        let mut state = self.0.lock().unwrap();
        match self.1 {
            Direction::Input => state.capture = None,
            Direction::Output => state.playback = None,
        }
    }
}

pub(super) struct SimState {
    pub(super) input: Result<DeviceInfo, OpenError>,
    pub(super) output: Result<DeviceInfo, OpenError>,
    pub(super) capture: Option<CaptureCallback>,
    pub(super) playback: Option<PlaybackCallback>,
    pub(super) attempts: usize,
    /// Why these are not the devices that were asked for.
    pub(super) instead: Option<String>,
    /// How often a longer buffer can be had.
    pub(super) lengths: usize,
    /// The devices that were chosen while it ran.
    pub(super) chosen: Vec<(Direction, Option<String>)>,
    pub(super) choosable: bool,
}

/// Devices whose callbacks the test makes itself.
#[derive(Clone)]
pub(super) struct Sim {
    state: Arc<Mutex<SimState>>,
    hardware: bool,
    pace: Pace,
}

pub(super) fn device(rate: u32, channels: u16) -> DeviceInfo {
    DeviceInfo { name: "simulated".to_owned(), rate, channels, ..DeviceInfo::default() }
}

impl Sim {
    pub(super) fn new(input_rate: u32, output_rate: u32) -> Self {
        let state = SimState {
            input: Ok(device(input_rate, 1)),
            output: Ok(device(output_rate, 1)),
            capture: None,
            playback: None,
            attempts: 0,
            instead: None,
            lengths: 0,
            chosen: Vec::new(),
            choosable: true,
        };
        Self { state: Arc::new(Mutex::new(state)), hardware: true, pace: Pace::Real }
    }

    /// As files are: never to be tried again.
    pub(super) fn soft(self) -> Self {
        Self { hardware: false, ..self }
    }

    /// Nothing may be lost.
    pub(super) fn fast(self) -> Self {
        Self { hardware: false, pace: Pace::Fast, ..self }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, SimState> {
        self.state.lock().unwrap()
    }

    pub(super) fn record(&self, samples: &[f32]) {
        self.state().capture.as_mut().expect("the input is open").process(samples, Duration::ZERO);
    }

    pub(super) fn play(&self, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; frames];
        self.state().playback.as_mut().expect("the output is open").process(&mut out, Duration::ZERO);
        out
    }
}

impl Backend for Sim {
    fn open_input(&self, connect: ConnectInput<'_>) -> Result<Opened, OpenError> {
        let mut state = self.state();
        state.attempts += 1;
        let info = state.input.clone()?;
        state.capture = Some(connect(&info));
        Ok(Opened {
            info,
            instead: state.instead.clone(),
            stream: Box::new(OpenDevice(Arc::clone(&self.state), Direction::Input)),
        })
    }

    fn open_output(&self, connect: ConnectOutput<'_>) -> Result<Opened, OpenError> {
        let mut state = self.state();
        state.attempts += 1;
        let info = state.output.clone()?;
        state.playback = Some(connect(&info));
        Ok(Opened {
            info,
            instead: state.instead.clone(),
            stream: Box::new(OpenDevice(Arc::clone(&self.state), Direction::Output)),
        })
    }

    fn is_hardware(&self) -> bool {
        self.hardware
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    fn choose(&self, direction: Direction, wanted: Option<String>) -> bool {
        let mut state = self.state();
        state.chosen.push((direction, wanted));
        state.choosable
    }

    fn lengthen(&self, _: Direction) -> bool {
        let mut state = self.state();
        let possible = state.lengths > 0;
        state.lengths -= usize::from(possible);
        possible
    }
}

/// An engine between a simulated card and its events, on a clock of its own.
pub(super) struct Rig {
    pub(super) engine: engine::Engine,
    pub(super) events: AudioEvents,
    pub(super) sim: Sim,
    pub(super) meters: Arc<SharedMeters>,
    pub(super) now: Duration,
}

impl Rig {
    pub(super) fn new(sim: &Sim) -> Self {
        Self::with(sim, &AudioConfig::default())
    }

    pub(super) fn with(sim: &Sim, config: &AudioConfig) -> Self {
        let meters = Arc::new(SharedMeters::default());
        let (sender, events) = events::event_channel(sim.pace, Clock::start(), &meters);
        let engine = engine::Engine::new(config, Arc::new(sim.clone()), sender, Arc::clone(&meters));
        let mut rig = Self { engine, events, sim: sim.clone(), meters, now: Duration::ZERO };
        rig.pass(0);
        rig
    }

    /// Lets `ms` go by, with everything that opens or closes meanwhile done at once.
    pub(super) fn pass(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        for _ in 0..3 {
            self.engine.step(self.now);
            self.engine.settle();
        }
        self.engine.step(self.now);
    }

    pub(super) fn send(&mut self, command: AudioCommand) {
        self.engine.command(command, self.now);
    }

    pub(super) fn events(&mut self) -> Vec<AudioEvent> {
        std::iter::from_fn(|| self.events.try_recv_at(self.now).ok()).collect()
    }
}

pub(super) fn track(name: &str) -> TrackId {
    TrackId::from(name)
}

pub(super) fn play(name: &str, samples: Vec<i16>) -> AudioCommand {
    AudioCommand::Play { track: track(name), pcm: Pcm16::new(samples) }
}

pub(super) fn end(name: &str) -> AudioCommand {
    AudioCommand::End { track: track(name) }
}

#[test]
fn an_engine_starts_without_devices_and_stops_at_once() {
    let sim = Sim::new(24_000, 24_000);
    sim.state().input = Err(OpenError("no microphone".to_owned()));
    sim.state().output = Err(OpenError("no speaker".to_owned()));
    let (handle, mut events) = AudioEngine::start(AudioConfig::default(), Box::new(sim));
    let failed = |direction, message: &str| {
        AudioEvent::Device(DeviceEvent::Failed { direction, message: message.to_owned() })
    };
    let mut got = [events.channel_recv(), events.channel_recv()];
    got.sort_by_key(|event| format!("{event:?}"));
    let wanted = [failed(Direction::Input, "no microphone"), failed(Direction::Output, "no speaker")];
    assert_eq!(got, wanted);
    assert_eq!(Meters { jitter_ms: 0, ..handle.meters() }, Meters::default());
    handle.stop();
    assert!(matches!(events.try_recv(), Err(tokio::sync::mpsc::error::TryRecvError::Disconnected)));
}

#[tokio::test]
async fn dropping_the_handle_ends_the_events() {
    let (handle, mut events) = AudioEngine::start(AudioConfig::default(), Box::new(Sim::new(8_000, 8_000)));
    drop(handle);
    while events.recv().await.is_some() {}
}
