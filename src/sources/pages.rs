//! Exports that say of themselves that they hold a part only: a page of a list, or a list with rules missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Map, Value};

/// The extent of one answer or export, as it says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub file: Arc<str>,
    /// Number of items in it.
    pub items: usize,
    /// Number of items of the whole list.
    pub total: Option<usize>,
    /// A further page follows.
    pub more: bool,
    /// Number of items that it names as missing.
    pub missing: usize,
}

impl Page {
    /// A page that says nothing of the whole.
    pub fn of(file: &Arc<str>, items: usize) -> Self {
        Self { file: Arc::clone(file), items, total: None, more: false, missing: 0 }
    }

    /// Reads the members by which interfaces tell the extent of a list. `None` where there are none of them.
    pub fn read(file: &Arc<str>, object: &Map<String, Value>, items: usize) -> Option<Self> {
        let number =
            |key: &str| object.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let link = |key: &str| match object.get(key) {
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(Value::Bool(more)) => *more,
            Some(Value::Object(_)) => true,
            _ => false,
        };
        let total = TOTALS.iter().filter_map(|key| number(key)).max();
        let more = NEXT.iter().any(|key| link(key));
        let tells = total.is_some() || NEXT.iter().any(|key| object.contains_key(*key));
        tells.then(|| Self { total, more, ..Self::of(file, items) })
    }
}

/// Members that hold the number of items of the whole list.
const TOTALS: [&str; 6] =
    ["total", "totalCount", "total_count", "objects_count", "@odata.count", "totalSize"];

/// Members that are there, and not empty, if a further page follows.
const NEXT: [&str; 8] = [
    "nextLink",
    "@odata.nextLink",
    "nextPageToken",
    "next_page_token",
    "hasNextPage",
    "nextPage",
    "next_token",
    "nextToken",
];

/// Returns true for a member that tells the extent of a list.
pub fn is_member(key: &str) -> bool {
    TOTALS.contains(&key) || NEXT.contains(&key)
}

/// Returns a sentence for each way in which the pages say that rules are missing. `repeats` counts, by file, the items
/// that another file has as well.
pub fn gaps(pages: &[Page], repeats: &BTreeMap<Arc<str>, usize>) -> Vec<String> {
    let mut gaps = Vec::new();
    for page in pages.iter().filter(|page| page.missing > 0) {
        let them = if page.missing == 1 { "rule is" } else { "rules are" };
        gaps.push(format!(
            "{}: the export says that {} {them} missing from it. Export again.",
            page.file, page.missing
        ));
    }
    // Pages of one list have the same total.
    let mut lists: BTreeMap<usize, (usize, BTreeSet<&Arc<str>>)> = BTreeMap::new();
    for page in pages {
        if let Some(total) = page.total.filter(|total| *total > 0) {
            let (items, files) = lists.entry(total).or_default();
            *items += page.items;
            files.insert(&page.file);
        }
    }
    for (total, (items, files)) in lists {
        let again: usize = files.iter().filter_map(|file| repeats.get(*file)).sum();
        let items = items.saturating_sub(again);
        if items < total {
            let names: Vec<&str> = files.iter().take(3).map(|file| file.as_ref()).collect();
            let more = if files.len() > 3 { " …" } else { "" };
            gaps.push(format!(
                "{}{more}: {items} of {total} items. Name the other pages too, or export without a limit.",
                names.join(", ")
            ));
        }
    }
    // Without a total only the last page shows that all are there.
    let open: Vec<&Page> =
        pages.iter().filter(|page| page.more && page.total.is_none_or(|n| n == 0)).collect();
    let closed = pages.iter().any(|page| !page.more && page.total.is_none());
    if let Some(last) = open.last().filter(|_| !closed) {
        gaps.push(format!("{}: the list has more pages. Follow its link or token to the end.", last.file));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(file: &str, items: usize, said: &Value) -> Option<Page> {
        Page::read(&file.into(), said.as_object().unwrap(), items)
    }

    fn told(pages: &[(&str, usize, Value)]) -> Vec<String> {
        let pages: Vec<Page> =
            pages.iter().filter_map(|(file, items, said)| page(file, *items, said)).collect();
        gaps(&pages, &BTreeMap::new())
    }

    #[test]
    fn a_list_that_goes_on_is_a_part_until_its_last_page_is_there() {
        for next in ["nextLink", "@odata.nextLink", "nextPageToken"] {
            let open = json!({next: "https://example.test/?page=2"});
            assert_eq!(told(&[("a", 50, open.clone())]).len(), 1, "{next}");
            assert!(told(&[("a", 50, open), ("b", 3, json!({next: ""}))]).is_empty(), "{next}");
        }
        assert_eq!(told(&[("a", 1, json!({"hasNextPage": true}))]).len(), 1);
        assert!(page("a", 1, &json!({"value": []})).is_none());
    }

    #[test]
    fn pages_of_one_list_are_added_up() {
        let of = |total: usize| json!({"total": total, "hasNextPage": true});
        assert_eq!(
            told(&[("a", 100, of(431)), ("b", 100, of(431))]),
            ["a, b: 200 of 431 items. Name the other pages too, or export without a limit."]
        );
        assert!(told(&[("a", 400, of(431)), ("b", 31, of(431))]).is_empty());
        let pages = [page("a", 400, &of(431)).unwrap(), page("b", 31, &of(431)).unwrap()];
        assert_eq!(gaps(&pages, &[("b".into(), 31)].into()).len(), 1, "the same items twice are not more");
    }

    #[test]
    fn what_an_export_names_as_missing_is_told() {
        let page = Page { missing: 2, ..Page::of(&"a".into(), 5) };
        assert_eq!(gaps(&[page], &BTreeMap::new()).len(), 1);
    }
}
