//! The technologies of which a snapshot claims to show every rule.

use super::{
    draft::Named,
    error::BuildError,
    options::{Complete, Options},
};
use crate::domain::technology::{Registry, TechnologyRef};

/// Returns the ids of the complete technologies, ascending. `by_default` are all that can be, if the user says nothing.
pub fn complete(
    options: &Options,
    registry: &Registry,
    technologies: &Named,
    by_default: bool,
) -> Result<Vec<String>, BuildError> {
    let able = |id: &str| match registry.reference(id) {
        Some(TechnologyRef::Known(position)) => registry.get(position).is_some_and(|t| !t.native_detections),
        _ => false,
    };
    let mut complete = match &options.complete {
        Complete::Default if by_default => {
            technologies.iter().map(|(id, _)| id).filter(|id| able(id)).cloned().collect()
        }
        Complete::Default | Complete::Nothing => Vec::new(),
        Complete::These(ids) => {
            for id in ids {
                if !able(id) {
                    return Err(BuildError::CannotBeComplete(id.clone()));
                }
                if !technologies.iter().any(|(named, _)| named == id) {
                    return Err(BuildError::CompleteNotDeclared(id.clone()));
                }
            }
            ids.clone()
        }
    };
    complete.sort_unstable();
    complete.dedup();
    Ok(complete)
}
