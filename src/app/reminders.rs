//! Reminders that ring: a notice that stays until it is seen, and what its keys do.

use std::collections::VecDeque;
use std::time::Instant;

use super::{App, Effect, Face, LinkState};
use crate::conversation::{Input, Level};
use crate::reminders::notify::Notification;
use crate::reminders::{News, Reminder, titles, words};
use crate::text::Clean;
use crate::tools::TaskChange;
use crate::ui::keymap::{Later, ReminderKey};
use crate::ui::line::{DueTask, LineEvent};
use crate::ui::view;

/// How a reminder is told, besides on the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RemindersConfig {
    /// By a notification of the desktop.
    pub desktop: bool,
    /// By the assistant's voice.
    pub spoken: bool,
    /// By the terminal's bell.
    pub bell: bool,
}

#[derive(Debug)]
pub(super) struct Ringing {
    config: RemindersConfig,
    /// Not seen yet, the oldest first.
    open: VecDeque<Reminder>,
}

impl Ringing {
    pub(super) fn new(config: RemindersConfig) -> Self {
        Self { config, open: VecDeque::new() }
    }
}

/// As the functions on tasks understand it.
fn in_words(until: Later) -> &'static str {
    match until {
        Later::Soon => "in 10 minutes",
        Later::Hour => "in 1 hour",
        Later::Tomorrow => "tomorrow",
    }
}

impl App {
    pub(super) fn reminder_news(&mut self, news: News, now: Instant) {
        self.ringing.open.retain(|reminder| !news.settled.contains(&reminder.uuid));
        if !news.due.is_empty() {
            self.ring(news.due, news.missed, now);
        }
        self.show_reminder();
    }

    fn ring(&mut self, due: Vec<Reminder>, missed: bool, now: Instant) {
        let RemindersConfig { desktop, spoken, bell } = self.ringing.config;
        if desktop {
            self.effects.push_back(Effect::Notify(Notification::of(&titles(&due))));
        }
        if bell {
            self.effects.push_back(Effect::Bell);
        }
        if self.face == Face::Screen {
            self.converse(Input::Notice { level: Level::Info, text: words(&due, missed) }, now);
        } else {
            let task = |reminder: &Reminder| DueTask {
                uuid: reminder.uuid.to_string(),
                title: reminder.title.clone(),
                remind: reminder.at.to_string(),
            };
            let tasks = due.iter().map(task).collect();
            self.effects.push_back(Effect::Line(LineEvent::Reminder {
                tasks,
                missed,
                words: words(&due, missed),
            }));
        }
        if spoken && self.sound && self.link == LinkState::Up {
            self.converse(Input::Remind { words: words(&due, missed) }, now);
        }
        // Those that were missed are told once, and do not ring one by one.
        if !missed && self.face == Face::Screen {
            self.ringing.open.extend(due);
        }
    }

    pub(super) fn reminder_key(&mut self, key: ReminderKey) {
        let Some(reminder) = self.ringing.open.pop_front() else { return };
        match key {
            ReminderKey::Seen => {}
            ReminderKey::Done => self.change_by_hand(TaskChange::Complete(reminder.uuid)),
            ReminderKey::Snooze(until) => {
                let until = in_words(until).to_owned();
                self.change_by_hand(TaskChange::Snooze { uuid: reminder.uuid, until });
            }
        }
        self.show_reminder();
    }

    fn show_reminder(&mut self) {
        let more = self.ringing.open.len().saturating_sub(1);
        let first = self.ringing.open.front();
        self.view.reminder =
            first.map(|reminder| view::Reminder { title: Clean::line(&reminder.title), more });
        self.effects.push_back(Effect::Draw);
    }
}
