//! The decoders of this process: loaded once, lent to one utterance at a time.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pocketsphinx::{Decoder, Library};

use crate::server::engine::EngineError;

/// Utterances heard at the same time; each decoder takes 20 to 30 MB.
const MOST: usize = 4;
/// Decoders that stay loaded when nobody speaks.
const KEPT: usize = 1;

/// What makes a decoder, and those that were made.
#[derive(Debug)]
pub(super) struct Pool {
    library: Arc<Library>,
    /// Names and values.
    parameters: Vec<(String, String)>,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Decoder>,
    lent: usize,
}

impl Pool {
    /// Loads the first decoder.
    pub(super) fn new(
        library: Arc<Library>,
        parameters: Vec<(String, String)>,
    ) -> Result<Arc<Self>, EngineError> {
        let pool = Self { library, parameters, state: Mutex::default(), returned: Condvar::new() };
        let first = pool.load()?;
        pool.lock().idle.push(first);
        Ok(Arc::new(pool))
    }

    /// A decoder, loaded now if none is idle; `None` while there are as many as may be.
    pub(super) fn lend(self: &Arc<Self>) -> Result<Option<Lease>, EngineError> {
        let idle = {
            let mut state = self.lock();
            if state.idle.is_empty() && state.lent >= MOST {
                return Ok(None);
            }
            state.lent += 1;
            state.idle.pop()
        };
        // Gives its place back if nothing can be loaded.
        let mut lease = Lease { decoder: idle, pool: Arc::clone(self) };
        if lease.decoder.is_none() {
            lease.decoder = Some(self.load()?);
        }
        Ok(Some(lease))
    }

    /// As [`lend`](Self::lend), but waits until one is returned; `None` after `patience`.
    pub(super) fn wait(self: &Arc<Self>, patience: Duration) -> Result<Option<Lease>, EngineError> {
        let all_lent = |state: &mut State| state.idle.is_empty() && state.lent >= MOST;
        drop(self.returned.wait_timeout_while(self.lock(), patience, all_lent));
        self.lend()
    }

    fn load(&self) -> Result<Decoder, EngineError> {
        let parameters: Vec<_> = self.parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        Decoder::new(&self.library, &parameters)
            .map_err(|error| EngineError(format!("speech recognition: {error}")))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_back(&self, decoder: Option<Decoder>) {
        let mut state = self.lock();
        state.lent -= 1;
        // Freed outside the lock.
        let spare = if state.idle.len() < KEPT {
            state.idle.extend(decoder);
            None
        } else {
            decoder
        };
        drop(state);
        self.returned.notify_one();
        drop(spare);
    }
}

/// A decoder on loan; goes back when dropped.
#[derive(Debug)]
pub(super) struct Lease {
    decoder: Option<Decoder>,
    pool: Arc<Pool>,
}

impl Deref for Lease {
    type Target = Decoder;

    fn deref(&self) -> &Decoder {
        self.decoder.as_ref().expect("it is there until it is dropped")
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Decoder {
        self.decoder.as_mut().expect("it is there until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.take_back(self.decoder.take());
    }
}
