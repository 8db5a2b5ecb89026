//! The user's statements about an export, and the facts that a build looks things up in.

use crate::domain::{
    attack::{AttackVersion, Catalogues},
    calendar::Month,
    scale::Scale,
    snapshot::{AdapterVersion, Basis, Source},
    technology::Registry,
};

/// Rules that name more techniques than this say nothing precise about any of them.
pub const MAX_TECHNIQUES: usize = 12;

/// The technologies of which the export shows every rule: a technique without a rule is 0 there, not unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Complete {
    /// All technologies of the snapshot except those with detections of their own, for rules; none, for layers.
    #[default]
    Default,
    Nothing,
    These(Vec<String>),
}

/// The user's statements about the export.
#[derive(Debug, Clone)]
pub struct Options {
    pub source: Source,
    /// 1..=99; a second system of the same product is a second feed.
    pub feed: u8,
    pub adapter: AdapterVersion,
    pub basis: Basis,
    pub period: Month,
    /// `None` for the newest version known.
    pub attack: Option<AttackVersion>,
    /// Empty for the technologies that the rules prove.
    pub technologies: Vec<String>,
    pub complete: Complete,
    /// Mappings `NAME=TECHNOLOGY`, which win over the product's table.
    pub mappings: Vec<String>,
    /// The most techniques that a rule may name; 0 for no limit.
    pub max_techniques: usize,
    /// The scale of a layer's scores; rules are counted.
    pub scale: Option<Scale>,
}

/// The catalogues and technologies that a build looks things up in.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub catalogues: &'a Catalogues,
    pub registry: &'a Registry,
}
