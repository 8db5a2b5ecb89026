//! Speed as the browser sees it, said and not judged: a shared machine is slow at times.

use std::io::Write as _;

use super::driver::Chromium;

/// A line for whoever reads the run, past the test's own capture.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "page: {line}");
}

/// The longest of several filterings of the matrix, in milliseconds, with the layout that follows.
pub fn of_the_filter(browser: &Chromium) -> f64 {
    let taken = browser.run(
        "(() => { const search = document.getElementById('search'); let most = 0; \
         for (const words of ['t', 'T1059', 'script', 'account', '']) { const begun = performance.now(); \
         search.value = words; search.dispatchEvent(new Event('input', { bubbles: true })); document.body.offsetHeight; \
         most = Math.max(most, performance.now() - begun); } return most; })()",
    );
    taken.as_f64().unwrap()
}
