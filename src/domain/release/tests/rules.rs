//! Each rule with a world made for it: the published tables are others when it is switched off, and where it hides
//! something, it is the reason that is given.

use super::{refresh::Chain, *};

const RULES: [Rule; 16] = [
    Rule::R9,
    Rule::R10,
    Rule::R11,
    Rule::R11b,
    Rule::R12,
    Rule::R13,
    Rule::R14,
    Rule::R15,
    Rule::R16,
    Rule::R17,
    Rule::R28,
    Rule::R31,
    Rule::R32,
    Rule::R33,
    Rule::R34,
    Rule::R35,
];

/// Releases that follow each other, each with its parameters and dimensions.
type Worlds = Vec<(World, Parameters, Dimensions)>;

fn default() -> Parameters {
    Parameters::preset(Preset::Default)
}

fn alone(world: World) -> Worlds {
    vec![(world, default(), Dimensions::default())]
}

fn sectors<const N: usize>(names: [&str; N]) -> Dimensions {
    Dimensions::default().with(Dimension::SECTOR, names.map(str::to_owned).to_vec()).unwrap()
}

/// The worlds in which a rule matters. A match, so that a new rule needs one.
fn worlds(rule: Rule) -> Worlds {
    let two = |first: u32, count: u32| {
        World::new(count, move |n| if n < first { "finance" } else { "retail" }, |n| format!("g{n}"))
    };
    let follow = |worlds: Vec<World>| worlds.into_iter().flat_map(alone).collect::<Worlds>();
    match rule {
        Rule::R9 => alone(World::plain(40).technique(|n| spread(n).filter(|_| n < 15))),
        Rule::R10 => {
            let endpoint = in_family(Family::Endpoint);
            let world = World::plain(40).technique(spread);
            alone(world.say(endpoint, |n| spread(n).filter(|_| n < 39), Some(Scale::RuleCount)))
        }
        Rule::R11 => {
            let name = |n| match n {
                0..25 => "finance",
                25..50 => "retail",
                50..53 => "health",
                _ => "mining",
            };
            alone(World::new(56, name, |n| format!("g{n}")).technique(spread))
        }
        Rule::R11b => vec![(spanning(), Parameters { pairs_min_n: 50, ..default() }, Dimensions::default())],
        Rule::R12 => {
            // One provider has most of those who have the technique at all.
            let group = |n: u32| if n < 24 { "mssp".to_owned() } else { format!("g{n}") };
            let world = World::new(100, |_| "finance", group);
            alone(world.technique(|n| (n < 44).then_some(if n < 24 { 100 } else { 40 })))
        }
        Rule::R13 => {
            // Six of retail go to finance, and the others have another name.
            let moved = |n| if n < 36 { "finance" } else { "retail-north" };
            let next = World::new(60, moved, |n| format!("g{n}")).technique(spread);
            let soon = || Parameters { m: 3, ..default() };
            let mut worlds = vec![(two(30, 60).technique(spread), soon(), Dimensions::default())];
            worlds.push((next, soon(), sectors(["finance", "retail-north"])));
            worlds
        }
        Rule::R14 | Rule::R15 => alone(World::plain(40).technique(|n| u8::try_from(n * 2 + 7).ok())),
        Rule::R16 => alone(World::plain(40).technique(|n| Some(if n < 4 { 90 } else { 0 }))),
        Rule::R17 => {
            let of = |count| World::plain(count).technique(spread);
            [29, 30].into_iter().flat_map(|count| alone(of(count))).collect()
        }
        Rule::R28 => {
            let low = || World::plain(30).say(overall(), |_| Some(3), None);
            let tighter = Parameters { code_low: 20, code_high: 80, ..default() };
            let mut worlds = alone(low());
            worlds.push((low(), tighter, Dimensions::default()));
            worlds
        }
        Rule::R31 => {
            // Ten change by a little: the quantiles are within reach of what they were.
            let of = |changed: u32| {
                World::plain(40)
                    .technique(move |n| u8::try_from(n * 2 + 7 + if n < changed { 6 } else { 0 }).ok())
            };
            follow(vec![of(0), of(10)])
        }
        Rule::R32 => {
            // Four change, and the others by a point, which is shown as the same.
            let of = |by: u8| {
                let value = move |n| if by > 0 && n > 35 { 0 } else { u8::try_from(n / 2 * 5).unwrap() + by };
                World::plain(40).technique(move |n| Some(value(n)))
            };
            follow(vec![of(0), of(1)])
        }
        Rule::R33 => {
            let of = |counts: u32| {
                let count = move |n| (n < counts).then_some(30);
                let percent = move |n| (n >= counts).then_some(70);
                World::plain(41).say(any(), count, Some(Scale::RuleCount)).say(
                    any(),
                    percent,
                    Some(Scale::Percent),
                )
            };
            follow(vec![of(21), of(20)])
        }
        Rule::R34 => {
            let of = |count: u32| World::plain(40).technique(move |n| spread(n).filter(|_| n < count));
            follow(vec![of(25), of(19)])
        }
        Rule::R35 => {
            let endpoint = in_family(Family::Endpoint);
            let world = World::plain(24).technique(|n| Some(if n < 9 { 90 } else { 20 }));
            alone(world.say(endpoint, |_| Some(20), Some(Scale::RuleCount)))
        }
    }
}

/// A community in which five of finance are small. Neither the rest of finance nor the rest of the small is shown, but all
/// without retail and without the medium, who have retail's medium in common, would be these five.
fn spanning() -> World {
    let mut world = World::new(95, |n| if n < 35 { "finance" } else { "retail" }, |n| format!("g{n}"));
    for (member, number) in world.members.iter_mut().zip(0_u32..) {
        let small = matches!(number, 0..5 | 35..65);
        member.dimensions.set(Dimension::SIZE, if small { "small" } else { "medium" }.to_owned());
    }
    world.technique(spread)
}

/// The last release's tables, and why cells are not in them.
fn publish(worlds: &Worlds, off: &[Rule]) -> (Vec<(Cohort, Vec<u8>)>, Vec<Explanation>) {
    let mut chain = Chain::default();
    let mut last = Default::default();
    for (world, parameters, dimensions) in worlds {
        let parameters = Parameters { off: off.to_vec(), ..parameters.clone() };
        let unreleased = world.unreleased();
        let input = Input { basis: Basis::Deployed, unreleased: &unreleased };
        let key = ReleaseKey::new([3; 32]);
        let (attack, previous) = ("19.0".parse().unwrap(), chain.previous.clone());
        let (publication, reasons) =
            explain(attack, &[input], previous, &chain.parts, dimensions, &parameters, &key).unwrap();
        last = (refresh::bytes(&publication), reasons);
        chain.follow(&publication);
    }
    last
}

#[test]
fn each_rule_changes_a_table() {
    let same = |rule: &Rule| publish(&worlds(*rule), &[]).0 == publish(&worlds(*rule), &[*rule]).0;
    assert_eq!(RULES.into_iter().filter(same).collect::<Vec<_>>(), []);
}

#[test]
fn a_cell_is_hidden_for_a_reason() {
    for (rule, reason) in [
        (Rule::R9, Reason::Threshold),
        (Rule::R10, Reason::Difference),
        (Rule::R11, Reason::Remainder),
        (Rule::R11b, Reason::Span),
        (Rule::R13, Reason::Refresh),
    ] {
        let worlds = worlds(rule);
        // Cohorts without members never reach any threshold.
        let counts = |why: &Explanation| rule != Rule::R9 || why.cohort == Cohort::All;
        let given =
            |off: &[Rule]| publish(&worlds, off).1.iter().any(|why| why.reason == reason && counts(why));
        assert!(given(&[]), "{rule:?}");
        // The new cohort is not the only one that waits.
        assert!(rule == Rule::R13 || !given(&[rule]), "{rule:?}");
    }
}

#[test]
fn a_cell_is_hidden_because_one_group_is_most_of_it() {
    // A small share leaves out all organisations of a provider beside so few others.
    let group = |n: u32| if n < 19 { format!("g{n}") } else { format!("mssp{}", n % 2) };
    let world = World::new(60, |_| "finance", |n| if n < 30 { group(n) } else { format!("g{n}") });
    let world = world.technique(|n| spread(n).filter(|_| n < 30));
    let parameters = Parameters { max_cg_share: 1, ..default() };
    let reasons = publish(&vec![(world, parameters, Dimensions::default())], &[]).1;
    let of = |why: &&Explanation| why.item == in_any() && why.cohort == Cohort::All;
    assert_eq!(reasons.iter().find(of).map(|why| why.reason), Some(Reason::Dominance));
}
