//! How long work tells how far it is: a bar on a terminal, plain lines otherwise. Always on standard error, so that
//! standard output stays what the command is for.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// One piece of work.
pub struct Progress {
    bar: Option<ProgressBar>,
    what: String,
    total: u64,
    done: u64,
    /// The last tenth that a plain line told.
    told: u64,
}

impl Progress {
    /// Work of `total` steps, 0 for work that cannot be counted.
    pub fn start(what: &str, total: usize) -> Self {
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        let bar = std::io::stderr().is_terminal().then(|| bar(what, total));
        if bar.is_none() {
            eprintln!("{what} …");
        }
        Self { bar, what: what.to_owned(), total, done: 0, told: 0 }
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
            eprintln!("{} … {} of {}", self.what, self.done, self.total);
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

fn bar(what: &str, total: u64) -> ProgressBar {
    let bar = if total == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(total) };
    let template = if total == 0 { "{spinner} {msg}" } else { "{msg} [{bar:30}] {pos} of {len}" };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸·"));
    }
    bar.set_message(what.to_owned());
    if total == 0 {
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
    }
    bar
}
