//! The resolved settings as plain data, which is what the rest of the program sees.

use toml::Value;

use super::Values;
use crate::audio::EchoMode;
use crate::protocol::Dialect;
use crate::transport::auth;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub voice: String,
    /// 0.25 to 1.5.
    pub speed: f64,
    pub mode: TurnMode,
    /// Empty: the built-in instructions.
    pub instructions_file: String,
    /// As set; the resolved directory is [`super::Paths::data_dir`].
    pub data_dir: String,
    pub server: ServerSettings,
    pub vad: VadSettings,
    pub transcription: TranscriptionSettings,
    pub audio: AudioSettings,
    pub push_to_talk: PushToTalkSettings,
    pub reminders: ReminderSettings,
    /// What is under `keys`: names of actions, and their keys divided by commas.
    pub keys: Vec<(&'static str, String)>,
    pub log: LogLevel,
    /// The log of each session is written.
    pub log_sessions: bool,
    pub history: HistorySettings,
    pub color: ColorChoice,
    pub ui: UiSettings,
    /// In US dollars; 0 is none.
    pub budget: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UiSettings {
    pub theme: ThemeChoice,
    /// No animation; levels are numbers.
    pub reduced_motion: bool,
    /// Lines for a screen reader in place of a screen.
    pub screen_reader: bool,
    /// The wheel scrolls.
    pub mouse: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThemeChoice {
    Auto,
    Dark,
    Light,
    Contrast,
    Ansi,
    Plain,
}

/// An address as it was set, perhaps with a secret in it, which its `Debug` masks.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Address(pub String);

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.displayed().fmt(f)
    }
}

impl Address {
    /// Without what may be a secret; what is no address at all may be one as a whole.
    pub fn displayed(&self) -> String {
        match url::Url::parse(&self.0) {
            _ if self.0.is_empty() => String::new(),
            Ok(url) => auth::displayed(&url),
            Err(_) => "***".to_owned(),
        }
    }
}

/// As set; what comes of it is [`super::Target`].
#[derive(Debug, Clone, PartialEq)]
pub struct ServerSettings {
    /// Empty: `OpenAI` with a key, the offline engine without.
    pub url: Address,
    /// Empty: by the address.
    pub provider: String,
    /// Empty: the provider's.
    pub model: String,
    /// `None`: the provider's.
    pub dialect: Option<Dialect>,
    pub offline: bool,
    pub api_key_file: String,
    pub organization: String,
    pub project: String,
    pub proxy: Address,
    /// Seconds without a word until the connection is given up; 0 is never.
    pub idle_s: u32,
}

/// Who says that the person is speaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnMode {
    /// The server hears it.
    Vad,
    /// A key is held.
    PushToTalk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushToTalkSettings {
    pub method: TalkMethod,
    /// The longest take, in seconds.
    pub limit_s: u32,
}

/// What is kept of conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistorySettings {
    pub keep: bool,
    /// 0 is for ever.
    pub days: u32,
}

/// What tells of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the settings")]
pub struct ReminderSettings {
    pub enabled: bool,
    pub desktop: bool,
    pub spoken: bool,
    pub bell: bool,
}

/// How the talk key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TalkMethod {
    Auto,
    Hold,
    Repeat,
    Toggle,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VadSettings {
    /// 0 to 1.
    pub threshold: f64,
    pub silence_duration_ms: u32,
    pub prefix_padding_ms: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptionSettings {
    /// `None`: what the person says is not written down.
    pub model: Option<String>,
    pub language: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AudioSettings {
    /// A device's name or part of it; `None` is the default.
    pub input: Option<String>,
    pub output: Option<String>,
    /// Which of the microphone's channels is taken, from 1; `None` mixes them.
    pub input_channel: Option<u16>,
    /// The length of the devices' buffers; `None` starts short and grows where that does not work.
    pub buffer_ms: Option<u32>,
    pub echo: EchoMode,
    pub noise_suppression: bool,
    pub gain_control: bool,
    /// Playback pauses at the first sign of the person's voice.
    pub barge_in: bool,
    pub cues: bool,
    /// 0 to 1.
    pub volume: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

impl Settings {
    /// Every value was checked when its layer was read.
    pub(super) fn from_values(values: &Values) -> Self {
        let r = Reader(values);
        Self {
            voice: r.text("voice"),
            speed: r.number("speed"),
            mode: if r.text("mode") == "ptt" { TurnMode::PushToTalk } else { TurnMode::Vad },
            instructions_file: r.text("instructions_file"),
            data_dir: r.text("data_dir"),
            server: r.server(),
            vad: VadSettings {
                threshold: r.number("vad.threshold"),
                silence_duration_ms: r.integer("vad.silence_duration_ms"),
                prefix_padding_ms: r.integer("vad.prefix_padding_ms"),
            },
            transcription: TranscriptionSettings {
                model: r.optional("transcription.model"),
                language: r.optional("transcription.language"),
            },
            audio: r.audio(),
            push_to_talk: PushToTalkSettings {
                method: r.talk_method(),
                limit_s: r.integer("push_to_talk.limit_s"),
            },
            reminders: ReminderSettings {
                enabled: r.switch("reminders.enabled"),
                desktop: r.switch("reminders.desktop"),
                spoken: r.switch("reminders.spoken"),
                bell: r.switch("reminders.bell"),
            },
            keys: r.keys(),
            log: r.log_level(),
            log_sessions: r.switch("log.sessions"),
            history: HistorySettings { keep: r.switch("history.keep"), days: r.integer("history.days") },
            color: r.color(),
            ui: r.ui(),
            budget: r.number("cost.budget"),
        }
    }
}

struct Reader<'a>(&'a Values);

impl Reader<'_> {
    fn value(&self, key: &str) -> &Value {
        &self.0[key].value
    }

    fn text(&self, key: &str) -> String {
        self.value(key).as_str().expect("checked to be a text").to_owned()
    }

    fn optional(&self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    fn number(&self, key: &str) -> f64 {
        self.value(key).as_float().expect("checked to be a number")
    }

    fn integer(&self, key: &str) -> u32 {
        let number = self.value(key).as_integer().expect("checked to be a whole number");
        u32::try_from(number).expect("checked to be in range")
    }

    fn switch(&self, key: &str) -> bool {
        self.value(key).as_bool().expect("checked to be a switch")
    }

    fn audio(&self) -> AudioSettings {
        let positive = |number: u32| Some(number).filter(|&n| n > 0);
        AudioSettings {
            input: self.optional("audio.input"),
            output: self.optional("audio.output"),
            input_channel: positive(self.integer("audio.input_channel")).map(|n| n as u16),
            buffer_ms: positive(self.integer("audio.buffer_ms")),
            echo: self.echo(),
            noise_suppression: self.switch("audio.noise_suppression"),
            gain_control: self.switch("audio.gain_control"),
            barge_in: self.switch("audio.barge_in"),
            cues: self.switch("audio.cues"),
            volume: self.number("audio.volume") as f32,
        }
    }

    fn echo(&self) -> EchoMode {
        match self.text("audio.echo").as_str() {
            "aec" => EchoMode::Aec,
            "gate" => EchoMode::Gate,
            "half" => EchoMode::Half,
            "off" => EchoMode::Off,
            _ => EchoMode::Auto,
        }
    }

    fn server(&self) -> ServerSettings {
        ServerSettings {
            url: Address(self.text("server.url")),
            provider: self.text("server.provider"),
            model: self.text("server.model"),
            dialect: match self.text("server.dialect").as_str() {
                "ga" => Some(Dialect::Ga),
                "beta" => Some(Dialect::Beta),
                _ => None,
            },
            offline: self.switch("server.offline"),
            api_key_file: self.text("server.api_key_file"),
            organization: self.text("server.organization"),
            project: self.text("server.project"),
            proxy: Address(self.text("server.proxy")),
            idle_s: self.integer("server.idle_s"),
        }
    }

    fn talk_method(&self) -> TalkMethod {
        match self.text("push_to_talk.method").as_str() {
            "hold" => TalkMethod::Hold,
            "repeat" => TalkMethod::Repeat,
            "toggle" => TalkMethod::Toggle,
            _ => TalkMethod::Auto,
        }
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let named = self.0.keys().filter_map(|key| Some((*key, key.strip_prefix("keys.")?)));
        named.map(|(key, name)| (name, self.text(key))).collect()
    }

    fn log_level(&self) -> LogLevel {
        match self.text("log.level").as_str() {
            "error" => LogLevel::Error,
            "warn" => LogLevel::Warn,
            "info" => LogLevel::Info,
            "debug" => LogLevel::Debug,
            "trace" => LogLevel::Trace,
            _ => LogLevel::Off,
        }
    }

    fn ui(&self) -> UiSettings {
        UiSettings {
            theme: match self.text("ui.theme").as_str() {
                "dark" => ThemeChoice::Dark,
                "light" => ThemeChoice::Light,
                "contrast" => ThemeChoice::Contrast,
                "ansi" => ThemeChoice::Ansi,
                "plain" => ThemeChoice::Plain,
                _ => ThemeChoice::Auto,
            },
            reduced_motion: self.switch("ui.reduced_motion"),
            screen_reader: self.switch("ui.screen_reader"),
            mouse: self.switch("ui.mouse"),
        }
    }

    fn color(&self) -> ColorChoice {
        match self.text("ui.color").as_str() {
            "always" => ColorChoice::Always,
            "never" => ColorChoice::Never,
            _ => ColorChoice::Auto,
        }
    }
}
