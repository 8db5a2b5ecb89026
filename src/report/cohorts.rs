//! Names of cohorts, in a sentence and in a menu: the same in reports, on the page and in drawings.

use crate::domain::{cohort::Cohort, dimension::Dimension};

/// The members of a cohort as a sentence names them, and true if a verb after them takes an s.
pub fn members_of(cohort: &Cohort) -> (String, bool) {
    match cohort {
        Cohort::All => ("all members".to_owned(), false),
        Cohort::One(dimension, value) => one(*dimension, value),
        Cohort::Pair((a, x), (b, y)) => {
            let ((first, singular), (second, _)) = (one(*a, x), one(*b, y));
            match (*a == Dimension::SECTOR, *b == Dimension::SIZE, *b == Dimension::REGION) {
                (true, true, _) => (format!("{second} of {first}"), false),
                (_, _, true) => (format!("{first} in {}", place(y)), singular),
                _ => (format!("{first}, {second}"), singular),
            }
        }
    }
}

fn one(dimension: Dimension, value: &str) -> (String, bool) {
    let plain = value.replace('-', " ");
    if dimension == Dimension::SECTOR {
        (format!("the {plain} sector"), true)
    } else if dimension == Dimension::SIZE {
        let kind =
            if value == "enterprise" { "enterprises".to_owned() } else { format!("{plain} organisations") };
        (kind, false)
    } else if dimension == Dimension::REGION {
        (format!("members in {}", place(value)), false)
    } else {
        (format!("members with {} {plain}", dimension.name()), false)
    }
}

/// The cohort of a published row, as [`members_of`] names it.
pub fn members_of_row(cohort: &str) -> (String, bool) {
    cohort.parse().map_or_else(|_| (cohort.to_owned(), false), |cohort| members_of(&cohort))
}

/// A cohort as a menu names it.
pub fn label(cohort: &Cohort) -> String {
    let (name, _) = members_of(cohort);
    capital(name.strip_prefix("the ").unwrap_or(&name))
}

/// `asia-pacific` as `Asia Pacific`, with its article if it has one.
fn place(region: &str) -> String {
    let name = region.split('-').map(capital).collect::<Vec<_>>().join(" ");
    if region == "middle-east" { format!("the {name}") } else { name }
}

/// A text with its first letter as a capital.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cohorts_have_names_that_fit_a_sentence() {
        for (id, name) in [
            ("all", "all members"),
            ("sector:finance", "the finance sector"),
            ("sector:real-estate", "the real estate sector"),
            ("size:medium", "medium organisations"),
            ("size:enterprise", "enterprises"),
            ("region:north-america", "members in North America"),
            ("region:middle-east", "members in the Middle East"),
            ("sector:finance~size:medium", "medium organisations of the finance sector"),
            ("sector:finance~region:europe", "the finance sector in Europe"),
            ("size:small~region:europe", "small organisations in Europe"),
        ] {
            assert_eq!(members_of(&id.parse().unwrap()).0, name);
            assert_eq!(members_of_row(id).0, name);
        }
        assert_eq!(members_of_row("something:else").0, "something:else");
        assert_eq!(label(&"sector:finance".parse().unwrap()), "Finance sector");
    }
}
