//! The least that any program must do for quartiles of scores from 0 to 100.

/// The quartiles of type 1 of one cell's counts.
pub fn quartiles(bins: &[u32; 101]) -> [u8; 3] {
    let n: u32 = bins.iter().sum();
    [25, 50, 75].map(|percentile| {
        let rank = (percentile * n).div_ceil(100).max(1);
        let mut cumulative = 0;
        let at = bins.iter().position(|count| {
            cumulative += count;
            cumulative >= rank
        });
        u8::try_from(at.unwrap_or(0)).unwrap()
    })
}
