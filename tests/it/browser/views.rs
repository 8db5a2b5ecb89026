//! Every view in both themes and at both widths: a picture that somebody looks at, what axe-core finds, and that nothing
//! moves while it loads.

use super::{
    demo::Demo,
    driver::{Chromium, DESK, PHONE, Theme},
};

/// The views of a member, by the name of their picture.
pub const VIEWS: [(&str, &str); 15] = [
    ("overview", "/app"),
    ("matrix", "/app/matrix"),
    ("matrix-peers", "/app/matrix?colour=peers&numbers=yes"),
    ("matrix-difference", "/app/matrix?colour=difference&platform=Windows"),
    ("gaps", "/app/gaps"),
    ("technique", "/app/techniques/T1059"),
    ("technologies", "/app/technologies"),
    ("groups", "/app/groups"),
    ("paths", "/app/paths"),
    ("path", "/app/paths?path=edge-to-ransomware"),
    ("trend", "/app/trend"),
    ("what-if", "/app/what-if"),
    ("data", "/app/data"),
    ("access", "/app/access"),
    ("promise", "/app/promise"),
];

/// Views that show what goes wrong.
const REFUSALS: [(&str, &str); 2] =
    [("not-found", "/app/techniques/T9999"), ("bad-filter", "/app/gaps?tactic=none")];

/// The folder of the pictures in the README.
const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/images");

pub fn every_view(demo: &Demo, browser: &Chromium) {
    let mut barriers = Vec::new();
    let mut shifts = Vec::new();
    for (size, theme) in
        [(DESK, Theme::Light), (DESK, Theme::Dark), (PHONE, Theme::Light), (PHONE, Theme::Dark)]
    {
        browser.shape(size, theme);
        // The other colours of the matrix differ in colours only.
        let is_asked = |view: &(&str, &str)| size == DESK || !view.0.starts_with("matrix-");
        for (name, path) in VIEWS.into_iter().chain(REFUSALS).filter(is_asked) {
            browser.go(&demo.url(path));
            let (_, shift) = browser.paint();
            let name = format!("{name}-{}-{}", theme.name(), size.0);
            let sideways = browser.run("document.documentElement.scrollWidth - innerWidth").as_i64().unwrap();
            // What nobody sees: a tenth of what is held to be good.
            if shift > 0.01 || sideways > 0 {
                shifts.push(format!("{name}: shifted by {shift}, {sideways} px too wide"));
            }
            barriers.extend(browser.barriers().into_iter().map(|barrier| format!("{name}: {barrier}")));
            browser.picture(&name, true);
        }
    }
    // The browser itself reports the status of a page that isn't there.
    let said = browser.console();
    assert!(said.iter().all(|line| line.contains("the server responded with a status of 4")), "{said:?}");
    let found = [shifts, barriers].concat();
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
    if std::env::var_os("PEERBENCH_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(PICTURES).unwrap();
        for theme in [Theme::Light, Theme::Dark] {
            browser.shape(DESK, theme);
            browser.go(&demo.url("/app"));
            let picture = browser.picture(&format!("page-{}", theme.name()), false);
            std::fs::copy(&picture, format!("{PICTURES}/{}", picture.file_name().unwrap().to_str().unwrap()))
                .unwrap();
        }
    }
}
