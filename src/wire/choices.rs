//! The choices that a report leaves: its form, its paper, its drawing, and the number of a Navigator layer.

use crate::domain::named::named;

named! {
    /// The form of a report.
    pub enum ReportForm("form") {
        Json = "json",
        Html = "html",
        Pdf = "pdf",
        Xlsx = "xlsx",
        Markdown = "markdown",
        Svg = "svg",
        Navigator = "navigator",
    }
}

named! {
    /// The size of the paper.
    #[derive(Default)]
    pub enum Paper("paper") {
        #[default]
        A4 = "a4",
        Letter = "letter",
    }
}

named! {
    /// The drawing of an SVG.
    #[derive(Default)]
    pub enum Poster("drawing") {
        /// Techniques by tactic.
        #[default]
        HeatMap = "heat_map",
        /// Own shares among the peers', by tactic.
        Tactics = "tactics",
        Technologies = "technologies",
        Groups = "groups",
        /// The overall share by release.
        Trend = "trend",
    }
}

named! {
    /// The number that a layer shows.
    #[derive(Default)]
    pub enum LayerOf("layer") {
        /// The own score.
        Own = "own",
        P25 = "p25",
        P50 = "p50",
        P75 = "p75",
        /// The own score minus the peers' median.
        #[default]
        Difference = "difference",
        /// The peers' coverage in words, from 0 (few) to 3 (most).
        Word = "word",
    }
}
