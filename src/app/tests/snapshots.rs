//! Reading, comparing and withdrawing one's own snapshots, and nobody else's.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    app::{
        Member,
        diff_snapshots::{Difference, diff_snapshots},
        list_snapshots::list_snapshots,
        read_snapshot::{ReadSnapshotError, read_snapshot},
        testing::{World, snapshot, text, worlds},
        tests::{entries_of, log_of},
        upload_snapshot::upload_snapshot,
        withdraw_snapshot::{WithdrawSnapshotError, withdraw_snapshot},
    },
    domain::{
        audit::Action,
        organisation::Tenant,
        snapshot::{CellValue, SnapshotId},
    },
};

fn upload(world: &World, member: &Member, snapshot: &Value) -> SnapshotId {
    world.clock.advance(TimeDelta::seconds(1));
    upload_snapshot(&world.app, member, &text(snapshot), None, true).unwrap().stored.id
}

#[test]
fn another_tenants_snapshot_is_as_absent_as_one_that_never_was() {
    for world in worlds() {
        let app = &world.app;
        let (a, b) = (world.member("A"), world.member("B"));
        let own = upload(&world, &a, &snapshot());
        let foreign = upload(&world, &b, &snapshot());
        let never = SnapshotId::new("00000000-0000-7000-8000-000000000000");
        for id in [&foreign, &never] {
            assert!(matches!(read_snapshot(app, &a, id), Err(ReadSnapshotError::UnknownSnapshot)));
            for (before, after) in [(&own, id), (id, &own)] {
                let refused = diff_snapshots(app, &a, before, after);
                assert!(matches!(refused, Err(ReadSnapshotError::UnknownSnapshot)));
            }
            let refused = withdraw_snapshot(app, &a, id);
            assert!(matches!(refused, Err(WithdrawSnapshotError::UnknownSnapshot)));
        }
        assert!(read_snapshot(app, &b, &foreign).is_ok());
        assert_eq!(list_snapshots(app, &a, None, 10).unwrap().items.len(), 1);

        let tried = |tenant| log_of(&world, tenant).iter().filter(|a| **a == Action::AccessRefused).count();
        assert_eq!(tried(a.tenant()), 8);
        assert_eq!(tried(Tenant::Platform), 8);
        assert_eq!(tried(b.tenant()), 0, "the other tenant never hears of it");
        let entries = entries_of(&world, a.tenant());
        assert!(entries.iter().any(|entry| entry.object.as_deref() == Some(foreign.as_str())));
    }
}

#[test]
fn the_text_of_an_id_that_is_none_is_not_logged() {
    for world in worlds() {
        let member = world.member("A");
        for asked in ["../../etc/passwd", "T1059=0", &"a".repeat(500)] {
            let refused = read_snapshot(&world.app, &member, &SnapshotId::new(asked));
            assert!(matches!(refused, Err(ReadSnapshotError::UnknownSnapshot)));
        }
        let entries = entries_of(&world, member.tenant());
        let refused: Vec<_> = entries.iter().filter(|e| e.action == Action::AccessRefused).collect();
        assert_eq!(refused.len(), 3);
        assert!(refused.iter().all(|entry| entry.object.is_none()));
    }
}

#[test]
fn a_withdrawn_snapshot_is_gone_and_its_trace_stays() {
    for world in worlds() {
        let member = world.member("A");
        let (kept, withdrawn) = (upload(&world, &member, &snapshot()), upload(&world, &member, &snapshot()));
        withdraw_snapshot(&world.app, &member, &withdrawn).unwrap();
        let left = list_snapshots(&world.app, &member, None, 10).unwrap().items;
        assert_eq!(left.iter().map(|header| &header.id).collect::<Vec<_>>(), [&kept]);
        let again = withdraw_snapshot(&world.app, &member, &withdrawn);
        assert!(matches!(again, Err(WithdrawSnapshotError::UnknownSnapshot)));
        let log = log_of(&world, member.tenant());
        assert_eq!(log.iter().filter(|action| **action == Action::SnapshotUploaded).count(), 2);
        assert_eq!(log.iter().filter(|action| **action == Action::SnapshotWithdrawn).count(), 1);
    }
}

#[test]
fn a_diff_names_what_came_went_and_changed() {
    for world in worlds() {
        let member = world.member("A");
        let mut before = snapshot();
        before["cells"] = json!([
            {"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
            {"technique": "T1003", "technology": "microsoft.windows", "value": 1},
            {"technique": "T1021", "technology": "microsoft.windows", "value": 2},
            {"technique": "T1530", "technology": "aws.cloudtrail", "state": "not_assessed"},
        ]);
        let mut after = before.clone();
        // Another first technology, so that positions say nothing.
        after["technologies"] = json!(["apple.macos", "microsoft.windows", "aws.cloudtrail"]);
        after["cells"] = json!([
            {"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
            {"technique": "T1021", "technology": "microsoft.windows", "value": 3},
            {"technique": "T1059", "technology": "apple.macos", "value": 1},
            {"technique": "T1530", "technology": "aws.cloudtrail", "state": "not_assessed"},
        ]);
        let (before, after) = (upload(&world, &member, &before), upload(&world, &member, &after));
        let diff = diff_snapshots(&world.app, &member, &before, &after).unwrap();
        let difference =
            |technology: &str, technique: &str, before: Option<i8>, after: Option<i8>| Difference {
                technology: technology.to_owned(),
                technique: technique.parse().unwrap(),
                before: before.map(CellValue::Value),
                after: after.map(CellValue::Value),
            };
        assert_eq!(diff.added, [difference("apple.macos", "T1059", None, Some(1))]);
        assert_eq!(diff.removed, [difference("microsoft.windows", "T1003", Some(1), None)]);
        assert_eq!(diff.changed, [difference("microsoft.windows", "T1021", Some(2), Some(3))]);
        assert_eq!(diff.unchanged, 2);
        assert_eq!((diff.before.id, diff.after.id), (before.clone(), after.clone()));
        let itself = diff_snapshots(&world.app, &member, &before, &before).unwrap();
        assert_eq!((itself.added.len(), itself.removed.len(), itself.changed.len()), (0, 0, 0));
    }
}

#[test]
fn the_same_number_on_another_scale_is_a_change() {
    for world in worlds() {
        let member = world.member("A");
        let mut percent = snapshot();
        percent["scale"] = json!("percent/1");
        let (before, after) = (upload(&world, &member, &snapshot()), upload(&world, &member, &percent));
        let diff = diff_snapshots(&world.app, &member, &before, &after).unwrap();
        assert_eq!((diff.changed.len(), diff.unchanged), (1, 1), "not assessed is the same on every scale");
    }
}
