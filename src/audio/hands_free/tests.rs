use super::*;

fn is(name: &str, rate: u32) -> bool {
    is_hands_free(&DeviceInfo { name: name.to_owned(), rate, ..DeviceInfo::default() })
}

#[test]
fn the_rates_of_a_telephone_and_names_that_say_so_tell_it() {
    assert!(is("AirPods", 16_000) && is("Car", 8_000));
    assert!(is("Headset (WH-1000XM4 Hands-Free AG Audio)", 48_000));
    assert!(is("Headset Head Unit (HSP/HFP)", 44_100));
}

#[test]
fn other_microphones_and_headsets_with_a_wire_are_none() {
    assert!(!is("Built-in Microphone", 48_000) && !is("USB Headset", 44_100) && !is("Webcam", 32_000));
}
