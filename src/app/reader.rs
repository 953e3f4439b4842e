//! For a person without the screen: lines that begin with `/` in place of keys, and, where a screen reader reads what is
//! appended, the state in words, when it changes and matters.

use std::time::Instant;

use super::commands::NO_MICROPHONE;
use super::{App, Effect, Face, LinkState};
use crate::conversation::{Input, Intent, Level, TurnMode};
use crate::ui::commands::{self, Entered};
use crate::ui::keymap::Action;
use crate::ui::line::LineEvent;
use crate::ui::view::Turn;

const HELP: &str = "type what you want to say and press Enter, or one of these: /stop stops the answer";
const TALK_HELP: &str = ", /talk begins and ends your turn in push-to-talk mode";

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The state that was told last; `None` when the next is told in any case.
    told: Option<&'static str>,
}

impl App {
    pub(super) fn tell_state(&mut self) {
        if self.face != Face::Reader {
            return;
        }
        let word = match self.turn() {
            // A notice tells of it.
            _ if self.link != LinkState::Up => None,
            // It is heard, and what comes after it is worth a word.
            Turn::Speaking => None,
            // The person knows, and it may be a noise only.
            Turn::HearingYou if self.conversation.mode() == TurnMode::Vad => return,
            Turn::HearingYou => Some("the microphone is open; /talk ends your turn"),
            Turn::Idle => Some("your turn"),
            Turn::Listening => Some("listening"),
            Turn::Thinking => Some("thinking"),
            // The question says so itself.
            Turn::Asked => None,
            Turn::Interrupted => Some("interrupted"),
            Turn::Muted => Some("muted"),
            Turn::Held => Some("your turn; /talk opens the microphone"),
        };
        let before = std::mem::replace(&mut self.reader.told, word);
        if let Some(word) = word.filter(|word| before != Some(*word)) {
            self.read_out(word);
        }
    }

    /// Something that only a screen would show.
    pub(super) fn read_out(&mut self, text: &str) {
        if self.face == Face::Reader {
            self.effects.push_back(Effect::Line(LineEvent::State { text: text.to_owned() }));
        }
    }

    /// What a script passes on from elsewhere is nobody's command.
    pub(super) fn is_command(&self, line: &str) -> bool {
        !self.script && line.starts_with('/')
    }

    /// Other commands wait for the answers to the lines before them.
    pub(super) fn is_urgent(&self, line: &str) -> bool {
        self.is_command(line) && ["/stop", "/quit", "/help"].contains(&line.trim())
    }

    /// Where a prompt shows when the next line is waited for, no answer brings it back after a command.
    pub(super) fn obey(&mut self, line: &str, now: Instant) {
        self.read_line(line, now);
        if self.conversation.is_settled() {
            self.effects.push_back(Effect::Line(LineEvent::Ready));
        }
    }

    /// A line that a person has typed where there are no keys. With a screen reader it is said at once, also into an
    /// answer, as on the screen.
    fn read_line(&mut self, line: &str, now: Instant) {
        let text = line.trim();
        let has_microphone = self.conversation.mode() != TurnMode::TextOnly;
        let action = match text {
            "/talk" | "/mode" if !has_microphone => return self.tell(Level::Info, NO_MICROPHONE, now),
            "/talk" => Action::TalkToggle,
            "/mode" => Action::ToggleMode,
            "/stop" => Action::Interrupt,
            "/help" => return self.tell(Level::Info, &help(has_microphone), now),
            _ if text.starts_with('/') => return self.read_command(text, now),
            _ => return self.say_line(text.to_owned(), now),
        };
        self.action(action, now);
    }

    fn read_command(&mut self, line: &str, now: Instant) {
        match commands::read(line) {
            Entered::Say(text) => self.say_line(text, now),
            Entered::Run(command) if command.needs_screen() => {
                self.tell(Level::Info, "this is for the screen; `/help` lists what can be done here", now);
            }
            Entered::Run(command) => self.command(command, now),
            Entered::Wrong(why) => self.tell(Level::Warning, &why, now),
        }
    }

    fn say_line(&mut self, text: String, now: Instant) {
        if !self.answer_by_text(&text, now) {
            self.converse(Input::Intent(Intent::Say(text)), now);
        }
    }
}

fn help(has_microphone: bool) -> String {
    let talk = if has_microphone { TALK_HELP } else { "" };
    format!("{HELP}{talk}, {}", commands::usages_without_screen().join(", "))
}
