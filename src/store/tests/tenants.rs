//! Organisations, clients, idempotency keys and the audit log.

use crate::{
    domain::{
        access::{Client, ClientId, Scope},
        attack::{Platform, PlatformSet},
        audit::{Action, Entry},
        dimension::Dimension,
        organisation::{OrganisationId, Standing, Tenant},
    },
    store::{
        StoreError, audit, client,
        idempotency::{self, First, Owner},
        organisation,
        testing::databases,
        tests::{add_organisations, at, organisation_named},
    },
};

fn client_of(id: &str, organisation: Option<&str>) -> Client {
    Client {
        id: ClientId::new(id),
        organisation: organisation.map(OrganisationId::new),
        scopes: vec![Scope::SnapshotsWrite, Scope::ComparisonsRead],
        created_at: at("2026-11-02T00:00:00Z"),
        revoked_at: None,
        name: format!("client {id}"),
        created_by: Some(ClientId::new("maker")),
        expires_at: Some(at("2030-01-01T00:00:00Z")),
        last_used_at: None,
    }
}

#[test]
fn an_organisation_comes_back_as_written_and_changes() {
    for database in databases() {
        let id = OrganisationId::new("a");
        let now = at("2026-11-03T00:00:00Z");
        database
            .db
            .write("test", |conn| {
                add_organisations(conn, &["a", "b"])?;
                assert_eq!(organisation::get(conn, &id)?, Some(organisation_named("a")));
                let mut profile = organisation_named("a").profile;
                profile.dimensions.set(Dimension::SECTOR, "retail".to_owned());
                profile.platforms = PlatformSet::EMPTY.with(Platform::Linux);
                assert!(organisation::set_profile(conn, &id, &profile, now)?);
                assert!(organisation::set_standing(conn, &id, Standing::Verified, now)?);
                assert!(organisation::rename(conn, &id, "New name", now)?);
                let changed = organisation::get(conn, &id)?.unwrap();
                assert_eq!((changed.profile, changed.standing), (profile, Standing::Verified));
                assert_eq!(changed.name, "New name");
                assert_eq!(
                    organisation::get(conn, &OrganisationId::new("b"))?,
                    Some(organisation_named("b"))
                );
                let missing = OrganisationId::new("c");
                assert!(!organisation::rename(conn, &missing, "x", now)?);
                assert!(!organisation::set_standing(conn, &missing, Standing::Verified, now)?);
                assert_eq!(organisation::get(conn, &missing)?, None);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}

#[test]
fn many_organisations_are_added_and_paged() {
    for database in databases() {
        let ids: Vec<String> = (0..2500).map(|n| format!("{n:05}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        database.db.write("test", |conn| add_organisations(conn, &ids)).unwrap();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = database.db.read(|conn| organisation::list(conn, after.as_ref(), 999)).unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            seen.extend(page.into_iter().map(|o| o.id.as_str().to_owned()));
        }
        assert_eq!(seen, ids);
    }
}

#[test]
fn clients_belong_to_one_tenant_and_are_revoked_once() {
    for database in databases() {
        let (a, b) = (OrganisationId::new("a"), OrganisationId::new("b"));
        let (own, foreign) = (Tenant::Organisation(&a), Tenant::Organisation(&b));
        let now = at("2026-11-03T00:00:00Z");
        database
            .db
            .write("test", |conn| {
                add_organisations(conn, &["a", "b"])?;
                for client in [client_of("1", Some("a")), client_of("2", Some("b")), client_of("3", None)] {
                    client::insert(conn, &client)?;
                }
                organisation::set_standing(conn, &a, Standing::Suspended, now)?;

                let found = client::credentials(conn, &ClientId::new("1"))?.unwrap();
                assert_eq!(found.client, client_of("1", Some("a")));
                assert_eq!((found.secret_hashes.len(), found.standing), (0, Some(Standing::Suspended)));
                assert_eq!(client::credentials(conn, &ClientId::new("3"))?.unwrap().standing, None);
                assert_eq!(client::credentials(conn, &ClientId::new("4"))?, None);

                assert_eq!(client::list(conn, own, None, 10)?, vec![client_of("1", Some("a"))]);
                assert_eq!(client::list(conn, Tenant::Platform, None, 10)?, vec![client_of("3", None)]);
                assert_eq!(client::list(conn, own, Some(&ClientId::new("1")), 10)?, vec![]);

                assert!(!client::revoke(conn, foreign, &ClientId::new("1"), now)?, "a foreign id is absent");
                assert!(!client::revoke(conn, Tenant::Platform, &ClientId::new("1"), now)?);
                assert!(client::revoke(conn, own, &ClientId::new("1"), now)?);
                assert!(!client::revoke(conn, own, &ClientId::new("1"), at("2026-11-04T00:00:00Z"))?);
                let revoked = client::credentials(conn, &ClientId::new("1"))?.unwrap().client.revoked_at;
                assert_eq!(revoked, Some(now));
                assert!(client::revoke(conn, Tenant::Platform, &ClientId::new("3"), now)?);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let orphan = client_of("5", Some("nobody"));
        assert!(database.db.write("orphan", |conn| client::insert(conn, &orphan)).is_err());
    }
}

#[test]
fn a_key_is_found_by_its_owner_alone_and_the_first_answer_stays() {
    for database in databases() {
        let (a, b) = (OrganisationId::new("a"), OrganisationId::new("b"));
        let (one, two) = (ClientId::new("1"), ClientId::new("2"));
        let owner = Owner { tenant: Tenant::Organisation(&a), client: &one };
        let first = |answer: &str, created_at: &str| First {
            operation: "upload".to_owned(),
            request_hash: "hash".to_owned(),
            answer: answer.to_owned(),
            created_at: at(created_at),
        };
        database
            .db
            .write("test", |conn| {
                idempotency::insert(conn, owner, "key", &first("{\"id\":1}", "2026-11-01T00:00:00Z"))?;
                idempotency::insert(conn, owner, "key", &first("{\"id\":2}", "2026-11-02T00:00:00Z"))?;
                let found = idempotency::find(conn, owner, "key")?;
                assert_eq!(found, Some(first("{\"id\":1}", "2026-11-01T00:00:00Z")));
                for other in [
                    Owner { tenant: Tenant::Organisation(&b), client: &one },
                    Owner { tenant: Tenant::Organisation(&a), client: &two },
                    Owner { tenant: Tenant::Platform, client: &one },
                ] {
                    assert_eq!(idempotency::find(conn, other, "key")?, None);
                    idempotency::forget(conn, other, at("2027-01-01T00:00:00Z"))?;
                }
                idempotency::forget(conn, owner, at("2026-11-01T00:00:00Z"))?;
                assert!(idempotency::find(conn, owner, "key")?.is_some());
                idempotency::forget(conn, owner, at("2026-11-01T00:00:01Z"))?;
                assert_eq!(idempotency::find(conn, owner, "key")?, None);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}

#[test]
fn a_tenants_log_is_its_own_and_newest_first() {
    for database in databases() {
        let (a, b) = (OrganisationId::new("a"), OrganisationId::new("b"));
        let entry = |id: &str, action, when: &str| Entry {
            id: id.to_owned(),
            at: at(when),
            actor: ClientId::new("1"),
            action,
            object: Some("object".to_owned()),
        };
        let entries = [
            entry("1", Action::SnapshotUploaded, "2026-11-01T00:00:00.5Z"),
            entry("2", Action::SnapshotWithdrawn, "2026-11-02T00:00:00Z"),
            entry("3", Action::SnapshotUploaded, "2026-11-03T00:00:00Z"),
        ];
        database
            .db
            .write("test", |conn| {
                assert_eq!(audit::first(conn, Action::SnapshotUploaded)?, None);
                audit::record(conn, Tenant::Organisation(&a), &entries)?;
                let list = audit::list(conn, Tenant::Organisation(&a), None, 2)?;
                assert_eq!(list, [entries[2].clone(), entries[1].clone()]);
                let rest = audit::list(conn, Tenant::Organisation(&a), Some("2"), 2)?;
                assert_eq!(rest, [entries[0].clone()]);
                for other in [Tenant::Organisation(&b), Tenant::Platform] {
                    assert_eq!(audit::list(conn, other, None, 9)?, vec![]);
                }
                assert_eq!(audit::first(conn, Action::SnapshotUploaded)?, Some(entries[0].at));
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}
