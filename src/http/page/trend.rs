//! The trend: the own value of a measure and the peers' middle half by release. What can't be joined is marked.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    choice::Choice,
    frame::{Frame, Scene},
    measures::measures,
    paths,
    place::{Place, Reading},
    reply::view,
    strip::{Side, Strip, side_of},
};
use crate::{
    app::read_trend::{TrendQuery, read_trend},
    domain::{column::Column, comparison::Measure},
    http::{
        extract::{
            access::{ComparisonsRead, Inside},
            query::Query,
            visit::Visit,
        },
        problem::Problem,
        sessions::Session,
    },
    report::{
        text::words as said,
        trend::{published, reason, signed},
    },
    wire::{Quantile, TrendAnswer, TrendPoint},
};

/// The address of a trend.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    cohort: Option<String>,
    basis: Option<String>,
    release: Option<String>,
    measure: Option<String>,
}

#[derive(Template)]
#[template(path = "trend.html")]
struct TrendView {
    frame: Frame,
    name: String,
    headline: String,
    filters: Vec<Choice>,
    kept: Vec<(&'static str, String)>,
    points: Vec<Point>,
    /// The sign behind a number.
    unit: &'static str,
}

/// A release's line.
struct Point {
    release: u32,
    cut_off: String,
    attack: String,
    own: String,
    change: String,
    peers: [String; 3],
    peers_change: String,
    strip: Strip,
    side: Side,
    position: String,
    /// Reasons why the line can't be joined to the one before.
    breaks: Vec<&'static str>,
}

pub async fn trend(visit: Visit<ComparisonsRead>, query: Query<Asked>) -> Result<HttpResponse, Problem> {
    let asked = query.0;
    view(visit, move |inside, session| read(inside, session, asked)).await
}

fn read(inside: &Inside, session: &Session, asked: Asked) -> Result<TrendView, Problem> {
    let Asked { cohort, basis, release, measure } = asked;
    let place = Place { cohort, basis, release };
    let mut reading = Reading::default();
    let common = place.common(&mut reading);
    let measure = reading.take("measure", measure.as_ref(), str::parse).unwrap_or(Measure::Overall);
    let common = reading.done(common)?;
    let scene = Scene::read(inside, &common)?;
    let query = TrendQuery {
        measure: measure.clone(),
        cohort: scene.cohort.clone(),
        basis: scene.basis,
        column: Column::Any,
        from: None,
        to: scene.release,
    };
    let trend = TrendAnswer::from(&read_trend(&inside.app, &inside.member, &query)?);
    let is_share = trend.items.iter().any(|point| point.own.share.is_some());
    let values = trend.items.iter().flat_map(|point| {
        let high = point.shown().1.row().and_then(|row| row.quantile(Quantile::P75)).map(u32::from);
        [point.own.value(), high].into_iter().flatten()
    });
    let most = if trend.items.iter().any(|point| point.own.count.is_some()) {
        let highest = values.max().unwrap_or_default();
        highest + highest / 8 + 1
    } else {
        100
    };
    let unit = if is_share { "%" } else { "" };
    Ok(TrendView {
        name: trend.subject.name.clone(),
        headline: headline(&trend, unit),
        filters: vec![Choice::new(
            "measure",
            "Measure",
            "",
            measures(inside, &scene, &measure)?,
            &measure.to_string(),
        )],
        kept: place.kept(),
        points: trend.items.iter().rev().map(|point| Point::new(point, most)).collect(),
        unit,
        frame: scene.frame("Trend", paths::TREND, &place, session),
    })
}

/// The own way, and the peers' where it can be told.
fn headline(trend: &TrendAnswer, unit: &str) -> String {
    let (Some(first), Some(last)) = (trend.items.first(), trend.items.last()) else {
        return "no release has been published yet.".to_owned();
    };
    let own = match (first.own.value(), last.own.value()) {
        (Some(then), Some(now)) if then == now => format!("you stayed at {now}{unit}"),
        (Some(then), Some(now)) => format!("you went from {then}{unit} to {now}{unit}"),
        (None, Some(now)) => format!("you are at {now}{unit}"),
        _ => "your value isn't assessed".to_owned(),
    };
    let releases = trend.items.len();
    if releases == 1 {
        return format!("{own}. A trend needs a second release.");
    }
    let broken = trend.items.iter().any(|point| !point.change.breaks.is_empty());
    let median = |point: &TrendPoint| point.shown().1.row().and_then(|row| row.quantiles.p50);
    match (median(first), median(last), broken) {
        (Some(then), Some(now), false) if then == now => {
            format!("{own} over {releases} releases; the median of your peers stayed at {now}{unit}.")
        }
        (Some(then), Some(now), false) => {
            format!(
                "{own} over {releases} releases; the median of your peers went from {then}{unit} to {now}{unit}."
            )
        }
        (_, _, true) => {
            format!("{own} over {releases} releases. The peers' numbers can't be joined throughout.")
        }
        _ => format!("{own} over {releases} releases."),
    }
}

impl Point {
    fn new(point: &TrendPoint, most: u32) -> Self {
        let (own, peers, position, difference) = point.shown();
        let value = own.step.map(|step| u32::from(step.from)).or(own.value());
        let quartiles = [Quantile::P25, Quantile::P50, Quantile::P75];
        Self {
            release: point.release.number,
            cut_off: point.release.cut_off.format("%Y-%m-%d").to_string(),
            attack: point.release.attack.to_string(),
            own: point.own.value().map_or_else(|| "–".to_owned(), |value| value.to_string()),
            change: signed(point.change.own_change),
            peers: quartiles.map(|quantile| published(peers, quantile).replace('-', "–")),
            peers_change: signed(point.change.peers_change.filter(|_| point.change.meaningful == Some(true))),
            strip: Strip::at(value, peers.row(), most),
            side: side_of(position),
            position: match (peers.row(), position) {
                (None, _) => "not released".to_owned(),
                (_, Some(position)) => said::place(position.band).to_owned(),
                (_, None) => difference.map_or_else(String::new, |difference| signed(Some(difference))),
            },
            breaks: point.change.breaks.iter().map(|one| reason(*one)).collect(),
        }
    }
}
