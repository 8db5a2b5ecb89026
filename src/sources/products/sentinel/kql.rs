//! The tables that a query in KQL reads. No full grammar: identifiers count where a table or a function that gives one
//! can stand and nothing else, and where the query has not defined them itself.

use std::collections::BTreeSet;

use crate::sources::formats::query::{Token, compared, is_word, tokens};

/// The most names that are read of a query: only a hostile one has more.
const MAX_NAMES: usize = 200;

/// The tables that a query reads.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The names as the crosswalk spells them: `table:SigninLogs`, or with what the query asks of a table that many products
    /// share, `table:CommonSecurityLog/Fortinet`.
    pub names: Vec<String>,
    /// The query runs where some of its tables do not exist.
    pub any_of: bool,
}

/// Tables that many products write to, and the columns that tell them apart.
const SHARED: [(&str, &[&str]); 3] = [
    ("CommonSecurityLog", &["DeviceVendor", "DeviceProduct"]),
    ("AzureDiagnostics", &["ResourceProvider", "ResourceType", "Category"]),
    ("SecurityAlert", &["ProviderName", "ProductName"]),
];

/// The sources of a query.
pub fn sources(query: &str) -> Sources {
    let tokens = tokens(query);
    let mut names = Vec::new();
    for table in tables(&tokens) {
        let columns =
            SHARED.iter().find(|(shared, _)| *shared == table).map_or(&[][..], |(_, columns)| columns);
        let asked: BTreeSet<&str> = compared(&tokens, |word| columns.contains(&word)).into_iter().collect();
        match asked.is_empty() {
            true => names.push(format!("table:{table}")),
            false => names.extend(asked.into_iter().map(|value| format!("table:{table}/{value}"))),
        }
    }
    let fuzzy = |pair: &[Token<'_>]| pair == [Token::Word("isfuzzy"), Token::Sign('=')];
    Sources { names, any_of: tokens.windows(2).any(fuzzy) }
}

/// Words behind which a table stands in brackets.
const OPENERS: [&str; 6] = ["join", "lookup", "union", "materialize", "toscalar", "view"];

/// Functions of the language that give rows of their own.
const BUILT_IN: [&str; 8] =
    ["materialize", "toscalar", "datatable", "externaldata", "table", "range", "print", "view"];

#[derive(Clone, Copy, Default)]
struct Scope {
    /// True between `union` and the next bar, where names stand behind commas.
    union: bool,
    /// A name alone between the brackets is a table.
    sole: bool,
}

/// The names of tables, each once, in order.
fn tables<'q>(tokens: &[Token<'q>]) -> Vec<&'q str> {
    let mut found: Vec<&str> = Vec::new();
    let mut defined = BTreeSet::new();
    let mut scopes = vec![Scope { sole: true, ..Scope::default() }];
    let mut expect = true;
    let at = |position: Option<usize>| position.and_then(|position| tokens.get(position)).copied();
    // A function of the query's own that is given the name of a table as a text.
    let by_text = tokens
        .windows(3)
        .any(|three| matches!(three, [Token::Word("table"), Token::Sign('('), Token::Word(_)]));
    let mut position = 0;
    while let Some(token) = at(Some(position)) {
        let before = at(position.checked_sub(1));
        let next = at(Some(position + 1));
        let mut add = |name: &'q str, defined: &BTreeSet<&str>| {
            let plain = name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !name.contains('.');
            if plain && !defined.contains(name) && !found.contains(&name) && found.len() < MAX_NAMES {
                found.push(name);
            }
        };
        match token {
            Token::Sign('|') => {
                expect = false;
                scopes.iter_mut().next_back().into_iter().for_each(|scope| scope.union = false);
            }
            Token::Sign(';') => {
                expect = true;
                scopes.iter_mut().next_back().into_iter().for_each(|scope| scope.union = false);
            }
            Token::Sign('{') => {
                expect = true;
                scopes.push(Scope { sole: true, ..Scope::default() });
            }
            Token::Sign('(') => {
                let sole = matches!(before, Some(Token::Word(word)) if OPENERS.contains(&word)) || expect;
                let call = matches!(before, Some(Token::Word(word)) if word != "in");
                expect = sole || !(call || before == Some(Token::Sign(')')));
                scopes.push(Scope { sole, ..Scope::default() });
            }
            Token::Sign(')' | '}') => {
                expect = false;
                if scopes.len() > 1 {
                    scopes.pop();
                }
            }
            Token::Sign(',') => expect = scopes.last().is_some_and(|scope| scope.union),
            Token::Sign('=') => {
                expect |= at(position.checked_sub(2)) == Some(Token::Word("let"));
            }
            Token::Word("let") => {
                expect = false;
                if let Some(Token::Word(name)) = next {
                    defined.insert(name);
                }
            }
            Token::Word("union") if expect || before == Some(Token::Sign('|')) => {
                expect = true;
                scopes.iter_mut().next_back().into_iter().for_each(|scope| scope.union = true);
            }
            Token::Word("join" | "lookup") if before == Some(Token::Sign('|')) => expect = true,
            Token::Word(_) if expect && next == Some(Token::Sign('=')) => position += 2,
            Token::Word(word) if expect => {
                expect = false;
                let scope = scopes.last().copied().unwrap_or_default();
                let ends = match next {
                    None | Some(Token::Sign('|' | ';' | '}')) | Some(Token::Word("on")) => true,
                    Some(Token::Sign(')')) => scope.sole || scope.union,
                    Some(Token::Sign(',')) => scope.union,
                    Some(Token::Sign('(')) => !BUILT_IN.contains(&word) && gives_rows(tokens, position + 1),
                    _ => false,
                };
                if ends && !["true", "false", "null"].contains(&word) {
                    add(word, &defined);
                }
            }
            Token::Text(text) => {
                expect = false;
                let function = match (before, at(position.checked_sub(2))) {
                    (Some(Token::Sign('(')), Some(Token::Word(function))) => function,
                    _ => "",
                };
                let named = function == "table" || (by_text && defined.contains(function));
                if named && text.chars().all(is_word) {
                    add(text, &defined);
                }
            }
            Token::Word(_) | Token::Sign(_) => {}
        }
        position += 1;
    }
    found
}

/// Returns true if a bar follows the brackets that open at `open`: the function before them gives a table.
fn gives_rows(tokens: &[Token<'_>], open: usize) -> bool {
    let mut depth = 0_usize;
    let mut rest = tokens.iter().skip(open);
    for token in rest.by_ref().take(1000) {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    rest.next() == Some(&Token::Sign('|'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tables_are_found_where_they_stand() {
        for (query, expected) in [
            ("SigninLogs | where a == b", vec!["SigninLogs"]),
            (
                "// Heartbeat\nlet t = 1d;\nlet x = AuditLogs | where b > ago(t);\nx | join kind=inner (SecurityEvent\n| where c) on d",
                vec!["AuditLogs", "SecurityEvent"],
            ),
            (
                "union isfuzzy=true (Syslog | take 1), WindowsEvent, (x\n| where a) | where b",
                vec!["Syslog", "WindowsEvent", "x"],
            ),
            (
                "union SigninLogs, AADNonInteractiveUserSignInLogs",
                vec!["SigninLogs", "AADNonInteractiveUserSignInLogs"],
            ),
            (
                "let f = (name:string) { table(name) | where a };\nlet s = f(\"SigninLogs\");\nunion isfuzzy=true s",
                vec!["SigninLogs"],
            ),
            ("let known = materialize(DeviceEvents | distinct a);\nknown", vec!["DeviceEvents"]),
            (
                "let bad = toscalar(ThreatIntelligenceIndicator | count);\nlet y = dynamic(['a']);let z = true; let q = y;\nDnsEvents\n| project a, b | extend c = d | where e in (f) and g == (h) | summarize max(i) by j",
                vec!["ThreatIntelligenceIndicator", "DnsEvents"],
            ),
            (
                "_Im_Dns(starttime=ago(1d)) | where a in (OfficeActivity | distinct b)",
                vec!["_Im_Dns", "OfficeActivity"],
            ),
            (
                "A | lookup kind=leftouter _GetWatchlist('x') on $left.a == $right.b | join hint.strategy=shuffle B on c",
                vec!["A", "B"],
            ),
            ("A | where x has 'B | C' and y == @'\\' | where z == \"a\\\"| D\" // | E", vec!["A"]),
        ] {
            assert_eq!(tables(&tokens(query)), expected, "{query}");
        }
    }

    #[test]
    fn shared_tables_are_told_apart() {
        let named = |query: &str| sources(query).names;
        assert_eq!(
            named("CommonSecurityLog | where DeviceVendor in~ ('Fortinet', \"Check Point\") and x == 'y'"),
            ["table:CommonSecurityLog/Check Point", "table:CommonSecurityLog/Fortinet"]
        );
        assert_eq!(
            named("AzureDiagnostics | where ResourceType =~ 'VAULTS'"),
            ["table:AzureDiagnostics/VAULTS"]
        );
        assert_eq!(named("CommonSecurityLog"), ["table:CommonSecurityLog"]);
        assert!(sources("union isfuzzy=true A, B").any_of && !sources("union A, B").any_of);
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in "(let|union|join|table| |=|\"|'|`|@|\\{|\\}|\\(|\\)|\\||;|,|//|\n|in|é|\\PC){0,40}") {
            sources(&query);
        }
    }
}
