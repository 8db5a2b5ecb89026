//! The pages of a report on paper: two upright pages of headline, strips, gaps, changes, technologies, threat groups, method
//! and promise, then the matrix lying down.

use super::{
    drawing::{
        Anchor, Drawing, Edge, GAP, Ink, Pen, QUIET, RULE, Shape, TEXT, WHITE, heat_map,
        heat_map::Sheet,
        length,
        strips::{self, Strips},
        trend,
    },
    letters::{fit, plain, width as text_width, wrap},
    story::{self, Story},
};
use crate::wire::{ComparisonItem, Report, ReportContent, choices::Paper};

/// The meaning of a piece of a page, for those who have it read to them.
#[derive(Debug, Clone, PartialEq)]
pub enum Role {
    /// A heading of a level from 1.
    Heading(u8),
    Paragraph,
    /// A drawing with its description.
    Figure(String),
    /// Parts that repeat on every page or only adorn it.
    Ornament,
}

/// A piece of a page at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    pub role: Role,
    pub text: String,
    pub shapes: Vec<Shape>,
}

/// A page in points.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub width: f32,
    pub height: f32,
    pub pieces: Vec<Piece>,
}

const MARGIN: f32 = 40.0;
/// The margin of a page that lies down.
const LYING_MARGIN: f32 = 30.0;
/// Height of the line at the foot.
const FOOT: f32 = 22.0;
const BODY: f32 = 8.8;
const SMALL: f32 = 7.4;
/// Letters of the matrix.
const CELL: f32 = 6.6;
/// Tactics of a page.
const TACTICS: usize = 8;
/// Technologies of a report on paper; the sheets have all.
const TECHNOLOGIES: usize = 12;
/// Letters of a name above which it is set smaller.
const LONG: usize = 48;

impl Paper {
    /// Width and height of an upright page in points.
    fn size(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// Lays a report out.
pub fn lay_out(report: &Report, paper: Paper, groups_asked: bool) -> Vec<Page> {
    let mut sheet = Composer::new(paper);
    sheet.head(report);
    match story::story(report) {
        Story::Empty { headline, advice } => {
            sheet.heading(1, headline, 17.0, TEXT);
            sheet.space(4.0);
            sheet.paragraph(advice, 10.0, TEXT);
            sheet.space(10.0);
            sheet.libraries(&story::libraries(report));
        }
        Story::Complete(content) => {
            sheet.first_page(content);
            sheet.second_page(content, groups_asked);
        }
    }
    sheet.promise(report);
    if let Story::Complete(content) = story::story(report) {
        sheet.matrix(content);
    }
    sheet.feet(&story::colophon(report));
    sheet.pages
}

/// A pen that goes down a page, and begins the next where there is no room.
struct Composer {
    paper: Paper,
    pages: Vec<Page>,
    margin: f32,
    y: f32,
}

impl Composer {
    fn new(paper: Paper) -> Self {
        let mut composer = Self { paper, pages: Vec::new(), margin: MARGIN, y: 0.0 };
        composer.turn(false);
        composer
    }

    /// Begins a page.
    fn turn(&mut self, lying: bool) {
        let (short, long) = self.paper.size();
        let (width, height) = if lying { (long, short) } else { (short, long) };
        self.margin = if lying { LYING_MARGIN } else { MARGIN };
        self.pages.push(Page { width, height, pieces: Vec::new() });
        self.y = self.margin;
    }

    fn width(&self) -> f32 {
        self.pages.last().map_or(0.0, |page| page.width - self.margin * 2.0)
    }

    /// The room that is left on the page.
    fn room(&self) -> f32 {
        self.pages.last().map_or(0.0, |page| page.height - self.margin - FOOT - self.y)
    }

    fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// Begins the next page unless there is room.
    fn need(&mut self, height: f32) {
        if self.room() < height {
            self.turn(false);
        }
    }

    fn put(&mut self, role: Role, text: &str, shapes: Vec<Shape>) {
        if let Some(page) = self.pages.last_mut() {
            page.pieces.push(Piece { role, text: text.to_owned(), shapes });
        }
    }

    fn heading(&mut self, level: u8, text: &str, size: f32, ink: Ink) {
        self.text(Role::Heading(level), text, (size, true), ink, 0.0);
    }

    fn paragraph(&mut self, text: &str, size: f32, ink: Ink) {
        self.text(Role::Paragraph, text, (size, false), ink, 0.0);
    }

    /// Writes a text over as many lines as it takes.
    fn text(&mut self, role: Role, text: &str, (size, bold): (f32, bool), ink: Ink, indent: f32) {
        let step = size * 1.36;
        let text = plain(text);
        let lines = wrap(&text, size, bold, self.width() - indent, usize::MAX);
        self.need(step * length(lines.len()));
        let mut pen = Pen::default();
        for line in &lines {
            self.y += step;
            pen.write((self.margin + indent, self.y - step * 0.26), (size, bold), ink, line.as_str());
        }
        self.put(role, &text, pen.shapes);
    }

    fn drawing(&mut self, drawing: Drawing) {
        self.need(drawing.height);
        let by = (self.margin, self.y);
        let shapes = drawing.shapes.into_iter().map(|shape| shape.moved(by)).collect();
        let told = format!("{}. {}", drawing.title, drawing.description);
        self.put(Role::Figure(told), "", shapes);
        self.y += drawing.height;
    }

    /// A heading of a part, with a line above.
    fn part(&mut self, text: &str, needed: f32) {
        self.need(needed + 30.0);
        self.space(8.0);
        let mut pen = Pen::default();
        pen.line(vec![(self.margin, self.y), (self.margin + self.width(), self.y)], Edge::line(RULE, 0.8));
        self.put(Role::Ornament, "", pen.shapes);
        self.space(5.0);
        self.heading(2, text, 10.4, TEXT);
        self.space(3.0);
    }

    fn head(&mut self, report: &Report) {
        self.text(Role::Paragraph, "Detection coverage among peers", (SMALL, true), QUIET, 0.0);
        let name = plain(&report.organisation);
        let size = if name.chars().count() > LONG { 9.5 } else { 13.0 };
        self.text(Role::Paragraph, &name, (size, true), TEXT, 0.0);
        self.space(8.0);
    }

    fn libraries(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.part(story::LIBRARIES, 60.0);
        for line in lines {
            self.paragraph(line, BODY, TEXT);
            self.space(2.0);
        }
    }

    fn first_page(&mut self, content: &ReportContent) {
        let [own, half] = story::headline(&content.summary);
        self.heading(1, &own, 18.0, TEXT);
        self.text(Role::Paragraph, &half, (18.0, true), TEXT, 0.0);
        self.space(2.0);
        self.paragraph(&story::place_of(&content.summary), 10.0, TEXT);
        self.paragraph(&story::facts(&content.summary).join(" · "), BODY, QUIET);
        if let Some(stand_in) = story::stand_in(&content.summary) {
            self.paragraph(&stand_in, BODY, GAP);
        }
        self.part("Share of applicable techniques covered, by tactic", 260.0);
        let width = self.width();
        self.drawing(strips::legend(width, SMALL));
        let rows: Vec<&ComparisonItem> =
            std::iter::once(&content.summary.overall).chain(&content.summary.tactics).collect();
        self.strips("tactic", "Share of applicable techniques covered, by tactic", content, &rows);
        self.gaps(content);
        self.part(&since(content), 40.0);
        for line in story::changes(content) {
            self.paragraph(&line, BODY, TEXT);
        }
    }

    fn strips(&mut self, what: &str, title: &str, content: &ReportContent, rows: &[&ComparisonItem]) {
        let asked = content.summary.envelope.cohort.as_str();
        let strips =
            Strips { what, title: title.to_owned(), asked, width: self.width(), size: 8.6, room: 1.0 };
        self.drawing(strips::draw(&strips, rows));
    }

    fn gaps(&mut self, content: &ReportContent) {
        let first = story::close_first(&content.gaps);
        let title = match content.gaps.behind {
            behind if behind > 3 => format!("Close these first, of {behind} gaps"),
            _ => "Close these first".to_owned(),
        };
        self.part(&title, 110.0);
        if first.is_empty() {
            self.paragraph("You are behind your peers in no technique.", BODY, TEXT);
        }
        for (number, gap) in (1..).zip(first) {
            let indent = 20.0;
            let mut pen = Pen::default();
            let (x, y) = (self.margin + 7.0, self.y + 7.4);
            pen.shapes.push(Shape::Dot { x, y, radius: 7.0, fill: WHITE, edge: Some(Edge::line(GAP, 1.2)) });
            pen.write_at((x, y + 3.0), (8.2, true), GAP, format!("{number}"));
            self.put(Role::Ornament, "", pen.shapes);
            let name = format!("{} {}", gap.technique, gap.name);
            self.text(Role::Heading(3), &name, (9.4, true), TEXT, indent);
            self.text(Role::Paragraph, &story::why(gap), (BODY, false), QUIET, indent);
            self.space(4.0);
        }
    }

    fn second_page(&mut self, content: &ReportContent, groups_asked: bool) {
        self.turn(false);
        let technologies: Vec<&ComparisonItem> =
            content.summary.technologies.iter().take(TECHNOLOGIES).collect();
        self.part("Techniques with a rule, by technology, among members that have it", 60.0);
        if technologies.is_empty() {
            self.paragraph("None of your technologies is in the registry.", BODY, TEXT);
        } else {
            self.strips("technology", "Techniques with a rule, by technology", content, &technologies);
        }
        let groups = story::groups(content, groups_asked);
        if !groups.is_empty() {
            let title = match groups_asked {
                true => "Techniques of the chosen threat groups that are covered",
                false => "Threat groups whose techniques you cover least, compared with your peers",
            };
            self.part(title, 60.0);
            self.strips("threat group", title, content, &groups);
        }
        if let Some(trend) = content.trend.as_ref().filter(|trend| trend.items.len() > 1) {
            self.part("Overall share by release", 120.0);
            let width = self.width();
            self.drawing(trend::draw(trend, width, 8.0));
            self.space(4.0);
        }
        self.part("How this is computed", 80.0);
        for line in story::method(content) {
            self.paragraph(&line, SMALL, TEXT);
            self.space(1.6);
        }
    }

    fn promise(&mut self, report: &Report) {
        self.part("What others can learn about you, and what isn't promised", 80.0);
        for line in [&report.what_others_can_learn, &report.what_is_not_promised] {
            self.paragraph(line, SMALL, TEXT);
            self.space(1.6);
        }
        self.paragraph(story::SOURCE, SMALL, QUIET);
    }

    fn matrix(&mut self, content: &ReportContent) {
        let count = content.summary.tactics.len();
        let pages = count.div_ceil(TACTICS).max(1);
        let mut size = CELL;
        for page in 0..pages {
            self.turn(true);
            let attack = content.summary.envelope.release.attack;
            let title = format!("Techniques by tactic, ATT&CK {attack} ({} of {pages})", page + 1);
            self.heading(2, &title, 11.0, TEXT);
            let width = self.width();
            self.drawing(heat_map::legend(width, 7.0));
            self.space(4.0);
            if page == 0 {
                // The longest column of all decides how large letters may be.
                let whole = heat_map::draw(content, Sheet { width, size, lines: 1, from: 0, tactics: count });
                size *= (self.room() / whole.height).min(1.0);
            }
            let sheet = Sheet { width, size, lines: 1, from: page * TACTICS, tactics: TACTICS };
            self.drawing(heat_map::draw(content, sheet));
        }
    }

    /// Writes the line at the foot of every page.
    fn feet(&mut self, text: &str) {
        let count = self.pages.len();
        for (number, page) in (1..).zip(&mut self.pages) {
            let margin = if page.width > page.height { LYING_MARGIN } else { MARGIN };
            let y = page.height - margin * 0.72;
            let end = format!("{number} of {count}");
            let mut pen = Pen::default();
            let room = page.width - margin * 2.0 - text_width(&end, 7.0, false) - 12.0;
            pen.write((margin, y), (7.0, false), QUIET, fit(&plain(text), 7.0, false, room));
            pen.write_to((page.width - margin, y), (7.0, false), QUIET, end);
            page.pieces.push(Piece { role: Role::Ornament, text: String::new(), shapes: pen.shapes });
        }
    }
}

/// The heading of what changed.
pub fn since(content: &ReportContent) -> String {
    match &content.changes {
        Some(changes) => format!(
            "What changed since release {} of {}",
            changes.since.number,
            changes.since.cut_off.format("%Y-%m-%d")
        ),
        None => "What changed".to_owned(),
    }
}

/// The start of a text on its line, given its width.
pub fn start(x: f32, width: f32, anchor: Anchor) -> f32 {
    match anchor {
        Anchor::Start => x,
        Anchor::Middle => x - width / 2.0,
        Anchor::End => x - width,
    }
}
