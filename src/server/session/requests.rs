//! What a client asks of a session, event by event. Whatever it gets wrong is an `error` event and changes nothing.

use std::time::Instant;

use super::answer::End;
use super::conversation::{Place, Record};
use super::items;
use super::refusal::{Refusal, invalid, no_such_previous_item, not_more, nothing_to_cancel};
use super::transcription;
use super::{Listen, ServerSession};
use crate::pcm::{AudioBytes, Pcm16};
use crate::protocol::item::ItemKind;
use crate::protocol::response::ResponseCreate;
use crate::protocol::server_event::{ItemEvent, ItemIdOnly, ItemTruncated, SessionEvent};
use crate::protocol::{
    ApiError, ClientEvent, ClientMessage, Dialect, Item, ItemId, ResponseId, ServerEvent, Session,
};

/// Items of one response's own context.
const MAX_INPUT: usize = 1_024;

impl ServerSession {
    pub(super) fn client(&mut self, message: Result<ClientMessage, Box<ApiError>>, now: Instant) {
        let (cause, result) = match message {
            Ok(message) => (message.event_id, self.request(message.event, now)),
            Err(error) => (None, Err(error)),
        };
        if let Err(error) = result {
            self.out.refuse(*error, cause);
        }
    }

    fn request(&mut self, event: ClientEvent, now: Instant) -> Result<(), Refusal> {
        if self.settings.only_transcribes()
            && let Some(event) = transcription::has_no(&event)
        {
            return not_here(event);
        }
        match event {
            ClientEvent::SessionUpdate { session } => self.update(&session, ServerEvent::SessionUpdated),
            ClientEvent::TranscriptionSessionUpdate { session }
                if self.settings.dialect() == Dialect::Beta =>
            {
                self.update(&session, ServerEvent::TranscriptionSessionUpdated)
            }
            ClientEvent::TranscriptionSessionUpdate { .. } => not_here("transcription_session.update"),
            ClientEvent::InputAudioBufferAppend { audio: AudioBytes(bytes) } => {
                self.hear(bytes, now);
                Ok(())
            }
            ClientEvent::InputAudioBufferCommit {} => self.commit(),
            ClientEvent::InputAudioBufferClear {} => {
                self.input.clear(&mut self.out);
                self.out.send(ServerEvent::Cleared {});
                Ok(())
            }
            ClientEvent::ConversationItemCreate { previous_item_id, item } => {
                self.create(previous_item_id, item)
            }
            ClientEvent::ConversationItemRetrieve { item_id } => self.retrieve(&item_id),
            ClientEvent::ConversationItemTruncate { item_id, content_index, audio_end_ms } => {
                self.conversation.truncate(&item_id, content_index, audio_end_ms)?;
                self.out.send(ServerEvent::ItemTruncated(ItemTruncated {
                    item_id,
                    content_index,
                    audio_end_ms,
                }));
                Ok(())
            }
            ClientEvent::ConversationItemDelete { item_id } => self.delete(&item_id),
            ClientEvent::ResponseCreate { response } => {
                self.respond(&response.map_or_else(ResponseCreate::default, |r| *r), now)
            }
            ClientEvent::ResponseCancel { response_id } => self.cancel(response_id, now),
            ClientEvent::OutputAudioBufferClear {} => not_here("output_audio_buffer.clear"),
        }
    }

    fn update(&mut self, update: &Session, told: fn(SessionEvent) -> ServerEvent) -> Result<(), Refusal> {
        let voice_fixed = self.is_voice_fixed();
        self.settings.update(update, voice_fixed)?;
        self.input.configure(self.settings.input_format(), self.settings.turns(), &mut self.out);
        if self.settings.turns().is_none_or(|t| t.idle_timeout_ms.is_none()) {
            self.idle = None;
        }
        let session = Box::new(self.settings.session().clone());
        self.out.send(told(SessionEvent { session }));
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Refusal> {
        let take = self.input.commit(&mut self.out)?;
        self.idle = None;
        self.committed(take);
        Ok(())
    }

    fn create(&mut self, previous: Option<ItemId>, item: Item) -> Result<(), Refusal> {
        self.conversation.check_room()?;
        let place = match previous {
            None => Place::Last,
            Some(id) if id.as_str() == "root" => Place::First,
            Some(id) if self.conversation.contains(&id) => Place::After(id),
            Some(id) => return Err(no_such_previous_item(&id)),
        };
        let given = self.accept(item, "item")?;
        let item = given.item.clone();
        let previous = self.conversation.insert(&place, given);
        self.out.item_added(previous.clone(), item.clone());
        self.out.item_done(previous, item);
        Ok(())
    }

    /// Checks an item of the client and lets its sound be recognized.
    fn accept(&mut self, item: Item, at: &str) -> Result<Record, Refusal> {
        if let Some(id) = item.id.as_ref().filter(|id| self.input.announced() == Some(*id)) {
            return Err(super::refusal::duplicate_item(id));
        }
        let format = self.settings.input_format();
        let given = items::accept(item, at, format, &self.conversation, &mut self.out.ids)?;
        if let Some(samples) = given.speech {
            let item_id = given.record.item.id();
            self.out.listen(Listen::Begin { item_id: item_id.clone() });
            self.out.listen(Listen::Feed { item_id: item_id.clone(), pcm: Pcm16::new(samples) });
            self.out.listen(Listen::Finish { item_id });
        }
        Ok(given.record)
    }

    fn retrieve(&mut self, id: &ItemId) -> Result<(), Refusal> {
        let from_assistant = self.conversation.record(id).is_some_and(Record::is_from_assistant);
        let output_format = self.settings.session().audio.output.format.unwrap_or_default();
        let format = if from_assistant { output_format } else { self.settings.input_format() };
        let item = self.conversation.retrieve(id, format)?;
        self.out.send(ServerEvent::ItemRetrieved(ItemEvent { previous_item_id: None, item }));
        Ok(())
    }

    fn delete(&mut self, item_id: &ItemId) -> Result<(), Refusal> {
        let record = self.conversation.delete(item_id)?;
        self.out.send(ServerEvent::ItemDeleted(ItemIdOnly { item_id: item_id.clone() }));
        if record.is_pending() {
            self.out.listen(Listen::Abandon { item_id: item_id.clone() });
            self.words_settled(item_id);
        }
        Ok(())
    }

    fn cancel(&mut self, id: Option<ResponseId>, now: Instant) -> Result<(), Refusal> {
        let found = match id {
            Some(id) => self.answers.iter().find(|a| a.id == id),
            None => self.active(),
        };
        let id = found.map(|a| a.id.clone()).ok_or_else(nothing_to_cancel)?;
        self.answer(&id, now, |answer, world| answer.end(End::Cancelled("client_cancelled"), world));
        Ok(())
    }

    /// What a response answers to: the conversation, or the items given for it. Also names those that are its own.
    pub(super) fn context(&mut self, input: Option<&[Item]>) -> Result<(Vec<ItemId>, Vec<ItemId>), Refusal> {
        let Some(input) = input else { return Ok((self.conversation.order().to_vec(), Vec::new())) };
        not_more("response.input", input.len(), MAX_INPUT)?;
        let (mut context, mut aside) = (Vec::new(), Vec::new());
        for (index, item) in input.iter().enumerate() {
            match self.context_item(item, &format!("response.input[{index}]")) {
                Ok((id, is_own)) => {
                    context.push(id.clone());
                    aside.extend(is_own.then_some(id));
                }
                Err(error) => {
                    // Nothing of a refused response may stay behind.
                    for item_id in aside {
                        if self.conversation.record(&item_id).is_some_and(Record::is_pending) {
                            self.out.listen(Listen::Abandon { item_id: item_id.clone() });
                        }
                        self.conversation.remove_aside(&item_id);
                    }
                    return Err(error);
                }
            }
        }
        Ok((context, aside))
    }

    fn context_item(&mut self, item: &Item, at: &str) -> Result<(ItemId, bool), Refusal> {
        if item.kind == ItemKind::ItemReference {
            let id = item.id();
            if self.conversation.contains(&id) {
                return Ok((id, false));
            }
            return Err(invalid(
                &format!("{at}.id"),
                format!("Item with id '{id}' not found in conversation."),
            ));
        }
        if let ItemKind::FunctionCall { call_id, .. } = &item.kind {
            self.conversation.remember_call(call_id.clone());
        }
        let record = self.accept(item.clone(), at)?;
        let id = record.item.id();
        self.conversation.insert_aside(record);
        Ok((id, true))
    }
}

fn not_here(event: &str) -> Result<(), Refusal> {
    Err(invalid("type", format!("Invalid value: '{event}'. This kind of session has no such event.")))
}
