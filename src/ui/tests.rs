use std::time::Duration;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::Position;

use super::keymap::Keymap;
use super::scroll::{ScrollStep, scroll};
use super::talk_key::Way;
use super::theme::Theme;
use super::view::{
    AnswerState, Connection, Counters, Differences, Ears, Entry, EntryKind, InputBy, Level, Mode,
    NoticeLevel, Priority, Talk, TaskRow, ToolState, Turn, Usage, UserText,
};
use super::*;
use crate::text::Clean;

pub(super) const HOSTILE: &str =
    "a\u{1b}[31mred\u{1b}]52;c;ZXZpbA==\u{7}b\u{9b}6n\u{202e}c\u{200b}\u{feff}\u{7f}\r\n\td";

pub(super) fn clean(text: &str) -> Clean {
    Clean::new(text)
}

fn entry(id: &str, kind: EntryKind) -> Entry {
    Entry { id: id.to_owned(), revision: 0, kind }
}

fn user(id: &str, text: &str) -> Entry {
    entry(id, EntryKind::User { text: UserText::Final(clean(text)), by: InputBy::Voice })
}

fn assistant(id: &str, text: &str, state: AnswerState) -> Entry {
    entry(id, EntryKind::Assistant { text: clean(text), state })
}

fn tool(id: &str, state: ToolState, arguments: &str, summary: &str) -> Entry {
    let elapsed = (state != ToolState::Running).then(|| Duration::from_millis(12));
    let (name, arguments, summary) = (clean("create_task"), clean(arguments), clean(summary));
    let differences = Differences::default();
    entry(id, EntryKind::Tool { name, arguments, state, summary, elapsed, differences })
}

fn notice(id: &str, level: NoticeLevel, text: &str) -> Entry {
    entry(id, EntryKind::Notice { level, text: clean(text) })
}

fn task(number: u32, title: &str, due: Option<&str>) -> TaskRow {
    let due_words = due.map(clean);
    TaskRow {
        uuid: uuid::Uuid::from_u128(number.into()),
        number,
        title: clean(title),
        due_words,
        ..TaskRow::default()
    }
}

fn conversation() -> Vec<Entry> {
    let arguments = r#"{"title":"buy groceries","due":"tomorrow 17:00"}"#;
    vec![
        notice("n1", NoticeLevel::Info, "offline engine: no key, no network"),
        user("u1", "Remind me to buy groceries tomorrow at five in the afternoon."),
        tool("c1", ToolState::Done, arguments, "task 3 created"),
        assistant("a1", "Done. I will remind you to buy groceries tomorrow at 17:00.", AnswerState::Final),
        entry(
            "u2",
            EntryKind::User { text: UserText::Final(clean("and what else is open?")), by: InputBy::Keyboard },
        ),
        assistant(
            "a2",
            "You have three tasks. The first one is the report for Anna, which was due yesterday.",
            AnswerState::Interrupted { at_chars: 43 },
        ),
        entry(
            "u3",
            EntryKind::User { text: UserText::Partial(clean("Mark the report")), by: InputBy::Voice },
        ),
    ]
}

pub(super) fn sample() -> View {
    let report = TaskRow { overdue: true, ..task(1, "Write the report for Anna", Some("yesterday 12:00")) };
    let milk = TaskRow { done: true, ..task(2, "Buy milk", None) };
    let call = TaskRow {
        priority: Priority::High,
        ..task(4, "Call the dentist about the appointment in May", None)
    };
    View {
        connection: Connection::Online,
        server: clean("offline engine"),
        model: clean("local"),
        turn: Turn::HearingYou,
        mic: Level::from_linear(0.2, 0.5),
        ears: Ears::Open,
        server_hears: true,
        transcript: conversation(),
        tasks: vec![report, call, task(3, "Buy groceries", Some("tomorrow 17:00")), milk],
        usage: Usage { input_tokens: 1200, output_tokens: 340 },
        latency: Some(Duration::from_millis(430)),
        own_latency: Some(Duration::from_millis(25)),
        ..View::default()
    }
}

fn buffer(view: &View, columns: u16, rows: u16) -> (Buffer, Option<Position>) {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    let mut cursor = None;
    terminal
        .draw(|frame| {
            draw(view, frame);
            cursor = (view.cover().is_none() && columns >= 40 && rows >= 10).then_some(Position::ORIGIN);
        })
        .unwrap();
    if cursor.is_some() {
        cursor = Some(terminal.get_cursor_position().unwrap());
    }
    (terminal.backend().buffer().clone(), cursor)
}

/// Row by row, between `▏` and `▕`.
pub(super) fn screen(view: &View, columns: u16, rows: u16) -> String {
    let (buffer, _) = buffer(view, columns, rows);
    let row = |y: u16| {
        let mut row = String::new();
        let mut x = 0;
        while x < columns {
            let cell = &buffer[(x, y)];
            row.push_str(cell.symbol());
            x += cell.symbol().cell_width().max(1);
        }
        format!("▏{row}▕")
    };
    (0..rows).map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_screen_at_its_usual_size() {
    insta::assert_snapshot!(screen(&sample(), 100, 30));
    insta::assert_snapshot!("classic_80x24", screen(&sample(), 80, 24));
}

#[test]
fn the_screen_at_its_smallest() {
    insta::assert_snapshot!(screen(&sample(), 40, 10));
}

#[test]
fn the_screen_is_empty_at_the_start() {
    insta::assert_snapshot!(screen(&View::default(), 80, 16));
    let push_to_talk = View { mode: Mode::PushToTalk, turn: Turn::Held, ..View::default() };
    insta::assert_snapshot!("empty_push_to_talk", screen(&push_to_talk, 60, 12));
}

#[test]
fn the_talk_key_is_told_in_words_whatever_it_is_bound_to() {
    let mut rebound = Keymap::default();
    assert_eq!(rebound.rebind([("talk", "f5")]), [""; 0]);
    let talk = |turn, way, open| View {
        mode: Mode::PushToTalk,
        turn,
        talk: Talk { way, open, ..Talk::default() },
        ..View::default()
    };
    let views = [
        talk(Turn::Held, Way::Hold, false),
        talk(Turn::Held, Way::Toggle, false),
        talk(Turn::HearingYou, Way::Hold, false),
        talk(Turn::HearingYou, Way::Toggle, true),
        View { muted: true, ..talk(Turn::Muted, Way::Hold, false) },
        View { keymap: rebound, ..talk(Turn::Held, Way::Repeat, false) },
    ];
    let lines: Vec<String> = views
        .iter()
        .flat_map(|view| [80, 40].map(|columns| screen(view, columns, 12)))
        .flat_map(|screen| screen.lines().skip(9).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    insta::assert_snapshot!("talk_key", lines.join("\n"));
}

#[test]
fn a_long_paste_is_asked_about_in_place_of_the_input() {
    let view = View { paste: Some("x".repeat(12_345)), ..sample() };
    insta::assert_snapshot!("paste_80x24", screen(&view, 80, 24));
    insta::assert_snapshot!("paste_40x12", screen(&view, 40, 12));
}

#[test]
fn every_state_has_its_line() {
    let turns = [
        Turn::Idle,
        Turn::Listening,
        Turn::HearingYou,
        Turn::Thinking,
        Turn::Asked,
        Turn::Speaking,
        Turn::Interrupted,
        Turn::Muted,
        Turn::Held,
    ];
    let line = |turn| {
        let view =
            View { turn, muted: turn == Turn::Muted, speaker: Level::from_linear(0.1, 0.3), ..sample() };
        screen(&view, 60, 10).lines().nth(7).unwrap().to_owned()
    };
    insta::assert_snapshot!(turns.map(line).join("\n"));
}

#[test]
fn every_connection_has_its_header() {
    let counters = Counters { dropped_frames: 12, underruns: 3 };
    let connections = [
        View { connection: Connection::Connecting, ..View::default() },
        View { mode: Mode::PushToTalk, ..sample() },
        View { connection: Connection::Reconnecting { in_s: 8 }, counters, ..sample() },
        View { connection: Connection::Offline, mode: Mode::TextOnly, ..sample() },
    ];
    let headers = |columns| {
        let header = |view: &View| screen(view, columns, 10).lines().next().unwrap().to_owned();
        connections.iter().map(header).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!([headers(100), headers(60), headers(40)].join("\n"));
}

#[test]
fn every_kind_of_entry_is_shown() {
    let transcript = vec![
        entry("1", EntryKind::User { text: UserText::Pending, by: InputBy::Voice }),
        entry("2", EntryKind::User { text: UserText::Failed(clean("no speech")), by: InputBy::Voice }),
        assistant("3", "", AnswerState::Partial),
        assistant("4", "All at once", AnswerState::Partial),
        assistant("5", "Nothing of this was heard", AnswerState::Interrupted { at_chars: 0 }),
        assistant("6", "All of this was heard", AnswerState::Interrupted { at_chars: 400 }),
        tool("7", ToolState::Running, r#"{"title":"buy milk"}"#, ""),
        tool("8", ToolState::Done, "", ""),
        tool("9", ToolState::Failed, "not JSON", "the arguments are no JSON object"),
        notice("10", NoticeLevel::Info, "a new microphone is in use"),
        notice("11", NoticeLevel::Warning, "the speaker is gone; answers are shown only"),
        notice("12", NoticeLevel::Error, "the key was refused\nset OPENAI_API_KEY, or start with --offline"),
    ];
    insta::assert_snapshot!(screen(&View { transcript, ..sample() }, 72, 28));
}

#[test]
fn the_help_shows_all_keys() {
    let help = |top| View { help: Some(top), ..sample() };
    insta::assert_snapshot!(screen(&help(0), 110, 30));
    insta::assert_snapshot!("help_narrow_scrolled", screen(&help(9), 48, 14));
}

#[test]
fn a_long_message_grows_the_input_line() {
    let mut view = sample();
    view.input.paste("first line of a message\nand 日本語 with a very long second line that is too long");
    insta::assert_snapshot!(screen(&view, 60, 20));
    let (_, cursor) = buffer(&view, 60, 20);
    assert_eq!(cursor, Some(Position::new(59, 18)));
}

#[test]
fn wide_and_right_to_left_text_stays_in_its_columns() {
    let mut view = sample();
    view.transcript = vec![
        user("1", "明日の朝に牛乳を買ってください。忘れないように。お願いします。"),
        assistant("2", "好的 👨\u{200d}👩\u{200d}👧 ❤\u{fe0f} 👍🏽 🇩🇪 cafe\u{301}", AnswerState::Final),
        assistant("3", "שלום עולם مرحبا", AnswerState::Final),
    ];
    view.tasks = vec![task(1, "牛乳を買う 🥛🥛🥛🥛🥛🥛🥛🥛🥛🥛", Some("明日"))];
    insta::assert_snapshot!(screen(&view, 80, 16));
}

#[test]
fn a_screen_too_small_says_so() {
    insta::assert_snapshot!([screen(&sample(), 30, 3), screen(&sample(), 12, 4)].join("\n"));
}

#[test]
fn hostile_text_reaches_no_cell() {
    let transcript = vec![
        user("1", HOSTILE),
        assistant("2", HOSTILE, AnswerState::Partial),
        assistant("3", HOSTILE, AnswerState::Interrupted { at_chars: 3 }),
        tool("4", ToolState::Failed, r#"{"title":"x\u001b[31my\u0007\u202e"}"#, HOSTILE),
        tool("5", ToolState::Running, HOSTILE, ""),
        notice("6", NoticeLevel::Error, HOSTILE),
        entry("7", EntryKind::User { text: UserText::Failed(clean(HOSTILE)), by: InputBy::Voice }),
    ];
    let mut view = View {
        server: clean(HOSTILE),
        model: clean(HOSTILE),
        transcript,
        tasks: vec![TaskRow { details: vec![clean(HOSTILE)], ..task(1, HOSTILE, Some(HOSTILE)) }],
        ..sample()
    };
    view.pane = tasks::Pane { focused: true, filter: "red".to_owned(), ..tasks::Pane::default() };
    tasks::settle(&mut view);
    view.input.paste(HOSTILE);
    for (columns, rows) in [(120, 50), (60, 30), (40, 10), (9, 2)] {
        let (buffer, _) = buffer(&view, columns, rows);
        for cell in buffer.content() {
            let harmless =
                cell.symbol().chars().all(|c| !c.is_control() && !Clean::new(&c.to_string()).is_empty());
            assert!(harmless, "{:?}", cell.symbol());
        }
        let text = screen(&view, columns, rows);
        assert!(!text.contains("[31m") && !text.contains("52;c"), "{text}");
    }
}

#[test]
fn every_size_can_be_drawn() {
    let mut view = sample();
    view.input.paste("日本語");
    for (help, focused) in [(None, false), (None, true), (Some(0), false), (Some(999), true)] {
        view.help = help;
        view.pane.focused = focused;
        tasks::settle(&mut view);
        for columns in (1..46).chain([79, 80, 99, 100, 101, 400]) {
            for rows in (1..20).chain([120]) {
                buffer(&view, columns, rows);
            }
        }
    }
}

#[test]
fn the_plain_theme_has_no_style_anywhere() {
    let view = View { theme: Theme::Plain, ..sample() };
    let (buffer, _) = buffer(&view, 100, 30);
    let plain = ratatui::buffer::Cell::EMPTY.style();
    assert!(buffer.content().iter().all(|cell| cell.style() == plain));
}

#[test]
fn a_final_text_takes_the_place_of_the_partial_one() {
    let text = "This answer is exactly as wide as it needs to be for a wrap or two.";
    for columns in 40..80 {
        let with = |state| {
            let mut view = sample();
            view.transcript.push(assistant("last", text, state));
            screen(&view, columns, 24).replace(" …", "  ").replace('…', " ")
        };
        assert_eq!(with(AnswerState::Partial), with(AnswerState::Final), "at {columns}");
    }
}

#[test]
fn keys_follow_what_is_on_screen() {
    let mut view = View { mode: Mode::PushToTalk, ..sample() };
    assert_eq!(view.focus(), keymap::Focus::TalkLine);
    view.input.paste("x");
    assert_eq!(view.focus(), keymap::Focus::Line);
    view.help = Some(0);
    assert_eq!(view.focus(), keymap::Focus::Help);
    let key = KeyEvent::from(crossterm::event::KeyCode::Esc);
    assert_eq!(view.action(key), Some(keymap::Action::Help));
}

// ---- the tasks' pane ----

/// With the focus on the task at `place`.
fn with_focus(place: usize) -> View {
    let mut view = sample();
    view.tasks.retain(|row| !row.done);
    view.tasks[2].details = [
        "due: Thu 3 Dec 2026 17:00",
        "remind: Thu 3 Dec 2026 09:00",
        "project: home",
        "tags: +shop",
        "note: oat milk, bread, and something for the evening",
    ]
    .map(clean)
    .into();
    view.pane.focused = true;
    tasks::settle(&mut view);
    (0..place).for_each(|_| tasks::select(&mut view, 80, 24, ScrollStep::Down));
    view
}

#[test]
fn the_pane_with_the_focus_tells_the_selected_task() {
    let view = with_focus(2);
    insta::assert_snapshot!("pane_focus_80x24", screen(&view, 80, 24));
    insta::assert_snapshot!("pane_focus_40x12", screen(&view, 40, 12));
    let (_, cursor) = buffer(&view, 80, 24);
    assert_eq!(cursor, Some(Position::new(50, 7)), "on the selected task");
}

#[test]
fn the_pane_scrolls_to_the_selected_task() {
    let mut view = with_focus(0);
    view.tasks = (1..=30).map(|number| task(number, &format!("task {number}"), None)).collect();
    (0..14).for_each(|_| tasks::select(&mut view, 80, 24, ScrollStep::Down));
    insta::assert_snapshot!("pane_scrolled_80x24", screen(&view, 80, 24));
    insta::assert_snapshot!("pane_scrolled_40x12", screen(&view, 40, 12));
}

#[test]
fn the_pane_tells_its_filter() {
    let mut view = with_focus(0);
    view.pane.prompt = Some(tasks::Prompt::Filter(input::Editor::of("gro")));
    tasks::settle(&mut view);
    insta::assert_snapshot!("pane_filter_80x24", screen(&view, 80, 24));
    view.pane.prompt = None;
    view.pane.filter = "nothing".to_owned();
    insta::assert_snapshot!("pane_filter_40x12", screen(&view, 40, 12));
}

#[test]
fn the_pane_shows_what_was_done_to_who_asks_for_it() {
    let mut view = with_focus(1);
    view.tasks.push(TaskRow { number: 0, done: true, ..task(7, "Buy milk", None) });
    view.pane.with_done = true;
    insta::assert_snapshot!("pane_done_80x24", screen(&view, 80, 24));
    insta::assert_snapshot!("pane_done_40x12", screen(&view, 40, 12));
}

#[test]
fn the_pane_says_how_to_begin_when_it_is_empty() {
    let mut view = with_focus(0);
    view.tasks.clear();
    insta::assert_snapshot!("pane_empty_80x24", screen(&view, 80, 24));
    insta::assert_snapshot!("pane_empty_40x12", screen(&view, 40, 12));
}

#[test]
fn a_title_is_asked_for_in_the_input_line() {
    let mut view = with_focus(1);
    view.pane.prompt = Some(tasks::Prompt::New(input::Editor::of("feed the cat")));
    insta::assert_snapshot!("pane_new_40x12", screen(&view, 40, 12));
    let (_, cursor) = buffer(&view, 40, 12);
    assert_eq!(cursor, Some(Position::new(24, 10)));
    let title = view.tasks[1].title.to_string();
    view.pane.prompt = Some(tasks::Prompt::Rename(view.tasks[1].uuid, input::Editor::of(&title)));
    insta::assert_snapshot!("pane_rename_80x24", screen(&view, 80, 24));
}

#[test]
fn what_a_call_changed_is_shown_below_it() {
    let mut view = sample();
    let changes = vec![clean("title: “milk” → “oat milk”"), clean("due: none → Fri 4 Dec 09:00")];
    let call = |id: &str, name: &str, summary: &str, state, elapsed, differences| {
        let (name, summary) = (clean(name), clean(summary));
        let arguments = clean(if id == "1" { r#"{"title":"buy mi"# } else { r#"{"task":"2"}"# });
        entry(id, EntryKind::Tool { name, arguments, state, summary, elapsed, differences })
    };
    let done = Some(Duration::from_millis(12));
    let before = Differences { changes: changes.clone(), undo_key: None };
    let latest = Differences { changes, undo_key: Some("F8".to_owned()) };
    view.transcript = vec![
        call("1", "create_task", "", ToolState::Collecting, None, Differences::default()),
        call("2", "list_tasks", "", ToolState::Running, Some(Duration::from_secs(3)), Differences::default()),
        call("3", "update_task", "changed 2: oat milk", ToolState::Done, done, before),
        call("4", "update_task", "changed 2: oat milk", ToolState::Done, done, latest),
    ];
    insta::assert_snapshot!(screen(&view, 80, 24));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_can_be_drawn_and_scrolled(
        texts in prop::collection::vec("\\PC{0,60}", 0..6),
        columns in 1_u16..90,
        rows in 1_u16..30,
        steps in prop::collection::vec(0_usize..6, 0..8),
    ) {
        use ScrollStep::{Bottom, Down, PageDown, PageUp, Top, Up};
        let mut view = sample();
        for (index, text) in texts.iter().enumerate() {
            view.transcript.push(assistant(&index.to_string(), text, AnswerState::Interrupted { at_chars: index * 5 }));
            view.tasks.push(task(index as u32, text, Some(text)));
            view.input.paste(text);
        }
        for step in steps {
            let step = [Up, Down, PageUp, PageDown, Top, Bottom][step];
            scroll(&mut view, columns, rows, step);
            view.pane.focused = !view.pane.focused;
            tasks::select(&mut view, columns, rows, step);
            buffer(&view, columns, rows);
        }
    }
}

mod panes;
mod sizes;
