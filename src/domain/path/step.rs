//! A path, its steps, and what of the input is in none.

use crate::domain::{attack::TechniqueId, named::named};

/// Steps that a path may have. A layer of the whole matrix has fewer.
pub const MAX_STEPS: usize = 1_000;

named! {
    /// The kind of input that a path is made of.
    pub enum PathSource("source of a path") {
        /// A path of the catalogue, by name.
        Named = "named",
        /// A list of steps.
        Steps = "steps",
        /// The techniques of a threat group.
        Group = "group",
        /// An Attack Flow.
        Flow = "flow",
        /// A layer of the ATT&CK Navigator.
        Layer = "layer",
    }
}

named! {
    /// The reason why a technique of the input is in no step.
    pub enum LeftOutReason("reason") {
        /// An ID of another domain, such as ICS or ATLAS.
        OtherDomain = "other_domain",
        /// An ID that no known version of Enterprise ATT&CK has.
        UnknownTechnique = "unknown_technique",
        /// A technique that ATT&CK withdrew without a successor.
        Deprecated = "deprecated",
    }
}

/// A path in the IDs of one ATT&CK version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub source: PathSource,
    /// Name of a named path.
    pub id: Option<String>,
    /// Title for people to read.
    pub title: Option<String>,
    /// False if the steps have no order, as the techniques of a layer.
    pub ordered: bool,
    /// At least one.
    pub steps: Vec<Step>,
    pub left_out: Vec<LeftOut>,
    /// IDs of the input that are others in this version: as written, and now.
    pub moved: Vec<(TechniqueId, TechniqueId)>,
}

/// A step: one way to take it, or several of which an attacker takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// At least one.
    pub ways: Vec<Way>,
    /// True if an attacker can get around the step on another branch.
    pub on_a_branch: bool,
}

/// A way to take a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Name that the input gives it.
    pub title: Option<String>,
    pub shown_by: ShownBy,
}

/// The evidence that would show a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownBy {
    /// Any of these techniques, at least one.
    Techniques(Vec<TechniqueId>),
    /// Any technique of a tactic, by short name.
    Tactic(String),
    /// Nothing that the input names.
    Unknown,
}

/// A technique of the input that is in no step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The ID as it is written.
    pub written: String,
    /// Name that the input gives it.
    pub title: Option<String>,
    pub reason: LeftOutReason,
}
