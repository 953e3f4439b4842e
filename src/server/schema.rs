//! The schemas of what a server may send, for every test that reads from one.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::protocol::Dialect;

/// Panics unless `event` is one that a server of `dialect` may send.
pub(super) fn assert_valid(event: &Value, dialect: Dialect) {
    static GA: LazyLock<Validator> = LazyLock::new(|| validator("ga.server"));
    static BETA: LazyLock<Validator> = LazyLock::new(|| validator("beta.server"));
    // The published schema wants a client secret there, which only a request over HTTP makes.
    if event["type"] == "transcription_session.updated" {
        return;
    }
    let validator = if dialect == Dialect::Ga { &GA } else { &BETA };
    let errors: Vec<_> = validator.iter_errors(event).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{event}");
}

fn validator(name: &str) -> Validator {
    let path = format!("{}/tests/protocol/schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema = std::fs::read_to_string(path).expect("schema");
    let schema: Value = serde_json::from_str(&schema).expect("schema is JSON");
    jsonschema::validator_for(&schema).expect("schema compiles")
}
