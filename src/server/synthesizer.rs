//! Speech out: here espeak-ng as a program beside this one, below it other voices.
//!
//! It is GPL-3 and has a process of its own. Text goes in by standard input, a WAV stream comes out.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::process::{Child, Stdio};

use super::engine::{EngineError, Synthesizer, Voice};
use super::program::{self, Ending};
use stream::{play, speakable};
use wav::Header;

pub mod piper;
pub mod remote;
pub mod say;
mod stream;
mod wav;

/// What is said at normal speed, in words per minute.
const WORDS_PER_MINUTE: f32 = 175.0;

/// The service's voices, and which of espeak's sounds most like each.
const VOICES: [(&str, &str); 10] = [
    ("alloy", "en-us+f2"),
    ("ash", "en-us+m3"),
    ("ballad", "en-us+m7"),
    ("cedar", "en-us+m1"),
    ("coral", "en-us+f4"),
    ("echo", "en-us"),
    ("marin", "en-us+f3"),
    ("sage", "en-us+f1"),
    ("shimmer", "en-us+f5"),
    ("verse", "en-us+m4"),
];

pub struct Espeak {
    program: OsString,
}

impl Espeak {
    /// The program is looked for when something is to be said.
    pub fn new() -> Self {
        Self::with_program("espeak-ng")
    }

    fn with_program(program: impl Into<OsString>) -> Self {
        Self { program: program.into() }
    }

    fn start(&self, voice: &Voice) -> Result<Child, EngineError> {
        let name = VOICES.iter().find(|(name, _)| *name == voice.name).map_or("en-us", |(_, espeak)| espeak);
        let speed = (WORDS_PER_MINUTE * voice.speed.clamp(0.25, 1.5)).round();
        program::command(&self.program)
            .args(["--stdout", "-v", name, "-s", &speed.to_string(), "-b", "1", "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => {
                    EngineError("there is no voice: install the package `espeak-ng`".to_owned())
                }
                _ => EngineError(format!("`espeak-ng` does not start: {error}")),
            })
    }
}

impl Default for Espeak {
    fn default() -> Self {
        Self::new()
    }
}

impl Synthesizer for Espeak {
    fn at_once(&self) -> Option<usize> {
        std::thread::available_parallelism().ok().map(usize::from)
    }

    fn speak(
        &self,
        text: &str,
        voice: &Voice,
        out: &mut dyn FnMut(&[i16]) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let text = speakable(text);
        if text.is_empty() {
            return Ok(());
        }
        let mut child = Ending(self.start(voice)?);
        let mut stdin = child.0.stdin.take().expect("piped");
        // Espeak begins when all of it is there, and a pipe holds more than is ever sent. One that takes no text has
        // ended, which the sound will tell.
        let _ = stdin.write_all(text.as_bytes());
        drop(stdin);
        let mut stdout = child.0.stdout.take().expect("piped");
        let broken = |e: io::Error| EngineError(format!("`espeak-ng` gave no sound: {e}"));
        let header = Header::read(&mut stdout).map_err(broken)?;
        play(&mut stdout, header.rate, out).map(|_| ()).map_err(broken)
    }
}

#[cfg(test)]
mod tests;
