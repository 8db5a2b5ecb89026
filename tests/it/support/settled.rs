//! A synthetic community that joins through the use cases that the service itself runs: for tests and benches.

use chrono::TimeDelta;
use peerbench::{
    app::{
        App,
        community::{self, Parameters, generate},
        create_organisation::NewOrganisation,
        join_community::join,
    },
    domain::{calendar::Month, organisation::Organisation},
    environment::{Clock as _, FixedClock},
};

/// Adds this many organisations with their snapshots, all verified and each its own control group; `clock` is the one that
/// `app` goes by. The same number gives the same community.
pub fn settle_in(
    app: &App,
    clock: &FixedClock,
    organisations: u32,
) -> Vec<(Organisation, community::Member)> {
    let attack = app.attack();
    let canonical = attack.catalogues.canonical().unwrap();
    let month = Month::of(clock.now()).unwrap();
    generate(Parameters { seed: 7, organisations, month }, &[canonical], &app.registry)
        .map(|member| {
            clock.advance(TimeDelta::seconds(1));
            let new = NewOrganisation { control_group: None, ..(&member).into() };
            (join(app, &new, true, &member.snapshots).unwrap().0, member)
        })
        .collect()
}
