//! Layers for the ATT&CK Navigator: one number of each technique as a colour, the rest in words. A layer names no rule.

use super::{
    drawing::{FULL, GAP, Ink, NONE, WHITE},
    letters::plain,
    published::published,
    story::{self, Story},
    svg::colour,
};
use crate::{
    domain::comparison::Word,
    wire::{
        ComparisonItem, Own, Quantile, Report, ReportContent,
        choices::LayerOf,
        navigator::{Gradient, Layer, LayerTechnique, LegendItem, Metadata, Versions},
    },
};

/// The version of the layer format, and of the Navigator that it came with.
const FORMAT: &str = "4.5";
const NAVIGATOR: &str = "4.9.0";

/// Writes a layer. Without a comparison it has no technique and says why.
pub fn layer(report: &Report, of: LayerOf) -> Layer {
    let (lowest, highest) = range(of);
    let name = format!("{}: {}", plain(&report.organisation), meaning(of));
    let mut layer = Layer {
        name,
        versions: Versions {
            attack: String::new(),
            navigator: NAVIGATOR.to_owned(),
            layer: FORMAT.to_owned(),
        },
        domain: "enterprise-attack".to_owned(),
        description: String::new(),
        sorting: 0,
        hide_disabled: false,
        techniques: Vec::new(),
        gradient: Gradient { colors: inks(of).map(colour).to_vec(), min_value: lowest, max_value: highest },
        legend_items: legend(of),
        metadata: vec![metadata("made on", report.made_on)],
        select_techniques_across_tactics: true,
    };
    match story::story(report) {
        Story::Empty { headline, advice } => {
            layer.description = format!("{headline} {advice}");
            layer.versions.attack = "19".to_owned();
        }
        Story::Complete(content) => fill(&mut layer, content, of),
    }
    layer
}

fn fill(layer: &mut Layer, content: &ReportContent, of: LayerOf) {
    let envelope = &content.summary.envelope;
    let attack = envelope.release.attack.to_string();
    // The Navigator knows major versions.
    layer.versions.attack = attack.split('.').next().unwrap_or(&attack).to_owned();
    layer.description = story::headline(&content.summary).join(" ");
    layer.metadata.extend([
        metadata("release", envelope.release.number),
        metadata("cut-off", envelope.release.cut_off.format("%Y-%m-%d")),
        metadata("ATT&CK", &attack),
        metadata("cohort", &envelope.cohort),
        metadata("evidence", envelope.basis),
        metadata("scores", meaning(of)),
    ]);
    layer.techniques = content.techniques.iter().map(|item| technique(item, of)).collect();
}

fn technique(item: &ComparisonItem, of: LayerOf) -> LayerTechnique {
    let side = item.shown().1;
    let row = side.peers.row();
    let own = story::own(&side.own);
    let mut numbers = vec![metadata("you", &own)];
    if let Some(row) = row {
        let quartiles = [("p25", Quantile::P25), ("p50", Quantile::P50), ("p75", Quantile::P75)];
        let shown = quartiles.into_iter().filter_map(|(name, of)| Some((name, published(&side.peers, of)?)));
        numbers.extend(shown.map(|(name, text)| metadata(name, text)));
        numbers.push(metadata("cohort", &row.cohort));
    }
    LayerTechnique {
        technique_id: item.subject.id().to_owned(),
        score: score(item, of),
        comment: format!("You {own}; {}.", story::coverage(item)),
        enabled: row.is_some() || !matches!(side.own, Own::Missing { .. }),
        metadata: numbers,
        show_subtechniques: false,
    }
}

fn score(item: &ComparisonItem, of: LayerOf) -> Option<i16> {
    let side = item.shown().1;
    let row = side.peers.row();
    let quantile = |quantile| row.and_then(|row| row.quantile(quantile)).map(i16::from);
    match of {
        LayerOf::Own => side.own.value().and_then(|own| i16::try_from(own).ok()),
        LayerOf::P25 => quantile(Quantile::P25),
        LayerOf::P50 => quantile(Quantile::P50),
        LayerOf::P75 => quantile(Quantile::P75),
        LayerOf::Difference => side.difference_to_median,
        LayerOf::Word => row.and_then(|row| row.coverage).map(|word| match word {
            Word::Most => 3,
            Word::Half => 2,
            Word::Quarter => 1,
            Word::Few | Word::LessThanHalf => 0,
        }),
    }
}

fn meaning(of: LayerOf) -> &'static str {
    match of {
        LayerOf::Own => "own score",
        LayerOf::P25 => "lower quartile of the peers",
        LayerOf::P50 => "median of the peers",
        LayerOf::P75 => "upper quartile of the peers",
        LayerOf::Difference => "own score minus the median of the peers",
        LayerOf::Word => "share of the peers that cover a technique",
    }
}

fn range(of: LayerOf) -> (i16, i16) {
    match of {
        LayerOf::Own | LayerOf::P25 | LayerOf::P50 | LayerOf::P75 => (0, 100),
        LayerOf::Difference => (-100, 100),
        LayerOf::Word => (0, 3),
    }
}

fn inks(of: LayerOf) -> [Ink; 3] {
    match of {
        LayerOf::Difference => [GAP, WHITE, FULL],
        _ => [NONE, Ink(0x9d, 0xad, 0xec), FULL],
    }
}

fn legend(of: LayerOf) -> Vec<LegendItem> {
    let [low, middle, high] = inks(of).map(colour);
    let labels = match of {
        LayerOf::Difference => ["behind the median", "at the median", "ahead of the median"],
        LayerOf::Word => ["few cover it", "about half cover it", "most cover it"],
        _ => ["0", "50", "100"],
    };
    let item = |(label, color): (&str, String)| LegendItem { label: label.to_owned(), color };
    labels.into_iter().zip([low, middle, high]).map(item).collect()
}

fn metadata(name: &str, value: impl ToString) -> Metadata {
    Metadata { name: name.to_owned(), value: value.to_string() }
}
