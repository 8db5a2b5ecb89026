//! A snapshot without its cells, as lists and the answer to an upload show it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::snapshot::{DOMAIN, Header, Producer, Snapshot, SnapshotId},
    http::reply::moment,
    store::snapshot::{Listed, Stored},
    wire::names,
};

/// A snapshot without its cells.
#[derive(Serialize, ToSchema)]
#[schema(as = SnapshotSummary)]
pub struct Summary {
    /// ID of the snapshot.
    #[schema(example = "01a20bd7-6820-7085-91c7-d703078d34cd")]
    id: String,
    /// Time of the upload.
    #[schema(format = DateTime)]
    uploaded_at: String,
    /// Month that the snapshot describes.
    #[schema(example = "2026-11")]
    period: String,
    /// ATT&CK version of the snapshot's technique IDs.
    attack: Attack,
    /// Program and rule source that the snapshot was built from.
    producer: ProducerItem,
    /// Kind of evidence behind the values.
    #[schema(value_type = names::Basis)]
    basis: &'static str,
    /// Days over which observed evidence was collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3660, example = 180)]
    window_days: Option<u16>,
    /// Scale of the values.
    #[schema(value_type = names::ScaleName)]
    scale: &'static str,
    /// IDs of the technologies that the snapshot covers.
    #[schema(example = json!(["microsoft.windows", "aws.cloudtrail"]))]
    technologies: Vec<String>,
    /// IDs of the technologies for which a missing cell means 0.
    #[schema(example = json!(["microsoft.windows"]))]
    complete: Vec<String>,
    /// Number of cells in the snapshot.
    #[schema(example = 229)]
    cells: usize,
}

/// The ATT&CK version of a snapshot.
#[derive(Serialize, ToSchema)]
#[schema(as = SnapshotAttack)]
struct Attack {
    /// Domain of ATT&CK.
    #[schema(value_type = names::AttackDomain)]
    domain: &'static str,
    /// Version of ATT&CK.
    #[schema(example = "18.1")]
    version: String,
}

/// The program and the rule source that a snapshot was built from.
#[derive(Serialize, ToSchema)]
#[schema(as = SnapshotProducer)]
struct ProducerItem {
    /// Product or format of the rules.
    #[schema(value_type = names::Source)]
    source: &'static str,
    /// Number that distinguishes several feeds of one source.
    feed: u8,
    /// Version of the program that built the snapshot.
    #[schema(example = "0.1.0")]
    adapter: String,
}

impl From<Producer> for ProducerItem {
    fn from(producer: Producer) -> Self {
        Self { source: producer.source.name(), feed: producer.feed, adapter: producer.adapter.to_string() }
    }
}

impl Summary {
    fn new(id: &SnapshotId, uploaded_at: DateTime<Utc>, header: Header, cells: usize) -> Self {
        Self {
            id: id.to_string(),
            uploaded_at: moment(uploaded_at),
            period: header.period.to_string(),
            attack: Attack { domain: DOMAIN, version: header.attack.to_string() },
            producer: header.producer.into(),
            basis: header.basis.name(),
            window_days: header.window_days,
            scale: header.scale.name(),
            technologies: header.technologies,
            complete: header.complete,
            cells,
        }
    }
}

impl From<&Stored> for Summary {
    fn from(stored: &Stored) -> Self {
        let Snapshot { header, cells } = &stored.snapshot;
        Self::new(&stored.id, stored.uploaded_at, header.clone(), cells.len())
    }
}

impl From<Listed> for Summary {
    fn from(listed: Listed) -> Self {
        let cells = usize::try_from(listed.cells).unwrap_or(usize::MAX);
        Self::new(&listed.id, listed.uploaded_at, listed.header, cells)
    }
}
