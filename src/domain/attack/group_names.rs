//! Threat groups by id, name or alias, however they are written.

use thiserror::Error;

use super::{AttackVersion, Catalogue, Group, GroupId, bundled};

/// A text that names no threat group, or several.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GroupNameError {
    #[error("unknown threat group in ATT&CK {version}: see GET /v1/attack/{version}/groups")]
    Unknown { version: AttackVersion },
    #[error("several threat groups have this name: use one of the IDs {}", listed(.0))]
    Ambiguous(Vec<GroupId>),
    #[error("names {0} threat groups; at most {MOST} can be named at once")]
    TooMany(usize),
}

/// Groups that one parameter may name.
pub const MOST: usize = 50;

fn listed(ids: &[GroupId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The letters and digits of a name, in lower case: `Cozy Bear`, `cozy-bear` and `CozyBear` are one name.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The other names of a group, ascending.
pub fn aliases(id: GroupId) -> &'static [String] {
    bundled::group_aliases().get(&id).map(Vec::as_slice).unwrap_or_default()
}

/// Finds the group that an id, a name or an alias means. A name comes before an alias of another group.
pub fn named<'c>(catalogue: &'c Catalogue, said: &str) -> Result<&'c Group, GroupNameError> {
    let said = letters(said);
    let is = |text: &str| letters(text) == said;
    let by_id = |group: &&Group| is(&group.id.to_string());
    let by_name = |group: &&Group| is(&group.name);
    let by_alias = |group: &&Group| aliases(group.id).iter().any(|alias| is(alias));
    let rounds: [&dyn Fn(&&Group) -> bool; 3] = [&by_id, &by_name, &by_alias];
    for round in rounds {
        let found: Vec<&Group> = catalogue.groups().iter().filter(round).collect();
        match found.as_slice() {
            [] => {}
            [one] => return Ok(one),
            several => return Err(GroupNameError::Ambiguous(several.iter().map(|group| group.id).collect())),
        }
    }
    Err(GroupNameError::Unknown { version: catalogue.version() })
}

/// Finds the groups of a list with commas: ascending, each once.
pub fn all_named(catalogue: &Catalogue, said: &str) -> Result<Vec<GroupId>, GroupNameError> {
    let names: Vec<&str> = said.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    match names.len() {
        0 => return Err(GroupNameError::Unknown { version: catalogue.version() }),
        count if count > MOST => return Err(GroupNameError::TooMany(count)),
        _ => {}
    }
    let found = names.into_iter().map(|name| named(catalogue, name).map(|group| group.id));
    let mut groups = found.collect::<Result<Vec<_>, _>>()?;
    groups.sort_unstable();
    groups.dedup();
    Ok(groups)
}

/// Returns true if a group's id, name or one of its aliases contains the text.
pub fn contains(group: &Group, text: &str) -> bool {
    let text = letters(text);
    let has = |name: &str| letters(name).contains(&text);
    has(&group.id.to_string()) || has(&group.name) || aliases(group.id).iter().any(|alias| has(alias))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_ids_names_and_aliases() {
        let catalogue = bundled::v19_2();
        let id = |said: &str| named(&catalogue, said).map(|group| group.id.to_string());
        for said in ["G0016", "g0016", "APT29", "apt 29", "Cozy Bear", "cozy-bear", "NOBELIUM"] {
            assert_eq!(id(said), Ok("G0016".to_owned()), "{said}");
        }
        // A name comes before an alias of another group.
        assert_eq!(id("Thrip"), Ok("G0076".to_owned()));
        let ambiguous = id("UAC-0056").unwrap_err();
        assert!(matches!(&ambiguous, GroupNameError::Ambiguous(ids) if ids.len() == 2), "{ambiguous}");
        assert!(id("nobody").unwrap_err().to_string().contains("/v1/attack/19.2/groups"));
        assert!(id("").is_err());
    }

    #[test]
    fn several_are_named_at_once() {
        let catalogue = bundled::v19_2();
        let ids = |said: &str| all_named(&catalogue, said);
        let text = |ids: Vec<GroupId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(text(ids("Wizard Spider, apt29,G0016").unwrap()), ["G0016", "G0102"]);
        assert!(ids(" , ").is_err());
        assert_eq!(ids(&"G0016,".repeat(51)), Err(GroupNameError::TooMany(51)));
    }

    #[test]
    fn every_alias_belongs_to_a_group_of_a_bundled_version() {
        let known: Vec<GroupId> = bundled::catalogues()
            .iter()
            .flat_map(|catalogue| catalogue.groups().iter().map(|group| group.id).collect::<Vec<_>>())
            .collect();
        let aliases = bundled::group_aliases();
        assert!(aliases.len() > 90);
        for (id, names) in aliases {
            assert!(known.contains(id) && !names.is_empty(), "{id}");
        }
    }
}
