//! A member on an older program than the service's ATT&CK version: the service has imported it, and `--catalogue` brings it to
//! `snapshot build`.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{
    Store,
    console::Ran,
    on_both,
    people::Profile,
    server::{Service, peerbench},
    shared_data::shared_data,
};

on_both!(a_member_builds_for_a_version_that_only_the_service_has);

fn a_member_builds_for_a_version_that_only_the_service_has(store: Store) {
    let Some(shared) = shared_data() else { return };
    let partial = shared.join("attack/enterprise-attack-20.0-partial.slim.json.gz");
    let service = Service::start(store);
    let imported =
        service.run(&["catalogue", "import", partial.to_str().unwrap(), "--attack-version", "20.0"]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let canonical = || {
        let versions = service.anonymous().get("/v1/attack/versions").expect(200).json();
        versions["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|item| item["version"] == "20.0" && item["canonical"] == true)
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    while !canonical() {
        assert!(Instant::now() < deadline, "the service did not notice");
        thread::sleep(Duration::from_millis(200));
    }
    let rule =
        "title: a\nlogsource: {product: windows, service: security}\ndetection: {}\ntags: [attack.t1697]\n";
    fs::write(service.folder().join("a.yml"), rule).unwrap();

    let url = service.base();
    let build = |url: &str, cache: &Path| {
        let mut command = peerbench(service.folder(), &[]);
        command.env("XDG_CACHE_HOME", cache);
        command.args([
            "snapshot",
            "build",
            "a.yml",
            "-o",
            "out.json",
            "--format",
            "json",
            "--catalogue",
            url,
        ]);
        Ran::of(&mut command)
    };
    let mut bundled = peerbench(service.folder(), &[]);
    bundled.args(["snapshot", "build", "a.yml", "-o", "out.json", "--format", "json"]);
    Ran::of(&mut bundled).failed(1, &["ids_unknown"]);

    let cache = service.folder().join("cache");
    let told = build(&url, &cache).done();
    assert!(told.err.contains("The service compares in ATT&CK 20.0"), "{}", told.err);
    let snapshot: Value =
        serde_json::from_slice(&fs::read(service.folder().join("out.json")).unwrap()).unwrap();
    assert_eq!(snapshot["attack"]["version"], "20.0");
    assert_eq!(snapshot["cells"][0]["technique"], "T1697");

    // What was kept is checked like what is fetched.
    let kept = fs::read_dir(cache.join("peerbench")).unwrap().next().unwrap().unwrap().path();
    fs::write(&kept, "{}").unwrap();
    build(&url, &cache).done();
    assert!(fs::metadata(&kept).unwrap().len() > 100_000, "it was fetched again");

    // The file works as well as the address, and the service takes the snapshot.
    build(partial.to_str().unwrap(), &cache).failed(2, &["give the version", "--attack"]);
    let member = service.newcomer(&Profile::named("Acme"));
    let checked = member.http.post("/v1/snapshots/check", &snapshot).expect(200).json();
    assert_eq!(checked["preview"]["target"], json!("20.0"));
    assert_eq!(checked["preview"]["ahead"], json!(false));
    // Who has built for the service's version isn't told to do so.
    let mut check = service.command(&["snapshot", "check", "out.json"]);
    check
        .env("PEERBENCH_CLIENT_ID", &member.credentials.id)
        .env("PEERBENCH_CLIENT_SECRET", &member.credentials.secret);
    let said = Ran::of(&mut check).done().out;
    assert!(said.starts_with("The service would accept this snapshot (1 cell).\n"), "{said}");
    assert!(!said.contains("build with --catalogue"), "{said}");
}
