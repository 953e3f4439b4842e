//! The connection, its troubles, and who is given up for them.

use std::time::{Duration, Instant};

use super::{App, Effect, Ending, Face, GIVE_UP, LinkState};
use crate::audio::Cue;
use crate::cli::Exit;
use crate::conversation::{Input, Level};
use crate::protocol::ServerEvent;
use crate::transport::LinkEvent;
use crate::ui::line::LineEvent;
use crate::ui::view::NoticeLevel;

impl App {
    pub(super) fn link(&mut self, event: LinkEvent, now: Instant) {
        match event {
            LinkEvent::Connecting { .. } => {
                // A connection that was renewed before it was known to be there.
                if self.link == LinkState::Up {
                    self.converse(Input::Disconnected, now);
                }
                self.useless_since.get_or_insert(now);
                self.link = LinkState::Down { retry_at: None };
                self.effects.push_back(Effect::Draw);
            }
            LinkEvent::Connected => {
                self.link = LinkState::Up;
                self.met = true;
                self.lifetime.forget();
                self.take_over_wish(now);
                self.converse(Input::Connected, now);
                self.tell_renewal(now);
            }
            LinkEvent::Message(message) => {
                if !matches!(message.event, ServerEvent::RateLimitsUpdated(_)) {
                    self.stir(now);
                }
                // Some servers accept, say that they are full, and hang up.
                if !matches!(message.event, ServerEvent::Error { .. } | ServerEvent::SessionCreated(_)) {
                    self.useless_since = None;
                }
                if let ServerEvent::SessionCreated(event) | ServerEvent::SessionUpdated(event) =
                    &message.event
                    && let Some(expires_at) = event.session.expires_at
                {
                    self.lifetime.ends(expires_at, now);
                }
                let (rest, event) = self.formats.incoming(message.event);
                if let Some(rest) = rest {
                    self.converse(Input::Server(rest), now);
                }
                self.converse(Input::Server(event), now);
            }
            LinkEvent::Lost { reason, retry_in } => self.lost(&reason, retry_in, now),
            LinkEvent::TooSlow => {
                let text = format!(
                    "the network is too slow for your voice: parts of it are not sent{}",
                    self.conversation.sparing()
                );
                self.converse(Input::Notice { level: Level::Warning, text }, now);
            }
            LinkEvent::Resting => {
                if self.link == LinkState::Up {
                    self.converse(Input::Disconnected, now);
                }
                self.useless_since = None;
                self.link = LinkState::Down { retry_at: None };
                self.effects.push_back(Effect::Draw);
            }
            LinkEvent::Fatal(error) => {
                let exit = if error.is_auth() { Exit::Auth } else { Exit::Network };
                self.fail(exit, &error.to_string(), now);
            }
        }
    }

    pub(super) fn lost(&mut self, reason: &str, retry_in: Duration, now: Instant) {
        let was_up = self.link == LinkState::Up;
        self.useless_since.get_or_insert(now);
        self.link = LinkState::Down { retry_at: Some(now + retry_in) };
        if was_up {
            self.converse(Input::Disconnected, now);
            self.cue(Cue::Error, now);
        }
        // Every further try of the same outage with the same outcome is told by the status line alone.
        if was_up || self.trouble.as_deref() != Some(reason) {
            let what = if was_up { "connection lost" } else { "cannot connect" };
            let text = format!("{what}: {reason}; trying again");
            self.converse(Input::Notice { level: Level::Warning, text }, now);
        }
        self.trouble = Some(reason.to_owned());
        self.effects.push_back(Effect::Draw);
    }

    pub(super) fn timeout(&mut self, now: Instant) {
        self.talk_timeout(now);
        self.converse(Input::Timeout, now);
        self.tick_calls(now);
        self.expire_question(now);
        self.hide_volume(now);
        let useless = self.useless_since.is_some_and(|since| now >= since + GIVE_UP);
        if self.script && self.link != LinkState::Up && useless {
            let trouble = self.trouble.as_deref().unwrap_or("it gives no sign of life");
            let message = format!("given up the server: {trouble}; check the address and the network");
            self.fail(Exit::Network, &message, now);
        }
    }

    /// A person at a screen reads it there and leaves when they like; a script is told by the exit code.
    pub(super) fn fail(&mut self, exit: Exit, message: &str, now: Instant) {
        if self.ending == Ending::Over {
            return;
        }
        if self.link == LinkState::Up {
            self.conversation.handle(Input::Disconnected, now);
            while let Some(output) = self.conversation.poll_output() {
                let _ = self.carry_out(output, now);
            }
        }
        self.link = LinkState::Down { retry_at: None };
        match self.face {
            Face::Lines | Face::Reader => {
                let (level, text) = (NoticeLevel::Error, message.to_owned());
                self.effects.push_back(Effect::Line(LineEvent::Notice { level, text }));
                self.quit(exit);
            }
            Face::Screen => {
                self.ending = Ending::Over;
                let text = format!("{message} (Ctrl-C leaves)");
                self.converse(Input::Notice { level: Level::Error, text }, now);
            }
        }
    }
}
