//! The task manager: a store of tasks on disk, and the pure parts that tell tasks, times and words apart.
//!
//! Owns the store, a `TaskChampion` database under Taskwarrior's property names, so that both programs can work on
//! the same tasks, also at once. Knows nothing of models or screens. Nothing outside of this module knows
//! `TaskChampion`; nothing in here reads a clock.

mod block_on;
pub mod checked;
mod database;
pub mod diff;
pub mod filter;
pub mod interchange;
pub mod matching;
mod numerals;
mod record;
pub mod recur;
mod reminders;
mod rows;
pub mod schedule;
mod series;
pub mod statistics;
mod stints;
pub mod sync;
mod task;
mod transaction;
mod undo;
pub mod urgency;
pub mod when;
pub mod wording;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use jiff::{Timestamp, Zoned};
use taskchampion::SqliteStorage;
use taskchampion::storage::{AccessMode, Storage};
use uuid::Uuid;

use block_on::block_on;
pub use record::tag;
pub use task::{Changed, Changes, NewTask, Next, Note, Priority, Status, Stint, Task};
pub use transaction::Imported;
use transaction::Transaction;
pub use undo::{Action, Sides, Undone};

const DATABASE: &str = "taskchampion.sqlite3";
/// The database itself waits 5 s for other programs before it gives up once.
const BUSY_TRIES: u32 = 3;
/// Two programs that make the same store at the same moment get in each other's way for a few milliseconds.
const OPEN_TRIES: u64 = 60;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot keep tasks in `{path}`: {source}")]
    Directory { path: PathBuf, source: io::Error },
    #[error("the tasks in `{0}` are in use by another program; try again when it is done")]
    Busy(PathBuf),
    #[error("task `{0}` no longer exists; list the tasks again")]
    Gone(Uuid),
    #[error("the tasks in `{path}` are damaged and were left as they are{kept}; {cure}")]
    Damaged { path: PathBuf, kept: String, cure: String },
    #[error("the tasks in `{0}` are of a newer program and were left as they are; use a newer realtime-cli")]
    TooNew(PathBuf),
    #[error("`{0}` is a database of another program and was left as it is; set another `data_dir`")]
    Foreign(PathBuf),
    #[error("cannot make the daily copy `{path}` of the tasks: {reason}")]
    Backup { path: PathBuf, reason: String },
    #[error(
        "there is no space left for the tasks in `{0}`; nothing was changed: make some space and try again"
    )]
    Full(PathBuf),
    #[error("cannot use the tasks in `{path}`: {reason}")]
    Storage { path: PathBuf, reason: String },
}

/// The tasks in one directory. Cheap to clone; clones may be used on several threads.
///
/// All calls block, for milliseconds unless another program holds the store. They are made of one transaction
/// each, which a mutex hands out one at a time: the database lets only one run anyhow, and a lock is less to get
/// wrong than a thread with a channel. A change that a call returned is on disk.
#[derive(Clone)]
pub struct TaskStore(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    storage: Mutex<SqliteStorage>,
    /// Changes that were begun, and that are through.
    begun: AtomicU64,
    through: AtomicU64,
}

/// What a program begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Why there is no copy of today, in words: no reason to stop.
    pub uncopied: Option<String>,
    /// As [`TaskStore::pending`] has them.
    pub pending: Vec<Task>,
}

/// Equal stamps: very likely nobody has changed the store in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    begun: u64,
    through: u64,
    files: [Option<(u64, SystemTime)>; 2],
}

impl Stamp {
    /// Whether the store has changed since `before` without a change by this store or its clones.
    pub fn is_by_others(&self, before: &Self) -> bool {
        // The files change some milliseconds before a change of our own is through.
        let is_ours = self.begun != before.begun || self.begun != self.through;
        !is_ours && self.files != before.files
    }
}

impl TaskStore {
    /// Opens the store in `dir`, making both when they are missing, for this user alone.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        prepare(dir).map_err(|source| StoreError::Directory { path: dir.to_owned(), source })?;
        database::inspect(dir)?;
        let storage = open_storage(dir)?;
        let (begun, through) = (AtomicU64::new(0), AtomicU64::new(0));
        let inner = Inner { dir: dir.to_owned(), storage: Mutex::new(storage), begun, through };
        Ok(Self(Arc::new(inner)))
    }

    /// What is to be done once when a program begins: the daily copy, and the tasks that are missing from series.
    pub fn begin(&self, now: &Zoned) -> Result<Begun, StoreError> {
        let uncopied = match self.back_up(now) {
            Ok(_) => None,
            Err(error @ StoreError::Backup { .. }) => Some(error.to_string()),
            Err(error) => return Err(error),
        };
        let mut tasks = self.numbered()?;
        if series::is_any_without_open_task(&tasks) && self.renew(now)? > 0 {
            tasks = self.numbered()?;
        }
        Ok(Begun { uncopied, pending: pending_of(tasks) })
    }

    /// Pending tasks, also waiting ones, in the order of their numbers.
    pub fn pending(&self) -> Result<Vec<Task>, StoreError> {
        self.numbered().map(pending_of)
    }

    /// All that has a number, also templates and what is over.
    fn numbered(&self) -> Result<Vec<Task>, StoreError> {
        match rows::numbered(&self.0.dir) {
            Some(tasks) => Ok(tasks),
            None => self.read(&async |txn| txn.working_set().await),
        }
    }

    /// All tasks, whatever their status, oldest first.
    pub fn all(&self) -> Result<Vec<Task>, StoreError> {
        let mut tasks = match rows::all(&self.0.dir) {
            Some(tasks) => tasks,
            None => self.read(&async |txn| txn.all().await)?,
        };
        tasks.sort_by_cached_key(|task| (task.entry, task.number, task.uuid));
        Ok(tasks)
    }

    pub fn get(&self, uuid: Uuid) -> Result<Option<Task>, StoreError> {
        self.read(&async |txn| txn.get(uuid).await)
    }

    /// With what repeats, its template is made as well; a repetition without a due date is none.
    pub fn add(&self, new: &NewTask, now: &Zoned) -> Result<Task, StoreError> {
        self.write(&async |txn| txn.add(new, now).await)
    }

    /// Changes nothing, and adds nothing to undo, where the task is that way already.
    pub fn update(&self, uuid: Uuid, changes: &Changes, now: &Zoned) -> Result<Changed, StoreError> {
        let pair = self.write(&async |txn| txn.update(uuid, changes, now).await)?;
        pair.ok_or(StoreError::Gone(uuid))
    }

    /// The same changes to several tasks, which one undo takes back. Those that are gone are left out.
    pub fn update_all(
        &self,
        uuids: &[Uuid],
        changes: &Changes,
        now: &Zoned,
    ) -> Result<Vec<Changed>, StoreError> {
        self.write(&async |txn| txn.update_all(uuids, changes, now).await)
    }

    /// Changes of its own for each of several tasks, which one undo takes back. Those that are gone are left out.
    pub fn update_each(&self, wishes: &[(Uuid, Changes)], now: &Zoned) -> Result<Vec<Changed>, StoreError> {
        self.write(&async |txn| txn.update_each(wishes, now).await)
    }

    /// What repeats comes again: see [`Changed::next`].
    pub fn complete(&self, uuid: Uuid, now: &Zoned) -> Result<Changed, StoreError> {
        self.set_status(uuid, Status::Completed, now)
    }

    /// Makes a completed or deleted task pending again.
    pub fn reopen(&self, uuid: Uuid, now: &Zoned) -> Result<Changed, StoreError> {
        self.set_status(uuid, Status::Pending, now)
    }

    /// Marks as deleted; the task stays in the store, for undo. What repeats does not come again.
    pub fn delete(&self, uuid: Uuid, now: &Zoned) -> Result<Changed, StoreError> {
        self.set_status(uuid, Status::Deleted, now)
    }

    fn set_status(&self, uuid: Uuid, status: Status, now: &Zoned) -> Result<Changed, StoreError> {
        self.update(uuid, &Changes { status: Some(status), ..Changes::default() }, now)
    }

    /// Writes whole tasks as they are given, over those with the same uuid; one undo takes all of it back. Numbers
    /// are not taken over.
    pub fn import(&self, tasks: &[Task], now: &Zoned) -> Result<Imported, StoreError> {
        self.write(&async |txn| txn.import(tasks, now).await)
    }

    /// Makes the tasks that are missing: of series whose last one another program has completed. How many. Nobody has
    /// to call it, but who wants to see all that is to be done does so first.
    pub fn renew(&self, now: &Zoned) -> Result<usize, StoreError> {
        self.write(&async |txn| txn.renew(now).await)
    }

    /// The tasks whose reminders are due at `now` and that nobody has told of, the oldest first: whoever gets them
    /// here tells of them, and nobody else will. It is no change that an undo takes back.
    pub fn claim_reminders(&self, now: Timestamp) -> Result<Vec<Task>, StoreError> {
        self.write(&async |txn| txn.claim_reminders(now).await)
    }

    /// Takes back the latest change, also one from before a restart or of another program. `None`: nothing to undo.
    pub fn undo(&self) -> Result<Option<Undone>, StoreError> {
        self.write(&async |txn| txn.undo().await)
    }

    /// Numbers the pending tasks anew from 1, without gaps. Numbers that a person has seen change by this.
    pub fn renumber(&self) -> Result<(), StoreError> {
        self.write(&async |txn| txn.renumber().await)
    }

    /// Copies the store into its folder `backups`, once a day, and keeps seven copies. Where the new copy is.
    pub fn back_up(&self, now: &Zoned) -> Result<Option<PathBuf>, StoreError> {
        database::back_up(&self.0.dir, now.date())
    }

    /// A cheap hint for screens (two look-ups in the file system) whether to read the tasks again.
    pub fn stamp(&self) -> Stamp {
        let look = |name: String| {
            let metadata = fs::metadata(self.0.dir.join(name)).ok()?;
            Some((metadata.len(), metadata.modified().ok()?))
        };
        let through = self.0.through.load(Ordering::SeqCst);
        let files = [look(DATABASE.to_owned()), look(format!("{DATABASE}-wal"))];
        Stamp { begun: self.0.begun.load(Ordering::SeqCst), through, files }
    }

    fn read<T>(
        &self,
        work: &impl AsyncFn(&mut Transaction<'_>) -> Result<T, taskchampion::Error>,
    ) -> Result<T, StoreError> {
        self.retry(&async |mut transaction| work(&mut transaction).await)
    }

    fn write<T>(
        &self,
        work: &impl AsyncFn(&mut Transaction<'_>) -> Result<T, taskchampion::Error>,
    ) -> Result<T, StoreError> {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        let result = self.retry(&async |mut transaction| {
            let value = work(&mut transaction).await?;
            transaction.commit().await?;
            Ok(value)
        });
        self.0.through.fetch_add(1, Ordering::SeqCst);
        result
    }

    /// Does the work in a transaction; when another program holds the store too long, from the beginning again.
    fn retry<T>(
        &self,
        work: &impl AsyncFn(Transaction<'_>) -> Result<T, taskchampion::Error>,
    ) -> Result<T, StoreError> {
        let mut storage = self.0.storage.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tries = 1;
        loop {
            let result = block_on(async { work(Transaction::new(storage.txn().await?)).await });
            match result.map_err(|error: taskchampion::Error| self.failed(&error)) {
                Err(StoreError::Busy(_)) if tries < BUSY_TRIES => tries += 1,
                result => return result,
            }
        }
    }

    fn failed(&self, error: &dyn std::error::Error) -> StoreError {
        failed(&self.0.dir, error)
    }
}

fn pending_of(mut tasks: Vec<Task>) -> Vec<Task> {
    tasks.retain(|task| task.status == Status::Pending);
    // A task is large: none is moved more often than needed, and mostly they come as they should be.
    if !tasks.is_sorted_by_key(|task| (task.number, task.uuid)) {
        tasks.sort_by_cached_key(|task| (task.number, task.uuid));
    }
    tasks
}

fn open_storage(dir: &Path) -> Result<SqliteStorage, StoreError> {
    let mut tries = 0;
    loop {
        match block_on(SqliteStorage::new(dir, AccessMode::ReadWrite, true)) {
            Ok(storage) => return Ok(storage),
            Err(error) if tries < OPEN_TRIES && is_being_made(&chain(&error)) => {
                tries += 1;
                thread::sleep(Duration::from_millis(tries * 5));
            }
            Err(error) => return Err(failed(dir, &error)),
        }
    }
}

/// Makes the directory and an empty database that nobody else may read. A file that exists is never opened: to
/// close it would give up the locks that other stores of this process hold on it.
fn prepare(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        builder.mode(0o700);
        options.mode(0o600);
    }
    builder.recursive(true).create(dir)?;
    match options.open(dir.join(DATABASE)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn failed(dir: &Path, error: &dyn std::error::Error) -> StoreError {
    let reason = chain(error);
    if is_busy(&reason) {
        return StoreError::Busy(dir.to_owned());
    }
    if is_damaged(&reason) {
        return database::damaged(dir);
    }
    if reason.contains("database or disk is full") {
        return StoreError::Full(dir.to_owned());
    }
    StoreError::Storage { path: dir.to_owned(), reason }
}

/// The database's error types are not ours to name: its words are all there is to go by.
fn is_busy(reason: &str) -> bool {
    reason.contains("is locked") || reason.contains("database is busy")
}

fn is_damaged(reason: &str) -> bool {
    reason.contains("is malformed") || reason.contains("file is not a database")
}

/// Another program has begun to make the same store, and is not through with it.
fn is_being_made(reason: &str) -> bool {
    is_busy(reason) || reason.contains("no such table") || reason.contains("already exists")
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut words: Vec<String> = causes.map(ToString::to_string).collect();
    words.dedup();
    words.join(": ")
}

#[cfg(test)]
mod tests;
