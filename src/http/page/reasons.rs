//! Reasons to close a gap, in words.

use crate::{
    domain::comparison::Feasibility,
    http::extract::access::Inside,
    report::{published::published, story::who_covers},
    wire::{Quantile, gap::Gap},
};

/// The reasons, the weightiest first.
pub fn reasons(gap: &Gap, inside: &Inside) -> Vec<String> {
    let row = gap.peers.row();
    let mut reasons = Vec::new();
    reasons.extend(row.and_then(|row| row.coverage).map(|word| who_covers(word).to_owned()));
    reasons.push(means(gap, |id| name_of(inside, id)));
    if gap.threat > 0 {
        reasons.push(format!("used by more threat groups than {}% of techniques", gap.threat));
    }
    if let (Some(own), Some(p50)) = (gap.own.value(), published(&gap.peers, Quantile::P50)) {
        reasons.push(format!("you: {own}, median: {p50}"));
    }
    if gap.fragile {
        reasons.push("one technology alone covers it".to_owned());
    }
    reasons
}

/// The way in which a gap could be closed; `name` is that of a technology.
pub fn means(gap: &Gap, name: impl Fn(&str) -> String) -> String {
    let means = &gap.means;
    match (means.feasibility, means.through.first(), means.can_see.first(), means.could_see.first()) {
        (Feasibility::Ready, Some(through), ..) => format!("peers do through {}", through.name),
        (Feasibility::Ready | Feasibility::Possible, _, Some(seeing), _) => {
            format!("{} can see it", name(seeing))
        }
        (.., Some(missing)) => {
            format!("none of your technologies can see it; {} could", name(missing))
        }
        _ => "none of your technologies can see it".to_owned(),
    }
}

/// The name of a technology for people; its ID if the registry doesn't have it.
pub fn name_of(inside: &Inside, id: &str) -> String {
    let registry = &inside.app.registry;
    let known = registry.position(id).and_then(|position| registry.get(position));
    known.map_or_else(|| id.to_owned(), |known| known.name.clone())
}
