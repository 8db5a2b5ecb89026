//! schemathesis, which makes requests from the OpenAPI document: what it allows, what it doesn't, and chains of operations
//! that follow each other's answers. Bounded in time; `scripts/setup test` installs it.

use crate::support::{Store, community::settle, on_both, people::Profile, server::Service, tools::Tools};

on_both!(what_the_document_says_holds);

/// Findings that are none, each with its reason. This list may only shrink.
const EXCLUDED: [(&str, &str); 1] = [(
    "positive_data_acceptance",
    "the document can't say everything: a cohort, a release, a parameter's name or a snapshot's cells are looked up in what \
     the service has, and a snapshot's own schema is a document of its own",
)];

fn run(service: &Service, token: &str, seconds: &str, filter: &[&str]) {
    let excluded: Vec<&str> = EXCLUDED.iter().map(|(check, _)| *check).collect();
    let output = Tools("schemathesis")
        .program("bin/st")
        .current_dir(service.folder())
        .args([
            "run",
            &format!("{}/openapi.json", service.base()),
            "-H",
            &format!("Authorization: Bearer {token}"),
        ])
        .args(["--exclude-checks", &excluded.join(","), "--max-examples", "8", "--seed", "20261128"])
        .args(["--max-time", seconds, "--continue-on-failure", "--no-shrink", "--warnings", "off"])
        // A publication may take its time on a busy machine; the tool's own limit is ten seconds.
        .args(["--request-timeout", "240"])
        .args(filter)
        .output()
        .expect("schemathesis runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let tested = said.lines().find_map(|line| line.trim().strip_prefix("Tested: "));
    assert!(tested.is_some_and(|tested| tested.parse::<usize>().unwrap() >= 8), "{said}");
}

fn what_the_document_says_holds(store: Store) {
    let service = Service::start(store);
    let organisations = settle(&service, 30);
    service.run_json(&["release", "publish", "--format", "json"]);
    let created = service.run_json(&[
        "client",
        "create",
        "--organisation",
        organisations[0].id.as_str(),
        "--format",
        "json",
    ]);
    let member = service.bearer(&crate::support::people::Credentials {
        id: created["client_id"].as_str().unwrap().to_owned(),
        secret: created["client_secret"].as_str().unwrap().to_owned(),
    });
    // What would take the run its own rights is left out.
    run(
        &service,
        &member,
        "40",
        &["--exclude-path-regex", "^/v1/admin", "--exclude-operation-id", "revoke_client"],
    );
    service.member(&Profile::named("Acme"));
    let created = service.run_json(&["client", "create", "--operator", "--format", "json"]);
    let operator = service.bearer(&crate::support::people::Credentials {
        id: created["client_id"].as_str().unwrap().to_owned(),
        secret: created["client_secret"].as_str().unwrap().to_owned(),
    });
    run(&service, &operator, "20", &["--include-path-regex", "^/v1/admin"]);
    let log = service.log();
    assert!(!log.contains("ERROR"), "{log:.4000}");
}
