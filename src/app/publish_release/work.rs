//! The context of every step of a publication.

use super::error::PublishError;
use crate::{
    app::{App, idempotency::Request, lease::Lease},
    store,
};

/// One process's work on a release.
pub(super) struct Work<'a> {
    pub app: &'a App,
    pub lease: &'a Lease<'a>,
    pub request: &'a Request<'a>,
    /// The clock is not held against what is stored.
    pub any_clock: bool,
}

impl Work<'_> {
    /// A transaction that only the holder of the lease can commit.
    pub fn write<T>(
        &self,
        name: &'static str,
        work: impl Fn(&mut store::Conn) -> Result<T, PublishError>,
    ) -> Result<T, PublishError> {
        self.app.db.write(name, |conn| {
            self.lease.prove::<PublishError>(conn)?;
            work(conn)
        })
    }
}
