//! Checking and uploading.

use std::thread;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    app::{
        Member,
        check_snapshot::{CheckSnapshotError, check_snapshot},
        list_snapshots::list_snapshots,
        read_organisation::read_organisation,
        read_snapshot::read_snapshot,
        testing::{World, snapshot, text, worlds},
        tests::{entries_of, log_of},
        upload_snapshot::{UploadSnapshotError, Uploaded, upload_snapshot},
        withdraw_snapshot::withdraw_snapshot,
    },
    domain::{
        attack::Fate,
        audit::Action,
        coverage::contribution,
        organisation::{Standing, Tenant},
        snapshot::SnapshotId,
    },
};

fn upload(world: &World, member: &Member, snapshot: &Value, key: Option<&str>) -> Uploaded {
    upload_snapshot(&world.app, member, &text(snapshot), key, true).unwrap()
}

fn count(world: &World, member: &Member) -> usize {
    list_snapshots(&world.app, member, None, 1000).unwrap().items.len()
}

#[test]
fn an_upload_is_kept_as_it_was_and_logged() {
    for world in worlds() {
        let member = world.member("A");
        let uploaded = upload(&world, &member, &snapshot(), None);
        assert!(!uploaded.replayed);
        let read = read_snapshot(&world.app, &member, &uploaded.stored.id).unwrap();
        assert_eq!(read, uploaded.stored);
        let mut canonical = snapshot();
        canonical["technologies"] = json!(["aws.cloudtrail", "microsoft.windows"]);
        canonical["cells"].as_array_mut().unwrap().reverse();
        assert_eq!(serde_json::to_value(&read.snapshot).unwrap(), canonical);
        assert_eq!(read.digest.len(), 64);

        let entries = entries_of(&world, member.tenant());
        let entry = entries.iter().find(|entry| entry.action == Action::SnapshotUploaded).unwrap();
        assert_eq!(entry.object.as_deref(), Some(read.id.as_str()));
        assert_eq!((&entry.actor, entry.at), (&member.client, read.uploaded_at));
        assert!(!log_of(&world, Tenant::Platform).contains(&Action::SnapshotUploaded));
    }
}

#[test]
fn a_refused_snapshot_says_every_error_and_leaves_nothing() {
    for world in worlds() {
        let member = world.member("A");
        let mut wrong = snapshot();
        wrong["period"] = json!("2026-12");
        wrong["comment"] = json!("free text");
        wrong["cells"][0]["value"] = json!(21);
        wrong["cells"][1]["technique"] = json!("T9999");
        let refused = upload_snapshot(&world.app, &member, &text(&wrong), Some("key"), true);
        let Err(UploadSnapshotError::Refused(CheckSnapshotError::Invalid(refused))) = refused else {
            panic!("it must be refused")
        };
        let mut pointers: Vec<&str> = refused.errors.iter().map(|error| error.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/cells/0/value", "/cells/1/technique", "/comment", "/period"]);
        assert_eq!(count(&world, &member), 0);
        assert!(!log_of(&world, member.tenant()).contains(&Action::SnapshotUploaded));
        // The key is free: what was refused was not done.
        assert!(!upload(&world, &member, &snapshot(), Some("key")).replayed);
    }
}

#[test]
fn a_repeated_upload_is_one_and_gives_the_first_answer() {
    for world in worlds() {
        let member = world.member("A");
        let first = upload(&world, &member, &snapshot(), Some("key"));
        world.clock.advance(TimeDelta::hours(24));
        let again = upload(&world, &member, &snapshot(), Some("key"));
        assert!(again.replayed);
        assert_eq!((&again.stored, &again.preview), (&first.stored, &first.preview));
        assert_eq!(count(&world, &member), 1);

        let mut other = snapshot();
        other["cells"][0]["value"] = json!(6);
        let refused = upload_snapshot(&world.app, &member, &text(&other), Some("key"), true);
        assert!(matches!(refused, Err(UploadSnapshotError::KeyReused(_))));
        assert_eq!(count(&world, &member), 1);

        // Nobody else's key, another key, no key, and a key of three days ago are new requests.
        let foreign = world.member("B");
        assert!(!upload(&world, &foreign, &snapshot(), Some("key")).replayed);
        assert!(!upload(&world, &member, &snapshot(), Some("other key")).replayed);
        assert!(!upload(&world, &member, &snapshot(), None).replayed);
        world.clock.advance(TimeDelta::hours(48));
        assert!(!upload(&world, &member, &snapshot(), Some("key")).replayed);
        assert_eq!((count(&world, &member), count(&world, &foreign)), (4, 1));
    }
}

#[test]
fn the_same_request_from_many_threads_is_done_once() {
    for world in worlds() {
        let member = world.member("A");
        let body = text(&snapshot());
        let ids: Vec<(SnapshotId, bool)> = thread::scope(|scope| {
            let upload = || {
                let uploaded = upload_snapshot(&world.app, &member, &body, Some("key"), true).unwrap();
                (uploaded.stored.id, uploaded.replayed)
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(upload)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|(id, _)| *id == ids[0].0));
        assert_eq!(ids.iter().filter(|(_, replayed)| !replayed).count(), 1);
        assert_eq!(count(&world, &member), 1);
    }
}

#[test]
fn a_repetition_after_a_withdrawal_brings_nothing_back() {
    for world in worlds() {
        let member = world.member("A");
        let first = upload(&world, &member, &snapshot(), Some("key"));
        withdraw_snapshot(&world.app, &member, &first.stored.id).unwrap();
        let again = upload(&world, &member, &snapshot(), Some("key"));
        assert!(again.replayed && again.stored.id == first.stored.id);
        assert_eq!(count(&world, &member), 0);
    }
}

#[test]
fn an_organisation_uploads_before_it_is_verified() {
    for world in worlds() {
        let member = world.member("A");
        let organisation = read_organisation(&world.app, &member.organisation).unwrap();
        assert_eq!(organisation.standing, Standing::Unverified);
        upload(&world, &member, &snapshot(), None);
        assert_eq!(count(&world, &member), 1);
    }
}

#[test]
fn ids_that_a_version_revoked_itself_are_carried_like_others() {
    for world in worlds() {
        world.member("A");
        for version in ["18.1", "19.0", "19.2"] {
            let mut own = snapshot();
            own["attack"]["version"] = json!(version);
            own["complete"] = json!([]);
            own["cells"] = json!([
                {"technique": "T1089", "technology": "microsoft.windows", "value": 20},
                {"technique": "T1562.001", "technology": "microsoft.windows", "value": 5},
            ]);
            let checked = check_snapshot(&world.app, &text(&own)).unwrap();
            let now = "T1685".parse().unwrap();
            let from: Vec<_> =
                checked.preview.migration.moved.iter().map(|(from, to)| (from.to_string(), *to)).collect();
            assert_eq!(from, [("T1089".to_owned(), now), ("T1562.001".to_owned(), now)], "{version}");
            assert_eq!(checked.preview.conflicts, [], "{version}");
            let facts = world.app.attack().facts.clone().unwrap();
            let contribution = contribution(&[checked.snapshot], &facts).unwrap();
            let scores: Vec<_> =
                contribution.cells.iter().map(|cell| (cell.technique, cell.score.get())).collect();
            assert_eq!(scores, [(now, 100)], "{version}");
        }
    }
}

#[test]
fn a_snapshot_by_which_a_feed_loses_much_must_be_meant() {
    for world in worlds() {
        let member = world.member("A");
        let of = |period: &str, techniques: &[&str]| {
            let mut snapshot = snapshot();
            snapshot["period"] = json!(period);
            let cell = |id: &&str| json!({"technique": id, "technology": "microsoft.windows", "value": 1});
            snapshot["cells"] = techniques.iter().map(cell).collect();
            text(&snapshot)
        };
        let try_to = |text: &[u8], replace| upload_snapshot(&world.app, &member, text, None, replace);
        let lost = |text: &[u8]| match try_to(text, false) {
            Err(UploadSnapshotError::WouldLose(loss)) => (loss.before, loss.now),
            other => panic!("{other:?}"),
        };
        assert_eq!(lost(&of("2026-10", &[])), (0, 0));
        try_to(&of("2026-10", &["T1059.001", "T1003.001", "T1027", "T1055"]), false).unwrap();
        assert_eq!(lost(&of("2026-10", &["T1027"])), (4, 1));
        assert_eq!(lost(&of("2026-11", &[])), (4, 0));
        assert_eq!(count(&world, &member), 1, "nothing is kept of what is refused");
        // An earlier month takes nobody's place, nor does half as much need a word.
        try_to(&of("2026-09", &["T1027"]), false).unwrap();
        try_to(&of("2026-10", &["T1027", "T1055"]), false).unwrap();
        try_to(&of("2026-11", &[]), true).unwrap();
    }
}

#[test]
fn a_check_previews_migration_and_conflicts_and_keeps_nothing() {
    for world in worlds() {
        let member = world.member("A");
        let mut old = snapshot();
        old["attack"]["version"] = json!("18.1");
        // Cloud storage is nothing that Windows sees.
        old["cells"] = json!([
            {"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
            {"technique": "T1530", "technology": "microsoft.windows", "value": 1},
        ]);
        let facts = world.app.attack().facts.clone().unwrap();
        let origin = facts.origin("18.1".parse().unwrap()).unwrap();
        let moved = origin.migration.fates().find_map(|(id, fate)| match fate {
            Fate::Moved(new) => Some((id, *new)),
            _ => None,
        });
        let (from, to) = moved.expect("19 renumbers something");
        let cell = json!({"technique": from, "technology": "aws.cloudtrail", "state": "not_assessed"});
        old["cells"].as_array_mut().unwrap().push(cell);

        let checked = check_snapshot(&world.app, &text(&old)).unwrap();
        assert_eq!(checked.preview.target, Some("19.2".parse().unwrap()));
        assert!(!checked.preview.ahead);
        assert_eq!(checked.preview.migration.moved, [(from, to)]);
        let conflict = ("microsoft.windows".to_owned(), "T1530".parse().unwrap());
        assert_eq!(checked.preview.conflicts, [conflict]);
        assert_eq!(count(&world, &member), 0);
        assert_eq!(upload(&world, &member, &old, None).preview, checked.preview);
    }
}

#[test]
fn an_upload_that_is_refused_among_others_leaves_them_stored() {
    for world in worlds() {
        let member = world.member("A");
        let (mut one, mut other) = (snapshot(), snapshot());
        one["cells"][0]["value"] = 1.into();
        other["cells"][0]["value"] = 2.into();
        upload(&world, &member, &one, Some("key"));
        // With the key of another request, and without one.
        let asked: Vec<_> =
            (0..8).map(|n| if n % 2 == 0 { (None, true) } else { (Some("key"), false) }).collect();
        thread::scope(|scope| {
            let uploads: Vec<_> = asked
                .iter()
                .map(|(key, _)| {
                    scope.spawn(|| upload_snapshot(&world.app, &member, &text(&other), *key, true))
                })
                .collect();
            for (upload, (_, expected)) in uploads.into_iter().zip(&asked) {
                match upload.join().unwrap() {
                    Ok(uploaded) => {
                        assert!(*expected);
                        read_snapshot(&world.app, &member, &uploaded.stored.id).unwrap();
                    }
                    Err(error) => assert!(!expected && matches!(error, UploadSnapshotError::KeyReused(_))),
                }
            }
        });
        assert_eq!(count(&world, &member), 5);
        let logged = log_of(&world, member.tenant());
        assert_eq!(logged.iter().filter(|action| **action == Action::SnapshotUploaded).count(), 5);
    }
}
