//! What went wrong with an endpoint, in words with the cure.

use serde_json::Value;
use url::Url;

use super::{Endpoint, HttpError};
use crate::text::Clean;
use crate::transport::auth;

/// Shown of what a server said, in characters.
const MAX_SAID: usize = 200;

/// What an endpoint is to the person: how it is called, and what sets it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// As in "the … at `host`".
    pub name: &'static str,
    /// The setting that holds its address.
    pub setting: &'static str,
    /// The environment variable that holds its key.
    pub key: &'static str,
    /// The end of the address, such as `/v1/chat/completions`.
    pub path: &'static str,
}

impl Service {
    /// Where a server with this endpoint at `url` lists its models.
    pub fn models_url(&self, url: &Url) -> Url {
        let end = self.path.strip_prefix("/v1").unwrap_or(self.path);
        let base = url.path().strip_suffix(end).unwrap_or("/v1").to_owned();
        let mut url = url.clone();
        url.set_path(&format!("{base}/models"));
        url
    }

    /// `error` as one line for the person who asked for `model`.
    pub fn explain(&self, error: &HttpError, endpoint: &Endpoint, model: &str) -> String {
        let who = format!("the {} at `{}`", self.name, endpoint.host());
        let text = match error {
            HttpError::Refused if endpoint.proxy.is_some() => {
                let proxy = endpoint.proxy.as_ref().map(auth::displayed).unwrap_or_default();
                format!(
                    "nothing answers at the proxy `{proxy}`; check `HTTPS_PROXY`, or name the host in `NO_PROXY`"
                )
            }
            HttpError::Refused => {
                format!("nothing answers at `{}`; {}", endpoint.host(), start(&endpoint.url))
            }
            HttpError::NoHost => {
                format!("there is no host `{}`; check `{}`", endpoint.host(), self.setting)
            }
            HttpError::Silent(time) => {
                format!("{who} has been silent for {} s; is it still loading its model?", time.as_secs())
            }
            HttpError::Cut => format!("{who} broke off in the middle of its answer; look at its log"),
            HttpError::ClearText => format!(
                "the key in `{}` is not sent to `{}` over an unencrypted connection; use `https://`, or unset it",
                self.key,
                endpoint.host()
            ),
            HttpError::Redirected(place) => {
                format!("{who} sends us to `{place}`, which is not followed; set `{}` to that", self.setting)
            }
            HttpError::Status { status, body } => self.refused(*status, body, &who, endpoint, model),
            HttpError::Tls(reason) | HttpError::Other(reason) => format!("{who} cannot be asked: {reason}"),
        };
        Clean::line(&text).into_string()
    }

    fn refused(&self, status: u16, body: &str, who: &str, endpoint: &Endpoint, model: &str) -> String {
        let said = told(body);
        let lower = said.as_deref().unwrap_or_default().to_lowercase();
        let quoted = said.as_deref().map(|said| format!(" (\"{said}\")")).unwrap_or_default();
        match status {
            401 | 403 if endpoint.key.is_some() => {
                format!("{who} refuses the key; check `{}`{quoted}", self.key)
            }
            401 | 403 => format!("{who} wants a key; set `{}`{quoted}", self.key),
            // A server may say 400 of a model that it has not.
            404 | 400 if lower.contains("model") && lower.contains("not found") => {
                format!("{who} has no model `{model}`; {}", get_model(&endpoint.url, model))
            }
            404 if lower.contains("model") => {
                format!("{who} has no model `{model}`{quoted}; {}", get_model(&endpoint.url, model))
            }
            404 | 405 => format!(
                "{who} does not know the path `{}`; `{}` often ends with `/v1`{quoted}",
                endpoint.url.path(),
                self.setting
            ),
            400 | 422 | 500
                if lower.contains("does not support tools") || lower.contains("tool choice requires") =>
            {
                format!("the model `{model}` cannot call functions here; choose one that can{quoted}")
            }
            400 if lower.contains("context") => {
                format!("the conversation is too long for the model `{model}`; begin a new one{quoted}")
            }
            402 | 429 => format!("{who} has had enough of us for now; wait, or check your quota{quoted}"),
            503 => format!("{who} is not ready yet, or has too much to do; try again{quoted}"),
            500.. => format!("{who} failed with {status}; look at its log{quoted}"),
            _ => format!("{who} refuses the request with {status}{quoted}"),
        }
    }
}

/// The names in a server's list of models, in its order; none where it is no such list.
pub fn model_names(list: &[u8]) -> Vec<String> {
    let list: Value = serde_json::from_slice(list).unwrap_or_default();
    let models = list["data"].as_array().into_iter().flatten();
    models.filter_map(|model| model["id"].as_str().map(str::to_owned)).collect()
}

/// What an error's body says in words: `{"error": {"message": …}}` and its relatives, or a short plain text.
pub fn told(body: &str) -> Option<String> {
    let said = match serde_json::from_str::<Value>(body) {
        Ok(value) => message(&value)?.to_owned(),
        Err(_) if body.trim_start().starts_with('<') => return None,
        Err(_) => body.to_owned(),
    };
    let line = Clean::line(said.trim()).into_string();
    let mut short: String = line.chars().take(MAX_SAID).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    Some(short).filter(|said| !said.is_empty())
}

fn message(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(list) => list.first().and_then(message),
        Value::Object(_) => {
            ["error", "message", "detail", "msg"].iter().filter_map(|name| value.get(name)).find_map(message)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Known by their ports.
fn start(url: &Url) -> &'static str {
    match url.port_or_known_default() {
        Some(11434) => "is Ollama running? `ollama serve` starts it",
        Some(8080) => "is the server, such as `llama-server`, running?",
        _ => "is the server running, and the address right?",
    }
}

fn get_model(url: &Url, model: &str) -> String {
    match url.port_or_known_default() {
        Some(11434) => format!("`ollama pull {model}` gets it, `ollama list` shows what is there"),
        _ => "`realtime-cli models` shows what is there".to_owned(),
    }
}
