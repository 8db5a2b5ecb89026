//! Organisations, and what the log says about them.

use chrono::TimeDelta;

use crate::{
    app::{
        Caller,
        create_organisation::{CreateOrganisationError, create_organisation},
        list_organisations::list_organisations,
        read_audit::read_audit,
        read_organisation::{ReadOrganisationError, read_organisation},
        rename_organisation::{RenameOrganisationError, rename_organisation},
        set_standing::{SetStandingError, set_standing},
        testing::{new_organisation, worlds},
        tests::log_of,
        update_organisation::{Change, UpdateOrganisationError, update_organisation},
    },
    domain::{
        attack::{Platform, PlatformSet},
        audit::Action,
        dimension::Dimension,
        organisation::{OrganisationId, Standing, Tenant},
    },
};

#[test]
fn a_new_organisation_is_unverified_and_its_own_control_group() {
    for world in worlds() {
        let created = world.organisation("  Alder Bank ");
        assert_eq!(created.name, "Alder Bank");
        assert_eq!(created.standing, Standing::Unverified);
        assert_eq!(created.profile.control_group, created.id.as_str());
        assert_eq!(read_organisation(&world.app, &created.id).unwrap(), created);
        assert_eq!(log_of(&world, Tenant::Organisation(&created.id)), [Action::OrganisationCreated]);
        assert_eq!(log_of(&world, Tenant::Platform), [Action::OrganisationCreated]);
    }
}

#[test]
fn everything_wrong_with_an_organisation_is_said_at_once() {
    for world in worlds() {
        let mut new = new_organisation("\u{7}");
        new.dimensions.set(Dimension::SECTOR, "gambling".to_owned());
        new.dimensions.set(Dimension::SIZE, String::new());
        new.control_group = Some(" ".to_owned());
        let Err(CreateOrganisationError::Invalid(errors)) =
            create_organisation(&world.app, &Caller::console(), &new, None)
        else {
            panic!("it must be refused")
        };
        let pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/sector", "/size", "/control_group", "/name"]);
        assert_eq!(list_organisations(&world.app, None, 10).unwrap().items, []);
    }
}

#[test]
fn a_repeated_creation_makes_one_organisation() {
    for world in worlds() {
        let create = |name: &str| {
            create_organisation(&world.app, &Caller::console(), &new_organisation(name), Some("key"))
        };
        let first = create("A").unwrap();
        assert_eq!(create("A").unwrap(), first);
        assert!(matches!(create("B"), Err(CreateOrganisationError::KeyReused(_))));
        assert_eq!(list_organisations(&world.app, None, 10).unwrap().items, [first]);
    }
}

#[test]
fn the_operator_changes_a_profile_and_a_standing() {
    for world in worlds() {
        let (app, operator) = (&world.app, Caller::console());
        let created = world.organisation("A");
        let linux = PlatformSet::EMPTY.with(Platform::Linux);
        let change = Change {
            dimensions: [(Dimension::REGION, "africa".to_owned())].into_iter().collect(),
            platforms: Some(linux),
            ..Change::default()
        };
        world.clock.advance(TimeDelta::seconds(1));
        let changed = update_organisation(app, &operator, &created.id, &change).unwrap();
        assert_eq!(
            (changed.profile.dimensions.get(Dimension::REGION).unwrap().as_str(), changed.profile.platforms),
            ("africa", linux)
        );
        assert_eq!(
            changed.profile.dimensions.get(Dimension::SECTOR),
            created.profile.dimensions.get(Dimension::SECTOR)
        );
        update_organisation(app, &operator, &created.id, &Change::default()).unwrap();
        world.clock.advance(TimeDelta::seconds(1));
        for _ in 0..2 {
            set_standing(app, &operator, &created.id, Standing::Verified).unwrap();
        }
        let stored = read_organisation(app, &created.id).unwrap();
        assert_eq!(stored.standing, Standing::Verified);
        assert_eq!(stored.profile, changed.profile);
        let told =
            [Action::OrganisationVerified, Action::OrganisationProfileChanged, Action::OrganisationCreated];
        assert_eq!(log_of(&world, Tenant::Organisation(&created.id)), told);
        assert_eq!(log_of(&world, Tenant::Platform), told);

        let wrong = Change {
            dimensions: [(Dimension::SIZE, "huge".to_owned())].into_iter().collect(),
            ..Change::default()
        };
        let refused = update_organisation(app, &operator, &created.id, &wrong);
        assert!(
            matches!(refused, Err(UpdateOrganisationError::Invalid(errors)) if errors[0].pointer == "/size")
        );
        let nobody = OrganisationId::new("nobody");
        let refused = update_organisation(app, &operator, &nobody, &change);
        assert!(matches!(refused, Err(UpdateOrganisationError::UnknownOrganisation)));
        let refused = set_standing(app, &operator, &nobody, Standing::Verified);
        assert!(matches!(refused, Err(SetStandingError::UnknownOrganisation)));
        let refused = read_organisation(app, &nobody);
        assert!(matches!(refused, Err(ReadOrganisationError::UnknownOrganisation)));
    }
}

#[test]
fn a_member_changes_its_name_and_nothing_else() {
    for world in worlds() {
        let member = world.member("A");
        let before = read_organisation(&world.app, &member.organisation).unwrap();
        let after = rename_organisation(&world.app, &member, " Harbour Bank ").unwrap();
        assert_eq!(after.name, "Harbour Bank");
        assert_eq!(after.profile, before.profile);
        assert_eq!(read_organisation(&world.app, &member.organisation).unwrap(), after);
        for name in ["", "  ", "a\nb", &"x".repeat(201)] {
            let refused = rename_organisation(&world.app, &member, name);
            assert!(matches!(refused, Err(RenameOrganisationError::Invalid(_))), "{name:?}");
        }
    }
}

#[test]
fn lists_come_in_pages_without_gap_or_overlap() {
    for world in worlds() {
        for n in 0..5 {
            world.clock.advance(TimeDelta::seconds(1));
            world.organisation(&format!("Organisation {n}"));
        }
        let (mut names, mut next) = (Vec::new(), None);
        loop {
            let page = list_organisations(&world.app, next.as_ref(), 2).unwrap();
            names.extend(page.items.into_iter().map(|organisation| organisation.name));
            next = page.next.map(OrganisationId::new);
            if next.is_none() {
                break;
            }
        }
        assert_eq!(names, (0..5).map(|n| format!("Organisation {n}")).collect::<Vec<_>>());

        let first = read_audit(&world.app, Tenant::Platform, None, 3).unwrap();
        let second = read_audit(&world.app, Tenant::Platform, first.next.as_deref(), 3).unwrap();
        assert_eq!((first.items.len(), second.items.len(), second.next), (3, 2, None));
        assert!(first.items.iter().all(|newer| second.items.iter().all(|older| newer.at > older.at)));
    }
}
