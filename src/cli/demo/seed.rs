//! Puts the community into the database, through the same use cases as real members: forty days ago, so that every wait
//! that the privacy rules ask for is over.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::member::Feed;
use crate::{
    app::{
        App, Caller, Member,
        community::{self, Parameters},
        create_organisation::{CreateOrganisationError, NewOrganisation, create_organisation},
        set_standing::set_standing,
        upload_snapshot::{UploadSnapshotError, upload_snapshot},
    },
    cli::{Failure, failure::sentence, progress::Progress},
    domain::{
        access::ClientId,
        attack::{Catalogue, Platform},
        calendar::Month,
        organisation::{Organisation, Standing},
        snapshot::Snapshot,
    },
    environment::{Clock, FixedClock},
};

/// How long ago the community began.
const DAYS_AGO: i64 = 40;
/// The member whose eyes the demo looks through. Its sector is the community's largest.
pub const MEMBER: &str = "Harbour Mutual";
/// Any number; the same one gives the same community.
const SEED: u64 = 2_026;

/// When the community began.
pub fn beginning(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_signed(TimeDelta::days(DAYS_AGO)).unwrap_or(now)
}

/// The month of a moment.
pub fn month(moment: DateTime<Utc>) -> Result<Month, Failure> {
    Month::of(moment).ok_or_else(|| Failure::usage("This computer's clock is far from the present."))
}

/// Creates the member and `organisations` others, verifies most, and uploads everybody's snapshots. `clock` is the one
/// that `app` goes by. Returns the member.
pub fn seed(
    app: &App,
    clock: &FixedClock,
    feeds: &[Feed],
    organisations: u32,
) -> Result<Organisation, Failure> {
    let attack = app.attack();
    let catalogues = &attack.catalogues;
    let enabled = catalogues.versions().rev().filter(|version| catalogues.is_enabled(*version));
    // Real communities lag behind: half of the members are on the version before.
    let versions: Vec<&Catalogue> =
        enabled.take(2).filter_map(|version| catalogues.get(version).map(Arc::as_ref)).collect();
    let parameters = Parameters { seed: SEED, organisations, month: month(clock.now())? };
    let community = community::generate(parameters, &versions, &app.registry);
    let mut progress = Progress::start("Seeding the community", community.len() + 1);

    let mut snapshots: usize = 0;
    let mut add = |new: &NewOrganisation, verified: bool, own: Vec<&Snapshot>| {
        clock.advance(TimeDelta::seconds(7));
        let organisation = create(app, new)?;
        if verified {
            set_standing(app, &Caller::console(), &organisation.id, Standing::Verified)
                .map_err(|error| Failure::remote(sentence(&error)))?;
        }
        for snapshot in own {
            upload(app, &organisation, snapshot)?;
            snapshots += 1;
        }
        progress.step();
        Ok::<_, Failure>(organisation)
    };
    let member = add(&member(), true, feeds.iter().map(|feed| &feed.snapshot).collect())?;
    for other in community {
        let profile = other.profile;
        let new = NewOrganisation {
            name: other.name,
            sector: profile.sector,
            size: profile.size,
            region: profile.region,
            control_group: Some(profile.control_group),
            platforms: profile.platforms,
        };
        add(&new, other.verified, other.snapshots.iter().collect())?;
    }
    progress.finish(&format!("{} organisations, {snapshots} snapshots.", organisations + 1));
    Ok(member)
}

/// What the operator says of the member.
fn member() -> NewOrganisation {
    NewOrganisation {
        name: MEMBER.to_owned(),
        sector: "finance".to_owned(),
        size: "medium".to_owned(),
        region: "europe".to_owned(),
        control_group: None,
        platforms: [
            Platform::Windows,
            Platform::Linux,
            Platform::Iaas,
            Platform::IdentityProvider,
            Platform::OfficeSuite,
            Platform::Containers,
            Platform::NetworkDevices,
            Platform::SaaS,
        ]
        .into_iter()
        .collect(),
    }
}

fn create(app: &App, new: &NewOrganisation) -> Result<Organisation, Failure> {
    create_organisation(app, &Caller::console(), new, None).map_err(|error| match error {
        CreateOrganisationError::Store(error) => error.into(),
        other => Failure::refused(format!("{} is refused. {}", new.name, sentence(&other))),
    })
}

/// Uploads as a client of the organisation would; the synthetic ones need none of their own.
fn upload(app: &App, organisation: &Organisation, snapshot: &Snapshot) -> Result<(), Failure> {
    let member = Member { client: ClientId::new("demo"), organisation: organisation.id.clone() };
    let text = serde_json::to_vec(snapshot).map_err(Failure::refused)?;
    match upload_snapshot(app, &member, &text, None) {
        Ok(_) => Ok(()),
        Err(UploadSnapshotError::Store(error)) => Err(error.into()),
        Err(other) => {
            let text = format!("The snapshot of {} is refused. {}", organisation.name, sentence(&other));
            Err(Failure::refused(text))
        }
    }
}
