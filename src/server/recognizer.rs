//! Speech in: PocketSphinx as a program beside this one, one process for each utterance.
//!
//! It decodes while it reads, so that at the end of speech only the tail is left. Loading takes it half a second;
//! therefore one more process is kept loaded, and waits.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::engine::{ENGINE_RATE, EngineError, Heard, Recognizer, Utterance};
use super::language_model;
use crate::pcm;
use crate::resample::Resampler;
use process::{Decoder, Program};

mod process;

/// What it hears.
const RATE: u32 = 16_000;
/// From the end of speech to the words; the usual is a tenth of a second.
const WITHIN: Duration = Duration::from_secs(5);
/// Silence after the last sample, so that the last word is not cut: 200 ms.
const TAIL: usize = RATE as usize / 5;

/// A recognizer for talk about tasks in American English.
pub struct Sphinx {
    stable: Arc<Stable>,
}

/// Keeps one loaded process.
struct Stable {
    cache: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
}

enum State {
    /// Nobody has spoken yet.
    Idle,
    /// The language model is made, or a process loads.
    Preparing,
    Ready {
        program: Program,
        waiting: Option<Decoder>,
    },
    Failed(EngineError),
}

impl Sphinx {
    /// Does nothing until the first utterance, or [`Self::warm_up`]. The language model is kept in `cache`.
    pub fn new(cache: &Path) -> Self {
        let state = Mutex::new(State::Idle);
        Self { stable: Arc::new(Stable { cache: cache.to_owned(), state, changed: Condvar::new() }) }
    }

    /// Prepares for the first utterance, in the background.
    pub fn warm_up(&self) {
        self.stable.prepare();
    }
}

impl Recognizer for Sphinx {
    fn begin(&self) -> Box<dyn Utterance> {
        let (sound, received) = channel();
        let (answer, answered) = channel();
        let stable = Arc::clone(&self.stable);
        let worker = move || {
            let _ = answer.send(decode(&stable, &received));
        };
        // Without a thread there is no worker to answer, which `finish` tells.
        let _ = thread::Builder::new().name("recognizer".to_owned()).spawn(worker);
        Box::new(Spoken { sound, answered })
    }
}

struct Spoken {
    sound: Sender<Message>,
    answered: Receiver<Result<Heard, EngineError>>,
}

enum Message {
    Sound(Vec<i16>),
    End,
}

impl Utterance for Spoken {
    fn feed(&mut self, samples: &[i16]) {
        let _ = self.sound.send(Message::Sound(samples.to_vec()));
    }

    fn finish(self: Box<Self>) -> Result<Heard, EngineError> {
        let _ = self.sound.send(Message::End);
        match self.answered.recv_timeout(WITHIN) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(EngineError("the recognizer took too long".to_owned())),
            Err(RecvTimeoutError::Disconnected) => Err(EngineError("the recognizer has failed".to_owned())),
        }
    }
}

/// One utterance from its first sample to its words. Without an end, it is given up.
fn decode(stable: &Arc<Stable>, sound: &Receiver<Message>) -> Result<Heard, EngineError> {
    let mut decoder = stable.take()?;
    let mut resampler = Resampler::new(ENGINE_RATE, RATE);
    let mut out = Vec::new();
    for message in sound {
        out.clear();
        match message {
            Message::Sound(samples) => {
                let samples: Vec<f32> = samples.iter().map(|&s| pcm::i16_to_f32(s)).collect();
                resampler.push(&samples, &mut out);
                decoder.hear(&bytes(&out))?;
            }
            Message::End => {
                resampler.finish(&mut out);
                out.resize(out.len() + TAIL, 0.0);
                decoder.hear(&bytes(&out))?;
                return decoder.finish(WITHIN).map(|text| Heard { text, confidence: None });
            }
        }
    }
    Err(EngineError("nobody waits for the words".to_owned()))
}

fn bytes(samples: &[f32]) -> Vec<u8> {
    samples.iter().flat_map(|&s| pcm::f32_to_i16(s).to_le_bytes()).collect()
}

impl Stable {
    /// A loaded process; waits for the first. The next is loaded in the background.
    fn take(self: &Arc<Self>) -> Result<Decoder, EngineError> {
        self.prepare();
        let mut state = self.lock();
        while matches!(*state, State::Preparing) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        match &mut *state {
            State::Ready { program, waiting } => {
                let program = program.clone();
                // One that waited may have died meanwhile.
                let decoder = waiting.take().and_then(|mut d| d.is_alive().then_some(d));
                drop(state);
                let decoder = decoder.map_or_else(|| program.start(), Ok)?;
                self.refill();
                Ok(decoder)
            }
            State::Failed(error) => {
                let error = error.clone();
                // What is missing may have been installed by the next time.
                *state = State::Idle;
                Err(error)
            }
            State::Idle | State::Preparing => Err(EngineError("the recognizer is not ready".to_owned())),
        }
    }

    /// Finds the program and makes its model, once.
    fn prepare(self: &Arc<Self>) {
        let mut state = self.lock();
        if !matches!(*state, State::Idle) {
            return;
        }
        *state = State::Preparing;
        drop(state);
        let stable = Arc::clone(self);
        thread::spawn(move || {
            let ready = stable.load();
            *stable.lock() = ready.unwrap_or_else(State::Failed);
            stable.changed.notify_all();
        });
    }

    fn load(&self) -> Result<State, EngineError> {
        let installed = process::find()?;
        let files = language_model::prepare(&self.cache, &installed.dictionary)
            .map_err(|error| EngineError(error.to_string()))?;
        let program = Program::new(installed, files);
        let waiting = Some(program.start()?);
        Ok(State::Ready { program, waiting })
    }

    fn refill(self: &Arc<Self>) {
        let stable = Arc::clone(self);
        thread::spawn(move || {
            let program = match &*stable.lock() {
                State::Ready { program, waiting: None } => program.clone(),
                _ => return,
            };
            match program.start() {
                Ok(decoder) => {
                    if let State::Ready { waiting, .. } = &mut *stable.lock() {
                        *waiting = Some(decoder);
                    }
                }
                Err(error) => tracing::warn!(%error, "no recognizer in reserve"),
            }
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
