//! The trend: the own share as a line over the band of the middle half of the peers, by release. Where two releases must not
//! be joined, both stop.

use super::{BAND, Drawing, Edge, MEDIAN, OWN, Pen, QUIET, RULE, Shape, TEXT, WHITE, length};
use crate::{
    report::trend::published,
    wire::{Quantile, TrendAnswer, TrendPoint},
};

/// A point of the trend on the drawing.
struct At<'a> {
    x: f32,
    point: &'a TrendPoint,
}

/// Draws a trend.
pub fn draw(trend: &TrendAnswer, width: f32, size: f32) -> Drawing {
    let height = size * 11.0;
    let (left, right) = (size * 3.0, width - size * 7.0);
    let (top, bottom) = (size * 0.8, height - size * 2.6);
    let values = trend.items.iter().flat_map(|point| {
        let high = at(point, Quantile::P75);
        [own(point), high].into_iter().flatten()
    });
    // The scale ends at the next ten.
    let most = ((values.fold(10.0, f32::max) + 5.0) / 10.0).ceil() * 10.0;
    let y = |value: f32| bottom - (bottom - top) * (value / most).clamp(0.0, 1.0);
    let last = length(trend.items.len().saturating_sub(1)).max(1.0);
    let x = |index: usize| left + (right - left) * length(index) / last;
    let mut pen = Pen::default();
    for part in [0.0, 0.5, 1.0] {
        let value = most * part;
        pen.line(vec![(left, y(value)), (right, y(value))], Edge::line(RULE, 0.6));
        pen.write_to(
            (left - size * 0.6, y(value) + size * 0.35),
            (size * 0.86, false),
            QUIET,
            format!("{value:.0}%"),
        );
    }
    let points: Vec<At<'_>> =
        trend.items.iter().enumerate().map(|(index, point)| At { x: x(index), point }).collect();
    for part in joined(&points) {
        pen.band(part, &y);
        pen.series(part, &|point| at(point, Quantile::P50), &y, Edge::line(MEDIAN, size * 0.16));
        pen.series(part, &own, &y, Edge::line(OWN, size * 0.22));
    }
    let dots = points.iter().filter_map(|at| Some((at.x, own(at.point)?)));
    for (x, value) in dots {
        let edge = Some(Edge::line(WHITE, size * 0.13));
        pen.shapes.push(Shape::Dot { x, y: y(value), radius: size * 0.42, fill: OWN, edge });
    }
    for at in &points {
        let release = &at.point.release;
        pen.write_at(
            (at.x, height - size * 1.2),
            (size * 0.86, true),
            TEXT,
            format!("release {}", release.number),
        );
        let day = release.cut_off.format("%Y-%m-%d").to_string();
        pen.write_at((at.x, height - size * 0.1), (size * 0.86, false), QUIET, day);
    }
    if let Some(end) = points.last() {
        label(&mut pen, end, &y, (right + size, size));
    }
    let told = trend.items.iter().map(sentence).collect::<Vec<_>>().join(" ");
    let title = "Overall share by release".to_owned();
    Drawing { width, height, title, description: told, shapes: pen.shapes }
}

/// Names the lines at their ends, apart from each other.
fn label(pen: &mut Pen, end: &At<'_>, y: &dyn Fn(f32) -> f32, (x, size): (f32, f32)) {
    let mut labels = Vec::new();
    labels.extend(own(end.point).map(|own| (y(own), format!("you {own}%"), true)));
    let median = published(end.point.shown().1, Quantile::P50);
    labels.extend(at(end.point, Quantile::P50).map(|p50| (y(p50), format!("median {median}%"), false)));
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut above = f32::MIN;
    for (place, text, bold) in labels {
        let place = place.max(above + size * 1.3);
        pen.write((x, place + size * 0.35), (size * 0.92, bold), if bold { OWN } else { MEDIAN }, text);
        above = place;
    }
}

/// The runs of points that may be joined.
fn joined<'a, 'b>(points: &'b [At<'a>]) -> impl Iterator<Item = &'b [At<'a>]> {
    points.chunk_by(|_, next| next.point.change.breaks.is_empty())
}

fn own(point: &TrendPoint) -> Option<f32> {
    point.own.share.map(f32::from)
}

fn at(point: &TrendPoint, quantile: Quantile) -> Option<f32> {
    point.shown().1.row().and_then(|row| row.quantile(quantile)).map(f32::from)
}

fn sentence(point: &TrendPoint) -> String {
    let share = point.own.share.map_or_else(|| "unknown".to_owned(), |share| format!("{share}%"));
    let median = published(point.shown().1, Quantile::P50);
    format!("Release {}: you {share}, median {median}%.", point.release.number)
}

impl Pen {
    fn band(&mut self, points: &[At<'_>], y: &dyn Fn(f32) -> f32) {
        let both = |one: &At<'_>| Some((one.x, at(one.point, Quantile::P25)?, at(one.point, Quantile::P75)?));
        let sides: Vec<_> = points.iter().filter_map(both).collect();
        let above = sides.iter().map(|(x, _, p75)| (*x, y(*p75)));
        let below = sides.iter().rev().map(|(x, p25, _)| (*x, y(*p25)));
        let outline: Vec<(f32, f32)> = above.chain(below).collect();
        match sides.as_slice() {
            [] => {}
            // One release has no area.
            [(x, p25, p75)] => self.fill((x - 3.0, y(*p75)), (6.0, (y(*p25) - y(*p75)).max(1.0)), 1.0, BAND),
            _ => self.shapes.push(Shape::Area { points: outline, fill: BAND }),
        }
    }

    fn series(
        &mut self,
        points: &[At<'_>],
        value: &dyn Fn(&TrendPoint) -> Option<f32>,
        y: &dyn Fn(f32) -> f32,
        edge: Edge,
    ) {
        let line: Vec<(f32, f32)> =
            points.iter().filter_map(|one| Some((one.x, y(value(one.point)?)))).collect();
        if line.len() > 1 {
            self.line(line, edge);
        }
    }
}
