//! What a model is told about the functions. Written for models: when to call, and with what.

use serde_json::{Value, json};

use super::ToolDefinition;
use super::arguments::{MAX_LIMIT, MAX_NAME, MAX_NOTES, MAX_TAGS, MAX_TITLE};

pub(super) fn all() -> Vec<ToolDefinition> {
    vec![create(), list(), update(), complete(), delete(), remind(), undo()]
}

fn create() -> ToolDefinition {
    ToolDefinition {
        name: "create_task",
        description: "Add a task to the person's task list. Call once per task.",
        parameters: object(
            &["title"],
            json!({
                "title": title(),
                "due": time("When it has to be done, if the person said so."),
                "priority": {"type": "string", "enum": ["high", "medium", "low"]},
                "project": name("The project it belongs to, if the person named one."),
                "tags": tags("Labels, if the person named some."),
                "notes": notes("Further details in the person's words."),
            }),
        ),
    }
}

fn list() -> ToolDefinition {
    ToolDefinition {
        name: "list_tasks",
        description: "Look up tasks, the most urgent first. Call this whenever the person asks about their tasks: do \
                      not answer from memory. Without arguments it lists what is to be done. `count` tells how many \
                      there are in all.",
        parameters: object(
            &[],
            json!({
                "status": {
                    "type": "string",
                    "enum": ["pending", "completed", "all"],
                    "description": "`pending` unless given; `all` is pending and completed.",
                },
                "text": {
                    "type": "string",
                    "maxLength": MAX_TITLE,
                    "description": "Only tasks that mention these words.",
                },
                "project": name("Only tasks of this project."),
                "tag": name("Only tasks with this tag, such as `reminder`."),
                "due": {
                    "type": "string",
                    "enum": ["today", "overdue", "week"],
                    "description": "Only tasks due today, overdue, or due today or in the six days after.",
                },
                "limit": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_LIMIT,
                    "description": "At most so many tasks; 50 unless given.",
                },
            }),
        ),
    }
}

fn update() -> ToolDefinition {
    ToolDefinition {
        name: "update_task",
        description: "Change a pending task: give only what is to become different. To finish or remove a task use \
                      complete_task or delete_task.",
        parameters: object(
            &["task"],
            json!({
                "task": which(),
                "title": title(),
                "due": nullable(time("The new time; null removes it.")),
                "priority": {"type": "string", "enum": ["high", "medium", "low", "none"]},
                "project": nullable(name("The new project; null removes it.")),
                "tags": tags("All tags that the task has from now on."),
                "notes": notes("One more note."),
            }),
        ),
    }
}

fn complete() -> ToolDefinition {
    ToolDefinition {
        name: "complete_task",
        description: "Mark one task as done. When the result says `ambiguous`, ask the person which of the candidates \
                      is meant.",
        parameters: object(&["task"], json!({"task": which()})),
    }
}

fn delete() -> ToolDefinition {
    ToolDefinition {
        name: "delete_task",
        description: "Remove one task that is not wanted any more; for one that is done use complete_task. Call only \
                      when the person clearly asked for it. undo brings it back.",
        parameters: object(&["task"], json!({"task": which()})),
    }
}

fn remind() -> ToolDefinition {
    ToolDefinition {
        name: "add_reminder",
        description: "Remind the person of something. Pass on the time in their own words.",
        parameters: object(
            &["title"],
            json!({
                "title": title(),
                "at": time("When to remind."),
            }),
        ),
    }
}

fn undo() -> ToolDefinition {
    ToolDefinition {
        name: "undo",
        description: "Take back the latest change to the tasks. Call again to take back the one before it.",
        parameters: object(&[], json!({})),
    }
}

fn object(required: &[&str], properties: Value) -> Value {
    let mut schema = json!({"type": "object", "required": required, "additionalProperties": false});
    schema["properties"] = properties;
    schema
}

fn title() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_TITLE,
        "description": "What is to be done, short, without the time: `buy groceries`.",
    })
}

fn which() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_TITLE,
        "description": "Which task: its number, its uuid, or words of its title.",
    })
}

fn time(description: &str) -> Value {
    json!({
        "type": "string",
        "maxLength": 80,
        "description": format!(
            "{description} Words such as `tomorrow at 5 pm`, `next friday`, `in 20 minutes`, or ISO 8601."
        ),
    })
}

fn name(description: &str) -> Value {
    json!({"type": "string", "maxLength": MAX_NAME, "description": description})
}

fn notes(description: &str) -> Value {
    json!({"type": "string", "maxLength": MAX_NOTES, "description": description})
}

fn tags(description: &str) -> Value {
    json!({
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
        "maxItems": MAX_TAGS,
        "description": description,
    })
}

fn nullable(mut schema: Value) -> Value {
    schema["type"] = json!(["string", "null"]);
    schema
}
