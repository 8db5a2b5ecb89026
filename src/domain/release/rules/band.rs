//! R18: the number of members appears only as a band of control groups. R22: confidence is a grade and an interval of
//! ranks worked out from the band's lower end.

use serde::{Deserialize, Serialize};

use crate::domain::named::named;

named! {
    /// A band of control groups, carried with the published cell.
    pub enum Band("band") {
        From10 = "10-19",
        From20 = "20-29",
        From30 = "30-49",
        From50 = "50-99",
        From100 = "100-199",
        From200 = "200-499",
        From500 = "500+",
    }
}

/// The reliability of a number: A from 200 control groups, B 50 to 199, C 20 to 49, D 10 to 19.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    A,
    B,
    C,
    D,
}

impl Band {
    /// R18: the band of a number of control groups; `None` under 10, which no preset publishes.
    pub fn of(groups: u32) -> Option<Self> {
        Self::ALL.into_iter().rfind(|band| band.lower_end() <= groups)
    }

    /// The band of a number of control groups, or the one `before` where the number is in it or at most `margin` outside.
    pub fn carried(groups: u32, before: Option<Self>, margin: u32) -> Option<Self> {
        let stays = |band: &Self| {
            let next = Self::ALL.into_iter().find(|other| other > band);
            let above = next.is_some_and(|next| groups >= next.lower_end().saturating_add(margin));
            groups.saturating_add(margin) >= band.lower_end() && !above
        };
        before.filter(stays).or_else(|| Self::of(groups))
    }

    pub fn lower_end(self) -> u32 {
        match self {
            Self::From10 => 10,
            Self::From20 => 20,
            Self::From30 => 30,
            Self::From50 => 50,
            Self::From100 => 100,
            Self::From200 => 200,
            Self::From500 => 500,
        }
    }

    pub fn grade(self) -> Grade {
        match self.lower_end() {
            0..20 => Grade::D,
            20..50 => Grade::C,
            50..200 => Grade::B,
            _ => Grade::A,
        }
    }

    /// R22: the ranks, in percent of the members, between which the true p-th percentile of the population lies with 95%
    /// confidence if the members are a sample of it: np ± 1.96·sqrt(np(1-p)) with n the band's lower end, rounded
    /// outwards to whole ranks (normal approximation of the binomial order-statistic interval), and the ranks that jitter
    /// may have moved the quantile by.
    pub fn ranks(self, percentile: u32, jitter: u32) -> (u32, u32) {
        let n = self.lower_end();
        // In hundredths of a rank, integers throughout: floor(196 * sqrt(n * p * (100 - p)) / 100).
        let p = u64::from(percentile.min(100));
        let half = (196 * 196 * u64::from(n) * p * (100 - p)).isqrt().div_ceil(100);
        let centre = u64::from(n) * p;
        let low = (centre.saturating_sub(half) / 100).saturating_sub(jitter.into());
        let high = ((centre + half).div_ceil(100) + u64::from(jitter)).min(u64::from(n));
        let percent =
            |rank: u64| u32::try_from((200 * rank + u64::from(n)) / (2 * u64::from(n))).unwrap_or(100);
        (percent(low), percent(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_fifty_lies_between_rank_18_and_32() {
        assert_eq!(Band::From50.ranks(50, 0), (36, 64));
        assert_eq!(Band::From20.ranks(50, 2), (15, 85));
        assert_eq!(Band::of(57).map(Band::name), Some("50-99"));
        assert_eq!(Band::of(9), None);
    }

    #[test]
    fn a_band_stays_within_its_margin() {
        let carried = |groups, margin| Band::carried(groups, Some(Band::From30), margin);
        for (groups, margin, band) in [
            (49, 0, Band::From30),
            (50, 0, Band::From50),
            (52, 3, Band::From30),
            (53, 3, Band::From50),
            (27, 3, Band::From30),
            (26, 3, Band::From20),
        ] {
            assert_eq!(carried(groups, margin), Some(band), "{groups} {margin}");
        }
        assert_eq!(Band::carried(600, Some(Band::From500), 0), Some(Band::From500));
        assert_eq!(Band::carried(25, None, 5), Some(Band::From20));
    }

    #[test]
    fn intervals_hold_the_percentile_and_narrow_with_members() {
        let bands = [
            Band::From10,
            Band::From20,
            Band::From30,
            Band::From50,
            Band::From100,
            Band::From200,
            Band::From500,
        ];
        for percentile in [10, 25, 50, 75, 90] {
            let mut before = u32::MAX;
            for band in bands {
                let (low, high) = band.ranks(percentile, 0);
                assert!(low <= percentile && percentile <= high && high <= 100, "{band:?} {percentile}");
                assert!(high - low <= before);
                before = high - low;
            }
        }
    }
}
