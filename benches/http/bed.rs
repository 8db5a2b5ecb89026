//! What is measured: the real service on a database of its own with a community in it, and actix alone.

use std::{
    net::SocketAddr,
    sync::{Arc, mpsc},
};

use actix_web::{HttpResponse, HttpServer, http::header, web};
use chrono::{DateTime, TimeDelta, Utc};
use peerbench::{
    app::{
        App, Caller, Member, create_client::create_client, publish_release::publish_release,
        upload_snapshot::upload_snapshot,
    },
    domain::{access::ClientId, calendar::Month, organisation::OrganisationId},
    environment::{Clock as _, FixedClock, SystemClock},
};
use serde_json::{Value, json};

use super::{embedded::embedded, in_process::serve_in_process, load::ask, settled::settle_in};

/// Cells of the snapshot that is uploaded.
pub const CELLS: usize = 1_000;

/// The real service on a free port, its application, and a member's credentials.
pub struct Bed {
    pub app: Arc<App>,
    pub address: SocketAddr,
    pub member: OrganisationId,
    pub token: String,
    /// Of another member.
    pub others_token: String,
    _folder: tempfile::TempDir,
}

pub fn bed(organisations: u32) -> Bed {
    bed_over(organisations, 1)
}

/// Days between two releases.
const DAYS: i64 = 8;

/// With so many releases, the last of them now. The member uploads a snapshot of another size before each.
pub fn bed_over(organisations: u32, releases: u32) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let days = 30 + DAYS * i64::from(releases - 1);
    let clock = Arc::new(FixedClock::at(SystemClock.now() - TimeDelta::days(days)));
    let app = Arc::new(embedded(folder.path(), &clock));
    let month = Month::of(clock.now()).unwrap();
    let mut members = Vec::new();
    for (organisation, member) in settle_in(&app, &clock, organisations) {
        // Some of the community are stale, and who gives nothing reads nothing.
        if member.snapshots.iter().all(|snapshot| snapshot.header.period == month) {
            members.push(organisation.id);
        }
    }
    let (member, other) = (members.remove(0), members.remove(0));
    for left in (0..releases).rev() {
        clock.set(SystemClock.now() - TimeDelta::days(DAYS * i64::from(left) + 1));
        if releases > 1 {
            let body =
                snapshot_of(&app, CELLS - usize::try_from(left).unwrap() * 10, clock.now()).to_string();
            let uploader = Member { client: ClientId::new("bench"), organisation: member.clone() };
            upload_snapshot(&app, &uploader, body.as_bytes(), None, true).unwrap();
        }
        clock.set(SystemClock.now() - TimeDelta::days(DAYS * i64::from(left)));
        publish_release(&app, &ClientId::new("bench"), None).unwrap();
    }
    let address = serve_in_process(Arc::clone(&app)).api;
    let token = |member: &OrganisationId| {
        let created = create_client(&app, &Caller::console(), Some(member), None, None).unwrap();
        let (id, secret) = (created.client.id.to_string(), created.secret.unwrap());
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={}", secret.reveal());
        let head = "POST /oauth/token HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n";
        let token: Value = serde_json::from_slice(&ask(address, head, form.as_bytes(), 200).body).unwrap();
        token["access_token"].as_str().unwrap().to_owned()
    };
    let (token, others_token) = (token(&member), token(&other));
    Bed { app, address, member, token, others_token, _folder: folder }
}

/// The same bytes from memory, under the same coding.
pub fn start_static(body: Vec<u8>, coding: Option<&'static str>) -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let body = web::Bytes::from(body);
            let server = HttpServer::new(move || {
                let body = body.clone();
                let answer = move || {
                    let body = body.clone();
                    async move {
                        let mut answer = HttpResponse::Ok();
                        answer.content_type("application/json");
                        if let Some(coding) = coding {
                            answer.insert_header((header::CONTENT_ENCODING, coding));
                        }
                        answer.body(body)
                    }
                };
                actix_web::App::new().route("/static", web::get().to(answer))
            });
            let server = server.tcp_nodelay(true).bind("127.0.0.1:0").unwrap();
            sender.send(server.addrs()[0]).unwrap();
            server.run().await.unwrap();
        });
    });
    receiver.recv().unwrap()
}

/// A snapshot of about a thousand cells in the running month.
pub fn large_snapshot(app: &App) -> Value {
    snapshot_of(app, CELLS, SystemClock.now())
}

/// A snapshot of so many cells in the month of a moment.
fn snapshot_of(app: &App, most: usize, moment: DateTime<Utc>) -> Value {
    let attack = app.attack();
    let facts = attack.facts.clone().unwrap();
    let mut technologies = Vec::new();
    let mut cells = Vec::new();
    for (position, technology) in (0..).zip(facts.registry().technologies()) {
        let techniques = facts.applicability().techniques_of(position);
        if techniques.len() < 100 || technology.native_detections || cells.len() >= most {
            continue;
        }
        technologies.push(technology.id.clone());
        for technique in techniques.iter().take(most - cells.len()) {
            cells.push(
                json!({ "technique": technique, "technology": technology.id, "value": cells.len() % 21 }),
            );
        }
    }
    json!({
        "schema": "coverage-snapshot/1", "period": Month::of(moment).unwrap(),
        "attack": { "domain": "enterprise-attack", "version": facts.catalogue().version() },
        "producer": { "source": "sigma", "feed": 9, "adapter": "0.1.0" },
        "basis": "deployed", "scale": "rule-count/1",
        "technologies": technologies, "complete": technologies, "cells": cells,
    })
}
