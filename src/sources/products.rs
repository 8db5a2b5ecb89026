//! The products that can be read. A further product is one file or folder here with a [`Reader`], its crosswalk in
//! `catalogue/crosswalk` and its line in [`READERS`].

pub(super) mod checkpoint;
pub(super) mod chronicle;
pub(super) mod cortex;
pub(super) mod dettect;
pub(super) mod elastic;
pub(super) mod navigator;
pub(super) mod outcomes;
pub(super) mod sentinel;
pub(super) mod sigma;
pub(super) mod splunk;
pub(super) mod sumo;

use super::detect::Reader;
use crate::domain::snapshot::Source;

/// Registers the products: a source without a product doesn't compile.
macro_rules! register {
    ($($source:ident: $product:ident),+ $(,)?) => {
        /// Every reader, in the order in which they are tried.
        pub const READERS: &[&Reader] = &[$(&$product::READER),+];

        /// The reader of a source.
        pub fn reader(source: Source) -> &'static Reader {
            match source { $(Source::$source => &$product::READER),+ }
        }
    };
}

// One line for each product, in the order in which they are tried.
register! {
    Sigma: sigma,
    Splunk: splunk,
    Elastic: elastic,
    Sentinel: sentinel,
    Cortex: cortex,
    Sumo: sumo,
    Chronicle: chronicle,
    Navigator: navigator,
    Dettect: dettect,
    CheckPoint: checkpoint,
    Outcomes: outcomes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_registered_under_its_own_name() {
        assert_eq!(READERS.len(), Source::ALL.len());
        for source in Source::ALL {
            assert_eq!(reader(source).source, source);
        }
    }
}
