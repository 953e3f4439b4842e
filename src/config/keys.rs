//! Every key that can be set: its name, its environment variables and what it takes.
//!
//! The defaults and the words for people are in `config/default.toml`; a test holds the two together.

use toml::Value;

/// One setting.
#[derive(Debug)]
pub(super) struct Key {
    /// As in the file, with dots.
    pub(super) name: &'static str,
    /// Environment variables, the strongest first.
    pub(super) env: &'static [&'static str],
    pub(super) kind: Kind,
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Text,
    Switch,
    Number {
        min: f64,
        max: f64,
    },
    Integer {
        min: i64,
        max: i64,
    },
    /// 0, which means none, or from `min` on.
    IntegerOrNone {
        min: i64,
        max: i64,
    },
    /// A number of tokens, or `inf`.
    Tokens {
        max: i64,
    },
    Choice(&'static [&'static str]),
}

pub(super) const MODES: &[&str] = &["vad", "ptt"];
pub(super) const TALK_METHODS: &[&str] = &["auto", "hold", "repeat", "toggle"];
pub(super) const DIALECTS: &[&str] = &["auto", "ga", "beta"];
pub(super) const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];
pub(super) const ECHO: &[&str] = &["auto", "aec", "gate", "half", "off"];
pub(super) const COLORS: &[&str] = &["auto", "always", "never"];
pub(super) const THEMES: &[&str] = &["auto", "dark", "light", "contrast", "ansi", "plain"];
pub(super) const RECOGNIZERS: &[&str] = &["auto", "builtin", "whisper", "http"];
pub(super) const BRAINS: &[&str] = &["auto", "builtin", "chat"];
pub(super) const SYNTHESIZERS: &[&str] = &["auto", "espeak", "say", "piper", "http"];

pub(super) const VAD_KINDS: &[&str] = &["server_vad", "semantic_vad"];
pub(super) const EAGERNESS: &[&str] = &["auto", "low", "medium", "high"];
pub(super) const MODALITIES: &[&str] = &["audio", "text"];
pub(super) const SOUND_FORMATS: &[&str] = &["pcm", "g711_ulaw", "g711_alaw"];
pub(super) const EFFORTS: &[&str] = &["auto", "minimal", "low", "medium", "high", "xhigh"];
pub(super) const NOISE: &[&str] = &["auto", "near_field", "far_field", "off"];
pub(super) const TRUNCATION: &[&str] = &["auto", "retention_ratio", "disabled"];
pub(super) const AUTO_ON_OFF: &[&str] = &["auto", "on", "off"];
/// The service's limit of an answer.
pub(super) const MAX_TOKENS: i64 = 4096;

const fn key(name: &'static str, env: &'static [&'static str], kind: Kind) -> Key {
    Key { name, env, kind }
}

pub(super) const KEYS: &[Key] = &[
    key("voice", &["REALTIME_CLI_VOICE"], Kind::Text),
    key("speed", &["REALTIME_CLI_SPEED"], Kind::Number { min: 0.25, max: 1.5 }),
    key("mode", &["REALTIME_CLI_MODE"], Kind::Choice(MODES)),
    key("instructions_file", &["REALTIME_CLI_INSTRUCTIONS_FILE"], Kind::Text),
    key("instructions", &["REALTIME_CLI_INSTRUCTIONS"], Kind::Text),
    key("data_dir", &["REALTIME_CLI_DATA_DIR"], Kind::Text),
    key("server.url", &["REALTIME_CLI_URL", "OPENAI_BASE_URL"], Kind::Text),
    key("server.provider", &["REALTIME_CLI_PROVIDER"], Kind::Text),
    key("server.model", &["REALTIME_CLI_MODEL"], Kind::Text),
    key("server.dialect", &["REALTIME_CLI_DIALECT"], Kind::Choice(DIALECTS)),
    key("server.offline", &["REALTIME_CLI_OFFLINE"], Kind::Switch),
    key("server.api_key_file", &["REALTIME_CLI_API_KEY_FILE"], Kind::Text),
    key("server.organization", &["REALTIME_CLI_ORGANIZATION", "OPENAI_ORG_ID"], Kind::Text),
    key("server.project", &["REALTIME_CLI_PROJECT", "OPENAI_PROJECT_ID"], Kind::Text),
    key("server.proxy", &["REALTIME_CLI_PROXY"], Kind::Text),
    key("offline.recognizer", &["REALTIME_CLI_OFFLINE_RECOGNIZER"], Kind::Choice(RECOGNIZERS)),
    key("offline.whisper_model", &["REALTIME_CLI_OFFLINE_WHISPER_MODEL"], Kind::Text),
    key("offline.transcription_url", &["REALTIME_CLI_OFFLINE_TRANSCRIPTION_URL"], Kind::Text),
    key("offline.transcription_model", &["REALTIME_CLI_OFFLINE_TRANSCRIPTION_MODEL"], Kind::Text),
    key("offline.transcription_key_file", &["REALTIME_CLI_OFFLINE_TRANSCRIPTION_KEY_FILE"], Kind::Text),
    key("offline.brain", &["REALTIME_CLI_OFFLINE_BRAIN"], Kind::Choice(BRAINS)),
    key("offline.chat_url", &["REALTIME_CLI_OFFLINE_CHAT_URL"], Kind::Text),
    key("offline.chat_model", &["REALTIME_CLI_OFFLINE_CHAT_MODEL"], Kind::Text),
    key("offline.chat_key_file", &["REALTIME_CLI_OFFLINE_CHAT_KEY_FILE"], Kind::Text),
    key("offline.synthesizer", &["REALTIME_CLI_OFFLINE_SYNTHESIZER"], Kind::Choice(SYNTHESIZERS)),
    key("offline.piper_voice", &["REALTIME_CLI_OFFLINE_PIPER_VOICE"], Kind::Text),
    key("offline.speech_url", &["REALTIME_CLI_OFFLINE_SPEECH_URL"], Kind::Text),
    key("offline.speech_model", &["REALTIME_CLI_OFFLINE_SPEECH_MODEL"], Kind::Text),
    key("offline.speech_voice", &["REALTIME_CLI_OFFLINE_SPEECH_VOICE"], Kind::Text),
    key("offline.speech_key_file", &["REALTIME_CLI_OFFLINE_SPEECH_KEY_FILE"], Kind::Text),
    key("server.idle_s", &["REALTIME_CLI_SERVER_IDLE_S"], Kind::Integer { min: 0, max: 86_400 }),
    key("cost.budget", &["REALTIME_CLI_COST_BUDGET"], Kind::Number { min: 0.0, max: 10_000.0 }),
    key("session.output_modality", &["REALTIME_CLI_SESSION_OUTPUT_MODALITY"], Kind::Choice(MODALITIES)),
    key("session.audio_format", &["REALTIME_CLI_SESSION_AUDIO_FORMAT"], Kind::Choice(SOUND_FORMATS)),
    key("session.reasoning_effort", &["REALTIME_CLI_SESSION_REASONING_EFFORT"], Kind::Choice(EFFORTS)),
    key(
        "session.max_output_tokens",
        &["REALTIME_CLI_SESSION_MAX_OUTPUT_TOKENS"],
        Kind::Tokens { max: MAX_TOKENS },
    ),
    key("session.noise_reduction", &["REALTIME_CLI_SESSION_NOISE_REDUCTION"], Kind::Choice(NOISE)),
    key("session.truncation", &["REALTIME_CLI_SESSION_TRUNCATION"], Kind::Choice(TRUNCATION)),
    key(
        "session.retention_ratio",
        &["REALTIME_CLI_SESSION_RETENTION_RATIO"],
        Kind::Number { min: 0.0, max: 1.0 },
    ),
    key(
        "session.token_limit",
        &["REALTIME_CLI_SESSION_TOKEN_LIMIT"],
        Kind::Integer { min: 0, max: 1_000_000 },
    ),
    key("session.tool_choice", &["REALTIME_CLI_SESSION_TOOL_CHOICE"], Kind::Text),
    key(
        "session.parallel_tool_calls",
        &["REALTIME_CLI_SESSION_PARALLEL_TOOL_CALLS"],
        Kind::Choice(AUTO_ON_OFF),
    ),
    key("session.tracing", &["REALTIME_CLI_SESSION_TRACING"], Kind::Switch),
    key("vad.kind", &["REALTIME_CLI_VAD_KIND"], Kind::Choice(VAD_KINDS)),
    key("vad.eagerness", &["REALTIME_CLI_VAD_EAGERNESS"], Kind::Choice(EAGERNESS)),
    key("vad.threshold", &["REALTIME_CLI_VAD_THRESHOLD"], Kind::Number { min: 0.0, max: 1.0 }),
    key(
        "vad.silence_duration_ms",
        &["REALTIME_CLI_VAD_SILENCE_DURATION_MS"],
        Kind::Integer { min: 0, max: 10_000 },
    ),
    key(
        "vad.prefix_padding_ms",
        &["REALTIME_CLI_VAD_PREFIX_PADDING_MS"],
        Kind::Integer { min: 0, max: 5_000 },
    ),
    key(
        "vad.idle_timeout_ms",
        &["REALTIME_CLI_VAD_IDLE_TIMEOUT_MS"],
        Kind::IntegerOrNone { min: 5_000, max: 30_000 },
    ),
    key("vad.create_response", &["REALTIME_CLI_VAD_CREATE_RESPONSE"], Kind::Switch),
    key("vad.interrupt_response", &["REALTIME_CLI_VAD_INTERRUPT_RESPONSE"], Kind::Switch),
    key("transcription.model", &["REALTIME_CLI_TRANSCRIPTION_MODEL"], Kind::Text),
    key("transcription.language", &["REALTIME_CLI_TRANSCRIPTION_LANGUAGE"], Kind::Text),
    key("transcription.prompt", &["REALTIME_CLI_TRANSCRIPTION_PROMPT"], Kind::Text),
    key("audio.input", &["REALTIME_CLI_AUDIO_INPUT"], Kind::Text),
    key("audio.output", &["REALTIME_CLI_AUDIO_OUTPUT"], Kind::Text),
    key("audio.input_channel", &["REALTIME_CLI_AUDIO_INPUT_CHANNEL"], Kind::Integer { min: 0, max: 256 }),
    key("audio.buffer_ms", &["REALTIME_CLI_AUDIO_BUFFER_MS"], Kind::Integer { min: 0, max: 200 }),
    key("audio.echo", &["REALTIME_CLI_AUDIO_ECHO"], Kind::Choice(ECHO)),
    key("audio.noise_suppression", &["REALTIME_CLI_AUDIO_NOISE_SUPPRESSION"], Kind::Switch),
    key("audio.gain_control", &["REALTIME_CLI_AUDIO_GAIN_CONTROL"], Kind::Switch),
    key("audio.barge_in", &["REALTIME_CLI_AUDIO_BARGE_IN"], Kind::Switch),
    key("audio.cues", &["REALTIME_CLI_AUDIO_CUES"], Kind::Switch),
    key("audio.volume", &["REALTIME_CLI_AUDIO_VOLUME"], Kind::Number { min: 0.0, max: 1.0 }),
    key("push_to_talk.method", &["REALTIME_CLI_PUSH_TO_TALK_METHOD"], Kind::Choice(TALK_METHODS)),
    key("push_to_talk.limit_s", &["REALTIME_CLI_PUSH_TO_TALK_LIMIT_S"], Kind::Integer { min: 5, max: 600 }),
    key("reminders.enabled", &["REALTIME_CLI_REMINDERS_ENABLED"], Kind::Switch),
    key("reminders.desktop", &["REALTIME_CLI_REMINDERS_DESKTOP"], Kind::Switch),
    key("reminders.spoken", &["REALTIME_CLI_REMINDERS_SPOKEN"], Kind::Switch),
    key("reminders.bell", &["REALTIME_CLI_REMINDERS_BELL"], Kind::Switch),
    key("keys.talk", &["REALTIME_CLI_KEYS_TALK"], Kind::Text),
    key("keys.send", &["REALTIME_CLI_KEYS_SEND"], Kind::Text),
    key("keys.stop", &["REALTIME_CLI_KEYS_STOP"], Kind::Text),
    key("keys.mode", &["REALTIME_CLI_KEYS_MODE"], Kind::Text),
    key("keys.mute", &["REALTIME_CLI_KEYS_MUTE"], Kind::Text),
    key("keys.undo", &["REALTIME_CLI_KEYS_UNDO"], Kind::Text),
    key("keys.help", &["REALTIME_CLI_KEYS_HELP"], Kind::Text),
    key("keys.page_up", &["REALTIME_CLI_KEYS_PAGE_UP"], Kind::Text),
    key("keys.page_down", &["REALTIME_CLI_KEYS_PAGE_DOWN"], Kind::Text),
    key("keys.line_up", &["REALTIME_CLI_KEYS_LINE_UP"], Kind::Text),
    key("keys.line_down", &["REALTIME_CLI_KEYS_LINE_DOWN"], Kind::Text),
    key("keys.top", &["REALTIME_CLI_KEYS_TOP"], Kind::Text),
    key("keys.bottom", &["REALTIME_CLI_KEYS_BOTTOM"], Kind::Text),
    key("keys.find", &["REALTIME_CLI_KEYS_FIND"], Kind::Text),
    key("keys.copy", &["REALTIME_CLI_KEYS_COPY"], Kind::Text),
    key("keys.devices", &["REALTIME_CLI_KEYS_DEVICES"], Kind::Text),
    key("keys.voice", &["REALTIME_CLI_KEYS_VOICE"], Kind::Text),
    key("keys.settings", &["REALTIME_CLI_KEYS_SETTINGS"], Kind::Text),
    key("keys.log", &["REALTIME_CLI_KEYS_LOG"], Kind::Text),
    key("keys.louder", &["REALTIME_CLI_KEYS_LOUDER"], Kind::Text),
    key("keys.softer", &["REALTIME_CLI_KEYS_SOFTER"], Kind::Text),
    key("keys.redraw", &["REALTIME_CLI_KEYS_REDRAW"], Kind::Text),
    key("keys.suspend", &["REALTIME_CLI_KEYS_SUSPEND"], Kind::Text),
    key("keys.quit", &["REALTIME_CLI_KEYS_QUIT"], Kind::Text),
    key("tasks.sync_directory", &["REALTIME_CLI_TASKS_SYNC_DIRECTORY"], Kind::Text),
    key("tasks.sync_git", &["REALTIME_CLI_TASKS_SYNC_GIT"], Kind::Text),
    key("tasks.sync_remote", &["REALTIME_CLI_TASKS_SYNC_REMOTE"], Kind::Text),
    key("tasks.sync_secret_file", &["REALTIME_CLI_TASKS_SYNC_SECRET_FILE"], Kind::Text),
    key("history.keep", &["REALTIME_CLI_HISTORY_KEEP"], Kind::Switch),
    key("history.days", &["REALTIME_CLI_HISTORY_DAYS"], Kind::Integer { min: 0, max: 36_500 }),
    key("log.sessions", &["REALTIME_CLI_LOG_SESSIONS"], Kind::Switch),
    key("log.level", &["REALTIME_CLI_LOG_LEVEL"], Kind::Choice(LEVELS)),
    key("ui.color", &["REALTIME_CLI_UI_COLOR"], Kind::Choice(COLORS)),
    key("ui.theme", &["REALTIME_CLI_UI_THEME"], Kind::Choice(THEMES)),
    key("ui.reduced_motion", &["REALTIME_CLI_UI_REDUCED_MOTION"], Kind::Switch),
    key("ui.screen_reader", &["REALTIME_CLI_UI_SCREEN_READER"], Kind::Switch),
    key("ui.mouse", &["REALTIME_CLI_UI_MOUSE"], Kind::Switch),
];

/// The key of this name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The key that was most likely meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    fn last(name: &str) -> &str {
        name.rsplit('.').next().unwrap_or_default()
    }
    let likeness = |key: &Key| {
        let whole = strsim::jaro_winkler(name, key.name);
        // A setting outside its section, or in another one.
        let tail = strsim::jaro_winkler(last(name), last(key.name));
        if last(name) == last(key.name) { 1.0 } else { whole.max(tail * 0.95) }
    };
    let mut best = (0.8, None);
    for key in KEYS {
        let likeness = likeness(key);
        if likeness > best.0 {
            best = (likeness, Some(key.name));
        }
    }
    best.1
}

impl Kind {
    /// What is accepted, in words.
    pub(super) fn expected(self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Switch => "`true` or `false`".to_owned(),
            Self::Number { min, max } => format!("a number from {min} to {max}"),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::IntegerOrNone { min, max } => format!("0 or a whole number from {min} to {max}"),
            Self::Tokens { max } => format!("a whole number from 1 to {max}, or `inf`"),
            Self::Choice(names) => match names {
                [rest @ .., last] if !rest.is_empty() => format!("`{}` or `{last}`", rest.join("`, `")),
                _ => format!("`{}`", names.concat()),
            },
        }
    }

    /// The value in its one form, or `None` when it does not fit.
    pub(super) fn check(self, value: &Value) -> Option<Value> {
        match self {
            Self::Text => value.as_str().map(|text| Value::String(text.to_owned())),
            Self::Switch => value.as_bool().map(Value::Boolean),
            Self::Number { min, max } => {
                let number = value.as_float().or_else(|| value.as_integer().map(|n| n as f64))?;
                (min..=max).contains(&number).then_some(Value::Float(number))
            }
            Self::Integer { min, max } => {
                value.as_integer().filter(|n| (min..=max).contains(n)).map(Value::Integer)
            }
            Self::IntegerOrNone { min, max } => {
                value.as_integer().filter(|n| *n == 0 || (min..=max).contains(n)).map(Value::Integer)
            }
            Self::Tokens { max } => match value.as_str() {
                Some(text) => (text == "inf").then(|| value.clone()),
                None => value.as_integer().filter(|n| (1..=max).contains(n)).map(Value::Integer),
            },
            Self::Choice(names) => {
                let text = value.as_str()?;
                names.contains(&text).then(|| Value::String(text.to_owned()))
            }
        }
    }

    /// From the text of an environment variable or a flag.
    pub(super) fn parse(self, text: &str) -> Option<Value> {
        let value = match self {
            Self::Text | Self::Choice(_) => Value::String(text.to_owned()),
            Self::Switch => Value::Boolean(match text.to_ascii_lowercase().as_str() {
                "1" | "true" | "yes" | "on" => true,
                "0" | "false" | "no" | "off" => false,
                _ => return None,
            }),
            Self::Number { .. } => Value::Float(text.trim().parse().ok()?),
            Self::Integer { .. } | Self::IntegerOrNone { .. } => Value::Integer(text.trim().parse().ok()?),
            Self::Tokens { .. } if text.trim() == "inf" => Value::String("inf".to_owned()),
            Self::Tokens { .. } => Value::Integer(text.trim().parse().ok()?),
        };
        self.check(&value)
    }
}
