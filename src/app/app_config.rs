//! How the program is used, as the app is told of it once.

use std::time::Duration;

use super::panels::Adjustable;
use super::{Face, HistoryConfig, RemindersConfig, SpendingConfig, TalkConfig};
use crate::audio::EchoMode;
use crate::conversation::SessionConfig;
use crate::ui::keymap::Keymap;
use crate::ui::theme::Theme;

/// What is told to [`App::new`](super::App::new).
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct AppConfig {
    pub session: SessionConfig,
    pub face: Face,
    /// There is an audio engine, be its ends devices or files. Without one, sound counts as played when it is
    /// complete.
    pub sound: bool,
    /// Lines are read from a script, not typed by a person: give up what a person would wait for.
    pub script: bool,
    /// The microphone is a recording: its end, not that of standard input, is the end.
    pub recording: bool,
    /// The recording keeps no time: it waits where nobody hears it.
    pub fast: bool,
    /// Short sounds say what happens, where there is a person to hear them.
    pub cues: bool,
    /// What is to be done about the echo, unless it turns out not to be enough.
    pub echo: EchoMode,
    #[serde(skip)]
    pub theme: Theme,
    pub adjustable: Adjustable,
    /// No animation: levels are numbers, and change at most once a second.
    pub reduced_motion: bool,
    #[serde(skip)]
    pub keymap: Keymap,
    pub talk: TalkConfig,
    pub spending: SpendingConfig,
    pub reminders: RemindersConfig,
    /// A connection over which nobody has talked for this long is given up until somebody does.
    pub idle: Option<Duration>,
    pub history: HistoryConfig,
    /// Both voices are recorded.
    pub recorded: bool,
    /// For the status line.
    pub server: String,
    pub model: String,
}

impl Default for AppConfig {
    /// A person at a screen, without sound, and a server of which nothing is known.
    fn default() -> Self {
        Self {
            session: SessionConfig::default(),
            face: Face::Screen,
            sound: false,
            script: false,
            recording: false,
            fast: false,
            cues: false,
            echo: EchoMode::Auto,
            theme: Theme::default(),
            adjustable: Adjustable { volume: 1.0, ..Adjustable::default() },
            reduced_motion: false,
            keymap: Keymap::default(),
            talk: TalkConfig::default(),
            spending: SpendingConfig::default(),
            reminders: RemindersConfig::default(),
            idle: None,
            history: HistoryConfig::default(),
            recorded: false,
            server: String::new(),
            model: String::new(),
        }
    }
}
