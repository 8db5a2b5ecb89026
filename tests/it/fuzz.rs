//! What reads bytes from outside, with bytes that were changed at random: no panic, and nothing believed that isn't so. The
//! corpus is what the tests have: a good snapshot, a good token, and the samples of each rule source (`sources::hostile`).
//! `PEERBENCH_FUZZ=1000 cargo test --test it -- fuzz hostile` does a thousand times as much; what fails is kept in
//! `proptest-regressions/`.

use std::sync::Arc;

use peerbench::{
    auth::{Keys, Tokens},
    domain::{
        access::{ClientId, Scope},
        attack::Catalogues,
        calendar::Month,
        snapshot::{Context, parse},
        technology,
    },
    environment::{FixedClock, SystemEntropy},
};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::api::sample::snapshot;

/// So many cases, or as many times as many as the environment asks for.
pub fn cases(usual: u32) -> ProptestConfig {
    let factor = std::env::var("PEERBENCH_FUZZ").ok().and_then(|factor| factor.parse().ok()).unwrap_or(1);
    ProptestConfig { cases: usual.saturating_mul(factor), ..ProptestConfig::default() }
}

/// A change: where, what is put in, how many bytes it replaces.
fn change(words: &'static [&'static str]) -> impl Strategy<Value = (prop::sample::Index, Vec<u8>, usize)> {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..6),
        "[\\[\\]{}\"':,&*|\\\\\n T0-9.-]{0,6}".prop_map(String::into_bytes),
        prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
    ];
    (any::<prop::sample::Index>(), bytes, 0_usize..12)
}

fn changed(bytes: &[u8], changes: Vec<(prop::sample::Index, Vec<u8>, usize)>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, with, cut) in changes {
        let start = at.index(bytes.len() + 1);
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, with);
    }
    bytes
}

#[test]
fn fuzz_snapshots() {
    const WORDS: &[&str] = &[
        "\"cells\":[",
        "\"cells\":{}",
        "T1059.001",
        "\"value\":",
        "not_assessed",
        "\\u0000",
        "\\ud800",
        "1e400",
        "-0",
        "\"complete\":[],",
        "\"scale\":\"percent/1\",",
        "null",
        "{",
        "}",
        "]",
    ];
    let catalogues = Catalogues::bundled();
    let current: Month = "2026-11".parse().unwrap();
    let context = Context { catalogues: &catalogues, registry: technology::bundled(), current };
    let good = snapshot().to_string().into_bytes();
    let mut runner = TestRunner::new(cases(2_000));
    let outcome = runner.run(&prop::collection::vec(change(WORDS), 0..6), |changes| {
        let bytes = changed(&good, changes);
        match parse(&bytes, context) {
            Ok(snapshot) => {
                let written = serde_json::to_vec(&snapshot).unwrap();
                prop_assert_eq!(parse(&written, context).unwrap(), snapshot);
            }
            Err(refused) => prop_assert!(!refused.errors.is_empty() && refused.errors.len() <= 201),
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn fuzz_tokens() {
    const WORDS: &[&str] = &[".", "e30", "eyJhbGciOiJub25lIn0", "=", "AA", "-_", "\0"];
    let clock = FixedClock::at("2026-11-24T10:00:00Z".parse().unwrap());
    let keys = Arc::new(Keys::ephemeral(&SystemEntropy).unwrap());
    let tokens = Tokens::new(keys, "https://peers.example".to_owned());
    let good =
        tokens.issue(&ClientId::new("a"), None, &[Scope::PlatformAdmin], &clock, &SystemEntropy).unwrap();
    let mut runner = TestRunner::new(cases(1_000));
    let outcome = runner.run(&prop::collection::vec(change(WORDS), 0..4), |changes| {
        let bytes = changed(good.as_bytes(), changes);
        let Ok(token) = String::from_utf8(bytes) else { return Ok(()) };
        prop_assert!(tokens.verify(&token, &clock).is_err() || token == good, "{}", token);
        Ok(())
    });
    outcome.unwrap();
}
