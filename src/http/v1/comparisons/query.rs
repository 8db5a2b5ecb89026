//! The parameters of comparisons, all refusals in one answer.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::compare::{self, Filters},
    http::{
        extract::{
            compared::{Compared, Reading},
            page::Page,
        },
        problem::Problem,
    },
    report::Representation,
    wire::names,
};

/// Declares the query of a list of rows: the parameters that all of these have, and those of its own.
macro_rules! rows_of {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            #[serde(flatten)]
            #[param(ignore)]
            compared: $crate::http::extract::compared::Compared,
            /// Column whose statistic techniques are compared in: `any`, a family or a technology. `any` if omitted.
            #[param(example = "any")]
            column: Option<String>,
            /// Returns only techniques of this tactic, given by name, short name or ID.
            #[param(example = "execution")]
            tactic: Option<String>,
            /// Returns only techniques that this technology can see. It selects rows; `column` selects the statistic.
            #[param(example = "microsoft.windows")]
            technology: Option<String>,
            /// Returns only techniques that this family can see, or technologies of this family.
            #[param(value_type = Option<$crate::wire::names::TechnologyFamily>)]
            family: Option<String>,
            /// Returns only techniques of this ATT&CK platform.
            #[param(value_type = Option<$crate::wire::names::Platform>)]
            platform: Option<String>,
            /// Returns only techniques that any of these threat groups uses: IDs, names or aliases, separated by commas.
            #[param(example = "APT29,G0102")]
            group: Option<String>,
            /// Returns only rows in which your value lies in this band.
            #[param(value_type = Option<$crate::wire::names::PositionBand>)]
            position: Option<String>,
            /// Returns only techniques of this set and counts them by your peers' coverage: `all`, `platform:Windows`,
            /// `group:G0016`, `groups:G0016,G0032` or `top:50` (the techniques that most threat groups use).
            #[param(example = "top:50")]
            set: Option<String>,
            $($own)*
            /// Granularity of techniques. `parent` if omitted.
            #[param(value_type = Option<$crate::wire::names::Granularity>)]
            granularity: Option<String>,
            /// Maximum number of items on the page. 100 if omitted.
            #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
            limit: Option<String>,
            /// Value of `next` on the previous page.
            cursor: Option<String>,
            /// Format of the answer. `Accept` decides if omitted.
            #[param(value_type = Option<$crate::wire::names::ListFormat>)]
            format: Option<String>,
        }

        impl $name {
            /// Reads what all queries of rows have, in their usual order.
            fn rows(&self, reading: &mut Reading) -> Result<RowsAsked, Problem> {
                let unset = compare::Query::default();
                let filters = Filters {
                    tactic: self.tactic.clone(),
                    technology: self.technology.clone(),
                    family: reading.take("family", self.family.as_ref(), str::parse),
                    platform: reading.take("platform", self.platform.as_ref(), str::parse),
                    group: self.group.clone(),
                    groups: Vec::new(),
                    position: reading.take("position", self.position.as_ref(), str::parse),
                    coverage: reading.take("coverage", self.coverage.as_ref(), str::parse),
                };
                let subs = reading.take("granularity", self.granularity.as_ref(), granularity);
                let page = Page::new(self.limit.clone(), self.cursor.clone());
                let common = self.compared.read(reading);
                let query = compare::Query {
                    cohort: common.cohort.unwrap_or(unset.cohort),
                    basis: common.basis,
                    column: reading.take("column", self.column.as_ref(), str::parse).unwrap_or(unset.column),
                    filters,
                    set: reading.take("set", self.set.as_ref(), str::parse),
                    sort: unset.sort,
                    subs: subs.unwrap_or(unset.subs),
                    limit: page.limit()?,
                    cursor: page.after()?,
                };
                let representation = reading.take("format", self.format.as_ref(), str::parse);
                Ok(RowsAsked { query, release: common.release, representation })
            }
        }
    };
}

pub(super) use rows_of;

rows_of! {
    /// The query of a list.
    pub struct ListParameters {
        /// Returns only techniques that this share of peers covers. Without it, techniques that few peers cover are left out.
        #[param(value_type = Option<names::Coverage>)]
        coverage: Option<String>,
        /// Order of the rows. `distance`, furthest behind first, if omitted.
        #[param(value_type = Option<names::SortOrder>)]
        sort: Option<String>,
    }
}

/// The query of a summary.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SummaryParameters {
    #[serde(flatten)]
    #[param(ignore)]
    compared: Compared,
    /// Returns only gaps of this set and counts its techniques by your peers' coverage: `all`, `platform:Windows`,
    /// `group:G0016`, `groups:G0016,G0032` or `top:50` (the techniques that most threat groups use).
    #[param(example = "top:50")]
    set: Option<String>,
}

/// A query that was read and checked.
#[derive(Debug)]
pub struct RowsAsked {
    pub query: compare::Query,
    /// The latest where `None`.
    pub release: Option<u32>,
    /// `None` if the query doesn't name one, so that `Accept` decides.
    pub representation: Option<Representation>,
}

/// Reads the granularity: true for sub-techniques.
pub(super) fn granularity(text: &str) -> Result<bool, &'static str> {
    match text {
        "parent" => Ok(false),
        "sub" => Ok(true),
        _ => Err("must be parent or sub"),
    }
}

impl ListParameters {
    pub fn of(compared: Compared) -> Self {
        Self { compared, ..Self::default() }
    }

    pub fn read(self) -> Result<RowsAsked, Problem> {
        let mut reading = Reading::default();
        let mut asked = self.rows(&mut reading)?;
        asked.query.sort = reading.take("sort", self.sort.as_ref(), str::parse).unwrap_or_default();
        reading.done(asked)
    }
}

impl SummaryParameters {
    pub fn read(self) -> Result<RowsAsked, Problem> {
        let Self { compared, set } = self;
        ListParameters { set, ..ListParameters::of(compared) }.read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::column::Column, http::extract::query::parse};

    #[test]
    fn every_parameter_arrives() {
        let asked: ListParameters = parse(
            "cohort=sector%3Afinance&basis=validated&release=3&column=endpoint&tactic=execution&group=G0016&\
             platform=Windows&coverage=few&sort=-distance&granularity=sub&limit=5&format=csv",
        )
        .unwrap();
        let asked = asked.read().unwrap();
        assert_eq!(asked.release, Some(3));
        assert_eq!(asked.query.cohort.to_string(), "sector:finance");
        assert!(matches!(asked.query.column, Column::Family(_)));
        assert!(asked.query.subs && asked.query.limit == 5);
        assert_eq!(asked.representation, Some(Representation::Csv));
    }

    #[test]
    fn all_refusals_come_together() {
        let asked: ListParameters =
            parse("cohort=x&basis=y&column=z&sort=best&granularity=all&release=0&format=pdf&position=top")
                .unwrap();
        let text = format!("{:?}", asked.read().unwrap_err());
        for name in ["cohort", "basis", "column", "sort", "granularity", "release", "format", "position"] {
            assert!(text.contains(&format!("Some(\"{name}\")")), "{name}: {text}");
        }
    }
}
