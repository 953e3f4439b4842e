//! Sound on the wire in another format than everything here: translated on its way out and in, so that nothing else
//! needs to know.

use crate::codec::{Decoder, Encoder};
use crate::pcm::{AudioBytes, Pcm16};
use crate::protocol::server_event::AudioDelta;
use crate::protocol::session::AudioFormat;
use crate::protocol::{ClientEvent, ClientMessage, ItemId, ServerEvent};

#[derive(Debug)]
pub(super) struct Formats {
    /// `None` where the server has ours.
    outgoing: Option<Encoder>,
    incoming: Option<Incoming>,
}

#[derive(Debug)]
struct Incoming {
    format: AudioFormat,
    /// The item that is being received.
    item: Option<(ItemId, Decoder)>,
}

impl Formats {
    /// `input` and `output` as the server sees them: the person's and the assistant's sound.
    pub(super) fn new((input, output): (AudioFormat, AudioFormat)) -> Self {
        let ours = AudioFormat::default();
        Self {
            outgoing: (input != ours).then(|| Encoder::new(input)),
            incoming: (output != ours).then_some(Incoming { format: output, item: None }),
        }
    }

    pub(super) fn outgoing(&mut self, mut message: ClientMessage) -> ClientMessage {
        if let (Some(encoder), ClientEvent::InputAudioBufferAppend { audio }) =
            (&mut self.outgoing, &mut message.event)
        {
            *audio = encoder.push(Pcm16::from_le_bytes(&audio.0).samples());
        }
        message
    }

    /// What the event is here: itself, its sound in our format, or before the end of sound the rest of it.
    pub(super) fn incoming(&mut self, event: ServerEvent) -> (Option<ServerEvent>, ServerEvent) {
        match (&mut self.incoming, event) {
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
            self.item = Some((delta.item_id.clone(), Decoder::new(self.format)));
        }
        if let Some((_, decoder)) = &mut self.item {
            let samples = decoder.push(std::mem::take(&mut delta.delta.0));
            delta.delta = (&Pcm16::new(samples)).into();
        }
        delta
    }

    fn rest(&mut self) -> Option<(ItemId, AudioBytes)> {
        let (id, mut decoder) = self.item.take()?;
        Some((id, (&Pcm16::new(decoder.flush())).into()))
    }
}

#[cfg(test)]
mod tests;
