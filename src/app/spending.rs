//! What the conversation has cost, and where that stops.

use std::time::Instant;

use super::{App, Effect, Face, rest};
use crate::cli::Exit;
use crate::conversation::{Input, Level, Report};
use crate::cost::{Money, Price};
use crate::protocol::Usage;
use crate::protocol::usage::TranscriptionUsage;
use crate::text::Clean;

/// The share of the budget of which the person is told, in percent.
const WARN_AT: f64 = 80.0;

/// What answers cost here, and how much of it the person wants.
#[derive(Debug, Clone, Copy, Default, serde::Serialize, serde::Deserialize)]
pub struct SpendingConfig {
    /// `None`: nothing, or nobody knows.
    pub price: Option<Price>,
    /// Of what writes down the person's words.
    pub transcription: Option<Price>,
    pub budget: Option<Money>,
}

#[derive(Debug)]
pub(super) struct Spending {
    config: SpendingConfig,
    /// Of the whole session, whatever became of its connections.
    spent: Money,
    /// Since the person's last turn.
    turn: Money,
    warned: bool,
}

/// What a bill means for the budget.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Fine,
    /// The first bill over [`WARN_AT`].
    Warn,
    Over,
}

impl Spending {
    pub(super) fn new(config: SpendingConfig) -> Self {
        Self { config, spent: Money::default(), turn: Money::default(), warned: false }
    }

    /// For the status line; `None` where nothing has a price.
    pub(super) fn shown(&self) -> Option<Clean> {
        (!self.spent.is_zero()).then(|| Clean::line(&self.spent.to_string()))
    }

    pub(super) fn is_over(&self) -> bool {
        self.config.budget.is_some_and(|budget| self.spent >= budget)
    }

    /// What this response costs, in dollars; `None` where it has no price.
    pub(super) fn dollars(&self, usage: &Usage) -> Option<f64> {
        self.config.price.map(|price| price.bill(usage).dollars())
    }

    fn bill(&mut self, amount: Money) -> Verdict {
        self.spent += amount;
        self.turn += amount;
        let Some(budget) = self.config.budget else { return Verdict::Fine };
        if self.spent >= budget {
            Verdict::Over
        } else if !self.warned && self.spent.dollars() * 100.0 >= budget.dollars() * WARN_AT {
            self.warned = true;
            Verdict::Warn
        } else {
            Verdict::Fine
        }
    }
}

impl App {
    /// Adds up what a report costs. Over the budget, the connection is given up.
    pub(super) fn count_cost(&mut self, report: &Report) {
        let spending = &mut self.spending;
        let amount = match report {
            Report::User { .. } => {
                spending.turn = Money::default();
                return;
            }
            Report::Usage(usage) => spending.config.price.map(|price| price.bill(usage)),
            Report::Transcribed(usage) => spending.config.transcription.and_then(|price| match usage {
                TranscriptionUsage::Tokens(usage) => Some(price.bill(usage)),
                TranscriptionUsage::Seconds(seconds) => price.bill_seconds(*seconds),
            }),
            Report::Assistant { .. }
            | Report::ToolCall(_)
            | Report::ToolResult { .. }
            | Report::Notice { .. } => None,
        };
        let Some(amount) = amount else { return };
        match spending.bill(amount) {
            Verdict::Fine => {}
            Verdict::Warn => self.later.push((Level::Warning, self.spending.nearly_spent())),
            Verdict::Over => self.stop_spending(),
        }
    }

    fn stop_spending(&mut self) {
        let text = self.spending.all_spent();
        match self.face {
            Face::Screen | Face::Reader => {
                self.later
                    .push((Level::Error, format!("{text}; the connection is closed. `/budget 5` goes on")));
                self.rest(rest::Why::Budget);
            }
            Face::Lines => self.over_budget = Some(format!("{text}; `--budget` sets another")),
        }
    }

    /// What could not be said while the conversation was at work.
    pub(super) fn say_what_was_put_off(&mut self, now: Instant) {
        for (level, text) in std::mem::take(&mut self.later) {
            self.converse(Input::Notice { level, text }, now);
        }
        if let Some(message) = self.over_budget.take() {
            self.fail(Exit::Budget, &message, now);
        }
    }

    /// `/budget`: more, or none at all.
    pub(super) fn set_budget(&mut self, dollars: f64, now: Instant) {
        if self.spending.config.price.is_none() {
            return self.tell(Level::Info, "nothing has a price here", now);
        }
        let budget = (dollars > 0.0).then(|| Money::from_dollars(dollars));
        self.spending.config.budget = budget;
        self.spending.warned = false;
        match budget {
            Some(budget) => self.tell(Level::Info, &format!("budget: {budget} for this run"), now),
            None => self.tell(Level::Info, "budget: none", now),
        }
        if self.spending.is_over() {
            let text = self.spending.all_spent();
            self.tell(Level::Warning, &text, now);
        } else {
            self.wake(rest::Why::Budget);
        }
        self.effects.push_back(Effect::Draw);
    }

    /// `/cost`: what was used, and what it costs.
    pub(super) fn tell_cost(&mut self, now: Instant) {
        let usage = *self.conversation.usage();
        let (input, output) = (usage.input_token_details, usage.output_token_details);
        let tokens = format!(
            "tokens in: {} text, {} audio, {} of them cached; out: {} text, {} audio",
            input.text_tokens,
            input.audio_tokens,
            input.cached_tokens,
            output.text_tokens,
            output.audio_tokens
        );
        let text = match (self.spending.config.price, self.spending.config.budget) {
            (None, _) => format!("nothing has a price here; {tokens}"),
            (Some(_), None) => format!("{}; {tokens}", self.spending.told()),
            (Some(_), Some(budget)) => format!("{}, of a budget of {budget}; {tokens}", self.spending.told()),
        };
        self.tell(Level::Info, &text, now);
    }
}

impl Spending {
    fn told(&self) -> String {
        format!("this session: about {}, the last turn {}", self.spent, self.turn)
    }

    fn nearly_spent(&self) -> String {
        let budget = self.config.budget.unwrap_or_default();
        format!("{} of the budget of {budget} is spent", self.spent)
    }

    fn all_spent(&self) -> String {
        let budget = self.config.budget.unwrap_or_default();
        format!("the budget of {budget} is spent: about {}", self.spent)
    }
}
