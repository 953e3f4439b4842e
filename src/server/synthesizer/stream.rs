//! From what a voice gives to what an engine hands out, whatever the voice: rate, pieces, the silence at the beginning.

use std::io::{self, Read};
use std::ops::ControlFlow;

use crate::pcm;
use crate::resample::Resampler;
use crate::server::engine::ENGINE_RATE;
use crate::text::Clean;

/// No answer is longer, in characters.
const MAX_TEXT: usize = 8_000;
/// Handed out at a time: 50 ms.
const PIECES_PER_SECOND: u32 = 20;
/// What is quieter at the beginning is silence, as a share of full scale.
pub(super) const QUIET: f32 = 0.002;
/// Kept of the silence before the first sound, in samples of the engine's rate: 5 ms.
pub(super) const LEAD: usize = 120;

/// Hands out 16-bit mono samples of `rate` until the stream's end or a `Break`; the number of samples at the engine's
/// rate.
pub(super) fn play(
    stream: &mut impl Read,
    rate: u32,
    out: &mut dyn FnMut(&[i16]) -> ControlFlow<()>,
) -> io::Result<usize> {
    let mut speech = Speech::new(rate);
    let mut bytes = vec![0; (rate / PIECES_PER_SECOND) as usize * 2];
    let mut played = 0;
    loop {
        let (count, last) = fill(stream, &mut bytes)?;
        let piece = speech.push(&bytes[..count], last);
        played += piece.len();
        if !piece.is_empty() && out(piece).is_break() || last {
            return Ok(played);
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

/// From a voice's rate to the engine's, without the silence before the first sound.
pub(super) struct Speech {
    resampler: Resampler,
    begun: bool,
    /// Half of a sample that was cut in two.
    odd: Option<u8>,
    input: Vec<f32>,
    output: Vec<f32>,
    samples: Vec<i16>,
}

impl Speech {
    pub(super) fn new(rate: u32) -> Self {
        let (input, output, samples) = (Vec::new(), Vec::new(), Vec::new());
        Self { resampler: Resampler::new(rate, ENGINE_RATE), begun: false, odd: None, input, output, samples }
    }

    /// What can be made of `bytes`, which may be cut anywhere.
    pub(super) fn push(&mut self, bytes: &[u8], last: bool) -> &[i16] {
        self.input.clear();
        let mut rest = bytes;
        if let (Some(low), [high, behind @ ..]) = (self.odd, bytes) {
            self.odd = None;
            self.input.push(pcm::i16_to_f32(i16::from_le_bytes([low, *high])));
            rest = behind;
        }
        let pairs = rest.chunks_exact(2);
        if let [low] = pairs.remainder() {
            self.odd = Some(*low);
        }
        self.input.extend(pairs.map(|b| pcm::i16_to_f32(i16::from_le_bytes([b[0], b[1]]))));
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

/// Without marks that would be read out, and without anything that a voice takes for commands: one line.
pub(super) fn speakable(text: &str) -> String {
    let clean = Clean::new(text).into_string();
    let marks =
        |c: char| matches!(c, '*' | '_' | '`' | '#' | '<' | '>' | '|' | '~' | '[' | ']' | '{' | '}' | '\\');
    let spoken: String = clean.chars().take(MAX_TEXT).map(|c| if marks(c) { ' ' } else { c }).collect();
    spoken.split_whitespace().collect::<Vec<_>>().join(" ")
}
