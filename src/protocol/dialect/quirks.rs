//! What single servers want otherwise than their dialect has it, as data.

use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// Changes to what is sent. Nothing is changed by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Quirks {
    /// Voice and turn detection stand in the session itself.
    pub flat_session: bool,
    /// Functions as in chat completions: `{"type": "function", "function": {…}}`.
    pub nested_tools: bool,
    /// Names of the sound formats of input and output, in beta's fields.
    pub formats: Option<(String, String)>,
    /// Fields of the session that are not sent, with dots.
    pub leave_out: Vec<String>,
}

impl Quirks {
    pub(super) fn apply(&self, event: &mut Object) {
        for place in ["session", "response"] {
            if let Some(Value::Object(session)) = event.get_mut(place) {
                self.session(session);
            }
        }
    }

    fn session(&self, session: &mut Object) {
        if self.flat_session {
            lift(session, ["audio", "output", "voice"], "voice");
            lift(session, ["audio", "input", "turn_detection"], "turn_detection");
        }
        if self.nested_tools
            && let Some(Value::Array(tools)) = session.get_mut("tools")
        {
            tools.iter_mut().for_each(nest);
        }
        if let Some((input, output)) = &self.formats {
            for (field, name) in [("input_audio_format", input), ("output_audio_format", output)] {
                if let Some(format) = session.get_mut(field) {
                    *format = json!(name);
                }
            }
        }
        for path in &self.leave_out {
            remove(session, path);
        }
    }
}

fn lift(session: &mut Object, [audio, side, field]: [&str; 3], name: &str) {
    let inner = session.get_mut(audio).and_then(|a| a.get_mut(side)).and_then(Value::as_object_mut);
    if let Some(value) = inner.and_then(|inner| inner.remove(field)) {
        session.insert(name.to_owned(), value);
    }
}

fn nest(tool: &mut Value) {
    if let Value::Object(fields) = tool
        && fields.get("type") == Some(&json!("function"))
        && !fields.contains_key("function")
    {
        fields.remove("type");
        let function = std::mem::take(fields);
        *tool = json!({"type": "function", "function": function});
    }
}

fn remove(session: &mut Object, path: &str) {
    match path.split_once('.') {
        None => {
            session.remove(path);
        }
        Some((first, rest)) => {
            if let Some(Value::Object(inner)) = session.get_mut(first) {
                remove(inner, rest);
            }
        }
    }
}
