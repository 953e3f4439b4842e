//! Speech out: piper as a program beside this one, with the person's own voice file.
//!
//! A process per sentence, because nothing in its raw stream tells where one ends. Loading a voice takes it most of a
//! second, so the next process is always loaded and waiting. Both piper's C++ program and the newer one in Python take
//! these switches, read a line from standard input, and write 16-bit mono samples.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::stream::{play, speakable};
use crate::server::engine::{EngineError, Synthesizer, Voice};
use crate::server::program::{self, Ending};

const PROGRAM: &str = "piper";
/// Of a voice's description, in bytes.
const MAX_DESCRIPTION: u64 = 1 << 20;

pub struct Piper {
    program: OsString,
    voice: PathBuf,
    /// Of the voice, in Hz.
    rate: u32,
    /// Loaded and waiting for a sentence, with how long it makes it.
    warm: Mutex<Option<(String, Ending)>>,
}

impl Piper {
    /// With a voice, an `.onnx` file with its `.onnx.json` beside it. The program is looked for when it is needed.
    pub fn new(voice: &Path) -> Result<Self, EngineError> {
        Self::with_program(PROGRAM, voice)
    }

    fn with_program(program: impl Into<OsString>, voice: &Path) -> Result<Self, EngineError> {
        let rate = rate(voice)?;
        Ok(Self { program: program.into(), voice: voice.to_owned(), rate, warm: Mutex::new(None) })
    }

    /// Loads the voice in the background, so that the first sentence need not wait for it.
    pub fn warm_up(&self) {
        self.prepare(&length_scale(1.0));
    }

    fn prepare(&self, scale: &str) {
        let mut warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner);
        if warm.is_none() {
            // What keeps it from starting is told when it is to speak.
            *warm = self.start(scale).ok().map(|process| (scale.to_owned(), process));
        }
    }

    /// The waiting process, if it lives and speaks as fast as it should, else a new one.
    fn take(&self, scale: &str) -> Result<Ending, EngineError> {
        let waiting = self.warm.lock().unwrap_or_else(PoisonError::into_inner).take();
        let fitting = waiting.filter(|(fits, _)| fits == scale).map(|(_, process)| process);
        match fitting {
            Some(mut process) => match process.0.try_wait() {
                Ok(None) => Ok(process),
                _ => self.start(scale),
            },
            None => self.start(scale),
        }
    }

    fn start(&self, scale: &str) -> Result<Ending, EngineError> {
        program::command(&self.program)
            .arg("--model")
            .arg(&self.voice)
            .args(["--output-raw", "--length-scale", scale])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Ending)
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => EngineError(
                    "there is no program `piper`; get it by `pipx install piper-tts`, or use espeak-ng by \
                     `offline.synthesizer = \"espeak\"`"
                        .to_owned(),
                ),
                _ => EngineError(format!("`piper` does not start: {error}")),
            })
    }

    fn no_sound(&self, reason: &str) -> EngineError {
        let voice = self.voice.display();
        EngineError(format!(
            "`piper` gave no sound{reason}; see what it says to `echo hello | piper --model {voice} -f test.wav`"
        ))
    }
}

impl Synthesizer for Piper {
    /// Piper takes a whole core and more for each.
    fn at_once(&self) -> Option<usize> {
        std::thread::available_parallelism().ok().map(|cores| (cores.get() / 2).max(1))
    }

    fn speak(
        &self,
        text: &str,
        voice: &Voice,
        out: &mut dyn FnMut(&[i16]) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let text = speakable(text);
        if !text.chars().any(char::is_alphanumeric) {
            return Ok(());
        }
        let scale = length_scale(voice.speed);
        let mut child = self.take(&scale)?;
        let mut stdin = child.0.stdin.take().expect("piped");
        // One that takes no text has ended, which the sound will tell.
        let _ = stdin.write_all(format!("{text}\n").as_bytes());
        drop(stdin);
        let mut stdout = child.0.stdout.take().expect("piped");
        // Not before the first sound: both would load at the same time.
        let mut prepared = false;
        let played = play(&mut stdout, self.rate, &mut |samples| {
            if !std::mem::replace(&mut prepared, true) {
                self.prepare(&scale);
            }
            out(samples)
        });
        match played {
            Ok(0) => Err(self.no_sound("")),
            Ok(_) => Ok(()),
            Err(error) => Err(self.no_sound(&format!(" ({error})"))),
        }
    }
}

/// Piper's measure of speed: how long everything is made.
fn length_scale(speed: f32) -> String {
    format!("{:.2}", 1.0 / speed.clamp(0.25, 4.0))
}

fn rate(voice: &Path) -> Result<u32, EngineError> {
    let mut description = voice.as_os_str().to_owned();
    description.push(".json");
    let bad = |reason: String| {
        EngineError(format!(
            "piper needs a voice and `{}` beside it: {reason}",
            Path::new(&description).display()
        ))
    };
    if !voice.is_file() {
        return Err(bad(format!(
            "there is no file `{}`; `realtime-cli models` shows voices to fetch",
            voice.display()
        )));
    }
    let mut text = String::new();
    File::open(&description)
        .and_then(|file| file.take(MAX_DESCRIPTION).read_to_string(&mut text))
        .map_err(|error| bad(error.to_string()))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    match value["audio"]["sample_rate"].as_u64() {
        Some(rate @ 8_000..=192_000) => Ok(rate as u32),
        _ => Err(bad("it tells no sample rate".to_owned())),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
