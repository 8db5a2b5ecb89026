//! The summary of a build, as text and as one JSON object.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use serde_json::{Map, Value, json};

use crate::{
    cli::output::{counted, grouped, harmless},
    domain::{attack::TechniqueId, snapshot::CellValue},
    sources::{Built, Collected, Place, Repeat, Rule},
};

/// The most lines of a list of files or rules.
const SHOWN: usize = 10;

/// The facts that the summary states.
pub struct Summary<'a> {
    pub collected: &'a Collected,
    pub built: &'a Built,
    /// Rules that have their techniques from templates; `None` without templates.
    pub recovered: Option<usize>,
    /// Size of the snapshot.
    pub bytes: usize,
    pub explain: bool,
    /// Lines of `--tags` that fit no rule.
    pub tags_unused: Vec<String>,
    /// Lines of `--cve-map` that were not used.
    pub cve_impacts: usize,
    /// About the service's ATT&CK version.
    pub note: Option<&'a str>,
}

/// The object of `--format json`, without the counts.
pub fn json_object(summary: &Summary<'_>) -> Map<String, Value> {
    let Summary { collected, built, .. } = summary;
    let (snapshot, report) = (&built.snapshot, &built.report);
    let mut object = Map::new();
    let mut set = |key: &str, value: Value| object.insert(key.to_owned(), value);
    set("source", json!(collected.source));
    set("files", json!(collected.files));
    set("rules", json!(report.rules));
    set("enabled", json!(report.enabled));
    set("with_technique", json!(report.with_technique));
    set("techniques", json!(report.techniques));
    set("technologies", json!(report.technologies));
    set("complete", json!(snapshot.header.complete));
    set("unspecified", json!(report.unspecified));
    set("counted", json!(report.counted));
    set("cells", json!(snapshot.cells.len()));
    set("attack", json!(snapshot.header.attack));
    set("period", json!(snapshot.header.period));
    set("basis", json!(snapshot.header.basis));
    set("left_out", json!(report.left_out));
    set("unmapped_sources", json!(report.unmapped_sources));
    set("files_skipped", json!(collected.skipped));
    let errors: Vec<String> = collected.errors.iter().map(ToString::to_string).collect();
    set("files_failed", json!(errors));
    set("files_empty", json!(collected.empty));
    set("archives_not_opened", json!(collected.unopened));
    set("partial", json!(report.gaps));
    let places = |repeat: &Repeat| {
        let of = |position: usize| collected.reading.rules.get(position);
        let (kept, left_out) = (of(repeat.kept)?, of(repeat.left_out)?);
        Some(json!({"name": kept.name, "counted": kept.place, "left_out": left_out.place}))
    };
    set("repeats_differing", report.differing.iter().filter_map(places).collect());
    if !summary.tags_unused.is_empty() {
        set("tags_unused", json!(summary.tags_unused));
    }
    if summary.cve_impacts > 0 {
        set("cve_map_impacts", json!(summary.cve_impacts));
    }
    if let Some(note) = summary.note {
        set("note", json!(note));
    }
    if let Some(recovered) = summary.recovered {
        set("recovered_from_templates", json!(recovered));
    }
    if summary.explain {
        let cells = built.origins.iter().map(|((technique, technology), from)| {
            let rules: Vec<Value> = from
                .iter()
                .filter_map(|position| summary.origin(*position))
                .map(|(name, place)| json!({"name": name, "place": place}))
                .collect();
            json!({"technique": technique, "technology": technology, "rules": rules})
        });
        set("explain", cells.collect());
    }
    object
}

impl Summary<'_> {
    /// The name and place of what a cell comes from.
    fn origin(&self, position: usize) -> Option<(&str, &Place)> {
        let reading = &self.collected.reading;
        let rule = reading.rules.get(position).map(|rule| (rule.name.as_str(), &rule.place));
        rule.or_else(|| reading.scores.get(position).map(|scored| ("", &scored.place)))
    }

    /// The summary as text; `counts` is the object to take the counts from.
    pub fn text(&self, counts: Option<&Map<String, Value>>, output: &Path) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text, counts, output);
        text
    }

    fn write(
        &self,
        out: &mut String,
        counts: Option<&Map<String, Value>>,
        output: &Path,
    ) -> std::fmt::Result {
        let (snapshot, report) = (&self.built.snapshot, &self.built.report);
        let rules = match self.collected.reading.scores.is_empty() {
            true => counted(report.rules, "rule", "rules"),
            false => counted(report.rules, "entry", "entries"),
        };
        writeln!(
            out,
            "Read {} of {}: {rules}, {} enabled, {} with a technique, {}.",
            counted(self.collected.files, "file", "files"),
            self.collected.source,
            grouped(report.enabled),
            grouped(report.with_technique),
            counted(report.techniques, "distinct technique ID", "distinct technique IDs"),
        )?;
        if self.collected.skipped > 0 {
            writeln!(
                out,
                "{} no rules.",
                counted(
                    self.collected.skipped,
                    "other file in the folders holds",
                    "other files in the folders hold"
                )
            )?;
        }
        if let Some(note) = self.note {
            writeln!(out, "{note}")?;
        }
        self.templates(out)?;
        self.states(out)?;
        self.technologies(out)?;
        self.missing(out)?;
        if report.left_out.iter().next().is_some() {
            writeln!(out, "\nLeft out:")?;
            for (reason, count) in report.left_out.iter() {
                writeln!(out, "        {}: {}", reason.words(), grouped(count))?;
            }
        }
        if !report.unmapped_sources.is_empty() {
            writeln!(out, "\nLog sources without a known technology (name it with --map NAME=TECHNOLOGY):")?;
            for (name, rules) in &report.unmapped_sources {
                writeln!(out, "        {}: in {}", harmless(name), counted(*rules, "rule", "rules"))?;
            }
        }
        self.repeats(out)?;
        if !self.tags_unused.is_empty() {
            writeln!(out, "\nLines of --tags that match no rule:")?;
            self.tags_unused.iter().try_for_each(|line| writeln!(out, "        {}", harmless(line)))?;
        }
        if self.cve_impacts > 0 {
            writeln!(
                out,
                "\nUnused in --cve-map, because they describe what follows the exploit: {}.",
                counted(self.cve_impacts, "line", "lines")
            )?;
        }
        if self.explain {
            self.explanation(out)?;
        }
        if let Some(counts) = counts {
            writeln!(out, "\nCounts before anything was left out:")?;
            for (name, value) in counts.iter().filter(|(_, value)| value.is_object() || value.is_number()) {
                writeln!(out, "        {name}: {value}")?;
            }
        }
        if self.bytes > 0 {
            writeln!(
                out,
                "\nUploading this sends {}: the month {}, ATT&CK {}, the source {} (feed {}, adapter {}),\nthe basis {}, \
                 the scale {}, the technologies above and one value for each of {}. No names, no queries, no exact \
                 dates.",
                counted(self.bytes, "byte", "bytes"),
                snapshot.header.period,
                snapshot.header.attack,
                snapshot.header.producer.source,
                snapshot.header.producer.feed,
                snapshot.header.producer.adapter,
                snapshot.header.basis,
                snapshot.header.scale,
                counted(snapshot.cells.len(), "cell", "cells"),
            )?;
            if output != Path::new("-") {
                writeln!(out, "Written to {}.", output.display())?;
            }
        }
        Ok(())
    }

    /// Says how many rules may be switched off for all that the files tell.
    fn states(&self, out: &mut String) -> std::fmt::Result {
        match self.built.report.unspecified {
            0 => Ok(()),
            count => writeln!(
                out,
                "The files don't say whether {} enabled. They count as enabled.",
                counted(count, "rule is", "rules are")
            ),
        }
    }

    /// Lists everything by which the files may not be all.
    fn missing(&self, out: &mut String) -> std::fmt::Result {
        let (gaps, errors) = (&self.built.report.gaps, &self.collected.errors);
        if !gaps.is_empty() {
            writeln!(out, "\nSome of your rules are missing:")?;
            gaps.iter().try_for_each(|gap| writeln!(out, "        {}", harmless(gap)))?;
        }
        if !errors.is_empty() {
            writeln!(out, "\nFiles that can't be read and are missing from the snapshot:")?;
            errors.iter().try_for_each(|error| writeln!(out, "        {}", harmless(&error.to_string())))?;
        }
        if !gaps.is_empty() || !errors.is_empty() {
            let of = if self.built.snapshot.header.complete.is_empty() {
                "No technology is marked as complete"
            } else {
                "You declared technologies complete"
            };
            writeln!(out, "    {of}: a missing rule may cover a technique that has no rule here.")?;
        }
        for (files, what) in [
            (&self.collected.empty, "Files that look like exports but hold no rules"),
            (&self.collected.unopened, "Archives that were not opened (unpack those that contain rules)"),
        ] {
            if !files.is_empty() {
                writeln!(out, "\n{what}:")?;
                self.listed(out, files.iter().map(|file| file.to_string()))?;
            }
        }
        Ok(())
    }

    /// Lists the rules that are in several files and differ there.
    fn repeats(&self, out: &mut String) -> std::fmt::Result {
        let differing = &self.built.report.differing;
        if differing.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nRules that differ between files; one version counts:")?;
        let rules = &self.collected.reading.rules;
        let lines = differing.iter().filter_map(|repeat| {
            let (kept, left_out) = (rules.get(repeat.kept)?, rules.get(repeat.left_out)?);
            Some(format!("{}: {} counts, {} doesn't", kept.name, kept.place, left_out.place))
        });
        self.listed(out, lines)
    }

    /// Writes the first lines of a list, and how many more there are.
    fn listed(&self, out: &mut String, mut lines: impl Iterator<Item = String>) -> std::fmt::Result {
        for line in lines.by_ref().take(SHOWN) {
            writeln!(out, "        {}", harmless(&line))?;
        }
        match lines.count() {
            0 => Ok(()),
            more => writeln!(out, "        and {more} more"),
        }
    }

    fn templates(&self, out: &mut String) -> std::fmt::Result {
        let could = |rule: &&Rule| rule.template.is_some() && rule.techniques.is_empty();
        match (self.recovered, self.collected.reading.rules.iter().filter(could).count()) {
            (Some(recovered), _) => {
                writeln!(out, "{} got techniques from templates.", counted(recovered, "rule", "rules"))
            }
            (None, 0) => Ok(()),
            (None, count) => writeln!(
                out,
                "{} without a technique {} made from a template: --templates DIR takes the techniques from there.",
                counted(count, "rule", "rules"),
                if count == 1 { "was" } else { "were" },
            ),
        }
    }

    fn technologies(&self, out: &mut String) -> std::fmt::Result {
        let snapshot = &self.built.snapshot;
        let mut covered: BTreeMap<&str, Vec<TechniqueId>> = BTreeMap::new();
        for cell in &snapshot.cells {
            if matches!(cell.value, CellValue::Value(value) if value > 0) {
                covered.entry(snapshot.technology(cell)).or_default().push(cell.technique);
            }
        }
        if !snapshot.header.technologies.is_empty() {
            writeln!(
                out,
                "\nTechnologies (complete: a technique without a rule counts as 0; otherwise it is not assessed):"
            )?;
        }
        let width = snapshot.header.technologies.iter().map(String::len).max().unwrap_or_default();
        for technology in &snapshot.header.technologies {
            let techniques = covered.get(technology.as_str()).map_or(0, Vec::len);
            let complete = if snapshot.header.is_complete(technology) { "complete" } else { "" };
            let line = format!(
                "{technology:<width$}  {:>14}  {complete}",
                counted(techniques, "technique", "techniques")
            );
            writeln!(out, "        {}", line.trim_end())?;
        }
        Ok(())
    }

    fn explanation(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\nRules behind each cell (printed here, never uploaded):")?;
        for ((technique, technology), from) in &self.built.origins {
            writeln!(out, "    {technique} {technology}: {}", grouped(from.len()))?;
            for (name, place) in from.iter().filter_map(|position| self.origin(*position)) {
                let gap = if name.is_empty() { "" } else { "  " };
                writeln!(out, "        {}{gap}{}", harmless(name), harmless(&place.to_string()))?;
            }
        }
        Ok(())
    }
}
