//! What `serve` offers to those who write clients: scripts, a bad network, the same ids again, a record of all events.
//! All off by default.

use std::sync::Arc;

use super::faults::{Faults, Weather};
use super::record::{Recorder, Track};
use super::script::Script;

#[derive(Debug, Clone, Default)]
pub struct Developer {
    /// Plays this in place of the engines.
    pub script: Option<Arc<Script>>,
    pub faults: Faults,
    /// Same seed, same ids and same faults.
    pub seed: Option<u64>,
    pub recorder: Option<Recorder>,
}

/// What one client's connection has of it.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) seed: u64,
    pub(super) weather: Weather,
    pub(super) track: Option<Track>,
}

impl Developer {
    /// For the client that came in as the `number`th, counted from one.
    pub(super) fn client(&self, number: u64) -> Client {
        let seed = self.seed.map_or_else(|| fastrand::u64(..), |seed| mixed(seed, number));
        Client {
            seed,
            weather: Weather::new(self.faults, seed),
            track: self.recorder.as_ref().map(|recorder| recorder.track(number)),
        }
    }
}

/// Seeds that lie side by side must not give ids that do.
fn mixed(seed: u64, number: u64) -> u64 {
    fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number)).u64(..)
}
