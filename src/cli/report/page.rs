//! The page: where a member stands, on about sixty lines.

use std::fmt;

use super::{
    answer::{Item, Peers, Position, Summary},
    strip::strip,
    table::{Align, Table, shorten},
};

/// A member's page. Tables without rows are left out.
#[derive(Debug, Clone)]
pub struct Page {
    /// Whose page it is.
    pub name: String,
    pub summary: Summary,
}

/// What the strips beside the numbers say.
pub const LEGEND: &str = "  ● you   ━ the middle half of your peers   ┃ their median";

/// Characters of a name.
const NAME: usize = 38;

/// What is shown of a row: the statistic asked for, or the next coarser one that is published.
struct Shown<'a> {
    own: Option<u8>,
    peers: &'a Peers,
    position: Option<&'a Position>,
    /// Where the numbers are from, if not from where they were asked for.
    instead: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(item: &'a Item) -> Self {
        match &item.fallback {
            Some(fallback) if item.peers.status != "released" => Self {
                own: fallback.own.score,
                peers: &fallback.peers,
                position: fallback.position.as_ref(),
                instead: Some(format!("{}, {}", fallback.peers.cohort, fallback.peers.column)),
            },
            _ => Self {
                own: item.own.score,
                peers: &item.peers,
                position: item.position.as_ref(),
                instead: None,
            },
        }
    }

    fn quartiles(&self) -> [String; 3] {
        let number = |name: &str, value: Option<u8>| match (value, self.peers.coded.get(name)) {
            (None, _) => "-".to_owned(),
            (Some(value), Some(end)) if end == "low" => format!("≤{value}"),
            (Some(value), Some(_)) => format!("≥{value}"),
            (Some(value), None) => value.to_string(),
        };
        [number("p25", self.peers.p25), number("p50", self.peers.p50), number("p75", self.peers.p75)]
    }

    fn strip(&self, most: u8) -> String {
        strip(self.own, self.peers.p25, self.peers.p50, self.peers.p75, most)
    }

    fn position(&self) -> String {
        let text = match (self.peers.status.as_str(), self.peers.coverage.as_deref()) {
            ("released", Some("few")) => "few of your peers cover it",
            ("released", _) => self.position.map_or("", |position| band(&position.band)),
            _ => "too few peers to publish",
        };
        match &self.instead {
            Some(instead) => format!("{text} ({instead})"),
            None => text.to_owned(),
        }
    }
}

/// R21's bands in words.
fn band(name: &str) -> &str {
    match name {
        "below_p25" => "in the lowest quarter",
        "around_p25" => "at the lower quartile",
        "p25_p50" => "below the middle",
        "around_p50" => "in the middle",
        "p50_p75" => "above the middle",
        "around_p75" => "at the upper quartile",
        "above_p75" => "in the highest quarter",
        "tied_low" => "at the low end, with many others",
        "tied_high" => "at the high end, with many others",
        other => other,
    }
}

fn coverage(word: Option<&str>) -> &str {
    match word {
        Some("most") => "most of your peers cover it",
        Some("half") => "about half or more cover it",
        Some("quarter") => "about a quarter or more cover it",
        Some("less_than_half") => "fewer than half cover it",
        Some("few") => "few cover it",
        _ => "",
    }
}

fn own(score: Option<u8>) -> String {
    score.map_or_else(|| "?".to_owned(), |score| score.to_string())
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        self.overall(f)?;
        self.by_tactic(f)?;
        self.gaps(f)?;
        self.by_technology(f)?;
        writeln!(f, "{LEGEND}")
    }
}

impl Page {
    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { release, cohort, .. } = &self.summary;
        let day = release.cut_off.get(..10).unwrap_or(&release.cut_off);
        writeln!(f, "{}, compared with {cohort}", self.name)?;
        writeln!(f, "Release {} of {day}, ATT&CK {}\n", release.number, release.attack)
    }

    fn overall(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item = &self.summary.overall;
        let shown = Shown::of(item);
        let [p25, p50, p75] = shown.quartiles();
        writeln!(f, "Overall")?;
        write!(f, "  You cover {} % of the techniques that apply to you", own(shown.own))?;
        match (item.own.covered, item.own.of, item.own.unknown) {
            (Some(covered), Some(of), Some(unknown)) => {
                writeln!(f, ": {covered} of {of}; of {unknown} nothing is known.")?;
            }
            _ => writeln!(f, ".")?,
        }
        writeln!(
            f,
            "  Of your peers ({} of them) a quarter cover {p25} % or less, half {p50} % or less, a quarter \
             {p75} % or more.",
            shown.peers.members
        )?;
        writeln!(f, "  {}  {}\n", shown.strip(100), shown.position())
    }

    fn by_tactic(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&[
            ("tactic", Align::Left),
            ("you %", Align::Right),
            ("p25", Align::Right),
            ("p50", Align::Right),
            ("p75", Align::Right),
            ("", Align::Left),
            ("", Align::Left),
        ]);
        for item in &self.summary.tactics {
            let shown = Shown::of(item);
            let [p25, p50, p75] = shown.quartiles();
            table.row(vec![
                shorten(item.title(), NAME),
                own(shown.own),
                p25,
                p50,
                p75,
                shown.strip(100),
                shown.position(),
            ]);
        }
        section(f, "By tactic: share of its techniques with a rule", &table)
    }

    fn gaps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = techniques(&self.summary.gaps);
        section(f, "The widest gaps to your peers: score of a technique, 0 to 100", &table)
    }

    fn by_technology(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&[
            ("technology", Align::Left),
            ("you", Align::Right),
            ("p25", Align::Right),
            ("p50", Align::Right),
            ("p75", Align::Right),
            ("", Align::Left),
            ("", Align::Left),
        ]);
        let widest = self.summary.technologies.iter().map(Shown::of);
        let most = widest.filter_map(|shown| shown.own.max(shown.peers.p75)).max().unwrap_or(1);
        for item in &self.summary.technologies {
            let shown = Shown::of(item);
            let [p25, p50, p75] = shown.quartiles();
            table.row(vec![
                shorten(item.title(), NAME),
                own(shown.own),
                p25,
                p50,
                p75,
                shown.strip(most),
                shown.position(),
            ]);
        }
        section(f, "By technology: number of techniques with a rule, among those who have it", &table)
    }
}

/// Techniques in the order in which they come.
pub fn techniques(items: &[Item]) -> Table {
    let mut table = Table::new(&[
        ("technique", Align::Left),
        ("", Align::Left),
        ("you", Align::Right),
        ("p25", Align::Right),
        ("p50", Align::Right),
        ("p75", Align::Right),
        ("", Align::Left),
        ("", Align::Left),
    ]);
    for item in items {
        let shown = Shown::of(item);
        let [p25, p50, p75] = shown.quartiles();
        table.row(vec![
            item.id().to_owned(),
            shorten(&item.name, NAME),
            own(shown.own),
            p25,
            p50,
            p75,
            shown.strip(100),
            coverage(shown.peers.coverage.as_deref()).to_owned(),
        ]);
    }
    table
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, table: &Table) -> fmt::Result {
    if table.is_empty() {
        return Ok(());
    }
    writeln!(f, "{title}\n{table}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn released(p25: u8, p50: u8, p75: u8) -> Value {
        json!({"status": "released", "cohort": "sector:finance", "column": "any", "members": "50-99",
               "coverage": "most", "p25": p25, "p50": p50, "p75": p75})
    }

    fn page() -> Page {
        let gap = json!({"technique": "T1059", "name": "Command and Scripting Interpreter",
            "own": {"score": 29}, "peers": released(20, 45, 70), "difference_to_median": -15});
        let hidden = json!({"technology": "okta.identity", "name": "Okta", "family": "identity",
            "own": {"count": 6}, "peers": {"status": "not_released"},
            "fallback": {"own": {"count": 6}, "position": {"band": "p25_p50"}, "peers": {"status": "released",
                "cohort": "all", "column": "okta.identity", "members": "30-49", "p25": 5, "p50": 8, "p75": 12}}});
        let nothing = json!({"technology": "box.content", "own": {"status": "not_assessed"},
            "peers": {"status": "not_released"}});
        let summary = json!({
            "release": {"number": 3, "cut_off": "2026-11-02T10:00:00Z", "attack": "19.0"},
            "cohort": "sector:finance",
            "overall": {"own": {"share": 24, "covered": 43, "of": 180, "unknown": 12},
                "peers": {"status": "released", "members": "50-99", "p25": 10, "p50": 25, "p75": 90,
                          "coded": {"p25": "low", "p75": "high"}},
                "position": {"band": "around_p50"}},
            "tactics": [{"tactic": "execution", "name": "Execution", "own": {"share": 50},
                "peers": released(20, 45, 70), "position": {"band": "p50_p75"}}],
            "gaps": [gap],
            "technologies": [hidden, nothing],
        });
        Page { name: "Harbour Mutual".to_owned(), summary: serde_json::from_value(summary).unwrap() }
    }

    #[test]
    fn a_page_says_where_one_stands() {
        let text = page().to_string();
        assert!(text.starts_with(
            "Harbour Mutual, compared with sector:finance\nRelease 3 of 2026-11-02, ATT&CK 19.0\n"
        ));
        for part in [
            "You cover 24 % of the techniques that apply to you: 43 of 180; of 12 nothing is known.",
            "a quarter cover ≤10 % or less, half 25 % or less, a quarter ≥90 % or more",
            "in the middle",
            "Execution     50   20   45   70  ····━━━━━┃●━━━━······  above the middle",
            "T1059      Command and Scripting Interpreter   29   20   45   70",
            "most of your peers cover it",
            "Okta",
            "below the middle (all, okta.identity)",
            "box.content    ?    -    -    -  ·····················  too few peers to publish",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn tables_without_rows_are_left_out() {
        let mut page = page();
        page.summary.technologies.clear();
        assert!(!page.to_string().contains("By technology"));
    }
}
