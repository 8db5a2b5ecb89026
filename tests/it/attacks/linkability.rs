//! A28: can two things that are seen be told to be of the same organisation, between releases or between tenants?

use std::collections::BTreeSet;

use peerbench::domain::release::Rule;
use serde_json::Value;

use super::{
    fixture::Fixture,
    pure::{Chain, Community, without},
    report::report,
    world::{Who, World, items},
};
use crate::support::{Store, client::Client, on_both};

on_both!(nothing_that_is_read_names_a_member_twice);

/// Everything of a release that looks like an id, a hash or a salt, without its number and times.
fn opaque(reader: &Client, number: u32) -> BTreeSet<String> {
    fn collect(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::String(text) if text.len() >= 20 && !text.contains([' ', ':', '/']) => {
                into.insert(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            Value::Object(members) => members.values().for_each(|value| collect(value, into)),
            _ => {}
        }
    }
    let mut opaque = BTreeSet::new();
    collect(&reader.get(&format!("/v1/releases/{number}")).expect(200).json(), &mut opaque);
    opaque
}

fn nothing_that_is_read_names_a_member_twice(store: Store) {
    let world = World::new(store);
    let mut fixture = Fixture::new(28);
    let members = (0..50).map(|number| {
        let sector = if number < 25 { "finance" } else { "retail" };
        (Who { sector, ..Who::default() }, fixture.member())
    });
    let members = world.settle(members.collect::<Vec<_>>());
    world.release();
    world.release();
    let (a, b) = (world.reader(&members[0]), world.reader(&members[25]));
    // The tables are the same, and nothing but the numbers tells so.
    let (first, second) = (opaque(&a, 1), opaque(&a, 2));
    assert!(first.len() > 10 && first.is_disjoint(&second), "{first:?} {second:?}");
    // Another tenant has the proof of `all` in common, which everybody reads, and of its own sector nothing.
    let own = |reader: &Client, cohort: &str| {
        let release = reader.get("/v1/releases/1").expect(200).json();
        let tables = release["tables"].as_array().unwrap().clone();
        tables.into_iter().find(|table| table["cohort"] == cohort).unwrap()["salt"].clone()
    };
    assert_eq!(own(&a, "all"), own(&b, "all"));
    assert_ne!(own(&a, "sector:finance"), own(&b, "sector:retail"));
    // No organisation is named in what any other reads.
    let mut read = items(&a, "all").concat() + &items(&a, "sector:finance").concat();
    for path in ["/v1/comparisons/summary", "/v1/releases", "/v1/releases/1", "/v1/releases/2", "/v1/cohorts"]
    {
        read += &a.get(path).expect(200).text();
    }
    assert!(members.iter().all(|member| !read.contains(member.as_str())));
    // What the service keeps of members to compare releases by is keyed: two services have nothing in common.
    let community = Community::of(Fixture::new(28).members(25));
    let kept = |key: u64, number: usize| {
        let mut chain = Chain::new(key);
        let publish = |_| chain.try_publish(&community, &without(&[Rule::R17])).unwrap();
        let head = (0..number).map(publish).last().unwrap().ledgers[0].head.clone();
        let footing = chain.parts.parts().iter().fold(head, |all, part| [all.as_slice(), part].concat());
        // A pseudonym is eight bytes; text and small numbers are left out.
        let is_opaque = |window: &&[u8]| {
            window.iter().filter(|byte| **byte >= 0x80).count() >= 2
                && !window.contains(&0)
                && !window.contains(&0xff)
        };
        footing.windows(8).filter(is_opaque).map(<[u8]>::to_vec).collect::<BTreeSet<_>>()
    };
    assert!(kept(1, 1).is_disjoint(&kept(2, 1)));
    let linked = kept(1, 1).intersection(&kept(1, 2)).count();
    assert!(linked >= 20, "{linked}");
    report(
        28,
        "everything that looks like an id, a hash or a salt is collected from two releases of the same data, from two \
         tenants, and from what two services keep of the same members",
        "R17, R30",
        "nothing recurs from release to release, from one sector's proof to another's, or from key to key; no answer \
         names an organisation",
        "with the service's key in hand the members of two of its releases are linked, which is what R17 needs it for",
    );
}
