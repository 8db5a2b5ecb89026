//! A number among its peers as a strip of characters: where the middle half of the peers is, and where you are.

/// Characters of a strip; each stands for five points.
const STEPS: u8 = 20;

/// `own` and the peers on a strip of 0 to `most`: `·` the scale, `━` their middle half, `┃` their median, `●` you.
pub fn strip(own: Option<u8>, half: Option<(u8, u8)>, p50: Option<u8>, most: u8) -> String {
    let step = |value: u8| {
        let most = u16::from(most.max(1));
        let at = (u16::from(value.min(most.try_into().unwrap_or(u8::MAX))) * u16::from(STEPS) * 2 + most)
            / (2 * most);
        u8::try_from(at).unwrap_or(STEPS)
    };
    let (own, middle) = (own.map(step), p50.map(step));
    let half = half.map(|(low, high)| (step(low), step(high)));
    (0..=STEPS)
        .map(|at| match at {
            _ if own == Some(at) => '●',
            _ if middle == Some(at) => '┃',
            _ if half.is_some_and(|(low, high)| (low..=high).contains(&at)) => '━',
            _ => '·',
        })
        .collect()
}

/// Characters of a bar; each stands for ten points.
const BAR: u8 = 10;

/// A number of 0 to 100 as a bar: `━━━···`. Whatever is above 0 shows.
pub fn bar(value: u8) -> String {
    let filled = value.min(100).div_ceil(BAR);
    (0..BAR).map(|at| if at < filled { '━' } else { '·' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_shows_the_middle_half_the_median_and_oneself() {
        assert_eq!(strip(Some(0), Some((25, 75)), Some(50), 100), "●····━━━━━┃━━━━━·····");
        assert_eq!(strip(Some(50), Some((50, 50)), Some(50), 100), "··········●··········");
        assert_eq!(strip(None, None, Some(100), 100), "····················┃");
        assert_eq!(strip(Some(200), None, None, 100), "····················●");
        assert_eq!(strip(Some(5), None, None, 0), "····················●");
    }

    #[test]
    fn a_bar_shows_whatever_is_there() {
        assert_eq!([0, 1, 29, 100].map(bar), ["··········", "━·········", "━━━·······", "━━━━━━━━━━"]);
    }
}
