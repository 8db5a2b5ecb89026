//! Platform names of a request.

use crate::{
    domain::attack::{Platform, PlatformSet},
    http::problem::FieldError,
};

/// The set that the names make, or every name that is no ATT&CK platform.
pub fn read(names: &[String]) -> Result<PlatformSet, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut platforms = PlatformSet::EMPTY;
    for (position, name) in names.iter().enumerate() {
        match name.parse::<Platform>() {
            Ok(platform) => platforms = platforms.with(platform),
            Err(error) => errors.push(FieldError::at(format!("/platforms/{position}"), error.to_string())),
        }
    }
    if errors.is_empty() { Ok(platforms) } else { Err(errors) }
}
