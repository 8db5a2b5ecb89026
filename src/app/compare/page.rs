//! Pages of a list. A cursor is bound to the list it was given for: another release, another contribution or another
//! query makes another list, in which its place means nothing.

use thiserror::Error;

use crate::domain::release::Hash;

/// A cursor that does not continue the list that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "the cursor belongs to another list: the release, your coverage or the query has changed. Start again without a cursor"
)]
pub struct StaleCursor;

/// Identifies a list: the same parts give the same list.
pub fn list_id(parts: &[&str]) -> String {
    let mut led = Vec::new();
    for part in parts {
        led.extend(part.len().to_be_bytes());
        led.extend(part.as_bytes());
    }
    format!("{:.16}", Hash::of(&led).to_string())
}

/// The items of a page and the cursor of the next.
pub fn page<T>(
    items: Vec<T>,
    list: &str,
    cursor: Option<&str>,
    limit: usize,
) -> Result<(Vec<T>, Option<String>), StaleCursor> {
    let from = match cursor {
        None => 0,
        Some(cursor) => {
            let (of, from) = cursor.split_once('.').ok_or(StaleCursor)?;
            if of != list {
                return Err(StaleCursor);
            }
            from.parse::<usize>().map_err(|_| StaleCursor)?
        }
    };
    let total = items.len();
    if from > total {
        return Err(StaleCursor);
    }
    let page: Vec<T> = items.into_iter().skip(from).take(limit.max(1)).collect();
    let end = from + page.len();
    let next = (end < total).then(|| format!("{list}.{end}"));
    Ok((page, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_to_the_list_and_cursors_are_bound_to_it() {
        let list = list_id(&["1", "techniques"]);
        let (first, next) = page((0..5).collect(), &list, None, 2).unwrap();
        let (second, next) = page((0..5).collect(), &list, next.as_deref(), 2).unwrap();
        let (third, end) = page((0..5).collect(), &list, next.as_deref(), 2).unwrap();
        assert_eq!([first, second, third].concat(), [0, 1, 2, 3, 4]);
        assert_eq!(end, None);
        let other = list_id(&["2", "techniques"]);
        assert_eq!(page((0..5).collect::<Vec<i32>>(), &other, next.as_deref(), 2), Err(StaleCursor));
        assert_eq!(page(vec![1], &list, Some("nonsense"), 2), Err(StaleCursor));
    }
}
