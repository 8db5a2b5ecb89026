//! The project's own text files, read once.

use std::fs;
use std::path::Path;

use super::tokens::{Token, tokens};

/// A text file, by its path from the project's root with `/` between the parts.
pub struct TextFile {
    pub path: String,
    pub text: String,
}

impl TextFile {
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Where a file of the library lives: its modules from the crate's root, e.g. `["domain", "attack", "ids"]`.
    /// Empty for `lib.rs` and `main.rs`; nothing for a file that is not the library's.
    pub fn modules(&self) -> Option<Vec<&str>> {
        let inside = self.path.strip_prefix("src/")?.strip_suffix(".rs")?;
        Some(if matches!(inside, "lib" | "main") { Vec::new() } else { inside.split('/').collect() })
    }

    pub fn tokens(&self) -> Vec<Token<'_>> {
        tokens(&self.text)
    }
}

/// Folders that hold nothing that people write by hand here.
const SKIPPED: &[&str] = &["target", ".git", "catalogue", "peerbench-data", "node_modules"];

/// Kinds of file that are read; files without a dot in their name are scripts and licences.
const KINDS: &[&str] =
    &["rs", "md", "toml", "sql", "yaml", "yml", "json", "html", "css", "js", "service", "sh"];

/// Every text file of the project.
pub fn project() -> Vec<TextFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(root, root, &mut files);
    assert!(files.iter().any(|f| f.path == "src/lib.rs"), "the walk missed src/lib.rs");
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<TextFile>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{} cannot be read: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder's entry").path();
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                collect(root, &path, files);
            }
        } else if name.rsplit_once('.').is_none_or(|(_, kind)| KINDS.contains(&kind)) {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let path = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            files.push(TextFile { path, text });
        }
    }
}

/// The names of the crates that the library may use, as they are written in code, from the manifest's
/// `[dependencies]`.
pub fn dependencies(manifest: &str) -> Vec<String> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().replace('-', "_"))
        .filter(|name| !name.starts_with('#'))
        .collect()
}

#[test]
fn dependencies_are_read_from_their_own_section() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\nactix-web = \"4\"\n# a = note\nserde = { version = \"1\" }\n\n[dev-dependencies]\nproptest = \"1\"\n";
    assert_eq!(dependencies(manifest), ["actix_web", "serde"]);
}
