//! A layer of the ATT&CK Navigator, in the layer format 4.5.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A layer of the ATT&CK Navigator.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = NavigatorLayer)]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    /// Name of the layer.
    #[schema(example = "Harbour Mutual: difference to the median of sector:finance")]
    pub name: String,
    pub versions: Versions,
    /// Domain of ATT&CK.
    #[schema(value_type = super::names::AttackDomain)]
    pub domain: String,
    /// Meaning of the scores.
    pub description: String,
    /// Order of the techniques: 0 is by name.
    #[schema(example = 0)]
    pub sorting: u8,
    /// True if disabled techniques are hidden.
    pub hide_disabled: bool,
    /// Techniques with their scores.
    pub techniques: Vec<LayerTechnique>,
    pub gradient: Gradient,
    /// Legend of the colours.
    pub legend_items: Vec<LegendItem>,
    /// Release, cohort and evidence of the scores.
    pub metadata: Vec<Metadata>,
    /// True if a technique is selected in all of its tactics.
    pub select_techniques_across_tactics: bool,
}

/// Versions that a layer is made for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LayerVersions)]
pub struct Versions {
    /// Major version of ATT&CK.
    #[schema(example = "19")]
    pub attack: String,
    /// Version of the Navigator that the format came with.
    #[schema(example = "4.9.0")]
    pub navigator: String,
    /// Version of the layer format.
    #[schema(example = "4.5")]
    pub layer: String,
}

/// A technique of a layer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LayerTechnique {
    /// ID of the technique.
    #[serde(rename = "techniqueID")]
    #[schema(example = "T1059")]
    pub technique_id: String,
    /// Score of the technique. Absent if there is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = -20)]
    pub score: Option<i16>,
    /// Your score and your peers' row in words.
    pub comment: String,
    /// False if the technique has neither a score of yours nor a row.
    pub enabled: bool,
    /// Numbers behind the score.
    pub metadata: Vec<Metadata>,
    /// True if sub-techniques are unfolded.
    pub show_subtechniques: bool,
}

/// The colours of the scores.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LayerGradient)]
#[serde(rename_all = "camelCase")]
pub struct Gradient {
    /// Colours from the lowest score to the highest.
    #[schema(example = json!(["#b4500a", "#ffffff", "#2f4bd6"]))]
    pub colors: Vec<String>,
    /// Lowest score of the gradient.
    #[schema(example = -100)]
    pub min_value: i16,
    /// Highest score of the gradient.
    #[schema(example = 100)]
    pub max_value: i16,
}

/// A line of a layer's legend.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LayerLegendEntry)]
pub struct LegendItem {
    /// Meaning of the colour.
    #[schema(example = "behind the median")]
    pub label: String,
    /// Colour as a hexadecimal number.
    #[schema(example = "#b4500a")]
    pub color: String,
}

/// A named value of a layer or a technique.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LayerMetadata)]
pub struct Metadata {
    /// Name of the value.
    #[schema(example = "release")]
    pub name: String,
    /// Value with this name.
    #[schema(example = "2")]
    pub value: String,
}
