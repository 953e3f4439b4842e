//! The Realtime protocol's wire types, and nothing but them.
//!
//! The GA dialect is the model; what beta and other servers do differently is mapped in [`dialect`].
//! Reading is tolerant (unknown events, unknown or missing fields, nulls); writing holds to the schema.

use std::fmt;

use serde::{Deserialize, Serialize};

pub mod client_event;
pub mod dialect;
pub mod item;
pub mod response;
pub mod server_event;
pub mod session;
pub mod usage;

pub use client_event::{ClientEvent, ClientMessage};
pub use dialect::Dialect;
pub use item::{ContentPart, Item, ItemKind, ItemStatus, PartKind, Role};
pub use response::{Response, ResponseCreate, ResponseStatus, StatusDetails};
pub use server_event::{ApiError, ServerEvent, ServerMessage};
pub use session::Session;
pub use usage::Usage;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Servers leave ids out; what was left out reads as empty.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// Names an event, on either side.
    EventId,
    /// Names an item of the conversation.
    ItemId,
    /// Names a response.
    ResponseId,
    /// Ties a function call to its output.
    CallId,
}

/// A field of a partial update, where `null` means something else than absence.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Patch<T> {
    /// Absent: stays as it is.
    #[default]
    Keep,
    /// `null`: switched off.
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    pub fn as_option(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_option().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

#[cfg(test)]
pub(crate) mod tests;
