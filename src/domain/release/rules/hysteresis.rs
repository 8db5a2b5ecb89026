//! R31: at a new list a quantile stays what it was as long as some rank near its own has that value. What a rank's jitter
//! hides would otherwise be averaged by making the list new again and again.

use super::code::Coded;

/// R31: what was shown before, if it is the coded value at one of the ranks `within` the reach of jitter.
pub fn keep(before: Option<Coded>, mut within: impl Iterator<Item = Coded>) -> Option<Coded> {
    before.filter(|before| within.any(|coded| coded == *before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_while_a_rank_nearby_has_it() {
        let coded = |value| Coded { value, end: None };
        let within = || [30, 35, 35, 40].map(coded).into_iter();
        assert_eq!(keep(Some(coded(40)), within()), Some(coded(40)));
        assert_eq!(keep(Some(coded(45)), within()), None);
        assert_eq!(keep(None, within()), None);
    }
}
