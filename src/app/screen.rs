//! From the conversation to what is on screen.

use std::time::{Duration, Instant};

use super::calls::{ToolRun, ToolRuns};
use super::{App, Effect, Ending, LinkState};
use crate::audio::{EchoState, Gate, Meters};
use crate::conversation::transcript::CallState;
use crate::conversation::{Entry, EntryKind, Level, Turn, TurnMode};
use crate::protocol;
use crate::text::Clean;
use crate::tools::Change;
use crate::ui::view::{
    self, AnswerState, Differences, Ears, InputBy, NoticeLevel, ToolState, UserText, View,
};
use crate::ui::{clipboard, find};

/// With reduced motion levels change no more often.
const LEVELS_APART: Duration = Duration::from_secs(1);

impl App {
    /// What is to be drawn now.
    pub fn view(&mut self, now: Instant) -> &View {
        self.refresh_view();
        self.view.connection = self.connection(now);
        &self.view
    }

    /// In the place of the keys' names: where somebody else than the person has the keys.
    pub fn set_caption(&mut self, caption: Clean) {
        self.view.caption = caption;
    }

    /// Brings the view up to the conversation; the rest of it is changed where it changes.
    pub(super) fn refresh_view(&mut self) {
        let entries = self.conversation.transcript().entries();
        let shown = &entries[self.cleared.min(entries.len())..];
        self.made.update(&mut self.view.transcript, shown, &self.tools);
        find::refresh(&mut self.view);
        self.view.turn = self.turn();
        self.view.mode = mode(self.conversation.mode());
        self.view.muted = self.conversation.is_muted();
        self.view.talk = self.talk.view();
        self.view.ears = self.ears();
        self.view.server_hears =
            self.view.mode == view::Mode::Vad && self.view.turn == view::Turn::HearingYou;
        self.view.usage = usage(self.conversation.usage());
        self.view.cost = self.spending.shown();
        self.view.latency = self.conversation.latency();
        self.view.own_latency = self.conversation.own_latency();
    }

    fn connection(&self, now: Instant) -> view::Connection {
        match self.link {
            LinkState::Up => view::Connection::Online,
            _ if self.ending == Ending::Over => view::Connection::Offline,
            LinkState::Down { .. } if self.rest.why.is_some() => {
                view::Connection::Resting { over_budget: self.rest.why == Some(super::rest::Why::Budget) }
            }
            LinkState::Down { retry_at: Some(at) } => view::Connection::Reconnecting {
                in_s: at.saturating_duration_since(now).as_secs_f32().ceil() as u64,
            },
            LinkState::Down { .. } => view::Connection::Connecting,
        }
    }

    fn ears(&self) -> Ears {
        if !self.devices.has_microphone() {
            Ears::Missing
        } else if self.devices.is_silent() {
            Ears::Silent
        } else if self.gate == Gate::Closed {
            Ears::Shut
        } else if self.suspected {
            Ears::Voice
        } else {
            Ears::Open
        }
    }

    /// Our own detector has begun, or ceased, to take what it hears for speech.
    pub(super) fn suspect(&mut self, suspected: bool) {
        if std::mem::replace(&mut self.suspected, suspected) != suspected {
            self.effects.push_back(Effect::Draw);
        }
    }

    pub(super) fn meters(&mut self, meters: &Meters, now: Instant) {
        let (mic, speaker, counters) = self::meters(meters);
        let echo = echo(meters.echo);
        if (self.view.mic, self.view.speaker, self.view.counters, self.view.echo)
            == (mic, speaker, counters, echo)
            || self.view.reduced_motion && self.levels_at.is_some_and(|at| now < at + LEVELS_APART)
        {
            return;
        }
        self.levels_at = Some(now);
        (self.view.mic, self.view.speaker, self.view.counters) = (mic, speaker, counters);
        self.view.echo = echo;
        self.effects.push_back(Effect::Draw);
    }

    /// After a change of the line that is typed into.
    pub(super) fn search_anew(&mut self) {
        find::typed(&mut self.view, self.size.0, self.size.1);
    }

    pub(super) fn copy(&mut self) {
        let note = match clipboard::wanted(&self.view, self.size.0, self.size.1) {
            Ok(text) => {
                let note = format!("copied {} characters", text.chars().count());
                self.effects.push_back(Effect::Copy(text));
                note
            }
            Err(why) => why,
        };
        self.view.note = Clean::line(&note);
    }
}

/// What the entries on screen were made of, so that only what has changed since is made anew.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// The revisions of the conversation's entries, in order.
    of: Vec<u64>,
    /// The revision of the calls' runs.
    runs: u64,
    /// The last that was given to an entry on screen.
    revision: u64,
}

impl Made {
    /// Brings `shown` up to the transcript and the runs of its calls.
    pub(super) fn update(&mut self, shown: &mut Vec<view::Entry>, transcript: &[Entry], tools: &ToolRuns) {
        let other_runs = std::mem::replace(&mut self.runs, tools.revision()) != tools.revision();
        shown.truncate(transcript.len());
        self.of.resize(transcript.len(), 0);
        for (index, entry) in transcript.iter().enumerate() {
            let stale = other_runs && matches!(entry.kind, EntryKind::Call { .. } | EntryKind::Deed { .. });
            if self.of[index] == entry.revision && !stale {
                continue;
            }
            self.of[index] = entry.revision;
            self.revision += 1;
            let made = self::entry(entry, self.revision, tools);
            match shown.get_mut(index) {
                Some(before) => *before = made,
                None => shown.push(made),
            }
        }
    }
}

fn entry(entry: &Entry, revision: u64, tools: &ToolRuns) -> view::Entry {
    // Notices have no item, and never change.
    let notice = || format!("notice {}", entry.revision);
    let id = if entry.item_id.is_empty() { notice() } else { entry.item_id.0.clone() };
    view::Entry { id, revision, kind: kind(&entry.kind, tools) }
}

fn kind(kind: &EntryKind, tools: &ToolRuns) -> view::EntryKind {
    match kind {
        EntryKind::User { text, partial, spoken, failed } => view::EntryKind::User {
            text: user_text(text.as_deref(), *partial, failed.as_deref()),
            by: if *spoken { InputBy::Voice } else { InputBy::Keyboard },
        },
        EntryKind::Assistant { text, partial, heard_chars, .. } => view::EntryKind::Assistant {
            text: Clean::new(text),
            state: match heard_chars {
                Some(at_chars) => AnswerState::Interrupted { at_chars: *at_chars },
                None if *partial => AnswerState::Partial,
                None => AnswerState::Final,
            },
        },
        EntryKind::Call { call, state, .. } => {
            let state = match state {
                CallState::Collecting => ToolState::Collecting,
                CallState::Running => ToolState::Running,
                CallState::Done => ToolState::Done,
                CallState::Failed => ToolState::Failed,
            };
            tool(&call.name, &call.arguments, state, tools.get(&call.call_id))
        }
        EntryKind::Deed { id, ok } => {
            let state = if *ok { ToolState::Done } else { ToolState::Failed };
            tool("you", "", state, tools.get(id))
        }
        EntryKind::Notice { level, text } => {
            view::EntryKind::Notice { level: notice_level(*level), text: Clean::new(text) }
        }
    }
}

fn tool(name: &str, arguments: &str, state: ToolState, run: Option<&ToolRun>) -> view::EntryKind {
    view::EntryKind::Tool {
        name: Clean::line(name),
        arguments: Clean::line(arguments),
        state,
        summary: Clean::line(run.map_or("", |run| &run.summary)),
        elapsed: run.and_then(|run| run.elapsed),
        differences: Differences {
            changes: run.map(|run| differences(&run.changes)).unwrap_or_default(),
            undo_key: run.and_then(|run| run.undo_key.clone()),
        },
    }
}

/// With the task's name before the first of its own, where there are several.
fn differences(changes: &[Change]) -> Vec<Clean> {
    let several = changes.iter().any(|change| change.task != changes[0].task);
    let mut named = None;
    let mut words = |change: &Change| {
        // What was made or unmade says its name itself.
        let is_new = named.replace(change.task.clone()).as_ref() != Some(&change.task);
        let name = several && is_new && change.field != "task";
        if name { format!("“{}” {change}", change.task) } else { change.to_string() }
    };
    changes.iter().map(|change| Clean::line(&words(change))).collect()
}

fn user_text(text: Option<&str>, partial: bool, failed: Option<&str>) -> UserText {
    match (text, failed) {
        (_, Some(why)) => UserText::Failed(Clean::line(why)),
        (None, None) => UserText::Pending,
        (Some(text), None) if partial => UserText::Partial(Clean::new(text)),
        (Some(text), None) => UserText::Final(Clean::new(text)),
    }
}

pub(super) fn notice_level(level: Level) -> NoticeLevel {
    match level {
        Level::Info => NoticeLevel::Info,
        Level::Warning => NoticeLevel::Warning,
        Level::Error => NoticeLevel::Error,
    }
}

pub(super) fn mode(mode: TurnMode) -> view::Mode {
    match mode {
        TurnMode::Vad => view::Mode::Vad,
        TurnMode::PushToTalk => view::Mode::PushToTalk,
        TurnMode::TextOnly => view::Mode::TextOnly,
    }
}

impl App {
    pub(super) fn turn(&self) -> view::Turn {
        match self.conversation.turn() {
            Turn::Idle if self.conversation.mode() == TurnMode::PushToTalk => view::Turn::Held,
            Turn::Idle => view::Turn::Idle,
            Turn::Listening => view::Turn::Listening,
            Turn::HearingYou => view::Turn::HearingYou,
            Turn::Thinking if self.asked.is_some() => view::Turn::Asked,
            Turn::Thinking => view::Turn::Thinking,
            Turn::Speaking => view::Turn::Speaking,
            Turn::Interrupted => view::Turn::Interrupted,
            Turn::Muted => view::Turn::Muted,
        }
    }
}

fn usage(usage: &protocol::Usage) -> view::Usage {
    view::Usage { input_tokens: usage.input_tokens, output_tokens: usage.output_tokens }
}

fn echo(state: EchoState) -> view::Echo {
    match state {
        EchoState::Off => view::Echo::Off,
        EchoState::System => view::Echo::System,
        EchoState::Converging => view::Echo::Learning,
        EchoState::Cancelling => view::Echo::Cancelled,
        EchoState::Gating => view::Echo::Gate,
        EchoState::HalfDuplex => view::Echo::HalfDuplex,
    }
}

fn meters(meters: &Meters) -> (view::Level, view::Level, view::Counters) {
    let counters = view::Counters { dropped_frames: meters.dropped_frames, underruns: meters.underruns };
    let mic = view::Level::from_linear(meters.mic_rms, meters.mic_peak);
    (mic, view::Level::from_linear(meters.speaker_peak, meters.speaker_peak), counters)
}
