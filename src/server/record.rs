//! A record of all events of all clients as JSON lines, in the order in which they passed.
//!
//! A line has `ms` since the server began, by a clock that never jumps, the `client`'s number, who sent it (`from`),
//! and the `event`, in which sound is the number of its bytes.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::access::RequestHead;

/// Where the lines of all clients go.
#[derive(Clone)]
pub struct Recorder {
    out: Arc<Mutex<Box<dyn Write + Send>>>,
    /// Since the server began.
    clock: Arc<dyn Fn() -> Duration + Send + Sync>,
}

/// One client's lines.
#[derive(Debug, Clone)]
pub(super) struct Track {
    recorder: Recorder,
    number: u64,
}

impl Recorder {
    pub fn new(out: Box<dyn Write + Send>, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { out: Arc::new(Mutex::new(out)), clock: Arc::new(clock) }
    }

    pub(super) fn track(&self, number: u64) -> Track {
        Track { recorder: self.clone(), number }
    }
}

impl Track {
    pub(super) fn connected(&self, head: &RequestHead) {
        let dialect = if head.is_beta() { "beta" } else { "ga" };
        let model = head.query_value("model");
        self.line("client", "connected", &json!({"dialect": dialect, "model": model}));
    }

    pub(super) fn closed(&self, from: &str, how: &Value) {
        self.line(from, "closed", how);
    }

    pub(super) fn event(&self, from: &str, text: &str) {
        match serde_json::from_str(text) {
            Ok(Value::Object(mut event)) => {
                shorten(&mut event);
                self.line(from, "event", &Value::Object(event));
            }
            _ => self.line(from, "no_event", &json!({"bytes": text.len()})),
        }
    }

    pub(super) fn binary(&self) {
        self.line("client", "no_event", &json!({"binary": true}));
    }

    /// A record that cannot be written is no reason to end a conversation.
    fn line(&self, from: &str, key: &str, value: &Value) {
        // The time is taken behind the lock: so lines stand in the order of their times.
        let mut out = self.recorder.out.lock().unwrap_or_else(PoisonError::into_inner);
        let ms = (self.recorder.clock)().as_micros() as f64 / 1000.0;
        let mut line = json!({"ms": ms, "client": self.number, "from": from, key: value}).to_string();
        line.push('\n');
        // In one piece: a server that is killed leaves no half line.
        if let Err(error) = out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
            tracing::warn!(%error, "the record of events cannot be written");
        }
    }
}

/// Puts the number of its bytes in the place of sound.
pub(crate) fn shorten(object: &mut Map<String, Value>) {
    let is_sound =
        object.get("type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("audio.delta"));
    for (key, value) in object {
        match value {
            Value::String(sound) if key == "audio" || is_sound && key == "delta" => {
                let padding = sound.bytes().rev().take_while(|b| *b == b'=').count();
                *value = json!((sound.len() / 4 * 3).saturating_sub(padding));
            }
            Value::Object(inner) => shorten(inner),
            Value::Array(values) => values.iter_mut().filter_map(Value::as_object_mut).for_each(shorten),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("written").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_says_when_who_and_what_and_how_much_sound() {
        let page = Page::default();
        let recorder = Recorder::new(Box::new(page.clone()), || Duration::from_micros(1_500));
        recorder.track(2).event("client", r#"{"type":"input_audio_buffer.append","audio":"AAAA"}"#);
        recorder.track(1).event("server", r#"{"type":"response.output_audio.delta","delta":"AAA="}"#);
        recorder.track(1).event("server", r#"{"type":"response.output_text.delta","delta":"AAA="}"#);
        recorder.track(1).event("client", "{");
        let text = String::from_utf8(page.0.lock().expect("written").clone()).expect("text");
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
        let append = json!({"type": "input_audio_buffer.append", "audio": 3});
        assert_eq!(lines[0], json!({"ms": 1.5, "client": 2, "from": "client", "event": append}));
        assert_eq!(lines[1]["event"]["delta"], 2);
        assert_eq!(lines[2]["event"]["delta"], "AAA=");
        assert_eq!(lines[3]["no_event"], json!({"bytes": 1}));
    }
}
