//! Which devices are meant: what a person asked for, and which of those that are there it names. Pure.

use super::backend::Direction;

/// What a person asked for; `None` leaves it to the system, or to us.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DeviceChoice {
    /// A device's id, its name, or a part of either.
    pub input: Option<String>,
    pub output: Option<String>,
    /// The length of the devices' buffers.
    pub buffer_ms: Option<u32>,
    /// A microphone behind the system's own echo canceller is preferred where none is asked for.
    pub echo_cancelled: bool,
}

impl DeviceChoice {
    /// What was asked for in a direction.
    pub fn wanted(&self, direction: Direction) -> Option<&str> {
        let wanted = match direction {
            Direction::Input => &self.input,
            Direction::Output => &self.output,
        };
        wanted.as_deref().and_then(asked_for)
    }
}

/// The device that a text asks for. `None` for the word `default`: a device that is called so has to be asked for by its
/// id.
pub fn asked_for(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|wanted| !wanted.is_empty() && !wanted.eq_ignore_ascii_case("default"))
}

/// One direction of a device that is there. All texts are the system's: untrusted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DeviceEntry {
    /// `host:device`; the same over restarts.
    pub id: String,
    pub name: String,
    pub direction: Direction,
    /// What its host takes when nothing is asked for.
    pub is_default: bool,
    pub rate: u32,
    pub channels: u16,
    /// Such as `f32` or `i16`.
    pub format: String,
    /// The lowest and the highest rate that it takes.
    pub rates: (u32, u32),
}

/// What a device can be found by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) is_default: bool,
}

/// The device that `wanted` names: by its id, else by its whole name, else by a part of either. Case does not matter.
/// Of several the default one, else the first.
pub(super) fn find(devices: &[Label<'_>], wanted: &str) -> Option<usize> {
    let wanted = wanted.to_lowercase();
    let by = |fits: &dyn Fn(&str, &str) -> bool| {
        let mut fitting = (0..devices.len())
            .filter(|&at| fits(&devices[at].id.to_lowercase(), &devices[at].name.to_lowercase()));
        let first = fitting.next()?;
        Some(std::iter::once(first).chain(fitting).find(|&at| devices[at].is_default).unwrap_or(first))
    };
    by(&|id, _| id == wanted)
        .or_else(|| by(&|id, _| id.split_once(':').is_some_and(|(_, rest)| rest == wanted)))
        .or_else(|| by(&|_, name| name == wanted))
        .or_else(|| by(&|id, name| name.contains(&wanted) || id.contains(&wanted)))
}

/// The entry that `wanted` names.
pub fn named<'a>(entries: &'a [DeviceEntry], direction: Direction, wanted: &str) -> Option<&'a DeviceEntry> {
    let mine: Vec<&DeviceEntry> = entries.iter().filter(|e| e.direction == direction).collect();
    let labels: Vec<Label<'_>> =
        mine.iter().map(|e| Label { id: &e.id, name: &e.name, is_default: e.is_default }).collect();
    find(&labels, wanted).map(|at| mine[at])
}

/// The entry that would be opened now: the one asked for, else the default of the first host that has one.
pub fn used<'a>(
    entries: &'a [DeviceEntry],
    direction: Direction,
    choice: &DeviceChoice,
) -> Option<&'a DeviceEntry> {
    let chosen = choice.wanted(direction).and_then(|wanted| named(entries, direction, wanted));
    chosen.or_else(|| entries.iter().find(|e| e.direction == direction && e.is_default))
}

#[cfg(test)]
mod tests;
