//! Paths as text and as CSV.

use std::fmt;

use super::{
    rows::{Tabled, harmless, moment, table, text, word},
    strip::bar,
    table::{Align, Table, shorten},
    text::{TODAY, fitted, words::coverage},
};
use crate::{
    domain::path::LeftOutReason,
    wire::{ComparedPath, PathStep, PathsAnswer, path::listed},
};

/// A step with the path and the answer that it belongs to.
struct Line<'a> {
    answer: &'a PathsAnswer,
    path: &'a ComparedPath,
    step: &'a PathStep,
}

type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("path", |line| text(line.path.path.as_ref())),
    ("path_name", |line| harmless(line.path.name.as_deref().unwrap_or_default())),
    ("source", |line| line.path.source.to_string()),
    ("ordered", |line| line.path.ordered.to_string()),
    ("release", |line| line.answer.envelope.release.number.to_string()),
    ("cut_off", |line| moment(line.answer.envelope.release.cut_off)),
    ("attack", |line| line.answer.envelope.release.attack.to_string()),
    ("basis", |line| line.answer.envelope.basis.to_string()),
    ("cohort_asked", |line| line.answer.envelope.cohort.clone()),
    ("step", |line| line.step.step.to_string()),
    ("step_name", |line| harmless(&line.step.name)),
    ("techniques", |line| techniques(line.step)),
    ("own_status", |line| line.step.own.status.clone()),
    ("own", |line| text(line.step.own.score)),
    ("own_level", |line| word(line.step.own.level)),
    ("covered_through", |line| line.step.covered_through.join(" ")),
    ("can_see", |line| line.step.can_see.join(" ")),
    ("coverage", |line| word(line.step.coverage)),
    ("cohort", cohorts),
    ("on_a_branch", |line| line.step.on_a_branch.to_string()),
];

/// The techniques of a step: those of one way with spaces between them, ways with bars.
fn techniques(step: &PathStep) -> String {
    joined(step, " ")
}

/// The techniques of a step with something between those of one way, and bars between ways.
fn joined(step: &PathStep, between: &str) -> String {
    let way = |way: &crate::wire::path::PathWay| match &way.tactic {
        Some(tactic) => tactic.clone(),
        None => way.techniques.iter().map(|one| one.technique.as_str()).collect::<Vec<_>>().join(between),
    };
    step.ways.iter().map(way).collect::<Vec<_>>().join(" | ")
}

/// The techniques of a step as a sentence has them.
fn told(step: &PathStep) -> String {
    joined(step, " or ")
}

/// The cohorts that the step's rows are from.
fn cohorts(line: &Line<'_>) -> String {
    let techniques = line.step.ways.iter().flat_map(|way| &way.techniques);
    let mut cohorts: Vec<&str> = techniques.filter_map(|one| one.cohort.as_deref()).collect();
    cohorts.sort_unstable();
    cohorts.dedup();
    cohorts.join(" ")
}

/// One row for each step.
impl Tabled for PathsAnswer {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let steps = self.items.iter().flat_map(|path| path.steps.iter().map(move |step| (path, step)));
        table(COLUMNS, steps.map(|(path, step)| Line { answer: self, path, step }))
    }
}

/// Characters of a step's name.
const NAME: usize = 44;

/// Several paths as one table, or one path step by step.
impl fmt::Display for PathsAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peers = if self.envelope.cohort == "all" { "all members" } else { &self.envelope.cohort };
        let release = &self.envelope.release;
        let about = format!(
            "Release {}, cut-off {}, ATT&CK {}. {TODAY}",
            release.number,
            release.cut_off.format("%Y-%m-%d"),
            release.attack
        );
        match self.items.as_slice() {
            [one] => {
                let name = one.name.as_deref().unwrap_or("Your path");
                writeln!(f, "{name}, compared with {peers}\n{about}\n")?;
                one_path(f, one)
            }
            several => {
                let is_named = several.iter().all(|path| path.path.is_some());
                let named = if is_named { "name" } else { "--group" };
                writeln!(f, "Attack paths, compared with {peers}\n{about}\n")?;
                writeln!(f, "{}", fitted(&overview(several), f))?;
                writeln!(
                    f,
                    "  You would notice an attack at the steps for which you have a rule. `peerbench paths` with one {named} shows its \
                     steps."
                )
            }
        }
    }
}

/// A line for each path.
fn overview(paths: &[ComparedPath]) -> Table {
    let is_named = paths.iter().any(|path| path.path.is_some());
    let (id, name) = if is_named { ("path", "") } else { ("", "path") };
    let mut table = Table::new(&[
        (id, Align::Whole),
        (name, Align::Left),
        ("with a rule", Align::Right),
        ("", Align::Strip),
        ("first seen", Align::Left),
        ("longest stretch without", Align::Left),
        ("half of the peers at", Align::Left),
    ]);
    for path in paths {
        let whole = &path.whole;
        let covered = whole.with_rule.len();
        let share =
            u32::try_from(covered * 100).unwrap_or_default().checked_div(whole.steps).unwrap_or_default();
        table.row(vec![
            path.path.clone().unwrap_or_default(),
            shorten(path.name.as_deref().unwrap_or_default(), NAME),
            format!("{covered} of {}", whole.steps),
            bar(u8::try_from(share).unwrap_or(100)),
            whole.first_step_with_rule.map_or_else(|| "nowhere".to_owned(), |step| format!("step {step}")),
            whole.longest_stretch.as_ref().map_or_else(|| "none".to_owned(), |one| steps(one.from, one.to)),
            listed(&whole.peers.half),
        ]);
    }
    table
}

fn steps(from: u32, to: u32) -> String {
    if from == to { format!("step {from}") } else { format!("steps {from} to {to}") }
}

/// A path step by step.
fn one_path(f: &mut fmt::Formatter<'_>, path: &ComparedPath) -> fmt::Result {
    let mut table = Table::new(&[
        (if path.ordered { "step" } else { "" }, Align::Right),
        ("", Align::Left),
        ("techniques", Align::Left),
        ("you", Align::Right),
        ("", Align::Strip),
        ("through", Align::Left),
        ("your peers", Align::Left),
    ]);
    for step in &path.steps {
        let through = match (step.covered_through.as_slice(), step.can_see.as_slice()) {
            ([], []) if step.ways.iter().all(|way| way.techniques.is_empty() && way.tactic.is_none()) => {
                String::new()
            }
            ([], []) => "nothing of yours can see it".to_owned(),
            ([], can) => format!("no rule; {} can see it", few(can)),
            (covered, _) => few(covered),
        };
        table.row(vec![
            step.step.to_string(),
            shorten(&clean(&step.name), NAME) + if step.on_a_branch { " (on a branch)" } else { "" },
            told(step),
            step.own.score.map_or_else(|| "?".to_owned(), |score| score.to_string()),
            step.own.score.map(bar).unwrap_or_default(),
            through,
            step.coverage.map_or("not released", coverage).to_owned(),
        ]);
    }
    writeln!(f, "{}", fitted(&table, f))?;
    whole(f, path)?;
    left_out(f, path)
}

/// A name of somebody else's file, without characters that move a cursor.
fn clean(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

/// The first two of some names, and how many more there are.
fn few(names: &[String]) -> String {
    match names {
        [a, b, rest @ ..] if !rest.is_empty() => format!("{a}, {b} and {} more", rest.len()),
        names => names.join(", "),
    }
}

/// The path as a whole in sentences.
fn whole(f: &mut fmt::Formatter<'_>, path: &ComparedPath) -> fmt::Result {
    let whole = &path.whole;
    let (what, all) = if path.ordered { ("steps", whole.steps) } else { ("techniques", whole.steps) };
    match whole.with_rule.len() {
        0 => writeln!(f, "  You have no rule for any of its {all} {what}.")?,
        covered => writeln!(f, "  You have a rule for {covered} of {all} {what}.")?,
    }
    if let Some(step) = whole.first_step_with_rule {
        writeln!(f, "  You'd first see it at step {step}.")?;
    }
    if let Some(stretch) = &whole.longest_stretch {
        let unknown = match stretch.not_assessed {
            0 => String::new(),
            count => format!(" ({count} not assessed)"),
        };
        writeln!(f, "  Longest stretch without a rule: {}{unknown}.", steps(stretch.from, stretch.to))?;
    }
    let weakest = whole.weakest_step.and_then(|number| path.steps.iter().find(|step| step.step == number));
    if let Some(step) = weakest {
        let score = step.own.score.unwrap_or_default();
        let place = if path.ordered { format!("step {}", step.step) } else { told(step) };
        writeln!(f, "  Weakest: {place}, {} (score {score}).", clean(&step.name))?;
    }
    if !whole.not_assessed.is_empty() {
        writeln!(f, "  Not assessed, shown as ?: {}.", counted(&whole.not_assessed, path))?;
    }
    match path.ordered {
        true => writeln!(f, "  {}", whole.peers.words),
        false if whole.peers.half.is_empty() => {
            writeln!(f, "  About half of your peers or more have a rule for none of the {all} techniques.")
        }
        false => writeln!(
            f,
            "  About half of your peers or more have a rule for {} of the {all} techniques. You have one for {} of these.",
            whole.peers.half.len(),
            whole.peers.half.iter().filter(|step| whole.with_rule.contains(step)).count()
        ),
    }
}

fn counted(numbers: &[u32], path: &ComparedPath) -> String {
    match path.ordered {
        true => listed(numbers),
        false if numbers.len() == 1 => "1 technique".to_owned(),
        false => format!("{} techniques", numbers.len()),
    }
}

/// Names the techniques of the input that are in no step, and those that have another ID now.
fn left_out(f: &mut fmt::Formatter<'_>, path: &ComparedPath) -> fmt::Result {
    let reasons = [
        (LeftOutReason::OtherDomain, "of another domain than Enterprise"),
        (LeftOutReason::UnknownTechnique, "in no known version of Enterprise ATT&CK"),
        (LeftOutReason::Deprecated, "withdrawn without a successor"),
    ];
    for (reason, what) in reasons {
        let mut written: Vec<String> =
            path.left_out.iter().filter(|one| one.reason == reason).map(|one| clean(&one.written)).collect();
        written.sort_unstable();
        written.dedup();
        if !written.is_empty() {
            writeln!(f, "  Left out, {what}: {}.", few_of(&written, 8))?;
        }
    }
    if !path.moved.is_empty() {
        let moved: Vec<String> =
            path.moved.iter().map(|one| format!("{} is now {}", one.from, one.to)).collect();
        writeln!(f, "  Renumbered: {}.", few_of(&moved, 8))?;
    }
    Ok(())
}

fn few_of(names: &[String], most: usize) -> String {
    match names.len().checked_sub(most) {
        Some(more) if more > 0 => {
            format!("{} and {more} more", names.get(..most).unwrap_or_default().join(", "))
        }
        _ => names.join(", "),
    }
}
