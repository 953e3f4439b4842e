//! `realtime-cli replay`: on a terminal the screen as it was, elsewhere the lines of the conversation.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args as ClapArgs;

use super::{Player, Recording};
use crate::app::Msg;
use crate::cli::Exit;
use crate::config::Config;
use crate::text::Clean;
use crate::ui::keymap::Action;
use crate::ui::keymap::replay::{HINT, ReplayKey};
use crate::ui::line::{Format, Printer};
use crate::ui::scroll::ScrollStep;
use crate::ui::terminal::{self, TerminalFrontend};
use crate::ui::{Frontend as _, UserEvent};
use crate::{Failure, chat, kept};

/// The screen is drawn no more often.
const FRAME: Duration = Duration::from_millis(33);
/// The clock in the caption goes on, whatever happens.
const TICK: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, PartialEq, ClapArgs)]
pub struct ReplayArgs {
    /// The log of a session, as `--log` writes it
    #[arg(value_name = "FILE", required_unless_present = "last")]
    pub file: Option<PathBuf>,
    /// The newest log that `log.sessions` has kept
    #[arg(long, conflicts_with = "file")]
    pub last: bool,
    /// How fast: 2 is twice as fast; `max` shows the end at once
    #[arg(long, default_value = "1", value_parser = speed, value_name = "NUMBER")]
    pub speed: Speed,
    /// As `--speed max`
    #[arg(long)]
    pub instant: bool,
    /// Print the lines of the conversation instead of showing the screen
    #[arg(long)]
    pub text: bool,
    /// The same as JSON lines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    Times(f64),
    Max,
}

fn speed(text: &str) -> Result<Speed, String> {
    match text.parse::<f64>() {
        _ if text == "max" => Ok(Speed::Max),
        Ok(times) if (0.01..=1000.0).contains(&times) => Ok(Speed::Times(times)),
        _ => Err("a speed is a number from 0.01 to 1000, or `max`".to_owned()),
    }
}

pub fn run(args: &ReplayArgs, config: &Config) -> Result<Exit, Failure> {
    let path = match &args.file {
        Some(path) => path.clone(),
        None => kept::newest_log(&config.paths).ok_or_else(|| {
            let why = "no log of a session is kept; `--log FILE` writes one, `log.sessions = true` all";
            Failure::new(Exit::NotFound, anyhow::anyhow!(why))
        })?,
    };
    let recording = read(&path)?;
    let printer = |format| Printer::new(format, &recording.warnings);
    let screen = terminal::available(std::env::var("TERM").ok().as_deref()) && !args.text && !args.json;
    let base = now();
    if !screen {
        let mut printer = printer(if args.json { Format::Json } else { Format::Plain });
        let mut player = Player::new(recording.head, recording.events, chat::theme(config), base);
        for line in player.finish() {
            printer.print(&line)?;
        }
        return Ok(Exit::Ok);
    }
    let player = Player::new(recording.head, recording.events, chat::theme(config), base);
    let speed = if args.instant { Speed::Max } else { args.speed };
    terminal::use_mouse(config.settings.ui.mouse);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let shown = runtime.block_on(async {
        let frontend = TerminalFrontend::new(chat::stderr_log(config).ok())?;
        Box::pin(Show::new(player, speed).run(frontend, recording.warnings.len())).await
    });
    shown?;
    let mut printer = Printer::new(Format::Plain, &[]);
    printer.warn(&recording.warnings);
    Ok(Exit::Ok)
}

/// Reads a log; a failure names it.
pub(crate) fn read(path: &std::path::Path) -> Result<Recording, Failure> {
    let named = |error: &dyn std::fmt::Display| {
        anyhow::anyhow!("cannot use `{}`: {error}", Clean::line(&path.display().to_string()))
    };
    let file = File::open(path).map_err(|error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        Failure::new(if missing { Exit::NotFound } else { Exit::Failure }, named(&error))
    })?;
    Recording::read(BufReader::new(file)).map_err(|error| Failure::new(Exit::Failure, named(&error)))
}

#[expect(clippy::disallowed_methods, reason = "who shows something over time reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// The screen over time.
struct Show {
    player: Player,
    speed: f64,
    /// Where in the session it was, and since when it goes on from there; `None` while it pauses.
    position: Duration,
    since: Option<Instant>,
}

enum Next {
    Stay,
    Leave,
}

impl Show {
    fn new(player: Player, speed: Speed) -> Self {
        let mut show = Self { player, speed: 1.0, position: Duration::ZERO, since: Some(now()) };
        match speed {
            Speed::Times(times) => show.speed = times,
            Speed::Max => show.jump_to_end(),
        }
        show
    }

    async fn run(mut self, mut frontend: TerminalFrontend, left_out: usize) -> io::Result<()> {
        loop {
            let at = self.position();
            while self.player.next_at().is_some_and(|next| next <= at) {
                self.player.step();
            }
            if self.player.next_at().is_none() {
                self.stay_at(self.player.length());
            }
            let caption = self.caption(left_out);
            frontend.render(self.player.view(at, &caption))?;
            let wake = tokio::time::Instant::from_std(now() + self.rest());
            tokio::select! {
                event = frontend.next() => match self.user(&event) {
                    Next::Stay => {}
                    Next::Leave => return Ok(()),
                },
                () = tokio::time::sleep_until(wake) => {}
            }
        }
    }

    fn position(&self) -> Duration {
        match self.since {
            Some(since) => self.position + now().saturating_duration_since(since).mul_f64(self.speed),
            None => self.position,
        }
    }

    /// How long the screen stays as it is.
    fn rest(&self) -> Duration {
        let Some(next) = self.player.next_at().filter(|_| self.since.is_some()) else { return TICK };
        next.saturating_sub(self.position()).div_f64(self.speed).clamp(FRAME, TICK)
    }

    fn stay_at(&mut self, position: Duration) {
        (self.position, self.since) = (position, None);
    }

    fn jump_to_end(&mut self) {
        self.player.finish();
        self.stay_at(self.player.length());
    }

    fn toggle_pause(&mut self) {
        match self.since {
            Some(_) => self.stay_at(self.position()),
            None if self.player.next_at().is_some() => self.since = Some(now()),
            None => {}
        }
    }

    fn change_speed(&mut self, factor: f64) {
        self.position = self.position();
        self.since = self.since.map(|_| now());
        self.speed = (self.speed * factor).clamp(0.01, 1000.0);
    }

    fn user(&mut self, event: &UserEvent) -> Next {
        match event {
            UserEvent::Key(key) => return self.key(ReplayKey::of(*key)),
            UserEvent::Wheel(step) => self.scroll(*step),
            UserEvent::Resize { columns, rows } => {
                self.player.tell(Msg::Resize { columns: *columns, rows: *rows });
            }
            UserEvent::Eof | UserEvent::Failed(_) => return Next::Leave,
            UserEvent::Paste(_) | UserEvent::FocusLost | UserEvent::Keyboard { .. } | UserEvent::Line(_) => {}
        }
        Next::Stay
    }

    fn key(&mut self, key: Option<ReplayKey>) -> Next {
        match key {
            Some(ReplayKey::Quit) => return Next::Leave,
            Some(ReplayKey::Pause) => self.toggle_pause(),
            Some(ReplayKey::Faster) => self.change_speed(2.0),
            Some(ReplayKey::Slower) => self.change_speed(0.5),
            Some(ReplayKey::End) => self.jump_to_end(),
            Some(ReplayKey::Scroll(step)) => self.scroll(step),
            None => {}
        }
        Next::Stay
    }

    fn scroll(&mut self, step: ScrollStep) {
        self.player.tell(Msg::Action(Action::Scroll(step)));
    }

    fn caption(&self, left_out: usize) -> String {
        let at = self.position().min(self.player.length());
        let state = match self.since {
            _ if self.player.next_at().is_none() => "the end".to_owned(),
            None => "paused".to_owned(),
            Some(_) => format!("{}x", self.speed),
        };
        let damage = match left_out {
            0 => String::new(),
            n => format!(" · {n} warnings, told at the end"),
        };
        format!("replay {} of {} · {state}{damage} · {HINT}", clock(at), clock(self.player.length()))
    }
}

/// `1:05`
fn clock(at: Duration) -> String {
    format!("{}:{:02}", at.as_secs() / 60, at.as_secs() % 60)
}
