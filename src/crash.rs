//! What is left of a panic: a file for its owner only, and two lines for the person. Nothing is sent anywhere.
//!
//! It holds no environment, no arguments and nothing that was said: what a message quotes is left out of it.

use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, process, thread};

use crate::config::paths;
use crate::text::Clean;

/// So many are kept, and written by one run.
const KEPT: usize = 5;
/// Characters of a message.
const MESSAGE: usize = 300;
/// Longer words of letters and digits may be keys.
const LONGEST_WORD: usize = 20;

/// From now on a panic leaves a report in `state_dir`.
pub fn install(state_dir: &Path) {
    static ONCE: Once = Once::new();
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    let dir = state_dir.join("crashes");
    ONCE.call_once(|| {
        panic::set_hook(Box::new(move |panic| {
            let nth = WRITTEN.fetch_add(1, Ordering::Relaxed);
            if nth < KEPT {
                tell(panic, &dir, nth);
            }
        }));
    });
}

/// Whoever has the screen has given it back by now.
fn tell(panic: &PanicHookInfo<'_>, dir: &Path, nth: usize) {
    let place = panic.location().map_or_else(|| "somewhere".to_owned(), ToString::to_string);
    let thread = thread::current().name().unwrap_or("unnamed").to_owned();
    let message = panic.payload_as_str().unwrap_or_default();
    let frames = Backtrace::force_capture().to_string();
    let time = jiff::Timestamp::now();
    let text = report(&time.to_string(), &thread, &place, message, &frames);
    let name = format!("crash-{}-{}-{nth}.txt", time.as_second(), process::id());
    let written = write(dir, &name, &text);
    let mut person = io::stderr();
    // Where standard error is gone, there is nobody to tell.
    let _ = writeln!(person, "a part of realtime-cli has failed: thread `{thread}`, {place}");
    let _ = match written {
        Ok(path) => writeln!(
            person,
            "a report is in `{}`; nothing was sent, and it holds no key and nothing that was said",
            Clean::line(&path.display().to_string())
        ),
        Err(error) => writeln!(person, "no report could be written: {error}"),
    };
}

fn report(time: &str, thread: &str, place: &str, message: &str, frames: &str) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "realtime-cli {}", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(text, "{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let _ = writeln!(text, "at:      {time}");
    let _ = writeln!(text, "thread:  {thread}");
    let _ = writeln!(text, "place:   {place}");
    let _ = writeln!(text, "message: {}", harmless(message));
    let _ = writeln!(text, "\n{}", Clean::new(frames));
    text
}

/// The message without what it quotes, which may have been said, and without what may be a key.
fn harmless(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let mut quote = None;
    let mut outside = String::new();
    for c in first.chars() {
        match quote {
            Some(end) if c == end => {
                outside.push('…');
                outside.push(c);
                quote = None;
            }
            Some(_) => {}
            None => {
                outside.push(c);
                quote = matches!(c, '`' | '"').then_some(c);
            }
        }
    }
    let word = |word: &str| {
        let long = word.chars().filter(char::is_ascii_alphanumeric).count() >= LONGEST_WORD;
        let key = word.contains("sk-") || long && word.contains(|c: char| c.is_ascii_digit());
        if key { "[…]".to_owned() } else { word.to_owned() }
    };
    let words: Vec<_> = outside.split(' ').map(word).collect();
    Clean::line(&words.join(" ")).as_str().chars().take(MESSAGE).collect()
}

/// Writes it, and removes the oldest beyond those that are kept.
fn write(dir: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    paths::private_dir(dir)?;
    let path = dir.join(name);
    paths::private_new(&path, text.as_bytes())?;
    let mut reports: Vec<PathBuf> = fs::read_dir(dir)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("crash-")))
        .collect();
    reports.sort_unstable();
    let old = reports.len().saturating_sub(KEPT);
    for path in &reports[..old] {
        // One that cannot be removed harms nobody.
        let _ = fs::remove_file(path);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    use super::*;

    const SENTINEL: &str = "sk-sentinel-0123456789abcdef";
    const DIR: &str = "CRASH_TEST_DIR";

    /// Runs this very test once more, in a process of its own, which panics.
    fn crashed(test: &str, times: usize) -> (tempfile::TempDir, String, Vec<PathBuf>) {
        let dir = tempfile::tempdir().unwrap();
        let mut told = String::new();
        for _ in 0..times {
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", test, "--nocapture", "--test-threads=1"])
                .env(DIR, dir.path())
                .env("OPENAI_API_KEY", SENTINEL)
                .output()
                .unwrap();
            told = String::from_utf8(output.stderr).unwrap();
        }
        let entries = fs::read_dir(dir.path().join("crashes")).unwrap();
        let reports = entries.map(|entry| entry.unwrap().path()).collect();
        (dir, told, reports)
    }

    /// In the process that panics.
    fn crash_if_asked() -> bool {
        let Some(dir) = std::env::var_os(DIR) else { return false };
        install(Path::new(&dir));
        let words = "they said milk";
        let wheel = move || panic!("a wheel came off `{words}` {SENTINEL} Some(\"{words}\")\nand {words}");
        thread::Builder::new().name("wheels".to_owned()).spawn(wheel).unwrap().join().unwrap_err();
        true
    }

    #[test]
    fn a_panic_leaves_a_report_for_its_owner_without_secrets_and_tells_the_person_in_two_lines() {
        if crash_if_asked() {
            return;
        }
        let test = "crash::tests::a_panic_leaves_a_report_for_its_owner_without_secrets_and_tells_the_person_in_two_lines";
        let (_dir, told, reports) = crashed(test, 1);
        let [report] = reports.as_slice() else { panic!("{reports:?} {told}") };
        assert_eq!(fs::metadata(report).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(report).unwrap();
        assert!(text.contains("thread:  wheels\n") && text.contains("src/crash.rs:"), "{text}");
        assert!(text.contains("message: a wheel came off `…` […] Some(\"…\")\n"), "{text}");
        assert!(text.contains("crash_if_asked"), "frames: {text}");
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines.len(), 2, "{told}");
        assert!(lines[0].contains("`wheels`") && lines[1].contains(report.to_str().unwrap()), "{told}");
        for secret in [SENTINEL, "milk", "--nocapture", DIR] {
            assert!(!text.contains(secret) && !told.contains(secret), "{secret}: {text} {told}");
        }
    }

    #[test]
    fn five_reports_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        for n in 0..8 {
            write(dir.path(), &format!("crash-{n}.txt"), "text").unwrap();
        }
        let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["crash-3.txt", "crash-4.txt", "crash-5.txt", "crash-6.txt", "crash-7.txt"]);
    }

    #[test]
    fn what_a_message_quotes_is_left_out() {
        for (message, left) in [
            (
                "index out of bounds: the len is 3 but the index is 7",
                "index out of bounds: the len is 3 but the index is 7",
            ),
            (
                "byte index 1 is not a char boundary; it is inside 'ü' of `büro`",
                "byte index 1 is not a char boundary; it is inside 'ü' of `…`",
            ),
            (
                "called `Result::unwrap()` on an `Err` value: Os { code: 2 }",
                "called `…` on an `…` value: Os { code: 2 }",
            ),
            ("an open `quote", "an open `"),
            ("key AbCdEf0123456789AbCdEf0123 here", "key […] here"),
        ] {
            assert_eq!(harmless(message), left);
        }
    }
}
