//! The two hot paths over HTTP, each against the least that could do the same:
//!
//! * a comparison of all parent techniques, against actix serving the same bytes from memory;
//! * an upload of 1,000 cells, against the bare durable insert of the same row in the same database.
//!
//! One client on one connection, so that a time is a request's latency.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{Arc, mpsc},
    time::Duration,
};

use actix_web::{HttpResponse, HttpServer, web};
use chrono::TimeDelta;
use criterion::{Criterion, criterion_group, criterion_main};
use peerbench::{
    app::{
        App, Caller, Member, Parts, Probes,
        community::{self, generate},
        create_client::create_client,
        create_organisation::{NewOrganisation, create_organisation},
        publish_release::publish_release,
        set_standing::set_standing,
        upload_snapshot::upload_snapshot,
    },
    auth::Keys,
    domain::{
        access::ClientId,
        calendar::Month,
        organisation::{Dimensions, OrganisationId, Standing},
        release::{Parameters, Preset},
        snapshot::{Snapshot, SnapshotId},
        technology,
    },
    environment::{Clock as _, FixedClock, SystemClock, SystemEntropy},
    http::server::{BodyLimits, Options, serve},
    store::{self, Db, OpenOptions, StoreError},
};
use serde_json::{Value, json};

const MEMBERS: u32 = 60;
const CELLS: usize = 1_000;

/// A connection that is kept, and the size of the last answer's body.
struct Connection(TcpStream);

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    fn send(&mut self, head: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut request = head.as_bytes().to_vec();
        request.extend(format!("host: bench\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
        request.extend(body);
        self.0.write_all(&request).unwrap();
        let mut answer = Vec::new();
        let mut buffer = [0_u8; 65_536];
        loop {
            let read = self.0.read(&mut buffer).unwrap();
            assert!(read > 0, "the server closed the connection");
            answer.extend_from_slice(&buffer[..read]);
            let Some(end) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let length: usize = length.trim().parse().unwrap();
            if answer.len() >= end + 4 + length {
                let status = head[9..12].parse().unwrap();
                return (status, answer[end + 4..end + 4 + length].to_vec());
            }
        }
    }
}

/// The real service on a free port, its application, and a member's credentials.
struct Bed {
    app: Arc<App>,
    address: SocketAddr,
    member: OrganisationId,
    token: String,
    _folder: tempfile::TempDir,
}

fn bed() -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(
        &format!("sqlite:{}", folder.path().join("bench.db").display()),
        OpenOptions { create: true, ..OpenOptions::default() },
    )
    .unwrap();
    db.migrate().unwrap();
    let clock = Arc::new(FixedClock::at(SystemClock.now() - TimeDelta::days(30)));
    let app = Arc::new(
        App::new(Parts {
            db,
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy),
            registry: Arc::new(technology::bundled().clone()),
            dimensions: Dimensions::default(),
            parameters: Parameters::preset(Preset::Default),
            keys: Arc::new(Keys::ephemeral(&SystemEntropy).unwrap()),
            issuer: "http://bench".to_owned(),
            probes: Probes::default(),
        })
        .unwrap(),
    );
    let attack = app.attack();
    let canonical = attack.catalogues.canonical().unwrap();
    let month = Month::of(clock.now()).unwrap();
    let parameters = community::Parameters { seed: 7, organisations: MEMBERS, month };
    let mut members = Vec::new();
    for member in generate(parameters, &[canonical], &app.registry) {
        let new = NewOrganisation {
            name: member.name,
            sector: member.profile.sector,
            size: member.profile.size,
            region: member.profile.region,
            control_group: None,
            platforms: member.profile.platforms,
        };
        let organisation = create_organisation(&app, &Caller::console(), &new, None).unwrap();
        set_standing(&app, &Caller::console(), &organisation.id, Standing::Verified).unwrap();
        let uploader = Member { client: ClientId::new("bench"), organisation: organisation.id.clone() };
        for snapshot in &member.snapshots {
            upload_snapshot(&app, &uploader, &serde_json::to_vec(snapshot).unwrap(), None).unwrap();
        }
        // Some of the community are stale, and who gives nothing reads nothing.
        if member.snapshots.iter().all(|snapshot| snapshot.period == month) {
            members.push(organisation.id);
        }
    }
    clock.set(SystemClock.now());
    publish_release(&app, &ClientId::new("bench"), None).unwrap();
    let member = members.remove(0);
    let created = create_client(&app, &Caller::console(), Some(&member), None, None).unwrap();
    let (id, secret) = (created.client.id.to_string(), created.secret.unwrap());
    let address = start(Arc::clone(&app));
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={}", secret.reveal());
    let head = "POST /oauth/token HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let (status, body) = Connection::open(address).send(head, form.as_bytes());
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let token: Value = serde_json::from_slice(&body).unwrap();
    Bed { app, address, member, token: token["access_token"].as_str().unwrap().to_owned(), _folder: folder }
}

fn start(app: Arc<App>) -> SocketAddr {
    let options = Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        metrics_listen: None,
        workers: 0,
        bodies: BodyLimits { body_bytes: 4_194_304, decoded_bytes: 16_777_216 },
        per_client: 0,
        per_address: 0,
        forwarded_for: false,
        shutdown: Duration::from_secs(1),
    };
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || serve(app, &options, |started| sender.send(started.api).unwrap()));
    receiver.recv().unwrap()
}

/// The same bytes from memory.
fn start_static(body: Vec<u8>) -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let body = web::Bytes::from(body);
            let server = HttpServer::new(move || {
                let body = body.clone();
                let answer = move || {
                    let body = body.clone();
                    async move { HttpResponse::Ok().content_type("application/json").body(body) }
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

fn reads(c: &mut Criterion, bed: &Bed) {
    let authorization = format!("authorization: Bearer {}\r\n", bed.token);
    let head = format!("GET /v1/comparisons/techniques?limit=1000 HTTP/1.1\r\n{authorization}");
    let mut connection = Connection::open(bed.address);
    let (status, body) = connection.send(&head, b"");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let mut group = c.benchmark_group(format!("comparison of techniques, {} bytes of JSON", body.len()));
    group.bench_function("read over HTTP", |b| b.iter(|| connection.send(&head, b"")));
    let mut fixed = Connection::open(start_static(body));
    group.bench_function("reference: the same bytes from memory", |b| {
        b.iter(|| fixed.send("GET /static HTTP/1.1\r\n", b""));
    });
    group.finish();
}

/// A snapshot of about a thousand cells in the running month.
fn large_snapshot(app: &App) -> Value {
    let attack = app.attack();
    let facts = attack.facts.clone().unwrap();
    let mut technologies = Vec::new();
    let mut cells = Vec::new();
    for (position, technology) in (0..).zip(facts.registry().technologies()) {
        let techniques = facts.applicability().techniques_of(position);
        if techniques.len() < 100 || technology.native_detections || cells.len() >= CELLS {
            continue;
        }
        technologies.push(technology.id.clone());
        for technique in techniques.iter().take(CELLS - cells.len()) {
            cells.push(
                json!({ "technique": technique, "technology": technology.id, "value": cells.len() % 21 }),
            );
        }
    }
    json!({
        "schema": "coverage-snapshot/1", "period": Month::of(SystemClock.now()).unwrap(),
        "attack": { "domain": "enterprise-attack", "version": facts.catalogue().version() },
        "producer": { "source": "sigma", "feed": 9, "adapter": "0.1.0" },
        "basis": "deployed", "scale": "rule-count/1",
        "technologies": technologies, "complete": technologies, "cells": cells,
    })
}

fn uploads(c: &mut Criterion, bed: &Bed) {
    let body = serde_json::to_vec(&large_snapshot(&bed.app)).unwrap();
    let head = format!(
        "POST /v1/snapshots HTTP/1.1\r\ncontent-type: application/json\r\nauthorization: Bearer {}\r\n",
        bed.token
    );
    let mut connection = Connection::open(bed.address);
    let (status, answer) = connection.send(&head, &body);
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&answer));
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let id = SnapshotId::new(answer["snapshot"]["id"].as_str().unwrap());
    let stored = bed.app.db.read(|conn| store::snapshot::get(conn, &bed.member, &id)).unwrap().unwrap();
    let mut group =
        c.benchmark_group(format!("upload of {CELLS} cells, {} bytes of JSON, SQLite", body.len()));
    group.bench_function("over HTTP, durable", |b| {
        b.iter(|| assert_eq!(connection.send(&head, &body).0, 201));
    });
    group.bench_function("reference: the bare durable insert of the same row", |b| {
        b.iter(|| {
            let row = store::snapshot::Stored { id: SnapshotId::new(bed.app.new_id()), ..stored.clone() };
            let insert = |conn: &mut store::Conn| store::snapshot::insert(conn, &bed.member, &row);
            bed.app.db.write::<_, StoreError>("bench", insert).unwrap();
        });
    });
    group.bench_function("part: parsing and checking alone", |b| {
        let attack = bed.app.attack();
        b.iter(|| -> Snapshot {
            let context = peerbench::domain::snapshot::Context {
                catalogues: &attack.catalogues,
                registry: &bed.app.registry,
                current: Month::of(SystemClock.now()).unwrap(),
            };
            peerbench::domain::snapshot::parse(&body, context).unwrap()
        });
    });
    group.finish();
}

fn bench(c: &mut Criterion) {
    let bed = bed();
    reads(c, &bed);
    uploads(c, &bed);
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(50).measurement_time(Duration::from_secs(8));
    targets = bench
}
criterion_main!(benches);
