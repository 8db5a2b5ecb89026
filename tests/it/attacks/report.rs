//! `docs/privacy-tests.md`: what each attack tried and what came of it. Every attack's test says its line when it has
//! passed; the line must stand in the page, or, with `PEERBENCH_WRITE_DOCS=1`, is put there.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

const HEADER: &str = "# Attacks on the promise, and their results

This page is generated from the tests in `tests/it/attacks/` (see `CONTRIBUTING.md`). Each line comes from the test that it
names; if a line is no longer true, its test fails. The *Without* column repeats the attack with the relevant rule disabled
(a test-only switch that no configuration reaches). It must succeed there; otherwise the test proves nothing. AUC says how
well an attacker distinguishes two possibilities: 0.50 is guessing, 1.00 is certainty. Seeds are fixed, so the numbers are
the same in every run. `GET /v1/privacy` lists the rules. *The earlier rules* are those of the first version of this service:
without R31 to R35, and with other forms of R28 and R29.

The first three headings are the criteria by which opinion 05/2014 of the Article 29 Working Party measures anonymisation.
";

const SECTIONS: [(&str, &str, &[u32]); 6] = [
    ("Singling out", "Is one organisation's contribution isolated in what is published?", &[1, 2, 14, 20]),
    ("Linkability", "Can two visible things be linked to the same organisation?", &[28]),
    ("Inference", "Can an organisation's scores be inferred?", &[4, 5, 6, 7, 8, 19]),
    (
        "Colluders",
        "Can several members whose values one attacker chooses learn what another member changed, or what it covers?",
        &[31, 32, 33, 34, 35, 36, 38, 39, 40, 42],
    ),
    (
        "Tried as an outsider",
        "Further attacks by a member who knows the published rules.",
        &[43, 44, 45, 46, 47, 48, 49, 50],
    ),
    ("Everything else", "Access, side channels, parameters, poisoning, and differences between tables.", &[]),
];

/// The attacks that must have a line.
const ATTACKS: std::ops::RangeInclusive<u32> = 1..=50;

static PAGE: Mutex<()> = Mutex::new(());

pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/privacy-tests.md")
}

fn writes() -> bool {
    std::env::var_os("PEERBENCH_WRITE_DOCS").is_some()
}

/// A line's attack and test, which identify it, and its text.
type Lines = BTreeMap<(u32, String), String>;

fn lines(page: &str) -> Lines {
    let line = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let number = cells.get(1)?.strip_prefix('A')?.parse().ok()?;
        let test = cells.iter().rev().nth(1)?.trim_matches('`').to_owned();
        Some(((number, test), line.to_owned()))
    };
    page.lines().filter_map(line).collect()
}

/// Where the part begins that a command of its own writes (`costs.rs`).
pub const COSTS: &str = "\n## What the rules reach and cost\n";

/// The part that a command of its own writes.
fn costs(page: &str) -> &str {
    page.find(COSTS).map_or("", |at| &page[at..])
}

fn page(lines: &Lines, costs: &str) -> String {
    let mut page = HEADER.to_owned();
    let named: Vec<u32> = SECTIONS.iter().flat_map(|(_, _, attacks)| attacks.iter().copied()).collect();
    for (name, question, attacks) in SECTIONS {
        let head =
            "| attack | what is tried | rules | with them | without | test |\n|---|---|---|---|---|---|";
        write!(page, "\n## {name}\n\n{question}\n\n{head}\n").unwrap();
        for ((number, _), line) in lines {
            if attacks.contains(number) || attacks.is_empty() && !named.contains(number) {
                writeln!(page, "{line}").unwrap();
            }
        }
    }
    page + costs
}

/// Says what came of the attack that the calling test tried: by which rules it was met, what it got with them, and what
/// without.
#[track_caller]
pub fn report(attack: u32, tried: &str, rules: &str, with: &str, without: &str) {
    let thread = std::thread::current();
    let name = thread.name().expect("tests run in threads of their name");
    let test = name.replace("on_sqlite::", "").replace("on_postgres::", "");
    let test = test.trim_start_matches("attacks::").to_owned();
    let line = format!("| A{attack} | {tried} | {rules} | {with} | {without} | `{test}` |");
    let _one = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let committed = fs::read_to_string(path()).unwrap_or_default();
    let mut lines = lines(&committed);
    if writes() {
        lines.insert((attack, test), line);
        fs::write(path(), page(&lines, costs(&committed))).unwrap();
        return;
    }
    let stands = lines.get(&(attack, test));
    assert_eq!(stands, Some(&line), "docs/privacy-tests.md is stale: CONTRIBUTING.md says how to renew it");
}

#[test]
fn the_page_has_every_attack_and_no_line_without_a_test() {
    let _one = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let committed = fs::read_to_string(path()).unwrap_or_default();
    let mut lines = lines(&committed);
    let exists = |test: &str| {
        let (file, function) = test.split_once("::").unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/attacks");
        let source = fs::read_to_string(folder.join(format!("{file}.rs"))).unwrap_or_default();
        source.contains(&format!("fn {function}("))
    };
    if writes() {
        lines.retain(|(_, test), _| exists(test));
        fs::write(path(), page(&lines, costs(&committed))).unwrap();
        return;
    }
    for (_, test) in lines.keys() {
        assert!(exists(test), "docs/privacy-tests.md names {test}, which is no test any more");
    }
    let missing: Vec<u32> =
        ATTACKS.filter(|attack| !lines.keys().any(|(known, _)| known == attack)).collect();
    assert!(missing.is_empty(), "docs/privacy-tests.md says nothing of {missing:?}");
    assert_eq!(committed, page(&lines, costs(&committed)), "docs/privacy-tests.md was edited by hand");
}
