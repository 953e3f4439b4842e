//! What devices there are, without what nobody would choose.

use cpal::traits::{DeviceTrait as _, HostTrait as _};
use cpal::{Device, Host, SupportedStreamConfig, SupportedStreamConfigRange};

use super::hosts;
use crate::audio::backend::Direction;
use crate::audio::choice::{self, DeviceEntry, Label};

/// Parts of ALSA that are no devices, other ways to a card that is listed anyway, and what no voice is meant for.
const NOISE: &[&str] = &[
    "null",
    "lavrate",
    "samplerate",
    "speexrate",
    "speex",
    "jack",
    "oss",
    "upmix",
    "vdownmix",
    "usbstream",
    "dmix",
    "dsnoop",
    "front",
    "side",
    "rear",
    "center_lfe",
    "surround21",
    "surround40",
    "surround41",
    "surround50",
    "surround51",
    "surround71",
    "iec958",
    "spdif",
    "modem",
    "phoneline",
];
/// What a speaker plays, as a microphone; the system lists these among the others.
const MONITOR: &str = ".monitor";

/// Every device that works, microphones first, of each direction in the order in which they are tried. May block for
/// seconds. Sound libraries write to standard error meanwhile.
pub fn devices() -> Vec<DeviceEntry> {
    [Direction::Input, Direction::Output].into_iter().flat_map(of_direction).collect()
}

fn of_direction(direction: Direction) -> Vec<DeviceEntry> {
    let hosts: Vec<Host> = hosts(direction).collect();
    let present = present(&hosts, direction);
    present.into_iter().filter_map(|found| entry(found, direction)).collect()
}

/// The device that `wanted` names.
pub(super) fn find(hosts: &[Host], direction: Direction, wanted: &str) -> Option<Device> {
    let mut present = present(hosts, direction);
    let labels: Vec<Label<'_>> = present
        .iter()
        .map(|found| Label { id: &found.id, name: &found.name, is_default: found.is_default })
        .collect();
    let at = choice::find(&labels, wanted)?;
    Some(present.swap_remove(at).device)
}

pub(super) fn default_of(host: &Host, direction: Direction) -> Option<Device> {
    match direction {
        Direction::Input => host.default_input_device(),
        Direction::Output => host.default_output_device(),
    }
}

pub(super) fn default_config(
    device: &Device,
    direction: Direction,
) -> Result<SupportedStreamConfig, cpal::Error> {
    match direction {
        Direction::Input => device.default_input_config(),
        Direction::Output => device.default_output_config(),
    }
}

/// For people; a device that has gone meanwhile may have no name any more.
pub(super) fn name(device: &Device) -> String {
    device.description().map_or_else(|_| "unknown".to_owned(), |description| description.name().to_owned())
}

struct Found {
    device: Device,
    id: String,
    name: String,
    is_default: bool,
}

/// Devices by what they say of themselves: none is opened.
fn present(hosts: &[Host], direction: Direction) -> Vec<Found> {
    let mut all: Vec<Found> = hosts.iter().flat_map(|host| on_host(host, direction)).collect();
    all.sort_by_key(|found| found.id.ends_with(MONITOR));
    all
}

fn on_host(host: &Host, direction: Direction) -> Vec<Found> {
    let default = default_of(host, direction).and_then(|device| device.id().ok());
    let Ok(devices) = host.devices() else { return Vec::new() };
    devices
        .filter(|device| match direction {
            Direction::Input => device.supports_input(),
            Direction::Output => device.supports_output(),
        })
        .filter_map(|device| {
            let id = device.id().ok()?;
            let is_default = default.as_ref() == Some(&id);
            let name = name(&device);
            Some(Found { device, id: id.to_string(), name, is_default })
        })
        .filter(|found| !is_noise(&found.id))
        .collect()
}

/// By the device's id, `host:device`.
fn is_noise(id: &str) -> bool {
    let Some(pcm) = id.strip_prefix("alsa:") else { return false };
    let (kind, rest) = pcm.split_once(':').unwrap_or((pcm, ""));
    let numbered =
        rest.strip_prefix("CARD=").is_some_and(|card| card.starts_with(|c: char| c.is_ascii_digit()));
    NOISE.contains(&kind) || (numbered && matches!(kind, "hw" | "plughw"))
}

/// `None` for what does not work: it cannot be chosen.
fn entry(found: Found, direction: Direction) -> Option<DeviceEntry> {
    let config = default_config(&found.device, direction).ok()?;
    let rate = config.sample_rate();
    Some(DeviceEntry {
        id: found.id,
        name: found.name,
        direction,
        is_default: found.is_default,
        rate,
        channels: config.channels(),
        format: config.sample_format().to_string(),
        rates: rates(&found.device, direction).unwrap_or((rate, rate)),
    })
}

fn rates(device: &Device, direction: Direction) -> Option<(u32, u32)> {
    let ranges: Vec<SupportedStreamConfigRange> = match direction {
        Direction::Input => device.supported_input_configs().ok()?.collect(),
        Direction::Output => device.supported_output_configs().ok()?.collect(),
    };
    let lowest = ranges.iter().map(SupportedStreamConfigRange::min_sample_rate).min()?;
    let highest = ranges.iter().map(SupportedStreamConfigRange::max_sample_rate).max()?;
    Some((lowest, highest))
}

#[cfg(test)]
mod tests;
