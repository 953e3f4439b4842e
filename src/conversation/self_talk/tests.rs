use super::*;

const SAID: &str = "You have two tasks: buy groceries and call mom. Shall I add another?";

struct Talk {
    heard: SelfTalk,
    start: Instant,
    turns: u32,
}

#[expect(clippy::disallowed_methods, reason = "some instant to begin with")]
fn talk() -> Talk {
    Talk { heard: SelfTalk::default(), start: Instant::now(), turns: 0 }
}

impl Talk {
    fn hears(&mut self, words: &str, audible: bool, after_ms: u64) -> bool {
        self.turns += 1;
        let id = ItemId(format!("item_{}", self.turns));
        self.heard.fell_silent(self.start);
        self.heard.turn_began(&id, audible, self.start + Duration::from_millis(after_ms));
        self.heard.is_loop(&id, words, &["Good morning.", SAID])
    }
}

#[test]
fn its_own_words_twice_in_a_row_are_a_loop() {
    let mut talk = talk();
    assert!(!talk.hears("You have two tasks", true, 0));
    assert!(
        talk.hears("two tasks, by groceries and call mom", true, 0),
        "mishearings of a word do not matter"
    );
    assert!(!talk.hears("shall I add another", true, 0), "it is told once, and then begins anew");
}

#[test]
fn the_echo_may_begin_when_the_assistant_has_just_ended() {
    let mut talk = talk();
    assert!(!talk.hears("shall I add another", false, 800));
    assert!(talk.hears("shall I add another", false, 1_400));
}

#[test]
fn somebody_who_repeats_what_was_said_later_is_no_echo() {
    let mut talk = talk();
    assert!(!talk.hears("buy groceries and call mom", false, 2_000));
    assert!(!talk.hears("buy groceries and call mom", false, 2_000));
}

#[test]
fn other_words_in_between_and_few_words_are_no_loop() {
    let mut talk = talk();
    assert!(!talk.hears("you have two tasks", true, 0));
    assert!(!talk.hears("stop, what is the weather like", true, 0));
    assert!(!talk.hears("you have two tasks", true, 0));
    assert!(!talk.hears("and call mom", true, 0));
    assert!(!talk.hears("mom call and groceries buy tasks", true, 0), "the order counts");
    assert!(!talk.hears("you two call another", true, 0), "scattered words are in any long answer");
    assert!(!talk.hears("", true, 0));
}
