//! Who may speak now, of all clients: a machine that speaks with all voices at once speaks with none in time.
//!
//! Each sentence waits for a place. First comes whose sound runs out first; a response that has none yet can wait a
//! little, but not long.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long after it was wanted a first sound is as urgent as one that is about to be missed.
pub(super) const FIRST_SOUND: Duration = Duration::from_millis(300);

/// The places of a server's synthesizer.
#[derive(Debug)]
pub(in crate::server) struct Queue {
    /// `None` where there is no need to wait.
    line: Option<Mutex<Line>>,
    moved: Condvar,
}

/// A place in use; dropping it lets the next one in.
#[derive(Debug)]
pub(super) struct Place<'a>(Option<&'a Queue>);

/// When something is needed, and a number that is never given twice.
type Ticket = (Instant, u64);

/// The queue itself, pure.
#[derive(Debug)]
struct Line {
    free: usize,
    waiting: BTreeSet<Ticket>,
    given: u64,
}

impl Queue {
    pub(in crate::server) fn new(places: Option<usize>) -> Self {
        Self { line: places.map(|places| Mutex::new(Line::new(places.max(1)))), moved: Condvar::new() }
    }

    /// Blocks until there is a place for what is needed by `deadline`.
    pub(super) fn enter(&self, deadline: Instant) -> Place<'_> {
        let Some(line) = &self.line else { return Place(None) };
        let mut line = locked(line);
        let ticket = line.join(deadline);
        while !line.enter(ticket) {
            line = self.moved.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
        drop(line);
        // Another place may be free for the one behind.
        self.moved.notify_all();
        Place(Some(self))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let Some(queue) = self.0 else { return };
        if let Some(line) = &queue.line {
            locked(line).free += 1;
            queue.moved.notify_all();
        }
    }
}

fn locked(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    fn new(free: usize) -> Self {
        Self { free, waiting: BTreeSet::new(), given: 0 }
    }

    fn join(&mut self, deadline: Instant) -> Ticket {
        self.given += 1;
        let ticket = (deadline, self.given);
        self.waiting.insert(ticket);
        ticket
    }

    /// Takes a place if there is one and nobody is in greater need.
    fn enter(&mut self, ticket: Ticket) -> bool {
        if self.free == 0 || self.waiting.first() != Some(&ticket) {
            return false;
        }
        self.waiting.remove(&ticket);
        self.free -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_needs_it_soonest_comes_first() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let now = Instant::now();
        let mut line = Line::new(1);
        let [late, soon, as_soon] = [900, 100, 100].map(|ms| line.join(now + Duration::from_millis(ms)));
        assert!(!line.enter(late) && !line.enter(as_soon));
        assert!(line.enter(soon));
        assert!(!line.enter(as_soon), "there is one place");
        line.free += 1;
        assert!(!line.enter(late));
        assert!(line.enter(as_soon));
        line.free += 1;
        assert!(line.enter(late));
    }

    #[test]
    fn a_place_is_free_again_when_its_holder_is_gone() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let now = Instant::now();
        let queue = Queue::new(Some(1));
        drop(queue.enter(now));
        let holder = queue.enter(now);
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| drop(queue.enter(now)));
            drop(holder);
            waiter.join().expect("it had its turn");
        });
        drop(Queue::new(None).enter(now));
    }
}
