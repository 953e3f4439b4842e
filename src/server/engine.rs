//! What a turn runs through behind the protocol: ears, brain and voice, each a trait.
//!
//! The calls block and may take long; the server runs them on threads of their own.
//! Nothing here knows the protocol: a session turns its items into a [`Prompt`] and what comes back into events.

use std::ops::ControlFlow;

use serde_json::Value;

use crate::pcm;
use crate::vad::VoiceActivity;

/// Samples per second of everything that passes between a session and an engine: mono, 16 bit.
pub const ENGINE_RATE: u32 = crate::pcm::SESSION_RATE;

/// Why an engine could not do its part, in words for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(pub String);

/// Tells speech from other sound.
pub trait VoiceDetector: Send {
    /// The likelihood, 0 to 1, that the latest sound is speech, after taking in `samples` (any number, at
    /// [`ENGINE_RATE`]); with too few for a new answer, the last one again.
    fn hear(&mut self, samples: &[i16]) -> f32;
}

impl VoiceDetector for VoiceActivity {
    fn hear(&mut self, samples: &[i16]) -> f32 {
        let samples: Vec<f32> = samples.iter().map(|&s| pcm::i16_to_f32(s)).collect();
        self.score(&samples)
    }
}

/// Turns speech into words.
pub trait Recognizer: Send + Sync {
    /// Begins one utterance. Cheap: anything slow was prepared before or happens in the background.
    fn begin(&self) -> Box<dyn Utterance>;
}

/// One utterance on its way through a recognizer.
pub trait Utterance: Send {
    /// Takes the next samples, any number. Never blocks for long.
    fn feed(&mut self, samples: &[i16]);
    /// Words that have become sure since the last call, with a space before all but the utterance's first. They are
    /// never taken back, though the text at the end may differ. Costs next to nothing.
    fn new_words(&mut self) -> Option<String> {
        None
    }
    /// Waits for the words. An empty text means that none were understood.
    fn finish(self: Box<Self>) -> Result<Heard, EngineError>;
}

/// What a recognizer understood.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    pub text: String,
    /// 0 to 1 where the recognizer can tell.
    pub confidence: Option<f32>,
}

impl Heard {
    /// What was heard with less confidence is asked back before anything is lost by it.
    ///
    /// Measured with the offline recognizer on the test list, ten voices (`docs/recognition.md`): in quiet, 89 % of those
    /// that were taken for another command were below, and 8 % of those that were right; in pink noise of 20 dB, 91 and
    /// 26 %. Below 0.7, 92 and 13 %, and 94 and 38 %.
    pub const WEAK: f32 = 0.6;

    /// Whether what was heard should be asked back before anything is lost by it.
    pub fn is_weak(&self) -> bool {
        self.confidence.is_some_and(|confidence| confidence < Self::WEAK)
    }
}

/// Decides what to say and which functions to call.
pub trait Brain: Send + Sync {
    /// Answers `prompt`, handing out text and calls as they come. Stops early when `out` says `Break`.
    fn respond(
        &self,
        prompt: &Prompt,
        out: &mut dyn FnMut(Thought) -> ControlFlow<()>,
    ) -> Result<(), EngineError>;
}

/// All that a brain is told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prompt {
    pub instructions: String,
    /// The conversation so far, oldest first.
    pub items: Vec<PromptItem>,
    /// The functions that may be called now; empty when calling is off.
    pub tools: Vec<ToolSpec>,
    pub tool_choice: ToolChoice,
    /// The most tokens that the answer may have; `None` when that is left to the brain.
    pub max_tokens: Option<u32>,
    /// 0 to 2, where a client has said so.
    pub temperature: Option<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PromptItem {
    System(String),
    /// Typed, or heard well enough.
    User(String),
    /// Heard, but perhaps not what was said: [`Heard::is_weak`].
    UserUncertain(String),
    /// The person spoke, but no words are known.
    UserUnintelligible,
    Assistant(String),
    Call {
        call_id: String,
        name: String,
        arguments: String,
    },
    Output {
        call_id: String,
        output: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    pub name: String,
    pub description: String,
    /// JSON Schema of the arguments.
    pub parameters: Value,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ToolChoice {
    #[default]
    Auto,
    Required,
    Function(String),
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Thought {
    /// The next words, with their spaces. An empty text says nothing: by its answer, a brain that waits learns whether
    /// anybody still does.
    Text(String),
    /// A complete function call; the session gives it a `call_id`.
    Call { name: String, arguments: String },
}

/// Turns words into speech.
pub trait Synthesizer: Send + Sync {
    /// How many texts it can speak at once without any of them being late; `None` where others do the work.
    fn at_once(&self) -> Option<usize> {
        None
    }

    /// Speaks `text`, handing out samples as they come. Stops early when `out` says `Break`; with no samples, it is
    /// only asked whether anybody still listens.
    fn speak(
        &self,
        text: &str,
        voice: &Voice,
        out: &mut dyn FnMut(&[i16]) -> ControlFlow<()>,
    ) -> Result<(), EngineError>;
}

#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    /// The session's voice name; a synthesizer maps those it does not have to one of its own.
    pub name: String,
    /// 0.25 to 1.5; 1 is normal.
    pub speed: f32,
}

impl Default for Voice {
    fn default() -> Self {
        Self { name: "alloy".to_owned(), speed: 1.0 }
    }
}
