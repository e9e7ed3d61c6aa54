//! A list of steps, shown while it is worked off: `[2/5] building the web client … 71 s`.

use std::cell::Cell;
use std::io::{IsTerminal, Write};

use anyhow::Result;

use crate::clock::Stopwatch;
use crate::tally::Tally;

/// One thing to do, with the words that are shown for it.
pub struct Task<'a> {
    label: String,
    work: Work<'a>,
}

type Work<'a> = Box<dyn FnOnce(&Step) -> Result<Outcome> + 'a>;

/// How a task that did not fail ended.
pub enum Outcome {
    /// It was done.
    Done,
    /// There was nothing to do.
    Unchanged,
    /// It was not done, for this reason.
    Skipped(String),
    /// It ran tests.
    Tested(Tally),
}

impl<'a> Task<'a> {
    /// Names a piece of work.
    pub fn new(label: impl Into<String>, work: impl FnOnce(&Step) -> Result<Outcome> + 'a) -> Self {
        Self {
            label: label.into(),
            work: Box::new(work),
        }
    }

    /// The words that are shown for it.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Does it, as number `number` of `total`, and shows that.
    pub fn perform(self, number: usize, total: usize) -> Result<Outcome> {
        let step = Step::begin(format!("[{number}/{total}] {}", self.label));
        let outcome = (self.work)(&step);
        step.end(match &outcome {
            Ok(Outcome::Done | Outcome::Tested(_)) => String::new(),
            Ok(Outcome::Unchanged) => "unchanged, ".to_owned(),
            Ok(Outcome::Skipped(reason)) => format!("skipped: {reason}, "),
            Err(_) => "FAILED, ".to_owned(),
        });
        outcome
    }
}

/// Works off a list and stops at the first failure.
pub fn perform_all(tasks: Vec<Task<'_>>) -> Result<()> {
    let total = tasks.len();
    for (number, task) in (1..).zip(tasks) {
        task.perform(number, total)?;
    }
    Ok(())
}

/// The same with the titles on the error output: the other one is for what the tasks give.
pub fn perform_quietly(tasks: Vec<Task<'_>>) -> Result<()> {
    for task in tasks {
        eprintln!("{}", task.label);
        let step = Step {
            title: String::new(),
            since: Stopwatch::start(),
            open: Cell::new(false),
            live: false,
            quiet: true,
        };
        (task.work)(&step)?;
    }
    Ok(())
}

/// A task while it runs: owns the line on the terminal that tells of it.
pub struct Step {
    title: String,
    since: Stopwatch,
    /// Whether the line with the title is still the last one, so that it can be finished.
    open: Cell<bool>,
    live: bool,
    /// Whether the output is for what the tasks give, and notes go to the error output.
    quiet: bool,
}

impl Step {
    fn begin(title: String) -> Self {
        let live = std::io::stdout().is_terminal();
        print!("{title} … ");
        flush();
        Self {
            title,
            since: Stopwatch::start(),
            open: Cell::new(true),
            live,
            quiet: false,
        }
    }

    /// Shows that the step is still at work.
    pub fn tick(&self) {
        if self.live && self.open.get() {
            print!("\r\x1b[2K{} … {}", self.title, self.since);
            flush();
        }
    }

    /// Ends the line, as other output follows.
    pub fn make_room(&self) {
        if self.open.replace(false) {
            if self.live {
                print!("\r\x1b[2K{} …", self.title);
            }
            println!();
        }
    }

    /// Shows a line below the step.
    pub fn note(&self, text: &str) {
        if self.quiet {
            eprintln!("      {text}");
            return;
        }
        self.make_room();
        println!("      {text}");
    }

    fn end(self, verdict: String) {
        if self.open.get() {
            if self.live {
                print!("\r\x1b[2K{} … ", self.title);
            }
            println!("{verdict}{}", self.since);
        } else {
            println!("      {verdict}{}", self.since);
        }
    }
}

fn flush() {
    // Nothing can be done, and nothing is lost, if the terminal is gone.
    let _ = std::io::stdout().flush();
}
