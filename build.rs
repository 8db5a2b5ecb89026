//! Two things that cargo cannot see through: the migrations, which a macro embeds, and what is installed in consoles, whose list
//! is made here.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// What `peerbench console export` and `serve` have in them. Whatever else is in `consoles/` is for those who change it.
const EXPORTED: [&str; 16] = [
    "client.md",
    "splunk/README.md",
    "splunk/dashboard.png",
    "splunk/peerbench",
    "sentinel/README.md",
    "sentinel/azuredeploy.json",
    "checkpoint/README.md",
    "checkpoint/tab.png",
    "checkpoint/extension.json",
    "checkpoint/page",
    "cortex/README.md",
    "cortex/Packs",
    "sumo/README.md",
    "sumo/dashboard.json",
    "grafana/README.md",
    "grafana/dashboard.json",
];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=consoles");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("consoles");
    let mut files = Vec::new();
    for name in EXPORTED {
        if !root.join(name).exists() {
            // A program without it would say that it was built without it, to somebody who can do nothing about it.
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("consoles/{name} is missing")));
        }
        find(&root, name, &mut files)?;
    }
    files.sort();
    let entries: String = files
        .iter()
        .map(|name| format!("    ({name:?}, include_bytes!({:?})),\n", root.join(name)))
        .collect();
    let text = format!("const FILES: &[(&str, &[u8])] = &[\n{entries}];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("consoles.rs");
    fs::write(out, text)
}

fn find(root: &Path, name: &str, files: &mut Vec<String>) -> io::Result<()> {
    let path = root.join(name);
    if path.is_file() {
        files.push(name.to_owned());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?.file_name().to_string_lossy().into_owned();
            // What Python leaves behind.
            if entry != "__pycache__" {
                find(root, &format!("{name}/{entry}"), files)?;
            }
        }
    }
    Ok(())
}
