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
        App,
        community::{self, Parameters},
        create_organisation::{CreateOrganisationError, NewOrganisation},
        join_community::{JoinError, join, upload},
        set_standing::SetStandingError,
        upload_snapshot::UploadSnapshotError,
    },
    cli::{Failure, failure::sentence, progress::Progress},
    domain::{
        attack::{Catalogue, Platform},
        calendar::Month,
        dimension::ByDimension,
        organisation::Organisation,
        scale::Scale,
        snapshot::{CellValue, Snapshot},
    },
    environment::{Clock, FixedClock},
};

/// Age of the community in days.
const DAYS_AGO: i64 = 40;
/// Day of its first release: past every wait that the privacy rules ask for.
pub const FIRST_RELEASE_AFTER_DAYS: i64 = 9;
/// One member in so many uploads again before the second release, with so many rules more in one cell of so many.
const IMPROVES: usize = 3;
const IMPROVED_CELLS: usize = 2;
const RULES_MORE: i8 = 2;
/// The most rules of a cell that gets more; a snapshot takes 20.
const MOST_RULES: i8 = 18;
/// The member wrote a rule between the releases for one cell of so many.
const WRITTEN_SINCE: usize = 5;
/// The member whose eyes the demo looks through. Its sector is the community's largest.
pub const MEMBER: &str = "Harbour Mutual";
/// Any number; the same one gives the same community.
const SEED: u64 = 2_026;

/// Returns the moment at which the community began.
pub fn beginning(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_signed(TimeDelta::days(DAYS_AGO)).unwrap_or(now)
}

/// The month of a moment.
pub fn month(moment: DateTime<Utc>) -> Result<Month, Failure> {
    Month::of(moment).ok_or_else(|| Failure::usage("This computer's clock is far from the present."))
}

/// The organisations in the database.
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
    let mut add = |new: &NewOrganisation, verified: bool, own: &[Snapshot]| {
        clock.advance(TimeDelta::seconds(7));
        let (organisation, uploads) =
            join(app, new, verified, own).map_err(|error| refused(&new.name, error))?;
        snapshots += uploads.len();
        progress.step();
        Ok::<_, Failure>(organisation)
    };
    let own: Vec<Snapshot> = feeds.iter().map(|feed| earlier(&feed.snapshot)).collect();
    let member = add(&member(), true, &own)?;
    let others = thread::scope(|scope| {
        let (sender, made) = sync_channel(16);
        // The next ones are made while one is stored.
        scope.spawn(move || community.all(|other| sender.send(other).is_ok()));
        let mut others = Vec::new();
        for (number, other) in made.into_iter().enumerate() {
            let organisation = add(&(&other).into(), other.verified, &other.snapshots)?;
            let first = other.snapshots.into_iter().next().filter(|_| number % IMPROVES == 0);
            others.extend(first.map(|first| (organisation, first)));
        }
        Ok::<_, Failure>(others)
    })?;
    progress.finish(&format!("{} organisations, {snapshots} snapshots.", organisations + 1));
    Ok(Seeded { member, others })
}

/// Returns the member's snapshot as it was when the community began: with a rule less here and there.
fn earlier(feed: &Snapshot) -> Snapshot {
    let mut snapshot = feed.clone();
    for cell in snapshot.cells.iter_mut().step_by(WRITTEN_SINCE) {
        if let (Scale::RuleCount, CellValue::Value(rules @ 1..)) = (snapshot.header.scale, cell.value) {
            cell.value = CellValue::Value(rules - 1);
        }
    }
    snapshot
}

/// Uploads the snapshots of `month`: the member's own, and the others' with some rules more here and there. Returns the
/// number of others.
pub fn improve(app: &App, seeded: &Seeded, feeds: &[Feed], month: Month) -> Result<usize, Failure> {
    let Seeded { member, others } = seeded;
    for feed in feeds {
        let mut snapshot = feed.snapshot.clone();
        snapshot.header.period = month;
        upload(app, &member.id, &snapshot).map_err(|error| refused(&member.name, error.into()))?;
    }
    for (organisation, before) in others {
        let mut snapshot = before.clone();
        snapshot.header.period = month;
        for cell in snapshot.cells.iter_mut().step_by(IMPROVED_CELLS) {
            if let (Scale::RuleCount, CellValue::Value(rules @ 0..=MOST_RULES)) =
                (snapshot.header.scale, cell.value)
            {
                cell.value = CellValue::Value(rules + RULES_MORE);
            }
        }
        upload(app, &organisation.id, &snapshot)
            .map_err(|error| refused(&organisation.name, error.into()))?;
    }
    Ok(others.len())
}

/// Describes the member as the operator does.
fn member() -> NewOrganisation {
    NewOrganisation {
        name: MEMBER.to_owned(),
        dimensions: ByDimension::examples(),
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
        writer: None,
    }
}

fn refused(name: &str, error: JoinError) -> Failure {
    match error {
        JoinError::Create(CreateOrganisationError::Store(error))
        | JoinError::Verify(SetStandingError::Store(error))
        | JoinError::Upload(UploadSnapshotError::Store(error)) => error.into(),
        other => Failure::refused(format!("{name} is refused. {}", sentence(&other))),
    }
}
