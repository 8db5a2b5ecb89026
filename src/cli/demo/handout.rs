//! The demo's files to hand on: a report as PDF and the heat map as SVG, beside its database.

use std::path::Path;

use crate::{
    app::{
        App, Member,
        read_report::{ReportQuery, read_report},
    },
    cli::{Failure, failure::sentence, private_file},
    domain::{cohort::Cohort, snapshot::Basis},
    report::form::Choices,
    wire::{Report, choices::ReportForm},
};

/// The files with their forms.
const FILES: [(&str, ReportForm); 2] = [("report.pdf", ReportForm::Pdf), ("heatmap.svg", ReportForm::Svg)];

/// Writes the files and says so.
pub fn write(app: &App, reader: &Member, cohort: &Cohort, folder: &Path) -> Result<String, Failure> {
    let query = ReportQuery { cohort: cohort.clone(), basis: Basis::Deployed, release: None, groups: None };
    let report = read_report(app, reader, &query).map_err(|error| Failure::remote(sentence(&error)))?;
    let report = Report::from(&report);
    let mut written = Vec::new();
    for (name, form) in FILES {
        let path = folder.join(name);
        let bytes = form.write(&report, Choices::default()).map_err(Failure::remote)?;
        private_file::write(&path, &bytes)
            .map_err(|error| Failure::remote(format!("{} can't be written: {error}.", path.display())))?;
        written.push(path.display().to_string());
    }
    Ok(format!("\nThe same as a report to hand on: {}\n", written.join(" and ")))
}
