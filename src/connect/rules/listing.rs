//! A list of rules on its way to being whole. A list that lacks rules looks like an organisation that lacks them, so what a
//! product says of the extent of its list is held against what it sent.

use std::collections::BTreeSet;

use serde_json::Value;

/// A file of an export, as the product sent it.
#[derive(Debug)]
pub struct RuleFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The pages of a list.
#[derive(Debug, Default)]
pub struct Listing {
    name: &'static str,
    files: Vec<RuleFile>,
    ids: BTreeSet<String>,
    /// Totals that the pages name. They are one, unless the list changed meanwhile.
    totals: BTreeSet<usize>,
    /// The last page announced a further one.
    goes_on: bool,
}

impl Listing {
    /// A list whose files begin with `name`.
    pub fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// Adds a page and returns the number of its rules that no earlier page had. `identity` names the members of a rule of
    /// which the first that is there identifies it.
    pub fn add(&mut self, bytes: Vec<u8>, rules: &[Value], identity: &[&str], total: Option<usize>) -> usize {
        let before = self.ids.len();
        for (place, rule) in rules.iter().enumerate() {
            let id = identity.iter().find_map(|member| rule.get(member).filter(|id| !id.is_null()));
            // A rule without identity is one of its own.
            let id = id.map_or_else(|| format!("{}-{place}", self.files.len()), Value::to_string);
            self.ids.insert(id);
        }
        self.totals.extend(total);
        let number = self.files.len().saturating_add(1);
        self.files.push(RuleFile { name: format!("{}-{number:03}.json", self.name), bytes });
        self.ids.len() - before
    }

    /// Notes whether the last page announced a further one.
    pub fn goes_on(&mut self, goes_on: bool) {
        self.goes_on = goes_on;
    }

    /// Number of rules so far.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// Number of rules that the list has, if its pages agree.
    pub fn total(&self) -> Option<usize> {
        self.totals.last().copied().filter(|_| self.totals.len() == 1)
    }

    pub fn is_whole(&self) -> bool {
        let agrees = self.totals.is_empty() || self.total().is_some_and(|total| total <= self.count());
        agrees && !self.goes_on
    }

    /// The extent for a message: rules that were sent, of those that were announced.
    pub fn extent(&self) -> String {
        let count = self.count();
        match (self.total(), self.totals.is_empty()) {
            (Some(total), _) => format!("{count} of {total}"),
            (None, true) => format!("{count} and no end of the list"),
            (None, false) => format!("{count} of a list that changes"),
        }
    }

    pub fn into_files(self) -> Vec<RuleFile> {
        self.files
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listing(pages: &[(&[u32], Option<usize>)]) -> Listing {
        let mut listing = Listing::new("rules");
        for (ids, total) in pages {
            let rules: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
            listing.add(Vec::new(), &rules, &["rule_id", "id"], *total);
        }
        listing
    }

    #[test]
    fn a_list_is_whole_when_it_has_what_its_pages_announce() {
        assert!(listing(&[(&[1, 2], Some(3)), (&[3], Some(3))]).is_whole());
        assert!(listing(&[(&[1, 2], None)]).is_whole());
        assert!(listing(&[(&[], Some(0))]).is_whole());
        // The page after the last is empty.
        assert!(listing(&[(&[1], Some(1)), (&[], Some(1))]).is_whole());
        for (pages, extent) in [
            (&[(&[1, 2][..], Some(3))][..], "2 of 3"),
            // The same rules again are no more rules.
            (&[(&[1, 2], Some(3)), (&[2], Some(3))], "2 of 3"),
            (&[(&[1, 2], Some(3)), (&[3], Some(2))], "3 of a list that changes"),
        ] {
            let listing = listing(pages);
            assert!(!listing.is_whole(), "{extent}");
            assert_eq!(listing.extent(), extent);
        }
        let mut open = listing(&[(&[1], None)]);
        open.goes_on(true);
        assert!(!open.is_whole() && open.extent().contains("no end"));
    }
}
