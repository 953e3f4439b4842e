//! Frames on their way to a client: in order, and as late as the weather has it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::mpsc;

use super::now;
use crate::server::faults::Weather;
use crate::server::record::Track;
use crate::server::socket::{Frame, Writer};

/// A client that takes longer to accept one frame is gone.
const STUCK: Duration = Duration::from_secs(20);

/// A frame, and when it may arrive.
#[derive(Debug)]
pub(super) struct Timed {
    frame: Frame,
    due: Option<Instant>,
}

/// What waits to be written.
#[derive(Debug)]
pub(super) struct Outgoing {
    frames: VecDeque<Timed>,
    weather: Weather,
}

/// How the writing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// All of it, or the client is gone.
    All,
    /// The connection is to be cut.
    Cut,
}

impl Outgoing {
    pub(super) fn new(weather: Weather) -> Self {
        Self { frames: VecDeque::new(), weather }
    }

    /// False when the connection is cut in place of it.
    pub(super) fn push(&mut self, frame: Frame) -> bool {
        let due = self.weather.due(now());
        let cut = matches!(frame, Frame::Text(_)) && self.weather.cuts();
        let frame = if cut { Frame::Cut } else { frame };
        self.frames.push_back(Timed { frame, due });
        !cut
    }

    pub(super) fn pop(&mut self) -> Option<Timed> {
        self.frames.pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.frames.clear();
    }
}

/// Writes what comes until there is no more or the client is gone.
pub(super) async fn write(
    mut writer: Writer,
    mut frames: mpsc::Receiver<Timed>,
    track: Option<Track>,
) -> Written {
    while let Some(Timed { frame, due }) = frames.recv().await {
        if let Some(due) = due {
            tokio::time::sleep_until(due.into()).await;
        }
        if let Some(track) = &track {
            note(track, &frame);
        }
        if matches!(frame, Frame::Cut) {
            return Written::Cut;
        }
        let sent = tokio::time::timeout(STUCK, writer.send(frame)).await;
        if sent != Ok(true) {
            break;
        }
    }
    Written::All
}

fn note(track: &Track, frame: &Frame) {
    match frame {
        Frame::Text(text) => track.event("server", text),
        Frame::Close { code, reason } => track.closed("server", &json!({"code": code, "reason": reason})),
        Frame::Cut => track.closed("server", &json!({"cut": true})),
        Frame::Ping => {}
    }
}
