//! A synthetic community in a service's database, as if it had come a month ago: every wait that the privacy rules ask
//! for is over, so that a release can be published through the command line.

use std::sync::Arc;

use chrono::TimeDelta;
use peerbench::{
    app::{
        App, Caller, Member, Parts, Probes,
        community::{Parameters, generate},
        create_organisation::{NewOrganisation, create_organisation},
        set_standing::set_standing,
        upload_snapshot::upload_snapshot,
    },
    auth::Keys,
    domain::{
        access::ClientId,
        calendar::Month,
        organisation::{Dimensions, Organisation, Standing},
        release::{self, Preset},
        technology,
    },
    environment::{Clock, FixedClock, SystemClock, SystemEntropy},
    store::{Db, OpenOptions},
};

use super::server::Service;

const DAYS_AGO: i64 = 30;

/// Adds this many organisations with their snapshots, all verified, through the use cases that the service itself
/// runs. The same number gives the same community.
pub fn settle(service: &Service, organisations: u32) -> Vec<Organisation> {
    let clock = Arc::new(FixedClock::at(SystemClock.now() - TimeDelta::days(DAYS_AGO)));
    let app = App::new(Parts {
        db: Db::open(service.setting("PEERBENCH_DATABASE_URL"), OpenOptions::default()).unwrap(),
        clock: clock.clone(),
        entropy: Arc::new(SystemEntropy),
        registry: Arc::new(technology::bundled().clone()),
        dimensions: Dimensions::default(),
        parameters: release::Parameters::preset(Preset::Default),
        keys: Arc::new(Keys::open(service.setting("PEERBENCH_DATA_DIR").as_ref(), &SystemEntropy).unwrap()),
        issuer: service.base(),
        probes: Probes::default(),
    })
    .unwrap();
    let attack = app.attack();
    let canonical = attack.catalogues.canonical().unwrap();
    let month = Month::of(clock.now()).unwrap();
    generate(Parameters { seed: 7, organisations, month }, &[canonical], &app.registry)
        .map(|member| {
            clock.advance(TimeDelta::seconds(1));
            let new = NewOrganisation {
                name: member.name,
                sector: member.profile.sector,
                size: member.profile.size,
                region: member.profile.region,
                control_group: None,
                platforms: member.profile.platforms,
            };
            let organisation = create_organisation(&app, &Caller::console(), &new, None).unwrap();
            let uploader =
                Member { client: ClientId::new("settlement"), organisation: organisation.id.clone() };
            for snapshot in &member.snapshots {
                upload_snapshot(&app, &uploader, &serde_json::to_vec(snapshot).unwrap(), None).unwrap();
            }
            set_standing(&app, &Caller::console(), &organisation.id, Standing::Verified).unwrap()
        })
        .collect()
}
