//! The session as it is in effect, and what a client may change of it.

use serde_json::{Value, from_value, json, to_value};

use super::Config;
use super::refusal::{Refusal, invalid, refuse, unknown, unsupported, within};
use super::turns::VadSettings;
use super::{transcription, validate};
use crate::protocol::session::{
    AudioFormat, MaxTokens, Modality, SessionKind, Tool, ToolChoice, TurnDetection,
};
use crate::protocol::{Dialect, Patch, Session};

/// The service ends a session after this long.
pub(super) const LIFETIME_S: u32 = 3_600;

const THRESHOLD: f64 = 0.5;
const PREFIX_PADDING_MS: u32 = 300;
const SILENCE_MS: u32 = 500;
const MAX_PADDING_MS: u32 = 5_000;
const MAX_SILENCE_MS: u32 = 30_000;
const IDLE_MS: (u32, u32) = (5_000, 30_000);
const VOICE: &str = "alloy";

#[derive(Debug)]
pub(super) struct Settings {
    session: Session,
    dialect: Dialect,
    /// What the client asked for when it connected: it may ask for that again.
    requested_model: Option<String>,
}

/// How turns are found, with every default filled in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Turns {
    pub(super) vad: VadSettings,
    pub(super) create_response: bool,
    pub(super) interrupt_response: bool,
    pub(super) idle_timeout_ms: Option<u32>,
}

impl Settings {
    pub(super) fn new(config: &Config, id: String) -> Self {
        let session = match config.kind {
            SessionKind::Transcription => transcription::session(config, id),
            SessionKind::Realtime | SessionKind::Unknown => Self::dialogue(config, id),
        };
        Self { session, dialect: config.dialect, requested_model: config.requested_model.clone() }
    }

    fn dialogue(config: &Config, id: String) -> Session {
        // Beta's clients know the models that there were, and no other.
        let asked_for = config.requested_model.clone().filter(|_| config.dialect == Dialect::Beta);
        let model = asked_for.unwrap_or_else(|| config.model.clone());
        let mut session = Session {
            kind: Some(SessionKind::Realtime),
            id: Some(id),
            object: Some("realtime.session".to_owned()),
            expires_at: Some(config.unix_now + i64::from(LIFETIME_S)),
            model: Some(model),
            output_modalities: Some(vec![Modality::Audio]),
            instructions: Some(config.instructions.clone()),
            tools: Some(Vec::new()),
            tool_choice: Some(ToolChoice::Mode("auto".to_owned())),
            max_output_tokens: Some(MaxTokens::Inf("inf".to_owned())),
            truncation: Patch::Set(json!("auto")),
            tracing: Patch::Clear,
            include: Patch::Clear,
            prompt: Patch::Clear,
            temperature: (config.dialect == Dialect::Beta).then_some(0.8),
            ..Session::default()
        };
        session.audio.input.format = Some(AudioFormat::default());
        session.audio.input.transcription = Patch::Clear;
        session.audio.input.noise_reduction = Patch::Clear;
        session.audio.input.turn_detection = Patch::Set(server_vad());
        session.audio.output.format = Some(AudioFormat::default());
        session.audio.output.voice = Some(json!(VOICE));
        session.audio.output.speed = Some(1.0);
        session
    }

    /// The full session, as `session.created` and `session.updated` tell it.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether all that is wanted are the words of what is said.
    pub(super) fn only_transcribes(&self) -> bool {
        self.session.kind == Some(SessionKind::Transcription)
    }

    pub(super) fn tools(&self) -> &[Tool] {
        self.session.tools.as_deref().unwrap_or_default()
    }

    pub(super) fn input_format(&self) -> AudioFormat {
        self.session.audio.input.format.unwrap_or_default()
    }

    /// Whether the client is told what was heard, and by which model it wants that told.
    pub(super) fn transcription_model(&self) -> Option<String> {
        let wanted = self.session.audio.input.transcription.as_option();
        wanted.map(|t| t.model.clone().unwrap_or_default())
    }

    /// `None` where the client decides about turns itself.
    pub(super) fn turns(&self) -> Option<Turns> {
        let turns = self.session.audio.input.turn_detection.as_option().map(turns)?;
        let answers = !self.only_transcribes();
        Some(Turns { create_response: turns.create_response && answers, ..turns })
    }

    /// Takes `update` over as a whole or refuses it as a whole. With `voice_fixed` the voice may not change any more.
    pub(super) fn update(&mut self, update: &Session, voice_fixed: bool) -> Result<(), Refusal> {
        self.check(update)?;
        if voice_fixed {
            self.check_voice(update.audio.output.voice.as_ref())?;
        }
        let mut update = update.clone();
        // Whose address names no model may name one later.
        let named = update.model.take();
        self.requested_model = self.requested_model.take().or(named);
        if self.only_transcribes() {
            transcription::end_turns_by_hand(&mut update);
        }
        if let Patch::Set(detection) = &update.audio.input.turn_detection {
            let before = self.session.audio.input.turn_detection.as_option();
            update.audio.input.turn_detection = Patch::Set(filled(detection, before));
        }
        self.session.merge(&update);
        Ok(())
    }

    /// Refuses another voice than the one that was heard.
    pub(super) fn check_voice(&self, voice: Option<&Value>) -> Result<(), Refusal> {
        match voice {
            Some(voice) if Some(voice) != self.session.audio.output.voice.as_ref() => {
                let message = "Cannot update a conversation's voice if assistant audio is present.";
                Err(refuse("cannot_update_voice", message.to_owned(), None))
            }
            _ => Ok(()),
        }
    }

    fn check(&self, update: &Session) -> Result<(), Refusal> {
        self.check_identity(update)?;
        validate::modalities("session", update.output_modalities.as_deref())?;
        validate::instructions("session", update.instructions.as_deref())?;
        validate::tools("session", update.tools.as_deref())?;
        let tools = update.tools.as_deref().unwrap_or(self.tools());
        validate::tool_choice("session", update.tool_choice.as_ref(), tools)?;
        validate::reasoning("session", update.reasoning.as_ref())?;
        validate::max_tokens("session", update.max_output_tokens.as_ref())?;
        validate::temperature("session", update.temperature)?;
        check_truncation(&update.truncation)?;
        check_include(&update.include)?;
        check_audio(update)
    }

    fn check_identity(&self, update: &Session) -> Result<(), Refusal> {
        if update.kind.is_some_and(|kind| Some(kind) != self.session.kind) {
            let kind = if self.only_transcribes() { "transcription" } else { "realtime" };
            return Err(unsupported("session.type", update.kind.and_then(kind_name), &[kind]));
        }
        if self.only_transcribes() {
            return transcription::check(update);
        }
        let server_only = [
            ("session.id", update.id.is_some()),
            ("session.object", update.object.is_some()),
            ("session.expires_at", update.expires_at.is_some()),
            ("session.temperature", update.temperature.is_some() && self.dialect == Dialect::Ga),
        ];
        if let Some((param, _)) = server_only.iter().find(|(_, given)| *given) {
            return Err(unknown(param));
        }
        let known = |m: &String| {
            Some(m) == self.session.model.as_ref()
                || self.requested_model.as_ref().is_none_or(|requested| m == requested)
        };
        if update.model.as_ref().is_some_and(|m| !known(m)) {
            return Err(invalid("session.model", "The model of a session cannot be changed.".to_owned()));
        }
        Ok(())
    }
}

fn kind_name(kind: SessionKind) -> Option<&'static str> {
    match kind {
        SessionKind::Realtime => Some("realtime"),
        SessionKind::Transcription => Some("transcription"),
        SessionKind::Unknown => None,
    }
}

fn check_audio(update: &Session) -> Result<(), Refusal> {
    let (input, output) = (&update.audio.input, &update.audio.output);
    validate::format("session.audio.input.format", input.format)?;
    validate::format("session.audio.output.format", output.format)?;
    validate::voice("session.audio.output.voice", output.voice.as_ref())?;
    if let Some(speed) = output.speed {
        within("session.audio.output.speed", "decimal", &speed, &0.25, &1.5)?;
    }
    if let Some(noise) = input.noise_reduction.as_option() {
        let at = "session.audio.input.noise_reduction";
        validate::one_of(&format!("{at}.type"), Some(&noise.kind), &["near_field", "far_field"])?;
        if let Some(strength) = noise.strength {
            within(&format!("{at}.strength"), "decimal", &strength, &0.0, &1.0)?;
        }
    }
    if let Some(language) = input.transcription.as_option().and_then(|t| t.language.as_deref()) {
        super::refusal::not_longer("session.audio.input.transcription.language", language, 35)?;
    }
    input.turn_detection.as_option().map_or(Ok(()), check_turn_detection)
}

fn check_turn_detection(detection: &TurnDetection) -> Result<(), Refusal> {
    let at = "session.audio.input.turn_detection";
    match detection {
        TurnDetection::ServerVad {
            threshold,
            prefix_padding_ms,
            silence_duration_ms,
            idle_timeout_ms,
            ..
        } => {
            if let Some(threshold) = threshold {
                within(&format!("{at}.threshold"), "decimal", threshold, &0.0, &1.0)?;
            }
            if let Some(ms) = prefix_padding_ms {
                within(&format!("{at}.prefix_padding_ms"), "integer", ms, &0, &MAX_PADDING_MS)?;
            }
            if let Some(ms) = silence_duration_ms {
                within(&format!("{at}.silence_duration_ms"), "integer", ms, &0, &MAX_SILENCE_MS)?;
            }
            match idle_timeout_ms {
                Patch::Set(ms) => {
                    within(&format!("{at}.idle_timeout_ms"), "integer", ms, &IDLE_MS.0, &IDLE_MS.1)
                }
                Patch::Keep | Patch::Clear => Ok(()),
            }
        }
        TurnDetection::SemanticVad { eagerness, .. } => validate::one_of(
            &format!("{at}.eagerness"),
            eagerness.as_deref(),
            &["low", "medium", "high", "auto"],
        ),
        TurnDetection::Unknown => {
            Err(unsupported(&format!("{at}.type"), None, &["server_vad", "semantic_vad"]))
        }
    }
}

fn check_truncation(truncation: &Patch<Value>) -> Result<(), Refusal> {
    let at = "session.truncation";
    match truncation.as_option() {
        None => Ok(()),
        Some(Value::String(word)) => validate::one_of(at, Some(word), &["auto", "disabled"]),
        Some(object) => match object.get("type").and_then(Value::as_str) {
            Some("retention_ratio") => {
                let ratio = object.get("retention_ratio").and_then(Value::as_f64);
                let ratio = ratio.ok_or_else(|| super::refusal::missing(&format!("{at}.retention_ratio")))?;
                within(&format!("{at}.retention_ratio"), "decimal", &ratio, &0.0, &1.0)
            }
            other => Err(unsupported(&format!("{at}.type"), other, &["retention_ratio"])),
        },
    }
}

fn check_include(include: &Patch<Vec<String>>) -> Result<(), Refusal> {
    let supported = ["item.input_audio_transcription.logprobs"];
    let mut given = include.as_option().into_iter().flatten().enumerate();
    given.try_for_each(|(i, word)| validate::one_of(&format!("session.include[{i}]"), Some(word), &supported))
}

/// What is absent stays as it was `before` where the kind is the same, and is the default otherwise.
fn filled(detection: &TurnDetection, before: Option<&TurnDetection>) -> TurnDetection {
    let detection = before.map_or_else(|| detection.clone(), |before| overlaid(before, detection));
    let default = match detection {
        TurnDetection::SemanticVad { .. } => TurnDetection::SemanticVad {
            eagerness: Some("auto".to_owned()),
            create_response: Some(true),
            interrupt_response: Some(true),
        },
        TurnDetection::ServerVad { .. } | TurnDetection::Unknown => server_vad(),
    };
    overlaid(&default, &detection)
}

pub(super) fn server_vad() -> TurnDetection {
    TurnDetection::ServerVad {
        threshold: Some(THRESHOLD),
        prefix_padding_ms: Some(PREFIX_PADDING_MS),
        silence_duration_ms: Some(SILENCE_MS),
        idle_timeout_ms: Patch::Clear,
        create_response: Some(true),
        interrupt_response: Some(true),
    }
}

/// `above`, and what it leaves open as in `below` if both are of one kind.
fn overlaid(below: &TurnDetection, above: &TurnDetection) -> TurnDetection {
    let (Ok(Value::Object(mut fields)), Ok(Value::Object(given))) = (to_value(below), to_value(above)) else {
        return above.clone();
    };
    if fields.get("type") != given.get("type") {
        return above.clone();
    }
    fields.extend(given);
    from_value(Value::Object(fields)).unwrap_or_else(|_| above.clone())
}

fn turns(detection: &TurnDetection) -> Turns {
    let vad = |threshold: f64, prefix_padding_ms, silence_duration_ms| VadSettings {
        threshold: threshold as f32,
        prefix_padding_ms,
        silence_duration_ms,
    };
    match detection {
        TurnDetection::ServerVad {
            threshold,
            prefix_padding_ms,
            silence_duration_ms,
            idle_timeout_ms,
            create_response,
            interrupt_response,
        } => Turns {
            vad: vad(
                threshold.unwrap_or(THRESHOLD),
                prefix_padding_ms.unwrap_or(PREFIX_PADDING_MS),
                silence_duration_ms.unwrap_or(SILENCE_MS),
            ),
            create_response: create_response.unwrap_or(true),
            interrupt_response: interrupt_response.unwrap_or(true),
            idle_timeout_ms: idle_timeout_ms.as_option().copied(),
        },
        TurnDetection::SemanticVad { eagerness, create_response, interrupt_response } => Turns {
            vad: vad(THRESHOLD, PREFIX_PADDING_MS, patience_ms(eagerness.as_deref())),
            create_response: create_response.unwrap_or(true),
            interrupt_response: interrupt_response.unwrap_or(true),
            idle_timeout_ms: None,
        },
        TurnDetection::Unknown => Turns {
            vad: vad(THRESHOLD, PREFIX_PADDING_MS, SILENCE_MS),
            create_response: true,
            interrupt_response: true,
            idle_timeout_ms: None,
        },
    }
}

/// Without knowing the meaning of what was said, eagerness is a length of pause.
fn patience_ms(eagerness: Option<&str>) -> u32 {
    match eagerness {
        Some("high") => 400,
        Some("low") => 1_600,
        _ => 800,
    }
}
