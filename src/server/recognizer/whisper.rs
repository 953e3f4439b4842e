//! Ears by whisper.cpp in this process, with the person's own model file.
//!
//! The only file that names `whisper_rs`. Whisper hears a whole utterance at a time, when it is over.

use std::path::Path;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread;

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState};

use super::transcript;
use crate::pcm::i16_to_f32;
use crate::resample::Resampler;
use crate::server::engine::{ENGINE_RATE, EngineError, Heard, Recognizer, Utterance};

const RATE: u32 = 16_000;
/// What is shorter holds no word.
const SHORTEST: usize = RATE as usize / 10;
const LONGEST: usize = 10 * 60 * RATE as usize;
/// Whisper makes words of less than a second only with silence behind them.
const LEAST: usize = RATE as usize * 11 / 10;
/// More threads than this do not help models of a size that keeps up with speech.
const MAX_THREADS: usize = 8;

/// A loaded model. One utterance at a time: two at once would take twice as long each.
pub struct Whisper {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<WhisperState>,
    language: Option<String>,
}

impl Whisper {
    /// Loads `model`, a file in whisper.cpp's format; takes a second or more. Without a `language`, it is found out;
    /// models with `.en` in their names know English only.
    pub fn load(model: &Path, language: Option<&str>) -> Result<Self, EngineError> {
        static QUIET: Once = Once::new();
        // What whisper.cpp says goes nowhere: it would write over the screen.
        QUIET.call_once(whisper_rs::install_logging_hooks);
        let unusable = || {
            EngineError(format!(
                "`{}` is no model that whisper can load; `realtime-cli models` shows some",
                model.display()
            ))
        };
        let context = WhisperContext::new_with_params(model, WhisperContextParameters::default())
            .map_err(|_| unusable())?;
        let multilingual = context.is_multilingual();
        let state = context.create_state().map_err(|_| unusable())?;
        let language = if multilingual { language.map(str::to_owned) } else { Some("en".to_owned()) };
        Ok(Self { inner: Arc::new(Inner { state: Mutex::new(state), language }) })
    }
}

impl Recognizer for Whisper {
    fn begin(&self) -> Box<dyn Utterance> {
        let resampler = Resampler::new(ENGINE_RATE, RATE);
        Box::new(Collecting { inner: Arc::clone(&self.inner), resampler, samples: Vec::new() })
    }
}

struct Collecting {
    inner: Arc<Inner>,
    resampler: Resampler,
    samples: Vec<f32>,
}

impl Utterance for Collecting {
    fn feed(&mut self, samples: &[i16]) {
        if self.samples.len() <= LONGEST {
            let samples: Vec<f32> = samples.iter().map(|&s| i16_to_f32(s)).collect();
            self.resampler.push(&samples, &mut self.samples);
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Heard, EngineError> {
        self.resampler.finish(&mut self.samples);
        if self.samples.len() < SHORTEST {
            return Ok(Heard::default());
        }
        self.samples.resize(self.samples.len().max(LEAST), 0.0);
        self.inner.hear(&self.samples)
    }
}

impl Inner {
    fn hear(&self, samples: &[f32]) -> Result<Heard, EngineError> {
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        parameters.set_n_threads(threads as i32);
        parameters.set_language(Some(self.language.as_deref().unwrap_or("auto")));
        parameters.set_no_context(true);
        parameters.set_suppress_nst(true);
        parameters.set_print_special(false);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .full(parameters, samples)
            .map_err(|error| EngineError(format!("whisper could not hear that: {error}")))?;
        let pieces = state.as_iter().filter_map(|segment| segment.to_str_lossy().map(String::from).ok());
        let text: String = pieces.collect();
        Ok(Heard { text: transcript::spoken(&text), ..Heard::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_model_is_told_by_its_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [0; 64]).unwrap();
        let error = Whisper::load(file.path(), None).map(|_| ()).unwrap_err();
        assert!(error.0.contains(file.path().to_str().unwrap()) && error.0.contains("models"), "{error}");
    }

    /// By hand: `WHISPER_MODEL=FILE cargo test --features whisper -- --ignored whisper`.
    #[test]
    #[ignore = "needs a model file"]
    fn a_model_file_loads_and_hears_silence_as_silence() {
        let path = std::env::var_os("WHISPER_MODEL").expect("`WHISPER_MODEL` names a file");
        let whisper = Whisper::load(Path::new(&path), Some("en")).unwrap();
        let mut utterance = whisper.begin();
        utterance.feed(&[0; ENGINE_RATE as usize]);
        assert_eq!(utterance.finish().unwrap().text, "");
    }
}
