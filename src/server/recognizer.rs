//! The offline ears: `PocketSphinx`, run as a program of its own.
//!
//! One process hears one utterance, reads samples while the person speaks, and answers when its input is closed. As
//! loading takes it a while, one process is always kept loaded and waiting. Owns finding the program and its model;
//! what it expects to hear is made by [`language_model`].

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::server::engine::{EngineError, Heard, Recognizer, Utterance};
use crate::server::language_model;

mod lazy;
mod level;
mod process;
pub mod remote;
mod transcript;
#[cfg(feature = "whisper")]
pub mod whisper;

pub use lazy::LazyRecognizer;

use process::{Process, SphinxUtterance};

const PROGRAM: &str = "pocketsphinx_continuous";
const INSTALL: &str = "install the packages `pocketsphinx` and `pocketsphinx-en-us`";
/// Where distributions and a build from source put the acoustic model and its dictionary.
const MODEL_DIRS: [&str; 3] = [
    "/usr/share/pocketsphinx/model/en-us",
    "/usr/local/share/pocketsphinx/model/en-us",
    "/opt/homebrew/share/pocketsphinx/model/en-us",
];
const ACOUSTIC_MODEL: &str = "en-us";
const DICTIONARY: &str = "cmudict-en-us.dict";
/// How long the words may take after the last sample, besides the length of the speech itself (which may have come
/// faster than it was spoken). Much more than is ever needed, except on a machine that does much else.
const DEADLINE: Duration = Duration::from_secs(4);

/// How to start the recognizer program, and how long to wait for it.
#[derive(Debug, Clone)]
struct Launch {
    program: OsString,
    arguments: Vec<OsString>,
    deadline: Duration,
}

/// Recognition of task talk in US English, on this machine.
#[derive(Debug)]
pub struct PocketSphinx {
    launch: Launch,
    /// Loaded and waiting for an utterance.
    warm: Mutex<Option<Process>>,
}

impl PocketSphinx {
    /// Looks for the program and its model, prepares the language model in the directory `cache`, and starts the
    /// first process. The error says what is missing and which package has it.
    pub fn find(cache: &Path) -> Result<Self, EngineError> {
        let program = find_program(PROGRAM)
            .ok_or_else(|| EngineError(format!("speech recognition needs `{PROGRAM}`; {INSTALL}")))?;
        let model = MODEL_DIRS
            .iter()
            .map(Path::new)
            .find(|dir| dir.join(ACOUSTIC_MODEL).join("mdef").is_file() && dir.join(DICTIONARY).is_file())
            .ok_or_else(|| {
                EngineError(format!("speech recognition needs a model in `{}`; {INSTALL}", MODEL_DIRS[0]))
            })?;
        Self::with_model(&program, model, cache)
    }

    /// As [`find`](Self::find), with the program and the model (a directory with `en-us` and `cmudict-en-us.dict`)
    /// given.
    pub fn with_model(program: &Path, model: &Path, cache: &Path) -> Result<Self, EngineError> {
        let files = language_model::prepare(cache, &model.join(DICTIONARY))
            .map_err(|error| EngineError(error.to_string()))?;
        let paths: [(&str, &Path); 3] =
            [("-hmm", &model.join(ACOUSTIC_MODEL)), ("-lm", &files.arpa), ("-dict", &files.dictionary)];
        let fixed = ["-infile", "/dev/stdin", "-logfn", "/dev/null", "-remove_silence", "no"];
        let mut arguments: Vec<OsString> = fixed.iter().map(OsString::from).collect();
        for (name, path) in paths {
            arguments.extend([OsStr::new(name), path.as_os_str()].map(OsStr::to_owned));
        }
        Self::start(Launch { program: program.into(), arguments, deadline: DEADLINE })
    }

    fn start(launch: Launch) -> Result<Self, EngineError> {
        let warm = Mutex::new(Some(Process::start(&launch)?));
        Ok(Self { launch, warm })
    }

    /// The waiting process if it still lives, else a new one; in its place the next one begins to load.
    fn take(&self) -> Result<Process, EngineError> {
        let mut warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = match warm.take() {
            Some(mut process) => {
                if process.is_alive() {
                    process
                } else {
                    Process::start(&self.launch)?
                }
            }
            None => Process::start(&self.launch)?,
        };
        *warm = Process::start(&self.launch).ok();
        Ok(ready)
    }
}

impl Recognizer for PocketSphinx {
    fn begin(&self) -> Box<dyn Utterance> {
        match self.take() {
            Ok(process) => Box::new(SphinxUtterance::new(process, self.launch.deadline)),
            Err(error) => Box::new(Failed(error)),
        }
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
