//! Rules or scores -> snapshot, honestly counted, and a report of everything that was left out. Pure.

mod complete;
mod draft;
mod error;
mod library;
mod options;
mod report;
mod rules;
mod scores;
mod techniques;
mod technologies;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::reading::Reading;
use crate::domain::{
    attack::{AttackVersion, Catalogue, Catalogues},
    snapshot::{Snapshot, Source},
    technology::TechnologyRef,
};

pub use error::BuildError;
pub use library::{Counted, count_library};
pub use options::{Complete, Context, MAX_TECHNIQUES, Options};
pub use report::{Built, Reason};
pub(super) use techniques::Resolver;

/// Returns the catalogue of the version that ids are mapped to.
pub fn target(catalogues: &Catalogues, asked: Option<AttackVersion>) -> Result<&Catalogue, BuildError> {
    let Some(version) = asked else {
        return catalogues.canonical().map(|newest| &**newest).ok_or(BuildError::NoCatalogue);
    };
    catalogues.get(version).map(|known| &**known).ok_or_else(|| {
        let known: Vec<String> = catalogues.versions().map(|version| version.to_string()).collect();
        BuildError::UnknownVersion(version, known.join(", "))
    })
}

/// Builds the snapshot of a reading.
pub fn build(reading: &Reading, options: &Options, context: Context<'_>) -> Result<Built, BuildError> {
    let catalogue = target(context.catalogues, options.attack)?;
    let resolver = Resolver::new(catalogue, context.catalogues);
    let known =
        |id: &String| context.registry.reference(id).ok_or_else(|| BuildError::UnknownTechnology(id.clone()));
    let declared: BTreeSet<TechnologyRef> =
        options.technologies.iter().map(known).collect::<Result<_, _>>()?;
    // An empty export counts as rules.
    if !reading.rules.is_empty() && !reading.scores.is_empty() {
        Err(BuildError::RulesAndScores)
    } else if reading.rules.is_empty() && (options.source == Source::Navigator || reading.evidence.is_some())
    {
        scores::build(reading, options, context, &resolver, declared)
    } else {
        rules::build(reading, options, context, &resolver, declared)
    }
}

/// Returns a snapshot's canonical bytes, which are written, shown and uploaded unchanged: JSON with one cell a line, so
/// that its sender can read it.
pub fn to_bytes(snapshot: &Snapshot) -> Result<Vec<u8>, serde_json::Error> {
    // No text in a snapshot can hold these characters: every string is of a closed vocabulary.
    let text = serde_json::to_string(snapshot)?.replace("{\"technique\"", "\n{\"technique\"");
    Ok((text + "\n").into_bytes())
}
