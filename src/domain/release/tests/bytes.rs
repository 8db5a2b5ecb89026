//! The bytes of tables and ledgers, which a later version of the program must make again from the same contributions: a
//! digest of everything that five releases of a made-up community publish and keep.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{values::layout::Technology, *};

/// A number below `below` that depends on all of `of`.
fn draw(of: [u32; 3], below: u32) -> u32 {
    let mixed = of.into_iter().fold(0x9e37_79b9_u32, |mixed, one| {
        let mixed = (mixed ^ one).wrapping_mul(0x85eb_ca6b);
        mixed ^ mixed >> 13
    });
    (mixed ^ mixed >> 16) % below
}

const TECHNIQUES: [&str; 6] = ["T1059", "T1059.001", "T1059.003", "T1003", "T1003.001", "T1190"];
const TECHNOLOGIES: [&str; 4] =
    ["microsoft.windows", "linux.auditd", "microsoft.entra-id", "google.workspace"];

/// Members of all cohorts; some share a control group, one of which is dominant where few have a technology.
fn members(numbers: impl Iterator<Item = u32>) -> Vec<Member> {
    let dimensions = Dimensions::default();
    let value = |dimension, number: u32, count: u32| {
        let values = dimensions.values(dimension);
        values[usize::try_from(draw([number, 7, count], count)).unwrap()].clone()
    };
    let member = |number: u32| Member {
        organisation: OrganisationId::new(format!("o{number}")),
        control_group: match number % 40 {
            0..8 => format!("provider{}", number % 2),
            8..10 => format!("pair{}", number / 40),
            _ => format!("g{number}"),
        },
        dimensions: Dimension::ALL
            .into_iter()
            .zip([3, 4, 2])
            .map(|(dimension, count)| (dimension, value(dimension, number, count)))
            .collect(),
        writers: Vec::new(),
    };
    numbers.map(member).collect()
}

/// The members' values at a release: one member in `one_in` has other scores than at first.
fn unreleased(numbers: impl Iterator<Item = u32> + Clone, release: u32, one_in: u32) -> Unreleased {
    let registry = technology::bundled();
    let known = TECHNOLOGIES.map(|id| LAYOUT.technology(registry.position(id)?));
    let mut cells = Vec::new();
    let mut simple = LAYOUT.simple().filled(Vec::new());
    for (member, number) in (0..).zip(numbers.clone()) {
        let turn = if draw([number, release, 3], one_in) == 0 { release } else { 0 };
        for ((technology, known), rarity) in (0_u32..).zip(known).zip([1, 2, 3, 9]) {
            if draw([number, technology, 5], rarity) > 0 {
                continue;
            }
            for (technique, id) in (0_u32..).zip(TECHNIQUES) {
                let (block, of) = LAYOUT.place(id.parse().unwrap()).unwrap();
                let score = draw([number * 31 + turn, technique, technology], 5);
                if score == 4 {
                    continue;
                }
                let score = [0, 50, 75, 100][usize::try_from(score).unwrap()];
                let scale = u8::from(draw([number, technique, 11], 9) == 0);
                let applies = draw([technique, technology, 13], 5) > 0;
                let technology = known.filter(|_| applies);
                cells.push(Assessed { block, member, technology, technique: of, score, scale });
            }
        }
        for (key, values) in (0..).zip(simple.values_mut()) {
            let value = u8::try_from(draw([number + 1000 * turn, key, 17], 101)).unwrap();
            values.push(if key % 3 == 1 && draw([number, key, 19], 4) > 0 { ABSENT } else { value });
        }
    }
    let members = By::new(members(numbers)).unwrap();
    let mut scales = members.filled(0);
    for cell in &cells {
        let member = members.index_of(usize::try_from(cell.member).unwrap()).unwrap();
        scales[member] |= 1 << cell.scale;
    }
    let simple = simple.map(|of| By::new(simple[of].clone()).unwrap());
    Unreleased::new(LAYOUT.clone(), members, simple, scales, Box::new(Scalar(cells)))
}

/// A cell, with the technology that its technique applies to.
struct Assessed {
    block: BlockIx,
    member: u32,
    technology: Option<&'static Technology>,
    technique: TechniqueIx,
    score: u8,
    scale: u8,
}

/// The roll-up of cells as it is defined, one after the other; they ascend by member.
struct Scalar(Vec<Assessed>);

/// By column and technique the best score and the scales behind it, one bit for each.
type Values = BTreeMap<(ColumnIx, TechniqueIx), (u8, u8)>;

impl RollUp for Scalar {
    fn together(&self) -> Vec<Vec<BlockIx>> {
        LAYOUT.blocks().indices().map(|block| vec![block]).collect()
    }

    fn roll_up(&self, lists: &mut [BlockLists<'_>]) -> Result<(), RollUpError> {
        for lists in lists {
            let cells: Vec<&Assessed> = self.0.iter().filter(|cell| cell.block == lists.block()).collect();
            if cells.iter().all(|cell| cell.scale == cells[0].scale) {
                lists.set_one_scale();
            }
            for of_member in cells.chunk_by(|a, b| a.member == b.member) {
                Self::add(lists, of_member)?;
            }
        }
        Ok(())
    }

    fn renumber(&mut self, _: &By<Members, Option<MemberIx>>) {
        unreachable!("nobody is left out")
    }
}

impl Scalar {
    /// One member's cells of a block.
    fn add(lists: &mut BlockLists<'_>, cells: &[&Assessed]) -> Result<(), RollUpError> {
        let mut values = Values::new();
        for cell in cells {
            let mut columns = Vec::new();
            if let Some(technology) = cell.technology {
                columns = vec![technology.family, technology.column];
                if !lists.is_one(cell.technique) {
                    lists.push(cell.technique, technology.cell, (cell.member, cell.score, cell.scale))?;
                }
            }
            if cell.technology.is_some() || cell.score > 0 {
                columns.push(LAYOUT.any());
            }
            for column in columns {
                let (score, scales) = values.entry((column, cell.technique)).or_default();
                (*score, *scales) = (cell.score.max(*score), *scales | 1 << cell.scale);
            }
        }
        let parent = lists.techniques().indices().next().unwrap();
        let columns: BTreeSet<ColumnIx> = values.keys().map(|(column, _)| *column).collect();
        for column in columns {
            let of_column =
                values.iter().filter(|((of, technique), _)| *of == column && *technique != parent);
            let subs: Vec<(u8, u8)> = of_column.map(|(_, value)| *value).collect();
            let sum: u32 = subs.iter().map(|(score, _)| u32::from(*score)).sum();
            let count = u32::try_from(subs.len()).unwrap();
            let mean = (2 * sum + count).checked_div(2 * count).unwrap_or_default().max(u32::from(sum > 0));
            let (score, scales) = values.entry((column, parent)).or_default();
            *score = u8::try_from(mean).unwrap().max(*score);
            *scales |= subs.iter().fold(0, |all, (_, scales)| all | scales);
        }
        for ((column, technique), (score, scales)) in values {
            if scales.count_ones() == 1 {
                let scale = u8::try_from(scales.trailing_zeros()).unwrap();
                lists.push(technique, column, (cells[0].member, score, scale))?;
            }
        }
        Ok(())
    }
}

/// Digests of the tables and of the ledgers without their heads; and the heads, which hold the parameters.
fn published(preset: Preset, pairs_min_n: u32) -> [String; 2] {
    let (mut tables, mut heads) = (Sha256::new(), Sha256::new());
    let mut chain = refresh::Chain::default();
    let release = |first: u32, count: u32, release, one_in| unreleased(first..first + count, release, one_in);
    let terms = Parameters { pairs_min_n, ..Parameters::preset(preset) };
    let tighter = Parameters { round_step: 10, code_high: 85, ..terms.clone() };
    for (unreleased, parameters) in [
        (release(0, 150, 1, 1), &terms),
        (release(0, 150, 2, 60), &terms),
        (release(4, 150, 3, 8), &terms),
        (release(4, 146, 4, 30), &tighter),
        (release(0, 170, 1, 3), &terms),
    ] {
        let publication = chain.publish_of(&unreleased, parameters);
        for table in &publication.tables {
            tables.update(table.cohort.to_string());
            tables.update(table.to_bytes().unwrap());
        }
        for ledger in &publication.ledgers {
            tables.update(&ledger.state);
            heads.update(&ledger.head);
        }
    }
    chain.parts.parts().iter().for_each(|part| tables.update(part.as_slice()));
    [tables, heads].map(|digest| Hash::from(<[u8; 32]>::from(digest.finalize())).to_string())
}

#[test]
fn the_same_contributions_publish_these_bytes() {
    let default = [
        "ec423f9c293fe9b500589295ea58b1955c8a8c74a32d73aee0977d534de17100",
        "1d085b2fc6115ad4aa0be42ffbb0bff79b3992dccd5a08ffbd6747c560994cae",
    ];
    let small = [
        "6dc1c47b2b737718bba9b3fd31a5d943a5a0902f0ced23cae346909f9c99e201",
        "51aa5c2a1c847555c950e8f67f8fdd9a821e59807c99b09c26e7bbdd59274ac2",
    ];
    let published = [published(Preset::Default, 400), published(Preset::SmallCommunity, 100)];
    assert_eq!(published, [default, small]);
}
