use clap::Parser;
use jiff::civil;
use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::*;
use crate::tasks::NewTask;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: TasksCommand,
}

fn now() -> Zoned {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    "2026-12-02T10:00:00".parse::<civil::DateTime>().unwrap().to_zoned(zone).unwrap()
}

/// What a command has around it in tests.
#[derive(Default)]
struct Around {
    input: &'static str,
    look: Look,
    answer: Option<bool>,
    place: Option<Place>,
}

/// Exit code, standard output and standard error.
fn run_in(around: &Around, dir: &TempDir, words: &[&str]) -> (u8, String, String) {
    let command = Cli::try_parse_from([&["tasks"], words].concat()).unwrap().command;
    let (mut out, mut notices, mut asked) = (Vec::new(), Vec::new(), String::new());
    let mut edge = Edge {
        store_dir: dir.path(),
        look: around.look,
        input: &mut around.input.as_bytes(),
        out: &mut out,
        notices: &mut notices,
        ask: &mut |question| {
            asked.push_str(question);
            around.answer
        },
        place: &|| around.place.clone().ok_or(SyncError::NotSet),
    };
    let (code, error) = match run(&command, &mut edge, &now()) {
        Ok(code) => (code, String::new()),
        Err(error) => (error.exit_code(), format!("error: {error}\n")),
    };
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (code, text(out), asked + &text(notices) + &error)
}

fn try_run(dir: &TempDir, words: &[&str]) -> (u8, String) {
    let (code, out, error) = run_in(&Around::default(), dir, words);
    (code, out + &error)
}

/// Output of a command that is to succeed.
fn tasks(dir: &TempDir, words: &[&str]) -> String {
    let (code, out) = try_run(dir, words);
    assert_eq!(code, 0, "{out}");
    out
}

#[test]
fn every_command_says_what_changed() {
    let dir = TempDir::new().unwrap();
    let table: &[(&[&str], u8, &str)] = &[
        (&["list"], 0, "no tasks\n"),
        (&["add", "buy", "groceries", "--due", "tomorrow"], 0, "added 1: buy groceries (due tomorrow)\n"),
        (
            &[
                "add",
                "call mom",
                "--due",
                "friday at 9",
                "--priority",
                "high",
                "--project",
                "family",
                "--tag",
                "phone",
            ],
            0,
            "added 2: call mom (due Fri 4 Dec 09:00, high, family, +phone)\n",
        ),
        (&["add", "call the dentist", "--priority", "l"], 0, "added 3: call the dentist (low)\n"),
        (
            &["list"],
            0,
            "1  buy groceries     tomorrow\n2  call mom          Fri 4 Dec 09:00  high  family  +phone\n\
             3  call the dentist                   low\n",
        ),
        (
            &["done", "call"],
            3,
            "2 tasks could be `call`; say which by its number\n  2: call mom (due Fri 4 Dec 09:00, high, family, \
             +phone)\n  3: call the dentist (low)\n",
        ),
        (&["done", "the", "grocery", "task"], 0, "completed 1: buy groceries\n"),
        (&["undo"], 0, "undone: completed task 1: buy groceries\n"),
        (&["done", "1"], 0, "completed 1: buy groceries\n"),
        (
            &["delete", "dentest"],
            3,
            "no task is clearly `dentest`; is it this one?\n  3: call the dentist (low)\n",
        ),
        (&["delete", "dentist"], 0, "deleted 3: call the dentist\n"),
        (&["delete", "the ninth one"], 3, "no task `the ninth one`\n"),
        (&["done", "nonsense"], 3, "no task `nonsense`\n"),
        (&["list", "--status", "pending"], 0, "2  call mom  Fri 4 Dec 09:00  high  family  +phone\n"),
    ];
    for (words, code, out) in table {
        assert_eq!(try_run(&dir, words), (*code, (*out).to_owned()), "{words:?}");
    }
    let done = tasks(&dir, &["done", "groceries"]);
    assert!(done.starts_with("already completed ") && done.ends_with(": buy groceries\n"), "{done}");
}

#[test]
fn undo_ends_where_the_changes_began() {
    let dir = TempDir::new().unwrap();
    tasks(&dir, &["add", "a"]);
    assert_eq!(tasks(&dir, &["undo"]), "undone: added task 1: a\n");
    assert_eq!(try_run(&dir, &["undo"]), (3, "nothing to undo\n".to_owned()));
}

#[test]
fn json_lists_all_tasks_with_their_status() {
    let dir = TempDir::new().unwrap();
    for title in ["a", "b", "c"] {
        tasks(&dir, &["add", title]);
    }
    tasks(&dir, &["done", "b"]);
    tasks(&dir, &["delete", "c"]);
    let list = |words: &[&str]| -> Vec<(String, String)> {
        let list: Vec<Value> = serde_json::from_str(&tasks(&dir, words)).unwrap();
        let text = |task: &Value, key: &str| task[key].as_str().unwrap().to_owned();
        list.iter().map(|task| (text(task, "title"), text(task, "status"))).collect()
    };
    let pair = |title: &str, status: &str| (title.to_owned(), status.to_owned());
    assert_eq!(list(&["list", "--json"]), [pair("a", "pending")]);
    let all = [pair("a", "pending"), pair("b", "completed"), pair("c", "deleted")];
    assert_eq!(list(&["list", "--all", "--json"]), all);
}

#[test]
fn json_answers_are_one_object() {
    let dir = TempDir::new().unwrap();
    let json = |words: &[&str]| -> (u8, Value) {
        let (code, out) = try_run(&dir, words);
        assert_eq!(out.lines().count(), 1);
        (code, serde_json::from_str(&out).unwrap())
    };
    let (code, added) = json(&["add", "buy milk", "--due", "2026-12-04", "--json"]);
    assert_eq!((code, &added["action"], &added["task"]["number"]), (0, &json!("created"), &json!(1)));
    assert_eq!(added["task"]["due"], "2026-12-03T23:00:00Z");
    let uuid = added["task"]["uuid"].as_str().unwrap();
    let (code, done) = json(&["done", uuid, "--json"]);
    assert_eq!(
        (code, &done["action"], &done["task"]["status"]),
        (0, &json!("completed"), &json!("completed"))
    );
    let (_, undone) = json(&["undo", "--json"]);
    assert_eq!(undone["what"], "completed task 1: buy milk");
    let (_, deleted) = json(&["delete", &uuid[..8], "--json"]);
    assert_eq!((&deleted["action"], &deleted["task"]["status"]), (&json!("deleted"), &json!("deleted")));
    let missing = json!({"error": "not_found", "message": "no task `milk`"});
    assert_eq!(json(&["done", "milk", "--json"]), (3, missing));
    json(&["add", "call x", "--json"]);
    json(&["add", "call y", "--json"]);
    let (code, ambiguous) = json(&["done", "call", "--json"]);
    assert_eq!(
        (code, &ambiguous["error"], ambiguous["candidates"].as_array().unwrap().len()),
        (3, &json!("ambiguous"), 2)
    );
}

#[test]
fn nothing_in_a_title_reaches_the_terminal_as_a_command() {
    let dir = TempDir::new().unwrap();
    let hostile = "a\u{1b}[31mred\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\r\n\u{7f}\u{e0041}🎉";
    // As another program could have stored it.
    let store = TaskStore::open(dir.path()).unwrap();
    let new = NewTask { title: hostile.to_owned(), ..NewTask::default() };
    store.add(&new, &now()).unwrap();
    for words in
        [&["list"][..], &["list", "--json"], &["done", "1", "--json"], &["undo", "--json"], &["undo"]]
    {
        let out = tasks(&dir, words);
        assert_eq!(Clean::new(&out).as_str(), out, "{words:?}");
        assert!(out.contains("red"));
    }
    store.add(&new, &now()).unwrap();
    let list: Vec<Value> = serde_json::from_str(&tasks(&dir, &["list", "--json"])).unwrap();
    assert_eq!(list[0]["title"], hostile);
}

#[test]
fn what_cannot_be_understood_is_an_error_and_changes_nothing() {
    let dir = TempDir::new().unwrap();
    let table: &[(&[&str], u8, &str)] = &[
        (
            &["add", "a", "--due", "whenever"],
            2,
            "`whenever` is not a time; say for example `tomorrow at 5 pm`",
        ),
        (&["add", " "], 2, "`title` is empty"),
        (&["add", "a", "--tag", "++"], 2, "`++` cannot be a tag; use letters"),
        (&["add", "a", "--priority", "urgent"], 2, "`urgent` is no priority; say high, medium, low or none"),
        (&["add", "a", "--depends", "milk"], 3, "no task `milk`"),
        (&["add", "a", "--due", "friday", "--remind", "yesterday"], 2, "`yesterday` is over already"),
        (&["edit", "1"], 2, "nothing to change is given"),
        (&["note", "milk", " "], 2, "`note` is empty"),
        (&["sync"], 2, "say with what to sync"),
        (&["export"], 2, "say what it is with --format"),
    ];
    for (words, code, message) in table {
        let (was, out) = try_run(&dir, words);
        assert!(
            was == *code && out.trim_start_matches("error: ").starts_with(message),
            "{words:?}: {was} {out}"
        );
        let (was, out) = try_run(&dir, &[*words, &["--json"]].concat());
        let json: Value = serde_json::from_str(&out).unwrap();
        assert!(was == *code && json["message"].as_str().unwrap().starts_with(message), "{json}");
    }
    assert_eq!(tasks(&dir, &["list", "--all"]), "no tasks\n");
}

struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let dir = TempDir::new().unwrap();
    let undo = |kind| {
        let command = Cli::try_parse_from(["tasks", "undo", "--json"]).unwrap().command;
        let mut edge = Edge {
            store_dir: dir.path(),
            look: Look::default(),
            input: &mut io::empty(),
            out: &mut Broken(kind),
            notices: &mut io::sink(),
            ask: &mut |_| None,
            place: &|| Err(SyncError::NotSet),
        };
        run(&command, &mut edge, &now())
    };
    assert_eq!(undo(io::ErrorKind::BrokenPipe).unwrap(), 3);
    assert!(matches!(undo(io::ErrorKind::StorageFull), Err(TasksError::Write(_))));
}

/// Commands one after the other and what each writes; uuids and the wall clock are not the test's.
fn session(dir: &TempDir, commands: &[&[&str]]) -> String {
    let mut text = String::new();
    for words in commands {
        let (code, out) = try_run(dir, words);
        let mark = if code == 0 { String::new() } else { format!(" [{code}]") };
        text.extend(["$ tasks ", &words.join(" "), &mark, "\n", &out]);
    }
    let mut tasks = TaskStore::open(dir.path()).unwrap().all().unwrap();
    // By where they are first told of: their own order is by chance.
    tasks.sort_by_key(|task| text.find(&task.uuid.to_string()[..8]));
    for (index, task) in tasks.iter().enumerate() {
        text = text.replace(&task.uuid.to_string(), &format!("uuid-{index}"));
        text = text.replace(&task.uuid.to_string()[..8], &format!("uuid{index}"));
    }
    text
}

#[test]
fn a_person_can_do_from_the_shell_whatever_the_assistant_can() {
    let dir = TempDir::new().unwrap();
    let text = session(
        &dir,
        &[
            &[
                "add",
                "buy milk",
                "--due",
                "tomorrow at 9",
                "--remind",
                "10 minutes before",
                "--note",
                "two bottles",
            ],
            &["add", "water the plants", "--repeat", "every monday at 9", "--project", "home.garden"],
            &[
                "add",
                "pay rent",
                "--due",
                "yesterday",
                "--priority",
                "high",
                "--tag",
                "money",
                "--tag",
                "home",
            ],
            &["add", "paint", "--depends", "1", "--wait", "next week", "--scheduled", "2026-12-20"],
            &["list"],
            &["list", "--status", "waiting"],
            &["list", "--due", "overdue"],
            &["list", "--project", "home", "--sort", "title", "--limit", "1"],
            &["list", "--tag", "money"],
            &["search", "bottle"],
            &["search", "nothing"],
            &["edit", "milk", "--due", "friday", "--priority", "medium", "--tag", "shop"],
            &["edit", "3", "--due", "none", "--untag", "home", "--title", "pay the rent"],
            &["edit", "3", "--priority", "high"],
            &["start", "1"],
            &["stop", "1"],
            &["note", "milk", "not", "the", "blue", "one"],
            &["show", "milk"],
            &["show", "paint"],
            &["done", "plants"],
            &["done", "1", "3"],
            &["undo"],
            &["done", "1", "99"],
            &["reopen", "plants"],
            &["delete", "1", "3"],
            &["delete", "1", "3", "--yes"],
            &["undo", "2"],
            &["stats"],
            &["stats", "--week"],
            &["list", "--all", "--sort", "number"],
        ],
    );
    insta::assert_snapshot!(text);
}

#[test]
fn each_command_answers_with_one_json_value() {
    let dir = TempDir::new().unwrap();
    let text = session(
        &dir,
        &[
            &["add", "buy milk", "--due", "tomorrow at 9", "--json"],
            &["add", "call mom", "--repeat", "daily", "--json"],
            &["edit", "1", "--priority", "low", "--json"],
            &["note", "1", "two bottles", "--json"],
            &["search", "bottle", "--json"],
            &["done", "1", "2", "--json"],
            &["undo", "--json"],
            &["delete", "1", "2", "--json"],
            &["stats", "--json"],
            &["list", "--limit", "1", "--json"],
        ],
    );
    insta::assert_snapshot!(text);
}

#[test]
fn several_are_deleted_only_on_a_yes() {
    let dir = TempDir::new().unwrap();
    for title in ["a", "b"] {
        tasks(&dir, &["add", title]);
    }
    let answered = |answer| run_in(&Around { answer, ..Around::default() }, &dir, &["delete", "1", "2"]);
    let (code, _, asked) = answered(Some(false));
    assert_eq!(
        (code, asked.as_str()),
        (1, "  1: a\n  2: b\ndelete these 2 tasks? [y/N] error: nothing was deleted\n")
    );
    assert_eq!(answered(None).0, 2);
    assert_eq!(tasks(&dir, &["list"]), "1  a\n2  b\n");
    let (code, out, _) = answered(Some(true));
    assert_eq!((code, out.as_str()), (0, "deleted 1: a\ndeleted 2: b\n"));
}

#[test]
fn a_list_fits_the_terminal_and_has_colours_only_when_wanted() {
    let dir = TempDir::new().unwrap();
    tasks(
        &dir,
        &[
            "add",
            "write the long report about everything that happened",
            "--due",
            "yesterday",
            "--project",
            "work",
        ],
    );
    let list = |width, color| {
        let around = Around { look: Look { width, color }, ..Around::default() };
        run_in(&around, &dir, &["list"]).1
    };
    assert_eq!(list(Some(40), false), "1  write the long report abo…  yesterday\n");
    assert_eq!(list(Some(20), true), "\u{1b}[31m1  write the long r…\u{1b}[0m\n");
}

#[test]
fn an_export_is_private_and_never_written_over_by_chance() {
    let dir = TempDir::new().unwrap();
    tasks(&dir, &["add", "buy milk", "--note", "two bottles"]);
    let file = dir.path().join("tasks.txt");
    let name = file.to_str().unwrap();
    let out = tasks(&dir, &["export", name]);
    assert_eq!(out, format!("exported 1 task to {name}\n  left out: notes of 1 task\n"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "2026-12-02 buy milk\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    tasks(&dir, &["add", "call mom"]);
    assert_eq!(try_run(&dir, &["export", name]).0, 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "2026-12-02 buy milk\n");
    tasks(&dir, &["export", name, "--force"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2);
    let (_, out, notices) = run_in(&Around::default(), &dir, &["export", "--format", "todo.txt"]);
    assert_eq!((out.lines().count(), notices.as_str()), (2, "left out: notes of 1 task\n"));
}

#[test]
fn an_import_is_all_or_nothing_unless_told_and_one_undo_takes_it_back() {
    let dir = TempDir::new().unwrap();
    let input = "(A) call mom @phone due:2026-12-04\nbuy milk due:soon\nx 2026-12-01 pay rent\n";
    let import = |extra: &[&str]| {
        let around = Around { input, ..Around::default() };
        run_in(&around, &dir, &[&["import", "-", "--format", "todo.txt"], extra].concat())
    };
    let (code, _, error) = import(&[]);
    assert_eq!(code, 1);
    assert!(
        error.contains("one entry of it cannot be read") && error.contains("line 2: `due:soon` is no date"),
        "{error}"
    );
    assert_eq!(tasks(&dir, &["list", "--all"]), "no tasks\n");
    let (code, out, notices) = import(&["--skip-bad"]);
    assert_eq!((code, out.as_str()), (0, "imported 2 tasks: 2 new, 0 changed, 0 as they were\n"));
    assert_eq!(notices, "skipped line 2: `due:soon` is no date\n");
    assert_eq!(tasks(&dir, &["list"]), "1  call mom  Fri 4 Dec  high  +phone\n");
    tasks(&dir, &["undo"]);
    assert_eq!(tasks(&dir, &["list", "--all"]), "no tasks\n");
}

#[test]
fn what_is_imported_again_updates_the_same_task() {
    let (dir, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    tasks(&dir, &["add", "buy milk", "--due", "tomorrow", "--note", "two bottles", "--repeat", "daily"]);
    tasks(&dir, &["add", "call mom", "--depends", "1"]);
    for name in ["tasks.json", "tasks.csv", "tasks.ics"] {
        let file = dir.path().join(name);
        let name = file.to_str().unwrap();
        tasks(&dir, &["export", name]);
        let again = tasks(&dir, &["import", name]);
        assert!(again.contains(" 0 new, 0 changed"), "{name}: {again}");
        tasks(&other, &["import", name]);
        assert_eq!(tasks(&other, &["list"]), tasks(&dir, &["list"]), "{name}");
    }
}

#[test]
fn lines_without_a_uuid_make_each_task_once_and_those_that_are_alike_stay() {
    for format in ["markdown", "todo.txt"] {
        let dir = TempDir::new().unwrap();
        let import = |input| {
            let around = Around { input, ..Around::default() };
            run_in(&around, &dir, &["import", "-", "--format", format]).1
        };
        let (two, more) = match format {
            "markdown" => (
                "- [ ] buy milk\n- [ ] buy milk\n",
                "- [ ] buy milk\n- [ ] Buy milk 📅 2026-12-04\n- [x] buy milk\n",
            ),
            _ => ("buy milk\nbuy milk\n", "buy milk\nBuy milk due:2026-12-04\nx buy milk\n"),
        };
        assert!(import(two).contains(" 2 new, 0 changed, 0 as"), "{format}");
        assert!(import(two).contains(" 0 new, 0 changed, 2 as"), "{format}");
        assert!(import(more).contains(" 2 new, 0 changed, 1 as"), "{format}");
        assert!(import(more).contains(" 0 new, 0 changed, 3 as"), "{format}");
    }
}

#[test]
fn what_is_imported_with_a_repetition_comes_again() {
    let dir = TempDir::new().unwrap();
    let around = Around { input: "- [ ] water 🔁 every week 📅 2026-12-04\n", ..Around::default() };
    run_in(&around, &dir, &["import", "-", "--format", "markdown"]);
    assert_eq!(tasks(&dir, &["done", "1"]), "completed 1: water; next Fri 11 Dec\n");
}

#[test]
fn two_stores_sync_both_ways_and_the_later_change_stays() {
    let (one, two, shared) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let sync = |dir: &TempDir| {
        let place = Some(Place::Directory(shared.path().join("hub")));
        let (code, out, error) = run_in(&Around { place, ..Around::default() }, dir, &["sync"]);
        assert_eq!(code, 0, "{error}");
        out
    };
    tasks(&one, &["add", "buy milk"]);
    tasks(&two, &["add", "call mom"]);
    sync(&one);
    assert!(sync(&two).contains("1 new or changed here"));
    sync(&one);
    let titles = |dir: &TempDir| -> Vec<String> {
        let list: Vec<Value> =
            serde_json::from_str(&tasks(dir, &["list", "--sort", "title", "--json"])).unwrap();
        list.iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&one), ["buy milk", "call mom"]);
    assert_eq!(titles(&two), titles(&one));
    // Both change the same property; other properties of the same task are merged.
    tasks(&one, &["edit", "milk", "--title", "buy oat milk", "--priority", "high"]);
    tasks(&two, &["edit", "milk", "--title", "buy soy milk", "--project", "home"]);
    sync(&one);
    sync(&two);
    sync(&one);
    assert_eq!(titles(&two), titles(&one));
    let list: Vec<Value> =
        serde_json::from_str(&tasks(&one, &["list", "--project", "home", "--json"])).unwrap();
    assert_eq!((list.len(), &list[0]["priority"]), (1, &json!("high")));
    assert_eq!(sync(&one), "synced: nothing was new\n");
}
