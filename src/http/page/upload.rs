//! The upload of a snapshot file in two steps: its exact bytes with the check's answer, and then the sending. The bytes
//! travel with the page in between, so nothing is kept until somebody says so.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    data::source,
    frame::Frame,
    paths,
    place::Place,
    reasons::name_of,
    reply::{Outcome, outcome},
    words,
};
use crate::{
    app::{
        check_snapshot::{Checked, Preview, check_snapshot},
        upload_snapshot::{loss_of, upload_snapshot},
    },
    domain::{attack::TechniqueId, release::Hash},
    http::{
        extract::{
            access::{Inside, SnapshotsWrite},
            upload::Upload,
        },
        problem::{Kind, Problem},
        sessions::Session,
        v1::snapshots::{check::refusal, create::refused},
    },
};

#[derive(Template)]
#[template(path = "upload.html")]
struct CheckedView {
    frame: Frame,
    file: String,
    bytes: usize,
    digest: String,
    /// The file as it was read, for people.
    text: String,
    /// The file for the form that sends it.
    sent: String,
    /// Makes the form good for one upload.
    key: String,
    facts: Vec<(&'static str, String)>,
    effects: Vec<String>,
    conflicts: Vec<String>,
    loss: Option<String>,
}

/// Shows a file and the check's answer.
pub async fn check(upload: Upload<SnapshotsWrite>) -> Result<HttpResponse, Problem> {
    let Upload { visit, form } = upload;
    let shown = outcome(visit, move |inside, session| {
        let (name, bytes) = form.file()?;
        let checked = check_snapshot(&inside.app, bytes).map_err(|error| {
            refusal(error).with_detail("This file isn't a valid snapshot, and nothing was stored.")
        })?;
        Ok(Outcome::Show(StatusCode::OK, read(inside, session, (name, bytes), &checked)?))
    });
    shown.await
}

/// Stores what the check has shown.
pub async fn send(upload: Upload<SnapshotsWrite>) -> Result<HttpResponse, Problem> {
    let Upload { visit, form } = upload;
    let sent = outcome::<_, CheckedView>(visit, move |inside, _| {
        let damaged =
            |_| Problem::new(Kind::MalformedBody, "The form was damaged on its way. Choose the file again.");
        let bytes = BASE64_STANDARD.decode(form.text("snapshot")).map_err(damaged)?;
        let (key, replace) = (form.text("key"), form.text("replace") == "yes");
        let key = Some(key.as_str()).filter(|key| !key.is_empty());
        let uploaded = upload_snapshot(&inside.app, &inside.member, &bytes, key, replace).map_err(refused)?;
        Ok(Outcome::See(format!("{}?stored=yes", paths::snapshot(uploaded.stored.id.as_str()))))
    });
    sent.await
}

fn read(
    inside: &Inside,
    session: &Session,
    (file, bytes): (&str, &[u8]),
    checked: &Checked,
) -> Result<CheckedView, Problem> {
    let header = &checked.snapshot.header;
    let names = |ids: &[String]| ids.iter().map(|id| name_of(inside, id)).collect::<Vec<_>>().join(", ");
    let facts = vec![
        ("Month", header.period.to_string()),
        ("Source", source(header)),
        ("Evidence", words::capital(header.basis.name())),
        ("Scale", header.scale.name().to_owned()),
        ("ATT&CK", header.attack.to_string()),
        ("Cells", checked.snapshot.cells.len().to_string()),
        ("Technologies", names(&header.technologies)),
    ];
    let conflict = |(technology, technique): &(String, TechniqueId)| {
        format!("{technique} through {}", name_of(inside, technology))
    };
    Ok(CheckedView {
        file: file.to_owned(),
        bytes: bytes.len(),
        digest: Hash::of(bytes).to_string(),
        text: String::from_utf8_lossy(bytes).into_owned(),
        sent: BASE64_STANDARD.encode(bytes),
        key: inside.app.new_id(),
        facts,
        effects: effects(&checked.preview),
        conflicts: checked.preview.conflicts.iter().map(conflict).collect(),
        loss: loss_of(&inside.app, &inside.member, &checked.snapshot)?.map(|loss| loss.to_string()),
        frame: Frame::plain("Data", paths::DATA, inside, &Place::default(), session)?,
    })
}

/// The check's answer in sentences.
pub fn effects(preview: &Preview) -> Vec<String> {
    let Preview { target, ahead, stale, superseded, migration, conflicts } = preview;
    let mut effects = Vec::new();
    let mut say = |holds: bool, text: String| effects.extend(holds.then_some(text));
    match target {
        None => say(
            true,
            "The operator has enabled no ATT&CK version, so nothing can be compared yet.".to_owned(),
        ),
        Some(version) => say(!ahead, format!("It counts in comparisons in ATT&CK {version}.")),
    }
    say(*ahead, "Its ATT&CK version is newer than that of releases. It counts from the first release in that version.".to_owned());
    say(*stale, "Its month is too long ago, so it doesn't count.".to_owned());
    say(
        *superseded,
        "A snapshot of the same feed with a later month exists, so this one doesn't count.".to_owned(),
    );
    let moved = migration.moved.len();
    say(moved > 0, format!("Techniques with another ID in that version: {moved}."));
    let merged = migration.merged.len();
    say(merged > 0, format!("Techniques that several became: {merged}. Each takes the maximum."));
    let split = migration.split.len();
    say(split > 0, format!("Techniques that became several, and aren't assessed then: {split}."));
    let gone = migration.dropped.len() + migration.lost.len();
    say(gone > 0, format!("Techniques that no longer exist, and don't count: {gone}."));
    let conflicts = conflicts.len();
    say(
        conflicts > 0,
        format!(
            "Cells left out of the per-technology statistics, because ATT&CK doesn't list the technology as a source: {conflicts}."
        ),
    );
    effects
}
