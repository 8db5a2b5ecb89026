//! The readers on rule exports that nobody of this project wrote, against figures that an independent script counted;
//! and what must not be in a snapshot.

mod canary;
mod command;
mod expected;
mod hostile;
mod lint;
mod pages;
mod partial;
mod samples;
mod upload;

use std::path::PathBuf;

use peerbench::{
    domain::{
        attack::Catalogues,
        snapshot::{Basis, Source},
        technology,
    },
    sources::{self, Collected, Complete, Context, Options, Reading},
};

/// Everything below the paths, or the reason why not.
fn collect(paths: &[PathBuf], from: Option<Source>) -> Collected {
    let collected = sources::collect(paths, from, &|_| {}).unwrap();
    assert!(collected.errors.is_empty(), "{:?}", collected.errors);
    collected
}

fn options(source: Source, basis: Basis) -> Options {
    Options {
        source,
        feed: 1,
        adapter: "0.1.0".parse().unwrap(),
        basis,
        period: "2026-11".parse().unwrap(),
        attack: None,
        technologies: Vec::new(),
        complete: Complete::Default,
        mappings: Vec::new(),
        max_techniques: 0,
        scale: None,
    }
}

fn built(reading: &Reading, options: &Options) -> sources::Built {
    let catalogues = Catalogues::bundled();
    let context = Context { catalogues: &catalogues, registry: technology::bundled() };
    sources::build(reading, options, context).unwrap()
}
