use tempfile::TempDir;

use super::*;

fn logged(level: LogLevel, work: impl FnOnce()) -> (TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state/realtime-cli.log");
    let log = LogFile::open(&path, MAX_FILE).unwrap();
    tracing::subscriber::with_default(subscriber(level, Some(log)), work);
    let text = std::fs::read_to_string(path).unwrap();
    (dir, text)
}

#[test]
fn nothing_is_written_unless_asked() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(init(LogLevel::Off, dir.path()).unwrap(), None);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn only_the_programs_own_words_of_the_asked_level_are_written() {
    let (_dir, text) = logged(LogLevel::Info, || {
        tracing::info!("mine");
        tracing::debug!("too fine");
        tracing::error!(target: "rustls::client", "another's");
    });
    assert!(text.contains("mine") && text.contains("INFO"), "{text}");
    assert!(!text.contains("too fine") && !text.contains("another's"), "{text}");
}

#[test]
fn control_characters_are_escaped_and_a_line_stays_one_line() {
    let (_dir, text) = logged(LogLevel::Info, || {
        let hostile = "a\x1b[2Jb\nINFO forged\r\u{9b}31m\u{202e}evil\u{7}";
        tracing::warn!(name = hostile, "{hostile}");
        tracing::warn!("second");
    });
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.chars().all(|c| c == '\n' || is_plain(c)), "{text:?}");
    assert!(text.contains("b\\u{a}INFO forged") || text.contains("b\\nINFO forged"), "{text}");
}

#[cfg(unix)]
#[test]
fn the_log_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, _) = logged(LogLevel::Info, || tracing::info!("x"));
    let mode = |path: &str| std::fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("state"), mode("state/realtime-cli.log")), (0o700, 0o600));
}

#[test]
fn a_full_log_starts_anew_and_keeps_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("realtime-cli.log");
    let line = format!("{}\n", "x".repeat(99));
    for _ in 0..2 {
        let mut log = LogFile::open(&path, 1000).unwrap();
        for _ in 0..17 {
            log.write_all(line.as_bytes()).unwrap();
        }
    }
    let size = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().len();
    assert_eq!((size("realtime-cli.log.1"), size("realtime-cli.log")), (1000, 400));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_log_that_cannot_be_written_says_where_and_what_to_do() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = init(LogLevel::Info, file.path()).unwrap_err().to_string();
    assert!(error.contains(file.path().to_str().unwrap()) && error.contains("--log-level off"), "{error}");
}

#[test]
fn the_last_words_are_kept_for_the_screen_whatever_the_file_gets() {
    let before = recent(0).map_or(0, |(count, _)| count);
    tracing::subscriber::with_default(subscriber(LogLevel::Off, None), || {
        tracing::info!(server = "sentinel\u{1b}[31m", "for the screen");
        tracing::debug!("sentinel of a finer level");
        tracing::error!(target: "rustls::client", "sentinel of another");
    });
    let (count, lines) = recent(before).expect("something is new");
    let mine: Vec<&String> = lines.iter().filter(|line| line.contains("sentinel")).collect();
    assert_eq!(mine.len(), 1, "{lines:?}");
    assert!(mine[0].contains("INFO for the screen") && !mine[0].contains('\u{1b}'), "{mine:?}");
    assert_eq!(recent(count.max(recent(0).map_or(0, |(all, _)| all))), None, "nothing is told twice");
}
