//! Any screen size, any state, any number of times.

use super::*;
use crate::ui::find::FindStep;
use crate::ui::theme::Depth;
use crate::ui::view::Scroll;

const SMALLEST: (u16, u16) = (40, 10);
const LARGEST: (u16, u16) = (400, 120);

/// One thing that happens to the screen.
#[derive(Debug, Clone)]
enum Step {
    Resize(u16, u16),
    Scroll(ScrollStep),
    Find(FindStep),
    Type(char),
    Say(String),
    Help(Option<usize>),
    Theme(Theme),
}

fn steps() -> impl Strategy<Value = Step> {
    use ScrollStep::{Bottom, Down, PageDown, PageUp, Top, Up};
    let scrolls = prop::sample::select(vec![Up, Down, PageUp, PageDown, Top, Bottom]);
    let finds = prop::sample::select(vec![
        FindStep::Toggle,
        FindStep::Toggle,
        FindStep::Next,
        FindStep::Previous,
        FindStep::Back,
    ]);
    let themes = prop::sample::select(vec![
        Theme::Ansi,
        Theme::Plain,
        Theme::Dark(Depth::True),
        Theme::Contrast(Depth::Indexed),
    ]);
    prop_oneof![
        4 => (SMALLEST.0..=LARGEST.0, SMALLEST.1..=LARGEST.1).prop_map(|(c, r)| Step::Resize(c, r)),
        3 => scrolls.prop_map(Step::Scroll),
        2 => finds.prop_map(Step::Find),
        2 => prop::char::range('a', 'o').prop_map(Step::Type),
        2 => "\\PC{0,200}".prop_map(Step::Say),
        1 => prop::option::of(0_usize..60).prop_map(Step::Help),
        1 => themes.prop_map(Step::Theme),
    ]
}

fn happen(view: &mut View, size: &mut (u16, u16), step: Step) {
    match step {
        Step::Resize(columns, rows) => *size = (columns, rows),
        Step::Scroll(step) => scroll(view, size.0, size.1, step),
        Step::Find(step) => find::step(view, size.0, size.1, step),
        Step::Type(c) => {
            view.editor_mut().apply(input::Edit::Insert(c));
            find::typed(view, size.0, size.1);
        }
        Step::Say(text) => {
            let id = view.transcript.len();
            let revision = id as u64 + 1;
            let kind = EntryKind::Assistant { text: clean(&text), state: AnswerState::Partial };
            view.transcript.push(Entry { id: id.to_string(), revision, kind });
            find::refresh(view);
        }
        Step::Help(top) => view.help = top,
        Step::Theme(theme) => view.theme = theme,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_happens_at_whatever_size_can_be_drawn(
        happenings in prop::collection::vec(steps(), 1..25),
    ) {
        let mut view = sample();
        let mut size = SMALLEST;
        for step in happenings {
            happen(&mut view, &mut size, step);
            buffer(&view, size.0, size.1);
        }
    }

    #[test]
    fn what_is_kept_looks_like_what_is_made_anew(
        texts in prop::collection::vec("\\PC{0,120}", 1..8),
        columns in prop::collection::vec(SMALLEST.0..120, 1..4),
    ) {
        let mut kept = sample();
        for text in &texts {
            happen(&mut kept, &mut (80, 24), Step::Say(text.clone()));
        }
        for columns in columns {
            let mut fresh = kept.clone();
            fresh.transcript.iter_mut().for_each(|entry| entry.revision = 0);
            prop_assert_eq!(screen(&kept, columns, 24), screen(&fresh, columns, 24));
            prop_assert_eq!(screen(&kept, columns, 24), screen(&fresh, columns, 24));
        }
    }
}

#[test]
fn two_hundred_resizes_keep_what_is_read_in_sight() {
    let mut view = sample();
    for n in 0..300 {
        happen(&mut view, &mut (80, 24), Step::Say(format!("answer {n}, as long as answers are")));
    }
    scroll(&mut view, 80, 24, ScrollStep::PageUp);
    let Scroll::At { id, .. } = view.scroll.clone() else { panic!("{:?}", view.scroll) };
    for n in 0..200_u16 {
        let (columns, rows) = (40 + n * 37 % 361, 10 + n * 13 % 111);
        let shown = screen(&view, columns, rows);
        // As large a screen as shows the end follows it.
        let number = id.parse::<usize>().unwrap() - 7;
        assert!(shown.contains(&format!("answer {number},")), "{number} at {columns}x{rows}\n{shown}");
    }
}
