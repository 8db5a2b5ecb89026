//! What every reader keeps: it knows its own files, and nothing makes it panic.

use proptest::prelude::*;

use super::*;

macro_rules! samples {
    ($($source:ident: $($file:literal),+;)+) => {
        [$($((
            Source::$source,
            $file,
            include_str!(concat!("../../tests/data/", $file)),
        )),+),+]
    };
}

const SAMPLES: &[(Source, &str, &str)] = &samples! {
    Sigma: "sigma/windows/lsass_access.yml";
    Splunk: "splunk/threat_app/default/savedsearches.conf", "splunk/saved_searches.json";
    Elastic: "elastic/rules_export.ndjson", "elastic/cloud_trail_deleted.toml";
    Sentinel: "sentinel/analytics_rules.json", "sentinel/templates/log_cleared.yaml";
    Cortex: "cortex/correlation_rules.json", "cortex/biocs.json";
    Sumo: "sumo/rules.json";
    Chronicle: "chronicle/identity.yaral", "chronicle/windows.yaral";
    Navigator: "navigator/layer.json", "sumo/coverage_layer.json";
};

#[test]
fn every_sample_is_known_for_what_it_is() {
    for (source, file, text) in SAMPLES {
        for name in [*file, "unknown"] {
            let found = detect(&Input::new(name, *text), true).unwrap();
            assert_eq!(found.map(|reader| reader.source), Some(*source), "{file}");
        }
        assert!((reader(*source).unwrap().claims)(&file_name(file)), "{file}");
    }
    for reader in READERS {
        assert!(
            SAMPLES.iter().any(|(source, ..)| *source == reader.source),
            "{} has no sample",
            reader.source
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for reader in READERS {
            let _ = (reader.read)(&[Input::new("file", bytes.clone())]);
            let _ = detect(&Input::new("file", bytes.clone()), true);
        }
    }

    #[test]
    fn no_change_to_a_file_makes_a_reader_panic(
        sample in proptest::sample::select(SAMPLES),
        at in any::<proptest::sample::Index>(),
        cut in 0_usize..40,
        with in "([\\[\\]{}()'\":,|=\\\\\n-]|\\PC){0,6}",
    ) {
        let (source, file, text) = sample;
        let mut bytes = text.as_bytes().to_vec();
        let start = at.index(bytes.len());
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, with.bytes());
        let _ = (reader(source).unwrap().read)(&[Input::new(file, bytes)]);
    }
}
