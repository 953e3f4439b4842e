//! Which program tells of a reminder: the one that has written so into the task, in the transaction that found it due.
//!
//! The mark is no operation of the store's log: it is nobody's change, so that no undo meets it, here or in another
//! program, and each machine of a person rings for itself.

use jiff::Timestamp;
use taskchampion::Error;
use taskchampion::storage::TaskMap;

use super::record::{self, REMIND, REMINDED};
use super::task::Task;
use super::transaction::{Transaction, put};

impl Transaction<'_> {
    pub(super) async fn claim_reminders(&mut self, now: Timestamp) -> Result<Vec<Task>, Error> {
        let mut due = self.working_set().await?;
        due.retain(|task| task.rings_at().is_some_and(|at| at <= now));
        due.sort_unstable_by_key(|task| (task.remind, task.number));
        for task in &mut due {
            let Some(mut map) = self.txn.get_task(task.uuid).await? else { continue };
            task.reminded = task.remind;
            put(&mut map, REMINDED, task.remind.map(record::seconds));
            self.txn.set_task(task.uuid, map).await?;
        }
        Ok(due)
    }
}

/// When an undo takes a reminder back to an earlier time than that of which was told already, there is nothing more to
/// tell.
pub(super) fn keep_told(map: &mut TaskMap, property: &str, old_value: Option<&str>) {
    let (Some(now), true) = (map.get(REMIND), property == REMIND) else { return };
    let second = |text: &str| text.parse::<i64>().ok();
    let is_earlier = old_value.and_then(second) < second(now);
    if map.get(REMINDED) == Some(now) && is_earlier {
        put(map, REMINDED, old_value.map(str::to_owned));
    }
}

#[cfg(test)]
mod tests;
