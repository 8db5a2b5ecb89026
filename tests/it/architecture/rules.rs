//! The table at the top of `src/domain/release.rs`: every rule that the service publishes has exactly one function, whose
//! documentation begins with the rule's number, or says in which file it lives.

use std::collections::BTreeSet;

use peerbench::{
    app::privacy_terms::rules,
    domain::release::{Parameters, Preset},
};

use super::tree::{self, TextFile};

/// A row of the table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Home<'a> {
    rule: &'a str,
    file: &'a str,
    function: Option<&'a str>,
}

#[test]
fn every_rule_has_one_function_or_says_where_it_lives() {
    let files = tree::project();
    let policy = files.iter().find(|file| file.path == "src/domain/release.rs").expect("the policy");
    let listed = rules(&Parameters::preset(Preset::Default));
    let mut listed: BTreeSet<&str> = listed.iter().map(|(rule, _)| *rule).collect();
    // Two functions hold the published rule.
    listed.insert("R11b");
    let complaints = complaints(&table(&policy.text), &listed, &files);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The rows of the table in a file's header.
fn table(text: &str) -> Vec<Home<'_>> {
    let row = |line| {
        let mut cells = str::strip_prefix(line, "//! | ")?.split(" | ");
        let rule = cells.next().filter(|cell| cell.starts_with('R'))?;
        let mut names = cells.map(|cell| cell.split('`').nth(1));
        Some(Home { rule, file: names.next()??, function: names.next().flatten() })
    };
    text.lines().filter_map(row).collect()
}

/// The functions whose documentation begins with the number of a rule: the rule, the file, the name.
fn functions(files: &[TextFile]) -> Vec<Home<'_>> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("src/domain/release/")) {
        let mut documented = None;
        let mut before = "";
        for line in file.text.lines().map(str::trim_start) {
            if line.starts_with("///") && !before.starts_with("///") {
                let said = line.trim_start_matches("/// ").split_once(": ").map(|(rule, _)| rule);
                let number = |rule: &&str| rule.len() <= 4 && rule.starts_with('R');
                documented = said.filter(number);
            } else if let (Some(rule), Some((head, _))) = (documented, line.split_once('('))
                && let Some((_, name)) = head.split_once("fn ")
            {
                found.push(Home { rule, file: &file.path, function: name.split('<').next() });
                documented = None;
            }
            before = line;
        }
    }
    found
}

fn complaints(table: &[Home<'_>], listed: &BTreeSet<&str>, files: &[TextFile]) -> Vec<String> {
    let mut found = Vec::new();
    let named: BTreeSet<&str> = table.iter().map(|home| home.rule).collect();
    found.extend(listed.difference(&named).map(|rule| format!("{rule} is published and not in the table.")));
    found.extend(named.difference(listed).map(|rule| format!("{rule} is in the table and not published.")));
    let functions = functions(files);
    for home in table {
        let count = functions.iter().filter(|function| function.rule == home.rule).count();
        match home.function {
            Some(_) if count != 1 => found.push(format!("{} has {count} functions.", home.rule)),
            Some(_) if !functions.contains(home) => {
                found.push(format!("{home:?} is not where the table says."))
            }
            None if !files.iter().any(|file| file.path == home.file) => {
                found.push(format!("{}: there is no {}.", home.rule, home.file));
            }
            None if count > 0 => {
                found.push(format!("{} has a function and no name in the table.", home.rule))
            }
            _ => {}
        }
    }
    found
}

#[test]
fn a_wrong_table_is_refused() {
    let file =
        TextFile::new("src/domain/release/rules/a.rs", "/// R9: at least k.\nfn threshold(a: u32) {}\n");
    let table = |text: &'static str| table(text);
    let listed = BTreeSet::from(["R9"]);
    let complaints = |text| complaints(&table(text), &listed, std::slice::from_ref(&file));
    assert!(complaints("//! | R9 | `src/domain/release/rules/a.rs` | `threshold` |").is_empty());
    assert_eq!(complaints("//! | R9 | `src/domain/release/rules/a.rs` | `other` |").len(), 1);
    assert_eq!(complaints("//! | R9 | `src/domain/release/rules/b.rs` | `threshold` |").len(), 1);
    assert_eq!(complaints("").len(), 1);
    let more = "//! | R9 | `src/domain/release/rules/a.rs` | `threshold` |\n//! | R8 | `src/nowhere.rs` | |";
    assert_eq!(complaints(more).len(), 2);
}
