//! How long reading rules takes against parsing the same files alone, for each form: what `snapshot build` does with
//! a file beyond its format must stay cheap. Both read the same folder in parallel.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
};

use criterion::{Criterion, criterion_group, criterion_main};
use peerbench::{domain::snapshot::Source, sources::collect};
use rayon::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;

/// As many as a large library of rules has.
const RULES: usize = 3000;

fn sigma(number: usize) -> String {
    format!(
        "title: Rule {number}\nid: 0d5a1b52-8a1f-4f0e-9a51-{number:012}\nstatus: test\ndescription: What rule {number} \
         looks for, in a sentence or two of the length that people write.\nreferences:\n    - https://example.test/{number}\n\
         author: A. Person\ndate: 2026-01-02\ntags:\n    - attack.execution\n    - attack.t1059.{:03}\nlogsource:\n    \
         category: process_creation\n    product: windows\ndetection:\n    selection_image:\n        Image|endswith:\n            \
         - '\\powershell.exe'\n            - '\\pwsh.exe'\n    selection_arguments:\n        CommandLine|contains:\n            \
         - ' -enc {number}'\n            - ' -e {number}'\n    condition: all of selection_*\nfalsepositives:\n    - Administrators\n\
         level: high\n",
        number % 12 + 1
    )
}

fn saved_search(number: usize) -> Value {
    let annotations = serde_json::json!({"mitre_attack": [format!("T1059.{:03}", number % 12 + 1)]});
    serde_json::json!({"name": format!("Rule {number}"), "author": "person", "content": {
        "action.correlationsearch.enabled": "1",
        "action.correlationsearch.annotations": annotations.to_string(),
        "description": "What the rule looks for, in a sentence or two of the length that people write.",
        "disabled": false, "is_scheduled": true, "cron_schedule": "*/5 * * * *",
        "search": format!("`sysmon` EventCode=1 process_name=powershell.exe CommandLine=\"*-enc {number}*\" \
            | stats count min(_time) as firstTime max(_time) as lastTime by dest user parent_process process")
    }})
}

/// Rows of a table of outcomes: as long as a platform's export of years.
const ROWS: usize = 1_500_000;

fn outcomes() -> String {
    let words = ["none", "logged", "alerted", "blocked"];
    let row = |number: usize| {
        let word = words.get(number % words.len()).unwrap();
        format!("T1059.{:03},microsoft.windows,{word}\n", number % 12 + 1)
    };
    "technique,technology,outcome\n".to_owned() + &(0..ROWS).map(row).collect::<String>()
}

/// Writes the exports; the paths of the folder of rules, of the answer and of the table.
fn exports(folder: &Path) -> (PathBuf, PathBuf, PathBuf) {
    let rules = folder.join("rules");
    fs::create_dir(&rules).unwrap();
    for number in 0..RULES {
        fs::write(rules.join(format!("{number}.yml")), sigma(number)).unwrap();
    }
    let entries: Vec<Value> = (0..RULES).map(saved_search).collect();
    let answer = folder.join("saved_searches.json");
    fs::write(&answer, serde_json::json!({"entry": entries}).to_string()).unwrap();
    let table = folder.join("outcomes.csv");
    fs::write(&table, outcomes()).unwrap();
    (rules, answer, table)
}

fn read(path: &Path, source: Source) -> usize {
    let collected = collect(&[path.to_owned()], None, &|_| {}).unwrap();
    assert_eq!((collected.source, collected.reading.rules.len()), (source, RULES));
    collected.reading.rules.len()
}

fn parse_yaml(folder: &Path) -> usize {
    let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let parsed = files.par_iter().map(|file| {
        let text = fs::read_to_string(file).unwrap();
        serde_saphyr::from_multiple::<IgnoredAny>(&text).unwrap().len()
    });
    parsed.sum()
}

fn parse_json(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn parse_csv(file: &Path) -> usize {
    let text = fs::read_to_string(file).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut fields = 0;
    while reader.read_record(&mut record).unwrap() {
        fields += record.len();
    }
    fields
}

fn read_table(file: &Path) -> usize {
    let collected = collect(&[file.to_owned()], None, &|_| {}).unwrap();
    let rows: usize = collected.reading.scores.iter().map(|scored| scored.times).sum();
    assert_eq!((collected.source, rows), (Source::Outcomes, ROWS));
    rows
}

fn bench(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let (rules, answer, table) = exports(folder.path());
    let mut group = criterion.benchmark_group("sources");
    group.sample_size(20);
    group.bench_function("yaml/reference: parse 3,000 files", |b| b.iter(|| black_box(parse_yaml(&rules))));
    group
        .bench_function("yaml/read 3,000 Sigma rules", |b| b.iter(|| black_box(read(&rules, Source::Sigma))));
    group
        .bench_function("json/reference: parse 3,000 entries", |b| b.iter(|| black_box(parse_json(&answer))));
    group.bench_function("json/read 3,000 saved searches", |b| {
        b.iter(|| black_box(read(&answer, Source::Splunk)))
    });
    group.bench_function("csv/reference: parse 1,500,000 rows", |b| b.iter(|| black_box(parse_csv(&table))));
    group.bench_function("csv/read 1,500,000 outcomes", |b| b.iter(|| black_box(read_table(&table))));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
