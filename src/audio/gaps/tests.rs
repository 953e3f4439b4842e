use super::*;

const RATE: u32 = 48_000;

/// Blocks of 10 ms by a clock that is `ppm` too fast, with up to `jitter` seconds of lateness; `lost(i)` frames are
/// left out before block `i`. How many frames were found missing.
fn run(blocks: usize, ppm: f64, jitter: f64, lost: impl Fn(usize) -> usize) -> usize {
    let mut random = fastrand::Rng::with_seed(3);
    let mut gaps = Gaps::new(RATE);
    let mut captured = 0;
    let mut missing = 0;
    for i in 0..blocks {
        captured += lost(i);
        let at = captured as f64 / f64::from(RATE) * (1.0 - ppm * 1e-6) + random.f64() * jitter + 1.0;
        missing += gaps.missing(Duration::from_secs_f64(at), 480);
        captured += 480;
    }
    missing
}

#[test]
fn a_device_that_loses_nothing_has_no_gaps_whatever_its_clock_and_its_jitter() {
    for ppm in [-300.0, 0.0, 300.0] {
        assert_eq!(run(360_000, ppm, 0.004, |_| 0), 0, "{ppm} ppm for an hour");
    }
}

#[test]
fn what_is_lost_is_found_in_its_length() {
    let missing = run(1_000, 100.0, 0.002, |i| if i == 500 { 960 } else { 0 });
    assert!(missing.abs_diff(960) < 48, "{missing} of 960");
}

#[test]
fn small_losses_add_up() {
    let missing = run(2_000, 0.0, 0.001, |i| if i % 100 == 50 { 192 } else { 0 });
    assert!(missing.abs_diff(20 * 192) < 400, "{missing} of {}", 20 * 192);
}

#[test]
fn a_long_absence_is_half_a_second_of_silence() {
    assert_eq!(run(100, 0.0, 0.0, |i| if i == 50 { 4 * 48_000 } else { 0 }), 24_000);
}

#[test]
fn late_blocks_that_catch_up_are_no_loss() {
    let mut gaps = Gaps::new(RATE);
    let late = [0, 0, 8, 16, 24, 4, 0, 0];
    for (i, late_ms) in late.into_iter().cycle().take(400).enumerate() {
        let at = Duration::from_millis(1_000 + 10 * i as u64 + late_ms);
        assert_eq!(gaps.missing(at, 480), 0);
    }
}
