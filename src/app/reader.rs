//! For a person whose screen reader reads what is appended: the state in words, when it changes and matters, and
//! lines that begin with `/` in place of keys.

use std::time::Instant;

use super::{App, Effect, Face, LinkState, screen};
use crate::conversation::{Input, Intent, Level, TurnMode};
use crate::ui::keymap::Action;
use crate::ui::line::LineEvent;
use crate::ui::view::Turn;

const HELP: &str = "type what you want to say and press Enter, or one of these words: /stop stops the answer, /mute \
    switches the microphone off and on, /talk begins and ends your turn in push-to-talk mode, /mode changes between \
    voice and push-to-talk, /undo takes back the last change of a task, /quit leaves";

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
        let word = match screen::turn(&self.conversation) {
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

    /// A line that the person has typed: it is said at once, also into an answer, as on the screen.
    pub(super) fn read_line(&mut self, line: &str, now: Instant) {
        let action = match line.trim() {
            "/quit" => Action::Quit,
            "/mute" => Action::Mute,
            "/talk" => Action::TalkToggle,
            "/mode" => Action::ToggleMode,
            "/stop" => Action::Interrupt,
            "/undo" => Action::Undo,
            word if word.starts_with('/') && !word.contains(' ') => {
                let unknown = format!("{word} is not known; {HELP}");
                let text = if word == "/help" { HELP.to_owned() } else { unknown };
                return self.converse(Input::Notice { level: Level::Info, text }, now);
            }
            text if self.answer_by_text(text, now) => return,
            text => return self.converse(Input::Intent(Intent::Say(text.to_owned())), now),
        };
        self.action(action, now);
    }
}
