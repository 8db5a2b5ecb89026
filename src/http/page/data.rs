//! The member's snapshots, and the form with which a file is checked before it is sent.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    frame::{Frame, may},
    paths,
    place::Place,
    reply::view,
    words,
};
use crate::{
    app::list_snapshots::list_snapshots,
    domain::{
        access::Scope,
        snapshot::{Header, SnapshotId},
    },
    http::{
        extract::{
            access::{Inside, SnapshotsRead},
            page::{Page, cursor},
            query::Query,
            visit::Visit,
        },
        problem::Problem,
        sessions::Session,
    },
    store::snapshot::Listed,
};

const ROWS: u32 = 50;

/// The page of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(flatten)]
    place: Place,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "data.html")]
struct DataView {
    frame: Frame,
    snapshots: Vec<SnapshotRow>,
    may_write: bool,
    next: Option<String>,
}

/// A snapshot.
struct SnapshotRow {
    href: String,
    period: String,
    source: String,
    basis: String,
    attack: String,
    technologies: usize,
    cells: u32,
    uploaded: String,
    /// The difference from the upload of the same feed before.
    diff: Option<String>,
}

pub async fn list(visit: Visit<SnapshotsRead>, query: Query<Asked>) -> Result<HttpResponse, Problem> {
    let Asked { place, cursor } = query.0;
    let before = Page::new(None, cursor).after_id::<SnapshotId>()?;
    view(visit, move |inside, session| read(inside, session, &place, before.as_ref())).await
}

fn read(
    inside: &Inside,
    session: &Session,
    place: &Place,
    before: Option<&SnapshotId>,
) -> Result<DataView, Problem> {
    let found = list_snapshots(&inside.app, &inside.member, before, ROWS)?;
    let rows = found.items.iter().enumerate().map(|(at, listed)| {
        let earlier =
            found.items.iter().skip(at + 1).find(|other| feed(&other.header) == feed(&listed.header));
        SnapshotRow::new(listed, earlier)
    });
    Ok(DataView {
        snapshots: rows.collect(),
        may_write: may(session, Scope::SnapshotsWrite),
        next: found.next.as_deref().map(|next| place.with(paths::DATA, &[("cursor", &cursor(next))])),
        frame: Frame::plain("Data", paths::DATA, inside, place, session)?,
    })
}

/// The parts of a header that make snapshots take each other's place.
fn feed(header: &Header) -> (&'static str, &'static str, u8) {
    (header.basis.name(), header.producer.source.name(), header.producer.feed)
}

/// The source of a snapshot as people read it.
pub fn source(header: &Header) -> String {
    format!("{}, feed {}", words::capital(header.producer.source.name()), header.producer.feed)
}

impl SnapshotRow {
    fn new(listed: &Listed, earlier: Option<&Listed>) -> Self {
        let header = &listed.header;
        let diff = |earlier: &Listed| {
            paths::SNAPSHOT_DIFF.replace("{id}", earlier.id.as_str()).replace("{other}", listed.id.as_str())
        };
        Self {
            href: paths::snapshot(listed.id.as_str()),
            period: header.period.to_string(),
            source: source(header),
            basis: words::capital(header.basis.name()),
            attack: header.attack.to_string(),
            technologies: header.technologies.len(),
            cells: listed.cells,
            uploaded: listed.uploaded_at.format("%Y-%m-%d %H:%M").to_string(),
            diff: earlier.map(diff),
        }
    }
}
