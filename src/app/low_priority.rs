//! Computation of releases on threads of their own, which give way to the threads that answer requests.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// The least that the system gives a thread: it runs where no other wants to.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 19;

/// Does long work that uses several threads. What it starts in parallel stays among these threads, and the threads that
/// it makes (polars has its own) give way as they do.
pub fn at_low_priority<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    static THREADS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let start = || {
        let threads = ThreadPoolBuilder::new().thread_name(|n| format!("release-{n}"));
        threads.start_handler(|_| give_way()).build().ok()
    };
    let span = tracing::Span::current();
    let work = || span.in_scope(work);
    match THREADS.get_or_init(start) {
        Some(threads) => threads.install(work),
        // A system that gives no threads.
        None => work(),
    }
}

/// Niceness is a thread's own on Linux alone; elsewhere it would slow down the whole process.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "releases are computed at the priority of everything else");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_on_threads_that_give_way_and_leave_others_alone() {
        let name = at_low_priority(|| std::thread::current().name().map(str::to_owned));
        assert!(name.unwrap().starts_with("release-"));
        #[cfg(target_os = "linux")]
        {
            let niceness = || rustix::process::getpriority_process(None).unwrap();
            assert_eq!(at_low_priority(niceness), NICENESS);
            assert_eq!(
                at_low_priority(|| std::thread::spawn(niceness).join().unwrap()),
                NICENESS,
                "what it makes does, too"
            );
            assert_ne!(niceness(), NICENESS);
        }
    }
}
