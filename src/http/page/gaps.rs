//! The gaps: what the peers cover and the member doesn't, with the reasons as columns, to be worked down.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    choice::{Choice, technologies},
    frame::{Frame, Scene},
    paths,
    place::{Place, Reading},
    reasons::{means, name_of},
    reply::view,
    strip::{Side, Strip, side_of},
    words,
};
use crate::{
    app::{
        compare::{
            Filters, Query as Compare,
            gaps::{GapQuery, GapSort},
        },
        read_gaps::read_gaps,
    },
    domain::comparison::{Feasibility, GapStatus},
    http::{
        extract::{
            access::{ComparisonsRead, Inside},
            page::{self, Page},
            query::Query,
            visit::Visit,
        },
        problem::Problem,
        sessions::Session,
    },
    report::{
        published::published,
        text::{status, words as said},
    },
    wire::{
        Quantile,
        gap::{Gap, Gaps},
    },
};

/// Gaps on a page: a phone shows each in several lines.
const ROWS: usize = 50;

/// The address of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(flatten)]
    place: Place,
    tactic: Option<String>,
    technology: Option<String>,
    group: Option<String>,
    feasibility: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "gaps.html")]
struct GapsView {
    frame: Frame,
    behind: u32,
    unknown: u32,
    filters: Vec<Choice>,
    group: String,
    /// The place that the filters' form keeps.
    kept: Vec<(&'static str, String)>,
    clear: String,
    is_filtered: bool,
    gaps: Vec<GapRow>,
    next: Option<String>,
    first: Option<String>,
}

struct GapRow {
    technique: String,
    name: String,
    href: String,
    priority: String,
    own: String,
    peers: String,
    threat: u8,
    means: String,
    fragile: bool,
    status: String,
    line: Drawn,
}

/// The drawing of a gap.
pub struct Drawn {
    pub strip: Strip,
    pub side: Side,
    pub quartiles: String,
}

pub async fn gaps(visit: Visit<ComparisonsRead>, query: Query<Asked>) -> Result<HttpResponse, Problem> {
    let asked = query.0;
    view(visit, move |inside, session| read(inside, session, asked)).await
}

fn read(inside: &Inside, session: &Session, asked: Asked) -> Result<GapsView, Problem> {
    let place = asked.place;
    let mut reading = Reading::of_form();
    let common = place.read(&mut reading);
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let query = GapQuery {
        base: Compare {
            filters: Filters {
                tactic: filled(&asked.tactic),
                technology: filled(&asked.technology),
                group: filled(&asked.group),
                ..Filters::default()
            },
            cursor: Page::new(None, asked.cursor.clone()).after()?,
            limit: ROWS,
            ..Compare::default()
        },
        feasibility: reading.take("feasibility", asked.feasibility.as_ref(), str::parse),
        status: reading.take("status", asked.status.as_ref(), str::parse),
        sort: reading.take("sort", asked.sort.as_ref(), str::parse).unwrap_or_default(),
        ..GapQuery::default()
    };
    let common = reading.done(common)?;
    let scene = Scene::read(inside, &common)?;
    let base = Compare { cohort: scene.cohort.clone(), basis: scene.basis, ..query.base.clone() };
    let query = GapQuery { base, ..query };
    let found = Gaps::from(&read_gaps(&inside.app, &inside.member, &query, scene.release)?);
    let pairs = |cursor: &str| {
        let pairs: [(&str, Option<String>); 7] = [
            ("tactic", query.base.filters.tactic.clone()),
            ("technology", query.base.filters.technology.clone()),
            ("group", query.base.filters.group.clone()),
            ("feasibility", query.feasibility.map(|one| one.name().to_owned())),
            ("status", query.status.map(|one| one.name().to_owned())),
            ("sort", filled(&asked.sort)),
            ("cursor", Some(cursor.to_owned())),
        ];
        let pairs: Vec<(&str, String)> = pairs.map(|(name, value)| (name, value.unwrap_or_default())).into();
        let borrowed: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        place.with(paths::GAPS, &borrowed)
    };
    Ok(GapsView {
        behind: found.behind,
        unknown: found.unknown,
        filters: choices(inside, &query, &found)?,
        group: query.base.filters.group.clone().unwrap_or_default(),
        kept: place.kept(),
        clear: place.link(paths::GAPS),
        is_filtered: query != GapQuery { base: plain(&query.base), ..GapQuery::default() },
        gaps: found.items.iter().map(|gap| GapRow::new(gap, inside, &place)).collect(),
        next: found.next.as_deref().map(|next| pairs(&page::cursor(next))),
        first: query.base.cursor.as_ref().map(|_| pairs("")),
        frame: scene.frame("Gaps", paths::GAPS, &place, session),
    })
}

/// The query without filters.
fn plain(base: &Compare) -> Compare {
    Compare { filters: Filters::default(), ..base.clone() }
}

fn choices(inside: &Inside, query: &GapQuery, found: &Gaps) -> Result<Vec<Choice>, Problem> {
    let facts = inside.app.facts_for(found.envelope.release.attack).map_err(Problem::internal)?;
    let tactics = facts.catalogue().tactics().iter();
    let tactics = tactics.map(|tactic| (tactic.short_name.clone(), tactic.name.clone())).collect();
    let feasibilities = [
        (Feasibility::Ready, "Peers with your technology do"),
        (Feasibility::Possible, "Your technology can see it"),
        (Feasibility::SourceMissing, "You lack the source"),
    ];
    let feasibilities = feasibilities.map(|(one, name)| (one.name().to_owned(), name.to_owned())).into();
    let statuses = GapStatus::ALL.map(|one| (one.name().to_owned(), words::capital(one.name()))).into();
    let sorts = GapSort::ALL.map(|one| (one.name().to_owned(), words::capital(one.name()))).into();
    let of = |one: Option<&str>| one.unwrap_or_default().to_owned();
    let filters = &query.base.filters;
    Ok(vec![
        Choice::new("tactic", "Tactic", "All tactics", tactics, &of(filters.tactic.as_deref())),
        Choice::new(
            "technology",
            "Technology",
            "Any technology",
            technologies(&facts),
            &of(filters.technology.as_deref()),
        ),
        Choice::new(
            "feasibility",
            "How",
            "Any way",
            feasibilities,
            &of(query.feasibility.map(Feasibility::name)),
        ),
        Choice::new("status", "Status", "Any status", statuses, &of(query.status.map(GapStatus::name))),
        Choice::new("sort", "Order", "", sorts, query.sort.name()),
    ])
}

impl GapRow {
    fn new(gap: &Gap, inside: &Inside, place: &Place) -> Self {
        let row = gap.peers.row();
        let coverage = row.and_then(|row| row.coverage).map_or("not released", said::coverage);
        let peers = match published(&gap.peers, Quantile::P50) {
            Some(p50) => format!("{coverage} (median {p50})"),
            None => coverage.to_owned(),
        };
        Self {
            technique: gap.technique.clone(),
            name: gap.name.clone(),
            href: place.link(&paths::technique(&gap.technique)),
            priority: gap.priority.map_or_else(|| "–".to_owned(), |priority| priority.to_string()),
            own: words::own(&gap.own),
            peers,
            threat: gap.threat,
            means: means(gap, |id| name_of(inside, id)),
            fragile: gap.fragile,
            status: words::capital(status(&gap.state).as_deref().unwrap_or("open")),
            line: Drawn::of(gap),
        }
    }
}

impl Drawn {
    pub fn of(gap: &Gap) -> Self {
        Self {
            strip: Strip::at(gap.own.value(), gap.peers.row(), 100),
            side: side_of(gap.position.as_ref()),
            quartiles: words::quartiles(&gap.peers),
        }
    }
}
