use clap::Parser;
use jiff::civil;
use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: TasksCommand,
}

fn now() -> Zoned {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    "2026-12-02T10:00:00".parse::<civil::DateTime>().unwrap().to_zoned(zone).unwrap()
}

fn try_run(dir: &TempDir, words: &[&str]) -> Result<(u8, String), TasksError> {
    let command = Cli::try_parse_from([&["tasks"], words].concat()).unwrap().command;
    let mut out = Vec::new();
    let outcome = run(&command, dir.path(), false, &now(), &mut out)?;
    Ok((outcome.exit_code(), String::from_utf8(out).unwrap()))
}

/// Output of a command that is to succeed.
fn tasks(dir: &TempDir, words: &[&str]) -> String {
    let (code, out) = try_run(dir, words).unwrap();
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
            "1  buy groceries  (due tomorrow)\n2  call mom  (due Fri 4 Dec 09:00, high, family, +phone)\n\
             3  call the dentist  (low)\n",
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
        (
            &["list", "--all"],
            0,
            "2  call mom  (due Fri 4 Dec 09:00, high, family, +phone)\n-  buy groceries  (completed, due tomorrow)\n\
             -  call the dentist  (deleted, low)\n",
        ),
    ];
    for (words, code, out) in table {
        assert_eq!(try_run(&dir, words).unwrap(), (*code, (*out).to_owned()), "{words:?}");
    }
    let done = tasks(&dir, &["done", "groceries"]);
    assert!(done.starts_with("already completed ") && done.ends_with(": buy groceries\n"), "{done}");
}

#[test]
fn undo_ends_where_the_changes_began() {
    let dir = TempDir::new().unwrap();
    tasks(&dir, &["add", "a"]);
    assert_eq!(tasks(&dir, &["undo"]), "undone: added task 1: a\n");
    assert_eq!(try_run(&dir, &["undo"]).unwrap(), (3, "nothing to undo\n".to_owned()));
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
        let (code, out) = try_run(&dir, words).unwrap();
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
    let table: &[(&[&str], &str)] = &[
        (&["add", "a", "--due", "whenever"], "`whenever` is not a time; say for example `tomorrow at 5 pm`"),
        (&["add", " "], "the title is empty; say what is to be done"),
        (&["add", "a", "--tag", "++"], "`++` cannot be a tag; use letters"),
    ];
    for (words, message) in table {
        let error = try_run(&dir, words).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
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
    let list = |kind| run(&TasksCommand::Undo { json: false }, dir.path(), true, &now(), &mut Broken(kind));
    assert_eq!(list(io::ErrorKind::BrokenPipe).unwrap(), Outcome::NotFound);
    assert!(matches!(list(io::ErrorKind::StorageFull), Err(TasksError::Write(_))));
}
