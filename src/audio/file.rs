//! Sound from and to WAV files instead of devices: for tests, scripts and machines without a sound card.

use std::fs::File;
use std::io::BufReader;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use hound::{SampleFormat, WavReader, WavSpec};

use super::backend::{Backend, ConnectInput, ConnectOutput, DeviceInfo, OpenError, Opened, Pace};
use super::clock::Clock;
use super::ring::CaptureCallback;
use super::sink::PlaybackCallback;
use crate::pcm::SESSION_RATE;

use super::wav_out::WavOut;

/// Silence after a file's sound, so that its last words are recognized.
const TAIL_SECONDS: u64 = 2;
const TICK: Duration = Duration::from_millis(10);
const TICKS_PER_SECOND: u32 = 100;
/// How long the fast pace waits when there is nothing to do.
const FAST_WAIT: Duration = Duration::from_millis(1);
/// The audio thread keeps this much ready: a busy machine may be late, and a recording must not show it.
const PLAYBACK_HINT_MS: u32 = 100;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("cannot read `{}`, give a WAV file of whole or float numbers: {source}", path.display())]
    Read { path: PathBuf, source: hound::Error },
    #[error("cannot write `{}`, give a path that can be written: {source}", path.display())]
    Write { path: PathBuf, source: hound::Error },
    #[error("`{}` is both input and output, give two files", .0.display())]
    Same(PathBuf),
}

/// Captures from a file and plays into one; without a file, captures silence and plays into nothing.
///
/// The file begins when the gate is opened for the first time. [`Pace::Real`]: before it there is silence, after it
/// two seconds of silence, the end, and silence for ever; the output has the real time line. [`Pace::Fast`]: the input is the file and the two seconds, as fast as they are taken, or nothing without a
/// file; the output is what was played, without the silence between.
pub struct FileBackend {
    pace: Pace,
    input: Mutex<Option<WavIn>>,
    output: Mutex<Option<WavOut>>,
}

impl FileBackend {
    /// Opens the input and creates the output, any rate, channels and format in, 24 kHz mono 16 bit out.
    pub fn new(input: Option<&Path>, output: Option<&Path>, pace: Pace) -> Result<Self, FileError> {
        if let (Some(input), Some(output)) = (input, output)
            && is_same_file(input, output)
        {
            return Err(FileError::Same(output.to_owned()));
        }
        let input = input.map(WavIn::open).transpose()?;
        let output = output.map(WavOut::create).transpose()?;
        Ok(Self { pace, input: Mutex::new(input), output: Mutex::new(output) })
    }
}

impl Backend for FileBackend {
    fn open_input(&self, connect: ConnectInput<'_>) -> Result<Opened, OpenError> {
        let wav = take(&self.input);
        let (rate, channels) = wav.as_ref().map_or((SESSION_RATE, 1), |w| (w.rate, w.channels));
        let name = wav.as_ref().map_or_else(|| "silence".to_owned(), |w| w.name.clone());
        let buffer_frames = rate / TICKS_PER_SECOND;
        let info = DeviceInfo { name, rate, channels, buffer_frames, echo_cancelled: false };
        let callback = connect(&info);
        let pace = self.pace;
        let stream = Worker::spawn(move |stop| Feeder::new(wav, callback, rate, channels).run(pace, &stop));
        Ok(Opened { info, instead: None, stream: Box::new(stream?) })
    }

    fn open_output(&self, connect: ConnectOutput<'_>) -> Result<Opened, OpenError> {
        let wav = take(&self.output);
        let name = wav.as_ref().map_or_else(|| "nothing".to_owned(), WavOut::name);
        let buffer_frames = SESSION_RATE * PLAYBACK_HINT_MS / 1000;
        let info = DeviceInfo { name, rate: SESSION_RATE, channels: 1, buffer_frames, echo_cancelled: false };
        let callback = connect(&info);
        let pace = self.pace;
        let stream = Worker::spawn(move |stop| Recorder { wav, callback }.run(pace, &stop));
        Ok(Opened { info, instead: None, stream: Box::new(stream?) })
    }

    fn is_hardware(&self) -> bool {
        false
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// A thread that runs until it is dropped; then it is waited for.
struct Worker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    fn spawn(work: impl FnOnce(Receiver<()>) + Send + 'static) -> Result<Self, OpenError> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("audio-file".to_owned()).spawn(move || work(stopped));
        let thread = thread.map_err(|error| OpenError(format!("cannot start a thread: {error}")))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was told by the panic hook.
            let _ = thread.join();
        }
    }
}

/// Waits for at most `time`; `false` when the work has to end.
fn goes_on(stop: &Receiver<()>, time: Duration) -> bool {
    stop.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}

/// Calls `tick` a hundred times a second, by the clock, until it has to end.
fn every_tick(stop: &Receiver<()>, mut tick: impl FnMut()) {
    let clock = Clock::start();
    let mut due = Duration::ZERO;
    loop {
        due += TICK;
        if !goes_on(stop, due.saturating_sub(clock.now())) {
            return;
        }
        tick();
    }
}

/// A WAV file as interleaved samples.
struct WavIn {
    name: String,
    rate: u32,
    channels: u16,
    samples: Peekable<Box<dyn Iterator<Item = hound::Result<f32>> + Send>>,
}

impl WavIn {
    fn open(path: &Path) -> Result<Self, FileError> {
        let failed = |source| FileError::Read { path: path.to_owned(), source };
        let reader = WavReader::open(path).map_err(failed)?;
        let spec = reader.spec();
        let mut samples = samples(reader, spec).peekable();
        // A format that cannot be decoded shows at the first sample.
        if let Some(Err(error)) = samples.next_if(Result::is_err) {
            return Err(failed(error));
        }
        let name = path.display().to_string();
        Ok(Self { name, rate: spec.sample_rate.max(1), channels: spec.channels.max(1), samples })
    }

    /// Replaces `out` by at most `count` samples; a file that is cut short ends there.
    fn read(&mut self, count: usize, out: &mut Vec<f32>) {
        out.clear();
        out.extend(self.samples.by_ref().take(count).map_while(Result::ok));
    }
}

fn samples(
    reader: WavReader<BufReader<File>>,
    spec: WavSpec,
) -> Box<dyn Iterator<Item = hound::Result<f32>> + Send> {
    match spec.sample_format {
        SampleFormat::Float => Box::new(reader.into_samples::<f32>()),
        SampleFormat::Int => {
            let full_scale = 2f32.powi(i32::from(spec.bits_per_sample) - 1);
            Box::new(reader.into_samples::<i32>().map(move |s| s.map(|s| s as f32 / full_scale)))
        }
    }
}

/// Feeds a file, then silence, to the capture callback.
struct Feeder {
    wav: Option<WavIn>,
    callback: CaptureCallback,
    channels: usize,
    /// Frames at a time.
    block: usize,
    /// Frames of the silent tail that are still to come; `None` when there is no file or it is over.
    tail: Option<u64>,
    buffer: Vec<f32>,
}

impl Feeder {
    fn new(wav: Option<WavIn>, callback: CaptureCallback, rate: u32, channels: u16) -> Self {
        Self {
            tail: wav.is_some().then_some(TAIL_SECONDS * u64::from(rate)),
            wav,
            callback,
            channels: usize::from(channels),
            block: (rate / TICKS_PER_SECOND).max(1) as usize,
            buffer: Vec::new(),
        }
    }

    fn run(mut self, pace: Pace, stop: &Receiver<()>) {
        match pace {
            Pace::Real => every_tick(stop, || self.give(self.block)),
            Pace::Fast => {
                while self.tail.is_some() {
                    let room = self.callback.is_wanted() && self.callback.room() >= self.block;
                    if room {
                        self.give(self.block);
                    }
                    if !goes_on(stop, if room { Duration::ZERO } else { FAST_WAIT }) {
                        return;
                    }
                }
                // Keeps the ring alive until the end is read.
                let _ = stop.recv();
            }
        }
    }

    fn give(&mut self, frames: usize) {
        let wanted = frames * self.channels;
        if !self.callback.is_wanted() {
            self.buffer.clear();
            self.buffer.resize(wanted, 0.0);
            self.callback.process(&self.buffer, Duration::ZERO);
            return;
        }
        match &mut self.wav {
            Some(wav) => wav.read(wanted, &mut self.buffer),
            None => self.buffer.clear(),
        }
        if self.buffer.len() < wanted {
            self.wav = None;
            self.give_tail(frames);
        } else {
            self.callback.process(&self.buffer, Duration::ZERO);
        }
    }

    /// Fills the buffer up with silence and marks the end at its very sample.
    fn give_tail(&mut self, frames: usize) {
        let sound = self.buffer.len() / self.channels;
        self.buffer.resize(frames * self.channels, 0.0);
        let Some(left) = self.tail else {
            self.callback.process(&self.buffer, Duration::ZERO);
            return;
        };
        let end = sound + left.min((frames - sound) as u64) as usize;
        self.tail = Some(left - (end - sound) as u64).filter(|&left| left > 0);
        let (before, after) = self.buffer.split_at(end * self.channels);
        self.callback.process(before, Duration::ZERO);
        if self.tail.is_none() {
            self.callback.mark_end();
            self.callback.process(after, Duration::ZERO);
        }
    }
}

/// Takes what is played into a file, or into nothing.
struct Recorder {
    wav: Option<WavOut>,
    callback: PlaybackCallback,
}

impl Recorder {
    fn run(mut self, pace: Pace, stop: &Receiver<()>) {
        let frames = (SESSION_RATE / TICKS_PER_SECOND) as usize;
        let mut buffer = vec![0.0; frames];
        match pace {
            Pace::Real => every_tick(stop, || self.record(&mut buffer)),
            Pace::Fast => loop {
                let ready = self.callback.ready().min(frames);
                self.record(&mut buffer[..ready]);
                if !goes_on(stop, if ready > 0 { Duration::ZERO } else { FAST_WAIT }) {
                    break;
                }
            },
        }
        if let Some(wav) = self.wav
            && wav.finish().is_err()
        {
            self.callback.health().fault(super::Fault::Write);
        }
    }

    fn record(&mut self, buffer: &mut [f32]) {
        self.callback.process(buffer, Duration::ZERO);
        if let Some(wav) = &mut self.wav
            && wav.write(buffer).is_err()
        {
            self.wav = None;
            self.callback.health().fault(super::Fault::Write);
        }
    }
}

#[cfg(test)]
mod tests;
