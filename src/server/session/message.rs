//! One assistant message while it is being made: its events, in their order, and its sound.

use std::collections::VecDeque;

use super::Output;
use super::conversation::KEPT_OF_ONE;
use super::items::server_item;
use super::outbox::Outbox;
use super::plan::Plan;
use super::prompt;
use super::sentences::Sentences;
use crate::codec::Encoder;
use crate::protocol::item::{ContentPart, ItemKind, ItemStatus, PartKind, Role};
use crate::protocol::server_event::{
    AudioDelta, AudioDone, ContentPartEvent, Part, TextDelta, TextDone, TranscriptDone,
};
use crate::protocol::{Item, ItemId, ResponseId, ServerEvent};
use crate::server::engine::ENGINE_RATE;

/// The least and the most sound of one event: 60 and 200 ms.
const LEAST_SOUND: usize = ENGINE_RATE as usize * 60 / 1000;
const MOST_SOUND: usize = ENGINE_RATE as usize / 5;

#[derive(Debug)]
pub(super) struct Message {
    response_id: ResponseId,
    pub(super) item_id: ItemId,
    output_index: u32,
    spoken: bool,
    /// What the client was told so far.
    text: String,
    sentences: Sentences,
    /// Complete, but not yet spoken.
    to_say: VecDeque<String>,
    /// A synthesizer is at work.
    speaking: bool,
    /// What it speaks, until its first sound is there.
    unsaid: String,
    /// No more text comes.
    complete: bool,
    encoder: Encoder,
    /// Samples told to the client: how many, and the first of them.
    length: u64,
    sound: Vec<i16>,
    /// Those that still wait to be enough for an event.
    waiting: Vec<i16>,
}

impl Message {
    /// Announces the content; the item itself was announced before.
    pub(super) fn open(
        response_id: ResponseId,
        item_id: ItemId,
        output_index: u32,
        plan: &Plan,
        out: &mut Outbox,
    ) -> Self {
        let message = Self {
            response_id,
            item_id,
            output_index,
            spoken: plan.is_spoken(),
            text: String::new(),
            sentences: Sentences::default(),
            to_say: VecDeque::new(),
            speaking: false,
            unsaid: String::new(),
            complete: false,
            encoder: Encoder::new(plan.format),
            length: 0,
            sound: Vec::new(),
            waiting: Vec::new(),
        };
        out.send(ServerEvent::ContentPartAdded(message.part_event()));
        message
    }

    pub(super) fn is_spoken(&self) -> bool {
        self.spoken
    }

    /// Samples of sound told so far.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn text_tokens(&self) -> u64 {
        prompt::text_tokens(&self.text)
    }

    /// All was told and spoken.
    pub(super) fn is_over(&self) -> bool {
        self.complete && !self.speaking && self.to_say.is_empty()
    }

    pub(super) fn add(&mut self, text: &str, out: &mut Outbox) {
        if self.spoken {
            self.sentences.push(text, &mut self.to_say);
        } else {
            self.tell(text, out);
        }
    }

    pub(super) fn complete(&mut self) {
        self.complete = true;
        self.sentences.finish(&mut self.to_say);
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Lets the next sentence be spoken. Its words are told with its first sound, so that nobody reads what is not said.
    pub(super) fn say_next(&mut self, plan: &Plan, out: &mut Outbox) {
        while !self.speaking {
            let Some(text) = self.to_say.pop_front() else { return };
            if !text.chars().any(char::is_alphanumeric) {
                self.tell(&text, out);
                continue;
            }
            self.speaking = true;
            out.push(Output::Speak {
                response_id: self.response_id.clone(),
                item_id: self.item_id.clone(),
                text: text.trim().to_owned(),
                voice: plan.voice.clone(),
            });
            self.unsaid = text;
        }
    }

    pub(super) fn sounds(&mut self, samples: &[i16], out: &mut Outbox) {
        self.waiting.extend_from_slice(samples);
        while self.waiting.len() >= LEAST_SOUND {
            let rest = self.waiting.split_off(self.waiting.len().min(MOST_SOUND));
            let piece = std::mem::replace(&mut self.waiting, rest);
            self.tell_unsaid(out);
            self.tell_sound(&piece, out);
        }
    }

    /// Also of a sentence that made no sound: its words are told all the same.
    pub(super) fn sentence_spoken(&mut self, out: &mut Outbox) {
        self.speaking = false;
        self.tell_unsaid(out);
        if !self.waiting.is_empty() {
            let piece = std::mem::take(&mut self.waiting);
            self.tell_sound(&piece, out);
        }
    }

    /// Ends the content with what was told, and returns the finished item and its sound.
    pub(super) fn close(mut self, status: ItemStatus, out: &mut Outbox) -> (Item, Vec<i16>) {
        if self.spoken {
            let rest = self.encoder.flush();
            if !rest.0.is_empty() && self.length > 0 && status == ItemStatus::Completed {
                out.send(ServerEvent::OutputAudioDelta(self.delta(rest)));
            }
            out.send(ServerEvent::OutputAudioDone(AudioDone {
                response_id: self.response_id.clone(),
                item_id: self.item_id.clone(),
                output_index: self.output_index,
                content_index: 0,
            }));
        }
        out.send(self.text_done());
        out.send(ServerEvent::ContentPartDone(self.part_event()));
        let item = server_item(self.item_id.clone(), status, self.kind());
        (item, self.sound)
    }

    fn tell_unsaid(&mut self, out: &mut Outbox) {
        let text = std::mem::take(&mut self.unsaid);
        self.tell(&text, out);
    }

    fn tell(&mut self, text: &str, out: &mut Outbox) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        let delta = TextDelta {
            response_id: self.response_id.clone(),
            item_id: self.item_id.clone(),
            output_index: self.output_index,
            content_index: 0,
            delta: text.to_owned(),
        };
        out.send(if self.spoken {
            ServerEvent::OutputTranscriptDelta(delta)
        } else {
            ServerEvent::OutputTextDelta(delta)
        });
    }

    fn tell_sound(&mut self, samples: &[i16], out: &mut Outbox) {
        self.length += samples.len() as u64;
        let room = KEPT_OF_ONE.saturating_sub(self.sound.len());
        self.sound.extend_from_slice(&samples[..samples.len().min(room)]);
        let bytes = self.encoder.push(samples);
        if !bytes.0.is_empty() {
            out.send(ServerEvent::OutputAudioDelta(self.delta(bytes)));
        }
    }

    fn delta(&self, delta: crate::pcm::AudioBytes) -> AudioDelta {
        AudioDelta {
            response_id: self.response_id.clone(),
            item_id: self.item_id.clone(),
            output_index: self.output_index,
            content_index: 0,
            delta,
        }
    }

    fn text_done(&self) -> ServerEvent {
        let (response_id, item_id) = (self.response_id.clone(), self.item_id.clone());
        let (output_index, content_index, text) = (self.output_index, 0, self.text.clone());
        if self.spoken {
            let transcript = text;
            ServerEvent::OutputTranscriptDone(TranscriptDone {
                response_id,
                item_id,
                output_index,
                content_index,
                transcript,
            })
        } else {
            ServerEvent::OutputTextDone(TextDone { response_id, item_id, output_index, content_index, text })
        }
    }

    fn part_event(&self) -> ContentPartEvent {
        let text = Some(self.text.clone());
        let part = if self.spoken {
            Part { kind: "audio".to_owned(), text: None, transcript: text }
        } else {
            Part { kind: "text".to_owned(), text, transcript: None }
        };
        ContentPartEvent {
            response_id: self.response_id.clone(),
            item_id: self.item_id.clone(),
            output_index: self.output_index,
            content_index: 0,
            part,
        }
    }

    fn kind(&self) -> ItemKind {
        let part = if self.spoken {
            let transcript = Some(self.text.clone());
            ContentPart { kind: PartKind::OutputAudio, transcript, ..ContentPart::default() }
        } else {
            ContentPart::text(PartKind::OutputText, &self.text)
        };
        ItemKind::Message { role: Role::Assistant, content: vec![part], phase: None }
    }
}

/// The item of a message as it is announced: without content.
pub(super) fn announced(id: ItemId) -> Item {
    let kind = ItemKind::Message { role: Role::Assistant, content: Vec::new(), phase: None };
    server_item(id, ItemStatus::InProgress, kind)
}
