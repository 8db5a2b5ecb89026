//! The operator adds a member.

use serde::Serialize;
use thiserror::Error;

use super::{
    App, Caller, KeyReused,
    idempotency::{Outcome, Request, fingerprint, once},
    log,
};
use crate::{
    domain::{
        attack::PlatformSet,
        audit::Action,
        dimension::{ByDimension, Dimensions},
        organisation::{Organisation, OrganisationId, Profile, Standing},
        snapshot::FieldError,
    },
    store::{StoreError, organisation},
};

/// Characters of a display name, and of a control group's.
const NAME_LENGTH: usize = 200;

/// The operator's description of a new member.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct NewOrganisation {
    pub name: String,
    #[serde(flatten)]
    pub dimensions: ByDimension<String>,
    /// Control group; its own if omitted.
    pub control_group: Option<String>,
    /// ATT&CK platforms that it runs; all if omitted.
    pub platforms: PlatformSet,
    /// The writer that uploads for it; itself if omitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<String>,
}

/// The reason why there is no new member.
#[derive(Debug, Error)]
pub enum CreateOrganisationError {
    #[error("the organisation has {} invalid fields", .0.len())]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Creates an organisation. It is not verified yet, so it can upload and does not count.
pub fn create_organisation(
    app: &App,
    caller: &Caller,
    new: &NewOrganisation,
    idempotency_key: Option<&str>,
) -> Result<Organisation, CreateOrganisationError> {
    let created = checked(app, new).map_err(CreateOrganisationError::Invalid)?;
    let said = serde_json::to_vec(new).unwrap_or_default();
    let request = Request {
        tenant: caller.tenant(),
        client: &caller.client,
        key: idempotency_key,
        operation: "create_organisation",
        fingerprint: fingerprint(&said),
    };
    let outcome: Outcome<OrganisationId> = app.db.write("create_organisation", |conn| {
        once(conn, app, &request, |conn| {
            organisation::insert(conn, std::slice::from_ref(&created))?;
            log::operator_did(conn, app, &caller.client, Action::OrganisationCreated, &created.id)?;
            Ok::<_, CreateOrganisationError>(created.id.clone())
        })
    })?;
    if !outcome.replayed {
        return Ok(created);
    }
    let first = app.db.read(|conn| organisation::get(conn, &outcome.value))?;
    // Organisations are never deleted.
    Ok(first.unwrap_or(created))
}

/// A new, unverified organisation, or everything that is wrong with it.
pub(super) fn checked(app: &App, new: &NewOrganisation) -> Result<Organisation, Vec<FieldError>> {
    let id = OrganisationId::new(app.new_id());
    let control_group = new.control_group.as_ref().map(|group| group.trim().to_owned());
    let profile = Profile {
        dimensions: new.dimensions.clone(),
        control_group: control_group.unwrap_or_else(|| id.as_str().to_owned()),
        platforms: new.platforms,
    };
    let mut errors = profile_errors(&profile, &app.dimensions);
    errors.extend(text_error("/name", &new.name));
    errors.extend(new.writer.as_ref().and_then(|writer| text_error("/writer", writer)));
    if !errors.is_empty() {
        return Err(errors);
    }
    let name = new.name.trim().to_owned();
    let (standing, created_at) = (Standing::Unverified, app.clock.now());
    let writer = new.writer.as_ref().map(|writer| writer.trim().to_owned());
    Ok(Organisation { id, name, profile, standing, writer, created_at })
}

/// Everything that is wrong with a profile.
pub(super) fn profile_errors(profile: &Profile, dimensions: &Dimensions) -> Vec<FieldError> {
    let errors = dimensions
        .errors(&profile.dimensions)
        .map(|(dimension, error)| FieldError { pointer: format!("/{dimension}"), detail: error.to_string() });
    let mut errors: Vec<FieldError> = errors.collect();
    errors.extend(text_error("/control_group", &profile.control_group));
    errors
}

/// Returns whether a character shows as itself: controls, format characters (those that change the direction of writing among
/// them), line separators and what is unassigned don't. The standard library knows them by what it would escape; behind a
/// letter, so that a combining mark isn't taken for one.
fn is_shown(c: char) -> bool {
    // Letters and marks that show nothing.
    const BLANK: [char; 8] =
        ['\u{34f}', '\u{115f}', '\u{1160}', '\u{17b4}', '\u{17b5}', '\u{2800}', '\u{3164}', '\u{ffa0}'];
    // They choose between forms of the character before, which most of them change nothing of.
    let is_variation = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    matches!(c, '\\' | '"' | '\'' | '\u{a0}' | '\u{3000}')
        || !is_variation && !BLANK.contains(&c) && !format!("a{c}").escape_debug().any(|shown| shown == '\\')
}

/// Checks a short text that people will read.
pub(super) fn text_error(pointer: &str, text: &str) -> Option<FieldError> {
    let length = text.trim().chars().count();
    let fits = (1..=NAME_LENGTH).contains(&length) && text.chars().all(is_shown);
    let detail = format!(
        "must be 1 to {NAME_LENGTH} characters on one line, none of which is invisible or changes the direction of writing"
    );
    (!fits).then(|| FieldError { pointer: pointer.to_owned(), detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_show_what_they_are() {
        for name in [
            "Crédit",
            "e\u{301}tat",
            "株式会社　例",
            "O'Neil & \"Sons\" \\ Co",
            "Ünlü-Bank 24/7",
            "بنك",
            "😀",
        ] {
            assert_eq!(text_error("/name", name), None, "{name}");
        }
        for name in [
            "",
            " ",
            "a\nb",
            "a\0",
            "a\u{202e}b",
            "a\u{2066}b",
            "a\u{200b}b",
            "\u{feff}a",
            "a\u{2028}b",
            "a\u{e0041}",
        ] {
            assert!(text_error("/name", name).is_some(), "{name:?}");
        }
        assert!(text_error("/name", &"a".repeat(NAME_LENGTH + 1)).is_some());
    }
}
