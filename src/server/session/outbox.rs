//! What a session wants done, in order, until its driver takes it.

use std::collections::VecDeque;

use super::ids::Ids;
use super::{Listen, Output};
use crate::protocol::server_event::ItemEvent;
use crate::protocol::{ApiError, EventId, Item, ItemId, ServerEvent, ServerMessage};

#[derive(Debug)]
pub(super) struct Outbox {
    pub(super) ids: Ids,
    queue: VecDeque<Output>,
}

impl Outbox {
    pub(super) fn new(seed: u64) -> Self {
        Self { ids: Ids::new(seed), queue: VecDeque::new() }
    }

    pub(super) fn push(&mut self, output: Output) {
        self.queue.push_back(output);
    }

    pub(super) fn pop(&mut self) -> Option<Output> {
        self.queue.pop_front()
    }

    pub(super) fn send(&mut self, event: ServerEvent) {
        let event_id = Some(self.ids.make("event"));
        self.push(Output::Send(ServerMessage { event_id, event }));
    }

    pub(super) fn refuse(&mut self, mut error: ApiError, cause: Option<EventId>) {
        error.event_id = cause.or(error.event_id);
        self.send(ServerEvent::Error { error });
    }

    pub(super) fn listen(&mut self, listen: Listen) {
        self.push(Output::Listen(listen));
    }

    pub(super) fn item_added(&mut self, previous: Option<ItemId>, item: Item) {
        self.send(ServerEvent::ItemAdded(ItemEvent { previous_item_id: previous, item }));
    }

    pub(super) fn item_done(&mut self, previous: Option<ItemId>, item: Item) {
        self.send(ServerEvent::ItemDone(ItemEvent { previous_item_id: previous, item }));
    }
}
