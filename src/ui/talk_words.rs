//! The talk key in words: what it does now, and that the microphone is open.

use super::keymap::{Action, Focus};
use super::talk_key::Way;
use super::theme::Role;
use super::view::{Mode, Turn, View};

/// Nothing outside push-to-talk, while muted, and where no key is bound.
pub(crate) fn hint(view: &View) -> Option<(String, Role)> {
    if view.mode != Mode::PushToTalk || view.muted {
        return None;
    }
    let key = view.keymap.key(Focus::TalkLine, Action::TalkToggle)?;
    Some(match (view.turn, view.talk.way) {
        (Turn::HearingYou, _) if view.talk.open => (format!("MIC OPEN until {key}"), Role::Warn),
        (Turn::HearingYou, _) => ("MIC OPEN while held".to_owned(), Role::Good),
        (_, Way::Hold | Way::Repeat) => (format!("hold {key} to talk"), Role::Text),
        (_, Way::Toggle) => (format!("{key} starts and ends"), Role::Text),
    })
}
