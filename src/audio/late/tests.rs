use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// Callbacks of 10 ms with 10 ms of latency at these times; how many found the device dry.
fn dry(times: impl IntoIterator<Item = u64>) -> usize {
    let mut late = Late::default();
    times.into_iter().filter(|&at| late.call(MS(at), MS(10), MS(10))).count()
}

fn steady(until: u64) -> impl Iterator<Item = u64> {
    (0..until).step_by(10)
}

#[test]
fn a_callback_that_comes_before_the_sound_is_over_is_in_time() {
    assert_eq!(dry(steady(2_000)), 0);
    assert_eq!(dry(steady(2_000).chain([2_010, 2_011, 2_030])), 0);
}

#[test]
fn a_callback_that_comes_after_the_sound_was_over_is_late() {
    assert_eq!(dry(steady(2_000).chain([2_014, 2_024, 2_060])), 2);
}

#[test]
fn the_first_second_does_not_count_nor_does_the_first_after_a_long_absence() {
    assert_eq!(dry((0..1_000).step_by(100)), 0);
    assert_eq!(dry(steady(2_000).chain([5_000, 5_050, 5_100])), 0);
}
