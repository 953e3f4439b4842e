//! The screen's edge: raw mode, key events, frames. What is drawn is decided elsewhere.
//!
//! The terminal is given back on every way out: drop, panic, suspension, or [`restore`] by whoever handles signals.
//! After a panic that the program survives, the next frame takes the screen again.

use std::fs::File;
use std::future::pending;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::process::{Signal, kill_current_process_group};
use tokio::signal::unix::{self, SignalKind};
use tokio::sync::mpsc;
use tokio::time::Instant;

use self::decode::{Decoder, Input};
pub use self::screen::restore;
use super::line::{InputError, LineEvent};
use super::talk_key::Method;
use super::theme::Theme;
use super::view::{Mode, View};
use super::{Frontend, UserEvent, clipboard, draw};

mod decode;
mod reader;
mod screen;

/// Whether a screen can be shown: a person at both ends, and a terminal that can move its cursor.
///
/// `term` is the variable `TERM`.
pub fn available(term: Option<&str>) -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && term != Some("dumb")
}

/// Whether the wheel scrolls; off until it is said before the screen is taken.
pub fn use_mouse(mouse: bool) {
    screen::keep_mouse(mouse);
}

/// Whether tmux or screen is between the program and the terminal: neither passes the release of a key on.
///
/// `term` and `tmux` are the variables `TERM` and `TMUX`.
pub fn is_multiplexed(term: Option<&str>, tmux: Option<&str>) -> bool {
    let by_name = term.is_some_and(|term| term.starts_with("tmux") || term.starts_with("screen"));
    by_name || tmux.is_some_and(|tmux| !tmux.is_empty())
}

pub struct TerminalFrontend {
    /// `None` until the screen is taken.
    terminal: Option<Terminal<CrosstermBackend<FrameBuffer>>>,
    frame: FrameBuffer,
    bytes: mpsc::Receiver<io::Result<Vec<u8>>>,
    decoder: Decoder,
    /// When what has arrived has to be made sense of without more.
    quiet_at: Option<Instant>,
    /// Arrivals of the signal that continues a stopped process, once keys are waited for.
    continued: Option<unix::Signal>,
    /// Likewise, of the one that tells of another size.
    resized: Option<unix::Signal>,
    multiplexed: bool,
    greeted: bool,
    ended: bool,
}

impl TerminalFrontend {
    /// Takes the screen. While it is up, what libraries write to standard error goes to `log`, or nowhere.
    pub fn new(log: Option<File>) -> io::Result<Self> {
        screen::restore_on_panic();
        screen::keep_log(log);
        let mut frontend = Self {
            terminal: None,
            frame: FrameBuffer::default(),
            bytes: reader::bytes()?,
            decoder: Decoder::default(),
            quiet_at: None,
            continued: None,
            resized: None,
            multiplexed: is_multiplexed(variable("TERM").as_deref(), variable("TMUX").as_deref()),
            greeted: false,
            ended: false,
        };
        frontend.open()?;
        Ok(frontend)
    }

    fn open(&mut self) -> io::Result<()> {
        screen::enter()?;
        // Not cleared through ratatui, which would ask the terminal where its cursor is, and wait.
        self.terminal = Some(Terminal::new(CrosstermBackend::new(self.frame.clone()))?);
        Ok(())
    }

    /// Bytes from the terminal, or their end.
    fn take(&mut self, bytes: Option<io::Result<Vec<u8>>>) -> Option<UserEvent> {
        match bytes {
            Some(Ok(bytes)) => {
                self.decoder.push(&bytes);
                self.wait_for_quiet();
                None
            }
            Some(Err(error)) => {
                self.ended = true;
                Some(UserEvent::Failed(InputError::Read(error.to_string())))
            }
            None => {
                self.ended = true;
                Some(UserEvent::Eof)
            }
        }
    }

    fn take_as_it_is(&mut self) {
        self.decoder.quiet();
        self.wait_for_quiet();
    }

    fn wait_for_quiet(&mut self) {
        self.quiet_at = self.decoder.patience().map(|patience| Instant::now() + patience);
    }

    /// Only push-to-talk needs more of the keyboard than every terminal sends. So in the other modes, letters and
    /// chords come as they always did, whatever a terminal makes of the protocol.
    fn wants_releases(&self, view: &View) -> bool {
        let wanted = match view.talk.method {
            Method::Auto => !self.multiplexed,
            Method::Hold => true,
            Method::Repeat | Method::Toggle => false,
        };
        wanted && view.mode == Mode::PushToTalk
    }
}

impl Frontend for TerminalFrontend {
    async fn next(&mut self) -> UserEvent {
        if !self.greeted {
            self.greeted = true;
            self.continued = unix::signal(SignalKind::from_raw(Signal::CONT.as_raw())).ok();
            self.resized = unix::signal(SignalKind::window_change()).ok();
            return size();
        }
        loop {
            if let Some(input) = self.decoder.next() {
                return event(input);
            }
            if self.ended {
                return pending().await;
            }
            tokio::select! {
                bytes = self.bytes.recv() => {
                    if let Some(end) = self.take(bytes) {
                        return end;
                    }
                }
                () = until(self.quiet_at) => self.take_as_it_is(),
                // Whatever stopped the program, the shell has used the terminal in the meantime.
                () = next_signal(&mut self.continued) => {
                    let _ = self.redraw();
                    return size();
                }
                () = next_signal(&mut self.resized) => return size(),
            }
        }
    }

    fn render(&mut self, view: &View) -> io::Result<()> {
        if !screen::is_taken() || self.terminal.is_none() {
            self.open()?;
        }
        screen::report_keys(self.wants_releases(view))?;
        let Some(terminal) = &mut self.terminal else { return Ok(()) };
        crossterm::style::force_color_output(view.theme != Theme::Plain);
        terminal.draw(|frame| draw(view, frame))?;
        let frame = self.frame.take();
        screen::show(&if view.theme == Theme::Plain { without_attributes(&frame) } else { frame })
    }

    fn report(&mut self, _event: &LineEvent) -> io::Result<()> {
        Ok(())
    }

    /// Comes back when the shell continues the program. Without a shell that can, it comes back at once.
    fn suspend(&mut self) -> io::Result<()> {
        self.redraw()?;
        // As the terminal itself does it: everyone in the pipeline stops.
        kill_current_process_group(Signal::TSTP)?;
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        if screen::is_taken() { screen::write(clipboard::sequence(text).as_bytes()) } else { Ok(()) }
    }

    fn bell(&mut self) -> io::Result<()> {
        if screen::is_taken() { screen::write(b"\x07") } else { Ok(()) }
    }

    /// Modes that someone else changed come right again, too.
    fn redraw(&mut self) -> io::Result<()> {
        restore();
        self.terminal = None;
        Ok(())
    }
}

impl Drop for TerminalFrontend {
    fn drop(&mut self) {
        restore();
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn event(input: Input) -> UserEvent {
    match input {
        Input::Key(key) => UserEvent::Key(key),
        Input::Paste(text) => UserEvent::Paste(text),
        Input::FocusLost => UserEvent::FocusLost,
        Input::Wheel(step) => UserEvent::Wheel(step),
        Input::Keyboard { releases } => UserEvent::Keyboard { releases },
    }
}

fn size() -> UserEvent {
    let (columns, rows) = crossterm::terminal::size().unwrap_or((80, 24));
    UserEvent::Resize { columns, rows }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => pending().await,
    }
}

async fn next_signal(signal: &mut Option<unix::Signal>) {
    let arrived = match signal {
        Some(signal) => signal.recv().await,
        None => None,
    };
    if arrived.is_none() {
        pending::<()>().await;
    }
}

/// Collects a frame, so that it goes out in one piece.
#[derive(Clone, Default)]
struct FrameBuffer(Arc<Mutex<Vec<u8>>>);

impl FrameBuffer {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for FrameBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// The frame is not finished yet.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The frame without `CSI … m`; the backend resets attributes even where none are set.
fn without_attributes(frame: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(frame.len());
    let mut rest = frame;
    while let Some(start) = rest.windows(2).position(|pair| pair == b"\x1b[") {
        let parameters = &rest[start + 2..];
        let Some(end) = parameters.iter().position(|byte| (b'@'..=b'~').contains(byte)) else { break };
        let next = start + 2 + end + 1;
        let kept = if parameters[end] == b'm' { start } else { next };
        out.extend_from_slice(&rest[..kept]);
        rest = &rest[next..];
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests;
