//! One response on its way from `response.created` to `response.done`.
//!
//! Its items are made one after the other: a function call waits until what was said before it is spoken.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use super::Output;
use super::conversation::{Conversation, Place, Record};
use super::items::server_item;
use super::message::{self, Message};
use super::outbox::Outbox;
use super::plan::{Placement, Plan};
use super::prompt;
use crate::pcm::{Pcm16, samples_to_ms};
use crate::protocol::item::{ItemKind, ItemStatus};
use crate::protocol::response::{ResponseError, StatusDetails};
use crate::protocol::server_event::{
    CallArgumentsDelta, CallArgumentsDone, OutputItem, RateLimits, ResponseEvent,
};
use crate::protocol::usage::{InputTokens, OutputTokens};
use crate::protocol::{CallId, Item, ItemId, ResponseId, ResponseStatus, ServerEvent};
use crate::server::engine::{ENGINE_RATE, EngineError, Thought};

/// Characters of a call's arguments in one delta.
const ARGUMENTS_PIECE: usize = 64;

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) id: ResponseId,
    plan: Plan,
    /// What it answers to, oldest first.
    context: Vec<ItemId>,
    /// Those of the context of which the words are still being looked for.
    unheard: BTreeSet<ItemId>,
    /// Items given for this response only.
    aside: Vec<ItemId>,
    stage: Stage,
    open: Option<Message>,
    /// What came while a message was still being spoken.
    thoughts: VecDeque<Thought>,
    output: Vec<Item>,
    input: InputTokens,
    made: OutputTokens,
    /// When the first sound went out, and how many samples went out in all.
    first_sound: Option<Instant>,
    sounded: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// Waits for the words of its context.
    Waiting,
    Thinking,
    /// The brain has said all.
    Thought,
    Over,
}

/// Why a response ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    Completed,
    /// `turn_detected` or `client_cancelled`.
    Cancelled(&'static str),
    OutOfTokens,
    Failed(EngineError),
}

/// What an answer acts on beside itself.
pub(super) struct World<'a> {
    pub(super) out: &'a mut Outbox,
    pub(super) conversation: &'a mut Conversation,
}

impl Answer {
    /// Announces the response and lets the brain think as soon as all words of `context` are known.
    pub(super) fn begin(plan: Plan, context: Vec<ItemId>, aside: Vec<ItemId>, world: &mut World<'_>) -> Self {
        let id: ResponseId = world.out.ids.make("resp");
        let is_pending = |id: &&ItemId| world.conversation.record(id).is_some_and(Record::is_pending);
        let unheard = context.iter().filter(is_pending).cloned().collect();
        let response = Box::new(plan.response(&id));
        world.out.send(ServerEvent::ResponseCreated(ResponseEvent { response }));
        let mut answer = Self {
            id,
            plan,
            context,
            unheard,
            aside,
            stage: Stage::Waiting,
            open: None,
            thoughts: VecDeque::new(),
            output: Vec::new(),
            input: InputTokens::default(),
            made: OutputTokens::default(),
            first_sound: None,
            sounded: 0,
        };
        answer.think(world);
        answer
    }

    pub(super) fn is_in_conversation(&self) -> bool {
        self.plan.place == Placement::InConversation
    }

    pub(super) fn has_sounded(&self) -> bool {
        self.sounded > 0
    }

    pub(super) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// How long from `now` until all its sound has been played, if it is played from the first moment on.
    pub(super) fn playback_left(&self, now: Instant) -> Duration {
        let Some(first) = self.first_sound else { return Duration::ZERO };
        let length = Duration::from_millis(samples_to_ms(self.sounded, ENGINE_RATE));
        (first + length).saturating_duration_since(now)
    }

    pub(super) fn items_aside(&self) -> &[ItemId] {
        &self.aside
    }

    /// The words of `id` are known, or will never be.
    pub(super) fn heard(&mut self, id: &ItemId, world: &mut World<'_>) {
        if self.unheard.remove(id) {
            self.think(world);
        }
    }

    pub(super) fn thought(&mut self, thought: Thought, world: &mut World<'_>) {
        if self.stage == Stage::Thinking {
            self.thoughts.push_back(thought);
            self.advance(world);
        }
    }

    pub(super) fn thought_done(&mut self, result: Result<(), EngineError>, world: &mut World<'_>) {
        if self.stage != Stage::Thinking {
            return;
        }
        match result {
            Ok(()) => {
                self.stage = Stage::Thought;
                self.advance(world);
            }
            Err(error) => self.end(End::Failed(error), world),
        }
    }

    pub(super) fn spoken(&mut self, item_id: &ItemId, pcm: &Pcm16, now: Instant, world: &mut World<'_>) {
        let Some(message) = self.open.as_mut().filter(|m| m.item_id == *item_id) else { return };
        let before = message.length();
        message.sounds(pcm.samples(), world.out);
        let length = message.length();
        if length > before {
            self.first_sound.get_or_insert(now);
            self.sounded += length - before;
            world.conversation.lengthen(item_id, length);
            self.stop_at_limit(world);
        }
    }

    pub(super) fn spoken_done(
        &mut self,
        item_id: &ItemId,
        result: Result<(), EngineError>,
        now: Instant,
        world: &mut World<'_>,
    ) {
        let Some(message) = self.open.as_mut().filter(|m| m.item_id == *item_id) else { return };
        let before = message.length();
        message.sentence_spoken(world.out);
        let length = message.length();
        if length > before {
            self.first_sound.get_or_insert(now);
            self.sounded += length - before;
            world.conversation.lengthen(item_id, length);
        }
        match result {
            Ok(()) => self.advance(world),
            Err(error) => self.end(End::Failed(error), world),
        }
    }

    /// Closes what is open, with no more than was told, and says how it ended.
    pub(super) fn end(&mut self, end: End, world: &mut World<'_>) {
        if self.stage == Stage::Over {
            return;
        }
        if end != End::Completed && self.stage != Stage::Waiting {
            world.out.push(Output::Abandon { response_id: self.id.clone() });
        }
        self.stage = Stage::Over;
        self.thoughts.clear();
        if let Some(message) = self.open.take() {
            let status = if end == End::Completed { ItemStatus::Completed } else { ItemStatus::Incomplete };
            self.close(message, status, world);
        }
        let mut response = self.plan.response(&self.id);
        (response.status, response.status_details) = outcome(end);
        response.output = std::mem::take(&mut self.output);
        response.usage = Some(prompt::usage(self.input, self.made));
        world.out.send(ServerEvent::ResponseDone(ResponseEvent { response: Box::new(response) }));
        // Nothing is limited here, which is what an empty list says.
        world.out.send(ServerEvent::RateLimitsUpdated(RateLimits::default()));
    }

    fn think(&mut self, world: &mut World<'_>) {
        if self.stage != Stage::Waiting || !self.unheard.is_empty() {
            return;
        }
        self.stage = Stage::Thinking;
        let plan = &self.plan;
        let records = self.context.iter().filter_map(|id| world.conversation.record(id));
        let (prompt, tokens) = prompt::prompt(&plan.instructions, &plan.tools, &plan.tool_choice, records);
        let prompt = plan.limited(prompt);
        self.input = tokens;
        world.out.push(Output::Think { response_id: self.id.clone(), prompt });
    }

    /// Goes as far as what is known allows.
    fn advance(&mut self, world: &mut World<'_>) {
        while self.step(world) {}
    }

    /// False when there is nothing more to do until something comes in.
    fn step(&mut self, world: &mut World<'_>) -> bool {
        if self.stage == Stage::Over || self.stop_at_limit(world) {
            return false;
        }
        match self.open.take() {
            Some(message) => self.step_in_message(message, world),
            None => self.step_between(world),
        }
    }

    fn step_in_message(&mut self, mut message: Message, world: &mut World<'_>) -> bool {
        if !message.is_complete() {
            match self.thoughts.pop_front() {
                Some(Thought::Text(text)) => {
                    message.add(&text, world.out);
                    message.say_next(&self.plan, world.out);
                    self.open = Some(message);
                    return true;
                }
                Some(call) => {
                    self.thoughts.push_front(call);
                    message.complete();
                }
                None if self.stage == Stage::Thought => message.complete(),
                None => {}
            }
        }
        message.say_next(&self.plan, world.out);
        let over = message.is_over();
        if over && self.is_within_limit(Some(&message)) {
            self.close(message, ItemStatus::Completed, world);
        } else {
            self.open = Some(message);
        }
        over
    }

    fn step_between(&mut self, world: &mut World<'_>) -> bool {
        match self.thoughts.pop_front() {
            // A message of nothing but space is none.
            Some(Thought::Text(text)) if text.trim().is_empty() => {}
            Some(Thought::Text(text)) => {
                self.open(world);
                self.thoughts.push_front(Thought::Text(text));
            }
            Some(Thought::Call { .. }) if !self.may_call() => {}
            Some(Thought::Call { name, arguments }) => self.call(&name, &arguments, world),
            None if self.stage == Stage::Thought => self.end(End::Completed, world),
            None => return false,
        }
        true
    }

    fn open(&mut self, world: &mut World<'_>) {
        let item_id: ItemId = world.out.ids.make("item");
        self.announce(message::announced(item_id.clone()), world);
        self.open = Some(Message::open(self.id.clone(), item_id, self.index(), &self.plan, world.out));
    }

    /// A client that wants one call at a time gets the first; the brain can make the next with its output at hand.
    fn may_call(&self) -> bool {
        let is_call = |item: &Item| matches!(item.kind, ItemKind::FunctionCall { .. });
        self.plan.allows_parallel_calls() || !self.output.iter().any(is_call)
    }

    fn call(&mut self, name: &str, arguments: &str, world: &mut World<'_>) {
        let item_id: ItemId = world.out.ids.make("item");
        let call_id: CallId = world.out.ids.make("call");
        let output_index = self.index();
        let kind = |arguments: &str| ItemKind::FunctionCall {
            call_id: call_id.clone(),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        };
        world.conversation.remember_call(call_id.clone());
        self.announce(server_item(item_id.clone(), ItemStatus::InProgress, kind("")), world);
        for delta in pieces(arguments) {
            world.out.send(ServerEvent::CallArgumentsDelta(CallArgumentsDelta {
                response_id: self.id.clone(),
                item_id: item_id.clone(),
                output_index,
                call_id: call_id.clone(),
                delta,
            }));
        }
        world.out.send(ServerEvent::CallArgumentsDone(CallArgumentsDone {
            response_id: self.id.clone(),
            item_id: item_id.clone(),
            output_index,
            call_id: call_id.clone(),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        }));
        self.made.text_tokens += prompt::text_tokens(name) + prompt::text_tokens(arguments);
        self.finish(server_item(item_id, ItemStatus::Completed, kind(arguments)), Vec::new(), 0, world);
    }

    fn index(&self) -> u32 {
        self.output.len() as u32
    }

    fn announce(&self, item: Item, world: &mut World<'_>) {
        world.out.send(ServerEvent::OutputItemAdded(OutputItem {
            response_id: self.id.clone(),
            output_index: self.index(),
            item: item.clone(),
        }));
        if self.is_in_conversation() {
            let previous = world.conversation.insert(&Place::Last, Record::new(item.clone()));
            world.out.item_added(previous, item);
        }
    }

    fn close(&mut self, message: Message, status: ItemStatus, world: &mut World<'_>) {
        self.made.text_tokens += message.text_tokens();
        if message.is_spoken() {
            self.made.audio_tokens += prompt::output_tokens(message.length());
        }
        let length = message.length();
        let (item, sound) = message.close(status, world.out);
        self.finish(item, sound, length, world);
    }

    fn finish(&mut self, item: Item, sound: Vec<i16>, length: u64, world: &mut World<'_>) {
        let id = item.id();
        if self.is_in_conversation() && world.conversation.contains(&id) {
            world.conversation.finish(item.clone(), sound, length);
            world.out.item_done(world.conversation.before(&id), item.clone());
        }
        world.out.send(ServerEvent::OutputItemDone(OutputItem {
            response_id: self.id.clone(),
            output_index: self.index(),
            item: item.clone(),
        }));
        self.output.push(item);
    }

    fn stop_at_limit(&mut self, world: &mut World<'_>) -> bool {
        let within = self.is_within_limit(self.open.as_ref());
        if !within {
            self.end(End::OutOfTokens, world);
        }
        !within
    }

    fn is_within_limit(&self, open: Option<&Message>) -> bool {
        let open = open.map_or(0, |m| m.text_tokens() + prompt::output_tokens(m.length()));
        self.made.text_tokens + self.made.audio_tokens + open <= self.plan.token_limit()
    }
}

fn outcome(end: End) -> (ResponseStatus, Option<StatusDetails>) {
    let details = |kind: &str, reason: Option<&str>, error| {
        Some(StatusDetails { kind: Some(kind.to_owned()), reason: reason.map(str::to_owned), error })
    };
    match end {
        End::Completed => (ResponseStatus::Completed, None),
        End::Cancelled(reason) => (ResponseStatus::Cancelled, details("cancelled", Some(reason), None)),
        End::OutOfTokens => {
            (ResponseStatus::Incomplete, details("incomplete", Some("max_output_tokens"), None))
        }
        End::Failed(error) => {
            let error = ResponseError {
                kind: Some("server_error".to_owned()),
                code: Some("server_error".to_owned()),
                message: Some(error.0),
            };
            (ResponseStatus::Failed, details("failed", None, Some(error)))
        }
    }
}

fn pieces(arguments: &str) -> Vec<String> {
    let chars: Vec<char> = arguments.chars().collect();
    chars.chunks(ARGUMENTS_PIECE).map(|piece| piece.iter().collect()).collect()
}
