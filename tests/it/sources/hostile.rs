//! Files that were made to hurt, or were damaged on their way: a clear error with file and line, the other files
//! read, and no reader ever panics.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Output},
};

use peerbench::{
    domain::{attack::Catalogues, technology},
    sources::{Context, Input, READERS, counts, cve::CveMap, detect, tags::Tags, templates},
};
use proptest::prelude::*;
use rayon::prelude::*;

use super::samples;
use crate::fuzz::{change, changed, fuzz};

const RULE: &str = "title: A\nlogsource: {product: windows}\ndetection: {}\ntags: [attack.t1059]\n";

fn build(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_peerbench"))
        .args(["snapshot", "build", "-o", "-"])
        .arg(folder)
        .args(more)
        .output()
        .unwrap()
}

/// Anchors of which each repeats the one before ten times.
fn exploding() -> String {
    let mut text = "detection:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let one = format!("*a{}", level - 1);
        text += &format!("  a{level}: &a{level} [{}]\n", vec![one; 10].join(", "));
    }
    text + "logsource: {product: windows}\ntitle: A\ntags: [attack.t1059]\n"
}

#[test]
fn hostile_files_are_named_and_the_others_read() {
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(RULE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "deep.json",
            [b"{\"techniqueID\": 1, \"techniques\":\n".to_vec(), b"[".repeat(200_000)].concat(),
            "deep.json:2: ",
        ),
        (
            "deep.yml",
            format!("logsource: 1\ndetection:\n  a: {}", "[".repeat(100_000)).into_bytes(),
            "deep.yml:3: ",
        ),
        ("anchors.yml", exploding().into_bytes(), "anchors.yml:"),
        ("latin.yml", b"title: A\ntags: [\xE9]\n".to_vec(), "latin.yml:2: is not UTF-8"),
        ("cut.yml", utf16[..utf16.len() - 1].to_vec(), "cut.yml: is marked as UTF-16 but has an odd number"),
        ("zeros.yml", b"title: A\0\n".to_vec(), "zeros.yml:1: has a zero byte"),
        ("broken.zip", b"PK\x03\x04broken".to_vec(), "broken.zip: is not a zip archive"),
    ];
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.yml"), RULE).unwrap();
    fs::write(folder.path().join("utf16.yml"), &utf16).unwrap();
    fs::write(folder.path().join("bom.yml"), format!("\u{feff}{RULE}")).unwrap();
    for (name, bytes, _) in &cases {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    // A gigabyte without a line's end, which takes no space.
    File::create(folder.path().join("line.yml")).unwrap().set_len(1 << 30).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();

    let stopped = build(folder.path(), &[]);
    assert_eq!(stopped.status.code(), Some(1));
    let said = String::from_utf8(stopped.stderr).unwrap();
    for (name, _, expected) in &cases {
        assert!(said.contains(expected), "{name}: {said}");
    }
    assert!(said.contains("line.yml: is larger than 64 MiB"), "{said}");
    #[cfg(unix)]
    assert!(said.contains("loop: is a link to a folder above it"), "{said}");
    assert!(stopped.stdout.is_empty());

    let went_on = build(folder.path(), &["--keep-going", "--format", "json"]);
    assert!(went_on.status.success(), "{}", String::from_utf8_lossy(&went_on.stderr));
    let told: serde_json::Value = serde_json::from_slice(&went_on.stderr).unwrap();
    assert_eq!((&told["files"], &told["rules"]), (&3.into(), &3.into()), "{told}");
}

#[test]
fn no_reader_panics_on_any_bytes() {
    const WORDS: &[&str] =
        &["T1059.001", "é\u{feff}", "\0", "\u{1b}[", "null", "-1e400", "\\u", "\"\"", "<<: *", "---\n"];
    let catalogues = Catalogues::bundled();
    let context = Context { catalogues: &catalogues, registry: technology::bundled() };
    let outcomes = READERS.par_iter().map(|&reader| {
        let files = samples::of(reader);
        let count = files.len();
        // A sample that was changed, or bytes that were never such a file.
        let bytes = prop_oneof![
            4 => (0..count, prop::collection::vec(change(WORDS), 0..8)).prop_map(move |(file, changes)| {
                (files[file].name.to_string(), changed(&files[file].bytes, changes))
            }),
            1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(|bytes| ("noise".to_owned(), bytes)),
        ];
        // Building takes a hundred times as long as reading.
        fuzz(reader.source.name(), 500, &(bytes, prop::bool::weighted(0.05)), |((name, bytes), built)| {
            let input = Input::new(name, bytes);
            let _ = detect(&input, READERS, true);
            if let Ok(reading) = samples::read(reader, &input)
                && built
            {
                let _ = samples::build(reader.source, &reading, context);
                let _ = counts::of(&reading, context);
            }
            Ok(())
        })
    });
    // Every target runs, whichever fails.
    let failed: Vec<String> = outcomes.filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What the user names beside the export is read as carefully.
#[test]
fn no_file_beside_the_export_makes_it_panic() {
    let text =
        "(cve|technique|mapping_type|id|techniques|CVE-2021-44228|T1059|\\+?=|,|;|\"|\\*|#|\n|é|\\PC){0,40}";
    let folder = tempfile::tempdir().unwrap();
    let checked = fuzz("files beside the export", 300, &text, |text| {
        let _ = CveMap::parse(&text);
        let _ = Tags::parse(&text);
        fs::write(folder.path().join("templates.csv"), format!("id,techniques\n{text}")).unwrap();
        let _ = templates::load(&[folder.path().to_owned()]);
        Ok(())
    });
    checked.unwrap();
}
