use super::*;
use crate::text::Clean;
use crate::ui::scroll::{ScrollStep, scroll};
use crate::ui::view::{AnswerState, InputBy, NoticeLevel};

fn view(texts: &[&str]) -> View {
    let mut view = View::default();
    for (n, text) in texts.iter().enumerate() {
        let text = Clean::new(text);
        let kind = if n % 2 == 0 {
            EntryKind::User { text: UserText::Final(text), by: InputBy::Voice }
        } else {
            EntryKind::Assistant { text, state: AnswerState::Final }
        };
        view.transcript.push(Entry { id: n.to_string(), revision: 0, kind });
    }
    view
}

#[test]
fn the_last_answer_is_copied_while_following() {
    let mut view = view(&["hello", "Hi.", "and now?"]);
    let kind = EntryKind::Notice { level: NoticeLevel::Info, text: Clean::new("reconnected") };
    view.transcript.push(Entry { id: "n".to_owned(), revision: 0, kind });
    assert_eq!(wanted(&view, 80, 24), Ok("Hi.".to_owned()));
}

#[test]
fn the_message_on_top_is_copied_while_scrolled_back() {
    let texts: Vec<String> = (0..40).map(|n| format!("message {n}")).collect();
    let mut view = view(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    scroll(&mut view, 80, 24, ScrollStep::Top);
    assert_eq!(wanted(&view, 80, 24), Ok("message 0".to_owned()));
    (0..2).for_each(|_| scroll(&mut view, 80, 24, ScrollStep::Down));
    assert_eq!(wanted(&view, 80, 24), Ok("message 2".to_owned()));
}

#[test]
fn the_message_that_was_found_is_copied() {
    let mut view = view(&["buy milk", "Done.", "buy bread", "Done, too."]);
    crate::ui::find::step(&mut view, 80, 24, crate::ui::find::FindStep::Toggle);
    view.editor_mut().paste("bread");
    crate::ui::find::typed(&mut view, 80, 24);
    assert_eq!(wanted(&view, 80, 24), Ok("buy bread".to_owned()));
}

#[test]
fn where_there_is_nothing_or_too_much_it_says_so() {
    assert_eq!(wanted(&View::default(), 80, 24), Err("nothing to copy yet".to_owned()));
    // Three bytes are four in base64.
    let longest = MOST / 4 * 3;
    assert!(wanted(&view(&["", &"x".repeat(longest)]), 80, 24).is_ok());
    let long = wanted(&view(&["", &"x".repeat(longest + 1)]), 80, 24);
    assert_eq!(long, Err(format!("too long to copy: {} characters", longest + 1)));
}

#[test]
fn what_is_written_is_clean_text_in_base64() {
    assert_eq!(sequence("hi"), "\u{1b}]52;c;aGk=\u{7}");
    let hostile = view(&["", "a\u{1b}]52;c;ZXZpbA==\u{7}b\u{202e}"]);
    assert_eq!(wanted(&hostile, 80, 24), Ok("ab".to_owned()));
}
