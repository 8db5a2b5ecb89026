//! A small world for the tests of use cases: the service on an empty database, a clock that stands still, and members.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    App, Caller, Member, Parts, Probes,
    create_client::{Created, create_client},
    create_organisation::{NewOrganisation, create_organisation},
    issue_token::issue_token,
    probes::Step,
};
use crate::{
    auth::Keys,
    domain::{attack::PlatformSet, dimension::ByDimension, organisation::Organisation, release::Parameters},
    environment::{FixedClock, SeededEntropy},
    store::testing::{TestDb, databases},
};

pub(super) struct World {
    pub app: App,
    pub clock: Arc<FixedClock>,
    keys: Arc<Keys>,
    _database: TestDb,
}

/// One world on each database.
pub(super) fn worlds() -> Vec<World> {
    databases().into_iter().map(World::on).collect()
}

impl World {
    /// Another process on the same database, with the same keys.
    pub fn process(&self, step: impl Fn(Step) + Send + Sync + 'static) -> App {
        let app = &self.app;
        App::new(Parts {
            clock: self.clock.clone(),
            entropy: Arc::clone(&app.entropy),
            parameters: app.parameters.clone(),
            probes: Probes { step: Some(Arc::new(step)), ..Probes::default() },
            ..Parts::new(app.db.clone(), Arc::clone(&self.keys), app.tokens.issuer())
        })
        .unwrap()
    }

    fn on(database: TestDb) -> Self {
        let clock = Arc::new(FixedClock::at("2026-11-24T10:00:00Z".parse().unwrap()));
        let entropy = Arc::new(SeededEntropy::new(1));
        let keys = Arc::new(Keys::ephemeral(entropy.as_ref()).unwrap());
        let parts = Parts::new(database.db.clone(), Arc::clone(&keys), "https://peers.example");
        // Tests' snapshots are small.
        let parameters = Parameters { give_min_techniques: 1, ..parts.parameters };
        let app = App::new(Parts { clock: clock.clone(), entropy, parameters, ..parts });
        Self { app: app.unwrap(), clock, keys, _database: database }
    }

    pub fn organisation(&self, name: &str) -> Organisation {
        create_organisation(&self.app, &Caller::console(), &new_organisation(name), None).unwrap()
    }

    pub fn client(&self, organisation: &Organisation) -> Created {
        create_client(&self.app, &Caller::console(), Some(&organisation.id), None, None).unwrap()
    }

    /// A member of a new organisation.
    pub fn member(&self, name: &str) -> Member {
        let organisation = self.organisation(name);
        Member { client: self.client(&organisation).client.id, organisation: organisation.id }
    }

    /// A token for all that a new client can do.
    pub fn token(&self, created: &Created) -> String {
        let secret = created.secret.as_ref().unwrap().reveal();
        issue_token(&self.app, created.client.id.as_str(), secret, None).unwrap().access_token
    }
}

pub(super) fn new_organisation(name: &str) -> NewOrganisation {
    NewOrganisation {
        name: name.to_owned(),
        dimensions: ByDimension::examples(),
        control_group: None,
        platforms: PlatformSet::EMPTY,
        writer: None,
    }
}

/// A small snapshot in the current ATT&CK version, to be changed by a test.
pub(super) fn snapshot() -> Value {
    json!({
        "schema": "coverage-snapshot/1",
        "period": "2026-11",
        "attack": {"domain": "enterprise-attack", "version": "19.0"},
        "producer": {"source": "splunk", "feed": 1, "adapter": "0.1.0"},
        "basis": "deployed",
        "scale": "rule-count/1",
        "technologies": ["microsoft.windows", "aws.cloudtrail"],
        "complete": ["microsoft.windows"],
        "cells": [
            {"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
            {"technique": "T1530", "technology": "aws.cloudtrail", "state": "not_assessed"},
        ],
    })
}

pub(super) fn text(snapshot: &Value) -> Vec<u8> {
    snapshot.to_string().into_bytes()
}
