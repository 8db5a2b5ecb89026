//! The pages in `docs/sources` show real runs: each command there is run again, and must say what the page says.

use std::{fs, path::Path, process::Command};

/// Commands with what the page shows below each, of all its blocks.
fn runs(page: &str) -> Vec<(String, String)> {
    let blocks = page.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap().1);
    let commands = blocks.flat_map(|block| block.split("$ peerbench ").skip(1));
    let run = |text: &str| {
        let (command, output) = text.split_once('\n').unwrap();
        (command.to_owned(), output.trim_end().to_owned())
    };
    commands.map(run).collect()
}

#[cfg(unix)]
#[test]
fn what_the_pages_show_is_what_comes_out() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(project.join("tests"), folder.path().join("tests")).unwrap();
    for page in fs::read_dir(project.join("docs/sources")).unwrap() {
        let page = page.unwrap().path();
        let runs = runs(&fs::read_to_string(&page).unwrap());
        assert!(!runs.is_empty(), "{} shows no run", page.display());
        for (command, shown) in runs {
            let output = Command::new(env!("CARGO_BIN_EXE_peerbench"))
                .current_dir(folder.path())
                .args(command.split_whitespace())
                // The month of the pages, whatever month it is.
                .args(["--period", "2026-11"])
                .output()
                .unwrap();
            let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
            assert_eq!(said.concat().trim_end(), shown, "{}: {command}", page.display());
        }
    }
}
