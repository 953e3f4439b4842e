//! Reminders of the built program.

use std::path::Path;

use jiff::{ToSpan, Zoned};
use realtime_cli::tasks::{NewTask, TaskStore};

use crate::program::{Program, json_lines};

/// A program whose tasks have reminders that were due an hour ago.
fn with_reminders(titles: &[&str]) -> Program {
    let program = Program::new();
    let store = TaskStore::open(Path::new(&program.data_dir())).expect("a store");
    let now = Zoned::now();
    for title in titles {
        let remind = Some(now.timestamp() - 1.hours());
        store
            .add(&NewTask { title: (*title).to_owned(), remind, ..NewTask::default() }, &now)
            .expect("added");
    }
    program
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn those_that_were_missed_are_told_once_in_one_line_and_are_no_step_of_undo() {
    let program = with_reminders(&["milk\u{1b}[2J", "bread"]);
    let run = || program.run(&["--offline", "--text", "--data-dir", &program.data_dir()], "undo\n");
    let first = run();
    assert!(first.status.success(), "{first:?}");
    let told = text(&first.stderr);
    assert!(told.lines().any(|line| line == "while you were away: milk and bread"), "{told}");
    assert!(program.tasks().iter().all(|task| task["title"] != "bread"), "undo took back the latest task");
    let again = text(&run().stderr);
    assert!(!again.contains("while you were away"), "{again}");
}

#[test]
fn json_lines_tell_of_each_task() {
    let program = with_reminders(&["milk"]);
    let lines = json_lines(program.talk(&["--json"], "list my tasks\n").as_bytes());
    let reminders: Vec<_> = lines.iter().filter(|line| line["type"] == "reminder").collect();
    assert_eq!(reminders.len(), 1, "{lines:?}");
    assert_eq!((&reminders[0]["tasks"][0]["title"], &reminders[0]["missed"]), (&"milk".into(), &true.into()));
}

#[test]
fn a_timer_tells_of_what_is_due_once_and_the_settings_can_switch_them_off() {
    let program = with_reminders(&["milk"]);
    let data = program.data_dir();
    let off = program
        .command(&["--offline", "--text", "--data-dir", &data])
        .env("REALTIME_CLI_REMINDERS_ENABLED", "false")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the program runs");
    assert!(!text(&off.stderr).contains("milk"), "{off:?}");
    let once = || program.run(&["remind", "--once", "--data-dir", &data], "");
    let first = once();
    assert_eq!(
        (first.status.code(), text(&first.stdout).as_str()),
        (Some(0), "reminder: milk\n"),
        "{first:?}"
    );
    assert_eq!(text(&once().stdout), "");
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn the_desktop_is_shown_the_title_as_it_is_and_no_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = with_reminders(&["--help <b>milk</b>"]);
    let (stub, shown) = (program.file("notify-send"), program.file("shown"));
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {0}\nenv >> {0}\n", shown.display());
    std::fs::write(&stub, script).expect("written");
    std::fs::set_permissions(&stub, std::fs::Permissions::from_mode(0o700)).expect("executable");
    let path = format!("{}:/usr/bin:/bin", program.home().display());
    let output = program
        .command(&["remind", "--once", "--data-dir", &program.data_dir()])
        .env("PATH", path)
        .env("OPENAI_API_KEY", "sk-sentinel")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{output:?}");
    let shown = std::fs::read_to_string(shown).expect("the desktop was told");
    assert!(shown.contains("--\n--help <b>milk</b>\nReminder\n"), "{shown}");
    assert!(!shown.contains("sk-sentinel"), "{shown}");
}
