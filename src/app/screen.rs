//! From the conversation to what is on screen.

use super::calls::{ToolRun, ToolRuns};
use crate::audio::{EchoState, Meters};
use crate::conversation::transcript::CallState;
use crate::conversation::{Conversation, Entry, EntryKind, Level, Turn, TurnMode};
use crate::protocol;
use crate::text::Clean;
use crate::ui::view::{self, AnswerState, Differences, InputBy, NoticeLevel, ToolState, UserText};

pub(super) fn entries(transcript: &[Entry], tools: &ToolRuns) -> Vec<view::Entry> {
    transcript.iter().enumerate().map(|(index, e)| entry(index, e, tools)).collect()
}

fn entry(index: usize, entry: &Entry, tools: &ToolRuns) -> view::Entry {
    // Notices have no item; entries before them only grow in number where speech is put in its place.
    let id = if entry.item_id.is_empty() { format!("notice {index}") } else { entry.item_id.0.clone() };
    view::Entry { id, kind: kind(&entry.kind, tools) }
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
    let changes = run.map(|run| run.changes.iter().map(|change| Clean::line(&change.to_string())).collect());
    view::EntryKind::Tool {
        name: Clean::line(name),
        arguments: Clean::line(arguments),
        state,
        summary: Clean::line(run.map_or("", |run| &run.summary)),
        elapsed: run.and_then(|run| run.elapsed),
        differences: Differences {
            changes: changes.unwrap_or_default(),
            undo_key: run.and_then(|run| run.undo_key.clone()),
        },
    }
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

pub(super) fn turn(conversation: &Conversation) -> view::Turn {
    match conversation.turn() {
        Turn::Idle if conversation.mode() == TurnMode::PushToTalk => view::Turn::Held,
        Turn::Idle => view::Turn::Idle,
        Turn::Listening => view::Turn::Listening,
        Turn::HearingYou => view::Turn::HearingYou,
        Turn::Thinking => view::Turn::Thinking,
        Turn::Speaking => view::Turn::Speaking,
        Turn::Interrupted => view::Turn::Interrupted,
        Turn::Muted => view::Turn::Muted,
    }
}

pub(super) fn usage(usage: &protocol::Usage) -> view::Usage {
    view::Usage { input_tokens: usage.input_tokens, output_tokens: usage.output_tokens }
}

pub(super) fn echo(state: EchoState) -> view::Echo {
    match state {
        EchoState::Off => view::Echo::Off,
        EchoState::System => view::Echo::System,
        EchoState::Converging => view::Echo::Learning,
        EchoState::Cancelling => view::Echo::Cancelled,
        EchoState::Gating => view::Echo::Gate,
        EchoState::HalfDuplex => view::Echo::HalfDuplex,
    }
}

pub(super) fn meters(meters: &Meters) -> (view::Level, view::Level, view::Counters) {
    let counters = view::Counters { dropped_frames: meters.dropped_frames, underruns: meters.underruns };
    let mic = view::Level::from_linear(meters.mic_rms, meters.mic_peak);
    (mic, view::Level::from_linear(meters.speaker_peak, meters.speaker_peak), counters)
}
