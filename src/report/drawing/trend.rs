//! The trend: the own value as a line over the band of the middle half of the peers, by release. Where two releases must not
//! be joined, both stop, and a dashed line stands between them.

use super::{BAND, Drawing, Edge, MEDIAN, OWN, Pen, QUIET, RULE, Shape, TEXT, WHITE, length};
use crate::{
    report::{
        letters,
        published::{middle_half, published},
    },
    wire::{Quantile, TrendAnswer, TrendPoint},
};

/// The size of a line's name, of that of the drawing.
const LABEL: f32 = 0.92;

/// A point of the trend on the drawing.
struct At<'a> {
    x: f32,
    point: &'a TrendPoint,
}

/// The name of a line at its end.
struct Label {
    value: f32,
    text: String,
    bold: bool,
}

/// Draws a trend.
pub fn draw(trend: &TrendAnswer, width: f32, size: f32) -> Drawing {
    // A wide drawing would be flat.
    let height = size * if width > size * 70.0 { 16.0 } else { 11.0 };
    let unit = unit(trend);
    let labels = trend.items.last().map(|end| labels(end, unit)).unwrap_or_default();
    let room = labels.iter().map(|label| letters::width(&label.text, size * LABEL, label.bold));
    let (left, right) = (size * 3.0, width - room.fold(size * 5.8, f32::max) - size * 1.2);
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
            format!("{value:.0}{unit}"),
        );
    }
    let points: Vec<At<'_>> =
        trend.items.iter().enumerate().map(|(index, point)| At { x: x(index), point }).collect();
    for pair in points.windows(2) {
        if let [before, at] = pair
            && !at.point.change.breaks.is_empty()
        {
            let middle = f32::midpoint(before.x, at.x);
            pen.line(vec![(middle, top), (middle, bottom)], Edge::dashed(QUIET, 1.0));
        }
    }
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
    // The latest release is named, and as many others as there is room for.
    let every = (size * 7.0 * last / (right - left)).ceil().max(1.0);
    let is_named = |index: usize| (last - length(index)) % every < 0.5;
    for (_, at) in points.iter().enumerate().filter(|(index, _)| is_named(*index)) {
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
    pen.labels(labels, &y, (right + size, size));
    let told = trend.items.iter().map(|point| sentence(point, unit)).collect::<Vec<_>>().join(" ");
    let kind = if unit.is_empty() { "" } else { " share" };
    let title = format!("{}{kind} by release", trend.subject.name);
    Drawing { width, height, title, description: told, shapes: pen.shapes }
}

fn labels(end: &TrendPoint, unit: &str) -> Vec<Label> {
    let own = own(end).zip(end.own.value());
    let own = own.map(|(value, own)| Label { value, text: format!("you {own}{unit}"), bold: true });
    let median = at(end, Quantile::P50).zip(published(end.shown().1, Quantile::P50));
    let median = median.map(|(value, p50)| Label { value, text: format!("median {p50}{unit}"), bold: false });
    own.into_iter().chain(median).collect()
}

/// The runs of points that may be joined.
fn joined<'a, 'b>(points: &'b [At<'a>]) -> impl Iterator<Item = &'b [At<'a>]> {
    points.chunk_by(|_, next| next.point.change.breaks.is_empty())
}

/// The sign behind a number.
fn unit(trend: &TrendAnswer) -> &'static str {
    if trend.items.iter().any(|point| point.own.share.is_some()) { "%" } else { "" }
}

/// An own count stands where its step does, as the published ones do.
fn own(point: &TrendPoint) -> Option<f32> {
    let value = point.own.step.map(|step| step.from).or(point.own.share).or(point.own.score);
    value.map(f32::from)
}

fn at(point: &TrendPoint, quantile: Quantile) -> Option<f32> {
    point.shown().1.row().and_then(|row| row.quantile(quantile)).map(f32::from)
}

fn sentence(point: &TrendPoint, unit: &str) -> String {
    let known = |value: Option<String>, missing: &str| {
        value.map_or_else(|| missing.to_owned(), |value| format!("{value}{unit}"))
    };
    let own = known(point.own.value().map(|value| value.to_string()), "unknown");
    let median = known(published(point.shown().1, Quantile::P50), "not released");
    format!("Release {}: you {own}, median {median}.", point.release.number)
}

impl Pen {
    /// Names the lines at their ends, apart from each other.
    fn labels(&mut self, mut labels: Vec<Label>, y: &dyn Fn(f32) -> f32, (x, size): (f32, f32)) {
        labels.sort_by(|a, b| y(a.value).total_cmp(&y(b.value)));
        let mut above = f32::MIN;
        for Label { value, text, bold } in labels {
            let place = y(value).max(above + size * 1.3);
            let ink = if bold { OWN } else { MEDIAN };
            self.write((x, place + size * 0.35), (size * LABEL, bold), ink, text);
            above = place;
        }
    }

    fn band(&mut self, points: &[At<'_>], y: &dyn Fn(f32) -> f32) {
        let both = |one: &At<'_>| {
            let (low, high) = middle_half(one.point.shown().1.row()?)?;
            Some((one.x, f32::from(low), f32::from(high)))
        };
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
