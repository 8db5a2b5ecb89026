//! Technique IDs of inputs, which may be of another domain or of another ATT&CK version.

use super::step::LeftOutReason;
use crate::domain::{attack::TechniqueId, facts::Facts};

/// An ID of an input in the compared version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub written: TechniqueId,
    pub now: TechniqueId,
}

/// Finds the technique that a text means: an ID, perhaps with words around it.
pub fn known(text: &str, facts: &Facts) -> Result<Known, LeftOutReason> {
    // ATLAS writes its IDs as `AML.T0051.001`, which would be read as T0051.001.
    if text.contains("AML.") {
        return Err(LeftOutReason::OtherDomain);
    }
    // Some files leave the letter out where only a technique can stand.
    let numbered = text.trim().starts_with(|c: char| c.is_ascii_digit()).then(|| format!("T{}", text.trim()));
    let written = first_id(numbered.as_deref().unwrap_or(text)).ok_or(LeftOutReason::UnknownTechnique)?;
    // Industrial control systems have the numbers below 1000.
    if written.parent() < TechniqueId::new(1000, 0).unwrap_or(written) {
        return Err(LeftOutReason::OtherDomain);
    }
    if let Some(now) = facts.current(written) {
        return Ok(Known { written, now });
    }
    let withdrawn = facts.catalogue().get(written).is_some_and(|technique| technique.deprecated);
    Err(if withdrawn { LeftOutReason::Deprecated } else { LeftOutReason::UnknownTechnique })
}

/// The first ID in a text. It continues no word, and no digit follows.
fn first_id(text: &str) -> Option<TechniqueId> {
    let starts = text.char_indices().filter(|(_, letter)| matches!(letter, 'T' | 't'));
    starts.map(|(at, _)| at).find_map(|at| {
        let before = text.get(..at)?.chars().next_back();
        if before.is_some_and(char::is_alphanumeric) {
            return None;
        }
        let rest = text.get(at + 1..)?;
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let parent = rest.get(..4).filter(|_| digits(rest) == 4)?;
        let after = rest.get(4..).unwrap_or_default();
        if after.starts_with(|c: char| c.is_alphanumeric()) {
            return None;
        }
        // Attack Flow and links write `T1059.001` and `T1059/001`.
        let sub = after.strip_prefix(['.', '/']).filter(|sub| digits(sub) == 3).and_then(|sub| sub.get(..3));
        TechniqueId::new(parent.parse().ok()?, sub.map_or(Ok(0), str::parse).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{attack::Catalogues, technology};

    fn facts(version: &str) -> Facts {
        let registry = Arc::new(technology::bundled().clone());
        Facts::new(&Catalogues::bundled(), registry, version.parse().unwrap()).unwrap()
    }

    #[test]
    fn ids_are_followed_and_others_are_told_apart() {
        let facts = facts("19.2");
        let now = |text: &str| known(text, &facts).map(|known| known.now.to_string());
        for (text, id) in [
            ("T1059", "T1059"),
            (" t1059.001 ", "T1059.001"),
            ("PowerShell (T1059.001)", "T1059.001"),
            ("https://attack.mitre.org/techniques/T1059/001/", "T1059.001"),
            ("T1562.001", "T1685"),
            ("1598.003", "T1598.003"),
        ] {
            assert_eq!(now(text), Ok(id.to_owned()), "{text}");
        }
        for text in ["AML.T0051.001", "[ATL] AML.T0095.000 Code Repositories", "T0866", "T0834"] {
            assert_eq!(now(text), Err(LeftOutReason::OtherDomain), "{text}");
        }
        for text in ["", "T9999", "T105", "T10591", "x", "T1059x", "T1551", "PowerShell"] {
            assert_eq!(now(text), Err(LeftOutReason::UnknownTechnique), "{text}");
        }
        assert_eq!(now("T1059.999"), Err(LeftOutReason::UnknownTechnique));
    }
}
