//! Speech out: a voice behind an OpenAI-compatible speech endpoint, such as Kokoro-FastAPI, speaches or `OpenAI`.
//!
//! Its sound is handed out as it arrives.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use super::stream::{Speech, speakable};
use super::wav::Header;
use crate::http::{Client, Endpoint, Event, HttpError, Patience, Request, Service};
use crate::server::engine::{ENGINE_RATE, EngineError, Synthesizer, Voice};

/// How a speech endpoint is set up, and called in words.
pub const SERVICE: Service = Service {
    name: "voice",
    setting: "offline.speech_url",
    key: "REALTIME_CLI_SPEECH_KEY",
    path: "/v1/audio/speech",
};

const PATIENCE: Patience = Patience { connect: Duration::from_secs(5), silence: Duration::from_secs(60) };
/// What these endpoints call `pcm` has this rate.
const PCM_RATE: u32 = ENGINE_RATE;
/// A WAV file whose sound has not begun by then is none, in bytes.
const MAX_HEAD: usize = 64 << 10;

#[derive(Debug)]
pub struct RemoteVoice {
    client: Client,
    model: String,
    /// Empty: the conversation's.
    voice: String,
    /// The server has refused raw samples.
    only_wav: AtomicBool,
}

impl RemoteVoice {
    /// `endpoint` is the whole address. With an empty `voice`, the server is asked for the conversation's.
    pub fn new(endpoint: Endpoint, model: &str, voice: &str) -> Self {
        Self {
            client: Client::new(endpoint, PATIENCE),
            model: model.to_owned(),
            voice: voice.to_owned(),
            only_wav: AtomicBool::new(false),
        }
    }

    fn ask(
        &self,
        text: &str,
        voice: &Voice,
        format: &str,
        out: &mut dyn FnMut(&[i16]) -> ControlFlow<()>,
    ) -> Result<Sound, HttpError> {
        let name = if self.voice.is_empty() { &voice.name } else { &self.voice };
        let body = json!({
            "model": self.model,
            "input": text,
            "voice": name,
            "response_format": format,
            "speed": (f64::from(voice.speed) * 100.0).round() / 100.0,
        });
        let url = &self.client.endpoint().url;
        let request = Request::post(url, "application/json", body.to_string().into_bytes());
        let mut sound = Sound::default();
        let mut stopped = false;
        self.client.exchange(request, &mut |event| {
            let samples = match event {
                Event::Head(head) => {
                    sound.is_text =
                        head.content_type.ends_with("json") || head.content_type.starts_with("text/");
                    &[]
                }
                Event::Body(bytes) => sound.push(bytes),
                Event::Waiting => &[],
            };
            // Without samples, it is only asked whether to go on.
            let taken = out(samples);
            stopped = taken.is_break();
            if sound.is_useless() { ControlFlow::Break(()) } else { taken }
        })?;
        if !stopped && !sound.is_useless() {
            let rest = sound.finish();
            if !rest.is_empty() {
                let _ = out(rest);
            }
        }
        sound.stopped = stopped;
        Ok(sound)
    }
}

impl Synthesizer for RemoteVoice {
    fn speak(
        &self,
        text: &str,
        voice: &Voice,
        out: &mut dyn FnMut(&[i16]) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let text = speakable(text);
        if !text.chars().any(char::is_alphanumeric) {
            return Ok(());
        }
        let first = if self.only_wav.load(Ordering::Relaxed) { "wav" } else { "pcm" };
        let mut said = self.ask(&text, voice, first, out);
        if first == "pcm" && matches!(said, Err(HttpError::Status { status: 400 | 415 | 422, .. })) {
            let again = self.ask(&text, voice, "wav", out);
            if again.is_ok() {
                self.only_wav.store(true, Ordering::Relaxed);
                said = again;
            }
        }
        let endpoint = self.client.endpoint();
        let sound = said.map_err(|error| EngineError(SERVICE.explain(&error, endpoint, &self.model)))?;
        if sound.stopped || sound.given > 0 {
            return Ok(());
        }
        Err(EngineError(format!(
            "the voice at `{}` gave no sound; it has to answer with `pcm` or `wav`",
            endpoint.host()
        )))
    }
}

/// What arrives: samples as they are, or a WAV file of any rate.
#[derive(Default)]
struct Sound {
    /// Until it is known which of the two it is.
    head: Vec<u8>,
    speech: Option<Speech>,
    given: usize,
    is_text: bool,
    bad: bool,
    stopped: bool,
}

impl Sound {
    fn is_useless(&self) -> bool {
        self.is_text || self.bad
    }

    fn push(&mut self, bytes: &[u8]) -> &[i16] {
        if self.is_useless() {
            return &[];
        }
        if self.speech.is_some() {
            return self.hand_out(bytes, false);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() < 4 {
            return &[];
        }
        if !self.head.starts_with(b"RIFF") {
            return self.begin(PCM_RATE, 0);
        }
        let mut rest = self.head.as_slice();
        match Header::read(&mut rest) {
            Ok(header) => {
                let at = self.head.len() - rest.len();
                self.begin(header.rate, at)
            }
            Err(error) => {
                let incomplete = error.kind() == std::io::ErrorKind::UnexpectedEof;
                self.bad = !incomplete || self.head.len() > MAX_HEAD;
                &[]
            }
        }
    }

    fn begin(&mut self, rate: u32, at: usize) -> &[i16] {
        self.speech = Some(Speech::new(rate));
        let head = std::mem::take(&mut self.head);
        self.hand_out(&head[at..], false)
    }

    fn finish(&mut self) -> &[i16] {
        if self.speech.is_some() { self.hand_out(&[], true) } else { &[] }
    }

    fn hand_out(&mut self, bytes: &[u8], last: bool) -> &[i16] {
        let Some(speech) = &mut self.speech else { return &[] };
        let samples = speech.push(bytes, last);
        self.given += samples.len();
        samples
    }
}

#[cfg(test)]
mod tests;
