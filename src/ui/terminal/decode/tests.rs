use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::ui::talk_key::{Method, Stroke, Talk, TalkKey};

fn decoded(pieces: &[&[u8]]) -> Vec<Input> {
    let mut decoder = Decoder::default();
    pieces.iter().for_each(|piece| decoder.push(piece));
    while decoder.patience().is_some() {
        decoder.quiet();
    }
    std::iter::from_fn(|| decoder.next()).collect()
}

fn of(text: &str) -> Vec<Input> {
    decoded(&[text.as_bytes()])
}

fn press(modifiers: KeyModifiers, code: KeyCode) -> Input {
    Input::Key(KeyEvent::new(code, modifiers))
}

fn character(c: char) -> Input {
    press(KeyModifiers::NONE, KeyCode::Char(c))
}

#[test]
fn what_terminals_send_without_the_protocol() {
    let (none, ctrl, alt, shift) =
        (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SHIFT);
    let table: &[(&str, KeyModifiers, KeyCode)] = &[
        ("a", none, KeyCode::Char('a')),
        ("A", none, KeyCode::Char('A')),
        ("ß", none, KeyCode::Char('ß')),
        ("日", none, KeyCode::Char('日')),
        ("🎙", none, KeyCode::Char('🎙')),
        (" ", none, KeyCode::Char(' ')),
        ("\r", none, KeyCode::Enter),
        ("\n", ctrl, KeyCode::Char('j')),
        ("\t", none, KeyCode::Tab),
        ("\x7f", none, KeyCode::Backspace),
        ("\x08", ctrl, KeyCode::Char('h')),
        ("\x03", ctrl, KeyCode::Char('c')),
        ("\0", ctrl, KeyCode::Char(' ')),
        ("\x1f", ctrl, KeyCode::Char('7')),
        ("\x1b", none, KeyCode::Esc),
        ("\x1bb", alt, KeyCode::Char('b')),
        ("\x1b\r", alt, KeyCode::Enter),
        ("\x1b\x7f", alt, KeyCode::Backspace),
        ("\x1b[", alt, KeyCode::Char('[')),
        ("\x1bO", alt, KeyCode::Char('O')),
        ("\x1b[A", none, KeyCode::Up),
        ("\x1bOD", none, KeyCode::Left),
        ("\x1bOP", none, KeyCode::F(1)),
        ("\x1b[[B", none, KeyCode::F(2)),
        ("\x1b[1;2A", shift, KeyCode::Up),
        ("\x1b[1;5D", ctrl, KeyCode::Left),
        ("\x1b[Z", shift, KeyCode::BackTab),
        ("\x1b[3~", none, KeyCode::Delete),
        ("\x1b[5;3~", alt, KeyCode::PageUp),
        ("\x1b[15~", none, KeyCode::F(5)),
        ("\x1b[24~", none, KeyCode::F(12)),
        ("\x1b[27;2;13~", shift, KeyCode::Enter),
    ];
    for (bytes, modifiers, code) in table {
        assert_eq!(of(bytes), [press(*modifiers, *code)], "{bytes:?}");
    }
}

#[test]
fn what_terminals_send_by_the_protocol() {
    let (none, ctrl, alt, shift) =
        (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SHIFT);
    let table: &[(&str, KeyModifiers, KeyCode)] = &[
        ("\x1b[97;;97u", none, KeyCode::Char('a')),
        ("\x1b[97:65;2;65u", none, KeyCode::Char('A')),
        // A terminal that does not tell the text.
        ("\x1b[97u", none, KeyCode::Char('a')),
        ("\x1b[97:65;2u", none, KeyCode::Char('A')),
        ("\x1b[97;2u", none, KeyCode::Char('A')),
        ("\x1b[97;65u", none, KeyCode::Char('A')),
        ("\x1b[47:63;2u", none, KeyCode::Char('?')),
        // Num lock changes nothing.
        ("\x1b[97;129;97u", none, KeyCode::Char('a')),
        // AltGr-Q of a German keyboard, Option-L of a German Mac.
        ("\x1b[113;;64u", none, KeyCode::Char('@')),
        ("\x1b[108;3;64u", none, KeyCode::Char('@')),
        ("\x1b[98;3u", alt, KeyCode::Char('b')),
        ("\x1b[98;3;98u", alt, KeyCode::Char('b')),
        ("\x1b[99;5u", ctrl, KeyCode::Char('c')),
        // Ctrl-C of a Russian keyboard.
        ("\x1b[1089::99;5u", ctrl, KeyCode::Char('c')),
        ("\x1b[13u", none, KeyCode::Enter),
        ("\x1b[13;2u", shift, KeyCode::Enter),
        ("\x1b[27u", none, KeyCode::Esc),
        ("\x1b[9;2u", shift, KeyCode::BackTab),
        ("\x1b[127u", none, KeyCode::Backspace),
        ("\x1b[57399;;48u", none, KeyCode::Char('0')),
        ("\x1b[57414u", none, KeyCode::Enter),
        ("\x1b[57376u", none, KeyCode::F(13)),
        ("\x1b[1;1:1P", none, KeyCode::F(1)),
        ("\x1b[1;5:1A", ctrl, KeyCode::Up),
    ];
    for (bytes, modifiers, code) in table {
        assert_eq!(of(bytes), [press(*modifiers, *code)], "{bytes:?}");
    }
    let of_kind = |kind| Input::Key(KeyEvent { kind, ..KeyEvent::from(KeyCode::Char(' ')) });
    assert_eq!(of("\x1b[32;1:2;32u"), [of_kind(KeyEventKind::Repeat)]);
    assert_eq!(of("\x1b[32;1:3u"), [of_kind(KeyEventKind::Release)]);
    // An input method writes two characters at once.
    assert_eq!(of("\x1b[0;;26085:26412u"), [character('日'), character('本')]);
}

#[test]
fn what_is_no_key_types_nothing() {
    let silent = [
        "\x1b[?62;4c",
        "\x1b[I",
        "\x1b[57441;2u",
        "\x1b[57358u",
        "\x1b[>0;95;0c",
        "\x1b[<0;3;4M",
        "\x1b[999~",
        "\x1b[200x",
        "\x1b[7u",
        "\x1b[99999999999u",
    ];
    for bytes in silent {
        assert_eq!(of(bytes), [], "{bytes:?}");
    }
    assert_eq!(of("\x1b[O"), [Input::FocusLost]);
    let wheel = [Input::Wheel(ScrollStep::Up), Input::Wheel(ScrollStep::Down)];
    assert_eq!(of("\x1b[<64;10;5M\x1b[<69;10;5M"), wheel);
    assert_eq!(decoded(&[b"\xff\xfea\xc3", b"b"]), [character('a'), character('b')]);
    assert_eq!(of("\x1b[1;\rx"), [press(KeyModifiers::NONE, KeyCode::Enter), character('x')]);
}

#[test]
fn the_terminals_answer_says_whether_there_are_releases() {
    for (flags, releases) in [(31, true), (15, true), (11, true), (3, false), (1, false), (0, false)] {
        assert_eq!(of(&format!("\x1b[?{flags}u")), [Input::Keyboard { releases }]);
    }
}

#[test]
fn a_sequence_in_two_pieces_is_one() {
    let answer = [Input::Keyboard { releases: true }];
    for at in 1.."\x1b[?31u".len() {
        let (first, second) = "\x1b[?31u".as_bytes().split_at(at);
        assert_eq!(decoded(&[first, second]), answer, "{at}");
    }
    assert_eq!(decoded(&[b"\xe6\x97", b"\xa5"]), [character('日')]);
}

#[test]
fn an_escape_alone_is_the_key_after_a_while() {
    let mut decoder = Decoder::default();
    decoder.push(b"\x1b");
    assert_eq!((decoder.next(), decoder.patience()), (None, Some(ESCAPE)));
    decoder.quiet();
    assert_eq!(decoder.next(), Some(press(KeyModifiers::NONE, KeyCode::Esc)));
    assert_eq!(decoder.patience(), None);
}

#[test]
fn a_paste_is_data_also_with_an_end_marker_in_it() {
    let paste = |text: &str| Input::Paste(text.to_owned());
    assert_eq!(of("\x1b[200~two\rlines\x1b[201~x"), [paste("two\rlines"), character('x')]);
    let hostile = "a\x1b[201~\x03\rb";
    assert_eq!(of(&format!("\x1b[200~{hostile}\x1b[201~")), [paste(hostile)]);
    let pieces: [&[u8]; 3] = [b"\x1b[200~a\x1b[20", b"1~\r b", b"\x1b[201~"];
    assert_eq!(decoded(&pieces), [paste("a\x1b[201~\r b")]);
    assert_eq!(of("\x1b[200~without end"), [paste("without end")]);
}

#[test]
fn a_long_paste_costs_no_more_than_its_length() {
    let mut decoder = Decoder::default();
    decoder.push(b"\x1b[200~");
    (0..1000).for_each(|_| decoder.push(&[b'x'; 4096]));
    decoder.push(PASTE_END);
    decoder.quiet();
    assert!(matches!(decoder.next(), Some(Input::Paste(text)) if text.len() == 4_096_000));
}

proptest! {
    #[test]
    fn any_bytes_are_understood_in_the_end(pieces in prop::collection::vec(
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..20),
            "\x1b\\[[0-9;:?]{0,8}[A-Za-z~]".prop_map(String::into_bytes),
        ], 0..8)) {
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        for input in decoded(&pieces) {
            if let Input::Key(KeyEvent { code: KeyCode::Char(c), .. }) = input {
                prop_assert!(!c.is_control());
            }
        }
    }
}

// ---- the talk key, from the bytes ----

#[expect(clippy::disallowed_methods, reason = "a test needs some beginning")]
fn start() -> Instant {
    Instant::now()
}

/// What the talk key does of bytes that arrive at these milliseconds: when takes start, and when they stop.
fn takes(method: Method, bytes: &[(u64, &str)], until: u64) -> Vec<(u64, bool)> {
    let (start, mut key, mut decoder) =
        (start(), TalkKey::new(method, Duration::from_secs(120)), Decoder::default());
    let mut takes = Vec::new();
    let mut quiet_at = u64::MAX;
    for ms in 0..=until {
        let now = start + Duration::from_millis(ms);
        let mut note = |talk: Option<Talk>| takes.extend(talk.map(|talk| (ms, talk == Talk::Start)));
        if key.poll_timeout().is_some_and(|at| at <= now) {
            note(key.timeout(now));
        }
        if quiet_at <= ms {
            decoder.quiet();
        }
        bytes.iter().filter(|(at, _)| *at == ms).for_each(|(_, bytes)| decoder.push(bytes.as_bytes()));
        let patience = decoder.patience().map_or(u64::MAX - ms, |patience| patience.as_millis() as u64);
        quiet_at =
            if bytes.iter().any(|(at, _)| *at == ms) || quiet_at <= ms { ms + patience } else { quiet_at };
        while let Some(input) = decoder.next() {
            match input {
                Input::Key(event) if event.code == KeyCode::Char(' ') => {
                    note(key.stroke(Stroke::of(event), now));
                }
                Input::Key(event) if event.kind == KeyEventKind::Press => note(key.other_key(now)),
                Input::Key(_) => {}
                Input::Wheel(_) => {}
                Input::Paste(_) | Input::FocusLost => note(key.turn_away(now)),
                Input::Keyboard { releases } => key.set_releases(releases),
            }
        }
    }
    takes
}

#[test]
fn kitty_tells_the_release() {
    let stream = [
        (0, "\x1b[?31u"),
        (100, "\x1b[32;;32u"),
        (700, "\x1b[32;1:2;32u"),
        (750, "\x1b[32;1:2;32u"),
        (900, "\x1b[32;1:3u"),
        // The second time the release is lost; another key ends it.
        (2000, "\x1b[32;;32u"),
        (3000, "\x1b[97;;97u"),
    ];
    assert_eq!(takes(Method::Auto, &stream, 5000), [(100, true), (900, false), (2000, true), (3000, false)]);
}

#[test]
fn a_release_is_heeded_though_the_terminal_has_not_answered() {
    let stream =
        [(100, "\x1b[32;;32u"), (400, "\x1b[32;1:3u"), (1000, "\x1b[32;;32u"), (2500, "\x1b[32;1:3u")];
    assert_eq!(takes(Method::Auto, &stream, 5000), [(100, true), (400, false), (1000, true), (2500, false)]);
}

#[test]
fn where_keys_only_repeat_the_end_of_repeats_is_the_release() {
    // X11: 660 ms, then every 40 ms.
    let mut stream = vec![(100, " ")];
    stream.extend((0..30).map(|n| (760 + n * 40, " ")));
    let takes = takes(Method::Auto, &stream, 5000);
    assert_eq!(takes[0], (100, true));
    let (end, _) = takes[1];
    assert!((1920 + 180..=1920 + 250).contains(&end), "{takes:?}");
    assert_eq!(takes.len(), 2);
}

#[test]
fn where_keys_do_not_repeat_a_tap_starts_and_a_tap_ends() {
    let stream = [(100, " "), (3000, " "), (9000, " "), (12_000, " ")];
    let want = [(100, true), (3000, false), (9000, true), (12_000, false)];
    assert_eq!(takes(Method::Auto, &stream, 15_000), want);
}

#[test]
fn a_toggle_ignores_repeats() {
    let mut stream = vec![(100, " ")];
    stream.extend((0..30).map(|n| (600 + n * 40, " ")));
    stream.push((5000, " "));
    stream.extend((0..10).map(|n| (5500 + n * 40, " ")));
    assert_eq!(takes(Method::Toggle, &stream, 9000), [(100, true), (5000, false)]);
    let reported = [
        (100, "\x1b[32;;32u"),
        (600, "\x1b[32;1:2;32u"),
        (900, "\x1b[32;1:3u"),
        (1200, "\x1b[32;;32u"),
        (1300, "\x1b[32;1:3u"),
    ];
    assert_eq!(takes(Method::Toggle, &reported, 9000), [(100, true), (1200, false)]);
}

#[test]
fn the_focus_and_a_paste_let_go_and_repeats_do_not_start_anew() {
    for (away, at) in [("\x1b[O", 1100), ("\x1b[200~text\x1b[201~", 1120)] {
        let mut stream = vec![(100, " ")];
        stream.extend((0..60).map(|n| (760 + n * 40, " ")));
        stream.push((1100, away));
        let takes = takes(Method::Repeat, &stream, 6000);
        assert_eq!(takes, [(100, true), (at, false)], "{away:?}");
    }
}

#[test]
fn a_key_held_beyond_the_limit_talks_no_more() {
    let mut stream = vec![(0, " ")];
    stream.extend((0..3100).map(|n| (500 + n * 40, " ")));
    assert_eq!(takes(Method::Auto, &stream, 126_000), [(0, true), (120_000, false)]);
}
