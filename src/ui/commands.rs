//! `/commands`: what can be typed instead of a message, what it means, and how it is completed. Pure.
//!
//! Only a line whose slash was typed gets here; pasted text is a message, whatever it begins with.

use super::find::FindStep;
use super::keymap::{Action, TaskKey};
use super::panels::PanelKind;
use super::view::Mode;
use crate::text::Clean;

/// What a line that begins with a typed slash is.
#[derive(Debug, Clone, PartialEq)]
pub enum Entered {
    /// A message after all.
    Say(String),
    Run(Command),
    /// It cannot be run: why.
    Wrong(String),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The same as a key.
    Act(Action),
    Mute(Option<bool>),
    Mode(Mode),
    Voice(String),
    /// 0.25 to 1.5.
    Speed(f64),
    /// In percent, 0 to 200.
    Volume(u16),
    /// In dollars; 0 is none.
    Budget(f64),
    Cost,
    /// A name, or `default`.
    Device(Side, String),
    Echo(EchoWord),
    /// Any setting of the session, by its name, and its value as it was typed.
    Set(String, String),
    Answer,
    New,
    Clear,
    Export(String, Format),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    In,
    Out,
}

/// What is to be done about the echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EchoWord {
    Auto,
    Aec,
    Gate,
    Half,
    Off,
}

impl EchoWord {
    pub fn word(self) -> &'static str {
        let word = ECHO.iter().find(|(_, echo)| *echo == self).map(|(word, _)| *word);
        word.expect("each has its word")
    }
}

/// What a transcript is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Markdown,
    Json,
    Srt,
}

/// What arguments can be completed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    pub voices: Vec<Clean>,
    pub microphones: Vec<Clean>,
    pub speakers: Vec<Clean>,
    /// What `/set` takes, each with the values that it can have where they are few.
    pub settings: Vec<(&'static str, Vec<&'static str>)>,
}

/// What a line may become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The whole line.
    pub line: String,
    /// Its end, as it is listed, and what it does.
    pub shown: String,
    pub help: &'static str,
}

const MODES: [(&str, Mode); 2] = [("vad", Mode::Vad), ("ptt", Mode::PushToTalk)];
const SIDES: [(&str, Side); 2] = [("in", Side::In), ("out", Side::Out)];
const ECHO: [(&str, EchoWord); 5] = [
    ("auto", EchoWord::Auto),
    ("aec", EchoWord::Aec),
    ("gate", EchoWord::Gate),
    ("half", EchoWord::Half),
    ("off", EchoWord::Off),
];
const FORMATS: [(&str, Format); 3] =
    [(".md", Format::Markdown), (".json", Format::Json), (".srt", Format::Srt)];
const SPEEDS: [&str; 6] = ["0.5", "0.75", "1", "1.15", "1.25", "1.5"];
const VOLUMES: [&str; 5] = ["50", "75", "100", "125", "150"];
/// Names less like than this are not what was meant.
const LIKE: f64 = 0.75;

/// What follows a command's name.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Takes {
    Nothing(Action),
    /// Nothing either, but there is no key for it.
    Alone(Alone),
    Switch,
    Mode,
    /// Nothing opens the panel.
    Voice,
    Speed,
    Volume,
    Budget,
    Device,
    Echo,
    File,
    /// Nothing opens the panel.
    Setting,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Alone {
    Answer,
    New,
    Clear,
    Cost,
}

/// One command, as the help lists it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    /// What follows, in the form of a manual.
    pub(crate) arguments: &'static str,
    pub(crate) help: &'static str,
    takes: Takes,
}

const fn spec(name: &'static str, arguments: &'static str, help: &'static str, takes: Takes) -> Spec {
    Spec { name, arguments, help, takes }
}

/// In the order in which they are listed.
pub(crate) const COMMANDS: &[Spec] = &[
    spec("help", "", "keys and commands", Takes::Nothing(Action::Help)),
    spec("mute", "[on|off]", "microphone off and on", Takes::Switch),
    spec("mode", "vad|ptt", "voice or push-to-talk", Takes::Mode),
    spec("answer", "", "an answer now, be your turn over or not", Takes::Alone(Alone::Answer)),
    spec("new", "", "a new conversation, of which nothing is known yet", Takes::Alone(Alone::New)),
    spec("voice", "[NAME]", "the assistant's voice", Takes::Voice),
    spec("speed", "[0.25-1.5]", "how fast the assistant speaks", Takes::Speed),
    spec("volume", "0-200", "how loud the assistant is, in percent", Takes::Volume),
    spec("device", "[in|out NAME]", "microphone or speaker; `default` is the system's", Takes::Device),
    spec("devices", "", "microphones and speakers", Takes::Nothing(Action::Open(PanelKind::Devices))),
    spec("echo", "auto|aec|gate|half|off", "what is done about the echo", Takes::Echo),
    spec("cost", "", "what was used, and what it costs", Takes::Alone(Alone::Cost)),
    spec("budget", "DOLLARS", "where the costs stop; 0 is nowhere", Takes::Budget),
    spec("tasks", "", "to the tasks", Takes::Nothing(Action::Tasks(TaskKey::Enter))),
    spec("undo", "", "take back the last change of a task", Takes::Nothing(Action::Undo)),
    spec("find", "", "search the conversation", Takes::Nothing(Action::Find(FindStep::Toggle))),
    spec("copy", "", "copy the last answer", Takes::Nothing(Action::Copy)),
    spec("export", "FILE.md|json|srt", "write down what was said", Takes::File),
    spec("clear", "", "an empty screen; nothing is forgotten", Takes::Alone(Alone::Clear)),
    spec(
        "settings",
        "",
        "settings in effect, and where they are from",
        Takes::Nothing(Action::Open(PanelKind::Settings)),
    ),
    spec("set", "[NAME VALUE]", "any setting of the session, for this run", Takes::Setting),
    spec("instructions", "[TEXT]", "what the assistant is told besides; nothing is nothing", Takes::Text),
    spec("log", "", "what the program has logged", Takes::Nothing(Action::Open(PanelKind::Log))),
    spec("quit", "", "quit", Takes::Nothing(Action::Quit)),
];

impl Spec {
    pub(crate) fn usage(&self) -> String {
        format!("/{} {}", self.name, self.arguments).trim_end().to_owned()
    }

    fn needs_more(&self) -> bool {
        !self.arguments.is_empty()
    }
}

impl Command {
    /// What it does can only be seen there.
    pub fn needs_screen(&self) -> bool {
        matches!(
            self,
            Self::Clear
                | Self::Act(
                    Action::Help | Action::Open(_) | Action::Tasks(_) | Action::Find(_) | Action::Copy
                )
        )
    }
}

/// Those that do not need the screen, as a manual has them.
pub fn usages_without_screen() -> Vec<String> {
    let without = |spec: &&Spec| match spec.takes {
        Takes::Nothing(action) => !Command::Act(action).needs_screen(),
        Takes::Alone(Alone::Clear) => false,
        _ => true,
    };
    COMMANDS.iter().filter(without).map(Spec::usage).collect()
}

/// What the line means that begins with a typed slash.
pub fn read(line: &str) -> Entered {
    let line = line.trim_end();
    let Some(rest) = line.strip_prefix('/') else { return Entered::Say(line.to_owned()) };
    // Two slashes stand for one, and a command is one line.
    if rest.starts_with('/') {
        return Entered::Say(rest.to_owned());
    }
    if line.contains('\n') {
        return Entered::Say(line.to_owned());
    }
    let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match find(name) {
        Some(spec) => run(spec, argument.trim()).map_or_else(Entered::Wrong, Entered::Run),
        None => Entered::Wrong(unknown(name)),
    }
}

fn find(name: &str) -> Option<&'static Spec> {
    // What other programs call it.
    let name = if name.eq_ignore_ascii_case("exit") { "quit" } else { name };
    COMMANDS.iter().find(|spec| spec.name.eq_ignore_ascii_case(name))
}

fn unknown(name: &str) -> String {
    let likeness = |spec: &&Spec| strsim::jaro_winkler(&name.to_lowercase(), spec.name);
    let nearest = COMMANDS.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let nearest = nearest.filter(|spec| likeness(spec) >= LIKE);
    let hint = nearest.map_or_else(
        || "`/help` lists what there is.".to_owned(),
        |spec| format!("did you mean `/{}`?", spec.name),
    );
    let name = Clean::line(name);
    format!("there is no `/{name}`; {hint} A message that begins with a slash is typed with two")
}

fn run(spec: &'static Spec, argument: &str) -> Result<Command, String> {
    let wrong = || format!("`/{}` takes {}", spec.name, expected(spec));
    let bare = argument.is_empty();
    Ok(match spec.takes {
        Takes::Nothing(_) | Takes::Alone(_) if !bare => return Err(wrong()),
        Takes::Nothing(action) => Command::Act(action),
        Takes::Alone(Alone::Answer) => Command::Answer,
        Takes::Alone(Alone::New) => Command::New,
        Takes::Alone(Alone::Clear) => Command::Clear,
        Takes::Alone(Alone::Cost) => Command::Cost,
        Takes::Voice | Takes::Speed if bare => Command::Act(Action::Open(PanelKind::Voice)),
        Takes::Device if bare => Command::Act(Action::Open(PanelKind::Devices)),
        Takes::Setting if bare => Command::Act(Action::Open(PanelKind::Settings)),
        Takes::Setting => {
            let (name, value) = argument.split_once([' ', '=']).ok_or_else(wrong)?;
            let value = value.trim_start_matches([' ', '=']).trim();
            Command::Set(name.to_owned(), unquoted(value).to_owned())
        }
        Takes::Text => Command::Set("instructions".to_owned(), unquoted(argument).to_owned()),
        Takes::Switch if bare => Command::Mute(None),
        Takes::Switch => Command::Mute(Some(switch(argument).ok_or_else(wrong)?)),
        Takes::Mode => Command::Mode(word(&MODES, argument).ok_or_else(wrong)?),
        Takes::Echo => Command::Echo(word(&ECHO, argument).ok_or_else(wrong)?),
        Takes::Voice => Command::Voice(argument.to_owned()),
        Takes::Speed => Command::Speed(number(argument, 0.25, 1.5).ok_or_else(wrong)?),
        Takes::Volume => {
            let percent = argument.trim_end_matches('%').trim_end();
            Command::Volume(number(percent, 0.0, 200.0).ok_or_else(wrong)?.round() as u16)
        }
        Takes::Budget => {
            let dollars = argument.trim_start_matches('$');
            Command::Budget(number(dollars, 0.0, 10_000.0).ok_or_else(wrong)?)
        }
        Takes::Device => {
            let (side, name) = argument.split_once(char::is_whitespace).ok_or_else(wrong)?;
            let name = Some(name.trim()).filter(|name| !name.is_empty()).ok_or_else(wrong)?;
            Command::Device(word(&SIDES, side).ok_or_else(wrong)?, name.to_owned())
        }
        Takes::File => {
            let lower = argument.to_lowercase();
            let format = FORMATS.iter().find(|(end, _)| lower.ends_with(end) && lower.len() > end.len());
            Command::Export(argument.to_owned(), format.ok_or_else(wrong)?.1)
        }
    })
}

fn expected(spec: &Spec) -> &'static str {
    match spec.takes {
        Takes::Nothing(_) | Takes::Alone(_) => "nothing else",
        Takes::Switch => "`on` or `off`, or nothing to change over",
        Takes::Mode => "`vad` or `ptt`",
        Takes::Voice => "the name of a voice",
        Takes::Speed => "a number from 0.25 to 1.5",
        Takes::Volume => "a number from 0 to 200",
        Takes::Budget => "an amount in dollars",
        Takes::Device => "`in` or `out` and the name of a device, or `default`",
        Takes::Echo => "`auto`, `aec`, `gate`, `half` or `off`",
        Takes::Setting => "the name of a setting and its value",
        Takes::Text => "a text",
        Takes::File => "the name of a file that ends in .md, .json or .srt",
    }
}

/// Values may be written as the settings file has them.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

fn switch(text: &str) -> Option<bool> {
    word(&[("on", true), ("off", false)], text)
}

fn word<T: Copy>(words: &[(&str, T)], text: &str) -> Option<T> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

fn number(text: &str, least: f64, most: f64) -> Option<f64> {
    text.replace(',', ".").parse().ok().filter(|number| (least..=most).contains(number))
}

/// What the line may become, the likeliest first; a finished one is what it is.
pub fn candidates(line: &str, known: &Known) -> Vec<Candidate> {
    let Some(rest) = line.strip_prefix('/').filter(|rest| !rest.starts_with('/')) else { return Vec::new() };
    if line.contains('\n') {
        return Vec::new();
    }
    let Some((name, argument)) = rest.split_once(' ') else { return names(rest) };
    let Some(spec) = find(name) else { return Vec::new() };
    let argument = argument.trim_start();
    let values = values(spec, argument, known);
    let begun = argument.to_lowercase();
    let fitting = values.into_iter().filter(|value| value.to_lowercase().starts_with(&begun));
    let found: Vec<_> = fitting.map(|value| argument_candidate(spec, &value)).collect();
    if found.is_empty() && spec.needs_more() {
        // Nothing to choose from, but a word on what is expected.
        return vec![Candidate { line: line.to_owned(), shown: spec.usage(), help: spec.help }];
    }
    found
}

fn names(begun: &str) -> Vec<Candidate> {
    let begun = begun.to_lowercase();
    let fitting = COMMANDS.iter().filter(|spec| spec.name.starts_with(&begun));
    let candidate = |spec: &Spec| {
        let more = if spec.needs_more() { " " } else { "" };
        Candidate { line: format!("/{}{more}", spec.name), shown: spec.usage(), help: spec.help }
    };
    fitting.map(candidate).collect()
}

fn argument_candidate(spec: &Spec, value: &str) -> Candidate {
    let line = format!("/{} {value}", spec.name);
    Candidate { shown: line.trim_end().to_owned(), line, help: spec.help }
}

/// Everything that an argument can be; one that goes on ends with a space.
fn values(spec: &Spec, argument: &str, known: &Known) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match spec.takes {
        Takes::Nothing(_) | Takes::Alone(_) | Takes::File | Takes::Budget | Takes::Text => Vec::new(),
        Takes::Setting => settings(argument, known),
        Takes::Switch => words(&["on", "off"]),
        Takes::Mode => words(&MODES.map(|(word, _)| word)),
        Takes::Echo => words(&ECHO.map(|(word, _)| word)),
        Takes::Voice => known.voices.iter().map(ToString::to_string).collect(),
        Takes::Speed => words(&SPEEDS),
        Takes::Volume => words(&VOLUMES),
        Takes::Device => {
            let side = argument.split_once(' ').and_then(|(side, _)| word(&SIDES, side));
            let (side, names) = match side {
                None => return words(&["in ", "out "]),
                Some(Side::In) => ("in", &known.microphones),
                Some(Side::Out) => ("out", &known.speakers),
            };
            let default = Clean::line("default");
            std::iter::once(&default).chain(names).map(|name| format!("{side} {name}")).collect()
        }
    }
}

/// The names, and behind a name its values.
fn settings(argument: &str, known: &Known) -> Vec<String> {
    match argument.split_once(' ') {
        None => known.settings.iter().map(|(name, _)| format!("{name} ")).collect(),
        Some((name, _)) => {
            let values = known.settings.iter().find(|(known, _)| *known == name).map(|(_, values)| values);
            values.into_iter().flatten().map(|value| format!("{name} {value}")).collect()
        }
    }
}

/// The line as Tab makes it: as far as all candidates agree, else the first of them. `None` when there is nothing to add.
pub fn completed(line: &str, known: &Known) -> Option<String> {
    let candidates = candidates(line, known);
    let first = candidates.first()?;
    let agreed = candidates.iter().skip(1).fold(first.line.as_str(), |agreed, c| common(agreed, &c.line));
    let next = if agreed.chars().count() > line.chars().count() { agreed } else { &first.line };
    (next != line).then(|| next.to_owned())
}

/// What both begin with.
fn common<'a>(a: &'a str, b: &str) -> &'a str {
    let end = a.char_indices().zip(b.chars()).find(|((_, x), y)| x != y);
    let shorter = a.char_indices().nth(b.chars().count()).map_or(a.len(), |(at, _)| at);
    &a[..end.map_or(shorter, |((at, _), _)| at)]
}

#[cfg(test)]
mod tests;
