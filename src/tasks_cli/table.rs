//! Tasks in columns that fit the terminal. Pure; its texts are clean.

use jiff::Zoned;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::tasks::{Priority, Status, Task, recur, urgency, when};
use crate::text::Clean;

/// Blanks between columns.
const GAP: usize = 2;
/// Less of a title says nothing; rather columns at the right are left out.
const LEAST_TITLE: usize = 24;

/// What the lines are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Columns of the terminal; without one, lines are as long as they are.
    pub width: Option<usize>,
    pub color: bool,
}

/// One line a task: number, title, due, priority, project, and what else there is. A column that says nothing is left
/// out.
pub(super) fn lines(tasks: &[Task], look: Look, now: &Zoned) -> String {
    let rows: Vec<_> = tasks.iter().map(|task| cells(task, now)).collect();
    let mut widths = widest(&rows);
    if let Some(width) = look.width {
        fit(&mut widths, width);
    }
    let mut lines = String::with_capacity(tasks.len() * (widths.iter().sum::<usize>() + GAP * widths.len()));
    for (row, task) in rows.iter().zip(tasks) {
        let paint = paint(task, look, now);
        lines.extend(paint.map(|paint| ["\x1b[", paint, "m"]).into_iter().flatten());
        push(&mut lines, row, &widths);
        lines.push_str(if paint.is_some() { "\x1b[0m\n" } else { "\n" });
    }
    lines
}

type Row = [Cell; 6];
const TITLE: usize = 1;

struct Cell {
    text: String,
    /// In columns of the terminal.
    width: usize,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        let width = text.width();
        Self { text, width }
    }
}

fn cells(task: &Task, now: &Zoned) -> Row {
    let clean = |text: &str| Clean::line(text).into_string();
    [
        task.number.map_or_else(|| task.handle(), |number| number.to_string()).into(),
        clean(&task.title).into(),
        task.due.map(|due| when::describe(due, now)).unwrap_or_default().into(),
        task.priority.map(|priority| priority.as_str().to_owned()).unwrap_or_default().into(),
        clean(task.project.as_deref().unwrap_or_default()).into(),
        clean(&rest(task, now)).into(),
    ]
}

/// What has no column of its own.
fn rest(task: &Task, now: &Zoned) -> String {
    let mut rest = String::new();
    let mut add = |words: &[&str]| {
        if !rest.is_empty() {
            rest.push(' ');
        }
        rest.extend(words.iter().copied());
    };
    let is_open = task.status == Status::Pending;
    if !is_open {
        add(&[task.status.as_str()]);
    }
    if let Some(wait) = task.wait.filter(|_| is_open && task.is_waiting(now.timestamp())) {
        add(&["hidden until ", &when::describe(wait, now)]);
    }
    if task.is_active() {
        add(&["started"]);
    }
    if let Some(recur) = &task.recur {
        add(&[&recur::words(recur)]);
    }
    task.tags.iter().for_each(|tag| add(&["+", tag]));
    rest
}

fn widest(rows: &[Row]) -> [usize; 6] {
    let mut widths = [0; 6];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width);
        }
    }
    widths
}

/// Makes the title narrower, and where that is not enough, leaves out columns from the right.
fn fit(widths: &mut [usize; 6], room: usize) {
    loop {
        let shown = widths.iter().filter(|width| **width > 0).count();
        let gaps = shown.saturating_sub(1) * GAP;
        let others: usize = widths.iter().sum::<usize>() - widths[TITLE];
        let left = room.saturating_sub(others + gaps);
        let last = (TITLE + 1..widths.len()).rev().find(|&column| widths[column] > 0);
        match last {
            Some(last) if left < widths[TITLE].min(LEAST_TITLE) => widths[last] = 0,
            _ => {
                widths[TITLE] = widths[TITLE].min(left.max(1));
                return;
            }
        }
    }
}

/// Appends one line, without blanks at its end.
fn push(line: &mut String, row: &Row, widths: &[usize; 6]) {
    // Where the column begins, and how far the line is.
    let (mut start, mut at) = (0, 0);
    for (column, (cell, &width)) in row.iter().zip(widths).enumerate().filter(|(_, (_, width))| **width > 0) {
        let short = (cell.width > width).then(|| Cell::from(shorten(&cell.text, width)));
        let cell = short.as_ref().unwrap_or(cell);
        // Numbers stand to the right.
        let from = if column == 0 { start + width - cell.width } else { start };
        if cell.width > 0 {
            blanks(line, from - at);
            line.push_str(&cell.text);
            at = from + cell.width;
        }
        start += width + GAP;
    }
}

fn blanks(line: &mut String, count: usize) {
    const BLANKS: &str = "                                ";
    let mut left = count;
    while left > 0 {
        let some = left.min(BLANKS.len());
        line.push_str(&BLANKS[..some]);
        left -= some;
    }
}

/// At most so many columns wide, with `…` where something is missing.
pub(super) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for grapheme in text.graphemes(true) {
        if short.width() + grapheme.width() + 1 > width {
            break;
        }
        short.push_str(grapheme);
    }
    short + "…"
}

/// Parameters of SGR: red what is overdue, bold what is pressing, faint what is over.
fn paint(task: &Task, look: Look, now: &Zoned) -> Option<&'static str> {
    if !look.color {
        return None;
    }
    let is_open = task.status == Status::Pending;
    match task.due {
        _ if !is_open => Some("2"),
        Some(due) if urgency::is_overdue(due, now) => Some("31"),
        _ if task.is_active() => Some("32"),
        _ if task.priority == Some(Priority::High) => Some("1"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_loses_columns_before_the_title() {
        let mut widths = [2, 40, 12, 4, 10, 20];
        fit(&mut widths, 60);
        assert_eq!(widths, [2, 24, 12, 4, 10, 0]);
        fit(&mut widths, 10);
        assert_eq!(widths, [2, 6, 0, 0, 0, 0]);
    }

    #[test]
    fn shortened_text_keeps_whole_characters() {
        assert_eq!(shorten("buy groceries", 8), "buy gro…");
        assert_eq!(shorten("買い物をする", 6), "買い…");
        assert_eq!(shorten("👩‍👩‍👧 x", 9), "👩‍👩‍👧 x");
    }
}
