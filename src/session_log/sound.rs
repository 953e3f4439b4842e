//! Sound in a session's log: what the engine tells, and lengths in the place of samples.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Sound, is_sound, plain};
use crate::audio::{AudioEvent, DeviceEvent, LocalSpeech, TrackId};
use crate::pcm::{AudioBytes, Pcm16};
pub(super) use crate::server::record::shorten;

/// More bytes than this are in no event.
const MOST_BYTES: u64 = 32 << 20;

/// As [`AudioEvent`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Heard {
    Frame {
        /// In samples.
        length: u64,
        /// The largest of them: whether a microphone gives anything at all is seen by it.
        peak: i16,
        /// The samples as bytes, where sound is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pcm: Option<AudioBytes>,
    },
    Started {
        track: String,
    },
    Flushed {
        track: Option<String>,
        heard_ms: u64,
        taken_ms: u64,
        unheard: Vec<String>,
    },
    Finished {
        track: String,
    },
    Speech(LocalSpeech),
    InputEnded,
    Device(DeviceEvent),
}

pub(super) fn to_value(event: &AudioEvent, sound: Sound) -> Value {
    let name = |track: &TrackId| track.to_string();
    let heard = match event.clone() {
        AudioEvent::Frame { pcm } => Heard::Frame {
            length: pcm.len() as u64,
            peak: pcm.samples().iter().map(|s| s.saturating_abs()).max().unwrap_or(0),
            pcm: (sound == Sound::Kept).then(|| AudioBytes::from(&pcm)),
        },
        AudioEvent::Started { track } => Heard::Started { track: name(&track) },
        AudioEvent::Flushed { track, heard_ms, taken_ms, queued_tracks_unheard } => Heard::Flushed {
            track: track.as_ref().map(name),
            heard_ms,
            taken_ms,
            unheard: queued_tracks_unheard.iter().map(name).collect(),
        },
        AudioEvent::Finished { track } => Heard::Finished { track: name(&track) },
        AudioEvent::Speech(speech) => Heard::Speech(speech),
        AudioEvent::InputEnded => Heard::InputEnded,
        AudioEvent::Device(event) => Heard::Device(event),
    };
    serde_json::to_value(heard).expect("events have string keys")
}

pub(super) fn from_value(value: Value) -> Result<AudioEvent, String> {
    let heard: Heard = serde_json::from_value(value).map_err(|error| plain(&error))?;
    Ok(match heard {
        Heard::Frame { pcm: Some(AudioBytes(bytes)), .. } => {
            AudioEvent::Frame { pcm: Pcm16::from_le_bytes(&bytes) }
        }
        Heard::Frame { length, .. } if length > MOST_BYTES => {
            return Err("so much sound is in no frame".to_owned());
        }
        Heard::Frame { length, peak, pcm: None } => {
            let mut samples = vec![0; length as usize];
            if let Some(first) = samples.first_mut() {
                *first = peak;
            }
            AudioEvent::Frame { pcm: Pcm16::new(samples) }
        }
        Heard::Started { track } => AudioEvent::Started { track: track.into() },
        Heard::Flushed { track, heard_ms, taken_ms, unheard } => AudioEvent::Flushed {
            track: track.map(TrackId::from),
            heard_ms,
            taken_ms,
            queued_tracks_unheard: unheard.into_iter().map(TrackId::from).collect(),
        },
        Heard::Finished { track } => AudioEvent::Finished { track: track.into() },
        Heard::Speech(speech) => AudioEvent::Speech(speech),
        Heard::InputEnded => AudioEvent::InputEnded,
        Heard::Device(event) => AudioEvent::Device(event),
    })
}

/// Puts silence in the place of the number of its bytes.
pub(super) fn lengthen(event: &mut Map<String, Value>) -> Result<(), String> {
    let delta = is_sound(event);
    for (key, value) in event {
        match value {
            Value::Number(bytes) if key == "audio" || delta && key == "delta" => {
                let bytes = bytes.as_u64().filter(|bytes| *bytes <= MOST_BYTES);
                let bytes = bytes.ok_or("so much sound is in no event")?;
                *value = json!(AudioBytes(vec![0; bytes as usize]));
            }
            Value::Object(inner) => lengthen(inner)?,
            Value::Array(values) => {
                values.iter_mut().filter_map(Value::as_object_mut).try_for_each(lengthen)?;
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    Ok(())
}
