use super::*;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn buffers_begin_short_and_grow_each_direction_by_itself() {
    let buffers = Buffers::new(None);
    let lengths = || (buffers.ms(Direction::Input), buffers.ms(Direction::Output));
    assert_eq!(lengths(), (5, 8));
    assert!(buffers.lengthen(Direction::Output));
    assert_eq!(lengths(), (5, 12));
    assert!(buffers.lengthen(Direction::Output));
    assert!(buffers.lengthen(Direction::Output));
    assert!(!buffers.lengthen(Direction::Output), "there is none longer");
    assert_eq!(lengths(), (5, 40));
    assert!(buffers.lengthen(Direction::Input));
    assert_eq!(lengths(), (12, 40));
}

#[test]
fn a_length_of_ones_own_is_kept() {
    let buffers = Buffers::new(Some(7));
    assert!(!buffers.lengthen(Direction::Input));
    assert_eq!(buffers.ms(Direction::Input), 7);
}

#[test]
fn twice_within_a_minute_is_too_often() {
    let mut strain = Strain::default();
    assert!(!strain.proves_too_short(at(1), 1));
    assert!(!strain.proves_too_short(at(70), 2), "the first is long ago");
    assert!(!strain.proves_too_short(at(100), 2));
    assert!(strain.proves_too_short(at(129), 3));
    assert!(!strain.proves_too_short(at(130), 9), "that is known");
}

#[test]
fn a_pause_is_waited_for_but_not_for_ever() {
    let mut strain = Strain::default();
    assert!(!strain.is_to_be_replaced(at(0), true), "nothing is wrong");
    assert!(strain.proves_too_short(at(1), 2));
    assert!(!strain.is_to_be_replaced(at(5), false));
    assert!(strain.is_to_be_replaced(at(5), true));
    assert!(strain.is_to_be_replaced(at(6), false));
    strain.accept();
    assert!(!strain.is_to_be_replaced(at(60), true));
}
