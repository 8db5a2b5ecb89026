//! Public rule libraries as they travel: a reference beside the peers, and never about them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::libraries,
    domain::{attack::AttackVersion, library},
};

/// A public rule library, counted over the whole of its content at one commit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RuleLibrary)]
pub struct Library {
    /// Short name of the library.
    #[schema(example = "sigmahq")]
    pub library: String,
    /// Name of the library.
    #[schema(example = "SigmaHQ rules")]
    pub name: String,
    /// Address of its repository.
    #[schema(example = "https://github.com/SigmaHQ/sigma")]
    pub repository: String,
    /// Commit that was counted.
    #[schema(example = "8eaafff1f2845a696050e05e72ba1140ee190698")]
    pub commit: String,
    /// Date of the commit.
    #[schema(value_type = String, format = Date, example = "2026-08-05")]
    pub date: NaiveDate,
    /// Licence of the rules. The service has counts, and none of the rules.
    #[schema(example = "DRL 1.1")]
    pub licence: String,
    /// ATT&CK version of the counts.
    #[schema(value_type = String, example = "19.2")]
    pub attack: AttackVersion,
    /// Number of rules.
    #[schema(example = 3754)]
    pub rules: u32,
    /// Number of rules that name a technique.
    #[schema(example = 3200)]
    pub with_technique: u32,
    /// Number of parent techniques that at least one rule names.
    #[schema(example = 170)]
    pub techniques: u32,
}

/// The rules of a library for one technique.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RulesAvailable)]
pub struct RulesAvailable {
    /// Short name of the library.
    #[schema(example = "sigmahq")]
    pub library: String,
    /// Name of the library.
    #[schema(example = "SigmaHQ rules")]
    pub name: String,
    /// Number of rules that name the technique or one of its sub-techniques, and read one of your technologies.
    #[schema(example = 12)]
    pub rules: u32,
    /// Number of rules that name the technique or one of its sub-techniques, whatever they read.
    #[schema(example = 37)]
    pub of: u32,
}

/// Your coverage beside public rule libraries, before there are peers: libraries, not peers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LibraryReference)]
pub struct Reference {
    /// Libraries, with your coverage of what each has rules for.
    pub libraries: Vec<Beside>,
    /// Techniques that you don't cover and libraries have rules for through your technologies, those in most libraries first.
    pub uncovered: Vec<Uncovered>,
}

/// Your coverage beside one library.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BesideLibrary)]
pub struct Beside {
    #[serde(flatten)]
    pub about: Library,
    /// Number of applicable parent techniques for which the library has rules that read one of your technologies. Absent if you
    /// haven't contributed a recent snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 120)]
    pub within_reach: Option<u32>,
    /// Number of those that you cover.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 50)]
    pub covered: Option<u32>,
}

/// A technique that you don't cover and libraries have rules for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = UncoveredTechnique)]
pub struct Uncovered {
    /// ID of the technique.
    #[schema(example = "T1190")]
    pub technique: String,
    /// Name of the technique.
    #[schema(example = "Exploit Public-Facing Application")]
    pub name: String,
    /// Rules by library.
    pub rules_available: Vec<RulesAvailable>,
}

impl From<&library::Library> for Library {
    fn from(library: &library::Library) -> Self {
        let library::About { id, name, repository, commit, date, licence, .. } = &library.about;
        Self {
            library: id.clone(),
            name: name.clone(),
            repository: repository.clone(),
            commit: commit.clone(),
            date: *date,
            licence: licence.clone(),
            attack: library.attack,
            rules: library.rules,
            with_technique: library.with_technique,
            techniques: library.parents(),
        }
    }
}

impl From<&libraries::Available> for RulesAvailable {
    fn from(available: &libraries::Available) -> Self {
        let libraries::Available { library, rules, of } = available;
        let library::About { id, name, .. } = &library.about;
        Self { library: id.clone(), name: name.clone(), rules: *rules, of: *of }
    }
}

impl From<&libraries::Reference> for Reference {
    fn from(reference: &libraries::Reference) -> Self {
        let beside = |&libraries::Beside { library, own }: &libraries::Beside| Beside {
            about: Library::from(library),
            within_reach: own.map(|own| own.within_reach),
            covered: own.map(|own| own.covered),
        };
        let uncovered = |uncovered: &libraries::Uncovered| Uncovered {
            technique: uncovered.technique.to_string(),
            name: uncovered.name.clone(),
            rules_available: uncovered.available.iter().map(RulesAvailable::from).collect(),
        };
        Self {
            libraries: reference.libraries.iter().map(beside).collect(),
            uncovered: reference.uncovered.iter().map(uncovered).collect(),
        }
    }
}
