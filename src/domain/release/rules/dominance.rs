//! R12: of one control group at most a share of a cohort's organisations stay, and at most the same share of a cell's;
//! which ones is decided by the key.

/// R12: how many of `own` organisations of one control group stay beside `others` when no group may be more than `share`
/// percent: floor(others * share / (100 - share)), or all where that is more.
pub fn stay(own: u32, others: u32, share: u32) -> u32 {
    let most = u64::from(others) * u64::from(share.min(99)) / u64::from(100 - share.min(99));
    own.min(u32::try_from(most).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_more_than_a_quarter() {
        for (own, others, kept) in
            [(26, 74, 24), (33, 67, 22), (50, 50, 16), (1, 30, 1), (30, 1, 0), (3, 97, 3)]
        {
            assert_eq!(stay(own, others, 25), kept, "{own} of {}", own + others);
            assert!(4 * kept <= kept + others);
        }
    }
}
