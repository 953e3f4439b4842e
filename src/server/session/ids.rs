//! Names for events, items, responses and calls: a seed and a counter, so that runs repeat exactly.

/// Makes ids that are unique within a session, and across sessions as far as seeds differ.
#[derive(Debug)]
pub(super) struct Ids {
    seed: u64,
    next: u64,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed: seed & 0xffff_ffff_ffff, next: 0 }
    }

    pub(super) fn make<T: From<String>>(&mut self, prefix: &str) -> T {
        self.next += 1;
        T::from(format!("{prefix}_{:012x}{:08x}", self.seed, self.next))
    }
}
