//! Steady noise taken out of speech that is to be recognized: WebRTC's suppressor.

use sonora::config::{HighPassFilter, NoiseSuppression, NoiseSuppressionLevel};
use sonora::{AudioProcessing, Config, StreamConfig};

/// A stream of samples in, the same with less noise out, up to 10 ms later.
pub(crate) struct Denoiser {
    processing: AudioProcessing,
    /// Samples of a block of 10 ms.
    block: usize,
    /// Not yet a block.
    waiting: Vec<f32>,
    scratch: Vec<f32>,
}

impl Denoiser {
    /// For `rate` samples per second: 16, 32 or 48 thousand.
    pub(crate) fn new(rate: u32) -> Self {
        let stream = StreamConfig::new(rate, 1);
        let level = match std::env::var("NSLEVEL").as_deref() {
            Ok("low") => NoiseSuppressionLevel::Low,
            Ok("high") => NoiseSuppressionLevel::High,
            Ok("veryhigh") => NoiseSuppressionLevel::VeryHigh,
            _ => NoiseSuppressionLevel::Moderate,
        };
        let config = Config {
            high_pass_filter: Some(HighPassFilter::default()),
            noise_suppression: Some(NoiseSuppression { level, ..NoiseSuppression::default() }),
            ..Config::default()
        };
        let processing =
            AudioProcessing::builder().config(config).capture_config(stream).render_config(stream).build();
        let block = rate as usize / 100;
        Self { processing, block, waiting: Vec::new(), scratch: vec![0.0; block] }
    }

    /// Appends to `out` what is ready.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.waiting.extend_from_slice(samples);
        let whole = self.waiting.len() / self.block * self.block;
        for block in self.waiting[..whole].chunks_exact(self.block) {
            let done = self.processing.process_capture_f32(&[block], &mut [&mut self.scratch]);
            debug_assert!(done.is_ok(), "blocks are as long as agreed: {done:?}");
            out.extend_from_slice(&self.scratch);
        }
        self.waiting.drain(..whole);
    }
}

impl std::fmt::Debug for Denoiser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Denoiser").field("block", &self.block).finish_non_exhaustive()
    }
}
