//! `PUT /v1/gaps/{technique}`

use std::{fmt::Display, str::FromStr};

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::decide_gap::{DecideGapError, decide_gap},
    domain::comparison::{Decision, GapStatus},
    http::{
        extract::{
            access::{Access, GapsWrite},
            body::Body,
        },
        failures::{chain, sentence},
        problem::{FieldError, Kind, Problem},
        reply,
    },
    wire::{gap::Entry, names},
};

/// A decision about a gap: `planned` with a month, `accepted` with a reason and its last month, or `open`.
#[derive(Deserialize, ToSchema)]
#[schema(as = GapDecision)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Status to give the gap.
    #[schema(value_type = names::GapDecisionStatus)]
    pub status: String,
    /// Month in which the gap is to be closed, if planned.
    #[schema(example = "2027-01")]
    pub month: Option<String>,
    /// Reason why the gap is left open, if accepted.
    #[schema(value_type = Option<names::AcceptedReason>)]
    pub reason: Option<String>,
    /// Last month in which the gap is left open, if accepted.
    #[schema(example = "2027-06")]
    pub until: Option<String>,
}

/// Decide about a gap
///
/// Writes a decision into your book, in the place of an earlier one. A gap closes and reopens by itself. Nobody else sees your
/// book, and it is in no statistic.
#[utoipa::path(
    operation_id = "decide_gap",
    tag = "gaps",
    security(("oauth" = ["gaps:write"])),
    params(("technique" = String, Path, description = "ID of a technique or sub-technique of the latest release's ATT&CK version.", example = "T1190")),
    request_body(content = Request, content_type = "application/json"),
    responses(
        (status = 200, description = "The decision as it is in your book.", body = Entry),
    ),
)]
#[put("/v1/gaps/{technique}")]
pub async fn decide(
    access: Access<GapsWrite>,
    technique: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let body = body.receive_json().await?;
    let decided = access.run(move |inside| {
        let decision = body.json::<Request>()?.read()?;
        let entry = decide_gap(&inside.app, &inside.member, &technique, decision)?;
        Ok::<_, Problem>(Entry::from(&entry))
    });
    reply::result(&decided.await?)
}

impl Request {
    /// # Errors
    /// Everything that is wrong, each with its pointer.
    pub fn read(&self) -> Result<Decision, Problem> {
        let mut errors = Vec::new();
        let status = taken("status", Some(&self.status), &mut errors);
        let month = taken("month", self.month.as_ref(), &mut errors);
        let reason = taken("reason", self.reason.as_ref(), &mut errors);
        let until = taken("until", self.until.as_ref(), &mut errors);
        let members = [
            ("month", self.month.is_some()),
            ("reason", self.reason.is_some()),
            ("until", self.until.is_some()),
        ];
        let needed: &[&str] = match status {
            Some(GapStatus::Planned) => &["month"],
            Some(GapStatus::Accepted) => &["reason", "until"],
            Some(GapStatus::Open) | None => &[],
            Some(GapStatus::Closed) => {
                let detail =
                    "can't be set: a gap closes by itself when your coverage reaches your peers' median";
                errors.push(FieldError::at("/status", detail));
                &[]
            }
        };
        if let Some(status) = status.filter(|status| *status != GapStatus::Closed) {
            for (name, is_there) in members {
                let at = format!("/{name}");
                match (needed.contains(&name), is_there) {
                    (true, false) => {
                        errors.push(FieldError::at(at, format!("is missing: {status} needs it")))
                    }
                    (false, true) => errors.push(FieldError::at(at, format!("doesn't go with {status}"))),
                    _ => {}
                }
            }
        }
        let decision = match (status, month, reason, until) {
            (Some(GapStatus::Planned), Some(month), _, _) => Decision::Planned { month },
            (Some(GapStatus::Accepted), _, Some(reason), Some(until)) => Decision::Accepted { reason, until },
            _ => Decision::Open,
        };
        if errors.is_empty() { Ok(decision) } else { Err(Problem::invalid(errors)) }
    }
}

fn taken<T: FromStr<Err: Display>>(
    name: &str,
    text: Option<&String>,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    match text?.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            errors.push(FieldError::at(format!("/{name}"), error.to_string()));
            None
        }
    }
}

impl From<DecideGapError> for Problem {
    fn from(error: DecideGapError) -> Self {
        match error {
            DecideGapError::UnknownTechnique { .. } => Self::new(Kind::NotFound, sentence(&error)),
            DecideGapError::Past { member } => {
                Self::invalid([FieldError::at(format!("/{member}"), error.to_string())])
            }
            DecideGapError::NoVersion => Self::unavailable(chain(&error)),
            DecideGapError::Facts(error) => Self::internal(error),
            DecideGapError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError as _;

    use super::*;

    fn read(text: &str) -> Result<Decision, Problem> {
        serde_json::from_str::<Request>(text).unwrap().read()
    }

    #[test]
    fn a_decision_has_what_its_status_needs_and_nothing_else() {
        let month = "2027-01".parse().unwrap();
        assert_eq!(
            read(r#"{"status": "planned", "month": "2027-01"}"#).unwrap(),
            Decision::Planned { month }
        );
        assert_eq!(read(r#"{"status": "open"}"#).unwrap(), Decision::Open);
        for (text, pointers) in [
            (r#"{"status": "closed"}"#, vec!["/status"]),
            (r#"{"status": "done"}"#, vec!["/status"]),
            (r#"{"status": "planned"}"#, vec!["/month"]),
            (r#"{"status": "planned", "month": "January", "reason": "cost"}"#, vec!["/month", "/reason"]),
            (r#"{"status": "accepted", "reason": "tired"}"#, vec!["/reason", "/until"]),
            (r#"{"status": "open", "until": "2027-01"}"#, vec!["/until"]),
        ] {
            let problem = read(text).unwrap_err();
            assert_eq!(problem.status_code(), 422);
            let found = format!("{problem:?}");
            for pointer in pointers {
                assert!(found.contains(&format!("Some(\"{pointer}\")")), "{text}: {found}");
            }
        }
    }
}
