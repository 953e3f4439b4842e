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

#[test]
fn tasks_are_created() {
    check(&[
        ("Create a task to buy groceries", r#"create_task {"title":"buy groceries"}"#),
        ("Create a task to buy groceries.", r#"create_task {"title":"buy groceries"}"#),
        ("create a task to by groceries", r#"create_task {"title":"buy groceries"}"#),
        ("crate a task to buy groceries", r#"create_task {"title":"buy groceries"}"#),
        ("created a task two buy groceries", r#"create_task {"title":"buy groceries"}"#),
        ("create task buy groceries", r#"create_task {"title":"buy groceries"}"#),
        ("great a task to buy groceries", r#"create_task {"title":"buy groceries"}"#),
        ("Could you please create a task to buy groceries?", r#"create_task {"title":"buy groceries"}"#),
        (
            "I'd like you to add a new task to water the plants, please.",
            r#"create_task {"title":"water the plants"}"#,
        ),
        ("um create a new task to buy groceries please", r#"create_task {"title":"buy groceries"}"#),
        ("Add a task called Ship v2 - final", r#"create_task {"title":"Ship v2 - final"}"#),
        ("Add a task: Call Dr. O'Neill", r#"create_task {"title":"Call Dr. O'Neill"}"#),
        ("Task: renew passport", r#"create_task {"title":"renew passport"}"#),
        ("todo: fix the bike", r#"create_task {"title":"fix the bike"}"#),
        ("new task to clean the kitchen", r#"create_task {"title":"clean the kitchen"}"#),
        ("make a to-do to call the bank", r#"create_task {"title":"call the bank"}"#),
        ("make a to do to call the bank", r#"create_task {"title":"call the bank"}"#),
        ("Add \"Read Moby Dick\" to my list", r#"create_task {"title":"Read Moby Dick"}"#),
        ("add milk to my to do list", r#"create_task {"title":"milk"}"#),
        ("put call the plumber on my list", r#"create_task {"title":"call the plumber"}"#),
        (
            "add buy milk tomorrow at 5 to my list",
            r#"create_task {"due":"tomorrow at 5","title":"buy milk"}"#,
        ),
        ("add buy milk", r#"create_task {"title":"buy milk"}"#),
        ("Remember to lock the door", r#"create_task {"title":"lock the door"}"#),
        ("don't forget to lock the door", r#"create_task {"title":"lock the door"}"#),
        ("I need to pay the rent by Friday", r#"create_task {"due":"Friday","title":"pay the rent"}"#),
        ("make a note to check the oil", r#"create_task {"title":"check the oil"}"#),
        ("create a test to buy groceries", r#"create_task {"title":"buy groceries"}"#),
        ("greater task to buy groceries", r#"create_task {"title":"buy groceries"}"#),
        (
            "schedule a meeting with Bob for Monday at 10",
            r#"create_task {"due":"Monday at 10","title":"a meeting with Bob"}"#,
        ),
        ("a task to buy groceries", r#"create_task {"title":"buy groceries"}"#),
        ("i want to create a task to read and write", r#"create_task {"title":"read and write"}"#),
        (
            "create a task to wash and delete the photos",
            r#"create_task {"title":"wash and delete the photos"}"#,
        ),
        ("create a task to finish the report", r#"create_task {"title":"finish the report"}"#),
        ("create a task about the garden", r#"create_task {"title":"the garden"}"#),
    ]);
}

#[test]
fn details_are_split_off_the_title() {
    check(&[
        (
            "create a task to buy milk tomorrow at 5",
            r#"create_task {"due":"tomorrow at 5","title":"buy milk"}"#,
        ),
        ("create a task to buy milk by tomorrow", r#"create_task {"due":"tomorrow","title":"buy milk"}"#),
        (
            "Create a task to call Bob on Friday at 9 am.",
            r#"create_task {"due":"Friday at 9 am","title":"call Bob"}"#,
        ),
        (
            "create a task to pay rent at the end of the month",
            r#"create_task {"due":"the end of the month","title":"pay rent"}"#,
        ),
        (
            "create a task to pay rent by the end of the month",
            r#"create_task {"due":"the end of the month","title":"pay rent"}"#,
        ),
        ("create a task to leave in 20 minutes", r#"create_task {"due":"in 20 minutes","title":"leave"}"#),
        (
            "create a task to leave in half an hour",
            r#"create_task {"due":"in half an hour","title":"leave"}"#,
        ),
        (
            "create a task to renew the visa on march 3rd",
            r#"create_task {"due":"march 3rd","title":"renew the visa"}"#,
        ),
        (
            "create a task to renew the visa on the third of march",
            r#"create_task {"due":"the third of march","title":"renew the visa"}"#,
        ),
        (
            "create a task to file taxes due 2026-12-04",
            r#"create_task {"due":"2026-12-04","title":"file taxes"}"#,
        ),
        ("create a task to call mom at 17:30", r#"create_task {"due":"17:30","title":"call mom"}"#),
        (
            "create a task to call mom at five thirty p m",
            r#"create_task {"due":"five thirty p m","title":"call mom"}"#,
        ),
        (
            "create a task to call mom the day after tomorrow",
            r#"create_task {"due":"the day after tomorrow","title":"call mom"}"#,
        ),
        (
            "create a task to call mom next friday at noon",
            r#"create_task {"due":"next friday at noon","title":"call mom"}"#,
        ),
        (
            "create a task to call mom tomorrow morning",
            r#"create_task {"due":"tomorrow morning","title":"call mom"}"#,
        ),
        (
            "create a task to water the plants every friday",
            r#"create_task {"repeat":"every friday","title":"water the plants"}"#,
        ),
        (
            "create a task to water the plants every friday at 5",
            r#"create_task {"repeat":"every friday at 5","title":"water the plants"}"#,
        ),
        ("create a task to read chapter 5", r#"create_task {"title":"read chapter 5"}"#),
        ("create a task to buy the sunday paper", r#"create_task {"title":"buy the sunday paper"}"#),
        (
            "create a high priority task to call the bank",
            r#"create_task {"priority":"high","title":"call the bank"}"#,
        ),
        (
            "create an urgent task to call the bank tomorrow",
            r#"create_task {"due":"tomorrow","priority":"high","title":"call the bank"}"#,
        ),
        (
            "create a task to call the bank with high priority",
            r#"create_task {"priority":"high","title":"call the bank"}"#,
        ),
        (
            "create a task to call the bank, low priority, by Monday",
            r#"create_task {"due":"Monday","priority":"low","title":"call the bank"}"#,
        ),
        (
            "create a task to call the bank tomorrow and make it urgent",
            r#"create_task {"due":"tomorrow","priority":"high","title":"call the bank"}"#,
        ),
        (
            "create a task to call the bank, it's urgent",
            r#"create_task {"priority":"high","title":"call the bank"}"#,
        ),
        (
            "add a task for tomorrow to sweep the floor",
            r#"create_task {"due":"tomorrow","title":"sweep the floor"}"#,
        ),
        (
            "create a task to buy paint in the home project",
            r#"create_task {"project":"home","title":"buy paint"}"#,
        ),
        (
            "create a task to buy paint in project Home tomorrow",
            r#"create_task {"due":"tomorrow","project":"Home","title":"buy paint"}"#,
        ),
        (
            "create a task to buy paint tagged home and garden",
            r#"create_task {"tags":["home","garden"],"title":"buy paint"}"#,
        ),
        ("Add a task Buy paint #home #diy", r#"create_task {"tags":["home","diy"],"title":"Buy paint"}"#),
        (
            "create a task to buy paint with the note take the white one",
            r#"create_task {"notes":"take the white one","title":"buy paint"}"#,
        ),
        (
            "create a task to meet Ann with a note be there at 5",
            r#"create_task {"notes":"be there at 5","title":"meet Ann"}"#,
        ),
        (
            "tomorrow at 5 create a task to buy milk",
            r#"create_task {"due":"tomorrow at 5","title":"buy milk"}"#,
        ),
    ]);
}

#[test]
fn reminders_are_added() {
    check(&[
        ("Add a reminder to call mom", r#"add_reminder {"title":"call mom"}"#),
        ("at a reminder to call mom", r#"add_reminder {"title":"call mom"}"#),
        ("add a remainder to call mom", r#"add_reminder {"title":"call mom"}"#),
        ("had a reminder to call mom", r#"add_reminder {"title":"call mom"}"#),
        ("and a reminder to call mom", r#"add_reminder {"title":"call mom"}"#),
        ("add reminder call mom", r#"add_reminder {"title":"call mom"}"#),
        ("set a reminder for 6 pm to feed the cat", r#"add_reminder {"at":"6 pm","title":"feed the cat"}"#),
        ("remind me at 6 pm to feed the cat", r#"add_reminder {"at":"6 pm","title":"feed the cat"}"#),
        ("remind me to feed the cat at 6 p.m.", r#"add_reminder {"at":"6 p.m","title":"feed the cat"}"#),
        (
            "Remind me in 20 minutes to check the oven.",
            r#"add_reminder {"at":"in 20 minutes","title":"check the oven"}"#,
        ),
        (
            "remind me tomorrow at noon to call mom",
            r#"add_reminder {"at":"tomorrow at noon","title":"call mom"}"#,
        ),
        (
            "remind me on friday that the rent is due",
            r#"add_reminder {"at":"friday","title":"the rent is due"}"#,
        ),
        ("remind me about the dentist", r#"add_reminder {"title":"the dentist"}"#),
        ("tomorrow at 5 remind me to call mom", r#"add_reminder {"at":"tomorrow at 5","title":"call mom"}"#),
        ("can you remind me to call mom tonight?", r#"add_reminder {"at":"tonight","title":"call mom"}"#),
        ("Don't let me forget to take the pills", r#"add_reminder {"title":"take the pills"}"#),
        ("create a reminder to by flowers", r#"add_reminder {"title":"buy flowers"}"#),
        ("Reminder: stand up in an hour", r#"add_reminder {"at":"in an hour","title":"stand up"}"#),
        ("i need a reminder to call mom", r#"add_reminder {"title":"call mom"}"#),
        ("remind me two call mom", r#"add_reminder {"title":"call mom"}"#),
    ]);
}

#[test]
fn tasks_are_listed() {
    check(&[
        ("List all my tasks", "list_tasks {}"),
        ("lists all my task", "list_tasks {}"),
        ("list all my tasks.", "list_tasks {}"),
        ("Show me my tasks", "list_tasks {}"),
        ("show tasks", "list_tasks {}"),
        ("what are my tasks?", "list_tasks {}"),
        ("What's on my list?", "list_tasks {}"),
        ("what do i have to do", "list_tasks {}"),
        ("what do I have to do today?", r#"list_tasks {"due":"today"}"#),
        ("what is due today", r#"list_tasks {"due":"today"}"#),
        ("what's overdue?", r#"list_tasks {"due":"overdue"}"#),
        ("show my overdue tasks", r#"list_tasks {"due":"overdue"}"#),
        ("which tasks are due this week", r#"list_tasks {"due":"week"}"#),
        ("read me my to do list", "list_tasks {}"),
        ("tell me all my tasks", "list_tasks {}"),
        ("my tasks", "list_tasks {}"),
        ("tasks", "list_tasks {}"),
        ("least all my tasks", "list_tasks {}"),
        ("how many tasks do I have", "task_statistics {}"),
        ("do i have any tasks", "list_tasks {}"),
        ("is there anything due today", r#"list_tasks {"due":"today"}"#),
        ("list my completed tasks", r#"list_tasks {"status":"completed"}"#),
        ("what have I completed?", r#"list_tasks {"status":"completed"}"#),
        ("which tasks are done", r#"list_tasks {"status":"completed"}"#),
        ("what needs to be done", "list_tasks {}"),
        ("show pending tasks", r#"list_tasks {"status":"pending"}"#),
        ("list all tasks including completed ones", r#"list_tasks {"status":"all"}"#),
        ("show my grocery tasks", r#"list_tasks {"text":"grocery"}"#),
        ("list tasks about the garden", r#"list_tasks {"text":"garden"}"#),
        ("search for milk", r#"list_tasks {"text":"milk"}"#),
        ("list tasks in project home", r#"list_tasks {"project":"home"}"#),
        ("show me the tasks in the Home project", r#"list_tasks {"project":"Home"}"#),
        ("list tasks tagged errand", r#"list_tasks {"tag":"errand"}"#),
        ("list my reminders", r#"list_tasks {"tag":"reminder"}"#),
        ("show the first three tasks", r#"list_tasks {"limit":3}"#),
        ("what is my next task", r#"list_tasks {"limit":1}"#),
    ]);
}

#[test]
fn tasks_are_completed() {
    check(&[
        ("Mark the grocery task as complete", r#"complete_task {"task":"grocery"}"#),
        ("mark the grocery task is complete", r#"complete_task {"task":"grocery"}"#),
        ("mark the grocery task complete", r#"complete_task {"task":"grocery"}"#),
        ("market grocery task as complete", r#"complete_task {"task":"grocery"}"#),
        ("marked the grocery tasks as completed", r#"complete_task {"task":"grocery"}"#),
        ("mark grocery as done", r#"complete_task {"task":"grocery"}"#),
        ("Please mark \"buy groceries\" as done.", r#"complete_task {"task":"buy groceries"}"#),
        ("complete the task about calling mom", r#"complete_task {"task":"calling mom"}"#),
        ("complete task number two", r#"complete_task {"task":"2"}"#),
        ("complete task 12", r#"complete_task {"task":"12"}"#),
        ("complete number to", r#"complete_task {"task":"2"}"#),
        ("mark task number twenty one as finished", r#"complete_task {"task":"21"}"#),
        ("finish #3", r#"complete_task {"task":"3"}"#),
        ("complete the second one", r#"complete_task {"task":"the second one"}"#),
        ("check off the grocery task", r#"complete_task {"task":"grocery"}"#),
        ("check the grocery task off my list", r#"complete_task {"task":"grocery"}"#),
        ("cross milk off", r#"complete_task {"task":"milk"}"#),
        ("I'm done with the report", r#"complete_task {"task":"report"}"#),
        ("i finished the report", r#"complete_task {"task":"report"}"#),
        ("I've done the laundry", r#"complete_task {"task":"laundry"}"#),
        ("the grocery task is done", r#"complete_task {"task":"grocery"}"#),
        ("task two is done", r#"complete_task {"task":"2"}"#),
        ("set the task to buy milk to done", r#"complete_task {"task":"buy milk"}"#),
        ("mark the task to by milk as done", r#"complete_task {"task":"buy milk"}"#),
    ]);
}

#[test]
fn tasks_are_deleted_by_the_words_that_name_them() {
    check(&[
        ("Delete the task about calling mom", r#"delete_task {"task":"calling mom"}"#),
        ("deleted the task about calling mom.", r#"delete_task {"task":"calling mom"}"#),
        ("delete the task about calling mum", r#"delete_task {"task":"calling mum"}"#),
        ("delete the task but calling mom", r#"delete_task {"task":"calling mom"}"#),
        ("remove the grocery task", r#"delete_task {"task":"grocery"}"#),
        ("remove milk from my list", r#"delete_task {"task":"milk"}"#),
        ("get rid of the grocery task", r#"delete_task {"task":"grocery"}"#),
        ("take the milk off my list", r#"delete_task {"task":"milk"}"#),
        ("delete the reminder to call mom", r#"delete_task {"task":"call mom"}"#),
        ("cancel my reminder to call mom", r#"delete_task {"task":"call mom"}"#),
        ("delete task number two", r#"delete_task {"task":"2"}"#),
        ("delete task four", r#"delete_task {"task":"4"}"#),
        ("delete the one about mom", r#"delete_task {"task":"mom"}"#),
        ("delete the task called \"Buy Milk\"", r#"delete_task {"task":"Buy Milk"}"#),
        ("delete the first task", r#"delete_task {"task":"the first one"}"#),
    ]);
}

#[test]
fn tasks_are_changed() {
    check(&[
        ("rename the grocery task to buy food", r#"update_task {"task":"grocery","title":"buy food"}"#),
        (
            "change the title of the grocery task to Buy food",
            r#"update_task {"task":"grocery","title":"Buy food"}"#,
        ),
        ("change buy milk to buy oat milk", r#"update_task {"task":"buy milk","title":"buy oat milk"}"#),
        (
            "change the task to buy milk to buy oat milk",
            r#"update_task {"task":"buy milk","title":"buy oat milk"}"#,
        ),
        ("move the grocery task to tomorrow", r#"update_task {"due":"tomorrow","task":"grocery"}"#),
        (
            "reschedule the reminder to call mom to friday at 9",
            r#"update_task {"due":"friday at 9","task":"call mom"}"#,
        ),
        ("postpone the grocery task until next week", r#"update_task {"due":"next week","task":"grocery"}"#),
        (
            "change the due date of the grocery task to friday",
            r#"update_task {"due":"friday","task":"grocery"}"#,
        ),
        ("set the deadline for task two to 6 pm", r#"update_task {"due":"6 pm","task":"2"}"#),
        ("make the grocery task due tomorrow", r#"update_task {"due":"tomorrow","task":"grocery"}"#),
        ("change the grocery task due date to friday", r#"update_task {"due":"friday","task":"grocery"}"#),
        ("update the grocery task title to buy food", r#"update_task {"task":"grocery","title":"buy food"}"#),
        ("the grocery task is due tomorrow", r#"update_task {"due":"tomorrow","task":"grocery"}"#),
        ("remove the due date from the grocery task", r#"update_task {"due":null,"task":"grocery"}"#),
        (
            "set the priority of the grocery task to high",
            r#"update_task {"priority":"high","task":"grocery"}"#,
        ),
        ("make the grocery task high priority", r#"update_task {"priority":"high","task":"grocery"}"#),
        ("make the grocery task urgent", r#"update_task {"priority":"high","task":"grocery"}"#),
        ("mark task two as important", r#"update_task {"priority":"high","task":"2"}"#),
        ("change the grocery task to low priority", r#"update_task {"priority":"low","task":"grocery"}"#),
        ("remove the priority from the grocery task", r#"update_task {"priority":"none","task":"grocery"}"#),
        ("move the grocery task to the home project", r#"update_task {"project":"home","task":"grocery"}"#),
        ("add the grocery task to the home project", r#"update_task {"project":"home","task":"grocery"}"#),
        ("remove the grocery task from the home project", r#"update_task {"project":null,"task":"grocery"}"#),
        ("add a note to the grocery task: bring bags", r#"add_note {"note":"bring bags","task":"grocery"}"#),
        (
            "add a note to the grocery task saying bring bags",
            r#"add_note {"note":"bring bags","task":"grocery"}"#,
        ),
        (
            "set the tags of the grocery task to home and food",
            r#"update_task {"tags":["home","food"],"task":"grocery"}"#,
        ),
    ]);
}

#[test]
fn the_last_change_is_taken_back() {
    let all = [
        "undo",
        "Undo that.",
        "undo the last change",
        "please undo",
        "take that back",
        "on do that",
        "oh no undo that",
    ];
    check(&all.map(|said| (said, "undo {}")));
}

#[test]
fn several_commands_are_followed_in_order() {
    check(&[
        (
            "Create a task to buy milk and add a reminder to call mom",
            r#"create_task {"title":"buy milk"} + add_reminder {"title":"call mom"}"#,
        ),
        ("Mark the milk task as done. Then list my tasks.", r#"complete_task {"task":"milk"}"#),
        (
            "create a task to buy milk and then remind me at 6 pm to call mom and then list my tasks",
            r#"create_task {"title":"buy milk"} + add_reminder {"at":"6 pm","title":"call mom"}"#,
        ),
        ("Create a task to buy milk. Thanks a lot!", r#"create_task {"title":"buy milk"}"#),
        ("Hello! Create a task to buy milk.", r#"create_task {"title":"buy milk"}"#),
    ]);
}

#[test]
fn missing_words_are_asked_for() {
    check(&[
        ("create a task", "What should the task say?"),
        ("add a new task please", "What should the task say?"),
        ("set a reminder", "What should I remind you of?"),
        ("delete a task", "Which task should I delete?"),
        ("delete", "Which task should I delete?"),
        ("add", "What should the task say?"),
        ("change the grocery task", "Which task should I change, and how?"),
        ("complete the task", "Which task is complete?"),
        ("delete it", "Which task do you mean?"),
    ]);
}

#[test]
fn everything_else_is_answered_honestly() {
    let unknown = "Offline I only know your tasks, and I did not understand that. Say help for examples; other things need an API key or a chat model.";
    check(&[
        ("What is the capital of France?", unknown),
        ("tell me a joke", unknown),
        ("what's the weather like", unknown),
        ("how old are you", unknown),
        ("sing a song", unknown),
        ("hello", "Hello. What shall I do with your tasks?"),
        ("Good morning!", "Hello. What shall I do with your tasks?"),
        ("thank you very much", "You're welcome."),
        ("bye", "Goodbye."),
        ("never mind", "All right, I leave it."),
    ]);
    for said in ["help", "what can you do?", "hi, what can you do?", "What can I say", "who are you"] {
        let answer = line(&prompt(vec![user(said)]));
        assert!(answer.contains("Offline") && answer.contains("task"), "{said}: {answer}");
    }
}
