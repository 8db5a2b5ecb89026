//! A synthetic community in a service's database, as if it had come a month ago: every wait that the privacy rules ask
//! for is over, so that a release can be published through the command line.

use std::sync::Arc;

use chrono::TimeDelta;
use peerbench::{
    app::{
        App, Parts, Probes,
        community::{Parameters, generate},
        create_organisation::NewOrganisation,
        join_community::join,
    },
    auth::Keys,
    domain::{
        calendar::Month,
        dimension::Dimensions,
        organisation::Organisation,
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
            let new = NewOrganisation { control_group: None, ..(&member).into() };
            join(&app, &new, true, &member.snapshots).unwrap().0
        })
        .collect()
}
