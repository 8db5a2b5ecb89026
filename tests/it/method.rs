//! The method's document: every worked example in it is computed again by the code that answers.

mod series;

use peerbench::domain::{
    attack::{Catalogues, GroupId, TechniqueId},
    comparison::{
        Feasibility, Threat, Word, WordCounts, difference_to_median, distance, is_reached, needed, priority,
        rules_needed, with_rules, word,
    },
    library::bundled,
    release::{Coded, Parameters, Preset, Quantiles, Shown, Unit},
    scale::{Level, Scale, Score},
};

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

fn coded(text: &str) -> Coded {
    Coded::new(number(text), Unit::Points, &Parameters::preset(Preset::Default))
}

fn shown(p25: &str, p50: &str, p75: &str) -> Shown {
    if p50 == "half or more" {
        return Shown::Half(true);
    }
    let (p25, p75) = (Some(coded(p25)), Some(coded(p75)));
    Shown::Quantiles(Quantiles { p10: None, p25, p50: coded(p50), p75, p90: None })
}

#[test]
fn three_counts_that_look_alike() {
    let parameters = Parameters::preset(Preset::Default);
    for row in rows("Below the median, gaps, blind spots", "own") {
        let own: u8 = number(row[0]);
        let shown = shown(row[1], row[2], row[3]);
        let Shown::Quantiles(quantiles) = &shown else { panic!("{row:?}") };
        let below =
            difference_to_median(own, quantiles, Unit::Points, &parameters).is_some_and(|points| points < 0);
        let is_full = Score::new(own).unwrap().level() == Level::Full;
        let gap = !is_full && distance(own, &shown).is_some_and(|distance| distance.points > 0);
        let blind = own == 0 && matches!(word(&shown), Word::Most | Word::Half);
        let said = [below, gap, blind].map(|is| if is { "yes" } else { "no" });
        assert_eq!(said, row[4..7], "{row:?}");
    }
}

#[test]
fn distances() {
    for row in rows("Distance", "own") {
        let found = distance(number(row[0]), &shown(row[1], row[2], row[3])).unwrap();
        assert_eq!(found.points, number::<u8>(row[4]), "{row:?}");
        assert_eq!(found.from_statement, row[2] == "half or more");
    }
}

#[test]
fn threats() {
    let catalogues = Catalogues::bundled();
    let catalogue = catalogues.get("19.2".parse().unwrap()).unwrap();
    let (mut said, mut all) = (Vec::new(), Vec::new());
    for row in rows("Threat", "groups") {
        let chosen: Option<GroupId> = row[0].parse().ok();
        let threat = Threat::new(catalogue, |id| chosen.is_none_or(|chosen| chosen == id));
        let id: TechniqueId = row[1].parse().unwrap();
        all.push(format!("| {} | {id} | {} | {} |", row[0], threat.uses(id), threat.of(id)));
        said.push(format!("| {} |", row.join(" | ")));
    }
    assert_eq!(said, all);
}

#[test]
fn priorities() {
    for row in rows("Feasibility and priority", "distance") {
        let feasibility: Feasibility = row[2].parse().unwrap();
        assert_eq!(priority(number(row[0]), number(row[1]), feasibility), number::<u8>(row[3]), "{row:?}");
    }
}

#[test]
fn closed_gaps() {
    for row in rows("The book", "own") {
        let row_shown = shown("10", row[1], "90");
        let reached = is_reached(Score::new(number(row[0])).unwrap(), Some(&row_shown));
        assert_eq!(if reached { "yes" } else { "no" }, row[2], "{row:?}");
    }
}

#[test]
fn added_rules() {
    for row in rows("What if", "score") {
        let scale: Scale = row[1].parse().unwrap();
        let after = with_rules(Score::new(number(row[0])).unwrap(), scale, number(row[2]));
        assert_eq!(after.get(), number::<u8>(row[3]), "{row:?}");
    }
}

#[test]
fn fewest_changes() {
    for row in rows("Fewest changes", "target") {
        let found = needed(number(row[0]), number(row[2]), number(row[1]));
        assert_eq!(found, number::<u32>(row[3]), "{row:?}");
    }
    for row in rows("Fewest changes", "score") {
        let found = rules_needed(Score::new(number(row[0])).unwrap(), Scale::RuleCount, number(row[1]));
        assert_eq!(found, Some(number(row[2])), "{row:?}");
    }
}

#[test]
fn sets() {
    let rows = rows("Sets", "own");
    let counts = WordCounts::of(rows.iter().map(|row| (row[0].parse().ok(), row[1].parse::<Word>().ok())));
    let said = format!(
        "Of these {} techniques, half or more of your peers cover {}. You cover {} of those, and {} of the whole set.",
        counts.techniques, counts.half_or_more, counts.covered_of_these, counts.covered
    );
    assert!(section("Sets").contains(&said), "{said}");
}

#[test]
fn rules_available_are_those_of_the_table() {
    for row in rows("Rules available", "library") {
        let [id, technique, through, of] = row[..] else { panic!("{row:?}") };
        let library = bundled().iter().find(|library| library.about.id == id).expect("a bundled library");
        let technique: TechniqueId = number(technique);
        let counted = library.rules_through(technique, |one| one == "microsoft.windows");
        assert_eq!((counted, library.rules(technique)), (number(through), number(of)), "{row:?}");
    }
}
