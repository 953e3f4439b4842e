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
    OneAtATime,
    Reopen,
    Unheard,
    Unknown,
}

impl Topic {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Greeting => "Hello. Offline I can add, list, change, complete and delete your tasks.",
            Self::HowAreYou => "I am fine, thank you. What shall I do with your tasks?",
            Self::Thanks => "You're welcome.",
            Self::Goodbye => "Goodbye.",
            Self::Help => {
                "Offline I know your tasks. Say for example: create a task to buy groceries, remind me to call mom \
                 tomorrow at 5, list my tasks, mark the grocery task as complete, or undo."
            }
            Self::Yes => "All right. What shall I do?",
            Self::NeverMind => "All right, I leave it.",
            Self::Wrong => "Sorry. Say undo, and I take the last change back.",
            Self::OneAtATime => {
                "I change one task at a time, so that none is lost by mistake. Which one do you mean?"
            }
            Self::Reopen => {
                "Offline I cannot reopen a task by its name. Say undo to take back the last change."
            }
            Self::Unheard => "I could not make that out. Please say it again.",
            Self::Unknown => "Offline I only know tasks: I can add, list, change, complete and delete them.",
        }
    }
}

const TOPICS: &[(&str, Topic)] = &[
    (
        "hi|hello|hey|howdy|greetings|good_morning|good_evening|good_afternoon there|you|assistant|computer|again|everyone?",
        Topic::Greeting,
    ),
    ("hi|hello|hey? how are you doing|today?", Topic::HowAreYou),
    (
        "ok|okay|great|perfect|no? thanks|thank_you|thx|cheers very_much|so_much|a_lot|again|for_that|for_your_help|then|assistant?",
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
    ("who|what are you", Topic::Help),
    ("can you help me?", Topic::Help),
    ("yes|yeah|yep|sure|ok|okay|right|correct|exactly|of_course|yes_please|alright", Topic::Yes),
    (
        "no|nope|cancel|nevermind|never_mind|nothing|none|neither|stop|cancel_that|stop_it|forget_it|forget_that|leave_it|dont|do_not that|it|thanks|thank_you?",
        Topic::NeverMind,
    ),
    ("none|neither of_them|of_those", Topic::NeverMind),
    (
        "no? thats|that_is|that_was|this_is wrong|not_right|not_what_i_said|not_what_i_meant|incorrect|a_mistake|not_it",
        Topic::Wrong,
    ),
    ("wrong|no_wrong", Topic::Wrong),
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
    "next",
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
    "if you can",
    "assistant",
];
const CORRECTIONS: &[&str] = &["no", "nope", "actually", "sorry", "i mean", "i meant", "i said", "wait"];

/// The topic of words that are no command, as far as one can be told without knowing the commands.
pub(super) fn topic(words: &[Word]) -> Option<Topic> {
    if words.is_empty() {
        return Some(Topic::Unheard);
    }
    TOPICS.iter().find(|(pattern, _)| pattern::fit(pattern, words).is_some()).map(|(_, topic)| *topic)
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
    while let Some(used) = longest(CORRECTIONS, |phrase| starts_with(rest, phrase)) {
        rest = &rest[used..];
    }
    (rest.len() < words.len() && !rest.is_empty()).then_some(rest)
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
