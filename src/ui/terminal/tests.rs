//! A child process of this same test runs in a terminal of its own; the parent looks at what it does to it.

use std::io::Read;
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use crossterm::event::{KeyCode, KeyEvent};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::*;
use crate::ui::view::{Talk, Turn};

const CHILD: &str = "REALTIME_CLI_TEST_CHILD";
const ENTER: &str = "\x1b[?1049h";
/// Keys by the kitty protocol, and no longer.
const PUSH: &str = "\x1b[>31u";
const POP: &str = "\x1b[<u";
const LEAVE: &str = "\x1b[?1049l";
/// The screen is up when this was sent.
const FRAME_END: &str = "\x1b[?2026l";
/// For a machine under load; reached only when the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

struct Seen {
    output: String,
    modes: [String; 2],
    success: bool,
}

/// Runs `child` in a terminal, as the process of test `name`, and types `keys` once a frame is there.
/// `None` within the child.
fn in_terminal(name: &str, keys: &str, child: impl FnOnce()) -> Option<Seen> {
    if env::var_os(CHILD).is_some() {
        child();
        return None;
    }
    let size = PtySize { rows: 20, cols: 60, pixel_width: 0, pixel_height: 0 };
    let pty = native_pty_system().openpty(size).unwrap();
    let modes = || format!("{:?}", pty.master.get_termios().unwrap());
    let before = modes();
    let mut command = CommandBuilder::new(env::current_exe().unwrap());
    command.args([&format!("ui::terminal::tests::{name}"), "--exact", "--nocapture", "--color=never"]);
    command.env(CHILD, "1");
    command.env("RUST_BACKTRACE", "0");
    command.env("TERM", "xterm-256color");
    command.env_remove("TMUX");
    let mut process = pty.slave.spawn_command(command).unwrap();
    let mut reader = pty.master.try_clone_reader().unwrap();
    let (sender, pieces) = mpsc::channel();
    thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = reader.read(&mut piece) {
            let _ = sender.send(String::from_utf8_lossy(&piece[..length]).into_owned());
        }
    });
    let mut output = String::new();
    let mut wait_for = |what: &str| {
        while !output.contains(what) {
            output.push_str(
                &pieces.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {what:?}: {output:?}")),
            );
        }
    };
    wait_for(FRAME_END);
    pty.master.take_writer().unwrap().write_all(keys.as_bytes()).unwrap();
    wait_for("test result");
    let success = process.wait().unwrap().success();
    Some(Seen { output, modes: [before, modes()], success })
}

fn assert_given_back(seen: &Seen) {
    assert!(seen.success, "{}", seen.output);
    assert_eq!(seen.modes[0], seen.modes[1]);
    assert_eq!(seen.output.matches(ENTER).count(), seen.output.matches(LEAVE).count());
    for (on, off) in [("\x1b[?2004h", "\x1b[?2004l"), ("\x1b[?1004h", "\x1b[?1004l"), (PUSH, POP)] {
        assert_eq!(seen.output.matches(on).count(), seen.output.matches(off).count(), "{on:?}");
    }
    let after = &seen.output[seen.output.rfind(LEAVE).unwrap()..];
    assert!(seen.output.rfind("\x1b[?25h") > seen.output.rfind("\x1b[?25l") && !after.contains("\x1b[?25l"));
}

fn shown() -> (TerminalFrontend, View) {
    let mut frontend = TerminalFrontend::new(None).unwrap();
    let view = View { turn: Turn::HearingYou, mode: Mode::PushToTalk, ..View::default() };
    frontend.render(&view).unwrap();
    (frontend, view)
}

#[test]
fn the_terminal_is_given_back_at_the_end() {
    let seen = in_terminal("the_terminal_is_given_back_at_the_end", "", || {
        let (frontend, _) = shown();
        drop(frontend);
        restore();
    });
    let Some(seen) = seen else { return };
    assert_given_back(&seen);
    assert_eq!(seen.output.matches(LEAVE).count(), 1);
    assert!(seen.output.contains("hearing you"));
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_message() {
    let seen = in_terminal("a_panic_gives_the_terminal_back_before_its_message", "", || {
        let (frontend, _) = shown();
        thread::spawn(|| panic!("a wheel came off")).join().unwrap_err();
        std::mem::forget(frontend);
    });
    let Some(seen) = seen else { return };
    assert_given_back(&seen);
    assert!(seen.output.find("a wheel came off").unwrap() > seen.output.find(LEAVE).unwrap());
}

#[test]
fn a_survived_panic_brings_the_screen_back() {
    let seen = in_terminal("a_survived_panic_brings_the_screen_back", "", || {
        let (mut frontend, view) = shown();
        thread::spawn(|| panic!("a small one")).join().unwrap_err();
        frontend.render(&view).unwrap();
    });
    let Some(seen) = seen else { return };
    assert_given_back(&seen);
    assert_eq!((seen.output.matches(ENTER).count(), seen.output.matches("hearing you").count()), (2, 2));
}

#[test]
fn a_suspension_without_a_shell_comes_back() {
    let seen = in_terminal("a_suspension_without_a_shell_comes_back", "", || {
        let (mut frontend, view) = shown();
        frontend.suspend().unwrap();
        frontend.render(&view).unwrap();
    });
    let Some(seen) = seen else { return };
    assert_given_back(&seen);
    assert_eq!(seen.output.matches("hearing you").count(), 2);
}

#[test]
fn a_stop_from_outside_ends_with_the_screen_drawn_anew() {
    let seen = in_terminal("a_stop_from_outside_ends_with_the_screen_drawn_anew", "", || {
        let (mut frontend, view) = shown();
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            assert!(matches!(frontend.next().await, UserEvent::Resize { .. }));
            rustix::process::kill_process(rustix::process::getpid(), Signal::CONT).unwrap();
            // Closing the terminal's writing end comes as keys, before or after it.
            while frontend.next().await != (UserEvent::Resize { columns: 60, rows: 20 }) {}
        });
        frontend.render(&view).unwrap();
    });
    let Some(seen) = seen else { return };
    assert_given_back(&seen);
    assert_eq!((seen.output.matches(ENTER).count(), seen.output.matches("hearing you").count()), (2, 2));
}

#[test]
fn noise_on_standard_error_goes_to_the_log() {
    let seen = in_terminal("noise_on_standard_error_goes_to_the_log", "", || {
        let mut log = tempfile::tempfile().unwrap();
        let mut frontend = TerminalFrontend::new(Some(log.try_clone().unwrap())).unwrap();
        frontend.render(&View::default()).unwrap();
        io::stderr().write_all(b"ALSA underrun\n").unwrap();
        drop(frontend);
        io::stderr().write_all(b"after the end\n").unwrap();
        io::Seek::rewind(&mut log).unwrap();
        assert_eq!(io::read_to_string(log).unwrap(), "ALSA underrun\n");
    });
    let Some(seen) = seen else { return };
    assert_given_back(&seen);
    assert!(!seen.output.contains("ALSA") && seen.output.contains("after the end"));
}

#[test]
fn keys_and_pastes_come_as_events() {
    let keys = "h\x1b[200~two\rlines \x1b[31m\x1b[201~\x1bOP";
    let seen = in_terminal("keys_and_pastes_come_as_events", keys, || {
        let (mut frontend, _) = shown();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let events = runtime.block_on(async {
            let mut events = Vec::new();
            for _ in 0..4 {
                events.push(frontend.next().await);
            }
            events
        });
        drop(frontend);
        let key = |code| UserEvent::Key(KeyEvent::from(code));
        let paste = UserEvent::Paste("two\rlines \x1b[31m".to_owned());
        let size = UserEvent::Resize { columns: 60, rows: 20 };
        assert_eq!(events, [size, key(KeyCode::Char('h')), paste, key(KeyCode::F(1))]);
    });
    let Some(seen) = seen else { return };
    assert_given_back(&seen);
}

#[test]
fn the_plain_theme_sends_no_attribute() {
    let seen = in_terminal("the_plain_theme_sends_no_attribute", "", || {
        let mut frontend = TerminalFrontend::new(None).unwrap();
        frontend.render(&View { theme: Theme::Plain, ..View::default() }).unwrap();
    });
    let Some(seen) = seen else { return };
    assert_given_back(&seen);
    assert_eq!(without_attributes(seen.output.as_bytes()), seen.output.as_bytes());
}

#[test]
fn only_attributes_are_taken_from_a_frame() {
    let frame = b"\x1b[2;3Ha\x1b[1;31mb\x1b[0m\x1b[39mc\x1b[?25l\x1b[m";
    assert_eq!(without_attributes(frame), b"\x1b[2;3Habc\x1b[?25l");
    assert_eq!(without_attributes(b"plain"), b"plain");
    assert_eq!(without_attributes(b"\x1b[1"), b"\x1b[1");
}

#[test]
fn the_keyboard_is_as_it_was_outside_push_to_talk() {
    let seen = in_terminal("the_keyboard_is_as_it_was_outside_push_to_talk", "", || {
        let (mut frontend, view) = shown();
        frontend.render(&View { mode: Mode::Vad, ..view.clone() }).unwrap();
        frontend.render(&view).unwrap();
        let talk = Talk { method: Method::Toggle, ..view.talk };
        frontend.render(&View { talk, ..view }).unwrap();
    });
    let Some(seen) = seen else { return };
    assert_given_back(&seen);
    assert_eq!(seen.output.matches(PUSH).count(), 2);
}

#[test]
fn tmux_and_screen_pass_no_releases_on() {
    for (term, tmux) in
        [("tmux-256color", None), ("screen.xterm", None), ("xterm", Some("/tmp/tmux-0/default"))]
    {
        assert!(is_multiplexed(Some(term), tmux));
    }
    assert!(!is_multiplexed(Some("xterm-kitty"), None) && !is_multiplexed(None, Some("")));
}

#[test]
fn a_dumb_terminal_has_no_screen() {
    assert!(!available(Some("dumb")));
}
