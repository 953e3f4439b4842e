use super::*;

fn items(widths: &[(u8, usize)]) -> Vec<Item> {
    widths
        .iter()
        .map(|(rank, width)| Item { rank: *rank, spans: vec![Span::raw("x".repeat(*width))] })
        .collect()
}

#[test]
fn what_matters_least_goes_first() {
    let pack = |width| pack(items(&[(0, 2), (2, 3), (1, 1)]), "-", width).to_string();
    assert_eq!(pack(20), " xx-xxx-x");
    assert_eq!(pack(9), " xx-xxx-x");
    assert_eq!(pack(8), " xx-x");
    assert_eq!(pack(4), " xx");
    assert_eq!(pack(2), " x");
}

#[test]
fn a_recording_is_told_in_red_however_little_room_there_is() {
    let view = View { recorded: true, ..View::default() };
    let mark = |line: Line<'static>| line.spans.into_iter().find(|span| span.content == "● recording");
    for width in [120, 40] {
        let span = mark(header(&view, true, width)).expect("the mark");
        assert_eq!(span.style, view.theme.style(Role::Error));
    }
    assert!(mark(header(&View::default(), true, 120)).is_none());
}

#[test]
fn a_caption_stands_in_the_place_of_the_keys() {
    let view = View { caption: crate::text::Clean::line("replay"), ..View::default() };
    assert_eq!(footer(&view, 40).to_string(), " replay");
}

#[test]
fn numbers_are_short() {
    for (number, words) in [(0, "0"), (999, "999"), (1540, "1.5k"), (999_949, "999.9k"), (999_950, "1.0M")] {
        assert_eq!(count(number), words);
    }
}

#[test]
fn help_and_quit_are_always_in_the_footer() {
    for (mode, text, help) in [
        (Mode::Vad, "", None),
        (Mode::PushToTalk, "", None),
        (Mode::Vad, "x", None),
        (Mode::Vad, "", Some(0)),
    ] {
        let mut view = View { mode, help, ..View::default() };
        view.input.paste(text);
        let footer = footer(&view, 40).to_string();
        assert!(footer.contains("Ctrl-C quit"), "{footer}");
        assert!(footer.contains("F1 help") || footer.contains("Esc close"), "{footer}");
        assert_eq!(footer.contains("Space talk"), mode == Mode::PushToTalk);
    }
}

#[test]
fn troubles_are_shown_only_when_there_are_any() {
    let mut view = View::default();
    assert!(!header(&view, false, 100).to_string().contains("underruns"));
    view.counters.underruns = 1;
    assert!(header(&view, false, 40).to_string().contains("1 underrun"));
    assert!(!header(&view, false, 40).to_string().contains("underruns"));
    view.counters.underruns = 2;
    assert!(header(&view, false, 40).to_string().contains("2 underruns"));
}

#[test]
fn the_latency_is_told_with_our_own_share_of_it() {
    use std::time::Duration;
    let mut view = View { latency: Some(Duration::from_millis(430)), ..View::default() };
    assert!(header(&view, false, 100).to_string().contains("430 ms"));
    view.own_latency = Some(Duration::from_millis(25));
    assert!(header(&view, false, 100).to_string().contains("430 ms (25 ms ours)"));
}

#[test]
fn what_the_server_hears_is_told_beside_what_we_do() {
    let view = View { ears: Ears::Open, server_hears: true, ..View::default() };
    let state = state(&view, 80).to_string();
    assert!(state.contains("open") && state.contains("server hears"), "{state}");
}

#[test]
fn nobody_listens_and_no_echo_is_learned_without_a_microphone() {
    let mut view = View { turn: Turn::Listening, echo: Echo::Learning, ..View::default() };
    view.connection = Connection::Online;
    view.ears = Ears::Open;
    assert!(state_word(&view).0.contains("listening"));
    assert!(header(&view, false, 100).to_string().contains("learning"));
    view.ears = Ears::Missing;
    assert!(state_word(&view).0.contains("idle"));
    assert!(!header(&view, false, 100).to_string().contains("learning"));
}
