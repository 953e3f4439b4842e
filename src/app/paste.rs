//! What comes from the clipboard. A long text is asked about first: it is easily pasted by mistake, and costs much.

use std::time::Instant;

use super::{App, Effect};

/// From so many bytes on.
const LONG: usize = 10_000;

impl App {
    pub(super) fn paste(&mut self, text: String, now: Instant) {
        self.turn_away(now);
        if text.len() < LONG {
            self.insert(&text);
        } else {
            self.view.paste = Some(text);
        }
        self.effects.push_back(Effect::Draw);
    }

    pub(super) fn insert_paste(&mut self) {
        if let Some(text) = self.view.paste.take() {
            self.insert(&text);
        }
    }

    pub(super) fn drop_paste(&mut self) {
        self.view.paste = None;
    }
}
