use super::*;
use crate::protocol::server_event::AudioDone;

fn tone(rate: u32, seconds: f32) -> Vec<i16> {
    let count = (rate as f32 * seconds) as usize;
    (0..count)
        .map(|i| f32_to_i16((i as f32 * 440.0 * std::f32::consts::TAU / rate as f32).sin() * 0.5))
        .collect()
}

/// Of the middle half: the filter's own ringing is at the ends.
fn crossings(samples: &[i16]) -> usize {
    let samples = &samples[samples.len() / 4..samples.len() * 3 / 4];
    samples.windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0)).count()
}

fn delta(bytes: Vec<u8>) -> ServerEvent {
    ServerEvent::OutputAudioDelta(AudioDelta {
        item_id: "a".into(),
        delta: AudioBytes(bytes),
        ..AudioDelta::default()
    })
}

#[test]
fn nothing_is_touched_where_the_server_has_our_rate() {
    let mut rates = Rates::new((SESSION_RATE, SESSION_RATE));
    let event = delta(vec![1, 2, 3]);
    assert_eq!(rates.incoming(event.clone()), (None, event));
}

#[test]
fn the_microphone_is_sent_at_the_servers_rate() {
    let mut rates = Rates::new((16_000, SESSION_RATE));
    let mut sent = Vec::new();
    for frame in tone(SESSION_RATE, 1.0).chunks(480) {
        let audio = (&Pcm16::new(frame.to_vec())).into();
        let message = ClientMessage { event_id: None, event: ClientEvent::InputAudioBufferAppend { audio } };
        let ClientEvent::InputAudioBufferAppend { audio } = rates.outgoing(message).event else { panic!() };
        sent.extend(Pcm16::from_le_bytes(&audio.0).into_samples());
    }
    assert!((15_800..=16_000).contains(&sent.len()), "{}", sent.len());
    assert!((439..=441).contains(&crossings(&sent)), "{}", crossings(&sent));
}

#[test]
fn an_answer_is_heard_whole_at_our_rate_however_it_was_cut() {
    let mut rates = Rates::new((SESSION_RATE, 48_000));
    let bytes = Pcm16::new(tone(48_000, 1.0)).to_le_bytes();
    let mut heard = Vec::new();
    let mut take = |event: ServerEvent| {
        if let ServerEvent::OutputAudioDelta(delta) = event {
            heard.extend(Pcm16::from_le_bytes(&delta.delta.0).into_samples());
        }
    };
    for piece in bytes.chunks(1_001) {
        take(rates.incoming(delta(piece.to_vec())).1);
    }
    let done = ServerEvent::OutputAudioDone(AudioDone { item_id: "a".into(), ..AudioDone::default() });
    let (rest, end) = rates.incoming(done.clone());
    rest.into_iter().for_each(take);
    assert_eq!(end, done);
    assert!((24_000..24_200).contains(&heard.len()), "{}", heard.len());
    assert!((436..=446).contains(&crossings(&heard)), "{}", crossings(&heard));
}
