//! The way of events out of the audio thread: nothing is lost but frames, and no frame is handed out late.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::AudioEvent;
use super::backend::Pace;
use super::clock::Clock;
use super::meters::SharedMeters;
use super::ring::STALE;
use crate::pcm::Pcm16;

/// Frames that may wait, so that memory stays bounded while nobody takes them: 20 s.
const MOST_FRAMES: usize = 1_000;

struct Stamped {
    at: Duration,
    event: AudioEvent,
}

pub(super) struct EventSender {
    channel: UnboundedSender<Stamped>,
    frames: Arc<AtomicUsize>,
    meters: Arc<SharedMeters>,
}

/// The events of the audio engine, in order.
pub struct AudioEvents {
    channel: UnboundedReceiver<Stamped>,
    frames: Arc<AtomicUsize>,
    meters: Arc<SharedMeters>,
    pace: Pace,
    clock: Clock,
}

pub(super) fn event_channel(
    pace: Pace,
    clock: Clock,
    meters: &Arc<SharedMeters>,
) -> (EventSender, AudioEvents) {
    let (sender, receiver) = unbounded_channel();
    let frames = Arc::new(AtomicUsize::new(0));
    (
        EventSender { channel: sender, frames: Arc::clone(&frames), meters: Arc::clone(meters) },
        AudioEvents { channel: receiver, frames, meters: Arc::clone(meters), pace, clock },
    )
}

impl EventSender {
    pub(super) fn frame(&self, pcm: Pcm16, now: Duration) {
        if self.waiting_frames() < MOST_FRAMES {
            self.frames.fetch_add(1, Ordering::Relaxed);
            self.send(AudioEvent::Frame { pcm }, now);
        } else {
            self.meters.dropped_frames.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn send(&self, event: AudioEvent, now: Duration) {
        // When nobody listens any more, the engine is about to be stopped.
        let _ = self.channel.send(Stamped { at: now, event });
    }

    pub(super) fn waiting_frames(&self) -> usize {
        self.frames.load(Ordering::Relaxed)
    }
}

impl AudioEvents {
    /// The next event; `None` when the engine has stopped. Safe to be cancelled, as in `select!`.
    pub async fn recv(&mut self) -> Option<AudioEvent> {
        loop {
            let stamped = self.channel.recv().await?;
            if let Some(event) = self.fresh(stamped, self.clock.now()) {
                return Some(event);
            }
        }
    }

    /// The next event if one is there.
    pub fn try_recv(&mut self) -> Result<AudioEvent, TryRecvError> {
        self.try_recv_at(self.clock.now())
    }

    pub(super) fn try_recv_at(&mut self, now: Duration) -> Result<AudioEvent, TryRecvError> {
        loop {
            let stamped = self.channel.try_recv()?;
            if let Some(event) = self.fresh(stamped, now) {
                return Ok(event);
            }
        }
    }

    /// Leaves out and counts frames that are too old to be sent.
    fn fresh(&self, stamped: Stamped, now: Duration) -> Option<AudioEvent> {
        if !matches!(stamped.event, AudioEvent::Frame { .. }) {
            return Some(stamped.event);
        }
        self.frames.fetch_sub(1, Ordering::Relaxed);
        let stale = self.pace == Pace::Real && now.saturating_sub(stamped.at) > STALE;
        if stale {
            self.meters.dropped_frames.fetch_add(1, Ordering::Relaxed);
        }
        (!stale).then_some(stamped.event)
    }
}

#[cfg(test)]
impl AudioEvents {
    /// The next event, waited for without a runtime.
    pub(super) fn channel_recv(&mut self) -> AudioEvent {
        self.channel.blocking_recv().expect("the engine runs").event
    }
}
