//! Tells a Bluetooth headset in its telephone mode: then it has a microphone, and all that it plays sounds bad. Pure.

use super::backend::DeviceInfo;

/// The rates of the two telephone codecs; a microphone of today has none of them for its own.
const RATES: [u32; 2] = [8_000, 16_000];
const WORDS: [&str; 6] = ["hands-free", "handsfree", "hands free", "(hfp", "/hfp", "hsp/"];

pub(super) fn is_hands_free(device: &DeviceInfo) -> bool {
    let name = device.name.to_lowercase();
    RATES.contains(&device.rate) || WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests;
