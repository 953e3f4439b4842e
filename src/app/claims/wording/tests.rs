use super::*;

const CLAIMS: &[&str] = &[
    "I've added milk to your list.",
    "I have added “buy milk”, due tomorrow at five.",
    "I’ve just added it to your tasks.",
    "Okay, I added buy groceries, due tomorrow 17:00.",
    "Added!",
    "Added milk to your list.",
    "Sure, created a task for the dentist.",
    "I've created a task called oat milk. Anything else?",
    "I've set a reminder for five o'clock.",
    "I set the due date to Friday.",
    "I went ahead and deleted the task about calling mom.",
    "Deleted.",
    "Okay, I deleted call mom.",
    "I've marked the grocery task as complete.",
    "Great, marked as complete.",
    "I have completed it for you.",
    "No problem, I've removed it.",
    "Done.",
    "All set!",
    "Done! Your list is shorter now.",
    "The task has been added.",
    "Your reminder has now been created for tomorrow.",
    "It's now marked as complete.",
    "The milk task is now marked as complete.",
    "Okay, undone: completed task 2: buy groceries.",
    "I've undone the last change.",
    "I renamed it to oat milk.",
    "I've updated the task, so it is due on Friday now.",
    "I've moved the report to Friday.",
    "Is it Friday? I've changed the due date to Friday.",
    "You have three tasks. I've also added milk.",
];

const NO_CLAIMS: &[&str] = &[
    "",
    "Hello! What can I do for you?",
    "Shall I delete it?",
    "Do you want me to add it to your list?",
    "Have I added the right task?",
    "I can add that for you.",
    "I'll add it to your list.",
    "I will set a reminder for five.",
    "I would have added it.",
    "Let me add that.",
    "You have three tasks: buy milk, call mom, and pay rent.",
    "You completed two tasks today.",
    "Two tasks have been added this week.",
    "You added milk yesterday.",
    "I added it yesterday.",
    "I've already added milk.",
    "As I said, I added it.",
    "Yes, I added milk.",
    "I added that one last week.",
    "I have not deleted anything.",
    "I haven't added it yet.",
    "I couldn't delete the task.",
    "I can't mark that as complete.",
    "I was unable to find a task, so nothing has been deleted.",
    "No task has been deleted.",
    "I've added nothing.",
    "There is no change to take back.",
    "Once I've added it, I will tell you.",
    "If I added it now, it would be due today.",
    "Nothing had to change: milk is already so.",
    "Milk is completed already.",
    "Completed tasks: milk, bread.",
    "Deleted tasks: milk.",
    "Created on Monday, due on Friday.",
    "Your rent is now due.",
    "Your reminder is set for five.",
    "The second task is “I've added milk”.",
    "Here is your list:\n1. Added insulation to the roof\n- Deleted scenes: watch",
    "I changed my mind about jokes.",
    "I've checked, and you have two tasks.",
    "I made it through the list: three tasks are open.",
    "I've moved on to the next one.",
    "You're all done for today.",
    "Is that all set?",
    "Which one do you mean? Two tasks could be deleted.",
    "Say “delete milk” and I will do it.",
    "Habe ich hinzugefügt.",
];

#[test]
fn answers_that_claim_a_change_are_told_from_others() {
    let wrong = |texts: &[&'static str], is_claim| -> Vec<&str> {
        texts.iter().copied().filter(|text| claims_change(text) != is_claim).collect()
    };
    assert_eq!((wrong(CLAIMS, true), wrong(NO_CLAIMS, false)), (vec![], vec![]), "missed, and false alarms");
}

#[test]
fn questions_about_the_past_and_thanks_ask_for_no_change() {
    let table = [
        ("did you add milk?", true),
        ("Have you deleted it", true),
        ("What's new?", true),
        ("Thanks!", true),
        ("add milk", false),
        ("Can you add milk?", false),
        ("yes", false),
        ("", false),
    ];
    for (said, expected) in table {
        assert_eq!(asks_for_a_report(said), expected, "{said}");
    }
}
