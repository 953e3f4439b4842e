//! `realtime-cli purge`: lists what the program keeps of conversations, and deletes it.

use std::fs;
use std::io::{self, BufRead, IsTerminal as _, Write};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::Failure;
use crate::cli::Exit;
use crate::config::{Config, Paths};
use crate::kept::{self, Kind};
use crate::text::Clean;

const WITHOUT_YES: &str = "nothing was deleted; add --yes to delete without being asked";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct PurgeArgs {
    /// Logs: of the program, and of sessions
    #[arg(long)]
    pub logs: bool,
    /// Recordings of voices, by `--record`
    #[arg(long)]
    pub recordings: bool,
    /// Conversations that were kept, by `history.keep`
    #[arg(long)]
    pub conversations: bool,
    /// All of these
    #[arg(long)]
    pub all: bool,
    /// Delete without being asked
    #[arg(short, long)]
    pub yes: bool,
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Found {
    kind: Kind,
    path: PathBuf,
    bytes: u64,
}

#[derive(Serialize)]
struct Report<'a> {
    v: u32,
    files: &'a [Found],
    deleted: usize,
    /// Why a file could not be deleted.
    errors: Vec<String>,
}

/// Who is asked: `None` where nobody can be.
type Ask<'a> = &'a mut dyn FnMut(&str) -> io::Result<Option<bool>>;

pub fn run(args: PurgeArgs, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    purge(args, &config.paths, out, &mut ask)
}

fn purge(args: PurgeArgs, paths: &Paths, out: &mut dyn Write, ask: Ask<'_>) -> Result<Exit, Failure> {
    let chosen = kinds(args);
    let looks_only = chosen.is_empty();
    let found =
        found(paths, if looks_only { &[Kind::Log, Kind::Recording, Kind::Conversation] } else { &chosen });
    if !args.json {
        list(&found, out)?;
        if looks_only && !found.is_empty() {
            writeln!(out, "--logs, --recordings, --conversations or --all deletes them")?;
        }
    }
    if looks_only || found.is_empty() {
        return report(args, &found, 0, vec![], out);
    }
    if !args.yes {
        let question = format!("delete {}? [y/N] ", counted(&found));
        // A program that reads JSON cannot answer.
        match if args.json { None } else { ask(&question)? } {
            Some(true) => {}
            Some(false) => {
                writeln!(out, "nothing was deleted")?;
                return Ok(Exit::Failure);
            }
            None => return Err(Failure::new(Exit::Usage, anyhow::anyhow!(WITHOUT_YES))),
        }
    }
    let (mut deleted, mut errors) = (0, Vec::new());
    for file in &found {
        match fs::remove_file(&file.path) {
            Ok(()) => deleted += 1,
            Err(error) => errors.push(format!("cannot delete `{}`: {error}", file.path.display())),
        }
    }
    if let Err(error) = kept::forget_missing(paths) {
        errors.push(format!("the list of files elsewhere cannot be changed: {error}"));
    }
    report(args, &found, deleted, errors, out)
}

fn kinds(args: PurgeArgs) -> Vec<Kind> {
    let wanted = [
        (args.logs, Kind::Log),
        (args.recordings, Kind::Recording),
        (args.conversations, Kind::Conversation),
    ];
    wanted.into_iter().filter(|(wanted, _)| *wanted || args.all).map(|(_, kind)| kind).collect()
}

fn found(paths: &Paths, kinds: &[Kind]) -> Vec<Found> {
    let files = |kind: Kind| {
        let mut files = match kind {
            Kind::Log => kept::logs(paths),
            Kind::Recording => Vec::new(),
            Kind::Conversation => kept::files_in(&kept::conversations_dir(paths)),
        };
        files.extend(kept::elsewhere(paths, kind));
        files.sort();
        files.dedup();
        files.into_iter().filter_map(move |path| {
            let bytes = fs::symlink_metadata(&path).ok()?.len();
            Some(Found { kind, path, bytes })
        })
    };
    kinds.iter().flat_map(|kind| files(*kind)).collect()
}

fn list(found: &[Found], out: &mut dyn Write) -> io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "nothing is kept");
    }
    for file in found {
        let kind = match file.kind {
            Kind::Log => "log",
            Kind::Recording => "recording",
            Kind::Conversation => "conversation",
        };
        let path = Clean::line(&file.path.display().to_string());
        writeln!(out, "{kind:<12}  {:>9}  {path}", size(file.bytes))?;
    }
    Ok(())
}

fn report(
    args: PurgeArgs,
    found: &[Found],
    deleted: usize,
    errors: Vec<String>,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let exit = if errors.is_empty() { Exit::Ok } else { Exit::Failure };
    if args.json {
        let report = Report { v: 1, files: found, deleted, errors };
        let text = serde_json::to_string_pretty(&report).map_err(io::Error::from)?;
        writeln!(out, "{text}")?;
        return Ok(exit);
    }
    for error in &errors {
        writeln!(out, "{}", Clean::line(error))?;
    }
    if deleted > 0 {
        writeln!(out, "deleted {deleted} {}", if deleted == 1 { "file" } else { "files" })?;
    }
    Ok(exit)
}

fn counted(found: &[Found]) -> String {
    let bytes = found.iter().map(|file| file.bytes).sum();
    format!("{} {} ({})", found.len(), if found.len() == 1 { "file" } else { "files" }, size(bytes))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// Only where a person can read the question and answer it.
fn ask(question: &str) -> io::Result<Option<bool>> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    let mut stderr = io::stderr();
    stderr.write_all(question.as_bytes())?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::paths::{private_append, private_dir};

    fn paths(home: &Path) -> Paths {
        let dir = |name: &str| home.join(name);
        Paths {
            config_dir: dir("config"),
            data_dir: dir("data"),
            state_dir: dir("state"),
            cache_dir: dir("cache"),
        }
    }

    fn write(path: &Path) {
        private_dir(path.parent().unwrap()).unwrap();
        private_append(path).unwrap().write_all(b"12345").unwrap();
    }

    /// One of each kind, and what is none of our business.
    fn home() -> (tempfile::TempDir, Paths) {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        for name in [
            "state/realtime-cli.log",
            "state/sessions/a.jsonl",
            "state/conversations/b.jsonl",
            "state/devices.toml",
            "data/tasks.sqlite3",
            "elsewhere/you.wav",
        ] {
            write(&dir.path().join(name));
        }
        kept::remember(&paths, Kind::Recording, &[dir.path().join("elsewhere/you.wav")]);
        (dir, paths)
    }

    fn purged(args: PurgeArgs, paths: &Paths, answer: Option<bool>) -> (Result<Exit, Failure>, String) {
        let mut out = Vec::new();
        let exit = purge(args, paths, &mut out, &mut |_| Ok(answer));
        (exit, String::from_utf8(out).unwrap())
    }

    fn left(dir: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for below in ["state", "state/sessions", "state/conversations", "data", "elsewhere"] {
            for entry in fs::read_dir(dir.join(below)).unwrap().flatten().filter(|e| e.path().is_file()) {
                names.push(entry.file_name().into_string().unwrap());
            }
        }
        names.sort();
        names
    }

    #[test]
    fn without_a_choice_it_only_lists() {
        let (dir, paths) = home();
        let before = left(dir.path());
        let (exit, text) = purged(PurgeArgs::default(), &paths, Some(true));
        assert_eq!(exit.unwrap(), Exit::Ok);
        for name in ["realtime-cli.log", "a.jsonl", "b.jsonl", "you.wav", "--all"] {
            assert!(text.contains(name), "{name}: {text}");
        }
        assert!(!text.contains("devices.toml") && !text.contains("sqlite"), "{text}");
        assert_eq!(left(dir.path()), before);
    }

    #[test]
    fn only_what_was_chosen_goes() {
        let (dir, paths) = home();
        let logs = PurgeArgs { logs: true, yes: true, ..PurgeArgs::default() };
        assert_eq!(purged(logs, &paths, None).0.unwrap(), Exit::Ok);
        assert_eq!(
            left(dir.path()),
            ["b.jsonl", "devices.toml", "tasks.sqlite3", "written.jsonl", "you.wav"]
        );
        let all = PurgeArgs { all: true, ..PurgeArgs::default() };
        assert_eq!(purged(all, &paths, Some(true)).0.unwrap(), Exit::Ok);
        assert_eq!(left(dir.path()), ["devices.toml", "tasks.sqlite3"]);
        let (exit, text) = purged(all, &paths, None);
        assert_eq!((exit.unwrap(), text.as_str()), (Exit::Ok, "nothing is kept\n"));
    }

    #[test]
    fn a_no_and_nobody_to_ask_delete_nothing() {
        let (dir, paths) = home();
        let before = left(dir.path());
        let all = PurgeArgs { all: true, ..PurgeArgs::default() };
        assert_eq!(purged(all, &paths, Some(false)).0.unwrap(), Exit::Failure);
        assert_eq!(purged(all, &paths, None).0.unwrap_err().exit, Exit::Usage);
        let json = PurgeArgs { json: true, ..all };
        assert_eq!(purged(json, &paths, Some(true)).0.unwrap_err().exit, Exit::Usage);
        assert_eq!(left(dir.path()), before);
    }

    #[test]
    fn json_tells_what_was_deleted() {
        let (_dir, paths) = home();
        let all = PurgeArgs { recordings: true, yes: true, json: true, ..PurgeArgs::default() };
        let (_, text) = purged(all, &paths, None);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&value["deleted"], &value["files"][0]["kind"]), (&1.into(), &"recording".into()));
    }
}
