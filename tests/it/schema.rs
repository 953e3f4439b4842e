//! The JSON Schemas of the protocol.

use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use realtime_cli::protocol::Dialect;
use serde_json::Value;

/// The schema `name`, such as `ga.server`.
pub(crate) fn schema(name: &str) -> Validator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/protocol/schemas");
    let text = std::fs::read_to_string(folder.join(format!("{name}.schema.json"))).expect("schema");
    let value: Value = serde_json::from_str(&text).expect("schema is JSON");
    jsonschema::validator_for(&value).expect("schema compiles")
}

/// Panics unless `text` is an event that a server of `dialect` may send.
pub(crate) fn assert_server_event(text: &str, dialect: Dialect) {
    static GA: LazyLock<Validator> = LazyLock::new(|| schema("ga.server"));
    static BETA: LazyLock<Validator> = LazyLock::new(|| schema("beta.server"));
    assert_valid(text, if dialect == Dialect::Ga { &GA } else { &BETA });
}

/// Panics unless `text` is an event that a client of `dialect` may send, and nothing besides.
pub(crate) fn assert_client_event(text: &str, dialect: Dialect) {
    static GA: LazyLock<Validator> = LazyLock::new(|| schema("ga.client.strict"));
    static BETA: LazyLock<Validator> = LazyLock::new(|| schema("beta.client.strict"));
    assert_valid(text, if dialect == Dialect::Ga { &GA } else { &BETA });
}

fn assert_valid(text: &str, validator: &Validator) {
    let event = serde_json::from_str(text).expect("an event is JSON");
    let errors: Vec<_> = validator.iter_errors(&event).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{event}");
}
