//! The published bytes and what a release keeps for the next one, of a synthetic community, by their SHA-256: whoever
//! restructures the rules or the aggregation sees within seconds whether a byte has changed, and of which part.
//!
//! `cargo test --test it golden` runs it. A change that is meant to change bytes renews the digests with
//! `PEERBENCH_WRITE_GOLDEN=1 cargo test --test it golden`, and its commit says why they changed. Tables change only where a
//! rule does; ledgers and parts only where what is stored does, and a release of an earlier version must still be read
//! (`fixture.rs`).

use std::{env, fmt::Write as _, fs, sync::Arc};

use peerbench::{
    analytics::{Aggregation, Contributor},
    domain::{
        attack::{Catalogues, Platform, PlatformSet},
        coverage::{Contribution, ContributionCell},
        dimension::{Dimension, Dimensions},
        facts::Facts,
        organisation::OrganisationId,
        release::{
            Hash, Input, Member, MemoryParts, Parameters, Preset, Previous, Publication, ReleaseKey,
            Unreleased, release,
        },
        scale::Scale,
        snapshot::Basis,
        technology::{self, Registry, Technology, TechnologyRef},
    },
};

const DIGESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/golden/release.txt");

/// Few, so that a release takes a second: in several families, and one that mostly the provider's members have.
const TECHNOLOGIES: [&str; 6] = [
    "aws.cloudtrail",
    "claroty.ctd",
    "linux.auditd",
    "microsoft.entra-id",
    "microsoft.windows",
    "paloalto.ngfw",
];
const RARE: &str = "claroty.ctd";
const DIMENSIONS: [(Dimension, &[&str]); 3] = [
    (Dimension::SECTOR, &["finance", "health", "public", "retail"]),
    (Dimension::SIZE, &["large", "small"]),
    (Dimension::REGION, &["asia-pacific", "europe", "north-america"]),
];
/// Members by number; those from [`LATE`] on join after the first release.
const MEMBERS: u64 = 240;
const LATE: u64 = 215;
/// So many belong to one control group.
const PROVIDER: u64 = 25;

/// The finaliser of SplitMix64, so that no version of a crate changes what is drawn.
fn draw(seeds: [u64; 4]) -> u64 {
    seeds.into_iter().fold(0, |state, seed| {
        let mut z = (state ^ seed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

fn pick<'a>(values: &[&'a str], draw: u64) -> &'a str {
    values[(draw % values.len() as u64) as usize]
}

fn facts() -> Facts {
    let bundled = technology::bundled();
    let technology =
        |id: &&str| -> Technology { bundled.get(bundled.position(id).unwrap()).unwrap().clone() };
    let registry = Registry::new(TECHNOLOGIES.iter().map(technology).collect()).unwrap();
    Facts::new(&Catalogues::bundled(), Arc::new(registry), "19.0".parse().unwrap()).unwrap()
}

/// A member with `version` of its rules.
fn member(facts: &Facts, number: u64, version: u64, basis: u64) -> Contributor {
    let provided = number < PROVIDER;
    let member = Member {
        organisation: OrganisationId::new(format!("organisation-{number}")),
        control_group: if provided { "provider".to_owned() } else { format!("group-{}", number / 3 * 3) },
        dimensions: DIMENSIONS
            .into_iter()
            .zip(1..)
            .map(|((of, values), what)| (of, pick(values, draw([number, what, 0, 0])).to_owned()))
            .collect(),
        writers: Vec::new(),
    };
    let platforms = [(Platform::Windows, 10), (Platform::Linux, 4), (Platform::Iaas, 2), (Platform::SaaS, 9)];
    let runs = |(_, what): &(Platform, u64)| !draw([number, 4, *what, 0]).is_multiple_of(3);
    let platforms: PlatformSet = platforms.into_iter().filter(runs).map(|(platform, _)| platform).collect();
    let scale = match number % 6 {
        0 | 1 => Scale::PartialFull,
        2 => Scale::Percent,
        _ => Scale::RuleCount,
    };
    let has = |id: &str| match id {
        RARE => {
            if provided {
                number.is_multiple_of(2)
            } else {
                number.is_multiple_of(11)
            }
        }
        _ => draw([number, 5, id.len() as u64, id.as_bytes()[0].into()]).is_multiple_of(2),
    };
    let technologies =
        TECHNOLOGIES.iter().filter(|id| has(id)).map(|id| facts.registry().position(id).unwrap());
    let mut contribution = Contribution::default();
    let (_, most) = scale.range();
    for technology in technologies {
        contribution.technologies.push(TechnologyRef::Known(technology));
        for technique in facts.applicability().techniques_of(technology).iter().step_by(6) {
            let of_cell = [number, version, technique.number().into(), u64::from(technology) << 1 | basis];
            // A technique that few cover, one that nearly all do, and what lies between.
            let covers = draw([technique.number().into(), 6, 0, 0]) % 100;
            let value = match draw(of_cell) % 120 {
                110.. => continue,
                drawn if drawn < covers => 1 + (draw(of_cell) >> 32) % u64::from(most.unsigned_abs()),
                _ => 0,
            };
            contribution.cells.push(ContributionCell {
                technology: TechnologyRef::Known(technology),
                technique: *technique,
                score: scale.score(value as i8).unwrap(),
                scale,
            });
        }
    }
    Contributor { member, platforms, contribution }
}

fn unreleased(facts: &Facts, members: impl Iterator<Item = Contributor>) -> Unreleased {
    let mut aggregation = Aggregation::new(facts).unwrap();
    let members: Vec<Contributor> = members.collect();
    members.chunks(100).for_each(|batch| aggregation.add(batch.to_vec()).unwrap());
    aggregation.finish()
}

/// Lines of digests: each table, what is kept of each basis, and the parts.
fn digests(publication: &Publication, parts: &[Arc<Vec<u8>>]) -> String {
    let mut lines = String::new();
    let number = publication.number;
    let mut line =
        |what: String, bytes: &[u8]| writeln!(lines, "{number} {what} {}", Hash::of(bytes)).unwrap();
    line("scales".to_owned(), format!("{:?}", publication.scales).as_bytes());
    for table in &publication.tables {
        line(
            format!("table {} {} {}", table.basis.name(), table.cohort, table.rows.len()),
            &table.to_bytes().unwrap(),
        );
    }
    for ledger in &publication.ledgers {
        let basis = ledger.basis.name();
        line(format!("head {basis}"), &ledger.head);
        line(format!("state {basis}"), &ledger.state);
        line(format!("stands on {basis}"), format!("{:?}", ledger.stands_on).as_bytes());
    }
    line(
        format!("parts {}", parts.len()),
        &parts.iter().flat_map(|part| part.iter().copied()).collect::<Vec<u8>>(),
    );
    lines
}

#[test]
fn bytes_are_what_they_were() {
    let facts = facts();
    let dimensions = DIMENSIONS[..1].iter().fold(Dimensions::default(), |dimensions, (of, values)| {
        dimensions.with(*of, values.iter().map(|value| (*value).to_owned()).collect()).unwrap()
    });
    let default = &[("pairs_min_n", 150)][..];
    let tighter = &[("pairs_min_n", 150), ("k", 25), ("code_low", 20)][..];
    let key = ReleaseKey::new([12; 32]);
    let kept = MemoryParts::default();
    let mut previous: Option<Previous> = None;
    let mut lines = String::new();
    for (number, changes) in [(1, default), (2, default), (3, tighter)] {
        // Some leave, some join, and some have other rules each time.
        let stays = |member: &u64| match number {
            1 => *member < LATE,
            _ => member % 40 != 7,
        };
        let version =
            |member: u64| if member % 20 == 3 { number } else { u64::from(number > 1 && member % 10 == 4) };
        let of_basis = |basis: u64, every: u64| {
            let members = (0..MEMBERS).filter(stays).filter(|member| member % every == 0);
            unreleased(&facts, members.map(|number| member(&facts, number, version(number), basis)))
        };
        let everybody = [(Basis::Deployed, of_basis(0, 1)), (Basis::Validated, of_basis(1, 5))];
        let inputs = everybody.each_ref().map(|(basis, unreleased)| Input { basis: *basis, unreleased });
        let parameters = Parameters::new(Preset::Default, changes.iter().copied()).unwrap();
        let before = kept.parts().len();
        let attack = facts.catalogue().version();
        let publication =
            release(attack, &inputs, previous.clone(), &kept, &dimensions, &parameters, &key).unwrap();
        let parts = kept.parts();
        lines += &digests(&publication, &parts);
        assert!(parts.len() > before);
        previous = Some(previous.unwrap_or_default().followed_by(publication));
    }
    if env::var_os("PEERBENCH_WRITE_GOLDEN").is_some() {
        fs::write(DIGESTS, &lines).unwrap();
    }
    let known = fs::read_to_string(DIGESTS).unwrap();
    let (mut known, mut now) = (known.lines(), lines.lines());
    let changed: Vec<_> = std::iter::from_fn(|| match (known.next(), now.next()) {
        (None, None) => None,
        pair => Some(pair),
    })
    .filter(|(known, now)| known != now)
    .collect();
    assert!(changed.is_empty(), "{} digests are others, known and now: {changed:#?}", changed.len());
}
