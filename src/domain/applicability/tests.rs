//! The rule of applicability on small made-up registries, and the plausibility of the bundled one.

use super::*;
use crate::domain::technology::bundled as registry;

fn id(text: &str) -> TechniqueId {
    text.parse().unwrap()
}

fn technology(
    id: &str,
    family: Family,
    kind: Kind,
    platforms: &[Platform],
    components: &[&str],
) -> Technology {
    let mut set = ComponentSet::EMPTY;
    for component in components {
        set.insert(component).unwrap();
    }
    Technology {
        id: id.to_owned(),
        name: id.to_owned(),
        family,
        kind,
        platforms: platforms.iter().copied().collect(),
        components: set,
        native_detections: false,
    }
}

fn position(registry: &Registry, id: &str) -> u16 {
    registry.position(id).unwrap_or_else(|| panic!("{id} is not in the registry"))
}

#[test]
fn a_host_needs_a_component_and_a_platform_in_common() {
    // T1003.001 LSASS Memory: Windows only, process creation and access among its components.
    let registry = Registry::new(vec![
        technology("test.windows", Family::Endpoint, Kind::Host, &[Platform::Windows], &["DC0032"]),
        technology("test.linux", Family::Endpoint, Kind::Host, &[Platform::Linux], &["DC0032"]),
        technology("test.cloud", Family::Endpoint, Kind::Host, &[Platform::Windows], &["DC0025"]),
    ])
    .unwrap();
    let applicability = Applicability::new(&bundled::v18_1(), &registry);
    let lsass = id("T1003.001");
    assert!(applicability.applies(lsass, position(&registry, "test.windows")));
    assert!(!applicability.applies(lsass, position(&registry, "test.linux")), "another platform");
    assert!(!applicability.applies(lsass, position(&registry, "test.cloud")), "no component in common");
    assert_eq!(
        applicability.technologies_of(lsass).collect::<Vec<_>>(),
        [position(&registry, "test.windows")]
    );
    assert!(applicability.visible_to_family(lsass, Family::Endpoint));
    assert!(!applicability.visible_to_family(lsass, Family::Network));
}

#[test]
fn a_network_technology_needs_only_a_component_in_common() {
    // T1001.002 Steganography is of hosts' platforms and has network traffic content among its components.
    let registry = Registry::new(vec![
        technology("test.net", Family::Network, Kind::Network, &[Platform::NetworkDevices], &["DC0085"]),
        technology("test.host", Family::Endpoint, Kind::Host, &[Platform::NetworkDevices], &["DC0085"]),
    ])
    .unwrap();
    let applicability = Applicability::new(&bundled::v18_1(), &registry);
    assert!(applicability.applies(id("T1001.002"), position(&registry, "test.net")));
    assert!(!applicability.applies(id("T1001.002"), position(&registry, "test.host")));
}

#[test]
fn a_parent_applies_if_one_of_its_sub_techniques_does() {
    let (catalogue, table) = bundled::components(bundled::v18_1().version());
    // A component that a sub-technique has and its parent lacks.
    let (sub, component) = catalogue
        .active()
        .filter(|technique| technique.id.is_sub() && technique.platforms.contains(Platform::Windows))
        .find_map(|sub| {
            let parent: Vec<_> = table.of(sub.id.parent()).iter().collect();
            table.of(sub.id).iter().find(|c| !parent.contains(c)).map(|component| (sub.id, component))
        })
        .unwrap();
    let registry = Registry::new(vec![technology(
        "test.one",
        Family::Endpoint,
        Kind::Host,
        &[Platform::Windows],
        &[&component],
    )])
    .unwrap();
    let applicability = Applicability::new(&catalogue, &registry);
    assert!(applicability.applies(sub, 0) && applicability.applies(sub.parent(), 0));
    assert!(applicability.visible_to_family(sub.parent(), Family::Endpoint));
    assert!(applicability.techniques_of(0).contains(&sub.parent()));
}

#[test]
fn without_a_component_platforms_alone_decide_and_network_and_email_also_see_preparation() {
    // T1591 Gather Victim Org Information: PRE only, no analytic names a component.
    let gather = id("T1591");
    assert!(bundled::components(bundled::v18_1().version()).1.of(gather).is_empty());
    let pre_blind = &[Platform::NetworkDevices];
    let registry = Registry::new(vec![
        technology("test.email", Family::Email, Kind::Service, pre_blind, &["DC0038"]),
        technology("test.network", Family::Network, Kind::Network, pre_blind, &["DC0085"]),
        technology("test.cloud", Family::Cloud, Kind::Network, pre_blind, &["DC0085"]),
        technology("test.saas", Family::Saas, Kind::Service, pre_blind, &["DC0038"]),
    ])
    .unwrap();
    let applicability = Applicability::new(&bundled::v18_1(), &registry);
    for (name, sees) in
        [("test.email", true), ("test.network", true), ("test.cloud", false), ("test.saas", false)]
    {
        assert_eq!(applicability.applies(gather, position(&registry, name)), sees, "{name}");
    }
}

#[test]
fn the_table_is_carried_to_later_versions_along_the_ids() {
    let (old, new) = (bundled::v18_1(), bundled::v19_0());
    let (before, after) = (Applicability::new(&old, registry()), Applicability::new(&new, registry()));
    let windows = position(registry(), "microsoft.windows");
    // Unchanged, merged from several, moved from a sub-technique to a technique.
    for technique in ["T1003.001", "T1685", "T1688", "T1685.005"] {
        assert!(after.applies(id(technique), windows), "{technique}");
    }
    // What is seen stays seen under the successor's id.
    let migration = Migration::between(&old, &new).unwrap();
    for (position, technology) in registry().technologies().iter().enumerate() {
        let position = u16::try_from(position).unwrap();
        for technique in before.techniques_of(position) {
            let target = migration.target(*technique).unwrap();
            let (was, is) = (old.get(*technique).unwrap().platforms, new.get(target).unwrap().platforms);
            if is.iter().collect::<Vec<_>>() == was.iter().collect::<Vec<_>>() && technique.is_sub() {
                assert!(after.applies(target, position), "{technique} -> {target} through {}", technology.id);
            }
        }
    }
    assert!(
        !after.applies(id("T1562.001"), windows),
        "an id that the version has revoked applies to nothing"
    );
}

#[test]
fn ids_and_positions_that_do_not_exist_apply_to_nothing() {
    let applicability = Applicability::new(&bundled::v18_1(), registry());
    assert!(!applicability.applies(id("T9999"), 0));
    assert!(!applicability.applies(id("T1059.999"), 0));
    assert!(!applicability.applies(id("T1059"), u16::MAX));
    assert!(applicability.techniques_of(u16::MAX).is_empty());
    assert!(!applicability.visible_to_family(id("T9999"), Family::Endpoint));
}

#[test]
fn lists_and_lookups_agree() {
    let catalogue = bundled::v19_0();
    let applicability = Applicability::new(&catalogue, registry());
    for (position, _) in registry().technologies().iter().enumerate() {
        let position = u16::try_from(position).unwrap();
        let looked_up: Vec<_> = catalogue
            .active()
            .map(|technique| technique.id)
            .filter(|technique| applicability.applies(*technique, position))
            .collect();
        assert_eq!(applicability.techniques_of(position), looked_up);
    }
    for family in Family::ALL {
        for technique in catalogue.active() {
            let any = applicability
                .technologies_of(technique.id)
                .any(|position| registry().get(position).unwrap().family == family);
            assert_eq!(applicability.visible_to_family(technique.id, family), any);
        }
    }
}

#[test]
fn every_technology_sees_something_plausible() {
    for catalogue in bundled::catalogues() {
        let applicability = Applicability::new(&catalogue, registry());
        let parents = |id: &str| {
            let seen = applicability.techniques_of(position(registry(), id));
            seen.iter().filter(|technique| !technique.is_sub()).count()
        };
        for technology in registry().technologies() {
            println!("{} {:34} {:3} parents", catalogue.version(), technology.id, parents(&technology.id));
            assert!((10..=180).contains(&parents(&technology.id)), "{}", technology.id);
        }
        assert!((140..=180).contains(&parents("microsoft.windows")));
        assert!((25..=60).contains(&parents("okta.identity")));
        assert!((40..=70).contains(&parents("aws.cloudtrail")));
        assert!((80..=130).contains(&parents("paloalto.ngfw")));
    }
}
