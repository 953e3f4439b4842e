//! The conversation: entries to lines, and which of them are in sight.
//!
//! Only entries in sight are wrapped, and what was wrapped is kept until it changes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::{Role, Theme};
use super::view::{AnswerState, Entry, EntryKind, InputBy, Mode, NoticeLevel, Scroll, UserText, View};
use super::{calls, find, wrap};
use crate::text::Clean;

/// Columns before the text: a label, to the right, and two spaces.
pub(crate) const GUTTER: usize = 6;

/// Entries of which the lines are kept: a few screens full.
const KEPT: usize = 512;

/// Its space does not break.
const INTERRUPTED: &str = "—\u{a0}interrupted";

/// A line of the conversation: entry and line of that entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) entry: usize,
    pub(crate) line: usize,
}

/// The lines of entries, for one width and theme.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wrapped(RefCell<Kept>);

#[derive(Debug, Clone, Default)]
struct Kept {
    width: usize,
    theme: Theme,
    /// By the entry's id: of which revision, and what it came to.
    lines: HashMap<String, (u64, Arc<[Line<'static>]>)>,
}

impl Wrapped {
    fn get(
        &self,
        entry: &Entry,
        width: usize,
        theme: Theme,
        make: impl FnOnce() -> Vec<Line<'static>>,
    ) -> Arc<[Line<'static>]> {
        let mut kept = self.0.borrow_mut();
        if (kept.width, kept.theme) != (width, theme) || kept.lines.len() > KEPT {
            *kept = Kept { width, theme, lines: HashMap::new() };
        }
        if let Some((_, lines)) = kept.lines.get(&entry.id).filter(|(of, _)| *of == entry.revision) {
            return Arc::clone(lines);
        }
        let lines: Arc<[Line<'static>]> = make().into();
        kept.lines.insert(entry.id.clone(), (entry.revision, Arc::clone(&lines)));
        lines
    }
}

/// The lines in sight, at most `height`.
pub(crate) fn visible(view: &View, width: usize, height: usize) -> Vec<Line<'static>> {
    if view.transcript.is_empty() {
        return welcome(view, width, height);
    }
    let top = top(view, width, height);
    let shown = text_rows(view, height);
    let mut lines = Vec::new();
    for index in top.entry..view.transcript.len() {
        let skipped = if index == top.entry { top.line } else { 0 };
        lines.extend(entry_lines(view, index, width).into_iter().skip(skipped));
        if lines.len() >= shown {
            break;
        }
    }
    lines.truncate(shown);
    if view.scroll != Scroll::Follow {
        lines.resize(shown, Line::default());
        lines.push(more_below(view, width));
    }
    lines
}

/// A row is kept for the note while scrolled back.
pub(crate) fn text_rows(view: &View, height: usize) -> usize {
    if view.scroll == Scroll::Follow { height } else { height.saturating_sub(1) }
}

/// The topmost position in sight.
pub(crate) fn top(view: &View, width: usize, height: usize) -> Position {
    let last_top = following_top(view, width, text_rows(view, height));
    let Scroll::At { id, line } = &view.scroll else { return last_top };
    let Some(entry) = view.transcript.iter().rposition(|entry| entry.id == *id) else { return last_top };
    let line = (*line).min(height_of(view, entry, width) - 1);
    Position { entry, line }.min(last_top)
}

/// The topmost position when the newest line is at the bottom of `rows`.
pub(crate) fn following_top(view: &View, width: usize, rows: usize) -> Position {
    let mut missing = rows;
    for entry in (0..view.transcript.len()).rev() {
        let height = height_of(view, entry, width);
        if height >= missing {
            return Position { entry, line: height - missing };
        }
        missing -= height;
    }
    Position { entry: 0, line: 0 }
}

/// Lines of an entry; at least one.
pub(crate) fn height_of(view: &View, index: usize, width: usize) -> usize {
    usize::from(has_blank(view, index)) + text_lines(view, index, width).len()
}

/// The place of the match that is looked at.
pub(crate) fn current_match(view: &View, width: usize) -> Option<Position> {
    let entry = view.search.as_ref()?.current_entry()?;
    let line = text_lines(view, entry, width).iter().position(find::is_marked)?;
    Some(Position { entry, line: line + usize::from(has_blank(view, entry)) })
}

/// At least one line.
pub(crate) fn entry_lines(view: &View, index: usize, width: usize) -> Vec<Line<'static>> {
    let blank = has_blank(view, index).then(Line::default);
    blank.into_iter().chain(text_lines(view, index, width).iter().cloned()).collect()
}

fn has_blank(view: &View, index: usize) -> bool {
    let before = index.checked_sub(1).map(|before| &view.transcript[before]);
    before.is_some_and(|before| starts_turn(before, &view.transcript[index]))
}

fn text_lines(view: &View, index: usize, width: usize) -> Arc<[Line<'static>]> {
    let entry = &view.transcript[index];
    let matches = view.search.as_ref().map_or_else(Vec::new, |search| search.in_entry(index));
    if !matches.is_empty() {
        let pieces = find::highlighted(pieces(&entry.kind, view.theme), &matches);
        let mut lines = make_lines(entry, pieces, width, view.theme);
        find::mark(&mut lines, view.theme);
        return lines.into();
    }
    let make = || make_lines(entry, pieces(&entry.kind, view.theme), width, view.theme);
    if entry.revision == 0 { make().into() } else { view.wrapped.get(entry, width, view.theme, make) }
}

fn make_lines(entry: &Entry, pieces: Vec<(String, Style)>, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let (label, role) = label(&entry.kind);
    let columns = width.saturating_sub(GUTTER);
    let mut text = wrap::wrap(&pieces, columns);
    if is_partial(&entry.kind) {
        mark_partial(&mut text, columns, theme);
    }
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    let lines = text.into_iter().zip(labels).map(|(line, label)| {
        let mut spans = vec![Span::styled(format!("{label:>4}  "), theme.style(role))];
        spans.extend(line.spans);
        Line::from(spans)
    });
    lines.collect()
}

/// All of an entry's text as it is shown, without its label.
pub(crate) fn text(kind: &EntryKind) -> String {
    pieces(kind, Theme::Plain).into_iter().map(|(text, _)| text).collect()
}

/// A blank line sets turns apart.
fn starts_turn(before: &Entry, entry: &Entry) -> bool {
    matches!(
        (&before.kind, &entry.kind),
        (_, EntryKind::User { .. }) | (EntryKind::Assistant { .. }, EntryKind::Assistant { .. })
    )
}

fn label(kind: &EntryKind) -> (&'static str, Role) {
    match kind {
        EntryKind::User { by: InputBy::Voice, .. } => ("you", Role::You),
        EntryKind::User { by: InputBy::Keyboard, .. } => ("you>", Role::You),
        EntryKind::Assistant { .. } => ("ai", Role::Assistant),
        EntryKind::Tool { state, .. } => calls::symbol(*state),
        EntryKind::Notice { level: NoticeLevel::Info, .. } => ("i", Role::Dim),
        EntryKind::Notice { level: NoticeLevel::Warning, .. } => ("!", Role::Warn),
        EntryKind::Notice { level: NoticeLevel::Error, .. } => ("!!", Role::Error),
    }
}

fn pieces(kind: &EntryKind, theme: Theme) -> Vec<(String, Style)> {
    let text = |text: &Clean| vec![(text.to_string(), theme.style(Role::Text))];
    match kind {
        EntryKind::User { text: UserText::Pending, .. } => Vec::new(),
        EntryKind::User { text: UserText::Partial(words) | UserText::Final(words), .. } => text(words),
        EntryKind::User { text: UserText::Failed(why), .. } => {
            vec![(format!("(heard, but not written down: {why})"), theme.style(Role::Dim))]
        }
        EntryKind::Assistant { text: words, state: AnswerState::Interrupted { at_chars } } => {
            interrupted(words, *at_chars, theme)
        }
        EntryKind::Assistant { text: words, .. } => text(words),
        EntryKind::Tool { name, arguments, state, summary, elapsed, differences } => {
            calls::pieces(name, arguments, *state, summary, *elapsed, differences, theme)
        }
        EntryKind::Notice { level: NoticeLevel::Info, text } => {
            vec![(text.to_string(), theme.style(Role::Dim))]
        }
        EntryKind::Notice { level: NoticeLevel::Warning, text: words } => text(words),
        EntryKind::Notice { level: NoticeLevel::Error, text } => {
            vec![
                ("error: ".to_owned(), theme.style(Role::Error)),
                (text.to_string(), theme.style(Role::Text)),
            ]
        }
    }
}

/// What was heard, a mark, and dim what was not.
fn interrupted(text: &Clean, at_chars: usize, theme: Theme) -> Vec<(String, Style)> {
    let text = text.as_str();
    let cut = text.char_indices().nth(at_chars).map_or(text.len(), |(at, _)| at);
    let (heard, rest) = (text[..cut].trim_end(), text[cut..].trim_start());
    let space = if heard.is_empty() { "" } else { " " };
    let mut pieces = vec![
        (heard.to_owned(), theme.style(Role::Text)),
        (format!("{space}{INTERRUPTED}"), theme.style(Role::Warn)),
    ];
    if !rest.is_empty() {
        pieces.push((format!(", not heard: {rest}"), theme.style(Role::Dim)));
    }
    pieces
}

fn is_partial(kind: &EntryKind) -> bool {
    matches!(
        kind,
        EntryKind::User { text: UserText::Pending | UserText::Partial(_), .. }
            | EntryKind::Assistant { state: AnswerState::Partial, .. }
    )
}

/// Only where it fits, so that no line appears or goes with the mark.
fn mark_partial(lines: &mut [Line<'static>], columns: usize, theme: Theme) {
    let Some(last) = lines.last_mut() else { return };
    let used = wrap::width(&last.to_string());
    let mark = if used == 0 { "…" } else { " …" };
    if used + wrap::width(mark) <= columns {
        last.push_span(Span::styled(mark, theme.style(Role::Dim)));
    }
}

fn more_below(view: &View, width: usize) -> Line<'static> {
    const NOTE: &str = "↓ newer below";
    let padding = " ".repeat(width.saturating_sub(wrap::width(NOTE)));
    Line::styled(padding + NOTE, view.theme.style(Role::Busy))
}

fn welcome(view: &View, width: usize, height: usize) -> Vec<Line<'static>> {
    let first = match view.mode {
        Mode::Vad => "Say something, or type it and press Enter.",
        Mode::PushToTalk => "Press Space and say something, or type it and press Enter.",
        Mode::TextOnly => "Type something and press Enter.",
    };
    let text = format!("{first}\n\nFor example: “Remind me to buy groceries tomorrow at five.”");
    let mut lines = vec![Line::default()];
    for line in wrap::wrap(&[(text, view.theme.style(Role::Dim))], width.saturating_sub(4)) {
        let mut spans = vec![Span::raw("  ")];
        spans.extend(line.spans);
        lines.push(Line::from(spans));
    }
    lines.truncate(height);
    lines
}

#[cfg(test)]
mod tests;
