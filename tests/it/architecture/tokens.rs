//! As much of Rust's lexical grammar as it takes to know which names a file uses: comments, strings and characters
//! are skipped, so that a sentence about a crate is not mistaken for its use.

/// A name or one sign, with the line (from 1) on which it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub line: usize,
    pub text: &'a str,
}

/// The names and signs of a source text, in order.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = Rest { source, at: 0, line: 1 };
    while let Some(next) = rest.peek(0) {
        let (start, line) = (rest.at, rest.line);
        if rest.starts_with("//") {
            rest.skip_while(|c| c != '\n');
        } else if rest.starts_with("/*") {
            rest.skip_block_comment();
        } else if let Some(hashes) = rest.string_start() {
            rest.skip_string(hashes);
        } else if next == '\'' {
            rest.skip_character_or_lifetime();
        } else if next.is_alphanumeric() || next == '_' {
            rest.skip_while(|c| c.is_alphanumeric() || c == '_');
            found.push(Token { line, text: &source[start..rest.at] });
        } else {
            rest.advance();
            if !next.is_whitespace() {
                found.push(Token { line, text: &source[start..rest.at] });
            }
        }
    }
    found
}

/// Whether `::` stands at a place.
pub fn is_path_sign(tokens: &[Token<'_>], index: usize) -> bool {
    let colon = |at: usize| tokens.get(at).is_some_and(|t| t.text == ":");
    colon(index) && colon(index + 1)
}

/// How a string literal ends: at an unescaped quote, or, for a raw one, at a quote and so many hashes.
#[derive(Clone, Copy)]
enum StringKind {
    Escaped,
    Raw(usize),
}

struct Rest<'a> {
    source: &'a str,
    at: usize,
    line: usize,
}

impl Rest<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.source[self.at..].chars().nth(ahead)
    }

    fn starts_with(&self, text: &str) -> bool {
        self.source[self.at..].starts_with(text)
    }

    fn advance(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += next.len_utf8();
        self.line += usize::from(next == '\n');
        Some(next)
    }

    fn skip(&mut self, characters: usize) {
        for _ in 0..characters {
            self.advance();
        }
    }

    fn skip_while(&mut self, accept: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&accept) {
            self.advance();
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0usize;
        while self.at < self.source.len() {
            if self.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.starts_with("*/") {
                depth -= 1;
                self.skip(2);
                if depth == 0 {
                    return;
                }
            } else {
                self.advance();
            }
        }
    }

    /// Whether a string literal starts here, with any of the prefixes b, c, r, br, cr; moves onto its first quote
    /// or hash if so. `r#name` is a raw name, not a string.
    fn string_start(&mut self) -> Option<StringKind> {
        let prefix: String =
            self.source[self.at..].chars().take_while(|c| matches!(c, 'b' | 'c' | 'r')).collect();
        let hashes = self.source[self.at + prefix.len()..].chars().take_while(|&c| c == '#').count();
        let quoted = self.peek(prefix.len() + hashes) == Some('"');
        let kind = match prefix.as_str() {
            "" | "b" | "c" if quoted && hashes == 0 => StringKind::Escaped,
            "r" | "br" | "cr" if quoted => StringKind::Raw(hashes),
            _ => return None,
        };
        self.skip(prefix.len());
        Some(kind)
    }

    fn skip_string(&mut self, kind: StringKind) {
        match kind {
            StringKind::Escaped => {
                self.skip(1);
                while let Some(next) = self.advance() {
                    match next {
                        '\\' => self.skip(1),
                        '"' => return,
                        _ => {}
                    }
                }
            }
            StringKind::Raw(hashes) => {
                self.skip(hashes + 1);
                let end = format!("\"{}", "#".repeat(hashes));
                while self.at < self.source.len() && !self.starts_with(&end) {
                    self.advance();
                }
                self.skip(end.len());
            }
        }
    }

    fn skip_character_or_lifetime(&mut self) {
        self.skip(1);
        if self.peek(0) == Some('\\') {
            self.skip(2);
            self.skip_while(|c| c != '\'');
            self.skip(1);
        } else if self.peek(1) == Some('\'') {
            self.skip(2);
        } else {
            self.skip_while(|c| c.is_alphanumeric() || c == '_');
        }
    }
}

#[test]
fn comments_strings_and_characters_hold_no_names() {
    let source = r###"
        // diesel
        /* polars /* nested */ actix */
        let quote = '"'; let tick = '\''; let life: &'static str = "utoipa \" diesel";
        let raw = r#"polars " "#; let bytes = br"diesel"; let c = b'x';
        fn r#type() {}
    "###;
    let names: Vec<_> = tokens(source).into_iter().map(|t| t.text).collect();
    let expected = "let quote = ; let tick = ; let life : & str = ; let raw = ; let bytes = ; let c = b ; \
                    fn r # type ( ) { }";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn a_token_knows_its_line() {
    let tokens = tokens("one\n\"two\nthree\" four");
    assert_eq!(tokens, [Token { line: 1, text: "one" }, Token { line: 3, text: "four" }]);
}
