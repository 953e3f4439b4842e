//! The parts of `realtime-cli`, a voice assistant for the terminal.
//!
//! Internal to the program: no promise of stability.

pub mod audio;
pub mod pcm;
pub mod resample;
pub mod server;
pub mod text;
