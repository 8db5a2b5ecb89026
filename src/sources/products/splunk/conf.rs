//! `savedsearches.conf`: stanzas, `[default]`, continued lines, and `local/` over `default/`.

use std::{collections::BTreeMap, sync::Arc};

use super::saved_search::{Settings, rule};
use crate::sources::{
    formats::text,
    reading::{Input, Place, ReadError, Reading},
};

const DEFAULT: &str = "default";

/// The most bytes that every stanza inherits: without a limit, a file could grow while it is read.
const MAX_DEFAULT_BYTES: usize = 64 * 1024;

/// Recognises a conf text that holds saved searches, whatever the file is called.
pub fn recognises(text: &str) -> bool {
    let start = |of: &str| text.lines().any(|line| line.trim_start().starts_with(of));
    start("[") && ["search =", "search=", "action.", "enableSched", "disabled"].iter().any(|key| start(key))
}

/// A stanza while the layers are put on each other.
struct Stanza {
    name: String,
    place: Place,
    settings: Settings,
}

/// Reads the layers of one app, lowest precedence first. What a stanza does not say it takes from `[default]`.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut stanzas: Vec<Stanza> = Vec::new();
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    for input in inputs {
        let text = text::decode(input)?;
        for stanza in parse(&input.name, &text) {
            match by_name.get(&stanza.name).and_then(|position| stanzas.get_mut(*position)) {
                Some(known) => {
                    known.settings.extend(stanza.settings);
                    known.place = stanza.place;
                }
                None => {
                    by_name.insert(stanza.name.clone(), stanzas.len());
                    stanzas.push(stanza);
                }
            }
        }
    }
    let default = by_name.get(DEFAULT).and_then(|position| stanzas.get(*position));
    let inherited = default.map(|stanza| stanza.settings.clone()).unwrap_or_default();
    let bytes: usize = inherited.iter().map(|(key, value)| key.len() + value.len()).sum();
    if let Some(stanza) = default.filter(|_| bytes > MAX_DEFAULT_BYTES) {
        let reason =
            "the stanza [default] is larger than 64 KiB, which no app's is: every search inherits it.";
        return Err(ReadError::new(&stanza.place.file, stanza.place.line, reason));
    }
    let mut reading = Reading::default();
    for stanza in stanzas.into_iter().filter(|stanza| stanza.name != DEFAULT) {
        let mut settings = inherited.clone();
        settings.extend(stanza.settings);
        reading.rules.push(rule(&stanza.name, stanza.place, &settings));
    }
    Ok(reading)
}

/// The stanzas of one file in order; what stands before the first belongs to `[default]`.
fn parse(file: &Arc<str>, text: &str) -> Vec<Stanza> {
    let mut stanzas: Vec<Stanza> = Vec::new();
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).enumerate();
    while let Some((number, line)) = lines.next() {
        let place = Place::line(file, number + 1);
        let start = line.trim_start();
        if start.is_empty() || start.starts_with('#') {
            continue;
        }
        if let Some(name) = header(start) {
            stanzas.push(Stanza { name: name.to_owned(), place, settings: Settings::new() });
            continue;
        }
        // A value goes on while its lines end in a backslash, whatever they begin with.
        let mut whole = line.to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            let Some((_, next)) = lines.next() else { break };
            whole.push('\n');
            whole.push_str(next);
        }
        let Some((key, value)) = whole.split_once('=') else { continue };
        if stanzas.is_empty() {
            stanzas.push(Stanza { name: DEFAULT.to_owned(), place, settings: Settings::new() });
        }
        if let Some(stanza) = stanzas.last_mut() {
            stanza.settings.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    stanzas
}

/// The name in `[name]`, which may hold brackets itself.
fn header(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('[')?;
    inner.rfind(']').and_then(|end| inner.get(..end))
}
