//! A community that a test decides member by member, as if it had come a month ago, on a running service.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use peerbench::{
    app::{
        App, Caller, Member, Parts, Probes,
        create_organisation::{NewOrganisation, create_organisation},
        publish_release::publish_release,
        set_standing::set_standing,
        upload_snapshot::upload_snapshot,
    },
    auth::Keys,
    domain::{
        access::ClientId,
        attack::{PlatformSet, TechniqueId},
        calendar::Month,
        organisation::{Dimensions, OrganisationId, Standing},
        release::{Parameters, Preset},
        technology,
    },
    environment::{Clock, FixedClock, SystemClock, SystemEntropy},
    store::{Db, OpenOptions},
};
use serde_json::{Value, json};

use crate::support::{Store, client::Client, console::Ran, server::Service};

/// A service and the use cases on its database, a month ago.
pub struct World {
    pub service: Service,
    app: App,
    clock: Arc<FixedClock>,
}

/// Who an organisation is.
#[derive(Debug, Clone)]
pub struct Who {
    pub sector: &'static str,
    pub control_group: Option<String>,
    pub verified: bool,
}

impl Default for Who {
    fn default() -> Self {
        Self { sector: "finance", control_group: None, verified: true }
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
        let attack = self.app.attack();
        let facts = attack.facts.clone().unwrap();
        let windows = facts.registry().position("microsoft.windows").unwrap();
        let alone = |id: &&TechniqueId| !id.is_sub() && facts.catalogue().subs(**id).next().is_none();
        facts.applicability().techniques_of(windows).iter().filter(alone).take(40).copied().collect()
    }

    pub fn organisation(&self, who: &Who) -> OrganisationId {
        self.clock.advance(TimeDelta::seconds(1));
        let new = NewOrganisation {
            name: "An organisation".to_owned(),
            sector: who.sector.to_owned(),
            size: "medium".to_owned(),
            region: "europe".to_owned(),
            control_group: who.control_group.clone(),
            platforms: PlatformSet::EMPTY,
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
        let uploader = Member { client: ClientId::new("world"), organisation: organisation.clone() };
        let bytes = serde_json::to_vec(snapshot).unwrap();
        upload_snapshot(&self.app, &uploader, &bytes, None).unwrap();
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
    App::new(Parts {
        db: Db::open(service.setting("PEERBENCH_DATABASE_URL"), OpenOptions::default()).unwrap(),
        clock,
        entropy: Arc::new(SystemEntropy),
        registry: Arc::new(technology::bundled().clone()),
        dimensions: Dimensions::default(),
        parameters: Parameters::preset(Preset::Default),
        keys: Arc::new(Keys::open(service.setting("PEERBENCH_DATA_DIR").as_ref(), &SystemEntropy).unwrap()),
        issuer: service.base(),
        probes: Probes { without_quarantine: true, ..Probes::default() },
    })
    .unwrap()
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
    let cells = values
        .iter()
        .map(|(id, value)| json!({ "technique": id, "technology": "microsoft.windows", "value": value }));
    json!({
        "schema": "coverage-snapshot/1", "period": period,
        "attack": { "domain": "enterprise-attack", "version": "19.0" },
        "producer": { "source": "sigma", "feed": 1, "adapter": "0.1.0" },
        "basis": "deployed", "scale": scale,
        "technologies": ["microsoft.windows"], "complete": ["microsoft.windows"],
        "cells": cells.collect::<Vec<_>>(),
    })
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
