use super::is_noise;

#[test]
fn parts_of_alsa_and_doubles_are_no_devices() {
    for id in ["alsa:null", "alsa:speexrate", "alsa:surround51:CARD=PCH,DEV=0", "alsa:hw:CARD=0,DEV=0"] {
        assert!(is_noise(id), "{id}");
    }
    for id in ["alsa:default", "alsa:hw:CARD=PCH,DEV=0", "alsa:pulse", "pulseaudio:null", "coreaudio:1"] {
        assert!(!is_noise(id), "{id}");
    }
}
