//! Ears behind an OpenAI-compatible transcription endpoint: speaches, whisper.cpp's server, `LocalAI`, `OpenAI` and
//! others.
//!
//! Such an endpoint takes a file: the utterance is collected, and sent when it is over.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::transcript;
use crate::http::{Client, Endpoint, Patience, Request, Service};
use crate::pcm::{f32_to_i16, i16_to_f32};
use crate::resample::Resampler;
use crate::server::engine::{ENGINE_RATE, EngineError, Heard, Recognizer, Utterance};

/// How a transcription endpoint is set up, and called in words.
pub const SERVICE: Service = Service {
    name: "speech recognition",
    setting: "offline.transcription_url",
    key: "REALTIME_CLI_TRANSCRIPTION_KEY",
    path: "/v1/audio/transcriptions",
};

/// What Whisper works at; whisper.cpp's server takes nothing else.
const RATE: u32 = 16_000;
/// What is shorter holds no word, and is refused by some.
const SHORTEST: usize = RATE as usize / 10;
/// The service takes files of 25 MB, which are 13 minutes.
const LONGEST: usize = 10 * 60 * RATE as usize;
const PATIENCE: Patience = Patience { connect: Duration::from_secs(5), silence: Duration::from_secs(60) };
/// Of an answer, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// Sends each utterance to a server.
#[derive(Debug)]
pub struct RemoteRecognizer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    model: String,
    language: Option<String>,
}

impl RemoteRecognizer {
    /// `endpoint` is the whole address. Without a `language`, the server finds it out.
    pub fn new(endpoint: Endpoint, model: &str, language: Option<&str>) -> Self {
        let client = Client::new(endpoint, PATIENCE);
        let language = language.map(str::to_owned);
        Self { inner: Arc::new(Inner { client, model: model.to_owned(), language }) }
    }
}

impl Recognizer for RemoteRecognizer {
    fn begin(&self) -> Box<dyn Utterance> {
        let resampler = Resampler::new(ENGINE_RATE, RATE);
        Box::new(Collecting { inner: Arc::clone(&self.inner), resampler, samples: Vec::new() })
    }
}

struct Collecting {
    inner: Arc<Inner>,
    resampler: Resampler,
    samples: Vec<f32>,
}

impl Utterance for Collecting {
    fn feed(&mut self, samples: &[i16]) {
        if self.samples.len() <= LONGEST {
            let samples: Vec<f32> = samples.iter().map(|&s| i16_to_f32(s)).collect();
            self.resampler.push(&samples, &mut self.samples);
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Heard, EngineError> {
        if self.samples.len() > LONGEST {
            return Err(EngineError("that was more than ten minutes; say less at a time".to_owned()));
        }
        self.resampler.finish(&mut self.samples);
        if self.samples.len() < SHORTEST {
            return Ok(Heard::default());
        }
        self.inner.transcribe(&wav(&self.samples))
    }
}

impl Inner {
    fn transcribe(&self, wav: &[u8]) -> Result<Heard, EngineError> {
        let endpoint = self.client.endpoint();
        let mut fields = vec![("response_format", "json"), ("model", self.model.as_str())];
        fields.extend(self.language.as_deref().map(|language| ("language", language)));
        fields.retain(|(_, value)| !value.is_empty());
        let boundary = format!("utterance-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let request = Request::post(&endpoint.url, &content_type, form(&boundary, &fields, wav));
        let answer = self
            .client
            .fetch(request, MAX_ANSWER)
            .map_err(|error| EngineError(SERVICE.explain(&error, endpoint, &self.model)))?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let text = answer["text"].as_str().ok_or_else(|| EngineError(self.no_text(&answer)))?;
        Ok(Heard { text: transcript::spoken(text), ..Heard::default() })
    }

    /// Some tell an error with a status that says all is well.
    fn no_text(&self, answer: &Value) -> String {
        let said = answer.get("error").and_then(|_| crate::http::told(&answer.to_string()));
        let said = said.map(|said| format!(" (\"{said}\")")).unwrap_or_default();
        let host = self.client.endpoint().host();
        format!("the speech recognition at `{host}` gave no transcript{said}; check `{}`", SERVICE.setting)
    }
}

/// 16-bit mono.
fn wav(samples: &[f32]) -> Vec<u8> {
    let length = samples.len() as u32 * 2;
    let mut wav = Vec::with_capacity(44 + samples.len() * 2);
    wav.extend(b"RIFF");
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    for word in [1_u16, 1] {
        wav.extend(word.to_le_bytes());
    }
    for word in [RATE, RATE * 2] {
        wav.extend(word.to_le_bytes());
    }
    for word in [2_u16, 16] {
        wav.extend(word.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.extend(samples.iter().flat_map(|&s| f32_to_i16(s).to_le_bytes()));
    wav
}

/// The body of a `multipart/form-data` request.
fn form(boundary: &str, fields: &[(&str, &str)], wav: &[u8]) -> Vec<u8> {
    let mut head = String::new();
    for (name, value) in fields {
        // Values come from settings; a line break in one would end it early.
        let value = value.replace(['\r', '\n'], " ");
        // Writing to a string cannot fail.
        let _ = write!(
            head,
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    let _ = write!(
        head,
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"utterance.wav\"\r\n\
         Content-Type: audio/wav\r\n\r\n"
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    [head.as_bytes(), wav, tail.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
