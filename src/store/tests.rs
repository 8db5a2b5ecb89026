//! Tests of the store, on both databases.

mod connections;
mod gap_book;
mod quantiles;
mod releases;
mod snapshots;
mod tenants;
mod writers;

use chrono::{DateTime, Utc};

use super::{Conn, StoreError, organisation};
use crate::domain::{
    attack::PlatformSet,
    dimension::ByDimension,
    organisation::{Organisation, OrganisationId, Profile, Standing},
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn organisation_named(id: &str) -> Organisation {
    Organisation {
        id: OrganisationId::new(id),
        name: format!("Organisation {id}"),
        profile: Profile {
            dimensions: ByDimension::examples(),
            control_group: id.to_owned(),
            platforms: PlatformSet::all(),
        },
        standing: Standing::Unverified,
        writer: None,
        created_at: at("2026-11-01T08:00:00.123456Z"),
    }
}

fn add_organisations(conn: &mut Conn, ids: &[&str]) -> Result<(), StoreError> {
    let organisations: Vec<_> = ids.iter().map(|id| organisation_named(id)).collect();
    organisation::insert(conn, &organisations)
}
