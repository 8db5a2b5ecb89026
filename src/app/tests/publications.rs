//! Publishing: every step can be the last one of a process, and a release comes once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use chrono::TimeDelta;

use crate::{
    app::{
        App, Caller, Member,
        community::{Parameters, generate},
        create_organisation::NewOrganisation,
        join_community::join,
        probes::Step,
        publish_release::{PublishError, publish_release},
        published::Published,
        schedule::{Schedule, due},
        set_standing::set_standing,
        testing::{World, snapshot, text, worlds},
        tests::log_of,
        update_organisation::{Change, update_organisation},
        upload_snapshot::upload_snapshot,
        withdraw_snapshot::withdraw_snapshot,
    },
    domain::{
        access::ClientId,
        audit::Action,
        calendar::Month,
        dimension::Dimension,
        organisation::{Standing, Tenant},
        snapshot::SnapshotId,
    },
    environment::Clock as _,
    store::{
        self, StoreError,
        release::{Packed, Release, Table},
    },
};

const ORGANISATIONS: u32 = 30;

/// A community that has waited long enough for its first release; the snapshots of the last member that has one.
pub(super) fn settle(world: &World) -> (Member, Vec<SnapshotId>) {
    let app = &world.app;
    let attack = app.attack();
    let canonical = attack.catalogues.canonical().unwrap();
    let month = Month::of(world.clock.now()).unwrap();
    let parameters = Parameters { seed: 7, organisations: ORGANISATIONS, month };
    let mut last = None;
    for member in generate(parameters, &[canonical], &app.registry) {
        world.clock.advance(TimeDelta::seconds(1));
        let new = NewOrganisation { control_group: None, ..(&member).into() };
        let (organisation, uploads) = join(app, &new, true, &member.snapshots).unwrap();
        if !uploads.is_empty() {
            last = Some((
                Member { client: ClientId::new("settlement"), organisation: organisation.id },
                uploads,
            ));
        }
    }
    world.clock.advance(TimeDelta::days(8));
    last.unwrap()
}

pub(super) fn publish(app: &App) -> Result<Release, PublishError> {
    publish_release(app, &Caller::console().client, None)
}

fn latest(app: &App) -> Option<u32> {
    app.db.read(store::release::latest_number).unwrap()
}

/// The digest that an undisturbed publication has, of the first database.
fn undisturbed(prepare: impl FnOnce(&World, &Member, &[SnapshotId])) -> String {
    let world = worlds().swap_remove(0);
    let (member, uploads) = settle(&world);
    prepare(&world, &member, &uploads);
    publish(&world.app).unwrap().digest
}

/// A process on the world's database that ends abruptly after a step.
fn crash_after(world: &World, step: Step) {
    let dying = world.process(move |reached| assert_ne!(reached, step, "killed"));
    assert!(catch_unwind(AssertUnwindSafe(|| publish(&dying))).is_err());
}

#[test]
fn a_crash_at_any_step_is_resumed_and_publishes_the_same() {
    let expected = undisturbed(|_, _, _| ());
    for step in [Step::Frozen, Step::Aggregated, Step::Computed, Step::Published] {
        for world in worlds() {
            settle(&world);
            let cut_off = world.clock.now();
            crash_after(&world, step);
            let published = step == Step::Published;
            assert_eq!(latest(&world.app), published.then_some(1), "{step:?}");
            assert!(matches!(publish(&world.app), Err(PublishError::Busy(_))), "its lease is still running");
            world.clock.advance(TimeDelta::seconds(31));
            let release = publish(&world.app).unwrap();
            if published {
                // What was published stays, and this is the next one.
                assert_eq!((release.number, release.digest), (2, expected.clone()));
            } else {
                assert_eq!((release.number, release.cut_off, release.digest), (1, cut_off, expected.clone()));
            }
            let log = log_of(&world, Tenant::Platform);
            let published = log.iter().filter(|action| **action == Action::ReleasePublished).count();
            assert_eq!(u32::try_from(published).unwrap(), release.number);
            assert_eq!(world.app.db.read(store::release::open).unwrap(), None);
            assert_eq!(world.app.db.read(|c| store::release::subjects(c, 1, None, 9)).unwrap(), []);
        }
    }
}

#[test]
fn a_release_that_a_clock_of_the_future_froze_is_taken_back() {
    for step in [Step::Frozen, Step::Computed] {
        for world in worlds() {
            settle(&world);
            let now = world.clock.now();
            world.clock.advance(TimeDelta::days(10));
            crash_after(&world, step);
            world.clock.set(now + TimeDelta::minutes(1));
            assert!(
                matches!(publish(&world.app), Err(PublishError::Clock(_))),
                "{step:?}: not without being told to"
            );
            assert_eq!((latest(&world.app), world.app.db.read(store::release::open).unwrap()), (None, None));
        }
    }
}

#[test]
fn what_comes_after_the_cut_off_does_not_count_and_what_is_withdrawn_neither() {
    let expected = undisturbed(|world, member, uploads| {
        for id in uploads {
            withdraw_snapshot(&world.app, member, id).unwrap();
        }
    });
    assert_ne!(expected, undisturbed(|_, _, _| ()), "it makes a difference");
    for step in [Step::Frozen, Step::Computed] {
        for world in worlds() {
            let (member, uploads) = settle(&world);
            crash_after(&world, step);
            world.clock.advance(TimeDelta::seconds(31));
            for id in &uploads {
                withdraw_snapshot(&world.app, &member, id).unwrap();
            }
            upload_snapshot(&world.app, &member, &text(&snapshot()), None, true).unwrap();
            // The others change as well: a profile, a standing, a new member.
            let others = world.app.db.read(|conn| store::organisation::list(conn, None, 2)).unwrap();
            let change = Change {
                dimensions: [(Dimension::SECTOR, "health".to_owned())].into_iter().collect(),
                ..Change::default()
            };
            update_organisation(&world.app, &Caller::console(), &others[0].id, &change).unwrap();
            set_standing(&world.app, &Caller::console(), &others[1].id, Standing::Suspended).unwrap();
            world.member("Newcomer");
            assert_eq!(publish(&world.app).unwrap().digest, expected, "{step:?}");
        }
    }
}

#[test]
fn a_snapshot_that_is_withdrawn_while_the_release_is_computed_is_not_in_it() {
    let expected = undisturbed(|world, member, uploads| {
        for id in uploads {
            withdraw_snapshot(&world.app, member, id).unwrap();
        }
    });
    for world in worlds() {
        let (member, uploads) = settle(&world);
        let other = Arc::new(world.process(|_| ()));
        let app = world.process(move |step| {
            if step == Step::Aggregated {
                for id in &uploads {
                    // The second time it is gone.
                    let _ = withdraw_snapshot(&other, &member, id);
                }
            }
        });
        assert_eq!(publish(&app).unwrap().digest, expected);
    }
}

#[test]
fn who_lost_its_lease_writes_nothing() {
    for world in worlds() {
        settle(&world);
        let (clock, other) = (Arc::clone(&world.clock), world.process(|_| ()));
        let slow = world.process(move |step| {
            if step == Step::Frozen {
                clock.advance(TimeDelta::minutes(1));
                publish(&other).unwrap();
            }
        });
        assert!(matches!(publish(&slow), Err(PublishError::Busy(_))));
        assert_eq!(latest(&world.app), Some(1));
        let log = log_of(&world, Tenant::Platform);
        assert_eq!(log.iter().filter(|action| **action == Action::ReleasePublished).count(), 1);
    }
}

#[test]
fn a_repeated_request_is_answered_as_the_first_one() {
    for world in worlds() {
        settle(&world);
        let operator = Caller::console().client;
        let ask = |key| publish_release(&world.app, &operator, Some(key));
        let first = ask("one").unwrap();
        assert_eq!(ask("one").unwrap(), first);
        assert_eq!(ask("two").unwrap().number, first.number + 1);
        assert_eq!(ask("one").unwrap(), first);
    }
}

#[test]
fn a_release_comes_by_itself_once_when_it_is_due() {
    for world in worlds() {
        let mut schedules: Vec<(App, Schedule)> =
            (0..3).map(|_| (world.process(|_| ()), Schedule::default())).collect();
        let mut tick = || {
            std::thread::scope(|scope| {
                let ticks: Vec<_> = schedules
                    .iter_mut()
                    .map(|(app, schedule)| scope.spawn(|| schedule.tick(app).unwrap()))
                    .collect();
                ticks.into_iter().filter_map(|tick| tick.join().unwrap()).count()
            })
        };
        assert_eq!(tick(), 0, "there is nobody");
        settle(&world);
        world.clock.advance(TimeDelta::days(-2));
        assert_eq!(tick(), 0, "seven days have not passed");
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(tick(), 1, "one of them publishes");
        assert_eq!(tick(), 0);
        assert_eq!(latest(&world.app), Some(1));
        world.clock.advance(TimeDelta::days(29));
        assert!(!world.app.db.read(|conn| due(conn, &world.app, world.clock.now())).unwrap());
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(tick(), 1, "one of them publishes the next");
        assert_eq!(latest(&world.app), Some(2));
        assert_eq!(world.app.db.read(store::release::open).unwrap(), None);
    }
}

#[test]
fn a_release_that_another_configuration_began_is_taken_back() {
    for mut world in worlds() {
        settle(&world);
        crash_after(&world, Step::Computed);
        world.clock.advance(TimeDelta::days(1));
        world.app.parameters.k = 21;
        let release = publish(&world.app).unwrap();
        assert_eq!(release.cut_off, world.clock.now(), "it is frozen anew");
        assert!(release.parameters.contains("\"k\":21"), "{}", release.parameters);
        let read = world.app.db.read(|conn| Ok::<_, StoreError>(store::release::list(conn, None, 10)?.len()));
        assert_eq!(read.unwrap(), 1);
    }
}

#[test]
fn what_a_later_version_published_is_read_or_named() {
    let world = worlds().swap_remove(0);
    settle(&world);
    let release = publish(&world.app).unwrap();
    let tables = world.app.db.read(|conn| store::release::tables(conn, 1)).unwrap();
    let facts = world.app.facts_for(release.attack).unwrap();
    let read = |parameters: String, tables: &[Table]| {
        let release = Release { parameters, ..release.clone() };
        Published::read(release, tables, Arc::clone(&facts)).map_err(|error| error.to_string())
    };
    let with = |then: &str, now: &str| release.parameters.replace(then, now);

    let later = read(with("\"k\":20", "\"k\":20,\"breadth\":{\"a\":1}"), &tables).unwrap();
    assert_eq!(later.terms.parameters.unknown, ["breadth"]);
    assert_eq!(later.terms.parameters.known, world.app.parameters);
    let preset = read(with("\"default\"", "\"regulator\""), &tables).unwrap_err();
    assert!(preset.contains("release 1 is unreadable") && preset.contains("`regulator`"), "{preset}");

    let text = String::from_utf8(tables[0].body.text().unwrap()).unwrap();
    let (_, rest) = text.split_once(',').unwrap();
    let body = Packed::new(format!("{{\"members\":\"1000+\",{rest}").as_bytes()).unwrap();
    let band = read(release.parameters.clone(), &[Table { body, ..tables[0].clone() }]).unwrap_err();
    assert!(band.contains("the band `1000+`, which this version doesn't know"), "{band}");
}
