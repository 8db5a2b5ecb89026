//! A18: cells that are missing for different reasons.

use peerbench::domain::release::Rule;
use serde_json::{Value, json};

use super::{
    fixture::Fixture,
    report::report,
    world::{Who, World, rows},
};
use crate::support::{Store, on_both};

on_both!(what_is_missing_does_not_say_why);

fn what_is_missing_does_not_say_why(store: Store) {
    let mut world = World::new(store);
    let mut fixture = Fixture::new(18);
    // Of 40 members five have the first technology (R9); all but three the second (R10); the third is one provider's
    // and fifteen others' (R9 after R12); nobody has the fourth.
    let technologies = ["linux.auditd", "crowdstrike.falcon", "elastic.defend", "eset.inspect"];
    let members: Vec<_> = (0..40)
        .map(|number| {
            let control_group = (25..40).contains(&number).then(|| "provider".to_owned());
            let organisation = world.organisation(&Who { control_group, ..Who::default() });
            let has = [(0..5).contains(&number), number != 1 && number != 2 && number != 3, number >= 10];
            let mut own = vec!["microsoft.windows"];
            own.extend(technologies.into_iter().zip(has).filter(|(_, has)| *has).map(|(id, _)| id));
            world.scores_in(&organisation, &own, &fixture.member());
            organisation
        })
        .collect();
    world.release();
    let reader = world.reader(&members[0]);
    // Of endpoints, as all four are, and of all technologies.
    let coarser = ["endpoint", "any"].map(|column| rows(&reader, &format!("&column={column}")));
    let released = |row: &Value| row["peers"]["status"] == "released";
    let mut missing = 0;
    for column in technologies {
        for row in rows(&reader, &format!("&column={column}")) {
            assert_eq!(row["peers"], json!({ "status": "not_released" }), "{column}: {row}");
            let mut members: Vec<&String> = row.as_object().unwrap().keys().collect();
            members.retain(|name| *name != "fallback");
            assert_eq!(members, ["name", "own", "peers", "tactics", "technique"], "{column}");
            // The fallback is the nearest row of the same table, as anybody can read it.
            let fallback = &row["fallback"]["peers"];
            let nearest = coarser.iter().flatten().find(|other| {
                other["technique"] == row["technique"] && other["peers"]["status"] == "released"
            });
            assert_eq!(*fallback, nearest.map_or(Value::Null, |other| other["peers"].clone()), "{column}");
            missing += 1;
        }
    }
    assert!(missing > 40 && coarser[1].iter().any(released), "{missing}");
    world.release_without(&[Rule::R9, Rule::R10, Rule::R12, Rule::R17]);
    let shown = technologies.map(|column| rows(&reader, &format!("&column={column}")).iter().any(released));
    assert_eq!(shown, [false, true, true, false], "five are below what has a quantile at all");
    report(
        18,
        "technologies that 5 of 40 have, all but 3, one provider and a few, nobody; every cell of their columns is read",
        "R19",
        "the same members, `not_released`, and a fallback that is a row of the same table, whatever the reason",
        "without R9, R10 and R12 the second and third are there",
    );
}
