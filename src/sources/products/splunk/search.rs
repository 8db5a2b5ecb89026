//! The log sources that a search names: source types, data models, event types, and the macros at the start of a
//! search, which is where people keep `index=… sourcetype=…`.

use crate::sources::formats::text;

/// The most names that are read of a search: only a hostile one has more.
const MAX_NAMES: usize = 500;

/// The most bytes of a name or list of names: a quote or bracket that never closes ends here.
const MAX_VALUE_BYTES: usize = 4096;

/// Raw names as the crosswalk spells them, e.g. `sourcetype:aws:cloudtrail`, `datamodel:Endpoint.Processes`,
/// `macro:sysmon`. Each once, in order. Index names are not read: they are the organisation's own.
pub fn sources(search: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |kind: &str, name: &str| {
        let name = format!("{kind}:{name}");
        if !name.ends_with(':') && found.len() < MAX_NAMES && !found.contains(&name) {
            found.push(name);
        }
    };
    let starts = starts(search);
    for (kind, key) in KINDS.iter().enumerate() {
        let starts = starts.iter().filter(|(of, _)| *of == kind).map(|(_, start)| *start);
        for value in starts.flat_map(|start| values(search, start, key)) {
            add(key, value.trim_matches('*'));
        }
    }
    if search.contains('`') {
        for name in base_searches(search).into_iter().flat_map(macros) {
            add("macro", name);
        }
    }
    found
}

/// Marks of an operating system in a search for processes and files. A data model holds all of them mixed; what the
/// search looks for tells which it can find.
const MARKS: [(&str, &[&str]); 3] = [
    ("windows", &[".exe", ".dll", "\\windows", "powershell", "hklm", "hkcu", "wmic", "rundll32"]),
    ("linux", &["linux", "/etc/", "/bin/", "/var/log", "/proc/", "sudo", "chmod", "systemctl", "crontab"]),
    ("macos", &["macos", ".plist", "/library/", "osascript", "launchctl"]),
];

/// The one operating system that a search, or else the rule's name, is about; `None` for several or none.
pub fn system(name: &str, search: &str) -> Option<&'static str> {
    [search, name].into_iter().find_map(|text| {
        let text = text.to_lowercase();
        let marked = |(system, marks): &(&'static str, &[&str])| {
            (text.contains(system) || marks.iter().any(|mark| text.contains(mark))).then_some(*system)
        };
        let mut found = MARKS.iter().filter_map(marked);
        found.next().filter(|_| found.next().is_none())
    })
}

/// The keys behind which a name stands.
const KINDS: [&str; 4] = ["sourcetype", "source", "eventtype", "datamodel"];

/// Finds each place where a key starts that continues no word, with the key's position in [`KINDS`].
fn starts(search: &str) -> Vec<(usize, usize)> {
    let bytes = search.as_bytes();
    let mut starts = Vec::new();
    let mut last = b' ';
    for (start, byte) in bytes.iter().enumerate() {
        let before = std::mem::replace(&mut last, *byte);
        let continues = before.is_ascii_alphanumeric() || b"_.-".contains(&before);
        if continues || !matches!(byte, b's' | b'S' | b'e' | b'E' | b'd' | b'D') {
            continue;
        }
        let rest = bytes.get(start..).unwrap_or_default();
        let is_key =
            |key: &&str| rest.get(..key.len()).is_some_and(|word| word.eq_ignore_ascii_case(key.as_bytes()));
        let Some(kind) = KINDS.iter().position(is_key) else { continue };
        // A letter that is none of ASCII's.
        if before.is_ascii() || !search.get(..start).is_some_and(|text| text.ends_with(char::is_alphanumeric))
        {
            starts.push((kind, start));
        }
    }
    starts
}

/// Returns the names behind the key at `start`: `key=`, `key IN (…)`, and for data models `datamodel NAME` and `datamodel:NAME`.
fn values<'a>(search: &'a str, start: usize, key: &str) -> Vec<&'a str> {
    let rest = head(search.get(start + key.len()..).unwrap_or_default());
    let after = rest.trim_start();
    if let Some(value) = after.strip_prefix('=').or_else(|| after.strip_prefix("::")) {
        first_word(value).into_iter().collect()
    } else if after.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("in")) {
        let list = after.get(2..).unwrap_or_default().trim_start().strip_prefix('(');
        let list = list.and_then(|list| list.split(')').next()).unwrap_or_default();
        list.split(',').filter_map(first_word).collect()
    } else if key == "datamodel" {
        let named = if rest.len() > after.len() { Some(after) } else { after.strip_prefix(':') };
        named.and_then(first_word).into_iter().collect()
    } else {
        Vec::new()
    }
}

/// At most the first [`MAX_VALUE_BYTES`] of a text.
fn head(text: &str) -> &str {
    text::head(text, MAX_VALUE_BYTES)
}

/// A quoted text, or everything up to a blank, bracket, comma or bar.
fn first_word(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let word = match text.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => {
            let ends = |c: char| {
                c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',' | '|' | '"' | '\'' | '`')
            };
            text.split(ends).next()
        }
    };
    word.map(str::trim).filter(|word| !word.is_empty())
}

/// The parts of a search that fetch events: up to the first `|`, and the same within `[…]`.
fn base_searches(search: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = Some(0);
    let mut quoted = false;
    let mut escaped = false;
    for (position, byte) in search.bytes().enumerate() {
        match byte {
            b'"' if !escaped => quoted = !quoted,
            b'[' if !quoted => {
                parts.extend(start.and_then(|start| search.get(start..position)));
                start = Some(position + 1);
            }
            b'|' | b']' if !quoted => {
                parts.extend(start.take().and_then(|start| search.get(start..position)));
            }
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
    }
    parts.extend(start.and_then(|start| search.get(start..)));
    parts
}

/// The names of the macros in a part, without their arguments.
fn macros(part: &str) -> impl Iterator<Item = &str> {
    part.split('`').skip(1).step_by(2).map(|name| head(name).split('(').next().unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{sources, system};

    #[test]
    fn sources_are_found_where_searches_name_them() {
        let cases: [(&str, &[&str]); 11] = [
            ("index=main sourcetype=\"aws:cloudtrail\" eventName=X", &["sourcetype:aws:cloudtrail"]),
            (
                "sourcetype IN (WinEventLog, \"XmlWinEventLog\") | stats count",
                &["sourcetype:WinEventLog", "sourcetype:XmlWinEventLog"],
            ),
            ("`sysmon` EventCode=1 | `security_content_ctime(firstTime)`", &["macro:sysmon"]),
            (
                "| tstats `summariesonly` count from datamodel=Endpoint.Processes by x | `f`",
                &["datamodel:Endpoint.Processes"],
            ),
            (
                "| tstats count from datamodel=\"Authentication\".\"Authentication\"",
                &["datamodel:Authentication"],
            ),
            ("| from datamodel:\"Web\" | stats count", &["datamodel:Web"]),
            ("| datamodel Network_Traffic All_Traffic search", &["datamodel:Network_Traffic"]),
            ("`okta` x | join user [search `cloudtrail` | stats c]", &["macro:okta", "macro:cloudtrail"]),
            ("source=\"WinEventLog:Security\" foo", &["source:WinEventLog:Security"]),
            ("my_sourcetype=x mysource=y data_source=z", &[]),
            ("index=secret_index | stats count by sourcetype", &[]),
        ];
        for (search, expected) in cases {
            assert_eq!(sources(search), expected, "{search}");
        }
    }

    #[test]
    fn the_operating_system_is_told_where_there_is_one() {
        for (name, search, expected) in [
            ("x", "Processes.process_name=\"wscript.exe\"", Some("windows")),
            ("Linux Sudo", "Processes.process=*visudo*", Some("linux")),
            ("Windows thing", "Processes.process=x", Some("windows")),
            ("x", "Processes.process=\"*/etc/passwd*\"", Some("linux")),
            ("x", "Filesystem.file_path=*.plist", Some("macos")),
            ("x", "a.exe OR /etc/shadow", None),
            ("x", "Processes.user=x", None),
        ] {
            assert_eq!(system(name, search), expected, "{search}");
        }
    }

    proptest! {
        #[test]
        fn no_search_makes_it_panic(search in "(sourcetype|datamodel| |=|\"|`|\\[|\\]|\\||\\(|in|é|\\PC){0,30}") {
            sources(&search);
        }
    }
}
