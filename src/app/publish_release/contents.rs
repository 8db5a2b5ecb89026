//! The stored contents of a computed release: its tables as texts, sealed and signed.

use rayon::prelude::*;

use super::{compute::Computed, error::PublishError};
use crate::{
    app::{App, published::Terms},
    auth::manifest::sign,
    domain::release::{Hash, Manifest, Seal, Table},
    store::{
        self, StoreError,
        release::{Contents, Open, Packed},
    },
};

pub(super) fn contents(app: &App, open: &Open, computed: Computed) -> Result<Contents, PublishError> {
    let Computed { publication, inputs, catalogue, named_in } = computed;
    let terms = Terms { parameters: app.parameters.clone().into(), scales: publication.scales, named_in };
    let keys = app.tokens.keys();
    // One text at a time on each thread: all of them at once would be more than everything else.
    let kept = |table: Table| {
        let text = table.to_bytes().map_err(|_| StoreError::Unreadable {
            what: "a table",
            reason: "it has a row without a form".to_owned(),
        })?;
        let leaf = Seal::leaf(open.number, table.basis, &table.cohort, &text, keys.release());
        let body = Packed::new(&text)?;
        Ok((
            Hash::of(&text),
            (store::release::Table { basis: table.basis, cohort: table.cohort, body }, leaf),
        ))
    };
    let (texts, tables): (Vec<Hash>, Vec<(store::release::Table, Hash)>) =
        publication.tables.into_par_iter().map(kept).collect::<Result<_, StoreError>>()?;
    let leaves = tables.iter().map(|(table, leaf)| (table.basis, table.cohort.clone(), *leaf));
    let manifest = Manifest {
        iss: app.tokens.issuer().to_owned(),
        release: open.number,
        cut_off: open.cut_off,
        attack: open.attack,
        parameters: app.parameters.clone().into(),
        catalogue,
        tables: Seal::new(open.number, leaves, keys.release()).root(),
    };
    Ok(Contents {
        parameters: serde_json::to_string(&terms).unwrap_or_default(),
        inputs,
        digest: digest(&tables, &texts),
        manifest: sign(keys, &manifest)?,
        ledgers: publication.ledgers,
        tables,
    })
}

/// SHA-256 over everything that is published, in hexadecimal: a line for each table, with the SHA-256 of its text.
fn digest(tables: &[(store::release::Table, Hash)], texts: &[Hash]) -> String {
    let line = |((table, _), text): (&(store::release::Table, Hash), &Hash)| {
        format!("{} {} {text}\n", table.basis.name(), table.cohort)
    };
    let lines: String = tables.iter().zip(texts).map(line).collect();
    Hash::of(lines.as_bytes()).to_string()
}
