//! The address of a view: what it shows stands in the query, so that it can be kept and shared.

use std::fmt::Display;

use serde::Deserialize;

use crate::{
    domain::{cohort::Cohort, snapshot::Basis},
    http::problem::{FieldError, Kind, Problem},
};

/// The parameters of all views; each reads those that it knows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub cohort: Option<String>,
    pub basis: Option<String>,
    pub release: Option<String>,
}

/// The question that every view has.
#[derive(Debug, Clone)]
pub struct Common {
    /// The default of the view where `None`.
    pub cohort: Option<Cohort>,
    pub basis: Basis,
    /// The latest where `None`.
    pub release: Option<u32>,
}

/// Collects the errors of all parameters. An empty field of a form is one that was left out.
#[derive(Default)]
pub struct Reading(Vec<FieldError>);

impl Reading {
    pub fn take<T, E: Display>(
        &mut self,
        name: &str,
        text: Option<&String>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = text.filter(|text| !text.is_empty())?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.push(FieldError::parameter(name, error.to_string()));
                None
            }
        }
    }

    pub fn done<T>(self, value: T) -> Result<T, Problem> {
        if self.0.is_empty() {
            return Ok(value);
        }
        Err(Problem::new(
            Kind::InvalidRequest,
            "The address of this page names something that doesn't exist.",
        )
        .with_errors(self.0))
    }
}

impl Place {
    pub fn common(&self, reading: &mut Reading) -> Common {
        Common {
            cohort: reading.take("cohort", self.cohort.as_ref(), str::parse),
            basis: reading.take("basis", self.basis.as_ref(), str::parse).unwrap_or(Basis::Deployed),
            release: reading.take("release", self.release.as_ref(), |text| {
                text.parse().ok().filter(|number| *number > 0).ok_or("must be the number of a release")
            }),
        }
    }

    /// The hidden fields with which a form keeps the place.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let all = [("cohort", &self.cohort), ("basis", &self.basis), ("release", &self.release)];
        all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }

    /// A link to a view that keeps the place.
    pub fn link(&self, path: &str) -> String {
        self.with(path, &[])
    }

    /// A link that keeps the place but for these parameters; an empty value leaves a parameter out.
    pub fn with(&self, path: &str, changed: &[(&str, &str)]) -> String {
        let own = [("cohort", &self.cohort), ("basis", &self.basis), ("release", &self.release)];
        let own = own.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let own = own.filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        let all = own.chain(changed.iter().copied()).filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_the_place_and_changes_what_it_says() {
        let place = Place { cohort: Some("sector:finance".to_owned()), ..Place::default() };
        assert_eq!(place.link("/app/gaps"), "/app/gaps?cohort=sector%3Afinance");
        assert_eq!(place.with("/app", &[("cohort", ""), ("release", "2")]), "/app?release=2");
        assert_eq!(place.with("/app", &[("x", "a&b=\"<")]), "/app?cohort=sector%3Afinance&x=a%26b%3D%22%3C");
    }
}
