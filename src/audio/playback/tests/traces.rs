//! Sound that comes as networks and servers bring it, and how well it is played.

use super::*;

/// When each chunk of a track comes, in ms since its beginning, and its length in ms.
type Trace = Vec<(f64, u64)>;

/// How one track was played.
#[derive(Debug, Clone, Copy)]
struct Played {
    /// From the first chunk's arrival to the first frame that the device took.
    start_ms: u64,
    underruns: u64,
    /// Silence between the first and the last frame.
    silent_ms: u64,
    length_ms: u64,
    /// From the arrival of a chunk to its first frame: what 95 % of the chunks did not exceed.
    waited_p95_ms: u64,
    end_ms: u64,
}

impl Played {
    fn silent_share(self) -> f64 {
        self.silent_ms as f64 / self.length_ms as f64
    }
}

/// A bursting server: `factor` times as fast as real time.
fn burst(factor: f64, chunk: u64, chunks: u64) -> Trace {
    (0..chunks).map(|i| ((i * chunk) as f64 / factor, chunk)).collect()
}

/// Real time with uniform jitter of up to `most` ms; a network keeps the order.
fn jittery(most: u64, chunks: u64, random: &mut fastrand::Rng) -> Trace {
    let mut last = 0.0_f64;
    let late = |i: u64| {
        last = last.max((i * 20) as f64 + random.f64() * most as f64);
        (last, 20)
    };
    (0..chunks).map(late).collect()
}

impl Rig {
    /// As the audio thread and a device of 10 ms would do it: turns at each arrival and every 5 ms.
    fn play_trace(&mut self, id: &str, trace: &Trace) -> Played {
        let begin = self.now.as_millis() as u64 + 20;
        let first = begin as f64 + trace[0].0;
        let line_begin = self.output.line.len();
        let mut chunks = trace.iter().peekable();
        for ms in begin.. {
            while let Some(&(at, length)) = chunks.next_if(|c| begin as f64 + c.0 < (ms + 1) as f64) {
                self.now = Duration::from_secs_f64((begin as f64 + at) / 1000.0);
                self.play(id, vec![8_000; length as usize * 24]);
                if chunks.peek().is_none() {
                    self.end(id);
                }
                self.step();
            }
            self.now = Duration::from_millis(ms + 1);
            if ms % 5 == 0 {
                self.step();
            }
            if ms % 10 == 7 {
                self.output.call(self.output.rate as usize / 100);
            }
            if chunks.peek().is_none() && self.player.tracks.is_empty() {
                break;
            }
        }
        self.measure(line_begin, begin, first as u64, trace)
    }

    fn measure(&mut self, line_begin: usize, begin: u64, first: u64, trace: &Trace) -> Played {
        let line = &self.output.line[line_begin..];
        // Calls are at 7, 17, 27 ms and so on.
        let called = begin + (17 - begin % 10) % 10;
        let ms = |frame: usize| called + (frame * 1000) as u64 / u64::from(self.output.rate);
        let from = line.iter().position(|&s| s).expect("it sounds");
        let to = line.iter().rposition(|&s| s).expect("it sounds") + 1;
        let silent = line[from..to].iter().filter(|&&s| !s).count();
        let sounding: Vec<usize> = (from..to).filter(|&frame| line[frame]).collect();
        let mut before = 0;
        let mut waited: Vec<u64> = Vec::new();
        for &(at, length) in trace {
            let frame = sounding[before as usize * self.output.rate as usize / 1000];
            waited.push(ms(frame).saturating_sub(begin + at as u64));
            before += length;
        }
        waited.sort_unstable();
        assert_eq!(sounding.len() as u64, before * u64::from(self.output.rate) / 1000, "all of it, and once");
        Played {
            start_ms: ms(from) - first,
            underruns: self.player.drain_underruns(),
            silent_ms: ms(silent) - ms(0),
            length_ms: before,
            waited_p95_ms: waited[waited.len() * 95 / 100],
            end_ms: ms(to) - begin,
        }
    }
}

#[test]
fn a_bursting_server_is_heard_at_once_from_the_first_track_on() {
    for rate in [24_000, 48_000] {
        let mut rig = Rig::new(rate, 0);
        for (id, chunk) in [("a", 100), ("b", 100), ("c", 20), ("d", 20)] {
            let played = rig.play_trace(id, &burst(8.0, chunk, 5_000 / chunk));
            assert!(played.start_ms <= 10, "{rate}, {id}: {played:?}");
            assert_eq!((played.underruns, played.silent_ms), (0, 0), "{rate}, {id}: {played:?}");
        }
        let mut rig = Rig::new(rate, 0);
        let played = rig.play_trace("small", &burst(8.0, 20, 100));
        assert!(played.start_ms <= 10 && played.underruns == 0, "{rate}: {played:?}");
    }
}

#[test]
fn a_server_in_real_time_is_played_without_a_gap_once_it_is_known() {
    for rate in [24_000, 48_000] {
        let mut rig = Rig::new(rate, 0);
        let first = rig.play_trace("a", &burst(1.0, 20, 500));
        assert!(first.underruns <= 1 && first.silent_share() < 0.01, "{rate}: {first:?}");
        let second = rig.play_trace("b", &burst(1.0, 20, 500));
        assert_eq!((second.underruns, second.silent_ms), (0, 0), "{rate}: {second:?}");
        assert!(second.start_ms <= 40, "{rate}: {second:?}");
    }
}

#[test]
fn jitter_of_60_ms_conceals_less_than_one_percent_and_delays_by_less_than_120_ms() {
    for rate in [24_000, 48_000] {
        let mut random = fastrand::Rng::with_seed(7);
        let mut rig = Rig::new(rate, 0);
        let runs: Vec<Played> =
            (0..20).map(|i| rig.play_trace(&i.to_string(), &jittery(60, 500, &mut random))).collect();
        let mean = runs.iter().map(|p| p.silent_share()).sum::<f64>() / runs.len() as f64;
        assert!(mean < 0.01 && runs[0].silent_share() < 0.02, "{rate}: {mean} {:?}", runs[0]);
        let mut starts: Vec<u64> = runs[1..].iter().map(|p| p.start_ms).collect();
        starts.sort_unstable();
        assert!(starts[starts.len() / 2] <= 80, "{rate}: {starts:?}");
        for played in &runs[1..] {
            assert!(played.start_ms <= 95 && played.waited_p95_ms <= 115, "{rate}: {played:?}");
            assert!(played.underruns <= 1 && played.silent_share() < 0.01, "{rate}: {played:?}");
        }
    }
}

#[test]
fn a_stall_is_one_underrun_and_costs_little_more_than_itself() {
    for rate in [24_000, 48_000] {
        let mut rig = Rig::new(rate, 0);
        rig.play_trace("known", &burst(1.0, 20, 200));
        let mut trace = burst(1.0, 20, 500);
        // What was held up comes in one go.
        for chunk in &mut trace[200..215] {
            chunk.0 = 215.0 * 20.0;
        }
        let played = rig.play_trace("stalled", &trace);
        assert_eq!(played.underruns, 1, "{rate}: {played:?}");
        assert!((240..=320).contains(&played.silent_ms), "{rate}: {played:?}");
        // A server that paused goes on in real time.
        let mut trace = burst(1.0, 20, 500);
        trace[200..].iter_mut().for_each(|chunk| chunk.0 += 300.0);
        let played = rig.play_trace("paused", &trace);
        assert_eq!(played.underruns, 1, "{rate}: {played:?}");
        assert!((240..=380).contains(&played.silent_ms), "{rate}: {played:?}");
    }
}

#[test]
fn a_stall_of_a_server_that_is_ahead_is_not_heard() {
    let mut rig = Rig::new(48_000, 0);
    let mut trace = burst(4.0, 100, 50);
    trace[5..].iter_mut().for_each(|chunk| chunk.0 += 300.0);
    let played = rig.play_trace("a", &trace);
    assert_eq!((played.underruns, played.silent_ms), (0, 0), "{played:?}");
}

#[test]
fn a_server_that_is_too_slow_makes_few_long_gaps_and_not_many_short_ones() {
    let mut rig = Rig::new(48_000, 0);
    let played = rig.play_trace("slow", &burst(0.9, 20, 1_000));
    // Two seconds are missing in twenty.
    assert!(played.underruns <= 14, "{played:?}");
    assert!(played.end_ms < 20_000 * 10 / 9 + 450, "{played:?}");
    let later = rig.play_trace("still slow", &burst(0.9, 20, 1_000));
    assert!(later.underruns <= 8, "{later:?}");
}

#[test]
fn ten_minutes_in_one_burst_are_played_whole_and_let_go_of_as_they_are_heard() {
    let mut rig = Rig::new(24_000, 0);
    for _ in 0..6_000 {
        rig.play("long", vec![8_000; 2_400]);
    }
    rig.end("long");
    assert_eq!((rig.player.queued_ms(), rig.player.drain_refused()), (600_000, 0));
    (0..3_750).for_each(|_| rig.call(1_920));
    let held = rig.player.tracks[0].sound.held();
    assert!((2_990..=3_010).contains(&held), "{held} of 6,000 after half the time");
    (0..3_760).for_each(|_| rig.call(1_920));
    assert_eq!(rig.take_events(), [started("long"), finished("long")]);
    assert_eq!(rig.output.line.iter().filter(|&&s| s).count(), 24_000 * 600);
    assert_eq!(rig.player.drain_underruns(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_or_played_twice_however_it_comes(
        chunks in prop::collection::vec((0_u64..150, 1_usize..3_000), 1..40),
        callback in 50_usize..1_500,
    ) {
        let mut rig = Rig::new(24_000, 0);
        let mut wanted = Vec::new();
        let (mut called, mut due) = (0, 0);
        for &(gap, length) in &chunks {
            for _ in 0..gap {
                rig.now += Duration::from_millis(1);
                due += 24;
                if due >= called + callback {
                    called += callback;
                    rig.call(callback);
                }
            }
            let samples = counted(wanted.len(), length);
            wanted.extend(&samples);
            rig.play("a", samples);
            rig.step();
        }
        rig.end("a");
        rig.run_out(callback);
        let (sound, line) = (rig.drain_sound(), rig.output.line.clone());
        let heard: Vec<f32> = sound.iter().zip(&line).filter(|(_, from_ring)| **from_ring).map(|(s, _)| *s).collect();
        prop_assert_eq!(heard.len(), wanted.len());
        // Where playback ran dry the sound fades; everywhere else it is exact.
        let heard = Pcm16::from_f32(&heard);
        let faded = heard.samples().iter().zip(&wanted).filter(|(h, w)| h != w).count();
        let fade = frames_in(FADE_MS, 24_000);
        prop_assert!(heard.samples().iter().zip(&wanted).all(|(h, w)| h <= w));
        // The end may have been faded too, without being an underrun.
        prop_assert!(faded <= 2 * fade * (chunks.len() + 1));
        prop_assert!(rig.player.drain_underruns() <= chunks.len() as u64);
    }
}
