//! Scans that replace slow joins, against the joins: the catalogue's facts about each cell, the maximum over an
//! organisation's feeds, and the shares of the composites.

use polars::prelude::{
    DataFrame, DataType, Expr, IntoLazy as _, JoinArgs, JoinType, LazyFrame, SortMultipleOptions,
    UInt32Chunked, col, len, lit,
};

use super::*;
use crate::{
    analytics::row,
    domain::{
        coverage::parents_of,
        snapshot::{AdapterVersion, Basis, Cell, CellValue, Header, Producer, Snapshot, Source},
    },
};

fn table(columns: Vec<(&str, Vec<u32>)>) -> LazyFrame {
    let columns = columns.into_iter().map(|(name, values)| Series::new(name.into(), values).into());
    DataFrame::new_infer_height(columns.collect()).unwrap().lazy()
}

fn rows<const N: usize>(frame: LazyFrame, columns: [&str; N]) -> Vec<[u32; N]> {
    let frame = frame.select(columns.map(col)).collect().unwrap();
    let columns = columns.map(|name| frame.column(name).unwrap().u32().unwrap().clone());
    let value = |column: &UInt32Chunked, row| column.get(row).unwrap();
    (0..frame.height()).map(|row| std::array::from_fn(|column| value(&columns[column], row))).collect()
}

fn on(names: &[&str]) -> Vec<Expr> {
    names.iter().copied().map(col).collect()
}

/// The number of a family's column.
fn family(layout: &Layout, of: Family) -> u32 {
    u32::try_from(layout.family(of).unwrap().position()).unwrap()
}

/// Numbers of technologies outside the registry follow those in it.
fn number(technology: TechnologyRef) -> u32 {
    match technology {
        TechnologyRef::Known(known) => u32::from(known),
        TechnologyRef::Other(family) => {
            let family = family.and_then(|family| Family::ALL.iter().position(|known| *known == family));
            10_000 + u32::try_from(family.map_or(0, |family| family + 1)).unwrap()
        }
    }
}

/// Feed by feed, one row a cell.
fn cells(feeds: &[Contribution]) -> LazyFrame {
    let all = || feeds.iter().flat_map(|feed| &feed.cells);
    table(vec![
        ("technology", all().map(|cell| number(cell.technology)).collect()),
        ("technique", all().map(|cell| cell.technique.number()).collect()),
        ("score", all().map(|cell| u32::from(cell.score.get())).collect()),
        ("scale", all().map(|cell| u32::from(cell.scale.position())).collect()),
    ])
}

/// The maximum over the feeds of each cell; the earlier scale of equal ones.
fn best(cells: LazyFrame) -> LazyFrame {
    let order = SortMultipleOptions::default().with_order_descending_multi([false, false, true, false]);
    cells
        .sort(["technology", "technique", "score", "scale"], order)
        .group_by_stable([col("technology"), col("technique")])
        .agg([col("score").first(), col("scale").first()])
}

/// The catalogue's facts about each cell, joined on technology and technique: the row of every cell that counts.
fn joined(cells: LazyFrame, layout: &Layout) -> LazyFrame {
    let facts = &*FACTS;
    let (mut technique, mut block, mut slot) = (Vec::new(), Vec::new(), Vec::new());
    for id in facts.catalogue().active().map(|technique| technique.id) {
        if let Some((of, at)) = layout.place(id) {
            technique.push(id.number());
            block.push(u32::try_from(of.position()).unwrap());
            slot.push(u32::try_from(at.position()).unwrap());
        }
    }
    let techniques = table(vec![("technique", technique), ("block", block), ("slot", slot)]);
    let (mut technology, mut seen, mut column) = (Vec::new(), Vec::new(), Vec::new());
    for (known, of) in (0_u16..).zip(facts.registry().technologies()) {
        for id in facts.applicability().techniques_of(known) {
            technology.push(u32::from(known));
            seen.push(id.number());
            column.push(family(layout, of.family) << 9 | (u32::from(known) + 1));
        }
    }
    let applicable = table(vec![("technology", technology), ("technique", seen), ("column", column)]);
    cells
        .join(techniques, on(&["technique"]), on(&["technique"]), JoinArgs::new(JoinType::Inner))
        .join(
            applicable,
            on(&["technology", "technique"]),
            on(&["technology", "technique"]),
            JoinArgs::new(JoinType::Left),
        )
        .with_column(col("column").fill_null(lit(0_u32)))
        .filter(col("column").gt(lit(0_u32)).or(col("score").gt(lit(0_u32))))
}

/// The shares of the composites of one member, joined on the parents of each set.
fn shares(contributor: &Contributor, layout: &Layout) -> Vec<[u32; 2]> {
    let facts = &*FACTS;
    let contribution = &contributor.contribution;
    let family_of = |technology: TechnologyRef| facts.registry().family_of(technology);
    let column = |of: Option<Family>| of.map_or(0, |of| family(layout, of));
    let positive = || contribution.cells.iter().filter(|cell| cell.score > Score::ZERO);
    let parents = |cell: &ContributionCell| cell.technique.parent().number();
    let through_any = positive().map(|cell| (0, parents(cell)));
    let through_family =
        positive().filter_map(|cell| Some((column(Some(family_of(cell.technology)?)), parents(cell))));
    let (columns, parents) = through_any.chain(through_family).unzip();
    let covered = table(vec![("column", columns), ("parent", parents)])
        .group_by([col("column"), col("parent")])
        .agg([lit(1_u32).first().alias("covered")]);

    let key = |item: Item| u32::try_from(layout.simple_of(&item).unwrap().position()).unwrap();
    let tactics = (0..).zip(facts.catalogue().tactics());
    let mut sets = vec![(key(Item::Overall), None, Set::Overall)];
    sets.extend(
        tactics.map(|(tactic, of)| (key(Item::Tactic(of.short_name.clone())), None, Set::Tactic(tactic))),
    );
    sets.extend(Family::ALL.map(|family| (key(Item::Family(family)), Some(family), Set::Family(family))));
    sets.extend(facts.groups().iter().map(|(id, _)| (key(Item::Group(*id)), None, Set::Group(*id))));
    let declared = |family: &Option<Family>| match family {
        None => !contribution.is_empty(),
        Some(_) => contribution.technologies.iter().any(|technology| family_of(*technology) == *family),
    };
    let sets = sets.into_iter().filter(|(_, family, _)| declared(family)).flat_map(|(key, family, set)| {
        parents_of(set, contributor.platforms, facts)
            .into_iter()
            .map(move |id| (key, column(family), id.number()))
    });
    let sets: Vec<(u32, u32, u32)> = sets.collect();
    let sets = table(vec![
        ("key", sets.iter().map(|(key, _, _)| *key).collect()),
        ("column", sets.iter().map(|(_, column, _)| *column).collect()),
        ("parent", sets.iter().map(|(_, _, parent)| *parent).collect()),
    ]);
    let of = || len().cast(DataType::UInt32);
    let covered_of = || col("covered").sum().cast(DataType::UInt32);
    let shares = sets
        .join(covered, on(&["column", "parent"]), on(&["column", "parent"]), JoinArgs::new(JoinType::Left))
        .group_by([col("key")])
        .agg([((covered_of() * lit(200_u32) + of()) / (of() * lit(2_u32))).alias("share")])
        .sort(["key"], SortMultipleOptions::default());
    rows(shares, ["key", "share"])
}

prop_compose! {
    /// One feed: a snapshot on one scale.
    fn feeds()(
        cells in proptest::collection::btree_map((0_u8..3, 0_usize..40), 0_i8..=20, 0..60),
        percent in any::<bool>(),
    ) -> Snapshot {
        let scale = if percent { Scale::Percent } else { Scale::RuleCount };
        let techniques: Vec<TechniqueId> = FACTS.catalogue().active().map(|technique| technique.id).skip(60).collect();
        let cell = |((technology, technique), value): ((u8, usize), i8)| Cell {
            technology,
            technique: techniques[technique],
            value: CellValue::Value(value),
        };
        let header = Header {
            period: "2026-06".parse().unwrap(),
            attack: FACTS.catalogue().version(),
            producer: Producer {
                source: Source::Sigma,
                feed: 1,
                adapter: AdapterVersion { major: 0, minor: 1, patch: 0 },
            },
            basis: Basis::Deployed,
            window_days: None,
            scale,
            technologies: ["aws.cloudtrail", "microsoft.windows", "okta.identity"].map(str::to_owned).to_vec(),
            complete: Vec::new(),
        };
        Snapshot { header, cells: cells.into_iter().map(cell).collect() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_the_catalogue_says_is_a_join((_, contribution) in contributions()) {
        let layout = Layout::new(FACTS.catalogue(), FACTS.registry()).unwrap();
        let part = contributor(0, PlatformSet::EMPTY, contribution.clone());
        let places = Places::new(&FACTS, &layout).unwrap();
        let shared = Shared { layout: &layout, places: &places, composites: &Composites::default() };
        let cells_of = Cells::new(layout.clone(), vec![Part::new(vec![part], 0, &shared).unwrap().cells]);
        let mut looked_up: Vec<[u32; 5]> = cells_of
            .rows(&layout.blocks().indices().collect::<Vec<_>>())
            .flatten()
            .map(|row| [row::BLOCK, row::SLOT, row::COLUMN, row::SCORE, row::SCALE].map(|part| {
                u32::try_from(part.get(*row)).unwrap()
            }))
            .collect();
        let mut expected = rows(joined(cells(&[contribution]), &layout), ["block", "slot", "column", "score", "scale"]);
        looked_up.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(looked_up, expected);
    }

    #[test]
    fn a_contribution_is_the_maximum_over_feeds(feeds in proptest::collection::vec(feeds(), 1..4)) {
        let of = |feeds: &[Snapshot]| coverage::contribution(feeds, &FACTS).unwrap();
        let alone: Vec<Contribution> = feeds.iter().map(|feed| of(std::slice::from_ref(feed))).collect();
        let columns = ["technology", "technique", "score", "scale"];
        prop_assert_eq!(rows(best(cells(&alone)), columns), rows(cells(&[of(&feeds)]), columns));
    }

    #[test]
    fn composites_are_shares_of_joined_sets((platforms, contribution) in contributions()) {
        let layout = Layout::new(FACTS.catalogue(), FACTS.registry()).unwrap();
        let contributor = contributor(0, platforms, contribution);
        let expected = shares(&contributor, &layout);
        let all = observed(vec![contributor], &BTreeSet::new(), |cells| Box::new(cells)).remove(0);
        let composites: Vec<[u32; 2]> = all.iter().filter_map(|(key, (share, _))| match key {
            Key::Simple(of) if !matches!(layout.simple()[*of], Item::Technology(_)) => {
                Some([u32::try_from(of.position()).unwrap(), u32::from(*share)])
            }
            _ => None,
        }).collect();
        prop_assert_eq!(composites, expected);
    }
}
