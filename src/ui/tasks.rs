//! The tasks' pane.

use ratatui::text::{Line, Span};

use super::theme::Role;
use super::view::{Priority, TaskRow, View};
use super::wrap;

/// Columns before a title: number, mark, spaces.
const GUTTER: usize = 5;
/// Lines for a title.
const TITLE: usize = 2;

/// At most `height` lines of at most `width` columns.
pub(crate) fn lines(view: &View, width: usize, height: usize) -> Vec<Line<'static>> {
    let title = format!(" Tasks · {}", summary(&view.tasks));
    let mut lines = vec![Line::styled(wrap::fit(&title, width), view.theme.style(Role::Title))];
    if view.tasks.is_empty() {
        lines.push(Line::styled(wrap::fit(" Say “add a task …”", width), view.theme.style(Role::Dim)));
    }
    let room = height.saturating_sub(1);
    // Each row takes a line at least: more rows than this cannot be seen.
    let rows: Vec<_> = view.tasks.iter().take(room + 1).map(|row| row_lines(view, row, width)).collect();
    let heights: Vec<usize> = rows.iter().map(Vec::len).collect();
    let shown = fitting(&heights, room);
    lines.extend(rows.into_iter().take(shown).flatten());
    let left_out = view.tasks.len() - shown;
    if left_out > 0 {
        lines.push(Line::styled(
            wrap::fit(&format!("     {left_out} more"), width),
            view.theme.style(Role::Dim),
        ));
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

fn row_lines(view: &View, row: &TaskRow, width: usize) -> Vec<Line<'static>> {
    let style = |role| view.theme.style(role);
    let (mark, mark_role) = mark(row);
    let room = width.saturating_sub(GUTTER);
    let title_role = if row.done { Role::Dim } else { Role::Text };
    let mut text = wrap::wrap(&[(row.title.to_string(), style(title_role))], room);
    if text.len() > TITLE {
        let rest: Vec<String> = text.drain(TITLE - 1..).map(|line| line.to_string()).collect();
        text.push(Line::styled(wrap::fit(&rest.join(" "), room), style(title_role)));
    }
    let when_role = if row.overdue && !row.done { Role::Warn } else { Role::Dim };
    text.extend(when(row).map(|when| Line::styled(wrap::fit(&when, room), style(when_role))));
    let first = vec![
        Span::styled(format!("{:>2} ", row.number), style(Role::Dim)),
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
