//! `realtime-cli devices`: which sound devices there are, and which of them to use from now on.
//!
//! What there is comes as data; only `run` asks the system. With `--json` it writes one JSON object and nothing
//! else: `{"v": 1, "devices": [{"id", "name", "direction", "default", "used", "rate", "channels", "format",
//! "min_rate", "max_rate"}]}`, with `direction` one of `input`, `output`.

use std::fmt::Write as _;
use std::io::Write;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::Failure;
use crate::audio::{self, DeviceChoice, DeviceEntry, Direction, EchoMode};
use crate::cli::Exit;
use crate::config::remembered::{self, Remembered};
use crate::config::{AudioSettings, Config, Origin};
use crate::stderr::Diverted;
use crate::text::Clean;

#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DevicesArgs {
    /// Write a JSON object
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<DevicesCommand>,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum DevicesCommand {
    /// Remember which microphone and speaker to use
    Use(UseArgs),
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[group(required = true, multiple = true)]
pub struct UseArgs {
    /// The microphone: its id, its name or a part of either; `default` forgets (a device of that name goes by its id)
    #[arg(long, value_name = "NAME")]
    pub input: Option<String>,
    /// The speaker, likewise
    #[arg(long, value_name = "NAME")]
    pub output: Option<String>,
}

/// What the settings say of the devices.
pub(crate) fn choice(audio: &AudioSettings) -> DeviceChoice {
    DeviceChoice {
        input: audio.input.clone(),
        output: audio.output.clone(),
        buffer_ms: audio.buffer_ms,
        echo_cancelled: audio.echo == EchoMode::Auto,
    }
}

pub(crate) fn run(args: &DevicesArgs, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let entries = {
        let _quiet = Diverted::to_nothing();
        audio::devices()
    };
    match &args.command {
        None => list(&entries, config, args.json, out),
        Some(DevicesCommand::Use(wanted)) => remember(&entries, wanted, config, out),
    }
}

fn list(entries: &[DeviceEntry], config: &Config, json: bool, out: &mut dyn Write) -> Result<Exit, Failure> {
    let choice = choice(&config.settings.audio);
    if json {
        writeln!(out, "{:#}", to_json(entries, &choice))?;
    } else {
        out.write_all(to_text(entries, &choice).as_bytes())?;
        for warning in &config.warnings {
            writeln!(out, "\nwarning: {}", Clean::line(warning))?;
        }
    }
    Ok(if entries.is_empty() { Exit::Audio } else { Exit::Ok })
}

fn to_json(entries: &[DeviceEntry], choice: &DeviceChoice) -> Value {
    let devices: Vec<Value> = entries
        .iter()
        .map(|entry| {
            json!({
                "id": entry.id,
                "name": entry.name,
                "direction": match entry.direction {
                    Direction::Input => "input",
                    Direction::Output => "output",
                },
                "default": entry.is_default,
                "used": audio::used(entries, entry.direction, choice) == Some(entry),
                "rate": entry.rate,
                "channels": entry.channels,
                "format": entry.format,
                "min_rate": entry.rates.0,
                "max_rate": entry.rates.1,
            })
        })
        .collect();
    json!({"v": 1, "devices": devices})
}

fn to_text(entries: &[DeviceEntry], choice: &DeviceChoice) -> String {
    if entries.is_empty() {
        return "no sound devices were found: connect one, or start the sound server; typing works without\n"
            .to_owned();
    }
    let mut text = String::new();
    for (direction, heading) in [(Direction::Input, "Microphones"), (Direction::Output, "Speakers")] {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(heading);
        text.push_str(":\n");
        let mine: Vec<_> = entries.iter().filter(|e| e.direction == direction).collect();
        if mine.is_empty() {
            text.push_str("  none\n");
        }
        for entry in mine {
            let used = audio::used(entries, direction, choice) == Some(entry);
            text.push_str(&paragraph(entry, used));
        }
        let missing = choice.wanted(direction).filter(|w| audio::named(entries, direction, w).is_none());
        if let Some(wanted) = missing {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  `{}` is asked for, but not there", Clean::line(wanted));
        }
    }
    text.push_str("\n* is used now; `realtime-cli devices use --input NAME --output NAME` chooses others\n");
    text
}

fn paragraph(entry: &DeviceEntry, used: bool) -> String {
    let DeviceEntry { rate, channels, format, rates: (lowest, highest), .. } = entry;
    let mark = if used { '*' } else { ' ' };
    let default = if entry.is_default { " (default)" } else { "" };
    let ways = if *channels == 1 { "channel" } else { "channels" };
    let range = if lowest == highest { String::new() } else { format!(", takes {lowest} to {highest}") };
    format!(
        "{mark} {}{default}\n    {}\n    {rate} Hz, {channels} {ways}, {format}{range}\n",
        Clean::line(&entry.name),
        Clean::line(&entry.id),
        format = Clean::line(format),
    )
}

fn remember(
    entries: &[DeviceEntry],
    wanted: &UseArgs,
    config: &Config,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let before = remembered::read(&config.paths).unwrap_or_default();
    let input = settle(entries, Direction::Input, wanted.input.as_deref(), before.input)?;
    let output = settle(entries, Direction::Output, wanted.output.as_deref(), before.output)?;
    let now = Remembered { input, output };
    remembered::write(&config.paths, &now)?;
    let config = config.reload()?;
    let (input, output) = (Direction::Input, Direction::Output);
    let said = [(input, &wanted.input, &now.input), (output, &wanted.output, &now.output)];
    for (direction, _, now) in said.into_iter().filter(|(_, asked, _)| asked.is_some()) {
        writeln!(out, "{}", Clean::line(&outcome(&config, direction, now.as_deref())))?;
    }
    Ok(Exit::Ok)
}

/// A device for the conversation that runs, which is remembered, too: what is to be opened, and what to say. An error
/// says why nothing changes.
pub(crate) fn choose(
    entries: &[DeviceEntry],
    direction: Direction,
    wanted: &str,
    config: &Config,
) -> Result<(Option<String>, String), String> {
    let now = settle(entries, direction, Some(wanted), None).map_err(|failure| failure.message())?;
    let what = what(direction);
    let name = now.as_ref().map_or_else(|| "the system's default".to_owned(), |name| format!("`{name}`"));
    let kept = keep(direction, now.as_deref(), config);
    let said = match kept {
        Ok(None) => format!("the {what} is now {name}"),
        Ok(Some(stronger)) => format!("the {what} is now {name}, for this run: {stronger}"),
        Err(error) => format!("the {what} is now {name}, but that cannot be remembered: {error}"),
    };
    Ok((now, said))
}

/// Remembers a device. What goes before it at the next start, if something does.
fn keep(direction: Direction, now: Option<&str>, config: &Config) -> anyhow::Result<Option<String>> {
    let mut kept = remembered::read(&config.paths).unwrap_or_default();
    match direction {
        Direction::Input => kept.input = now.map(str::to_owned),
        Direction::Output => kept.output = now.map(str::to_owned),
    }
    remembered::write(&config.paths, &kept)?;
    let config = config.reload()?;
    let used = choice(&config.settings.audio);
    let outranked = used.wanted(direction) != now;
    Ok(outranked.then(|| outcome(&config, direction, now)))
}

/// What is used from now on, and why, where that is not what is remembered now.
fn outcome(config: &Config, direction: Direction, now: Option<&str>) -> String {
    let (what, audio) = (what(direction), &config.settings.audio);
    if choice(audio).wanted(direction) == now {
        return match now {
            Some(name) => format!("the {what} is now `{name}`"),
            None => format!("the {what} is now the system's default"),
        };
    }
    let (key, stronger) = match direction {
        Direction::Input => ("audio.input", &audio.input),
        Direction::Output => ("audio.output", &audio.output),
    };
    let origin = config.origin(key);
    let cure = match origin {
        Origin::Environment(_) | Origin::Variable(_) | Origin::Keyring => "unset it",
        Origin::Flag(_) => "leave it out",
        Origin::File(_) => "take the setting out of it",
        // Another program has chosen meanwhile.
        Origin::Default | Origin::Remembered(_) => "choose again",
    };
    let remembered = match now {
        Some(name) => format!("the {what} `{name}` is remembered"),
        None => format!("no {what} is remembered any more"),
    };
    let stronger = stronger.as_deref().unwrap_or("default");
    format!("{remembered}, but `{origin}` sets `{key}` to `{stronger}`, which is used: {cure}")
}

/// What is to be remembered for a direction: a name where it tells the device, else the id.
fn settle(
    entries: &[DeviceEntry],
    direction: Direction,
    wanted: Option<&str>,
    before: Option<String>,
) -> Result<Option<String>, Failure> {
    let Some(wanted) = wanted else { return Ok(before) };
    let Some(wanted) = audio::asked_for(wanted) else { return Ok(None) };
    let Some(entry) = audio::named(entries, direction, wanted) else {
        return Err(Failure::new(Exit::NotFound, anyhow::anyhow!(unknown(entries, direction, wanted))));
    };
    let by_name = audio::asked_for(&entry.name).and_then(|name| audio::named(entries, direction, name));
    let by_name = by_name == Some(entry);
    Ok(Some(if by_name { entry.name.clone() } else { entry.id.clone() }))
}

fn unknown(entries: &[DeviceEntry], direction: Direction, wanted: &str) -> String {
    let what = what(direction);
    let names: Vec<String> = entries
        .iter()
        .filter(|e| e.direction == direction)
        .map(|e| format!("`{}`", Clean::line(&e.name)))
        .collect();
    let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    format!("no {what} is called `{wanted}`; there is {there}")
}

fn what(direction: Direction) -> &'static str {
    match direction {
        Direction::Input => "microphone",
        Direction::Output => "speaker",
    }
}

#[cfg(test)]
mod tests;
