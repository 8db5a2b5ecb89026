//! No two files of the library need each other, directly or around a circle: each can be read, tested and moved with
//! what lies below it. Which file needs which says `imports.rs`; so a parent module and its child may know each other
//! one way only. A parent that declares its children and hands their names on needs none of them, and they may take from
//! it; a parent whose own code works with a child's things may define nothing that the child takes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    imports::{Import, imports},
    tree::{self, TextFile},
};

#[test]
fn no_files_need_each_other() {
    let complaints = complaints(&tree::project());
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

/// Each circle in a sentence, with the imports that close it.
fn complaints(files: &[TextFile]) -> Vec<String> {
    let imports = imports(files);
    circles(&imports).iter().map(|circle| said(circle, &imports)).collect()
}

/// The largest sets of files that all need each other, in the order of their first file.
fn circles(imports: &[Import]) -> Vec<BTreeSet<&str>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports {
        next.entry(&import.from).or_default().insert(&import.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        next.keys().map(|file| (*file, reached(file, &next))).collect();
    let mut found: Vec<BTreeSet<&str>> = Vec::new();
    for (file, far) in &reached {
        let back = |other: &&&str| reached.get(**other).is_some_and(|far| far.contains(file));
        let circle: BTreeSet<&str> = far.iter().filter(back).copied().collect();
        if !circle.is_empty() && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

/// Everything that a file needs, however far away.
fn reached<'a>(start: &'a str, next: &BTreeMap<&str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(file) = waiting.pop() {
        waiting.extend(next.get(file).into_iter().flatten().filter(|to| seen.insert(**to)));
    }
    seen
}

/// A circle in words: the shortest way round, import by import, and the other files that belong to it.
fn said(circle: &BTreeSet<&str>, imports: &[Import]) -> String {
    let within: Vec<&Import> = imports
        .iter()
        .filter(|import| circle.contains(&*import.from) && circle.contains(&*import.to))
        .collect();
    let rounds = circle.iter().filter_map(|start| round(start, &within));
    let round = rounds.min_by_key(Vec::len).unwrap_or_default();
    let mut text = format!("{} files need each other. The shortest way round:", circle.len());
    for step in &round {
        let between = within.iter().filter(|import| import.from == step.from && import.to == step.to);
        for Import { from, line, name, to } in between {
            text.push_str(&format!("\n  {from}:{line} names `{name}`, which {to} defines"));
        }
    }
    let others: Vec<_> =
        circle.iter().filter(|file| !round.iter().any(|step| step.from == **file)).copied().collect();
    if !others.is_empty() {
        text.push_str(&format!("\n  and with them {}", others.join(", ")));
    }
    text
}

/// The fewest imports that lead from a file back to it.
fn round<'a>(start: &str, within: &[&'a Import]) -> Option<Vec<&'a Import>> {
    let mut came: BTreeMap<&str, &Import> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(file) = waiting.pop_front() {
        for import in within.iter().copied().filter(|import| import.from == file) {
            if !came.contains_key(&*import.to) {
                came.insert(&import.to, import);
                waiting.push_back(&import.to);
            }
        }
    }
    let mut way = vec![*came.get(start)?];
    while let Some(first) = way.last().filter(|first| first.from != start) {
        way.push(came.get(&*first.from)?);
    }
    way.reverse();
    Some(way)
}

#[cfg(test)]
mod small_trees {
    use super::*;

    /// A library of files that hold this code, each without the header, by module.
    fn library(files: &[(&str, &str)]) -> Vec<TextFile> {
        files.iter().map(|(module, code)| TextFile::new(format!("src/{module}.rs"), *code)).collect()
    }

    /// The circles, each as the modules in it.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let imports = imports(&library(files));
        let short = |path: &str| path.trim_start_matches("src/").trim_end_matches(".rs").to_owned();
        let text =
            |circle: &BTreeSet<&str>| circle.iter().map(|path| short(path)).collect::<Vec<_>>().join(" ");
        circles(&imports).iter().map(text).collect()
    }

    #[track_caller]
    fn circle(expected: &str, files: &[(&str, &str)]) {
        assert_eq!(found(files), [expected]);
    }

    #[track_caller]
    fn none(files: &[(&str, &str)]) {
        assert_eq!(found(files), Vec::<String>::new());
    }

    #[test]
    fn two_files() {
        circle("a b", &[("lib", "mod a; mod b;"), ("a", "use crate::b::B;"), ("b", "use crate::a::A;")]);
        none(&[("lib", "mod a; mod b;"), ("a", "use crate::b::B;"), ("b", "pub struct B;")]);
        // A module that is imported and not used for anything that its own file defines is no need of it.
        none(&[
            ("lib", "mod a; mod b;"),
            ("a", "use crate::b; pub struct A; fn f() { b::c::run() }"),
            ("b", "pub mod c; use crate::a::A; fn f() -> A { A }"),
            ("b/c", "pub fn run() {}"),
        ]);
    }

    #[test]
    fn paths_within_the_code() {
        for code in [
            "fn f() { crate::b::run() }",
            "struct S(super::b::B);",
            "fn f() { crate::b::deep::<u8>() }",
            "use crate::b; fn f() -> b::B { b::B }",
            "use crate::{b as other}; fn f() { other::run() }",
            "mod inner { fn f() { super::super::b::run() } }",
            "macro_rules! m { () => { $crate::b::run() } }",
        ] {
            circle("a b", &[("lib", "mod a; mod b;"), ("a", code), ("b", "use super::a::A;")]);
        }
    }

    #[test]
    fn grouped_imports_and_their_names() {
        let lib = ("lib", "mod a; mod b; mod c;");
        circle(
            "a b c",
            &[
                lib,
                ("a", "use crate::{c::{self, C as See}, std_like};"),
                ("b", "pub(super) use crate::a::{A}; fn f() -> A { A }"),
                ("c", "use {std::fmt, crate::b::{deep::X, B}};"),
            ],
        );
        circle("a c", &[lib, ("a", "use crate::{b, c::*};"), ("b", ""), ("c", "fn c() {} use super::a::A;")]);
    }

    #[test]
    fn a_re_export_is_followed_to_what_defines_the_name() {
        let lib = ("lib", "mod a; mod b;");
        // `b` needs `a/x` through the face of `a`, and `a/x` needs `b`.
        let x = ("a/x", "use crate::b::B; pub struct X(B);");
        circle("a/x b", &[lib, ("a", "mod x; pub use x::X;"), x, ("b", "use crate::a::X; pub struct B;")]);
        circle("a/x b", &[lib, ("a", "mod x; pub use x::*;"), x, ("b", "use crate::a::X; pub struct B;")]);
        circle(
            "a/x b",
            &[lib, ("a", "mod x; pub(crate) use self::x::X as Y;"), x, ("b", "use crate::a::Y;")],
        );
        // The face itself is needed by neither.
        none(&[
            lib,
            ("a", "mod x; mod y; pub use x::X;"),
            ("a/x", "pub struct X;"),
            ("a/y", "use super::X;"),
            ("b", ""),
        ]);
        // What a parent has imported for itself is its children's as well.
        circle(
            "a/x b",
            &[
                lib,
                ("a", "mod x; use crate::b::B;"),
                ("a/x", "use super::B; pub struct X;"),
                ("b", "use crate::a::x::X;"),
            ],
        );
    }

    #[test]
    fn a_parent_and_its_child() {
        let lib = ("lib", "mod a;");
        let child = ("a/x", "use super::A; pub struct X(A);");
        none(&[lib, ("a", "mod x; pub use x::X; pub struct A;"), child]);
        circle("a a/x", &[lib, ("a", "mod x; use x::X; pub struct A; fn f(x: X) {}"), child]);
        circle("a a/x", &[lib, ("a", "mod x; pub struct A; fn f() -> x::X {}"), child]);
        // A re-export that the parent's own code uses is no pure one.
        circle("a a/x", &[lib, ("a", "mod x; pub use x::X; pub struct A; fn f(x: X) {}"), child]);
        none(&[lib, ("a", "mod x; pub use x::X; fn f(x: X) {}"), ("a/x", "pub struct X;")]);
    }

    #[test]
    fn tests_may_look_at_what_is_above() {
        none(&[
            ("lib", "mod a; mod b; #[cfg(test)] mod testing;"),
            ("a", "use crate::b::B; #[cfg(test)] mod tests; pub struct A;"),
            ("a/tests", "use crate::testing::T; use super::A;"),
            ("testing", "use crate::a::A;"),
            (
                "b",
                "pub struct B; #[cfg(test)] pub(crate) use crate::a::X; #[cfg(test)] mod tests { use crate::a::A; } \
                   struct S { #[cfg(test)] a: crate::a::A, b: u8 } #[cfg(test)] fn f(a: &[u8; 2]) { crate::a::f() }",
            ),
        ]);
        circle(
            "a b",
            &[
                ("lib", "mod a; mod b;"),
                ("a", "use crate::b::B; pub struct A;"),
                ("b", "#[cfg(test)] use x::y; use crate::a::A;"),
            ],
        );
    }

    #[test]
    fn comments_and_strings_take_nothing() {
        none(&[
            ("lib", "mod a; mod b;"),
            ("a", "use crate::b::B;"),
            (
                "b",
                "// use crate::a::A;\n/// [`A`](crate::a::A)\nconst S: &str = \"crate::a::A\"; pub struct B;",
            ),
        ]);
    }

    #[test]
    fn the_imports_that_close_a_circle_are_told() {
        let files = library(&[
            ("lib", "mod a; mod b; mod c;"),
            ("a", "\nuse crate::b::B;"),
            ("b", "fn f() {\n    crate::a::run()\n}\nuse crate::c::C;"),
            ("c", "use crate::a::A;"),
        ]);
        let said = complaints(&files);
        let [said] = said.as_slice() else { panic!("{said:?}") };
        for part in [
            "3 files need each other",
            "src/a.rs:2 names `crate::b::B`, which src/b.rs defines",
            "src/b.rs:2 names `crate::a::run`, which src/a.rs defines",
            "and with them src/c.rs",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
