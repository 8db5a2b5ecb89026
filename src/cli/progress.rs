//! Progress of long work: a bar on a terminal, plain lines otherwise. Always on standard error, so that
//! standard output stays what the command is for.

use std::io::IsTerminal;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

/// One piece of work.
pub struct Progress {
    bar: Option<ProgressBar>,
    what: String,
    total: u64,
    done: u64,
    /// The last half that a plain line told.
    told: u64,
    /// Steps are bytes.
    bytes: bool,
}

impl Progress {
    /// Work of `total` steps, 0 for work that cannot be counted.
    pub fn start(what: &str, total: usize) -> Self {
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        let template = if total == 0 { "{spinner} {msg}" } else { "{msg} [{bar:30}] {pos} of {len}" };
        Self::new(what, total, template, false)
    }

    /// Work on `total` bytes.
    pub fn start_bytes(what: &str, total: u64) -> Self {
        Self::new(what, total, "{spinner} {msg} [{bar:30}] {bytes} of {total_bytes}, {elapsed}", true)
    }

    fn new(what: &str, total: u64, template: &str, bytes: bool) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(what, total, template));
        if bar.is_none() {
            match bytes {
                true => eprintln!("{what} ({}) …", HumanBytes(total)),
                false => eprintln!("{what} …"),
            }
        }
        Self { bar, what: what.to_owned(), total, done: 0, told: 0, bytes }
    }

    /// `done` of the whole is done.
    pub fn set(&mut self, done: u64) {
        self.done = done.max(self.done);
        match &self.bar {
            Some(bar) => bar.set_position(self.done),
            None => self.tell(),
        }
    }

    /// One step is done.
    pub fn step(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None => self.tell(),
        }
    }

    /// A plain line each half of the way, so that a log stays short.
    fn tell(&mut self) {
        let halves = (2 * self.done).checked_div(self.total).unwrap_or(0);
        if halves > self.told && self.done < self.total {
            self.told = halves;
            match self.bytes {
                true => eprintln!("{} … {} of {}", self.what, HumanBytes(self.done), HumanBytes(self.total)),
                false => eprintln!("{} … {} of {}", self.what, self.done, self.total),
            }
        }
    }

    /// The work is done; `outcome` says what came of it.
    pub fn finish(self, outcome: &str) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        eprintln!("{}: {outcome}", self.what);
    }
}

fn bar(what: &str, total: u64, template: &str) -> ProgressBar {
    let bar = if total == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(total) };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸·"));
    }
    bar.set_message(what.to_owned());
    if template.contains("{spinner}") {
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
    }
    bar
}
