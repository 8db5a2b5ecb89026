//! The worked examples of trends, changes and paths.

use peerbench::{
    domain::{
        comparison::{Change, Numbers, Word, change, difference_to_median},
        path::{Seen, along},
        release::{Coded, Parameters, Preset, Quantiles, Unit},
    },
    wire::path::listed,
};

use super::{number, rows, section};

fn yes(text: &str) -> bool {
    match text {
        "yes" => true,
        "no" => false,
        other => panic!("{other} is neither yes nor no"),
    }
}

#[test]
fn trends() {
    let parameters = Parameters::preset(Preset::Default);
    for row in rows("Trend", "unit") {
        let unit = if row[0] == "count" { Unit::Count } else { Unit::Points };
        let quantiles = |text: &str| {
            let p50 = Coded::new(number(text), unit, &parameters);
            Quantiles { p10: None, p25: None, p50, p75: None, p90: None }
        };
        let (before, after) = (quantiles(row[3]), quantiles(row[4]));
        let at = |own: &str, quantiles| {
            let own = number(own);
            let difference = difference_to_median(own, quantiles, unit, &parameters);
            Numbers { own: Some(own), quantiles: Some(quantiles), difference }
        };
        let own_before = Some(number(row[1]));
        let found =
            change(own_before, at(row[1], &before), at(row[2], &after), Vec::new(), unit, &parameters);
        let expected = Change {
            own: Some(number(row[5])),
            peers: Some(number(row[6])),
            difference: Some(number(row[7])),
            meaningful: yes(row[8]),
            breaks: Vec::new(),
        };
        assert_eq!(found, expected, "{row:?}");
    }
}

#[test]
fn changes() {
    for row in rows("Changes", "own change") {
        let (own, peers) = (Some(number(row[0])), Some(number(row[1])));
        let change = Change { own, peers, meaningful: yes(row[2]), ..Change::default() };
        assert_eq!(change.distance(), number::<u16>(row[3]), "{row:?}");
    }
}

#[test]
fn paths() {
    let steps: Vec<Seen> = rows("Paths", "step")
        .iter()
        .map(|row| Seen { own: row[1].parse().ok(), peers: row[2].parse::<Word>().ok() })
        .collect();
    let path = along(&steps, true);
    let stretch = path.longest_without.unwrap();
    let said = format!(
        "Rules at {}. First seen at step {}. Longest stretch without a rule: steps {} to {}, of which {} isn't assessed. \
         Weakest: step {}. Half of the peers or more at {}.",
        listed(&path.with_rule),
        path.first_with_rule.unwrap(),
        stretch.from,
        stretch.to,
        stretch.unknown,
        path.weakest.unwrap(),
        listed(&path.half),
    );
    let text = section("Paths").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&said), "{said}");
}
