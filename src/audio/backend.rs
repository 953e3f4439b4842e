//! What the engine asks of a sound system: to open one direction and to call back.
//!
//! Nothing here knows a particular system. The callbacks are those of [`super::ring`].

use super::ring::CaptureCallback;
use super::sink::PlaybackCallback;

/// One of the two ways sound goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Input,
    Output,
}

/// An opened device.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DeviceInfo {
    /// As the system calls it: untrusted text.
    pub name: String,
    /// Frames per second.
    pub rate: u32,
    pub channels: u16,
    /// Frames per callback, where the backend knows it; 0 where not.
    pub buffer_frames: u32,
    /// What comes from it has passed an echo canceller of the system.
    pub echo_cancelled: bool,
}

/// Why a direction could not be opened; the text may hold names given by devices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub String);

/// A direction that is open for as long as `stream` is kept.
pub struct Opened {
    pub info: DeviceInfo,
    /// Why it is not the device that was asked for, which the text names.
    pub instead: Option<String>,
    /// Dropping it closes the device; that may take long, or for ever.
    pub stream: Box<dyn Send>,
}

/// How sound passes through a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// By the clock: what nobody takes in time is lost.
    Real,
    /// As fast as it is taken: nothing is lost, both sides wait for room.
    Fast,
}

/// Makes the capture callback for a device, once per attempt to open it.
pub type ConnectInput<'a> = &'a mut dyn FnMut(&DeviceInfo) -> CaptureCallback;
/// Makes the playback callback for a device, once per attempt to open it.
pub type ConnectOutput<'a> = &'a mut dyn FnMut(&DeviceInfo) -> PlaybackCallback;

/// A sound system.
pub trait Backend: Send + Sync {
    /// Opens the input and begins to call back. May block for seconds when [`Self::is_hardware`].
    fn open_input(&self, connect: ConnectInput<'_>) -> Result<Opened, OpenError>;

    /// Opens the output and begins to call back. May block for seconds when [`Self::is_hardware`].
    fn open_output(&self, connect: ConnectOutput<'_>) -> Result<Opened, OpenError>;

    /// Whether it can block, stall, vanish or be muted, as devices do; then it is watched and opened again.
    fn is_hardware(&self) -> bool;

    fn pace(&self) -> Pace {
        Pace::Real
    }

    /// From the next opening on, the device of this direction that a text names, as in [`super::DeviceChoice`]; `None`
    /// is the system's default. False where there is nothing to choose from.
    fn choose(&self, _direction: Direction, _wanted: Option<String>) -> bool {
        false
    }

    /// The buffers of this direction have proved too short. Whether longer ones will be asked for at the next opening.
    fn lengthen(&self, _direction: Direction) -> bool {
        false
    }
}
