//! Which engines the offline engine is made of: what the `[offline]` settings come to.

use std::path::PathBuf;

use url::Url;

use super::{Config, ConfigError, Origin};
use crate::http::Endpoint;

/// The keys of endpoints: what they are called, their variable, and the setting that names their file.
pub(super) const KEYS: [(&str, &str, &str); 3] = [
    ("transcription key", "REALTIME_CLI_TRANSCRIPTION_KEY", "offline.transcription_key_file"),
    ("chat key", "REALTIME_CLI_CHAT_KEY", "offline.chat_key_file"),
    ("speech key", "REALTIME_CLI_SPEECH_KEY", "offline.speech_key_file"),
];

#[derive(Debug, Clone, PartialEq)]
pub struct OfflinePlan {
    pub recognizer: RecognizerPlan,
    pub brain: BrainPlan,
    pub synthesizer: SynthesizerPlan,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RecognizerPlan {
    BuiltIn,
    /// `None`: the language is found out.
    Whisper {
        model: PathBuf,
        language: Option<String>,
    },
    Http {
        endpoint: Endpoint,
        model: String,
        language: Option<String>,
    },
}

#[expect(clippy::large_enum_variant, reason = "there is one, at the start")]
#[derive(Debug, Clone, PartialEq)]
pub enum BrainPlan {
    BuiltIn,
    /// An empty model is the first one that the server has.
    Chat {
        endpoint: Endpoint,
        model: String,
    },
}

#[expect(clippy::large_enum_variant, reason = "there is one, at the start")]
#[derive(Debug, Clone, PartialEq)]
pub enum SynthesizerPlan {
    /// What the system has.
    Auto,
    Espeak,
    Say,
    Piper {
        voice: PathBuf,
    },
    /// An empty voice is the conversation's.
    Http {
        endpoint: Endpoint,
        model: String,
        voice: String,
    },
}

/// An endpoint's settings.
struct Place {
    choice: &'static str,
    url: &'static str,
    example: &'static str,
    /// The end of the address when only its base is given, and others that are whole addresses, too.
    path: &'static str,
    whole: &'static [&'static str],
    key: &'static str,
    key_file: &'static str,
}

const TRANSCRIPTION: Place = Place {
    choice: "offline.recognizer",
    url: "offline.transcription_url",
    example: "http://localhost:8000/v1",
    path: "/audio/transcriptions",
    // whisper.cpp's server.
    whole: &["/inference"],
    key: KEYS[0].1,
    key_file: KEYS[0].2,
};
const CHAT: Place = Place {
    choice: "offline.brain",
    url: "offline.chat_url",
    example: "http://localhost:11434/v1",
    path: "/chat/completions",
    whole: &[],
    key: KEYS[1].1,
    key_file: KEYS[1].2,
};
const SPEECH: Place = Place {
    choice: "offline.synthesizer",
    url: "offline.speech_url",
    example: "http://localhost:8880/v1",
    path: "/audio/speech",
    whole: &[],
    key: KEYS[2].1,
    key_file: KEYS[2].2,
};

impl Config {
    /// Settles on engines. Key files are read here.
    pub fn offline(&self) -> Result<OfflinePlan, ConfigError> {
        Ok(OfflinePlan {
            recognizer: self.recognizer_plan()?,
            brain: self.brain_plan()?,
            synthesizer: self.synthesizer_plan()?,
        })
    }

    fn recognizer_plan(&self) -> Result<RecognizerPlan, ConfigError> {
        let implied = [("offline.whisper_model", "whisper"), (TRANSCRIPTION.url, "http")];
        let language = self.settings.transcription.language.clone();
        Ok(match self.choice(TRANSCRIPTION.choice, &implied) {
            "whisper" => RecognizerPlan::Whisper {
                model: self.file(TRANSCRIPTION.choice, "offline.whisper_model", "~/ggml-base.en.bin")?,
                language,
            },
            "http" => RecognizerPlan::Http {
                endpoint: self.http(&TRANSCRIPTION)?,
                model: self.text("offline.transcription_model").to_owned(),
                language,
            },
            _ => RecognizerPlan::BuiltIn,
        })
    }

    fn brain_plan(&self) -> Result<BrainPlan, ConfigError> {
        Ok(match self.choice(CHAT.choice, &[(CHAT.url, "chat")]) {
            "chat" => BrainPlan::Chat {
                endpoint: self.http(&CHAT)?,
                model: self.text("offline.chat_model").to_owned(),
            },
            _ => BrainPlan::BuiltIn,
        })
    }

    fn synthesizer_plan(&self) -> Result<SynthesizerPlan, ConfigError> {
        let implied = [("offline.piper_voice", "piper"), (SPEECH.url, "http")];
        Ok(match self.choice(SPEECH.choice, &implied) {
            "espeak" => SynthesizerPlan::Espeak,
            "say" => SynthesizerPlan::Say,
            "piper" => {
                let example = "~/en_US-lessac-medium.onnx";
                SynthesizerPlan::Piper { voice: self.file(SPEECH.choice, "offline.piper_voice", example)? }
            }
            "http" => SynthesizerPlan::Http {
                endpoint: self.http(&SPEECH)?,
                model: self.text("offline.speech_model").to_owned(),
                voice: self.text("offline.speech_voice").to_owned(),
            },
            _ => SynthesizerPlan::Auto,
        })
    }

    /// What was said most directly: the choice itself, or one that a file or address implies. Where two were said
    /// alike, the choice goes first, and then what is first in `implied`.
    fn choice<'a>(&'a self, choice: &str, implied: &[(&str, &'a str)]) -> &'a str {
        let chosen = Some(self.text(choice)).filter(|word| *word != "auto");
        let chosen = chosen.map(|word| (rank(self.origin(choice)), word));
        let set = implied.iter().filter(|(setting, _)| !self.text(setting).is_empty());
        let said = chosen.into_iter().chain(set.map(|(setting, word)| (rank(self.origin(setting)), *word)));
        said.reduce(|first, next| if next.0 > first.0 { next } else { first })
            .map_or("auto", |(_, word)| word)
    }

    fn file(
        &self,
        choice: &'static str,
        setting: &'static str,
        example: &'static str,
    ) -> Result<PathBuf, ConfigError> {
        match self.text(setting) {
            "" => Err(self.missing(choice, setting, example)),
            path => Ok(super::resolve(path, self.origin(setting), &self.env)),
        }
    }

    fn http(&self, place: &Place) -> Result<Endpoint, ConfigError> {
        let text = self.text(place.url);
        if text.is_empty() {
            return Err(self.missing(place.choice, place.url, place.example));
        }
        let url = address(text, place)
            .map_err(|reason| ConfigError::Url { origin: self.origin(place.url).clone(), reason })?;
        let key = self.key_of(Some(place.key), place.key_file)?;
        let proxy = self.proxy(&url)?;
        Ok(Endpoint { url, key, proxy })
    }

    fn missing(&self, choice: &'static str, needed: &'static str, example: &'static str) -> ConfigError {
        ConfigError::Missing { choice, chosen: self.text(choice).to_owned(), needed, example }
    }

    /// Whether the setting, a text, is not empty.
    pub fn is_set(&self, setting: &str) -> bool {
        !self.text(setting).is_empty()
    }

    /// How to reach `url` for what needs no key, such as a model to fetch.
    pub fn plain_endpoint(&self, url: Url) -> Result<Endpoint, ConfigError> {
        let proxy = self.proxy(&url)?;
        Ok(Endpoint { url, key: None, proxy })
    }
}

fn rank(origin: &Origin) -> u8 {
    match origin {
        Origin::Default => 0,
        Origin::File(_) => 1,
        Origin::Remembered(_) => 2,
        Origin::Environment(_) | Origin::Variable(_) => 3,
        Origin::Flag(_) | Origin::Keyring => 4,
    }
}

/// The whole address from its base, which is what most programs call it.
fn address(text: &str, place: &Place) -> Result<Url, String> {
    let setting = place.url;
    let mut url =
        Url::parse(text).map_err(|error| format!("`{setting}` has to begin with `http://`: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(format!("`{setting}` has to begin with `http://` or `https://`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("`{setting}` holds a user or password; give a key by `{}`", place.key));
    }
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    let whole = std::iter::once(&place.path).chain(place.whole).any(|end| path.ends_with(end));
    if !whole {
        let base = if path.is_empty() { "/v1" } else { &path };
        url.set_path(&format!("{base}{}", place.path));
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
