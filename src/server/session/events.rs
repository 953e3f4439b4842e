//! What happens to a session without being asked: turns found in the sound, words recognized, time running out.

use std::time::{Duration, Instant};

use serde_json::json;

use super::answer::{Answer, End, World};
use super::conversation::{Place, Record, Words};
use super::input::{Noticed, Take};
use super::items;
use super::plan::Plan;
use super::refusal::{Refusal, already_active, refuse};
use super::{Output, ServerSession};
use crate::pcm::samples_to_ms;
use crate::protocol::response::ResponseCreate;
use crate::protocol::server_event::{
    Committed, ConversationCreated, ConversationObject, InputTranscriptionCompleted,
    InputTranscriptionFailed, SessionEvent, SpeechStarted, SpeechStopped, TimeoutTriggered,
};
use crate::protocol::{ApiError, Dialect, ItemId, ServerEvent};
use crate::server::engine::{ENGINE_RATE, EngineError, Heard};

impl ServerSession {
    pub(super) fn greet(&mut self) {
        let session = Box::new(self.settings.session().clone());
        self.out.send(ServerEvent::SessionCreated(SessionEvent { session }));
        if self.settings.dialect() == Dialect::Beta {
            let conversation = ConversationObject {
                id: self.conversation_id.clone(),
                object: "realtime.conversation".to_owned(),
            };
            self.out.send(ServerEvent::ConversationCreated(ConversationCreated { conversation }));
        }
    }

    /// Takes in sound, frame by frame, because a turn may end in the middle of it.
    pub(super) fn hear(&mut self, bytes: Vec<u8>, now: Instant) {
        let samples = self.input.decode(bytes);
        let mut rest = samples.as_slice();
        while !rest.is_empty() {
            let (frame, behind) = rest.split_at(rest.len().min(self.input.frame()));
            rest = behind;
            match self.input.write(frame, &mut self.out) {
                Some(Noticed::Started { item_id, at_ms }) => self.speech_started(item_id, at_ms, now),
                Some(Noticed::Stopped { item_id, at_ms }) => self.speech_stopped(item_id, at_ms, now),
                None => {}
            }
        }
    }

    fn speech_started(&mut self, item_id: ItemId, audio_start_ms: u64, now: Instant) {
        self.idle = None;
        self.out.send(ServerEvent::SpeechStarted(SpeechStarted { item_id, audio_start_ms }));
        if self.settings.turns().is_some_and(|t| t.interrupt_response)
            && let Some(id) = self.active().map(|a| a.id.clone())
        {
            self.answer(&id, now, |answer, world| answer.end(End::Cancelled("turn_detected"), world));
        }
    }

    fn speech_stopped(&mut self, item_id: ItemId, audio_end_ms: u64, now: Instant) {
        self.out.send(ServerEvent::SpeechStopped(SpeechStopped { item_id, audio_end_ms }));
        let take = self.input.take(&mut self.out);
        self.committed(take);
        if self.settings.turns().is_some_and(|t| t.create_response) {
            self.respond_by_itself(now);
        }
    }

    /// An item of its own for what was said; its words come later.
    pub(super) fn committed(&mut self, take: Take) {
        let item = items::spoken(take.item_id.clone());
        let told = self.settings.transcription_model();
        let record = Record::speech(item.clone(), take.sound, take.length, told);
        let previous = self.conversation.insert(&Place::Last, record);
        self.out.send(ServerEvent::Committed(Committed {
            item_id: take.item_id,
            previous_item_id: previous.clone(),
        }));
        self.out.item_added(previous.clone(), item.clone());
        self.out.item_done(previous, item);
    }

    fn respond_by_itself(&mut self, now: Instant) {
        if let Err(error) = self.respond(&ResponseCreate::default(), now) {
            self.out.refuse(*error, None);
        }
    }

    /// Begins a response, or says why not.
    pub(super) fn respond(&mut self, create: &ResponseCreate, now: Instant) -> Result<(), Refusal> {
        let voice_fixed = self.is_voice_fixed();
        let plan = Plan::new(&self.settings, &self.conversation_id, create, voice_fixed)?;
        self.check_room_for(&plan)?;
        let (context, aside) = self.context(create.input.as_deref())?;
        self.idle = None;
        let mut world = World { out: &mut self.out, conversation: &mut self.conversation };
        let answer = Answer::begin(plan, context, aside, &mut world);
        self.answers.push(answer);
        self.settle(now);
        Ok(())
    }

    fn check_room_for(&self, plan: &Plan) -> Result<(), Refusal> {
        /// Responses beside the conversation at a time.
        const MAX_ASIDE: usize = 8;
        match self.active() {
            Some(active) if plan.is_in_conversation() => Err(already_active(&active.id)),
            _ if self.answers.len() > MAX_ASIDE => {
                let message =
                    format!("Too many responses at a time: at most {MAX_ASIDE} beside the conversation.");
                Err(refuse("rate_limit_exceeded", message, None))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn is_voice_fixed(&self) -> bool {
        self.voice_heard || self.active().is_some_and(Answer::has_sounded)
    }

    /// The recognizer has its result.
    pub(super) fn heard(&mut self, item_id: &ItemId, result: Result<Heard, EngineError>) {
        let Some(record) = self.conversation.record_mut(item_id) else { return };
        let Words::Pending { told } = &record.words else { return };
        let told = told.clone();
        let seconds = samples_to_ms(record.length, ENGINE_RATE) as f64 / 1000.0;
        let text = result.as_ref().map(|h| h.text.trim().to_owned()).unwrap_or_default();
        record.words = Words::Known(text.clone());
        record.is_weak = result.as_ref().is_ok_and(Heard::is_weak);
        if let Some(model) = told {
            if result.is_ok() {
                record.set_transcript(&text);
            }
            self.tell_words(item_id, &model, result.map(|_| text), seconds);
        }
        self.words_settled(item_id);
    }

    /// Lets those answers think that waited for the words of `item_id`.
    pub(super) fn words_settled(&mut self, item_id: &ItemId) {
        let mut world = World { out: &mut self.out, conversation: &mut self.conversation };
        for answer in &mut self.answers {
            answer.heard(item_id, &mut world);
        }
    }

    fn tell_words(
        &mut self,
        item_id: &ItemId,
        model: &str,
        words: Result<String, EngineError>,
        seconds: f64,
    ) {
        match words {
            Ok(transcript) => {
                self.tell_rest(item_id, &transcript);
                let usage = Some(transcription_usage(model, seconds, &transcript));
                self.out.send(ServerEvent::InputTranscriptionCompleted(InputTranscriptionCompleted {
                    item_id: item_id.clone(),
                    content_index: 0,
                    transcript,
                    usage,
                    status: None,
                }));
            }
            Err(error) => self.out.send(ServerEvent::InputTranscriptionFailed(InputTranscriptionFailed {
                item_id: item_id.clone(),
                content_index: 0,
                error: ApiError {
                    kind: "transcription_error".to_owned(),
                    code: Some("audio_unintelligible".to_owned()),
                    message: error.0,
                    ..ApiError::default()
                },
            })),
        }
    }

    /// After an answer, a person who says nothing may be asked again.
    pub(super) fn await_idleness(&mut self, answer: &Answer, now: Instant) {
        let Some(idle_ms) = self.settings.turns().and_then(|t| t.idle_timeout_ms) else { return };
        if !self.input.is_speaking() {
            let at = now + answer.playback_left(now) + Duration::from_millis(u64::from(idle_ms));
            self.idle = Some((at, self.input.written_ms()));
        }
    }

    pub(super) fn timeout(&mut self, now: Instant) {
        if now >= self.ends {
            self.expire();
        } else if let Some((_, audio_start_ms)) = self.idle.take_if(|(at, _)| *at <= now) {
            self.idle_too_long(audio_start_ms, now);
        }
    }

    fn idle_too_long(&mut self, audio_start_ms: u64, now: Instant) {
        let take = self.input.take(&mut self.out);
        let audio_end_ms = self.input.written_ms();
        let item_id = take.item_id.clone();
        self.out.send(ServerEvent::TimeoutTriggered(TimeoutTriggered {
            item_id,
            audio_start_ms,
            audio_end_ms,
        }));
        self.committed(take);
        self.respond_by_itself(now);
    }

    fn expire(&mut self) {
        let error = refuse(
            "session_expired",
            format!("Your session hit the maximum duration of {} minutes.", super::settings::LIFETIME_S / 60),
            None,
        );
        self.out.refuse(*error, None);
        for answer in &self.answers {
            self.out.push(Output::Abandon { response_id: answer.id.clone() });
        }
        self.out.push(Output::Close { code: 1001, reason: "session_expired".to_owned() });
        self.over = true;
    }
}

/// By tokens where the model that was asked for is billed so, by time otherwise.
fn transcription_usage(model: &str, seconds: f64, transcript: &str) -> serde_json::Value {
    if !model.starts_with("gpt-4o") {
        return json!({"type": "duration", "seconds": seconds});
    }
    let input = (seconds * 10.0).ceil() as u64;
    let output = super::prompt::text_tokens(transcript);
    json!({
        "type": "tokens",
        "total_tokens": input + output,
        "input_tokens": input,
        "input_token_details": {"text_tokens": 0, "audio_tokens": input},
        "output_tokens": output,
    })
}
