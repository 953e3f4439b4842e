//! The level meters, on a scale in decibels.

use ratatui::text::Span;

use super::theme::Role;
use super::view::{Level, View};

/// Cells of a meter.
pub(crate) const STEPS: u8 = 10;
/// What the lowest step stands for; under it is silence.
const FLOOR_DB: f32 = -50.0;

/// Lit cells for an amplitude from 0 to 1.
pub(crate) fn steps(amplitude: f32) -> u8 {
    if !amplitude.is_finite() || amplitude <= 0.0 {
        return 0;
    }
    let above_floor = 1.0 - 20.0 * amplitude.min(1.0).log10() / FLOOR_DB;
    (above_floor.max(0.0) * f32::from(STEPS)).ceil() as u8
}

/// `STEPS` cells: how loud it is, a bar for the recent peak, and `!` at the end when it clips. With reduced motion
/// the first of them as a number.
pub(crate) fn spans(level: Level, view: &View) -> Vec<Span<'static>> {
    let style = |role| view.theme.style(role);
    if view.reduced_motion {
        let number = format!("{}/{STEPS}", level.steps);
        return vec![Span::styled(format!("{number:<width$}", width = STEPS.into()), style(Role::Good))];
    }
    let cells = (1..=STEPS).map(|step| match step {
        STEPS if level.clipped => Span::styled("!", style(Role::Error)),
        _ if step <= level.steps => Span::styled("█", style(Role::Good)),
        _ if step == level.peak => Span::styled("|", style(Role::Good)),
        _ => Span::styled("·", style(Role::Dim)),
    });
    cells.collect()
}

#[cfg(test)]
mod tests;
