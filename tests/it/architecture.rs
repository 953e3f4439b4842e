//! Who may import whom, as ARCHITECTURE.md has it.

use std::fs;
use std::path::{Path, PathBuf};

/// A module, and the modules of ours that it may name. What is not listed may name anything.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("pcm", &[]),
    ("resample", &[]),
    ("g711", &[]),
    ("codec", &["g711", "pcm", "protocol", "resample"]),
    ("text", &[]),
    ("protocol", &["pcm"]),
    ("conversation", &["protocol", "pcm"]),
    ("cost", &["protocol"]),
    ("vad", &["pcm", "resample"]),
    ("denoise", &[]),
    ("audio", &["pcm", "resample", "vad"]),
    ("transport", &["protocol", "text"]),
    ("http", &["text", "transport::auth"]),
    ("tasks", &["text"]),
    ("tools", &["tasks", "text"]),
    ("reminders", &["tasks", "text"]),
    ("stderr", &[]),
    ("ui", &["text", "stderr"]),
    (
        "config",
        &[
            "text",
            "protocol::Dialect",
            "protocol::dialect",
            "transport::Endpoint",
            "transport::auth",
            "audio::EchoMode",
            "http::Endpoint",
            "keyring",
        ],
    ),
    ("keyring", &["transport::auth"]),
    ("crash", &["config::paths", "text"]),
    ("hardening", &[]),
    ("logging", &["config", "text"]),
    (
        "server",
        &["protocol", "pcm", "codec", "resample", "vad", "denoise", "transport::socket", "text", "http"],
    ),
];

/// A foreign crate, and the only places that may name it.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("cpal", &["audio/device.rs", "audio/device/"]),
    ("pulseaudio", &["audio/device/pulse.rs", "audio/device/pulse/"]),
    ("rubato", &["resample.rs"]),
    ("tokio_tungstenite", &["transport/socket.rs", "transport/wire.rs", "server/socket.rs"]),
    ("ureq", &["http.rs"]),
    ("md5", &["models/checksum.rs"]),
    ("sha1", &["models/checksum.rs"]),
    ("sha2", &["models/checksum.rs"]),
    ("whisper_rs", &["server/recognizer/whisper.rs"]),
    ("taskchampion", &["tasks.rs", "tasks/"]),
    ("rusqlite", &["tasks/database.rs", "tasks/database/"]),
    ("ratatui", &["ui.rs", "ui/"]),
    ("crossterm", &["ui.rs", "ui/"]),
    ("secret_service", &["keyring.rs"]),
    ("security_framework", &["keyring.rs"]),
    ("earshot", &["vad.rs"]),
    ("sonora", &["audio/canceller.rs", "denoise.rs"]),
    ("pocketsphinx", &["server/recognizer.rs", "server/recognizer/"]),
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    assert!(files.len() > 20, "the sources are not where they should be");
    files
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(path).expect("source is text"))
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn is_test(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/")
}

/// Lines of code, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(i, l)| (i + 1, l)).filter(|(_, l)| !l.trim_start().starts_with("//"))
}

#[test]
fn modules_import_only_what_they_may() {
    let mut broken = Vec::new();
    for (name, text) in sources().iter().filter(|(name, _)| !is_test(name)) {
        let module = name.split(['/', '.']).next().expect("a name");
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(m, _)| *m == module) else { continue };
        for (line, content) in code(text) {
            for (_, rest) in content.match_indices("crate::").map(|(i, m)| content.split_at(i + m.len())) {
                let named = rest.split([';', ',', ' ', '(', '{', ')', '>', '<']).next().expect("a path");
                let own = named.split("::").next() == Some(module);
                if !own && !allowed.iter().any(|a| named == *a || named.starts_with(&format!("{a}::"))) {
                    broken.push(format!("src/{name}:{line}: {module} must not name crate::{named}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn foreign_crates_stay_in_their_places() {
    let mut broken = Vec::new();
    for (name, text) in sources().iter().filter(|(name, _)| !is_test(name)) {
        for (krate, places) in ONLY_IN {
            if places.iter().any(|p| name == p || name.starts_with(p)) {
                continue;
            }
            for (line, content) in code(text).filter(|(_, c)| c.contains(&format!("{krate}::"))) {
                broken.push(format!("src/{name}:{line}: {krate} is not for here: {}", content.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn files_are_short_and_modules_have_no_mod_rs() {
    for (name, text) in sources() {
        assert!(!name.ends_with("mod.rs"), "src/{name}: use foo.rs beside foo/");
        let lines = text.lines().count();
        assert!(is_test(&name) || lines <= 620, "src/{name} has {lines} lines: split it");
    }
}

/// Whoever panics gives back the terminal, which writes to standard output; were it locked for a whole run, that
/// thread would wait for ever, and everyone who draws behind it.
#[test]
fn standard_output_is_not_locked_for_a_whole_run() {
    let sources = sources();
    let (_, main) = sources.iter().find(|(name, _)| name == "main.rs").expect("main.rs");
    assert!(code(main).all(|(_, line)| !line.contains("stdout().lock()")), "{main}");
}
