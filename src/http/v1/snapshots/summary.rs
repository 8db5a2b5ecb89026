//! A snapshot without its cells, as lists and the answer to an upload show it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::snapshot::{DOMAIN, Producer},
    http::reply::moment,
    store::snapshot::{Header, Stored},
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

impl From<&Stored> for Summary {
    fn from(stored: &Stored) -> Self {
        let snapshot = &stored.snapshot;
        Self {
            id: stored.id.to_string(),
            uploaded_at: moment(stored.uploaded_at),
            period: snapshot.period.to_string(),
            attack: Attack { domain: DOMAIN, version: snapshot.attack.to_string() },
            producer: snapshot.producer.into(),
            basis: snapshot.basis.name(),
            window_days: snapshot.window_days,
            scale: snapshot.scale.name(),
            technologies: snapshot.technologies.clone(),
            complete: snapshot.complete.clone(),
            cells: snapshot.cells.len(),
        }
    }
}

impl From<Header> for Summary {
    fn from(header: Header) -> Self {
        Self {
            id: header.id.to_string(),
            uploaded_at: moment(header.uploaded_at),
            period: header.period.to_string(),
            attack: Attack { domain: DOMAIN, version: header.attack.to_string() },
            producer: header.producer.into(),
            basis: header.basis.name(),
            window_days: header.window_days,
            scale: header.scale.name(),
            technologies: header.technologies,
            complete: header.complete,
            cells: usize::try_from(header.cells).unwrap_or(usize::MAX),
        }
    }
}
