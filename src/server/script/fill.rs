//! The places in a script's events that are filled in when they are sent.
//!
//! `${event.PATH}` is a value of the event that was matched, `${id:NAME}` an id that is new for each time a rule plays,
//! and `${null}` is `null`, which TOML lacks. A text that is nothing but such a place becomes the value itself; inside
//! a longer text it becomes words.

use serde_json::{Map, Value};

/// What may stand in the places.
pub(super) trait Values {
    /// `None` for a place that means nothing: then it stays as it is.
    fn value(&mut self, place: &str) -> Option<Value>;
}

pub(super) fn object(template: &Map<String, Value>, values: &mut dyn Values) -> Map<String, Value> {
    template.iter().map(|(key, value)| (key.clone(), filled(value, values))).collect()
}

fn filled(template: &Value, values: &mut dyn Values) -> Value {
    match template {
        Value::String(text) => words(text, values),
        Value::Array(list) => Value::Array(list.iter().map(|value| filled(value, values)).collect()),
        Value::Object(inner) => Value::Object(object(inner, values)),
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
    }
}

fn words(text: &str, values: &mut dyn Values) -> Value {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(end) = rest[start..].find('}').map(|end| start + end) else { break };
        let place = &rest[start..=end];
        match values.value(&rest[start + 2..end]) {
            Some(value) if place == text => return value,
            Some(Value::String(words)) => out.extend([&rest[..start], &words]),
            Some(value) => out.extend([&rest[..start], &value.to_string()]),
            None => out.push_str(&rest[..=end]),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Value::String(out)
}

/// The value at `path` in `value`; numbers are places in lists.
pub(super) fn at<'a>(value: &'a Value, path: &[impl AsRef<str>]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Array(list) => list.get(key.as_ref().parse::<usize>().ok()?),
        _ => value.get(key.as_ref()),
    })
}
