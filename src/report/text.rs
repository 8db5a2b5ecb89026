//! A comparison as text: a page of about sixty lines on where a member stands, or a list of techniques.

use std::fmt;

use serde::Serialize;

use super::{
    strip::strip,
    table::{Align, Table, shorten},
};
use crate::{
    domain::comparison::{Place, Word},
    wire::{
        Comparison, ComparisonItem, ComparisonSide, ComparisonSummary, End, Envelope, Own, Quantile, Row,
        Shown,
    },
};

/// A member's page. Tables without rows are left out. Serializes to the summary alone.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// Whose page it is.
    #[serde(skip)]
    pub name: String,
    #[serde(flatten)]
    pub summary: ComparisonSummary,
}

/// What the strips beside the numbers say.
const LEGEND: &str = "  ● you   ━ the middle half of your peers   ┃ their median";

/// Characters of a name.
const NAME: usize = 38;

/// The side of a line that is shown.
struct Line<'a> {
    shown: Shown,
    side: &'a ComparisonSide,
}

impl<'a> Line<'a> {
    fn of(item: &'a ComparisonItem) -> Self {
        let (shown, side) = item.shown();
        Self { shown, side }
    }

    fn row(&self) -> Option<&'a Row> {
        self.side.peers.row()
    }

    fn own(&self) -> String {
        self.side.own.value().map_or_else(|| "?".to_owned(), |value| value.to_string())
    }

    fn quantile(&self, quantile: Quantile) -> Option<u8> {
        self.row().and_then(|row| row.quantile(quantile))
    }

    fn quartiles(&self) -> [String; 3] {
        [Quantile::P25, Quantile::P50, Quantile::P75].map(|quantile| {
            let end = self.row().and_then(|row| row.coded.get(&quantile));
            match (self.quantile(quantile), end) {
                (None, _) => "-".to_owned(),
                (Some(value), Some(End::Low)) => format!("≤{value}"),
                (Some(value), Some(End::High)) => format!("≥{value}"),
                (Some(value), None) => value.to_string(),
            }
        })
    }

    fn strip(&self, most: u8) -> String {
        let own = self.side.own.value().map(|own| u8::try_from(own).unwrap_or(u8::MAX));
        let [p25, p50, p75] = [Quantile::P25, Quantile::P50, Quantile::P75].map(|at| self.quantile(at));
        strip(own, p25, p50, p75, most)
    }

    fn position(&self) -> String {
        let text = match self.row().map(|row| row.coverage) {
            Some(Some(Word::Few)) => "few of your peers cover it",
            Some(_) => self.side.position.as_ref().map_or("", |position| place(position.band)),
            None => "too few peers to publish",
        };
        match self.row() {
            Some(row) if self.shown == Shown::Fallback => format!("{text} ({}, {})", row.cohort, row.column),
            _ => text.to_owned(),
        }
    }

    fn coverage(&self) -> &'static str {
        match self.row().and_then(|row| row.coverage) {
            Some(Word::Most) => "most of your peers cover it",
            Some(Word::Half) => "about half or more cover it",
            Some(Word::Quarter) => "about a quarter or more cover it",
            Some(Word::LessThanHalf) => "fewer than half cover it",
            Some(Word::Few) => "few cover it",
            None => "",
        }
    }
}

/// R21's places in words.
fn place(place: Place) -> &'static str {
    match place {
        Place::BelowP25 => "in the lowest quarter",
        Place::AroundP25 => "at the lower quartile",
        Place::AroundP50 => "in the middle",
        Place::P50ToP75 | Place::AboveP50 => "above the middle",
        Place::AroundP75 => "at the upper quartile",
        Place::AboveP75 => "in the highest quarter",
        Place::TiedLow => "at the low end, with many others",
        Place::TiedHigh => "at the high end, with many others",
        Place::P25ToP50 | Place::BelowP50 => "below the middle",
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        head(f, &self.name, &self.summary.envelope)?;
        self.overall(f)?;
        self.by_tactic(f)?;
        self.gaps(f)?;
        self.by_technology(f)?;
        writeln!(f, "{LEGEND}")
    }
}

impl Page {
    fn overall(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item = &self.summary.overall;
        let line = Line::of(item);
        let [p25, p50, p75] = line.quartiles();
        writeln!(f, "Overall")?;
        write!(f, "  You cover {} % of the techniques that apply to you", line.own())?;
        match &item.asked.own {
            Own::Share { covered, of, unknown, .. } => {
                writeln!(f, ": {covered} of {of}; of {unknown} nothing is known.")?;
            }
            _ => writeln!(f, ".")?,
        }
        let members = line.row().and_then(|row| row.members).map_or("", |band| band.name());
        writeln!(
            f,
            "  Of your peers ({members} of them) a quarter cover {p25} % or less, half {p50} % or less, a quarter \
             {p75} % or more."
        )?;
        writeln!(f, "  {}  {}\n", line.strip(100), line.position())
    }

    fn by_tactic(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = lines("tactic", "you %", &self.summary.tactics, 100);
        section(f, "By tactic: share of its techniques with a rule", &table)
    }

    fn gaps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = techniques(&self.summary.gaps);
        section(f, "The widest gaps to your peers: score of a technique, 0 to 100", &table)
    }

    fn by_technology(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = self.summary.technologies.iter().map(Line::of);
        let widest =
            widest.filter_map(|line| line.side.own.value().max(line.quantile(Quantile::P75).map(u32::from)));
        let most = u8::try_from(widest.max().unwrap_or(1)).unwrap_or(u8::MAX);
        let table = lines("technology", "you", &self.summary.technologies, most);
        section(f, "By technology: number of techniques with a rule, among those who have it", &table)
    }
}

/// One line for each item, on a strip that ends at `most`.
fn lines(what: &str, own: &str, items: &[ComparisonItem], most: u8) -> Table {
    let mut table = Table::new(&[
        (what, Align::Left),
        (own, Align::Right),
        ("p25", Align::Right),
        ("p50", Align::Right),
        ("p75", Align::Right),
        ("", Align::Left),
        ("", Align::Left),
    ]);
    for item in items {
        let line = Line::of(item);
        let [p25, p50, p75] = line.quartiles();
        table.row(vec![
            shorten(title(item), NAME),
            line.own(),
            p25,
            p50,
            p75,
            line.strip(most),
            line.position(),
        ]);
    }
    table
}

fn head(f: &mut fmt::Formatter<'_>, whose: &str, envelope: &Envelope) -> fmt::Result {
    let Envelope { release, cohort, .. } = envelope;
    let day = release.cut_off.format("%Y-%m-%d");
    writeln!(f, "{whose}, compared with {cohort}")?;
    writeln!(f, "Release {} of {day}, ATT&CK {}\n", release.number, release.attack)
}

/// The name of what a line is about, else its id.
fn title(item: &ComparisonItem) -> &str {
    if item.subject.name.is_empty() { item.subject.id() } else { &item.subject.name }
}

/// A list of the reader's own techniques.
#[derive(Debug, Clone)]
pub struct Techniques(pub Comparison);

impl fmt::Display for Techniques {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Comparison { envelope, items, .. }) = self;
        head(f, "Your techniques", envelope)?;
        if items.is_empty() {
            return writeln!(f, "No technique is in this list.");
        }
        writeln!(f, "{}\n{LEGEND}", techniques(items))
    }
}

/// Techniques in the order in which they come.
fn techniques(items: &[ComparisonItem]) -> Table {
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
        let line = Line::of(item);
        let [p25, p50, p75] = line.quartiles();
        table.row(vec![
            item.subject.id().to_owned(),
            shorten(&item.subject.name, NAME),
            line.own(),
            p25,
            p50,
            p75,
            line.strip(100),
            line.coverage().to_owned(),
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

    fn at(band: &str) -> Value {
        json!({"band": band, "percentile_estimate": 50})
    }

    fn envelope() -> Value {
        json!({
            "release": {"number": 3, "cut_off": "2026-11-02T10:00:00Z", "published_at": "2026-11-02T10:05:00Z",
                        "attack": "19.0"},
            "cohort": "sector:finance", "basis": "deployed", "preset": "default", "scales": [],
            "levels": {"none": "score 0", "partial": "score 1 to 74", "full": "score 75 and more"},
            "snapshots": [], "denominator": {"set": "parent techniques", "column": "any", "applies": 2, "assessed": 1},
        })
    }

    fn with<T: serde::de::DeserializeOwned>(parts: Value) -> T {
        let mut answer = envelope();
        answer.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
        serde_json::from_value(answer).unwrap()
    }

    fn gap() -> Value {
        json!({"technique": "T1059", "name": "Command and Scripting Interpreter",
            "own": {"score": 29, "level": "partial"}, "peers": released(20, 45, 70), "difference_to_median": -15})
    }

    fn page() -> Page {
        let hidden = json!({"technology": "okta.identity", "name": "Okta", "family": "identity",
            "own": {"count": 6}, "peers": {"status": "not_released"},
            "fallback": {"own": {"count": 6}, "position": at("p25_p50"), "peers": {"status": "released",
                "cohort": "all", "column": "okta.identity", "members": "30-49", "p25": 5, "p50": 8, "p75": 12}}});
        let nothing = json!({"technology": "box.content", "name": "", "own": {"status": "not_assessed"},
            "peers": {"status": "not_released"}});
        let summary = with(json!({
            "overall": {"name": "Overall", "own": {"share": 24, "covered": 43, "of": 180, "unknown": 12},
                "peers": {"status": "released", "cohort": "sector:finance", "column": "any", "members": "50-99",
                          "p25": 10, "p50": 25, "p75": 90, "coded": {"p25": "low", "p75": "high"}},
                "position": at("around_p50")},
            "tactics": [{"tactic": "execution", "name": "Execution",
                "own": {"share": 50, "covered": 1, "of": 2, "unknown": 0},
                "peers": released(20, 45, 70), "position": at("p50_p75")}],
            "gaps": [gap()],
            "technologies": [hidden, nothing],
        }));
        Page { name: "Harbour Mutual".to_owned(), summary }
    }

    #[test]
    fn a_list_of_techniques_is_a_table() {
        let text = Techniques(with(json!({"items": [gap()]}))).to_string();
        assert!(text.starts_with(
            "Your techniques, compared with sector:finance\nRelease 3 of 2026-11-02, ATT&CK 19.0\n"
        ));
        assert!(text.contains("T1059      Command and Scripting Interpreter   29   20   45   70"), "{text}");
        assert!(text.contains("most of your peers cover it"), "{text}");
        let empty = Techniques(with(json!({"items": []}))).to_string();
        assert!(empty.ends_with("\n\nNo technique is in this list.\n"), "{empty}");
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
