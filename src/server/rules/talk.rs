//! All that is said besides commands: courtesies, what this engine can do, and what it cannot.

use super::pattern;
use super::words::Word;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Greeting,
    HowAreYou,
    Thanks,
    Goodbye,
    Help,
    Yes,
    NeverMind,
    Wrong,
    /// What was done was done to the wrong task.
    NotThat,
    OneAtATime,
    TooNarrow,
    CompletedStay,
    /// Several are changed only when the person says so to the program.
    NeedsYes,
    Confirmed,
    /// What was said last is to be said once more.
    Again,
    Redo,
    Clock,
    Who,
    Unheard,
    Unknown,
}

impl Topic {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Greeting => "Hello. What shall I do with your tasks?",
            Self::HowAreYou => "I am fine, thank you. What shall I do with your tasks?",
            Self::Thanks => "You're welcome.",
            Self::Goodbye => "Goodbye.",
            Self::Help => {
                "Offline I keep your tasks. Say for example: add milk and eggs to my list, remind me to call mom \
                 tomorrow at 5, what is due today, I bought the milk, move the dentist to friday, or undo."
            }
            Self::Who => "I am your assistant for tasks. Offline I know nothing else. Ask what I can do.",
            Self::Yes => "All right. What shall I do?",
            Self::NeverMind => "All right, I leave it.",
            Self::Wrong => "Sorry. Say undo, and I take the last change back.",
            Self::NotThat => "Sorry. Which one do you mean?",
            Self::OneAtATime => "Here I can change one task at a time. Which one do you mean?",
            Self::TooNarrow => "I cannot pick those out by myself. Which tasks do you mean?",
            Self::CompletedStay => {
                "Completed tasks are off your list already, and I do not delete them all at once."
            }
            Self::NeedsYes => "That needs a yes from you.",
            Self::Confirmed => "All right.",
            Self::Again => "I have not said anything yet.",
            Self::Redo => "I cannot redo. Say once more what to do, and I do it again.",
            Self::Clock => "I cannot see a clock offline. I can tell when your tasks are due.",
            Self::Unheard => "I did not catch that.",
            Self::Unknown => {
                "Offline I only know your tasks, and I did not understand that. Say help for examples; other things \
                 need an API key or a chat model."
            }
        }
    }
}

/// Nothing else confirms what was not heard well.
const CLEAR_YES: &str = "yes|yeah|yep|yup|sure|correct|exactly|definitely|absolutely|do_it|go_ahead|of_course|thats_right \
                         yes|please|do_it|do|do_that|go_ahead|sure|of_course|thats_right|correct|i_am_sure|im_sure|thanks?";

const TOPICS: &[(&str, Topic)] = &[
    (
        "hi|hello|hey|howdy|greetings|good_morning|good_evening|good_afternoon there|you|assistant|computer|again|everyone?",
        Topic::Greeting,
    ),
    ("hi|hello|hey? how are|is you|it|everything doing|today|going?", Topic::HowAreYou),
    ("hows|how_is it|everything going", Topic::HowAreYou),
    ("whats_up", Topic::HowAreYou),
    (
        "ok|okay|great|perfect? thanks|thank_you|thx|cheers very_much|so_much|a_lot|again|for_that|for_your_help|then|assistant?",
        Topic::Thanks,
    ),
    ("great|perfect|nice|cool|awesome|good|well_done|good_job|excellent|wonderful", Topic::Thanks),
    (
        "ok|okay|thanks|thank_you? bye|goodbye|good_bye|good_night|see_you|see_ya|farewell|quit|exit bye|later|soon|tomorrow?",
        Topic::Goodbye,
    ),
    ("thats|that_is|that_was all|it for_now|for_today|thanks|thank_you?", Topic::Goodbye),
    ("help|help_me please?", Topic::Help),
    ("what can|could|do|does you|i|this do|say|ask|know|offer|understand {x?}", Topic::Help),
    ("how does|do this|it|you|i work|use|works this|it?", Topic::Help),
    ("who|what are you", Topic::Who),
    ("whats|what_is your name", Topic::Who),
    ("whats|what_is the? time|date|day|clock now|today|right_now|please|it|is_it?", Topic::Clock),
    ("what time|day|date|month|year is it|today|this now|today|right_now?", Topic::Clock),
    ("what time|day|date it? is it? now|today|right_now?", Topic::Clock),
    ("do you know what|the time|date|day it|is? it|is?", Topic::Clock),
    ("redo that|it|the_last_change|again|everything?", Topic::Redo),
    ("do|make that|it|the_last_change again", Topic::Redo),
    ("can you help me?", Topic::Help),
    (CLEAR_YES, Topic::Yes),
    ("ok|okay|right|alright|fine|i_think_so|i_guess", Topic::Yes),
    (
        "no|nope|cancel|nevermind|never_mind|nothing|none|neither|stop|cancel_that|stop_it|forget_it|forget_that|leave_it|dont|do_not that|it|thanks|thank_you?",
        Topic::NeverMind,
    ),
    ("not now|yet|today", Topic::NeverMind),
    ("none|neither of_them|of_those|one", Topic::NeverMind),
    ("no? not that|this one|task?", Topic::NotThat),
    ("no|wrong? wrong one|task", Topic::NotThat),
    ("thats|that_is the wrong one|task", Topic::NotThat),
    ("no? thats|that_is not the|that? one|task i_meant|i_mean?", Topic::NotThat),
    (
        "no? thats|that_is|that_was|this_is wrong|not_right|not_what_i_said|not_what_i_meant|incorrect|a_mistake|not_it",
        Topic::Wrong,
    ),
    ("wrong|no_wrong", Topic::Wrong),
    ("i|you made a mistake", Topic::Wrong),
    ("oops|whoops|oh_no", Topic::Wrong),
    ("of_course|certainly|definitely not", Topic::NeverMind),
    ("say|repeat|tell that|it|this|me? again", Topic::Again),
    ("repeat that|it|please?", Topic::Again),
    ("again|pardon|sorry|what|come_again|excuse_me", Topic::Again),
    ("what did you just? say|do", Topic::Again),
    ("what was that", Topic::Again),
];

/// Words of courtesy and hesitation before a command.
const LEADS: &[&str] = &[
    "please",
    "hey",
    "hi",
    "hello",
    "okay",
    "ok",
    "um",
    "uh",
    "er",
    "so",
    "well",
    "alright",
    "yes",
    "yeah",
    "now",
    "and",
    "then",
    "also",
    "just",
    "oh",
    "hm",
    "no",
    "nope",
    "actually",
    "sorry",
    "wait",
    "but",
    "assistant",
    "computer",
    "i mean",
    "i meant",
    "i said",
    "can you",
    "could you",
    "would you",
    "will you",
    "can we",
    "can i",
    "could i",
    "may i",
    "would you mind",
    "i want you to",
    "i need you to",
    "i would like you to",
    "id like you to",
    "i want to",
    "i would like to",
    "id like to",
    "i wanna",
    "id like",
    "i would like",
    "i want",
    "lets",
    "go ahead and",
    "you can",
    "you should",
    "you need to",
    "help me",
    "help me to",
    "try to",
    "kindly",
    "quickly",
    "maybe",
    "good morning",
    "thanks",
    "thank you",
    "be so kind and",
];
const TAILS: &[&str] = &[
    "please",
    "thanks",
    "thank you",
    "for me",
    "will you",
    "would you",
    "could you",
    "okay",
    "ok",
    "right now",
    "too",
    "as well",
    "if you can",
    "assistant",
];
/// `know` is what ears without a language model make of `no`.
const CORRECTIONS: &[&str] =
    &["no", "know", "nope", "actually", "sorry", "i mean", "i meant", "i said", "wait"];
/// Sounds that may stand before such words.
const HESITATIONS: &[&str] = &["oh", "uh", "um", "well", "but", "or", "hm"];

/// The topic of words that are no command, as far as one can be told without knowing the commands.
pub(super) fn topic(words: &[Word]) -> Option<Topic> {
    if words.is_empty() {
        return Some(Topic::Unheard);
    }
    TOPICS.iter().find(|(pattern, _)| pattern::fit(pattern, words).is_some()).map(|(_, topic)| *topic)
}

pub(super) fn is_clear_yes(words: &[Word]) -> bool {
    pattern::fit(CLEAR_YES, words).is_some()
}

/// The command itself, without `could you` before and `please` behind it.
pub(super) fn without_frame(words: &[Word]) -> &[Word] {
    let mut words = words;
    while let Some(used) = longest(LEADS, |phrase| starts_with(words, phrase)) {
        words = &words[used..];
    }
    while let Some(used) = longest(TAILS, |phrase| ends_with(words, phrase)) {
        words = &words[..words.len() - used];
    }
    words
}

/// The words after `no, I said`, when there are such.
pub(super) fn corrected(words: &[Word]) -> Option<&[Word]> {
    let mut rest = words;
    let mut is_correction = false;
    loop {
        let used = longest(CORRECTIONS, |phrase| starts_with(rest, phrase));
        let skipped = used.or_else(|| longest(HESITATIONS, |phrase| starts_with(rest, phrase)));
        let Some(skipped) = skipped else { break };
        is_correction |= used.is_some();
        rest = &rest[skipped..];
    }
    (is_correction && !rest.is_empty()).then_some(rest)
}

fn longest(phrases: &[&str], fits: impl Fn(&[&str]) -> bool) -> Option<usize> {
    let count = |phrase: &&str| {
        let parts: Vec<_> = phrase.split(' ').collect();
        fits(&parts).then_some(parts.len())
    };
    phrases.iter().filter_map(count).max()
}

fn starts_with(words: &[Word], phrase: &[&str]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, part)| word.key == *part)
}

fn ends_with(words: &[Word], phrase: &[&str]) -> bool {
    words.len() > phrase.len() && starts_with(&words[words.len() - phrase.len()..], phrase)
}
