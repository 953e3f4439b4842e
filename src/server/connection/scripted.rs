//! One client's connection when a script answers in place of the engines.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, watch};

use super::outgoing::{self, Outgoing};
use super::{GONE, note, now, part};
use crate::server::access::RequestHead;
use crate::server::developer::Client;
use crate::server::script::play::{Cue, Player};
use crate::server::script::{CONNECT, Script};
use crate::server::socket::{Admitted, Frame, Received};

/// Plays `script` until the client leaves, the script ends the connection, or `stopped` says so.
pub(in crate::server) async fn play(
    admitted: Admitted,
    script: &Arc<Script>,
    client: Client,
    mut stopped: watch::Receiver<()>,
) {
    let Admitted { mut reader, writer, head, seat } = admitted;
    let Client { seed, weather, track } = client;
    if let Some(track) = &track {
        track.connected(&head);
    }
    let (frames, to_write) = mpsc::channel(1);
    let writing = tokio::spawn(outgoing::write(writer, to_write, track.clone()));
    let mut stage =
        Stage { player: Player::new(Arc::clone(script), seed), outbox: Outgoing::new(weather), over: false };
    stage.player.take(connected(&head), now());
    loop {
        stage.advance(now());
        if stage.over && stage.outbox.is_empty() {
            break;
        }
        let wake = stage.player.due().unwrap_or_else(|| now() + GONE);
        tokio::select! {
            place = frames.reserve(), if !stage.outbox.is_empty() => match (place, stage.outbox.pop()) {
                (Ok(place), Some(frame)) => place.send(frame),
                _ => break,
            },
            received = reader.next(), if !stage.over => {
                if let Some(track) = &track {
                    note(track, &received);
                }
                match received {
                    Received::Text(text) => stage.player.take(serde_json::from_str(&text).unwrap_or_default(), now()),
                    Received::Closed | Received::TooLong => break,
                    Received::Binary | Received::Alive => {}
                }
            }
            () = tokio::time::sleep_until(wake.into()), if !stage.over => {}
            _ = stopped.changed(), if !stage.over => {
                stage.outbox.clear();
                stage.end(Frame::Close { code: 1001, reason: "the server is shutting down".to_owned() });
            }
        }
    }
    drop(frames);
    part(reader, writing).await;
    drop(seat);
}

struct Stage {
    player: Player,
    outbox: Outgoing,
    over: bool,
}

impl Stage {
    /// Does all that is due.
    fn advance(&mut self, now: Instant) {
        while !self.over
            && let Some(cue) = self.player.poll(now)
        {
            match cue {
                Cue::Send(event) => self.over = !self.outbox.push(Frame::Text(event.to_string())),
                Cue::Close { code, reason } => self.end(Frame::Close { code, reason }),
                Cue::Drop => self.end(Frame::Cut),
            }
        }
    }

    fn end(&mut self, frame: Frame) {
        self.outbox.push(frame);
        self.over = true;
    }
}

/// What a rule for `connect` sees: the fields of the address.
fn connected(head: &RequestHead) -> Value {
    let query = head.query.as_deref().unwrap_or_default();
    let mut event: Map<String, Value> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(key, value)| (key.into(), json!(value)))
        .collect();
    event.insert("type".to_owned(), json!(CONNECT));
    Value::Object(event)
}
