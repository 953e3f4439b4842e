//! Statistics, as data and as a sentence.

use jiff::Zoned;
use serde_json::{Value, json};

use super::arguments::{Count, CountPeriod};
use super::output::{Failure, Success};
use super::task_tools::TaskTools;
use crate::tasks::statistics::{Period, Statistics, sentence, statistics};

impl TaskTools {
    pub(super) fn count(&self, wanted: &Count, now: &Zoned) -> Result<Success, Failure> {
        let period = match wanted.period {
            Some(CountPeriod::Day) => Period::Day,
            Some(CountPeriod::Week) | None => Period::Week,
        };
        let statistics = statistics(&self.store.all()?, period, now);
        let summary = sentence(&statistics, period);
        let statistics = Some(data(&statistics, period, &summary));
        Ok(Success { statistics, ..Success::new("counted", summary) })
    }
}

fn data(statistics: &Statistics, period: Period, words: &str) -> Value {
    let mut data = json!({
        "from": statistics.from.to_string(),
        "to": statistics.to.to_string(),
        "completed": statistics.completed,
        "created": statistics.created,
        "worked_minutes": statistics.tracked_seconds / 60,
        "pending": statistics.pending,
        "overdue": statistics.overdue,
        "due_today": statistics.due_today,
        "words": words,
    });
    if period == Period::Week {
        let day = |day: &crate::tasks::statistics::Day| {
            let weekday = day.date.strftime("%A").to_string();
            json!({"day": weekday, "completed": day.completed, "created": day.created})
        };
        data["days"] = statistics.days.iter().map(day).collect();
    }
    data
}
