//! Arguments for a function that must be called, from its schema and the person's words.

use serde_json::{Map, Value, json};

use super::numbers;
use super::words::{self, Word};

/// Schemas may be deeper than anything that words could fill.
const MAX_DEPTH: usize = 4;

/// The required arguments. None when one of them needs words and there are none.
pub(super) fn arguments(schema: &Value, said: &[Word]) -> Option<Map<String, Value>> {
    object(schema, said, 0)
}

fn object(schema: &Value, said: &[Word], depth: usize) -> Option<Map<String, Value>> {
    let required =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let property =
        |name: &str| schema.get("properties").and_then(|all| all.get(name)).unwrap_or(&Value::Null);
    required.map(|name| Some((name.to_owned(), value(property(name), said, depth)?))).collect()
}

fn value(schema: &Value, said: &[Word], depth: usize) -> Option<Value> {
    if let Some(fixed) = schema.get("const").or_else(|| schema.get("default")) {
        return Some(fixed.clone());
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return choice(choices, said);
    }
    match kind(schema) {
        "integer" => Some(json!(number(schema, said))),
        "number" => Some(json!(number(schema, said) as f64)),
        "boolean" => {
            Some(json!(!said.iter().any(|word| matches!(word.key.as_str(), "no" | "not" | "dont" | "off"))))
        }
        "array" => array(schema, said, depth),
        "object" if depth < MAX_DEPTH => object(schema, said, depth + 1).map(Value::Object),
        "object" => Some(json!({})),
        "null" => Some(Value::Null),
        _ => text(schema, said).map(Value::from),
    }
}

fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ => "string",
    }
}

/// The choice that was said, else the first.
fn choice(choices: &[Value], said: &[Word]) -> Option<Value> {
    let keys = words::keys(said);
    let is_said = |choice: &&Value| {
        choice.as_str().is_some_and(|choice| keys.contains(&choice.to_lowercase().as_str()))
    };
    choices.iter().find(is_said).or_else(|| choices.first()).cloned()
}

fn number(schema: &Value, said: &[Word]) -> i64 {
    let keys = words::keys(said);
    let said = (0..keys.len())
        .find_map(|at| numbers::cardinal(&keys[at..]))
        .map_or(0, |(number, _)| i64::from(number));
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64).map(|limit| limit as i64);
    let high = limit("maximum").map_or(said, |most| said.min(most));
    limit("minimum").map_or(high, |least| high.max(least))
}

fn array(schema: &Value, said: &[Word], depth: usize) -> Option<Value> {
    let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
    if least == 0 || depth >= MAX_DEPTH {
        return Some(json!([]));
    }
    value(schema.get("items").unwrap_or(&Value::Null), said, depth + 1).map(|item| json!([item]))
}

fn text(schema: &Value, said: &[Word]) -> Option<String> {
    let most = schema.get("maxLength").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let text: String = words::join(said).chars().take(most.unwrap_or(usize::MAX)).collect();
    (!text.is_empty()).then_some(text)
}
