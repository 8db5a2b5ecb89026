//! The house rules of `ARCHITECTURE.md` that a machine can check, on every file of the project: which folder may
//! name which crate, which layer may use which, and what every file looks like. Each rule is shown to fail on a
//! made-up file.

mod circles;
mod imports;
mod rules;
mod tokens;
pub mod tree;

use tokens::{Token, is_path_sign};
use tree::TextFile;

/// The layers of the library and what each may use besides itself. A new folder in `src/` needs its line here.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("environment", &[]),
    ("settings", &["domain"]),
    ("sources", &["domain"]),
    ("analytics", &["domain"]),
    ("store", &["domain", "environment"]),
    ("auth", &["domain", "environment"]),
    ("app", &["domain", "environment", "sources", "analytics", "store", "auth"]),
    ("wire", &["domain", "app"]),
    ("report", &["domain", "wire"]),
    ("connect", &["domain", "environment", "wire", "report"]),
    (
        "http",
        &[
            "domain",
            "environment",
            "settings",
            "sources",
            "analytics",
            "store",
            "auth",
            "app",
            "wire",
            "report",
            "connect",
        ],
    ),
    (
        "cli",
        &[
            "domain",
            "environment",
            "settings",
            "sources",
            "analytics",
            "store",
            "auth",
            "app",
            "wire",
            "report",
            "connect",
            "http",
        ],
    ),
];

/// Crates, by the part of the name that tells the family, and the layers or folders that may name them. The wire model describes
/// itself for the OpenAPI document.
const HOMES: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("libsqlite3_sys", &["store"]),
    ("polars", &["analytics"]),
    ("actix", &["http"]),
    ("utoipa", &["http", "wire"]),
    ("askama", &["http/page"]),
    ("ureq", &["connect", "cli"]),
    ("krilla", &["report"]),
    ("rust_xlsxwriter", &["report"]),
    ("skrifa", &["report"]),
];

/// The crates that the domain may name. None of them reads a clock, draws a random number or does input or output
/// in the way that it is used.
const DOMAIN_CRATES: &[&str] =
    &["serde", "serde_json", "thiserror", "chrono", "sha2", "aes", "hmac", "rayon"];

/// The parts of std and of the allowed crates that reach out of the domain.
const DOMAIN_REFUSES: &[(&str, &str)] = &[
    ("std", "env"),
    ("std", "fs"),
    ("std", "net"),
    ("std", "process"),
    ("std", "thread"),
    ("Utc", "now"),
    ("Local", "now"),
    ("SystemTime", "now"),
    ("Instant", "now"),
];

const LONGEST_FILE: usize = 600;

/// Folders that exist on one machine only, as the first part of an absolute path.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "work", "tmp", "Users"];

#[test]
fn every_file_keeps_the_rules() {
    let files = tree::project();
    let manifest = files.iter().find(|f| f.path == "Cargo.toml").expect("the manifest");
    let dependencies = tree::dependencies(&manifest.text);
    let mut complaints: Vec<_> = files.iter().flat_map(|file| complaints(file, &dependencies)).collect();
    complaints.extend(orphans(&files));
    assert!(complaints.is_empty(), "{} broken rules:\n{}", complaints.len(), complaints.join("\n"));
}

/// Everything that is wrong with a file, one sentence each, with the file's name and, where it helps, the line.
fn complaints(file: &TextFile, dependencies: &[String]) -> Vec<String> {
    let mut found = machine_paths(file);
    if file.is_rust() {
        found.extend(shape(file));
    }
    if let Some(modules) = file.modules() {
        let tokens = file.tokens();
        found.extend(crates(file, &tokens));
        match modules.first() {
            None => found.extend(roots(file, &tokens)),
            Some(&layer) => found.extend(direction(file, layer, modules.len(), &tokens)),
        }
        if modules.first() == Some(&"domain") {
            found.extend(purity(file, &tokens, dependencies));
        }
    }
    found
}

fn shape(file: &TextFile) -> Vec<String> {
    let mut found = Vec::new();
    if !file.text.starts_with("//!") {
        found.push(format!("{}: starts without a `//!` line that says what the file is for.", file.path));
    }
    let lines = file.text.lines().count();
    if lines > LONGEST_FILE {
        found.push(format!("{}: {lines} lines, above {LONGEST_FILE}; split it by idea.", file.path));
    }
    if file.path.ends_with("/mod.rs") {
        found.push(format!("{}: put the module into a file named like its folder, beside it.", file.path));
    }
    found
}

/// Files that no module declares: they are not compiled, and so are their tests not.
fn orphans(files: &[TextFile]) -> Vec<String> {
    let declares = |parent: &str, module: &str| {
        let Some(file) = files.iter().find(|f| f.path == parent) else { return false };
        file.tokens().windows(2).any(|pair| pair[0].text == "mod" && pair[1].text == module)
    };
    let orphaned = |file: &&TextFile| match file.modules().as_deref() {
        None | Some([]) => false,
        Some([module]) => !declares("src/lib.rs", module),
        Some([parents @ .., module]) => !declares(&format!("src/{}.rs", parents.join("/")), module),
    };
    let said = |file: &TextFile| format!("{}: no module declares it, so it is not compiled.", file.path);
    files.iter().filter(orphaned).map(said).collect()
}

fn machine_paths(file: &TextFile) -> Vec<String> {
    let marks: Vec<_> = MACHINE_FOLDERS.iter().map(|folder| format!("/{folder}/")).collect();
    let of_machine = |line: &str, mark: &str| {
        line.match_indices(mark).any(|(at, _)| {
            // Inside a longer path or an address it is no absolute path.
            !line[..at].ends_with(|c: char| c.is_alphanumeric() || "./-_}".contains(c))
        })
    };
    file.text
        .lines()
        .enumerate()
        .flat_map(|(index, line)| {
            marks.iter().filter(move |mark| of_machine(line, mark)).map(move |mark| (index + 1, mark))
        })
        .map(|(line, mark)| format!("{}:{line}: `{mark}…` is a path of one machine.", file.path))
        .collect()
}

fn crates(file: &TextFile, tokens: &[Token<'_>]) -> Vec<String> {
    let is_in = |home: &&str| {
        let rest = file.path.strip_prefix("src/").and_then(|path| path.strip_prefix(*home));
        rest.is_some_and(|rest| rest.starts_with(['/', '.']))
    };
    let misplaced = |name: &str| {
        HOMES
            .iter()
            .find(|(family, homes)| names_family(name, family) && !homes.iter().any(is_in))
            .map(|(_, homes)| homes.join("/ and src/"))
    };
    let complain = |token: &Token<'_>| {
        let home = misplaced(token.text)?;
        let (path, line, name) = (&file.path, token.line, token.text);
        Some(format!("{path}:{line}: names `{name}`; only src/{home}/ may."))
    };
    tokens.iter().filter_map(complain).collect()
}

/// `diesel`, `diesel_migrations`, `tracing_actix_web`, but not `dieselish`.
fn names_family(name: &str, family: &str) -> bool {
    name == family || name.starts_with(&format!("{family}_")) || name.contains(&format!("_{family}_"))
}

/// The binary calls the command line and nothing else.
fn roots(file: &TextFile, tokens: &[Token<'_>]) -> Vec<String> {
    if file.path != "src/main.rs" {
        return Vec::new();
    }
    targets(tokens, "peerbench")
        .into_iter()
        .filter(|(_, target)| *target != "cli")
        .map(|(line, target)| format!("src/main.rs:{line}: uses `{target}`; it may only call `cli`."))
        .collect()
}

fn direction(file: &TextFile, layer: &str, depth: usize, tokens: &[Token<'_>]) -> Vec<String> {
    let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![format!(
            "{}: `{layer}` is no layer; say in tests/it/architecture.rs what it may use.",
            file.path
        )];
    };
    let mut used = targets(tokens, "crate");
    used.extend(above_the_root(tokens, depth));
    used.into_iter()
        .filter(|(_, target)| *target != layer && LAYERS.iter().any(|(name, _)| name == target))
        .filter(|(_, target)| !below.contains(target))
        .map(|(line, target)| {
            format!("{}:{line}: `{layer}` uses `{target}`, against the direction of dependencies.", file.path)
        })
        .collect()
}

fn purity(file: &TextFile, tokens: &[Token<'_>], dependencies: &[String]) -> Vec<String> {
    let foreign = |name: &str| dependencies.iter().any(|d| d == name) && !DOMAIN_CRATES.contains(&name);
    let path = &file.path;
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let starts_a_path = !follows_path_sign(tokens, index) && is_path_sign(tokens, index + 1);
        if starts_a_path && foreign(token.text) {
            let allowed = DOMAIN_CRATES.join(", ");
            let (line, name) = (token.line, token.text);
            found.push(format!(
                "{path}:{line}: the domain names the crate `{name}`; it may name std, {allowed}."
            ));
        }
    }
    for (outer, inner) in DOMAIN_REFUSES {
        for (line, target) in targets(tokens, outer) {
            if target == *inner {
                found.push(format!(
                    "{path}:{line}: the domain uses `{outer}::{inner}`; take the value as an argument."
                ));
            }
        }
    }
    found
}

/// What is named right below `root`: `b` and `c` in `root::{b::x, c}`, `d` in `root::d::y`; with the line.
fn targets<'a>(tokens: &[Token<'a>], root: &str) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.text == root && is_path_sign(tokens, index + 1) {
            found.extend(children(&tokens[index + 3..]));
        }
    }
    found
}

/// The names at the head of what follows a `::`.
fn children<'a>(tokens: &[Token<'a>]) -> Vec<(usize, &'a str)> {
    match tokens.first() {
        Some(open) if open.text == "{" => {
            let (mut depth, mut at_head, mut found) = (0usize, false, Vec::new());
            for token in tokens {
                match token.text {
                    "{" => {
                        depth += 1;
                        at_head = depth == 1;
                    }
                    "}" if depth == 1 => break,
                    "}" => depth -= 1,
                    "," => at_head = depth == 1,
                    name if at_head => {
                        found.push((token.line, name));
                        at_head = false;
                    }
                    _ => {}
                }
            }
            found
        }
        Some(name) => vec![(name.line, name.text)],
        None => Vec::new(),
    }
}

/// What is named by climbing with `super::` to the crate's root from a file so many modules deep.
fn above_the_root<'a>(tokens: &[Token<'a>], depth: usize) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    let (mut index, mut climbed) = (0, 0);
    while index < tokens.len() {
        if tokens[index].text == "super" && is_path_sign(tokens, index + 1) {
            climbed += 1;
            index += 3;
            if climbed >= depth && tokens.get(index).is_some_and(|t| t.text != "super") {
                found.extend(children(&tokens[index..]));
            }
        } else {
            climbed = 0;
            index += 1;
        }
    }
    found
}

fn follows_path_sign(tokens: &[Token<'_>], index: usize) -> bool {
    index >= 2 && is_path_sign(tokens, index - 2)
}

#[cfg(test)]
mod each_rule_can_fail {
    use super::*;

    /// What the rules say about one made-up file of the library, its header already written.
    fn said(path: &str, code: &str) -> String {
        let file = TextFile::new(path, format!("//! A file.\n{code}"));
        complaints(&file, &["rand".to_owned(), "serde".to_owned(), "chrono".to_owned()]).join("\n")
    }

    #[track_caller]
    fn refused(path: &str, code: &str, reason: &str) {
        let said = said(path, code);
        assert!(
            said.contains(reason),
            "{path} with `{code}` should be refused for {reason:?}; said: {said:?}"
        );
    }

    #[track_caller]
    fn accepted(path: &str, code: &str) {
        assert_eq!(said(path, code), "", "{path} with `{code}` should be accepted");
    }

    #[test]
    fn crates_stay_at_home() {
        refused("src/app/x.rs", "use diesel::prelude::*;", "2: names `diesel`; only src/store/");
        refused("src/app/x.rs", "#[derive(diesel::Queryable)] struct S;", "only src/store/");
        refused("src/http/x.rs", "use polars::prelude::*;", "only src/analytics/");
        refused("src/cli/x.rs", "fn f() { actix_web::rt::spawn(x) }", "only src/http/");
        refused("src/domain/x.rs", "#[derive(utoipa::ToSchema)] struct S;", "only src/http/");
        refused("src/cli.rs", "use tracing_actix_web::TracingLogger;", "only src/http/");
        refused("src/main.rs", "use diesel_migrations::x;", "only src/store/");
        accepted("src/store/x.rs", "use diesel::prelude::*;");
        accepted("src/http/v1/x.rs", "use actix_web::web; use utoipa::ToSchema;");
        accepted("src/app/x.rs", "// diesel and polars are elsewhere\nconst S: &str = \"actix\";");
    }

    #[test]
    fn the_domain_is_pure() {
        refused("src/domain/x.rs", "use rand::Rng;", "names the crate `rand`");
        refused("src/domain/x.rs", "use std::fs;", "uses `std::fs`");
        refused("src/domain/x.rs", "use std::{fmt, process::Command};", "uses `std::process`");
        refused("src/domain/x.rs", "fn f() { chrono::Utc::now(); }", "uses `Utc::now`");
        accepted(
            "src/domain/x.rs",
            "use std::{fmt, net_like};\nuse serde::Serialize;\nuse chrono::NaiveDate;",
        );
        accepted("src/domain/x.rs", "use super::rand::Draw;");
        accepted("src/app/x.rs", "use rand::Rng; use std::fs;");
    }

    #[test]
    fn dependencies_point_downwards() {
        refused("src/domain/x.rs", "use crate::store::Db;", "`domain` uses `store`");
        refused("src/store/x.rs", "use crate::{domain::scale, app};", "`store` uses `app`");
        refused("src/app/x.rs", "\nfn f() { crate::http::serve() }", "src/app/x.rs:3: `app` uses `http`");
        refused("src/http/x.rs", "use crate::cli;", "`http` uses `cli`");
        refused("src/domain/attack/x.rs", "use super::super::super::store::Db;", "`domain` uses `store`");
        refused("src/surprise/x.rs", "", "`surprise` is no layer");
        refused("src/main.rs", "fn main() { peerbench::http::serve() }", "may only call `cli`");
        accepted("src/app/x.rs", "use crate::{app::y, domain::{scale, cohort}, store::Db};");
        accepted("src/domain/attack/x.rs", "use super::super::scale; use super::ids;");
        accepted("src/cli/x.rs", "use crate::http::server;");
        accepted("src/main.rs", "fn main() { peerbench::cli::main() }");
    }

    #[test]
    fn files_have_a_header_a_limit_and_a_name() {
        let bare = complaints(&TextFile::new("tests/it/x.rs", "fn f() {}"), &[]);
        assert!(bare.concat().contains("without a `//!` line"), "{bare:?}");
        refused("src/app/x.rs", &"\n".repeat(LONGEST_FILE), "601 lines");
        accepted("src/app/x.rs", &"\n".repeat(LONGEST_FILE - 1));
        refused("src/app/mod.rs", "", "named like its folder");
    }

    #[test]
    fn every_file_is_compiled() {
        let file = |path: &str, text: &str| TextFile::new(path, text);
        let mut files = vec![
            file("src/lib.rs", "//! x\npub mod a;"),
            file("src/a.rs", "mod b;\n// mod c;"),
            file("src/a/b.rs", "mod deep;"),
            file("src/a/b/deep.rs", ""),
            file("tests/it/x.rs", ""),
        ];
        assert_eq!(orphans(&files), Vec::<String>::new());
        files.extend([file("src/a/c.rs", ""), file("src/d.rs", ""), file("src/e/f.rs", "")]);
        let paths: Vec<_> = orphans(&files).iter().map(|o| o.split(':').next().unwrap().to_owned()).collect();
        assert_eq!(paths, ["src/a/c.rs", "src/d.rs", "src/e/f.rs"]);
    }

    #[test]
    fn machines_are_not_mentioned() {
        for folder in MACHINE_FOLDERS {
            refused("src/app/x.rs", &format!("// see /{folder}/someone"), "a path of one machine");
            refused("docs/x.md", &format!("`cd /{folder}/project`"), "a path of one machine");
        }
        accepted("docs/x.md", "<https://example.org/home/page>, ../shared/tmp/data, ${ROOT}/home/x");
    }
}
