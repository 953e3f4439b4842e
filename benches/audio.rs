//! What the sound's real time parts cost: the callback, a turn of playback, the resampler,
//! the echo canceller and the voice detector, per 10 ms.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use realtime_cli::audio::bench::{Cleaning, Output, Playback};
use realtime_cli::resample::Resampler;
use realtime_cli::vad::VoiceActivity;

fn playback(c: &mut Criterion) {
    let mut output = Output::new(48_000);
    let mut block = vec![0.0; 480];
    c.bench_function("playback callback of 480 frames, filled anew", |b| {
        b.iter(|| {
            output.fill(480);
            output.call(black_box(&mut block));
        });
    });
    let mut player = Playback::with_queue(48_000, 6_000);
    c.bench_function("a turn of playback with ten minutes queued, and a callback of 480 frames", |b| {
        b.iter(|| player.turn(black_box(&mut block)));
    });
}

fn resample(c: &mut Criterion) {
    for (from, to) in
        [(48_000, 24_000), (44_100, 24_000), (24_000, 48_000), (16_000, 24_000), (192_000, 24_000)]
    {
        let input = vec![0.1_f32; from as usize / 100];
        let mut resampler = Resampler::new(from, to);
        let mut out = Vec::with_capacity(2_000);
        c.bench_function(&format!("resample 10 ms from {from} to {to}"), |b| {
            b.iter(|| {
                out.clear();
                resampler.push(black_box(&input), &mut out);
            });
        });
    }
}

fn clean(c: &mut Criterion) {
    let block: Vec<f32> = (0..240).map(|i| (i as f32 * 0.13).sin() * 0.1).collect();
    for (name, noise) in [("", false), (" and noise suppression", true)] {
        let mut cleaning = Cleaning::new(noise);
        c.bench_function(&format!("echo cancellation{name} of 10 ms"), |b| {
            b.iter(|| cleaning.block(black_box(&block)));
        });
    }
    let mut voice = VoiceActivity::new(24_000);
    c.bench_function("voice detector, 10 ms", |b| b.iter(|| voice.score(black_box(&block))));
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).measurement_time(Duration::from_secs(2));
    targets = playback, resample, clean
}
criterion_main!(benches);
