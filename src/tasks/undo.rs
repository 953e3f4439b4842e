//! Takes back the latest change, whoever made it, in one transaction.

use taskchampion::storage::TaskMap;
use taskchampion::{Error, Operation};
use uuid::Uuid;

use super::task::{Status, Task};
use super::transaction::{Transaction, put};
use super::{record, reminders};

/// A task before and after something; `None` where there was or is none.
pub type Sides = (Option<Task>, Option<Task>);

/// A change that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    pub action: Action,
    /// As it is now; one whose making was taken back is as it was.
    pub task: Task,
    /// Each task that it concerned, before and after it was taken back; that of `task` first. Without templates.
    pub sides: Vec<Sides>,
    /// How many more tasks the same change concerned; what was made because `task` repeats does not count.
    pub others: usize,
}

/// What had been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Added,
    Completed,
    Deleted,
    Reopened,
    Changed,
}

impl Undone {
    /// In words, as `completed task 2: buy groceries`. Holds untrusted text.
    pub fn what(&self) -> String {
        let action = match self.action {
            Action::Added => "added",
            Action::Completed => "completed",
            Action::Deleted => "deleted",
            Action::Reopened => "reopened",
            Action::Changed => "changed",
        };
        let number = self.task.number.map(|number| format!(" {number}")).unwrap_or_default();
        let others = match self.others {
            0 => String::new(),
            others => format!(" (and {others} more)"),
        };
        format!("{action} task{number}: {}{others}", self.task.title)
    }
}

impl Transaction<'_> {
    /// `None` when there is nothing that could be taken back.
    pub(super) async fn undo(&mut self) -> Result<Option<Undone>, Error> {
        let operations = self.txn.unsynced_operations().await?;
        let Some(latest) = latest_change(&operations) else { return Ok(None) };
        let uuids = touched(latest);
        let before = self.tasks(&uuids).await?;
        for operation in latest.iter().rev() {
            self.reverse(operation).await?;
            self.txn.remove_operation(operation.clone()).await?;
        }
        for &uuid in &uuids {
            self.settle_number(uuid).await?;
        }
        let after = self.tasks(&uuids).await?;
        Ok(describe(before, after))
    }

    async fn tasks(&mut self, uuids: &[Uuid]) -> Result<Vec<Option<Task>>, Error> {
        let mut tasks = Vec::with_capacity(uuids.len());
        for &uuid in uuids {
            tasks.push(self.get(uuid).await?);
        }
        Ok(tasks)
    }

    async fn reverse(&mut self, operation: &Operation) -> Result<(), Error> {
        match operation {
            Operation::Create { uuid } => self.txn.delete_task(*uuid).await.map(drop),
            Operation::Delete { uuid, old_task } => self.txn.set_task(*uuid, old_task.clone()).await,
            Operation::Update { uuid, property, old_value, .. } => {
                let Some(mut map): Option<TaskMap> = self.txn.get_task(*uuid).await? else { return Ok(()) };
                reminders::keep_told(&mut map, property, old_value.as_deref());
                put(&mut map, property, old_value.clone());
                self.txn.set_task(*uuid, map).await
            }
            Operation::UndoPoint => Ok(()),
        }
    }

    async fn settle_number(&mut self, uuid: Uuid) -> Result<(), Error> {
        let number = self.numbers().await?.get(&uuid).copied();
        match (self.txn.get_task(uuid).await?, number) {
            (None, Some(number)) => self.txn.set_working_set_item(number, None).await,
            (Some(map), None) if record::has_number(&map) => {
                self.txn.add_to_working_set(uuid).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}

/// The operations from the last undo point on that has any behind it. Without an undo point, where a change
/// begins is unknown, and nothing can be taken back.
fn latest_change(operations: &[Operation]) -> Option<&[Operation]> {
    let last = operations.iter().rposition(|operation| !operation.is_undo_point())?;
    let start = operations[..last].iter().rposition(Operation::is_undo_point)?;
    Some(&operations[start..])
}

fn touched(operations: &[Operation]) -> Vec<Uuid> {
    let mut uuids = Vec::new();
    for uuid in operations.iter().filter_map(Operation::get_uuid) {
        if !uuids.contains(&uuid) {
            uuids.push(uuid);
        }
    }
    uuids
}

fn describe(before: Vec<Option<Task>>, after: Vec<Option<Task>>) -> Option<Undone> {
    let pairs = before.into_iter().zip(after).filter(|(before, after)| before.is_some() || after.is_some());
    let (templates, mut sides): (Vec<_>, Vec<_>) = pairs.partition(is_template);
    if sides.is_empty() {
        sides = templates;
    }
    let (before, after) = sides.first()?;
    let action = action(before.as_ref(), after.as_ref());
    let task = after.clone().or_else(|| before.clone())?;
    let is_other = |sides: &Sides| {
        let other = sides.1.as_ref().or(sides.0.as_ref());
        task.parent.is_none() || other.is_some_and(|other| other.parent != task.parent)
    };
    let others = sides[1..].iter().filter(|sides| is_other(sides)).count();
    Some(Undone { action, task, sides, others })
}

fn is_template((before, after): &Sides) -> bool {
    [before, after].into_iter().flatten().any(|task| task.status == Status::Recurring)
}

fn action(before: Option<&Task>, after: Option<&Task>) -> Action {
    match (before.map(|task| task.status), after.map(|task| task.status)) {
        (_, None) => Action::Added,
        (None, _) => Action::Deleted,
        (Some(was), Some(is)) if was == is => Action::Changed,
        (Some(Status::Completed), _) => Action::Completed,
        (Some(Status::Deleted), _) => Action::Deleted,
        (Some(Status::Pending), Some(Status::Completed | Status::Deleted)) => Action::Reopened,
        _ => Action::Changed,
    }
}
