//! What there is on this machine and behind the addresses that are set, as data, as text and as JSON.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::catalog::{CATALOG, Kind};
use crate::config::{BrainPlan, Config, OfflinePlan, RecognizerPlan, SynthesizerPlan};
use crate::http::{self, Client, Endpoint, Event, HttpError, Patience, Request, Service};
use crate::server::chat::SERVICE as CHAT;
use crate::server::recognizer::remote::SERVICE as TRANSCRIPTION;
use crate::server::recognizer::{self, find_program};
use crate::server::synthesizer::remote::SERVICE as SPEECH;
use crate::text::Clean;

/// How long a server may take to say that it is there: this many waits of 50 ms.
const WAITS: u32 = 36;
const PATIENCE: Patience = Patience { connect: Duration::from_secs(2), silence: Duration::from_secs(2) };
/// Names of models that are shown of a server.
const SHOWN: usize = 5;
/// Of a list of models, in bytes.
const MAX_LIST: usize = 4 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Ready,
    Missing,
    NotSet,
    Unreachable,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Missing => "missing",
            Self::NotSet => "not set",
            Self::Unreachable => "unreachable",
        }
    }
}

/// One engine. Its detail is not clean yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Engine {
    pub(super) part: &'static str,
    pub(super) name: &'static str,
    pub(super) state: State,
    pub(super) used: bool,
    pub(super) detail: String,
}

pub(super) struct Report {
    pub(super) engines: Vec<Engine>,
    /// Why the settings name no engines.
    pub(super) wrong: Option<String>,
    pub(super) folder: PathBuf,
    /// In that folder.
    pub(super) files: Vec<String>,
}

impl Report {
    /// Looks for programs and files, and asks the servers that are set; takes two seconds at most.
    pub(super) fn gather(config: &Config, folder: &Path) -> Self {
        let (plan, wrong) = match config.offline() {
            Ok(plan) => (Some(plan), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let mut engines = recognizers(plan.as_ref(), config);
        engines.extend(brains(plan.as_ref()));
        engines.extend(voices(plan.as_ref(), config));
        ask(&mut engines, plan.as_ref());
        Self { engines, wrong, folder: folder.to_owned(), files: files(folder) }
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut part = "";
        for engine in &self.engines {
            if engine.part != part {
                part = engine.part;
                let _ = writeln!(text, "{part}");
            }
            let mark = if engine.used { '*' } else { ' ' };
            let detail = Clean::line(&engine.detail);
            let _ = writeln!(text, " {mark} {:<8} {:<11} {detail}", engine.name, engine.state.word());
        }
        let _ = writeln!(text, "\nfetched, in {}", Clean::line(&self.folder.display().to_string()));
        for file in &self.files {
            let _ = writeln!(text, "   {}", Clean::line(file));
        }
        if self.files.is_empty() {
            let _ = writeln!(text, "   nothing yet");
        }
        let _ = writeln!(text, "\nto fetch, by `realtime-cli models fetch NAME`");
        for model in CATALOG {
            let _ = writeln!(
                text,
                "   {:<25} {:>4} MiB  {} (license: {})",
                model.name, model.mib, model.about, model.license
            );
        }
        let _ = writeln!(
            text,
            "\n* is used; `[offline]` in the settings, or a switch of `serve`, chooses others"
        );
        if let Some(wrong) = &self.wrong {
            let _ = writeln!(text, "warning: {}", Clean::line(wrong));
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let engines = self.engines.iter().map(|engine| {
            json!({
                "part": engine.part, "engine": engine.name, "state": engine.state.word(), "used": engine.used,
                "detail": engine.detail,
            })
        });
        let catalog = CATALOG.iter().map(|model| {
            let files = model.files.iter().map(|f| json!({"url": f.url, "checksum": f.checksum().to_string()}));
            json!({
                "name": model.name, "setting": model.kind.setting(), "mib": model.mib, "license": model.license,
                "files": files.collect::<Vec<_>>(),
            })
        });
        json!({
            "v": 1,
            "engines": engines.collect::<Vec<_>>(),
            "folder": self.folder,
            "files": self.files,
            "catalog": catalog.collect::<Vec<_>>(),
            "warning": self.wrong,
        })
    }
}

fn engine(
    part: &'static str,
    name: &'static str,
    used: bool,
    state: State,
    detail: impl Into<String>,
) -> Engine {
    Engine { part, name, state, used, detail: detail.into() }
}

/// A program of ours or what to install for it.
fn program(name: &str, cure: &str) -> (State, String) {
    match find_program(name) {
        Some(path) => (State::Ready, path.display().to_string()),
        None => (State::Missing, format!("no program `{name}`; {cure}")),
    }
}

/// A file that a setting names.
fn file(config: &Config, setting: &'static str, chosen: Option<&Path>) -> (State, String) {
    match (chosen, config.is_set(setting)) {
        (Some(path), _) if path.is_file() => (State::Ready, path.display().to_string()),
        (Some(path), _) => (State::Missing, format!("there is no file `{}`", path.display())),
        (None, true) => (State::Ready, format!("`{setting}` is set, but another engine is chosen")),
        (None, false) => (State::NotSet, format!("`{setting}` names a file")),
    }
}

fn recognizers(plan: Option<&OfflinePlan>, config: &Config) -> Vec<Engine> {
    const PART: &str = "recognizer";
    let chosen = plan.map(|plan| &plan.recognizer);
    let builtin = match recognizer::missing() {
        None => (State::Ready, "PocketSphinx, for talk about tasks".to_owned()),
        Some(what) => (State::Missing, format!("{what}; {}", recognizer::INSTALL)),
    };
    let model = match chosen {
        Some(RecognizerPlan::Whisper { model, .. }) => Some(model.as_path()),
        _ => None,
    };
    let whisper = if cfg!(feature = "whisper") {
        file(config, "offline.whisper_model", model)
    } else {
        (State::Missing, "built without it: `cargo install --path . --locked --features whisper`".to_owned())
    };
    vec![
        engine(PART, "builtin", matches!(chosen, Some(RecognizerPlan::BuiltIn)), builtin.0, builtin.1),
        engine(PART, "whisper", model.is_some(), whisper.0, whisper.1),
        unset(PART, "http", matches!(chosen, Some(RecognizerPlan::Http { .. })), &TRANSCRIPTION),
    ]
}

fn brains(plan: Option<&OfflinePlan>) -> Vec<Engine> {
    const PART: &str = "brain";
    let chosen = plan.map(|plan| &plan.brain);
    let builtin = matches!(chosen, Some(BrainPlan::BuiltIn));
    vec![
        engine(PART, "builtin", builtin, State::Ready, "rules about tasks"),
        unset(PART, "chat", matches!(chosen, Some(BrainPlan::Chat { .. })), &CHAT),
    ]
}

fn voices(plan: Option<&OfflinePlan>, config: &Config) -> Vec<Engine> {
    const PART: &str = "synthesizer";
    let chosen = plan.map(|plan| &plan.synthesizer);
    let espeak = program("espeak-ng", "install `espeak-ng`");
    let say = program("say", "macOS has it");
    let auto = matches!(chosen, Some(SynthesizerPlan::Auto));
    let says = auto && espeak.0 != State::Ready && say.0 == State::Ready;
    let voice = match chosen {
        Some(SynthesizerPlan::Piper { voice }) => Some(voice.as_path()),
        _ => None,
    };
    let piper = match program("piper", "`pipx install piper-tts`") {
        (State::Ready, _) => file(config, "offline.piper_voice", voice),
        missing => missing,
    };
    let espeaks = auto && !says || matches!(chosen, Some(SynthesizerPlan::Espeak));
    vec![
        engine(PART, "espeak", espeaks, espeak.0, espeak.1),
        engine(PART, "say", says || matches!(chosen, Some(SynthesizerPlan::Say)), say.0, say.1),
        engine(PART, "piper", voice.is_some(), piper.0, piper.1),
        unset(PART, "http", matches!(chosen, Some(SynthesizerPlan::Http { .. })), &SPEECH),
    ]
}

/// An endpoint that has not been asked yet.
fn unset(part: &'static str, name: &'static str, used: bool, service: &Service) -> Engine {
    engine(part, name, used, State::NotSet, format!("`{}` is its address", service.setting))
}

/// Asks all endpoints that are used, at the same time.
fn ask(engines: &mut [Engine], plan: Option<&OfflinePlan>) {
    let Some(plan) = plan else { return };
    let mut asked: Vec<(&str, &Endpoint, Service)> = Vec::new();
    if let RecognizerPlan::Http { endpoint, .. } = &plan.recognizer {
        asked.push(("recognizer", endpoint, TRANSCRIPTION));
    }
    if let BrainPlan::Chat { endpoint, .. } = &plan.brain {
        asked.push(("brain", endpoint, CHAT));
    }
    if let SynthesizerPlan::Http { endpoint, .. } = &plan.synthesizer {
        asked.push(("synthesizer", endpoint, SPEECH));
    }
    let answers: Vec<_> = thread::scope(|scope| {
        let asking: Vec<_> = asked
            .iter()
            .map(|(part, endpoint, service)| (*part, scope.spawn(|| reach(endpoint, service))))
            .collect();
        asking.into_iter().map(|(part, answer)| (part, answer.join())).collect()
    });
    for (part, answer) in answers {
        let Some(engine) = engines.iter_mut().find(|engine| engine.part == part && engine.used) else {
            continue;
        };
        (engine.state, engine.detail) =
            answer.unwrap_or_else(|_| (State::Unreachable, "it could not be asked".to_owned()));
    }
}

/// Whether somebody is there, and which models it has, where it says so.
fn reach(endpoint: &Endpoint, service: &Service) -> (State, String) {
    let client = Client::new(endpoint.clone(), PATIENCE);
    let mut list = Vec::new();
    let mut waits = 0;
    let answer = client.exchange(Request::get(&service.models_url(&endpoint.url)), &mut |event| {
        match event {
            Event::Body(bytes) => list.extend_from_slice(bytes),
            Event::Waiting => waits += 1,
            Event::Head(_) => {}
        }
        if waits >= WAITS || list.len() > MAX_LIST {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let host = endpoint.host();
    match answer {
        Ok(()) if waits >= WAITS => (State::Unreachable, format!("`{host}` does not answer")),
        Ok(()) => {
            let names = http::model_names(&list);
            let mut shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
            if names.len() > SHOWN {
                let _ = write!(shown, " and {} more", names.len() - SHOWN);
            }
            let colon = if shown.is_empty() { "" } else { ": " };
            (State::Ready, format!("{host}{colon}{shown}"))
        }
        // Not every server has a list.
        Err(HttpError::Status { status: 404 | 405, .. }) => (State::Ready, host),
        Err(error) => (State::Unreachable, service.explain(&error, endpoint, "")),
    }
}

/// Models and voices in `folder`, in order.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter(|entry| Kind::of(&entry.path()).is_some());
    let mut names: Vec<_> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
