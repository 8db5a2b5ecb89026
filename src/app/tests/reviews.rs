//! The review at each cut-off (R29), over several releases.

use chrono::TimeDelta;
use serde_json::json;

use super::publications::{publish, settle};
use crate::{
    app::{
        Caller, Member,
        entitlement::{NotEntitled, entitled},
        quarantine::{clear_quarantine, list_quarantine},
        readiness::{Why, readiness},
        testing::{World, snapshot, text, worlds},
        upload_snapshot::upload_snapshot,
        withdraw_snapshot::withdraw_snapshot,
    },
    domain::{quarantine::Reason, snapshot::Basis},
    environment::Clock as _,
};

/// Nothing but 20 rules for each of many techniques, of this month; `more` makes it another snapshot.
fn constant(world: &World, more: u8) -> Vec<u8> {
    let mut body = snapshot();
    body["period"] = json!(world.clock.now().format("%Y-%m").to_string());
    body["complete"] = json!([]);
    let techniques = ["T1059.001", "T1053.005", "T1003", "T1547.001"];
    let cells =
        techniques.map(|id| json!({"technique": id, "technology": "microsoft.windows", "value": 4 + more}));
    body["cells"] = json!(cells);
    text(&body)
}

fn may_read(world: &World, member: &Member) -> bool {
    match entitled(&world.app, member) {
        Ok(_) => true,
        Err(NotEntitled::UnderReview) => false,
        Err(other) => panic!("{other}"),
    }
}

fn found(world: &World, member: &Member) -> Vec<Reason> {
    let found = list_quarantine(&world.app).unwrap().into_iter();
    found.filter(|f| f.finding.organisation == member.organisation).map(|f| f.finding.reason).collect()
}

#[test]
fn a_review_holds_until_the_next_one_and_a_clearance_as_long_as_nothing_changes() {
    for world in worlds() {
        let (member, uploads) = settle(&world);
        let month = || world.clock.advance(TimeDelta::days(31));
        publish(&world.app).unwrap();
        assert!(may_read(&world, &member));

        for id in &uploads {
            withdraw_snapshot(&world.app, &member, id).unwrap();
        }
        upload_snapshot(&world.app, &member, &constant(&world, 0), None, true).unwrap();
        assert!(may_read(&world, &member), "nothing shows before the cut-off");
        month();
        publish(&world.app).unwrap();
        assert!(!may_read(&world, &member));
        assert_eq!(found(&world, &member), [Reason::AllEqual]);
        let remind = readiness(&world.app, Basis::Deployed).unwrap().remind;
        let why = remind.iter().find(|reminder| reminder.organisation == member.organisation).map(|r| r.why);
        assert_eq!(why, Some(Why::UnderReview));

        let cleared =
            clear_quarantine(&world.app, &Caller::console(), std::slice::from_ref(&member.organisation))
                .unwrap();
        assert_eq!(cleared, std::slice::from_ref(&member.organisation));
        assert!(may_read(&world, &member));
        month();
        publish(&world.app).unwrap();
        assert!(may_read(&world, &member), "the same contribution is not set aside again");
        assert_eq!(found(&world, &member), []);

        // Another one is, and what is no longer odd ends by itself at the next cut-off.
        world.clock.advance(TimeDelta::seconds(1));
        upload_snapshot(&world.app, &member, &constant(&world, 1), None, true).unwrap();
        month();
        publish(&world.app).unwrap();
        assert!(!may_read(&world, &member));
        let mut mixed: serde_json::Value = serde_json::from_slice(&constant(&world, 1)).unwrap();
        mixed["cells"][0]["value"] = json!(3);
        upload_snapshot(&world.app, &member, &text(&mixed), None, true).unwrap();
        assert!(!may_read(&world, &member));
        month();
        publish(&world.app).unwrap();
        assert!(may_read(&world, &member));
    }
}
