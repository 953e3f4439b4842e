//! The offline ears: `PocketSphinx`, inside this process.
//!
//! Its library is loaded at run time, so that the program starts without it. Decoders stay loaded and hear while the
//! person speaks. Owns finding the library and its model; what it expects to hear is made by [`language_model`].

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pocketsphinx::Library;

use crate::server::engine::{EngineError, Heard, Recognizer, Utterance};
use crate::server::language_model::{self, ModelFiles};

mod confidence;
mod front;
mod lazy;
mod level;
mod pool;
pub mod remote;
mod stable;
mod transcript;
mod utterance;
#[cfg(feature = "whisper")]
pub mod whisper;

pub use lazy::LazyRecognizer;

use pool::Pool;
use utterance::SphinxUtterance;

/// What brings the library and its model.
pub(crate) const INSTALL: &str = "install the packages `pocketsphinx` and `pocketsphinx-en-us`";
/// Where distributions and a build from source put the acoustic model and its dictionary.
const MODEL_DIRS: [&str; 3] = [
    "/usr/share/pocketsphinx/model/en-us",
    "/usr/local/share/pocketsphinx/model/en-us",
    "/opt/homebrew/share/pocketsphinx/model/en-us",
];
const ACOUSTIC_MODEL: &str = "en-us";
const DICTIONARY: &str = "cmudict-en-us.dict";
/// How the decoder works besides its defaults. An utterance is what a voice detector cut out, so nothing in it is
/// silence to be left out. The language model counts for less than usual (6.5), as titles are free: on the development
/// list fewer words are wrong in quiet and in noise, and no command more.
const PARAMETERS: [(&str, &str); 2] = [("remove_silence", "no"), ("lw", "5")];

/// Recognition of task talk in US English, on this machine.
#[derive(Debug)]
pub struct PocketSphinx {
    pool: Arc<Pool>,
}

impl PocketSphinx {
    /// Looks for the library and its model, prepares the language model in the directory `cache`, and loads a decoder.
    /// The error says what is missing and which package has it.
    pub fn find(cache: &Path) -> Result<Self, EngineError> {
        let (library, model) =
            parts().map_err(|what| EngineError(format!("speech recognition: {what}; {INSTALL}")))?;
        Self::with_model(library, model, cache)
    }

    /// As [`find`](Self::find), with the library and the model (a directory with `en-us` and `cmudict-en-us.dict`)
    /// given.
    pub fn with_model(library: Arc<Library>, model: &Path, cache: &Path) -> Result<Self, EngineError> {
        let files = language_model::prepare(cache, &model.join(DICTIONARY))
            .map_err(|error| EngineError(error.to_string()))?;
        Self::with_files(library, model, &files, &PARAMETERS)
    }

    fn with_files(
        library: Arc<Library>,
        model: &Path,
        files: &ModelFiles,
        parameters: &[(&str, &str)],
    ) -> Result<Self, EngineError> {
        let acoustic = model.join(ACOUSTIC_MODEL);
        let paths = [("hmm", &acoustic), ("lm", &files.arpa), ("dict", &files.dictionary)];
        let paths = paths.map(|(name, path)| (name.to_owned(), path.to_string_lossy().into_owned()));
        let others = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Ok(Self { pool: Pool::new(library, paths.into_iter().chain(others).collect())? })
    }
}

/// Why nothing can be recognized on this machine, if so.
pub(crate) fn missing() -> Option<String> {
    parts().err()
}

/// The library and the folder of the model, or which of them is not there.
fn parts() -> Result<(Arc<Library>, &'static Path), String> {
    let library = Library::find().map_err(|error| error.to_string())?;
    let is_model =
        |dir: &&Path| dir.join(ACOUSTIC_MODEL).join("mdef").is_file() && dir.join(DICTIONARY).is_file();
    let model = MODEL_DIRS.iter().map(Path::new).find(is_model);
    Ok((library, model.ok_or_else(|| format!("there is no model in `{}`", MODEL_DIRS[0]))?))
}

impl Recognizer for PocketSphinx {
    fn begin(&self) -> Box<dyn Utterance> {
        Box::new(SphinxUtterance::new(&self.pool))
    }
}

/// Stands in where no recognizer could be had: answers each utterance with the reason.
#[derive(Debug, Clone)]
pub struct Unavailable {
    reason: EngineError,
}

impl Unavailable {
    pub fn new(reason: EngineError) -> Self {
        Self { reason }
    }
}

impl Recognizer for Unavailable {
    fn begin(&self) -> Box<dyn Utterance> {
        Box::new(Failed(self.reason.clone()))
    }
}

/// An utterance that nobody hears.
struct Failed(EngineError);

impl Utterance for Failed {
    fn feed(&mut self, _samples: &[i16]) {}

    fn finish(self: Box<Self>) -> Result<Heard, EngineError> {
        Err(self.0)
    }
}

/// The first file of that name in the directories of `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod evaluation;
#[cfg(test)]
mod tests;
