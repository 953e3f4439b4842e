//! Lines that wait for their turn, and how the program ends.

use std::time::{Duration, Instant};

use super::{App, Effect, Ending, Face, LinkState, QUIET, UNHEARD};
use crate::cli::Exit;
use crate::conversation::{Input, Intent, Level};

impl App {
    /// One line at a time: the next is said when the last is answered.
    pub(super) fn next_line(&mut self, now: Instant) {
        self.answer_by_line(now);
        while self.link == LinkState::Up && self.conversation.is_settled() {
            let Some(line) = self.lines.pop_front() else { return };
            if self.is_command(&line) {
                self.obey(&line, now);
            } else {
                self.converse(Input::Intent(Intent::Say(line)), now);
            }
        }
    }

    pub(super) fn end(&mut self, how: Ending) {
        if self.ending == Ending::Open {
            self.ending = how;
        }
    }

    /// Something happened: a recording's quiet begins anew.
    pub(super) fn stir(&mut self, now: Instant) {
        if let Ending::AfterQuiet { since } = &mut self.ending {
            *since = now;
        }
    }

    pub(super) fn quit_when_through(&mut self, now: Instant) {
        // Without a connection, what was said may be heard by the next one.
        let is_heard = self.understood || self.link == LinkState::Up || !self.recording;
        let through = self.lines.is_empty() && is_heard && self.conversation.is_settled();
        match self.ending {
            Ending::AfterAnswer if through => self.quit(self.outcome),
            Ending::AfterQuiet { since } if through && now >= since + self.quiet() => self.end_recording(now),
            Ending::AfterQuiet { since } if !through => {
                // Checked again when it may be true.
                if now >= since + self.quiet() {
                    self.ending = Ending::AfterQuiet { since: now };
                }
            }
            Ending::Open | Ending::AfterAnswer | Ending::AfterQuiet { .. } | Ending::Over => {}
        }
    }

    /// How long nothing must happen for a recording to be through.
    pub(super) fn quiet(&self) -> Duration {
        if self.understood { QUIET } else { UNHEARD }
    }

    fn end_recording(&mut self, now: Instant) {
        if self.outcome == Exit::Ok && !self.understood {
            self.outcome = Exit::Failure;
            let text = "nothing in the recording was understood".to_owned();
            self.converse(Input::Notice { level: Level::Warning, text }, now);
        }
        self.quit(self.outcome);
    }

    /// A script is told by its exit code that one of its lines was in vain.
    pub(super) fn answer_is_missing(&mut self) {
        if self.face == Face::Lines && self.outcome == Exit::Ok {
            self.outcome = Exit::Network;
        }
    }

    pub(super) fn quit(&mut self, exit: Exit) {
        if self.ending != Ending::Over || self.face == Face::Screen {
            self.ending = Ending::Over;
            self.effects.push_back(Effect::Quit(exit));
        }
    }
}
