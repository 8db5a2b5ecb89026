//! A synthetic community in a service's database, as if it had come a month ago: every wait that the privacy rules ask
//! for is over, so that a release can be published through the command line.

use std::sync::Arc;

use chrono::TimeDelta;
use peerbench::{
    app::{App, Parts},
    domain::organisation::Organisation,
    environment::{Clock as _, FixedClock, SystemClock},
};

use super::{server::Service, settled::settle_in};

const DAYS_AGO: i64 = 30;

/// Adds this many organisations as [`settle_in`] does.
pub fn settle(service: &Service, organisations: u32) -> Vec<Organisation> {
    let clock = Arc::new(FixedClock::at(SystemClock.now() - TimeDelta::days(DAYS_AGO)));
    let app = App::new(Parts { clock: Arc::<FixedClock>::clone(&clock), ..service.parts() }).unwrap();
    settle_in(&app, &clock, organisations).into_iter().map(|(organisation, _)| organisation).collect()
}
