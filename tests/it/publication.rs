//! Publications of the real binary: killed and resumed, by several servers at once, and asked for twice.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use peerbench::store::{Db, OpenOptions, release};

use crate::support::client::Client;
use crate::support::community::settle;
use crate::support::console::Ran;
use crate::support::server::Service;
use crate::support::{Store, on_both};

on_both!(
    a_killed_publication_is_resumed,
    several_servers_publish_what_is_due_once,
    a_publication_that_is_asked_for_twice_happens_once,
    a_release_without_a_cohort_is_refused_and_the_last_one_stays,
);

const PUBLISH: [&str; 4] = ["release", "publish", "--format", "json"];

/// Looks every few milliseconds until there is something to see.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "{what} did not come");
        thread::sleep(Duration::from_millis(5));
    }
}

fn a_killed_publication_is_resumed(store: Store) {
    let service = Service::start(store);
    let organisations = settle(&service, 40);
    let db = Db::open(service.setting("PEERBENCH_DATABASE_URL"), OpenOptions::default()).unwrap();
    let mut publishing =
        service.command(&PUBLISH).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let frozen = wait_for("the frozen release", || db.read(release::open).unwrap());
    publishing.kill().unwrap();
    publishing.wait().unwrap();
    assert_eq!(db.read(release::latest_number).unwrap(), None, "it was killed too late");
    // Nothing of it is read.
    let mut readers = organisations.iter().map(|organisation| service.client_of(organisation.id.as_str()));
    let summary = |reader: &Client| reader.get("/v1/comparisons/summary");
    let reader = readers.find(|reader| summary(reader).status != 403).expect("somebody contributes");
    summary(&reader).problem(404, "not-published");
    assert_eq!(reader.get("/v1/releases").expect(200).json()["items"].as_array().unwrap().len(), 0);
    // For half a minute it could still be at work.
    let published = wait_for("the second publication", || {
        let ran = Ran::of(&mut service.command(&PUBLISH));
        if ran.code == 0 {
            return Some(ran.done().json());
        }
        ran.failed(1, &["Another process"]);
        None
    });
    assert_eq!(published["number"], 1);
    let release = db.read(|conn| release::get(conn, 1)).unwrap().unwrap();
    assert_eq!(release.cut_off, frozen.cut_off, "the cut-off is the first one's");
    summary(&reader).expect(200);
}

fn several_servers_publish_what_is_due_once(store: Store) {
    let mut service = Service::start(store);
    settle(&service, 40);
    let operator = service.operator();
    service.terminate();
    service.start_again_with(&[("PEERBENCH_RELEASES_AUTOMATIC", "true")]);
    let replicas = [service.replica(), service.replica()];
    let db = Db::open(service.setting("PEERBENCH_DATABASE_URL"), OpenOptions::default()).unwrap();
    wait_for("the release", || db.read(release::latest_number).unwrap());
    // Each looks again before this is over.
    thread::sleep(Duration::from_secs(12));
    assert_eq!(db.read(|conn| release::list(conn, None, 10)).unwrap().len(), 1);
    let next = operator.request("POST", "/v1/admin/releases").send().expect(201).json();
    assert_eq!(next["number"], 2);
    let said = service.log().matches("a release is published").count();
    assert!(said <= 1, "{}", service.log());
    for replica in replicas {
        replica.anonymous().get("/health/ready").expect(200);
    }
}

fn a_publication_that_is_asked_for_twice_happens_once(store: Store) {
    let service = Service::start(store);
    settle(&service, 40);
    let operator = service.operator();
    let ask =
        |key: &str| operator.request("POST", "/v1/admin/releases").header("idempotency-key", key).send();
    let first = ask("november").expect(201);
    let again = ask("november").expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.header("location"), Some("/v1/releases/1"));
    assert_eq!(ask("december").expect(201).header("location"), Some("/v1/releases/2"));
}

fn a_release_without_a_cohort_is_refused_and_the_last_one_stays(store: Store) {
    let service = Service::start(store);
    let organisations = settle(&service, 40);
    Ran::of(&mut service.command(&PUBLISH)).done();
    let mut readers = organisations.iter().map(|organisation| service.client_of(organisation.id.as_str()));
    let reader = readers.find(|reader| reader.get("/v1/comparisons/summary").status == 200).unwrap();
    let before = reader.get("/v1/comparisons/summary").expect(200);
    assert_eq!(before.json()["overall"]["peers"]["status"], "released");
    // Nearly everybody leaves.
    let db = Db::open(service.setting("PEERBENCH_DATABASE_URL"), OpenOptions::default()).unwrap();
    let own = reader.get("/v1/organisation").expect(200).json()["id"].clone();
    for organisation in organisations.iter().filter(|organisation| own != organisation.id.as_str()).take(30) {
        assert!(service.run(&["organisation", "suspend", organisation.id.as_str()]).status.success());
    }
    let refused = service.operator().request("POST", "/v1/admin/releases").send();
    let problem = refused.problem(409, "conflict");
    assert!(
        problem["detail"].as_str().unwrap().contains("at least 20 independent control groups"),
        "{problem}"
    );
    assert_eq!(db.read(release::open).unwrap(), None, "nothing is left frozen");
    assert_eq!(db.read(release::latest_number).unwrap(), Some(1));
    assert_eq!(reader.get("/v1/comparisons/summary").expect(200).body, before.body);
}
