//! What was acknowledged stays, whatever happens to the process: the service is killed in the middle of many uploads
//! and asked afterwards for each one that it had answered with 201.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::people::{Member, Profile};
use crate::support::server::Service;
use crate::support::{Store, on_both};

on_both!(no_acknowledged_upload_is_lost_when_the_service_is_killed, a_stop_finishes_what_it_began);

const MEMBERS: usize = 4;
const SENDERS_OF_EACH: usize = 10;
const UPLOADS_OF_EACH_SENDER: usize = 25;

/// Snapshot number `n` of a member: no two are alike.
fn snapshot(n: usize) -> Value {
    json!({
        "schema": "coverage-snapshot/1",
        "period": "2025-06",
        "attack": {"domain": "enterprise-attack", "version": "18.1"},
        "producer": {"source": "sigma", "feed": 1, "adapter": "0.1.0"},
        "basis": "deployed",
        "scale": "rule-count/1",
        "technologies": ["microsoft.windows"],
        "complete": ["microsoft.windows"],
        "cells": [
            {"technique": "T1053.005", "technology": "microsoft.windows", "value": n / 20},
            {"technique": "T1059.001", "technology": "microsoft.windows", "value": n % 20},
        ],
    })
}

/// What the senders learned: (member, location, snapshot number) of each acknowledged upload.
type Acknowledged = Mutex<Vec<(usize, String, usize)>>;

/// Sends everything from many threads at once; a sender stops at its first upload without an answer. `meanwhile`
/// runs beside them with the number of acknowledged uploads so far, and ends what it came to end.
fn upload_from_all_sides(
    members: &[Member],
    meanwhile: impl FnOnce(&AtomicUsize),
) -> Vec<(usize, String, usize)> {
    let acknowledged = Acknowledged::default();
    let count = AtomicUsize::new(0);
    thread::scope(|scope| {
        for (index, member) in members.iter().enumerate() {
            for sender in 0..SENDERS_OF_EACH {
                let (acknowledged, count) = (&acknowledged, &count);
                scope.spawn(move || {
                    for upload in 0..UPLOADS_OF_EACH_SENDER {
                        let n = sender * UPLOADS_OF_EACH_SENDER + upload;
                        let draft = member.http.request("POST", "/v1/snapshots").json(&snapshot(n));
                        match draft.try_send() {
                            Ok(answer) if answer.status == 201 => {
                                let location = answer.header("location").expect("a location").to_owned();
                                acknowledged.lock().unwrap().push((index, location, n));
                                count.fetch_add(1, Ordering::Relaxed);
                            }
                            // Stopping, it may still say that it is.
                            Ok(answer) if answer.status == 503 => break,
                            Ok(answer) => {
                                panic!("an upload was answered with {}: {}", answer.status, answer.text())
                            }
                            Err(_) => break,
                        }
                    }
                });
            }
        }
        meanwhile(&count);
    });
    acknowledged.into_inner().unwrap()
}

fn wait_for(count: &AtomicUsize, uploads: usize) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while count.load(Ordering::Relaxed) < uploads {
        assert!(Instant::now() < deadline, "only {count:?} of {uploads} uploads were acknowledged");
        thread::sleep(Duration::from_millis(1));
    }
}

fn members(service: &Service) -> Vec<Member> {
    (0..MEMBERS).map(|n| service.member(&Profile::named(&format!("Member {n}")))).collect()
}

/// Every acknowledged upload is there as it was sent, and nothing is there that nobody sent.
fn all_there(members: &[Member], acknowledged: &[(usize, String, usize)]) {
    for (member, location, n) in acknowledged {
        let stored = members[*member].http.get(location).expect(200).json();
        let sent = snapshot(*n);
        assert_eq!(stored["snapshot"]["cells"], sent["cells"], "{location}: {stored}");
    }
    let locations: BTreeSet<_> = acknowledged.iter().map(|(_, location, _)| location).collect();
    assert_eq!(locations.len(), acknowledged.len(), "two uploads were given one id");
}

fn no_acknowledged_upload_is_lost_when_the_service_is_killed(store: Store) {
    let mut service = Service::start(store);
    let members = members(&service);
    let all = MEMBERS * SENDERS_OF_EACH * UPLOADS_OF_EACH_SENDER;
    let acknowledged = upload_from_all_sides(&members, |count| {
        wait_for(count, all / 4);
        service.kill();
    });
    assert!(acknowledged.len() < all, "the service was to be killed before the last of {all} uploads");
    service.start_again();
    all_there(&members, &acknowledged);
}

fn a_stop_finishes_what_it_began(store: Store) {
    let mut service = Service::start(store);
    let members = members(&service);
    let acknowledged = upload_from_all_sides(&members, |count| {
        wait_for(count, 100);
        let status = service.terminate();
        assert!(status.success(), "stopping is no failure: {status}");
    });
    service.start_again();
    all_there(&members, &acknowledged);
}
