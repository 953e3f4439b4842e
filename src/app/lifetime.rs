//! Planned renewal: services end a session at an hour that they tell. The next connection is opened before that, and
//! taken over in a pause.

use std::time::{Duration, Instant};

use super::{App, Effect, LinkState};
use crate::conversation::{Input, Intent, Level};

/// So long before its end a session is to be renewed in the next pause, if it lives an hour; a shorter one
/// proportionally later.
const EARLY: Duration = Duration::from_mins(5);
/// The connection for it is opened this much earlier.
const AHEAD: Duration = Duration::from_secs(20);
/// So long before its end it is renewed, pause or not.
const LATEST: Duration = Duration::from_secs(15);
/// So long a pause is waited for when the person wants something that takes a new session.
const NO_PAUSE: Duration = Duration::from_mins(2);
/// Of a short-lived session's time, what is early: a tenth.
const SHARE: u32 = 10;

#[derive(Debug, Default)]
pub(super) struct Lifetime {
    /// A moment, in seconds of Unix time.
    wall: Option<(Instant, i64)>,
    plan: Option<Plan>,
    /// The present connection was planned for its time.
    pub(super) planned: bool,
    /// What only a new session can be asked for: a setting and its value.
    wish: Option<Wish>,
}

#[derive(Debug)]
struct Wish {
    name: &'static str,
    value: String,
    /// What was planned before.
    before: Option<Plan>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    prepare: Instant,
    renew: Instant,
    latest: Instant,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Early,
    /// The next connection is being opened.
    Prepared,
    /// The next pause is the moment.
    Due,
}

impl Plan {
    fn new(now: Instant, ends: Instant) -> Self {
        let life = ends.saturating_duration_since(now);
        let early = EARLY.min(life / SHARE);
        // From the beginning on: what is a tenth of a life does not reach behind it.
        let at = |before: Duration| now + life.saturating_sub(before);
        let ahead = AHEAD.min(early / 2);
        Self {
            prepare: at(early + ahead),
            renew: at(early),
            latest: at(LATEST.min(early / 2)),
            stage: Stage::Early,
        }
    }
}

impl Lifetime {
    /// What the clock on the wall says now.
    pub(super) fn set_wall(&mut self, unix_s: i64, now: Instant) {
        self.wall = Some((now, unix_s));
    }

    /// A change in the next pause. Nothing is about to end, and over a slow network answers are long.
    fn wish(&mut self, name: &'static str, value: String, now: Instant) {
        let before = self.plan;
        let latest = before.map_or(now + NO_PAUSE, |plan| plan.latest.min(now + NO_PAUSE));
        let stage = before.map_or(Stage::Early, |plan| plan.stage);
        self.plan = Some(Plan { prepare: now, renew: now, latest, stage });
        self.wish = Some(Wish { name, value, before });
    }

    pub(super) fn forget(&mut self) {
        self.plan = None;
    }

    /// A session told when it ends. One that has no time left is not planned for: it will end by itself.
    pub(super) fn ends(&mut self, expires_at: i64, now: Instant) {
        let Some((then, unix_s)) = self.wall else { return };
        let left = u64::try_from(expires_at.saturating_sub(unix_s)).unwrap_or(0);
        let ends = then.checked_add(Duration::from_secs(left)).filter(|ends| *ends > now);
        // Told again by each update of the session.
        if self.plan.is_none() {
            self.plan = ends.map(|ends| Plan::new(now, ends));
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.plan.map(|plan| match plan.stage {
            Stage::Early => plan.prepare,
            Stage::Prepared => plan.renew,
            Stage::Due => plan.latest,
        })
    }
}

impl App {
    /// Prepares and takes over the next connection when the time has come.
    pub(super) fn mind_lifetime(&mut self, now: Instant) {
        let Some(plan) = self.lifetime.plan.as_mut().filter(|plan| now >= plan.prepare) else { return };
        if self.link != LinkState::Up {
            return;
        }
        if plan.stage == Stage::Early {
            plan.stage = Stage::Prepared;
            self.effects.push_back(Effect::Prepare);
        }
        if now >= plan.renew {
            plan.stage = Stage::Due;
        }
        if plan.stage == Stage::Due && (self.conversation.is_settled() || now >= plan.latest) {
            self.lifetime.forget();
            self.lifetime.planned = self.lifetime.wish.is_none();
            self.link = LinkState::Down { retry_at: None };
            self.converse(Input::Renewing, now);
            self.effects.push_back(Effect::Renew);
        }
    }

    /// A setting that a session keeps: the next one has it, which begins in the next pause.
    pub(super) fn renew_with(&mut self, name: &'static str, value: String, now: Instant) {
        self.lifetime.wish(name, value, now);
        self.mind_lifetime(now);
    }

    /// The person wants something else now.
    pub(super) fn forget_wish(&mut self) {
        if let Some(wish) = self.lifetime.wish.take() {
            self.lifetime.plan = wish.before;
        }
    }

    /// Before a new session begins.
    pub(super) fn take_over_wish(&mut self, now: Instant) {
        if let Some(Wish { name, value, .. }) = self.lifetime.wish.take() {
            self.converse(Input::Intent(Intent::Set { name, value }), now);
        }
    }

    /// One line for the person when the renewed session is there.
    pub(super) fn tell_renewal(&mut self, now: Instant) {
        if std::mem::take(&mut self.lifetime.planned) {
            let text =
                "the session has reached its time limit; the conversation goes on in a new one".to_owned();
            self.converse(Input::Notice { level: Level::Info, text }, now);
        }
    }
}
