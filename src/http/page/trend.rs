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
    words,
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
        drawing::trend::draw,
        published::{median_moved, signed},
        svg::inline,
        text::words as said,
        trend::reason,
    },
    wire::{Quantile, TrendAnswer, TrendPoint},
};

/// The address of a trend.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(flatten)]
    place: Place,
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
    /// The drawing for wide and for narrow windows; none of a single release.
    charts: Vec<(&'static str, String)>,
    points: Vec<Point>,
    is_count: bool,
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
    let Asked { place, measure } = asked;
    let mut reading = Reading::of_form();
    let common = place.read(&mut reading);
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
    let is_count = trend.items.iter().any(|point| point.own.count.is_some());
    let most = if is_count {
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
        charts: charts(&trend),
        points: points(&trend, most),
        is_count,
        unit,
        frame: scene.frame("Trend", paths::TREND, &place, session),
    })
}

/// Draws a trend for each width of window, because letters keep their size.
fn charts(trend: &TrendAnswer) -> Vec<(&'static str, String)> {
    if trend.items.len() < 2 {
        return Vec::new();
    }
    let widths = [("wide", 1180.0, 14.0), ("narrow", 340.0, 12.0)];
    widths
        .map(|(name, width, size)| (name, inline(&draw(trend, width, size), &format!("chart-{name}"), false)))
        .into()
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
    let median = |point: &TrendPoint| words::number(point.shown().1, Quantile::P50);
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

/// The releases, the latest first.
fn points(trend: &TrendAnswer, most: u32) -> Vec<Point> {
    let before = std::iter::once(None).chain(trend.items.iter().map(Some));
    let mut points: Vec<Point> = before
        .zip(&trend.items)
        .map(|(before, point)| {
            let change = point.change.peers_change.filter(|_| point.change.meaningful == Some(true));
            let moved = before
                .zip(change)
                .map(|(before, change)| median_moved(change, before.shown().1, point.shown().1));
            Point::new(point, moved.unwrap_or_default(), most)
        })
        .collect();
    points.reverse();
    points
}

impl Point {
    fn new(point: &TrendPoint, moved: String, most: u32) -> Self {
        let (own, peers, position, difference) = point.shown();
        let value = own.step.map(|step| u32::from(step.from)).or(own.value());
        let quartiles = [Quantile::P25, Quantile::P50, Quantile::P75];
        Self {
            release: point.release.number,
            cut_off: point.release.cut_off.format("%Y-%m-%d").to_string(),
            attack: point.release.attack.to_string(),
            own: point.own.value().map_or_else(|| "–".to_owned(), |value| value.to_string()),
            change: signed(point.change.own_change),
            peers: quartiles.map(|of| words::number(peers, of).unwrap_or_else(|| "–".to_owned())),
            peers_change: moved,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn point(number: u32, own: u8, p50: u8, end: &str) -> serde_json::Value {
        let coded = if end.is_empty() { json!({}) } else { json!({ "p50": end }) };
        json!({
            "release": {"number": number, "cut_off": "2026-11-02T10:00:00Z", "published_at": "2026-11-02T10:05:00Z",
                        "attack": "19.2"},
            "preset": "default", "own": {"status": "assessed", "share": own},
            "peers": {"status": "released", "cohort": "all", "column": "any", "p25": 10, "p50": p50, "p75": 70,
                      "coded": coded},
        })
    }

    fn trend(points: &[serde_json::Value]) -> TrendAnswer {
        serde_json::from_value(json!({
            "measure": "overall", "subject": {"name": "Overall"}, "cohort": "all", "column": "any", "basis": "deployed",
            "items": points,
        }))
        .unwrap()
    }

    #[test]
    fn every_colour_of_the_drawing_has_one_in_the_themes() {
        let mut broken = point(3, 30, 45, "");
        broken["break"] = json!(["attack"]);
        let charts = charts(&trend(&[point(1, 20, 10, "low"), point(2, 25, 45, ""), broken]));
        let style = include_str!("../../../templates/static/page.css");
        for kind in ["fill", "stroke"] {
            for part in charts[0].1.split(&format!(" {kind}=\"#")).skip(1) {
                let colour = part.split('"').next().unwrap();
                assert!(style.contains(&format!(".chart [{kind}=\"#{colour}\"]")), "{kind} {colour}");
            }
        }
        assert!(charts[0].1.contains("stroke-dasharray"), "a break is marked");
    }

    #[test]
    fn a_bound_is_said_as_one() {
        let told = headline(&trend(&[point(1, 20, 10, "low"), point(2, 25, 45, "")]), "%");
        assert!(told.ends_with("the median of your peers went from ≤10% to 45%."), "{told}");
        let points = points(&trend(&[point(1, 20, 10, "low"), point(2, 25, 45, "")]), 100);
        assert_eq!(points[1].peers, ["10", "≤10", "70"]);
    }
}
