use super::*;

fn entry(id: &str, name: &str, direction: Direction, is_default: bool) -> DeviceEntry {
    DeviceEntry {
        id: id.to_owned(),
        name: name.to_owned(),
        direction,
        is_default,
        rate: 48_000,
        channels: 2,
        format: "f32".to_owned(),
        rates: (8_000, 192_000),
    }
}

fn microphones() -> Vec<DeviceEntry> {
    use Direction::{Input, Output};
    vec![
        entry("pulseaudio:usb-1", "USB Microphone", Input, false),
        entry("pulseaudio:usb-2", "USB Microphone Two", Input, false),
        entry("pulseaudio:built-in", "Built-in Microphone", Input, true),
        entry("pulseaudio:built-in-out", "Built-in Speaker", Output, true),
        entry("alsa:default", "usb-2", Input, true),
    ]
}

fn found(wanted: &str) -> Option<String> {
    named(&microphones(), Direction::Input, wanted).map(|e| e.id.clone())
}

#[test]
fn an_id_goes_before_a_name_and_a_whole_name_before_a_part() {
    assert_eq!(found("alsa:default").as_deref(), Some("alsa:default"));
    assert_eq!(found("usb-2").as_deref(), Some("pulseaudio:usb-2"), "an id without its host");
    assert_eq!(found("usb microphone").as_deref(), Some("pulseaudio:usb-1"));
    assert_eq!(found("TWO").as_deref(), Some("pulseaudio:usb-2"));
    assert_eq!(found("speaker"), None, "that is an output");
}

#[test]
fn of_several_that_fit_the_default_is_taken_else_the_first() {
    assert_eq!(found("micro").as_deref(), Some("pulseaudio:built-in"));
    assert_eq!(found("usb mic").as_deref(), Some("pulseaudio:usb-1"));
}

#[test]
fn what_would_be_used_is_the_choice_where_it_is_there_and_else_the_default() {
    let used = |input: Option<&str>| {
        let choice = DeviceChoice { input: input.map(str::to_owned), ..DeviceChoice::default() };
        used(&microphones(), Direction::Input, &choice).map(|e| e.id.clone())
    };
    assert_eq!(used(Some("two")).as_deref(), Some("pulseaudio:usb-2"));
    for input in [None, Some("default"), Some(" "), Some("gone")] {
        assert_eq!(used(input).as_deref(), Some("pulseaudio:built-in"), "{input:?}");
    }
}
