//! Other keys for the actions, as the settings name both.

use crossterm::event::{KeyCode, KeyModifiers};

use super::super::find::FindStep;
use super::super::panels::PanelKind;
use super::super::scroll::ScrollStep;
use super::{Action, Chord, Focus, Keymap, char, ctrl};

/// The actions that can have other keys.
pub const NAMES: &[(&str, Action)] = &[
    ("talk", Action::TalkToggle),
    ("send", Action::Submit),
    ("stop", Action::Interrupt),
    ("mode", Action::ToggleMode),
    ("mute", Action::Mute),
    ("undo", Action::Undo),
    ("help", Action::Help),
    ("page_up", Action::Scroll(ScrollStep::PageUp)),
    ("page_down", Action::Scroll(ScrollStep::PageDown)),
    ("line_up", Action::Scroll(ScrollStep::Up)),
    ("line_down", Action::Scroll(ScrollStep::Down)),
    ("top", Action::Scroll(ScrollStep::Top)),
    ("bottom", Action::Scroll(ScrollStep::Bottom)),
    ("find", Action::Find(FindStep::Toggle)),
    ("copy", Action::Copy),
    ("devices", Action::Open(PanelKind::Devices)),
    ("voice", Action::Open(PanelKind::Voice)),
    ("settings", Action::Open(PanelKind::Settings)),
    ("log", Action::Open(PanelKind::Log)),
    ("louder", Action::Volume(1)),
    ("softer", Action::Volume(-1)),
    ("redraw", Action::Redraw),
    ("suspend", Action::Suspend),
    ("quit", Action::Quit),
];

const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("comma", KeyCode::Char(',')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
];

impl Keymap {
    /// Gives each named action the keys that `settings` say, names and keys divided by commas. What cannot be
    /// heeded leaves the keys as they are; the answer tells why, in words.
    pub fn rebind<'a>(&mut self, settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut given: Vec<(Chord, &str)> = Vec::new();
        for (name, keys) in settings {
            let chords = match self.chords_for(name, keys) {
                Ok(Some((binding, chords))) => {
                    self.give(binding, &chords);
                    chords
                }
                Ok(None) => continue,
                Err(why) => {
                    warnings.push(format!("`keys.{name}` is not heeded: {why}"));
                    continue;
                }
            };
            for chord in chords {
                if let Some((_, other)) = given.iter().find(|(taken, _)| *taken == chord) {
                    warnings.push(format!("{chord} is set for both `{other}` and `{name}`; it is `{name}`"));
                }
                given.push((chord, name));
            }
        }
        warnings.extend(self.left_without(&given));
        warnings
    }

    /// The place of the action's binding, and its new keys; `None` when nothing changes.
    fn chords_for(&self, name: &str, keys: &str) -> Result<Option<(usize, Vec<Chord>)>, String> {
        let binding =
            place(self, name).ok_or_else(|| format!("there is no such action; there are {}", names()))?;
        let words = keys.split(',').map(str::trim).filter(|word| !word.is_empty());
        let chords = words.map(parse).collect::<Result<Vec<_>, _>>()?;
        let bound = &self.bindings[binding];
        if bound.chords == chords {
            return Ok(None);
        }
        if bound.action != Action::Quit && chords.contains(&ctrl('c')) {
            return Err("Ctrl-C always quits".to_owned());
        }
        let typed = |chord: &&Chord| matches!(chord.code, KeyCode::Char(_)) && chord.modifiers.is_empty();
        if bound.focus.contains(&Focus::Line)
            && let Some(chord) = chords.iter().find(typed)
        {
            return Err(format!("{chord} is for typing; add ctrl- or alt-, or take a function key"));
        }
        if bound.action == Action::Quit && chords.is_empty() {
            return Err("there must be a way out".to_owned());
        }
        Ok(Some((binding, chords)))
    }

    /// The keys do this from now on, also where the old ones did it, and nothing else.
    fn give(&mut self, place: usize, chords: &[Chord]) {
        let (action, focus) = (self.bindings[place].action, self.bindings[place].focus);
        let old = std::mem::replace(&mut self.bindings[place].chords, chords.to_vec());
        for (index, binding) in self.bindings.iter_mut().enumerate().filter(|(index, _)| *index != place) {
            if binding.action == action && binding.chords.iter().any(|chord| old.contains(chord)) {
                binding.chords.retain(|chord| !old.contains(chord));
                binding.chords.extend_from_slice(chords);
            } else if index != place && binding.focus.iter().all(|f| focus.contains(f)) {
                binding.chords.retain(|chord| !chords.contains(chord));
            }
        }
    }

    /// Actions whose keys were all given to others.
    fn left_without<'a>(&'a self, given: &'a [(Chord, &str)]) -> impl Iterator<Item = String> + 'a {
        let default = Self::default();
        NAMES.iter().filter_map(move |(name, _)| {
            let index = place(self, name)?;
            let lost = default.bindings[index].chords.first()?;
            let (chord, taker) = given.iter().find(|(chord, taker)| chord == lost && taker != name)?;
            let bare = self.bindings[index].chords.is_empty();
            bare.then(|| format!("`{name}` has no key any more: {chord} is `{taker}` now"))
        })
    }
}

fn place(keymap: &Keymap, name: &str) -> Option<usize> {
    let (_, action) = NAMES.iter().find(|(known, _)| *known == name)?;
    keymap.bindings.iter().position(|binding| binding.action == *action && !binding.help.is_empty())
}

fn names() -> String {
    NAMES.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A key as people write it: `ctrl-t`, `F2`, `Alt-Enter`, `space`, `?`.
fn parse(text: &str) -> Result<Chord, String> {
    let wrong =
        || format!("`{text}` is no key; keys are like `space`, `f2`, `ctrl-t`, `alt-enter`, `shift-up`");
    let lower = text.to_lowercase();
    let mut name = lower.as_str();
    let mut modifiers = KeyModifiers::NONE;
    let prefixes =
        [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT), ("shift-", KeyModifiers::SHIFT)];
    while let Some((rest, modifier)) =
        prefixes.iter().find_map(|(prefix, modifier)| Some((name.strip_prefix(prefix)?, *modifier)))
    {
        name = rest;
        modifiers |= modifier;
    }
    if let Some((_, code)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Ok(Chord::new(modifiers, *code));
    }
    if let Some(number) = name.strip_prefix('f').and_then(|number| number.parse().ok()) {
        return if (1..=24).contains(&number) {
            Ok(Chord::new(modifiers, KeyCode::F(number)))
        } else {
            Err(wrong())
        };
    }
    // A capital letter is a key of its own; with a modifier it is the same as the small one.
    let name = if modifiers.is_empty() { text } else { name };
    let mut characters = name.chars();
    let (Some(c), None) = (characters.next(), characters.next()) else { return Err(wrong()) };
    if c.is_control() || modifiers.contains(KeyModifiers::SHIFT) {
        return Err(wrong());
    }
    if modifiers == KeyModifiers::CONTROL && matches!(c, 'm' | 'i' | '[') {
        return Err(format!("a terminal cannot tell {} from Enter, Tab or Esc", ctrl(c)));
    }
    Ok(if modifiers.is_empty() { char(c) } else { Chord::new(modifiers, KeyCode::Char(c)) })
}

#[cfg(test)]
mod tests;
