//! `savedsearches.conf`: stanzas, `[default]`, continued lines, and `local/` over `default/`.

use std::{collections::BTreeMap, sync::Arc};

use super::saved_search::{Settings, rule};
use crate::sources::{
    formats::text,
    reading::{Input, Place, ReadError, Reading},
};

const DEFAULT: &str = "default";

/// The setting under which a search's app is kept here. Splunk has none of this name.
const APP: &str = "app";

/// The most bytes that every stanza inherits: without a limit, a file could grow while it is read.
const MAX_DEFAULT_BYTES: usize = 64 * 1024;

/// Recognises a conf text that holds saved searches, whatever the file is called.
pub fn recognises(text: &str) -> bool {
    // Found at once in a conf file, and missing from most other files, which may be long.
    if !text.contains('[') {
        return false;
    }
    let debug = is_debug(text);
    let start = |of: &str| {
        text.lines().any(|line| {
            let line = if debug { origin(line).map_or(line, |(_, line)| line) } else { line };
            line.trim_start().starts_with(of)
        })
    };
    start("[") && ["search =", "search=", "action.", "enableSched", "disabled"].iter().any(|key| start(key))
}

/// Returns true for what `btool --debug` prints: before each line the file that it comes from.
fn is_debug(text: &str) -> bool {
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| origin(line).is_some())
}

/// The file at the start of a line of `btool --debug`, and the line itself.
fn origin(line: &str) -> Option<(&str, &str)> {
    let end = line.find(".conf")? + ".conf".len();
    let (path, rest) = line.split_at(end);
    (path.contains(['/', '\\']) && !path.contains('=') && rest.starts_with([' ', '\t']))
        .then(|| (path, rest.trim_start()))
}

/// The app whose file a path is, as in `…/apps/APP/local/savedsearches.conf` or `APP/default/savedsearches.conf`.
fn app(path: &str) -> Option<&str> {
    let mut folders = path.rsplit(['/', '\\']).skip(1);
    let layer = folders.next()?;
    folders.next().filter(|_| ["default", "local"].contains(&layer)).filter(|app| !app.is_empty())
}

/// A stanza while the layers are put on each other.
struct Stanza {
    name: String,
    place: Place,
    settings: Settings,
    /// The key that was read last.
    last: String,
}

impl Stanza {
    fn new(name: &str, place: Place, app: Option<&str>) -> Self {
        let settings = app.map(|app| (APP.to_owned(), app.to_owned())).into_iter().collect();
        Self { name: name.to_owned(), place, settings, last: String::new() }
    }
}

/// Reads the layers of one app, lowest precedence first. What a stanza does not say it takes from `[default]`.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut stanzas: Vec<Stanza> = Vec::new();
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    for input in inputs {
        let text = text::decode(input)?;
        for mut stanza in parse(&input.name, &text) {
            if let Some(app) = app(&input.name).filter(|_| stanza.name != DEFAULT) {
                stanza.settings.entry(APP.to_owned()).or_insert_with(|| app.to_owned());
            }
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
    let debug = is_debug(text);
    while let Some((number, line)) = lines.next() {
        let place = Place::line(file, number + 1);
        let (path, line) = match origin(line).filter(|_| debug) {
            Some((path, line)) => (path, line),
            None if debug => {
                continue_value(&mut stanzas, line);
                continue;
            }
            None => ("", line),
        };
        let start = line.trim_start();
        if start.is_empty() || start.starts_with('#') {
            continue;
        }
        if let Some(name) = header(start) {
            stanzas.push(Stanza::new(name, place, app(path)));
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
            stanzas.push(Stanza::new(DEFAULT, place, None));
        }
        if let Some(stanza) = stanzas.last_mut() {
            let key = key.trim().to_owned();
            stanza.settings.insert(key.clone(), value.trim().to_owned());
            stanza.last = key;
        }
    }
    stanzas
}

/// Adds a line without a file before it, which `btool --debug` prints for a value of several lines.
fn continue_value(stanzas: &mut [Stanza], line: &str) {
    let value = stanzas.last_mut().and_then(|stanza| stanza.settings.get_mut(&stanza.last));
    if let Some(value) = value {
        value.push('\n');
        value.push_str(line);
    }
}

/// The name in `[name]`, which may hold brackets itself.
fn header(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('[')?;
    inner.rfind(']').and_then(|end| inner.get(..end))
}
