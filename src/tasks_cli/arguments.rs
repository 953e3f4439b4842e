//! The words of `realtime-cli tasks …`, and how they are explained.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use crate::tasks::filter::Scope;
use crate::tasks::interchange::Format;

const EXAMPLES: &str = "\
Examples:
  tasks add buy milk --due 'tomorrow at 5 pm' --priority high --tag shop
  tasks add water the plants --repeat 'every monday at 9' --remind '10 minutes before'
  tasks list --due week --project home
  tasks edit milk --due friday --priority none
  tasks done 3 5 7
  tasks undo 2
  tasks export tasks.ics";

/// A task: its number, the beginning of its uuid, or words of its title.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Which {
    /// Its number, the beginning of its uuid, or words of its title; several numbers are several tasks
    #[arg(required = true, value_name = "TASK")]
    pub tasks: Vec<String>,
    #[command(flatten)]
    pub form: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Form {
    /// Write one JSON value and nothing else
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum TasksCommand {
    /// List what is to be done, the most urgent first
    List(ListArgs),
    /// Find tasks by words of their title, notes, project or tags, also completed ones
    Search {
        /// Words in whatever form: `grocery` finds `groceries`
        #[arg(required = true, value_name = "WORDS")]
        words: Vec<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Show all there is to know about tasks
    Show(Which),
    /// Add a task
    Add {
        /// What is to be done
        #[arg(required = true, value_name = "TITLE")]
        title: Vec<String>,
        #[command(flatten)]
        properties: Properties,
        #[command(flatten)]
        form: Form,
    },
    /// Change tasks; `none` removes a property
    Edit {
        #[command(flatten)]
        which: Which,
        /// What is to be done
        #[arg(long)]
        title: Option<String>,
        /// A label to remove; may be given several times
        #[arg(long = "untag", value_name = "TAG")]
        untags: Vec<String>,
        #[command(flatten)]
        properties: Properties,
    },
    /// Mark tasks as done
    Done(Which),
    /// Make completed or deleted tasks pending again
    Reopen(Which),
    /// Delete tasks; `undo` brings them back
    Delete {
        #[command(flatten)]
        which: Which,
        /// Do not ask before several are deleted
        #[arg(long, short)]
        yes: bool,
    },
    /// Begin to work on tasks: their time counts from now on
    Start(Which),
    /// Stop working on tasks
    Stop(Which),
    /// Write something down about a task
    Note {
        /// Its number, the beginning of its uuid, or words of its title in quotes
        task: String,
        /// What to write down
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Take back the latest changes, whoever made them
    Undo {
        /// How many
        #[arg(default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
        count: u32,
        #[command(flatten)]
        form: Form,
    },
    /// Count what was done, and what is to be done
    Stats {
        /// Of the last seven days in place of today
        #[arg(long)]
        week: bool,
        #[command(flatten)]
        form: Form,
    },
    /// Write all tasks in the form of another program
    Export {
        /// The file to make, for you alone; standard output where none is named
        #[arg(value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
        /// What to write; from the file's ending where it is not said
        #[arg(long)]
        format: Option<Format>,
        /// Only what is to be done
        #[arg(long)]
        pending: bool,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        form: Form,
    },
    /// Take over the tasks of another program; one undo takes all of it back
    Import {
        /// The file to read; `-` is standard input
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// What it is; from the file's ending where it is not said
        #[arg(long)]
        format: Option<Format>,
        /// Leave out what cannot be read, in place of taking over nothing
        #[arg(long)]
        skip_bad: bool,
        #[command(flatten)]
        form: Form,
    },
    /// Bring the tasks to the same state as elsewhere, both ways; see docs/tasks.md
    Sync {
        #[command(flatten)]
        form: Form,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct ListArgs {
    /// Only what is due then: today, tomorrow, overdue, week, none, or a day such as friday
    #[arg(long, value_name = "WHEN")]
    pub due: Option<String>,
    /// Only this project and its parts
    #[arg(long)]
    pub project: Option<String>,
    /// Only with this label
    #[arg(long)]
    pub tag: Option<String>,
    /// Only with these words in the title, notes, project or tags
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Only of this status
    #[arg(long, conflicts_with = "all")]
    pub status: Option<ListStatus>,
    /// Also completed and deleted tasks
    #[arg(long)]
    pub all: bool,
    /// No more than so many
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<usize>,
    /// Which comes first
    #[arg(long, value_name = "ORDER", default_value = "urgency")]
    pub sort: Sort,
    #[command(flatten)]
    pub form: Form,
}

impl ListArgs {
    pub fn scope(&self) -> Scope {
        match self.status {
            None if self.all => Scope::All,
            None | Some(ListStatus::Pending) => Scope::Pending,
            Some(ListStatus::Waiting) => Scope::Waiting,
            Some(ListStatus::Completed) => Scope::Completed,
            Some(ListStatus::Deleted) => Scope::Deleted,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListStatus {
    Pending,
    /// Hidden until a later day
    Waiting,
    Completed,
    Deleted,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    #[default]
    Urgency,
    Number,
    Due,
    Priority,
    Project,
    Title,
    /// The latest first
    Created,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Properties {
    /// When it has to be done, in words (`tomorrow at 5 pm`, `friday`) or ISO 8601
    #[arg(long, value_name = "WHEN")]
    pub due: Option<String>,
    /// When to be reminded, or how long before it is due (`10 minutes before`)
    #[arg(long, value_name = "WHEN")]
    pub remind: Option<String>,
    /// Hide it until then
    #[arg(long, value_name = "WHEN")]
    pub wait: Option<String>,
    /// Not to be begun before
    #[arg(long, value_name = "WHEN")]
    pub scheduled: Option<String>,
    /// Of no use any more after that
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// How much it matters: high, medium, low
    #[arg(long, value_name = "PRIORITY")]
    pub priority: Option<String>,
    /// The project it belongs to; a dot for a part of one
    #[arg(long)]
    pub project: Option<String>,
    /// A label; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Something to write down about it
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// How often it comes again: `every monday at 9`, `daily`, `every 2 weeks`
    #[arg(long, value_name = "WORDS")]
    pub repeat: Option<String>,
    /// A task that has to be done before; may be given several times
    #[arg(long, value_name = "TASK")]
    pub depends: Vec<String>,
}

impl TasksCommand {
    pub fn is_json(&self) -> bool {
        match self {
            Self::List(list) => list.form.json,
            Self::Show(which) | Self::Done(which) | Self::Reopen(which) => which.form.json,
            Self::Start(which) | Self::Stop(which) => which.form.json,
            Self::Edit { which, .. } | Self::Delete { which, .. } => which.form.json,
            Self::Search { form, .. }
            | Self::Add { form, .. }
            | Self::Note { form, .. }
            | Self::Undo { form, .. }
            | Self::Stats { form, .. }
            | Self::Export { form, .. }
            | Self::Import { form, .. }
            | Self::Sync { form } => form.json,
        }
    }
}
