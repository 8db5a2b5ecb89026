//! One snapshot, its difference from another, and its withdrawal.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    data::source,
    frame::{Frame, may},
    paths,
    place::Place,
    reasons::name_of,
    reply::{Outcome, outcome, view},
    words,
};
use crate::{
    app::{
        diff_snapshots::{Difference, diff_snapshots},
        read_snapshot::read_snapshot,
        withdraw_snapshot::withdraw_snapshot,
    },
    domain::{
        access::Scope,
        scale::Scale,
        snapshot::{CellValue, SnapshotId},
    },
    http::{
        extract::{
            access::{Inside, SnapshotsRead, SnapshotsWrite},
            query::Query,
            visit::{Posted, Visit},
        },
        problem::{FieldError, Problem},
        sessions::Session,
    },
    store::snapshot::Stored,
};

/// The address of a snapshot.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// It was stored just now.
    stored: Option<String>,
}

/// The form of a withdrawal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    #[serde(default)]
    sure: String,
}

#[derive(Template)]
#[template(path = "snapshot.html")]
struct SnapshotView {
    frame: Frame,
    id: String,
    title: String,
    is_new: bool,
    facts: Vec<(&'static str, String)>,
    /// Cells by technology.
    technologies: Vec<(String, usize)>,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "snapshot_diff.html")]
struct DiffView {
    frame: Frame,
    before: String,
    after: String,
    unchanged: usize,
    parts: Vec<(&'static str, Vec<DiffRow>)>,
}

/// A cell that differs.
struct DiffRow {
    technique: String,
    href: String,
    technology: String,
    before: String,
    after: String,
}

pub async fn show(
    visit: Visit<SnapshotsRead>,
    id: web::Path<SnapshotId>,
    query: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let is_new = query.0.stored.is_some();
    view(visit, move |inside, session| read(inside, session, &id, is_new)).await
}

/// Withdraws a snapshot, if somebody is sure.
pub async fn withdraw(
    id: web::Path<SnapshotId>,
    form: Posted<SnapshotsWrite, Withdrawal>,
) -> Result<HttpResponse, Problem> {
    let sure = form.fields.sure == "yes";
    let done = outcome::<_, SnapshotView>(form.visit, move |inside, _| {
        if !sure {
            return Err(Problem::invalid([FieldError::at(
                "/sure",
                "must be ticked, because a withdrawal can't be undone",
            )]));
        }
        withdraw_snapshot(&inside.app, &inside.member, &id)?;
        Ok(Outcome::See(paths::DATA.to_owned()))
    });
    done.await
}

pub async fn diff(
    visit: Visit<SnapshotsRead>,
    ids: web::Path<(SnapshotId, SnapshotId)>,
) -> Result<HttpResponse, Problem> {
    let (before, after) = ids.into_inner();
    let made = view(visit, move |inside, session| {
        let found = diff_snapshots(&inside.app, &inside.member, &before, &after)?;
        let scales = (found.before.snapshot.header.scale, found.after.snapshot.header.scale);
        let rows = |all: &[Difference]| -> Vec<DiffRow> {
            all.iter().map(|one| DiffRow::new(one, scales, inside)).collect()
        };
        Ok(DiffView {
            before: title(&found.before),
            after: title(&found.after),
            unchanged: found.unchanged,
            parts: vec![
                ("New", rows(&found.added)),
                ("Gone", rows(&found.removed)),
                ("Changed", rows(&found.changed)),
            ],
            frame: Frame::plain("Data", paths::DATA, inside, &Place::default(), session)?,
        })
    });
    made.await
}

fn read(inside: &Inside, session: &Session, id: &SnapshotId, is_new: bool) -> Result<SnapshotView, Problem> {
    let stored = read_snapshot(&inside.app, &inside.member, id)?;
    let header = &stored.snapshot.header;
    let mut cells: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in &stored.snapshot.cells {
        *cells.entry(stored.snapshot.technology(cell)).or_default() += 1;
    }
    let complete = |id: &String| {
        let name = name_of(inside, id);
        if header.is_complete(id) { format!("{name} (complete: a missing cell means 0)") } else { name }
    };
    let technologies = header.technologies.iter();
    Ok(SnapshotView {
        id: stored.id.to_string(),
        title: title(&stored),
        is_new,
        facts: vec![
            ("Uploaded", stored.uploaded_at.format("%Y-%m-%d %H:%M").to_string()),
            ("Evidence", words::capital(header.basis.name())),
            ("Scale", header.scale.name().to_owned()),
            ("ATT&CK", header.attack.to_string()),
            ("Cells", stored.snapshot.cells.len().to_string()),
            ("Digest", stored.digest.clone()),
        ],
        technologies: technologies
            .map(|id| (complete(id), cells.get(id.as_str()).copied().unwrap_or_default()))
            .collect(),
        may_write: may(session, Scope::SnapshotsWrite),
        frame: Frame::plain("Data", paths::DATA, inside, &Place::default(), session)?,
    })
}

fn title(stored: &Stored) -> String {
    format!("{} of {}", source(&stored.snapshot.header), stored.snapshot.header.period)
}

impl DiffRow {
    fn new(one: &Difference, (old, new): (Scale, Scale), inside: &Inside) -> Self {
        let technique = one.technique.to_string();
        Self {
            href: paths::technique(&technique),
            technique,
            technology: name_of(inside, &one.technology),
            before: said(one.before, old),
            after: said(one.after, new),
        }
    }
}

/// A cell's content as people read it.
fn said(value: Option<CellValue>, scale: Scale) -> String {
    match value {
        None => "–".to_owned(),
        Some(CellValue::NotAssessed) => "not assessed".to_owned(),
        Some(CellValue::Value(value)) => {
            let word = usize::try_from(value).ok().and_then(|position| scale.words().get(position));
            word.map_or_else(|| value.to_string(), |word| (*word).to_owned())
        }
    }
}
