//! One recognizer process, and the utterance that it hears.
//!
//! Two threads serve each utterance, one writing, one reading, so that nobody who feeds samples ever waits.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::Launch;
use super::level::Leveller;
use crate::pcm::{f32_to_i16, i16_to_f32, samples_to_ms};
use crate::resample::Resampler;
use crate::server::engine::{ENGINE_RATE, EngineError, Heard, Utterance};

/// The rate of the acoustic model.
const MODEL_RATE: u32 = 16_000;
/// What may wait to be written: a minute of samples.
const MAX_QUEUED: usize = 60 * MODEL_RATE as usize * 2;
/// Appended so that the last word is heard to its end: 100 ms.
const TAIL_SAMPLES: usize = MODEL_RATE as usize / 10;

/// A started program; killed when dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
}

impl Process {
    pub(super) fn start(launch: &Launch) -> Result<Self, EngineError> {
        let child = crate::server::program::command(&launch.program)
            .args(&launch.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                EngineError(format!("cannot start `{}`: {error}", launch.program.to_string_lossy()))
            })?;
        Ok(Self { child })
    }

    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Speech on its way through one process.
pub(super) struct SphinxUtterance {
    process: Process,
    deadline: Duration,
    resampler: Resampler,
    leveller: Leveller,
    /// To the writing thread; closing it closes the program's input.
    samples: Sender<Vec<u8>>,
    queued: Arc<AtomicUsize>,
    overflowed: bool,
    /// How much was fed, in samples at [`ENGINE_RATE`].
    fed: usize,
    /// All that the program said, once it has ended.
    answer: Receiver<String>,
}

impl SphinxUtterance {
    pub(super) fn new(mut process: Process, deadline: Duration) -> Self {
        let (samples, to_write) = mpsc::channel();
        let (said, answer) = mpsc::channel();
        let queued = Arc::new(AtomicUsize::new(0));
        if let (Some(stdin), Some(stdout)) = (process.child.stdin.take(), process.child.stdout.take()) {
            let waiting = Arc::clone(&queued);
            thread::spawn(move || write_all(stdin, &to_write, &waiting));
            thread::spawn(move || read_all(stdout, &said));
        }
        let resampler = Resampler::new(ENGINE_RATE, MODEL_RATE);
        let leveller = Leveller::new();
        Self { process, deadline, resampler, leveller, samples, queued, overflowed: false, fed: 0, answer }
    }

    fn send(&mut self, samples: &[f32]) {
        if samples.is_empty() || self.overflowed {
            return;
        }
        let bytes: Vec<u8> = samples.iter().flat_map(|&x| f32_to_i16(x).to_le_bytes()).collect();
        if self.queued.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() > MAX_QUEUED {
            self.overflowed = true;
            return;
        }
        // A program that has ended is noticed when it is asked for the words.
        let _ = self.samples.send(bytes);
    }
}

impl Utterance for SphinxUtterance {
    fn feed(&mut self, samples: &[i16]) {
        self.fed += samples.len();
        let input: Vec<f32> = samples.iter().map(|&s| i16_to_f32(s)).collect();
        let (mut resampled, mut ready) = (Vec::new(), Vec::new());
        self.resampler.push(&input, &mut resampled);
        self.leveller.push(&resampled, &mut ready);
        self.send(&ready);
    }

    fn finish(mut self: Box<Self>) -> Result<Heard, EngineError> {
        let (mut rest, mut ready) = (Vec::new(), Vec::new());
        self.resampler.finish(&mut rest);
        rest.resize(rest.len() + TAIL_SAMPLES, 0.0);
        let mut leveller = std::mem::replace(&mut self.leveller, Leveller::new());
        leveller.push(&rest, &mut ready);
        leveller.finish(&mut ready);
        self.send(&ready);
        let patience = self.deadline + Duration::from_millis(samples_to_ms(self.fed as u64, ENGINE_RATE));
        let Self { mut process, samples, overflowed, answer, .. } = *self;
        if overflowed {
            return Err(EngineError("speech recognition cannot keep up with the speech".to_owned()));
        }
        drop(samples);
        match answer.recv_timeout(patience) {
            Ok(said) => heard(&said, &mut process),
            Err(RecvTimeoutError::Timeout) => {
                Err(EngineError("speech recognition took too long; please say it again".to_owned()))
            }
            Err(RecvTimeoutError::Disconnected) => Err(stopped()),
        }
    }
}

/// One line per stretch of speech, without markup; nothing is a valid answer when the program ended well.
fn heard(said: &str, process: &mut Process) -> Result<Heard, EngineError> {
    let text = said.split_whitespace().collect::<Vec<_>>().join(" ");
    // Its output is closed, so it is about to end, or has.
    match process.child.wait() {
        Ok(status) if status.success() || !text.is_empty() => Ok(Heard { text, confidence: None }),
        _ => Err(stopped()),
    }
}

fn stopped() -> EngineError {
    EngineError("the speech recognition program stopped unexpectedly; check its installation".to_owned())
}

fn write_all(mut stdin: ChildStdin, samples: &Receiver<Vec<u8>>, queued: &AtomicUsize) {
    for bytes in samples {
        if stdin.write_all(&bytes).is_err() {
            return;
        }
        queued.fetch_sub(bytes.len(), Ordering::Relaxed);
    }
}

fn read_all(mut stdout: ChildStdout, said: &Sender<String>) {
    let mut bytes = Vec::new();
    if stdout.read_to_end(&mut bytes).is_ok() {
        let _ = said.send(String::from_utf8_lossy(&bytes).into_owned());
    }
}
