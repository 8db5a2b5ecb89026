//! Puts the community into the database, through the same use cases as real members: forty days ago, so that a release
//! lies between its beginning and now.

use std::{
    sync::{Arc, mpsc::sync_channel},
    thread,
};

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
        scale::Scale,
        snapshot::{CellValue, Snapshot},
    },
    environment::{Clock, FixedClock},
};

/// How long ago the community began.
const DAYS_AGO: i64 = 40;
/// When its first release is published: past every wait that the privacy rules ask for.
pub const FIRST_RELEASE_AFTER_DAYS: i64 = 9;
/// One member in so many uploads again before the second release, with one rule more in one cell of so many.
const IMPROVES: usize = 8;
const IMPROVED_CELLS: usize = 5;
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

/// What is in the database.
pub struct Seeded {
    pub member: Organisation,
    /// Some others, with the first of their snapshots.
    pub others: Vec<(Organisation, Snapshot)>,
}

/// Creates the member and `organisations` others, verifies most, and uploads everybody's snapshots. `clock` is the one
/// that `app` goes by.
pub fn seed(app: &App, clock: &FixedClock, feeds: &[Feed], organisations: u32) -> Result<Seeded, Failure> {
    let attack = app.attack();
    let catalogues = &attack.catalogues;
    let enabled = catalogues.versions().rev().filter(|version| catalogues.is_enabled(*version));
    // Real communities lag behind: half of the members are on the version before.
    let versions: Vec<&Catalogue> =
        enabled.take(2).filter_map(|version| catalogues.get(version).map(Arc::as_ref)).collect();
    let parameters = Parameters { seed: SEED, organisations, month: month(clock.now())? };
    let mut community = community::generate(parameters, &versions, &app.registry);
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
    let others = thread::scope(|scope| {
        let (sender, made) = sync_channel(16);
        // The next ones are made while one is stored.
        scope.spawn(move || community.all(|other| sender.send(other).is_ok()));
        let mut others = Vec::new();
        for (number, other) in made.into_iter().enumerate() {
            let profile = other.profile;
            let new = NewOrganisation {
                name: other.name,
                sector: profile.sector,
                size: profile.size,
                region: profile.region,
                control_group: Some(profile.control_group),
                platforms: profile.platforms,
            };
            let organisation = add(&new, other.verified, other.snapshots.iter().collect())?;
            let first = other.snapshots.into_iter().next().filter(|_| number % IMPROVES == 0);
            others.extend(first.map(|first| (organisation, first)));
        }
        Ok::<_, Failure>(others)
    })?;
    progress.finish(&format!("{} organisations, {snapshots} snapshots.", organisations + 1));
    Ok(Seeded { member, others })
}

/// Uploads the others' snapshots of `month`, with a rule more here and there. Returns how many.
pub fn improve(app: &App, others: &[(Organisation, Snapshot)], month: Month) -> Result<usize, Failure> {
    for (organisation, before) in others {
        let mut snapshot = Snapshot { period: month, ..before.clone() };
        for cell in snapshot.cells.iter_mut().step_by(IMPROVED_CELLS) {
            if let (Scale::RuleCount, CellValue::Value(rules @ 0..20)) = (snapshot.scale, cell.value) {
                cell.value = CellValue::Value(rules + 1);
            }
        }
        upload(app, organisation, &snapshot)?;
    }
    Ok(others.len())
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
