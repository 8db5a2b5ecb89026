//! Query languages as words, quoted texts and signs, without their comments: enough to find what stands beside what
//! in KQL, XQL, YARA-L and SQL-like expressions.

/// The most tokens that are read of a query: only a hostile one has more.
const MAX_TOKENS: usize = 50_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'q> {
    /// A name, keyword or number; dots between names belong to it.
    Word(&'q str),
    /// The text between quotes.
    Text(&'q str),
    Sign(char),
}

/// The tokens of a query.
pub fn tokens(query: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if rest.starts_with("//") {
            (None, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (None, rest.find("*/").map_or(rest.len(), |end| end + 2))
        } else if let Some(text) = rest.strip_prefix("```") {
            let end = text.find("```").unwrap_or(text.len());
            (text.get(..end).map(Token::Text), (end + 6).min(rest.len()))
        } else if "\"'`".contains(first) {
            let verbatim = first == '`' || tokens.last() == Some(&Token::Sign('@'));
            let end = quoted(rest, first, verbatim);
            (rest.get(1..end).map(Token::Text), (end + 1).min(rest.len()))
        } else if is_word(first) {
            let end = rest.find(|c: char| !is_word(c) && c != '.').unwrap_or(rest.len());
            (rest.get(..end).map(Token::Word), end)
        } else {
            (Some(Token::Sign(first)), first.len_utf8())
        };
        tokens.extend(token);
        if tokens.len() >= MAX_TOKENS {
            break;
        }
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    tokens
}

/// Returns true for a character that a name can have.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Finds the end of the text that starts with `quote`. A line's end is one, for quotes that never close. In a
/// `verbatim` text a backslash is a character like others.
fn quoted(text: &str, quote: char, verbatim: bool) -> usize {
    let mut escaped = false;
    for (position, char) in text.char_indices().skip(1) {
        match char {
            '\n' => return position,
            _ if escaped => escaped = false,
            '\\' => escaped = !verbatim,
            _ if char == quote => return position,
            _ => {}
        }
    }
    text.len()
}

/// The words or texts that a field is compared with at each place where `is_field` fits: behind `=`, `==`, `=~`, `:`, `like`
/// or `has`, or in the brackets behind one of these or `in`. A comparison with `!` before it is none.
pub fn compared<'q>(tokens: &[Token<'q>], is_field: impl Fn(&str) -> bool) -> Vec<&'q str> {
    let mut found = Vec::new();
    let fields =
        tokens.iter().enumerate().filter(|(_, token)| matches!(token, Token::Word(word) if is_field(word)));
    for (position, _) in fields {
        let mut operator = false;
        let mut list = false;
        for token in tokens.iter().skip(position + 1).take(200) {
            match token {
                // Such as the end of `lower(field)`.
                Token::Sign(')') if !operator => {}
                Token::Sign('=' | '~' | ':') => operator = true,
                Token::Sign('(') if operator => list = true,
                Token::Sign(',') | Token::Word("or") if list => {}
                Token::Word(word)
                    if !operator && OPERATORS.iter().any(|one| one.eq_ignore_ascii_case(word)) =>
                {
                    operator = true;
                }
                Token::Text(value) | Token::Word(value) if operator => {
                    found.push(*value);
                    if !list {
                        break;
                    }
                }
                _ => break,
            }
        }
    }
    found
}

const OPERATORS: [&str; 7] = ["in", "like", "has", "has_any", "contains", "startswith", "rlike"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn comments_and_quotes_hold_no_words() {
        let query = "a.b /* c */ == \"d \\\" // e\" // f\n| @'\\' `g\\` ```h\n'i```";
        let expected = [
            Token::Word("a.b"),
            Token::Sign('='),
            Token::Sign('='),
            Token::Text("d \\\" // e"),
            Token::Sign('|'),
            Token::Sign('@'),
            Token::Text("\\"),
            Token::Text("g\\"),
            Token::Text("h\n'i"),
        ];
        assert_eq!(tokens(query), expected);
    }

    #[test]
    fn comparisons_with_one_and_with_several() {
        for (query, expected) in [
            ("x = 'a' and y", vec!["a"]),
            ("lower(x) LIKE 'a' OR x IN ('b', 'c') AND z = 'd'", vec!["a", "b", "c"]),
            ("x == a | x in~ (b)", vec!["a", "b"]),
            ("x : (\"a\" or b.c) and x:d", vec!["a", "b.c", "d"]),
            ("x != 'a' and not x and (x)", vec![]),
        ] {
            assert_eq!(compared(&tokens(query), |word| word == "x"), expected, "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in "(x|=|in|like|\"|'|`|@|\\(|\\)|\\\\|,|//|/\\*|\n|é|\\PC){0,40}") {
            compared(&tokens(&query), |word| word == "x");
        }
    }
}
