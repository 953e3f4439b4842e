//! What of the sound devices' news a person should know, and what is only noise.

use std::time::{Duration, Instant};

use super::{App, Effect};
use crate::audio::{DENIED, DeviceEvent, DeviceInfo, Direction};
use crate::conversation::{Input, Intent, Level};
use crate::pcm::Pcm16;

/// A sound server that was asleep calls back once, and then not for two seconds.
const SETTLING: Duration = Duration::from_secs(4);

#[derive(Debug, Default)]
pub(super) struct Devices {
    input: Device,
    output: Device,
    /// The microphone has given something else than exact zeros: its silence is then a quiet room.
    heard: bool,
    /// It has given nothing else for long.
    silent: bool,
    hands_free_told: bool,
}

#[derive(Debug, Default)]
struct Device {
    /// Since when it works.
    opened: Option<Instant>,
    /// The last that did.
    info: Option<DeviceInfo>,
    /// There was none at the start, and so answers are written.
    replaced_by_writing: bool,
    /// And the news of the speaker has said so.
    has_told: bool,
    /// The person was told of trouble, and is to be told of its end.
    troubled: bool,
}

impl App {
    pub(super) fn device(&mut self, event: &DeviceEvent, now: Instant) {
        if let DeviceEvent::Lost { direction: Direction::Input, .. }
        | DeviceEvent::Stalled { direction: Direction::Input } = event
        {
            self.converse(Input::CaptureLost, now);
        }
        if let Some((level, text)) = self.devices.news(event, now) {
            self.converse(Input::Notice { level, text }, now);
        }
        self.speak_or_write(event, now);
        if let Some(direction) = self.devices.change(event) {
            self.retry_echo(&format!("another {} is in use", name(direction)), now);
        }
        self.effects.push_back(Effect::Draw);
    }

    /// Where there has never been a speaker, answers are written: sound that goes nowhere would be cut by the next line
    /// as if it had been heard so far.
    fn speak_or_write(&mut self, event: &DeviceEvent, now: Instant) {
        let output = &mut self.devices.output;
        let value = match event {
            DeviceEvent::Failed { direction: Direction::Output, .. }
                if output.info.is_none() && self.conversation.is_spoken() =>
            {
                (output.replaced_by_writing, output.has_told) = (true, true);
                "text"
            }
            DeviceEvent::Opened { direction: Direction::Output, .. }
                if std::mem::take(&mut output.replaced_by_writing) =>
            {
                "audio"
            }
            _ => return,
        };
        let (name, value) = ("session.output_modality", value.to_owned());
        self.converse(Input::Intent(Intent::Set { name, value }), now);
    }
}

impl Devices {
    /// Takes note of captured sound.
    pub(super) fn hear(&mut self, pcm: &Pcm16) {
        self.heard = self.heard || pcm.samples().iter().any(|&s| s != 0);
    }

    /// Whether sound comes from a microphone, be it silence.
    pub(super) fn has_microphone(&self) -> bool {
        self.input.opened.is_some()
    }

    /// True once where answers are written because there is no speaker, which was told with it.
    pub(super) fn has_told_how_to_answer(&mut self) -> bool {
        std::mem::take(&mut self.output.has_told)
    }

    /// The name of the device that works, or did last.
    pub(super) fn in_use(&self, direction: Direction) -> Option<&str> {
        let device = match direction {
            Direction::Input => &self.input,
            Direction::Output => &self.output,
        };
        device.info.as_ref().map(|info| info.name.as_str())
    }

    /// Nothing but exact zeros comes, as far as is known.
    pub(super) fn is_silent(&self) -> bool {
        self.silent && !self.heard
    }

    /// The microphone is given back or asked for again, which no event tells: it is not there before it says so.
    pub(super) fn forget_microphone(&mut self) {
        self.input.opened = None;
    }

    /// A notice, or `None` for what is as it should be.
    pub(super) fn news(&mut self, event: &DeviceEvent, now: Instant) -> Option<(Level, String)> {
        match event {
            DeviceEvent::Opened { direction, .. } => {
                self.device(*direction).opened = Some(now);
                None
            }
            DeviceEvent::Restored { direction, device } => {
                let state = self.device(*direction);
                state.opened = Some(now);
                let told = std::mem::take(&mut state.troubled);
                self.heard &= *direction == Direction::Output;
                self.silent &= *direction == Direction::Output;
                told.then(|| (Level::Info, format!("the {} is back: {}", name(*direction), device.name)))
            }
            DeviceEvent::Failed { direction, message } => {
                let cure = if message.contains(DENIED) {
                    permission(std::env::consts::OS)
                } else if *direction == Direction::Output && self.output.info.is_none() {
                    "answers are written until there is one"
                } else {
                    "typing works, and it is tried again by itself"
                };
                Some(self.trouble(*direction, format!("no {}: {message}; {cure}", name(*direction))))
            }
            DeviceEvent::Stalled { direction } if self.device(*direction).is_settling(now) => None,
            DeviceEvent::Stalled { direction } => {
                Some(self.trouble(*direction, format!("the {} gives no sign of life", name(*direction))))
            }
            DeviceEvent::Lost { direction, message } => {
                self.device(*direction).opened = None;
                let next = if message.contains(DENIED) {
                    permission(std::env::consts::OS)
                } else {
                    "trying to get it back"
                };
                Some(self.trouble(*direction, format!("the {} is gone: {message}; {next}", name(*direction))))
            }
            DeviceEvent::Substituted { device, message, .. } => Some((
                Level::Warning,
                format!("{message}; using `{}`; `realtime-cli devices` lists what is there", device.name),
            )),
            DeviceEvent::SilentMicrophone if self.heard => None,
            DeviceEvent::SilentMicrophone => {
                self.silent = true;
                Some((
                    Level::Warning,
                    format!(
                        "the microphone gives nothing but silence: it is muted, or this terminal may not use it; {}",
                        permission(std::env::consts::OS)
                    ),
                ))
            }
            DeviceEvent::HandsFree { .. } if std::mem::replace(&mut self.hands_free_told, true) => None,
            DeviceEvent::HandsFree { device } => Some((
                Level::Warning,
                format!(
                    "`{}` is in its Bluetooth hands-free mode, in which everything sounds like a telephone; choose \
                     another microphone with `realtime-cli devices use --input NAME`, then the headset goes back to \
                     its good mode",
                    device.name
                ),
            )),
        }
    }

    /// The direction in which another device than before works now.
    fn change(&mut self, event: &DeviceEvent) -> Option<Direction> {
        let (DeviceEvent::Opened { direction, device } | DeviceEvent::Restored { direction, device }) = event
        else {
            return None;
        };
        let before = self.device(*direction).info.replace(device.clone());
        let differs = |b: DeviceInfo| b.name != device.name || b.echo_cancelled != device.echo_cancelled;
        before.is_none_or(differs).then_some(*direction)
    }

    fn trouble(&mut self, direction: Direction, text: String) -> (Level, String) {
        self.device(direction).troubled = true;
        (Level::Warning, text)
    }

    fn device(&mut self, direction: Direction) -> &mut Device {
        match direction {
            Direction::Input => &mut self.input,
            Direction::Output => &mut self.output,
        }
    }
}

impl Device {
    fn is_settling(&self, now: Instant) -> bool {
        self.opened.is_none_or(|since| now < since + SETTLING)
    }
}

/// What to do where the system does not let the program listen.
fn permission(os: &str) -> &'static str {
    match os {
        "macos" => {
            "allow the terminal in System Settings, Privacy & Security, Microphone, and start it again"
        }
        "windows" => "allow desktop apps in Settings, Privacy & security, Microphone",
        _ => "`realtime-cli mic-test` shows what arrives, `realtime-cli devices` what else there is",
    }
}

fn name(direction: Direction) -> &'static str {
    match direction {
        Direction::Input => "microphone",
        Direction::Output => "speaker",
    }
}

#[cfg(test)]
mod tests;
