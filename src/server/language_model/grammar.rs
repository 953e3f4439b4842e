//! A small weighted grammar, its parser, and sentences drawn from it.
//!
//! The notation is described at the head of `assets/speech/phrases.txt`.

use std::collections::HashMap;

/// What the notation's `{*}` stands for.
const ANY: &str = "*";
const START: &str = "start";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrammarError {
    #[error("line {line}: {what}")]
    Syntax { line: usize, what: String },
    #[error("class `{0}` is used but not defined")]
    Undefined(String),
    #[error("class `{0}` contains itself")]
    Recursive(String),
    #[error("no words are given for `{{*}}`")]
    NoWords,
}

/// A parsed grammar; words are numbers, see [`Grammar::into_words`].
#[derive(Debug)]
pub struct Grammar {
    words: Words,
    classes: Vec<Choice>,
    start: usize,
    /// Common words, most frequent first, for `{*}`.
    any: Vec<u32>,
}

#[derive(Debug)]
enum Part {
    Word(u32),
    Class(usize),
    Any,
    Seq(Vec<Part>),
    Choice(Choice),
}

#[derive(Debug, Default)]
struct Choice {
    /// Each with the sum of the weights up to and with it.
    alternatives: Vec<(f32, Part)>,
}

impl Choice {
    fn add(&mut self, weight: f32, part: Part) {
        let before = self.alternatives.last().map_or(0.0, |(sum, _)| *sum);
        self.alternatives.push((before + weight, part));
    }

    fn draw(&self, random: &mut fastrand::Rng) -> Option<&Part> {
        let total = self.alternatives.last()?.0;
        let point = random.f32() * total;
        let index = self.alternatives.partition_point(|(sum, _)| *sum <= point);
        self.alternatives.get(index.min(self.alternatives.len() - 1)).map(|(_, part)| part)
    }
}

#[derive(Debug, Default)]
struct Words {
    list: Vec<String>,
    ids: HashMap<String, u32>,
}

impl Words {
    fn id(&mut self, word: &str) -> u32 {
        if let Some(&id) = self.ids.get(word) {
            return id;
        }
        let id = self.list.len() as u32;
        self.list.push(word.to_owned());
        self.ids.insert(word.to_owned(), id);
        id
    }
}

impl Grammar {
    /// `any` are the words of `{*}`, most frequent first.
    pub fn parse(text: &str, any: &[&str]) -> Result<Self, GrammarError> {
        let mut parser = Parser::default();
        for (index, line) in text.lines().enumerate() {
            let line_text = line.split('#').next().unwrap_or_default().trim();
            if !line_text.is_empty() {
                parser.line(line_text).map_err(|what| GrammarError::Syntax { line: index + 1, what })?;
            }
        }
        let any: Vec<u32> = any.iter().map(|word| parser.words.id(word)).collect();
        if any.is_empty() && parser.uses_any {
            return Err(GrammarError::NoWords);
        }
        let start = parser.class(START);
        if let Some(undefined) = parser.classes.iter().position(|c| c.alternatives.is_empty()) {
            return Err(GrammarError::Undefined(parser.name_of(undefined)));
        }
        if let Some(class) = first_recursive(&parser.classes) {
            return Err(GrammarError::Recursive(parser.name_of(class)));
        }
        Ok(Self { words: parser.words, classes: parser.classes, start, any })
    }

    /// Appends one sentence, drawn by the weights.
    pub fn sample(&self, random: &mut fastrand::Rng, out: &mut Vec<u32>) {
        self.expand(&self.classes[self.start], random, out);
    }

    /// All words, those of the phrases and the common ones; the index is the number that sentences have.
    pub fn into_words(self) -> Vec<String> {
        self.words.list
    }

    fn expand(&self, choice: &Choice, random: &mut fastrand::Rng, out: &mut Vec<u32>) {
        if let Some(part) = choice.draw(random) {
            self.expand_part(part, random, out);
        }
    }

    fn expand_part(&self, part: &Part, random: &mut fastrand::Rng, out: &mut Vec<u32>) {
        match part {
            Part::Word(id) => out.push(*id),
            Part::Class(class) => self.expand(&self.classes[*class], random, out),
            Part::Any => out.push(self.any[draw_rank(self.any.len(), random)]),
            Part::Seq(parts) => parts.iter().for_each(|part| self.expand_part(part, random, out)),
            Part::Choice(choice) => self.expand(choice, random, out),
        }
    }
}

/// A rank by a flattened Zipf law, its weight about 1 / (rank + 100): rare words are titles too.
fn draw_rank(len: usize, random: &mut fastrand::Rng) -> usize {
    let (low, high) = (100.0_f32, 100.0 + len as f32);
    let rank = low * (high / low).powf(random.f32()) - low;
    (rank as usize).min(len - 1)
}

/// A class from which it is itself reached.
fn first_recursive(classes: &[Choice]) -> Option<usize> {
    let mut uses = vec![Vec::new(); classes.len()];
    for (index, class) in classes.iter().enumerate() {
        collect_classes(class, &mut uses[index]);
    }
    (0..classes.len()).find(|&class| {
        let (mut seen, mut open) = (vec![false; classes.len()], uses[class].clone());
        while let Some(next) = open.pop() {
            if !std::mem::replace(&mut seen[next], true) {
                open.extend(&uses[next]);
            }
        }
        seen[class]
    })
}

fn collect_classes(choice: &Choice, out: &mut Vec<usize>) {
    fn part_classes(part: &Part, out: &mut Vec<usize>) {
        match part {
            Part::Class(class) => out.push(*class),
            Part::Seq(parts) => parts.iter().for_each(|part| part_classes(part, out)),
            Part::Choice(choice) => collect_classes(choice, out),
            Part::Word(_) | Part::Any => {}
        }
    }
    choice.alternatives.iter().for_each(|(_, part)| part_classes(part, out));
}

#[derive(Default)]
struct Parser {
    words: Words,
    names: HashMap<String, usize>,
    classes: Vec<Choice>,
    uses_any: bool,
}

impl Parser {
    fn class(&mut self, name: &str) -> usize {
        if let Some(&class) = self.names.get(name) {
            return class;
        }
        self.classes.push(Choice::default());
        self.names.insert(name.to_owned(), self.classes.len() - 1);
        self.classes.len() - 1
    }

    fn name_of(&self, class: usize) -> String {
        self.names.iter().find(|(_, c)| **c == class).map(|(name, _)| name.clone()).unwrap_or_default()
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let (name, rule) = line.split_once('=').ok_or("expected `name = words`")?;
        let tokens = tokenize(rule);
        let mut rest = tokens.as_slice();
        let choice = self.choice(&mut rest)?;
        if let Some(token) = rest.first() {
            return Err(format!("unexpected `{token}`"));
        }
        let class = self.class(name.trim());
        let mut before = 0.0;
        for (sum, part) in choice.alternatives {
            self.classes[class].add(sum - before, part);
            before = sum;
        }
        Ok(())
    }

    fn choice(&mut self, rest: &mut &[String]) -> Result<Choice, String> {
        let mut choice = Choice::default();
        loop {
            let weight = take_weight(rest);
            choice.add(weight, self.sequence(rest)?);
            match rest.split_first() {
                Some((token, tail)) if token == "|" => *rest = tail,
                _ => return Ok(choice),
            }
        }
    }

    fn sequence(&mut self, rest: &mut &[String]) -> Result<Part, String> {
        let mut parts = Vec::new();
        while let Some((token, tail)) = rest.split_first() {
            match token.as_str() {
                "|" | ")" | "]" => break,
                open @ ("(" | "[") => {
                    *rest = tail;
                    let mut choice = self.choice(rest)?;
                    close(rest, if open == "(" { ")" } else { "]" })?;
                    if open == "[" {
                        let weight = choice.alternatives.last().map_or(1.0, |(sum, _)| *sum);
                        choice.add(weight, Part::Seq(Vec::new()));
                    }
                    parts.push(Part::Choice(choice));
                    continue;
                }
                word => parts.push(self.leaf(word)),
            }
            *rest = tail;
        }
        if parts.is_empty() { Err("an alternative is empty".to_owned()) } else { Ok(Part::Seq(parts)) }
    }

    fn leaf(&mut self, token: &str) -> Part {
        match token.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(ANY) => {
                self.uses_any = true;
                Part::Any
            }
            Some(name) => Part::Class(self.class(name)),
            None => Part::Word(self.words.id(token)),
        }
    }
}

fn take_weight(rest: &mut &[String]) -> f32 {
    let Some((token, tail)) = rest.split_first() else { return 1.0 };
    let Some(weight) = token.strip_suffix('*').and_then(|number| number.parse::<f32>().ok()) else {
        return 1.0;
    };
    *rest = tail;
    weight.max(0.0)
}

fn close(rest: &mut &[String], bracket: &str) -> Result<(), String> {
    match rest.split_first() {
        Some((token, tail)) if token == bracket => {
            *rest = tail;
            Ok(())
        }
        _ => Err(format!("expected `{bracket}`")),
    }
}

/// Words, weights and `{class}` names as they stand; brackets and bars by themselves.
fn tokenize(rule: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(rule.len() * 2);
    for c in rule.chars() {
        if matches!(c, '(' | ')' | '[' | ']' | '|') {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}
