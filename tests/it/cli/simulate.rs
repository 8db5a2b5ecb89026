//! `peerbench simulate`: what communities get to see, and that `docs/usefulness.md` says so.

use std::{fs, path::Path};

use crate::support::{console::Ran, server::peerbench};

#[test]
fn the_page_on_usefulness_is_what_the_command_prints() {
    let folder = tempfile::tempdir().unwrap();
    let simulate = |members: &str| {
        let arguments = ["simulate", "--month", "2026-11", "--members", members];
        Ran::of(peerbench(folder.path(), &[]).args(arguments)).done().out
    };
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/usefulness.md")).unwrap();
    // The larger ones are made the same way, and take their time in a debug build.
    for members in ["34", "120"] {
        let said = simulate(members);
        assert!(said.contains("small-community"));
        assert!(page.contains(said.trim()), "docs/usefulness.md does not say of {members} members:\n{said}");
    }
}
