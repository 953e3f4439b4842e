//! Sound to and from a `PulseAudio` server, or `PipeWire` in its place; the only place that knows that crate, of which
//! it uses the protocol alone.
//!
//! cpal has such a host, which lets the server keep no more than one captured block (19 % of the samples were lost on
//! a loaded machine), asks for the latency with every block, and clears two megabytes for every message: together 8 %
//! of a core. Here each direction has a connection and a thread of its own, which sleeps until the server has something
//! to say.

use std::ffi::{CStr, CString};
use std::io::{BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use pulseaudio::protocol::{self, AuthParams, Command, CommandReply, Prop, Props, ProtocolError, stream};
use pulseaudio::{cookie_path_from_env, socket_path_from_env};

pub(super) use microphone::open as open_microphone;
pub(super) use speaker::open as open_speaker;

use super::is_echo_canceller;
use crate::audio::backend::{DeviceInfo, OpenError, Opened};

mod microphone;
mod speaker;

/// How the server names us to the person.
const NAME: &CStr = c"realtime-cli";
/// A server that takes longer to answer before there is a stream is given up.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
const SAMPLE: usize = size_of::<f32>();
/// The channel of what is a command, not sound.
const COMMANDS: u32 = u32::MAX;
/// Bytes of what servers tell their users by.
const COOKIE: usize = 256;
/// A message from the server that is longer is none.
const LONGEST: u32 = 64 << 20;

/// Which of the server's devices is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// By the server's name for it.
    Named(&'a str),
    Default,
    /// A microphone behind an echo canceller of the system where there is one, else the default.
    EchoCancelled,
}

/// A device of the server's, as it describes it.
struct Found {
    /// `None`: simply the default, which the server may move elsewhere.
    name: Option<CString>,
    label: String,
    echo_cancelled: bool,
    rate: u32,
    channel_map: protocol::ChannelMap,
    channels: u8,
}

/// One device of either direction, as far as it matters here.
struct Candidate<'a> {
    name: &'a CString,
    description: Option<&'a CString>,
    spec: &'a protocol::SampleSpec,
    map: &'a protocol::ChannelMap,
    is_monitor: bool,
}

impl Found {
    fn among(devices: &[Candidate<'_>], default: Option<&CString>, wanted: Wanted<'_>) -> Option<Self> {
        let chosen = devices.iter().find(|d| match wanted {
            Wanted::Named(name) => d.name.to_bytes() == name.as_bytes(),
            Wanted::EchoCancelled => !d.is_monitor && d.is_echo_cancelled(),
            Wanted::Default => false,
        });
        if chosen.is_none() && matches!(wanted, Wanted::Named(_)) {
            return None;
        }
        // With no microphone, the server's default is what a speaker plays.
        let mut real = devices.iter().filter(|d| !d.is_monitor);
        let is_default = |d: &&Candidate<'_>| default.is_some_and(|name| name == d.name);
        let own = real.clone().find(is_default);
        let chosen = chosen.or_else(|| if own.is_none() { real.next() } else { None });
        let device = chosen.or(own)?;
        let label = device.description.unwrap_or(device.name).to_string_lossy().into_owned();
        Some(Self {
            name: chosen.map(|d| d.name.clone()),
            label,
            echo_cancelled: device.is_echo_cancelled(),
            rate: device.spec.sample_rate.clamp(8_000, 192_000),
            channel_map: *device.map,
            channels: device.spec.channels.max(1),
        })
    }

    /// Bytes of one frame.
    fn frame(&self) -> usize {
        SAMPLE * usize::from(self.channels)
    }

    /// Frames of a buffer of `ms`.
    fn frames(&self, ms: u32) -> u32 {
        (u64::from(self.rate) * u64::from(ms) / 1_000).max(64) as u32
    }

    fn info(&self, buffer_frames: u32) -> DeviceInfo {
        let (name, channels) = (self.label.clone(), self.channels.into());
        let echo_cancelled = self.echo_cancelled;
        DeviceInfo { name, rate: self.rate, channels, buffer_frames, echo_cancelled }
    }

    fn spec(&self) -> protocol::SampleSpec {
        protocol::SampleSpec {
            format: protocol::SampleFormat::Float32Le,
            channels: self.channels,
            sample_rate: self.rate,
        }
    }
}

impl Candidate<'_> {
    fn is_echo_cancelled(&self) -> bool {
        let texts = [Some(self.name), self.description];
        texts.into_iter().flatten().any(|t| is_echo_canceller(&t.to_string_lossy()))
    }
}

/// The server is asked to serve what it plays or records as soon as the buffer's length allows.
fn low_latency() -> stream::StreamFlags {
    stream::StreamFlags { adjust_latency: true, ..stream::StreamFlags::default() }
}

/// Looks for a device and begins a stream on it. `None` when there is no server, or it has no such device.
fn open(
    what: &str,
    find: impl FnOnce(&mut Connection) -> Result<Option<Found>, ProtocolError>,
    begin: impl FnOnce(Connection, &Found) -> Result<Opened, ProtocolError>,
) -> Option<Result<Opened, OpenError>> {
    let mut connection = Connection::open()?;
    let found = find(&mut connection).transpose()?;
    let opened = found.and_then(|found| begin(connection, &found));
    Some(opened.map_err(|error| OpenError(format!("the {what} cannot be used: {error}"))))
}

/// A way to the server, before and after there is a stream on it.
struct Connection {
    reader: BufReader<UnixStream>,
    version: u16,
    sequence: u32,
    /// The last message.
    message: Vec<u8>,
}

/// What the server says when there is a stream.
enum Said {
    /// More sound is wanted, in bytes.
    Request(usize),
    /// The sound that was there is over.
    Underflow,
    /// The stream was ended, or the microphone is another one now.
    Killed,
    /// What is asked for here has one kind of answer; its bytes are in [`Connection::answer`].
    Answer,
    Sound,
    /// What needs nothing from us.
    Other,
}

impl Connection {
    /// `None` when there is no server that lets us in.
    fn open() -> Option<Self> {
        // A server elsewhere is the libraries' business.
        let elsewhere = std::env::var("PULSE_SERVER").is_ok_and(|s| !s.is_empty() && !s.starts_with("unix:"));
        let path = socket_path_from_env().filter(|_| !elsewhere)?;
        let socket = UnixStream::connect(path).ok()?;
        socket.set_read_timeout(Some(ANSWER_WITHIN)).ok()?;
        let cookie = cookie_path_from_env().and_then(|path| std::fs::read(path).ok());
        // Any of the right length will do for a server of our own user.
        let cookie = cookie.filter(|c| c.len() == COOKIE).unwrap_or_else(|| vec![0; COOKIE]);
        let mut connection = Self {
            reader: BufReader::new(socket),
            version: protocol::MAX_VERSION,
            sequence: 0,
            message: Vec::new(),
        };
        let auth =
            AuthParams { version: protocol::MAX_VERSION, supports_shm: false, supports_memfd: false, cookie };
        let welcome: protocol::AuthReply = connection.ask(&Command::Auth(auth)).ok()?;
        connection.version = welcome.version.min(protocol::MAX_VERSION);
        let mut props = Props::new();
        props.set(Prop::ApplicationName, NAME);
        let _: protocol::SetClientNameReply = connection.ask(&Command::SetClientName(props)).ok()?;
        Some(connection)
    }

    /// While there is no stream, the next that comes is the answer.
    fn ask<R: CommandReply>(&mut self, command: &Command) -> Result<R, ProtocolError> {
        self.send(command)?;
        Ok(protocol::read_reply_message(&mut self.reader, self.version)?.1)
    }

    fn send(&mut self, command: &Command) -> Result<(), ProtocolError> {
        self.sequence += 1;
        let mut bytes = Vec::with_capacity(256);
        protocol::write_command_message(&mut bytes, self.sequence, command, self.version)?;
        Ok(self.reader.get_mut().write_all(&bytes)?)
    }

    /// From now on the server speaks when it has something to say.
    fn begin(&mut self) -> Result<Closer, ProtocolError> {
        let socket = self.reader.get_ref();
        socket.set_read_timeout(None)?;
        Ok(Closer(socket.try_clone()?))
    }

    /// Waits for the next message; it is in `message` afterwards.
    fn next(&mut self) -> Result<Said, ProtocolError> {
        let header = protocol::read_descriptor(&mut self.reader)?;
        if header.length > LONGEST {
            return Err(ProtocolError::Invalid("a message is too long".to_owned()));
        }
        self.message.resize(header.length as usize, 0);
        self.reader.read_exact(&mut self.message)?;
        if header.channel != COMMANDS {
            return Ok(Said::Sound);
        }
        Ok(match Command::read_tag_prefixed(&mut self.message.as_slice(), self.version) {
            Ok((_, Command::Reply)) => Said::Answer,
            Ok((_, Command::Request(request))) => Said::Request(request.length as usize),
            Ok((_, Command::Underflow(_))) => Said::Underflow,
            Ok((
                _,
                Command::PlaybackStreamKilled(_)
                | Command::RecordStreamKilled(_)
                | Command::RecordStreamMoved(_),
            )) => Said::Killed,
            // Events of a newer server too: they were read whole, so what follows is not disturbed.
            Ok(_) | Err(_) => Said::Other,
        })
    }

    /// The last message as an answer.
    fn answer<R: CommandReply>(&self) -> Result<R, ProtocolError> {
        let mut header = [0; protocol::DESCRIPTOR_SIZE];
        let length = self.message.len() as u32;
        let flags = protocol::DescriptorFlags::empty();
        protocol::encode_descriptor(
            &mut header,
            &protocol::Descriptor { length, channel: COMMANDS, offset: 0, flags },
        );
        let mut whole = header.chain(self.message.as_slice());
        Ok(protocol::read_reply_message(&mut BufReader::new(&mut whole), self.version)?.1)
    }
}

/// Ends a connection when it is dropped, and with it the thread that reads it. Waits for nothing.
struct Closer(UnixStream);

impl Drop for Closer {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests;
