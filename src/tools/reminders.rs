//! Reminders: new ones, those of tasks, and again later.

use jiff::{Timestamp, Zoned};
use uuid::Uuid;

use super::arguments::{self, MAX_TITLE, Remind, SetReminder, Snooze};
use super::output::{Failure, Success};
use super::task_tools::TaskTools;
use super::times;
use crate::tasks::matching::Care;
use crate::tasks::{Changes, NewTask, Status, StoreError, Task, when};

const REMINDER: &str = "reminder";
const LATER: &str = "in 10 minutes";

impl TaskTools {
    pub(super) fn remind(&self, wanted: &Remind, now: &Zoned) -> Result<Success, Failure> {
        let title = arguments::line("title", &wanted.title, MAX_TITLE)?;
        let schedule = times::schedule(wanted.at.as_deref(), None, now)?;
        let remind = schedule.due.as_ref().map(|due| times::remind_at(due, now));
        if remind.is_some_and(|remind| remind < now.timestamp()) {
            let at = wanted.at.as_deref().unwrap_or_default();
            return Err(Failure::new("unclear_time", format!("`{at}` is over already; say a time to come")));
        }
        let new = NewTask {
            title,
            due: schedule.due.as_ref().map(|due| due.time.timestamp()),
            remind,
            repeat: schedule.repeat,
            tags: vec![REMINDER.to_owned()],
            ..NewTask::default()
        };
        let message = times::oddity(schedule.due.as_ref(), now);
        Ok(Success { message, ..self.add("reminder_added", &new, now)? })
    }

    pub(super) fn set_reminder(&self, wanted: &SetReminder, now: &Zoned) -> Result<Success, Failure> {
        let task = self.find(&wanted.task, Care::Usual, now)?;
        let due = task.due.map(|due| times::of_task(due, now));
        let at = times::said(wanted.at.as_deref());
        let remind = at.map(|at| times::remind(at, due.as_ref(), now)).transpose()?;
        self.remind_of(&task, remind, "reminder_set", now)
    }

    pub(super) fn snooze(&self, wanted: &Snooze, now: &Zoned) -> Result<Success, Failure> {
        let until = times::said(wanted.until.as_deref()).unwrap_or(LATER);
        let remind = times::remind(until, None, now)?;
        let task = match times::said(wanted.task.as_deref()) {
            Some(task) => self.find(task, Care::Usual, now)?,
            None => self.latest_reminder(now)?,
        };
        self.remind_of(&task, Some(remind), "snoozed", now)
    }

    /// What was finished meanwhile is left alone.
    pub(super) fn snooze_by_hand(&self, uuid: Uuid, until: &str, now: &Zoned) -> Result<Success, Failure> {
        let task = self.store.get(uuid)?.ok_or(StoreError::Gone(uuid))?;
        if task.status != Status::Pending {
            return Err(Failure::new(
                "not_found",
                format!("`{}` is {} already", task.title, task.status.as_str()),
            ));
        }
        self.remind_of(&task, Some(times::remind(until, None, now)?), "snoozed", now)
    }

    /// The one that was due last. One that is still to come was not meant.
    fn latest_reminder(&self, now: &Zoned) -> Result<Task, Failure> {
        let (past, ahead): (Vec<_>, Vec<_>) = self
            .store
            .pending()?
            .into_iter()
            .filter_map(|task| Some((task.remind?, task)))
            .partition(|(remind, _)| *remind <= now.timestamp());
        let last = past.into_iter().max_by_key(|(remind, _)| *remind);
        let next = ahead.into_iter().min_by_key(|(remind, _)| *remind);
        match (last, next) {
            (Some((_, task)), _) => Ok(task),
            (None, Some((remind, task))) => {
                let at = when::describe(remind, now);
                let message = format!("nothing is ringing; the next reminder is of `{}`, {at}", task.title);
                Err(Failure::new("not_found", message))
            }
            (None, None) => Err(Failure::new("not_found", "nothing is ringing, and there is no reminder")),
        }
    }

    fn remind_of(
        &self,
        task: &Task,
        remind: Option<Timestamp>,
        action: &'static str,
        now: &Zoned,
    ) -> Result<Success, Failure> {
        let changes = Changes { remind: Some(remind), ..Changes::default() };
        let done = self.apply(task.uuid, &changes, now)?;
        let words = remind.map_or("no reminder".to_owned(), |at| when::describe(at, now));
        Ok(Success { action, summary: format!("reminder of {}: {words}", task.title), ..done })
    }
}
