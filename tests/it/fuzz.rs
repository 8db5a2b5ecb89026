//! What reads bytes from outside, with bytes that were changed at random: no panic, and nothing believed that isn't so. The
//! corpus is what the tests have: a good snapshot, a good token, and the samples of each rule source (`sources::hostile`).
//! `PEERBENCH_FUZZ_SECONDS` makes each target run for that long instead of a fixed number of cases. What fails is kept in
//! `proptest-regressions/it/fuzz.txt` and runs first from then on.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

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
use proptest::{
    prelude::*,
    test_runner::{FileFailurePersistence, TestCaseResult, TestRunner},
};

use crate::api::sample::snapshot;

/// Runs a target for the usual number of cases or the time that the environment asks for, and returns how it failed, if so.
pub fn fuzz<S: Strategy>(
    target: &str,
    usual: u32,
    strategy: &S,
    test: impl Fn(S::Value) -> TestCaseResult,
) -> Result<(), String> {
    let seconds = std::env::var("PEERBENCH_FUZZ_SECONDS").ok();
    let time = seconds.map(|seconds| Duration::from_secs(seconds.parse().expect("PEERBENCH_FUZZ_SECONDS")));
    let began = Instant::now();
    let mut cases: u64 = 0;
    while cases == 0 || time.is_some_and(|time| began.elapsed() < time) {
        // Not by the source file's name: proptest would put its folder beside `main.rs`.
        let kept = FileFailurePersistence::Direct("proptest-regressions/it/fuzz.txt");
        let config = ProptestConfig {
            cases: usual,
            failure_persistence: Some(Box::new(kept)),
            ..ProptestConfig::default()
        };
        TestRunner::new(config).run(strategy, &test).map_err(|error| format!("{target}: {error}"))?;
        cases += u64::from(usual);
    }
    println!("{target}: {cases} cases in {} s", began.elapsed().as_secs());
    Ok(())
}

/// What a change puts in.
#[derive(Debug, Clone)]
pub enum Piece {
    Bytes(Vec<u8>),
    /// A copy of so many bytes from elsewhere in the input.
    Copy(prop::sample::Index, usize),
}

/// A change: where, what is put in, how many bytes it replaces.
pub type Change = (prop::sample::Index, Piece, usize);

/// Changes that put in random bytes, punctuation, one of the words, or a copy of another part.
pub fn change(words: &'static [&'static str]) -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..6).prop_map(Piece::Bytes),
        "[\\[\\]{}\"':,&*|\\\\\n T0-9.-]{0,6}".prop_map(|text| Piece::Bytes(text.into_bytes())),
        prop::sample::select(words).prop_map(|word| Piece::Bytes(word.as_bytes().to_vec())),
        (any::<prop::sample::Index>(), 0_usize..80).prop_map(|(from, length)| Piece::Copy(from, length)),
    ];
    (any::<prop::sample::Index>(), piece, 0_usize..12)
}

pub fn changed(bytes: &[u8], changes: Vec<Change>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, piece, cut) in changes {
        let piece = match piece {
            Piece::Bytes(piece) => piece,
            Piece::Copy(from, length) => {
                let from = from.index(bytes.len() + 1);
                bytes[from..(from + length).min(bytes.len())].to_vec()
            }
        };
        let start = at.index(bytes.len() + 1);
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, piece);
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
    let outcome = fuzz("snapshots", 2_000, &prop::collection::vec(change(WORDS), 0..6), |changes| {
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
    let outcome = fuzz("tokens", 1_000, &prop::collection::vec(change(WORDS), 0..4), |changes| {
        let bytes = changed(good.as_bytes(), changes);
        let Ok(token) = String::from_utf8(bytes) else { return Ok(()) };
        prop_assert!(tokens.verify(&token, &clock).is_err() || token == good, "{}", token);
        Ok(())
    });
    outcome.unwrap();
}
