//! The embedded offline engine: a server of the Realtime protocol on loopback.

pub mod engine;
pub mod language_model;
pub mod recognizer;
