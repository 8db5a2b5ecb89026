//! What a process has cost, by its own figures: memory, processor time, open sockets. Tests compare them with those of a
//! good request in the same run.

use std::fs;

/// A running process.
#[derive(Debug, Clone, Copy)]
pub struct Process(u32);

impl Process {
    pub fn of(id: u32) -> Self {
        Self(id)
    }

    fn file(self, name: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{name}", self.0)).expect("the process runs")
    }

    fn status(self, name: &str) -> u64 {
        let status = self.file("status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux tells it");
        line.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number of kB")
    }

    /// Bytes of memory now.
    pub fn memory(self) -> u64 {
        self.status("VmRSS:") * 1024
    }

    /// The most bytes of memory since [`Self::forget_peak`].
    pub fn peak(self) -> u64 {
        self.status("VmHWM:") * 1024
    }

    pub fn forget_peak(self) {
        fs::write(format!("/proc/{}/clear_refs", self.0), "5").expect("the process is ours");
    }

    /// Processor time so far, in clock ticks.
    pub fn ticks(self) -> u64 {
        let stat = self.file("stat");
        let (_, rest) = stat.rsplit_once(')').expect("a name");
        rest.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("ticks")).sum()
    }

    /// Open sockets.
    pub fn sockets(self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.0)).expect("the process runs");
        let is_socket = |path: std::path::PathBuf| {
            fs::read_link(path).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))
        };
        files.flatten().filter(|file| is_socket(file.path())).count()
    }

    /// How much the peak grows over the present memory while `work` is done.
    pub fn growth(self, work: impl FnOnce()) -> u64 {
        self.forget_peak();
        let before = self.memory();
        work();
        self.peak().saturating_sub(before)
    }

    /// Processor time that passes while `work` is done, in clock ticks, at least 1.
    pub fn time(self, work: impl FnOnce()) -> u64 {
        let before = self.ticks();
        work();
        (self.ticks() - before).max(1)
    }
}
