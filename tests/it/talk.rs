//! Push-to-talk of the built program on a terminal: the bytes of its key, and what a server gets.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use realtime_cli::protocol::Dialect;
use tokio_tungstenite::tungstenite::Message;

use crate::program::{Program, demo};
use crate::schema::assert_client_event;
use crate::screen::{PATIENCE, Terminal, assert_restored};

const APPEND: &str = "input_audio_buffer.append";
const COMMIT: &str = "input_audio_buffer.commit";
const CLEAR: &str = "input_audio_buffer.clear";

/// A server that takes note of what it gets, and says no more than it has to.
struct Server {
    address: SocketAddr,
    events: Arc<(Mutex<Vec<String>>, Condvar)>,
}

impl Server {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = listener.local_addr().expect("an address");
        listener.set_nonblocking(true).expect("set");
        let events = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let log = Arc::clone(&events);
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(serve(listener, &log));
        });
        Self { address, events }
    }

    fn url(&self) -> String {
        format!("ws://{}/v1/realtime", self.address)
    }

    /// Waits until there are `count` events of this kind in all.
    fn wait_for(&self, kind: &str, count: usize) {
        let (events, news) = &*self.events;
        let enough = |events: &mut Vec<String>| events.iter().filter(|e| *e == kind).count() < count;
        let waited = news.wait_timeout_while(events.lock().expect("not poisoned"), PATIENCE, enough);
        let (events, timeout) = waited.expect("not poisoned");
        assert!(!timeout.timed_out(), "no {count} {kind}: {events:?}");
    }

    fn count(&self, kind: &str) -> usize {
        self.events.0.lock().expect("not poisoned").iter().filter(|e| *e == kind).count()
    }

    /// Sound only between the beginning of a take and its end. The number of takes.
    fn assert_sound_only_in_takes(&self) -> usize {
        let events = self.events.0.lock().expect("not poisoned");
        let (mut open, mut takes) = (false, 0);
        for event in events.iter() {
            match event.as_str() {
                CLEAR => open = true,
                COMMIT => {
                    assert!(open, "{events:?}");
                    (open, takes) = (false, takes + 1);
                }
                APPEND => assert!(open, "sound outside a take: {events:?}"),
                _ => {}
            }
        }
        takes
    }
}

async fn serve(listener: std::net::TcpListener, log: &(Mutex<Vec<String>>, Condvar)) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    let Ok((stream, _)) = listener.accept().await else { return };
    let mut socket = tokio_tungstenite::accept_async(stream).await.expect("a handshake");
    let created = r#"{"type":"session.created","event_id":"e","session":{"type":"realtime","id":"s"}}"#;
    let _ = socket.send(Message::text(created)).await;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let event: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_client_event(&text, Dialect::Ga);
        if event["type"] == "session.update" {
            assert!(event["session"]["audio"]["input"]["turn_detection"].is_null(), "{text}");
        }
        log.0.lock().expect("not poisoned").push(event["type"].as_str().expect("a type").to_owned());
        log.1.notify_all();
    }
}

struct Scene {
    server: Server,
    terminal: Terminal,
    _program: Program,
}

impl Scene {
    fn new(method: &str) -> Self {
        let (server, program) = (Server::start(), Program::new());
        let (url, data, wav) = (server.url(), program.data_dir(), demo("buy-groceries"));
        let args = ["--url", &url, "--data-dir", &data, "--audio-in", &wav, "--mode", "ptt", "--ptt", method];
        let mut terminal = Terminal::start(&program, &args);
        terminal.wait_for("online");
        server.wait_for("session.update", 1);
        Self { server, terminal, _program: program }
    }

    /// The microphone's clock: until so many more frames of 20 ms were sent.
    fn hear(&self, frames: usize) {
        self.server.wait_for(APPEND, self.server.count(APPEND) + frames);
    }

    /// What was sent when the next thing is typed was all that there is.
    fn end(mut self) -> usize {
        self.terminal.keys("fence\r");
        self.server.wait_for("conversation.item.create", 1);
        let takes = self.server.assert_sound_only_in_takes();
        self.terminal.keys("\u{3}");
        let (code, raw) = self.terminal.end();
        assert_eq!(code, 0);
        assert_restored(&raw);
        takes
    }
}

#[test]
fn with_releases_a_held_key_is_a_take_also_when_a_release_is_lost() {
    let mut scene = Scene::new("auto");
    scene.terminal.wait_for_bytes("\u{1b}[?u", 1);
    scene.terminal.keys("\u{1b}[?31u");
    scene.terminal.wait_for("hold Space to talk");
    scene.terminal.keys("\u{1b}[32;;32u");
    scene.terminal.wait_for("MIC OPEN while held");
    scene.hear(30);
    scene.terminal.keys("\u{1b}[32;1:2;32u\u{1b}[32;1:2;32u");
    scene.terminal.keys("\u{1b}[32;1:3u");
    scene.server.wait_for(COMMIT, 1);
    scene.terminal.wait_for("hold Space to talk");
    // The release is lost: any other key does it, and is typed.
    scene.terminal.keys("\u{1b}[32;;32u");
    scene.hear(30);
    scene.terminal.keys("\u{1b}[120;;120u");
    scene.server.wait_for(COMMIT, 2);
    scene.terminal.wait_for("> x");
    assert_eq!(scene.end(), 2);
}

#[test]
fn where_keys_only_repeat_the_take_ends_with_the_repeats() {
    let mut scene = Scene::new("auto");
    scene.terminal.keys(" ");
    scene.terminal.wait_for("MIC OPEN while held");
    scene.hear(25);
    for _ in 0..20 {
        scene.terminal.keys(" ");
        scene.hear(1);
    }
    scene.server.wait_for(COMMIT, 1);
    // On a busy machine, a pause between two repeats may have been an end.
    assert!(scene.end() >= 1);
}

#[test]
fn where_keys_do_not_repeat_a_tap_starts_and_ends() {
    let mut scene = Scene::new("auto");
    scene.terminal.keys(" ");
    scene.terminal.wait_for("MIC OPEN until Space");
    scene.hear(20);
    scene.terminal.keys(" ");
    scene.server.wait_for(COMMIT, 1);
    scene.terminal.wait_for("hold Space to talk");
    assert_eq!(scene.end(), 1);
}

#[test]
fn a_toggle_starts_and_ends_and_asks_nothing_of_the_terminal() {
    let mut scene = Scene::new("toggle");
    scene.terminal.wait_for("Space starts and ends");
    scene.terminal.keys(" ");
    scene.terminal.wait_for("MIC OPEN until Space");
    scene.terminal.keys(" ");
    // Longer than a repeat may take: 15 frames were of before the press.
    scene.hear(60);
    scene.terminal.keys(" ");
    scene.server.wait_for(COMMIT, 1);
    scene.terminal.wait_for("Space starts and ends");
    assert_eq!(scene.end(), 1);
}

#[test]
fn a_lost_focus_ends_the_take() {
    let mut scene = Scene::new("toggle");
    scene.terminal.keys(" ");
    scene.hear(30);
    scene.terminal.keys("\u{1b}[O");
    scene.server.wait_for(COMMIT, 1);
    assert_eq!(scene.end(), 1);
}
