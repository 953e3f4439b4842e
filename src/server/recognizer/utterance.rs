//! One utterance: samples through the front end to a decoder, words back while they come.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use pocketsphinx::{Error, Hypothesis};

use super::confidence;
use super::front::{FrontEnd, MODEL_RATE};
use super::pool::{Lease, Pool};
use super::stable::Stable;
use crate::server::engine::{EngineError, Heard, Utterance};

/// How often the words so far are looked at: every 200 ms of sound.
const LOOK: usize = MODEL_RATE as usize / 5;
/// How long an utterance that is over waits for a decoder when all are lent.
const PATIENCE: Duration = Duration::from_secs(10);
/// What may wait for a decoder: a minute of samples.
const MOST_WAITING: usize = 60 * MODEL_RATE as usize;

/// Speech on its way through one decoder.
pub(super) struct SphinxUtterance {
    pool: Arc<Pool>,
    front: FrontEnd,
    decoder: Option<Lease>,
    /// Ready for a decoder that is not there yet.
    waiting: Vec<i16>,
    /// Samples since the words were looked at.
    unseen: usize,
    stable: Stable,
    failed: Option<EngineError>,
}

impl SphinxUtterance {
    pub(super) fn new(pool: &Arc<Pool>) -> Self {
        Self {
            pool: Arc::clone(pool),
            front: FrontEnd::default(),
            decoder: None,
            waiting: Vec::new(),
            unseen: 0,
            stable: Stable::default(),
            failed: None,
        }
    }

    fn try_feed(&mut self, samples: &[i16]) -> Result<(), EngineError> {
        self.front.push(samples, &mut self.waiting);
        if self.decoder.is_none() && !self.waiting.is_empty() {
            self.decoder = begun(self.pool.lend()?)?;
        }
        self.decode()
    }

    /// Decodes what is waiting, if there is a decoder for it.
    fn decode(&mut self) -> Result<(), EngineError> {
        let Some(decoder) = &mut self.decoder else {
            return if self.waiting.len() > MOST_WAITING { Err(busy()) } else { Ok(()) };
        };
        decoder.process(&self.waiting).map_err(broken)?;
        self.unseen += self.waiting.len();
        self.waiting.clear();
        Ok(())
    }

    fn try_finish(&mut self) -> Result<Heard, EngineError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        mem::take(&mut self.front).finish(&mut self.waiting);
        if self.decoder.is_none() {
            self.decoder = begun(self.pool.wait(PATIENCE)?)?;
        }
        self.decode()?;
        let hypothesis = self.decoder.as_mut().ok_or_else(busy)?.end().map_err(broken)?;
        Ok(heard(&hypothesis))
    }
}

impl Utterance for SphinxUtterance {
    fn feed(&mut self, samples: &[i16]) {
        if self.failed.is_none() {
            self.failed = self.try_feed(samples).err();
        }
    }

    fn new_words(&mut self) -> Option<String> {
        if self.unseen < LOOK {
            return None;
        }
        self.unseen = 0;
        self.stable.observe(self.decoder.as_mut()?.partial())
    }

    fn finish(mut self: Box<Self>) -> Result<Heard, EngineError> {
        self.try_finish()
    }
}

fn begun(lease: Option<Lease>) -> Result<Option<Lease>, EngineError> {
    let Some(mut decoder) = lease else { return Ok(None) };
    decoder.begin().map_err(broken)?;
    Ok(Some(decoder))
}

fn heard(hypothesis: &Hypothesis) -> Heard {
    let words: Vec<_> = hypothesis.words.iter().map(|word| word.text.as_str()).collect();
    Heard { text: words.join(" "), confidence: Some(confidence::of(hypothesis)) }
}

fn busy() -> EngineError {
    EngineError("speech recognition is busy with other speech; please say it again".to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: Error) -> EngineError {
    EngineError(format!("speech recognition: {error}"))
}
