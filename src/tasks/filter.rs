//! Which tasks a list is to show.

use jiff::civil::Date;
use jiff::{Span, Zoned};

use super::matching::words;
use super::task::{Status, Task};
use super::urgency;
use super::when::{self, Unclear};

/// All conditions hold for a task that is shown. The default shows what is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub scope: Scope,
    /// Words that occur in the title, notes, project or tags, in whatever form (`groceries`, `grocery`).
    pub text: Option<String>,
    /// Also shows its parts: `home` shows `home.garden`.
    pub project: Option<String>,
    pub tag: Option<String>,
    pub due: Option<Due>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// Pending, and not waiting for a later day.
    #[default]
    Pending,
    /// Pending, but hidden until a later day.
    Waiting,
    Completed,
    Deleted,
    /// Whatever is not deleted, and no template.
    Kept,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Today,
    Tomorrow,
    Overdue,
    /// Today and on the six days after it.
    Week,
    /// No due date at all.
    None,
    On(Date),
}

impl Filter {
    pub fn shows(&self, task: &Task, now: &Zoned) -> bool {
        self.scope.shows(task, now)
            && self.due.is_none_or(|due| due.shows(task, now))
            && self.tag.as_ref().is_none_or(|tag| task.tags.iter().any(|t| is_same(t, tag)))
            && self.project.as_ref().is_none_or(|project| in_project(task, project))
            && self.text.as_ref().is_none_or(|text| mentions(task, text))
    }
}

impl Scope {
    fn shows(self, task: &Task, now: &Zoned) -> bool {
        match self {
            Self::Pending => task.status == Status::Pending && !task.is_waiting(now.timestamp()),
            Self::Waiting => task.status == Status::Pending && task.is_waiting(now.timestamp()),
            Self::Completed => task.status == Status::Completed,
            Self::Deleted => task.status == Status::Deleted,
            Self::Kept => !matches!(task.status, Status::Deleted | Status::Recurring),
            Self::All => true,
        }
    }
}

impl Due {
    /// One of the names, as `week`, or the day that the words mean: `friday`.
    pub fn parse(words: &str, now: &Zoned) -> Result<Self, Unclear> {
        match words.trim().to_lowercase().as_str() {
            "today" => Ok(Self::Today),
            "tomorrow" => Ok(Self::Tomorrow),
            "overdue" => Ok(Self::Overdue),
            "week" => Ok(Self::Week),
            "none" => Ok(Self::None),
            words => when::parse(words, now).map(|when| Self::On(when.time.date())),
        }
    }

    fn shows(self, task: &Task, now: &Zoned) -> bool {
        let Some(due) = task.due else { return self == Self::None };
        let day = due.to_zoned(now.time_zone().clone()).date();
        match self {
            Self::Today => day == now.date(),
            Self::Tomorrow => now.tomorrow().is_ok_and(|tomorrow| day == tomorrow.date()),
            Self::On(date) => day == date,
            Self::None => false,
            Self::Overdue => urgency::is_overdue(due, now),
            Self::Week => {
                let end = now.date().saturating_add(Span::new().days(6));
                (now.date()..=end).contains(&day)
            }
        }
    }
}

fn is_same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.trim().trim_start_matches(['+', '#']).to_lowercase()
}

fn in_project(task: &Task, project: &str) -> bool {
    let Some(of_task) = &task.project else { return false };
    let parts = of_task.match_indices('.').map(|(end, _)| &of_task[..end]);
    parts.chain([of_task.as_str()]).any(|part| is_same(part, project))
}

fn mentions(task: &Task, text: &str) -> bool {
    let notes = task.notes.iter().map(|note| note.text.as_str());
    let tags = task.tags.iter().map(String::as_str);
    let places = notes.chain(tags).chain(task.project.as_deref()).chain([task.title.as_str()]);
    let stems: Vec<_> = places.flat_map(words::stems).collect();
    words::content(text).iter().all(|stem| stems.contains(stem))
}

#[cfg(test)]
mod tests;
