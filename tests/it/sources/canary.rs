//! Nothing but what the schema allows leaves: a canary is planted into every word of every sample of every source, one
//! at a time, and looked for in the snapshot and in errors; then into all words at once that change nothing, and
//! looked for in what was uploaded, in the server's database and in its log.

use std::{fs, path::Path, sync::Arc};

use peerbench::{
    domain::{attack::Catalogues, snapshot::Source, technology},
    sources::{Context, Input, Options, READERS, Reader, Reading, to_bytes},
};
use rayon::prelude::*;

use super::samples;
use crate::support::{
    Store,
    console::Ran,
    people::{Credentials, Profile},
    server::Service,
};

const CANARY: &str = "zqcanaryqz";

/// The words of a text, as ranges of bytes.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    for (at, char) in text.char_indices().filter(|(_, char)| char.is_alphanumeric() || *char == '_') {
        match words.last_mut().filter(|(_, end)| *end == at) {
            Some((_, end)) => *end += char.len_utf8(),
            None => words.push((at, at + char.len_utf8())),
        }
    }
    words
}

/// What the file says, or what the error does. Names, ids and places are the user's own and must not matter.
fn read(reader: &Reader, name: &str, text: &str) -> Result<Reading, String> {
    let mut reading = samples::read(reader, &Input::new(name, text)).map_err(|error| error.reason)?;
    for rule in &mut reading.rules {
        rule.name = CANARY.to_owned();
        rule.id = Some(CANARY.to_owned());
        rule.place.file = Arc::from(CANARY);
    }
    Ok(reading)
}

fn snapshot(source: Source, reading: &Reading, context: Context<'_>) -> String {
    let built = samples::build(source, reading, context);
    let bytes = built.map(|built| to_bytes(&built.snapshot).unwrap()).unwrap_or_default();
    String::from_utf8(bytes).unwrap()
}

/// The sample with the canary behind every word where that changes nothing of the snapshot.
fn planted(reader: &Reader, sample: &Input, context: Context<'_>) -> String {
    let text = std::str::from_utf8(&sample.bytes).unwrap();
    let original = read(reader, &sample.name, text).unwrap();
    let words = words(text);
    assert!(words.len() > 20, "{} is too small to show anything", sample.name);
    // Whether the change changes nothing that is read; if it does, what leaves must still be clean.
    let inert = |text: &str| {
        let said = match read(reader, &sample.name, text) {
            Ok(reading) if reading == original => return true,
            Ok(reading) => snapshot(reader.source, &reading, context),
            Err(reason) => reason,
        };
        assert!(!said.to_lowercase().contains(CANARY), "{}: {said}", sample.name);
        false
    };
    let at = |(start, end): &(usize, usize)| {
        let (before, rest) = text.split_at(*start);
        let (word, after) = rest.split_at(end - start);
        inert(&format!("{before}{CANARY}{after}"));
        inert(&format!("{before}{word} {CANARY}{after}"));
        inert(&format!("{before}{word}{CANARY}{after}")).then_some(*end)
    };
    let ends: Vec<usize> = words.par_iter().filter_map(at).collect();
    let mut full = String::new();
    let mut from = 0;
    for end in ends {
        let longer = format!("{full}{}{CANARY}", &text[from..end]);
        // Two words that change nothing alone may together.
        if inert(&format!("{longer}{}", &text[end..])) {
            (full, from) = (longer, end);
        }
    }
    full + &text[from..]
}

#[test]
fn no_word_of_any_sample_leaves() {
    let catalogues = Catalogues::bundled();
    let context = Context { catalogues: &catalogues, registry: technology::bundled() };
    let service = Service::start(Store::Sqlite);
    let member = service.newcomer(&Profile::named("Acme"));
    for &reader in READERS {
        let mut uploads = 0;
        for sample in samples::of(reader) {
            let text = planted(reader, &sample, context);
            let count = text.matches(CANARY).count();
            println!("{}: {count} canaries", sample.name);
            assert!(count > 5, "{}: only {count} words change nothing", sample.name);
            let reading = samples::read(reader, &Input::new(&*sample.name, text.as_str())).unwrap();
            let options = samples::everything(reader.source, &reading);
            uploads += usize::from(uploaded(&service, &member.credentials, &options, &sample, &text));
            // Somebody sends the export itself.
            let refused =
                member.http.request("POST", "/v1/snapshots").header("content-type", "application/json");
            let refused = refused.header("idempotency-key", &format!("k{count}")).body(text).send();
            assert!((400..500).contains(&refused.status), "{}: {}", sample.name, refused.text());
        }
        assert!(uploads > 0, "{}", reader.source);
    }
    let database =
        Path::new(service.setting("PEERBENCH_DATABASE_URL").strip_prefix("sqlite:").unwrap()).to_owned();
    for ending in ["", "-wal"] {
        let file = format!("{}{ending}", database.display());
        assert_clean(&file, &fs::read(&file).unwrap_or_default());
    }
    assert!(fs::metadata(&database).unwrap().len() > 0);
    assert_clean("the log", service.log().as_bytes());
}

#[track_caller]
fn assert_clean(what: &str, bytes: &[u8]) {
    let found = bytes.to_ascii_lowercase().windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
    assert!(!found, "{what} holds a canary: {}", String::from_utf8_lossy(bytes));
}

/// Builds with the real command from a file whose path has the canary too, uploads and reads it back; whether there
/// was something to send.
fn uploaded(
    service: &Service,
    credentials: &Credentials,
    options: &Options,
    sample: &Input,
    text: &str,
) -> bool {
    let folder = service.folder().join(CANARY);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{CANARY}-{}", sample.name.rsplit(['/', '\\']).next().unwrap()));
    fs::write(&file, text).unwrap();
    let cves = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/checkpoint/cves.csv");
    let file = file.to_str().unwrap();
    let (source, basis) = (options.source.name(), options.basis.name());
    let mut arguments =
        vec!["snapshot", "build", file, "--from", source, "--basis", basis, "-o", "leaves.json"];
    arguments.extend(options.technologies.iter().flat_map(|technology| ["--technology", technology]));
    arguments.extend(options.scale.iter().flat_map(|scale| ["--scale", scale.name()]));
    if options.source == Source::CheckPoint {
        arguments.extend(["--cve-map", cves]);
    }
    let built = Ran::of(&mut service.command(&arguments));
    if built.err.contains("There is nothing to upload") {
        return false;
    }
    built.done();
    let bytes = fs::read(service.folder().join("leaves.json")).unwrap();
    assert_clean(file, &bytes);
    let mut upload = service.command(&["snapshot", "upload", "leaves.json", "--replace", "--format", "json"]);
    upload.env("PEERBENCH_CLIENT_ID", &credentials.id).env("PEERBENCH_CLIENT_SECRET", &credentials.secret);
    let uploaded = Ran::of(&mut upload).done();
    assert_clean("the answer", uploaded.out.as_bytes());
    assert_clean("the upload's messages", uploaded.err.as_bytes());
    true
}
