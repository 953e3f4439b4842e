//! A key from where it is given to where it may stand, and nowhere else.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::thread;

use serde_json::{Value, json};

use crate::program::Program;
use crate::providers::peer::serve;
use crate::screen::Terminal;

const KEY: &str = "sk-sentinel-0123456789";

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Every file below.
fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// A server that shows everybody their own key and refuses it; what it was asked.
fn refusing() -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("ws://{}/v1/realtime", listener.local_addr().expect("an address"));
    let serve = move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("readable") == 1 {
            request.push(byte[0]);
        }
        let body = format!("{{\"error\":{{\"message\":\"Incorrect API key provided: {KEY}\"}}}}");
        let head = format!("HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).expect("writable");
        String::from_utf8(request).expect("text")
    };
    (url, thread::spawn(serve))
}

#[test]
fn a_key_reaches_its_server_and_shows_nowhere_else() {
    let program = Program::new();
    let (url, server) = refusing();
    let login = program.run(&["login", "--file", "--url", &url], format!("{KEY}\n"));
    assert!(login.status.success(), "{login:?}");
    let keys = program.file(".config/realtime-cli/keys.toml");
    assert_eq!(std::fs::metadata(&keys).expect("kept").permissions().mode() & 0o777, 0o600);
    let talk = program.run(&["--json", "--url", &url, "--log-level", "trace"], "hello\n");
    let request = server.join().expect("served");
    assert!(request.contains(&format!("Bearer {KEY}")), "{request}");
    assert_eq!(talk.status.code(), Some(4), "{talk:?}");
    let show = program.run(&["--url", &url, "config", "show"], "");
    assert!(text(&show).contains("keys.toml`, for 127.0.0.1:"), "{show:?}");
    let outputs = [
        login,
        talk,
        show,
        program.run(&["--url", &url, "config", "show", "--json"], ""),
        program.run(&["--url", &url, "doctor", "--no-network", "--no-sound"], ""),
        program.run(&["--url", &url, "doctor", "--no-network", "--no-sound", "--json"], ""),
    ];
    for output in &outputs {
        assert!(!text(output).contains("sentinel"), "{output:?}");
    }
    let mut written = Vec::new();
    files(program.home(), &mut written);
    assert!(written.iter().any(|path| path.ends_with("realtime-cli.log")), "{written:?}");
    for path in written.iter().filter(|path| **path != keys) {
        let bytes = std::fs::read(path).expect("readable");
        assert!(!String::from_utf8_lossy(&bytes).contains("sentinel"), "{}", path.display());
    }
    let logout = program.run(&["logout", "--url", &url], "");
    assert!(logout.status.success() && !keys.exists(), "{logout:?}");
}

#[test]
fn a_key_is_not_sent_unencrypted_to_another_machine() {
    let program = Program::new();
    let file = program.file("key");
    std::fs::write(&file, KEY).expect("written");
    let file = file.to_string_lossy().into_owned();
    let url = "ws://10.255.255.1/v1/realtime";
    let output = program.run(&["--text", "--url", url, "--api-key-file", &file], "hello\n");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(text(&output).contains("can be read by others"), "{output:?}");
    assert!(text(&output).contains("wss://") && !text(&output).contains("sentinel"), "{output:?}");
    let login = program.run(&["login", "--file", "--url", "ws://10.255.255.1"], KEY);
    assert_eq!(login.status.code(), Some(4), "{login:?}");
}

/// A bus that takes a connection and says nothing.
#[cfg(target_os = "linux")]
#[test]
fn a_keyring_that_does_not_answer_or_is_not_there_ends_in_a_word_and_not_in_waiting() {
    let program = Program::new();
    let bus = program.file("bus");
    let _silent = std::os::unix::net::UnixListener::bind(&bus).expect("a socket");
    let keys = program.file(".config/realtime-cli/keys.toml");
    std::fs::create_dir_all(keys.parent().expect("a folder")).expect("made");
    std::fs::write(&keys, "[\"api.openai.com\"]\nkeyring = true\n").expect("written");
    for (address, said) in
        [(bus, "does not answer within 2 seconds"), (program.file("none"), "no keyring answers")]
    {
        let address = format!("unix:path={}", address.display());
        let run = |args: &[&str]| {
            let mut command = program.command(args);
            command.env("DBUS_SESSION_BUS_ADDRESS", &address).stdin(std::process::Stdio::null());
            command.output().expect("runs")
        };
        let talk = run(&["--text"]);
        assert_eq!(talk.status.code(), Some(4), "{talk:?}");
        assert!(text(&talk).contains(said) && text(&talk).contains("login --file"), "{talk:?}");
        let show = run(&["config", "show"]);
        assert!(text(&show).contains("# API key: from the keyring, for api.openai.com"), "{show:?}");
        assert!(run(&["--offline", "--text"]).status.success(), "who needs no key is not kept");
    }
}

#[test]
fn settings_that_cannot_be_are_refused_at_the_start_with_their_name_and_range() {
    let program = Program::new();
    for (args, said) in [
        (["--set", "vad.threshold=2"], "`vad.threshold` takes a number from 0 to 1, but --set says `2`"),
        (["--speed", "3"], "`speed` takes a number from 0.25 to 1.5, but --speed says `3`"),
        (["--reasoning", "hard"], "`session.reasoning_effort` takes `auto`, `minimal`"),
        (["--turn-detection", "none"], "`vad.kind` takes `server_vad` or `semantic_vad`"),
        (["--set", "session.tool_choice=fly"], "`session.tool_choice` takes `auto`, `none`, `required`, `"),
        (["--set", "vad.treshold=1"], "did you mean `vad.threshold`?"),
        (["--set", "voice"], "NAME=VALUE"),
    ] {
        let output = program.run(&["--offline", "--text", args[0], args[1]], "");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output).contains(said), "{said}: {output:?}");
    }
}

#[test]
fn a_server_that_says_the_key_back_does_not_bring_it_to_the_screen() {
    let say = |event: Value| {
        let back = json!({"type": "error", "error": {"type": "server_error", "code": KEY, "message": format!("of {KEY}!")}});
        if event["type"] == "response.created" { vec![back, event] } else { vec![event] }
    };
    let program = Program::new();
    let (address, _served) = serve(say, 24_000);
    let file = program.file("key");
    std::fs::write(&file, KEY).expect("written");
    let (file, data) = (file.to_string_lossy().into_owned(), program.data_dir());
    let url = format!("ws://{address}/v1/realtime");
    let args = ["--url", &url, "--api-key-file", &file, "--no-audio", "--data-dir", &data];
    let mut terminal = Terminal::start(&program, &args);
    terminal.wait_for("online");
    terminal.keys("go\r");
    terminal.wait_for("of [key]!");
    terminal.wait_for("I wrote it down.");
    terminal.keys("\u{3}");
    let (code, raw) = terminal.end();
    assert_eq!(code, 0);
    assert!(!String::from_utf8_lossy(&raw).contains("sentinel"));
}
