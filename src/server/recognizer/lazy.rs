//! A recognizer that is prepared only when somebody is going to speak, and never in anybody's way.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::{PocketSphinx, Unavailable};
use crate::server::engine::{EngineError, Heard, Recognizer, Utterance};

/// How the recognizer itself is made; may take seconds the first time.
type Prepare = dyn Fn() -> Result<Arc<dyn Recognizer>, EngineError> + Send + Sync;

/// Sleeps until it is warmed up or spoken to.
pub struct LazyRecognizer {
    inner: Arc<Inner>,
}

struct Inner {
    prepare: Box<Prepare>,
    state: Mutex<State>,
    changed: Condvar,
}

enum State {
    Asleep,
    Waking,
    Awake(Arc<dyn Recognizer>),
}

impl LazyRecognizer {
    /// `PocketSphinx`, with its language model in the directory `cache`.
    pub fn pocketsphinx(cache: &Path) -> Self {
        let cache: PathBuf = cache.to_owned();
        Self::new(Box::new(move || Ok(Arc::new(PocketSphinx::find(&cache)?))))
    }

    /// `prepare` runs on a thread of its own; what it cannot do, each utterance is told.
    pub fn new(prepare: Box<Prepare>) -> Self {
        Self { inner: Arc::new(Inner { prepare, state: Mutex::new(State::Asleep), changed: Condvar::new() }) }
    }

    /// Begins to prepare, in the background.
    pub fn warm_up(&self) {
        let mut state = self.inner.lock();
        if !matches!(*state, State::Asleep) {
            return;
        }
        *state = State::Waking;
        let inner = Arc::clone(&self.inner);
        thread::spawn(move || {
            let made = (inner.prepare)().unwrap_or_else(|reason| {
                tracing::warn!(%reason, "no recognizer");
                Arc::new(Unavailable::new(reason))
            });
            *inner.lock() = State::Awake(made);
            inner.changed.notify_all();
        });
    }
}

impl Recognizer for LazyRecognizer {
    fn begin(&self) -> Box<dyn Utterance> {
        self.warm_up();
        match &*self.inner.lock() {
            State::Awake(recognizer) => recognizer.begin(),
            State::Asleep | State::Waking => {
                Box::new(Waiting { inner: Arc::clone(&self.inner), samples: Vec::new(), utterance: None })
            }
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self) -> Arc<dyn Recognizer> {
        let mut state = self.lock();
        loop {
            if let State::Awake(recognizer) = &*state {
                return Arc::clone(recognizer);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Speech that came before the recognizer was ready.
struct Waiting {
    inner: Arc<Inner>,
    samples: Vec<i16>,
    /// The recognizer's own, once that is ready.
    utterance: Option<Box<dyn Utterance>>,
}

impl Waiting {
    /// Hands all that was said so far to the recognizer's own utterance.
    fn wake(&mut self, recognizer: &Arc<dyn Recognizer>) {
        let samples = mem::take(&mut self.samples);
        let utterance = self.utterance.get_or_insert_with(|| recognizer.begin());
        utterance.feed(&samples);
    }
}

impl Utterance for Waiting {
    fn feed(&mut self, samples: &[i16]) {
        self.samples.extend_from_slice(samples);
        let awake = match &*self.inner.lock() {
            State::Awake(recognizer) => Some(Arc::clone(recognizer)),
            State::Asleep | State::Waking => None,
        };
        if let Some(recognizer) = awake {
            self.wake(&recognizer);
        }
    }

    fn new_words(&mut self) -> Option<String> {
        self.utterance.as_mut()?.new_words()
    }

    fn finish(mut self: Box<Self>) -> Result<Heard, EngineError> {
        let recognizer = self.inner.wait();
        self.wake(&recognizer);
        let Self { utterance, .. } = *self;
        utterance.unwrap_or_else(|| recognizer.begin()).finish()
    }
}

#[cfg(test)]
mod tests;
