//! A40: members for whom one writer uploads, and whom the operator has not linked. A41: what the time of a publication tells.
//! R23: who gives little reads nothing.

use peerbench::domain::{organisation::OrganisationId, release::Rule};
use serde_json::json;

use super::{
    fixture::Fixture,
    report::report,
    world::{Who, World, peers, rows},
};
use crate::support::{Store, console::Ran, on_both};

on_both!(a_writer_is_one_change, a_publication_is_dated_to_the_hour, who_gives_little_reads_nothing);

fn a_writer_is_one_change(store: Store) {
    let mut world = World::new(store);
    let scores = Fixture::new(40).members(30);
    let written = |number| (number < 10).then_some("Integrator");
    let of = |(number, scores): (usize, &Vec<u8>)| {
        (Who { writer: written(number), ..Who::default() }, scores.clone())
    };
    let members: Vec<OrganisationId> = world.settle(scores.iter().enumerate().map(of));
    world.release();
    let reader = world.reader(&members[29]);
    let table = || peers(&rows(&reader, ""));
    let saved = table();
    for number in 0..10 {
        let changed: Vec<u8> = scores[number].iter().map(|score| (score + 50) % 101).collect();
        world.scores(&members[number], &changed);
    }
    world.release();
    assert_eq!(table(), saved, "one writer's changes are one");
    // The operator is told.
    let operator = world.service.operator();
    let readiness = operator.get("/v1/admin/readiness").expect(200).json();
    assert_eq!(readiness["writers"], json!([{ "name": "Integrator", "contributors": 10 }]));
    let console = |arguments: &[&str]| Ran::of(&mut world.service.command(arguments)).done().out;
    assert!(console(&["release", "readiness"]).contains("Integrator uploads for 10"));
    // A snapshot keeps the writer of its upload, whatever is declared later.
    let profile = format!("/v1/admin/organisations/{}", members[0]);
    assert_eq!(operator.get(&profile).expect(200).json()["writer"], "Integrator");
    assert_eq!(world.reader(&members[0]).get("/v1/organisation").expect(200).json().get("writer"), None);
    for member in &members[..5] {
        let profile = format!("/v1/admin/organisations/{member}");
        let changed = operator.patch(&profile, &json!({ "writer": "" })).expect(200).json();
        assert_eq!(changed.get("writer"), None);
    }
    assert!(console(&["organisation", "update", members[5].as_str(), "--writer", ""]).contains("for itself"));
    world.release();
    assert_eq!(table(), saved, "declared otherwise after the upload");
    assert!(console(&["writer", "trust", "Integrator"]).contains("is trusted"));
    assert_eq!(operator.get("/v1/admin/readiness").expect(200).json()["writers"], json!([]));
    world.release();
    let trusted = table();
    assert_ne!(trusted, saved, "ten changes");
    console(&["writer", "trust", "Integrator", "--revoke"]);
    world.release_without(&[Rule::R32]);
    assert_eq!(table().len(), trusted.len());
    report(
        40,
        "ten of 30 members for whom one declared writer uploads change every cell; then five of them are declared to upload \
         for themselves; then the operator trusts the writer",
        "R32",
        "no row changes before the writer is trusted; `readiness` names the writer",
        "trusted, they are ten changes",
    );
}

fn a_publication_is_dated_to_the_hour(store: Store) {
    for count in [25, 60] {
        let world = World::new(store);
        let mut fixture = Fixture::new(41);
        let members = world.settle((0..count).map(|_| (Who::default(), fixture.member())));
        world.publish().done();
        let reader = world.reader(&members[0]);
        let releases = reader.get("/v1/releases").expect(200).json();
        let summary = reader.get("/v1/comparisons/summary").expect(200).json();
        for at in [&releases["items"][0]["published_at"], &summary["release"]["published_at"]] {
            let at = at.as_str().unwrap();
            assert!(at.ends_with(":00:00Z"), "{at}");
        }
    }
    report(
        41,
        "25 and 60 members publish; the time of publication is read",
        "R24",
        "it is to the hour, whatever the number of members",
        "not tried: to the second, it would tell how long the numbers took, and so how many members there are",
    );
}

/// R23: an organisation that assesses few techniques reads nothing of its peers.
fn who_gives_little_reads_nothing(store: Store) {
    let world = World::with(store, &[("PEERBENCH_PRIVACY_GIVE_MIN_TECHNIQUES", "20")]);
    let mut fixture = Fixture::new(23);
    world.settle((0..25).map(|_| (Who::default(), fixture.member())));
    let gives = |count: usize| {
        let organisation = world.organisation(&Who::default());
        let rules = world.techniques().into_iter().take(count).map(|id| (id, 3));
        let mut snapshot = world.snapshot(&rules.collect());
        snapshot["complete"] = json!([]);
        world.upload_snapshot(&organisation, &snapshot);
        world.reader(&organisation)
    };
    let (little, enough) = (gives(19), gives(20));
    world.publish().done();
    let problem = little.get("/v1/comparisons/summary").problem(403, "nothing-contributed");
    assert!(problem["detail"].as_str().unwrap().contains("at least 20 parent techniques"), "{problem}");
    enough.get("/v1/comparisons/summary").expect(200);
}
