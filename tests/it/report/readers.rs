//! Programs that read a report's files. Where one is missing, the test fails.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::tools::Tools;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/read.py");
const TOOLS: Tools = Tools("report-readers");

/// A file in a folder of its own.
pub struct File {
    folder: TempDir,
    path: PathBuf,
}

impl File {
    pub fn of(bytes: Vec<u8>) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        Self { folder, path }
    }

    pub fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap()
    }
}

/// What a program printed; panics where it is missing, failed or complained.
#[track_caller]
pub fn program(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(name).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{name}: {error}. Run scripts/setup test"));
    let complaints = String::from_utf8_lossy(&output.stderr);
    // Poppler before 23 takes a boolean for an error where the standard has one.
    let known = |line: &&str| !line.contains("Suspects object is wrong type");
    let is_silent = complaints.lines().filter(known).all(|line| line.trim().is_empty());
    assert!(output.status.success() && is_silent, "{name} {arguments:?}: {complaints}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A file as a reader of Python's sees it.
#[track_caller]
pub fn read(reader: &str, file: &File) -> Value {
    let python = TOOLS.path("venv/bin/python");
    serde_json::from_str(&program(python.to_str().unwrap(), &[SCRIPT, reader, file.path()])).unwrap()
}

/// The text of a PDF in the places where it stands.
#[track_caller]
pub fn pdf_text(file: &File) -> String {
    program("pdftotext", &["-layout", file.path(), "-"])
}

pub mod convert {
    //! Pictures of files.

    use super::{File, program};

    /// The pictures of a PDF's pages.
    #[track_caller]
    pub fn pages(file: &File) -> Vec<Vec<u8>> {
        let start = file.folder().join("page");
        program("pdftoppm", &["-r", "50", "-gray", file.path(), start.to_str().unwrap()]);
        let entries = std::fs::read_dir(file.folder()).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "pgm"));
        paths.sort();
        let pictures: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
        assert!(pictures.iter().all(|picture| is_inked(picture)), "a page is empty");
        pictures
    }

    /// Says that a picture has dark points. Its first bytes are its size.
    fn is_inked(picture: &[u8]) -> bool {
        picture.iter().skip(20).filter(|point| **point < 128).count() > 50
    }

    /// Says that an SVG can be drawn.
    #[track_caller]
    pub fn is_drawn(file: &File) -> bool {
        let picture = file.folder().join("drawing.png");
        program("rsvg-convert", &["--output", picture.to_str().unwrap(), file.path()]);
        std::fs::read(picture).unwrap().len() > 5_000
    }
}
