//! What the server has in effect against what it was asked for, and what it refuses.
//!
//! A session that silently is another one is a known trap: the voice, the tools or the instructions are the server's
//! own, and nobody says so. Whoever echoes only a part, in another order, with rounded numbers or with defaults added,
//! has agreed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::changes::name;
use super::config::SoundFormat;
use super::sent::Purpose;
use super::{Conversation, Level, SessionConfig};
use crate::protocol::session::{
    AudioFormat, MaxTokens, Modality, NoiseReduction, Tool, ToolChoice, Transcription, TurnDetection,
};
use crate::protocol::{ApiError, Patch, Session, dialect};

/// So many fields may be refused one after the other.
const PATIENCE: usize = 8;
/// What a session can do without, as paths.
const DISPENSABLE: [&str; 9] = [
    "reasoning",
    "max_output_tokens",
    "truncation",
    "tracing",
    "parallel_tool_calls",
    "audio.input.noise_reduction",
    "audio.input.transcription",
    "audio.output.speed",
    "audio.output.voice",
];

#[derive(Debug, Default)]
pub(super) struct Agreement {
    /// Updates that the server has not answered.
    unanswered: usize,
    /// Told already.
    told: BTreeSet<String>,
    /// Paths within the session that this server refuses.
    refused: Vec<String>,
    hopeless: bool,
}

impl Agreement {
    pub(super) fn asked(&mut self) {
        self.unanswered += 1;
    }

    /// A new connection: old answers will not come.
    pub(super) fn connected(&mut self) {
        self.unanswered = 0;
    }
}

impl Conversation {
    /// The session as this server is asked for it.
    pub(super) fn asked(&self) -> Session {
        self.asked_with(&self.config)
    }

    pub(super) fn asked_with(&self, config: &SessionConfig) -> Session {
        without(config.session(self.mode), &self.agreement.refused)
    }

    /// The model is known before anything is asked for.
    pub(super) fn session_created(&mut self, session: &Session) {
        self.compare_model(session);
    }

    pub(super) fn session_updated(&mut self, session: &Session) {
        self.agreement.unanswered = self.agreement.unanswered.saturating_sub(1);
        self.note_in_effect(session);
        // An earlier answer may not know of a later wish.
        if self.agreement.unanswered > 0 {
            return;
        }
        if self.is_given_pcm(session) && self.fall_back_to_pcm() {
            return;
        }
        self.compare_model(session);
        let differences = differences(&self.asked(), session);
        self.give_up_changes();
        self.tell_differences(differences);
    }

    /// Where another format was asked for, which is not said of the assistant's sound while answers are written.
    fn is_given_pcm(&self, told: &Session) -> bool {
        let asked = self.asked().audio;
        let sides =
            [(asked.input.format, told.audio.input.format), (asked.output.format, told.audio.output.format)];
        let is_pcm = |format| matches!(format, Some(AudioFormat::Pcm { .. }));
        sides.into_iter().any(|(asked, told)| asked.is_some() && !is_pcm(asked) && is_pcm(told))
    }

    fn compare_model(&mut self, session: &Session) {
        let asked = self.config.model.as_str();
        // A name without its date, or behind a maker's name, is the same model.
        let same =
            |told: &str| asked.is_empty() || told.is_empty() || told.contains(asked) || asked.contains(told);
        if let Some(told) = session.model.as_deref().filter(|told| !same(told)) {
            self.tell_differences(vec![format!("the model is `{told}`, not `{asked}`")]);
        }
    }

    /// In one line, and each once.
    fn tell_differences(&mut self, differences: Vec<String>) {
        let told = &mut self.agreement.told;
        let new: Vec<_> = differences.into_iter().filter(|text| told.insert(text.clone())).collect();
        if !new.is_empty() {
            let text = format!("the server does not do all that it was asked for: {}", new.join("; "));
            self.notice(Level::Warning, &text);
        }
    }

    /// An error that answers an update of the session. False where it does not.
    pub(super) fn update_refused(&mut self, purpose: Option<Purpose>, error: &ApiError) -> bool {
        let about_session = error.param.as_deref().is_some_and(|param| param.starts_with("session."));
        let purpose = match purpose {
            None if error.event_id.is_none() && about_session && self.agreement.unanswered > 0 => {
                Some(self.latest_change().map_or(Purpose::Session, Purpose::Change))
            }
            purpose => purpose,
        };
        match purpose {
            Some(Purpose::Session | Purpose::Change(_)) => {
                self.agreement.unanswered = self.agreement.unanswered.saturating_sub(1);
            }
            _ => return false,
        }
        match purpose {
            Some(Purpose::Change(name)) => self.change_refused(name, error),
            // Its own trouble, which no other session would cure.
            _ if error.kind == "server_error" => return false,
            _ => self.session_refused(error),
        }
        true
    }

    /// All of an update is refused for one field of it: it is sent once more without, so that the rest holds.
    fn session_refused(&mut self, error: &ApiError) {
        let why = if error.message.is_empty() { error.code() } else { &error.message }
            .trim_end_matches('.')
            .to_owned();
        let asked = serde_json::to_value(self.asked()).expect("sessions serialize");
        let path = refused_path(error).and_then(|path| present(&asked, &path));
        let may_be_format = path.as_deref().is_none_or(|path| {
            path.contains(".format") || ["audio", "audio.input", "audio.output"].contains(&path)
        });
        if may_be_format && self.fall_back_to_pcm() {
            return;
        }
        let known = self.agreement.refused.len();
        let what = match path {
            Some(path) if known < PATIENCE => {
                let what = described(&path, &asked);
                self.agreement.refused.push(path);
                what
            }
            _ => {
                let left = DISPENSABLE.iter().filter(|path| find(&asked, path).is_some());
                self.agreement.refused.extend(left.map(|path| (*path).to_owned()));
                "the session's settings".to_owned()
            }
        };
        if self.agreement.refused.len() > known {
            self.notice(Level::Warning, &format!("the server refused {what}: {why}; it goes on without"));
            self.update_session();
        } else if !std::mem::replace(&mut self.agreement.hopeless, true) {
            let text = format!(
                "the server refuses this session: {why}; it goes on with its own settings, perhaps without the tools"
            );
            self.notice(Level::Error, &text);
        }
    }
}

impl SessionConfig {
    /// What was set, and cannot be said to this server, by the names of the settings.
    pub fn lost(&self) -> Vec<String> {
        let session = self.session(self.mode);
        let value = serde_json::to_value(&session).expect("sessions serialize");
        let lost = dialect::lost(&session, self.dialect, &self.quirks).into_iter();
        let set = lost.filter(|path| path != "tool_choice" || self.options.tool_choice.is_some());
        let format = self.options.sound != SoundFormat::Pcm && !self.takes_formats();
        let format = format.then(|| "`session.audio_format`".to_owned());
        set.map(|path| described(&path, &value)).chain(format).collect()
    }
}

// ---- comparing ----

/// What of `asked` is otherwise in `told`, in words. What `told` leaves out is agreed to.
pub(super) fn differences(asked: &Session, told: &Session) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |text: Option<String>| found.extend(text);
    add(modalities(asked, told));
    add(instructions(asked, told));
    add(asked.tools.as_ref().zip(told.tools.as_ref()).and_then(|(a, t)| tools(a, t)));
    add(asked.tool_choice.as_ref().zip(told.tool_choice.as_ref()).and_then(|(a, t)| tool_choice(a, t)));
    add(tokens(asked, told));
    add(word(
        "session.reasoning_effort",
        asked.reasoning.as_ref().map(|r| r.effort.as_str()),
        told.reasoning.as_ref().map(|r| r.effort.as_str()),
    ));
    if let (Patch::Set(asked), Patch::Set(told)) = (&asked.truncation, &told.truncation) {
        add((!alike(asked, told)).then(|| "`session.truncation` is another one".to_owned()));
    }
    let (input, output) = (&asked.audio.input, &asked.audio.output);
    let (told_input, told_output) = (&told.audio.input, &told.audio.output);
    add(format("the microphone's sound", input.format, told_input.format));
    add(format("the assistant's sound", output.format, told_output.format));
    add(transcription(&input.transcription, &told_input.transcription));
    add(noise(&input.noise_reduction, &told_input.noise_reduction));
    add(turn_detection(&input.turn_detection, &told_input.turn_detection));
    add(word("voice", output.voice.as_ref().and_then(name), told_output.voice.as_ref().and_then(name)));
    add(number("speed", output.speed, told_output.speed));
    found
}

fn modalities(asked: &Session, told: &Session) -> Option<String> {
    let speaks = |session: &Session| Some(session.output_modalities.as_ref()?.contains(&Modality::Audio));
    match (speaks(asked)?, speaks(told)?) {
        (true, false) => Some("answers are written, not spoken".to_owned()),
        (false, true) => Some("answers are spoken, not written".to_owned()),
        _ => None,
    }
}

/// Some add their own before or after.
fn instructions(asked: &Session, told: &Session) -> Option<String> {
    let (asked, told) = (asked.instructions.as_deref()?, told.instructions.as_deref()?);
    (!told.contains(asked.trim())).then(|| "the instructions are not ours".to_owned())
}

fn tools(asked: &[Tool], told: &[Tool]) -> Option<String> {
    let names = |tools: &[Tool]| -> BTreeSet<String> {
        tools.iter().filter_map(tool_name).map(str::to_owned).collect()
    };
    let (asked, told) = (names(asked), names(told));
    let missing: Vec<_> = asked.difference(&told).map(|name| format!("`{name}`")).collect();
    match missing.len() {
        0 => None,
        n if n == asked.len() => Some("the tools are missing, so it cannot work with your tasks".to_owned()),
        _ => Some(format!("these tools are missing: {}", missing.join(", "))),
    }
}

fn tool_name(tool: &Tool) -> Option<&str> {
    match tool {
        Tool::Function { name, .. } => Some(name),
        Tool::Mcp { .. } | Tool::Unknown => None,
    }
}

fn tool_choice(asked: &ToolChoice, told: &ToolChoice) -> Option<String> {
    let shown = |choice: &ToolChoice| match choice {
        ToolChoice::Mode(mode) => mode.clone(),
        ToolChoice::Function { name, .. } => name.clone().unwrap_or_default(),
    };
    word("session.tool_choice", Some(&shown(asked)), Some(&shown(told)))
}

fn tokens(asked: &Session, told: &Session) -> Option<String> {
    let shown = |session: &Session| {
        session.max_output_tokens.as_ref().map(|max| match max {
            MaxTokens::Count(n) => n.to_string(),
            MaxTokens::Inf(word) => word.clone(),
        })
    };
    word("session.max_output_tokens", shown(asked).as_deref(), shown(told).as_deref())
}

fn format(whose: &str, asked: Option<AudioFormat>, told: Option<AudioFormat>) -> Option<String> {
    let (asked, told) = (asked?, told?);
    (asked != told).then(|| format!("{whose} is in another format, which cannot be understood"))
}

fn transcription(asked: &Patch<Transcription>, told: &Patch<Transcription>) -> Option<String> {
    match (asked, told) {
        (Patch::Set(_), Patch::Clear) => Some("your words are not written down".to_owned()),
        (Patch::Set(asked), Patch::Set(told)) => {
            word("transcription.model", asked.model.as_deref(), told.model.as_deref()).or_else(|| {
                word("transcription.language", asked.language.as_deref(), told.language.as_deref())
            })
        }
        _ => None,
    }
}

fn noise(asked: &Patch<NoiseReduction>, told: &Patch<NoiseReduction>) -> Option<String> {
    let shown = |noise: &Patch<NoiseReduction>| match noise {
        Patch::Keep => None,
        Patch::Clear => Some("off".to_owned()),
        Patch::Set(noise) => Some(noise.kind.clone()),
    };
    word("session.noise_reduction", shown(asked).as_deref(), shown(told).as_deref())
}

fn turn_detection(asked: &Patch<TurnDetection>, told: &Patch<TurnDetection>) -> Option<String> {
    use TurnDetection::{SemanticVad, ServerVad};
    let (asked, told) = match (asked, told) {
        (Patch::Set(_), Patch::Clear) => return Some("the end of your turn is not found".to_owned()),
        (Patch::Clear, Patch::Set(_)) => {
            return Some("it ends your turns by itself, not by the key".to_owned());
        }
        (Patch::Set(asked), Patch::Set(told)) => (asked, told),
        _ => return None,
    };
    let answers = |detection: &TurnDetection| match detection {
        ServerVad { create_response, interrupt_response, .. }
        | SemanticVad { create_response, interrupt_response, .. } => (*create_response, *interrupt_response),
        TurnDetection::Unknown => (None, None),
    };
    let own = match (asked, told) {
        (
            ServerVad { threshold, prefix_padding_ms, silence_duration_ms, idle_timeout_ms, .. },
            ServerVad {
                threshold: told_threshold,
                prefix_padding_ms: told_padding,
                silence_duration_ms: told_silence,
                idle_timeout_ms: told_idle,
                ..
            },
        ) => number("vad.threshold", *threshold, *told_threshold)
            .or_else(|| number("vad.silence_duration_ms", ms(*silence_duration_ms), ms(*told_silence)))
            .or_else(|| number("vad.prefix_padding_ms", ms(*prefix_padding_ms), ms(*told_padding)))
            .or_else(|| {
                let (asked, told) = (idle_timeout_ms.as_option(), told_idle.as_option());
                number("vad.idle_timeout_ms", ms(asked.copied()), ms(told.copied()))
            }),
        (SemanticVad { eagerness, .. }, SemanticVad { eagerness: told, .. }) => {
            // What is left to the server has its own name there.
            let told = told.as_deref().filter(|word| *word != "auto");
            word("vad.eagerness", eagerness.as_deref(), told)
        }
        (_, TurnDetection::Unknown) => None,
        (asked, _) => {
            let other = if matches!(asked, ServerVad { .. }) { "semantic_vad" } else { "server_vad" };
            Some(format!("`vad.kind` is `{other}`"))
        }
    };
    let ((create, interrupt), (told_create, told_interrupt)) = (answers(asked), answers(told));
    own.or_else(|| switch("vad.create_response", create, told_create))
        .or_else(|| switch("vad.interrupt_response", interrupt, told_interrupt))
}

fn ms(ms: Option<u32>) -> Option<f64> {
    ms.map(f64::from)
}

fn word(name: &str, asked: Option<&str>, told: Option<&str>) -> Option<String> {
    let (asked, told) = (asked?, told?);
    (!asked.eq_ignore_ascii_case(told)).then(|| format!("`{name}` is `{told}`, not `{asked}`"))
}

fn switch(name: &str, asked: Option<bool>, told: Option<bool>) -> Option<String> {
    let (asked, told) = (asked?, told?);
    (asked != told).then(|| format!("`{name}` is `{told}`, not `{asked}`"))
}

/// 0.5 and 0.50001 are the same.
fn number(name: &str, asked: Option<f64>, told: Option<f64>) -> Option<String> {
    let (asked, told) = (asked?, told?);
    (!close(asked, told)).then(|| format!("`{name}` is {told}, not {asked}"))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 0.005 * a.abs().max(1.0)
}

/// What was asked for is there, with numbers that are close.
fn alike(asked: &Value, told: &Value) -> bool {
    match (asked, told) {
        (Value::Object(asked), Value::Object(told)) => {
            asked.iter().all(|(key, value)| told.get(key).is_none_or(|other| alike(value, other)))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| close(a, b)),
        (asked, told) => asked == told,
    }
}

// ---- refusing ----

/// Which field an error is about: by its `param`, or by what it quotes.
fn refused_path(error: &ApiError) -> Option<String> {
    let quoted = || error.message.split(['\'', '"', '`']).find(|part| part.starts_with("session."));
    let path = error.param.as_deref().filter(|param| !param.is_empty()).or_else(quoted)?;
    let path = path.strip_prefix("session.").unwrap_or(path).trim_end_matches('.');
    Some(dialect::ga_path(path))
}

/// The path, or the nearest above it, that `asked` has. Not `type`, without which nothing is understood.
fn present(asked: &Value, path: &str) -> Option<String> {
    let mut path = path;
    loop {
        if find(asked, path).is_some() && path != "type" {
            // What says of which kind an object is goes with the object.
            return Some(path.strip_suffix(".type").unwrap_or(path).to_owned());
        }
        path = path.rfind(['.', '[']).map(|end| &path[..end])?;
    }
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[']).map(|step| step.trim_end_matches(']'))
}

fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    steps(path).try_fold(value, |value, step| match value {
        Value::Array(values) => values.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    })
}

/// The session less what is at these paths.
fn without(session: Session, refused: &[String]) -> Session {
    if refused.is_empty() {
        return session;
    }
    let mut value = serde_json::to_value(&session).expect("sessions serialize");
    for path in refused {
        let (parent, last) = match path.rfind(['.', '[']) {
            Some(end) => (find_mut(&mut value, &path[..end]), path[end + 1..].trim_end_matches(']')),
            None => (Some(&mut value), path.as_str()),
        };
        match parent {
            Some(Value::Object(fields)) => drop(fields.remove(last)),
            Some(Value::Array(values)) => {
                let at = last.parse::<usize>().ok().filter(|&at| at < values.len());
                drop(at.map(|at| values.remove(at)));
            }
            _ => {}
        }
    }
    serde_json::from_value(value).unwrap_or(session)
}

fn find_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    steps(path).try_fold(value, |value, step| match value {
        Value::Array(values) => values.get_mut(step.parse::<usize>().ok()?),
        value => value.get_mut(step),
    })
}

/// What a path is called in the settings.
fn described(path: &str, asked: &Value) -> String {
    const NAMES: [(&str, &str); 10] = [
        ("audio.input.format", "session.audio_format"),
        ("audio.output.format", "session.audio_format"),
        ("audio.output.voice", "voice"),
        ("audio.output.speed", "speed"),
        ("audio.input.turn_detection.", "vad."),
        ("audio.input.turn_detection", "vad.kind"),
        ("audio.input.transcription.", "transcription."),
        ("audio.input.transcription", "transcription.model"),
        ("audio.input.noise_reduction", "session.noise_reduction"),
        ("reasoning", "session.reasoning_effort"),
    ];
    const OWN: [&str; 5] =
        ["max_output_tokens", "truncation", "tool_choice", "parallel_tool_calls", "tracing"];
    if let Some(rest) = path.strip_prefix("tools[") {
        let tool = rest.split(']').next().and_then(|at| find(asked, &format!("tools[{at}].name")));
        return tool.and_then(Value::as_str).map_or("a tool".to_owned(), |name| format!("the tool `{name}`"));
    }
    if OWN.contains(&path) {
        return format!("`session.{path}`");
    }
    if path == "output_modalities" {
        return "`session.output_modality`".to_owned();
    }
    for (prefix, name) in NAMES {
        match path.strip_prefix(prefix) {
            Some(rest) if prefix.ends_with('.') => return format!("`{name}{rest}`"),
            Some(_) => return format!("`{name}`"),
            None => {}
        }
    }
    format!("`{path}`")
}

#[cfg(test)]
mod tests;
