//! Migration over three versions, from a bundle as an operator would import it.

use peerbench::domain::{
    applicability::Applicability,
    attack::{Fate, Migration, Platform, TechniqueId, bundled},
    scale::Score,
    technology,
};

use super::v15_0;

fn id(text: &str) -> TechniqueId {
    text.parse().unwrap()
}

#[test]
fn fifteen_to_eighteen_to_nineteen_is_fifteen_to_nineteen() {
    let Some(first) = v15_0() else { return };
    let (second, third) = (bundled::v18_1(), bundled::v19_0());
    let steps = [Migration::between(&first, &second).unwrap(), Migration::between(&second, &third).unwrap()];
    let whole = Migration::between(&first, &third).unwrap();
    for technique in first.all() {
        let stepwise = steps[0].target(technique.id).and_then(|middle| steps[1].target(middle));
        assert_eq!(stepwise, whole.target(technique.id), "{}", technique.id);
    }
    // The only active technique of 15.0 that 18.1 revoked, and one that 19.0 did.
    assert_eq!(steps[0].fate(id("T1574.002")), Some(&Fate::Moved(id("T1574.001"))));
    assert_eq!(whole.fate(id("T1562.001")), Some(&Fate::Moved(id("T1685"))));

    let score = |value| Some(Score::new(value).unwrap());
    let before = [
        ("T1574.001", score(29)),
        ("T1574.002", score(50)),
        ("T1562", None),
        ("T1562.001", score(75)),
        ("T1562.006", score(0)),
        ("T1656", score(29)),
        ("T1059", score(0)),
    ]
    .map(|(technique, score)| (id(technique), score));
    let after = steps[1].apply(&steps[0].apply(&before));
    let expected =
        [("T1059", score(0)), ("T1574.001", score(50)), ("T1684.001", score(29)), ("T1685", score(75))]
            .map(|(technique, score)| (id(technique), score));
    assert_eq!(after, expected);
    assert_eq!(whole.apply(&before), expected);
}

#[test]
fn an_older_version_sees_through_the_table_of_18_1() {
    let Some(old) = v15_0() else { return };
    let registry = technology::bundled();
    let applicability = Applicability::new(&old, registry);
    let windows = registry.position("microsoft.windows").unwrap();
    // Kept, and revoked since.
    for technique in ["T1003.001", "T1574.002", "T1562.001"] {
        assert!(applicability.applies(id(technique), windows), "{technique}");
    }
    let okta = registry.position("okta.identity").unwrap();
    assert!(!applicability.applies(id("T1003.001"), okta));
    for (position, technology) in registry.technologies().iter().enumerate() {
        let seen = applicability.techniques_of(u16::try_from(position).unwrap());
        // ATT&CK 15.0 did not have the platform ESXi yet.
        let only_esxi = technology.platforms.iter().eq([Platform::Esxi]);
        assert_eq!(seen.is_empty(), only_esxi, "{}", technology.id);
    }
}
