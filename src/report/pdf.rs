//! The pages of a report as PDF: text that can be selected, fonts embedded, every piece tagged with what it means.

use std::num::NonZeroU16;

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    destination::XyzDestination,
    geom::{Path, PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, FillRule, LineCap, LineJoin, Stroke, StrokeDash},
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Node, SpanTag, Tag, TagGroup, TagTree},
    text::{Font, TextDirection},
};
use thiserror::Error;

use super::{
    drawing::{Edge, Ink, Shape, Text},
    letters::{Face, plain, runs, width},
    pages::{Piece, Role, lay_out, start},
    story,
};
use crate::wire::{Report, choices::Paper};

/// The reason why there is no PDF.
#[derive(Debug, Error)]
pub enum PdfError {
    #[error("a font of the program can't be read")]
    Font,
    #[error("a page has no size")]
    Page,
    #[error("the PDF can't be written: {0}")]
    Written(String),
}

/// The distance from a circle's end to its control point, in parts of the radius.
const ROUND: f32 = 0.552_285;

/// The faces of a page.
struct Fonts {
    regular: Font,
    bold: Font,
    other: Font,
}

impl Fonts {
    fn open() -> Result<Self, PdfError> {
        let font = |face: Face| Font::new(face.bytes().into(), 0).ok_or(PdfError::Font);
        Ok(Self { regular: font(Face::Regular)?, bold: font(Face::Bold)?, other: font(Face::Other)? })
    }

    fn of(&self, face: Face) -> Font {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
            Face::Other => &self.other,
        }
        .clone()
    }
}

/// Writes a report.
///
/// # Errors
/// Fails if the library refuses what it is given, which no name can bring about.
pub fn write(report: &Report, paper: Paper, groups_asked: bool) -> Result<Vec<u8>, PdfError> {
    let fonts = Fonts::open()?;
    let settings = SerializeSettings { enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let title = plain(&story::title(report));
    let metadata = Metadata::new().title(title).language("en-GB".to_owned()).creator("peerbench".to_owned());
    document.set_metadata(match date(report) {
        Some(date) => metadata.creation_date(date),
        None => metadata,
    });
    let mut tags = TagTree::new().with_lang(Some("en-GB".to_owned()));
    let mut outline = Outline::new();
    for (number, page) in lay_out(report, paper, groups_asked).iter().enumerate() {
        let settings = PageSettings::from_wh(page.width, page.height).ok_or(PdfError::Page)?;
        let mut leaf = document.start_page_with(settings);
        let mut surface = leaf.surface();
        for piece in &page.pieces {
            tags_of(&mut surface, piece, &fonts, &mut tags);
            if let Some(node) = entry(piece, number) {
                outline.push_child(node);
            }
        }
        surface.finish();
        leaf.finish();
    }
    document.set_outline(outline);
    document.set_tag_tree(tags);
    document.finish().map_err(|error| PdfError::Written(format!("{error:?}")))
}

fn date(report: &Report) -> Option<DateTime> {
    use chrono::Datelike as _;
    let day = report.made_on;
    let (year, month) = (u16::try_from(day.year()).ok()?, u8::try_from(day.month()).ok()?);
    Some(DateTime::new(year).month(month).day(u8::try_from(day.day()).ok()?))
}

/// The entry of a heading in the outline.
fn entry(piece: &Piece, page: usize) -> Option<OutlineNode> {
    let Role::Heading(1 | 2) = piece.role else { return None };
    let y = piece.shapes.iter().find_map(|shape| match shape {
        Shape::Text(text) => Some(text.y - text.size),
        _ => None,
    })?;
    Some(OutlineNode::new(piece.text.clone(), XyzDestination::new(page, Point::from_xy(0.0, y))))
}

/// Draws a piece and says what it means.
fn tags_of(surface: &mut Surface<'_>, piece: &Piece, fonts: &Fonts, tags: &mut TagTree) {
    let content = match piece.role {
        Role::Ornament => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
        Role::Figure(_) => ContentTag::Other,
        Role::Heading(_) | Role::Paragraph => ContentTag::Span(SpanTag::empty()),
    };
    let id = surface.start_tagged(content);
    for shape in &piece.shapes {
        draw(surface, shape, fonts);
    }
    surface.end_tagged();
    let mut group = match &piece.role {
        Role::Ornament => return,
        Role::Figure(told) => TagGroup::new(Tag::Figure(Some(plain(told)))),
        Role::Paragraph => TagGroup::new(Tag::P),
        Role::Heading(level) => {
            let level = NonZeroU16::new((*level).into()).unwrap_or(NonZeroU16::MIN);
            TagGroup::new(Tag::Hn(level, Some(piece.text.clone())))
        }
    };
    group.push(Node::Leaf(id));
    tags.push(group);
}

fn draw(surface: &mut Surface<'_>, shape: &Shape, fonts: &Fonts) {
    let (fill, edge, path) = match shape {
        Shape::Text(text) => return write_text(surface, text, fonts),
        Shape::Box { x, y, width, height, radius, fill, edge, .. } => {
            (*fill, *edge, rounded((*x, *y), (*width, *height), *radius))
        }
        Shape::Dot { x, y, radius, fill, edge } => {
            let (corner, side) = ((x - radius, y - radius), radius * 2.0);
            (Some(*fill), *edge, rounded(corner, (side, side), *radius))
        }
        Shape::Line { points, edge } => (None, Some(*edge), through(points, false)),
        Shape::Area { points, fill } => (Some(*fill), None, through(points, true)),
    };
    let Some(path) = path else { return };
    surface.set_fill(fill.map(filled));
    surface.set_stroke(edge.map(stroked));
    surface.draw_path(&path);
}

fn write_text(surface: &mut Surface<'_>, text: &Text, fonts: &Fonts) {
    let Text { x, y, size, bold, ink, anchor, text } = text;
    surface.set_fill(Some(filled(*ink)));
    surface.set_stroke(None);
    let mut x = start(*x, width(text, *size, *bold), *anchor);
    for run in runs(text, *bold) {
        let direction =
            if run.from_the_right { TextDirection::RightToLeft } else { TextDirection::LeftToRight };
        surface.draw_text(Point::from_xy(x, *y), fonts.of(run.face), *size, &run.text, false, direction);
        x += width(&run.text, *size, *bold);
    }
}

fn filled(ink: Ink) -> Fill {
    Fill { paint: colour(ink).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn stroked(edge: Edge) -> Stroke {
    let dash = edge.dashed.then(|| StrokeDash { array: vec![2.0, 2.0], offset: 0.0 });
    Stroke {
        paint: colour(edge.ink).into(),
        width: edge.width,
        line_cap: LineCap::Butt,
        line_join: LineJoin::Round,
        dash,
        ..Stroke::default()
    }
}

fn colour(ink: Ink) -> rgb::Color {
    let Ink(red, green, blue) = ink;
    rgb::Color::new(red, green, blue)
}

fn through(points: &[(f32, f32)], closed: bool) -> Option<Path> {
    let (first, others) = points.split_first()?;
    let mut path = PathBuilder::new();
    path.move_to(first.0, first.1);
    for (x, y) in others {
        path.line_to(*x, *y);
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// A rectangle with round corners; a circle is one whose radius is half of its side.
fn rounded((x, y): (f32, f32), (width, height): (f32, f32), radius: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    let radius = radius.min(width / 2.0).min(height / 2.0);
    if radius <= 0.0 {
        path.push_rect(Rect::from_xywh(x, y, width, height)?);
        return path.finish();
    }
    let (right, bottom, pull) = (x + width, y + height, radius * (1.0 - ROUND));
    path.move_to(x + radius, y);
    path.line_to(right - radius, y);
    path.cubic_to(right - pull, y, right, y + pull, right, y + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - pull, right - pull, bottom, right - radius, bottom);
    path.line_to(x + radius, bottom);
    path.cubic_to(x + pull, bottom, x, bottom - pull, x, bottom - radius);
    path.line_to(x, y + radius);
    path.cubic_to(x, y + pull, x + pull, y, x + radius, y);
    path.close();
    path.finish()
}
