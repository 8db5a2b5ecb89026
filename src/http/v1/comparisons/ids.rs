//! Techniques in a body, which a comparison is restricted to.

use std::collections::BTreeSet;

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::{
        compare::{CompareError, Query, SetError},
        read_comparison::ReadComparisonError,
    },
    domain::{attack::TechniqueId, comparison::TechniqueSet},
    http::problem::{FieldError, Problem},
};

/// Techniques that a body may name.
const MOST: usize = 1000;

/// Techniques that a comparison is restricted to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TechniqueIds {
    /// IDs of techniques or sub-techniques.
    #[schema(min_items = 1, max_items = 1000, example = json!(["T1059", "T1566"]))]
    techniques: Vec<String>,
}

impl TechniqueIds {
    /// Restricts a query to these techniques.
    ///
    /// # Errors
    /// All that aren't IDs, each with its pointer, and another set in the query.
    pub fn restrict(&self, query: &mut Query) -> Result<(), Problem> {
        if query.set.is_some() {
            return Err(Problem::parameter("set", "can't be combined with techniques in the body"));
        }
        if !(1..=MOST).contains(&self.techniques.len()) {
            let detail = format!("must hold 1 to {MOST} techniques");
            return Err(Problem::invalid([FieldError::at("/techniques", detail)]));
        }
        let (mut ids, mut errors) = (BTreeSet::new(), Vec::new());
        for (at, text) in self.techniques.iter().enumerate() {
            match text.parse::<TechniqueId>() {
                Ok(id) => drop(ids.insert(id)),
                Err(error) => errors.push(FieldError::at(format!("/techniques/{at}"), error.to_string())),
            }
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        query.set = Some(TechniqueSet::of(ids));
        Ok(())
    }

    /// Points at the techniques that the release's ATT&CK version doesn't have.
    pub fn pointed(&self, error: ReadComparisonError) -> Problem {
        let ReadComparisonError::Compare(CompareError::Set(SetError::Unknown { ids, version })) = &error
        else {
            return error.into();
        };
        let unknown = self
            .techniques
            .iter()
            .enumerate()
            .filter(|(_, text)| text.parse::<TechniqueId>().is_ok_and(|id| ids.contains(&id)));
        let detail = format!("isn't an active technique of ATT&CK {version}");
        Problem::invalid(unknown.map(|(at, _)| FieldError::at(format!("/techniques/{at}"), detail.clone())))
    }
}
