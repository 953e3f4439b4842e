//! Sessions that only transcribe: what they have of a session, and what of it a client may change.

use serde_json::{Value, to_value};

use super::Config;
use super::refusal::{Refusal, invalid, unknown};
use super::settings::{LIFETIME_S, server_vad};
use crate::protocol::session::{AudioFormat, SessionKind, Transcription};
use crate::protocol::{ClientEvent, Patch, Session};

/// The service's models that look for no turns themselves: the client commits what is to be transcribed.
const WITHOUT_TURNS: [&str; 2] = ["gpt-realtime-whisper", "gpt-live-transcribe"];

pub(super) fn session(config: &Config, id: String) -> Session {
    let mut session = Session {
        kind: Some(SessionKind::Transcription),
        id: Some(id),
        object: Some("realtime.transcription_session".to_owned()),
        expires_at: Some(config.unix_now + i64::from(LIFETIME_S)),
        include: Patch::Clear,
        ..Session::default()
    };
    let model = Some(config.model.clone());
    session.audio.input.format = Some(AudioFormat::default());
    session.audio.input.transcription = Patch::Set(Transcription { model, ..Transcription::default() });
    session.audio.input.noise_reduction = Patch::Clear;
    session.audio.input.turn_detection = Patch::Set(server_vad());
    session
}

/// Refuses what only a dialogue has.
pub(super) fn check(update: &Session) -> Result<(), Refusal> {
    let value = to_value(update).unwrap_or_default();
    refuse_others(&value, "session", &["type", "audio", "include"])?;
    refuse_others(&value["audio"], "session.audio", &["input"])?;
    let input = &update.audio.input;
    let model = input.transcription.as_option().and_then(|t| t.model.as_deref());
    match model.filter(|m| WITHOUT_TURNS.contains(m)) {
        Some(model) if matches!(input.turn_detection, Patch::Set(_)) => Err(invalid(
            "session.audio.input.turn_detection",
            format!("Turn detection is not supported with '{model}': set it to null and commit by hand."),
        )),
        _ => Ok(()),
    }
}

/// With a model that looks for no turns, leaving turn detection out turns it off.
pub(super) fn end_turns_by_hand(update: &mut Session) {
    let input = &mut update.audio.input;
    let model = input.transcription.as_option().and_then(|t| t.model.as_deref());
    if input.turn_detection.is_keep() && model.is_some_and(|m| WITHOUT_TURNS.contains(&m)) {
        input.turn_detection = Patch::Clear;
    }
}

/// Whether `event` is about answers, which these sessions never give, or about items that are not speech.
pub(super) fn has_no(event: &ClientEvent) -> Option<&'static str> {
    match event {
        ClientEvent::ConversationItemCreate { .. } => Some("conversation.item.create"),
        ClientEvent::ConversationItemTruncate { .. } => Some("conversation.item.truncate"),
        ClientEvent::ResponseCreate { .. } => Some("response.create"),
        ClientEvent::ResponseCancel { .. } => Some("response.cancel"),
        _ => None,
    }
}

fn refuse_others(value: &Value, at: &str, known: &[&str]) -> Result<(), Refusal> {
    let mut keys = value.as_object().into_iter().flatten().map(|(key, _)| key);
    match keys.find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(unknown(&format!("{at}.{key}"))),
        None => Ok(()),
    }
}
