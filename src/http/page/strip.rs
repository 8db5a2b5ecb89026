//! A number among its peers as a drawing: a scale, the middle half of the peers, their median, and you. Places are percentages
//! of the drawing's width, so that it fits wherever it stands.

pub use crate::report::side::{Side, side_of};
use crate::{
    report::published::middle_half,
    wire::{ComparisonSide, Own, Quantile, Row},
};

/// A drawing of one line.
pub struct Strip {
    /// The own place before a change.
    pub before: Option<String>,
    /// The own place, if that is assessed.
    pub own: Option<String>,
    /// The left end and the width of the middle half.
    pub half: Option<(String, String)>,
    pub median: Option<String>,
}

impl Strip {
    /// Draws a line on a scale from 0 to `most`. An own count stands where its step does, as the published ones do.
    pub fn new(side: &ComparisonSide, most: u32) -> Self {
        let own = match &side.own {
            Own::Count { step, .. } => Some(u32::from(step.from)),
            own => own.value(),
        };
        Self::at(own, side.peers.row(), most)
    }

    pub fn at(own: Option<u32>, row: Option<&Row>, most: u32) -> Self {
        let half = row.and_then(middle_half).map(|(low, high)| (u32::from(low), u32::from(high)));
        let median = row.and_then(|row| row.quantile(Quantile::P50)).map(u32::from);
        Self {
            before: None,
            own: own.map(|own| percent(own, most)),
            half: half.map(|(low, high)| (percent(low, most), percent(high.saturating_sub(low), most))),
            median: median.map(|median| percent(median, most)),
        }
    }
}

/// The highest number of some lines, own and peers', so that they can stand on one scale.
pub fn most<'a>(sides: impl Iterator<Item = &'a ComparisonSide>) -> u32 {
    let highest = |side: &ComparisonSide| {
        let peers = side.peers.row().and_then(|row| row.quantile(Quantile::P75)).map(u32::from);
        side.own.value().max(peers).unwrap_or_default()
    };
    // The dot of the highest stays within.
    let highest = sides.map(highest).max().unwrap_or_default();
    highest + highest / 8 + 1
}

/// A number of 0 to `most` as a percentage with one decimal.
pub fn percent(value: u32, most: u32) -> String {
    let thousandths = (value.min(most) * 1000 + most / 2).checked_div(most).unwrap_or_default();
    format!("{}.{}", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_their_scale() {
        assert_eq!([0, 25, 100, 200].map(|value| percent(value, 100)), ["0.0", "25.0", "100.0", "100.0"]);
        assert_eq!((percent(1, 3), percent(1, 0)), ("33.3".to_owned(), "0.0".to_owned()));
    }
}
