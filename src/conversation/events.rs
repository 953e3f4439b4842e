//! What the server's events do to a conversation.

use std::time::Instant;

use super::playback::Verdict;
use super::{Cancel, Conversation, FunctionCall, Level, Output, Purpose, Report, SELF_TALK, TurnMode, calls};
use crate::protocol::server_event::{AudioDelta, Committed, ItemEvent, OutputItem, SpeechStarted};
use crate::protocol::usage::TranscriptionUsage;
use crate::protocol::{
    ClientEvent, ContentPart, Item, ItemId, ItemKind, ItemStatus, Response, ResponseId, ResponseStatus, Role,
    ServerEvent,
};

/// Answers back of which an echo may still be heard.
const ECHOED: usize = 3;

impl Conversation {
    pub(super) fn server(&mut self, event: ServerEvent, now: Instant) {
        match event {
            ServerEvent::Error { error } => self.api_error(&error, now),
            ServerEvent::SessionCreated(e) => self.session_created(&e.session),
            ServerEvent::SessionUpdated(e) => self.session_updated(&e.session),
            ServerEvent::SpeechStarted(e) => self.speech_started(&e, now),
            ServerEvent::SpeechStopped(_) => self.speech_stopped(now),
            ServerEvent::Committed(e) => self.committed(&e, now),
            ServerEvent::ItemAdded(e) | ServerEvent::ItemCreated(e) | ServerEvent::ItemDone(e) => {
                self.item(&e, now);
            }
            ServerEvent::InputTranscriptionDelta(e) => self.transcript.spoken_delta(&e.item_id, &e.delta),
            ServerEvent::InputTranscriptionCompleted(e) => {
                if e.status.as_deref() != Some("in_progress") {
                    if let Some(usage) = e.usage.as_ref().and_then(TranscriptionUsage::read) {
                        self.report(Report::Transcribed(usage));
                    }
                    self.transcribed(e.item_id, e.transcript.trim(), now);
                }
            }
            ServerEvent::InputTranscriptionFailed(e) => {
                let why = if e.error.message.is_empty() { "not understood" } else { &e.error.message };
                self.transcript.spoken_failed(&e.item_id, why);
                self.notice(Level::Warning, &format!("your words were not transcribed: {why}"));
            }
            ServerEvent::ResponseCreated(e) => self.response_created(e.response.id, now),
            ServerEvent::ResponseDone(e) => self.response_done(&e.response, now),
            ServerEvent::ResponseCancelled(e) => self.responses.done(&e.response_id),
            ServerEvent::OutputItemAdded(e) => self.output_item(&e, now),
            ServerEvent::OutputItemDone(e) => self.output_item_done(&e, now),
            ServerEvent::OutputTextDelta(e) | ServerEvent::OutputTranscriptDelta(e) => {
                if self.accepts(&e.response_id) {
                    self.responses.progressed();
                    if !self.config.spoken {
                        self.answered(now);
                    }
                    self.transcript.answer_delta(&e.item_id, e.content_index, &e.delta);
                }
            }
            ServerEvent::OutputTextDone(e) => {
                self.answer_text(&e.response_id, &e.item_id, e.content_index, &e.text);
            }
            ServerEvent::OutputTranscriptDone(e) => {
                self.answer_text(&e.response_id, &e.item_id, e.content_index, &e.transcript);
            }
            ServerEvent::OutputAudioDelta(e) => self.audio_delta(&e, now),
            ServerEvent::OutputAudioDone(e) => {
                if self.accepts(&e.response_id) {
                    self.end_of_sound(&e.item_id);
                }
            }
            ServerEvent::CallArgumentsDelta(e) if self.accepts(&e.response_id) => {
                self.responses.progressed();
                let call_id = calls::key(&e.call_id, &e.item_id);
                self.calls.arguments_delta(&call_id, &e.item_id, &e.delta);
                self.transcript.call_arguments(&call_id, |call| call.arguments.push_str(&e.delta));
            }
            ServerEvent::CallArgumentsDone(e) if self.accepts(&e.response_id) => {
                let call_id = calls::key(&e.call_id, &e.item_id);
                self.call(&e.response_id, &e.item_id, &call_id, &e.name);
                self.calls.arguments_done(&call_id, &e.item_id, &e.arguments);
                self.transcript.call_arguments(&call_id, |call| e.arguments.clone_into(&mut call.arguments));
            }
            // Nothing of these is needed, or they are about transports and tools of other kinds.
            ServerEvent::CallArgumentsDelta(_)
            | ServerEvent::CallArgumentsDone(_)
            | ServerEvent::TranscriptionSessionUpdated(_)
            | ServerEvent::ConversationCreated(_)
            | ServerEvent::ItemRetrieved(_)
            | ServerEvent::ItemDeleted(_)
            | ServerEvent::ItemTruncated(_)
            | ServerEvent::InputTranscriptionSegment(_)
            | ServerEvent::Cleared {}
            | ServerEvent::TimeoutTriggered(_)
            | ServerEvent::DtmfEventReceived(_)
            | ServerEvent::OutputAudioBufferStarted(_)
            | ServerEvent::OutputAudioBufferStopped(_)
            | ServerEvent::OutputAudioBufferCleared(_)
            | ServerEvent::ContentPartAdded(_)
            | ServerEvent::ContentPartDone(_)
            | ServerEvent::McpCallArgumentsDelta(_)
            | ServerEvent::McpCallArgumentsDone(_)
            | ServerEvent::McpCallInProgress(_)
            | ServerEvent::McpCallCompleted(_)
            | ServerEvent::McpCallFailed(_)
            | ServerEvent::McpListToolsInProgress(_)
            | ServerEvent::McpListToolsCompleted(_)
            | ServerEvent::McpListToolsFailed(_)
            | ServerEvent::RateLimitsUpdated(_)
            | ServerEvent::Unknown { .. } => {}
        }
    }

    // ---- the person speaks ----

    fn speech_started(&mut self, event: &SpeechStarted, now: Instant) {
        if self.mode != TurnMode::Vad {
            return;
        }
        self.self_talk.turn_began(&event.item_id, self.playback.is_audible(), now);
        if self.config.vad.interrupt_response {
            self.barge_in(Cancel::Servers, now);
        }
        self.interrupted = false;
        self.hearing = true;
        self.speech.begins(Some(&event.item_id));
        self.transcript.spoken(&event.item_id, None);
    }

    /// The server may hear it later, or differently; the person is not made to wait for that.
    pub(super) fn speech_confirmed(&mut self, now: Instant) {
        let interrupts = self.mode == TurnMode::Vad && self.config.vad.interrupt_response;
        if interrupts && !self.hearing && self.playback.is_audible() {
            self.barge_in(Cancel::Ours, now);
        }
    }

    fn speech_stopped(&mut self, now: Instant) {
        if self.mode == TurnMode::Vad && std::mem::replace(&mut self.hearing, false) {
            self.speech.ends(None);
            if self.config.vad.create_response {
                self.turn_ended = Some(now);
                self.responses.expect(now);
            }
        }
    }

    fn committed(&mut self, event: &Committed, now: Instant) {
        if self.mode == TurnMode::Vad {
            self.speech_stopped(now);
        }
        self.speech.ends(Some(&event.item_id));
        self.transcript.spoken(&event.item_id, event.previous_item_id.as_ref());
    }

    fn transcribed(&mut self, item_id: ItemId, text: &str, now: Instant) {
        self.speech.transcribed(&item_id);
        if self.transcript.spoken_done(&item_id, text) {
            if self.self_talk.is_loop(&item_id, text, &self.transcript.last_answers(ECHOED)) {
                self.barge_in(Cancel::Ours, now);
                self.outputs.push_back(Output::HearsItself);
                self.notice(Level::Warning, SELF_TALK);
            }
            self.report(Report::User { item_id, text: text.to_owned(), spoken: true });
        }
    }

    /// The person cuts in: everything that sounds or is on its way is stopped.
    pub(super) fn barge_in(&mut self, cancel: Cancel, now: Instant) {
        self.turn_ended = None;
        if let Some(id) = self.responses.interrupt(now) {
            self.interrupted = true;
            self.drop_calls(&id);
            if cancel == Cancel::Ours {
                self.cancel(id);
            }
        }
        if self.playback.flush() {
            self.interrupted = true;
            self.outputs.push_back(Output::FlushPlayback);
        }
    }

    fn cancel(&mut self, id: ResponseId) {
        let response_id = Some(id).filter(|id| !id.is_empty());
        self.send(Purpose::Tidy, ClientEvent::ResponseCancel { response_id });
    }

    // ---- responses ----

    fn response_created(&mut self, id: ResponseId, now: Instant) {
        if self.responses.created(id.clone(), now) {
            self.cancel(id);
        }
    }

    fn response_done(&mut self, response: &Response, now: Instant) {
        self.responses.done(&response.id);
        if let Some(usage) = response.usage
            && self.responses.is_first_bill(&response.id)
        {
            add(&mut self.usage, &usage);
            self.report(Report::Usage(usage));
        }
        let interrupted = self.responses.is_interrupted(&response.id);
        let cut = interrupted || response.status == ResponseStatus::Cancelled;
        for item in &response.output {
            self.finish_item(&response.id, item, cut);
        }
        if !self.responses.is_running() {
            self.finish_answers(cut);
        }
        match response.status {
            ResponseStatus::Completed | ResponseStatus::Unknown | ResponseStatus::InProgress
                if !interrupted =>
            {
                self.speech.understood();
                self.run_calls(&response.id, now);
            }
            _ => self.drop_calls(&response.id),
        }
        self.tell_why_it_ended(response);
    }

    fn tell_why_it_ended(&mut self, response: &Response) {
        let details = response.status_details.as_ref();
        let reason = details.and_then(|d| d.reason.as_deref());
        match response.status {
            ResponseStatus::Failed => {
                let error = details.and_then(|d| d.error.as_ref());
                let why = error.and_then(|e| e.message.as_deref().or(e.code.as_deref()));
                self.notice(Level::Error, &format!("no answer: {}", why.unwrap_or("the model failed")));
            }
            ResponseStatus::Incomplete => {
                let why = reason.unwrap_or("the server does not say why");
                self.notice(Level::Warning, &format!("the answer is incomplete: {why}"));
            }
            ResponseStatus::InProgress
            | ResponseStatus::Completed
            | ResponseStatus::Cancelled
            | ResponseStatus::Unknown => {}
        }
    }

    fn run_calls(&mut self, response_id: &ResponseId, now: Instant) {
        for call in self.calls.run(response_id, now) {
            self.transcript.call_running(&call);
            self.report(Report::ToolCall(call.clone()));
            self.outputs.push_back(Output::CallTool(call));
        }
    }

    fn drop_calls(&mut self, response_id: &ResponseId) {
        for call_id in self.calls.drop_response(response_id) {
            self.transcript.call_failed(&call_id);
        }
    }

    // ---- items ----

    /// The server acknowledges an item, or tells of one: in GA by `added` and `done`, in beta by `created`.
    fn item(&mut self, event: &ItemEvent, now: Instant) {
        let (id, previous) = (event.item.id(), event.previous_item_id.as_ref());
        match &event.item.kind {
            ItemKind::Message { role: Role::User, content, .. } => {
                let typed = content.iter().find_map(|p| p.text.as_deref());
                match typed {
                    Some(_) => {}
                    None => self.transcript.spoken(&id, previous),
                }
                if let Some(words) =
                    content.iter().find_map(|p| p.transcript.clone()).filter(|t| !t.is_empty())
                {
                    self.transcribed(id, words.trim(), now);
                }
            }
            ItemKind::Message { role: Role::Assistant, .. }
                if event.item.status == Some(ItemStatus::InProgress) =>
            {
                self.transcript.answer(&id, previous);
            }
            _ => {}
        }
    }

    fn output_item(&mut self, event: &OutputItem, now: Instant) {
        if !self.accepts(&event.response_id) {
            return;
        }
        let id = event.item.id();
        match &event.item.kind {
            ItemKind::Message { .. } => self.transcript.answer(&id, None),
            ItemKind::FunctionCall { call_id, name, arguments } => {
                self.responses.progressed();
                // Where answers are spoken, the person waits for their sound.
                if !self.config.spoken {
                    self.answered(now);
                }
                let call_id = calls::key(call_id, &id);
                self.call(&event.response_id, &id, &call_id, name);
                if !arguments.is_empty() {
                    self.transcript
                        .call_arguments(&call_id, |call| arguments.clone_into(&mut call.arguments));
                }
            }
            _ => {}
        }
    }

    fn output_item_done(&mut self, event: &OutputItem, now: Instant) {
        if self.accepts(&event.response_id) {
            self.output_item(event, now);
            self.finish_item(
                &event.response_id,
                &event.item,
                event.item.status == Some(ItemStatus::Incomplete),
            );
        }
    }

    fn call(&mut self, response_id: &ResponseId, id: &ItemId, call_id: &crate::protocol::CallId, name: &str) {
        if self.calls.announce(response_id, id, call_id, name) {
            let (call_id, name) = (call_id.clone(), name.to_owned());
            self.transcript.call(id, None, FunctionCall { call_id, name, arguments: String::new() });
        }
    }

    /// All that an item will be is known now, from its own event or from the response's end, whichever comes.
    fn finish_item(&mut self, response_id: &ResponseId, item: &Item, cut: bool) {
        let id = item.id();
        match &item.kind {
            ItemKind::Message { content, .. } => {
                self.end_of_sound(&id);
                if !self.playback.contains(&id) {
                    self.finish_silent_answer(&id, content, cut);
                }
            }
            ItemKind::FunctionCall { call_id, name, arguments } => {
                let call_id = calls::key(call_id, &id);
                self.call(response_id, &id, &call_id, name);
                if item.status != Some(ItemStatus::Incomplete) {
                    self.calls.arguments_done(&call_id, &id, arguments);
                }
            }
            _ => {}
        }
    }

    /// No response runs, so no answer will get any longer, also those that the end of theirs did not name.
    pub(super) fn finish_answers(&mut self, cut: bool) {
        for id in self.playback.receiving() {
            self.end_of_sound(&id);
        }
        for id in self.transcript.unsettled() {
            if !self.playback.contains(&id) {
                self.finish_silent_answer(&id, &[], cut);
            }
        }
    }

    /// An answer without sound: written, or cut before its first sound, or played to the end already.
    fn finish_silent_answer(&mut self, id: &ItemId, content: &[ContentPart], cut: bool) {
        if cut {
            self.transcript.cut(id, if self.config.spoken { 0.0 } else { 1.0 });
        } else {
            for (index, part) in content.iter().enumerate() {
                self.transcript.answer_text(id, index as u32, part.words().unwrap_or_default());
            }
        }
        self.settle(id);
    }

    fn answer_text(&mut self, response_id: &ResponseId, item_id: &ItemId, content_index: u32, text: &str) {
        if self.accepts(response_id) {
            self.transcript.answer_text(item_id, content_index, text);
            self.transcript.answer_done(item_id);
        }
    }

    fn accepts(&self, response_id: &ResponseId) -> bool {
        !self.responses.is_interrupted(response_id)
    }

    // ---- sound ----

    fn audio_delta(&mut self, event: &AudioDelta, now: Instant) {
        if !self.accepts(&event.response_id) {
            return;
        }
        self.responses.progressed();
        if self.playback.is_empty() {
            self.sound_came = Some(now);
        }
        let pcm = self.playback.receive(&event.item_id, &event.delta);
        if pcm.is_empty() {
            return;
        }
        if let Some(late) = self.pace.came(&event.item_id, pcm.len(), now) {
            self.voice_is_late(&late);
        }
        self.outputs.push_back(Output::Play { item_id: event.item_id.clone(), pcm });
    }

    pub(super) fn end_of_sound(&mut self, item_id: &ItemId) {
        if self.playback.end(item_id) {
            self.outputs.push_back(Output::PlayEnd { item_id: item_id.clone() });
        }
    }

    pub(super) fn playback_started(&mut self, item_id: &ItemId, now: Instant) {
        self.playback.started(item_id);
        if let Some(since) = self.sound_came.take() {
            self.own_latency = Some(now.saturating_duration_since(since));
        }
        self.answered(now);
    }

    pub(super) fn playback_finished(&mut self, item_id: &ItemId) {
        if self.playback.finished(item_id) {
            self.settle(item_id);
        }
    }

    pub(super) fn playback_flushed(&mut self, item_id: Option<ItemId>, heard_ms: u64, unheard: Vec<ItemId>) {
        for (id, heard_ms) in
            item_id.map(|id| (id, heard_ms)).into_iter().chain(unheard.into_iter().map(|id| (id, 0)))
        {
            let Some(verdict) = self.playback.flushed(&id, heard_ms) else { continue };
            match verdict {
                Verdict::Whole => {}
                Verdict::Heard { ms, of_ms, known } => {
                    self.transcript.cut(&id, ms as f64 / of_ms as f64);
                    if known {
                        self.truncate(&id, ms);
                    }
                }
                Verdict::Nothing => {
                    self.transcript.cut(&id, 0.0);
                    self.send(Purpose::Tidy, ClientEvent::ConversationItemDelete { item_id: id.clone() });
                }
            }
            self.settle(&id);
        }
        for (id, heard) in self.playback.flush_done() {
            if heard { self.settle(&id) } else { self.finish_silent_answer(&id, &[], true) }
        }
    }

    fn truncate(&mut self, item_id: &ItemId, audio_end_ms: u64) {
        let event = ClientEvent::ConversationItemTruncate {
            item_id: item_id.clone(),
            content_index: 0,
            audio_end_ms,
        };
        self.send(Purpose::Tidy, event);
    }

    pub(super) fn settle(&mut self, item_id: &ItemId) {
        if let Some((text, interrupted)) = self.transcript.settle(item_id)
            && (!text.is_empty() || interrupted)
        {
            self.report(Report::Assistant { item_id: item_id.clone(), text, interrupted });
        }
    }
}

fn add(total: &mut crate::protocol::Usage, more: &crate::protocol::Usage) {
    total.total_tokens += more.total_tokens;
    total.input_tokens += more.input_tokens;
    total.output_tokens += more.output_tokens;
    let (input, new) = (&mut total.input_token_details, &more.input_token_details);
    input.text_tokens += new.text_tokens;
    input.audio_tokens += new.audio_tokens;
    input.image_tokens += new.image_tokens;
    input.cached_tokens += new.cached_tokens;
    let (output, new) = (&mut total.output_token_details, &more.output_token_details);
    output.text_tokens += new.text_tokens;
    output.audio_tokens += new.audio_tokens;
}
