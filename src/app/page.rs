//! One page of a list that the database holds.

/// Items that are read at once where all of a list are.
const MANY: u32 = 1000;

/// Items, and where the next page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The key of the last item, where more follow.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// From up to `limit + 1` items: the one too many only says that there is more.
    pub(super) fn of(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(key);
        Self { items, next }
    }

    /// Every item of a list; `read` gives the page after a key, of so many items.
    pub fn all<E>(mut read: impl FnMut(Option<&str>, u32) -> Result<Self, E>) -> Result<Vec<T>, E> {
        let (mut items, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = read(after.as_deref(), MANY)?;
            items.extend(page.items);
            let Some(next) = page.next else { return Ok(items) };
            after = Some(next);
        }
    }
}
