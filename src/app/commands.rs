//! What a typed command does, and what can be adjusted by a key.

use std::time::{Duration, Instant};

use super::machine::Request;
use super::{App, Effect, LinkState, export};
use crate::audio::{AudioCommand, EchoMode};
use crate::config;
use crate::conversation::{Input, Intent, Level, TurnMode};
use crate::ui::commands::{self, Command, EchoWord, Entered, Format};
use crate::ui::view::{Mode, Scroll};

/// How long a new volume is shown.
const SHOWN: Duration = Duration::from_secs(2);
/// A step of the volume, in percent.
const VOLUME_STEP: i32 = 10;
const LOUDEST: i32 = 200;
const NO_SPEAKER: &str = "this run plays no sound";
pub(super) const NO_MICROPHONE: &str = "this run uses no microphone";

/// How loud the assistant is.
#[derive(Debug)]
pub(super) struct Volume {
    percent: u16,
    /// Until when it is shown.
    shown: Option<Instant>,
}

impl Volume {
    pub(super) fn new(volume: f32) -> Self {
        Self { percent: (volume * 100.0).round() as u16, shown: None }
    }

    pub(super) fn percent(&self) -> u16 {
        self.percent
    }

    pub(super) fn shown_until(&self) -> Option<Instant> {
        self.shown
    }
}

impl App {
    /// Sends the input line, or does what it says.
    pub(super) fn submit(&mut self, now: Instant) {
        if !self.view.input.is_command() {
            if let Some(text) = self.view.input.take() {
                self.say(text, now);
            }
            return;
        }
        match commands::read(self.view.input.text()) {
            Entered::Say(text) => {
                self.view.input.take();
                self.say(text, now);
            }
            Entered::Run(command) => {
                self.view.input.take();
                self.command(command, now);
            }
            // It stays to be mended.
            Entered::Wrong(why) => self.tell(Level::Warning, &why, now),
        }
    }

    fn say(&mut self, text: String, now: Instant) {
        self.view.scroll = Scroll::Follow;
        if self.answer_by_text(&text, now) {
            return;
        }
        self.converse(Input::Intent(Intent::Say(text)), now);
    }

    pub(super) fn command(&mut self, command: Command, now: Instant) {
        match command {
            Command::Act(action) => self.action(action, now),
            Command::Mute(wanted) => self.mute(wanted, now),
            Command::Mode(mode) => self.use_mode(mode, now),
            Command::Voice(voice) => self.set_voice(voice, now),
            Command::Speed(speed) => self.set_speed(speed, now),
            Command::Volume(percent) => self.set_volume(percent, now),
            Command::Budget(dollars) => self.set_budget(dollars, now),
            Command::Cost => self.tell_cost(now),
            Command::Device(side, name) => self.use_device(side, name, now),
            Command::Echo(echo) => self.use_echo(echo, now),
            Command::Set(name, value) => self.set_by_name(&name, &value, now),
            Command::Answer => self.converse(Input::Intent(Intent::Answer), now),
            Command::New => self.begin_anew(now),
            Command::Clear => self.clear(),
            Command::Export(path, format) => self.export(path, format),
        }
    }

    /// Any setting of the session; others are for the settings file, or have a command of their own.
    fn set_by_name(&mut self, name: &str, value: &str, now: Instant) {
        match config::session_setting(name, value) {
            Ok((name @ "session.audio_format", value)) => {
                self.forget_wish();
                if self.conversation.renews_for_format(&value) {
                    return self.renew_with(name, value, now);
                }
                self.converse(Input::Intent(Intent::Set { name, value }), now);
            }
            Ok((name, value)) => self.converse(Input::Intent(Intent::Set { name, value }), now),
            Err(why) => self.tell(Level::Warning, &why, now),
        }
    }

    fn mute(&mut self, wanted: Option<bool>, now: Instant) {
        if self.conversation.mode() == TurnMode::TextOnly {
            return self.tell(Level::Info, NO_MICROPHONE, now);
        }
        if wanted != Some(self.conversation.is_muted()) {
            self.toggle_mute(now);
        }
    }

    fn use_mode(&mut self, mode: Mode, now: Instant) {
        let is_now = super::screen::mode(self.conversation.mode());
        if is_now == Mode::TextOnly {
            return self.tell(Level::Info, NO_MICROPHONE, now);
        }
        if mode != is_now {
            self.toggle_mode(now);
        }
    }

    fn use_echo(&mut self, echo: EchoWord, now: Instant) {
        if !self.sound {
            return self.tell(Level::Info, NO_MICROPHONE, now);
        }
        let mode = match echo {
            EchoWord::Auto => EchoMode::Auto,
            EchoWord::Aec => EchoMode::Aec,
            EchoWord::Gate => EchoMode::Gate,
            EchoWord::Half => EchoMode::Half,
            EchoWord::Off => EchoMode::Off,
        };
        self.choose_echo(mode);
        self.note_changed("audio.echo", format!("\"{}\"", echo.word()));
        self.tell(Level::Info, &format!("echo: {}, for this run", echo.word()), now);
    }

    pub(super) fn step_volume(&mut self, steps: i8, now: Instant) {
        let percent = i32::from(self.volume.percent) + i32::from(steps) * VOLUME_STEP;
        self.set_volume(percent.clamp(0, LOUDEST) as u16, now);
    }

    fn set_volume(&mut self, percent: u16, now: Instant) {
        if !self.sound {
            return self.tell(Level::Info, NO_SPEAKER, now);
        }
        self.volume = Volume { percent, shown: Some(now + SHOWN) };
        self.view.volume = Some(percent);
        let volume = f32::from(percent) / 100.0;
        self.note_changed("audio.volume", volume.to_string());
        self.effects.push_back(Effect::Audio(AudioCommand::SetVolume(volume)));
    }

    /// The new volume was shown for long enough.
    pub(super) fn hide_volume(&mut self, now: Instant) {
        if self.volume.shown.is_some_and(|until| now >= until) {
            self.volume.shown = None;
            self.view.volume = None;
            self.effects.push_back(Effect::Draw);
        }
    }

    fn begin_anew(&mut self, now: Instant) {
        self.view.scroll = Scroll::Follow;
        self.converse(Input::Intent(Intent::BeginAnew), now);
        if self.link == LinkState::Up {
            self.link = LinkState::Down { retry_at: None };
            self.effects.push_back(Effect::Renew);
        }
    }

    /// Of the screen alone.
    fn clear(&mut self) {
        self.cleared = self.conversation.transcript().entries().len();
        self.view.scroll = Scroll::Follow;
    }

    fn export(&mut self, path: String, format: Format) {
        let text = self.exported(format);
        self.effects.push_back(Effect::Machine(Request::Export { path, text }));
    }

    /// What was said, as a file.
    pub fn exported(&self, format: Format) -> String {
        export::render(self.conversation.transcript().entries(), &self.times, format)
    }
}

#[cfg(test)]
mod tests;
