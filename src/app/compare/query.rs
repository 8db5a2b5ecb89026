//! The question that a list answers, and the lists that each of its parameters belongs to: one that a list would ignore is
//! refused.

use std::fmt;

use super::select::{Filters, Sort};
use crate::domain::{
    cohort::Cohort, column::Column, comparison::TechniqueSet, named::named, snapshot::Basis,
};

named! {
    /// The lists that can be compared.
    pub enum List("list") {
        Techniques = "techniques",
        Technologies = "technologies",
        Families = "families",
        Tactics = "tactics",
        Groups = "groups",
        Cells = "cells",
    }
}

/// The question that a list answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    pub cohort: Cohort,
    pub basis: Basis,
    pub column: Column,
    pub filters: Filters,
    /// Techniques that the rows are out of; all where `None`.
    pub set: Option<TechniqueSet>,
    pub sort: Sort,
    /// Sub-techniques instead of parents.
    pub subs: bool,
    /// 1..=1000.
    pub limit: usize,
    pub cursor: Option<String>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            cohort: Cohort::All,
            basis: Basis::Deployed,
            column: Column::Any,
            filters: Filters::default(),
            set: None,
            sort: Sort::default(),
            subs: false,
            limit: 100,
            cursor: None,
        }
    }
}

named! {
    /// The parameters that only some lists have. Those of peers, order and page belong to every list.
    pub enum Parameter("parameter") {
        Column = "column",
        Tactic = "tactic",
        Technology = "technology",
        Family = "family",
        Platform = "platform",
        Group = "group",
        Set = "set",
        Granularity = "granularity",
    }
}

impl Parameter {
    /// The lists that it belongs to.
    pub fn lists(self) -> &'static [List] {
        use List::{Cells, Families, Groups, Tactics, Techniques, Technologies};
        match self {
            Self::Column | Self::Set => &[Techniques],
            Self::Tactic => &[Techniques, Tactics, Cells],
            Self::Technology => &[Techniques, Technologies, Cells],
            Self::Family => &[Techniques, Technologies, Families, Cells],
            Self::Platform | Self::Granularity => &[Techniques, Cells],
            Self::Group => &[Techniques, Groups, Cells],
        }
    }

    fn is_in(self, query: &Query) -> bool {
        let filters = &query.filters;
        match self {
            Self::Column => query.column != Column::Any,
            Self::Tactic => filters.tactic.is_some(),
            Self::Technology => filters.technology.is_some(),
            Self::Family => filters.family.is_some(),
            Self::Platform => filters.platform.is_some(),
            Self::Group => filters.group.is_some(),
            Self::Set => query.set.is_some(),
            Self::Granularity => query.subs,
        }
    }
}

/// A parameter of other lists than the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misplaced {
    pub parameter: Parameter,
    pub list: List,
}

/// Says which lists have the parameter, without its name: answers name it in their own way.
impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists: Vec<&str> = self.parameter.lists().iter().map(|list| list.name()).collect();
        let lists = match lists.as_slice() {
            [one] => (*one).to_owned(),
            [most @ .., last] => format!("{} and {last}", most.join(", ")),
            [] => String::new(),
        };
        write!(f, "doesn't belong to the list of {}, only to {lists}", self.list)
    }
}

/// Finds what a query asks of a list that doesn't have it.
pub fn misplaced(list: List, query: &Query) -> Vec<Misplaced> {
    let asked = Parameter::ALL.into_iter().filter(|parameter| parameter.is_in(query));
    let others = asked.filter(|parameter| !parameter.lists().contains(&list));
    others.map(|parameter| Misplaced { parameter, list }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_its_own_parameters_and_no_others() {
        let query = Query { column: "identity".parse().unwrap(), subs: true, ..Query::default() };
        assert_eq!(misplaced(List::Techniques, &query), []);
        let found = |list| -> Vec<String> {
            misplaced(list, &query).iter().map(|one| format!("{} {one}", one.parameter)).collect()
        };
        assert_eq!(found(List::Cells), ["column doesn't belong to the list of cells, only to techniques"]);
        assert_eq!(
            found(List::Groups),
            [
                "column doesn't belong to the list of groups, only to techniques",
                "granularity doesn't belong to the list of groups, only to techniques and cells"
            ]
        );
        assert!(List::ALL.into_iter().all(|list| misplaced(list, &Query::default()).is_empty()));
    }
}
