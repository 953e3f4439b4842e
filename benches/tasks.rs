//! What a person waits for: opening a store of 10,000 tasks, and listing, searching and adding.

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::{Timestamp, Zoned};
use realtime_cli::tasks::filter::{Filter, Scope};
use realtime_cli::tasks::{NewTask, Status, Task, TaskStore, urgency};
use tempfile::TempDir;
use uuid::Uuid;

/// Half of them done, as stores are that were used for long.
const TASKS: u128 = 10_000;

fn fill(dir: &Path, now: &Zoned) {
    let task = |index: u128| Task {
        uuid: Uuid::from_u128(index),
        title: format!("task number {index} about groceries and rent"),
        status: if index.is_multiple_of(2) { Status::Pending } else { Status::Completed },
        due: Timestamp::from_second(1_800_000_000 + index as i64 * 600).ok(),
        project: Some(format!("project{}", index % 20)),
        tags: vec![format!("tag{}", index % 10)],
        entry: Some(now.timestamp()),
        ..Task::default()
    };
    let tasks: Vec<_> = (1..=TASKS).map(task).collect();
    TaskStore::open(dir).expect("a store").import(&tasks, now).expect("imported");
}

fn tasks(c: &mut Criterion) {
    let dir = TempDir::new().expect("a directory");
    let now = Zoned::now();
    fill(dir.path(), &now);
    let open = || TaskStore::open(dir.path()).expect("a store");
    c.bench_function("tasks/open", |b| b.iter(open));
    c.bench_function("tasks/begin", |b| {
        let store = open();
        b.iter(|| store.begin(&now).expect("begun"));
    });
    c.bench_function("tasks/list", |b| {
        b.iter(|| {
            let mut tasks = open().pending().expect("tasks");
            tasks.retain(|task| Filter::default().shows(task, &now));
            urgency::sort(&mut tasks, &now);
            tasks.len()
        });
    });
    c.bench_function("tasks/search", |b| {
        let filter = Filter { scope: Scope::Kept, text: Some("number 77".to_owned()), ..Filter::default() };
        b.iter(|| {
            let tasks = open().all().expect("tasks");
            tasks.iter().filter(|task| filter.shows(task, &now)).count()
        });
    });
    c.bench_function("tasks/add", |b| {
        let store = open();
        let new = NewTask { title: "one more".to_owned(), ..NewTask::default() };
        b.iter(|| store.add(&new, &now).expect("added"));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = tasks
}
criterion_main!(benches);
