use super::*;
use crate::pcm::{SESSION_RATE, f32_to_i16};
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
fn nothing_is_touched_where_the_server_has_our_format() {
    let mut formats = Formats::new((AudioFormat::default(), AudioFormat::default()));
    let event = delta(vec![1, 2, 3]);
    assert_eq!(formats.incoming(event.clone()), (None, event));
}

#[test]
fn the_microphone_is_sent_at_the_servers_rate() {
    let mut formats = Formats::new((AudioFormat::Pcm { rate: 16_000 }, AudioFormat::default()));
    let mut sent = Vec::new();
    for frame in tone(SESSION_RATE, 1.0).chunks(480) {
        let audio = (&Pcm16::new(frame.to_vec())).into();
        let message = ClientMessage { event_id: None, event: ClientEvent::InputAudioBufferAppend { audio } };
        let ClientEvent::InputAudioBufferAppend { audio } = formats.outgoing(message).event else { panic!() };
        sent.extend(Pcm16::from_le_bytes(&audio.0).into_samples());
    }
    assert!((15_800..=16_000).contains(&sent.len()), "{}", sent.len());
    assert!((439..=441).contains(&crossings(&sent)), "{}", crossings(&sent));
}

#[test]
fn an_answer_is_heard_whole_at_our_rate_however_it_was_cut() {
    let mut formats = Formats::new((AudioFormat::default(), AudioFormat::Pcm { rate: 48_000 }));
    let bytes = Pcm16::new(tone(48_000, 1.0)).to_le_bytes();
    let mut heard = Vec::new();
    let mut take = |event: ServerEvent| {
        if let ServerEvent::OutputAudioDelta(delta) = event {
            heard.extend(Pcm16::from_le_bytes(&delta.delta.0).into_samples());
        }
    };
    for piece in bytes.chunks(1_001) {
        take(formats.incoming(delta(piece.to_vec())).1);
    }
    let done = ServerEvent::OutputAudioDone(AudioDone { item_id: "a".into(), ..AudioDone::default() });
    let (rest, end) = formats.incoming(done.clone());
    rest.into_iter().for_each(take);
    assert_eq!(end, done);
    assert_eq!(heard.len(), 24_000);
    assert!((436..=446).contains(&crossings(&heard)), "{}", crossings(&heard));
}

#[test]
fn telephone_sound_is_ours_on_this_side_and_a_sixth_of_the_bytes_on_the_other() {
    let mut formats = Formats::new((AudioFormat::Pcmu, AudioFormat::Pcma));
    let said = tone(SESSION_RATE, 1.0);
    let mut sent = Vec::new();
    for frame in said.chunks(480) {
        let audio = (&Pcm16::new(frame.to_vec())).into();
        let message = ClientMessage { event_id: None, event: ClientEvent::InputAudioBufferAppend { audio } };
        let ClientEvent::InputAudioBufferAppend { audio } = formats.outgoing(message).event else { panic!() };
        sent.extend(audio.0);
    }
    assert!((7_900..=8_000).contains(&sent.len()), "{}", sent.len());
    let mut decoder = Decoder::new(AudioFormat::Pcmu);
    let heard = decoder.push(sent);
    assert!((430..=446).contains(&crossings(&heard)), "{}", crossings(&heard));

    let answer = Encoder::new(AudioFormat::Pcma).push(&said);
    let (_, first) = formats.incoming(delta(answer.0.clone()));
    let done = ServerEvent::OutputAudioDone(AudioDone { item_id: "a".into(), ..AudioDone::default() });
    let (rest, _) = formats.incoming(done);
    let length = |event: &ServerEvent| match event {
        ServerEvent::OutputAudioDelta(delta) => delta.delta.0.len() / 2,
        _ => panic!("no sound"),
    };
    assert_eq!(length(&first) + length(&rest.expect("what was in the filter")), answer.0.len() * 3);
}
