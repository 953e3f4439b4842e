//! What was said, heard and done, in order: for the screen, and to tell a new session of the old one.

use std::collections::BTreeMap;

use super::{FunctionCall, Level};
use crate::protocol::{CallId, Item, ItemId, ItemKind};

/// How much of it a new session is told, in entries. All of it goes out at once, into a bounded queue.
const SEEDED: usize = 60;

/// Entries in the order of the conversation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transcript {
    entries: Vec<Entry>,
    /// The first entry that the session is to know of.
    begin: usize,
    /// Text parts of answers in progress, by content index.
    parts: BTreeMap<ItemId, BTreeMap<u32, String>>,
    /// Of the latest change.
    revision: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Empty for notices.
    pub item_id: ItemId,
    /// A new one after each change, and never that of another entry; from 1.
    pub revision: u64,
    pub kind: EntryKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum EntryKind {
    User {
        /// `None` while the words are not known.
        text: Option<String>,
        /// More words may come.
        partial: bool,
        spoken: bool,
        /// Why the words will never be known.
        failed: Option<String>,
    },
    Assistant {
        text: String,
        partial: bool,
        /// Where the person cut in, in characters: what follows was not heard.
        heard_chars: Option<usize>,
        /// Reported; nothing changes any more.
        settled: bool,
    },
    Call {
        call: FunctionCall,
        state: CallState,
        output: String,
        answered: bool,
    },
    Notice {
        level: Level,
        text: String,
    },
    /// What the person did by hand; the server never hears of it.
    Deed {
        id: CallId,
        ok: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    Collecting,
    Running,
    Done,
    Failed,
}

impl Transcript {
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    // ---- the person ----

    pub(super) fn typed(&mut self, id: &ItemId, text: &str) {
        let kind =
            EntryKind::User { text: Some(text.to_owned()), partial: false, spoken: false, failed: None };
        self.place(id, None, kind);
    }

    /// Speech was heard; the words come later.
    pub(super) fn spoken(&mut self, id: &ItemId, previous: Option<&ItemId>) {
        self.place(id, previous, EntryKind::User { text: None, partial: true, spoken: true, failed: None });
    }

    pub(super) fn spoken_delta(&mut self, id: &ItemId, delta: &str) {
        self.spoken(id, None);
        if let Some(EntryKind::User { text, partial: true, .. }) = self.kind(id) {
            text.get_or_insert_default().push_str(delta);
        }
    }

    /// True if these words are news.
    pub(super) fn spoken_done(&mut self, id: &ItemId, words: &str) -> bool {
        self.spoken(id, None);
        let Some(EntryKind::User { text, partial, .. }) = self.kind(id) else { return false };
        let news = *partial || text.as_deref() != Some(words);
        *text = Some(words.to_owned());
        *partial = false;
        news
    }

    pub(super) fn spoken_failed(&mut self, id: &ItemId, why: &str) {
        self.spoken(id, None);
        if let Some(EntryKind::User { partial, failed, .. }) = self.kind(id) {
            *partial = false;
            *failed = Some(why.to_owned());
        }
    }

    // ---- the assistant ----

    pub(super) fn answer(&mut self, id: &ItemId, previous: Option<&ItemId>) {
        let kind =
            EntryKind::Assistant { text: String::new(), partial: true, heard_chars: None, settled: false };
        self.place(id, previous, kind);
    }

    pub(super) fn answer_delta(&mut self, id: &ItemId, content_index: u32, delta: &str) {
        self.parts.entry(id.clone()).or_default().entry(content_index).or_default().push_str(delta);
        self.join_parts(id);
    }

    pub(super) fn answer_text(&mut self, id: &ItemId, content_index: u32, text: &str) {
        if !text.is_empty() {
            self.parts.entry(id.clone()).or_default().insert(content_index, text.to_owned());
            self.join_parts(id);
        }
    }

    fn join_parts(&mut self, id: &ItemId) {
        self.answer(id, None);
        let joined = self.parts.get(id).map(|p| p.values().map(String::as_str).collect::<String>());
        if let (Some(EntryKind::Assistant { text, settled: false, .. }), Some(joined)) =
            (self.kind(id), joined)
        {
            *text = joined;
        }
    }

    pub(super) fn answer_done(&mut self, id: &ItemId) {
        if let Some(EntryKind::Assistant { partial, .. }) = self.kind(id) {
            *partial = false;
        }
    }

    /// The person heard this share of the answer, 0 to 1, and cut in.
    pub(super) fn cut(&mut self, id: &ItemId, share: f64) {
        if let Some(EntryKind::Assistant { text, partial, heard_chars, settled: false }) = self.kind(id) {
            *partial = false;
            *heard_chars = Some((text.chars().count() as f64 * share).round() as usize);
        }
    }

    /// Nothing will change any more. The words heard and whether they were cut, the first time it is called.
    pub(super) fn settle(&mut self, id: &ItemId) -> Option<(String, bool)> {
        self.parts.remove(id);
        let Some(EntryKind::Assistant { text, partial, heard_chars, settled }) = self.kind(id) else {
            return None;
        };
        if std::mem::replace(settled, true) {
            return None;
        }
        *partial = false;
        let heard = heard_chars.map_or_else(|| text.clone(), |n| text.chars().take(n).collect());
        Some((heard, heard_chars.is_some()))
    }

    /// Answers that may still change.
    pub(super) fn unsettled(&self) -> Vec<ItemId> {
        let open = |e: &&Entry| matches!(e.kind, EntryKind::Assistant { settled: false, .. });
        self.entries.iter().filter(open).map(|e| e.item_id.clone()).collect()
    }

    /// The texts of the last `count` answers, the latest first.
    pub(super) fn last_answers(&self, count: usize) -> Vec<&str> {
        self.entries.iter().rev().filter_map(Entry::answer).take(count).collect()
    }

    // ---- calls ----

    pub(super) fn call(&mut self, id: &ItemId, previous: Option<&ItemId>, call: FunctionCall) {
        let kind =
            EntryKind::Call { call, state: CallState::Collecting, output: String::new(), answered: false };
        self.place(id, previous, kind);
    }

    pub(super) fn call_arguments(&mut self, call_id: &CallId, change: impl FnOnce(&mut FunctionCall)) {
        if let Some((call, CallState::Collecting, ..)) = self.call_mut(call_id) {
            change(call);
        }
    }

    pub(super) fn call_running(&mut self, running: &FunctionCall) {
        if let Some((call, state, ..)) = self.call_mut(&running.call_id) {
            *call = running.clone();
            *state = CallState::Running;
        }
    }

    pub(super) fn call_finished(&mut self, call_id: &CallId, result: &str, ok: bool) {
        if let Some((_, state, output, _)) = self.call_mut(call_id) {
            *state = if ok { CallState::Done } else { CallState::Failed };
            result.clone_into(output);
        }
    }

    pub(super) fn call_answered(&mut self, call_id: &CallId) {
        if let Some((.., answered)) = self.call_mut(call_id) {
            *answered = true;
        }
    }

    pub(super) fn call_failed(&mut self, call_id: &CallId) {
        if let Some((_, state, ..)) = self.call_mut(call_id) {
            *state = CallState::Failed;
        }
    }

    fn call_mut(
        &mut self,
        call_id: &CallId,
    ) -> Option<(&mut FunctionCall, &mut CallState, &mut String, &mut bool)> {
        let is_it = |e: &Entry| matches!(&e.kind, EntryKind::Call { call, .. } if call.call_id == *call_id);
        let index = self.entries.iter().rposition(is_it)?;
        match self.change(index) {
            EntryKind::Call { call, state, output, answered } => Some((call, state, output, answered)),
            EntryKind::User { .. }
            | EntryKind::Assistant { .. }
            | EntryKind::Notice { .. }
            | EntryKind::Deed { .. } => None,
        }
    }

    // ---- both ----

    pub(super) fn notice(&mut self, level: Level, text: &str) {
        let kind = EntryKind::Notice { level, text: text.to_owned() };
        self.insert(self.entries.len(), ItemId::default(), kind);
    }

    /// What was said so far is for the person only.
    pub(super) fn begin_anew(&mut self) {
        self.begin = self.entries.len();
    }

    pub(super) fn deed(&mut self, id: CallId, ok: bool) {
        let item_id = ItemId(id.0.clone());
        self.insert(self.entries.len(), item_id, EntryKind::Deed { id, ok });
    }

    /// What was not finished never will be: `why`. Returns the answers that are to be settled.
    pub(super) fn link_lost(&mut self, why: &str) -> Vec<ItemId> {
        let mut cut = Vec::new();
        for index in 0..self.entries.len() {
            match &self.entries[index].kind {
                EntryKind::User { partial: true, .. } => self.lose_words(index, why),
                EntryKind::Assistant { partial: true, .. } => cut.push(self.entries[index].item_id.clone()),
                _ => {}
            }
        }
        cut
    }

    fn lose_words(&mut self, index: usize, why: &str) {
        if let EntryKind::User { partial, failed, .. } = self.change(index) {
            *partial = false;
            *failed = Some(why.to_owned());
        }
    }

    /// Whether what is to be answered next is speech that nobody knows the words of.
    pub(super) fn ends_in_lost_words(&self) -> bool {
        let last = self.entries[self.begin..]
            .iter()
            .rev()
            .map(|e| &e.kind)
            .find(|kind| matches!(kind, EntryKind::User { .. } | EntryKind::Call { .. }));
        matches!(last, Some(EntryKind::User { text: None, failed: Some(_), .. }))
    }

    /// The latest of the conversation as items for a new session: words only, as the service takes them.
    pub(super) fn seed(&self) -> Vec<Item> {
        let seeds =
            self.entries[self.begin..].iter().rev().map(Entry::seed).filter(|items| !items.is_empty());
        let latest: Vec<_> = seeds.take(SEEDED).collect();
        latest.into_iter().rev().flatten().collect()
    }

    /// Puts an entry behind `previous`, or last. An item that is there already stays, unless it stands before
    /// `previous`: speech has its place when it begins, and an answer to what was before may come into sight later.
    fn place(&mut self, id: &ItemId, previous: Option<&ItemId>, kind: EntryKind) {
        if id.is_empty() {
            return;
        }
        let after = previous.filter(|p| !p.is_empty()).and_then(|p| self.position(p));
        match (self.position(id), after) {
            (None, after) => self.insert(after.map_or(self.entries.len(), |i| i + 1), id.clone(), kind),
            (Some(at), Some(after)) if at < after => self.entries[at..=after].rotate_left(1),
            (Some(_), _) => {}
        }
    }

    fn insert(&mut self, index: usize, item_id: ItemId, kind: EntryKind) {
        self.revision += 1;
        self.entries.insert(index, Entry { item_id, revision: self.revision, kind });
    }

    fn position(&self, id: &ItemId) -> Option<usize> {
        self.entries.iter().rposition(|e| e.item_id == *id)
    }

    /// To be changed.
    fn kind(&mut self, id: &ItemId) -> Option<&mut EntryKind> {
        let index = self.position(id)?;
        Some(self.change(index))
    }

    /// The only way to change an entry: whoever keeps what was made of it sees that it is another.
    fn change(&mut self, index: usize) -> &mut EntryKind {
        self.revision += 1;
        let entry = &mut self.entries[index];
        entry.revision = self.revision;
        &mut entry.kind
    }
}

impl Entry {
    fn answer(&self) -> Option<&str> {
        match &self.kind {
            EntryKind::Assistant { text, .. } => Some(text),
            EntryKind::User { .. }
            | EntryKind::Call { .. }
            | EntryKind::Notice { .. }
            | EntryKind::Deed { .. } => None,
        }
    }

    fn seed(&self) -> Vec<Item> {
        let id = self.item_id.clone();
        match &self.kind {
            EntryKind::User { text: Some(text), failed: None, .. } if !text.is_empty() => {
                vec![Item::user_text(id, text)]
            }
            EntryKind::Assistant { text, heard_chars, .. } => {
                let heard: String = text.chars().take(heard_chars.unwrap_or(usize::MAX)).collect();
                if heard.is_empty() { vec![] } else { vec![Item::assistant_text(id, &heard)] }
            }
            EntryKind::Call {
                call,
                state: CallState::Running | CallState::Done | CallState::Failed,
                output,
                answered,
            } => {
                let mut items = Vec::new();
                // A call that never ran has no output, and would leave the model waiting.
                if *answered || !output.is_empty() || self.is_running() {
                    items.push(call.item(id));
                }
                if *answered {
                    items.push(Item::new(ItemKind::FunctionCallOutput {
                        call_id: call.call_id.clone(),
                        output: output.clone(),
                    }));
                }
                items
            }
            EntryKind::User { .. }
            | EntryKind::Call { .. }
            | EntryKind::Notice { .. }
            | EntryKind::Deed { .. } => vec![],
        }
    }

    fn is_running(&self) -> bool {
        matches!(self.kind, EntryKind::Call { state: CallState::Running, .. })
    }
}

impl FunctionCall {
    fn item(&self, id: ItemId) -> Item {
        let kind = ItemKind::FunctionCall {
            call_id: self.call_id.clone(),
            name: self.name.clone(),
            arguments: self.arguments.clone(),
        };
        Item { id: Some(id), ..Item::new(kind) }
    }
}
