//! The JSON Schema of snapshots in the API document.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, RefOr, Schema},
};

/// The body of an upload. The API document takes its schema from the published JSON Schema.
pub struct CoverageSnapshot;

impl PartialSchema for CoverageSnapshot {
    fn schema() -> RefOr<Schema> {
        Object::new().into()
    }
}

impl ToSchema for CoverageSnapshot {
    fn name() -> Cow<'static, str> {
        "CoverageSnapshot".into()
    }
}
