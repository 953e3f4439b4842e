//! Speech out: macOS's own voices, by its program `say`.
//!
//! It writes WAV into a file only, so a sentence is heard when all of it is made; that takes it a moment.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::stream::{play, speakable};
use super::wav::Header;
use crate::server::engine::{EngineError, Synthesizer, Voice};
use crate::server::program::{self, Ending};

pub(crate) const PROGRAM: &str = "say";
/// What is said at normal speed, in words per minute.
const WORDS_PER_MINUTE: f32 = 175.0;

pub struct Say {
    program: OsString,
    /// Where sentences are put for a moment.
    folder: PathBuf,
}

impl Say {
    pub fn new(folder: &Path) -> Self {
        Self::with_program(PROGRAM, folder)
    }

    fn with_program(program: impl Into<OsString>, folder: &Path) -> Self {
        Self { program: program.into(), folder: folder.to_owned() }
    }

    /// The text goes in by standard input, where no other program sees it.
    fn make(&self, text: &str, speed: f32, file: &Path) -> Result<(), EngineError> {
        let rate = (WORDS_PER_MINUTE * speed.clamp(0.25, 4.0)).round().to_string();
        let child = program::command(&self.program)
            .args(["--file-format=WAVE", "--data-format=LEI16@22050", "-r", &rate, "-o"])
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => EngineError(
                    "there is no program `say`, which macOS has; install `espeak-ng` elsewhere".to_owned(),
                ),
                _ => EngineError(format!("`say` does not start: {error}")),
            })?;
        let mut child = Ending(child);
        let mut stdin = child.0.stdin.take().expect("piped");
        // One that takes no text has failed, which its end will tell.
        let _ = stdin.write_all(text.as_bytes());
        drop(stdin);
        match child.0.wait() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(EngineError("`say` failed; try `say hello`".to_owned())),
        }
    }
}

/// A file that does not outlive its use.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Synthesizer for Say {
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
        let broken = |error: io::Error| EngineError(format!("`say` gave no sound: {error}"));
        std::fs::create_dir_all(&self.folder).map_err(broken)?;
        let name = format!("say-{}-{:016x}.wav", std::process::id(), fastrand::u64(..));
        let file = Passing(self.folder.join(name));
        self.make(&text, voice.speed, &file.0)?;
        let mut sound = File::open(&file.0).map_err(broken)?;
        let header = Header::read(&mut sound).map_err(broken)?;
        play(&mut sound, header.rate, out).map(|_| ()).map_err(broken)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
