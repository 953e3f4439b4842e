//! The talk key: from its strokes to takes, each with what was said just before and just after.

use std::time::{Duration, Instant};

use super::{App, Effect};
use crate::audio::Cue;
use crate::conversation::{Input, Intent, Level, Turn};
use crate::ui::KeyEvent;
use crate::ui::talk_key::{self, Method, Stop, Stroke, TalkKey};
use crate::ui::view;

/// People let go of the key with their last sound: so much of what comes after it belongs to the take.
const TAIL: Duration = Duration::from_millis(200);
/// Nothing can be said in less.
const SHORTEST: Duration = Duration::from_millis(150);

/// How the talk key is to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TalkConfig {
    pub method: Method,
    /// The longest take.
    pub limit: Duration,
}

impl Default for TalkConfig {
    fn default() -> Self {
        Self { method: Method::Auto, limit: Duration::from_secs(120) }
    }
}

#[derive(Debug)]
pub(super) struct Talk {
    key: TalkKey,
    limit: Duration,
    /// When the take began.
    since: Option<Instant>,
    /// The key is up, and the take ends then.
    ends_at: Option<Instant>,
}

impl Talk {
    pub(super) fn new(config: TalkConfig) -> Self {
        let key = TalkKey::new(config.method, config.limit);
        Self { key, limit: config.limit, since: None, ends_at: None }
    }

    pub(super) fn view(&self) -> view::Talk {
        view::Talk { method: self.key.method(), way: self.key.way(), open: self.key.is_open() }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        [self.key.poll_timeout(), self.ends_at].into_iter().flatten().min()
    }
}

impl App {
    /// Any key. The talk key's is taken here; any other ends the take before it does what it is for.
    pub(super) fn key(&mut self, key: KeyEvent, now: Instant) {
        let stroke = Stroke::of(key);
        let held = self.view.is_talk_key(key) && self.talk.key.owns(stroke, now);
        if held || self.view.may_talk(key) {
            let order = self.talk.key.stroke(stroke, now);
            return self.talk(order, now);
        }
        if stroke == Stroke::Press {
            let order = self.talk.key.other_key(now);
            self.talk(order, now);
        }
        if let Some(action) = self.view.action(key) {
            self.action(action, now);
        }
    }

    /// Without the key, from wherever the action comes.
    pub(super) fn toggle_talk(&mut self, now: Instant) {
        let order = self.talk.key.toggle(now);
        self.talk(order, now);
    }

    /// The person is elsewhere: a release of the key may never come.
    pub(super) fn turn_away(&mut self, now: Instant) {
        let order = self.talk.key.turn_away(now);
        self.talk(order, now);
    }

    pub(super) fn set_key_releases(&mut self, releases: bool) {
        self.talk.key.set_releases(releases);
        self.effects.push_back(Effect::Draw);
    }

    pub(super) fn talk_timeout(&mut self, now: Instant) {
        let order = self.talk.key.timeout(now);
        self.talk(order, now);
        if self.talk.ends_at.is_some_and(|at| at <= now) {
            self.end_take(now);
        }
    }

    /// Ends a take whose key is up, without waiting for more.
    pub(super) fn end_take(&mut self, now: Instant) {
        if self.talk.ends_at.take().is_none() {
            return;
        }
        self.converse(Input::Intent(Intent::TalkStop), now);
        if self.conversation.has_taken_turn(now) {
            self.cue(Cue::Done, now);
        }
    }

    fn talk(&mut self, order: Option<talk_key::Talk>, now: Instant) {
        match order {
            Some(talk_key::Talk::Start) => self.begin_take(now),
            Some(talk_key::Talk::Stop { why, up_at }) => self.key_up(why, up_at, now),
            None => return,
        }
        self.effects.push_back(Effect::Draw);
    }

    /// Within the tail, the key has only bounced, or a repeat came late: the take goes on.
    fn begin_take(&mut self, now: Instant) {
        if self.talk.ends_at.take().is_none() {
            self.talk.since = Some(now);
            self.converse(Input::Intent(Intent::TalkStart), now);
        }
    }

    fn key_up(&mut self, why: Stop, up_at: Instant, now: Instant) {
        let Some(since) = self.talk.since else { return };
        if self.conversation.turn() != Turn::HearingYou {
            // It was muted, or the mode is another one.
            return;
        }
        if up_at.saturating_duration_since(since) < SHORTEST {
            return self.converse(Input::Intent(Intent::TalkDrop), now);
        }
        if why == Stop::Limit {
            let text = format!(
                "you have talked for {} s, which is the limit: this much is answered, press the key to go on",
                self.talk.limit.as_secs()
            );
            self.converse(Input::Notice { level: Level::Info, text }, now);
        }
        let ends_at = up_at + TAIL;
        self.talk.ends_at = Some(ends_at);
        if ends_at <= now {
            self.end_take(now);
        }
    }
}

#[cfg(test)]
mod tests;
