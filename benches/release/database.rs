//! Whole releases as an operator runs them: from the stored snapshots of a database of its own to a release that is read.

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use peerbench::{
    analytics::Contributor,
    app::{App, low_priority::at_low_priority, publish_release::publish_release},
    domain::{
        access::ClientId,
        audit::{Action, Entry},
        calendar::Month,
        facts::Facts,
        organisation::{Organisation, Profile, Standing, Tenant},
        scale::Score,
        snapshot::{AdapterVersion, Basis, Cell, CellValue, Header, Producer, Snapshot, SnapshotId, Source},
    },
    environment::{Clock as _, FixedClock, SystemClock},
    store::{self, StoreError, snapshot::Stored},
};

use super::{CHANGED, community::Community, embedded::embedded, peak, reset_peak};

/// Members that are stored in one transaction.
const TOGETHER: usize = 1000;

/// Says how many organisations, to a process that does nothing else: its memory is that of the releases.
pub const ALONE: &str = "BENCH_WHOLE_ORGANISATIONS";

/// How long the first and the second release took, and the most memory that each needed.
pub struct Whole {
    pub first: Duration,
    pub second: Duration,
    /// Of the first and of the second, in bytes.
    pub memory: [u64; 2],
}

impl Whole {
    /// Measures in a process of its own.
    pub fn apart(organisations: usize) -> Self {
        let program = std::env::current_exe().unwrap();
        let done = Command::new(program).env(ALONE, organisations.to_string()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let said = String::from_utf8(done.stdout).unwrap();
        let [first, second, a, b] = said.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{said}") };
        let seconds = |text: &str| Duration::from_secs_f64(text.parse().unwrap());
        Self {
            first: seconds(first),
            second: seconds(second),
            memory: [a, b].map(|bytes| bytes.parse().unwrap()),
        }
    }

    /// For [`Self::apart`].
    pub fn print(&self) {
        let Self { first, second, memory: [a, b] } = self;
        println!("{} {} {a} {b}", first.as_secs_f64(), second.as_secs_f64());
    }
}

/// Stores the members of a community, which takes no time of it, and publishes twice; in between one member in
/// [`CHANGED`] uploads other rules.
pub fn whole(facts: &Facts, organisations: usize) -> Whole {
    let folder = tempfile::tempdir().unwrap();
    let began = SystemClock.now() - TimeDelta::days(30);
    let clock = Arc::new(FixedClock::at(began));
    let app = embedded(folder.path(), &clock);
    let community = Community::new(facts);
    let members: Vec<usize> = (0..organisations).collect();
    for numbers in members.chunks(TOGETHER) {
        let members: Vec<Contributor> = numbers.iter().map(|number| community.member(*number, 0)).collect();
        let joined: Vec<Organisation> = members.iter().map(|member| organisation(member, began)).collect();
        let stored = app.db.write("bench", |conn| store::organisation::insert(conn, &joined));
        stored.unwrap();
        upload(&app, facts, &members, began);
    }
    let uploaded = Entry {
        id: app.new_id(),
        at: began,
        actor: ClientId::new("bench"),
        action: Action::SnapshotUploaded,
        object: None,
    };
    app.db
        .write("bench", |conn| store::audit::record(conn, Tenant::Platform, std::slice::from_ref(&uploaded)))
        .unwrap();

    clock.set(began + TimeDelta::days(15));
    let (first, of_first) = publish(&app);
    clock.set(began + TimeDelta::days(30));
    for numbers in members.chunks(TOGETHER * CHANGED) {
        let numbers = numbers.iter().step_by(CHANGED);
        let members: Vec<Contributor> = numbers.map(|number| community.member(*number, 1)).collect();
        upload(&app, facts, &members, began + TimeDelta::days(29));
    }
    let (second, of_second) = publish(&app);
    Whole { first, second, memory: [of_first, of_second] }
}

/// How long it takes, and the most memory meanwhile.
fn publish(app: &App) -> (Duration, u64) {
    reset_peak();
    let began = Instant::now();
    at_low_priority(|| publish_release(app, &ClientId::new("bench"), None)).unwrap();
    (began.elapsed(), peak())
}

fn upload(app: &App, facts: &Facts, members: &[Contributor], at: DateTime<Utc>) {
    let stored: Vec<Stored> = members.iter().map(|member| snapshot(app, facts, member, at)).collect();
    let written = app.db.write("bench", |conn| {
        for (member, stored) in members.iter().zip(&stored) {
            store::snapshot::insert(conn, &member.member.organisation, stored)?;
        }
        Ok::<_, StoreError>(())
    });
    written.unwrap();
}

fn organisation(contributor: &Contributor, created_at: DateTime<Utc>) -> Organisation {
    let member = contributor.member.clone();
    let profile = Profile {
        dimensions: member.dimensions,
        control_group: member.control_group,
        platforms: contributor.platforms,
    };
    let name = member.organisation.to_string();
    let (standing, writer) = (Standing::Verified, None);
    Organisation { id: member.organisation, name, profile, standing, writer, created_at }
}

/// What a member would have uploaded to contribute just this.
fn snapshot(app: &App, facts: &Facts, member: &Contributor, uploaded_at: DateTime<Utc>) -> Stored {
    let contribution = &member.contribution;
    let scale = contribution.cells[0].scale;
    let value = |score: Score| (0..=20).find(|value| scale.score(*value) == Some(score)).unwrap();
    let cells = contribution.cells.iter().map(|cell| Cell {
        technology: contribution.technologies.binary_search(&cell.technology).unwrap() as u8,
        technique: cell.technique,
        value: CellValue::Value(value(cell.score)),
    });
    let technologies = contribution.technologies.iter();
    let header = Header {
        period: Month::of(uploaded_at).unwrap(),
        attack: facts.catalogue().version(),
        producer: Producer {
            source: Source::Sigma,
            feed: 1,
            adapter: AdapterVersion { major: 0, minor: 1, patch: 0 },
        },
        basis: Basis::Deployed,
        window_days: None,
        scale,
        technologies: technologies.map(|technology| facts.registry().name_of(*technology)).collect(),
        complete: Vec::new(),
    };
    let snapshot = Snapshot { header, cells: cells.collect() };
    let (id, digest) = (SnapshotId::new(app.new_id()), "0".repeat(64));
    Stored { id, uploaded_at, digest, writer: None, snapshot }
}
