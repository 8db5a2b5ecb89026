//! The method's document: every worked example in it is computed again by the code that answers.

mod series;

const DOCUMENT: &str = include_str!("../../docs/method.md");

/// The text of a section.
fn section(title: &str) -> &'static str {
    let start = DOCUMENT.find(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no section {title}"));
    let text = &DOCUMENT[start + 1..];
    text[3..].find("\n## ").map_or(text, |end| &text[..end + 3])
}

/// The rows of the table of a section whose first heading is this.
fn rows(title: &str, heading: &str) -> Vec<Vec<&'static str>> {
    let cells = |line: &'static str| -> Vec<&'static str> {
        line.trim_matches('|').split('|').map(str::trim).collect()
    };
    let lines = section(title).lines().skip_while(|line| !line.starts_with(&format!("| {heading} |")));
    let rows: Vec<_> = lines.skip(2).take_while(|line| line.starts_with('|')).map(cells).collect();
    assert!(!rows.is_empty(), "{title} has no table of {heading}");
    rows
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}
