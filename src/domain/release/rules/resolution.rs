//! R28: parameters that change how a number is shown. A looser one acts on a cell with its next number; a tighter one codes
//! what is published again, on every cell, whatever changed, so that nothing tells which cells changed.

use super::{
    code::{Coded, End, Unit},
    display::is_few,
};
use crate::domain::release::{
    item::Item,
    parameters::{Parameters, Rule},
    publication::{Quantiles, Row, Shown},
};

/// The parameters under which what the previous release published must be coded again; `None` where nothing is tighter.
pub fn tightened(now: &Parameters, then: &Parameters) -> Option<Parameters> {
    let strictest = now.strictest(then);
    (now.holds(Rule::R28) && !strictest.shows_like(then)).then_some(strictest)
}

/// R28: a published row under tighter parameters: a function of the row alone.
pub fn recode(row: Row, item: &Item, tighter: &Parameters) -> Row {
    let Shown::Quantiles(quantiles) = row.shown else { return row };
    let again = |coded| code_again(coded, item.unit(), tighter);
    let tails = row.members.is_none_or(|band| band.lower_end() >= tighter.tails_min_n);
    let quantiles = Quantiles {
        p10: quantiles.p10.filter(|_| tails).map(again),
        p25: quantiles.p25.map(again),
        p50: again(quantiles.p50),
        p75: quantiles.p75.map(again),
        p90: quantiles.p90.filter(|_| tails).map(again),
    };
    if is_few(item, &quantiles, tighter) {
        return Row::NOTHING;
    }
    Row { shown: Shown::Quantiles(quantiles), ..row }
}

/// An end stays one: what is there may be anywhere beyond it.
fn code_again(coded: Coded, unit: Unit, tighter: &Parameters) -> Coded {
    let value = match (coded.end, unit) {
        (Some(End::Low), Unit::Points) => coded.value.max(tighter.code_low),
        (Some(End::High), Unit::Points) => coded.value.min(tighter.code_high),
        _ => return Coded::new(coded.value, unit, tighter),
    };
    Coded { value, ..coded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::{Band, Preset};

    #[test]
    fn what_is_published_is_coded_again_and_never_more_finely() {
        let wide =
            Parameters { code_low: 20, code_high: 80, round_step: 10, ..Parameters::preset(Preset::Default) };
        let coded = |value, end| Coded { value, end };
        let row = |p25, p50, p75| Row {
            shown: Shown::Quantiles(Quantiles { p10: None, p25: Some(p25), p50, p75: Some(p75), p90: None }),
            members: Some(Band::From20),
            same_since: Some(2),
        };
        let before = row(coded(10, Some(End::Low)), coded(45, None), coded(85, None));
        let after = row(coded(20, Some(End::Low)), coded(50, None), coded(80, Some(End::High)));
        assert_eq!(recode(before, &Item::Overall, &wide), after);
        let default = Parameters::preset(Preset::Default);
        assert_eq!(recode(after, &Item::Overall, &default), after);
        assert_eq!(tightened(&default, &wide), None);
        assert_eq!(tightened(&wide, &default), Some(wide));
    }
}
