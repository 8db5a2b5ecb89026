//! The project's own samples of every source: `tests/data/<source>`, files of the product's form beside each other.

use std::{
    fs,
    path::{Path, PathBuf},
};

use peerbench::{
    domain::{
        scale::Scale,
        snapshot::{Basis, Source},
    },
    sources::{Built, Context, Input, Options, READERS, ReadError, Reader, Reading, cve::CveMap, detect},
};

use super::options;

/// The files of one source that its reader reads.
pub fn of(reader: &'static Reader) -> Vec<Input> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(reader.source.name());
    let mut files = Vec::new();
    walk(&folder, &mut files);
    files.sort();
    let inputs = files.iter().map(|path| {
        let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        Input::new(name.to_string_lossy(), fs::read(path).unwrap())
    });
    let own = |input: &Input| {
        detect(input, READERS, false).unwrap().is_some_and(|detected| detected.source == reader.source)
    };
    inputs.filter(own).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|_| panic!("{} has no sample", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// What the file says once read, vulnerabilities as techniques.
pub fn read(reader: &Reader, input: &Input) -> Result<Reading, ReadError> {
    let mut reading = (reader.read)(std::slice::from_ref(input))?;
    let cves = "cve,technique\nCVE-2024-34102,T1190\nCVE-2021-99991,T1203\nCVE-2020-99992,T1190\n";
    CveMap::parse(cves).unwrap().apply(&mut reading);
    Ok(reading)
}

/// Options with which everything that can be built is: rules as a catalog, scores as their format says.
pub fn everything(source: Source, reading: &Reading) -> Options {
    let basis = if reading.evidence.is_some() { reading.basis() } else { Basis::Catalog };
    match source {
        Source::Navigator => Options {
            scale: Some(Scale::RuleCount),
            technologies: vec!["microsoft.windows".to_owned()],
            ..options(source, Basis::Deployed)
        },
        _ => options(source, basis),
    }
}

/// The snapshot of one file, if there is one.
pub fn build(source: Source, reading: &Reading, context: Context<'_>) -> Option<Built> {
    peerbench::sources::build(reading, &everything(source, reading), context).ok()
}

#[test]
fn every_source_has_a_sample_that_becomes_a_snapshot() {
    let catalogues = peerbench::domain::attack::Catalogues::bundled();
    let context = Context { catalogues: &catalogues, registry: peerbench::domain::technology::bundled() };
    for &reader in READERS {
        let samples = of(reader);
        assert!(!samples.is_empty(), "{} has no sample", reader.source);
        let cells = samples.iter().filter_map(|input| {
            let reading = read(reader, input).unwrap();
            build(reader.source, &reading, context)
        });
        assert!(cells.map(|built| built.snapshot.cells.len()).sum::<usize>() > 0, "{}", reader.source);
    }
}
