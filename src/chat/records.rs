//! The files that a conversation leaves behind, opened before it begins, and the one that it goes on with. What cannot
//! be read or written is told, and the conversation goes on without it.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::HistoryConfig;
use crate::app::driver::{HistoryFiles, LogConfig, RecordsConfig};
use crate::cli::ChatArgs;
use crate::config::{Config, paths};
use crate::conversation::Level;
use crate::recording::wav::Recording;
use crate::session_log::Sound;
use crate::{history, kept};

const NOT_KEPT: &str = "no conversation is kept to go on with: with `history.keep = true` in the settings the next one \
    is (`realtime-cli config path` names the file)";
const NONE_YET: &str = "no conversation is kept yet to go on with; this is the first one";

/// What is asked for, and what there is to tell of it.
#[derive(Default)]
pub(super) struct Records {
    pub(super) config: RecordsConfig,
    pub(super) history: HistoryConfig,
    pub(super) news: Vec<(Level, String)>,
}

pub(super) fn open(args: &ChatArgs, config: &Config, now: Timestamp) -> Records {
    kept::expire(&config.paths, config.settings.history.days, now);
    let mut records = Records::default();
    records.log(args, config, now);
    records.history(args, config, now);
    records.recording(args, config, now);
    records
}

impl Records {
    fn warn(&mut self, text: String) {
        self.news.push((Level::Warning, text));
    }

    fn log(&mut self, args: &ChatArgs, config: &Config, now: Timestamp) {
        let keys = &config.settings.keys;
        match log_file(args, config, now) {
            None => {}
            Some(Err(why)) => self.warn(why),
            Some(Ok(file)) => {
                self.config.log = Some(LogConfig {
                    file,
                    sound: if args.log_audio { Sound::Kept } else { Sound::Length },
                    begun: now.to_string(),
                    keys: keys.iter().map(|(name, keys)| ((*name).to_owned(), keys.clone())).collect(),
                });
            }
        }
    }

    fn history(&mut self, args: &ChatArgs, config: &Config, now: Timestamp) {
        let keep = config.settings.history.keep;
        let dir = kept::conversations_dir(&config.paths);
        self.history.keep = keep;
        let mut files = HistoryFiles { dir, begun: now, resumed: None };
        if args.resume {
            match kept::newest_conversation(&config.paths) {
                Some(path) => self.resume(&path, &mut files, now),
                None if keep => self.news.push((Level::Info, NONE_YET.to_owned())),
                None => self.warn(NOT_KEPT.to_owned()),
            }
        }
        self.config.history = keep.then_some(files);
    }

    fn resume(&mut self, path: &Path, files: &mut HistoryFiles, now: Timestamp) {
        let read = fs::read(path).map_err(|error| error.to_string());
        let kept = match read.and_then(|bytes| history::read(&bytes)) {
            Ok(kept) => kept,
            Err(why) => {
                let path = path.display();
                return self.warn(format!(
                    "the last conversation cannot be gone on with: `{path}`: {why}; this is a new one"
                ));
            }
        };
        let when = kept.begun.to_zoned(TimeZone::system()).strftime("%-d %B %Y, %H:%M");
        self.news.push((Level::Info, format!("going on with the conversation of {when}")));
        if !kept.damaged.is_empty() {
            let lines: Vec<_> = kept.damaged.iter().take(5).map(ToString::to_string).collect();
            let (count, path) = (kept.damaged.len(), path.display());
            self.warn(format!("{count} damaged lines of `{path}` are left out: {}", lines.join(", ")));
        }
        if self.history.keep {
            files.begun = kept.begun;
            match append(path) {
                Ok(file) => files.resumed = Some(file),
                Err(error) => self.warn(format!("what is said now goes into a new file: {error}")),
            }
        }
        self.history.resumed = Some(kept.resumed(now));
    }

    fn recording(&mut self, args: &ChatArgs, config: &Config, now: Timestamp) {
        let Some(dir) = &args.record else { return };
        match Recording::create(dir, now) {
            Ok((recording, files)) => {
                kept::remember(&config.paths, kept::Kind::Recording, &files);
                self.config.recording = Some(recording);
                let text = format!("recording your voice and the assistant's in `{}`", dir.display());
                self.news.push((Level::Info, text));
            }
            Err(error) => self.warn(format!("nothing is recorded in `{}`: {error}", dir.display())),
        }
    }
}

/// A half line at the end, of a program that was killed, is ended.
fn append(path: &Path) -> io::Result<File> {
    use io::Write as _;
    let mut file = paths::private_append(path)?;
    if fs::read(path)?.last().is_some_and(|byte| *byte != b'\n') {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

/// `None` when no log is asked for.
fn log_file(args: &ChatArgs, config: &Config, now: Timestamp) -> Option<Result<File, String>> {
    let named = |path: &Path, error: &io::Error| {
        let why = match error.kind() {
            io::ErrorKind::AlreadyExists => "it is there already; name another file".to_owned(),
            _ => error.to_string(),
        };
        format!("this session is not logged to `{}`: {why}", path.display())
    };
    if let Some(path) = &args.log {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let file = paths::private_create(&path).map_err(|error| named(&path, &error));
        return Some(file.inspect(|_| kept::remember(&config.paths, kept::Kind::Log, &[path])));
    }
    if !(config.settings.log_sessions || args.log_audio) {
        return None;
    }
    let dir = kept::sessions_dir(&config.paths);
    Some(kept::new_in(&dir, now).map(|(_, file)| file).map_err(|error| named(&dir, &error)))
}
