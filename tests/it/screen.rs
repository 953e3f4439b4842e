//! The built program on a terminal.

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::sync::mpsc;
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::program::{Program, demo};

/// Only to end a test that hangs; nothing is measured by it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Terminal {
    pty: portable_pty::PtyPair,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    writer: Box<dyn std::io::Write + Send>,
    bytes: mpsc::Receiver<Vec<u8>>,
    screen: vt100::Parser,
    raw: Vec<u8>,
}

impl Terminal {
    pub(crate) fn start(program: &Program, args: &[&str]) -> Self {
        let size = PtySize { rows: 24, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).expect("a pty");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_realtime-cli"));
        command.env_clear();
        program.env().iter().for_each(|(key, value)| command.env(key, value));
        command.args(args);
        command.cwd(program.home());
        let child = pty.slave.spawn_command(command).expect("starts");
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let writer = pty.master.take_writer().expect("a writer");
        let (sender, bytes) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(
            NonZero::new(size.rows).expect("rows"),
            NonZero::new(size.cols).expect("columns"),
            0,
        );
        Self { pty, child, writer, bytes, screen, raw: Vec::new() }
    }

    /// The screen without a network and without sound, as far as its keys.
    pub(crate) fn offline(program: &Program) -> Self {
        let data = program.data_dir();
        let mut terminal = Self::start(program, &["--offline", "--no-audio", "--data-dir", &data]);
        terminal.wait_for("Ctrl-C");
        terminal
    }

    pub(crate) fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("typed");
        self.writer.flush().expect("typed");
    }

    /// Reads until the screen shows `text`.
    pub(crate) fn wait_for(&mut self, text: &str) {
        while !self.screen.screen().contents().contains(text) {
            let Ok(bytes) = self.bytes.recv_timeout(PATIENCE) else {
                panic!("no {text:?} on\n{}", self.screen.screen().contents());
            };
            self.take(&bytes);
        }
    }

    /// Reads until the program has sent `bytes`, `times` in all.
    pub(crate) fn wait_for_bytes(&mut self, bytes: &str, times: usize) {
        while String::from_utf8_lossy(&self.raw).matches(bytes).count() < times {
            let Ok(more) = self.bytes.recv_timeout(PATIENCE) else {
                panic!("no {bytes:?} on\n{}", self.screen.screen().contents());
            };
            self.take(&more);
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.process_id().expect("runs").to_string();
        let kill = std::process::Command::new("kill").args(["-s", name, &pid]).status().expect("kill");
        assert!(kill.success());
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    /// Waits for the end; the exit code.
    pub(crate) fn end(mut self) -> (u32, Vec<u8>) {
        let status = self.child.wait().expect("ends");
        drop(self.pty);
        while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(200)) {
            self.raw.extend_from_slice(&bytes);
        }
        (status.exit_code(), self.raw)
    }
}

/// Every mode that is switched on is switched off again, and the cursor is shown.
pub(crate) fn assert_restored(raw: &[u8]) {
    let text = String::from_utf8_lossy(raw);
    for mode in ["1049", "2004", "1004", "1000", "1002", "1003", "1006"] {
        let (on, off) = (
            text.matches(&format!("\u{1b}[?{mode}h")).count(),
            text.matches(&format!("\u{1b}[?{mode}l")).count(),
        );
        assert!(
            on == 0 || off >= 1 && text.rfind(&format!("?{mode}l")) > text.rfind(&format!("?{mode}h")),
            "{mode}"
        );
    }
    assert!(text.rfind("\u{1b}[?25h") > text.rfind("\u{1b}[?25l"), "the cursor is hidden");
    let count = |what: &str| text.matches(what).count();
    assert_eq!(count("\u{1b}[?1049h"), count("\u{1b}[?1049l"));
    assert_eq!(count(PUSH), count(POP), "the keyboard's mode is left behind");
    let after = &text[text.rfind("\u{1b}[?1049l").expect("left") + "\u{1b}[?1049l".len()..];
    assert!(!after.contains('\u{1b}'), "after the end: {after:?}");
}

/// Keys by the kitty protocol, and no longer.
pub(crate) const PUSH: &str = "\u{1b}[>31u";
pub(crate) const POP: &str = "\u{1b}[<u";

#[test]
fn a_typed_turn_on_the_screen_and_a_restored_terminal() {
    let program = Program::new();
    let mut terminal = Terminal::offline(&program);
    terminal.keys("Create a task to water the plants\r");
    terminal.wait_for("create_task");
    terminal.wait_for("I added water the plants");
    terminal.keys("\u{3}");
    let (code, raw) = terminal.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
    assert_eq!(program.status_of("water the plants"), "pending");
}

#[test]
fn tasks_are_changed_by_keys_and_the_shell_agrees() {
    let program = Program::new();
    let data = program.data_dir();
    let mut terminal = Terminal::start(&program, &["--offline", "--no-audio", "--data-dir", &data]);
    terminal.wait_for("Ctrl-C");
    terminal.keys("Create a task to water the plants\r");
    terminal.wait_for("I added water the plants");
    terminal.wait_for("1 · water the plants");
    terminal.keys("\t");
    terminal.wait_for("1▸· water the plants");
    terminal.keys(" ");
    terminal.wait_for("status: pending → completed · F8 undoes");
    assert_eq!(program.status_of("water the plants"), "completed");
    terminal.keys("u");
    terminal.wait_for("status: completed → pending");
    terminal.wait_for("1▸· water the plants");
    assert_eq!(program.status_of("water the plants"), "pending");
    let added = program.run(&["tasks", "add", "feed the cat", "--data-dir", &data], "");
    assert!(added.status.success(), "{added:?}");
    terminal.wait_for("· feed the cat");
    terminal.keys("\t\u{3}");
    let (code, raw) = terminal.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
}

#[test]
fn every_way_out_leaves_a_restored_terminal() {
    type Way = fn(&mut Terminal);
    let ways: &[(&str, Way, u32)] = &[
        ("Ctrl-C", |terminal| terminal.keys("\u{3}"), 0),
        ("Ctrl-C by the protocol", |terminal| terminal.keys("\u{1b}[99;5u"), 0),
        ("Ctrl-D", |terminal| terminal.keys("\u{4}"), 0),
        ("SIGINT", |terminal| terminal.signal("INT"), 130),
        ("SIGTERM", |terminal| terminal.signal("TERM"), 143),
        ("SIGHUP", |terminal| terminal.signal("HUP"), 129),
        ("SIGQUIT", |terminal| terminal.signal("QUIT"), 130),
        (
            "Ctrl-Z, back, and Ctrl-C",
            |terminal| {
                terminal.keys("\u{1a}");
                terminal.wait_for_bytes(PUSH, 2);
                terminal.keys("\u{3}");
            },
            0,
        ),
    ];
    let wav = demo("buy-groceries");
    for (name, way, want) in ways {
        let program = Program::new();
        let data = program.data_dir();
        // Nobody answers there: the screen comes first.
        let args = ["--url", "ws://127.0.0.1:9", "--audio-in", &wav, "--mode", "ptt", "--data-dir", &data];
        let mut terminal = Terminal::start(&program, &args);
        terminal.wait_for("hold Space to talk");
        terminal.wait_for_bytes(PUSH, 1);
        way(&mut terminal);
        let (code, raw) = terminal.end();
        assert_eq!(code, *want, "{name}");
        assert_restored(&raw);
    }
}

#[test]
fn only_push_to_talk_changes_the_keyboard_and_late_answers_are_not_typed() {
    let program = Program::new();
    let mut terminal = Terminal::offline(&program);
    terminal.keys("\u{1b}[?31u\u{1b}[?62;4c");
    terminal.keys("a\u{1b}[97:65;2;65u");
    terminal.wait_for("> aA");
    terminal.keys("\u{3}");
    let (code, raw) = terminal.end();
    assert_eq!(code, 0);
    assert!(!String::from_utf8_lossy(&raw).contains(PUSH));
    assert_restored(&raw);
}

#[test]
fn a_long_paste_is_asked_about() {
    let program = Program::new();
    let mut terminal = Terminal::offline(&program);
    let text = "word ".repeat(2400);
    terminal.keys(&format!("\u{1b}[200~{text}\u{1b}[201~"));
    terminal.wait_for("Enter inserts 12 kB, Esc drops it");
    terminal.keys("\r");
    terminal.wait_for("word word");
    terminal.keys("\u{3}");
    let (code, raw) = terminal.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
}

#[test]
fn commands_and_panels_on_the_screen() {
    let program = Program::new();
    let mut terminal = Terminal::offline(&program);
    terminal.keys("/mo");
    terminal.wait_for("voice or push-to-talk");
    terminal.keys("\t ptt\r");
    terminal.wait_for("this run uses no microphone");
    terminal.keys("/muet\r");
    terminal.wait_for("did you mean `/mute`?");
    terminal.keys("\u{15}Create a task to water the plants\r");
    terminal.wait_for("I added water the plants");
    terminal.keys("/export talk.md\r");
    terminal.wait_for("talk.md`");
    terminal.keys("/export talk.md\r");
    terminal.wait_for("is there already");
    terminal.keys("/settings\r");
    terminal.wait_for("Settings in effect");
    terminal.keys("volume");
    terminal.wait_for("audio.volume = 1.0");
    terminal.keys("\u{1b}");
    terminal.wait_for("type to filter");
    terminal.keys("\u{1b}");
    terminal.wait_for("is there already");
    terminal.keys("/log\r");
    terminal.wait_for("connected");
    terminal.keys("\u{3}");
    let (code, raw) = terminal.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
    let file = program.file("talk.md");
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(text.contains("**you:** Create a task to water the plants"), "{text}");
    assert!(text.contains("create_task") && text.contains("added water the plants"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_new_conversation_on_the_screen_knows_nothing_of_the_old_one() {
    let program = Program::new();
    let mut terminal = Terminal::offline(&program);
    terminal.keys("Create a task to water the plants\r");
    terminal.wait_for("I added water the plants");
    terminal.keys("/new\r");
    terminal.wait_for("a new conversation begins here");
    terminal.keys("List all my tasks\r");
    terminal.wait_for("list_tasks");
    terminal.keys("/quit\r");
    assert_eq!(terminal.end().0, 0);
    assert_eq!(program.status_of("water the plants"), "pending");
}

#[test]
fn a_screen_reader_gets_lines_and_not_one_escape() {
    let program = Program::new();
    let data = program.data_dir();
    let args = ["--offline", "--no-audio", "--screen-reader", "--data-dir", &data];
    let mut terminal = Terminal::start(&program, &args);
    terminal.wait_for("your turn");
    terminal.keys("Create a task to water the plants\r");
    terminal.wait_for("assistant: ");
    terminal.keys("/help\r");
    terminal.wait_for("note: type what");
    terminal.keys("/quit\r");
    let (code, raw) = terminal.end();
    assert_eq!(code, 0);
    let text = String::from_utf8(raw).expect("text");
    assert!(!text.contains(|c: char| c.is_control() && !matches!(c, '\r' | '\n')), "{text:?}");
    let said: Vec<_> =
        text.lines().filter(|l| l.starts_with("tool ") || l.starts_with("assistant")).collect();
    assert!(said[0].starts_with("tool create_task") && said[0].contains("water the plants"), "{said:?}");
    assert!(said[1].contains("I added water the plants"), "{said:?}");
    assert_eq!(program.status_of("water the plants"), "pending");
}

#[test]
fn the_wheel_is_asked_for_only_where_it_was_set_and_given_back() {
    let program = Program::new();
    let data = program.data_dir();
    for mouse in [false, true] {
        let file = program.file("config.toml");
        std::fs::write(&file, format!("[ui]\nmouse = {mouse}\n")).expect("written");
        let file = file.to_string_lossy().into_owned();
        let args = ["--offline", "--no-audio", "--config", &file, "--data-dir", &data];
        let mut terminal = Terminal::start(&program, &args);
        terminal.wait_for("Ctrl-C");
        terminal.keys("\u{3}");
        let (_, raw) = terminal.end();
        assert_restored(&raw);
        assert_eq!(String::from_utf8_lossy(&raw).contains("\u{1b}[?1000h"), mouse);
    }
}

#[test]
fn the_copy_key_alone_writes_to_the_clipboard() {
    let program = Program::new();
    let mut terminal = Terminal::offline(&program);
    terminal.keys("Create a task to water the plants\r");
    terminal.wait_for("I added water the plants");
    assert!(!String::from_utf8_lossy(&terminal.raw).contains("\u{1b}]52"));
    terminal.keys("\u{1b}[15~");
    terminal.wait_for("copied ");
    terminal.keys("\u{3}");
    let (_, raw) = terminal.end();
    assert_eq!(String::from_utf8_lossy(&raw).matches("\u{1b}]52;c;").count(), 1);
}
