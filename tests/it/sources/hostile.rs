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
use proptest::{prelude::*, test_runner::TestRunner};

use super::samples;
use crate::fuzz::cases;

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

/// A change to a file: where, what is put in, how many bytes it replaces.
fn change() -> impl Strategy<Value = (prop::sample::Index, Vec<u8>, usize)> {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..6),
        "[\\[\\]{}\"':,&*|\\\\\n T0-9.-]{0,6}".prop_map(String::into_bytes),
        Just(b"T1059.001".to_vec()),
        Just("é\u{feff}".as_bytes().to_vec()),
    ];
    (any::<prop::sample::Index>(), bytes, 0_usize..12)
}

#[test]
fn no_reader_panics_on_any_bytes() {
    let catalogues = Catalogues::bundled();
    let context = Context { catalogues: &catalogues, registry: technology::bundled() };
    for &reader in READERS {
        let files = samples::of(reader);
        let mut runner = TestRunner::new(cases(150));
        let strategy = (0..files.len(), prop::collection::vec(change(), 0..8));
        let checked = runner.run(&strategy, |(file, changes)| {
            let mut bytes = files[file].bytes.clone();
            for (at, with, cut) in changes {
                let start = at.index(bytes.len() + 1);
                let end = (start + cut).min(bytes.len());
                bytes.splice(start..end, with);
            }
            let input = Input::new(&*files[file].name, bytes);
            let _ = detect(&input, READERS, true);
            if let Ok(reading) = samples::read(reader, &input) {
                let _ = samples::build(reader.source, &reading, context);
                let _ = counts::of(&reading, context);
            }
            Ok(())
        });
        checked.unwrap_or_else(|error| panic!("{}: {error}", reader.source));
        // And bytes that were never such a file.
        let noise = runner.run(&prop::collection::vec(any::<u8>(), 0..300), |bytes| {
            let _ = samples::read(reader, &Input::new("noise", bytes));
            Ok(())
        });
        noise.unwrap_or_else(|error| panic!("{}: {error}", reader.source));
    }
}

/// What the user names beside the export is read as carefully.
#[test]
fn no_file_beside_the_export_makes_it_panic() {
    let mut runner = TestRunner::new(cases(300));
    let text =
        "(cve|technique|mapping_type|id|techniques|CVE-2021-44228|T1059|\\+?=|,|;|\"|\\*|#|\n|é|\\PC){0,40}";
    let folder = tempfile::tempdir().unwrap();
    let checked = runner.run(&text, |text| {
        let _ = CveMap::parse(&text);
        let _ = Tags::parse(&text);
        fs::write(folder.path().join("templates.csv"), format!("id,techniques\n{text}")).unwrap();
        let _ = templates::load(&[folder.path().to_owned()]);
        Ok(())
    });
    checked.unwrap();
}
