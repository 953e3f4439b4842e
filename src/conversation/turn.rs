//! Who speaks.

use std::fmt;

/// How a turn of the person begins and ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnMode {
    /// The server hears when the person speaks.
    #[default]
    Vad,
    /// A key says when the person speaks; no sound leaves while it is up.
    PushToTalk,
    /// No sound at all.
    TextOnly,
}

/// The state of the dialogue in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Idle,
    Listening,
    HearingYou,
    Thinking,
    Speaking,
    Interrupted,
    Muted,
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "idle",
            Self::Listening => "listening",
            Self::HearingYou => "hearing you",
            Self::Thinking => "thinking",
            Self::Speaking => "speaking",
            Self::Interrupted => "interrupted",
            Self::Muted => "muted",
        })
    }
}
