//! Tests of the use cases, on both databases.

mod catalogues;
mod clients;
mod clocks;
mod imports;
mod organisations;
mod publications;
mod reviews;
mod snapshots;
mod uploads;

use super::{page::Page, read_audit::read_audit, testing::World};
use crate::domain::{
    audit::{Action, Entry},
    organisation::Tenant,
};

/// The actions of a tenant's log, newest first.
fn log_of(world: &World, tenant: Tenant<'_>) -> Vec<Action> {
    entries_of(world, tenant).iter().map(|entry| entry.action).collect()
}

fn entries_of(world: &World, tenant: Tenant<'_>) -> Vec<Entry> {
    // Ids of the same millisecond come in no order, so tests that look at the order let the clock run.
    let Page { items, next } = read_audit(&world.app, tenant, None, 1000).unwrap();
    assert_eq!(next, None);
    items
}
