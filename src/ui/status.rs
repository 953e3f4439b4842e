//! The one-line parts: header, state, footer. What matters most stays when there is no room.

use ratatui::text::{Line, Span};

use super::keymap::{Action, Focus};
use super::theme::Role;
use super::view::{Connection, Ears, Echo, Mode, Turn, View};
use super::{calls, meter, talk_words, tasks, wrap};

/// Columns of the state's word and of the microphone's, so that the meters stay where they are.
const STATE: usize = 14;
const EARS: usize = 8;
/// Columns of a name in the header.
const NAME: usize = 32;

/// A part of a line; it goes before those with a lower rank when there is no room.
struct Item {
    rank: u8,
    spans: Vec<Span<'static>>,
}

/// Connection, mode, server, model, costs and troubles; the tasks too when they have no pane.
pub(crate) fn header(view: &View, with_tasks: bool, width: usize) -> Line<'static> {
    let style = |role| view.theme.style(role);
    let (symbol, word, role) = connection(view.connection);
    let item = |rank, text: String, role| Item { rank, spans: vec![Span::styled(text, style(role))] };
    let mut items = vec![item(0, format!("{symbol} {word}"), role)];
    if view.recorded {
        items.push(item(0, "● recording".to_owned(), Role::Error));
    }
    items.push(item(3, mode_word(view.mode).to_owned(), Role::Text));
    let names = [(4, &view.model), (6, &view.server)];
    let named = names.into_iter().filter(|(_, name)| !name.is_empty());
    items.extend(named.map(|(rank, name)| item(rank, wrap::fit(name.as_str(), NAME), Role::Text)));
    if with_tasks {
        items.push(item(2, format!("tasks: {}", tasks::summary(&view.tasks)), Role::Text));
    }
    items.extend(echo_word(view).map(|word| item(5, word.to_owned(), Role::Dim)));
    items.extend(latency(view).map(|latency| item(5, latency, Role::Dim)));
    let tokens = view.usage.input_tokens.saturating_add(view.usage.output_tokens);
    if tokens > 0 {
        items.push(item(5, format!("{} tokens", count(tokens)), Role::Dim));
    }
    items.extend(view.cost.as_ref().map(|cost| item(4, cost.as_str().to_owned(), Role::Dim)));
    let underruns = if view.counters.underruns == 1 { "underrun" } else { "underruns" };
    let troubles = [(view.counters.dropped_frames, "dropped"), (view.counters.underruns, underruns)];
    let troubles = troubles.into_iter().filter(|(number, _)| *number > 0);
    items.extend(troubles.map(|(number, what)| item(1, format!("{} {what}", count(number)), Role::Warn)));
    pack(items, " · ", width)
}

/// `430 ms (25 ms ours)`
fn latency(view: &View) -> Option<String> {
    let all = calls::duration(view.latency?);
    Some(match view.own_latency {
        Some(own) => format!("{all} ({} ours)", calls::duration(own)),
        None => all,
    })
}

/// Whose turn it is, the meters, what the microphone is to us, and whether the server hears speech.
pub(crate) fn state(view: &View, width: usize) -> Line<'static> {
    let style = |role| view.theme.style(role);
    let (word, role) = state_word(view);
    let word = format!("{word:<STATE$}");
    let mut items = vec![Item { rank: 0, spans: vec![Span::styled(word, style(role))] }];
    if view.mode != Mode::TextOnly {
        items.push(Item { rank: 1, spans: microphone(view) });
        let (word, role) = ears_word(view);
        items.push(Item { rank: 3, spans: vec![Span::styled(format!("{word:<EARS$}"), style(role))] });
        let mut speaker = vec![Span::styled("spk ", style(Role::Dim))];
        speaker.extend(meter::spans(view.speaker, view));
        items.push(Item { rank: 3, spans: speaker });
    }
    if let Connection::Resting { over_budget } = view.connection {
        let how = match view.mode {
            _ if over_budget => "the budget is spent: /budget goes on",
            Mode::Vad => "speak or press a key",
            Mode::PushToTalk | Mode::TextOnly => "press a key",
        };
        items.push(Item { rank: 0, spans: vec![Span::styled(how, style(Role::Text))] });
    }
    items.extend(talk_words::hint(view).map(|(hint, role)| {
        let rank = if view.turn == Turn::HearingYou { 0 } else { 2 };
        Item { rank, spans: vec![Span::styled(hint, style(role))] }
    }));
    items.extend(view.volume.map(|percent| {
        let text = format!("volume {percent} %");
        Item { rank: 1, spans: vec![Span::styled(text, style(Role::Text))] }
    }));
    if view.server_hears {
        items.push(Item { rank: 4, spans: vec![Span::styled("server hears", style(Role::Good))] });
    }
    pack(items, "  ", width)
}

/// The level, or in its place why there is none.
fn microphone(view: &View) -> Vec<Span<'static>> {
    let mut spans = vec![Span::styled("mic ", view.theme.style(Role::Dim))];
    let nothing = match view.ears {
        _ if view.muted => Some("muted"),
        Ears::Silent => Some("silent"),
        Ears::Missing => Some("none"),
        Ears::Shut | Ears::Open | Ears::Voice => None,
    };
    match nothing {
        Some(word) => {
            let word = format!("{word:<width$}", width = meter::STEPS.into());
            spans.push(Span::styled(word, view.theme.style(Role::Warn)));
        }
        None => spans.extend(meter::spans(view.mic, view)),
    }
    spans
}

/// Our own side: what is done with the microphone's sound, whatever the server makes of it.
fn ears_word(view: &View) -> (&'static str, Role) {
    match view.ears {
        _ if view.muted => ("", Role::Text),
        Ears::Silent | Ears::Missing => ("", Role::Text),
        Ears::Shut => ("shut", Role::Dim),
        Ears::Open | Ears::Voice if view.mic.clipped => ("too loud", Role::Warn),
        Ears::Open => ("open", Role::Good),
        Ears::Voice => ("voice", Role::Good),
    }
}

/// The keys that do something now.
pub(crate) fn footer(view: &View, width: usize) -> Line<'static> {
    if !view.caption.is_empty() {
        let caption = wrap::fit(view.caption.as_str(), width.saturating_sub(1));
        return Line::styled(format!(" {caption}"), view.theme.style(Role::Key));
    }
    if !view.note.is_empty() {
        let note = wrap::fit(view.note.as_str(), width.saturating_sub(1));
        return Line::styled(format!(" {note}"), view.theme.style(Role::Text));
    }
    let focus = view.focus();
    let bindings = view.keymap.bindings().iter().filter(|binding| binding.focus.contains(&focus));
    let silent = view.mode == Mode::TextOnly;
    let of_sound = |action| matches!(action, Action::ToggleMode | Action::Mute);
    let bindings = bindings.filter(|binding| !(silent && of_sound(binding.action)));
    let own = view.panel.as_ref().filter(|_| focus == Focus::Panel).map_or(&[][..], |p| p.kind.keys());
    let items = bindings.filter_map(|binding| {
        let ((rank, label), chord) = binding.footer.zip(binding.chords.first())?;
        Some(key(view, rank, chord.to_string(), label))
    });
    let own = own.iter().map(|(name, label)| key(view, 1, (*name).to_owned(), label));
    pack(own.chain(items).collect(), "  ", width)
}

fn key(view: &View, rank: u8, name: String, label: &str) -> Item {
    let name = Span::styled(name, view.theme.style(Role::Key));
    Item { rank, spans: vec![name, Span::styled(format!(" {label}"), view.theme.style(Role::Dim))] }
}

/// In place of the input line: whether a long text is to be inserted.
pub(crate) fn paste_question(view: &View, bytes: usize, width: usize) -> Line<'static> {
    let key = |action| view.keymap.key(Focus::Paste, action).unwrap_or_default();
    let (insert, drop) = (key(Action::PasteInsert), key(Action::PasteDrop));
    let question = format!("{insert} inserts {} kB, {drop} drops it", bytes.div_ceil(1000));
    let spans = vec![Span::styled(question, view.theme.style(Role::Warn))];
    pack(vec![Item { rank: 0, spans }], "", width)
}

/// Symbol and word of the state: the turn's, or the connection's while nothing else can happen.
pub(crate) fn state_word(view: &View) -> (String, Role) {
    let waits = matches!(view.turn, Turn::Idle | Turn::Listening) && view.connection != Connection::Online;
    if waits {
        let (symbol, word, role) = connection(view.connection);
        return (format!("{symbol} {word}"), role);
    }
    // Nobody can be listened to without a microphone.
    let deaf = view.turn == Turn::Listening && view.ears == Ears::Missing;
    let shown = if deaf { Turn::Idle } else { view.turn };
    let (symbol, role) = turn(shown);
    let word = match shown {
        Turn::Idle => "idle",
        Turn::Listening => "listening",
        Turn::HearingYou => "hearing you",
        Turn::Thinking => "thinking",
        Turn::Asked => "yes or no",
        Turn::Speaking => "speaking",
        Turn::Interrupted => "interrupted",
        Turn::Muted => "muted",
        Turn::Held => "held",
    };
    (format!("{symbol} {word}"), role)
}

fn turn(turn: Turn) -> (&'static str, Role) {
    match turn {
        Turn::Idle => ("○", Role::Text),
        Turn::Listening => ("◉", Role::Good),
        Turn::HearingYou => ("●", Role::Good),
        Turn::Thinking => ("◌", Role::Busy),
        Turn::Asked => ("?", Role::Warn),
        Turn::Speaking => ("▶", Role::Assistant),
        Turn::Interrupted => ("■", Role::Warn),
        Turn::Muted => ("✕", Role::Warn),
        Turn::Held => ("‖", Role::Text),
    }
}

fn connection(connection: Connection) -> (&'static str, String, Role) {
    match connection {
        Connection::Connecting => ("◌", "connecting".to_owned(), Role::Busy),
        Connection::Online => ("●", "online".to_owned(), Role::Good),
        Connection::Reconnecting { in_s: 0 } => ("◌", "reconnecting".to_owned(), Role::Busy),
        Connection::Reconnecting { in_s } => ("◌", format!("reconnecting in {in_s} s"), Role::Busy),
        Connection::Resting { .. } => ("‖", "resting".to_owned(), Role::Text),
        Connection::Offline => ("✕", "offline".to_owned(), Role::Error),
    }
}

fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Vad => "voice",
        Mode::PushToTalk => "push-to-talk",
        Mode::TextOnly => "text only",
    }
}

fn echo_word(view: &View) -> Option<&'static str> {
    Some(match view.echo {
        Echo::Off => return None,
        Echo::Learning if view.ears == Ears::Missing => return None,
        Echo::System => "echo: system",
        Echo::Learning => "echo: learning",
        Echo::Cancelled => "echo: cancelled",
        Echo::Gate => "echo: gate",
        Echo::HalfDuplex => "half-duplex",
    })
}

/// `950`, `12.3k`, `4.5M`
fn count(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        1000..999_950 => format!("{:.1}k", number as f64 / 1e3),
        _ => format!("{:.1}M", number as f64 / 1e6),
    }
}

/// As many items as fit, in their order, after one space.
fn pack(items: Vec<Item>, separator: &'static str, width: usize) -> Line<'static> {
    let mut ranked: Vec<usize> = (0..items.len()).collect();
    ranked.sort_by_key(|&index| items[index].rank);
    let mut used = 1;
    let mut shown = vec![false; items.len()];
    for index in ranked {
        let gap = if used == 1 { 0 } else { wrap::width(separator) };
        let needed = gap + items[index].spans.iter().map(|span| wrap::width(&span.content)).sum::<usize>();
        if used + needed <= width {
            used += needed;
            shown[index] = true;
        }
    }
    let mut spans = vec![Span::raw(" ")];
    for (item, _) in items.into_iter().zip(shown).filter(|(_, shown)| *shown) {
        if spans.len() > 1 {
            spans.push(Span::raw(separator));
        }
        spans.extend(item.spans);
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests;
