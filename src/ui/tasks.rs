//! The tasks' pane.

mod pane;

use std::ops::Range;

use ratatui::text::{Line, Span};

pub use self::pane::{Pane, Prompt, Selected, select, selected, settle};

use super::keymap::{Action, Focus, TaskKey};
use super::theme::Role;
use super::view::{Priority, TaskRow, View};
use super::wrap;

/// Columns before a title: number, selection, mark, space.
const GUTTER: usize = 5;
/// Lines for a title.
const TITLE: usize = 2;
/// From this height on there is room for the details of the selected task.
const DETAILS_FROM: usize = 12;
/// Lines for them, with the rule above.
const DETAILS: usize = 10;

/// At most `height` lines of at most `width` columns, and which of them has the selected task.
pub(crate) fn lines(view: &View, width: usize, height: usize) -> (Vec<Line<'static>>, Option<usize>) {
    let rows = pane::shown(view);
    let mut lines = heading(view, rows.len(), width);
    if rows.is_empty() {
        lines.push(Line::styled(wrap::fit(&nothing(view), width), view.theme.style(Role::Dim)));
    }
    let pages = pages(view, &rows, width, height);
    let place = place(view, &rows);
    let page = pages.into_iter().find(|page| page.contains(&place.unwrap_or(0))).unwrap_or(0..0);
    let mut cursor = None;
    for index in page.clone() {
        if place == Some(index) {
            cursor = Some(lines.len());
        }
        lines.extend(row_lines(view, rows[index], place == Some(index), width));
    }
    lines.extend(elsewhere(page.start, rows.len() - page.end, width).map(|note| dim(view, note)));
    let details_height = details_height(view, rows.len(), height);
    if let Some(place) = place.filter(|_| details_height > 0) {
        lines.resize(height - details_height, Line::default());
        lines.extend(details(view, rows[place], width, details_height));
    }
    lines.truncate(height);
    (lines, cursor.filter(|line| *line < height))
}

/// `3 open, 1 overdue`
pub(crate) fn summary(tasks: &[TaskRow]) -> String {
    let open = tasks.iter().filter(|task| !task.done).count();
    match tasks.iter().filter(|task| task.overdue && !task.done).count() {
        0 => format!("{open} open"),
        overdue => format!("{open} open, {overdue} overdue"),
    }
}

/// The selected place, while the keys are for the tasks.
fn place(view: &View, rows: &[&TaskRow]) -> Option<usize> {
    let selected = view.pane.selected.filter(|_| view.pane.focused)?;
    rows.iter().position(|row| row.uuid == selected.uuid)
}

/// The name, with a mark where the keys are for it, and what is shown when that is not simply what is to be done.
fn heading(view: &View, count: usize, width: usize) -> Vec<Line<'static>> {
    let mark = if view.pane.focused { "»" } else { " " };
    let title = format!("{mark}Tasks · {}", summary(&view.tasks));
    let mut lines = vec![Line::styled(wrap::fit(&title, width), view.theme.style(Role::Title))];
    let filter = view.pane.filter().trim();
    let filtered = (!filter.is_empty()).then(|| format!("{count} of {} with “{filter}”", view.tasks.len()));
    let done = view.pane.with_done.then(|| "with done today".to_owned());
    let notes: Vec<_> = filtered.into_iter().chain(done).collect();
    if !notes.is_empty() {
        lines.push(Line::styled(
            wrap::fit(&format!(" {}", notes.join(" · ")), width),
            view.theme.style(Role::Busy),
        ));
    }
    lines
}

fn nothing(view: &View) -> String {
    if !view.pane.filter().trim().is_empty() {
        return " no task has these words".to_owned();
    }
    let key = view.keymap.key(Focus::Tasks, Action::Tasks(TaskKey::New)).filter(|_| view.pane.focused);
    match key {
        Some(key) => format!(" Press {key} or say “add a task”"),
        None => " Say “add a task …”".to_owned(),
    }
}

/// The tasks in pieces that fit, so that moving within a piece moves nothing else.
fn pages(view: &View, rows: &[&TaskRow], width: usize, height: usize) -> Vec<Range<usize>> {
    let heading = heading(view, rows.len(), width).len();
    let room = height.saturating_sub(heading + details_height(view, rows.len(), height));
    // Each row takes a line at least: more rows than this cannot be seen.
    let most = if view.pane.focused { rows.len() } else { room + 1 };
    let heights: Vec<_> =
        rows.iter().take(most).map(|row| row_lines(view, row, false, width).len()).collect();
    if heights.iter().sum::<usize>() <= room {
        return std::iter::once(0..rows.len()).collect();
    }
    // A line is kept for the note on what is elsewhere.
    let room = room.saturating_sub(1);
    let mut pages = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (index, height) in heights.iter().enumerate() {
        if index > start && used + height > room {
            pages.push(start..index);
            (start, used) = (index, 0);
        }
        used += height;
    }
    pages.push(start..heights.len());
    pages
}

/// What is on other pages.
fn elsewhere(before: usize, after: usize, width: usize) -> Option<String> {
    let note = match (before, after) {
        (0, 0) => return None,
        (0, after) => format!("     {after} more"),
        (before, 0) => format!("     {before} before"),
        (before, after) => format!("     {before} before, {after} more"),
    };
    Some(wrap::fit(&note, width))
}

fn details_height(view: &View, rows: usize, height: usize) -> usize {
    let has_room = view.pane.focused && rows > 0 && height >= DETAILS_FROM;
    if has_room { (height * 2 / 5).min(DETAILS) } else { 0 }
}

/// What else there is to say of the selected task, below a rule.
fn details(view: &View, row: &TaskRow, width: usize, height: usize) -> Vec<Line<'static>> {
    let mut lines = vec![dim(view, "─".repeat(width))];
    if row.details.is_empty() {
        lines.push(dim(view, wrap::fit(" no due time, no notes", width)));
    }
    for detail in &row.details {
        let text = [(detail.to_string(), view.theme.style(Role::Text))];
        let wrapped = wrap::wrap(&text, width.saturating_sub(1));
        lines.extend(wrapped.into_iter().map(|line| indented(vec![Span::raw(" ")], line)));
    }
    if lines.len() > height {
        lines.truncate(height.saturating_sub(1));
        lines.push(dim(view, " …".to_owned()));
    }
    lines
}

fn dim(view: &View, text: String) -> Line<'static> {
    Line::styled(text, view.theme.style(Role::Dim))
}

fn row_lines(view: &View, row: &TaskRow, is_selected: bool, width: usize) -> Vec<Line<'static>> {
    let style = |role| view.theme.style(role);
    let (mark, mark_role) = mark(row);
    let room = width.saturating_sub(GUTTER);
    let title_role = match (is_selected, row.done) {
        (true, _) => Role::Title,
        (false, true) => Role::Dim,
        (false, false) => Role::Text,
    };
    let mut text = wrap::wrap(&[(row.title.to_string(), style(title_role))], room);
    if text.len() > TITLE {
        let rest: Vec<String> = text.drain(TITLE - 1..).map(|line| line.to_string()).collect();
        text.push(Line::styled(wrap::fit(&rest.join(" "), room), style(title_role)));
    }
    let when_role = if row.overdue && !row.done { Role::Warn } else { Role::Dim };
    text.extend(when(row).map(|when| Line::styled(wrap::fit(&when, room), style(when_role))));
    let number = if row.number == 0 { String::new() } else { row.number.to_string() };
    let first = vec![
        Span::styled(format!("{number:>2}"), style(Role::Dim)),
        Span::styled(if is_selected { "▸" } else { " " }, style(Role::Key)),
        Span::styled(format!("{mark} "), style(mark_role)),
    ];
    let starts = std::iter::once(first).chain(std::iter::repeat(vec![Span::raw(" ".repeat(GUTTER))]));
    text.into_iter().zip(starts).map(|(line, start)| indented(start, line)).collect()
}

fn indented(mut start: Vec<Span<'static>>, line: Line<'static>) -> Line<'static> {
    start.extend(line.spans.into_iter().map(|span| span.patch_style(line.style)));
    Line::from(start)
}

fn mark(row: &TaskRow) -> (&'static str, Role) {
    match row {
        TaskRow { done: true, .. } => ("✓", Role::Good),
        TaskRow { overdue: true, .. } => ("!", Role::Warn),
        TaskRow { priority: Priority::High, .. } => ("↑", Role::Warn),
        TaskRow { priority: Priority::Low, .. } => ("↓", Role::Dim),
        TaskRow { priority: Priority::Normal, .. } => ("·", Role::Dim),
    }
}

/// Done tasks are due no more.
fn when(row: &TaskRow) -> Option<String> {
    match (&row.due_words, row.overdue) {
        _ if row.done => None,
        (Some(due), true) => Some(format!("overdue · {due}")),
        (Some(due), false) => Some(due.to_string()),
        (None, true) => Some("overdue".to_owned()),
        (None, false) => None,
    }
}

#[cfg(test)]
mod tests;
