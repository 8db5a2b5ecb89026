//! Events as Log Exporter sends them line by line: CEF (`CEF:0|Check Point|…|key=value …`) and syslog
//! (`[action:"Drop"; product:"…"; ]`).

/// Recognises a text that is made of such lines.
pub fn recognises(text: &str) -> bool {
    text.lines().take(20).any(|line| line.contains("|Check Point|") || is_syslog(line))
}

fn is_syslog(line: &str) -> bool {
    line.find("[").and_then(|start| line.get(start + 1..)).is_some_and(|rest| {
        let key = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        key > 0 && rest.get(key..).is_some_and(|after| after.starts_with(":\""))
    })
}

/// Calls `with` for each event with the number of its line and its fields. A CEF event that was wrapped goes on in the
/// lines that begin no other.
pub fn events(text: &str, mut with: impl FnMut(usize, Vec<(&str, String)>)) {
    let mut starts = Vec::new();
    let mut position = 0;
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        if line.contains("|Check Point|") || is_syslog(line) {
            starts.push((position, number));
        }
        position += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([text.len()]);
    for ((start, number), end) in starts.iter().zip(ends) {
        let event = text.get(*start..end).unwrap_or_default();
        with(*number, if is_syslog(event) { syslog(event) } else { cef(event) });
    }
}

/// `key:"value"`, a backslash before a quote or bracket of the value.
fn syslog(event: &str) -> Vec<(&str, String)> {
    let mut fields = Vec::new();
    let mut rest = event;
    while let Some(at) = rest.find(":\"") {
        let (before, after) = rest.split_at(at);
        let (value, length) = quoted(after.get(2..).unwrap_or_default());
        fields.push((last_word(before), value));
        rest = after.get(2 + length..).unwrap_or_default();
    }
    fields
}

/// The text up to the closing quote, and how many bytes it takes with it.
fn quoted(text: &str) -> (String, usize) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, at + 1),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, text.len())
}

/// The product of the header, then `key=value`, where a value goes on to the last word before the next `=`.
fn cef(event: &str) -> Vec<(&str, String)> {
    let mut bars = event.match_indices('|').filter(|(at, _)| !is_escaped(event, *at)).map(|(at, _)| at);
    let vendor = bars.find(|at| event.get(*at..).is_some_and(|rest| rest.starts_with("|Check Point|")));
    // Vendor, product, version, signature, name, severity, extension.
    let header: Vec<usize> = vendor.into_iter().chain(bars.take(6)).collect();
    let [_, product, version, .., extension] = header.as_slice() else { return Vec::new() };
    let extension = event.get(extension + 1..).unwrap_or_default();
    let mut fields = Vec::new();
    let mut equals =
        extension.match_indices('=').map(|(at, _)| at).filter(|at| !is_escaped(extension, *at)).peekable();
    while let Some(at) = equals.next() {
        let key = last_word(extension.get(..at).unwrap_or_default());
        let mut value =
            extension.get(at + 1..equals.peek().copied().unwrap_or(extension.len())).unwrap_or_default();
        if equals.peek().is_some() {
            value = value.get(..value.len() - last_word(value).len()).unwrap_or_default();
        }
        fields.push((key, value.trim().replace("\\=", "=").replace("\\|", "|")));
    }
    let said = fields.iter().any(|(key, value)| *key == "product" && !value.is_empty());
    if !said {
        let product = event.get(product + 1..*version).unwrap_or_default();
        fields.push(("product", product.trim().to_owned()));
    }
    fields
}

fn is_escaped(text: &str, at: usize) -> bool {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// The word at the end of a text, without what separates it from the one before.
fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| c.is_whitespace() || "[;|".contains(c)).next().unwrap_or_default()
}
