//! One page of a list that the database holds.

/// Items, and where the next page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The key of the last item, where more follow.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// From up to `limit + 1` items: the one too many only says that there is more.
    pub(super) fn of(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> &str) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| key(last).to_owned());
        Self { items, next }
    }
}
