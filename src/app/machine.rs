//! What the app asks of the machine it runs on, as data. The answers may take their time and come as messages.

use crate::audio::{DeviceEntry, Direction};
use crate::config::Shown;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Which sound devices there are.
    Devices,
    /// Remember a device by its name, a part of it, or `default`. `entries` are those known; none has them looked for.
    Choose {
        direction: Direction,
        wanted: String,
        entries: Vec<DeviceEntry>,
    },
    Settings,
    /// What was logged, if that is more than so many lines.
    Log {
        seen: u64,
    },
    /// Write a new file.
    Export {
        path: String,
        text: String,
    },
}

/// The answers. All texts are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    Devices(Vec<DeviceEntry>),
    /// What is to be opened now, and what to say; or why nothing changes.
    Chosen {
        direction: Direction,
        outcome: Result<(Option<String>, String), String>,
    },
    Settings(Vec<Shown>),
    Log {
        seen: u64,
        lines: Vec<String>,
    },
    Exported(Result<String, String>),
}

pub trait Machine: Send + Sync {
    /// May block for seconds. `None` when there is nothing to tell.
    fn carry_out(&self, request: Request) -> Option<News>;
}
