//! The forms of a whole report.

use super::{WriteError, html, markdown, navigator, pdf, poster, svg, xlsx};
use crate::wire::{
    Report,
    choices::{LayerOf, Paper, Poster, ReportForm},
};

/// The choices that single forms leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choices {
    /// The paper of a PDF.
    pub paper: Paper,
    /// The drawing of an SVG.
    pub drawing: Poster,
    /// The number of a Navigator layer.
    pub layer: LayerOf,
    /// Threat groups were asked for.
    pub groups_asked: bool,
}

impl ReportForm {
    /// The media type of an answer. What stands before its parameters is what `Accept` names.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Svg => "image/svg+xml",
            Self::Navigator => "application/vnd.mitre.attack-navigator+json",
        }
    }

    /// The form that a file's name ends in.
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, end) = name.rsplit_once('.')?;
        match end.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "html" | "htm" => Some(Self::Html),
            "pdf" => Some(Self::Pdf),
            "xlsx" => Some(Self::Xlsx),
            "md" => Some(Self::Markdown),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }

    /// Finds the choices of other forms, by the names of their parameters; each with its form.
    pub fn misplaced(self, paper: bool, drawing: bool, layer: bool) -> Vec<(&'static str, Self)> {
        let choices =
            [("paper", paper, Self::Pdf), ("drawing", drawing, Self::Svg), ("layer", layer, Self::Navigator)];
        let others = choices.into_iter().filter(|(_, is_there, form)| *is_there && *form != self);
        others.map(|(name, _, form)| (name, form)).collect()
    }

    /// The bytes of a report.
    ///
    /// # Errors
    /// Fails if a library refuses what it is given, which no name can bring about.
    pub fn write(self, report: &Report, choices: Choices) -> Result<Vec<u8>, WriteError> {
        let Choices { paper, drawing, layer, groups_asked } = choices;
        Ok(match self {
            Self::Json => serde_json::to_vec(report)?,
            Self::Html => html::write(report, groups_asked).into_bytes(),
            Self::Pdf => pdf::write(report, paper, groups_asked)?,
            Self::Xlsx => xlsx::write(report)?,
            Self::Markdown => markdown::write(report, groups_asked).into_bytes(),
            Self::Svg => svg::file(&poster::draw(report, drawing, groups_asked)),
            Self::Navigator => serde_json::to_vec_pretty(&navigator::layer(report, layer))?,
        })
    }
}
