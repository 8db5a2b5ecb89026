//! Drawings: shapes with places in points, made once for the SVG, the page of a PDF and the HTML.

pub mod heat_map;
pub mod strips;
pub mod trend;

use super::letters;

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink(pub u8, pub u8, pub u8);

pub const TEXT: Ink = Ink(0x16, 0x20, 0x2e);
pub const QUIET: Ink = Ink(0x4d, 0x5a, 0x6a);
pub const RULE: Ink = Ink(0xdd, 0xe2, 0xe8);
pub const WHITE: Ink = Ink(0xff, 0xff, 0xff);
/// You.
pub const OWN: Ink = Ink(0x25, 0x3f, 0xc4);
/// The middle half of the peers.
pub const PEERS: Ink = Ink(0xb4, 0xc0, 0xd0);
/// The middle half of the peers as an area.
pub const BAND: Ink = Ink(0xd3, 0xdb, 0xe5);
/// Their median.
pub const MEDIAN: Ink = Ink(0x45, 0x53, 0x66);
/// Gaps: covered by half of the peers, and not by the member.
pub const GAP: Ink = Ink(0xb0, 0x4a, 0x00);

/// Levels differ in lightness, so that they can be told apart without colour.
pub const NONE: Ink = Ink(0xf1, 0xf3, 0xf6);
pub const PARTIAL: Ink = Ink(0xb8, 0xc4, 0xf4);
pub const FULL: Ink = Ink(0x31, 0x45, 0xb4);

/// The line around a shape, or a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    pub ink: Ink,
    pub width: f32,
    pub dashed: bool,
}

/// The side of its place on which a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text on its baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub x: f32,
    pub y: f32,
    pub size: f32,
    pub bold: bool,
    pub ink: Ink,
    pub anchor: Anchor,
    pub text: String,
}

/// A part of a drawing.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A rectangle with round corners.
    Box {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        radius: f32,
        fill: Option<Ink>,
        edge: Option<Edge>,
        hint: String,
    },
    Dot {
        x: f32,
        y: f32,
        radius: f32,
        fill: Ink,
        edge: Option<Edge>,
    },
    /// A line through points.
    Line {
        points: Vec<(f32, f32)>,
        edge: Edge,
    },
    /// The area within points.
    Area {
        points: Vec<(f32, f32)>,
        fill: Ink,
    },
    Text(Text),
}

/// Shapes, what they show, and what they say to those who don't see them.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    pub width: f32,
    pub height: f32,
    pub title: String,
    pub description: String,
    pub shapes: Vec<Shape>,
}

impl Edge {
    pub fn line(ink: Ink, width: f32) -> Self {
        Self { ink, width, dashed: false }
    }

    pub fn dashed(ink: Ink, width: f32) -> Self {
        Self { ink, width, dashed: true }
    }
}

/// A pen that writes and draws.
#[derive(Debug, Default)]
pub struct Pen {
    pub shapes: Vec<Shape>,
}

impl Pen {
    /// Writes a text at the left of a place.
    pub fn write(
        &mut self,
        (x, y): (f32, f32),
        (size, bold): (f32, bool),
        ink: Ink,
        text: impl Into<String>,
    ) {
        self.text((x, y), (size, bold), ink, Anchor::Start, text.into());
    }

    /// Writes a text that ends at a place.
    pub fn write_to(
        &mut self,
        (x, y): (f32, f32),
        (size, bold): (f32, bool),
        ink: Ink,
        text: impl Into<String>,
    ) {
        self.text((x, y), (size, bold), ink, Anchor::End, text.into());
    }

    /// Writes a text around a place.
    pub fn write_at(
        &mut self,
        (x, y): (f32, f32),
        (size, bold): (f32, bool),
        ink: Ink,
        text: impl Into<String>,
    ) {
        self.text((x, y), (size, bold), ink, Anchor::Middle, text.into());
    }

    fn text(
        &mut self,
        (x, y): (f32, f32),
        (size, bold): (f32, bool),
        ink: Ink,
        anchor: Anchor,
        text: String,
    ) {
        if !text.is_empty() {
            self.shapes.push(Shape::Text(Text { x, y, size, bold, ink, anchor, text }));
        }
    }

    pub fn line(&mut self, points: Vec<(f32, f32)>, edge: Edge) {
        self.shapes.push(Shape::Line { points, edge });
    }

    /// Fills a rectangle given by its corner, width and height.
    pub fn fill(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), radius: f32, ink: Ink) {
        let (fill, edge, hint) = (Some(ink), None, String::new());
        self.shapes.push(Shape::Box { x, y, width, height, radius, fill, edge, hint });
    }

    /// Writes `text` within `room`, in smaller letters where it must be.
    pub fn words(&mut self, at: (f32, f32), (size, bold): (f32, bool), room: f32, text: &str) {
        const SMALLEST: f32 = 0.8;
        let size = size * (room / letters::width(text, size, bold)).clamp(SMALLEST, 1.0);
        self.write(at, (size, bold), QUIET, letters::fit(text, size, bold, room));
    }

    /// Writes `name` within `room`: on two lines of smaller letters where one is too short.
    pub fn name(&mut self, (x, y): (f32, f32), (size, bold): (f32, bool), room: f32, name: &str) {
        let name = letters::plain(name);
        if letters::width(&name, size, bold) <= room {
            self.write((x, y), (size, bold), TEXT, name);
            return;
        }
        let small = size * 0.8;
        let lines = letters::wrap(&name, small, bold, room, 2);
        let up = if lines.len() > 1 { small * 0.52 } else { 0.0 };
        for (line, down) in lines.into_iter().zip([-up, up]) {
            self.write((x, y + down), (small, bold), TEXT, line);
        }
    }
}

impl Shape {
    /// Moves the shape.
    pub fn moved(mut self, by: (f32, f32)) -> Self {
        match &mut self {
            Self::Box { x, y, .. } | Self::Dot { x, y, .. } | Self::Text(Text { x, y, .. }) => {
                *x += by.0;
                *y += by.1;
            }
            Self::Line { points, .. } | Self::Area { points, .. } => {
                for (x, y) in points {
                    *x += by.0;
                    *y += by.1;
                }
            }
        }
        self
    }
}

/// A number of things as a length.
pub fn length(count: usize) -> f32 {
    u16::try_from(count).map_or(f32::from(u16::MAX), f32::from)
}
