//! Tasks straight from the rows of the database: for lists of thousands, without a map for each task, and without the
//! lock for which other programs would wait.
//!
//! Where a row is not as it is known here, there are no tasks at all: whoever asks then reads them through
//! `TaskChampion`, which knows what is wrong.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use uuid::Uuid;

use super::task::Task;
use super::{database, record};

/// The tasks of the working set: pending ones, templates that have a number, and some that are over.
pub(super) fn numbered(dir: &Path) -> Option<Vec<Task>> {
    database::numbered(dir, &read)
}

/// All tasks, in no order.
pub(super) fn all(dir: &Path) -> Option<Vec<Task>> {
    database::all(dir, &read)
}

fn read(number: Option<usize>, uuid: Uuid, data: &str) -> Option<Task> {
    let Properties(properties) = serde_json::from_str(data).ok()?;
    let properties = properties.iter().map(|(Text(name), Text(value))| (name.as_ref(), value.as_ref()));
    Some(record::of(uuid, properties, number))
}

/// The properties of one task, as they stand in its JSON object.
struct Properties<'a>(Vec<(Text<'a>, Text<'a>)>);

/// Not copied, unless it holds an escape.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Properties<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Properties<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("properties by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(8);
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Properties(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[cfg(test)]
mod tests;
