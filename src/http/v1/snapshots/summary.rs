//! A snapshot without its cells, as lists and the answer to an upload show it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::snapshot::{DOMAIN, Header, Producer, Snapshot, SnapshotId},
    http::reply::moment,
    store::snapshot::{Listed, Stored},
};

/// A snapshot without its cells.
#[derive(Serialize, ToSchema)]
pub struct Summary {
    #[schema(example = "01a20bd7-6820-7085-91c7-d703078d34cd")]
    id: String,
    #[schema(format = DateTime)]
    uploaded_at: String,
    #[schema(example = "2026-11")]
    period: String,
    attack: Attack,
    producer: ProducerItem,
    #[schema(example = "deployed")]
    basis: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_days: Option<u16>,
    #[schema(example = "rule-count/1")]
    scale: &'static str,
    technologies: Vec<String>,
    complete: Vec<String>,
    /// How many cells it names.
    cells: usize,
}

/// The ATT&CK version of a snapshot.
#[derive(Serialize, ToSchema)]
struct Attack {
    domain: &'static str,
    #[schema(example = "18.1")]
    version: String,
}

/// What made a snapshot.
#[derive(Serialize, ToSchema)]
struct ProducerItem {
    #[schema(example = "splunk")]
    source: &'static str,
    feed: u8,
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
