use proptest::prelude::*;
use serde_json::json;

use super::*;

fn usage(value: &serde_json::Value) -> Usage {
    serde_json::from_value(value.clone()).expect("usage")
}

fn price(model: &str) -> Price {
    Prices::built_in().of(model).expect("a price")
}

#[test]
fn each_kind_of_token_has_its_price_and_cached_ones_are_cheaper() {
    let usage = usage(&json!({
        "total_tokens": 2_400, "input_tokens": 1_900, "output_tokens": 500,
        "input_token_details": {
            "text_tokens": 1_000, "audio_tokens": 900, "cached_tokens": 700,
            "cached_tokens_details": {"text_tokens": 600, "audio_tokens": 100},
        },
        "output_token_details": {"text_tokens": 100, "audio_tokens": 400},
    }));
    // 400 · 4 + 600 · 0.4 + 800 · 32 + 100 · 0.4 + 100 · 24 + 400 · 64
    assert_eq!(price("gpt-realtime-2.1").bill(&usage), Money(1_600 + 240 + 25_600 + 40 + 2_400 + 25_600));
}

#[test]
fn tokens_of_no_known_kind_are_text() {
    let usage = usage(&json!({"input_tokens": 100, "output_tokens": 10}));
    assert_eq!(price("gpt-realtime-2.1").bill(&usage), Money(100 * 4 + 10 * 24));
}

#[test]
fn cached_tokens_without_kinds_are_first_taken_for_the_cheapest() {
    let usage = usage(&json!({
        "input_tokens": 300, "input_token_details": {"text_tokens": 100, "audio_tokens": 200, "cached_tokens": 150},
    }));
    assert_eq!(price("gpt-realtime-2.1").bill(&usage), Money(40 + 20 + 150 * 32));
}

#[test]
fn a_model_is_found_by_its_name_or_that_of_its_dated_version_and_never_by_a_likeness() {
    let prices = Prices::built_in();
    assert_eq!(prices.of("gpt-realtime-2.1-2026-07-01"), prices.of("gpt-realtime-2.1"));
    assert_ne!(prices.of("gpt-realtime-2.1-mini"), prices.of("gpt-realtime-2.1"));
    assert_eq!(prices.of("gpt-realtime-mini"), None);
    assert_eq!(prices.of("gpt-realtime-2.1-nano"), None);
    assert_eq!(prices.of("offline"), None);
}

#[test]
fn a_persons_own_prices_come_before_ours() {
    let own = Prices::parse("[models.mine]\ntext = { input = 1.0 }\n[models.gpt-realtime]\nper_minute = 0.1")
        .unwrap();
    let prices = Prices::built_in().with(own);
    assert_eq!(prices.of("mine").unwrap().bill(&usage(&json!({"input_tokens": 7}))), Money(7));
    assert_eq!(prices.of("gpt-realtime").unwrap().bill_seconds(30.0), Some(Money(50_000)));
    assert_eq!(prices.of("gpt-realtime-2").unwrap().bill_seconds(30.0), None);
}

#[test]
fn a_wrong_table_is_told_with_its_place() {
    for (text, part) in [
        ("[models.a]\ntext = { input = -1.0 }", "models.a: a price is a number of dollars"),
        ("[models.a]\ntext = { inptu = 1.0 }", "inptu"),
        ("[models.a]\nvideo = { input = 1.0 }", "video"),
        ("[modles.a]", "modles"),
        ("models", "line 1"),
    ] {
        let error = Prices::parse(text).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn small_amounts_have_more_digits() {
    let shown: Vec<_> = [0, 1, 12_345, 99_999, 100_000, 1_999_999].map(|m| Money(m).to_string()).into();
    assert_eq!(shown, ["$0", "$0.0000", "$0.0123", "$0.1000", "$0.10", "$2.00"]);
}

proptest! {
    #[test]
    fn a_bill_is_never_less_for_more_tokens(
        text in 0..1_000_000_u64, audio in 0..1_000_000_u64, cached in 0..2_000_000_u64, more in 0..1_000_u64,
    ) {
        let bill = |text: u64, audio: u64| {
            price("gpt-realtime-2.1").bill(&usage(&json!({
                "input_tokens": text + audio,
                "input_token_details": {"text_tokens": text, "audio_tokens": audio, "cached_tokens": cached},
            })))
        };
        prop_assert!(bill(text, audio + more) >= bill(text, audio));
        prop_assert!(bill(text, audio) <= Money(text * 4 + audio * 32));
    }

    #[test]
    fn no_text_breaks_the_table(text in "\\PC*") {
        let _ = Prices::parse(&text);
    }
}
