//! Paths compared: steps, and each path as a whole.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{answer::Envelope, item::Subject, names};
use crate::{
    app::{
        compare::{
            self,
            along::{PathAnswer, StepAnswer, TechniqueAnswer, WayAnswer, word},
        },
        read_paths,
    },
    domain::{
        comparison::Word,
        path::{self, LeftOutReason, PathSource},
        scale::Level,
    },
};

/// Paths with what you and your peers see of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PathComparison)]
pub struct PathsAnswer {
    #[serde(flatten)]
    pub envelope: Envelope,
    /// Paths that were asked for.
    pub items: Vec<ComparedPath>,
}

/// A path, its steps, and the path as a whole. Steps are counted from 1.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ComparedPath {
    /// Name of a named path, for the parameter `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "edge-to-ransomware")]
    pub path: Option<String>,
    /// Title for people to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Edge device to ransomware")]
    pub name: Option<String>,
    /// Kind of input that the path is made of.
    #[schema(value_type = names::PathSourceName)]
    pub source: PathSource,
    /// False if the steps have no order, as the techniques of a layer.
    pub ordered: bool,
    pub whole: PathSummary,
    /// Steps in their order.
    pub steps: Vec<PathStep>,
    /// Techniques of the input that are in no step. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<PathLeftOut>>)]
    pub left_out: Vec<PathLeftOut>,
    /// Techniques of the input that have another ID in the release's ATT&CK version. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<MovedTechnique>>)]
    pub moved: Vec<MovedTechnique>,
}

/// A path as a whole.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PathSummary {
    /// Number of steps.
    #[schema(example = 8)]
    pub steps: u32,
    /// Steps with a rule of yours.
    #[schema(example = json!([2, 3, 6]))]
    pub with_rule: Vec<u32>,
    /// Steps that aren't assessed. They have no known rule.
    pub not_assessed: Vec<u32>,
    /// Longest stretch without a known rule. Absent without order, or if every step has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_stretch: Option<PathStretch>,
    /// First step with a rule: where you would first see it. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2)]
    pub first_step_with_rule: Option<u32>,
    /// Step with your lowest score; of several, the one that more peers cover.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4)]
    pub weakest_step: Option<u32>,
    pub peers: PeersAlongPath,
}

/// Consecutive steps of a path without a known rule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PathStretch {
    /// First step of the stretch.
    #[schema(example = 4)]
    pub from: u32,
    /// Last step of the stretch.
    #[schema(example = 5)]
    pub to: u32,
    /// Number of its steps.
    #[schema(example = 2)]
    pub steps: u32,
    /// Number of its steps that aren't assessed.
    #[schema(example = 0)]
    pub not_assessed: u32,
}

/// The steps that the peers cover. The words of several steps are never combined.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PeersAlongPath {
    /// Steps at which about three quarters of the peers have a rule, or more.
    #[schema(example = json!([3]))]
    pub most: Vec<u32>,
    /// Steps at which about half of the peers have a rule, or more.
    #[schema(example = json!([1, 3, 4]))]
    pub half: Vec<u32>,
    /// Steps at which about a quarter of the peers have a rule, or more.
    #[schema(example = json!([1, 2, 3, 4]))]
    pub quarter: Vec<u32>,
    /// Steps of the peers in words.
    #[schema(example = "About half of the peers or more have a rule at steps 1, 3 and 4.")]
    pub words: String,
}

/// A step of a path.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PathStep {
    /// Number of the step, counted from 1.
    #[schema(minimum = 1, example = 3)]
    pub step: u32,
    /// Title of the step.
    #[schema(example = "A script or shell runs")]
    pub name: String,
    pub own: PathOwn,
    /// Technologies of yours that have a rule for a technique of the step.
    #[schema(example = json!(["microsoft.windows"]))]
    pub covered_through: Vec<String>,
    /// Technologies of yours that can see a technique of the step.
    #[schema(example = json!(["linux.auditd", "microsoft.windows"]))]
    pub can_see: Vec<String>,
    /// Share of peers that have a rule for the step. Absent if it isn't released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Coverage>)]
    pub coverage: Option<Word>,
    /// True if an attacker can get around the step on another branch. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub on_a_branch: bool,
    /// Ways to take the step. An attacker takes one of them, so the weakest decides.
    pub ways: Vec<PathWay>,
}

/// Your score of a step or of a technique.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PathOwn {
    /// Status of your value.
    #[schema(value_type = names::OwnStatus)]
    pub status: String,
    /// Score from 0 to 100; for a tactic, the share of its techniques that is covered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 50)]
    pub score: Option<u8>,
    /// Level of the score. Absent for a tactic.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Level>)]
    pub level: Option<Level>,
}

/// A way to take a step: any of its techniques would show it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PathWay {
    /// Name that the input gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Spearphishing with a document")]
    pub name: Option<String>,
    /// Short name of the tactic whose techniques show it, if it is a tactic.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "lateral-movement")]
    pub tactic: Option<String>,
    /// Techniques that show it. Empty if the input names none, or a tactic.
    pub techniques: Vec<PathTechnique>,
}

/// A technique that shows a way.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PathTechnique {
    /// ID of the technique or sub-technique.
    #[schema(example = "T1059")]
    pub technique: String,
    /// Name of the technique in the release's ATT&CK version.
    #[schema(example = "Command and Scripting Interpreter")]
    pub name: String,
    pub own: PathOwn,
    /// True if your rules name only the parent of this sub-technique, whose score it has then. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub tagged_at_parent: bool,
    /// Share of peers that cover the technique. Absent if it isn't released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Coverage>)]
    pub coverage: Option<Word>,
    /// Cohort of the row that the coverage is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sector:finance")]
    pub cohort: Option<String>,
}

/// A technique of the input that is in no step.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PathLeftOut {
    /// Technique as the input writes it.
    #[schema(example = "AML.T0051.001")]
    pub written: String,
    /// Name that the input gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Prompt injection")]
    pub name: Option<String>,
    /// Reason why it is left out.
    #[schema(value_type = names::LeftOutReasonName)]
    pub reason: LeftOutReason,
}

/// A technique with another ID in the release's ATT&CK version.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MovedTechnique {
    /// ID that the input has.
    #[schema(example = "T1562.001")]
    pub from: String,
    /// ID in the release's ATT&CK version.
    #[schema(example = "T1685")]
    pub to: String,
}

impl From<&read_paths::PathsAnswer> for PathsAnswer {
    fn from(answer: &read_paths::PathsAnswer) -> Self {
        Self {
            envelope: Envelope::from(&answer.envelope),
            items: answer.items.iter().map(ComparedPath::from).collect(),
        }
    }
}

impl From<&PathAnswer> for ComparedPath {
    fn from(answer: &PathAnswer) -> Self {
        let PathAnswer { path, steps, along } = answer;
        let left_out = path.left_out.iter().map(|one| PathLeftOut {
            written: one.written.clone(),
            name: one.title.clone(),
            reason: one.reason,
        });
        let moved =
            path.moved.iter().map(|(from, to)| MovedTechnique { from: from.to_string(), to: to.to_string() });
        let steps = (1..)
            .zip(path.steps.iter().zip(steps))
            .map(|(number, (step, answer))| PathStep::new(number, step, answer));
        Self {
            path: path.id.clone(),
            name: path.title.clone(),
            source: path.source,
            ordered: path.ordered,
            whole: PathSummary::new(along),
            steps: steps.collect(),
            left_out: left_out.collect(),
            moved: moved.collect(),
        }
    }
}

impl PathSummary {
    fn new(along: &path::Along) -> Self {
        Self {
            steps: along.steps,
            with_rule: along.with_rule.clone(),
            not_assessed: along.unknown.clone(),
            longest_stretch: along.longest_without.map(|stretch| PathStretch {
                from: stretch.from,
                to: stretch.to,
                steps: stretch.steps(),
                not_assessed: stretch.unknown,
            }),
            first_step_with_rule: along.first_with_rule,
            weakest_step: along.weakest,
            peers: PeersAlongPath {
                most: along.most.clone(),
                half: along.half.clone(),
                quarter: along.quarter.clone(),
                words: words(along),
            },
        }
    }
}

/// The peers' steps as a sentence.
fn words(along: &path::Along) -> String {
    let at = [
        ("About half of the peers or more have", &along.half),
        ("About a quarter of the peers or more have", &along.quarter),
    ];
    match at.into_iter().find(|(_, steps)| !steps.is_empty()) {
        Some((who, steps)) => format!("{who} a rule at {}.", listed(steps)),
        None => "No step is known to have a rule of a quarter of the peers.".to_owned(),
    }
}

/// Steps in words: `step 1`, `steps 1, 3 and 4`.
pub fn listed(steps: &[u32]) -> String {
    let numbers: Vec<String> = steps.iter().map(u32::to_string).collect();
    match numbers.as_slice() {
        [] => "no step".to_owned(),
        [one] => format!("step {one}"),
        [first @ .., last] => format!("steps {} and {last}", first.join(", ")),
    }
}

impl PathOwn {
    fn new(score: Option<u8>, level: Option<Level>) -> Self {
        let status = if score.is_some() { "assessed" } else { "not_assessed" };
        Self { status: status.to_owned(), score, level }
    }
}

impl PathStep {
    fn new(step: u32, of: &path::Step, answer: &StepAnswer) -> Self {
        let ways: Vec<PathWay> =
            of.ways.iter().zip(&answer.ways).map(|(way, answer)| PathWay::new(way, answer)).collect();
        let named = |covered: bool| {
            let technologies = answer.technologies.iter().filter(move |(_, has)| !covered || *has);
            technologies.map(|(id, _)| id.clone()).collect()
        };
        Self {
            step,
            name: ways.iter().map(PathWay::title).collect::<Vec<_>>().join(" or "),
            own: PathOwn::new(answer.seen.own, answer.level),
            covered_through: named(true),
            can_see: named(false),
            coverage: answer.seen.peers,
            on_a_branch: of.on_a_branch,
            ways,
        }
    }
}

impl PathWay {
    fn new(way: &path::Way, answer: &WayAnswer) -> Self {
        let (tactic, techniques) = match answer {
            WayAnswer::Unknown => (None, Vec::new()),
            WayAnswer::Tactic(entry) => (Subject::from(&entry.subject).tactic, Vec::new()),
            WayAnswer::Techniques(techniques) => (None, techniques.iter().map(PathTechnique::from).collect()),
        };
        Self { name: way.title.clone(), tactic, techniques }
    }

    /// The name of the way, else of its techniques.
    fn title(&self) -> String {
        let names = || self.techniques.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
        self.name.clone().unwrap_or_else(names)
    }
}

impl From<&TechniqueAnswer> for PathTechnique {
    fn from(answer: &TechniqueAnswer) -> Self {
        let compare::Entry { subject, .. } = &answer.entry;
        let Subject { technique, name, .. } = Subject::from(subject);
        let peers = answer.entry.effective().peers.as_ref();
        Self {
            technique: technique.unwrap_or_default(),
            name,
            own: PathOwn::new(answer.score.map(|score| score.get()), answer.score.map(|score| score.level())),
            tagged_at_parent: answer.tagged_at_parent,
            coverage: word(&answer.entry),
            cohort: peers.map(|peers| peers.cohort.to_string()),
        }
    }
}
