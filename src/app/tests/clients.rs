//! Clients and tokens.

use chrono::TimeDelta;

use crate::{
    app::{
        App, Caller, KeyReused,
        authenticate::{AuthenticateError, admit, admit_at_once},
        change_client::{add_secret, remove_secret},
        create_client::{CreateClientError, create_client},
        issue_token::{IssueTokenError, issue_token},
        list_clients::list_clients,
        revoke_client::{RevokeClientError, revoke_client},
        set_standing::set_standing,
        testing::worlds,
        tests::{entries_of, log_of},
    },
    auth::TokenError,
    domain::{
        access::{ClientId, Scope},
        audit::Action,
        organisation::{OrganisationId, Standing, Tenant},
    },
};

/// As a request does it, in both ways.
fn authenticate(app: &App, token: &str) -> Result<Caller, AuthenticateError> {
    let claims = app.tokens.verify(token, app.clock.as_ref())?;
    let admitted = admit(app, &claims);
    // The second time from what is remembered.
    for _ in 0..2 {
        if let Some(at_once) = admit_at_once(app, &claims) {
            assert_eq!(format!("{at_once:?}"), format!("{admitted:?}"));
        }
    }
    admitted.map(|admitted| admitted.caller)
}

#[test]
fn a_client_gets_a_token_that_says_who_it_is() {
    for world in worlds() {
        let app = &world.app;
        let organisation = world.organisation("A");
        let created = world.client(&organisation);
        let caller = authenticate(app, &world.token(&created)).unwrap();
        assert_eq!(caller.client, created.client.id);
        assert_eq!(caller.organisation, Some(organisation.id.clone()));
        assert_eq!(caller.scopes, Scope::MEMBER);

        let operator = create_client(app, &Caller::console(), None, None, None).unwrap();
        let caller = authenticate(app, &world.token(&operator)).unwrap();
        assert_eq!((caller.organisation.clone(), caller.scopes.clone()), (None, vec![Scope::PlatformAdmin]));
        assert!(caller.member().is_none() && caller.may(Scope::PlatformAdmin));
    }
}

#[test]
fn what_a_removed_secret_opened_ends_with_its_token() {
    for world in worlds() {
        let app = &world.app;
        let organisation = world.organisation("A");
        let (staying, other) = (world.client(&organisation), world.client(&organisation));
        let claims = |created| app.tokens.verify(&world.token(created), app.clock.as_ref()).unwrap();
        let (staying_claims, before) = (claims(&staying), claims(&other));
        let caller = Caller::console();
        let (second, _) = add_secret(app, &caller, &organisation.id, &other.client.id).unwrap();
        world.clock.advance(TimeDelta::minutes(1));
        remove_secret(app, &caller, &organisation.id, &other.client.id, &second.id).unwrap();
        world.clock.advance(TimeDelta::minutes(1));
        let after = claims(&other);
        // Programs have no gap: what they hold is good until they ask for the next.
        assert!(admit(app, &before).is_ok());
        world.clock.advance(TimeDelta::minutes(15));
        // From here on only a session still holds these claims.
        assert!(matches!(admit(app, &before), Err(AuthenticateError::SecretRemoved)));
        assert!(admit(app, &after).is_ok() && admit(app, &staying_claims).is_ok());
    }
}

#[test]
fn a_token_is_narrowed_and_never_widened() {
    for world in worlds() {
        let app = &world.app;
        let organisation = world.organisation("A");
        let held = [Scope::SnapshotsRead, Scope::ComparisonsRead];
        let created =
            create_client(app, &Caller::console(), Some(&organisation.id), Some(&held), None).unwrap();
        let (id, secret) = (created.client.id.as_str(), created.secret.as_ref().unwrap().reveal());
        let scopes = |asked| issue_token(app, id, secret, asked).map(|issued| issued.scopes);
        assert_eq!(scopes(None).unwrap(), held);
        assert_eq!(scopes(Some("")).unwrap(), held);
        assert_eq!(scopes(Some("comparisons:read comparisons:read")).unwrap(), [Scope::ComparisonsRead]);
        for asked in ["snapshots:write", "platform:admin", "comparisons:read other", "COMPARISONS:READ"] {
            assert!(matches!(scopes(Some(asked)), Err(IssueTokenError::InvalidScope)), "{asked}");
        }
    }
}

#[test]
fn a_wrong_secret_an_unknown_client_and_a_revoked_one_get_the_same_answer() {
    for world in worlds() {
        let app = &world.app;
        let created = world.client(&world.organisation("A"));
        let other = world.client(&world.organisation("B"));
        let (id, secret) = (created.client.id.as_str(), created.secret.as_ref().unwrap().reveal());
        let attempt = |id: &str, secret: &str| issue_token(app, id, secret, None).unwrap_err().to_string();
        let refused = attempt(id, "wrong");
        assert_eq!(attempt("nobody", secret), refused);
        assert_eq!(attempt(id, ""), refused);
        assert_eq!(attempt(other.client.id.as_str(), secret), refused);
        revoke_client(app, &Caller::console(), &created.client.id).unwrap();
        assert_eq!(attempt(id, secret), refused);
    }
}

#[test]
fn revocation_and_suspension_stop_tokens_that_are_out() {
    for world in worlds() {
        let (app, operator) = (&world.app, Caller::console());
        let organisation = world.organisation("A");
        let (one, two) = (world.client(&organisation), world.client(&organisation));
        let (first, second) = (world.token(&one), world.token(&two));
        revoke_client(app, &operator, &one.client.id).unwrap();
        revoke_client(app, &operator, &one.client.id).unwrap();
        assert!(matches!(authenticate(app, &first), Err(AuthenticateError::Revoked)));
        assert!(authenticate(app, &second).is_ok());

        set_standing(app, &operator, &organisation.id, Standing::Suspended).unwrap();
        assert!(matches!(authenticate(app, &second), Err(AuthenticateError::Suspended)));
        let secret = two.secret.as_ref().unwrap().reveal();
        let refused = issue_token(app, two.client.id.as_str(), secret, None);
        assert!(matches!(refused, Err(IssueTokenError::Suspended)));
        set_standing(app, &operator, &organisation.id, Standing::Verified).unwrap();
        assert!(authenticate(app, &second).is_ok());

        world.clock.advance(TimeDelta::minutes(16));
        assert!(matches!(authenticate(app, &second), Err(AuthenticateError::Token(TokenError::Expired))));
        let revoked = log_of(&world, Tenant::Organisation(&organisation.id));
        assert_eq!(revoked.iter().filter(|action| **action == Action::ClientRevoked).count(), 1);
    }
}

#[test]
fn a_member_revokes_its_own_clients_alone() {
    for world in worlds() {
        let app = &world.app;
        let (a, b) = (world.organisation("A"), world.organisation("B"));
        let (own, foreign) = (world.client(&a), world.client(&b));
        let admin = authenticate(app, &world.token(&world.client(&a))).unwrap();
        for id in [&foreign.client.id, &ClientId::new("00000000-0000-7000-8000-000000000000")] {
            let refused = revoke_client(app, &admin, id);
            assert!(matches!(refused, Err(RevokeClientError::UnknownClient)));
        }
        assert!(authenticate(app, &world.token(&foreign)).is_ok());
        revoke_client(app, &admin, &own.client.id).unwrap();
        let listed = list_clients(app, Tenant::Organisation(&a.id), None, 10).unwrap();
        let revoked =
            |id: &ClientId| listed.items.iter().find(|client| client.id == *id).unwrap().revoked_at.is_some();
        assert!(revoked(&own.client.id) && !revoked(&admin.client));
        let tried = entries_of(&world, Tenant::Organisation(&a.id));
        let tried: Vec<_> = tried.iter().filter(|entry| entry.action == Action::AccessRefused).collect();
        assert_eq!(tried.len(), 2);
        assert!(!log_of(&world, Tenant::Organisation(&b.id)).contains(&Action::AccessRefused));
        assert!(log_of(&world, Tenant::Platform).contains(&Action::AccessRefused));
    }
}

#[test]
fn a_client_is_given_what_it_can_have_and_to_whom_there_is() {
    for world in worlds() {
        let (app, operator) = (&world.app, Caller::console());
        let organisation = world.organisation("A");
        let create = |owner: Option<&OrganisationId>, scopes: &[Scope]| {
            create_client(app, &operator, owner, Some(scopes), None).map(|created| created.client.scopes)
        };
        let id = Some(&organisation.id);
        let refused = create(id, &[Scope::PlatformAdmin]);
        assert!(matches!(refused, Err(CreateClientError::ScopeRefused(Scope::PlatformAdmin))));
        let refused = create(None, &[Scope::SnapshotsRead]);
        assert!(matches!(refused, Err(CreateClientError::ScopeRefused(Scope::SnapshotsRead))));
        assert!(matches!(create(id, &[]), Err(CreateClientError::NoScope)));
        let nobody = OrganisationId::new("nobody");
        let refused = create(Some(&nobody), &[Scope::SnapshotsRead]);
        assert!(matches!(refused, Err(CreateClientError::UnknownOrganisation)));
        let twice = create(id, &[Scope::SnapshotsRead, Scope::SnapshotsWrite, Scope::SnapshotsRead]);
        assert_eq!(twice.unwrap(), [Scope::SnapshotsWrite, Scope::SnapshotsRead]);
    }
}

#[test]
fn a_repeated_creation_makes_one_client_and_shows_no_secret_again() {
    for world in worlds() {
        let (app, operator) = (&world.app, Caller::console());
        let organisation = world.organisation("A");
        let create = |scopes: &[Scope]| {
            create_client(app, &operator, Some(&organisation.id), Some(scopes), Some("key"))
        };
        let first = create(&[Scope::SnapshotsRead]).unwrap();
        let again = create(&[Scope::SnapshotsRead]).unwrap();
        assert_eq!(again.client, first.client);
        assert!(first.secret.is_some() && again.secret.is_none());
        let other = create(&[Scope::SnapshotsWrite]);
        assert!(matches!(other, Err(CreateClientError::KeyReused(KeyReused))));
        let listed = list_clients(app, Tenant::Organisation(&organisation.id), None, 10).unwrap();
        assert_eq!(listed.items, [first.client]);
    }
}
