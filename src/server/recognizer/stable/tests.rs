use proptest::prelude::*;

use super::*;

fn look(stable: &mut Stable, words: &str) -> Option<String> {
    stable.observe(words.split_whitespace().map(str::to_owned).collect())
}

#[test]
fn words_are_told_when_two_looks_agree_and_the_last_two_are_not() {
    let mut stable = Stable::default();
    let told = ["create", "create a", "create a task", "create a task", "create a task to buy"]
        .map(|words| look(&mut stable, words).unwrap_or_default());
    assert_eq!(told, ["", "", "create", "", " a task"]);
}

#[test]
fn what_was_told_is_not_taken_back() {
    let mut stable = Stable::default();
    look(&mut stable, "call mom now");
    assert_eq!(look(&mut stable, "call mom now"), Some("call".to_owned()));
    look(&mut stable, "tall mountain now or");
    assert_eq!(look(&mut stable, "tall mountain now or"), None);
    look(&mut stable, "call mom now or then");
    assert_eq!(look(&mut stable, "call mom now or then"), Some(" mom now".to_owned()));
}

proptest! {
    #[test]
    fn told_words_only_grow(looks in prop::collection::vec(prop::collection::vec("[ab]", 0..5), 0..12)) {
        let mut stable = Stable::default();
        let mut told = String::new();
        for words in looks {
            let said = words.join(" ");
            if let Some(new) = stable.observe(words) {
                told.push_str(&new);
                prop_assert!(said.starts_with(&told), "{said}: {told}");
            }
        }
    }
}
