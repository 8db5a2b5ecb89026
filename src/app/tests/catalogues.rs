//! Imported ATT&CK versions.

use std::sync::Arc;

use crate::{
    app::{
        Caller,
        import_catalogue::{Outcome, import_catalogue},
        list_catalogues::list_catalogues,
        testing::worlds,
        tests::entries_of,
    },
    domain::{
        attack::{AttackVersion, Catalogue, Catalogues, compact},
        audit::Action,
        organisation::Tenant,
    },
};

fn version(text: &str) -> AttackVersion {
    text.parse().unwrap()
}

/// The newest bundled version under another number.
fn renumbered(number: &str) -> Catalogue {
    let newest = Arc::clone(Catalogues::bundled().canonical().unwrap());
    let text = compact::to_json(&newest).unwrap();
    let from = format!("\"version\": \"{}\"", newest.version());
    compact::from_json(&text.replacen(&from, &format!("\"version\": \"{number}\""), 1)).unwrap()
}

#[test]
fn an_imported_version_is_used_at_once_and_logged() {
    for world in worlds() {
        let import =
            |number: &str| import_catalogue(&world.app, &Caller::console(), &renumbered(number)).unwrap();
        assert_eq!(import("17.1"), Outcome { replaced: false, canonical: Some(version("19.2")) });
        assert_eq!(import("20.0"), Outcome { replaced: false, canonical: Some(version("20.0")) });
        assert_eq!(import("18.1"), Outcome { replaced: true, canonical: Some(version("20.0")) });
        assert_eq!(import("20.0"), Outcome { replaced: true, canonical: Some(version("20.0")) });
        let facts = world.app.attack().facts.clone().unwrap();
        assert_eq!(facts.catalogue().version(), version("20.0"));

        let listed = list_catalogues(&world.app).unwrap();
        let told: Vec<_> = listed
            .iter()
            .map(|known| {
                (known.catalogue.version().to_string(), known.imported_at.is_some(), known.canonical)
            })
            .collect();
        let expected = [
            ("17.1", true, false),
            ("18.1", true, false),
            ("19.0", false, false),
            ("19.1", false, false),
            ("19.2", false, false),
            ("20.0", true, true),
        ];
        assert_eq!(
            told,
            expected.map(|(number, imported, canonical)| (number.to_owned(), imported, canonical))
        );

        let log = entries_of(&world, Tenant::Platform);
        assert_eq!(log.len(), 4);
        assert!(log.iter().all(|entry| entry.action == Action::CatalogueImported));
        assert_eq!(log.iter().filter(|entry| entry.object.as_deref() == Some("20.0")).count(), 2);
    }
}
