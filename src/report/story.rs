//! The sentences of a report: the headline, reasons, changes and the method, the same in each format.

use std::collections::BTreeMap;

use super::{
    cohorts::{capital, members_of_row},
    published::{median_moved, published, published_or_dash, signed},
    rows::word,
    side::Side,
    table::grouped,
    text::{rules_available, scores, status, words},
    trend::reason,
};
use crate::{
    domain::comparison::{Feasibility, GapStatus, Measure, Word},
    wire::{
        ChangedMeasure, ComparisonItem, ComparisonSummary, End, Feed, Own, OwnMeasure, Peers, Quantile,
        Report, ReportContent, ReportStatus,
        gap::{Gap, Gaps, Means},
        library::{Beside, Uncovered},
    },
};

/// Gaps that a report puts first.
const FIRST: usize = 3;
/// Moved measures that a report names.
const MOVED: usize = 4;
/// Technologies that a sentence names.
const NAMED: usize = 1;
/// Threat groups of a report that asked for none.
const GROUPS: usize = 5;
/// Threat groups of a report that asked for some.
const GROUPS_ASKED: usize = 12;

/// The comparison, or the sentences on why there is none yet.
pub enum Story<'a> {
    Complete(&'a ReportContent),
    Empty { headline: &'static str, advice: &'static str },
}

/// Finds what there is to tell.
pub fn story(report: &Report) -> Story<'_> {
    match (&report.content, report.status) {
        (Some(content), _) => Story::Complete(content),
        (None, ReportStatus::NothingContributed) => Story::Empty {
            headline: "There is nothing to compare yet: you haven't contributed a recent snapshot.",
            advice: "Comparisons are for members who contribute. Build a snapshot from your rules with `peerbench \
                     snapshot build` and upload it with `peerbench snapshot upload`.",
        },
        (None, _) => Story::Empty {
            headline: "There is nothing to compare yet: no release has been published.",
            advice: "Your peers' numbers appear with the first release. The operator of the service can tell when it's \
                     due.",
        },
    }
}

/// The title of a report.
pub fn title(report: &Report) -> String {
    format!("{}: detection coverage among peers", report.organisation)
}

/// The headline: the own share, and what the peers' published row says of half of them.
pub fn headline(summary: &ComparisonSummary) -> [String; 2] {
    let (_, side) = summary.overall.shown();
    let own = match &side.own {
        Own::Share { share, .. } => format!("You cover {share}% of applicable techniques."),
        _ => "None of your techniques is assessed.".to_owned(),
    };
    [own, half(&side.peers)]
}

fn half(peers: &Peers) -> String {
    let Some((row, p50)) = peers.row().and_then(|row| Some((row, row.quantiles.p50?))) else {
        return "Your peers are too few for their numbers to be published.".to_owned();
    };
    let (name, singular) = members_of_row(&row.cohort);
    let cover = if singular { "covers" } else { "cover" };
    let end = if row.coded.get(&Quantile::P50) == Some(&End::Low) { "or less" } else { "or more" };
    format!("Half of {name} {cover} {p50}% {end}.")
}

/// The position overall and among the tactics.
pub fn place_of(summary: &ComparisonSummary) -> String {
    let (_, side) = summary.overall.shown();
    let Some(position) = &side.position else {
        return "You can't be placed among your peers yet.".to_owned();
    };
    let place = words::place(position.band);
    let sides: Vec<Side> = summary.tactics.iter().map(|tactic| Side::of(tactic.shown().1)).collect();
    let count = |side| sides.iter().filter(|one| **one == side).count();
    match (count(Side::Behind), sides.len() - count(Side::Unknown)) {
        (_, 0) => format!("You are {place} overall."),
        (behind, compared) => {
            format!("You are {place} overall, and below the median in {behind} of {compared} tactics.")
        }
    }
}

/// Facts below the headline.
pub fn facts(summary: &ComparisonSummary) -> Vec<String> {
    let (_, side) = summary.overall.shown();
    let mut facts = Vec::new();
    if let Own::Share { covered, of, unknown, .. } = &side.own {
        facts.push(format!("{covered} of {of} techniques, {unknown} not assessed"));
    }
    facts.push(own_data(&summary.envelope.snapshots));
    if let Some(row) = side.peers.row() {
        facts.extend(row.members.map(|members| format!("{} peers", members.name())));
        facts.extend(row.confidence.map(|grade| format!("confidence {}", word(Some(grade)))));
    }
    facts
}

/// The sources of the own numbers, each with its latest month.
pub fn own_data(feeds: &[Feed]) -> String {
    let mut latest = BTreeMap::new();
    for feed in feeds {
        let month = latest.entry(capital(&feed.source)).or_insert(feed.period);
        *month = feed.period.max(*month);
    }
    let feeds: Vec<String> = latest.iter().map(|(source, month)| format!("{source} of {month}")).collect();
    if feeds.is_empty() { "your data: none".to_owned() } else { format!("your data: {}", feeds.join(", ")) }
}

/// Says that the asked peers are not the ones that are shown.
pub fn stand_in(summary: &ComparisonSummary) -> Option<String> {
    let asked = &summary.envelope.cohort;
    let row = summary.overall.shown().1.peers.row();
    match row {
        Some(row) if row.cohort != *asked => Some(format!(
            "Too few members of {} contribute for its numbers to be published. The overall numbers are those of {}.",
            members_of_row(asked).0,
            members_of_row(&row.cohort).0
        )),
        _ => None,
    }
}

/// An own number as it is read.
pub fn own(own: &Own) -> String {
    match own {
        Own::Share { share, .. } => format!("{share}%"),
        Own::Score { score, .. } => score.to_string(),
        Own::Count { count, .. } => count.to_string(),
        Own::Missing { .. } => "not assessed".to_owned(),
    }
}

/// A published number of a line as it is read: `≤10%`, `30-49`, or a dash.
pub fn of_peers(item: &ComparisonItem, quantile: Quantile) -> String {
    let side = item.shown().1;
    let Some(text) = published(&side.peers, quantile) else { return "–".to_owned() };
    if matches!(side.own, Own::Share { .. }) { format!("{text}%") } else { text.replace('-', "–") }
}

/// The position of a line in words, with the peers that it is among where they aren't the asked ones.
pub fn position(item: &ComparisonItem, asked: &str) -> String {
    let (_, side) = item.shown();
    let Some(row) = side.peers.row() else { return "not released".to_owned() };
    let text = match (&side.position, row.coverage) {
        (Some(position), _) => words::place(position.band),
        (None, Some(word)) => words::coverage(word),
        (None, None) => "not assessed",
    };
    if row.cohort == asked { text.to_owned() } else { format!("{text} ({})", members_of_row(&row.cohort).0) }
}

/// The peers' coverage of a technique in words.
pub fn coverage(item: &ComparisonItem) -> &'static str {
    let row = item.shown().1.peers.row();
    row.and_then(|row| row.coverage).map_or("not released", words::coverage)
}

/// The gaps to close first: open or planned, highest priority first.
pub fn close_first(gaps: &Gaps) -> Vec<&Gap> {
    let open = |gap: &&Gap| {
        gap.priority.is_some_and(|priority| priority > 0)
            && matches!(gap.state.status, GapStatus::Open | GapStatus::Planned)
    };
    gaps.items.iter().filter(open).take(FIRST).collect()
}

/// The threat groups that a report shows: those that were asked for, else those furthest behind.
pub fn groups(content: &ReportContent, asked: bool) -> Vec<&ComparisonItem> {
    content.groups.iter().take(if asked { GROUPS_ASKED } else { GROUPS }).collect()
}

/// The reasons to close a gap, a sentence each.
pub fn why(gap: &Gap) -> String {
    reasons(gap).iter().map(|reason| capital(reason) + ".").collect::<Vec<_>>().join(" ")
}

fn reasons(gap: &Gap) -> Vec<String> {
    let row = gap.peers.row();
    let mut reasons = Vec::new();
    if let Some(coverage) = row.and_then(|row| row.coverage) {
        reasons.push(who_covers(coverage).to_owned());
    }
    let own = gap
        .own
        .value()
        .map_or_else(|| "you haven't assessed it".to_owned(), |own| format!("you score {own}"));
    reasons.push(match published(&gap.peers, Quantile::P50) {
        None => own,
        Some(p50) => format!("{own}, their median is {p50}"),
    });
    reasons.push(means(&gap.means));
    if gap.threat > 0 {
        reasons.push(format!("used by more threat groups than {}% of techniques", gap.threat));
    }
    reasons.extend(rules_available(&gap.rules_available));
    reasons.extend(status(&gap.state));
    reasons
}

/// The peers that cover a technique, in words that stand alone.
pub fn who_covers(coverage: Word) -> &'static str {
    match coverage {
        Word::Half => "about half of your peers or more cover it",
        Word::Quarter => "about a quarter of your peers or more cover it",
        others => words::coverage(others),
    }
}

/// The means to close a gap.
pub fn means(means: &Means) -> String {
    match means.feasibility {
        Feasibility::Ready => {
            let named: Vec<&str> =
                means.through.iter().take(NAMED).map(|through| through.name.as_str()).collect();
            let most = means.through.iter().take(NAMED).all(|through| through.coverage == Word::Most);
            let who = if most { "most" } else { "half or more" };
            format!("{who} of the members that have {} cover it through that source", named.join(" or "))
        }
        Feasibility::Possible => "your technologies can see it".to_owned(),
        Feasibility::SourceMissing => match means.could_see.as_slice() {
            [] => "no known technology can see it".to_owned(),
            [one] => format!("you'd need {one}"),
            [first, second] => format!("you'd need {first} or {second}"),
            [first, second, ..] => format!("you'd need {first}, {second} or another source"),
        },
    }
}

/// The heading of what stands in for peers before there are any.
pub const LIBRARIES: &str = "Libraries, not peers";

/// The own coverage beside public rule libraries, a sentence each; empty where there are peers or no libraries.
pub fn libraries(report: &Report) -> Vec<String> {
    let Some(reference) = report.libraries.as_ref().filter(|reference| !reference.libraries.is_empty())
    else {
        return Vec::new();
    };
    let mut told = vec![
        "Until there are peers, public rule libraries are a reference. They say which rules exist, not what anybody \
         runs."
        .to_owned(),
    ];
    let counted = |rules: u32| usize::try_from(rules).map_or_else(|_| rules.to_string(), grouped);
    for Beside { about, within_reach, covered } in &reference.libraries {
        let whole = format!(
            "{} of {}: {} rules, for {} parent techniques",
            about.name,
            about.date,
            counted(about.rules),
            about.techniques
        );
        told.push(match (within_reach, covered) {
            (Some(within_reach), Some(covered)) => format!(
                "{whole}. Your technologies give what its rules need for {within_reach} applicable techniques; you \
                 cover {covered} of those."
            ),
            _ => format!("{whole}."),
        });
    }
    for Uncovered { technique, name, rules_available: available } in &reference.uncovered {
        told.extend(
            rules_available(available).map(|rules| format!("Not covered: {technique} {name}; {rules}.")),
        );
    }
    told
}

/// The changes since the release before, most moved first.
pub fn changes(content: &ReportContent) -> Vec<String> {
    let Some(changes) = &content.changes else {
        return vec![match content.summary.envelope.release.number {
            1 => "This is the first release.".to_owned(),
            number => format!("Release {number} isn't the latest."),
        }];
    };
    let mut told = Vec::new();
    let overall = content.trend.as_ref().and_then(|trend| match trend.items.as_slice() {
        [.., before, now] => Some((before, now)),
        _ => None,
    });
    if let Some((before, now)) = overall {
        let today = &content.summary.overall.shown().1.own;
        let yours = match (before.own.value(), today.value()) {
            (Some(then), Some(now)) if then == now => Some(format!("you still cover {now}%")),
            (Some(then), Some(now)) => Some(format!("you went from {then}% to {now}%")),
            _ => None,
        };
        let median = |peers: &Peers| Some(format!("{}%", published(peers, Quantile::P50)?));
        let theirs = match (median(before.shown().1), median(now.shown().1), now.change.meaningful) {
            (Some(before), Some(after), _) if before == after => {
                Some(format!("the median stayed at {after}"))
            }
            (Some(before), Some(after), Some(false)) => {
                Some(format!("the median went from {before} to {after}, which is one rounding step"))
            }
            (Some(before), Some(after), _) => Some(format!("the median went from {before} to {after}")),
            _ => None,
        };
        let theirs = theirs.filter(|_| now.change.breaks.is_empty());
        let both: Vec<String> = yours.into_iter().chain(theirs).collect();
        if !both.is_empty() {
            told.push(format!("Overall: {}.", both.join("; ")));
        }
    }
    let is_told = |item: &&ChangedMeasure| !matches!(item.measure, Measure::Overall | Measure::Group(_));
    let (techniques, wider): (Vec<_>, Vec<_>) = changes
        .items
        .iter()
        .filter(is_told)
        .filter_map(|item| Some((matches!(item.measure, Measure::Technique(_)), moved_by(item)?)))
        .partition(|(is_technique, _)| *is_technique);
    // Tactics and technologies say more than single techniques.
    let moved = wider.into_iter().take(MOVED - 2).chain(techniques);
    told.extend(moved.map(|(_, sentence)| sentence).take(MOVED));
    if !changes.breaks.is_empty() {
        let reasons: Vec<&str> = changes.breaks.iter().map(|one| reason(*one)).collect();
        told.push(format!(
            "The peers' numbers of releases {} and {} can't be joined: {}.",
            changes.since.number,
            changes.envelope.release.number,
            reasons.join(", ")
        ));
    }
    if told.is_empty() {
        told.push("Nothing moved: neither your values nor your peers' medians.".to_owned());
    }
    told
}

/// A measure that moved, where the change means something.
fn moved_by(item: &ChangedMeasure) -> Option<String> {
    let own_change = item.change.own_change.filter(|change| *change != 0);
    let peers_change =
        item.change.peers_change.filter(|change| *change != 0 && item.change.meaningful == Some(true));
    let mut parts = Vec::new();
    let is_share = item.now.own.share.or(item.then.own.share).is_some();
    let unit = if is_share { "%" } else { "" };
    let value =
        |own: &OwnMeasure| own.value().map_or_else(|| "?".to_owned(), |value| format!("{value}{unit}"));
    if let Some(change) = own_change {
        parts.push(format!(
            "you {} → {} ({})",
            value(&item.then.own),
            value(&item.now.own),
            signed(Some(change))
        ));
    }
    if let Some(change) = peers_change {
        let (then, now) = (&item.then.peers, &item.now.peers);
        let p50 = |peers| format!("{}{unit}", published_or_dash(peers, Quantile::P50));
        let moved = format!("median {} → {}", p50(then), p50(now));
        parts.push(match median_moved(change, then, now) {
            by if by.is_empty() => moved,
            by => format!("{moved} ({by})"),
        });
    }
    if parts.is_empty() {
        return None;
    }
    let name = &item.subject.name;
    let what = match &item.measure {
        Measure::Technique(id) => format!("{id} {name}"),
        Measure::Technology(_) => format!("Techniques with a rule through {name}"),
        Measure::Family(_) => format!("Technologies of the family {name}"),
        Measure::Overall | Measure::Tactic(_) | Measure::Group(_) => name.clone(),
    };
    Some(format!("{what}: {}.", parts.join("; ")))
}

/// The method in plain words.
pub fn method(content: &ReportContent) -> Vec<String> {
    let envelope = &content.summary.envelope;
    let release = &envelope.release;
    vec![
        format!(
            "Your numbers are current and from your own snapshots. Your peers' numbers are those of release {}, with the \
             cut-off {}, in ATT&CK {}, of {} evidence.",
            release.number,
            release.cut_off.format("%Y-%m-%d"),
            release.attack,
            envelope.basis
        ),
        format!(
            "A share is the percentage of applicable techniques that are covered; applicable are {}. A technique is covered \
             if it or one of its sub-techniques scores above 0. Not assessed counts as not covered.",
            envelope.denominator.set
        ),
        scores(envelope),
        "The bar is the middle half of your peers, the mark in it their median, the dot you. ≤ and ≥ mark numbers \
         published as this or less, this or more. Technologies are compared by the number of techniques with a rule, \
         among the members that have the technology."
            .to_owned(),
        "Gaps are ordered by priority: points behind your peers, weighed by how many threat groups use the technique and \
         by whether your technologies can see it."
            .to_owned(),
    ]
}

/// The line below every page.
pub fn colophon(report: &Report) -> String {
    match &report.content {
        Some(content) => {
            let release = &content.summary.envelope.release;
            format!(
                "Release {}, cut-off {} · ATT&CK {} · {} · report of {}",
                release.number,
                release.cut_off.format("%Y-%m-%d"),
                release.attack,
                own_data(&content.summary.envelope.snapshots),
                report.made_on
            )
        }
        None => format!("Report of {}", report.made_on),
    }
}

/// Attribution of the facts that every report repeats.
pub const SOURCE: &str = "Technique, tactic and group names are facts of MITRE ATT&CK®, a registered trademark of The MITRE Corporation.";
