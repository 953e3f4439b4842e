//! A brain behind any chat-completions endpoint that can call functions: Ollama, llama.cpp, vLLM, `OpenAI` and others.
//!
//! Text and calls go out as they come. `request` makes the question of a prompt, `reply` thoughts of the answer;
//! both are pure. Here is what is done about a slow, silent or unwilling server.

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::Duration;

use self::reply::Reply;
use super::engine::{Brain, EngineError, Prompt, Thought};
use crate::http::{self, Client, Endpoint, Event, HttpError, Patience, Request, Service};

mod reply;
mod request;
mod sse;

/// How a chat endpoint is set up, and called in words.
pub const SERVICE: Service = Service {
    name: "language model",
    setting: "offline.chat_url",
    key: "REALTIME_CLI_CHAT_KEY",
    path: "/v1/chat/completions",
};

/// A local server may have to load tens of gigabytes before its first word.
const PATIENCE: Patience = Patience { connect: Duration::from_secs(5), silence: Duration::from_secs(120) };
/// Of a list of models, in bytes.
const MAX_LIST: usize = 4 << 20;

/// Asks a language model over HTTP.
#[derive(Debug)]
pub struct Chat {
    client: Client,
    /// Empty: the first one that the server has.
    model: String,
    first_model: OnceLock<String>,
}

impl Chat {
    /// `endpoint` is the whole address, such as `http://localhost:11434/v1/chat/completions`. With an empty `model`, the
    /// first one that the server lists is taken.
    pub fn new(endpoint: Endpoint, model: &str) -> Self {
        Self::with_patience(endpoint, model, PATIENCE)
    }

    fn with_patience(endpoint: Endpoint, model: &str, patience: Patience) -> Self {
        Self {
            client: Client::new(endpoint, patience),
            model: model.to_owned(),
            first_model: OnceLock::new(),
        }
    }

    fn model(&self) -> Result<&str, EngineError> {
        if !self.model.is_empty() {
            return Ok(&self.model);
        }
        if let Some(model) = self.first_model.get() {
            return Ok(model);
        }
        let endpoint = self.client.endpoint();
        let list = self
            .client
            .fetch(Request::get(&SERVICE.models_url(&endpoint.url)), MAX_LIST)
            .map_err(|error| EngineError(SERVICE.explain(&error, endpoint, "")))?;
        let found = http::model_names(&list).into_iter().next();
        let model = found.ok_or_else(|| {
            EngineError(format!(
                "the language model at `{}` lists no model; set `offline.chat_model`",
                endpoint.host()
            ))
        })?;
        Ok(self.first_model.get_or_init(|| model))
    }
}

impl Brain for Chat {
    fn respond(
        &self,
        prompt: &Prompt,
        out: &mut dyn FnMut(Thought) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let model = self.model()?;
        let endpoint = self.client.endpoint();
        let is_openai = endpoint.url.host_str() == Some("api.openai.com");
        let body = request::body(prompt, model, is_openai);
        let request = Request::post(&endpoint.url, "application/json", body.to_string().into_bytes())
            .header("accept", "text/event-stream, application/json");
        let mut reply = Reply::default();
        let mut wrong = None;
        let mut stopped = false;
        let answered = self.client.exchange(request, &mut |event| {
            let quiet = matches!(event, Event::Waiting);
            let taken = match event {
                Event::Body(bytes) => reply.push(bytes),
                Event::Head(_) | Event::Waiting => Ok(()),
            };
            // What was said before it went wrong is said all the same. A server that streams its reasoning says nothing
            // for long: whether anybody still waits is asked each time.
            let nothing = Thought::Text(String::new());
            stopped = hand_out(&mut reply, out).is_break() || out(nothing).is_break();
            wrong = taken.err();
            // A connection that ends as it should can be used again; a server that does not end it is left.
            if stopped || wrong.is_some() || reply.is_over() && quiet {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if stopped {
            return Ok(());
        }
        if let Some(error) = wrong {
            return Err(EngineError(self.wrong(&error, model)));
        }
        if !reply.is_over() {
            answered.map_err(|error| EngineError(SERVICE.explain(&error, endpoint, model)))?;
        }
        let finished = reply.finish();
        let _ = hand_out(&mut reply, out);
        finished.map_err(|error| EngineError(self.wrong(&error, model)))
    }
}

impl Chat {
    fn wrong(&self, error: &reply::Wrong, model: &str) -> String {
        let endpoint = self.client.endpoint();
        match error {
            // Said in the middle of a stream, it may be the same complaint as at its beginning.
            reply::Wrong::Complaint { status, body } => {
                let error = HttpError::Status { status: *status, body: body.clone() };
                SERVICE.explain(&error, endpoint, model)
            }
            reply::Wrong::Cut => SERVICE.explain(&HttpError::Cut, endpoint, model),
            reply::Wrong::Garbled => format!(
                "the language model at `{}` gave an answer that is no chat completion; check `{}`",
                endpoint.host(),
                SERVICE.setting
            ),
            reply::Wrong::OutOfTokens => {
                "the language model ran out of tokens in the middle of a function call; allow it more"
                    .to_owned()
            }
        }
    }
}

fn hand_out(reply: &mut Reply, out: &mut dyn FnMut(Thought) -> ControlFlow<()>) -> ControlFlow<()> {
    while let Some(thought) = reply.poll() {
        out(thought)?;
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests;
