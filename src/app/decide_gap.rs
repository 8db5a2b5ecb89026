//! Writes a decision about a gap into the organisation's own book.

use thiserror::Error;

use super::{App, Member, log};
use crate::{
    domain::{
        attack::{AttackVersion, TechniqueId},
        audit::Action,
        calendar::Month,
        comparison::{BookEntry, Decision},
        facts::FactsError,
    },
    store::{self, StoreError, audit, gap_book},
};

/// The reason why nothing was written.
#[derive(Debug, Error)]
pub enum DecideGapError {
    #[error("{}", unknown(.technique, .version, .became.as_ref()))]
    UnknownTechnique {
        technique: String,
        version: AttackVersion,
        /// The technique that it has become in this version.
        became: Option<TechniqueId>,
    },
    #[error("is in the past: name the present month or a later one")]
    Past {
        /// The member of the decision.
        member: &'static str,
    },
    #[error("the service has no ATT&CK version to compare in: ask the operator")]
    NoVersion,
    #[error(transparent)]
    Facts(#[from] FactsError),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

fn unknown(technique: &str, version: &AttackVersion, became: Option<&TechniqueId>) -> String {
    match became {
        Some(became) => {
            format!("{technique} isn't an active technique of ATT&CK {version}: it became {became}")
        }
        None => format!("ATT&CK {version} has no active technique {technique}"),
    }
}

/// Decides about a gap. Techniques are those of the version that comparisons are made in: the latest release's.
pub fn decide_gap(
    app: &App,
    member: &Member,
    technique: &str,
    decision: Decision,
) -> Result<BookEntry, DecideGapError> {
    let (member_of, month) = match decision {
        Decision::Open => ("", None),
        Decision::Planned { month } => ("month", Some(month)),
        Decision::Accepted { until, .. } => ("until", Some(until)),
    };
    if month.zip(Month::of(app.clock.now())).is_some_and(|(month, now)| month < now) {
        return Err(DecideGapError::Past { member: member_of });
    }
    let latest = app.db.read(|conn| match store::release::latest_number(conn)? {
        Some(number) => store::release::get(conn, number),
        None => Ok(None),
    })?;
    let attack = app.attack();
    let facts = match latest {
        Some(release) => app.facts_for(release.attack)?,
        None => attack.facts.clone().ok_or(DecideGapError::NoVersion)?,
    };
    let (catalogue, version) = (facts.catalogue(), facts.catalogue().version());
    // What isn't an id isn't repeated.
    let id = technique.parse::<TechniqueId>().ok();
    let refused = |became| DecideGapError::UnknownTechnique {
        technique: id.map_or_else(|| "with this ID".to_owned(), |id| id.to_string()),
        version,
        became,
    };
    let id = id.ok_or_else(|| refused(None))?;
    if !catalogue.get(id).is_some_and(|known| known.is_active()) {
        let earlier = attack.catalogues.versions().filter(|earlier| *earlier < version);
        let moved =
            earlier.filter_map(|earlier| facts.origin(earlier).ok()?.migration.target(id)).next_back();
        return Err(refused(catalogue.resolve(id).or(moved)));
    }
    let entry = BookEntry { technique: id, attack: version, decision, decided_at: app.clock.now() };
    app.db.write("decide_gap", |conn| {
        gap_book::put(conn, &member.organisation, &entry)?;
        let done = log::entry(app, &member.client, Action::GapDecided, &id.to_string());
        audit::record(conn, member.tenant(), &[done])?;
        Ok::<_, DecideGapError>(())
    })?;
    Ok(entry)
}
