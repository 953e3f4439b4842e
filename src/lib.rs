//! The parts of `realtime-cli`, a voice assistant for the terminal.
//!
//! Internal to the program: no promise of stability.

pub mod cli;
pub mod config;
pub mod conversation;
pub mod logging;
pub mod pcm;
pub mod protocol;
pub mod resample;
pub mod server;
pub mod text;
pub mod transport;
pub mod ui;
