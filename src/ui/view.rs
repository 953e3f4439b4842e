//! All that is on screen, as plain data; whoever runs the program fills it.
//!
//! Knows nothing of the network, the protocol or the task store.
//! Whatever may come from outside is [`Clean`] here already.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::KeyEvent;
use super::commands::{self, Known};
use super::find::Search;
use super::input::Editor;
use super::keymap::{self, Action, Focus, Keymap};
use super::meter;
use super::panels::Panel;
use super::talk_key::{Method, Way};
use super::tasks::{Pane, Prompt};
use super::theme::Theme;
use super::transcript::Wrapped;
use crate::text::Clean;

#[derive(Debug, Clone, Default)]
pub struct View {
    pub connection: Connection,
    /// Which server, in words.
    pub server: Clean,
    pub model: Clean,
    pub turn: Turn,
    pub mode: Mode,
    pub muted: bool,
    pub mic: Level,
    pub ears: Ears,
    /// The server's detector hears speech.
    pub server_hears: bool,
    pub speaker: Level,
    pub echo: Echo,
    /// In the order of the conversation.
    pub transcript: Vec<Entry>,
    pub scroll: Scroll,
    /// While the conversation is searched.
    pub search: Option<Search>,
    pub tasks: Vec<TaskRow>,
    /// How the tasks are looked at.
    pub pane: Pane,
    pub input: Editor,
    /// A long text from the clipboard, which is inserted when the person says so.
    pub paste: Option<String>,
    pub talk: Talk,
    pub usage: Usage,
    /// What it has cost, where that is known.
    pub cost: Option<Clean>,
    /// From the end of the person's turn to the first sound or word of the answer.
    pub latency: Option<Duration>,
    /// Our own share of it: from the first sound that came in to the first that was heard.
    pub own_latency: Option<Duration>,
    pub counters: Counters,
    /// The top line of the open help; `None` while it is closed.
    pub help: Option<usize>,
    /// The reminder that rings.
    pub reminder: Option<Reminder>,
    /// In place of the conversation.
    pub panel: Option<Panel>,
    /// What commands can be completed to.
    pub known: Known,
    /// In percent, for a moment after it was changed.
    pub volume: Option<u16>,
    pub keymap: Keymap,
    pub theme: Theme,
    /// No animation: levels are numbers.
    pub reduced_motion: bool,
    /// What came of the last key, in a few words; empty is nothing.
    pub note: Clean,
    /// Both voices are recorded.
    pub recorded: bool,
    /// In the place of the keys, where they are not for the conversation; empty is nothing.
    pub caption: Clean,
    /// What was made of entries.
    pub(crate) wrapped: Wrapped,
}

impl View {
    /// What a key press means at the moment; `None` when nothing.
    pub fn action(&self, key: KeyEvent) -> Option<Action> {
        self.keymap.action(self.focus(), key)
    }

    /// Completes the command that is being typed, where there is one.
    pub fn complete(&mut self) {
        let line = Some(self.input.text()).filter(|_| self.input.is_command());
        if let Some(line) = line.and_then(|line| commands::completed(line, &self.known)) {
            self.input.complete(line);
        }
    }

    /// What lies over the conversation and takes the keys.
    pub fn cover(&self) -> Option<Focus> {
        let panel = self.panel.is_some().then_some(Focus::Panel);
        self.help.map(|_| Focus::Help).or(panel)
    }

    /// Whether a key is the talk key, whatever its state and its modifiers are by now.
    pub fn is_talk_key(&self, key: KeyEvent) -> bool {
        self.mode == Mode::PushToTalk && self.keymap.has_key(Action::TalkToggle, key)
    }

    /// Whether the talk key talks at the moment; one that can be typed does so on the empty line only.
    pub fn may_talk(&self, key: KeyEvent) -> bool {
        let here = match self.focus() {
            Focus::TalkLine => true,
            Focus::Help | Focus::Paste => false,
            _ => !keymap::is_typed(key),
        };
        here && self.is_talk_key(key)
    }

    /// What a key press is for at the moment.
    pub fn focus(&self) -> Focus {
        if self.paste.is_some() {
            Focus::Paste
        } else if let Some(cover) = self.cover() {
            cover
        } else if self.search.is_some() {
            Focus::Find
        } else if let Some(focus) = self.pane.focus() {
            focus
        } else if !self.input.is_empty() {
            Focus::Line
        } else if self.mode == Mode::PushToTalk {
            Focus::TalkLine
        } else {
            Focus::EmptyLine
        }
    }

    /// What is being typed into: a question about tasks, or the message to the assistant.
    pub fn editor(&self) -> &Editor {
        self.pane.prompt.as_ref().map_or(&self.input, Prompt::editor)
    }

    pub fn editor_mut(&mut self) -> &mut Editor {
        match (&mut self.search, &mut self.pane.prompt) {
            (Some(search), _) => &mut search.line,
            (None, Some(prompt)) => prompt.editor_mut(),
            (None, None) => &mut self.input,
        }
    }
}

/// A reminder that nobody has seen yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reminder {
    pub title: Clean,
    /// How many more ring.
    pub more: usize,
}

/// How the talk key is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Talk {
    /// As the person wants it.
    pub method: Method,
    /// As it works at the moment.
    pub way: Way,
    /// The microphone is open without a finger on the key.
    pub open: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Connection {
    #[default]
    Connecting,
    Online,
    Reconnecting {
        in_s: u64,
    },
    /// Given up: a person has to do something.
    Offline,
    /// Given up until it is wanted again.
    Resting {
        over_budget: bool,
    },
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Turn {
    #[default]
    Idle,
    /// The microphone is open.
    Listening,
    /// The person is speaking.
    HearingYou,
    Thinking,
    /// The program waits for a yes or a no.
    Asked,
    Speaking,
    Interrupted,
    Muted,
    /// Push-to-talk: the microphone is closed until the key.
    Held,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The server hears when the person speaks.
    #[default]
    Vad,
    PushToTalk,
    TextOnly,
}

/// Loudness in steps of the meter, so that two equal levels look equal and need no redraw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Level {
    pub(crate) steps: u8,
    pub(crate) peak: u8,
    pub(crate) clipped: bool,
}

impl Level {
    /// `level` and `peak` are amplitudes from 0 to 1.
    pub fn from_linear(level: f32, peak: f32) -> Self {
        Self { steps: meter::steps(level), peak: meter::steps(peak), clipped: peak >= 0.99 }
    }
}

/// What our side knows of the microphone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ears {
    /// Nothing of it is sent.
    #[default]
    Shut,
    Open,
    /// Our own detector takes it for speech.
    Voice,
    /// Exact zeros only: it is muted elsewhere, or forbidden.
    Silent,
    /// There is none.
    Missing,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Stays the same while the entry's text grows; unique in the transcript.
    pub id: String,
    /// Entries of the same revision look the same, so that what was made of one is kept. 0: nothing is kept.
    pub revision: u64,
    pub kind: EntryKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    User {
        text: UserText,
        by: InputBy,
    },
    Assistant {
        text: Clean,
        state: AnswerState,
    },
    Tool {
        name: Clean,
        arguments: Clean,
        state: ToolState,
        summary: Clean,
        /// Of a running call in whole seconds, and only after the first.
        elapsed: Option<Duration>,
        differences: Differences,
    },
    Notice {
        level: NoticeLevel,
        text: Clean,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserText {
    /// Said, but not yet written down.
    Pending,
    Partial(Clean),
    Final(Clean),
    /// The server could not write it down.
    Failed(Clean),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputBy {
    Voice,
    Keyboard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerState {
    Partial,
    Final,
    /// Cut off; the person heard this many `char`s of the text.
    Interrupted {
        at_chars: usize,
    },
}

/// What a call has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// As `due: none → tomorrow`.
    pub changes: Vec<Clean>,
    /// The key that takes it back, for the latest change that can be.
    pub undo_key: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolState {
    /// Its arguments are still coming in.
    Collecting,
    Running,
    Done,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeLevel {
    Info,
    Warning,
    Error,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Scroll {
    /// The newest line is at the bottom.
    #[default]
    Follow,
    /// Line `line` of entry `id` is at the top.
    At { id: String, line: usize },
}

#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TaskRow {
    /// Which task it is, whatever its number is by now.
    pub uuid: Uuid,
    /// 0 where it has none, as finished tasks have not.
    pub number: u32,
    pub title: Clean,
    /// When it is due, in words of the person's own time zone.
    pub due_words: Option<Clean>,
    pub overdue: bool,
    pub priority: Priority,
    pub done: bool,
    /// What else there is to say of it, in lines such as `due: Fri 4 Dec 2026 09:00`.
    pub details: Vec<Clean>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    High,
    #[default]
    Normal,
    Low,
}

/// What is done so that the assistant does not hear itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Echo {
    /// Nothing, or there is no sound.
    #[default]
    Off,
    /// The system does it.
    System,
    /// The canceller is learning the room.
    Learning,
    Cancelled,
    /// Only what is louder than the echo is let through.
    Gate,
    /// The microphone is shut while the assistant speaks.
    HalfDuplex,
}

/// Of the whole session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
}

/// What went wrong with the sound; shown when not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Microphone frames that were not sent.
    pub dropped_frames: u64,
    /// Times when the speaker ran dry.
    pub underruns: u64,
}
