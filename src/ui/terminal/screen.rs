//! The terminal's modes and standard error while the screen is up. One per process, as the terminal is.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use crate::stderr::Diverted;

struct Screen {
    taken: bool,
    /// The wheel is reported.
    mouse: bool,
    /// Where standard error goes meanwhile.
    log: Option<File>,
    /// While standard error is there.
    stderr: Option<Diverted>,
}

/// Buttons and the wheel, without movement, in the form that has no limit of columns.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

static SCREEN: Mutex<Screen> = Mutex::new(Screen { taken: false, mouse: false, log: None, stderr: None });

/// Nothing panics while this is held, or the panic hook would wait for ever.
fn screen() -> MutexGuard<'static, Screen> {
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn is_taken() -> bool {
    screen().taken
}

pub(super) fn keep_log(log: Option<File>) {
    screen().log = log;
}

pub(super) fn keep_mouse(mouse: bool) {
    screen().mouse = mouse;
}

pub(super) fn enter() -> io::Result<()> {
    let mut screen = screen();
    if screen.taken {
        return Ok(());
    }
    enable_raw_mode()?;
    screen.taken = true;
    screen.divert_stderr()?;
    let mut modes = Vec::new();
    queue!(modes, EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste, Hide)?;
    if screen.mouse {
        modes.extend_from_slice(MOUSE_ON);
    }
    write(&modes)
}

/// Gives the terminal back as it was. Does nothing when it has been given back already.
///
/// What fails on the way is passed over: there is nothing left to report it to.
pub fn restore() {
    let mut screen = screen();
    if !screen.taken {
        return;
    }
    screen.taken = false;
    let mut modes = if screen.mouse { MOUSE_OFF.to_vec() } else { Vec::new() };
    let queued = queue!(modes, EndSynchronizedUpdate, DisableBracketedPaste, Show, LeaveAlternateScreen);
    let _ = queued.and_then(|()| write(&modes));
    let _ = disable_raw_mode();
    screen.return_stderr();
}

/// Writes a frame so that the terminal shows it at once.
pub(super) fn show(frame: &[u8]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(frame.len() + 16);
    queue!(bytes, BeginSynchronizedUpdate)?;
    bytes.extend_from_slice(frame);
    queue!(bytes, EndSynchronizedUpdate)?;
    write(&bytes)
}

/// The terminal is right again before the panic's message is written.
pub(super) fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            previous(panic);
        }));
    });
}

pub(super) fn write(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

impl Screen {
    /// Sound libraries write their complaints there, over the screen. A person's own redirection stays.
    fn divert_stderr(&mut self) -> io::Result<()> {
        if !io::stderr().is_terminal() {
            return Ok(());
        }
        self.stderr = Some(match &self.log {
            Some(log) => Diverted::to(log)?,
            None => Diverted::to_nothing()?,
        });
        Ok(())
    }

    fn return_stderr(&mut self) {
        self.stderr = None;
    }
}
