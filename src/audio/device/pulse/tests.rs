use super::*;

/// What is told of the microphone that is found among some, each with its name and what it is called.
fn found(microphones: &[(&str, &str)], wanted: Wanted<'_>) -> Option<DeviceInfo> {
    let owned = |&(name, label): &(&str, &str)| (CString::new(name).unwrap(), CString::new(label).unwrap());
    let texts: Vec<_> = microphones.iter().map(owned).collect();
    let spec =
        protocol::SampleSpec { format: protocol::SampleFormat::S16Le, channels: 1, sample_rate: 48_000 };
    let map = protocol::ChannelMap::mono();
    let candidate = |(name, label)| Candidate {
        name,
        description: Some(label),
        spec: &spec,
        map: &map,
        is_monitor: false,
    };
    let candidates: Vec<_> = texts.iter().map(|(name, label)| candidate((name, label))).collect();
    Some(Found::among(&candidates, texts.first().map(|(name, _)| name), wanted)?.info(480))
}

#[test]
fn an_echo_canceller_of_the_system_is_known_by_its_name_or_by_what_it_is_called() {
    let plain = ("alsa_input.pci", "Built-in Audio");
    for cancelled in [("echo-cancel-source", "Clean Microphone"), ("source.1", "Built-in (Echo-Cancel)")] {
        let chosen = found(&[plain, cancelled], Wanted::EchoCancelled).expect("found");
        assert_eq!((chosen.name.as_str(), chosen.echo_cancelled), (cancelled.1, true));
        assert!(found(&[cancelled], Wanted::Default).expect("found").echo_cancelled);
        assert!(!found(&[plain, cancelled], Wanted::Default).expect("found").echo_cancelled);
    }
    assert_eq!(found(&[plain], Wanted::Named("gone")), None);
}
