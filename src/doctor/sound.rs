//! Microphone and speaker, and a second of what the microphone hears.

use std::time::Duration;

use super::Check;
use crate::audio::{
    AudioCommand, AudioConfig, AudioEngine, AudioEvent, AudioEvents, AudioHandle, Backend, CpalBackend,
    DeviceEvent, DeviceInfo, Direction, EchoMode, Gate,
};
use crate::config::AudioSettings;
use crate::devices_cli;
use crate::pcm::{self, SESSION_RATE};
use crate::stderr::Diverted;

/// How long devices may take to open.
const OPENING: Duration = Duration::from_secs(5);
/// How long is listened.
const LISTENING: Duration = Duration::from_secs(1);

pub(super) async fn checks(settings: &AudioSettings) -> Vec<Check> {
    let _quiet = Diverted::to_nothing();
    let backend = Box::new(CpalBackend::new(devices_cli::choice(settings)));
    examine(settings, backend).await
}

pub(super) async fn examine(settings: &AudioSettings, backend: Box<dyn Backend>) -> Vec<Check> {
    let config = AudioConfig { input_channel: settings.input_channel, ..AudioConfig::default() };
    let (handle, events) = AudioEngine::start(config, backend);
    let mut ends = Ends { events, microphone: None, speaker: None, heard: Vec::new(), hands_free: false };
    ends.open().await;
    if matches!(ends.microphone, Some(Ok(_))) {
        ends.listen(&handle).await;
    }
    handle.stop();
    ends.report(settings.echo)
}

struct Ends {
    events: AudioEvents,
    microphone: Option<Result<DeviceInfo, String>>,
    speaker: Option<Result<DeviceInfo, String>>,
    heard: Vec<i16>,
    hands_free: bool,
}

impl Ends {
    async fn open(&mut self) {
        let limit = tokio::time::sleep(OPENING);
        tokio::pin!(limit);
        while self.microphone.is_none() || self.speaker.is_none() {
            tokio::select! {
                () = &mut limit => return,
                event = self.events.recv() => match event {
                    Some(AudioEvent::Device(event)) => self.note(event),
                    Some(_) => {}
                    None => return,
                },
            }
        }
    }

    fn note(&mut self, event: DeviceEvent) {
        match event {
            DeviceEvent::Opened { direction, device }
            | DeviceEvent::Restored { direction, device }
            | DeviceEvent::Substituted { direction, device, .. } => *self.end(direction) = Some(Ok(device)),
            DeviceEvent::Failed { direction, message } => *self.end(direction) = Some(Err(message)),
            DeviceEvent::HandsFree { .. } => self.hands_free = true,
            DeviceEvent::Stalled { .. } | DeviceEvent::Lost { .. } | DeviceEvent::SilentMicrophone => {}
        }
    }

    fn end(&mut self, direction: Direction) -> &mut Option<Result<DeviceInfo, String>> {
        match direction {
            Direction::Input => &mut self.microphone,
            Direction::Output => &mut self.speaker,
        }
    }

    async fn listen(&mut self, handle: &AudioHandle) {
        handle.send(AudioCommand::Capture(Gate::Open));
        let wanted = LISTENING.as_secs() as usize * SESSION_RATE as usize;
        let limit = tokio::time::sleep(LISTENING * 3);
        tokio::pin!(limit);
        while self.heard.len() < wanted {
            tokio::select! {
                () = &mut limit => return,
                event = self.events.recv() => match event {
                    Some(AudioEvent::Frame { pcm }) => self.heard.extend_from_slice(pcm.samples()),
                    Some(AudioEvent::InputEnded) | None => return,
                    Some(AudioEvent::Device(event)) => self.note(event),
                    Some(_) => {}
                },
            }
        }
    }

    fn report(&self, echo: EchoMode) -> Vec<Check> {
        let mut checks = vec![self.microphone(), self.speaker()];
        if let (Some(Ok(microphone)), Some(Ok(_))) = (&self.microphone, &self.speaker) {
            let how = match echo {
                EchoMode::Auto if microphone.echo_cancelled => "by the system",
                EchoMode::Auto | EchoMode::Aec => "by this program",
                EchoMode::Gate => "a gate, as set",
                EchoMode::Half => "half-duplex, as set",
                EchoMode::Off => "off, as set",
            };
            checks.push(Check::ok("echo", how));
        }
        if self.hands_free {
            checks.push(Check::warning(
                "microphone",
                "it is in its Bluetooth hands-free mode, which makes speech dull",
                "choose another microphone with `realtime-cli devices use --input NAME`",
            ));
        }
        checks
    }

    fn microphone(&self) -> Check {
        const NAME: &str = "microphone";
        let list = "`realtime-cli devices` lists what there is; typing works without";
        match &self.microphone {
            None => Check::failed(NAME, "it does not answer", list),
            Some(Err(why)) => Check::warning(NAME, why.clone(), list),
            Some(Ok(device)) if self.heard.is_empty() => {
                Check::failed(NAME, format!("{}: no sound comes", device.name), list)
            }
            Some(Ok(device)) if pcm::peak(&self.heard) == 0.0 => Check::failed(
                NAME,
                format!("{}: nothing but exact zeros", device.name),
                "it is muted, or this terminal may not use it; `realtime-cli mic-test` tries it longer",
            ),
            Some(Ok(device)) => {
                let level = 20.0 * pcm::peak(&self.heard).log10();
                Check::ok(
                    NAME,
                    format!("{} ({} Hz), peak {level:.0} dBFS in a second", device.name, device.rate),
                )
            }
        }
    }

    fn speaker(&self) -> Check {
        let list = "`realtime-cli devices` lists what there is; answers are also written";
        match &self.speaker {
            None => Check::failed("speaker", "it does not answer", list),
            Some(Err(why)) => Check::warning("speaker", why.clone(), list),
            Some(Ok(device)) => Check::ok("speaker", format!("{} ({} Hz)", device.name, device.rate)),
        }
    }
}
