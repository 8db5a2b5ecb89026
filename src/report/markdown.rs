//! A report as Markdown, for a ticket or a pull request.

use std::fmt::Write as _;

use super::{
    letters::plain,
    pages::since,
    story::{self, Story, of_peers, own, position},
};
use crate::wire::{ComparisonItem, Quantile, Report, ReportContent};

/// Writes a report.
pub fn write(report: &Report, groups_asked: bool) -> String {
    let mut out = format!("# {}\n\n", escaped(&story::title(report)));
    match story::story(report) {
        Story::Empty { headline, advice } => {
            out.push_str(&format!("**{headline}**\n\n{advice}\n\n"));
            let libraries = story::libraries(report);
            if !libraries.is_empty() {
                out.push_str(&format!("## {}\n\n", story::LIBRARIES));
            }
            for line in libraries {
                out.push_str(&format!("- {}\n", escaped(&line)));
            }
            out.push('\n');
        }
        Story::Complete(content) => body(&mut out, content, groups_asked),
    }
    let promise = [&report.what_others_can_learn, &report.what_is_not_promised];
    out.push_str("## What others can learn about you, and what isn't promised\n\n");
    for text in promise {
        out.push_str(&format!("{}\n\n", escaped(text)));
    }
    out.push_str(&format!("---\n\n{}\n\n{}\n", escaped(&story::colophon(report)), story::SOURCE));
    out
}

fn body(out: &mut String, content: &ReportContent, groups_asked: bool) {
    let [first, second] = story::headline(&content.summary);
    out.push_str(&format!("**{first} {}**\n\n", escaped(&second)));
    for line in [story::place_of(&content.summary), story::facts(&content.summary).join(" · ")] {
        out.push_str(&format!("{}\n\n", escaped(&line)));
    }
    if let Some(stand_in) = story::stand_in(&content.summary) {
        out.push_str(&format!("{}\n\n", escaped(&stand_in)));
    }
    let asked = content.summary.envelope.cohort.as_str();
    out.push_str("## Close these first\n\n");
    let gaps = story::close_first(&content.gaps);
    if gaps.is_empty() {
        out.push_str("You are behind your peers in no technique.\n");
    }
    for (number, gap) in (1..).zip(gaps) {
        let reasons = escaped(&story::why(gap));
        let name = escaped(&gap.name);
        out.push_str(&format!("{number}. **{} {name}**: {reasons}\n", gap.technique));
    }
    out.push_str(&format!("\n## {}\n\n", since(content)));
    for line in story::changes(content) {
        out.push_str(&format!("- {}\n", escaped(&line)));
    }
    out.push_str("\n## By tactic: share of applicable techniques covered\n\n");
    let rows: Vec<&ComparisonItem> =
        std::iter::once(&content.summary.overall).chain(&content.summary.tactics).collect();
    table(out, "tactic", &rows, asked);
    out.push_str("\n## By technology: techniques with a rule\n\n");
    table(out, "technology", &content.summary.technologies.iter().collect::<Vec<_>>(), asked);
    out.push_str("\n## Threat groups: share of their techniques covered\n\n");
    table(out, "threat group", &story::groups(content, groups_asked), asked);
    out.push_str("\n## How this is computed\n\n");
    for line in story::method(content) {
        out.push_str(&format!("- {}\n", escaped(&line)));
    }
    out.push('\n');
}

fn table(out: &mut String, what: &str, items: &[&ComparisonItem], asked: &str) {
    if items.is_empty() {
        out.push_str("None.\n");
        return;
    }
    // Writing to a text doesn't fail.
    let _ = write!(out, "| {what} | you | p25 | median | p75 | |\n|---|--:|--:|--:|--:|---|\n");
    for item in items {
        let [p25, p50, p75] = [Quantile::P25, Quantile::P50, Quantile::P75].map(|at| of_peers(item, at));
        let name = escaped(&item.subject.name);
        let own = own(&item.shown().1.own);
        let _ =
            writeln!(out, "| {name} | {own} | {p25} | {p50} | {p75} | {} |", escaped(&position(item, asked)));
    }
}

/// A text without marks of Markdown or HTML.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => out.extend(['\\', letter]),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_cell() {
        assert_eq!(escaped("a|b*c_<img>\n# x"), "a\\|b\\*c\\_&lt;img&gt; \\# x");
        assert_eq!(escaped("Command and Control"), "Command and Control");
    }
}
