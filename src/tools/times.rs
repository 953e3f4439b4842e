//! Times in the arguments: due dates, reminders and repetitions, from words.

use jiff::{Timestamp, Zoned};

use super::output::Failure;
use crate::tasks::filter::Due;
use crate::tasks::schedule::{self, Untimely};
pub(super) use crate::tasks::schedule::{Schedule, moved, moved_reminder, of_task, remind_at, said};
use crate::tasks::when::When;

pub(super) fn schedule(due: Option<&str>, repeat: Option<&str>, now: &Zoned) -> Result<Schedule, Failure> {
    Ok(schedule::schedule(due, repeat, now)?)
}

pub(super) fn remind(text: &str, due: Option<&When>, now: &Zoned) -> Result<Timestamp, Failure> {
    schedule::remind(text, due, now).map_err(|error| match error {
        Untimely::Unclear(unclear) => unclear.into(),
        Untimely::Over(_) => Failure::new("unclear_time", error.to_string()),
    })
}

/// Which tasks are asked for by when they are due.
pub(super) fn due(text: Option<&str>, now: &Zoned) -> Result<Option<Due>, Failure> {
    Ok(said(text).map(|text| Due::parse(text, now)).transpose()?)
}

/// What the person should hear of a time that was taken from their words.
pub(super) fn oddity(due: Option<&When>, now: &Zoned) -> Option<String> {
    let due = due?;
    if schedule::is_past(due, now) {
        return Some("the due date is in the past: say so".to_owned());
    }
    let words = due.time.strftime("%-I:%M %p");
    due.is_assumed.then(|| format!("am or pm was not said: {words} is assumed; say the time back"))
}
