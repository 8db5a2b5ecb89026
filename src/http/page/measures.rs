//! The measures that a member can choose from: overall, the tactics, its technologies and their families.

use super::frame::Scene;
use crate::{
    app::{compare::Query, read_comparison::read_summary},
    domain::comparison::Measure,
    http::{extract::access::Inside, problem::Problem},
    wire::{ComparisonItem, ComparisonSummary},
};

/// Measures with their names. One that was chosen elsewhere, such as a technique, stands at the end.
pub fn measures(inside: &Inside, scene: &Scene, chosen: &Measure) -> Result<Vec<(String, String)>, Problem> {
    let query = Query { cohort: scene.cohort.clone(), basis: scene.basis, ..Query::default() };
    let summary = ComparisonSummary::from(&read_summary(&inside.app, &inside.member, &query, scene.release)?);
    let named = |kind: &'static str, item: &ComparisonItem| {
        (format!("{kind}:{}", item.subject.id()), item.subject.name.clone())
    };
    let mut all = vec![(Measure::Overall.to_string(), "Overall".to_owned())];
    all.extend(summary.tactics.iter().map(|item| named("tactic", item)));
    all.extend(summary.technologies.iter().map(|item| named("technology", item)));
    let chosen = chosen.to_string();
    if !all.iter().any(|(value, _)| *value == chosen) {
        let name = chosen.split_once(':').map_or_else(|| chosen.clone(), |(_, id)| id.to_owned());
        all.push((chosen, name));
    }
    Ok(all)
}
