//! What the panels show, and what comes of a choice in one.

use std::collections::BTreeMap;
use std::time::Instant;

use super::formats::Formats;
use super::machine::{News, Request};
use super::{App, Effect};
use crate::audio::{self, AudioCommand, Cue, DeviceChoice, DeviceEntry, Direction};
use crate::config::{self, Shown};
use crate::conversation::{Adjusted, Input, Intent, Level};
use crate::text::Clean;
use crate::ui::commands::Side;
use crate::ui::panels::{Mark, Panel, PanelKey, PanelKind, Row};

/// A step of the speed.
const SPEED_STEP: f64 = 0.05;
const FOR_THIS_RUN: &str = "for this run; `realtime-cli config path` names the file that keeps it";
const NO_DEVICES: &str = "this run uses no sound devices";

/// What can be adjusted while the program runs, and what there is to choose from.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Adjustable {
    /// The devices that were asked for; `None` where no devices are used, but files or nothing.
    pub devices: Option<DeviceChoice>,
    /// The voices that the server is known to have.
    pub voices: Vec<String>,
    /// 1 is as received.
    pub volume: f32,
}

#[derive(Debug)]
pub(super) struct Panels {
    choice: Option<DeviceChoice>,
    voices: Vec<String>,
    entries: Vec<DeviceEntry>,
    looking: bool,
    /// What each row of the open panel stands for.
    picks: Vec<Option<Pick>>,
    settings: Vec<Shown>,
    /// Settings that were changed in this run, and from where they are now.
    changed: BTreeMap<&'static str, (String, &'static str)>,
    log_seen: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pick {
    Device(Direction, String),
    Voice(String),
    /// A setting of the session, with its value.
    Setting(String, String),
}

impl Panels {
    pub(super) fn new(adjustable: Adjustable, voice: &str) -> Self {
        let mut voices = adjustable.voices;
        if !voices.iter().any(|known| known == voice) {
            voices.insert(0, voice.to_owned());
        }
        Self {
            choice: adjustable.devices,
            voices,
            entries: Vec::new(),
            looking: false,
            picks: Vec::new(),
            settings: Vec::new(),
            changed: BTreeMap::new(),
            log_seen: 0,
        }
    }

    pub(super) fn voices(&self) -> Vec<Clean> {
        self.voices.iter().map(|voice| Clean::line(voice)).collect()
    }

    fn names(&self, direction: Direction) -> Vec<Clean> {
        let mine = self.entries.iter().filter(|entry| entry.direction == direction);
        mine.map(|entry| Clean::line(&entry.name)).collect()
    }
}

impl App {
    /// Opens a panel, or closes it when it is open.
    pub(super) fn toggle_panel(&mut self, kind: PanelKind) {
        self.view.help = None;
        if self.view.panel.as_ref().is_some_and(|panel| panel.kind == kind) {
            self.view.panel = None;
            return;
        }
        let mut panel = Panel::new(kind);
        let (empty, request) = match kind {
            PanelKind::Devices if self.panels.choice.is_none() => (NO_DEVICES, None),
            PanelKind::Devices => ("looking…", Some(Request::Devices)),
            PanelKind::Voice => ("answers are written in this run: there is no voice", None),
            PanelKind::Settings => ("", Some(Request::Settings)),
            PanelKind::Log => ("nothing was logged yet", Some(Request::Log { seen: 0 })),
        };
        panel.empty = Clean::line(empty);
        self.panels.looking = kind == PanelKind::Devices && request.is_some();
        self.effects.extend(request.map(Effect::Machine));
        self.view.panel = Some(panel);
        self.refresh_panel();
        if let Some(panel) = &mut self.view.panel {
            panel.select_used();
        }
    }

    /// True while what is logged comes into sight by itself.
    pub fn follows_log(&self) -> Option<Request> {
        let open = self.view.panel.as_ref().is_some_and(|panel| panel.kind == PanelKind::Log);
        open.then_some(Request::Log { seen: self.panels.log_seen })
    }

    /// What is shown may have changed.
    pub(super) fn refresh_panel(&mut self) {
        let Some(kind) = self.view.panel.as_ref().map(|panel| panel.kind) else { return };
        let filled = match kind {
            PanelKind::Devices => self.device_rows(),
            PanelKind::Voice => self.voice_rows(),
            PanelKind::Settings => self.setting_rows(),
            PanelKind::Log => return,
        };
        let hint = match kind {
            PanelKind::Devices if self.panels.looking => "looking…",
            PanelKind::Devices if !filled.is_empty() => "● is in use; a choice is remembered",
            PanelKind::Voice => FOR_THIS_RUN,
            PanelKind::Devices | PanelKind::Settings | PanelKind::Log => "",
        };
        let (picks, rows): (Vec<_>, Vec<_>) = filled.into_iter().unzip();
        self.panels.picks = picks;
        if let Some(panel) = &mut self.view.panel {
            panel.hint = Clean::line(hint);
            panel.fill(rows);
        }
    }

    fn device_rows(&self) -> Vec<(Option<Pick>, Row)> {
        let Some(choice) = self.panels.choice.as_ref().filter(|_| !self.panels.entries.is_empty()) else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        for (direction, title) in [(Direction::Input, "Microphones"), (Direction::Output, "Speakers")] {
            rows.push((None, heading(title)));
            let used = self.used(direction, choice);
            let chosen = choice.wanted(direction).is_none();
            let default = Row {
                text: Clean::line("the system's default"),
                detail: Clean::line(if chosen { "chosen" } else { "" }),
                mark: Mark::Plain,
            };
            rows.push((Some(Pick::Device(direction, "default".to_owned())), default));
            let mine = self.panels.entries.iter().filter(|entry| entry.direction == direction);
            rows.extend(mine.map(|entry| {
                let mark = if used == Some(entry) { Mark::InUse } else { Mark::Plain };
                (Some(Pick::Device(direction, entry.id.clone())), device_row(entry, mark))
            }));
        }
        rows
    }

    /// The entry that is open, where its name tells; else the one that is asked for.
    fn used(&self, direction: Direction, choice: &DeviceChoice) -> Option<&DeviceEntry> {
        let entries = &self.panels.entries;
        let asked = audio::used(entries, direction, choice);
        let Some(open) = self.devices.in_use(direction) else { return asked };
        let named = |entry: &&DeviceEntry| entry.direction == direction && entry.name == open;
        asked.filter(named).or_else(|| entries.iter().find(named)).or(asked)
    }

    fn voice_rows(&self) -> Vec<(Option<Pick>, Row)> {
        if !self.conversation.is_spoken() {
            return Vec::new();
        }
        let mut rows = vec![(None, heading("Voice"))];
        rows.extend(self.panels.voices.iter().map(|voice| {
            let mark = if voice == self.conversation.voice() { Mark::InUse } else { Mark::Plain };
            (
                Some(Pick::Voice(voice.clone())),
                Row { mark, text: Clean::line(voice), detail: Clean::default() },
            )
        }));
        let plain = |text: String, detail: &str| Row {
            mark: Mark::Plain,
            text: Clean::line(&text),
            detail: Clean::line(detail),
        };
        rows.push((None, heading("Speed and volume")));
        rows.push((None, plain(format!("speed {:.2}", self.conversation.speed()), "0.25 to 1.5")));
        rows.push((None, plain(format!("volume {} %", self.volume.percent()), "0 to 200 %")));
        rows
    }

    fn setting_rows(&self) -> Vec<(Option<Pick>, Row)> {
        let row = |shown: &Shown| {
            let changed = self.panels.changed.get(&*shown.name);
            let (value, origin) = match changed {
                Some((value, origin)) => (value.as_str(), *origin),
                None => (shown.value.as_str(), shown.origin.as_str()),
            };
            let text = Clean::line(&format!("{} = {value}", shown.name));
            let pick = config::is_of_session(&shown.name)
                .then(|| Pick::Setting(shown.name.clone().into_owned(), value.to_owned()));
            (pick, Row { mark: Mark::Plain, text, detail: Clean::line(origin) })
        };
        self.panels.settings.iter().map(row).collect()
    }

    /// A setting has another value than at the start, until the program ends.
    pub(super) fn note_changed(&mut self, name: &'static str, value: String) {
        self.panels.changed.insert(name, (value, "changed in this run"));
    }

    // ---- keys ----

    pub(super) fn panel_key(&mut self, key: PanelKey, now: Instant) {
        let Some(panel) = &mut self.view.panel else { return };
        match (key, panel.kind) {
            (PanelKey::Close, _) if !panel.filter.is_empty() => {
                panel.filter = Clean::default();
                panel.narrow("");
            }
            (PanelKey::Close, _) => self.view.panel = None,
            (PanelKey::Erase, _) => panel.widen(),
            (PanelKey::Choose, _) => self.choose(now),
            (PanelKey::Type(c), kind) if kind.is_filtered() => panel.narrow(c.encode_utf8(&mut [0; 4])),
            (PanelKey::Type(c), PanelKind::Devices) => self.device_key(c),
            (PanelKey::Type(c), _) => self.voice_key(c, now),
        }
    }

    /// It narrows a long list; behind a short one nothing is typed.
    pub(super) fn paste_into_panel(&mut self, text: &str) {
        if let Some(panel) = self.view.panel.as_mut().filter(|panel| panel.kind.is_filtered()) {
            panel.narrow(text);
        }
        self.effects.push_back(Effect::Draw);
    }

    fn device_key(&mut self, c: char) {
        match c {
            'r' if self.panels.choice.is_some() && !self.panels.looking => {
                self.panels.looking = true;
                self.effects.push_back(Effect::Machine(Request::Devices));
            }
            // Whoever asks for it hears it, whatever is said of cues elsewhere.
            't' if self.panels.choice.is_some() => {
                self.effects.push_back(Effect::Audio(AudioCommand::Cue(Cue::Listening)));
            }
            'q' => self.view.panel = None,
            _ => {}
        }
    }

    fn voice_key(&mut self, c: char, now: Instant) {
        let speed = self.conversation.speed();
        match c {
            '+' | '=' => self.set_speed(speed + SPEED_STEP, now),
            '-' => self.set_speed(speed - SPEED_STEP, now),
            '>' | '.' => self.step_volume(1, now),
            '<' | ',' => self.step_volume(-1, now),
            'q' => self.view.panel = None,
            _ => {}
        }
    }

    fn choose(&mut self, now: Instant) {
        let row = self.view.panel.as_ref().and_then(Panel::chosen);
        match row.and_then(|row| self.panels.picks.get(row).cloned().flatten()) {
            Some(Pick::Device(direction, wanted)) => self.choose_device(direction, wanted),
            Some(Pick::Voice(voice)) => self.set_voice(voice, now),
            Some(Pick::Setting(name, value)) => self.edit_setting(&name, &value),
            None => {}
        }
    }

    /// The line to change it stands ready, where nothing else does.
    fn edit_setting(&mut self, name: &str, value: &str) {
        if self.view.input.text().is_empty() {
            self.view.panel = None;
            self.view.input.complete(format!("/set {name} {value}"));
        }
    }

    // ---- choices ----

    pub(super) fn use_device(&mut self, side: Side, name: String, now: Instant) {
        let direction = match side {
            Side::In => Direction::Input,
            Side::Out => Direction::Output,
        };
        if self.panels.choice.is_none() {
            return self.tell(Level::Info, NO_DEVICES, now);
        }
        self.choose_device(direction, name);
    }

    fn choose_device(&mut self, direction: Direction, wanted: String) {
        let entries = self.panels.entries.clone();
        self.effects.push_back(Effect::Machine(Request::Choose { direction, wanted, entries }));
    }

    pub(super) fn set_voice(&mut self, voice: String, now: Instant) {
        self.converse(Input::Intent(Intent::Set { name: "voice", value: voice }), now);
    }

    pub(super) fn set_speed(&mut self, speed: f64, now: Instant) {
        let speed = (speed.clamp(0.25, 1.5) * 100.0).round() / 100.0;
        self.converse(Input::Intent(Intent::Set { name: "speed", value: speed.to_string() }), now);
    }

    /// The server has taken over another value of a setting. Whoever sees it in the panel need not be told.
    pub(super) fn adjusted(&mut self, adjusted: Adjusted) -> Option<Input> {
        let Adjusted { name, value } = adjusted;
        let text = match name {
            "voice" | "speed" => {
                let shown = if name == "voice" { format!("`{value}`") } else { value.clone() };
                format!("the {name} is {shown} from the next answer on, for this run")
            }
            "instructions" if value.is_empty() => {
                "nothing is told to the assistant besides any more".to_owned()
            }
            "instructions" => "the assistant is told so from the next answer on, for this run".to_owned(),
            "session.output_modality" => {
                let how = if value == "audio" { "spoken" } else { "written" };
                format!("answers are {how} from the next one on, for this run")
            }
            "session.audio_format" => {
                let formats = self.conversation.formats();
                self.formats = Formats::new(formats);
                self.effects.push_back(Effect::InputFormat(formats.0));
                let how =
                    if value == "pcm" { "whole" } else { "as on a telephone, in a quarter of the data" };
                format!("sound is sent and received {how} (`{value}`), for this run")
            }
            _ if value.is_empty() => format!("`{name}` is empty now, for this run"),
            _ => format!("`{name}` is `{value}` from the next answer on, for this run"),
        };
        self.note_changed(name, config::as_shown(name, &value));
        let kind = if matches!(name, "voice" | "speed") { PanelKind::Voice } else { PanelKind::Settings };
        let seen = self.view.panel.as_ref().is_some_and(|panel| panel.kind == kind);
        // Then it was told with the speaker that is not there.
        let seen = seen || name == "session.output_modality" && self.devices.has_told_how_to_answer();
        (!seen).then_some(Input::Notice { level: Level::Info, text })
    }

    pub(super) fn tell(&mut self, level: Level, text: &str, now: Instant) {
        self.converse(Input::Notice { level, text: text.to_owned() }, now);
    }

    // ---- news ----

    pub(super) fn news(&mut self, news: News, now: Instant) {
        match news {
            News::Devices(entries) => self.devices_found(entries),
            News::Chosen { direction, outcome: Ok((choice, said)) } => {
                self.note_device(direction, choice.clone());
                self.effects.push_back(Effect::Audio(AudioCommand::UseDevice { direction, choice }));
                self.tell(Level::Info, &said, now);
            }
            News::Chosen { outcome: Err(why), .. } => self.tell(Level::Warning, &why, now),
            News::Settings(rows) => self.panels.settings = rows,
            News::Log { seen, lines } => {
                self.panels.log_seen = seen;
                let row = |line: &String| Row { text: Clean::line(line), ..Row::default() };
                let rows = lines.iter().map(row).collect();
                if let Some(panel) = self.view.panel.as_mut().filter(|panel| panel.kind == PanelKind::Log) {
                    panel.fill(rows);
                }
            }
            News::Exported(Ok(said)) => self.tell(Level::Info, &said, now),
            News::Exported(Err(why)) => self.tell(Level::Warning, &why, now),
        }
        self.effects.push_back(Effect::Draw);
    }

    fn devices_found(&mut self, entries: Vec<DeviceEntry>) {
        let first = self.panels.entries.is_empty();
        self.panels.looking = false;
        self.panels.entries = entries;
        self.view.known.microphones = self.panels.names(Direction::Input);
        self.view.known.speakers = self.panels.names(Direction::Output);
        self.refresh_panel();
        let Some(panel) = self.view.panel.as_mut().filter(|panel| panel.kind == PanelKind::Devices) else {
            return;
        };
        panel.empty = Clean::line("no sound devices were found; connect one and press r");
        if first {
            panel.select_used();
        }
    }

    fn note_device(&mut self, direction: Direction, choice: Option<String>) {
        let name = match direction {
            Direction::Input => "audio.input",
            Direction::Output => "audio.output",
        };
        let shown = format!("\"{}\"", choice.as_deref().unwrap_or_default());
        self.panels.changed.insert(name, (shown, "chosen in this run"));
        if let Some(choices) = &mut self.panels.choice {
            match direction {
                Direction::Input => choices.input = choice,
                Direction::Output => choices.output = choice,
            }
        }
    }
}

fn heading(title: &str) -> Row {
    Row { mark: Mark::Heading, text: Clean::line(title), detail: Clean::default() }
}

fn device_row(entry: &DeviceEntry, mark: Mark) -> Row {
    let cancels = entry.direction == Direction::Input
        && (audio::is_echo_canceller(&entry.name) || audio::is_echo_canceller(&entry.id));
    let remarks = [(cancels, "echo-cancelled"), (entry.is_default, "default")];
    let remarks = remarks.into_iter().filter_map(|(is_so, remark)| is_so.then_some(remark));
    let detail = remarks.collect::<Vec<_>>().join(", ");
    Row { mark, text: Clean::line(&entry.name), detail: Clean::line(&detail) }
}

#[cfg(test)]
mod tests;
