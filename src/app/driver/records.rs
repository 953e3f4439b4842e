//! What a conversation leaves behind, where that is wanted: the log of its session, what was said, and both voices.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use super::Clock;
use crate::app::{AppConfig, Effect, Keep, Msg};
use crate::conversation::Level;
use crate::protocol::{ClientEvent, ClientMessage};
use crate::recording::wav::Recording;
use crate::recording::{Cut, Tape};
use crate::session_log::writer::{Lines, Writer};
use crate::session_log::{self, Head, Sound};
use crate::{history, kept};

/// Nothing, unless it is asked for.
#[derive(Default)]
pub struct RecordsConfig {
    pub log: Option<LogConfig>,
    pub history: Option<HistoryFiles>,
    pub recording: Option<Recording>,
}

/// Where the log of the session goes.
pub struct LogConfig {
    /// New and empty.
    pub file: File,
    pub sound: Sound,
    /// RFC 3339.
    pub begun: String,
    /// Keys of the actions, as the settings have them.
    pub keys: BTreeMap<String, String>,
}

/// Where what was said is kept.
pub struct HistoryFiles {
    /// For the files of new conversations.
    pub dir: PathBuf,
    /// When the conversation began.
    pub begun: Timestamp,
    /// The file of the conversation that is gone on with, to be appended to.
    pub resumed: Option<File>,
}

pub(super) struct Records {
    clock: Clock,
    log: Option<(Writer<String>, Sound)>,
    history: Option<History>,
    recording: Option<(Writer<Cut>, Tape)>,
    outcomes: mpsc::Sender<Msg>,
}

struct History {
    dir: PathBuf,
    begun: Timestamp,
    /// `None` until there is something to keep.
    file: Option<Writer<String>>,
    /// What is kept now began with its first entry.
    anew: bool,
    failed: bool,
}

impl Records {
    /// What cannot be written is told through `outcomes`, once.
    pub(super) fn start(
        config: RecordsConfig,
        app: &AppConfig,
        clock: Clock,
        outcomes: &mpsc::Sender<Msg>,
    ) -> Self {
        let log = config.log.and_then(|config| {
            let head = Head {
                v: session_log::VERSION,
                program: env!("CARGO_PKG_VERSION").to_owned(),
                begun: config.begun,
                keys: config.keys,
                session: app,
            };
            let writer = started(Lines::new(config.file), warning("the log of this session", outcomes))?;
            writer.send(head.line());
            Some((writer, config.sound))
        });
        let history = config.history.map(|files| History {
            dir: files.dir,
            begun: files.begun,
            file: files.resumed.and_then(|file| keep_in(file, outcomes)),
            anew: false,
            failed: false,
        });
        let recording = config.recording.and_then(|recording| {
            let failed = teller(outcomes, |error| Msg::Unrecorded(unwritten("the recording", error)));
            Some((started(recording, failed)?, Tape::new(app.session.formats().0)))
        });
        Self { clock, log, history, recording, outcomes: outcomes.clone() }
    }

    pub(super) fn happened(&mut self, msg: &Msg, now: Instant) {
        let at = self.clock.since(now);
        if let Some((writer, sound)) = &self.log {
            writer.send(session_log::message(at, msg, *sound));
        }
        if let (Some((writer, tape)), Msg::Audio(event)) = (&mut self.recording, msg) {
            tape.event(event, at).into_iter().for_each(|cut| writer.send(cut));
        }
    }

    /// What the program wants of the world.
    pub(super) fn wanted(&mut self, effect: &Effect, now: Instant) {
        match effect {
            Effect::Send(message) => self.sent(message, now),
            Effect::Audio(command) => {
                if let Some((writer, tape)) = &mut self.recording {
                    tape.command(command).into_iter().for_each(|cut| writer.send(cut));
                }
            }
            Effect::InputFormat(format) => {
                if let Some((_, tape)) = &mut self.recording {
                    tape.format(*format);
                }
            }
            Effect::Rest(false) => self.happened(&Msg::Woken, now),
            _ => {}
        }
    }

    fn sent(&mut self, message: &ClientMessage, now: Instant) {
        let at = self.clock.since(now);
        if let Some((writer, sound)) = &self.log {
            writer.send(session_log::sent(at, message, *sound));
        }
        if let (Some((writer, tape)), ClientEvent::InputAudioBufferAppend { audio }) =
            (&mut self.recording, &message.event)
        {
            writer.send(tape.sent(audio, at));
        }
    }

    pub(super) fn keep(&mut self, keep: Keep) {
        let Some(history) = &mut self.history else { return };
        match keep {
            Keep::Anew => {
                history.file.take().into_iter().for_each(Writer::finish);
                history.anew = true;
            }
            Keep::Entry { at, entry } => {
                let at = history.begun + SignedDuration::try_from(at).unwrap_or_default();
                if history.file.is_none() && !history.failed {
                    history.begin(at, &self.outcomes);
                }
                if let Some(file) = &history.file {
                    file.send(history::entry(at, entry));
                }
            }
        }
    }

    /// All is written, or given up.
    pub(super) fn finish(self) {
        if let Some((writer, mut tape)) = self.recording {
            tape.end(self.clock.since(self.clock.now())).into_iter().for_each(|cut| writer.send(cut));
            writer.finish();
        }
        self.history.and_then(|history| history.file).into_iter().for_each(Writer::finish);
        self.log.into_iter().for_each(|(writer, _)| writer.finish());
    }
}

impl History {
    /// A file for what follows, the first of which was at this time.
    fn begin(&mut self, at: Timestamp, outcomes: &mpsc::Sender<Msg>) {
        match kept::new_in(&self.dir, at) {
            Ok((_, file)) => {
                self.file = keep_in(file, outcomes);
                if let Some(writer) = &self.file {
                    writer.send(history::head(if self.anew { at } else { self.begun }));
                }
            }
            Err(error) => {
                self.failed = true;
                let text = format!("this conversation is not kept in `{}`: {error}", self.dir.display());
                let _ = outcomes.try_send(Msg::Notice { level: Level::Warning, text });
            }
        }
    }
}

fn keep_in(file: File, outcomes: &mpsc::Sender<Msg>) -> Option<Writer<String>> {
    started(Lines::new(file), warning("the conversation", outcomes))
}

fn started<T: session_log::writer::Target>(
    target: T,
    failed: impl FnOnce(&io::Error) + Send + 'static,
) -> Option<Writer<T::Item>> {
    let writer = Writer::start(target, failed);
    writer.inspect_err(|error| tracing::warn!(%error, "no thread to write on")).ok()
}

fn warning(what: &'static str, outcomes: &mpsc::Sender<Msg>) -> impl FnOnce(&io::Error) + Send + 'static {
    teller(outcomes, move |error| Msg::Notice { level: Level::Warning, text: unwritten(what, error) })
}

fn unwritten(what: &str, error: &io::Error) -> String {
    format!("{what} cannot be written any more: {error}; the conversation goes on")
}

fn teller(
    outcomes: &mpsc::Sender<Msg>,
    msg: impl FnOnce(&io::Error) -> Msg + Send + 'static,
) -> impl FnOnce(&io::Error) + Send + 'static {
    let outcomes = outcomes.clone();
    move |error| {
        let _ = outcomes.blocking_send(msg(error));
    }
}
