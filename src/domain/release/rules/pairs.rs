//! R35: rows that hardly differ. Two rows of the same control groups are equal unless somebody's value differs; so where
//! fewer than d differ, the finer row would tell who of them does, and shows the coarser one instead. A technology's count has
//! no coarser row: a family has a share, whose values are never those of a count.

use crate::domain::release::{
    cohorts::{
        index::{By, ByCohort, CohortIx, GroupIx, ListIx, Lists, MemberIx},
        membership::Memberships,
    },
    counting::{count::distinct, differences::CellLists, respondent::Respondent},
    earlier::ledger::List,
    parameters::{Parameters, Rule},
    publication::Row,
};

/// A column of a technique, decided.
#[derive(Clone, Copy)]
pub struct Column<'a, 's> {
    pub lists: &'a CellLists<'s>,
    pub whole: &'a By<Lists, List<Respondent>>,
    /// The members of each list.
    pub memberships: &'a By<Lists, &'s Memberships>,
    pub stands: &'a ByCohort<ListIx>,
    pub shown: &'a ByCohort<Option<Row>>,
}

/// A list and its members.
#[derive(Clone, Copy)]
pub struct Pairs<'a> {
    pub list: &'a List<Respondent>,
    pub memberships: &'a Memberships,
}

/// The difference of two lists in one cohort, in control groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Difference {
    /// Those that both hold, with another coded value.
    pub values: u32,
    /// Those that only one holds.
    pub others: u32,
}

/// The point at which a comparison may stop: most lists differ in many values, and the first few say so.
#[derive(Clone, Copy)]
pub struct Until<'a> {
    /// The cohorts that are asked about.
    pub cohorts: &'a [CohortIx],
    /// Says that more differences don't matter.
    pub is_settled: &'a dyn Fn(Difference) -> bool,
}

/// Differing organisations after which is asked again whether all cohorts are settled.
const STRIDE: u32 = 32;

/// R35: the cohorts in which a column shows the row of the first of the coarser columns that holds the same control groups
/// there, because fewer than d of these have another coded value; each with that row.
pub fn show_coarser(
    parameters: &Parameters,
    finer: &Column<'_, '_>,
    coarser: &[Column<'_, '_>],
) -> Vec<(CohortIx, Option<Row>)> {
    let mut instead = Vec::new();
    if !parameters.holds(Rule::R35) || coarser.is_empty() {
        return instead;
    }
    let shown = finer.shown;
    let mut open: Vec<CohortIx> = shown.indices().filter(|cohort| shown[*cohort].is_some()).collect();
    for column in coarser {
        let holds_as_many = |cohort: &CohortIx| {
            column.shown[*cohort].is_some()
                && finer.lists.groups(finer.stands[*cohort], *cohort)
                    == column.lists.groups(column.stands[*cohort], *cohort)
        };
        let candidates: Vec<CohortIx> = open.iter().copied().filter(holds_as_many).collect();
        let on = |cohort: CohortIx| (finer.stands[cohort], column.stands[cohort]);
        for pair in distinct(candidates.iter().map(|cohort| on(*cohort)).collect()) {
            let here: Vec<CohortIx> =
                candidates.iter().copied().filter(|cohort| on(*cohort) == pair).collect();
            let is_another =
                |difference: Difference| difference.others > 0 || difference.values >= parameters.d;
            let until = Until { cohorts: &here, is_settled: &is_another };
            let differences = differences(shown, (finer.pairs(pair.0), column.pairs(pair.1)), until);
            let Some(differences) = differences else { continue };
            for cohort in here {
                if !is_another(differences[cohort]) {
                    instead.push((cohort, column.shown[cohort]));
                    open.retain(|other| *other != cohort);
                }
            }
        }
    }
    instead
}

impl Column<'_, '_> {
    fn pairs(&self, list: ListIx) -> Pairs<'_> {
        Pairs { list: &self.whole[list], memberships: self.memberships[list] }
    }
}

/// Says that two bases of one item may both be shown in a cohort: they differ in no control group or in at least d.
pub fn differ_enough(parameters: &Parameters, difference: Difference) -> bool {
    let Difference { values, others } = difference;
    let differing = values + others;
    !parameters.holds(Rule::R35) || differing == 0 || differing >= parameters.d
}

/// Returns the differences of two lists, cohort by cohort, or `None` if their tags are not comparable: the first edition wrote
/// one, or a technique was renumbered to another parent. A settled difference may be larger. What is published already tells nothing new then.
pub fn differences<T>(
    cohorts: &ByCohort<T>,
    (finer, coarser): (Pairs<'_>, Pairs<'_>),
    until: Until<'_>,
) -> Option<ByCohort<Difference>> {
    let (finer_list, coarser_list) = (finer.list, coarser.list);
    let comparable = finer_list.comparable && coarser_list.comparable;
    if !comparable || finer_list.tag_seed != coarser_list.tag_seed {
        return None;
    }
    let mut differences = cohorts.filled(Difference::default());
    let mut differing = 0_u32;
    let alike = std::ptr::eq(finer.memberships, coarser.memberships);
    let mut of_several: Vec<(CohortIx, GroupIx)> = Vec::new();
    let mut fine = finer_list.respondents.iter().copied().peekable();
    let mut coarse = coarser_list.respondents.iter().copied().peekable();
    loop {
        let member = match (fine.peek(), coarse.peek()) {
            (None, None) => break,
            (Some(one), None) | (None, Some(one)) => one.member,
            (Some(a), Some(b)) => a.member.min(b.member),
        };
        let a = fine.next_if(|one| one.member == member);
        let b = coarse.next_if(|one| one.member == member);
        if let (Some(a), Some(b)) = (a, b)
            && a.counts_in == b.counts_in
            && a.tag == b.tag
        {
            continue;
        }
        differing += 1;
        if differing.is_multiple_of(STRIDE)
            && until.cohorts.iter().all(|cohort| (until.is_settled)(differences[*cohort]))
        {
            break;
        }
        // Nearly all are in the same cohorts on both lists.
        if let (Some(a), Some(b), Some(membership)) = (a, b, finer.memberships.get(member))
            && alike
            && a.counts_in == b.counts_in
            && !membership.shared
        {
            let cohorts = a.counts_in.select(finer.memberships.cohorts(membership));
            cohorts.for_each(|(_, cohort)| differences[cohort].values += 1);
            continue;
        }
        let in_a: Vec<CohortIx> = in_cohorts(finer.memberships, member, a).collect();
        let in_b: Vec<CohortIx> = in_cohorts(coarser.memberships, member, b).collect();
        let membership = finer.memberships.get(member).or_else(|| coarser.memberships.get(member));
        let group = finer.memberships.group(member).or_else(|| coarser.memberships.group(member));
        let (Some(membership), Some(group)) = (membership, group) else { continue };
        let other_value = a.zip(b).is_some_and(|(a, b)| a.tag != b.tag);
        for cohort in distinct(in_a.iter().chain(&in_b).copied().collect()) {
            let both = in_a.contains(&cohort) && in_b.contains(&cohort);
            if both && !other_value {
                continue;
            }
            if membership.shared {
                of_several.push((cohort, group));
            } else if both {
                differences[cohort].values += 1;
            } else {
                differences[cohort].others += 1;
            }
        }
    }
    for (cohort, _) in distinct(of_several) {
        differences[cohort].values += 1;
    }
    Some(differences)
}

fn in_cohorts(
    memberships: &Memberships,
    member: MemberIx,
    one: Option<Respondent>,
) -> impl Iterator<Item = CohortIx> {
    let membership = one.and_then(|one| Some((one, memberships.get(member)?)));
    membership.into_iter().flat_map(|(one, membership)| {
        let cohorts: Vec<CohortIx> =
            one.counts_in.select(memberships.cohorts(membership)).map(|(_, cohort)| cohort).collect();
        cohorts
    })
}
