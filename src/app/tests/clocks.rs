//! Clocks that jump, with faked time.

use chrono::TimeDelta;

use crate::{
    app::{
        clock_check::{ClockDoubt, observe},
        lease::{LeaseError, PUBLICATION, clear, hold},
        publish_release::{PublishError, publish_release, publish_release_anyway},
        schedule::Schedule,
        testing::{snapshot, text, worlds},
        tests::publications::settle,
        upload_snapshot::{UploadSnapshotError, upload_snapshot},
    },
    domain::access::ClientId,
    environment::Clock as _,
};

#[test]
fn a_clock_that_jumped_publishes_nothing_by_itself() {
    for world in worlds() {
        let (app, operator) = (&world.app, ClientId::new("operator"));
        settle(&world);
        let right = world.clock.now();
        observe(app).unwrap();
        for jump in [TimeDelta::hours(-1), TimeDelta::days(-400), TimeDelta::days(400)] {
            world.clock.set(right + jump);
            let refused = publish_release(app, &operator, None).unwrap_err();
            assert!(matches!(refused, PublishError::Clock(_)) && refused.is_refusal(), "{refused}");
            assert!(refused.to_string().contains("--force"), "{refused}");
            assert!(Schedule::default().tick(app).unwrap().is_none());
        }
        world.clock.set(right - TimeDelta::seconds(30));
        publish_release(app, &operator, None).expect("clocks of replicas differ a little");
        world.clock.set(right + TimeDelta::days(400));
        // Everything is stale then, which is another matter: members must be able to upload.
        let member = world.member("late");
        let late = || {
            let mut late = snapshot();
            late["period"] = world.clock.now().format("%Y-%m").to_string().into();
            upload_snapshot(app, &member, &text(&late), None, false)
        };
        assert!(matches!(late(), Err(UploadSnapshotError::Clock(ClockDoubt::Ahead { .. }))));
        let refused = publish_release_anyway(app, &operator).unwrap_err();
        assert!(refused.is_refusal() && !matches!(refused, PublishError::Clock(_)), "{refused}");
        late().expect("the operator has said that the clock is right");
    }
}

#[test]
fn a_quiet_communitys_release_is_not_stopped() {
    for world in worlds() {
        let app = &world.app;
        settle(&world);
        publish_release(app, &ClientId::new("operator"), None).unwrap();
        // A service that runs notes the time, whether anybody uploads or not; the rules may refuse releases meanwhile.
        for _ in 0..200 {
            world.clock.advance(TimeDelta::days(1));
            assert_eq!(observe(app).unwrap(), None);
        }
        let outcome = publish_release(app, &ClientId::new("operator"), None);
        assert!(!matches!(outcome, Err(PublishError::Clock(_))), "{outcome:?}");
    }
}

#[test]
fn a_jump_is_noticed_and_not_taken_for_the_time() {
    for world in worlds() {
        let app = &world.app;
        let right = world.clock.now();
        assert_eq!(observe(app).unwrap(), None);
        world.clock.set(right + TimeDelta::days(400));
        assert!(matches!(observe(app).unwrap(), Some(ClockDoubt::Ahead { .. })));
        world.clock.set(right + TimeDelta::seconds(90));
        assert_eq!(observe(app).unwrap(), None);
        world.clock.set(right - TimeDelta::days(1));
        assert!(matches!(observe(app).unwrap(), Some(ClockDoubt::Behind { .. })));
        world.clock.set(right + TimeDelta::seconds(120));
        assert_eq!(observe(app).unwrap(), None);
    }
}

#[test]
fn an_upload_that_would_never_count_is_refused_or_said() {
    for world in worlds() {
        let (app, member) = (&world.app, world.member("A"));
        let right = world.clock.now();
        observe(app).unwrap();
        let upload = |text: &[u8]| upload_snapshot(app, &member, text, None, false);
        let first = upload(&text(&snapshot())).unwrap();
        assert!(!first.preview.stale && !first.preview.superseded);
        world.clock.set(right - TimeDelta::hours(1));
        assert!(matches!(
            upload(&text(&snapshot())),
            Err(UploadSnapshotError::Clock(ClockDoubt::Behind { .. }))
        ));
        world.clock.set(right + TimeDelta::days(400));
        assert!(matches!(
            upload(&text(&snapshot())),
            Err(UploadSnapshotError::Clock(ClockDoubt::Ahead { .. }))
        ));
        world.clock.set(right + TimeDelta::hours(1));
        let mut earlier = snapshot();
        earlier["period"] = "2026-10".into();
        let uploaded = upload(&text(&earlier)).unwrap();
        assert!(uploaded.preview.superseded && !uploaded.preview.stale);
        earlier["period"] = "2020-01".into();
        earlier["producer"]["feed"] = 2.into();
        let uploaded = upload(&text(&earlier)).unwrap();
        assert!(uploaded.preview.stale && !uploaded.preview.superseded);
    }
}

#[test]
fn a_lease_never_outlives_its_term() {
    for world in worlds() {
        let app = &world.app;
        let right = world.clock.now();
        let taken = |name| {
            let outcome: Result<(), PublishError> = hold(app, name, |_| Ok(()));
            matches!(outcome, Err(PublishError::Busy(LeaseError::Taken(_))))
        };
        let holding = |work: &dyn Fn()| {
            hold(app, PUBLICATION, |lease| {
                work();
                app.db.write("prove", |conn| lease.prove::<PublishError>(conn))
            })
        };
        holding(&|| assert!(taken(PUBLICATION))).expect("nobody took it");
        // The clock was a day ahead when the lease was taken, and is right again.
        world.clock.set(right + TimeDelta::days(1));
        let outcome = holding(&|| {
            world.clock.set(right);
            assert!(!taken(PUBLICATION), "it would be held for a day");
        });
        assert!(matches!(outcome, Err(PublishError::Busy(LeaseError::Lost))), "{outcome:?}");
        let outcome = holding(&|| {
            assert!(clear(app, PUBLICATION).unwrap());
            assert!(!taken(PUBLICATION));
        });
        assert!(matches!(outcome, Err(PublishError::Busy(LeaseError::Lost))), "{outcome:?}");
        assert!(!clear(app, PUBLICATION).unwrap());
    }
}
