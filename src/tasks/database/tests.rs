use std::panic::catch_unwind;

use jiff::{Timestamp, Zoned};
use tempfile::TempDir;

use super::*;
use crate::tasks::{NewTask, TaskStore};

fn now(day: i8) -> Zoned {
    let time: Timestamp = format!("2026-12-{day:02}T12:00:00Z").parse().unwrap();
    time.to_zoned(jiff::tz::TimeZone::UTC)
}

fn filled(count: usize) -> TempDir {
    let dir = TempDir::new().unwrap();
    let store = TaskStore::open(dir.path()).unwrap();
    for index in 0..count {
        let title = format!("task {index}");
        store.add(&NewTask { title, ..NewTask::default() }, &now(1)).unwrap();
    }
    dir
}

fn opened(dir: &Path) -> String {
    TaskStore::open(dir).map_or_else(|error| error.to_string(), |_| "opened".to_owned())
}

fn change(dir: &Path, sql: &str) {
    let connection = Connection::open(dir.join(DATABASE)).unwrap();
    connection.execute_batch(sql).unwrap();
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

#[test]
fn a_commit_waits_for_the_disk() {
    let dir = filled(1);
    let connection = Connection::open(dir.path().join(DATABASE)).unwrap();
    let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
    let journal: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!((synchronous, journal.as_str()), (2, "wal"), "FULL is 2");
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let dir = filled(2);
    change(dir.path(), "UPDATE version SET major = 1");
    let path = dir.path().join(DATABASE);
    let before = fs::read(&path).unwrap();
    assert!(opened(dir.path()).contains("of a newer program"), "{}", opened(dir.path()));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let dir = TempDir::new().unwrap();
    change(dir.path(), "CREATE TABLE bookmarks (url TEXT)");
    let path = dir.path().join(DATABASE);
    let before = fs::read(&path).unwrap();
    assert!(opened(dir.path()).contains("of another program"), "{}", opened(dir.path()));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_database_is_kept_and_told_with_a_cure() {
    let dir = filled(2);
    TaskStore::open(dir.path()).unwrap().back_up(&now(1)).unwrap().unwrap();
    let path = dir.path().join(DATABASE);
    let text = "this is no database, but it is long enough to be looked at ".repeat(20);
    fs::write(&path, &text).unwrap();
    for _ in 0..2 {
        let error = opened(dir.path());
        let backup = dir.path().join("backups").join("tasks-2026-12-01.sqlite3");
        assert!(error.contains("damaged") && error.contains(&backup.display().to_string()), "{error}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let copies: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(name).filter(|name| name.contains(".corrupt-")).collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    // The cure works.
    fs::copy(dir.path().join("backups/tasks-2026-12-01.sqlite3"), &path).unwrap();
    assert_eq!(TaskStore::open(dir.path()).unwrap().pending().unwrap().len(), 2);
}

#[test]
fn a_copy_is_made_once_a_day_and_seven_are_kept() {
    let dir = filled(3);
    let store = TaskStore::open(dir.path()).unwrap();
    // A program that was killed left this.
    fs::create_dir(dir.path().join(BACKUPS)).unwrap();
    fs::write(dir.path().join(BACKUPS).join(".part-1"), "half").unwrap();
    for day in 1..=9 {
        let copy = store.back_up(&now(day)).unwrap().unwrap();
        assert_eq!(store.back_up(&now(day)).unwrap(), None);
        let restored = TempDir::new().unwrap();
        fs::copy(copy, restored.path().join(DATABASE)).unwrap();
        assert_eq!(TaskStore::open(restored.path()).unwrap().all().unwrap(), store.all().unwrap());
    }
    let names: Vec<_> = backups(dir.path())
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        (names.len(), names[0].as_str(), names[6].as_str()),
        (7, "tasks-2026-12-03", "tasks-2026-12-09")
    );
    assert_eq!(fs::read_dir(dir.path().join(BACKUPS)).unwrap().count(), 7, "nothing half made is left");
    let empty = TempDir::new().unwrap();
    assert_eq!(TaskStore::open(empty.path()).unwrap().back_up(&now(1)).unwrap(), None);
}

#[cfg(unix)]
#[test]
fn copies_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = filled(1);
    let copy = TaskStore::open(dir.path()).unwrap().back_up(&now(1)).unwrap().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(copy.parent().unwrap()), mode(&copy)), (0o700, 0o600));
}

/// Whatever becomes of the file, the program says something and does not break.
#[test]
fn no_damage_of_the_file_is_a_panic() {
    let dir = filled(12);
    change(dir.path(), "SELECT 1");
    let good = fs::read(dir.path().join(DATABASE)).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let mut refused = 0;
    let work = TempDir::new().unwrap();
    for round in 0..1_000 {
        let mut bytes = good.clone();
        match round % 10 {
            0 => bytes.truncate(random.usize(..bytes.len())),
            1 => bytes[random.usize(..good.len() / 2)..].fill(0),
            _ => {
                for _ in 0..random.usize(1..40) {
                    let at = random.usize(..bytes.len());
                    bytes[at] ^= 1 << random.u8(..8);
                }
            }
        }
        let path = work.path().join(format!("{}", round % 50));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        fs::write(path.join(DATABASE), &bytes).unwrap();
        let used = catch_unwind(|| -> Result<(), StoreError> {
            let store = TaskStore::open(&path)?;
            let all = store.all()?;
            for task in all.iter().take(1) {
                store.complete(task.uuid, &now(2))?;
            }
            store.undo().map(drop)
        });
        refused += usize::from(used.expect("no panic").is_err());
    }
    assert!(refused > 100, "only {refused} of the damaged files were noticed");
}
