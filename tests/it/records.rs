//! What a conversation leaves behind, and how one comes back to it.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{Program, demo, json_lines};
use crate::screen::{Terminal, assert_restored};

const SAID: &str = "Create a task to buy groceries\nList all my tasks\n";
const KEY: &str = "sk-sentinel-0123456789";

/// All files below a folder.
fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

fn state(program: &Program) -> std::path::PathBuf {
    program.file(".local/state/realtime-cli")
}

/// Talks with `variables` set; what was printed to either stream.
fn talk(program: &Program, variables: &[(&str, &str)], args: &[&str], said: &str) -> (Vec<Value>, String) {
    use std::io::Write as _;
    let data = program.data_dir();
    let mut all = vec!["--offline", "--json", "--data-dir", &data];
    all.extend_from_slice(args);
    let mut child = program
        .command(&all)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("piped").write_all(said.as_bytes()).expect("said");
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "{output:?}");
    (json_lines(&output.stdout), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn texts<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a str> {
    lines.iter().filter(|line| line["type"] == kind).filter_map(|line| line["text"].as_str()).collect()
}

#[test]
fn a_logged_session_is_played_again_with_the_same_lines_and_touches_nothing() {
    let program = Program::new();
    let log = program.file("session.jsonl");
    let log = log.to_str().expect("text");
    let (_, said) = talk(&program, &[], &["--log", log], SAID);
    let tasks = program.tasks();
    // Neither a server nor a store.
    fs::remove_dir_all(program.data_dir()).expect("removed");
    for _ in 0..2 {
        let output = program.run(&["replay", log, "--json"], "");
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), said);
    }
    assert!(!Path::new(&program.data_dir()).exists(), "{tasks:?}");
    let output = program.run(&["replay", log], "");
    let answers = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(answers.lines().count(), 2, "{answers}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("you: Create a task"), "{output:?}");
}

#[test]
fn a_session_on_the_screen_is_shown_again() {
    let program = Program::new();
    let (data, log) = (program.data_dir(), program.file("s.jsonl").to_string_lossy().into_owned());
    let mut live =
        Terminal::start(&program, &["--offline", "--no-audio", "--data-dir", &data, "--log", &log]);
    live.wait_for("Ctrl-C");
    live.keys("Create a task to water the plants\r");
    live.wait_for("I added water the plants");
    live.keys("\u{3}");
    assert_eq!(live.end().0, 0);

    let mut again = Terminal::start(&program, &["replay", &log, "--instant"]);
    again.wait_for("the end");
    again.wait_for("I added water the plants");
    again.wait_for("create_task");
    again.keys("q");
    let (code, raw) = again.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
}

#[test]
fn a_damaged_log_is_played_as_far_as_it_goes_and_does_nothing_to_a_terminal() {
    let program = Program::new();
    let log = program.file("s.jsonl");
    talk(&program, &[], &["--log", log.to_str().expect("text")], SAID);
    let text = fs::read_to_string(&log).expect("written");
    let lines: Vec<_> = text.lines().collect();
    let hostile =
        "{\"ms\":1,\"from\":\"here\",\"event\":{\"notice\":{\"level\":\"info\",\"text\":\"\\u001b[2Jboo\"}}}";
    let damaged = [lines[0], hostile, "{\"ms\":2,\u{1b}[31m", &lines[1..].join("\n"), "{\"ms\":"].join("\n");
    fs::write(&log, damaged).expect("written");
    let output = program.run(&["replay", log.to_str().expect("text")], "");
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("line 3 is left out") && told.contains("boo"), "{told}");
    assert!(!told.contains('\u{1b}') && output.stdout.iter().all(|b| *b != 0x1b), "{told}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("groceries"), "{output:?}");
}

#[test]
fn a_log_that_cannot_be_written_is_told_once_and_the_conversation_goes_on() {
    let program = Program::new();
    let there = program.file("there.jsonl");
    fs::write(&there, "mine").expect("written");
    for (log, why) in
        [(there.to_str().expect("text"), "is there already"), ("/nowhere/x/s.jsonl", "/nowhere/x")]
    {
        let (lines, said) = talk(&program, &[], &["--log", log], "List all my tasks\n");
        let told: Vec<_> = texts(&lines, "notice").into_iter().filter(|t| t.contains("not logged")).collect();
        assert!(told.len() == 1 && told[0].contains(why), "{said}");
        assert_eq!(texts(&lines, "assistant").len(), 1, "{said}");
    }
    assert_eq!(fs::read_to_string(there).expect("there"), "mine");
}

#[test]
fn by_default_nothing_of_what_was_said_is_on_disk() {
    let program = Program::new();
    program.talk(&[], "What is the capital of Mongolia?\n");
    for path in files(program.home()) {
        let bytes = fs::read(&path).expect("read");
        let words = b"Mongolia";
        assert!(!bytes.windows(words.len()).any(|w| w.eq_ignore_ascii_case(words)), "{}", path.display());
    }
    assert!(!state(&program).join("conversations").exists());
}

#[test]
fn no_key_is_in_anything_that_is_written() {
    let program = Program::new();
    let key_file = program.file("key");
    fs::write(&key_file, KEY).expect("written");
    let log = program.file("s.jsonl");
    // Bound and closed again: nobody listens.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("bound").local_addr().expect("address").port();
    let url = format!("ws://127.0.0.1:{port}/v1/realtime?api-key={KEY}");
    let mut child = program
        .command(&["--json", "--url", &url, "--log", log.to_str().expect("text"), "--log-level", "trace"])
        .env("OPENAI_API_KEY", KEY)
        .env("REALTIME_CLI_HISTORY_KEEP", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    assert!(child.wait().expect("ends").success());
    assert!(fs::metadata(&log).expect("a log").len() > 1000);
    for path in files(program.home()).into_iter().filter(|path| *path != key_file) {
        let bytes = fs::read(&path).expect("read");
        assert!(!bytes.windows(8).any(|w| w == b"sentinel"), "{}", path.display());
    }
}

#[test]
fn a_kept_conversation_is_gone_on_with_exported_and_purged() {
    let program = Program::new();
    let keep = [("REALTIME_CLI_HISTORY_KEEP", "true")];
    let (first, _) = talk(&program, &keep, &["--resume"], SAID);
    assert!(texts(&first, "notice").iter().any(|t| t.contains("no conversation is kept yet")), "{first:?}");
    let (second, said) = talk(&program, &keep, &["--resume"], "delete it\n");
    assert!(texts(&second, "notice").iter().any(|t| t.contains("going on with")), "{said}");
    assert_eq!(files(&state(&program).join("conversations")).len(), 1, "it is one conversation");

    let export = |format: &str| {
        let output = program.run(&["export", "--last", "--format", format], "");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let markdown = export("md");
    for text in ["**you:** Create a task", "`create_task", "**you:** delete it"] {
        assert!(markdown.contains(text), "{text}: {markdown}");
    }
    let json: Value = serde_json::from_str(&export("json")).expect("JSON");
    assert!(json["entries"].as_array().is_some_and(|entries| entries.len() >= 6), "{json}");
    assert!(export("srt").starts_with("1\n00:00:00,"), "{}", export("srt"));

    let output = program.run(&["purge", "--all"], "");
    assert_eq!(output.status.code(), Some(2), "nobody can be asked: {output:?}");
    let output = program.run(&["purge", "--all", "--yes"], "");
    assert!(output.status.success(), "{output:?}");
    assert!(files(&state(&program)).is_empty(), "{:?}", files(&state(&program)));
    assert_eq!(program.run(&["export", "--last"], "").status.code(), Some(3));
}

#[test]
fn without_a_kept_conversation_resume_says_how_to_keep_one() {
    let program = Program::new();
    let (lines, said) = talk(&program, &[], &["--resume"], "List all my tasks\n");
    assert!(texts(&lines, "notice").iter().any(|t| t.contains("history.keep = true")), "{said}");
    assert_eq!(texts(&lines, "assistant").len(), 1, "{said}");
}

#[test]
fn a_damaged_conversation_is_told_and_a_new_one_begins() {
    let program = Program::new();
    let keep = [("REALTIME_CLI_HISTORY_KEEP", "true")];
    talk(&program, &keep, &[], SAID);
    let conversations = state(&program).join("conversations");
    let kept = files(&conversations).pop().expect("kept");
    fs::write(&kept, "\u{1b}[2Jnonsense\n").expect("written");
    let (lines, said) = talk(&program, &keep, &["--resume"], "List all my tasks\n");
    assert!(texts(&lines, "notice").iter().any(|t| t.contains("this is a new one")), "{said}");
    assert_eq!(files(&conversations).len(), 2, "the damaged one is left as it is");
}

#[cfg(unix)]
#[test]
fn all_that_is_written_is_for_its_owner_only_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = Program::new();
    let line = format!(
        "umask 000; printf 'List all my tasks\\n' | '{}' --offline --json --log s.jsonl --log-level trace >/dev/null",
        env!("CARGO_BIN_EXE_realtime-cli")
    );
    // The ears' language model is made, too.
    let line = format!(
        "{line}; umask 000; '{}' --offline --json --fast --audio-in '{}' </dev/null >/dev/null",
        env!("CARGO_BIN_EXE_realtime-cli"),
        demo("buy-groceries")
    );
    let status = std::process::Command::new("sh")
        .args(["-c", &line])
        .current_dir(program.home())
        .env_clear()
        .envs(program.env())
        .env("REALTIME_CLI_HISTORY_KEEP", "true")
        .env("REALTIME_CLI_HOME", program.file("home"))
        .stderr(Stdio::null())
        .status()
        .expect("runs");
    assert!(status.success());
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let all = files(program.home());
    assert!(all.len() >= 4, "{all:?}");
    for path in all {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let dir = path.parent().expect("a folder");
        assert!(dir == program.home() || mode(dir) == 0o700, "{}", dir.display());
    }
}

#[test]
fn both_voices_are_recorded_side_by_side() {
    let program = Program::new();
    let (question, data) = (demo("buy-groceries"), program.data_dir());
    let dir = program.file("talks").to_string_lossy().into_owned();
    let args =
        ["--offline", "--audio-in", &question, "--fast", "--json", "--data-dir", &data, "--record", &dir];
    let output = program.run(&args, "");
    assert!(output.status.success(), "{output:?}");
    let lines = json_lines(&output.stdout);
    assert!(texts(&lines, "notice").iter().any(|t| t.contains("recording")), "{lines:?}");
    let recorded = files(Path::new(&dir));
    assert_eq!(recorded.len(), 2, "{recorded:?}");
    for path in recorded {
        let sound = hound::WavReader::open(&path).expect("a WAV file");
        assert_eq!((sound.spec().sample_rate, sound.spec().channels), (24_000, 1));
        let loud =
            sound.into_samples::<i16>().filter(|s| s.as_ref().expect("a sample").unsigned_abs() > 1000);
        assert!(loud.count() > 2000, "{}", path.display());
    }
    let output = program.run(&["purge", "--recordings", "--yes"], "");
    assert!(output.status.success() && files(Path::new(&dir)).is_empty(), "{output:?}");
}
