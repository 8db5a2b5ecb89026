//! The parameters that every comparison has, in the API and at the page: the peers, the evidence and the release. All
//! refusals of a request come in one answer.

use std::fmt::Display;

use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    domain::{cohort::Cohort, snapshot::Basis},
    http::problem::{FieldError, Kind, Problem},
    wire::names,
};

/// The peers, the evidence and the release as a request names them.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// Peer group: `all` or one of your cohorts, as `GET /v1/cohorts` lists them. `all` if omitted.
    #[param(example = "sector:finance")]
    pub cohort: Option<String>,
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    pub basis: Option<String>,
    /// Number of the release. The latest if omitted.
    #[param(value_type = Option<u32>, minimum = 1)]
    pub release: Option<String>,
}

/// The peers, the evidence and the release that are asked for.
#[derive(Debug, Clone)]
pub struct Common {
    /// `None` if the request names none.
    pub cohort: Option<Cohort>,
    pub basis: Basis,
    /// The latest where `None`.
    pub release: Option<u32>,
}

/// Collects the errors of all parameters.
#[derive(Default)]
pub struct Reading {
    errors: Vec<FieldError>,
    /// An empty field of a form is one that was left out.
    is_form: bool,
}

impl Compared {
    pub fn read(&self, reading: &mut Reading) -> Common {
        Common {
            cohort: reading.take("cohort", self.cohort.as_ref(), str::parse),
            basis: reading.take("basis", self.basis.as_ref(), str::parse).unwrap_or(Basis::Deployed),
            release: reading.take("release", self.release.as_ref(), |text| {
                text.parse().ok().filter(|number| *number > 0).ok_or("must be the number of a release")
            }),
        }
    }
}

impl Reading {
    /// Reads the fields of a form, or of the page's addresses, which forms make.
    pub fn of_form() -> Self {
        Self { is_form: true, ..Self::default() }
    }

    pub fn take<T, E: Display>(
        &mut self,
        name: &str,
        text: Option<&String>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = text.filter(|text| !(self.is_form && text.is_empty()))?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(FieldError::parameter(name, error.to_string()));
                None
            }
        }
    }

    pub fn done<T>(self, value: T) -> Result<T, Problem> {
        if self.errors.is_empty() {
            return Ok(value);
        }
        Err(match self.is_form {
            true => Problem::new(
                Kind::InvalidRequest,
                "The address of this page names something that doesn't exist.",
            )
            .with_errors(self.errors),
            false => Problem::parameters(self.errors),
        })
    }
}
