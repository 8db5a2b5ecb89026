//! A30, A37: uploads that ask questions. Whoever uploads a guess of another's vector, a vendor's default content or a constant
//! sees the same until the cut-off; afterwards a constant is under review, and nothing depends on what another uploaded.

use peerbench::domain::organisation::OrganisationId;
use serde_json::{Value, json};

use super::{
    report::report,
    world::{Who, World, typical},
};
use crate::support::{Store, client::Client, console::Ran, on_both};

on_both!(an_upload_is_no_oracle, without_the_rule_a_copy_counts);

/// 25 members; one copies the first, three share a vendor's pack, one uploads a constant.
struct Suspects {
    victim: OrganisationId,
    copy: OrganisationId,
    pack: [OrganisationId; 3],
    constant: OrganisationId,
}

fn suspects(world: &World) -> Suspects {
    let techniques = world.techniques();
    let members: Vec<_> = (0..25).map(|number| world.member(number, &Who::default())).collect();
    let uploading = |number| {
        let organisation = world.organisation(&Who::default());
        world.upload(&organisation, &typical(number, &techniques));
        organisation
    };
    let constant = world.organisation(&Who::default());
    let mut snapshot = world.snapshot(&techniques.iter().map(|id| (*id, 3)).collect());
    snapshot["complete"] = json!([]);
    world.upload_snapshot(&constant, &snapshot);
    Suspects {
        victim: members[0].clone(),
        copy: uploading(0),
        pack: [uploading(50), uploading(50), uploading(50)],
        constant,
    }
}

/// What an owner sees of itself, without what names it.
fn own(reader: &Client) -> Value {
    let mut own = reader.get("/v1/organisation").expect(200).json();
    own.as_object_mut().unwrap().retain(|name, _| !["id", "created_at"].contains(&name.as_str()));
    own
}

fn refused(reader: &Client) -> Value {
    let mut problem = reader.get("/v1/comparisons/summary").problem(403, "under-review");
    problem.as_object_mut().unwrap().remove("request_id");
    problem
}

fn an_upload_is_no_oracle(store: Store) {
    let world = World::new(store);
    let Suspects { victim, copy, pack, constant } = suspects(&world);
    let victim_id = victim.clone();
    let [victim, copier, constants] = [&victim, &copy, &constant].map(|id| world.reader(id));
    let packers = pack.each_ref().map(|id| world.reader(id));
    let everybody: Vec<&Client> = [&victim, &copier, &constants].into_iter().chain(&packers).collect();
    for reader in &everybody {
        assert_eq!(own(reader), own(&victim));
        assert_eq!(own(reader).get("under_review"), None);
        reader.get("/v1/comparisons/summary").problem(404, "not-published");
    }
    let operator = world.service.operator();
    let listed =
        || operator.get("/v1/admin/quarantine").expect(200).json()["items"].as_array().unwrap().clone();
    assert_eq!(listed(), Vec::<Value>::new());

    world.publish_reviewed().done();
    assert_eq!(own(&constants)["under_review"], true);
    refused(&constants);
    let release = constants.get("/v1/releases/1").expect(200).json();
    assert_eq!(release["tables"], json!([]));
    constants.get("/v1/releases/1/tables/all").problem(403, "under-review");
    for reader in packers.iter().chain([&victim, &copier]) {
        assert_eq!(own(reader).get("under_review"), None, "what is equal to another's is only flagged");
        reader.get("/v1/comparisons/summary").expect(200);
    }
    // Nothing of it is in a log that a member reads.
    let log = copier.get("/v1/organisation/audit").expect(200).text();
    assert!(!log.contains("quarantine") && !log.contains("review"), "{log}");

    // The operator sees why, on both sides of its desk, and clears many at once.
    let reasons: Vec<(String, Value, Value)> = listed()
        .iter()
        .map(|item| {
            let id = item["organisation"].as_str().unwrap().to_owned();
            (id, item["reason"].clone(), item["set_aside"].clone())
        })
        .collect();
    let found = |id: &OrganisationId, reason: &str, set_aside: bool| {
        reasons.contains(&(id.to_string(), json!(reason), json!(set_aside)))
    };
    assert!(found(&copy, "copied", false) && found(&victim_id, "copied", false));
    assert!(found(&constant, "all_equal", true));
    assert!(pack.iter().all(|id| found(id, "shared", false)));
    assert_eq!(reasons.len(), 6, "{reasons:?}");
    let console = |arguments: &[&str]| Ran::of(&mut world.service.command(arguments));
    assert!(console(&["quarantine", "list"]).done().out.contains("identical to another control group's"));
    let both = json!({ "organisations": [copy, constant, "nobody"] });
    let cleared = operator.post("/v1/admin/quarantine/clear", &both).expect(200).json();
    assert_eq!(cleared, json!({ "organisations": [copy, constant] }));
    for reader in [&copier, &constants] {
        assert_eq!(own(reader).get("under_review"), None);
        reader.get("/v1/comparisons/summary").expect(200);
    }
    console(&["quarantine", "clear", "--all"]).done();
    victim.get("/v1/comparisons/summary").expect(200);
    assert_eq!(listed(), Vec::<Value>::new());
    report(
        37,
        "the same uploads; whoever uploads a copy of another's vector, or the copied one, looks for a sign that they are equal",
        "R29",
        "neither is under review, before the cut-off or after: only the operator sees the flag",
        "the earlier rules set both aside",
    );
    report(
        30,
        "a copy of another's vector, a vendor's default content shared by three, and a constant are uploaded",
        "R29",
        "their owners see the same as everybody until the cut-off; then the constant is `under_review` and nothing more; the \
         copied, the copy and the shared content are not",
        "the constant counts and reads (`quarantine::without_the_rule_a_copy_counts`)",
    );
}

/// The counter-test: without R29 the copy contributes and reads.
fn without_the_rule_a_copy_counts(store: Store) {
    let world = World::new(store);
    let Suspects { copy, constant, .. } = suspects(&world);
    world.publish().done();
    for id in [&copy, &constant] {
        let reader = world.reader(id);
        assert_eq!(own(&reader).get("under_review"), None);
        reader.get("/v1/comparisons/summary").expect(200);
    }
}
