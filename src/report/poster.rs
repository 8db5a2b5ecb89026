//! A drawing of a report as a file of its own: title, legend, drawing, and what it stands on.

use super::{
    drawing::{
        Drawing, Pen, QUIET, TEXT, heat_map,
        strips::{self, Strips},
        trend,
    },
    html::{ROOM, whole},
    letters::{fit, plain, wrap},
    story::{self, Story},
};
use crate::wire::{ComparisonItem, Report, ReportContent, choices::Poster};

/// The width of a drawing that needs less than the heat map.
const NARROW: f32 = 960.0;
const MARGIN: f32 = 28.0;

/// Draws a poster.
pub fn draw(report: &Report, poster: Poster, groups_asked: bool) -> Drawing {
    let content = match story::story(report) {
        Story::Complete(content) => content,
        Story::Empty { headline, advice } => {
            return sheet(report, (&[headline.to_owned()], advice), Vec::new(), NARROW);
        }
    };
    let headline = story::headline(&content.summary);
    let (about, drawings, width) = match poster {
        Poster::HeatMap => {
            let sheet = whole(content);
            let drawings = vec![heat_map::legend(sheet.width, 12.5), heat_map::draw(content, sheet)];
            let attack = content.summary.envelope.release.attack;
            (format!("Techniques by tactic, ATT&CK {attack}"), drawings, sheet.width)
        }
        Poster::Tactics => {
            let items = std::iter::once(&content.summary.overall).chain(&content.summary.tactics).collect();
            strips_of("tactic", "Share of applicable techniques covered, by tactic", content, items)
        }
        Poster::Technologies => {
            let items = content.summary.technologies.iter().collect();
            strips_of(
                "technology",
                "Techniques with a rule, by technology, among members that have it",
                content,
                items,
            )
        }
        Poster::Groups => {
            let items = story::groups(content, groups_asked);
            strips_of(
                "threat group",
                "Share of the techniques of threat groups that are covered",
                content,
                items,
            )
        }
        Poster::Trend => match content.trend.as_ref().filter(|trend| trend.items.len() > 1) {
            Some(trend) => {
                ("Overall share by release".to_owned(), vec![trend::draw(trend, NARROW, 14.0)], NARROW)
            }
            None => ("There is one release alone, so there is no trend yet.".to_owned(), Vec::new(), NARROW),
        },
    };
    sheet(report, (&headline, &about), drawings, width)
}

fn strips_of(
    what: &str,
    title: &str,
    content: &ReportContent,
    items: Vec<&ComparisonItem>,
) -> (String, Vec<Drawing>, f32) {
    let asked = content.summary.envelope.cohort.as_str();
    let strips = Strips { what, title: title.to_owned(), asked, width: NARROW, size: 14.0, room: ROOM };
    (title.to_owned(), vec![strips::legend(NARROW, 13.0), strips::draw(&strips, &items)], NARROW)
}

/// Puts drawings below each other, with a headline above and what they stand on below.
fn sheet(
    report: &Report,
    (headline, about): (&[String], &str),
    drawings: Vec<Drawing>,
    width: f32,
) -> Drawing {
    let mut pen = Pen::default();
    let mut y = MARGIN + 12.0;
    let name = fit(&plain(&report.organisation), 14.0, true, width);
    pen.write((MARGIN, y), (14.0, true), QUIET, name);
    y += 8.0;
    for line in headline.iter().flat_map(|line| wrap(line, 24.0, true, width * ROOM, 3)) {
        y += 30.0;
        pen.write((MARGIN, y), (24.0, true), TEXT, line);
    }
    y += 6.0;
    for line in wrap(about, 15.0, false, width * ROOM, 4) {
        y += 20.0;
        pen.write((MARGIN, y), (15.0, false), QUIET, line);
    }
    y += 18.0;
    let mut told = vec![headline.join(" "), about.to_owned()];
    let mut shapes = pen.shapes;
    for drawing in drawings {
        shapes.extend(drawing.shapes.into_iter().map(|shape| shape.moved((MARGIN, y))));
        y += drawing.height + 10.0;
        told.push(drawing.description);
    }
    let mut foot = Pen::default();
    for line in [story::colophon(report), story::SOURCE.to_owned()] {
        y += 16.0;
        foot.write((MARGIN, y), (11.5, false), QUIET, fit(&plain(&line), 11.5, false, width));
    }
    shapes.extend(foot.shapes);
    let title = story::title(report);
    Drawing { width: width + MARGIN * 2.0, height: y + MARGIN, title, description: told.join(" "), shapes }
}
