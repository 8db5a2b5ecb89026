//! A drawing as SVG: text as text, with a title and a description, nothing loaded from elsewhere.

use std::fmt::Write as _;

use super::{
    drawing::{Anchor, Drawing, Edge, Ink, Shape, Text},
    letters::plain,
};

/// The fonts of a drawing: what the PDF embeds, else what a system has.
pub const FONTS: &str =
    "'Noto Sans','Segoe UI','Helvetica Neue',Arial,'Liberation Sans','DejaVu Sans',sans-serif";

/// A text as XML takes it.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// A file of its own.
pub fn file(drawing: &Drawing) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", inline(drawing, "drawing", true)).into_bytes()
}

/// An element within a page; `id` tells its title from others'.
pub fn inline(drawing: &Drawing, id: &str, has_ground: bool) -> String {
    let Drawing { width, height, title, description, shapes } = drawing;
    let (wide, high) = (number(*width), number(*height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"{FONTS}\">\
         <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
        escaped(title),
        escaped(description)
    );
    if has_ground {
        out.push_str("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
    }
    for shape in shapes {
        out.push('\n');
        write(&mut out, shape);
    }
    out.push_str("\n</svg>");
    out
}

fn write(out: &mut String, shape: &Shape) {
    // Writing to a text doesn't fail.
    let _ = match shape {
        Shape::Box { x, y, width, height, radius, fill, edge, hint } => {
            let fill = fill.map_or_else(|| "none".to_owned(), colour);
            let head = format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"{fill}\"{}",
                number(*x),
                number(*y),
                number(*width),
                number(*height),
                number(*radius),
                edge.map(edged).unwrap_or_default()
            );
            if hint.is_empty() {
                write!(out, "{head}/>")
            } else {
                write!(out, "{head}><title>{}</title></rect>", escaped(hint))
            }
        }
        Shape::Dot { x, y, radius, fill, edge } => write!(
            out,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"{}/>",
            number(*x),
            number(*y),
            number(*radius),
            colour(*fill),
            edge.map(edged).unwrap_or_default()
        ),
        Shape::Line { points, edge } => {
            write!(out, "<polyline points=\"{}\" fill=\"none\"{}/>", listed(points), edged(*edge))
        }
        Shape::Area { points, fill } => {
            write!(out, "<polygon points=\"{}\" fill=\"{}\"/>", listed(points), colour(*fill))
        }
        Shape::Text(Text { x, y, size, bold, ink, anchor, text }) => {
            let anchor = match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            };
            let weight = if *bold { " font-weight=\"700\"" } else { "" };
            write!(
                out,
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight}{anchor} fill=\"{}\">{}</text>",
                number(*x),
                number(*y),
                number(*size),
                colour(*ink),
                escaped(text)
            )
        }
    };
}

fn edged(edge: Edge) -> String {
    let dashes = if edge.dashed { " stroke-dasharray=\"2 2\"" } else { "" };
    format!(" stroke=\"{}\" stroke-width=\"{}\"{dashes}", colour(edge.ink), number(edge.width))
}

fn listed(points: &[(f32, f32)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect::<Vec<_>>().join(" ")
}

/// A colour as `#253fc4`.
pub fn colour(ink: Ink) -> String {
    let Ink(red, green, blue) = ink;
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A length with at most two decimals.
fn number(value: f32) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::drawing::{Pen, TEXT};

    #[test]
    fn no_name_breaks_out_of_its_text() {
        let mut pen = Pen::default();
        pen.write((1.0, 2.25), (10.0, true), TEXT, "<script>&\u{0}\u{202e}");
        let title = "\"><svg onload='x'>".to_owned();
        let drawing =
            Drawing { width: 10.0, height: 5.5, title, description: String::new(), shapes: pen.shapes };
        let svg = String::from_utf8(file(&drawing)).unwrap();
        assert!(svg.contains("&lt;script&gt;&amp; </text>"), "{svg}");
        assert!(svg.contains("&quot;&gt;&lt;svg onload=&#39;x&#39;&gt;") && svg.matches("<svg").count() == 1);
        assert!(svg.contains("viewBox=\"0 0 10 5.5\"") && svg.contains("y=\"2.25\""), "{svg}");
    }
}
