//! Many organisations from CSV.

use crate::{
    app::{
        Caller,
        import_organisations::{ImportOrganisationsError, LineError, import_organisations},
        list_organisations::list_organisations,
        testing::{World, worlds},
        tests::log_of,
    },
    domain::{
        attack::{Platform, PlatformSet},
        audit::Action,
        organisation::Tenant,
    },
};

fn errors(world: &World, csv: &str) -> Vec<LineError> {
    match import_organisations(&world.app, &Caller::console(), csv.as_bytes(), None) {
        Err(ImportOrganisationsError::Invalid(errors)) => {
            assert_eq!(list_organisations(&world.app, None, 10).unwrap().items, [], "all or nothing");
            errors
        }
        other => panic!("it must be refused: {other:?}"),
    }
}

#[test]
fn every_line_becomes_an_organisation() {
    for world in worlds() {
        let csv = "\u{feff}name,region,sector,size,platforms,control_group\r\n\
                   Alder Bank,europe,finance,large,Windows; linux ;Office Suite,\r\n\
                   \"Birch, Credit\",africa,finance,small,,alder\r\n";
        let import = || import_organisations(&world.app, &Caller::console(), csv.as_bytes(), Some("key"));
        let ids = import().unwrap();
        assert_eq!(import().unwrap(), ids, "a repetition imports nothing");
        let mut listed = list_organisations(&world.app, None, 10).unwrap().items;
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(listed.len(), 2);
        let (alder, birch) = (&listed[0], &listed[1]);
        assert_eq!((&alder.id, alder.name.as_str()), (&ids[0], "Alder Bank"));
        assert_eq!(alder.profile.control_group, alder.id.as_str());
        let platforms = [Platform::Windows, Platform::Linux, Platform::OfficeSuite];
        assert_eq!(alder.profile.platforms, platforms.into_iter().collect::<PlatformSet>());
        assert_eq!((birch.name.as_str(), birch.profile.control_group.as_str()), ("Birch, Credit", "alder"));
        assert_eq!(birch.profile.platforms, PlatformSet::EMPTY);
        assert_eq!(log_of(&world, Tenant::Platform), [Action::OrganisationCreated; 2]);
        assert_eq!(log_of(&world, Tenant::Organisation(&ids[1])), [Action::OrganisationCreated]);
    }
}

#[test]
fn every_error_is_said_with_its_line_and_nothing_is_imported() {
    for world in worlds() {
        let csv = "name,sector,size,region,control_group,platforms\n\
                   A,finance,small,europe,,\n\
                   B,gambling,small,atlantis,,\n\
                   C,finance,small,europe,,Windows;Amiga\n\
                   D,finance,small\n\
                   A,finance,small,europe,,\n\
                   ,finance,small,europe,,\n";
        let found = errors(&world, csv);
        let places: Vec<(u64, Option<&str>)> =
            found.iter().map(|error| (error.line, error.column.as_deref())).collect();
        assert_eq!(
            places,
            [
                (3, Some("sector")),
                (3, Some("region")),
                (4, Some("platforms")),
                (5, None),
                (6, Some("name")),
                (7, Some("name")),
            ]
        );
    }
}

#[test]
fn the_header_is_checked_first() {
    for world in worlds() {
        let found = errors(&world, "name,sector,size,size,notes\nA,finance,small,small,secret\n");
        let places: Vec<_> =
            found.iter().map(|error| (error.line, error.column.as_deref().unwrap())).collect();
        assert_eq!(places, [(1, "size"), (1, "notes"), (1, "region")]);
        assert!(found.iter().all(|error| !error.detail.contains("secret")));
        for csv in ["", "name,sector,size,region\n"] {
            assert!(!errors(&world, csv).is_empty(), "{csv}");
        }
    }
}

#[test]
fn a_hostile_file_has_a_short_answer() {
    for world in worlds() {
        let mut csv = "name,sector,size,region\n".to_owned();
        csv.extend((0..5000).map(|n| format!("{n},x,y,z\n")));
        let found = errors(&world, &csv);
        assert_eq!(found.len(), 201);
        assert_eq!(found.last().unwrap().detail, "14800 more errors are left out here");
    }
}
