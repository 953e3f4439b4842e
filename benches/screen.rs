//! What a frame of a long conversation costs: 10,000 entries on 120x40, from the server's event to the cells.

use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use realtime_cli::app::panels::Adjustable;
use realtime_cli::app::{App, AppConfig, Face, Msg, RemindersConfig, SpendingConfig, TalkConfig};
use realtime_cli::audio::EchoMode;
use realtime_cli::conversation::{SessionConfig, TurnMode};
use realtime_cli::protocol::dialect::decode_server;
use realtime_cli::transport::LinkEvent;
use realtime_cli::ui::draw;
use realtime_cli::ui::find::FindStep;
use realtime_cli::ui::input::Edit;
use realtime_cli::ui::keymap::{Action, Keymap};
use realtime_cli::ui::scroll::ScrollStep;
use realtime_cli::ui::theme::Theme;
use serde_json::{Value, json};

const ENTRIES: usize = 10_000;
/// Frames of which the 95th percentile is told: criterion tells the mean.
const FRAMES: usize = 400;

struct Screen {
    app: App,
    terminal: Terminal<TestBackend>,
    now: Instant,
    words: usize,
}

#[expect(clippy::disallowed_methods, reason = "a bench needs some beginning, and measures")]
fn clock() -> Instant {
    Instant::now()
}

impl Screen {
    fn new() -> Self {
        let session = SessionConfig {
            instructions: String::new(),
            tools: vec![],
            mode: TurnMode::TextOnly,
            spoken: false,
            voice: String::new(),
            speed: 1.0,
            transcription: None,
            ..SessionConfig::default()
        };
        let app = App::new(AppConfig {
            session,
            face: Face::Screen,
            sound: false,
            script: false,
            recording: false,
            fast: false,
            cues: false,
            echo: EchoMode::Auto,
            theme: Theme::Ansi,
            adjustable: Adjustable::default(),
            keymap: Keymap::default(),
            talk: TalkConfig::default(),
            spending: SpendingConfig::default(),
            reminders: RemindersConfig::default(),
            idle: None,
            history: realtime_cli::app::HistoryConfig::default(),
            recorded: false,
            reduced_motion: false,
            server: "a server".to_owned(),
            model: "a model".to_owned(),
        });
        let terminal = Terminal::new(TestBackend::new(120, 40)).expect("a screen in memory");
        let mut screen = Self { app, terminal, now: clock(), words: 0 };
        screen.update(Msg::Resize { columns: 120, rows: 40 });
        screen.update(Msg::Link(LinkEvent::Connected));
        (0..ENTRIES / 2).for_each(|n| screen.turn(n));
        screen.frame();
        screen
    }

    fn update(&mut self, msg: Msg) {
        self.app.update(msg, self.now);
        while self.app.poll_effect().is_some() {}
    }

    fn server(&mut self, event: &Value) {
        let message = decode_server(&event.to_string()).expect("decodes");
        self.update(Msg::Link(LinkEvent::Message(message)));
    }

    fn turn(&mut self, n: usize) {
        let text =
            "An answer of about the length that answers have, which takes up more than one line. ".repeat(3);
        self.server(&json!({"type": "conversation.item.input_audio_transcription.completed",
            "item_id": format!("u{n}"), "content_index": 0, "transcript": format!("Question number {n}?")}));
        self.server(&json!({"type": "response.output_text.done", "response_id": format!("r{n}"),
            "item_id": format!("a{n}"), "content_index": 0, "text": text}));
    }

    /// A word more of the last answer.
    fn word(&mut self) {
        self.words += 1;
        let event = json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "last",
            "content_index": 0, "delta": format!("word{} ", self.words)});
        self.server(&event);
    }

    fn key(&mut self, action: Action) {
        self.update(Msg::Action(action));
    }

    fn frame(&mut self) {
        let view = self.app.view(self.now);
        self.terminal.draw(|frame| draw(view, frame)).expect("memory");
    }
}

/// Some way of using the screen: a name, what comes before, and what each frame shows anew.
type Case = (&'static str, fn(&mut Screen), fn(&mut Screen));

const CASES: &[Case] = &[
    ("following, while the last answer streams", |_| {}, Screen::word),
    (
        "in the middle, while the last answer streams",
        |screen| {
            screen.key(Action::Scroll(ScrollStep::Top));
            (0..300).for_each(|_| screen.key(Action::Scroll(ScrollStep::PageDown)));
        },
        Screen::word,
    ),
    (
        "after a resize",
        |_| {},
        |screen| {
            screen.words += 1;
            let columns = 100 + (screen.words % 20) as u16;
            screen.terminal.backend_mut().resize(columns, 40);
            screen.update(Msg::Resize { columns, rows: 40 });
        },
    ),
    ("a page up", |_| {}, |screen| screen.key(Action::Scroll(ScrollStep::PageUp))),
    (
        "a letter more to search for",
        |screen| screen.key(Action::Find(FindStep::Toggle)),
        |screen| {
            screen.words += 1;
            let edit = if screen.words % 2 == 0 { Edit::Backspace } else { Edit::Insert('e') };
            screen.key(Action::Edit(edit));
        },
    ),
];

fn frames(c: &mut Criterion) {
    for (name, before, change) in CASES {
        let mut screen = Screen::new();
        before(&mut screen);
        c.bench_function(name, |b| {
            b.iter(|| {
                change(black_box(&mut screen));
                screen.frame();
            });
        });
        let mut screen = Screen::new();
        before(&mut screen);
        let mut times: Vec<Duration> = (0..FRAMES)
            .map(|_| {
                let begun = clock();
                change(&mut screen);
                screen.frame();
                clock().duration_since(begun)
            })
            .collect();
        times.sort_unstable();
        let _ = writeln!(std::io::stderr(), "{name}: 95 % of frames within {:?}", times[FRAMES * 95 / 100]);
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(2));
    targets = frames
}
criterion_main!(benches);
