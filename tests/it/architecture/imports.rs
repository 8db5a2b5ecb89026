//! Which file of the library takes something from which other one, read from `use` declarations and from paths within
//! the code.
//!
//! - A path leads to the file that *defines* its item: `crate::app::App` leads through the `pub use` of `app.rs` to
//!   `app/state.rs`, and a name that a file has imported leads where the import does, also for its children
//!   (`super::Name`). A path that ends at a module takes nothing yet; what is then named through it does.
//! - `mod child;` takes nothing, and neither does a re-export: `pub use child::Name;` only says where `Name` is found,
//!   unless the same file names it in its own code.
//! - What is compiled for tests alone is not read: items under `#[cfg(test)]`, with the files that they declare.
//!
//! Unseen: methods called on values, paths in attributes' texts, and what other crates' macros write.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    tokens::{Token, is_path_sign},
    tree::TextFile,
};

/// A name that one file takes from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub from: String,
    pub line: usize,
    pub name: String,
    pub to: String,
}

/// Everything that files of the library take from each other; a test's files are no part of it.
pub fn imports(files: &[TextFile]) -> Vec<Import> {
    let library = Library::read(files);
    library.0.values().flat_map(|room| library.taken(room)).collect()
}

/// A module's path from the crate's root.
type Module = Vec<String>;

/// The modules that are files.
struct Library(BTreeMap<Module, Room>);

/// One file.
#[derive(Default)]
struct Room {
    path: String,
    /// The modules that it declares, without their code.
    children: Vec<String>,
    defined: BTreeSet<String>,
    uses: Vec<Use>,
    /// Paths of two names or more within the code.
    paths: Vec<Named>,
    /// Names that stand alone in the code, and where first.
    alone: BTreeMap<String, usize>,
}

/// A path as it is written, and the module in which it stands.
struct Named {
    module: Module,
    line: usize,
    path: Vec<String>,
}

/// One name of a `use` declaration.
struct Use {
    named: Named,
    alias: String,
    glob: bool,
    exported: bool,
}

/// More re-exports of one name than this are a loop.
const MOST_STEPS: usize = 16;

impl Library {
    fn read(files: &[TextFile]) -> Self {
        let mut rooms: BTreeMap<Module, Room> = BTreeMap::new();
        let mut waiting = vec![Module::new()];
        while let Some(module) = waiting.pop() {
            let path = if module.is_empty() { "lib".to_owned() } else { module.join("/") };
            let path = format!("src/{path}.rs");
            let Some(file) = files.iter().find(|file| file.path == path) else { continue };
            let room = Room::read(file, &module);
            waiting.extend(room.children.iter().map(|child| below(&module, child)));
            rooms.insert(module, room);
        }
        Self(rooms)
    }

    fn taken(&self, room: &Room) -> Vec<Import> {
        let mut found = Vec::new();
        let mut take = |line: usize, named: &Named| {
            let Some(start) = self.absolute(room, named, MOST_STEPS) else { return false };
            let glob = named.path.last().is_some_and(|name| name == "*");
            let definers = self.definers(start, glob, MOST_STEPS);
            for to in definers.iter().filter(|to| **to != room.path) {
                let (from, name) = (room.path.clone(), named.path.join("::"));
                found.push(Import { from, line, name, to: to.clone() });
            }
            !definers.is_empty()
        };
        // Said once, where the name is imported.
        let mut said = BTreeSet::new();
        for one in &room.uses {
            let line = if one.exported { room.alone.get(&one.alias).copied() } else { Some(one.named.line) };
            if line.is_some_and(|line| take(line, &one.named)) {
                said.insert(&one.alias);
            }
        }
        for named in room.paths.iter().filter(|named| !said.contains(&named.path[0])) {
            take(named.line, named);
        }
        found
    }

    /// The path from the crate's root, or nothing for one that leads into another crate.
    fn absolute(&self, room: &Room, named: &Named, steps: usize) -> Option<Vec<String>> {
        let steps = steps.checked_sub(1)?;
        let (mut at, mut rest) = (named.module.clone(), named.path.as_slice());
        if let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "crate" => (at, rest) = (Module::new(), after),
                "self" => rest = after,
                "super" => {
                    while let Some((_, after)) = rest.split_first().filter(|(name, _)| *name == "super") {
                        at.pop()?;
                        rest = after;
                    }
                }
                name => {
                    let alias =
                        room.uses.iter().find(|one| one.alias == name && !std::ptr::eq(&one.named, named));
                    match alias {
                        Some(one) => {
                            at = self.absolute(room, &one.named, steps)?;
                            rest = after;
                        }
                        None if room.children.iter().any(|child| child == name) => {}
                        None => return None,
                    }
                }
            }
        }
        at.extend(rest.iter().filter(|name| *name != "*").cloned());
        Some(at)
    }

    /// The files that define what a path from the root names: one, or for a glob all that the module hands on.
    fn definers(&self, path: Vec<String>, glob: bool, steps: usize) -> Vec<String> {
        let Some(steps) = steps.checked_sub(1) else { return Vec::new() };
        let mut length = path.len();
        while !self.0.contains_key(&path[..length]) {
            length -= 1;
        }
        let room = &self.0[&path[..length]];
        let follow = |one: &Use, rest: &[String]| {
            let Some(mut target) = self.absolute(room, &one.named, MOST_STEPS) else { return Vec::new() };
            target.extend_from_slice(rest);
            self.definers(target, false, steps)
        };
        let Some((name, rest)) = path[length..].split_first() else {
            if !glob {
                return Vec::new();
            }
            let mut all: Vec<_> =
                room.uses.iter().filter(|one| one.exported).flat_map(|one| follow(one, &[])).collect();
            all.extend((!room.defined.is_empty()).then(|| room.path.clone()));
            return all;
        };
        let named = |exported: bool| {
            room.uses.iter().find(|one| one.exported == exported && !one.glob && one.alias == *name)
        };
        if let Some(one) = named(true) {
            return follow(one, rest);
        }
        if !room.defined.contains(name) {
            if let Some(one) = named(false) {
                return follow(one, rest);
            }
            for one in room.uses.iter().filter(|one| one.glob) {
                let target = self.absolute(room, &one.named, MOST_STEPS);
                let from = target.filter(|target| self.0.get(target).is_some_and(|other| other.offers(name)));
                if let Some(mut target) = from {
                    target.push(name.clone());
                    return self.definers(target, false, steps);
                }
            }
        }
        vec![room.path.clone()]
    }
}

impl Room {
    fn offers(&self, name: &str) -> bool {
        self.defined.contains(name) || self.uses.iter().any(|one| one.exported && one.alias == name)
    }

    fn read(file: &TextFile, module: &Module) -> Self {
        let tokens = without_tests(file.tokens());
        let mut room = Self { path: file.path.clone(), ..Self::default() };
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
        let (mut at, mut depth) = (0, 0_usize);
        // Modules within the file, with the depth of braces at which each ends.
        let mut inner: Vec<(&str, usize)> = Vec::new();
        while let Some(token) = tokens.get(at) {
            let here = || module.iter().map(String::as_str).chain(inner.iter().map(|(name, _)| *name));
            let after_dot = at > 0 && text(at - 1) == ".";
            let in_path = at >= 2 && is_path_sign(&tokens, at - 2);
            match token.text {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    inner.retain(|(_, ends)| *ends <= depth);
                }
                "mod" if text(at + 2) == ";" => {
                    room.children.push(text(at + 1).to_owned());
                    at += 2;
                }
                "mod" if text(at + 2) == "{" => {
                    inner.push((text(at + 1), depth + 1));
                    room.defined.insert(text(at + 1).to_owned());
                    at += 1;
                }
                "use" if text(at + 1) != "<" => {
                    let module = here().map(str::to_owned).collect();
                    let exported = at > 0 && matches!(text(at - 1), "pub" | ")");
                    let mut tree =
                        UseTree { tokens: &tokens, at: at + 1, module, exported, found: Vec::new() };
                    tree.read(&[]);
                    room.uses.extend(tree.found);
                    at = tree.at;
                }
                "const" if text(at + 1) == "fn" => {}
                "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" => {
                    room.defined.insert(text(at + 1).to_owned());
                    at += 1;
                }
                "macro_rules" => {
                    room.defined.insert(text(at + 2).to_owned());
                }
                name if is_name(name) && !after_dot && !in_path => {
                    let mut path = vec![name.to_owned()];
                    while is_path_sign(&tokens, at + 1) && is_name(text(at + 3)) {
                        path.push(text(at + 3).to_owned());
                        at += 3;
                    }
                    room.alone.entry(name.to_owned()).or_insert(token.line);
                    if path.len() > 1 {
                        let module = here().map(str::to_owned).collect();
                        room.paths.push(Named { module, line: token.line, path });
                    }
                }
                _ => {}
            }
            at += 1;
        }
        room
    }
}

/// Reads what stands between `use` and its semicolon.
struct UseTree<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    module: Module,
    exported: bool,
    found: Vec<Use>,
}

impl UseTree<'_> {
    fn text(&self) -> &str {
        self.tokens.get(self.at).map_or(";", |token| token.text)
    }

    fn read(&mut self, before: &[String]) {
        let mut path = before.to_vec();
        let mut line = 0;
        loop {
            match self.text() {
                "{" => {
                    self.at += 1;
                    while !matches!(self.text(), "}" | ";") {
                        self.read(&path);
                        self.at += usize::from(self.text() == ",");
                    }
                    self.at += 1;
                    return;
                }
                ":" => self.at += 1,
                "," | "}" | ";" | "as" => break,
                name => {
                    path.push(name.to_owned());
                    line = self.tokens[self.at].line;
                    self.at += 1;
                }
            }
        }
        if path.last().is_some_and(|name| name == "self") && path.len() > 1 {
            path.pop();
        }
        let glob = path.last().is_some_and(|name| name == "*");
        let mut alias = path.last().cloned().unwrap_or_default();
        if self.text() == "as" {
            self.at += 1;
            alias = self.text().to_owned();
            self.at += 1;
        }
        let named = Named { module: self.module.clone(), line, path };
        self.found.push(Use { named, alias, glob, exported: self.exported });
    }
}

fn below(module: &Module, child: &str) -> Module {
    module.iter().cloned().chain([child.to_owned()]).collect()
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Leaves out what `#[cfg(test)]` stands before: an item, a statement or a field.
fn without_tests(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let marks = |at: usize| {
        let seven = tokens.iter().skip(at).take(7).map(|token| token.text);
        seven.eq(["#", "[", "cfg", "(", "test", ")", "]"])
    };
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if marks(at) {
            at = end_of_item(&tokens, at + 7);
        } else {
            kept.push(at);
            at += 1;
        }
    }
    let kept: BTreeSet<_> = kept.into_iter().collect();
    tokens.into_iter().enumerate().filter(|(at, _)| kept.contains(at)).map(|(_, token)| token).collect()
}

/// Where the item that starts here has ended.
fn end_of_item(tokens: &[Token<'_>], start: usize) -> usize {
    const WITH_BODY: &[&str] = &["fn", "mod", "struct", "enum", "union", "trait", "impl", "macro_rules"];
    const WITHOUT: &[&str] = &["use", "const", "static", "type", "let"];
    let (mut depth, mut body, mut item) = (0_usize, false, false);
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return at,
            ")" | "]" | "}" => {
                depth -= 1;
                if depth == 0 && body && token.text == "}" {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            "," if depth == 0 && !item => return at + 1,
            word if depth == 0 => {
                body |= !item && WITH_BODY.contains(&word);
                item |= WITH_BODY.contains(&word) || WITHOUT.contains(&word);
            }
            _ => {}
        }
    }
    tokens.len()
}
