//! All organisations, for the operator.

use super::{App, Page};
use crate::{
    domain::organisation::{Organisation, OrganisationId},
    store::{StoreError, organisation},
};

/// In the order of creation.
pub fn list_organisations(
    app: &App,
    after: Option<&OrganisationId>,
    limit: u32,
) -> Result<Page<Organisation>, StoreError> {
    let organisations = app.db.read(|conn| organisation::list(conn, after, limit.saturating_add(1)))?;
    Ok(Page::of(organisations, limit, |organisation| organisation.id.to_string()))
}
