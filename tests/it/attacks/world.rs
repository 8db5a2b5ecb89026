//! A community that a test decides member by member, as if it had come a month ago, on a running service. Members come
//! and releases are published in this process, on the server's database and with its keys; everything is read through
//! HTTP.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use peerbench::{
    app::{
        App, Caller, Member, Parts, Probes,
        create_organisation::{NewOrganisation, create_organisation},
        publish_release::{PublishError, publish_release},
        set_standing::set_standing,
        upload_snapshot::upload_snapshot,
    },
    domain::{
        access::ClientId,
        attack::{PlatformSet, TechniqueId},
        calendar::Month,
        dimension::{ByDimension, Dimension},
        organisation::{OrganisationId, Standing},
        release::Rule,
        technology,
    },
    environment::{Clock, FixedClock, SystemClock},
};
use serde_json::{Value, json};

use super::pure::alone;
use crate::support::{Store, client::Client, console::Ran, server::Service};

/// A service and the use cases on its database, a month ago.
pub struct World {
    pub service: Service,
    /// Its parameters are those of [`World::release`].
    pub app: App,
    clock: Arc<FixedClock>,
}

/// Who an organisation is.
#[derive(Debug, Clone)]
pub struct Who {
    pub sector: &'static str,
    pub region: &'static str,
    pub control_group: Option<String>,
    pub verified: bool,
    pub writer: Option<&'static str>,
}

impl Default for Who {
    fn default() -> Self {
        Self { sector: "finance", region: "europe", control_group: None, verified: true, writer: None }
    }
}

impl World {
    pub fn new(store: Store) -> Self {
        Self::with(store, &[])
    }

    pub fn with(store: Store, settings: &[(&str, &str)]) -> Self {
        let service = Service::start_with(store, settings);
        let clock = Arc::new(FixedClock::at(SystemClock.now() - TimeDelta::days(30)));
        let app = process(&service, clock.clone());
        Self { service, app, clock }
    }

    /// Forty techniques that Windows can see and that stand alone, so that each has a row of its own.
    pub fn techniques(&self) -> Vec<TechniqueId> {
        alone(self.app.attack().facts.as_deref().unwrap())
    }

    pub fn organisation(&self, who: &Who) -> OrganisationId {
        self.clock.advance(TimeDelta::seconds(1));
        let new = NewOrganisation {
            name: "An organisation".to_owned(),
            dimensions: ByDimension::examples()
                .with(Dimension::SECTOR, who.sector.to_owned())
                .with(Dimension::REGION, who.region.to_owned()),
            control_group: who.control_group.clone(),
            platforms: PlatformSet::EMPTY,
            writer: who.writer.map(str::to_owned),
        };
        let organisation = create_organisation(&self.app, &Caller::console(), &new, None).unwrap();
        if who.verified {
            set_standing(&self.app, &Caller::console(), &organisation.id, Standing::Verified).unwrap();
        }
        organisation.id
    }

    /// A snapshot of Windows with these numbers of rules per technique.
    pub fn snapshot(&self, rules: &BTreeMap<TechniqueId, u8>) -> Value {
        snapshot(&Month::of(self.clock.now()).unwrap().to_string(), "rule-count/1", rules)
    }

    pub fn upload(&self, organisation: &OrganisationId, rules: &BTreeMap<TechniqueId, u8>) {
        self.upload_snapshot(organisation, &self.snapshot(rules));
    }

    pub fn upload_snapshot(&self, organisation: &OrganisationId, snapshot: &Value) {
        self.clock.advance(TimeDelta::seconds(1));
        let uploader = Member { client: ClientId::new("world"), organisation: organisation.clone() };
        let bytes = serde_json::to_vec(snapshot).unwrap();
        upload_snapshot(&self.app, &uploader, &bytes, None, true).unwrap();
    }

    /// A snapshot of Windows with these scores of the world's techniques; nothing for the others.
    pub fn scores(&self, organisation: &OrganisationId, scores: &[u8]) {
        self.scores_in(organisation, &["microsoft.windows"], scores);
    }

    /// The same scores through each of several technologies.
    pub fn scores_in(&self, organisation: &OrganisationId, technologies: &[&str], scores: &[u8]) {
        let period = Month::of(self.clock.now()).unwrap().to_string();
        let values = self.techniques().into_iter().zip(scores.iter().copied()).collect();
        self.upload_snapshot(organisation, &snapshot_of(&period, "percent/1", technologies, &values));
    }

    /// An organisation for each of `members`, with its scores.
    pub fn settle(&self, members: impl IntoIterator<Item = (Who, Vec<u8>)>) -> Vec<OrganisationId> {
        let settled = members.into_iter().map(|(who, scores)| {
            let organisation = self.organisation(&who);
            self.scores(&organisation, &scores);
            organisation
        });
        settled.collect()
    }

    /// A member whose number of rules per technique is made of its number: plausible, and the same each time.
    pub fn member(&self, number: usize, who: &Who) -> OrganisationId {
        let organisation = self.organisation(who);
        self.upload(&organisation, &typical(number, &self.techniques()));
        organisation
    }

    /// A release of now, without R29: a fixture must not pass because somebody was set aside.
    pub fn publish(&self) -> Ran {
        let app = process(&self.service, Arc::new(SystemClock));
        match publish_release(&app, &Caller::console().client, None) {
            Ok(release) => Ran { code: 0, out: release.number.to_string(), err: String::new() },
            Err(refused) => Ran { code: 1, out: String::new(), err: refused.to_string() },
        }
    }

    /// The same under the parameters of this world's own process.
    #[track_caller]
    pub fn release(&self) {
        self.try_release().unwrap();
    }

    pub fn try_release(&self) -> Result<(), PublishError> {
        // Members came a month ago; the cut-off is now.
        let then = self.clock.now();
        self.clock.set(then + TimeDelta::days(30));
        let published = publish_release(&self.app, &Caller::console().client, None);
        self.clock.set(then);
        published.map(|_| ())
    }

    /// A release with rules switched off.
    #[track_caller]
    pub fn release_without(&mut self, off: &[Rule]) {
        self.app.parameters.off = off.to_vec();
        let published = self.try_release();
        self.app.parameters.off.clear();
        published.unwrap();
    }

    /// A release as the service publishes it, R29 included.
    pub fn publish_reviewed(&self) -> Ran {
        Ran::of(&mut self.service.command(&["release", "publish", "--format", "json"]))
    }

    /// Signed in for an organisation of this world.
    pub fn reader(&self, organisation: &OrganisationId) -> Client {
        self.service.client_of(organisation.as_str())
    }
}

/// The use cases on a service's database, with its keys and without R29.
fn process(service: &Service, clock: Arc<dyn Clock>) -> App {
    let probes = Probes { without_quarantine: true, ..Probes::default() };
    App::new(Parts { clock, probes, ..service.parts() }).unwrap()
}

/// About half of the techniques covered by about half of the members, from none to many rules.
pub fn typical(number: usize, techniques: &[TechniqueId]) -> BTreeMap<TechniqueId, u8> {
    let rules = |position: usize| {
        let draw = (number * 7919 + position * 104_729 + number * position * 31) % 97;
        if draw % 5 < 2 + position % 3 { u8::try_from(1 + draw % 20).unwrap() } else { 0 }
    };
    techniques.iter().enumerate().map(|(position, id)| (*id, rules(position))).collect()
}

/// A snapshot as the API takes it.
pub fn snapshot(period: &str, scale: &str, values: &BTreeMap<TechniqueId, u8>) -> Value {
    snapshot_of(period, scale, &["microsoft.windows"], values)
}

fn snapshot_of(
    period: &str,
    scale: &str,
    technologies: &[&str],
    values: &BTreeMap<TechniqueId, u8>,
) -> Value {
    let cells = technologies.iter().flat_map(|technology| {
        let cell = move |(id, value)| json!({ "technique": id, "technology": technology, "value": value });
        values.iter().map(cell)
    });
    // What has built-in detections cannot be complete.
    let registry = technology::bundled();
    let is_native = |id: &str| registry.get(registry.position(id).unwrap()).unwrap().native_detections;
    let complete = technologies.iter().filter(|id| !is_native(id));
    json!({
        "schema": "coverage-snapshot/1", "period": period,
        "attack": { "domain": "enterprise-attack", "version": "19.0" },
        "producer": { "source": "sigma", "feed": 1, "adapter": "0.1.0" },
        "basis": "deployed", "scale": scale,
        "technologies": technologies, "complete": complete.collect::<Vec<_>>(),
        "cells": cells.collect::<Vec<_>>(),
    })
}

/// The bytes of every line that a reader sees in one cohort, by list: what is published, and the own side beside it.
pub fn items(reader: &Client, cohort: &str) -> Vec<String> {
    let lists = [
        "techniques?",
        "techniques?coverage=few&",
        "technologies?",
        "families?",
        "tactics?",
        "groups?",
        "cells?",
    ];
    let lines = lists.map(|list| {
        let path = format!("/v1/comparisons/{list}limit=1000&sort=id&cohort={cohort}");
        reader.get(&path).expect(200).json()["items"].as_array().unwrap().clone()
    });
    lines.concat().iter().map(Value::to_string).collect()
}

/// Every row of the techniques' comparison, whatever its word.
pub fn rows(reader: &Client, query: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for coverage in ["", "&coverage=few"] {
        let path = format!("/v1/comparisons/techniques?limit=1000{query}{coverage}");
        rows.extend(reader.get(&path).expect(200).json()["items"].as_array().unwrap().clone());
    }
    rows.sort_by_key(|row| row["technique"].as_str().unwrap().to_owned());
    rows
}

/// The peers' side of rows alone.
pub fn peers(rows: &[Value]) -> Vec<Value> {
    let side = |row: &Value| json!({ "technique": row["technique"], "peers": row["peers"], "fallback": row["fallback"]["peers"] });
    rows.iter().map(side).collect()
}
