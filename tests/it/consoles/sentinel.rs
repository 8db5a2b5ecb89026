//! Pushes into Microsoft Sentinel's Logs Ingestion API.

use super::{
    receivers::{
        entra::{CLIENT, SECRET, TENANT},
        sentinel::{Fault, RULE, Sentinel},
    },
    world::{Settings, World, latest},
};

fn settings(sentinel: &Sentinel) -> Settings {
    vec![
        ("PEERBENCH_SENTINEL_ENDPOINT", sentinel.base.clone()),
        ("PEERBENCH_SENTINEL_LOGIN", sentinel.base.clone()),
        ("PEERBENCH_SENTINEL_RULE_ID", RULE.to_owned()),
        ("PEERBENCH_SENTINEL_TENANT_ID", TENANT.to_owned()),
        ("PEERBENCH_SENTINEL_CLIENT_ID", CLIENT.to_owned()),
        ("PEERBENCH_SENTINEL_CLIENT_SECRET", SECRET.to_owned()),
    ]
}

#[track_caller]
fn complete(world: &World, sentinel: &Sentinel) {
    assert_eq!(sentinel.take(|workspace| latest(&workspace.rows)), latest(&world.rows()));
}

#[test]
fn sentinel_gets_every_change_and_says_what_is_wrong() {
    let world = World::new();
    let sentinel = Sentinel::start();
    let settings = settings(&sentinel);
    let push = || world.push("sentinel", &settings, &[]);
    let count = world.rows().len();
    let faults =
        |faults: &[Fault]| sentinel.with(|workspace| workspace.faults.extend(faults.iter().cloned()));
    let stored = || sentinel.take(|workspace| workspace.rows.len());

    push().done();
    assert_eq!(sentinel.take(|workspace| workspace.rows.clone()), world.rows());
    assert!(push().done().out.contains("Nothing was sent."));
    assert_eq!(
        (stored(), sentinel.take(|workspace| workspace.tokens)),
        (count, 1),
        "nothing was asked for nothing"
    );

    // Throttling passes, and so does a token that ends in between.
    world.change(2);
    faults(&[Fault::Later(429, "1"), Fault::Status(503), Fault::Status(401)]);
    push().done();
    assert_eq!((stored(), sentinel.take(|workspace| workspace.tokens)), (2 * count, 3));
    complete(&world, &sentinel);

    for (status, told) in
        [(403, "Monitoring Metrics Publisher"), (413, "too large"), (400, "Deploy the template again")]
    {
        world.change(3);
        faults(&[Fault::Status(status)]);
        push().failed(3, &[told]);
        let next = push().done();
        assert!(next.out.contains("may hold them twice"), "{}", next.out);
        complete(&world, &sentinel);
    }
    world.change(4);
    let before = stored();
    faults(&[Fault::LostAnswer]);
    push().done();
    assert_eq!(stored(), before + 2 * count, "there is no way to tell, and searches take the latest");
    complete(&world, &sentinel);

    world.change(5);
    sentinel.with(|workspace| workspace.secret_expired = true);
    let refused = push().failed(3, &["invalid_client AADSTS7000222", "may have expired", "No row was sent"]);
    assert!(!refused.err.contains(SECRET), "{}", refused.err);
    sentinel.with(|workspace| workspace.secret_expired = false);
    push().done();
    complete(&world, &sentinel);

    let with = |name: &'static str, value: &str| -> Settings {
        settings
            .iter()
            .filter(|(known, _)| *known != name)
            .cloned()
            .chain([(name, value.to_owned())])
            .collect()
    };
    // Other clouds want tokens for other addresses.
    for (cloud, ending) in [("us-government", "us"), ("china", "cn")] {
        world.change(6);
        sentinel.with(|workspace| workspace.cloud = Some(ending));
        push().failed(3, &["invalid_scope"]);
        world.push("sentinel", &with("PEERBENCH_SENTINEL_CLOUD", cloud), &[]).done();
        complete(&world, &sentinel);
    }
    for (name, value, code, told) in [
        ("PEERBENCH_SENTINEL_RULE_ID", "dcr/../x", 1, "sentinel.rule_id"),
        ("PEERBENCH_SENTINEL_STREAM", "Other", 1, "beginning with Custom-"),
        ("PEERBENCH_SENTINEL_CLOUD", "moon", 2, "us-government"),
        ("PEERBENCH_SENTINEL_ENDPOINT", "http://ingest.example", 1, "https://"),
    ] {
        world.push("sentinel", &with(name, value), &[]).failed(code, &[told]);
    }
}
