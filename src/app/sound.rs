//! What the sound engine tells, and what the conversation makes of it.

use std::time::Instant;

use super::{App, Ending};
use crate::audio::{AudioEvent, LocalSpeech};
use crate::conversation::Input;
use crate::protocol::ItemId;

impl App {
    pub(super) fn audio(&mut self, event: AudioEvent, now: Instant) {
        match event {
            AudioEvent::Frame { pcm } => {
                self.devices.hear(&pcm);
                self.listen_at_rest(&pcm);
                // Fifty a second: nothing is drawn for them.
                self.conversation.handle(Input::Mic(pcm), now);
                while let Some(output) = self.conversation.poll_output() {
                    let _ = self.carry_out(output, now);
                }
            }
            AudioEvent::Started { track } => {
                self.converse(Input::PlaybackStarted { item_id: item(&track) }, now);
            }
            AudioEvent::Flushed { track, taken_ms, queued_tracks_unheard, .. } => {
                self.suspect(false);
                // What the device has taken still comes out of it: a recording of the speaker agrees within 0.25 ms.
                let input = Input::PlaybackFlushed {
                    item_id: track.as_deref().map(ItemId::from),
                    heard_ms: taken_ms,
                    unheard: queued_tracks_unheard.iter().map(|t| item(t)).collect(),
                };
                self.converse(input, now);
            }
            AudioEvent::Finished { track } => {
                self.stir(now);
                self.converse(Input::PlaybackFinished { item_id: item(&track) }, now);
            }
            AudioEvent::Speech(LocalSpeech::Confirmed) => self.converse(Input::SpeechConfirmed, now),
            AudioEvent::Speech(LocalSpeech::Suspected) => self.suspect(true),
            AudioEvent::Speech(LocalSpeech::FalseAlarm) => self.suspect(false),
            AudioEvent::InputEnded if self.recording => self.end(Ending::AfterQuiet { since: now }),
            AudioEvent::InputEnded => {}
            AudioEvent::Device(event) => self.device(&event, now),
        }
    }
}

fn item(track: &str) -> ItemId {
    ItemId::from(track)
}
