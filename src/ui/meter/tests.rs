use super::*;

fn shown(level: f32, peak: f32, view: &View) -> String {
    spans(Level::from_linear(level, peak), view).iter().map(|span| span.content.as_ref()).collect()
}

fn drawn(level: f32, peak: f32) -> String {
    shown(level, peak, &View::default())
}

#[test]
fn with_reduced_motion_a_level_is_a_number_of_the_same_width() {
    let view = View { reduced_motion: true, ..View::default() };
    assert_eq!(shown(0.1, 0.5, &view), "6/10      ");
}

#[test]
fn the_scale_is_in_decibels() {
    // (amplitude, lit cells): -50 dB is the floor, a cell is 5 dB.
    for (amplitude, lit) in [(0.0, 0), (0.003, 0), (0.01, 2), (0.1, 6), (0.5, 9), (1.0, 10), (7.0, 10)] {
        assert_eq!(steps(amplitude), lit, "{amplitude}");
    }
}

#[test]
fn nonsense_is_silence() {
    for amplitude in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0] {
        assert_eq!(steps(amplitude), 0);
    }
}

#[test]
fn a_meter_shows_level_peak_and_clipping() {
    assert_eq!(drawn(0.0, 0.0), "··········");
    assert_eq!(drawn(0.1, 0.5), "██████··|·");
    assert_eq!(drawn(0.5, 1.0), "█████████!");
}

#[test]
fn levels_that_look_equal_are_equal() {
    assert_eq!(Level::from_linear(0.12, 0.2), Level::from_linear(0.125, 0.205));
}
