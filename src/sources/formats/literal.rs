//! Values as products write them into one string: JSON, Python's `repr`, or something close to either.

use serde_json::Value;

/// Deeper than any export nests; a hostile one stops here.
const MAX_DEPTH: usize = 32;

/// Reads a list, an object or a quoted string in JSON or Python notation. `None` for anything else, bare words and
/// numbers included: a plain text is no structure.
pub fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    if !text.starts_with(['[', '{', '(', '"', '\'']) {
        return None;
    }
    serde_json::from_str(text).ok().or_else(|| {
        let mut scan = Scan { rest: text };
        let value = scan.value(0)?;
        scan.space();
        scan.rest.is_empty().then_some(value)
    })
}

struct Scan<'a> {
    rest: &'a str,
}

impl Scan<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self, expected: char) -> bool {
        self.space();
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.space();
        match self.peek()? {
            '[' => self.list('[', ']', depth),
            '(' => self.list('(', ')', depth),
            '{' => self.object(depth),
            '"' | '\'' => self.string().map(Value::String),
            _ => self.bare(),
        }
    }

    fn list(&mut self, open: char, close: char, depth: usize) -> Option<Value> {
        self.take(open);
        let mut items = Vec::new();
        while !self.take(close) {
            items.push(self.value(depth + 1)?);
            if !self.take(',') {
                return self.take(close).then_some(Value::Array(items));
            }
        }
        Some(Value::Array(items))
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.take('{');
        let mut members = serde_json::Map::new();
        while !self.take('}') {
            let key = match self.value(depth + 1)? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            if !self.take(':') {
                return None;
            }
            members.insert(key, self.value(depth + 1)?);
            if !self.take(',') {
                return self.take('}').then_some(Value::Object(members));
            }
        }
        Some(Value::Object(members))
    }

    fn string(&mut self) -> Option<String> {
        let quote = self.peek()?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((position, char)) = chars.next() {
            match char {
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    other => text.push(other),
                },
                _ if char == quote => {
                    self.rest = self.rest.get(position + char.len_utf8()..)?;
                    return Some(text);
                }
                _ => text.push(char),
            }
        }
        None
    }

    /// `None`, `True`, a number, or a string with Python's prefix as in `u'T1059'`.
    fn bare(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && !"._+-".contains(c));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if word.is_empty() {
            return None;
        }
        self.rest = rest;
        if matches!(word, "u" | "b" | "r") && rest.starts_with(['"', '\'']) {
            return self.string().map(Value::String);
        }
        Some(match word {
            "None" | "null" => Value::Null,
            "True" | "true" => Value::Bool(true),
            "False" | "false" => Value::Bool(false),
            other => Value::String(other.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_python_say_the_same() {
        let expected = json!({"mitre_attack": ["T1059", "T1078.004"], "confidence": "50", "x": null});
        for text in [
            r#"{"mitre_attack": ["T1059", "T1078.004"], "confidence": "50", "x": null}"#,
            r#"{'mitre_attack': ['T1059', 'T1078.004'], 'confidence': '50', 'x': None}"#,
            r#"{u'mitre_attack': (u'T1059', u'T1078.004',), 'confidence': '50', 'x': None,}"#,
            r#"{"mitre_attack": ['T1059', "T1078.004",], confidence: 50, x: null}"#,
        ] {
            assert_eq!(parse(text), Some(expected.clone()), "{text}");
        }
        assert_eq!(parse(r#"'it\'s'"#), Some(json!("it's")));
    }

    #[test]
    fn plain_text_is_no_structure() {
        for text in ["T1059", "T1059, T1078", "", "[T1059", "{'a' 1}", "'open", "[] []"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"[".repeat(100_000)), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}()'\",:\\\\ uT0-9é]{0,60}") {
            parse(&text);
        }
    }
}
