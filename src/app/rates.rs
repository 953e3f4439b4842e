//! Servers whose sound has another rate than everything here: resampled on its way out and in, so that nothing else
//! needs to know.

use crate::pcm::{AudioBytes, Pcm16, SESSION_RATE, f32_to_i16, i16_to_f32};
use crate::protocol::server_event::AudioDelta;
use crate::protocol::{ClientEvent, ClientMessage, ItemId, ServerEvent};
use crate::resample::Resampler;

#[derive(Debug)]
pub(super) struct Rates {
    /// `None` where the server has ours.
    output: Option<Resampler>,
    input: Option<Incoming>,
}

#[derive(Debug)]
struct Incoming {
    rate: u32,
    /// Half a sample, where the server cut in the middle of one.
    odd: Option<u8>,
    /// The item that is being received, and the filter for it.
    item: Option<(ItemId, Resampler)>,
}

impl Rates {
    /// `input` and `output` as the server sees them: the person's and the assistant's sound, in Hz.
    pub(super) fn new((input, output): (u32, u32)) -> Self {
        Self {
            output: (input != SESSION_RATE).then(|| Resampler::new(SESSION_RATE, input)),
            input: (output != SESSION_RATE).then_some(Incoming { rate: output, odd: None, item: None }),
        }
    }

    pub(super) fn outgoing(&mut self, mut message: ClientMessage) -> ClientMessage {
        if let (Some(resampler), ClientEvent::InputAudioBufferAppend { audio }) =
            (&mut self.output, &mut message.event)
        {
            *audio = resample(resampler, audio);
        }
        message
    }

    /// What the event is here: itself, its sound at our rate, or before the end of sound the rest of it.
    pub(super) fn incoming(&mut self, event: ServerEvent) -> (Option<ServerEvent>, ServerEvent) {
        match (&mut self.input, event) {
            (Some(incoming), ServerEvent::OutputAudioDelta(delta)) => {
                let delta = incoming.delta(delta);
                (None, ServerEvent::OutputAudioDelta(delta))
            }
            (Some(incoming), ServerEvent::OutputAudioDone(done)) => {
                let rest = incoming.rest().map(|(item_id, delta)| {
                    ServerEvent::OutputAudioDelta(AudioDelta {
                        response_id: done.response_id.clone(),
                        item_id,
                        delta,
                        ..AudioDelta::default()
                    })
                });
                (rest, ServerEvent::OutputAudioDone(done))
            }
            (_, event) => (None, event),
        }
    }
}

impl Incoming {
    fn delta(&mut self, mut delta: AudioDelta) -> AudioDelta {
        if self.item.as_ref().is_none_or(|(id, _)| *id != delta.item_id) {
            self.item = Some((delta.item_id.clone(), Resampler::new(self.rate, SESSION_RATE)));
            self.odd = None;
        }
        let bytes = &mut delta.delta.0;
        if let Some(first) = self.odd.take() {
            bytes.insert(0, first);
        }
        if bytes.len() % 2 == 1 {
            self.odd = bytes.pop();
        }
        if let Some((_, resampler)) = &mut self.item {
            delta.delta = resample(resampler, &delta.delta);
        }
        delta
    }

    fn rest(&mut self) -> Option<(ItemId, AudioBytes)> {
        let (id, mut resampler) = self.item.take()?;
        let mut out = Vec::new();
        resampler.finish(&mut out);
        let samples = out.into_iter().map(f32_to_i16).collect();
        Some((id, (&Pcm16::new(samples)).into()))
    }
}

fn resample(resampler: &mut Resampler, bytes: &AudioBytes) -> AudioBytes {
    let input: Vec<f32> = Pcm16::from_le_bytes(&bytes.0).into_samples().into_iter().map(i16_to_f32).collect();
    let mut out = Vec::new();
    resampler.push(&input, &mut out);
    (&Pcm16::new(out.into_iter().map(f32_to_i16).collect())).into()
}

#[cfg(test)]
mod tests;
