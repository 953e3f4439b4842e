//! The database as a file: whether it is one of ours before anything is written to it, and daily copies.
//!
//! `TaskChampion` opens and changes it; this only looks, reads and copies, on connections of its own. A change is on disk when
//! its transaction is through: the journal is a write-ahead log, and `SQLite` as it is built here then waits for the disk
//! with every commit (`synchronous` is `FULL` unless it is told otherwise, which nobody does).

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use jiff::civil::Date;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use uuid::Uuid;

use super::{DATABASE, StoreError};

/// The schema of `TaskChampion` 3. A greater one may mean something else by the same names.
const SCHEMA: i64 = 0;
/// Daily copies that are kept.
const COPIES: usize = 7;
const BACKUPS: &str = "backups";
/// How the name of a copy begins that is not whole yet.
const PART: &str = ".part-";

/// Looks whether the database in `dir` is one that may be opened, and writes nothing to it. One that is missing or
/// empty may; so may one at which cannot be looked now, as the other program that makes it is not through.
pub(super) fn inspect(dir: &Path) -> Result<(), StoreError> {
    let path = dir.join(DATABASE);
    if fs::metadata(&path).map_or(0, |metadata| metadata.len()) == 0 {
        return Ok(());
    }
    match look(&path) {
        Ok(Kind::Ours) => Ok(()),
        Ok(Kind::TooNew) => Err(StoreError::TooNew(path)),
        Ok(Kind::Foreign) => Err(StoreError::Foreign(path)),
        Err(error) if is_damage(&error) => Err(damaged(dir)),
        Err(_) => Ok(()),
    }
}

enum Kind {
    Ours,
    TooNew,
    Foreign,
}

fn look(path: &Path) -> rusqlite::Result<Kind> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let has = |table: &str| {
        connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")?.exists([table])
    };
    let any = connection.prepare("SELECT 1 FROM sqlite_master")?.exists([])?;
    if any && !has("tasks")? {
        return Ok(Kind::Foreign);
    }
    if !has("version")? {
        return Ok(Kind::Ours);
    }
    let major: i64 =
        connection.query_row("SELECT COALESCE(MAX(major), 0) FROM version", [], |row| row.get(0))?;
    Ok(if major > SCHEMA { Kind::TooNew } else { Kind::Ours })
}

/// What `read` makes of each row that has a number in the working set: of the number, the uuid and the properties as
/// JSON. `None`: the tables are not as they are known here, or `read` could do nothing with a row.
pub(super) fn numbered<T>(dir: &Path, read: Read<'_, T>) -> Option<Vec<T>> {
    rows(dir, Rows::Numbered, read).ok()?
}

/// The same of all tasks, most of which have no number.
pub(super) fn all<T>(dir: &Path, read: Read<'_, T>) -> Option<Vec<T>> {
    rows(dir, Rows::All, read).ok()?
}

pub(super) type Read<'a, T> = &'a dyn Fn(Option<usize>, Uuid, &str) -> Option<T>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    Numbered,
    All,
}

/// Where more than one task of so many has a number, reading all of them one after the other is quicker than looking
/// up each.
const FEW: usize = 4;

fn rows<T>(dir: &Path, which: Rows, read: Read<'_, T>) -> rusqlite::Result<Option<Vec<T>>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(dir.join(DATABASE), flags)?;
    // All queries see the same moment.
    let connection = connection.transaction()?;
    let Some(numbers) = working_set(&connection)? else { return Ok(None) };
    let count: u32 = connection.query_row("SELECT COUNT(*) FROM tasks", [], |row| row.get(0))?;
    let count = count as usize;
    let mut found = Vec::new();
    if which == Rows::Numbered && numbers.len() < count / FEW {
        let mut query = connection.prepare("SELECT data FROM tasks WHERE uuid = ?")?;
        for (uuid, number) in &numbers {
            let mut rows = query.query([uuid.to_string()])?;
            let Some(row) = rows.next()? else { continue };
            let Some(task) = read(Some(*number), *uuid, row.get_ref(0)?.as_str()?) else { return Ok(None) };
            found.push(task);
        }
        return Ok(Some(found));
    }
    found.reserve(if which == Rows::All { count } else { numbers.len() });
    let mut query = connection.prepare("SELECT uuid, data FROM tasks")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let Ok(uuid) = Uuid::parse_str(row.get_ref(0)?.as_str()?) else { return Ok(None) };
        let number = numbers.get(&uuid).copied();
        if which == Rows::All || number.is_some() {
            let Some(task) = read(number, uuid, row.get_ref(1)?.as_str()?) else { return Ok(None) };
            found.push(task);
        }
    }
    Ok(Some(found))
}

fn working_set(connection: &Connection) -> rusqlite::Result<Option<HashMap<Uuid, usize>>> {
    let mut query = connection.prepare("SELECT uuid, id FROM working_set WHERE uuid IS NOT NULL")?;
    let mut rows = query.query([])?;
    let mut numbers = HashMap::new();
    while let Some(row) = rows.next()? {
        let Ok(uuid) = Uuid::parse_str(row.get_ref(0)?.as_str()?) else { return Ok(None) };
        numbers.insert(uuid, row.get::<_, u32>(1)? as usize);
    }
    Ok(Some(numbers))
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// The error of a database that cannot be read any more. The file is left alone, with a copy beside it, in case that
/// somebody tries to mend it.
pub(super) fn damaged(dir: &Path) -> StoreError {
    let path = dir.join(DATABASE);
    let copy = keep(&path).ok();
    let backup = latest_backup(dir);
    let kept = copy.map(|copy| format!("; a copy is kept in `{}`", copy.display())).unwrap_or_default();
    let cure = match backup {
        Some(backup) => {
            format!("to go back to the latest daily copy, put `{}` in its place", backup.display())
        }
        None => "move it away to begin with an empty list".to_owned(),
    };
    StoreError::Damaged { path, kept, cure }
}

/// A copy per state of the file, named after the second of its last change.
fn keep(path: &Path) -> io::Result<PathBuf> {
    let changed = fs::metadata(path)?.modified()?;
    let second = changed.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let copy = path.with_file_name(format!("{DATABASE}.corrupt-{second}"));
    if copy.exists() {
        return Ok(copy);
    }
    private(&copy)?;
    fs::copy(path, &copy)?;
    let log = path.with_file_name(format!("{DATABASE}-wal"));
    if log.exists() {
        let log_copy = copy.with_file_name(format!("{DATABASE}.corrupt-{second}-wal"));
        private(&log_copy)?;
        fs::copy(&log, log_copy)?;
    }
    Ok(copy)
}

/// Copies the database once a day, and keeps the latest seven copies. `None`: there is one of that day already, or
/// nothing to copy. A damaged database is told and not copied.
pub(super) fn back_up(dir: &Path, day: Date) -> Result<Option<PathBuf>, StoreError> {
    let copy = dir.join(BACKUPS).join(format!("tasks-{day}.sqlite3"));
    if copy.exists() {
        return Ok(None);
    }
    match copy_to(&dir.join(DATABASE), &copy) {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(Failed::Damaged) => return Err(damaged(dir)),
        Err(Failed::Other(reason)) => return Err(StoreError::Backup { path: copy, reason }),
    }
    for old in backups(dir).into_iter().rev().skip(COPIES) {
        let _ = fs::remove_file(old);
    }
    Ok(Some(copy))
}

enum Failed {
    Damaged,
    Other(String),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) { Self::Damaged } else { Self::Other(error.to_string()) }
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// False where there are no tasks.
fn copy_to(database: &Path, copy: &Path) -> Result<bool, Failed> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let has_tasks = connection.prepare("SELECT 1 FROM tasks LIMIT 1")?.exists([])?;
    if !has_tasks {
        return Ok(false);
    }
    let health: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if health != "ok" {
        return Err(Failed::Damaged);
    }
    let folder = copy.parent().unwrap_or(copy);
    make_private(folder)?;
    // Under another name until it is whole.
    let part = folder.join(format!("{PART}{}", std::process::id()));
    let _ = fs::remove_file(&part);
    private(&part)?;
    let copied = connection.execute("VACUUM INTO ?", [part.to_string_lossy()]);
    let copied = copied.map_err(Failed::from).and_then(|_| Ok(fs::rename(&part, copy)?));
    sweep(folder);
    copied.map(|()| true)
}

/// Removes what was left half made, also by programs that were killed.
fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PART)) {
        let _ = fs::remove_file(entry.path());
    }
}

/// Oldest first.
fn backups(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir.join(BACKUPS)) else { return Vec::new() };
    let is_copy = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.strip_prefix("tasks-")
            .and_then(|name| name.strip_suffix(".sqlite3"))
            .is_some_and(|day| day.parse::<Date>().is_ok())
    };
    let mut copies: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_copy).collect();
    copies.sort_unstable();
    copies
}

fn latest_backup(dir: &Path) -> Option<PathBuf> {
    backups(dir).pop()
}

/// An empty file that nobody else may read.
fn private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// A folder that nobody else may enter.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests;
