//! Looks whether a reminder is due. Cheap enough to be asked every second: the tasks are read only when the store has
//! changed or when one is due.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::{News, Reminder, next};
use crate::tasks::{Stamp, StoreError, TaskStore};

/// So many that were told of are looked after: more are on no screen.
const MOST_TOLD: usize = 100;

pub struct Watch {
    store: TaskStore,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// As the store was when it was last read.
    stamp: Option<Stamp>,
    next: Option<Timestamp>,
    told: Vec<Reminder>,
}

impl Watch {
    pub fn new(store: TaskStore) -> Self {
        Self { store, seen: Mutex::default() }
    }

    /// What is new at `now`; nobody else is told of what is due. What is due at the first look was missed. Blocks for
    /// some milliseconds where something has changed.
    pub fn look(&self, now: Timestamp) -> Result<Option<News>, StoreError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.store.stamp();
        if seen.stamp == Some(stamp) && seen.next.is_none_or(|at| at > now) {
            return Ok(None);
        }
        let pending = self.store.pending()?;
        let next = next(&pending);
        let is_due = next.is_some_and(|at| at <= now);
        let due = if is_due { self.store.claim_reminders(now)? } else { Vec::new() };
        let due: Vec<_> = due.iter().filter_map(Reminder::of).collect();
        let (over, told) = seen.told.drain(..).partition(|reminder| reminder.is_settled(&pending));
        let missed = seen.stamp.is_none();
        // After a claim the store is another, and is read once more.
        *seen = Seen { stamp: Some(stamp), next: next.filter(|_| !is_due), told };
        seen.told.extend(due.iter().cloned());
        let surplus = seen.told.len().saturating_sub(MOST_TOLD);
        seen.told.drain(..surplus);
        let over: Vec<Reminder> = over;
        let settled: Vec<_> = over.into_iter().map(|reminder| reminder.uuid).collect();
        let is_news = !due.is_empty() || !settled.is_empty();
        Ok(is_news.then_some(News { missed: missed && !due.is_empty(), due, settled }))
    }
}

#[cfg(test)]
mod tests;
