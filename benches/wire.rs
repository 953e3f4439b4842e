//! What each frame of sound costs between the ring and the socket, both ways.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use realtime_cli::pcm::{AudioBytes, FRAME_SAMPLES, Pcm16};
use realtime_cli::protocol::dialect::{decode_server, encode_client, encode_server};
use realtime_cli::protocol::server_event::AudioDelta;
use realtime_cli::protocol::{ClientEvent, ClientMessage, Dialect, ServerEvent, ServerMessage};
use realtime_cli::resample::Resampler;

fn frame() -> Pcm16 {
    Pcm16::new((0..FRAME_SAMPLES as i16).map(|i| i.wrapping_mul(67)).collect())
}

fn wire(c: &mut Criterion) {
    let pcm = frame();
    c.bench_function("encode an append of 20 ms", |b| {
        b.iter(|| {
            let event = ClientEvent::InputAudioBufferAppend { audio: black_box(&pcm).into() };
            encode_client(&ClientMessage { event_id: None, event }, Dialect::Ga)
        });
    });
    let delta = AudioDelta { delta: AudioBytes::from(&pcm), ..AudioDelta::default() };
    let message =
        ServerMessage { event_id: Some("event_1".into()), event: ServerEvent::OutputAudioDelta(delta) };
    let text = encode_server(&message, Dialect::Ga).expect("GA has it");
    c.bench_function("decode a delta of 20 ms", |b| b.iter(|| decode_server(black_box(&text))));
}

fn resample(c: &mut Criterion) {
    let input = vec![0.1_f32; 960];
    let mut resampler = Resampler::new(48_000, 24_000);
    let mut out = Vec::with_capacity(2 * FRAME_SAMPLES);
    c.bench_function("resample 20 ms from 48 to 24 kHz", |b| {
        b.iter(|| {
            out.clear();
            resampler.push(black_box(&input), &mut out);
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).measurement_time(Duration::from_secs(2));
    targets = wire, resample
}
criterion_main!(benches);
