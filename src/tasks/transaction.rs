//! One transaction on the store: reads, decides and writes while nobody else can.
//!
//! It records every change as an operation behind an undo point, as other programs on the same store expect.
//! A transaction that is dropped before [`Transaction::commit`] leaves no trace.

use std::collections::{HashMap, HashSet};

use jiff::{Timestamp, Zoned};
use taskchampion::chrono::{DateTime, Utc};
use taskchampion::storage::{StorageTxn, TaskMap};
use taskchampion::{Error, Operation};
use uuid::Uuid;

use super::record::{self, Assignment};
use super::recur::Rule;
use super::task::{Changed, Changes, NewTask, Status, Task};

pub(super) struct Transaction<'a> {
    pub(super) txn: Box<dyn StorageTxn + Send + 'a>,
    /// What is done from now on is behind this transaction's undo point.
    is_begun: bool,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(txn: Box<dyn StorageTxn + Send + 'a>) -> Self {
        Self { txn, is_begun: false }
    }

    /// For changes that nobody made: an undo takes them back with the change before them.
    pub(super) fn without_undo_point(&mut self) {
        self.is_begun = true;
    }

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

    pub(super) async fn add(&mut self, new: &NewTask, now: &Zoned) -> Result<Task, Error> {
        self.forget_finished_numbers().await?;
        let uuid = fresh()?;
        let map = self.create(uuid, record::create(new, now.timestamp()), now.timestamp()).await?;
        let number = self.txn.add_to_working_set(uuid).await?;
        if let Some(rule) = new.repeat {
            self.repeat(uuid, Some(rule), now).await?;
            return Ok(self.get(uuid).await?.unwrap_or_else(|| record::read(uuid, &map, Some(number))));
        }
        Ok(record::read(uuid, &map, Some(number)))
    }

    pub(super) async fn update(
        &mut self,
        uuid: Uuid,
        changes: &Changes,
        now: &Zoned,
    ) -> Result<Option<Changed>, Error> {
        let Some(mut map) = self.txn.get_task(uuid).await? else { return Ok(None) };
        let number = self.numbers().await?.get(&uuid).copied();
        let before = record::read(uuid, &map, number);
        let assignments = record::update(&map, changes, now.timestamp());
        self.assign(uuid, &mut map, assignments, now.timestamp()).await?;
        if number.is_none() && record::has_number(&map) {
            self.txn.add_to_working_set(uuid).await?;
        }
        let next = self.follow(&before, changes, now).await?;
        let Some(after) = self.get(uuid).await? else { return Ok(None) };
        Ok(Some(Changed { before, after, next }))
    }

    /// The same changes to several tasks, behind one undo point. Those that are gone are left out.
    pub(super) async fn update_all(
        &mut self,
        uuids: &[Uuid],
        changes: &Changes,
        now: &Zoned,
    ) -> Result<Vec<Changed>, Error> {
        let mut changed = Vec::with_capacity(uuids.len());
        for &uuid in uuids {
            changed.extend(self.update(uuid, changes, now).await?);
        }
        Ok(changed)
    }

    /// Changes of its own for each of several tasks, behind one undo point. Those that are gone are left out.
    pub(super) async fn update_each(
        &mut self,
        wishes: &[(Uuid, Changes)],
        now: &Zoned,
    ) -> Result<Vec<Changed>, Error> {
        let mut changed = Vec::with_capacity(wishes.len());
        for (uuid, changes) in wishes {
            changed.extend(self.update(*uuid, changes, now).await?);
        }
        Ok(changed)
    }

    /// Writes whole tasks, new ones and others over those of the same uuid, behind one undo point.
    pub(super) async fn import(&mut self, tasks: &[Task], now: &Zoned) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        let mut numbered: HashSet<_> = self.numbers().await?.into_keys().collect();
        for task in tasks {
            let wanted = record::write(task);
            let found = self.txn.get_task(task.uuid).await?;
            let assignments = record::difference(found.as_ref().unwrap_or(&TaskMap::new()), &wanted);
            match found {
                None => {
                    self.create(task.uuid, assignments, now.timestamp()).await?;
                    imported.added += 1;
                }
                Some(_) if assignments.is_empty() => imported.unchanged += 1,
                Some(mut map) => {
                    self.assign(task.uuid, &mut map, assignments, now.timestamp()).await?;
                    imported.changed += 1;
                }
            }
            // What repeats by a template of its own has a parent; what comes from elsewhere gets one.
            let rule = task.recur.as_deref().and_then(Rule::parse).filter(|_| task.parent.is_none());
            if task.status == Status::Pending && rule.is_some() && task.due.is_some() {
                self.repeat(task.uuid, rule, now).await?;
            }
            if task.status == Status::Pending && numbered.insert(task.uuid) {
                self.txn.add_to_working_set(task.uuid).await?;
            }
        }
        Ok(imported)
    }

    /// A task without a number.
    pub(super) async fn create(
        &mut self,
        uuid: Uuid,
        assignments: Vec<Assignment>,
        now: Timestamp,
    ) -> Result<TaskMap, Error> {
        self.begin().await?;
        self.txn.create_task(uuid).await?;
        self.txn.add_operation(Operation::Create { uuid }).await?;
        let mut map = TaskMap::new();
        self.assign(uuid, &mut map, assignments, now).await?;
        Ok(map)
    }

    pub(super) async fn assign(
        &mut self,
        uuid: Uuid,
        map: &mut TaskMap,
        assignments: Vec<Assignment>,
        now: Timestamp,
    ) -> Result<(), Error> {
        if assignments.is_empty() {
            return Ok(());
        }
        self.begin().await?;
        let timestamp = utc(now);
        for (property, value) in assignments {
            let old_value = put(map, &property, value.clone());
            let update = Operation::Update { uuid, property, old_value, value, timestamp };
            self.txn.add_operation(update).await?;
        }
        self.txn.set_task(uuid, map.clone()).await
    }

    /// All that one transaction changes is taken back by one undo.
    async fn begin(&mut self) -> Result<(), Error> {
        if !self.is_begun {
            self.is_begun = true;
            self.txn.add_operation(Operation::UndoPoint).await?;
        }
        Ok(())
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

/// What came of tasks that were written whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
}

pub(super) fn fresh() -> Result<Uuid, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Database(format!("no random number: {error}")))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
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
