//! Half-duplex from when the assistant has heard itself until another device is in use: its echo may be a better one.

use std::time::Instant;

use super::{App, Effect};
use crate::audio::{AudioCommand, EchoMode};
use crate::conversation::{Input, Level};

#[derive(Debug)]
pub(super) struct Echo {
    /// What the person asked for.
    mode: EchoMode,
    /// Half-duplex instead.
    forced: bool,
}

impl Echo {
    pub(super) fn new(mode: EchoMode) -> Self {
        Self { mode, forced: false }
    }
}

impl App {
    /// What the person wants from now on.
    pub(super) fn choose_echo(&mut self, mode: EchoMode) {
        self.echo = Echo::new(mode);
        self.set_echo(mode);
    }

    pub(super) fn force_half_duplex(&mut self) {
        self.echo.forced = self.echo.mode != EchoMode::Half;
        self.set_echo(EchoMode::Half);
    }

    /// Back to what the person asked for. `what` is in use now, and was not when the assistant heard itself.
    pub(super) fn retry_echo(&mut self, what: &str, now: Instant) {
        if std::mem::take(&mut self.echo.forced) {
            self.set_echo(self.echo.mode);
            let text = format!("{what}: the microphone is no longer shut while the assistant speaks");
            self.converse(Input::Notice { level: Level::Info, text }, now);
        }
    }

    fn set_echo(&mut self, mode: EchoMode) {
        self.effects.push_back(Effect::Audio(AudioCommand::SetEcho(mode)));
    }
}
