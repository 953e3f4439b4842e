//! The screen's edge: raw mode, key events, frames. What is drawn is decided elsewhere.
//!
//! The terminal is given back on every way out: drop, panic, suspension, or [`restore`] by whoever handles signals.
//! After a panic that the program survives, the next frame takes the screen again.

use std::fs::File;
use std::future::pending;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crossterm::event::{Event, EventStream, MouseEventKind};
use futures_util::StreamExt;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::process::{Signal, kill_current_process_group};
use tokio::signal::unix::{self, SignalKind};

pub use self::screen::restore;
use super::line::{InputError, LineEvent};
use super::scroll::ScrollStep;
use super::theme::Theme;
use super::view::View;
use super::{Frontend, UserEvent, clipboard, draw};

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

pub struct TerminalFrontend {
    /// `None` until the screen is taken.
    terminal: Option<Terminal<CrosstermBackend<FrameBuffer>>>,
    frame: FrameBuffer,
    events: EventStream,
    /// Arrivals of the signal that continues a stopped process, once keys are waited for.
    continued: Option<unix::Signal>,
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
            events: EventStream::new(),
            continued: None,
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
}

impl Frontend for TerminalFrontend {
    async fn next(&mut self) -> UserEvent {
        if !self.greeted {
            self.greeted = true;
            self.continued = unix::signal(SignalKind::from_raw(Signal::CONT.as_raw())).ok();
            return size();
        }
        while !self.ended {
            let event = tokio::select! {
                event = self.events.next() => event,
                // Whatever stopped the program, the shell has used the terminal in the meantime.
                () = next_signal(&mut self.continued) => {
                    let _ = self.redraw();
                    return size();
                }
            };
            match event {
                Some(Ok(Event::Key(key))) => return UserEvent::Key(key),
                Some(Ok(Event::Paste(text))) => return UserEvent::Paste(text),
                Some(Ok(Event::Resize(columns, rows))) => return UserEvent::Resize { columns, rows },
                Some(Ok(Event::Mouse(mouse))) => match mouse.kind {
                    MouseEventKind::ScrollUp => return UserEvent::Wheel(ScrollStep::Up),
                    MouseEventKind::ScrollDown => return UserEvent::Wheel(ScrollStep::Down),
                    _ => {}
                },
                Some(Ok(Event::FocusGained | Event::FocusLost)) => {}
                Some(Err(error)) => {
                    self.ended = true;
                    return UserEvent::Failed(InputError::Read(error.to_string()));
                }
                None => {
                    self.ended = true;
                    return UserEvent::Eof;
                }
            }
        }
        pending().await
    }

    fn render(&mut self, view: &View) -> io::Result<()> {
        if !screen::is_taken() || self.terminal.is_none() {
            self.open()?;
        }
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

fn size() -> UserEvent {
    let (columns, rows) = crossterm::terminal::size().unwrap_or((80, 24));
    UserEvent::Resize { columns, rows }
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
