//! Vulnerabilities in the place of techniques: a table that the user names leads from one to the other.

use std::collections::BTreeMap;

use super::{formats::table, reading::Reading, technique_ids::Mentions};

/// The techniques that a table of vulnerabilities leads to.
#[derive(Debug, Default)]
pub struct CveMap {
    /// CVE -> the techniques of its rows.
    techniques: BTreeMap<String, Mentions>,
    /// Rows that name what an attacker gains by the exploit.
    pub impacts: usize,
}

/// A text that is no such table.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "has no columns cve and technique in its first line, or no row below it that says how a CVE is exploited"
)]
pub struct NoCveMap;

impl CveMap {
    /// Reads CSV with the columns `cve` and `technique`, and `mapping_type` as the Center for Threat-Informed Defense
    /// writes it: what stops an exploit does not see what the attacker would have done after it, so impacts are
    /// counted and not used. Other columns are not looked at.
    pub fn parse(text: &str) -> Result<Self, NoCveMap> {
        let mut map = Self::default();
        table::rows(text, |row| {
            let kind = row.get(&["mapping_type"]).unwrap_or_default().to_lowercase();
            let (Some(cve), Some(technique)) =
                (row.get(&["cve", "cve_id"]), row.get(&["technique", "technique_id", "attack_id"]))
            else {
                return Ok(());
            };
            if kind.ends_with("impact") {
                map.impacts += 1;
            } else {
                map.techniques.entry(cve.to_uppercase()).or_default().add_text(technique);
            }
            Ok(())
        })?;
        if map.techniques.is_empty() { Err(NoCveMap) } else { Ok(map) }
    }

    /// Puts techniques in the place of the CVEs that rules name; what the table does not know is not a technique.
    pub fn apply(&self, reading: &mut Reading) {
        for rule in &mut reading.rules {
            let (cves, names) =
                std::mem::take(&mut rule.techniques.names).into_iter().partition(|name| is_cve(name));
            rule.techniques.names = names;
            let cves: std::collections::BTreeSet<String> = cves;
            cves.iter()
                .filter_map(|cve| self.techniques.get(cve))
                .for_each(|found| rule.techniques.merge(found.clone()));
        }
    }
}

/// Returns true if rules name vulnerabilities, for which a table is needed.
pub fn are_named(reading: &Reading) -> bool {
    reading.rules.iter().any(|rule| rule.techniques.names.iter().any(|name| is_cve(name)))
}

/// Returns true for a CVE's id as [`find`] gives it.
fn is_cve(text: &str) -> bool {
    text.starts_with("CVE-")
}

/// The CVE ids in a text, in upper case.
pub fn find(text: &str) -> Vec<String> {
    let upper = text.to_ascii_uppercase();
    let id = |start: usize| -> Option<String> {
        let rest = upper.get(start + 4..)?;
        let (year, number) = rest.split_once('-')?;
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.get(..digits).filter(|_| is_year && (4..=9).contains(&digits))?;
        Some(format!("CVE-{year}-{number}"))
    };
    upper.match_indices("CVE-").filter_map(|(start, _)| id(start)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::reading::{Place, Rule};

    #[test]
    fn ids_are_found_in_any_text() {
        assert_eq!(find("Log4j (cve-2021-44228, CVE-2021-45046)"), ["CVE-2021-44228", "CVE-2021-45046"]);
        for text in ["CVE-", "CVE-20211-1", "CVE-2021-123", "CVE-2021-", "é CVE-2021-é"] {
            assert!(find(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_table_puts_techniques_in_their_place() {
        let map =
            CveMap::parse("cve,technique,note\nCVE-2021-44228,T1190,a\ncve-2021-44228,T1059,b\n").unwrap();
        let mut techniques = Mentions::default();
        for name in ["CVE-2021-44228", "CVE-1999-0001", "PowerShell"] {
            techniques.names.insert(name.to_owned());
        }
        let rule = Rule { techniques, ..Rule::new("", Place::item(&"f".into(), 1)) };
        let mut reading = Reading { rules: vec![rule], ..Reading::default() };
        assert!(are_named(&reading));
        map.apply(&mut reading);
        let techniques = &reading.rules[0].techniques;
        assert_eq!(techniques.ids.iter().map(ToString::to_string).collect::<Vec<_>>(), ["T1059", "T1190"]);
        assert_eq!(techniques.names.iter().collect::<Vec<_>>(), ["PowerShell"]);
        assert!(!are_named(&reading));
        assert_eq!(CveMap::parse("a,b\n1,2\n").unwrap_err(), NoCveMap);
    }

    #[test]
    fn what_an_exploit_leads_to_is_not_what_stops_it() {
        let table = "cve,technique,mapping_type\nCVE-2024-34102,T1190,exploitation_technique\n\
                     CVE-2024-34102,T1059,primary_impact\nCVE-2024-34102,T1005,secondary_impact\n\
                     CVE-2019-13608,T1078,secondary_impact\nCVE-2020-0001,T1203,\n";
        let map = CveMap::parse(table).unwrap();
        let said: Vec<String> = map
            .techniques
            .iter()
            .flat_map(|(cve, found)| found.ids.iter().map(move |id| format!("{cve} {id}")))
            .collect();
        assert_eq!(
            (said, map.impacts),
            (vec!["CVE-2020-0001 T1203".to_owned(), "CVE-2024-34102 T1190".to_owned()], 3)
        );
        assert_eq!(
            CveMap::parse("cve,technique,mapping_type\nCVE-2024-34102,T1059,primary_impact\n").unwrap_err(),
            NoCveMap
        );
    }
}
