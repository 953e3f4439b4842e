//! From what the conversation reports to what a text front end prints.

use super::calls::ToolRuns;
use super::screen::notice_level;
use super::spending::Spending;
use crate::conversation::Report;
use crate::ui::line::LineEvent;

/// `None` for what a text front end does not print.
pub(super) fn event(report: &Report, tools: &ToolRuns, spending: &Spending) -> Option<LineEvent> {
    Some(match report.clone() {
        Report::User { item_id, text, spoken } => LineEvent::User { text, item_id: item_id.0, spoken },
        Report::Assistant { item_id, text, interrupted } => {
            LineEvent::Assistant { text, item_id: item_id.0, interrupted }
        }
        Report::ToolCall(call) => {
            LineEvent::ToolCall { name: call.name, arguments: call.arguments, call_id: call.call_id.0 }
        }
        Report::ToolResult { call_id, ok, output } => {
            let summary = tools.get(&call_id).map_or_else(String::new, |run| run.summary.clone());
            LineEvent::ToolResult { call_id: call_id.0, ok, output, summary }
        }
        Report::Usage(usage) => LineEvent::Usage {
            input_tokens: usage.input_tokens,
            cached_tokens: usage.input_token_details.cached_tokens,
            output_tokens: usage.output_tokens,
            total_tokens: usage.total_tokens,
            cost_usd: spending.dollars(&usage),
        },
        Report::Transcribed(_) => return None,
        Report::Notice { level, text } => LineEvent::Notice { level: notice_level(level), text },
    })
}
