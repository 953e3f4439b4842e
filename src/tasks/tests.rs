use std::collections::BTreeMap;
use std::thread;

use proptest::prelude::*;
use tempfile::TempDir;

use jiff::Timestamp;

use super::*;

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn at(second: i64) -> Zoned {
    self::second(second).to_zoned(jiff::tz::TimeZone::UTC)
}

fn titled(title: &str) -> NewTask {
    NewTask { title: title.to_owned(), ..NewTask::default() }
}

fn store() -> (TempDir, TaskStore) {
    let dir = TempDir::new().unwrap();
    let store = TaskStore::open(dir.path()).unwrap();
    (dir, store)
}

fn full() -> NewTask {
    NewTask {
        title: "buy groceries".to_owned(),
        due: Some(second(2_000)),
        remind: Some(second(1_900)),
        priority: Some(Priority::High),
        project: Some("home".to_owned()),
        tags: vec!["shop".to_owned(), "food".to_owned()],
        note: Some("oat milk too".to_owned()),
        ..NewTask::default()
    }
}

#[test]
fn a_new_task_has_what_it_was_given_also_after_reopening() {
    let (dir, store) = store();
    let task = store.add(&full(), &at(1_000)).unwrap();
    let expected = Task {
        uuid: task.uuid,
        number: Some(1),
        title: "buy groceries".to_owned(),
        status: Status::Pending,
        due: Some(second(2_000)),
        remind: Some(second(1_900)),
        wait: None,
        priority: Some(Priority::High),
        project: Some("home".to_owned()),
        tags: vec!["food".to_owned(), "shop".to_owned()],
        notes: vec![Note { time: second(1_000), text: "oat milk too".to_owned() }],
        entry: Some(second(1_000)),
        modified: Some(second(1_000)),
        ..Task::default()
    };
    assert_eq!(task, expected);
    drop(store);
    let store = TaskStore::open(dir.path()).unwrap();
    assert_eq!(store.pending().unwrap(), std::slice::from_ref(&expected));
    assert_eq!(store.get(task.uuid).unwrap(), Some(expected));
}

#[test]
fn the_json_form_is_stable() {
    let (_dir, store) = store();
    let task = store.add(&full(), &at(1_000)).unwrap();
    let json = serde_json::to_value(&task).unwrap();
    let expected = serde_json::json!({
        "uuid": task.uuid.to_string(),
        "number": 1,
        "title": "buy groceries",
        "status": "pending",
        "due": "1970-01-01T00:33:20Z",
        "remind": "1970-01-01T00:31:40Z",
        "priority": "high",
        "project": "home",
        "tags": ["food", "shop"],
        "notes": [{"time": "1970-01-01T00:16:40Z", "text": "oat milk too"}],
        "entry": "1970-01-01T00:16:40Z",
        "modified": "1970-01-01T00:16:40Z",
    });
    assert_eq!(json, expected);
}

#[test]
fn changes_touch_only_what_they_name() {
    let (_dir, store) = store();
    let task = store.add(&full(), &at(1_000)).unwrap();
    let wishes = Changes {
        due: Some(None),
        tags: Some(vec!["food".to_owned(), "soon".to_owned()]),
        note: Some("and bread".to_owned()),
        ..Changes::default()
    };
    let changed = store.update(task.uuid, &wishes, &at(1_000)).unwrap();
    assert_eq!(changed.before, task);
    assert_eq!(changed.after.due, None);
    assert_eq!(changed.after.tags, ["food", "soon"]);
    let notes: Vec<_> = changed.after.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["oat milk too", "and bread"]);
    assert_eq!((changed.after.title, changed.after.priority), (task.title, task.priority));
}

#[test]
fn a_change_to_what_is_already_so_leaves_nothing_to_undo() {
    let (_dir, store) = store();
    let task = store.add(&full(), &at(1_000)).unwrap();
    let same = Changes { title: Some(task.title.clone()), due: Some(task.due), ..Changes::default() };
    assert!(!store.update(task.uuid, &same, &at(2_000)).unwrap().is_change());
    assert_eq!(store.undo().unwrap().unwrap().action, Action::Added);
}

#[test]
fn undo_says_what_it_took_back() {
    let (dir, store) = store();
    store.add(&titled("call mom"), &at(1)).unwrap();
    let task = store.add(&titled("buy groceries"), &at(2)).unwrap();
    let due = Changes { due: Some(Some(second(99))), ..Changes::default() };
    store.update(task.uuid, &due, &at(3)).unwrap();
    store.complete(task.uuid, &at(4)).unwrap();
    store.reopen(task.uuid, &at(5)).unwrap();
    store.delete(task.uuid, &at(6)).unwrap();
    drop(store);
    let store = TaskStore::open(dir.path()).unwrap();
    let mut words = Vec::new();
    while let Some(undone) = store.undo().unwrap() {
        words.push(undone.what());
    }
    assert_eq!(
        words,
        [
            "deleted task 2: buy groceries",
            "reopened task: buy groceries",
            "completed task 2: buy groceries",
            "changed task 2: buy groceries",
            "added task 2: buy groceries",
            "added task 1: call mom",
        ]
    );
    assert_eq!(store.all().unwrap(), []);
}

#[test]
fn numbers_stay_until_nothing_is_left_to_do() {
    let (_dir, store) = store();
    let uuids: Vec<_> =
        ["a", "b", "c"].iter().map(|title| store.add(&titled(title), &at(1)).unwrap().uuid).collect();
    store.complete(uuids[0], &at(2)).unwrap();
    let numbers = |store: &TaskStore| -> Vec<_> {
        store.pending().unwrap().into_iter().map(|task| (task.number.unwrap(), task.title)).collect()
    };
    assert_eq!(numbers(&store), [(2, "b".to_owned()), (3, "c".to_owned())]);
    assert_eq!(store.get(uuids[0]).unwrap().unwrap().number, None);
    assert_eq!(store.add(&titled("d"), &at(3)).unwrap().number, Some(4));
    store.renumber().unwrap();
    assert_eq!(numbers(&store), [(1, "b".to_owned()), (2, "c".to_owned()), (3, "d".to_owned())]);
    for task in store.pending().unwrap() {
        store.delete(task.uuid, &at(4)).unwrap();
    }
    assert_eq!(store.add(&titled("e"), &at(5)).unwrap().number, Some(1));
}

#[test]
fn a_task_that_is_gone_is_an_error() {
    let (_dir, store) = store();
    let task = store.add(&titled("a"), &at(1)).unwrap();
    store.undo().unwrap();
    let error = store.complete(task.uuid, &at(2)).unwrap_err();
    assert!(matches!(error, StoreError::Gone(uuid) if uuid == task.uuid), "{error}");
    assert!(store.undo().unwrap().is_none());
}

#[test]
fn the_stamp_tells_of_changes_by_anyone() {
    let (dir, store) = store();
    let other = TaskStore::open(dir.path()).unwrap();
    let before = store.stamp();
    store.pending().unwrap();
    other.pending().unwrap();
    assert_eq!(store.stamp(), before);
    other.add(&titled("a"), &at(1)).unwrap();
    let after = store.stamp();
    assert_ne!(after, before);
    store.add(&titled("b"), &at(1)).unwrap();
    assert_ne!(store.stamp(), after);
}

#[test]
fn what_other_programs_wrote_is_kept_and_survived() {
    let (_dir, store) = store();
    let task = store.add(&titled("a"), &at(1)).unwrap();
    // As another program might, with what this one does not know or cannot read.
    let strange = [
        ("due", "99999999999999999"),
        ("wait", "soon"),
        ("priority", "urgent"),
        ("annotation_x", "?"),
        ("annotation_99999999999999999", "?"),
        ("status", "postponed"),
        ("recur", "weekly"),
    ];
    let assignments = strange.map(|(name, value)| (name.to_owned(), Some(value.to_owned())));
    let mut storage = store.0.storage.lock().unwrap();
    block_on(async {
        let mut txn = storage.txn().await.unwrap();
        let mut map = txn.get_task(task.uuid).await.unwrap().unwrap();
        map.extend(assignments.map(|(name, value)| (name, value.unwrap())));
        txn.set_task(task.uuid, map).await.unwrap();
        txn.commit().await.unwrap();
    });
    drop(storage);
    let read = store.get(task.uuid).unwrap().unwrap();
    assert_eq!((read.due, read.wait, read.priority, read.status), (None, None, None, Status::Other));
    assert_eq!(store.pending().unwrap(), []);
    store.complete(task.uuid, &at(2)).unwrap();
    let mut storage = store.0.storage.lock().unwrap();
    let map = block_on(async {
        let mut txn = storage.txn().await.unwrap();
        txn.get_task(task.uuid).await.unwrap().unwrap()
    });
    assert_eq!(map["recur"], "weekly");
    assert_eq!(map["status"], "completed");
}

#[test]
fn hostile_titles_are_data() {
    let (dir, store) = store();
    let titles =
        ["'; DROP TABLE tasks; --", "\u{1b}]0;x\u{7}", "\u{202e}a", "\"}{\"", "ignore all rules", "\0", "🎉"];
    for title in titles {
        store.add(&titled(title), &at(1)).unwrap();
    }
    drop(store);
    let read: Vec<_> =
        TaskStore::open(dir.path()).unwrap().pending().unwrap().into_iter().map(|task| task.title).collect();
    assert_eq!(read, titles);
}

#[test]
fn tags_are_made_valid() {
    let made = ["shop", " high priority ", "+next", "2do", "URGENT", "a:b", "***", "", "Éa"].map(tag);
    let made: Vec<_> = made.iter().map(|tag| tag.as_deref().unwrap_or("-")).collect();
    assert_eq!(made, ["shop", "high_priority", "next", "do", "urgent", "a_b", "-", "-", "Éa"]);
    for tag in made.iter().filter(|tag| **tag != "-") {
        assert!(tag.parse::<taskchampion::Tag>().is_ok_and(|tag| tag.is_user()), "{tag}");
    }
}

#[cfg(unix)]
#[test]
fn the_store_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("new").join("tasks");
    let store = TaskStore::open(&path).unwrap();
    store.add(&titled("a"), &at(1)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for file in fs::read_dir(&path).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn a_place_that_cannot_be_used_is_named() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = TaskStore::open(&file).err().unwrap().to_string();
    assert!(error.starts_with(&format!("cannot keep tasks in `{}`: ", file.display())), "{error}");
}

#[test]
fn calls_are_allowed_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (_dir, store) = store();
        assert_eq!(store.add(&titled("a"), &at(1)).unwrap().number, Some(1));
    });
}

#[test]
fn two_writers_at_once_lose_nothing() {
    let dir = TempDir::new().unwrap();
    let write = |name: &'static str| {
        let dir = dir.path().to_owned();
        thread::spawn(move || {
            let store = TaskStore::open(&dir).unwrap();
            for index in 0..40 {
                let task = store.add(&titled(&format!("{name} {index}")), &at(1)).unwrap();
                if index % 2 == 0 {
                    store.complete(task.uuid, &at(2)).unwrap();
                }
            }
        })
    };
    for writer in [write("a"), write("b")] {
        writer.join().unwrap();
    }
    let store = TaskStore::open(dir.path()).unwrap();
    let all = store.all().unwrap();
    assert_eq!(all.len(), 80);
    assert_eq!(all.iter().filter(|task| task.status == Status::Completed).count(), 40);
    let mut numbers: Vec<_> = all.iter().filter_map(|task| task.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 40);
}

#[test]
fn undo_of_several_writers_takes_back_each_change_once() {
    let (dir, store) = store();
    for index in 0..20 {
        store.add(&titled(&index.to_string()), &at(1)).unwrap();
    }
    let undo = || {
        let dir = dir.path().to_owned();
        thread::spawn(move || {
            let store = TaskStore::open(&dir).unwrap();
            (0..10).map(|_| store.undo().unwrap().unwrap().task.title).collect::<Vec<_>>()
        })
    };
    let mut undone: Vec<_> = [undo(), undo()].into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    undone.sort_unstable();
    undone.dedup();
    assert_eq!(undone.len(), 20);
    assert_eq!(store.all().unwrap(), []);
}

#[derive(Debug, Clone)]
enum Step {
    Add(String, Option<Priority>),
    Retitle(usize, String),
    Due(usize, Option<i64>),
    Tags(usize, Vec<String>),
    Status(usize, Status),
    Active(usize, bool),
    Wait(usize, Option<i64>),
    Note(usize, String),
    Several(usize, Status),
    Undo,
    Renumber,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let priority =
        prop::option::of(prop::sample::select(vec![Priority::High, Priority::Medium, Priority::Low]));
    let status = prop::sample::select(vec![Status::Pending, Status::Completed, Status::Deleted]);
    let several = prop::sample::select(vec![Status::Completed, Status::Deleted]);
    prop_oneof![
        4 => ("\\PC{1,12}", priority).prop_map(|(title, priority)| Step::Add(title, priority)),
        1 => (0..8_usize, "\\PC{1,12}").prop_map(|(index, title)| Step::Retitle(index, title)),
        1 => (0..8_usize, prop::option::of(0..9_i64)).prop_map(|(index, due)| Step::Due(index, due)),
        1 => (0..8_usize, prop::collection::vec("[a-c]", 0..3)).prop_map(|(index, tags)| Step::Tags(index, tags)),
        4 => (0..8_usize, status).prop_map(|(index, status)| Step::Status(index, status)),
        2 => (0..8_usize, any::<bool>()).prop_map(|(index, active)| Step::Active(index, active)),
        1 => (0..8_usize, prop::option::of(0..9_i64)).prop_map(|(index, wait)| Step::Wait(index, wait)),
        1 => (0..8_usize, "[a-z]{1,9}").prop_map(|(index, note)| Step::Note(index, note)),
        1 => (0..4_usize, several).prop_map(|(count, status)| Step::Several(count, status)),
        4 => Just(Step::Undo),
        1 => Just(Step::Renumber),
        1 => Just(Step::Restart),
    ]
}

/// What a task is, without what the store makes up.
#[derive(Debug, Clone, PartialEq)]
struct Plain {
    title: String,
    status: Status,
    due: Option<Timestamp>,
    wait: Option<Timestamp>,
    priority: Option<Priority>,
    tags: Vec<String>,
    notes: Vec<String>,
    active: bool,
}

fn plain(task: &Task) -> Plain {
    Plain {
        title: task.title.clone(),
        status: task.status,
        due: task.due,
        wait: task.wait,
        priority: task.priority,
        tags: task.tags.clone(),
        notes: task.notes.iter().map(|note| note.text.clone()).collect(),
        active: task.start.is_some(),
    }
}

impl Plain {
    fn change(&mut self, changes: &Changes) {
        self.title = changes.title.clone().unwrap_or_else(|| self.title.clone());
        self.status = changes.status.unwrap_or(self.status);
        self.due = changes.due.unwrap_or(self.due);
        self.wait = changes.wait.unwrap_or(self.wait);
        self.tags = changes.tags.clone().unwrap_or_else(|| self.tags.clone());
        self.tags.sort_unstable();
        self.tags.dedup();
        self.notes.extend(changes.note.clone());
        let is_over = matches!(changes.status, Some(Status::Completed | Status::Deleted));
        self.active = changes.active.unwrap_or(self.active) && !is_over;
    }
}

/// The store as it should be: all tasks, and how they were before each change.
#[derive(Default)]
struct Model {
    tasks: BTreeMap<Uuid, Plain>,
    history: Vec<BTreeMap<Uuid, Plain>>,
}

impl Model {
    fn change(&mut self, change: impl FnOnce(&mut BTreeMap<Uuid, Plain>)) {
        let before = self.tasks.clone();
        change(&mut self.tasks);
        if self.tasks != before {
            self.history.push(before);
        }
    }
}

fn run(step: Step, dir: &Path, store: &mut TaskStore, model: &mut Model) {
    let changes = match step {
        Step::Add(title, priority) => {
            let task = store.add(&NewTask { priority, ..titled(&title) }, &at(1)).unwrap();
            assert_eq!((task.title.as_str(), task.status), (title.as_str(), Status::Pending));
            model.change(|tasks| drop(tasks.insert(task.uuid, plain(&task))));
            return;
        }
        Step::Undo => {
            let undone = store.undo().unwrap();
            let expected = model.history.pop();
            assert_eq!(undone.is_some(), expected.is_some());
            model.tasks = expected.unwrap_or_default();
            return;
        }
        Step::Renumber => return store.renumber().unwrap(),
        Step::Restart => return *store = TaskStore::open(dir).unwrap(),
        Step::Several(count, status) => {
            let uuids: Vec<_> = model.tasks.keys().take(count).copied().collect();
            let changes = Changes { status: Some(status), ..Changes::default() };
            store.update_all(&uuids, &changes, &at(2)).unwrap();
            return model
                .change(|tasks| uuids.iter().for_each(|uuid| tasks.get_mut(uuid).unwrap().change(&changes)));
        }
        Step::Retitle(index, title) => (index, Changes { title: Some(title), ..Changes::default() }),
        Step::Due(index, due) => (index, Changes { due: Some(due.map(second)), ..Changes::default() }),
        Step::Wait(index, wait) => (index, Changes { wait: Some(wait.map(second)), ..Changes::default() }),
        Step::Tags(index, tags) => (index, Changes { tags: Some(tags), ..Changes::default() }),
        Step::Note(index, note) => (index, Changes { note: Some(note), ..Changes::default() }),
        Step::Status(index, status) => (index, Changes { status: Some(status), ..Changes::default() }),
        Step::Active(index, active) => (index, Changes { active: Some(active), ..Changes::default() }),
    };
    let (index, changes) = changes;
    let Some(uuid) = model.tasks.keys().nth(index).copied() else { return };
    store.update(uuid, &changes, &at(2)).unwrap();
    model.change(|tasks| tasks.get_mut(&uuid).unwrap().change(&changes));
}

fn assert_same(store: &TaskStore, model: &Model) {
    let all = store.all().unwrap();
    let read: BTreeMap<_, _> = all.iter().map(|task| (task.uuid, plain(task))).collect();
    assert_eq!(&read, &model.tasks);
    let pending: Vec<_> = store.pending().unwrap();
    assert_eq!(pending.len(), model.tasks.values().filter(|task| task.status == Status::Pending).count());
    assert!(pending.iter().all(|task| task.number.is_some()));
    assert!(pending.windows(2).all(|pair| pair[0].number < pair[1].number));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_store_does_as_its_model(steps in prop::collection::vec(step(), 1..25)) {
        let (dir, mut store) = store();
        let mut model = Model::default();
        for step in steps {
            run(step, dir.path(), &mut store, &mut model);
            assert_same(&store, &model);
        }
    }
}

/// The same with more of them; all is compared now and then, and always after an undo and after reopening.
#[test]
fn ten_thousand_random_changes_end_as_in_the_model() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    for _ in 0..50 {
        // In memory where there is such a place: it is not the disk that is tested here.
        let dir = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let mut store = TaskStore::open(dir.path()).unwrap();
        let mut model = Model::default();
        for round in 0..200 {
            let step = step().new_tree(&mut runner).unwrap().current();
            let is_checked = round % 50 == 49 || matches!(step, Step::Undo | Step::Restart);
            run(step, dir.path(), &mut store, &mut model);
            if is_checked {
                assert_same(&store, &model);
            }
        }
    }
}

#[test]
fn the_stamp_of_a_change_under_way_is_our_own() {
    let dir = TempDir::new().unwrap();
    let before = TaskStore::open(dir.path()).unwrap().stamp();
    let files = [None, before.files[1]];
    let stamp = |begun, through| Stamp { begun, through, files };
    assert!(stamp(0, 0).is_by_others(&before));
    for ours in [stamp(1, 0), stamp(1, 1)] {
        assert!(!ours.is_by_others(&before), "{ours:?}");
    }
    assert!(!stamp(1, 0).is_by_others(&Stamp { files: before.files, ..stamp(1, 0) }));
}

#[test]
fn tasks_that_are_written_whole_come_back_whole() {
    let (_dir, store) = store();
    let first = store.add(&full(), &at(1_000)).unwrap();
    let whole = Task {
        uuid: Uuid::from_u128(7),
        title: "everything".to_owned(),
        due: Some(second(1)),
        remind: Some(second(2)),
        reminded: Some(second(2)),
        wait: Some(second(3)),
        scheduled: Some(second(4)),
        until: Some(second(5)),
        start: Some(second(6)),
        priority: Some(Priority::Low),
        project: Some("a.b".to_owned()),
        tags: vec!["x".to_owned(), "y".to_owned()],
        depends: vec![first.uuid],
        notes: vec![
            Note { time: second(8), text: "n".to_owned() },
            Note { time: second(9), text: "m".to_owned() },
        ],
        tracked: vec![Stint { start: second(10), seconds: 11 }],
        entry: Some(second(12)),
        modified: Some(second(13)),
        others: BTreeMap::from([
            ("uda".to_owned(), "ü".to_owned()),
            ("rtype".to_owned(), "periodic".to_owned()),
        ]),
        ..Task::default()
    };
    let ended =
        Task { uuid: Uuid::from_u128(8), status: Status::Completed, end: Some(second(9)), ..whole.clone() };
    let given = [whole, ended];
    let imported = store.import(&given, &at(20)).unwrap();
    assert_eq!(imported, Imported { added: 2, changed: 0, unchanged: 0 });
    for task in &given {
        let read = store.get(task.uuid).unwrap().unwrap();
        assert_eq!(&Task { number: None, ..read }, task);
    }
    let other = Task { title: "nothing".to_owned(), due: None, others: BTreeMap::new(), ..given[0].clone() };
    let imported = store.import(&[other.clone(), given[1].clone()], &at(21)).unwrap();
    assert_eq!(imported, Imported { added: 0, changed: 1, unchanged: 1 });
    assert_eq!(store.get(other.uuid).unwrap().map(|task| Task { number: None, ..task }), Some(other));
    store.undo().unwrap();
    store.undo().unwrap();
    assert_eq!(store.all().unwrap(), [first]);
}

#[test]
fn work_is_counted_and_ends_with_the_task() {
    let (_dir, store) = store();
    let task = store.add(&titled("a"), &at(1)).unwrap();
    let active = |active| Changes { active: Some(active), ..Changes::default() };
    store.update(task.uuid, &active(true), &at(100)).unwrap();
    assert!(!store.update(task.uuid, &active(true), &at(150)).unwrap().is_change());
    store.update(task.uuid, &active(false), &at(160)).unwrap();
    store.update(task.uuid, &active(true), &at(200)).unwrap();
    let done = store.complete(task.uuid, &at(230)).unwrap().after;
    let stints = [Stint { start: second(100), seconds: 60 }, Stint { start: second(200), seconds: 30 }];
    assert_eq!((done.start, done.tracked.as_slice()), (None, stints.as_slice()));
    store.undo().unwrap();
    assert!(store.get(task.uuid).unwrap().unwrap().is_active());
}
