//! The text front end: lines from standard input; answers to standard output, all else to standard error.
//!
//! For scripts, and for terminals that can show no screen. With JSON, one object per line to standard output.

use std::collections::BTreeMap;
use std::future::pending;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::thread;

use serde::Serialize;
use thiserror::Error;
use tokio::sync::mpsc;

use super::view::{NoticeLevel, View};
use super::{Frontend, UserEvent, calls};
use crate::text::Clean;

mod json;
mod reader;

/// The longest line, in bytes.
pub const MAX_LINE: usize = 1 << 20;
/// Lines read ahead.
const AHEAD: usize = 16;
const PROMPT: &str = "> ";

/// Why no more lines can be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InputError {
    #[error("line {line} of the input is longer than {MAX_LINE} bytes; send it in shorter lines")]
    TooLong { line: u64 },
    #[error("line {line} of the input is not UTF-8; convert it, for example with `iconv -t utf-8`")]
    InvalidUtf8 { line: u64 },
    #[error("cannot read the input: {0}")]
    Read(String),
}

/// What happened, for a program to read. `docs/json-lines.md` describes the JSON form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LineEvent {
    /// What was typed needs no answer: the next line is waited for.
    Ready,
    /// What the person said or wrote.
    User {
        text: String,
        item_id: String,
        spoken: bool,
    },
    /// A finished answer; of an interrupted one the whole text that came.
    Assistant {
        text: String,
        item_id: String,
        interrupted: bool,
    },
    /// A function call; `arguments` is the model's JSON, or what it wrote instead.
    ToolCall {
        name: String,
        #[serde(serialize_with = "json::embedded")]
        arguments: String,
        call_id: String,
    },
    /// What the call gave back; `output` likewise.
    ToolResult {
        call_id: String,
        ok: bool,
        #[serde(serialize_with = "json::embedded")]
        output: String,
        /// The same for a person, in a few words, where there are any.
        #[serde(skip)]
        summary: String,
    },
    Notice {
        level: NoticeLevel,
        text: String,
    },
    /// Tokens of one response; the cached ones are among the input tokens.
    Usage {
        input_tokens: u64,
        cached_tokens: u64,
        output_tokens: u64,
        total_tokens: u64,
        /// Where the model's price is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        cost_usd: Option<f64>,
    },
    /// Reminders that are due, or that came due while no program was there.
    Reminder {
        tasks: Vec<DueTask>,
        missed: bool,
        /// The same for a person, in one line.
        #[serde(skip)]
        words: String,
    },
    /// Whose turn it is now; only told to [`Format::Reader`].
    State {
        text: String,
    },
}

/// A task whose reminder is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueTask {
    pub uuid: String,
    pub title: String,
    /// When it was to ring; RFC 3339 in UTC.
    pub remind: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Plain,
    Json,
    /// All of it to standard output, for a person whose screen reader reads what is appended.
    Reader,
}

pub struct LineFrontend {
    events: mpsc::Receiver<UserEvent>,
    ended: bool,
    report: Report,
}

impl LineFrontend {
    /// On the process's own standard streams.
    pub fn new(format: Format) -> io::Result<Self> {
        let prompt = format == Format::Plain && io::stdin().is_terminal() && io::stderr().is_terminal();
        let (out, err) = (Box::new(io::stdout()), Box::new(io::stderr()));
        let report = Report {
            format,
            prompt: prompt.then_some(Prompt::Due),
            typed: false,
            out,
            err,
            calls: BTreeMap::new(),
        };
        Self::start(io::BufReader::new(io::stdin()), report)
    }

    /// Reading has a thread of its own: a read from a terminal cannot be called off, and must hold up no one.
    fn start(input: impl BufRead + Send + 'static, report: Report) -> io::Result<Self> {
        let (sender, events) = mpsc::channel(AHEAD);
        thread::Builder::new().name("input".to_owned()).spawn(move || read_all(input, &sender))?;
        Ok(Self { events, ended: false, report })
    }
}

/// Prints events that nobody answers, such as those of a session that is over.
pub struct Printer(Report);

impl Printer {
    /// To the process's own standard streams; `warnings` go before.
    pub fn new(format: Format, warnings: &[String]) -> Self {
        let (out, err) = (Box::new(io::stdout()), Box::new(io::stderr()));
        let mut printer =
            Self(Report { format, prompt: None, typed: true, out, err, calls: BTreeMap::new() });
        printer.warn(warnings);
        printer
    }

    pub fn warn(&mut self, warnings: &[String]) {
        warnings.iter().for_each(|warning| self.0.aside("!", warning));
    }

    pub fn print(&mut self, event: &LineEvent) -> io::Result<()> {
        self.0.event(event)
    }
}

impl Frontend for LineFrontend {
    async fn next(&mut self) -> UserEvent {
        if self.ended {
            return pending().await;
        }
        self.report.ask();
        let event = self.events.recv().await.unwrap_or(UserEvent::Eof);
        self.ended = !matches!(event, UserEvent::Line(_));
        self.report.asked();
        event
    }

    fn render(&mut self, _view: &View) -> io::Result<()> {
        Ok(())
    }

    fn report(&mut self, event: &LineEvent) -> io::Result<()> {
        self.report.event(event)
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, _text: &str) -> io::Result<()> {
        Ok(())
    }

    fn bell(&mut self) -> io::Result<()> {
        self.report.bell()
    }

    fn redraw(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read_all(mut input: impl BufRead, events: &mpsc::Sender<UserEvent>) {
    for number in 1.. {
        let event = match read_line(&mut input, number) {
            Ok(Some(line)) if line.trim().is_empty() => continue,
            Ok(Some(line)) => UserEvent::Line(line),
            Ok(None) => UserEvent::Eof,
            Err(error) => UserEvent::Failed(error),
        };
        let last = !matches!(event, UserEvent::Line(_));
        if events.blocking_send(event).is_err() || last {
            return;
        }
    }
}

/// `None` at the end. Never holds more than [`MAX_LINE`] and a little.
fn read_line(input: &mut impl BufRead, number: u64) -> Result<Option<String>, InputError> {
    let mut bytes = Vec::new();
    // Room for `\r\n`.
    let mut limited = input.take(MAX_LINE as u64 + 2);
    let read = limited.read_until(b'\n', &mut bytes).map_err(|error| InputError::Read(error.to_string()))?;
    if read == 0 {
        return Ok(None);
    }
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > MAX_LINE {
        return Err(InputError::TooLong { line: number });
    }
    let line = std::str::from_utf8(line).map_err(|_| InputError::InvalidUtf8 { line: number })?;
    Ok(Some(line.to_owned()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prompt {
    Due,
    /// On screen, waiting for a line.
    Shown,
    /// Waits for the answer.
    Hidden,
}

struct Report {
    format: Format,
    /// `None` when nobody sits at the terminal.
    prompt: Option<Prompt>,
    /// What was typed is told, too: nobody has seen it.
    typed: bool,
    out: Box<dyn Write + Send>,
    /// Failing to write here is no reason to stop.
    err: Box<dyn Write + Send>,
    /// Names of the calls that run.
    calls: BTreeMap<String, String>,
}

impl Report {
    fn event(&mut self, event: &LineEvent) -> io::Result<()> {
        match self.format {
            Format::Plain => self.plain(event),
            Format::Json if *event == LineEvent::Ready => Ok(()),
            Format::Json => self.answer(&json::line(event)?),
            Format::Reader => match reader::line(event, &mut self.calls) {
                Some(line) => self.answer(&format!("{line}\n")),
                None => Ok(()),
            },
        }
    }

    fn plain(&mut self, event: &LineEvent) -> io::Result<()> {
        match event {
            LineEvent::User { text, spoken, .. } if *spoken || self.typed => self.aside("you:", text),
            LineEvent::User { .. } | LineEvent::Usage { .. } | LineEvent::State { .. } => {}
            LineEvent::Ready => self.prompt = self.prompt.map(|_| Prompt::Due),
            // It ended before its first word; a notice has told why.
            LineEvent::Assistant { text, .. } if text.trim().is_empty() => {
                self.end_prompt();
                self.prompt = self.prompt.map(|_| Prompt::Due);
            }
            LineEvent::Assistant { text, interrupted, .. } => {
                let text = Clean::new(text);
                let mark = if *interrupted { " — interrupted" } else { "" };
                self.end_prompt();
                self.answer(&format!("{}{mark}\n", text.as_str().trim_end()))?;
                self.prompt = self.prompt.map(|_| Prompt::Due);
            }
            LineEvent::ToolCall { name, arguments, call_id } => {
                self.aside("·", &format!("{name} {}", calls::words(arguments)));
                self.calls.insert(call_id.clone(), name.clone());
            }
            LineEvent::ToolResult { call_id, ok, output, .. } => {
                let name = self.calls.remove(call_id).unwrap_or_else(|| "a call".to_owned());
                if !ok {
                    self.aside("!", &format!("{name} failed: {}", calls::reason(output)));
                }
            }
            LineEvent::Reminder { words, .. } => self.tell(words),
            LineEvent::Notice { level: NoticeLevel::Info, text } => self.aside("·", text),
            LineEvent::Notice { level: NoticeLevel::Warning, text } => self.aside("!", text),
            LineEvent::Notice { level: NoticeLevel::Error, text } => {
                self.aside("!", &format!("error: {text}"));
            }
        }
        Ok(())
    }

    fn answer(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    fn aside(&mut self, mark: &str, text: &str) {
        self.end_prompt();
        let _ = writeln!(self.err, "{mark} {}", Clean::line(text).as_str().trim_end());
    }

    /// For a person at a terminal alone.
    fn bell(&mut self) -> io::Result<()> {
        match self.format {
            Format::Plain if self.prompt.is_some() => {
                self.err.write_all(b"\x07").and_then(|()| self.err.flush())
            }
            Format::Reader => self.answer("\x07"),
            Format::Plain | Format::Json => Ok(()),
        }
    }

    /// Without a mark, so that a script finds it at the beginning of its line.
    fn tell(&mut self, text: &str) {
        self.end_prompt();
        let _ = writeln!(self.err, "{}", Clean::line(text).as_str().trim_end());
    }

    fn ask(&mut self) {
        if self.prompt == Some(Prompt::Due) {
            self.prompt = Some(Prompt::Shown);
            let _ = write!(self.err, "{PROMPT}").and_then(|()| self.err.flush());
        }
    }

    /// The person's Enter ended the prompt's line.
    fn asked(&mut self) {
        self.prompt = self.prompt.map(|_| Prompt::Hidden);
    }

    /// Something is to be written while a person may be typing.
    fn end_prompt(&mut self) {
        if self.prompt == Some(Prompt::Shown) {
            self.prompt = Some(Prompt::Due);
            let _ = writeln!(self.err);
        }
    }
}

#[cfg(test)]
mod tests;
