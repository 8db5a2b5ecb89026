//! The mentions of a rule -> techniques of one ATT&CK version. Every id that leads to none is counted by reason.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{LeftOut, Reason};
use crate::{
    domain::attack::{Catalogue, Catalogues, TechniqueId, bundled},
    sources::technique_ids::Mentions,
};

/// Ids and names of the known versions, and the way into one of them.
pub struct Resolver<'a> {
    target: &'a Catalogue,
    catalogues: &'a Catalogues,
    /// Lower-case name -> techniques of the newest version that knows it.
    names: BTreeMap<String, BTreeSet<TechniqueId>>,
    /// Names and ids of tactics, as [`letters`] leaves them.
    tactics: BTreeSet<String>,
}

/// Lower-case letters and digits of a name: `Defense Evasion` and `defense-evasion` are one.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl<'a> Resolver<'a> {
    pub fn new(target: &'a Catalogue, catalogues: &'a Catalogues) -> Self {
        let mut names = BTreeMap::new();
        for version in catalogues.versions().rev() {
            let Some(catalogue) = catalogues.get(version) else { continue };
            let mut own: BTreeMap<String, BTreeSet<TechniqueId>> = BTreeMap::new();
            let mut former: BTreeMap<String, BTreeSet<TechniqueId>> = BTreeMap::new();
            for technique in catalogue.all() {
                let of = if technique.is_active() { &mut own } else { &mut former };
                let name = technique.name.to_lowercase();
                if technique.id.is_sub()
                    && let Some(parent) = catalogue.get(technique.id.parent())
                {
                    let full = format!("{}: {name}", parent.name.to_lowercase());
                    of.entry(full).or_default().insert(technique.id);
                }
                of.entry(name).or_default().insert(technique.id);
            }
            // A name of a technique that is in force means that one, and else the one that had it last.
            for (name, ids) in own.into_iter().chain(former) {
                names.entry(name).or_insert(ids);
            }
        }
        for (name, id) in bundled::former_names() {
            names.entry(name.clone()).or_insert_with(|| BTreeSet::from([*id]));
        }
        let tactics = catalogues.versions().filter_map(|version| catalogues.get(version));
        let tactics = tactics
            .flat_map(|catalogue| catalogue.tactics())
            .flat_map(|tactic| [&tactic.id, &tactic.short_name, &tactic.name].map(|name| letters(name)))
            .collect();
        Self { target, catalogues, names, tactics }
    }

    /// The version that ids are resolved into.
    pub fn catalogue(&self) -> &Catalogue {
        self.target
    }

    /// The techniques that a name belongs to; empty for an unknown one.
    pub fn named(&self, name: &str) -> impl Iterator<Item = TechniqueId> {
        self.names.get(&name.trim().to_lowercase()).into_iter().flatten().copied()
    }

    /// Returns true for the name or id of a tactic of any known version.
    pub fn is_tactic(&self, name: &str) -> bool {
        self.tactics.contains(&letters(name))
    }

    /// The ids as written, and those that unambiguous names stand for. Each once.
    pub fn raw(&self, mentions: &Mentions) -> BTreeSet<TechniqueId> {
        let mut ids = mentions.ids.clone();
        for name in &mentions.names {
            let mut found = self.named(name);
            if let (Some(id), None) = (found.next(), found.next()) {
                ids.insert(id);
            }
        }
        ids
    }

    /// Returns the texts that are no technique where one is expected: malformed ids and names that no version knows.
    pub fn malformed<'m>(&self, mentions: &'m Mentions) -> impl Iterator<Item = &'m str> {
        let unknown = mentions.names.iter().filter(|name| self.named(name).next().is_none());
        mentions.malformed.iter().chain(unknown).map(String::as_str)
    }

    /// The active techniques of the target version that the mentions lead to, without parents that stand beside
    /// their own sub-technique.
    pub fn resolve(&self, mentions: &Mentions, left_out: &mut LeftOut) -> BTreeSet<TechniqueId> {
        left_out.add(Reason::IdsMalformed, mentions.malformed.len());
        for name in &mentions.names {
            match self.named(name).count() {
                0 if self.is_tactic(name) => left_out.add(Reason::TacticsNamed, 1),
                0 => left_out.add(Reason::NamesUnknown, 1),
                1 => {}
                _ => left_out.add(Reason::NamesAmbiguous, 1),
            }
        }
        let mut resolved = Vec::new();
        for id in self.raw(mentions) {
            match self.target(id) {
                Ok(target) => resolved.push((id, target)),
                Err(reason) => left_out.add(reason, 1),
            }
        }
        let before = resolved.len();
        // As written: T1562 beside T1562.004 says nothing of its own, wherever the two lead.
        let written: BTreeSet<TechniqueId> =
            resolved.iter().map(|(id, _)| *id).filter(|id| id.is_sub()).map(TechniqueId::parent).collect();
        resolved.retain(|(id, _)| !written.contains(id));
        // And as resolved: T1562.002 and T1562.001 become a sub-technique and its own parent.
        let targets: BTreeSet<TechniqueId> = resolved.iter().map(|(_, target)| *target).collect();
        let parents: BTreeSet<TechniqueId> =
            targets.iter().filter(|id| id.is_sub()).map(|id| id.parent()).collect();
        resolved.retain(|(_, target)| !parents.contains(target));
        left_out.add(Reason::IdsParentBesideItsSub, before - resolved.len());
        resolved.into_iter().map(|(_, target)| target).collect()
    }

    /// Returns the technique of the target version that an id leads to, or the reason why there is none.
    pub fn target(&self, id: TechniqueId) -> Result<TechniqueId, Reason> {
        if let Some(target) = self.target.resolve(id) {
            return Ok(target);
        }
        if self.target.get(id).is_some() {
            return Err(Reason::IdsDeprecated);
        }
        let elsewhere = self
            .catalogues
            .versions()
            .any(|version| self.catalogues.get(version).is_some_and(|catalogue| catalogue.get(id).is_some()));
        let number = id.number() / 1000;
        match (elsewhere, number) {
            (true, _) => Err(Reason::IdsNotInVersion),
            // ICS is numbered below T1000; mobile had T1398 to T1481 to itself but for what Enterprise took over.
            (false, ..1000 | 1398..=1481) => Err(Reason::IdsOfAnotherMatrix),
            (false, _) => Err(Reason::IdsUnknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(version: &str, texts: &[&str]) -> (Vec<String>, LeftOut) {
        let catalogues = Catalogues::bundled();
        let target = catalogues.get(version.parse().unwrap()).unwrap();
        let mut mentions = Mentions::default();
        texts.iter().for_each(|text| mentions.add_text(text));
        let mut left_out = LeftOut::default();
        let ids = Resolver::new(target, &catalogues).resolve(&mentions, &mut left_out);
        (ids.iter().map(ToString::to_string).collect(), left_out)
    }

    #[test]
    fn names_lead_to_ids_unless_they_are_ambiguous() {
        let (ids, left_out) = resolved(
            "19.0",
            &["PowerShell", "valid accounts: Cloud Accounts", "Cloud Accounts", "no such thing"],
        );
        assert_eq!(ids, ["T1059.001", "T1078.004"]);
        assert_eq!(left_out.get(Reason::NamesAmbiguous), 1);
        assert_eq!(left_out.get(Reason::NamesUnknown), 1);
    }

    #[test]
    fn old_names_lead_to_ids_and_tactics_are_told_apart() {
        let (ids, left_out) = resolved(
            "19.0",
            &[
                "Command-Line Interface",
                "Disabling Security Tools",
                "Defense Evasion",
                "lateral-movement",
                "TA0112",
            ],
        );
        assert_eq!(ids, ["T1059", "T1685"]);
        assert_eq!((left_out.get(Reason::TacticsNamed), left_out.get(Reason::NamesUnknown)), (3, 0));
    }

    #[test]
    fn a_parent_beside_its_sub_technique_is_dropped_before_and_after_the_change_of_version() {
        for (version, written, expected) in [
            ("19.0", vec!["T1059", "T1059.001"], vec!["T1059.001"]),
            // Both lead to T1685; the sub-technique said it.
            ("19.0", vec!["T1562", "T1562.001"], vec!["T1685"]),
            // The sub-technique leads elsewhere than its parent, which must not count on its own.
            ("19.0", vec!["T1562", "T1562.004"], vec!["T1686"]),
            // Two sub-techniques become a parent and its sub-technique.
            ("19.0", vec!["T1562.001", "T1562.002"], vec!["T1685.001"]),
            ("18.1", vec!["T1562", "T1562.004"], vec!["T1562.004"]),
        ] {
            let (ids, left_out) = resolved(version, &written);
            assert_eq!(ids, expected, "{written:?}");
            assert_eq!(left_out.get(Reason::IdsParentBesideItsSub), 1, "{written:?}");
        }
    }

    #[test]
    fn every_id_that_leads_nowhere_has_its_reason() {
        let (ids, left_out) = resolved("18.1", &["T1685", "T0859", "T9999", "T1059", "T105", "T1034"]);
        assert_eq!(ids, ["T1059"]);
        for reason in
            [Reason::IdsNotInVersion, Reason::IdsOfAnotherMatrix, Reason::IdsUnknown, Reason::IdsMalformed]
        {
            assert_eq!(left_out.get(reason), 1, "{reason:?}: {left_out:?}");
        }
    }
}
