//! What of the sound devices' news a person should know, and what is only noise.

use crate::audio::{DeviceEvent, Direction};
use crate::conversation::Level;
use crate::pcm::Pcm16;

#[derive(Debug, Default)]
pub(super) struct Devices {
    input: Device,
    output: Device,
    /// The microphone has given something else than exact zeros: its silence is then a quiet room.
    heard: bool,
}

#[derive(Debug, Default)]
struct Device {
    /// It has worked.
    opened: bool,
    /// The person was told of trouble, and is to be told of its end.
    troubled: bool,
}

impl Devices {
    /// Takes note of captured sound.
    pub(super) fn hear(&mut self, pcm: &Pcm16) {
        self.heard = self.heard || pcm.samples().iter().any(|&s| s != 0);
    }

    /// A notice, or `None` for what is as it should be.
    pub(super) fn news(&mut self, event: &DeviceEvent) -> Option<(Level, String)> {
        match event {
            DeviceEvent::Opened { direction, .. } => {
                self.device(*direction).opened = true;
                None
            }
            DeviceEvent::Restored { direction, device } => {
                let state = self.device(*direction);
                state.opened = true;
                let told = std::mem::take(&mut state.troubled);
                self.heard &= *direction == Direction::Output;
                told.then(|| (Level::Info, format!("the {} is back: {}", name(*direction), device.name)))
            }
            DeviceEvent::Failed { direction, message } => {
                let cure = "typing works, and it is tried again by itself";
                self.trouble(*direction, format!("no {}: {message}; {cure}", name(*direction)))
            }
            // Before the first sound it is only slow to open.
            DeviceEvent::Stalled { direction } if !self.device(*direction).opened => None,
            DeviceEvent::Stalled { direction } => {
                self.trouble(*direction, format!("the {} gives no sign of life", name(*direction)))
            }
            DeviceEvent::Lost { direction, message } => self.trouble(
                *direction,
                format!("the {} is gone: {message}; trying to get it back", name(*direction)),
            ),
            DeviceEvent::SilentMicrophone if self.heard => None,
            DeviceEvent::SilentMicrophone => Some((
                Level::Warning,
                "the microphone gives nothing but silence: it is muted, or this terminal may not use it"
                    .to_owned(),
            )),
        }
    }

    fn trouble(&mut self, direction: Direction, text: String) -> Option<(Level, String)> {
        self.device(direction).troubled = true;
        Some((Level::Warning, text))
    }

    fn device(&mut self, direction: Direction) -> &mut Device {
        match direction {
            Direction::Input => &mut self.input,
            Direction::Output => &mut self.output,
        }
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
