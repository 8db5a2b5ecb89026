//! Pages: `limit` and an opaque `cursor` in, `next` out.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{domain::named::is_id, http::problem::Problem};

const DEFAULT: usize = 100;
const MOST: usize = 1_000;

/// The part of a list that is requested.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Maximum number of items on the page. 100 if omitted.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, example = 100)]
    limit: Option<String>,
    /// Value of `next` on the previous page.
    cursor: Option<String>,
}

impl Page {
    /// Makes a page from a query that has other parameters, too.
    pub fn new(limit: Option<String>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// The number of items, 1 to 1,000.
    pub fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = &self.limit else { return Ok(DEFAULT) };
        let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        limit.ok_or_else(|| Problem::parameter("limit", format!("must be a number from 1 to {MOST}")))
    }

    /// The number of items as a number of database rows.
    pub fn rows(&self) -> Result<u32, Problem> {
        Ok(u32::try_from(self.limit()?).unwrap_or_default())
    }

    /// The key after which the page starts.
    pub fn after(&self) -> Result<Option<String>, Problem> {
        let refused = || Problem::parameter("cursor", "isn't a cursor of this list");
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let key = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
        let key = String::from_utf8(key).ok().filter(|key| !key.chars().any(char::is_control));
        key.map(Some).ok_or_else(refused)
    }

    /// Returns the key after which the page starts, where keys are IDs.
    pub fn after_id<T: TryFrom<String>>(&self) -> Result<Option<T>, Problem> {
        let Some(key) = self.after()? else { return Ok(None) };
        let id = Some(key).filter(|key| is_id(key)).and_then(|key| key.try_into().ok());
        id.map(Some).ok_or_else(|| Problem::parameter("cursor", "is not one that this service gave"))
    }

    /// The page of a list that is held in memory, ordered by `key`.
    pub fn of<T: Serialize>(
        &self,
        items: impl Iterator<Item = T>,
        key: impl Fn(&T) -> String,
    ) -> Result<Paged<T>, Problem> {
        let (limit, after) = (self.limit()?, self.after()?);
        let mut rest = items.skip_while(|item| after.as_ref().is_some_and(|after| key(item) <= *after));
        let items: Vec<T> = rest.by_ref().take(limit).collect();
        let last = rest.next().and(items.last()).map(|item| cursor(&key(item)));
        Ok(Paged { items, next: last })
    }
}

/// The opaque form of a key.
pub fn cursor(key: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(key)
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Paged<T> {
    /// Items of this page.
    pub items: Vec<T>,
    /// Cursor of the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Paged<T> {
    /// Makes a page of answers from a page of the database.
    pub fn of<S>(page: crate::app::Page<S>, item: impl Fn(S) -> T) -> Self {
        Self { items: page.items.into_iter().map(item).collect(), next: page.next.as_deref().map(cursor) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        let all: Vec<String> = (0..25).map(|n| format!("T{n:04}")).collect();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = Page { limit: Some("10".to_owned()), cursor };
            let paged = page.of(all.iter(), |item| (*item).clone()).unwrap();
            seen.extend(paged.items.into_iter().cloned());
            cursor = paged.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    proptest! {
        #[test]
        fn fuzz_cursors(text in "[A-Za-z0-9_=+/-]{0,40}|\\PC{0,20}") {
            let page = Page { limit: None, cursor: Some(text) };
            if let Ok(Some(key)) = page.after() {
                prop_assert!(!key.chars().any(char::is_control));
                prop_assert_eq!(Page { limit: None, cursor: Some(cursor(&key)) }.after().unwrap(), Some(key));
            }
            if let Ok(Some(id)) = page.after_id::<String>() {
                prop_assert!(is_id(&id));
            }
        }
    }

    #[test]
    fn limits_and_cursors_that_cannot_be_are_refused() {
        for limit in ["0", "1001", "-1", "ten", ""] {
            let page = Page { limit: Some(limit.to_owned()), cursor: None };
            assert!(page.limit().is_err(), "{limit}");
        }
        let page = Page { limit: None, cursor: Some("%%".to_owned()) };
        assert!(page.after().is_err());
        for key in ["a\0", "a\nb"] {
            let page = Page { limit: None, cursor: Some(cursor(key)) };
            assert!(page.after().is_err() && page.after_id::<String>().is_err(), "{key:?}");
        }
        let page = Page { limit: None, cursor: Some(cursor("deployed rule")) };
        assert!(page.after().is_ok() && page.after_id::<String>().is_err());
    }
}
