//! The devices that were chosen by `realtime-cli devices use`: a layer of settings that the program writes itself.
//!
//! Stronger than the settings file, which a person may have written long ago; weaker than the environment. Nothing
//! but the two devices may stand in it, and one that cannot be read costs a warning, not the conversation.

use std::io;
use std::path::PathBuf;

use toml::{Table, Value};

use super::{MAX_FILE, Origin, Paths, Sourced, Values, flatten, keys, paths, read_file};

/// `None`: whatever the weaker layers say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    pub input: Option<String>,
    pub output: Option<String>,
}

pub fn path(paths: &Paths) -> PathBuf {
    paths.state_dir.join("devices.toml")
}

/// What is remembered; nothing where there is no file. An error says what is wrong with the file.
pub fn read(paths: &Paths) -> Result<Remembered, String> {
    let path = path(paths);
    let bad = |reason: &str| {
        let path = path.display();
        format!("`{path}` is not heeded: {reason}; choose again with `realtime-cli devices use`")
    };
    let Some(text) = read_file(&path).map_err(|error| bad(&error.to_string()))? else {
        return Ok(Remembered::default());
    };
    let table: Table = text.parse().map_err(|_| bad("it is not valid TOML"))?;
    let mut flat = Vec::new();
    flatten(&table, "", &mut flat);
    let mut remembered = Remembered::default();
    for (name, value) in flat {
        let slot = match name.as_str() {
            "audio.input" => &mut remembered.input,
            "audio.output" => &mut remembered.output,
            // Both were forgotten.
            "audio" if value.as_table().is_some_and(Table::is_empty) => continue,
            _ => return Err(bad("it has other settings than the devices")),
        };
        let text = value.as_str().ok_or_else(|| bad("a device is not given by a text"))?;
        *slot = Some(text.to_owned()).filter(|text| !text.is_empty());
    }
    Ok(remembered)
}

/// Takes the place of what was remembered before, at once and as a whole, readable by the owner only.
pub fn write(paths: &Paths, remembered: &Remembered) -> io::Result<()> {
    let mut audio = Table::new();
    for (name, value) in [("input", &remembered.input), ("output", &remembered.output)] {
        if let Some(value) = value {
            audio.insert(name.to_owned(), Value::String(value.clone()));
        }
    }
    let table = Table::from_iter([("audio".to_owned(), Value::Table(audio))]);
    let text = format!("# Written by `realtime-cli devices use`.\n{table}");
    debug_assert!(text.len() as u64 <= MAX_FILE, "two names are short");
    paths::private_dir(&paths.state_dir)?;
    paths::private_replace(&path(paths), text.as_bytes())
}

/// Puts what is remembered above `values`; returns what is wrong with it.
pub(super) fn layer(values: &mut Values, paths: &Paths) -> Option<String> {
    let remembered = match read(paths) {
        Ok(remembered) => remembered,
        Err(warning) => return Some(warning),
    };
    for (name, value) in [("audio.input", remembered.input), ("audio.output", remembered.output)] {
        let (Some(value), Some(key)) = (value, keys::find(name)) else { continue };
        let origin = Origin::Remembered(path(paths));
        values.insert(key.name, Sourced { value: Value::String(value), origin });
    }
    None
}

#[cfg(test)]
mod tests;
