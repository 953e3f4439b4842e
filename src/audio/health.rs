//! How a stream is doing: counts and the last fault, in atomics, written by device and error callbacks.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// What a stream last complained about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    None = 0,
    /// A gap or a change that needs nothing from us.
    Harmless = 1,
    /// The device is gone.
    Gone = 2,
    /// The stream or its server has ended.
    Ended = 3,
    /// The system reported an error it does not explain.
    System = 4,
    /// A file could not be written.
    Write = 5,
    /// The system does not let the program use the device.
    Denied = 6,
}

/// Part of what is said when the system does not let the program use a device.
pub const DENIED: &str = "permission denied";

impl Fault {
    pub(super) fn from_code(code: u8) -> Self {
        [Self::None, Self::Harmless, Self::Gone, Self::Ended, Self::System, Self::Write, Self::Denied]
            .into_iter()
            .find(|&f| f as u8 == code)
            .unwrap_or(Self::System)
    }

    /// Whether the stream cannot go on.
    pub fn is_fatal(self) -> bool {
        matches!(self, Self::Gone | Self::Ended | Self::Write | Self::Denied)
    }

    pub fn describe(self) -> &'static str {
        match self {
            Self::None | Self::Harmless => "no sound came through",
            Self::Gone => "the device is gone",
            Self::Ended => "the sound system closed the stream",
            Self::System => "the sound system reported errors",
            Self::Write => "the file could not be written, is the disk full?",
            Self::Denied => DENIED,
        }
    }
}

/// Counts of one stream; written by its callbacks, read by the watchdog.
#[derive(Debug, Default)]
pub struct Health {
    callbacks: AtomicU64,
    errors: AtomicU64,
    /// Times that the device ran dry, or over, because it was not served in time.
    misses: AtomicU64,
    last_fault: AtomicU8,
    fatal: AtomicU8,
}

impl Health {
    pub(super) fn beat(&self) {
        self.callbacks.fetch_add(1, Ordering::Relaxed);
    }

    /// For error callbacks, which may come 100,000 times a second.
    pub fn fault(&self, fault: Fault) {
        self.errors.fetch_add(u64::from(fault != Fault::Harmless), Ordering::Relaxed);
        self.last_fault.store(fault as u8, Ordering::Relaxed);
        if fault.is_fatal() {
            self.fatal.store(fault as u8, Ordering::Relaxed);
        }
    }

    /// The device was not served in time.
    pub(super) fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    pub(super) fn callbacks(&self) -> u64 {
        self.callbacks.load(Ordering::Relaxed)
    }

    pub(super) fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    pub(super) fn last_fault(&self) -> Fault {
        Fault::from_code(self.last_fault.load(Ordering::Relaxed))
    }

    pub(super) fn fatal(&self) -> Option<Fault> {
        Some(Fault::from_code(self.fatal.load(Ordering::Relaxed))).filter(|&f| f != Fault::None)
    }
}

#[cfg(test)]
mod tests;
