//! The files by which the user says more about an export: mappings, tags, a table of vulnerabilities. They stay here.

use std::path::Path;

use crate::{
    cli::Failure,
    sources::{Reading, cve::CveMap, tags::Tags, text_of},
};

/// The mappings themselves: each argument is one, or a file with one a line (`#` starts a comment).
pub fn mappings(arguments: &[String]) -> Result<Vec<String>, Failure> {
    let mut mappings = Vec::new();
    for argument in arguments {
        if argument.contains('=') {
            mappings.push(argument.clone());
            continue;
        }
        let text = text_of(Path::new(argument)).map_err(|error| {
            Failure::usage(format!(
                "--map {argument} is neither NAME=TECHNOLOGY nor a file that can be read. The file {}",
                error.reason
            ))
        })?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        mappings.extend(lines.map(str::to_owned));
    }
    Ok(mappings)
}

/// The table of `--cve-map`; empty without it.
pub fn cve_map(path: Option<&Path>) -> Result<CveMap, Failure> {
    let Some(path) = path else { return Ok(CveMap::default()) };
    let refuse = |why: &str| Failure::usage(format!("--cve-map {} {why}", path.display()));
    CveMap::parse(&text_of(path).map_err(|error| refuse(&error.reason))?)
        .map_err(|error| refuse(&format!("{error}.")))
}

/// Applies the file of `--tags`; what is to be said about lines that fit no rule.
pub fn tag(path: Option<&Path>, reading: &mut Reading) -> Result<Vec<String>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let refuse = |why: &str| Failure::usage(format!("--tags {} {why}", path.display()));
    let tags = Tags::parse(&text_of(path).map_err(|error| refuse(&error.reason))?)
        .map_err(|error| Failure::usage(format!("--tags {}:{error}", path.display())))?;
    let unused = tags.apply(reading);
    Ok(unused.into_iter().map(|line| format!("{}:{line} fits no rule", path.display())).collect())
}
