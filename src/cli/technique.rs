//! `peerbench technique`: a technique with what ATT&CK and the registry of technologies relate to it, or a search by name.

use serde::Deserialize;
use serde_json::Value;

use super::{
    Failure, Format,
    ask::Question,
    output,
    remote::{Remote, escaped, typed},
};
use crate::{
    domain::attack::{AttackVersion, TechniqueId},
    report::table::{Align, Table},
    settings::Settings,
};

/// Arguments of `peerbench technique`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench technique T1059.001")]
pub struct Args {
    /// ID of a technique, or words of its name to search for.
    #[arg(required = true, value_name = "ID|WORDS")]
    words: Vec<String>,
    /// ATT&CK version. The one that the service compares in if omitted.
    #[arg(long)]
    attack: Option<AttackVersion>,
    /// Output format. `json` is the service's own answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Deserialize)]
struct Versions {
    items: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: AttackVersion,
    canonical: bool,
}

/// A technique that another one refers to, or that was found.
#[derive(Deserialize)]
struct Related {
    id: String,
    name: String,
    #[serde(default)]
    tactics: Vec<String>,
}

#[derive(Deserialize)]
struct Found {
    items: Vec<Related>,
}

#[derive(Deserialize)]
struct Detail {
    id: String,
    name: String,
    status: String,
    #[serde(default)]
    successors: Vec<Related>,
    parent: Option<Related>,
    sub_techniques: Vec<Related>,
    tactics: Vec<String>,
    platforms: Vec<String>,
    technologies: Vec<Technology>,
    groups: Vec<Group>,
    url: String,
}

#[derive(Deserialize)]
struct Technology {
    id: String,
}

#[derive(Deserialize)]
struct Group {
    id: String,
    name: String,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let remote = Remote::of(settings)?;
    let version = match args.attack {
        Some(version) => version,
        None => canonical(&remote)?,
    };
    let said = args.words.join(" ");
    let list = format!("/v1/attack/{version}/techniques");
    let id: Option<TechniqueId> = said.to_ascii_uppercase().parse().ok();
    let path = match id {
        Some(id) => format!("{list}/{}", escaped(&id.to_string())),
        None => Question::new(list).with("q", Some(&said)).with("limit", Some(1_000)).finish(),
    };
    let answer = remote.text(&path)?;
    match (args.format, id) {
        (Format::Json, _) => output::json(&typed::<Value>(&answer)?),
        (Format::Text, Some(_)) => output::text(&typed::<Detail>(&answer)?.text(version)),
        (Format::Text, None) => output::text(&typed::<Found>(&answer)?.text(&said, version)),
    }
}

/// The version that the service compares in.
fn canonical(remote: &Remote) -> Result<AttackVersion, Failure> {
    let versions: Versions = remote.get("/v1/attack/versions")?;
    let canonical = versions.items.iter().find(|version| version.canonical);
    canonical.map(|version| version.version).ok_or_else(|| {
        Failure::refused("The service compares in no ATT&CK version yet. Name one with --attack.")
    })
}

impl Detail {
    fn text(&self, version: AttackVersion) -> String {
        let Self { id, name, status, url, .. } = self;
        let mut text = format!("{id}  {name}  (ATT&CK {version}, {status})\n");
        let related = |list: &[Related]| -> Vec<String> {
            list.iter().map(|one| format!("{} {}", one.id, one.name)).collect()
        };
        let named = |list: Vec<String>| list.join(", ");
        let parent = self.parent.as_ref().map(|one| format!("{} {}", one.id, one.name)).unwrap_or_default();
        let lines = [
            ("Now", named(related(&self.successors))),
            ("Part of", parent),
            ("Tactics", self.tactics.join(", ")),
            ("Platforms", self.platforms.join(", ")),
            ("Seen by", named(self.technologies.iter().map(|one| one.id.clone()).collect())),
            ("Sub-techniques", named(related(&self.sub_techniques))),
            (
                "Threat groups",
                named(self.groups.iter().map(|one| format!("{} {}", one.id, one.name)).collect()),
            ),
        ];
        for (what, list) in lines.iter().filter(|(_, list)| !list.is_empty()) {
            text.push_str(&format!("  {what}: {list}\n"));
        }
        text.push_str(&format!("  {url}\n"));
        text
    }
}

impl Found {
    fn text(&self, said: &str, version: AttackVersion) -> String {
        if self.items.is_empty() {
            return format!("No technique of ATT&CK {version} has the words '{said}' in its name.\n");
        }
        let mut table =
            Table::new(&[("technique", Align::Left), ("", Align::Left), ("tactics", Align::Left)]);
        for Related { id, name, tactics } in &self.items {
            table.row(vec![id.clone(), name.clone(), tactics.join(", ")]);
        }
        format!("Techniques of ATT&CK {version} with '{said}'\n\n{table}")
    }
}
