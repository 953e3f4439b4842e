//! The head of a WAV stream whose lengths are not known yet, and so are wrong.

use std::io::{self, Read};

pub(super) struct Header {
    pub(super) rate: u32,
}

impl Header {
    /// Reads up to the first sample of 16-bit mono PCM.
    pub(super) fn read(stream: &mut impl Read) -> io::Result<Self> {
        let mut riff = [0; 12];
        stream.read_exact(&mut riff)?;
        if &riff[..4] != b"RIFF" || &riff[8..] != b"WAVE" {
            return Err(invalid("no WAV stream"));
        }
        let mut rate = None;
        loop {
            let mut head = [0; 8];
            stream.read_exact(&mut head)?;
            let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
            match &head[..4] {
                b"data" => {
                    return rate
                        .map(|rate| Self { rate })
                        .ok_or_else(|| invalid("no format before the data"));
                }
                b"fmt " if length >= 16 => rate = Some(format(stream, length)?),
                _ => skip(stream, length)?,
            }
        }
    }
}

fn format(stream: &mut impl Read, length: u32) -> io::Result<u32> {
    let mut format = [0; 16];
    stream.read_exact(&mut format)?;
    skip(stream, length - 16)?;
    let word = |i: usize| u16::from_le_bytes([format[i], format[i + 1]]);
    if (word(0), word(2), word(14)) != (1, 1, 16) {
        return Err(invalid("not 16-bit mono PCM"));
    }
    match u32::from_le_bytes([format[4], format[5], format[6], format[7]]) {
        rate @ 8_000..=192_000 => Ok(rate),
        rate => Err(invalid(&format!("a rate of {rate} Hz"))),
    }
}

fn skip(stream: &mut impl Read, length: u32) -> io::Result<()> {
    io::copy(&mut stream.take(u64::from(length)), &mut io::sink()).map(|_| ())
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
