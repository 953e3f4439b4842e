//! The server's side of one session, pure: events and engine results in, events and engine work out.
//!
//! It does no I/O, reads no clock and knows no runtime: [`handle`](ServerSession::handle) takes what happened, then
//! [`poll_output`](ServerSession::poll_output) is drained, and [`poll_timeout`](ServerSession::poll_timeout) says when
//! to come back with [`Input::Timeout`]. Events are GA's; the edge writes them in the client's dialect.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::pcm::Pcm16;
use crate::protocol::session::SessionKind;
use crate::protocol::{ApiError, ClientMessage, Dialect, ItemId, ResponseId, ServerMessage};
use crate::server::engine::{EngineError, Heard, Prompt, Thought, Voice, VoiceDetector};

mod answer;
mod conversation;
mod events;
mod ids;
mod input;
mod items;
mod message;
mod outbox;
mod overheard;
mod plan;
mod prompt;
mod refusal;
mod requests;
mod sentences;
mod settings;
mod transcription;
pub mod turns;
mod validate;

use answer::{Answer, World};
use conversation::Conversation;
use input::InputBuffer;
use outbox::Outbox;
use settings::Settings;

/// What a session is told at its beginning.
#[derive(Debug, Clone)]
pub struct Config {
    /// The name under which the engines present themselves.
    pub model: String,
    /// The `model` of the client's address: it may name that in updates too.
    pub requested_model: Option<String>,
    /// A dialogue, or nothing but words for what is said.
    pub kind: SessionKind,
    /// The instructions until the client gives others.
    pub instructions: String,
    pub dialect: Dialect,
    /// Of all ids of the session; only its lower 48 bits count.
    pub seed: u64,
    /// Now, in seconds of Unix time.
    pub unix_now: i64,
}

/// What happens to a session.
#[derive(Debug)]
pub enum Input {
    /// A frame of the client, or what is wrong with it.
    Client(Result<ClientMessage, Box<ApiError>>),
    /// More words of an utterance that is still being heard, with a space before all but the first.
    Overheard {
        item_id: ItemId,
        words: String,
    },
    /// The answer to [`Listen::Finish`].
    Heard {
        item_id: ItemId,
        result: Result<Heard, EngineError>,
    },
    /// A piece of the answer to [`Output::Think`].
    Thought {
        response_id: ResponseId,
        thought: Thought,
    },
    ThoughtDone {
        response_id: ResponseId,
        result: Result<(), EngineError>,
    },
    /// A piece of the answer to [`Output::Speak`], at the engines' rate.
    Spoken {
        response_id: ResponseId,
        item_id: ItemId,
        pcm: Pcm16,
    },
    SpokenDone {
        response_id: ResponseId,
        item_id: ItemId,
        result: Result<(), EngineError>,
    },
    /// The time that `poll_timeout` named has come.
    Timeout,
}

/// What a session wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    Send(ServerMessage),
    Listen(Listen),
    /// Ask the brain; its thoughts come back under `response_id`.
    Think {
        response_id: ResponseId,
        prompt: Prompt,
    },
    /// Speak; never more than one at a time for one response.
    Speak {
        response_id: ResponseId,
        item_id: ItemId,
        text: String,
        voice: Voice,
    },
    /// Stop thinking and speaking for this response; what still comes of it is ignored.
    Abandon {
        response_id: ResponseId,
    },
    /// The last output: send what is before it, then close.
    Close {
        code: u16,
        reason: String,
    },
}

/// Work for a recognizer, one utterance per item.
#[derive(Debug, Clone, PartialEq)]
pub enum Listen {
    Begin {
        item_id: ItemId,
    },
    Feed {
        item_id: ItemId,
        pcm: Pcm16,
    },
    /// All was fed: exactly one [`Input::Heard`] is to follow.
    Finish {
        item_id: ItemId,
    },
    /// Nobody wants the words any more.
    Abandon {
        item_id: ItemId,
    },
}

/// One client's session.
#[derive(Debug)]
pub struct ServerSession {
    settings: Settings,
    conversation_id: String,
    conversation: Conversation,
    input: InputBuffer,
    /// Words that were told of utterances before their end.
    overheard: BTreeMap<ItemId, String>,
    /// At most one in the conversation, any beside it.
    answers: Vec<Answer>,
    out: Outbox,
    /// The conversation has sound of the assistant: its voice is settled.
    voice_heard: bool,
    ends: Instant,
    /// When a person's silence is to be answered, and where in the sound it began.
    idle: Option<(Instant, u64)>,
    over: bool,
}

impl ServerSession {
    /// The first events are already waiting in `poll_output`.
    pub fn new(config: &Config, detector: Box<dyn VoiceDetector>, now: Instant) -> Self {
        let mut out = Outbox::new(config.seed);
        let settings = Settings::new(config, out.ids.make("sess"));
        let mut session = Self {
            conversation_id: out.ids.make("conv"),
            conversation: Conversation::default(),
            input: InputBuffer::new(detector, settings.input_format(), settings.turns()),
            settings,
            overheard: BTreeMap::new(),
            answers: Vec::new(),
            out,
            voice_heard: false,
            ends: now + Duration::from_secs(u64::from(settings::LIFETIME_S)),
            idle: None,
            over: false,
        };
        session.greet();
        session
    }

    /// Takes in what happened. Drain `poll_output` afterwards.
    pub fn handle(&mut self, input: Input, now: Instant) {
        if self.over {
            return;
        }
        match input {
            Input::Client(message) => self.client(message, now),
            Input::Overheard { item_id, words } => self.overheard(item_id, &words),
            Input::Heard { item_id, result } => self.heard(&item_id, result),
            Input::Thought { response_id, thought } => {
                self.answer(&response_id, now, |answer, world| answer.thought(thought, world));
            }
            Input::ThoughtDone { response_id, result } => {
                self.answer(&response_id, now, |answer, world| answer.thought_done(result, world));
            }
            Input::Spoken { response_id, item_id, pcm } => {
                self.answer(&response_id, now, |answer, world| answer.spoken(&item_id, &pcm, now, world));
            }
            Input::SpokenDone { response_id, item_id, result } => {
                self.answer(&response_id, now, |answer, world| {
                    answer.spoken_done(&item_id, result, now, world);
                });
            }
            Input::Timeout => self.timeout(now),
        }
    }

    /// The next thing to do, in order; `None` when all is done.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop()
    }

    /// When to come back with [`Input::Timeout`]; `None` after the end.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.over {
            return None;
        }
        Some(self.idle.map_or(self.ends, |(at, _)| at.min(self.ends)))
    }

    fn active(&self) -> Option<&Answer> {
        self.answers.iter().find(|a| a.is_in_conversation())
    }

    /// Acts on one answer, if it is still there, and cleans up behind it.
    fn answer(&mut self, id: &ResponseId, now: Instant, act: impl FnOnce(&mut Answer, &mut World<'_>)) {
        let mut world = World { out: &mut self.out, conversation: &mut self.conversation };
        let Some(at) = self.answers.iter().position(|a| a.id == *id) else { return };
        act(&mut self.answers[at], &mut world);
        self.settle(now);
    }

    /// Forgets answers that are over.
    fn settle(&mut self, now: Instant) {
        while let Some(at) = self.answers.iter().position(Answer::is_over) {
            let answer = self.answers.remove(at);
            for id in answer.items_aside() {
                self.conversation.remove_aside(id);
            }
            if answer.is_in_conversation() {
                self.voice_heard |= answer.has_sounded();
                self.await_idleness(&answer, now);
            }
        }
    }
}

#[cfg(test)]
mod tests;
