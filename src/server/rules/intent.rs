//! From a person's words to what they want.

use serde_json::{Map, Value, json};

use super::calls::{self, Call, MAX_CALLS};
use super::details::{self, Details};
use super::grammar::{Act, GRAMMAR};
use super::items;
use super::list;
use super::numbers;
use super::past;
use super::pattern::{self, Gaps};
use super::question::Question;
use super::reference;
use super::repeat;
use super::talk::{self, Topic};
use super::time;
use super::words::{self, Word};

/// Longer sentences that begin with a verb are hardly a task.
const MAX_WISH: usize = 8;
/// A snooze without a time, as alarm clocks have it.
const SNOOZE: &str = "in 10 minutes";

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Call(Call),
    /// Several calls of one kind.
    Calls(Vec<Call>),
    /// The same done or undone to all tasks last spoken of.
    Them(&'static str),
    /// The task is due that much later than it is.
    PushBack {
        task: String,
        by: String,
    },
    /// Perhaps that is wanted: it is asked.
    Offer(Call),
    Ask(Question),
    Talk(Topic),
}

/// What is meant by `text`, one after the other; at least one.
pub(super) fn understand(text: &str) -> Vec<Meaning> {
    let words = words::split(text);
    if let Some(call) = reminded_before(&words) {
        return vec![Meaning::Call(call)];
    }
    let mut meanings = Vec::new();
    let mut rest = words.as_slice();
    while meanings.len() + 1 < MAX_CALLS
        && let Some((first, at)) = first_command(rest)
    {
        meanings.push(first);
        rest = &rest[at..];
    }
    meanings.push(one(rest));
    if meanings.len() > 1 {
        meanings.retain(|meaning| !is_courtesy(meaning));
    }
    meanings
}

/// A new task with its time, and when to remind of it: `dentist on friday at 3, remind me an hour before`.
fn reminded_before(words: &[Word]) -> Option<Call> {
    const PATTERNS: [&str; 2] = [
        "{title} and? remind|notify|alert|warn me {span} before|beforehand|earlier|ahead it|that|then?",
        "{title} with|and a reminder {span} before|beforehand|earlier|ahead it|that|then?",
    ];
    let gaps = PATTERNS.iter().find_map(|pattern| pattern::fit(pattern, talk::without_frame(words)))?;
    let said = gaps.words("title");
    let call = match one(said) {
        Meaning::Call(call) => Some(call),
        // Who wants to be reminded of it wants it on the list.
        Meaning::Offer(_) | Meaning::Talk(Topic::Unknown) => created(said, None, None),
        _ => None,
    };
    let at = format!("{} before", words::join(time::amount_of(gaps.words("span"))));
    let is_new = |call: &Call| call.tool == calls::CREATE && call.arguments.contains_key("due");
    call.filter(is_new).map(|call| call.with("remind", at))
}

fn is_courtesy(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Talk(Topic::Thanks | Topic::Goodbye | Topic::Greeting))
}

fn is_command(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Call(_) | Meaning::Calls(_) | Meaning::Them(_) | Meaning::PushBack { .. })
}

/// The first of several commands, and where the next begins. `and` also joins words of one title, so what follows
/// it must be a command beyond doubt.
fn first_command(words: &[Word]) -> Option<(Meaning, usize)> {
    (1..words.len()).find_map(|at| {
        let (left, right) = words.split_at(at);
        let joined = matches!(right[0].key.as_str(), "and" | "then" | "also");
        let listed = left.last().is_some_and(|word| word.raw.ends_with(',')) && !joined;
        let ended = left.last().is_some_and(Word::ends_sentence);
        if !(ended || joined || listed) {
            return None;
        }
        let next = one(right);
        let first = (is_command(&next) || is_courtesy(&next)).then(|| one(left)).filter(is_command)?;
        (ended || speaks_of_tasks(right) || joined && goes_on(left, right, &first)).then_some((first, at))
    })
}

fn speaks_of_tasks(words: &[Word]) -> bool {
    let words = talk::without_frame(words);
    let is_noun = |word: &Word| {
        matches!(
            word.key.as_str(),
            "task" | "tasks" | "reminder" | "reminders" | "todo" | "list" | "undo" | "number"
        )
    };
    let starts = |key: &str| words.first().is_some_and(|word| word.key == key);
    (words.iter().any(is_noun) && !starts("to")) || pattern::fit("remind me {title}", words).is_some()
}

/// Behind a command that takes no title, or before the same verb again, `and` joins commands.
fn goes_on(left: &[Word], right: &[Word], first: &Meaning) -> bool {
    let verb = |words: &[Word]| talk::without_frame(words).first().map(|word| word.key.clone());
    let has_title =
        |call: &Call| ["title", "note", "notes"].iter().any(|name| call.arguments.contains_key(*name));
    let is_titled = match first {
        Meaning::Call(call) => has_title(call),
        Meaning::Calls(calls) => calls.iter().any(has_title),
        Meaning::Them(_)
        | Meaning::PushBack { .. }
        | Meaning::Offer(_)
        | Meaning::Ask(_)
        | Meaning::Talk(_) => false,
    };
    !is_titled
        || (verb(left) == verb(right) && verb(left).is_some_and(|verb| verb == "add" || verb == "create"))
}

/// What is meant by one command.
pub(super) fn one(words: &[Word]) -> Meaning {
    if let Some(topic) = talk::topic(words) {
        return Meaning::Talk(topic);
    }
    let bare = talk::without_frame(words);
    let understood =
        command(bare).or_else(|| led_by_time(bare)).or_else(|| command(words)).or_else(|| done(bare));
    // `hi, what can you do` is more than a greeting.
    understood.unwrap_or_else(|| Meaning::Talk(talk::topic(bare).unwrap_or(Topic::Unknown)))
}

fn command(words: &[Word]) -> Option<Meaning> {
    GRAMMAR.iter().find_map(|(pattern, act)| meaning(*act, &pattern::fit(pattern, words)?, words))
}

/// `I bought the groceries`, `have I paid the rent`, and `buy milk`, which may be a task to add.
fn done(words: &[Word]) -> Option<Meaning> {
    if let Some(task) = past::asked(words) {
        return Some(Meaning::Call(Call::on(calls::SHOW, task)));
    }
    if let Some(task) = past::denied(words) {
        return Some(Meaning::Call(Call::on(calls::REOPEN, task)));
    }
    if let Some(task) = past::task(words) {
        return Some(Meaning::Call(Call::on(calls::COMPLETE, task)));
    }
    let is_wish = past::is_wish(words) && (2..=MAX_WISH).contains(&words.len());
    is_wish.then(|| created(words, None, None)).flatten().map(Meaning::Offer)
}

/// `tomorrow at 5 remind me to call mom`, `every monday remind me to water the plants`.
fn led_by_time(words: &[Word]) -> Option<Meaning> {
    let is_either = |words: &[Word]| time::is_time(words) || repeat::is_repeat(words);
    let end = (1..words.len()).rev().find(|end| is_either(&words[..*end]))?;
    let (when, rest) = words.split_at(end);
    let rest = talk::without_frame(rest);
    let call = match command(rest).or_else(|| done(rest)) {
        Some(Meaning::Call(call)) => call,
        Some(Meaning::Offer(call)) if time::is_time(when) => {
            return Some(Meaning::Offer(call.with("due", time::bare(when))));
        }
        _ => return None,
    };
    if repeat::is_repeat(when) {
        let is_new = call.tool == calls::CREATE || call.tool == calls::REMIND;
        return is_new.then(|| Meaning::Call(repeated(call, &repeat::bare(when), repeat::first(when))));
    }
    let name = match call.tool.as_str() {
        calls::CREATE => "due",
        calls::REMIND => "at",
        _ => return None,
    };
    // `tomorrow I need to call Bob at nine` has both.
    let time = call.text(name).map_or_else(|| time::bare(when), |clock| time::merged(clock, when));
    Some(Meaning::Call(call.with(name, time)))
}

fn meaning(act: Act, gaps: &Gaps<'_>, said: &[Word]) -> Option<Meaning> {
    let named = ["it", "num", "task"].into_iter().find(|gap| gaps.has(gap));
    let task = || gaps.words(named.unwrap_or("task"));
    let text = |gap: &str| Value::from(words::join(gaps.words(gap)));
    let priority = || details::priority(gaps.words("prio"));
    let update = |name: &str, value: Value| Some(changed(task(), name, value));
    match act {
        Act::Undo => Some(Meaning::Call(undo(gaps, said))),
        Act::List => Some(Meaning::Call(Call::new(calls::LIST, list::arguments(said, gaps.words("text"))))),
        Act::ListCompleted => Some(Meaning::Call(finished(said))),
        Act::Count => Some(Meaning::Call(count(said))),
        Act::Statistics => Some(Meaning::Call(statistics(said))),
        Act::Show => show(task()),
        Act::Remind => remind(gaps.words("title"), when(gaps)).map(|meaning| comes_again(meaning, gaps)),
        Act::SetReminder => Some(existing(calls::SET_REMINDER, task(), Some(("at", json!(when(gaps)?))))),
        Act::RemindBefore => {
            let at = format!("{} before", words::join(time::amount_of(gaps.words("span"))));
            Some(existing(calls::SET_REMINDER, task(), Some(("at", json!(at)))))
        }
        Act::RemoveReminder => update("remind", Value::Null),
        Act::Snooze => Some(Meaning::Call(snooze(gaps))),
        Act::Create if gaps.has("count") => counted(gaps),
        Act::Create => {
            create(gaps.words("title"), when(gaps), priority()).map(|meaning| comes_again(meaning, gaps))
        }
        Act::Enlist => enlist(gaps),
        Act::Complete if past::is_denied(said) => None,
        Act::Complete if named.is_none() => Some(on_it(calls::COMPLETE)),
        Act::Complete => Some(finish(calls::COMPLETE, calls::COMPLETE_MANY, task())),
        Act::Delete => Some(finish(calls::DELETE, calls::DELETE_MANY, task())),
        Act::CompleteAll => Some(all(calls::COMPLETE_MANY, said)),
        Act::DeleteAll => Some(all(calls::DELETE_MANY, said)),
        Act::CompleteThem => Some(Meaning::Them(calls::COMPLETE_MANY)),
        Act::DeleteThem => Some(Meaning::Them(calls::DELETE_MANY)),
        Act::Reopen => Some(existing(calls::REOPEN, task(), None)),
        Act::Start => Some(existing(calls::START, task(), None)),
        Act::Stop if task().is_empty() => Some(on_it(calls::STOP)),
        Act::Stop => Some(existing(calls::STOP, task(), None)),
        Act::Retitle => Some(retitle(task(), gaps.words("title"))),
        Act::Redate if gaps.has("hour") => {
            update("due", json!(format!("at {}", words::join(gaps.words("hour")))))
        }
        Act::Redate if is_about_more(task(), said) => None,
        Act::Redate => update("due", json!(time::bare(gaps.words("when")))),
        Act::PushBack => {
            let by = words::join(time::amount_of(gaps.words("span")));
            reference::clean(task()).map(|task| Meaning::PushBack { task, by })
        }
        Act::Undate => update("due", Value::Null),
        Act::Repeat => update("repeat", json!(repeat::bare(gaps.words("repeat")))),
        Act::Unrepeat => update("repeat", Value::Null),
        Act::Reprioritize => update("priority", json!(priority())),
        Act::Raise => update("priority", json!("high")),
        Act::Lower => update("priority", json!("low")),
        Act::Unprioritize => update("priority", json!("none")),
        Act::Reproject if gaps.has("list") => update("project", text("list")),
        Act::Reproject => update("project", text("project")),
        Act::Unproject => update("project", Value::Null),
        Act::Annotate if gaps.has("colon") => {
            Some(existing(calls::NOTE, gaps.words("colon"), Some(("note", text("notes")))))
        }
        Act::Annotate => Some(existing(calls::NOTE, task(), Some(("note", text("notes"))))),
        Act::Retag => update("tags", json!(details::names(gaps.words("tags")))),
        Act::Untag => update("tags", json!([])),
        Act::Change => Some(change(task(), gaps.words("value"))),
        Act::AskTitle => Some(Meaning::Ask(Question::Title)),
        Act::AskReminder => Some(Meaning::Ask(Question::Reminder)),
        Act::AskComplete => Some(Meaning::Ask(Question::Complete)),
        Act::AskDelete => Some(Meaning::Ask(Question::Delete)),
        Act::AskChange => Some(Meaning::Ask(Question::Change)),
        Act::AskNote => Some(Meaning::Ask(Question::Note)),
        Act::OneAtATime => Some(Meaning::Talk(Topic::OneAtATime)),
        Act::Timer => Some(Meaning::Call(timer(gaps, said))),
        Act::AskSnooze => Some(Meaning::Ask(Question::Snooze)),
    }
}

/// `change buy milk to buy bread on friday`: the time is not all that is to change.
fn is_about_more(task: &[Word], said: &[Word]) -> bool {
    let is_general = said
        .first()
        .is_some_and(|word| matches!(word.key.as_str(), "change" | "changes" | "changed" | "update" | "set"));
    is_general && task.iter().any(|word| matches!(word.key.as_str(), "to" | "into"))
}

/// With the repetition that stood before the title.
fn comes_again(meaning: Meaning, gaps: &Gaps<'_>) -> Meaning {
    let every = gaps.words("repeat");
    match meaning {
        Meaning::Call(call) if !every.is_empty() => {
            Meaning::Call(repeated(call, &repeat::bare(every), repeat::first(every)))
        }
        other => other,
    }
}

/// The task last spoken of.
fn on_it(tool: &str) -> Meaning {
    Meaning::Call(Call::on(tool, "it"))
}

fn when(gaps: &Gaps<'_>) -> Option<String> {
    gaps.has("when").then(|| time::bare(gaps.words("when")))
}

fn undo(gaps: &Gaps<'_>, said: &[Word]) -> Call {
    let twice = said.iter().any(|word| word.key == "twice").then_some(2);
    let count = numbers::whole(&words::keys(gaps.words("count"))).or(twice).filter(|count| *count > 1);
    count.map_or_else(|| Call::plain(calls::UNDO), |count| Call::plain(calls::UNDO).with("count", count))
}

fn snooze(gaps: &Gaps<'_>) -> Call {
    let span = gaps.has("span").then(|| time::after_amount(gaps.words("span")));
    let until = span.or_else(|| when(gaps)).unwrap_or_else(|| SNOOZE.to_owned());
    let call = Call::plain(calls::SNOOZE).with("until", until);
    match reference::clean(gaps.words("task")) {
        Some(task) => call.with("task", task),
        None => call,
    }
}

fn timer(gaps: &Gaps<'_>, said: &[Word]) -> Call {
    let has = |key: &str| said.iter().any(|word| word.key == key);
    let title = if has("timer") {
        "timer"
    } else if has("wake") {
        "wake up"
    } else {
        "alarm"
    };
    let span = gaps.has("span").then(|| time::after_amount(gaps.words("span")));
    let call = Call::plain(calls::REMIND).with("title", title);
    span.or_else(|| when(gaps)).into_iter().fold(call, |call, at| call.with("at", at))
}

/// `what did I finish today` is told by the statistics of the day, which know when something was finished.
fn finished(said: &[Word]) -> Call {
    match period(said) {
        Some(period) => Call::plain(calls::STATISTICS).with("period", period),
        None => Call::new(calls::LIST, list::completed()),
    }
}

/// The number of all tasks is a matter of statistics, that of some of them comes with their list.
fn count(said: &[Word]) -> Call {
    let arguments = list::arguments(said, &[]);
    let is_past =
        said.iter().any(|word| matches!(word.key.as_str(), "did" | "completed" | "finished" | "done"));
    match period(said) {
        Some(period) if is_past => Call::plain(calls::STATISTICS).with("period", period),
        _ if arguments.is_empty() => Call::plain(calls::STATISTICS),
        _ => Call::new(calls::LIST, arguments),
    }
}

fn statistics(said: &[Word]) -> Call {
    let period = period(said);
    let call = Call::plain(calls::STATISTICS);
    period.map_or_else(|| call.clone(), |period| call.clone().with("period", period))
}

fn period(said: &[Word]) -> Option<&'static str> {
    said.iter().find_map(|word| match word.key.as_str() {
        "today" | "todays" | "day" | "daily" => Some("day"),
        "week" | "weeks" | "weekly" => Some("week"),
        _ => None,
    })
}

/// One task; what speaks of several is a list.
fn show(task: &[Word]) -> Option<Meaning> {
    let is_general = |word: &Word| {
        matches!(
            word.key.as_str(),
            "next"
                | "tasks"
                | "todos"
                | "reminders"
                | "all"
                | "everything"
                | "anything"
                | "list"
                | "most"
                | "it"
        ) && !reference::is_pronoun(task)
    };
    if task.iter().any(is_general) {
        return None;
    }
    let (task, _) = details::without_time(task);
    reference::clean(task).map(|task| Meaning::Call(Call::on(calls::SHOW, task)))
}

fn create(title: &[Word], when: Option<String>, priority: Option<&'static str>) -> Option<Meaning> {
    if when.is_none()
        && let Some(calls) = several(title, priority)
    {
        return Some(Meaning::Calls(calls));
    }
    created(title, when, priority).map(Meaning::Call)
}

/// `add two tasks: call grandma on friday, fix the bike`; where as many are not there, it is one.
fn counted(gaps: &Gaps<'_>) -> Option<Meaning> {
    let title = gaps.words("title");
    let count = numbers::whole(&words::keys(gaps.words("count")))?;
    let parts = items::parts(title);
    if parts.len() != count as usize || parts.len() > MAX_CALLS {
        return create(title, None, None);
    }
    let calls: Option<Vec<_>> = parts.into_iter().map(|part| created(part, None, None)).collect();
    calls.map(Meaning::Calls)
}

/// Several tasks in one breath: `pay the rent on friday and water the plants on sunday`. Two without times of their own
/// may be one.
fn several(title: &[Word], priority: Option<&'static str>) -> Option<Vec<Call>> {
    let parts = items::actions(title)?;
    let calls: Option<Vec<_>> = parts.into_iter().map(|part| created(part, None, priority)).collect();
    let calls = calls.filter(|calls| calls.len() <= MAX_CALLS)?;
    let is_timed = |call: &Call| ["due", "repeat"].iter().any(|name| call.arguments.contains_key(*name));
    (calls.len() > 2 || calls.iter().all(is_timed)).then_some(calls)
}

fn created(title: &[Word], when: Option<String>, priority: Option<&'static str>) -> Option<Call> {
    let (title, details) = details::split(title);
    let due = when.or(details.when.clone());
    let priority = priority.or(details.priority).filter(|level| *level != "none");
    let call = Call::new(calls::CREATE, titled(title)?);
    Some(with_details(call, &details, "due", due.as_deref(), priority))
}

/// `add milk and eggs to my shopping list`.
fn enlist(gaps: &Gaps<'_>) -> Option<Meaning> {
    let (title, shared) = details::split(gaps.words("title"));
    let (_, after) = details::split_off(gaps.words("end"));
    let shared = shared.or(after);
    let list = gaps.has("list").then(|| words::join(gaps.words("list")));
    let details = Details { project: list.or(shared.project.clone()), ..shared };
    let titles = items::titles(title).into_iter().take(MAX_CALLS);
    let call = |title: &[Word]| {
        let call = Call::new(calls::CREATE, titled(title)?);
        Some(with_details(call, &details, "due", details.when.as_deref(), details.priority))
    };
    let mut calls: Vec<_> = titles.filter_map(call).collect();
    match calls.len() {
        0 => None,
        1 => calls.pop().map(Meaning::Call),
        _ => Some(Meaning::Calls(calls)),
    }
}

/// A reminder knows no more than a time: what comes again is a task that reminds.
fn remind(title: &[Word], when: Option<String>) -> Option<Meaning> {
    let (title, details) = details::split(title);
    if time::is_time(title) {
        return Some(Meaning::Ask(Question::Reminder));
    }
    let at = when.or(details.when);
    let call = Call::new(calls::REMIND, titled(title)?);
    let call = at.iter().fold(call, |call, at| call.with("at", at.as_str()));
    Some(Meaning::Call(match details.repeat {
        Some((every, first)) => repeated(call, &every, first),
        None => call,
    }))
}

/// The task that comes again; of a reminder also the time of the first one.
fn repeated(call: Call, every: &str, first: Option<String>) -> Call {
    if call.tool == calls::CREATE {
        return call.with("repeat", every);
    }
    let title = call.text("title").unwrap_or_default().to_owned();
    let at = call.text("at").map(str::to_owned).or(first);
    let task = Call::plain(calls::CREATE).with("title", title).with("repeat", every);
    at.map_or_else(|| task.clone(), |at| task.clone().with("remind", at))
}

fn titled(title: &[Word]) -> Option<Map<String, Value>> {
    let title = words::join_action(without_person(title));
    (!title.is_empty()).then(|| [("title".to_owned(), json!(title))].into_iter().collect())
}

/// `me to call mom`, as in `a reminder for me to call mom`, and `I should call mom` are `call mom`.
fn without_person(title: &[Word]) -> &[Word] {
    const FRAMES: &[&str] = &["me|us @to {title}", "i|we should|must|need_to|have_to|ought_to {title}"];
    FRAMES.iter().find_map(|frame| pattern::fit(frame, title)).map_or(title, |gaps| gaps.words("title"))
}

fn with_details(
    mut call: Call,
    details: &Details,
    when: &str,
    time: Option<&str>,
    priority: Option<&'static str>,
) -> Call {
    if !details.tags.is_empty() {
        call = call.with("tags", details.tags.clone());
    }
    let texts = [
        (when, time),
        ("priority", priority),
        ("project", details.project.as_deref()),
        ("notes", details.notes.as_deref()),
        ("repeat", details.repeat.as_ref().map(|(every, _)| every.as_str())),
    ];
    let given = texts.into_iter().filter_map(|(name, text)| Some((name, text?)));
    given.fold(call, |call, (name, text)| call.with(name, text))
}

/// One task, or several that are named one after the other.
fn finish(tool: &str, many: &str, task: &[Word]) -> Meaning {
    let tasks = items::references(task);
    if tasks.len() > 1 {
        return Meaning::Call(Call::plain(many).with("tasks", tasks));
    }
    existing(tool, task, None)
}

/// All that fit what was said besides, or those that are named.
fn all(tool: &str, said: &[Word]) -> Meaning {
    let tasks = items::references(&said[1..]);
    if tasks.len() > 1 {
        return Meaning::Call(Call::plain(tool).with("tasks", tasks));
    }
    let is_done = |word: &Word| matches!(word.key.as_str(), "done" | "complete" | "completed" | "finished");
    let end =
        said.iter().rposition(|word| !is_done(word) && word.key != "as").map_or(said.len(), |at| at + 1);
    if list::is_narrowed_otherwise(said) {
        return Meaning::Talk(Topic::TooNarrow);
    }
    let mut arguments = list::arguments(&said[1..end], &[]);
    // What is to be done is all that can be meant.
    let status = arguments.remove("status");
    if status.is_some_and(|status| status == "completed") {
        return Meaning::Talk(Topic::CompletedStay);
    }
    Meaning::Call(Call::new(tool, arguments).with("all", true))
}

/// A call on a task that is there, perhaps with something about it.
fn existing(tool: &str, task: &[Word], with: Option<(&str, Value)>) -> Meaning {
    let question = match tool {
        calls::DELETE => Question::Delete,
        calls::COMPLETE => Question::Complete,
        _ => Question::Change,
    };
    let Some(task) = reference::clean(task) else { return Meaning::Ask(question) };
    let call = Call::on(tool, task);
    Meaning::Call(with.into_iter().fold(call, |call, (name, value)| call.with(name, value)))
}

fn changed(task: &[Word], name: &str, value: Value) -> Meaning {
    existing(calls::UPDATE, task, Some((name, value)))
}

fn retitle(task: &[Word], title: &[Word]) -> Meaning {
    changed(task, "title", json!(words::join_action(title)))
}

/// The end of `change … to …` tells whether it is a time, a priority or a title, perhaps with a time behind it.
fn change(task: &[Word], value: &[Word]) -> Meaning {
    match details::priority(value) {
        _ if time::is_time(value) => return changed(task, "due", json!(time::bare(value))),
        _ if repeat::is_repeat(value) => return changed(task, "repeat", json!(repeat::bare(value))),
        Some(priority) => return changed(task, "priority", json!(priority)),
        None => {}
    }
    let (title, details) = details::split(value);
    match retitle(task, title) {
        Meaning::Call(call) => {
            let due = details.when.clone();
            Meaning::Call(with_details(call, &details, "due", due.as_deref(), details.priority))
        }
        other => other,
    }
}

/// The call of a known function with these words, whatever they seem to ask for.
pub(super) fn forced(tool: &str, said: &[Word]) -> Option<Call> {
    if said.is_empty() {
        return None;
    }
    let meaning = match tool {
        calls::CREATE => create(said, None, None),
        calls::REMIND => remind(said, None),
        calls::COMPLETE | calls::DELETE | calls::SHOW | calls::REOPEN | calls::START | calls::STOP => {
            Some(existing(tool, said, None))
        }
        _ => None,
    };
    match meaning {
        Some(Meaning::Call(call)) => Some(call),
        _ => None,
    }
}
