//! Sentences to calls, one table for each intent.

use super::{line, prompt, user};

fn check(table: &[(&str, &str)]) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(said, expected)| (said, expected, line(&prompt(vec![user(said)]))))
        .filter(|(_, expected, actual)| actual != *expected)
        .map(|(said, expected, actual)| format!("{said}\n   is {actual}\n  not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// All of the sentences become a call of `tool` with these arguments.
fn same(tool_and_arguments: &str, said: &[&str]) {
    check(&said.iter().map(|said| (*said, tool_and_arguments)).collect::<Vec<_>>());
}

#[test]
fn tasks_come_again() {
    check(&[
        ("water the plants every monday at 9", "Shall I add “water the plants” to your list?"),
        (
            "create a task to water the plants every monday at 9",
            r#"create_task {"repeat":"every monday at 9","title":"water the plants"}"#,
        ),
        (
            "add a task to take out the trash weekly",
            r#"create_task {"repeat":"weekly","title":"take out the trash"}"#,
        ),
        ("add a task to stretch every day", r#"create_task {"repeat":"every day","title":"stretch"}"#),
        (
            "add a task to pay rent on the first of every month",
            r#"create_task {"repeat":"on the first of every month","title":"pay rent"}"#,
        ),
        (
            "add a task to call grandma every other sunday",
            r#"create_task {"repeat":"every other sunday","title":"call grandma"}"#,
        ),
        (
            "add a task to swim every tuesday and thursday at 7 am",
            r#"create_task {"repeat":"every tuesday and thursday at 7 am","title":"swim"}"#,
        ),
        (
            "every friday create a task to clean the kitchen",
            r#"create_task {"repeat":"every friday","title":"clean the kitchen"}"#,
        ),
        (
            "remind me every monday at 9 to water the plants",
            r#"create_task {"remind":"monday at 9","repeat":"every monday at 9","title":"water the plants"}"#,
        ),
        (
            "remind me to take my pills every day at 8 am",
            r#"create_task {"remind":"at 8 am","repeat":"every day at 8 am","title":"take my pills"}"#,
        ),
        (
            "add a high priority task to back up every two weeks in project work",
            r#"create_task {"priority":"high","project":"work","repeat":"every two weeks","title":"back up"}"#,
        ),
        ("make it every week", "Which task do you mean?"),
        ("repeat the trash task every week", r#"update_task {"repeat":"every week","task":"trash"}"#),
        (
            "set the trash task to repeat every friday",
            r#"update_task {"repeat":"every friday","task":"trash"}"#,
        ),
        ("change the trash task to every friday", r#"update_task {"repeat":"every friday","task":"trash"}"#),
        ("stop repeating the trash task", r#"update_task {"repeat":null,"task":"trash"}"#),
        ("remove the repetition from the trash task", r#"update_task {"repeat":null,"task":"trash"}"#),
    ]);
}

const UNKNOWN: &str = "Offline I only know your tasks, and I did not understand that. Say help for examples; other things need an API key or a chat model.";

#[test]
fn details_come_in_any_order() {
    check(&[
        (
            "add a task to call the bank tomorrow with high priority",
            r#"create_task {"due":"tomorrow","priority":"high","title":"call the bank"}"#,
        ),
        (
            "add a task to call the bank high priority tomorrow",
            r#"create_task {"due":"tomorrow","priority":"high","title":"call the bank"}"#,
        ),
        ("tomorrow add a task to call the bank", r#"create_task {"due":"tomorrow","title":"call the bank"}"#),
        (
            "add a high priority task for friday to call the bank in project money tagged phone",
            r#"create_task {"due":"friday","priority":"high","project":"money","tags":["phone"],"title":"call the bank"}"#,
        ),
        (
            "add a task to buy paint on saturday in the home project with a note take the white one",
            r#"create_task {"due":"saturday","notes":"take the white one","project":"home","title":"buy paint"}"#,
        ),
        (
            "add buy milk tomorrow, it's urgent",
            r#"create_task {"due":"tomorrow","priority":"high","title":"buy milk"}"#,
        ),
        ("I have to call the doctor on monday", r#"create_task {"due":"monday","title":"call the doctor"}"#),
        ("I must renew my passport", r#"create_task {"title":"renew my passport"}"#),
        ("don't forget to feed the cat tonight", r#"create_task {"due":"tonight","title":"feed the cat"}"#),
    ]);
}

#[test]
fn several_things_for_a_list_are_several_tasks() {
    check(&[
        ("add milk and eggs to my list", r#"create_task {"title":"milk"} + create_task {"title":"eggs"}"#),
        (
            "add milk, eggs and brown bread to my list",
            r#"create_task {"title":"milk"} + create_task {"title":"eggs"} + create_task {"title":"brown bread"}"#,
        ),
        ("add milk to my shopping list", r#"create_task {"project":"shopping","title":"milk"}"#),
        (
            "put milk and eggs on the shopping list",
            r#"create_task {"project":"shopping","title":"milk"} + create_task {"project":"shopping","title":"eggs"}"#,
        ),
        ("add buy milk and eggs to my list", r#"create_task {"title":"buy milk and eggs"}"#),
        (
            "add call mom and pay the rent to my list",
            r#"create_task {"title":"call mom"} + create_task {"title":"pay the rent"}"#,
        ),
        ("add milk to my list for tomorrow", r#"create_task {"due":"tomorrow","title":"milk"}"#),
        ("create a task to buy milk and eggs", r#"create_task {"title":"buy milk and eggs"}"#),
    ]);
}

#[test]
fn lists_are_narrowed() {
    same(
        r#"list_tasks {"due":"tomorrow"}"#,
        &[
            "what's due tomorrow",
            "what is due tomorrow?",
            "what do I have to do tomorrow",
            "show tomorrow's tasks",
            "anything due tomorrow?",
            "what's on for tomorrow",
            "tasks for tomorrow",
        ],
    );
    same(
        r#"list_tasks {"due":"overdue"}"#,
        &[
            "anything overdue?",
            "is anything overdue",
            "what's overdue",
            "what is late",
            "do I have overdue tasks",
        ],
    );
    same(
        r#"list_tasks {"due":"week"}"#,
        &[
            "what's on for this week",
            "what's coming up this week",
            "what do I have this week",
            "what's due this week",
            "show me this week's tasks",
        ],
    );
    same(
        r#"list_tasks {"due":"friday"}"#,
        &[
            "anything due on friday",
            "what do I have on friday",
            "what's on for friday?",
            "list my tasks for friday",
            "show me friday's tasks",
            "what are friday’s tasks?",
        ],
    );
    check(&[
        ("what do I have next monday", r#"list_tasks {"due":"next monday"}"#),
        ("what is due on december 4th", r#"list_tasks {"due":"december 4th"}"#),
        ("what do I have the day after tomorrow", r#"list_tasks {"due":"the day after tomorrow"}"#),
        (
            "what do I have on monday and tuesday",
            r#"list_tasks {"due":"monday"} + list_tasks {"due":"tuesday"}"#,
        ),
        ("what do I have from monday to wednesday", r#"list_tasks {"due":"week"}"#),
        ("what is due before friday", r#"list_tasks {"due":"week"}"#),
        ("delete all tasks due on friday", r#"delete_tasks {"all":true,"due":"friday"}"#),
    ]);
    same(
        r#"list_tasks {"due":"today"}"#,
        &[
            "what's on for today",
            "anything for today",
            "what's planned for today",
            "what do I need to do today",
        ],
    );
    same(
        r#"list_tasks {"due":"none"}"#,
        &["show tasks without a due date", "which tasks have no due date", "list tasks with no date"],
    );
    same(
        r#"list_tasks {"project":"garden"}"#,
        &["tasks in project garden", "show tasks in the garden project", "what's in project garden"],
    );
    same(
        r#"list_tasks {"project":"shopping"}"#,
        &["what's on my shopping list", "show my shopping list", "read me the shopping list"],
    );
    check(&[
        ("show my shopping tasks", r#"list_tasks {"text":"shopping"}"#),
        ("show the tasks tagged errand", r#"list_tasks {"tag":"errand"}"#),
        ("check my list", "list_tasks {}"),
        ("check my tasks", "list_tasks {}"),
        ("what do I still have to do", "list_tasks {}"),
        ("anything left to do?", "list_tasks {}"),
        ("which tasks are still open", r#"list_tasks {"status":"pending"}"#),
        ("how many tasks are due today", r#"list_tasks {"due":"today"}"#),
        ("how many tasks are overdue", r#"list_tasks {"due":"overdue"}"#),
        ("what have I done", r#"list_tasks {"status":"completed"}"#),
    ]);
}

#[test]
fn counts_and_the_past_come_from_statistics() {
    same(
        "task_statistics {}",
        &[
            "how many tasks do I have",
            "how many things are on my list",
            "show me statistics",
            "my statistics",
        ],
    );
    same(
        r#"task_statistics {"period":"week"}"#,
        &[
            "how was my week",
            "how did my week go",
            "how productive was I this week",
            "how many tasks did I finish this week",
            "give me a summary of my week",
            "what did I get done this week",
            "how am i doing this week",
        ],
    );
    same(
        r#"task_statistics {"period":"day"}"#,
        &[
            "what did I finish today",
            "how was my day",
            "what have I done today",
            "how many tasks did I complete today",
            "how much did I get done today",
        ],
    );
}

#[test]
fn one_task_is_told_about() {
    same(
        r#"show_task {"task":"dentist"}"#,
        &[
            "tell me about the dentist task",
            "tell me more about the dentist",
            "show me the dentist task",
            "show the details of the dentist task",
            "when is the dentist due",
            "when's the dentist task due?",
            "when is the dentist?",
            "what time is the dentist",
            "what's the priority of the dentist task",
            "what are the notes on the dentist task",
            "is the dentist task done?",
            "read me the dentist task",
        ],
    );
    check(&[
        ("when is the report due", r#"show_task {"task":"report"}"#),
        ("when do I have to call mom", r#"show_task {"task":"call mom"}"#),
        ("what is task number two", r#"show_task {"task":"2"}"#),
        ("show task three", r#"show_task {"task":"3"}"#),
        ("tell me about my tasks", "list_tasks {}"),
        ("what is my next task", r#"list_tasks {"limit":1}"#),
    ]);
}

#[test]
fn what_was_done_is_complete() {
    check(&[
        ("I bought the groceries", r#"complete_task {"task":"buy the groceries"}"#),
        ("I've called mom", r#"complete_task {"task":"call mom"}"#),
        ("I have called mom", r#"complete_task {"task":"call mom"}"#),
        ("I called mom yesterday", r#"complete_task {"task":"call mom"}"#),
        ("I just paid the rent", r#"complete_task {"task":"pay the rent"}"#),
        ("we already booked the flights", r#"complete_task {"task":"book the flights"}"#),
        ("bought the milk", r#"complete_task {"task":"buy the milk"}"#),
        ("I wrote the letter to Ann", r#"complete_task {"task":"write the letter to Ann"}"#),
        ("I've sent the report", r#"complete_task {"task":"send the report"}"#),
        ("I took out the trash this morning", r#"complete_task {"task":"take out the trash"}"#),
        ("I picked up the parcel", r#"complete_task {"task":"pick up the parcel"}"#),
        ("I planned the party", r#"complete_task {"task":"plan the party"}"#),
        ("I tidied the garage", r#"complete_task {"task":"tidy the garage"}"#),
        ("the plants are watered", r#"complete_task {"task":"water the plants"}"#),
        ("the car has been washed", r#"complete_task {"task":"wash the car"}"#),
        ("done with the laundry", r#"complete_task {"task":"laundry"}"#),
        ("I'm done with the laundry", r#"complete_task {"task":"laundry"}"#),
        ("the report is finished", r#"complete_task {"task":"report"}"#),
        ("the report is done now", r#"complete_task {"task":"report"}"#),
        ("laundry is done", r#"complete_task {"task":"laundry"}"#),
        ("check off number two", r#"complete_task {"task":"2"}"#),
        ("tick off milk", r#"complete_task {"task":"milk"}"#),
        ("cross off the milk", r#"complete_task {"task":"milk"}"#),
        ("tick milk off my list", r#"complete_task {"task":"milk"}"#),
        ("I did the dishes", r#"complete_task {"task":"dishes"}"#),
        ("okay, I finished the report", r#"complete_task {"task":"report"}"#),
        ("I'm done", "Which task is complete?"),
    ]);
}

#[test]
fn what_was_not_done_is_open_again() {
    same(
        r#"reopen_task {"task":"report"}"#,
        &[
            "I didn't actually finish the report",
            "I did not finish the report",
            "I haven't finished the report yet",
            "I'm not done with the report",
            "the report is not done",
            "the report isn't finished yet",
            "reopen the report",
            "reopen the report task",
            "mark the report as not done",
            "mark the report as open",
            "uncheck the report",
            "put the report back on my list",
            "bring the report back",
        ],
    );
    check(&[
        ("put the laundry back", r#"reopen_task {"task":"laundry"}"#),
        ("restore the milk task", r#"reopen_task {"task":"milk"}"#),
    ]);
}

#[test]
fn several_are_deleted_and_completed_at_once() {
    check(&[
        ("delete all my tasks", r#"delete_tasks {"all":true}"#),
        ("delete everything", r#"delete_tasks {"all":true}"#),
        ("clear my list", r#"delete_tasks {"all":true}"#),
        ("delete all tasks tagged errand", r#"delete_tasks {"all":true,"tag":"errand"}"#),
        ("delete all overdue tasks", r#"delete_tasks {"all":true,"due":"overdue"}"#),
        ("delete all tasks in project garden", r#"delete_tasks {"all":true,"project":"garden"}"#),
        ("delete the milk task and the bread task", r#"delete_tasks {"tasks":["milk","bread"]}"#),
        ("delete tasks one and three", r#"delete_tasks {"tasks":["1","3"]}"#),
        ("delete the tasks one, two and five", r#"delete_tasks {"tasks":["1","2","5"]}"#),
        ("delete numbers two and three", r#"delete_tasks {"tasks":["2","3"]}"#),
        ("delete the first two tasks", r#"delete_tasks {"tasks":["the first one","the second one"]}"#),
        ("complete all tasks", r#"complete_tasks {"all":true}"#),
        ("complete all tasks due today", r#"complete_tasks {"all":true,"due":"today"}"#),
        ("mark all my tasks as done", r#"complete_tasks {"all":true}"#),
        ("mark everything as done", r#"complete_tasks {"all":true}"#),
        ("complete the milk and the bread", r#"complete_tasks {"tasks":["milk","bread"]}"#),
        ("complete task one and two", r#"complete_tasks {"tasks":["1","2"]}"#),
        ("delete them", "Which tasks do you mean?"),
    ]);
}

#[test]
fn all_is_never_more_than_was_said() {
    let narrow = "I cannot pick those out by myself. Which tasks do you mean?";
    let completed = "Completed tasks are off your list already, and I do not delete them all at once.";
    check(&[
        ("delete all tasks except the dentist", narrow),
        ("delete everything but the dentist", narrow),
        ("delete all high priority tasks", narrow),
        ("complete all urgent tasks", narrow),
        ("delete all tasks from last year", narrow),
        ("delete all completed tasks", completed),
        ("delete my completed tasks", completed),
    ]);
}

#[test]
fn changes_are_taken_back_by_number_and_never_done_over() {
    check(&[
        ("undo the last two changes", r#"undo {"count":2}"#),
        ("undo the last 3 actions", r#"undo {"count":3}"#),
        ("undo twice", r#"undo {"count":2}"#),
        ("take back the last two changes", r#"undo {"count":2}"#),
        ("take that back", "undo {}"),
        ("redo", "I cannot redo. Say once more what to do, and I do it again."),
        ("redo that", "I cannot redo. Say once more what to do, and I do it again."),
    ]);
}

#[test]
fn work_is_started_and_stopped() {
    same(
        r#"start_task {"task":"report"}"#,
        &[
            "I'm starting on the report",
            "I'm starting the report",
            "I'm working on the report",
            "I am now working on the report",
            "start working on the report",
            "start the report",
            "begin with the report",
            "continue with the report",
        ],
    );
    same(
        r#"stop_task {"task":"report"}"#,
        &[
            "stop working on the report",
            "stop the report",
            "pause the report",
            "I stopped working on the report",
            "I'm taking a break from the report",
        ],
    );
}

#[test]
fn notes_are_added() {
    same(
        r#"add_note {"note":"bring the card","task":"dentist"}"#,
        &[
            "add a note to the dentist task: bring the card",
            "add a note to the dentist: bring the card",
            "add a note to the dentist task bring the card",
            "add a note to the dentist saying bring the card",
            "put a note on the dentist task that says bring the card",
            "note on the dentist task: bring the card",
            "add bring the card as a note to the dentist task",
            "add bring the card to the notes of the dentist task",
        ],
    );
    check(&[("add a note to the dentist", "What should the note say?")]);
}

#[test]
fn reminders_are_set_on_tasks_that_are_there() {
    check(&[
        (
            "remind me about the dentist task tomorrow at nine",
            r#"set_reminder {"at":"tomorrow at nine","task":"dentist"}"#,
        ),
        ("remind me of the dentist task in an hour", r#"set_reminder {"at":"in an hour","task":"dentist"}"#),
        ("remind me of task two at 6 pm", r#"set_reminder {"at":"6 pm","task":"2"}"#),
        ("set a reminder for the dentist task at 6 pm", r#"set_reminder {"at":"6 pm","task":"dentist"}"#),
        ("remind me tomorrow about the dentist task", r#"set_reminder {"at":"tomorrow","task":"dentist"}"#),
        ("change the reminder of the dentist to friday", r#"set_reminder {"at":"friday","task":"dentist"}"#),
        ("remove the reminder from the dentist task", r#"update_task {"remind":null,"task":"dentist"}"#),
        ("stop reminding me about the dentist", r#"update_task {"remind":null,"task":"dentist"}"#),
        ("remind me to call mom at five", r#"add_reminder {"at":"at five","title":"call mom"}"#),
    ]);
}

#[test]
fn reminders_are_put_off() {
    check(&[
        ("snooze", r#"snooze_reminder {"until":"in 10 minutes"}"#),
        ("snooze for ten minutes", r#"snooze_reminder {"until":"in ten minutes"}"#),
        ("snooze it for half an hour", r#"snooze_reminder {"until":"in half an hour"}"#),
        ("snooze until tomorrow", r#"snooze_reminder {"until":"tomorrow"}"#),
        ("snooze ten minutes", r#"snooze_reminder {"until":"in ten minutes"}"#),
        ("snooze the dentist until 5 pm", r#"snooze_reminder {"task":"dentist","until":"5 pm"}"#),
        ("snooze the dentist for an hour", r#"snooze_reminder {"task":"dentist","until":"in an hour"}"#),
        ("remind me again in an hour", r#"snooze_reminder {"until":"in an hour"}"#),
        ("remind me in an hour again", r#"snooze_reminder {"until":"in an hour"}"#),
        ("not now, in half an hour", r#"snooze_reminder {"until":"in half an hour"}"#),
        ("remind me later", "When shall I remind you again?"),
        ("not now", "All right, I leave it."),
    ]);
}

#[test]
fn several_things_of_a_task_are_changed() {
    check(&[
        (
            "change buy milk to buy oat milk on friday",
            r#"update_task {"due":"friday","task":"buy milk","title":"buy oat milk"}"#,
        ),
        (
            "change the milk task to buy bread tomorrow at 5",
            r#"update_task {"due":"tomorrow at 5","task":"milk","title":"buy bread"}"#,
        ),
        ("rename milk to oat milk", r#"update_task {"task":"milk","title":"oat milk"}"#),
        ("move the dentist to next monday", r#"update_task {"due":"next monday","task":"dentist"}"#),
        ("push the dentist to friday", r#"update_task {"due":"friday","task":"dentist"}"#),
        ("put off the dentist until friday", r#"update_task {"due":"friday","task":"dentist"}"#),
        ("the dentist was moved to friday", r#"update_task {"due":"friday","task":"dentist"}"#),
        ("no due date for the report", r#"update_task {"due":null,"task":"report"}"#),
        ("remove the due date from the report", r#"update_task {"due":null,"task":"report"}"#),
        ("the report has no deadline", r#"update_task {"due":null,"task":"report"}"#),
        ("put the report into project work", r#"update_task {"project":"work","task":"report"}"#),
        ("put the report in the work project", r#"update_task {"project":"work","task":"report"}"#),
        ("move the report to the work list", r#"update_task {"project":"work","task":"report"}"#),
        ("the report belongs to project work", r#"update_task {"project":"work","task":"report"}"#),
        ("tag the milk task shopping", r#"update_task {"tags":["shopping"],"task":"milk"}"#),
        ("tag milk as shopping", r#"update_task {"tags":["shopping"],"task":"milk"}"#),
        ("add the tag shopping to the milk task", r#"update_task {"tags":["shopping"],"task":"milk"}"#),
        ("remove the tags from the milk task", r#"update_task {"tags":[],"task":"milk"}"#),
        ("make the report low priority", r#"update_task {"priority":"low","task":"report"}"#),
        ("push the dentist back a week", r#"show_task {"task":"dentist"}"#),
        ("postpone the dentist by two days", r#"show_task {"task":"dentist"}"#),
    ]);
}

#[test]
fn several_commands_in_one_breath() {
    check(&[
        (
            "add milk and eggs to my list and remind me to call mom at five",
            r#"create_task {"title":"milk"} + create_task {"title":"eggs"} + add_reminder {"at":"at five","title":"call mom"}"#,
        ),
        (
            "delete the milk and complete the bread",
            r#"delete_task {"task":"milk"} + complete_task {"task":"bread"}"#,
        ),
        ("add milk and add eggs", r#"create_task {"title":"milk"} + create_task {"title":"eggs"}"#),
        (
            "I bought the milk and remind me to call mom",
            r#"complete_task {"task":"buy the milk"} + add_reminder {"title":"call mom"}"#,
        ),
        (
            "remind me to call mom at five, add milk to my list",
            r#"add_reminder {"at":"at five","title":"call mom"} + create_task {"title":"milk"}"#,
        ),
        ("add a task to buy milk and call mom", r#"create_task {"title":"buy milk and call mom"}"#),
    ]);
    let many = "add a, b, c, d, e, f, g, h, i, j, k, l and m to my list";
    assert_eq!(line(&prompt(vec![user(many)])).matches("create_task").count(), 10);
}

#[test]
fn talk_is_short() {
    check(&[
        ("hello", "Hello. What shall I do with your tasks?"),
        ("thanks", "You're welcome."),
        ("thank you so much", "You're welcome."),
        ("how are you", "I am fine, thank you. What shall I do with your tasks?"),
        ("what time is it", "I cannot see a clock offline. I can tell when your tasks are due."),
        ("what day is it today", "I cannot see a clock offline. I can tell when your tasks are due."),
        ("yes", "All right. What shall I do?"),
        ("no", "All right, I leave it."),
        ("What is the capital of France?", UNKNOWN),
        ("I want to know the weather", UNKNOWN),
        ("I do not like mondays", UNKNOWN),
        ("I was at the cinema yesterday", UNKNOWN),
        ("that is all", "Goodbye."),
    ]);
}

#[test]
fn questions_about_what_was_done_complete_nothing() {
    check(&[
        ("have I paid the rent", r#"show_task {"task":"pay the rent"}"#),
        ("did I call mom?", r#"show_task {"task":"call mom"}"#),
        ("is the rent paid", r#"show_task {"task":"pay the rent"}"#),
        ("have we booked the flights yet", r#"show_task {"task":"book the flights"}"#),
    ]);
}

#[test]
fn more_ways_to_say_it() {
    check(&[
        ("buy milk", "Shall I add “buy milk” to your list?"),
        ("call mom tomorrow", "Shall I add “call mom” to your list?"),
        ("can you add eggs too", r#"create_task {"title":"eggs"}"#),
        ("set a timer for ten minutes", r#"add_reminder {"at":"in ten minutes","title":"timer"}"#),
        ("set an alarm for 7 am", r#"add_reminder {"at":"7 am","title":"alarm"}"#),
        ("wake me up at 7 am", r#"add_reminder {"at":"7 am","title":"wake up"}"#),
        (
            "remind me of my dentist appointment on the fourth of december at half past nine",
            r#"add_reminder {"at":"the fourth of december at half past nine","title":"my dentist appointment"}"#,
        ),
        (
            "next monday I need to go to the dentist at nine",
            r#"create_task {"due":"next monday at nine","title":"go to the dentist"}"#,
        ),
        ("on friday at 3 call Bob", "Shall I add “call Bob” to your list?"),
        (
            "remind me 10 minutes before the dentist",
            r#"set_reminder {"at":"10 minutes before","task":"dentist"}"#,
        ),
        (
            "add dentist on december 3rd at 2:30pm and remind me an hour before",
            r#"create_task {"due":"december 3rd at 2:30pm","remind":"an hour before","title":"dentist"}"#,
        ),
        (
            "dentist appointment tomorrow at 3 pm, remind me 30 minutes before that",
            r#"create_task {"due":"tomorrow at 3 pm","remind":"30 minutes before","title":"dentist appointment"}"#,
        ),
        (
            "add a task to call the bank on friday at 9 with a reminder ten minutes before",
            r#"create_task {"due":"friday at 9","remind":"ten minutes before","title":"call the bank"}"#,
        ),
        (
            "add a task to pick up the dry cleaning on friday, pay the rent on the 1st and water the plants every sunday",
            r#"create_task {"due":"friday","title":"pick up the dry cleaning"} + create_task {"due":"the 1st","title":"pay the rent"} + create_task {"repeat":"every sunday","title":"water the plants"}"#,
        ),
        (
            "add three tasks: call grandma, fix the bike, wash the car",
            r#"create_task {"title":"call grandma"} + create_task {"title":"fix the bike"} + create_task {"title":"wash the car"}"#,
        ),
        (
            "add two tasks: call grandma on friday at 3 pm, fix the bike",
            r#"create_task {"due":"friday at 3 pm","title":"call grandma"} + create_task {"title":"fix the bike"}"#,
        ),
        (
            "create a task to wash and fold the laundry on friday",
            r#"create_task {"due":"friday","title":"wash and fold the laundry"}"#,
        ),
        ("what about tomorrow", r#"list_tasks {"due":"tomorrow"}"#),
        ("what about on saturday", r#"list_tasks {"due":"saturday"}"#),
        ("task two done", r#"complete_task {"task":"2"}"#),
        ("I never called mom", r#"reopen_task {"task":"call mom"}"#),
        ("wait, I didn't buy the milk", r#"reopen_task {"task":"buy the milk"}"#),
        ("I forgot to call mom", r#"reopen_task {"task":"call mom"}"#),
        ("change number two to call dad", r#"update_task {"task":"2","title":"call dad"}"#),
        ("remove the report from the project", r#"update_task {"project":null,"task":"report"}"#),
        ("move the report one week later", r#"show_task {"task":"report"}"#),
        ("I'm going to work on the report now", r#"start_task {"task":"report"}"#),
        ("I'm done working on the report", r#"stop_task {"task":"report"}"#),
        ("that's done", "Which task do you mean?"),
        ("anything I should do today", r#"list_tasks {"due":"today"}"#),
        ("am I free tomorrow", r#"list_tasks {"due":"tomorrow"}"#),
        ("how many are overdue", r#"list_tasks {"due":"overdue"}"#),
        ("forget the milk", r#"delete_task {"task":"milk"}"#),
        ("the dentist got cancelled", r#"delete_task {"task":"dentist"}"#),
        ("I don't need milk anymore", r#"delete_task {"task":"milk"}"#),
        ("everything is done", r#"complete_tasks {"all":true}"#),
        ("all done", "Which tasks do you mean?"),
        ("move everything to tomorrow", "Here I can change one task at a time. Which one do you mean?"),
        ("I'll do the report tomorrow", r#"update_task {"due":"tomorrow","task":"report"}"#),
        ("the deadline for the report is friday", r#"update_task {"due":"friday","task":"report"}"#),
        ("the report should be done by friday", r#"update_task {"due":"friday","task":"report"}"#),
        ("report is due friday", r#"update_task {"due":"friday","task":"report"}"#),
        ("the dentist is at five", r#"update_task {"due":"at five","task":"dentist"}"#),
        ("change the time of the dentist to five", r#"update_task {"due":"at five","task":"dentist"}"#),
        ("the report is urgent", r#"update_task {"priority":"high","task":"report"}"#),
        ("report has high priority", r#"update_task {"priority":"high","task":"report"}"#),
        ("make the report less important", r#"update_task {"priority":"low","task":"report"}"#),
        ("rename the report", "Which task should I change, and how?"),
        ("bring back the milk task", r#"reopen_task {"task":"milk"}"#),
        ("note that Bob is on vacation", r#"create_task {"title":"Bob is on vacation"}"#),
        ("I made a mistake", "Sorry. Say undo, and I take the last change back."),
        ("say that again", "I have not said anything yet."),
        ("of course not", "All right, I leave it."),
    ]);
}

#[test]
fn an_offer_is_taken_up_by_yes_and_a_list_by_and() {
    use super::{assistant, exchange};
    let offer = "Shall I add “call mom” to your list?";
    let answer = |said: &str| line(&prompt(vec![user("call mom tomorrow"), assistant(offer), user(said)]));
    assert_eq!(answer("yes"), r#"create_task {"due":"tomorrow","title":"call mom"}"#);
    assert_eq!(answer("no"), "All right, I leave it.");
    assert_eq!(answer("say that again"), offer);
    let made = serde_json::json!({"title": "milk", "project": "shopping"});
    let mut items = vec![user("add milk to my shopping list")];
    items.extend(exchange("1", "create_task", &made, &serde_json::json!({"ok": true, "action": "created"})));
    items.extend([assistant("Okay, I added milk."), user("and bread")]);
    assert_eq!(line(&prompt(items)), r#"create_task {"project":"shopping","title":"bread"}"#);
}
