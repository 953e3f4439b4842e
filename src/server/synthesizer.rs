//! Speech out: espeak-ng as a program beside this one.
//!
//! It is GPL-3 and has a process of its own. Text goes in by standard input, a WAV stream comes out.

use std::ffi::OsString;
use std::io::{self, Read, Write as _};
use std::ops::ControlFlow;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::engine::{ENGINE_RATE, EngineError, Synthesizer, Voice};
use crate::pcm;
use crate::resample::Resampler;
use crate::text::Clean;
use wav::Header;

mod wav;

/// What is said at normal speed, in words per minute.
const WORDS_PER_MINUTE: f32 = 175.0;
/// No answer is longer, in characters.
const MAX_TEXT: usize = 8_000;
/// Handed out at a time, in samples of espeak's rate: 50 ms.
const PIECE: usize = 1_102;
/// What is quieter at the beginning is silence, as a share of full scale.
const QUIET: f32 = 0.002;
/// Kept of the silence before the first sound, in samples of the engine's rate: 5 ms.
const LEAD: usize = 120;

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
        Command::new(&self.program)
            .args(["--stdout", "-v", name, "-s", &speed.to_string(), "-b", "1", "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .env_remove("OPENAI_API_KEY")
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
        let stdout = child.0.stdout.take().expect("piped");
        play(stdout, out)
    }
}

/// A child that does not outlive its use.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn play(mut stdout: ChildStdout, out: &mut dyn FnMut(&[i16]) -> ControlFlow<()>) -> Result<(), EngineError> {
    let broken = |e: io::Error| EngineError(format!("`espeak-ng` gave no sound: {e}"));
    let header = Header::read(&mut stdout).map_err(broken)?;
    let mut speech = Speech::new(header.rate);
    let mut bytes = vec![0; PIECE * 2];
    loop {
        let (count, last) = fill(&mut stdout, &mut bytes).map_err(broken)?;
        let piece = speech.push(&bytes[..count], last);
        if !piece.is_empty() && out(piece).is_break() || last {
            return Ok(());
        }
    }
}

/// Reads until the buffer is full or the stream at its end; the number of bytes, and whether it is the end.
fn fill(stream: &mut impl Read, bytes: &mut [u8]) -> io::Result<(usize, bool)> {
    let mut count = 0;
    while count < bytes.len() {
        match stream.read(&mut bytes[count..]) {
            Ok(0) => return Ok((count, true)),
            Ok(n) => count += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((count, false))
}

/// From espeak's rate to the engine's, without the silence before the first sound.
struct Speech {
    resampler: Resampler,
    begun: bool,
    input: Vec<f32>,
    output: Vec<f32>,
    samples: Vec<i16>,
}

impl Speech {
    fn new(rate: u32) -> Self {
        let (input, output, samples) = (Vec::new(), Vec::new(), Vec::new());
        Self { resampler: Resampler::new(rate, ENGINE_RATE), begun: false, input, output, samples }
    }

    fn push(&mut self, bytes: &[u8], last: bool) -> &[i16] {
        self.input.clear();
        self.input.extend(bytes.chunks_exact(2).map(|b| pcm::i16_to_f32(i16::from_le_bytes([b[0], b[1]]))));
        self.output.clear();
        self.resampler.push(&self.input, &mut self.output);
        if last {
            self.resampler.finish(&mut self.output);
        }
        let from = self.silence();
        self.samples.clear();
        self.samples.extend(self.output[from..].iter().map(|&s| pcm::f32_to_i16(s)));
        &self.samples
    }

    /// How much of the output comes before the first sound.
    fn silence(&mut self) -> usize {
        if self.begun {
            return 0;
        }
        match self.output.iter().position(|s| s.abs() > QUIET) {
            Some(first) => {
                self.begun = true;
                first.saturating_sub(LEAD)
            }
            None => self.output.len(),
        }
    }
}

/// Without marks that would be read out, and without anything that espeak takes for commands.
fn speakable(text: &str) -> String {
    let clean = Clean::new(text).into_string();
    let marks =
        |c: char| matches!(c, '*' | '_' | '`' | '#' | '<' | '>' | '|' | '~' | '[' | ']' | '{' | '}' | '\\');
    let spoken: String = clean.chars().take(MAX_TEXT).map(|c| if marks(c) { ' ' } else { c }).collect();
    spoken.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
