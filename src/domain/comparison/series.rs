//! Changes of one measure between two releases: of a member's value, of the peers' published median, and of the difference
//! between the two; and the reasons why the two points must not be joined.

use crate::domain::{
    attack::AttackVersion,
    cohort::Cohort,
    column::Column,
    named::named,
    release::{Hash, Parameters, Quantiles, Unit},
};

named! {
    /// A reason why two points of a series are not of one kind.
    pub enum Break("break") {
        /// The releases are computed in different ATT&CK versions.
        Attack = "attack",
        /// Only one of the releases has peer statistics for the basis of evidence.
        Basis = "basis",
        /// The preset or a privacy parameter changed.
        Parameters = "parameters",
        /// The technologies or the set of techniques changed within one ATT&CK version.
        Catalogue = "catalogue",
        /// The two rows are of different cohorts or columns, or one of them isn't released.
        Cohort = "cohort",
    }
}

/// The facts that one release's number of a measure stands on.
#[derive(Debug, Clone)]
pub struct Ground<'a> {
    pub attack: AttackVersion,
    pub parameters: &'a Parameters,
    /// Digest of the ATT&CK version and the technologies; `None` if the release doesn't say it.
    pub catalogue: Option<Hash>,
    /// The ATT&CK version of the youngest snapshot, if techniques that came later left the sets.
    pub named_in: Option<AttackVersion>,
    /// Says whether the release has any table of the basis.
    pub has_basis: bool,
    /// The row that is shown.
    pub row: Option<(&'a Cohort, &'a Column)>,
}

/// One point of a series.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a> {
    pub own: Option<u8>,
    pub quantiles: Option<&'a Quantiles>,
    /// Coded own number minus the median.
    pub difference: Option<i16>,
}

/// The change from one point to the next. What isn't there, or must not be joined, is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// Own number minus the earlier one, both in the later release's ATT&CK version and sets.
    pub own: Option<i16>,
    /// Published median minus the earlier one.
    pub peers: Option<i16>,
    /// Difference to the median minus the earlier one.
    pub difference: Option<i16>,
    /// False if the change of the median is no more than one rounding step, or unknown.
    pub meaningful: bool,
    pub breaks: Vec<Break>,
}

impl Change {
    /// The larger of the own and the peers' change, without its sign. A change of the median by one rounding step counts for
    /// nothing.
    pub fn distance(&self) -> u16 {
        let peers = self.peers.filter(|_| self.meaningful);
        [self.own, peers].into_iter().flatten().map(i16::unsigned_abs).max().unwrap_or_default()
    }
}

/// Lists the reasons why two points must not be joined.
pub fn breaks(before: &Ground<'_>, after: &Ground<'_>) -> Vec<Break> {
    let moved = before.attack != after.attack;
    let catalogue = before.catalogue.zip(after.catalogue).is_some_and(|(before, after)| before != after)
        || before.named_in != after.named_in;
    let found = [
        (Break::Attack, moved),
        (Break::Basis, before.has_basis != after.has_basis),
        (Break::Parameters, before.parameters != after.parameters),
        // Another ATT&CK version is another catalogue, too; one reason is enough.
        (Break::Catalogue, catalogue && !moved),
        (Break::Cohort, before.row != after.row && before.has_basis == after.has_basis),
    ];
    found.into_iter().filter_map(|(reason, holds)| holds.then_some(reason)).collect()
}

/// Works out the change between two points. `own_before` is the earlier own number in the later release's ATT&CK version
/// and sets, where that could be computed.
pub fn change(
    own_before: Option<u8>,
    before: Numbers<'_>,
    after: Numbers<'_>,
    breaks: Vec<Break>,
    unit: Unit,
    parameters: &Parameters,
) -> Change {
    let minus = |after: u8, before: u8| i16::from(after) - i16::from(before);
    let own = after.own.zip(own_before).map(|(after, before)| minus(after, before));
    if !breaks.is_empty() {
        return Change { own, breaks, ..Change::default() };
    }
    let medians = before.quantiles.zip(after.quantiles).map(|(a, b)| (a.p50.value, b.p50.value));
    Change {
        own,
        peers: medians.map(|(before, after)| minus(after, before)),
        difference: before.difference.zip(after.difference).map(|(before, after)| after - before),
        meaningful: medians.is_some_and(|(before, after)| is_meaningful(before, after, unit, parameters)),
        breaks,
    }
}

/// Says that two published numbers are more than one rounding step apart.
fn is_meaningful(before: u8, after: u8, unit: Unit, parameters: &Parameters) -> bool {
    match unit {
        Unit::Points => before.abs_diff(after) > parameters.round_step,
        Unit::Count => {
            let (low, high) = (before.min(after), before.max(after));
            let between = parameters.count_steps.iter().filter(|step| (low..high).contains(*step));
            between.count() > 1
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::release::{Coded, Preset};

    fn parameters() -> Parameters {
        Parameters::preset(Preset::Default)
    }

    fn median(value: u8, unit: Unit) -> Quantiles {
        let p50 = Coded::new(value, unit, &parameters());
        Quantiles { p10: None, p25: None, p50, p75: None, p90: None }
    }

    fn between(before: u8, after: u8, unit: Unit) -> Change {
        let (a, b) = (median(before, unit), median(after, unit));
        let at = |quantiles| Numbers { own: Some(40), quantiles: Some(quantiles), difference: Some(-5) };
        change(Some(30), at(&a), at(&b), Vec::new(), unit, &parameters())
    }

    #[test]
    fn one_rounding_step_is_not_meaningful_and_two_are() {
        assert_eq!(between(40, 45, Unit::Points).peers, Some(5));
        assert!(!between(40, 45, Unit::Points).meaningful);
        assert!(between(40, 50, Unit::Points).meaningful && between(50, 40, Unit::Points).meaningful);
        // The steps are 0 1 2 3 5 8 12 20 30 50 80.
        assert!(!between(12, 20, Unit::Count).meaningful);
        assert!(between(12, 30, Unit::Count).meaningful && between(30, 12, Unit::Count).meaningful);
        assert!(!between(19, 12, Unit::Count).meaningful, "they are one step");
    }

    #[test]
    fn across_a_break_only_the_own_side_is_compared() {
        let quantiles = median(40, Unit::Points);
        let at = Numbers { own: Some(40), quantiles: Some(&quantiles), difference: Some(0) };
        let broken = change(Some(35), at, at, vec![Break::Attack], Unit::Points, &parameters());
        assert_eq!(broken, Change { own: Some(5), breaks: vec![Break::Attack], ..Change::default() });
    }

    #[test]
    fn each_circumstance_breaks_a_series_and_equal_ones_do_not() {
        let (parameters, others) = (parameters(), Parameters::preset(Preset::Conservative));
        let (all, any) = (Cohort::All, Column::Any);
        let ground = Ground {
            attack: "19.0".parse().unwrap(),
            parameters: &parameters,
            catalogue: Some(Hash::of(b"a")),
            named_in: None,
            has_basis: true,
            row: Some((&all, &any)),
        };
        assert_eq!(breaks(&ground, &ground), []);
        let after = |change: &dyn Fn(&mut Ground<'_>)| {
            let mut after = ground.clone();
            change(&mut after);
            breaks(&ground, &after)
        };
        assert_eq!(
            after(&|g| (g.attack, g.catalogue) = ("19.1".parse().unwrap(), Some(Hash::of(b"b")))),
            [Break::Attack]
        );
        assert_eq!(after(&|g| g.catalogue = Some(Hash::of(b"b"))), [Break::Catalogue]);
        assert_eq!(after(&|g| g.named_in = Some("18.1".parse().unwrap())), [Break::Catalogue]);
        assert_eq!(after(&|g| g.catalogue = None), []);
        assert_eq!(after(&|g| g.row = None), [Break::Cohort]);
        assert_eq!(after(&|g| (g.has_basis, g.row) = (false, None)), [Break::Basis]);
        let mut changed = ground.clone();
        changed.parameters = &others;
        assert_eq!(breaks(&ground, &changed), [Break::Parameters]);
    }

    proptest! {
        /// Steps of a series without a break add up to the change from its first point to its last.
        #[test]
        fn changes_add_up(own in proptest::collection::vec(0_u8..=100, 2..12), medians in proptest::collection::vec(0_u8..=100, 12)) {
            let rows: Vec<Quantiles> = medians.iter().map(|value| median(*value, Unit::Points)).collect();
            let at = |i: usize| Numbers { own: Some(own[i]), quantiles: Some(&rows[i]), difference: Some(i16::from(own[i]) - i16::from(rows[i].p50.value)) };
            let step = |a: usize, b: usize| change(Some(own[a]), at(a), at(b), Vec::new(), Unit::Points, &parameters());
            let steps: Vec<Change> = (1..own.len()).map(|i| step(i - 1, i)).collect();
            let whole = step(0, own.len() - 1);
            let sum = |of: &dyn Fn(&Change) -> Option<i16>| steps.iter().map(|step| of(step).unwrap()).sum::<i16>();
            prop_assert_eq!(Some(sum(&|c| c.own)), whole.own);
            prop_assert_eq!(Some(sum(&|c| c.peers)), whole.peers);
            prop_assert_eq!(Some(sum(&|c| c.difference)), whole.difference);
            prop_assert_eq!(whole.difference.unwrap(), whole.own.unwrap() - whole.peers.unwrap());
            prop_assert!(!(whole.peers == Some(0) && whole.meaningful));
        }
    }
}
