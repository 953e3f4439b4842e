//! Switches for the engines behind the offline server; each stands for a setting of `[offline]`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

choices! {
    RecognizerArg {
        Auto = "auto", "whatever is set up, else builtin";
        Builtin = "builtin", "PocketSphinx";
        Whisper = "whisper", "whisper.cpp with a model file";
        Http = "http", "an OpenAI-compatible endpoint"
    }
    BrainArg {
        Auto = "auto", "whatever is set up, else builtin";
        Builtin = "builtin", "rules about tasks";
        Chat = "chat", "a language model behind a chat endpoint"
    }
    SynthesizerArg {
        Auto = "auto", "whatever is set up, else espeak or say";
        Espeak = "espeak", "espeak-ng";
        Say = "say", "macOS's own";
        Piper = "piper", "piper with a voice file";
        Http = "http", "an OpenAI-compatible endpoint"
    }
}

/// What hears, thinks and speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, ClapArgs)]
#[command(next_help_heading = "Engines (see also `realtime-cli models`)")]
pub struct EngineArgs {
    /// What turns speech into words
    #[arg(long, value_name = "ENGINE")]
    pub recognizer: Option<RecognizerArg>,
    /// A model file of whisper.cpp
    #[arg(long, value_name = "FILE")]
    pub whisper_model: Option<PathBuf>,
    /// Where speech is sent to become words
    #[arg(long, value_name = "URL")]
    pub transcription_url: Option<String>,
    /// The model to ask for there
    #[arg(long, value_name = "MODEL")]
    pub transcription_model: Option<String>,
    /// What answers
    #[arg(long, value_name = "ENGINE")]
    pub brain: Option<BrainArg>,
    /// A chat endpoint, such as `http://localhost:11434/v1`
    #[arg(long, value_name = "URL")]
    pub chat_url: Option<String>,
    /// The model to ask for there
    #[arg(long, value_name = "MODEL")]
    pub chat_model: Option<String>,
    /// What speaks
    #[arg(long, value_name = "ENGINE")]
    pub synthesizer: Option<SynthesizerArg>,
    /// A voice file of piper
    #[arg(long, value_name = "FILE")]
    pub piper_voice: Option<PathBuf>,
    /// Where words are sent to become speech
    #[arg(long, value_name = "URL")]
    pub speech_url: Option<String>,
    /// The model to ask for there
    #[arg(long, value_name = "MODEL")]
    pub speech_model: Option<String>,
    /// The voice to ask for there
    #[arg(long, value_name = "NAME")]
    pub speech_voice: Option<String>,
}

impl EngineArgs {
    /// Settings, their switches and what was given.
    pub(super) fn values(&self) -> Vec<(&'static str, &'static str, Option<String>)> {
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let word = |word: &str| word.to_owned();
        vec![
            ("offline.recognizer", "--recognizer", self.recognizer.map(|r| word(r.word()))),
            ("offline.whisper_model", "--whisper-model", self.whisper_model.as_ref().map(path)),
            ("offline.transcription_url", "--transcription-url", self.transcription_url.clone()),
            ("offline.transcription_model", "--transcription-model", self.transcription_model.clone()),
            ("offline.brain", "--brain", self.brain.map(|b| word(b.word()))),
            ("offline.chat_url", "--chat-url", self.chat_url.clone()),
            ("offline.chat_model", "--chat-model", self.chat_model.clone()),
            ("offline.synthesizer", "--synthesizer", self.synthesizer.map(|s| word(s.word()))),
            ("offline.piper_voice", "--piper-voice", self.piper_voice.as_ref().map(path)),
            ("offline.speech_url", "--speech-url", self.speech_url.clone()),
            ("offline.speech_model", "--speech-model", self.speech_model.clone()),
            ("offline.speech_voice", "--speech-voice", self.speech_voice.clone()),
        ]
    }
}
