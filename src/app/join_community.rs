//! A synthetic organisation joins, through the same use cases as a real one; it needs no client of its own.

use thiserror::Error;

use super::{
    App, Caller, Member, community,
    create_organisation::{CreateOrganisationError, NewOrganisation, create_organisation},
    set_standing::{SetStandingError, set_standing},
    upload_snapshot::{UploadSnapshotError, upload_snapshot},
};
use crate::domain::{
    access::ClientId,
    organisation::{Organisation, OrganisationId, Standing},
    snapshot::{Snapshot, SnapshotId},
};

/// The reason why an organisation could not join.
#[derive(Debug, Error)]
pub enum JoinError {
    #[error(transparent)]
    Create(#[from] CreateOrganisationError),
    #[error(transparent)]
    Verify(#[from] SetStandingError),
    #[error(transparent)]
    Upload(#[from] UploadSnapshotError),
}

impl From<&community::Member> for NewOrganisation {
    fn from(member: &community::Member) -> Self {
        let profile = member.profile.clone();
        Self {
            name: member.name.clone(),
            dimensions: profile.dimensions,
            control_group: Some(profile.control_group),
            platforms: profile.platforms,
            writer: None,
        }
    }
}

/// The organisation as it is then, and the ids of its snapshots.
pub fn join(
    app: &App,
    new: &NewOrganisation,
    verified: bool,
    snapshots: &[Snapshot],
) -> Result<(Organisation, Vec<SnapshotId>), JoinError> {
    let mut organisation = create_organisation(app, &Caller::console(), new, None)?;
    if verified {
        organisation = set_standing(app, &Caller::console(), &organisation.id, Standing::Verified)?;
    }
    let uploads = snapshots.iter().map(|snapshot| upload(app, &organisation.id, snapshot));
    let uploads = uploads.collect::<Result<_, _>>()?;
    Ok((organisation, uploads))
}

/// Uploads as a client of the organisation would.
pub fn upload(
    app: &App,
    organisation: &OrganisationId,
    snapshot: &Snapshot,
) -> Result<SnapshotId, UploadSnapshotError> {
    let member = Member { client: ClientId::new("community"), organisation: organisation.clone() };
    Ok(upload_snapshot(app, &member, &serde_json::to_vec(snapshot)?, None, true)?.stored.id)
}
