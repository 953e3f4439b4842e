use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::tasks::task::{Status, Task};

fn task(number: usize, title: &str) -> Task {
    Task {
        uuid: Uuid::from_u128(0x7d0_0000_0000_0000_0000_0000_0000_0000 + number as u128),
        number: Some(number),
        title: title.to_owned(),
        status: Status::Pending,
        due: None,
        remind: None,
        wait: None,
        priority: None,
        project: None,
        tags: Vec::new(),
        notes: Vec::new(),
        entry: Some(Timestamp::UNIX_EPOCH),
        modified: None,
        ..Task::default()
    }
}

fn tasks(titles: &[&str]) -> Vec<Task> {
    titles.iter().enumerate().map(|(index, title)| task(index + 1, title)).collect()
}

const TITLES: &[&str] = &[
    "buy groceries",
    "call mom",
    "call the dentist",
    "finish the quarterly report",
    "water the plants",
    "buy milk",
    "pay rent",
    "plan Sarah's birthday party",
    "laundry",
    "牛乳を買う",
    "book flight to Lisbon",
    "renew passport",
];

/// What is found, as titles; `?` before what is only offered.
fn found(reference: &str, tasks: &[Task], care: Care) -> String {
    match find(reference, tasks, &[], care) {
        Match::One(task) => task.title,
        Match::Many(tasks) => {
            format!("? {}", tasks.into_iter().map(|task| task.title).collect::<Vec<_>>().join(" / "))
        }
        Match::None => "-".to_owned(),
    }
}

fn check(tasks: &[Task], care: Care, table: &[(&str, &str)]) {
    let wrong: Vec<_> = table
        .iter()
        .filter(|(reference, expected)| found(reference, tasks, care) != *expected)
        .map(|(reference, expected)| {
            format!("`{reference}` is {} and not {expected}", found(reference, tasks, care))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn people_name_tasks_in_their_own_words() {
    check(
        &tasks(TITLES),
        Care::Strict,
        &[
            ("buy groceries", "buy groceries"),
            ("Buy groceries.", "buy groceries"),
            ("grocery", "buy groceries"),
            ("groceries", "buy groceries"),
            ("the grocery task", "buy groceries"),
            ("buying the groceries", "buy groceries"),
            ("getting groceries", "buy groceries"),
            ("get groceries", "buy groceries"),
            ("my groceries task please", "buy groceries"),
            ("calling mom", "call mom"),
            ("called mom", "call mom"),
            ("mom", "call mom"),
            ("the call to mom", "call mom"),
            ("the dentist", "call the dentist"),
            ("dentist's", "call the dentist"),
            ("the report", "finish the quarterly report"),
            ("finished the report", "finish the quarterly report"),
            ("quarterly reports", "finish the quarterly report"),
            ("watering plants", "water the plants"),
            ("sarahs birthday", "plan Sarah's birthday party"),
            ("planning the party", "plan Sarah's birthday party"),
            ("doing the laundry", "laundry"),
            ("the laundry from this week", "laundry"),
            ("牛乳", "牛乳を買う"),
            ("the lisbon flight", "book flight to Lisbon"),
            ("renewing my passport", "renew passport"),
        ],
    );
}

/// As models pass on what they heard.
#[test]
fn paraphrases_find_the_task_or_ask() {
    let titles = [
        "buy groceries",
        "call mom",
        "call the dentist",
        "finish the quarterly report",
        "water the plants",
        "renew car insurance",
        "clean the garage",
        "send invoice to Acme",
        "book flight to Lisbon",
        "pick up dry cleaning",
        "email Anna about the contract",
        "email Ben about the budget",
        "fix the kitchen sink",
        "pay electricity bill",
        "pay rent",
        "return library books",
    ];
    check(
        &tasks(&titles),
        Care::Usual,
        &[
            ("the groceries", "buy groceries"),
            ("grocery shopping", "? buy groceries"),
            ("the one about groceries", "buy groceries"),
            ("calling my mom", "call mom"),
            ("phone call with mom", "call mom"),
            ("the dentist call", "call the dentist"),
            ("the dentist appointment", "? call the dentist"),
            ("quarterly report", "finish the quarterly report"),
            ("the report I have to finish", "finish the quarterly report"),
            ("watering the plants", "water the plants"),
            ("plants", "water the plants"),
            ("the car insurance", "renew car insurance"),
            ("insurance renewal", "? renew car insurance"),
            ("renewing the insurance", "renew car insurance"),
            ("garage", "clean the garage"),
            ("cleaning the garage", "clean the garage"),
            ("the acme invoice", "send invoice to Acme"),
            ("sending the invoice", "send invoice to Acme"),
            ("invoice for Acme", "send invoice to Acme"),
            ("the flight", "book flight to Lisbon"),
            ("booking the Lisbon flight", "book flight to Lisbon"),
            ("flights to lisbon", "book flight to Lisbon"),
            ("dry cleaning", "pick up dry cleaning"),
            ("picking up the dry cleaning", "pick up dry cleaning"),
            ("the email to Anna", "email Anna about the contract"),
            ("emailing Ben", "email Ben about the budget"),
            ("the contract email", "email Anna about the contract"),
            ("the budget", "email Ben about the budget"),
            ("the emails", "? email Anna about the contract / email Ben about the budget"),
            ("kitchen sink", "fix the kitchen sink"),
            ("fixing the sink", "fix the kitchen sink"),
            ("the sink thing", "fix the kitchen sink"),
            ("electricity", "pay electricity bill"),
            ("the electricity bill", "pay electricity bill"),
            ("paying the bill", "pay electricity bill"),
            ("paying rent", "pay rent"),
            ("the rent", "pay rent"),
            ("pay", "? pay electricity bill / pay rent"),
            ("library books", "return library books"),
            ("returning the books to the library", "return library books"),
            ("call", "? call mom / call the dentist"),
            ("call Anna", "? email Anna about the contract"),
            ("water bill", "? water the plants / pay electricity bill"),
            ("walk the dog", "-"),
            ("the gym", "-"),
        ],
    );
}

#[test]
fn numbers_places_and_uuids_name_tasks() {
    check(
        &tasks(TITLES),
        Care::Strict,
        &[
            ("3", "call the dentist"),
            ("#3", "call the dentist"),
            ("number 3", "call the dentist"),
            ("number three", "call the dentist"),
            ("task 3", "call the dentist"),
            ("task number 3", "call the dentist"),
            ("Task no. 3", "call the dentist"),
            ("number twelve", "renew passport"),
            ("99", "-"),
            ("0", "-"),
            ("the second one", "call mom"),
            ("second", "call mom"),
            ("the 2nd task", "call mom"),
            ("the last one", "renew passport"),
            ("the twentieth one", "-"),
            ("07d00000-0000-0000-0000-000000000002", "call mom"),
            ("07D00000-0000-0000-0000-000000000002", "call mom"),
            ("07d00000-0000-0000-0000-00000000000b", "book flight to Lisbon"),
        ],
    );
    let mut two = tasks(&["a", "b"]);
    two[1].uuid = Uuid::from_u128(u128::MAX);
    check(&two, Care::Strict, &[("ffffff", "b"), ("ffff", "-"), ("07d00000", "a")]);
}

#[test]
fn places_count_in_the_list_that_was_shown() {
    let tasks = tasks(TITLES);
    let gone = Uuid::nil();
    let shown = [tasks[6].uuid, gone, tasks[1].uuid];
    let found = |reference| find(reference, &tasks, &shown, Care::Strict);
    assert_eq!(found("the first one"), Match::One(tasks[6].clone()));
    assert_eq!(found("the second one"), Match::None);
    assert_eq!(found("the last one"), Match::One(tasks[1].clone()));
    assert_eq!(found("the fourth one"), Match::None);
    assert_eq!(found("number 2"), Match::One(tasks[1].clone()));
}

#[test]
fn what_is_not_clear_is_a_question() {
    check(
        &tasks(TITLES),
        Care::Usual,
        &[
            ("call", "? call mom / call the dentist"),
            ("buy", "? buy groceries / buy milk"),
            ("call dad", "-"),
            ("call the bank", "-"),
            ("tom", "? call mom"),
            ("the birthday cake", "? plan Sarah's birthday party"),
            ("return the milk", "? buy milk"),
            ("milk and groceries", "? buy groceries / buy milk"),
            ("", "-"),
            ("the", "-"),
            ("the task", "-"),
            ("🎉", "-"),
            ("walk the dog", "-"),
        ],
    );
}

#[test]
fn the_whole_title_is_better_than_a_part_of_one() {
    let tasks = tasks(&["buy milk for mom", "buy milk", "Buy Milk!", "3", "eggs", "one two", "the one"]);
    check(
        &tasks,
        Care::Strict,
        &[
            ("buy milk", "buy milk"),
            ("Buy Milk!", "Buy Milk!"),
            ("BUY MILK", "? buy milk / Buy Milk!"),
            ("milk for mom", "buy milk for mom"),
            ("3", "? Buy Milk! / 3"),
            ("the one", "the one"),
        ],
    );
}

#[test]
fn words_with_a_slip_are_heard_unless_care_is_due() {
    let tasks = tasks(TITLES);
    let heard = [
        ("dentest", "call the dentist"),
        ("call the den tist", "call the dentist"),
        ("groseries", "buy groceries"),
        ("the quartely report", "finish the quarterly report"),
        ("passsport", "renew passport"),
    ];
    check(&tasks, Care::Usual, &heard);
    for (reference, title) in heard {
        assert_ne!(found(reference, &tasks, Care::Strict), title);
    }
    check(
        &tasks,
        Care::Usual,
        &[("call tom", "? call mom"), ("calling dennis", "? call the dentist"), ("pay rant", "? pay rent")],
    );
}

#[test]
fn a_slip_that_fits_two_titles_is_a_question() {
    let tasks = tasks(&["visit Marla", "visit Marga"]);
    check(&tasks, Care::Usual, &[("marha", "? visit Marla / visit Marga"), ("marla", "visit Marla")]);
}

#[test]
fn projects_and_tags_name_tasks_that_words_do_not() {
    let mut tasks = tasks(&["buy milk", "write summary"]);
    tasks[0].tags = vec!["shop".to_owned()];
    tasks[1].project = Some("work.reports".to_owned());
    check(
        &tasks,
        Care::Strict,
        &[
            ("the work task", "write summary"),
            ("the shopping one", "buy milk"),
            ("work summary", "write summary"),
        ],
    );
}

#[test]
fn words_of_one_family_have_one_stem() {
    let families = [
        "call calls calling called",
        "grocery groceries",
        "plan plans planning planned",
        "make makes making",
        "write writes writing",
        "box boxes",
        "dish dishes",
        "movie movies",
        "glass glasses",
        "schedule schedules scheduling scheduled",
        "invite invites inviting invited",
        "fix fixes fixing fixed",
        "buy buys buying",
        "tomato tomatoes",
        "shoe shoes",
        "cancel cancels cancelling canceled",
        "visit visits visiting visited",
    ];
    for family in families {
        let mut stems: Vec<_> = family.split(' ').map(words::stem).collect();
        stems.dedup();
        assert_eq!(stems.len(), 1, "{family}: {stems:?}");
    }
    for (a, b) in
        [("car", "care"), ("plan", "plane"), ("us", "use"), ("mom", "tom"), ("bus", "bu"), ("king", "k")]
    {
        assert_ne!(words::stem(a), words::stem(b), "{a} {b}");
    }
}

fn is_plain(title: &str) -> bool {
    let is_reference = number(title.trim()).is_some();
    !title.trim().is_empty() && !is_reference
}

proptest! {
    #[test]
    fn the_exact_title_always_finds_its_task_alone(
        titles in prop::collection::btree_set("[ -~]{1,20}|\\PC{1,12}|(buy|call|the|second|one|last) (milk|mom|one|3rd)", 1..8),
        care in prop::sample::select(vec![Care::Usual, Care::Strict]),
    ) {
        let mut titles: Vec<_> = titles.iter().map(|title| title.trim()).filter(|title| is_plain(title)).collect();
        titles.sort_unstable();
        titles.dedup();
        let tasks = tasks(&titles);
        for task in &tasks {
            prop_assert_eq!(find(&task.title, &tasks, &[], care), Match::One(task.clone()));
        }
    }

    #[test]
    fn numbers_find_their_task(count in 1_usize..30, wanted in 1_usize..30) {
        let titles: Vec<_> = (1..=count).map(|number| format!("task with name {}", "x".repeat(number))).collect();
        let titles: Vec<_> = titles.iter().map(String::as_str).collect();
        let found = find(&format!("number {wanted}"), &tasks(&titles), &[], Care::Strict);
        let number = if let Match::One(task) = found { task.number } else { None };
        prop_assert_eq!(number, (wanted <= count).then_some(wanted));
    }

    #[test]
    fn any_reference_gets_an_answer(reference in ".{0,40}") {
        let _ = find(&reference, &tasks(TITLES), &[], Care::Usual);
    }
}

#[test]
fn a_uuid_that_begins_with_digits_is_no_number() {
    let with = |uuid: u128, task: Task| Task { uuid: Uuid::from_u128(uuid), ..task };
    let milk = with(0x1234_5678_0000_4000_8000_0000_0000_0000, task(1, "buy milk"));
    let rent = with(0x0000_0002_0000_4000_8000_0000_0000_0000, task(3, "pay rent"));
    let tasks = [milk, task(2, "call mom"), rent];
    let table = [
        ("12345678", "buy milk"),
        ("123456", "buy milk"),
        ("12345678-0000", "buy milk"),
        ("12345679", "-"),
        ("2", "call mom"),
        // Both could be meant.
        ("00000002", "? call mom / pay rent"),
    ];
    check(&tasks, Care::Strict, &table);
}
