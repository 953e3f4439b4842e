use super::*;
use crate::audio::DeviceInfo;

fn info() -> DeviceInfo {
    DeviceInfo { name: "Speaker".to_owned(), rate: 48_000, channels: 2, buffer_frames: 960 }
}

#[test]
fn a_device_that_is_slow_to_open_is_no_news() {
    let mut devices = Devices::default();
    let direction = Direction::Output;
    assert_eq!(devices.news(&DeviceEvent::Stalled { direction }), None);
    assert_eq!(devices.news(&DeviceEvent::Restored { direction, device: info() }), None);
}

#[test]
fn trouble_and_its_end_are_told() {
    let mut devices = Devices::default();
    let direction = Direction::Output;
    assert_eq!(devices.news(&DeviceEvent::Opened { direction, device: info() }), None);
    let lost = DeviceEvent::Lost { direction, message: "unplugged".to_owned() };
    assert!(devices.news(&lost).expect("told").1.contains("unplugged"));
    let back = devices.news(&DeviceEvent::Restored { direction, device: info() }).expect("told");
    assert_eq!(back, (Level::Info, "the speaker is back: Speaker".to_owned()));
}

#[test]
fn a_quiet_room_is_not_a_dead_microphone() {
    let mut devices = Devices::default();
    assert!(devices.news(&DeviceEvent::SilentMicrophone).is_some());
    devices.hear(&Pcm16::new(vec![0, 1]));
    assert_eq!(devices.news(&DeviceEvent::SilentMicrophone), None);
}
