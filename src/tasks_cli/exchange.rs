//! `export` and `import`: files of other programs.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use jiff::Zoned;
use serde_json::json;
use uuid::Uuid;

use super::error::{BadLines, TasksError};
use super::{Answer, Edge};
use crate::tasks::interchange::{Format, Source};
use crate::tasks::{Status, Task, TaskStore};
use crate::text::Clean;

/// More is no list of tasks; in bytes.
const MAX_FILE: u64 = 64 * 1024 * 1024;

pub(super) struct Export<'a> {
    pub(super) file: Option<&'a Path>,
    pub(super) format: Option<Format>,
    pub(super) pending: bool,
    pub(super) force: bool,
}

pub(super) fn export(
    store: &TaskStore,
    wanted: &Export<'_>,
    edge: &mut Edge<'_>,
    now: &Zoned,
) -> Result<Answer, TasksError> {
    let by_name = || wanted.file.and_then(Format::of_path);
    let format = wanted.format.or_else(by_name).ok_or(TasksError::NoFormat)?;
    let mut tasks = store.all()?;
    if wanted.pending {
        // Templates come along: without them, nothing repeats.
        tasks.retain(|task| matches!(task.status, Status::Pending | Status::Recurring));
    }
    let written = format.write(&tasks, now);
    let lost = (!written.lost.0.is_empty()).then(|| format!("left out: {}", written.lost));
    let mut json = json!({"action": "exported", "count": tasks.len(), "left_out": written.lost.0});
    let Some(file) = wanted.file else {
        if let Some(lost) = lost {
            writeln!(edge.notices, "{}", Clean::line(&lost))?;
        }
        // On a terminal, what it could take for a command is left out; in a pipe, nothing is.
        let is_terminal = edge.look.width.is_some();
        let text = if is_terminal { Clean::new(&written.text).into_string() } else { written.text };
        json["text"] = json!(text);
        let lines = text.strip_suffix('\n').unwrap_or(&text).to_owned();
        return Ok(Answer::Words { text: vec![lines], json, is_clean: true });
    };
    save(file, &written.text, wanted.force)?;
    json["file"] = json!(file.to_string_lossy());
    let count = if tasks.len() == 1 { "1 task".to_owned() } else { format!("{} tasks", tasks.len()) };
    let mut text = vec![format!("exported {count} to {}", file.display())];
    text.extend(lost.map(|lost| format!("  {lost}")));
    Ok(Answer::Words { text, json, is_clean: false })
}

/// For this user alone. What is written over is replaced as a whole.
fn save(file: &Path, text: &str, force: bool) -> Result<(), TasksError> {
    let failed = |error| TasksError::File(file.to_owned(), error);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if !force {
        let mut made = match options.open(file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(TasksError::Exists(file.to_owned()));
            }
            made => made.map_err(failed)?,
        };
        return made.write_all(text.as_bytes()).and_then(|()| made.sync_all()).map_err(failed);
    }
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let draft = file.with_file_name(name);
    let written = options.open(&draft).and_then(|mut made| {
        made.write_all(text.as_bytes())?;
        made.sync_all()
    });
    written.and_then(|()| fs::rename(&draft, file)).map_err(|error| {
        let _ = fs::remove_file(&draft);
        failed(error)
    })
}

pub(super) fn import(
    store: &TaskStore,
    file: &Path,
    format: Option<Format>,
    skip_bad: bool,
    edge: &mut Edge<'_>,
    now: &Zoned,
) -> Result<Answer, TasksError> {
    let format = format.or_else(|| Format::of_path(file)).ok_or(TasksError::NoFormat)?;
    let text = load(file, edge)?;
    let known: HashMap<Uuid, Task> = store.all()?.into_iter().map(|task| (task.uuid, task)).collect();
    let mut nameless = HashSet::new();
    let mut fresh = || {
        let uuid = fresh();
        nameless.insert(uuid);
        uuid
    };
    let mut source = Source { fresh: &mut fresh, known: &|uuid| known.get(&uuid).cloned(), now };
    let parsed = format.read(&text, &mut source);
    let bad: Vec<_> = parsed.bad.iter().map(ToString::to_string).collect();
    if !bad.is_empty() && !skip_bad {
        return Err(TasksError::Bad(BadLines(bad)));
    }
    for line in &bad {
        writeln!(edge.notices, "skipped {}", Clean::line(line))?;
    }
    let count = parsed.tasks.len();
    let tasks: Vec<_> = parsed.tasks.into_iter().map(|(_, task)| task).collect();
    let tasks = without_known(tasks, &nameless, known.values(), now);
    let imported = store.import(&tasks, now)?;
    let unchanged = imported.unchanged + (count - tasks.len());
    let mut text = vec![format!(
        "imported {count} tasks: {} new, {} changed, {unchanged} as they were",
        imported.added, imported.changed,
    )];
    if !parsed.lost.0.is_empty() {
        text.push(format!("  left out: {}", parsed.lost));
    }
    let json = json!({
        "action": "imported",
        "added": imported.added,
        "changed": imported.changed,
        "unchanged": unchanged,
        "skipped": bad,
        "left_out": parsed.lost.0,
    });
    Ok(Answer::Words { text, json, is_clean: false })
}

/// Where a format has no uuids, a task that is there already is known by what it says: each once, so that two that are
/// alike stay two.
fn without_known<'a>(
    tasks: Vec<Task>,
    nameless: &HashSet<Uuid>,
    known: impl Iterator<Item = &'a Task>,
    now: &Zoned,
) -> Vec<Task> {
    let says = |task: &Task| {
        let day = task.due.map(|due| due.to_zoned(now.time_zone().clone()).date());
        (task.title.to_lowercase(), task.status, day, task.project.clone())
    };
    let mut there: HashMap<_, usize> = HashMap::new();
    for task in known {
        *there.entry(says(task)).or_default() += 1;
    }
    let mut is_new = |task: &Task| match there.get_mut(&says(task)) {
        Some(left @ 1..) if nameless.contains(&task.uuid) => {
            *left -= 1;
            false
        }
        _ => true,
    };
    tasks.into_iter().filter(|task| is_new(task)).collect()
}

fn load(file: &Path, edge: &mut Edge<'_>) -> Result<String, TasksError> {
    let failed = |error| TasksError::Read(file.to_owned(), error);
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        edge.input.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        fs::File::open(file).map_err(failed)?.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > MAX_FILE {
        return Err(failed(io::Error::other("it is larger than 64 MB")));
    }
    String::from_utf8(bytes).map_err(|_| failed(io::Error::other("it is not UTF-8; save it as that")))
}

fn fresh() -> Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid()
}
