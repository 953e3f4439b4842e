//! The reminder that rings: its task, and the keys for it. It takes rows of its own, so that nothing hides it.

use ratatui::text::{Line, Span};

use super::keymap::{Action, Focus, Later, ReminderKey};
use super::theme::Role;
use super::view::View;
use super::wrap;

const GAP: &str = "  ";
const KEYS: &[(ReminderKey, &str)] = &[
    (ReminderKey::Done, "done"),
    (ReminderKey::Snooze(Later::Soon), "10 min"),
    (ReminderKey::Snooze(Later::Hour), "1 hour"),
    (ReminderKey::Snooze(Later::Tomorrow), "tomorrow"),
    (ReminderKey::Seen, "seen"),
];

/// None where no reminder rings.
pub(crate) fn lines(view: &View, width: usize) -> Vec<Line<'static>> {
    let Some(reminder) = &view.reminder else { return Vec::new() };
    let more = match reminder.more {
        0 => String::new(),
        more => format!(" (+{more})"),
    };
    let before = " reminder: ";
    let room = width.saturating_sub(before.len() + more.len() + 1);
    let title = wrap::fit(reminder.title.as_str(), room);
    let first = Line::styled(format!("{before}{title}{more}"), view.theme.style(Role::Warn));
    std::iter::once(first).chain(keys(view, width)).collect()
}

/// As many on a line as fit.
fn keys(view: &View, width: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<(usize, Vec<Span<'static>>)> = Vec::new();
    for (key, word) in KEYS {
        let Some(name) = view.keymap.key(Focus::EmptyLine, Action::Reminder(*key)) else { continue };
        let columns = name.len() + 1 + word.len();
        let spans = [
            Span::styled(name, view.theme.style(Role::Key)),
            Span::styled(format!(" {word}"), view.theme.style(Role::Text)),
        ];
        match lines.last_mut().filter(|(used, _)| used + GAP.len() + columns <= width) {
            Some((used, line)) => {
                *used += GAP.len() + columns;
                line.push(Span::raw(GAP));
                line.extend(spans);
            }
            None => lines.push((1 + columns, [vec![Span::raw(" ")], spans.to_vec()].concat())),
        }
    }
    lines.into_iter().map(|(_, spans)| Line::from(spans)).collect()
}
