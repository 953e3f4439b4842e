//! The tasks' pane.

use ratatui::text::{Line, Span};

use super::theme::Role;
use super::view::{Priority, TaskRow, View};
use super::wrap;

/// Columns before a title: number, mark, spaces.
const GUTTER: usize = 7;

/// At most `height` lines of at most `width` columns.
pub(crate) fn lines(view: &View, width: usize, height: usize) -> Vec<Line<'static>> {
    let title = format!(" Tasks · {}", summary(&view.tasks));
    let mut lines = vec![Line::styled(wrap::fit(&title, width), view.theme.style(Role::Title))];
    if view.tasks.is_empty() {
        lines.push(Line::styled(wrap::fit(" Say “add a task …”", width), view.theme.style(Role::Dim)));
    }
    let room = height.saturating_sub(1);
    let heights: Vec<usize> = view.tasks.iter().map(row_height).collect();
    let shown = fitting(&heights, room);
    lines.extend(view.tasks[..shown].iter().flat_map(|row| row_lines(view, row, width)));
    let left_out = view.tasks.len() - shown;
    if left_out > 0 {
        lines.push(Line::styled(wrap::fit(&format!("     {left_out} more"), width), view.theme.style(Role::Dim)));
    }
    lines.truncate(height);
    lines
}

/// `3 open, 1 overdue`
pub(crate) fn summary(tasks: &[TaskRow]) -> String {
    let open = tasks.iter().filter(|task| !task.done).count();
    match tasks.iter().filter(|task| task.overdue && !task.done).count() {
        0 => format!("{open} open"),
        overdue => format!("{open} open, {overdue} overdue"),
    }
}

/// How many rows fit; a line is kept for the note when not all do.
fn fitting(heights: &[usize], room: usize) -> usize {
    if heights.iter().sum::<usize>() <= room {
        return heights.len();
    }
    let mut used = 1;
    let fits = |height: &&usize| {
        used += **height;
        used <= room
    };
    heights.iter().take_while(fits).count()
}

fn row_height(row: &TaskRow) -> usize {
    if when(row).is_some() { 2 } else { 1 }
}

fn row_lines(view: &View, row: &TaskRow, width: usize) -> Vec<Line<'static>> {
    let style = |role| view.theme.style(role);
    let (mark, mark_role) = mark(row);
    let room = width.saturating_sub(GUTTER);
    let title_role = if row.done { Role::Dim } else { Role::Text };
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{:>4} ", row.number), style(Role::Dim)),
        Span::styled(format!("{mark} "), style(mark_role)),
        Span::styled(wrap::fit(row.title.as_str(), room), style(title_role)),
    ])];
    lines.extend(when(row).map(|when| {
        let role = if row.overdue && !row.done { Role::Warn } else { Role::Dim };
        Line::from(vec![Span::raw(" ".repeat(GUTTER)), Span::styled(wrap::fit(&when, room), style(role))])
    }));
    lines
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
