//! The operator's view: members, what the next release lacks, what waits for a review, and the releases.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{frame::Frame, paths, reply::operators, words};
use crate::{
    app::{
        list_organisations::list_organisations,
        list_releases::list_releases,
        quarantine::list_quarantine,
        readiness::{Readiness, Why, readiness},
    },
    domain::{
        organisation::{Organisation, OrganisationId},
        snapshot::Basis,
    },
    http::{
        extract::{
            access::{Platform, PlatformRead},
            page::{Page, cursor},
            query::Query,
            visit::OperatorVisit,
        },
        problem::Problem,
    },
};

const MEMBERS: u32 = 100;
const RELEASES: u32 = 24;

/// The page of the members.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "community.html")]
struct CommunityView {
    frame: Frame,
    headline: String,
    facts: Vec<String>,
    cohorts: Vec<CohortRow>,
    remind: Vec<(String, String)>,
    review: Vec<(String, String, String)>,
    members: Vec<MemberRow>,
    next: Option<String>,
    releases: Vec<(u32, String, String, String)>,
}

struct CohortRow {
    name: String,
    groups: u32,
    missing: u32,
}

struct MemberRow {
    name: String,
    id: String,
    standing: String,
    profile: String,
    since: String,
}

pub async fn show(
    operator: OperatorVisit<PlatformRead>,
    query: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let after = Page::new(None, query.0.cursor).after_id::<OrganisationId>()?;
    operators(operator, move |platform, _| read(platform, after.as_ref())).await
}

fn read(platform: &Platform, after: Option<&OrganisationId>) -> Result<CommunityView, Problem> {
    let app = &platform.app;
    let ready = readiness(app, Basis::Deployed)?;
    let members = list_organisations(app, after, MEMBERS)?;
    let releases = list_releases(app, None, RELEASES)?.items;
    let review = list_quarantine(app)?.into_iter().map(|found| {
        let reason = found.finding.reason.name().replace('_', " ");
        (found.organisation_name, reason, found.at.format("%Y-%m-%d").to_string())
    });
    let reminded = |why: Why| match why {
        Why::NotVerified => "isn't verified".to_owned(),
        Why::NeverUploaded => "never uploaded".to_owned(),
        Why::Stale(month) => format!("its data of {month} is too old"),
        Why::SoonStale(month) => format!("its data of {month} is soon too old"),
        Why::UnderReview => "waits for a review".to_owned(),
    };
    Ok(CommunityView {
        headline: headline(&ready),
        facts: facts(&ready),
        cohorts: ready
            .cohorts
            .iter()
            .map(|one| CohortRow {
                name: words::label(&one.cohort),
                groups: one.groups,
                missing: one.missing,
            })
            .collect(),
        remind: ready.remind.iter().map(|one| (one.name.clone(), reminded(one.why))).collect(),
        review: review.collect(),
        members: members.items.iter().map(MemberRow::new).collect(),
        next: members
            .next
            .as_deref()
            .map(|next| format!("{}?cursor={}#members", paths::COMMUNITY, cursor(next))),
        releases: releases
            .iter()
            .map(|one| {
                let day = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d").to_string();
                (one.number, day(one.cut_off), day(one.published_at), one.attack.to_string())
            })
            .collect(),
        frame: Frame::of_operator("Community", paths::COMMUNITY),
    })
}

fn headline(ready: &Readiness) -> String {
    let complete = ready.cohorts.iter().filter(|cohort| cohort.missing == 0).count();
    let cohorts = ready.cohorts.len();
    format!("{complete} of {cohorts} cohorts have enough members for release {}.", ready.release)
}

fn facts(ready: &Readiness) -> Vec<String> {
    let mut facts = Vec::new();
    facts.push(match ready.due_at {
        Some(due) => format!("due from {}", due.format("%Y-%m-%d")),
        None => "due when somebody has uploaded".to_owned(),
    });
    facts.push(format!("a cohort needs {} control groups", ready.needed));
    facts.push("the rules on differences decide about each number again".to_owned());
    facts
}

impl MemberRow {
    fn new(organisation: &Organisation) -> Self {
        let dimensions = &organisation.profile.dimensions;
        let profile = dimensions.iter().map(|(_, value)| value.replace('-', " ")).collect::<Vec<_>>();
        Self {
            name: organisation.name.clone(),
            id: organisation.id.to_string(),
            standing: organisation.standing.name().to_owned(),
            profile: profile.join(", "),
            since: organisation.created_at.format("%Y-%m-%d").to_string(),
        }
    }
}
