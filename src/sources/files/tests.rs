//! Folders, layers, archives, links; what is refused.

use std::{
    fs::{self, File},
    io::Write as _,
};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    load::{MAX_FILE_BYTES, load},
    *,
};
use crate::sources::collect;

const RULE: &str = "title: A\nlogsource: {product: windows}\ndetection: {}\ntags: [attack.t1059]\n";
const CONF: &str = "[A]\nsearch = x\ndisabled = 1\n";

fn quietly(paths: &[PathBuf], from: Option<Source>) -> Result<Collected, CollectError> {
    collect(paths, from, &|_| {})
}

#[test]
fn folders_are_walked_and_other_files_skipped() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("deep/er")).unwrap();
    fs::create_dir_all(folder.path().join(".git")).unwrap();
    fs::write(folder.path().join("deep/er/a.yml"), RULE).unwrap();
    fs::write(folder.path().join("b.YAML"), RULE).unwrap();
    fs::write(folder.path().join(".git/c.yml"), RULE).unwrap();
    fs::write(folder.path().join("compose.yml"), "services: {}\n").unwrap();
    fs::write(folder.path().join("README.md"), "x").unwrap();
    let collected = quietly(&[folder.path().into()], None).unwrap();
    assert_eq!((collected.source, collected.files, collected.skipped), (Source::Sigma, 2, 1));
    assert_eq!(collected.reading.rules.len(), 2);
}

#[test]
fn local_is_laid_over_default_of_the_same_app() {
    let folder = tempfile::tempdir().unwrap();
    for (app, layer, text) in
        [("a", "local", "[A]\ndisabled = 0\n"), ("a", "default", CONF), ("b", "default", CONF)]
    {
        fs::create_dir_all(folder.path().join(app).join(layer)).unwrap();
        fs::write(folder.path().join(app).join(layer).join("savedsearches.conf"), text).unwrap();
    }
    let collected = quietly(&[folder.path().into()], Some(Source::Splunk)).unwrap();
    let running: Vec<bool> = collected.reading.rules.iter().map(|r| r.enabled.is_running()).collect();
    assert_eq!((collected.files, running), (3, vec![true, false]));
}

#[test]
fn one_bad_file_does_not_hide_the_others() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.yml"), RULE).unwrap();
    fs::write(folder.path().join("b.yml"), format!("{RULE}x: [\n")).unwrap();
    fs::write(folder.path().join("c.yml"), b"title: \xFF").unwrap();
    let collected = quietly(&[folder.path().into(), folder.path().join("missing.yml")], None).unwrap();
    assert_eq!(collected.files, 1);
    let errors: Vec<String> = collected.errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors[0].contains("b.yml:") && errors[1].contains("c.yml:1: is not UTF-8"));
    assert!(errors[2].ends_with("missing.yml: does not exist."));
}

#[test]
fn several_products_are_refused_until_one_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.yml"), RULE).unwrap();
    fs::write(folder.path().join("savedsearches.conf"), CONF).unwrap();
    let paths = [folder.path().to_owned()];
    let mixed = quietly(&paths, None).unwrap_err();
    assert!(matches!(mixed, CollectError::Mixed(_)), "{mixed}");
    assert_eq!(quietly(&paths, Some(Source::Splunk)).unwrap().reading.rules.len(), 1);
}

#[test]
fn nothing_to_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(quietly(&[folder.path().into()], None), Err(CollectError::Nothing { .. })));
    fs::write(folder.path().join("x.yml"), "services: {}\n").unwrap();
    let named = quietly(&[folder.path().join("x.yml")], None).unwrap_err();
    assert!(matches!(named, CollectError::AllFailed(_)), "{named}");
}

#[test]
fn a_huge_file_is_refused_unread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.yml");
    File::create(&path).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("larger than 64 MiB"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_once_and_loops_are_not() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("rules")).unwrap();
    fs::write(folder.path().join("rules/a.yml"), RULE).unwrap();
    std::os::unix::fs::symlink(folder.path().join("rules"), folder.path().join("again")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("rules/up")).unwrap();
    let collected = quietly(&[folder.path().into()], None).unwrap();
    assert_eq!(collected.files, 1);
    assert!(collected.errors.iter().all(|error| error.reason.contains("to a folder above it")));
    assert!(!collected.errors.is_empty());
}

/// An archive of these files.
fn zip(files: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    let mut zip = ZipWriter::new(file.reopen().unwrap());
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    file
}

#[test]
fn an_archive_is_read_like_a_folder() {
    let on = b"[A]\ndisabled = 0\n";
    let archive = zip(&[
        ("app/local/savedsearches.conf", on),
        ("app/default/savedsearches.conf", CONF.as_bytes()),
        ("README.md", b"x"),
        ("__MACOSX/app/default/._savedsearches.conf", b"\0"),
    ]);
    let collected = quietly(&[archive.path().into()], None).unwrap();
    assert_eq!((collected.source, collected.files, collected.reading.rules.len()), (Source::Splunk, 2, 1));
    let rule = &collected.reading.rules[0];
    assert!(rule.enabled.is_running());
    assert!(rule.place.to_string().ends_with(".zip/app/local/savedsearches.conf:1"), "{}", rule.place);
    assert!(collected.errors.is_empty());
}

#[test]
fn an_archive_made_to_explode_is_refused() {
    let bomb = vec![b' '; 4 * 1024 * 1024];
    let archive = zip(&[("a.yml", RULE.as_bytes()), ("b.yml", &bomb), ("inner.zip", b"PK")]);
    let collected = quietly(&[archive.path().into()], None).unwrap();
    assert_eq!(collected.files, 1);
    let errors: Vec<String> = collected.errors.iter().map(ToString::to_string).collect();
    assert!(
        errors.iter().any(|error| error.contains("b.yml: is compressed by a factor of more than 200")),
        "{errors:?}"
    );
    assert!(
        errors.iter().any(|error| error.contains("inner.zip: is an archive in an archive")),
        "{errors:?}"
    );
    let many: Vec<String> = (0..20_001).map(|n| format!("{n}.yml")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let refused = quietly(&[zip(&many).path().into()], None).unwrap_err().to_string();
    assert!(refused.contains("more than 20,000 files"), "{refused}");
}

#[test]
fn a_damaged_archive_is_said() {
    let file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    fs::write(file.path(), b"PK\x03\x04").unwrap();
    let refused = quietly(&[file.path().into()], None).unwrap_err().to_string();
    assert!(refused.contains("not a zip archive, or is damaged"), "{refused}");
}
