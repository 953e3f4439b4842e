//! One transaction on the store: reads, decides and writes while nobody else can.
//!
//! It records every change as an operation behind an undo point, as other programs on the same store expect.
//! A transaction that is dropped before [`Transaction::commit`] leaves no trace.

use std::collections::HashMap;

use jiff::Timestamp;
use taskchampion::chrono::{DateTime, Utc};
use taskchampion::storage::{StorageTxn, TaskMap};
use taskchampion::{Error, Operation};
use uuid::Uuid;

use super::record::{self, Assignment};
use super::task::{Changed, Changes, NewTask, Task};

pub(super) struct Transaction<'a> {
    pub(super) txn: Box<dyn StorageTxn + Send + 'a>,
}

impl Transaction<'_> {
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        self.txn.commit().await
    }

    pub(super) async fn numbers(&mut self) -> Result<HashMap<Uuid, usize>, Error> {
        let set = self.txn.get_working_set().await?;
        let pairs = set.into_iter().enumerate();
        Ok(pairs.filter_map(|(number, uuid)| Some((uuid?, number))).collect())
    }

    pub(super) async fn get(&mut self, uuid: Uuid) -> Result<Option<Task>, Error> {
        let number = self.numbers().await?.get(&uuid).copied();
        let map = self.txn.get_task(uuid).await?;
        Ok(map.map(|map| record::read(uuid, &map, number)))
    }

    pub(super) async fn working_set(&mut self) -> Result<Vec<Task>, Error> {
        let maps = self.txn.get_pending_tasks().await?;
        self.read(maps).await
    }

    pub(super) async fn all(&mut self) -> Result<Vec<Task>, Error> {
        let maps = self.txn.all_tasks().await?;
        self.read(maps).await
    }

    async fn read(&mut self, maps: Vec<(Uuid, TaskMap)>) -> Result<Vec<Task>, Error> {
        let numbers = self.numbers().await?;
        let read = |(uuid, map): (Uuid, TaskMap)| record::read(uuid, &map, numbers.get(&uuid).copied());
        Ok(maps.into_iter().map(read).collect())
    }

    pub(super) async fn add(&mut self, uuid: Uuid, new: &NewTask, now: Timestamp) -> Result<Task, Error> {
        self.forget_finished_numbers().await?;
        self.txn.create_task(uuid).await?;
        self.txn.add_operation(Operation::UndoPoint).await?;
        self.txn.add_operation(Operation::Create { uuid }).await?;
        let mut map = TaskMap::new();
        self.assign(uuid, &mut map, record::create(new, now), now).await?;
        let number = self.txn.add_to_working_set(uuid).await?;
        Ok(record::read(uuid, &map, Some(number)))
    }

    pub(super) async fn update(
        &mut self,
        uuid: Uuid,
        changes: &Changes,
        now: Timestamp,
    ) -> Result<Option<Changed>, Error> {
        let Some(mut map) = self.txn.get_task(uuid).await? else { return Ok(None) };
        let mut number = self.numbers().await?.get(&uuid).copied();
        let before = record::read(uuid, &map, number);
        let assignments = record::update(&map, changes, now);
        if !assignments.is_empty() {
            self.txn.add_operation(Operation::UndoPoint).await?;
            self.assign(uuid, &mut map, assignments, now).await?;
        }
        if number.is_none() && record::has_number(&map) {
            number = Some(self.txn.add_to_working_set(uuid).await?);
        }
        Ok(Some(Changed { before, after: record::read(uuid, &map, number) }))
    }

    async fn assign(
        &mut self,
        uuid: Uuid,
        map: &mut TaskMap,
        assignments: Vec<Assignment>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let timestamp = utc(now);
        for (property, value) in assignments {
            let old_value = put(map, &property, value.clone());
            let update = Operation::Update { uuid, property, old_value, value, timestamp };
            self.txn.add_operation(update).await?;
        }
        self.txn.set_task(uuid, map.clone()).await
    }

    /// Finished tasks keep their place in the working set, so that an undo brings their number back. With nothing
    /// left to do, counting starts again at 1.
    async fn forget_finished_numbers(&mut self) -> Result<(), Error> {
        let set = self.txn.get_working_set().await?;
        for uuid in set.into_iter().flatten().rev() {
            if self.txn.get_task(uuid).await?.is_some_and(|map| record::has_number(&map)) {
                return Ok(());
            }
        }
        self.txn.clear_working_set().await
    }

    /// Numbers the pending tasks anew from 1, without gaps, in their order so far.
    pub(super) async fn renumber(&mut self) -> Result<(), Error> {
        let set = self.txn.get_working_set().await?;
        self.txn.clear_working_set().await?;
        for uuid in set.into_iter().flatten() {
            if self.txn.get_task(uuid).await?.is_some_and(|map| record::has_number(&map)) {
                self.txn.add_to_working_set(uuid).await?;
            }
        }
        Ok(())
    }
}

/// Sets or removes one property; gives back what it was.
pub(super) fn put(map: &mut TaskMap, property: &str, value: Option<String>) -> Option<String> {
    match value {
        Some(value) => map.insert(property.to_owned(), value),
        None => map.remove(property),
    }
}

fn utc(time: Timestamp) -> DateTime<Utc> {
    let nanoseconds = u32::try_from(time.subsec_nanosecond()).unwrap_or_default();
    DateTime::from_timestamp(time.as_second(), nanoseconds).unwrap_or_default()
}
