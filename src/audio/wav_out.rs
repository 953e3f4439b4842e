//! A WAV file that is valid at any time while it is written.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use hound::{SampleFormat, WavSpec, WavWriter};

use super::file::FileError;
use crate::pcm::{SESSION_RATE, f32_to_i16};

/// The header is brought up to date this often, in samples: half a second.
const FLUSH_EVERY: u32 = SESSION_RATE / 2;
/// A WAV file cannot hold more bytes than 32 bits count.
const MOST_SAMPLES: u32 = 2_000_000_000;

pub(super) struct WavOut {
    name: String,
    writer: WavWriter<BufWriter<File>>,
    unflushed: u32,
}

impl WavOut {
    pub(super) fn create(path: &Path) -> Result<Self, FileError> {
        let spec = WavSpec {
            channels: 1,
            sample_rate: SESSION_RATE,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let failed = |source| FileError::Write { path: path.to_owned(), source };
        let mut writer = WavWriter::create(path, spec).map_err(failed)?;
        writer.flush().map_err(failed)?;
        Ok(Self { name: path.display().to_string(), writer, unflushed: 0 })
    }

    pub(super) fn name(&self) -> String {
        self.name.clone()
    }

    pub(super) fn write(&mut self, samples: &[f32]) -> hound::Result<()> {
        for &sample in samples {
            if self.writer.len() < MOST_SAMPLES {
                self.writer.write_sample(f32_to_i16(sample))?;
            }
        }
        self.unflushed += samples.len() as u32;
        if self.unflushed >= FLUSH_EVERY {
            self.unflushed = 0;
            self.writer.flush()?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> hound::Result<()> {
        self.writer.finalize()
    }
}
