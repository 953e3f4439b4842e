use super::*;

const ALL: [Cue; 3] = [Cue::Listening, Cue::Done, Cue::Error];

#[test]
fn cues_are_short_and_soft_and_begin_and_end_in_silence() {
    for cue in ALL {
        let sound = frames(cue, SESSION_RATE);
        let ms = sound.len() * 1000 / SESSION_RATE as usize;
        assert!((80..=160).contains(&ms), "{cue:?}: {ms} ms");
        let peak = sound.iter().fold(0.0_f32, |m, s| m.max(s.abs()));
        assert!((20.0 * peak.log10() + 18.0).abs() < 0.1, "{cue:?}: {peak}");
        assert!(sound[0].abs() < 1e-3 && sound[sound.len() - 1].abs() < 1e-3, "{cue:?}");
    }
}

#[test]
fn cues_keep_their_length_at_every_rate() {
    for (cue, rate) in ALL.into_iter().flat_map(|cue| [(cue, 8_000), (cue, 44_100), (cue, 48_000)]) {
        let (at_24, at_rate) = (frames(cue, SESSION_RATE).len() as u64, frames(cue, rate).len() as u64);
        assert_eq!(at_rate, (at_24 * u64::from(rate)).div_ceil(u64::from(SESSION_RATE)), "{cue:?}");
    }
}
