//! A report as one HTML file: nothing is loaded from elsewhere, every chart has its numbers beside it, and it prints.

use super::{
    drawing::{
        Drawing,
        heat_map::{self, Sheet},
        strips::{self, Strips},
        trend,
    },
    letters::plain,
    pages::since,
    story::{self, Story, of_peers, own, position},
    svg::{self, escaped},
};
use crate::wire::{ComparisonItem, Quantile, Report, ReportContent};

/// The widths of drawings.
const STRIPS: f32 = 860.0;
const MATRIX: f32 = 1600.0;
/// The part of the room that a text may take: a system's font may be wider than the one that texts are measured in.
pub const ROOM: f32 = 0.86;

const STYLE: &str = "\
:root{color-scheme:light}\
body{margin:0;background:#fff;color:#16202e;font:16px/1.5 'Noto Sans','Segoe UI','Helvetica Neue',Arial,sans-serif}\
main{max-width:900px;margin:0 auto;padding:32px 20px}\
h1{font-size:29px;line-height:1.25;margin:6px 0 8px}h2{font-size:19px;margin:34px 0 10px;padding-top:14px;border-top:1px solid #dde2e8}\
h3{font-size:16px;margin:0}p,li{margin:4px 0}.quiet{color:#4d5a6a}.note{color:#b04a00}\
svg{max-width:100%;height:auto;display:block}.wide{overflow-x:auto}.wide svg{min-width:1300px}\
ol.gaps{padding-left:24px}ol.gaps li{margin:10px 0}ol.gaps li::marker{font-weight:700;color:#b04a00}\
table{border-collapse:collapse;font-size:14px;width:100%}th,td{text-align:left;padding:3px 10px 3px 0;border-bottom:1px solid #dde2e8}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}summary{cursor:pointer;color:#253fc4;margin:6px 0}\
footer{margin-top:34px;padding-top:12px;border-top:1px solid #dde2e8;font-size:13px;color:#4d5a6a}\
@media print{main{max-width:none;padding:0}body{font-size:10pt}h2,h3,.keep{break-after:avoid}figure,li{break-inside:avoid}\
details:not([open]){display:none}h1{font-size:21px}.wide svg{min-width:0}.wide,.wide figure{break-inside:avoid}\
@page{margin:14mm}@page lying{size:landscape;margin:8mm}.matrix{page:lying}}";

/// Writes a report.
pub fn write(report: &Report, groups_asked: bool) -> String {
    let title = escaped(&story::title(report));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <p class=\"quiet\">Detection coverage among peers · <strong><bdi>{}</bdi></strong></p>\n",
        escaped(&report.organisation)
    );
    match story::story(report) {
        Story::Empty { headline, advice } => {
            out.push_str(&format!("<h1>{headline}</h1>\n<p>{}</p>\n", code(advice)));
            let libraries = story::libraries(report);
            if !libraries.is_empty() {
                out.push_str(&format!("<h2>{}</h2>\n", story::LIBRARIES));
            }
            for line in libraries {
                out.push_str(&format!("<p>{}</p>\n", escaped(&line)));
            }
        }
        Story::Complete(content) => body(&mut out, content, groups_asked),
    }
    out.push_str("<h2>What others can learn about you, and what isn't promised</h2>\n");
    for text in [&report.what_others_can_learn, &report.what_is_not_promised] {
        out.push_str(&format!("<p>{}</p>\n", escaped(text)));
    }
    if let Story::Complete(content) = story::story(report) {
        matrix(&mut out, content);
    }
    out.push_str(&format!(
        "<footer><p>{}</p><p>{}</p></footer>\n</main>\n</body>\n</html>\n",
        escaped(&story::colophon(report)),
        story::SOURCE
    ));
    out
}

fn body(out: &mut String, content: &ReportContent, groups_asked: bool) {
    let [first, second] = story::headline(&content.summary);
    out.push_str(&format!("<h1>{}<br>{}</h1>\n", escaped(&first), escaped(&second)));
    out.push_str(&format!("<p>{}</p>\n", escaped(&story::place_of(&content.summary))));
    out.push_str(&format!(
        "<p class=\"quiet\">{}</p>\n",
        escaped(&story::facts(&content.summary).join(" · "))
    ));
    if let Some(stand_in) = story::stand_in(&content.summary) {
        out.push_str(&format!("<p class=\"note\">{}</p>\n", escaped(&stand_in)));
    }
    let tactics: Vec<&ComparisonItem> =
        std::iter::once(&content.summary.overall).chain(&content.summary.tactics).collect();
    let heading = "Share of applicable techniques covered, by tactic";
    chart(out, ("tactics", heading), ("tactic", content), &tactics);
    out.push_str("<h2>Close these first</h2>\n");
    let gaps = story::close_first(&content.gaps);
    if gaps.is_empty() {
        out.push_str("<p>You are behind your peers in no technique.</p>\n");
    }
    out.push_str("<ol class=\"gaps\">\n");
    for gap in gaps {
        let reasons = escaped(&story::why(gap));
        let name = escaped(&gap.name);
        out.push_str(&format!(
            "<li><h3>{} {name}</h3><p class=\"quiet\">{reasons}</p></li>\n",
            gap.technique
        ));
    }
    out.push_str(&format!("</ol>\n<h2>{}</h2>\n<ul>\n", escaped(&since(content))));
    for line in story::changes(content) {
        out.push_str(&format!("<li>{}</li>\n", escaped(&line)));
    }
    out.push_str("</ul>\n");
    let heading = "Techniques with a rule, by technology, among members that have it";
    let technologies: Vec<&ComparisonItem> = content.summary.technologies.iter().collect();
    chart(out, ("technologies", heading), ("technology", content), &technologies);
    let heading = match groups_asked {
        true => "Techniques of the chosen threat groups that are covered",
        false => "Threat groups whose techniques you cover least, compared with your peers",
    };
    chart(out, ("groups", heading), ("threat group", content), &story::groups(content, groups_asked));
    if let Some(trend) = content.trend.as_ref().filter(|trend| trend.items.len() > 1) {
        out.push_str("<h2>Overall share by release</h2>\n");
        figure(out, &trend::draw(trend, STRIPS, 13.0), "trend");
    }
    out.push_str("<h2>How this is computed</h2>\n");
    for line in story::method(content) {
        out.push_str(&format!("<p>{}</p>\n", escaped(&line)));
    }
}

/// A heading, strips, and their numbers as a table.
fn chart(
    out: &mut String,
    (id, heading): (&str, &str),
    (what, content): (&str, &ReportContent),
    items: &[&ComparisonItem],
) {
    if items.is_empty() {
        return;
    }
    out.push_str(&format!("<h2>{heading}</h2>\n"));
    figure(out, &strips::legend(STRIPS, 13.0), &format!("{id}-legend"));
    let asked = content.summary.envelope.cohort.as_str();
    let strips = Strips { what, title: heading.to_owned(), asked, width: STRIPS, size: 14.0, room: ROOM };
    figure(out, &strips::draw(&strips, items), id);
    out.push_str(&format!(
        "<details><summary>Numbers</summary>\n<table><thead><tr><th>{what}</th><th class=\"n\">you</th>\
         <th class=\"n\">p25</th><th class=\"n\">median</th><th class=\"n\">p75</th><th>you are</th></tr></thead>\n<tbody>\n"
    ));
    for item in items {
        let [p25, p50, p75] =
            [Quantile::P25, Quantile::P50, Quantile::P75].map(|at| escaped(&of_peers(item, at)));
        out.push_str(&format!(
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{p25}</td><td class=\"n\">{p50}</td>\
             <td class=\"n\">{p75}</td><td>{}</td></tr>\n",
            escaped(&item.subject.name),
            escaped(&own(&item.shown().1.own)),
            escaped(&position(item, asked))
        ));
    }
    out.push_str("</tbody></table></details>\n");
}

fn matrix(out: &mut String, content: &ReportContent) {
    let attack = content.summary.envelope.release.attack;
    out.push_str(&format!(
        "<section class=\"matrix\"><h2>Techniques by tactic, ATT&amp;CK {attack}</h2>\n<div class=\"wide\">\n"
    ));
    figure(out, &heat_map::legend(MATRIX, 12.5), "matrix-legend");
    figure(out, &heat_map::draw(content, whole(content)), "matrix");
    out.push_str("</div></section>\n");
}

/// The measures of a heat map of all tactics.
pub fn whole(content: &ReportContent) -> Sheet {
    Sheet { width: MATRIX, size: 11.0, lines: 2, from: 0, tactics: content.summary.tactics.len() }
}

fn figure(out: &mut String, drawing: &Drawing, id: &str) {
    out.push_str(&format!("<figure style=\"margin:0\">{}</figure>\n", svg::inline(drawing, id, false)));
}

/// A text of this program with its commands as code.
fn code(text: &str) -> String {
    let parts = escaped(&plain(text));
    let mut out = String::new();
    for (number, part) in parts.split('`').enumerate() {
        if number % 2 == 1 { out.push_str(&format!("<code>{part}</code>")) } else { out.push_str(part) }
    }
    out
}
