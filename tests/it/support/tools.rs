//! Programs from registries that tests run, in the versions that `scripts/setup test` installs in `target/`.

use std::{path::PathBuf, process::Command};

/// A set of tools: its folder in `target/`, with a Python environment in `venv` and Node.js as `node`.
#[derive(Debug, Clone, Copy)]
pub struct Tools(pub &'static str);

impl Tools {
    pub fn folder(self) -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target")).join(self.0)
    }

    /// A file of the set; panics where it isn't installed.
    pub fn path(self, path: &str) -> PathBuf {
        let path = self.folder().join(path);
        assert!(path.exists(), "{} is missing: run scripts/setup test", path.display());
        path
    }

    pub fn program(self, path: &str) -> Command {
        Command::new(self.path(path))
    }

    pub fn python(self) -> Command {
        self.program("venv/bin/python")
    }

    pub fn node(self) -> Command {
        self.program("node")
    }
}

/// What a command printed; panics where it failed.
#[track_caller]
pub fn done(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed:\n{out}\n{err}");
    out.into_owned()
}
