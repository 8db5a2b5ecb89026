//! A member looks at its own snapshots, its peer groups and threat groups from the command line.

use crate::{
    api::sample::{snapshot, snapshot_with},
    support::{Store, community::settle, console::Ran, on_both, people::Profile, server::Service},
};

on_both!(a_member_looks_at_what_it_sent);

fn a_member_looks_at_what_it_sent(store: Store) {
    let service = Service::start(store);
    settle(&service, 60);
    service.run_json(&["release", "publish", "--format", "json"]);
    let member = service.member(&Profile::named("Acme"));
    let run = |arguments: &[&str]| {
        let mut command = service.command(arguments);
        command.env("PEERBENCH_CLIENT_ID", &member.credentials.id);
        command.env("PEERBENCH_CLIENT_SECRET", &member.credentials.secret);
        Ran::of(&mut command)
    };
    assert!(run(&["snapshot", "list"]).done().out.contains("no snapshot of yours"));
    let upload = |snapshot| {
        let created = member.http.post("/v1/snapshots", &snapshot).expect(201).json();
        created["snapshot"]["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (upload(snapshot()), upload(snapshot_with(9)));

    let list = run(&["snapshot", "list"]).done().out;
    assert!(list.contains(&first) && list.contains(&second) && list.contains("splunk"), "{list}");
    let json = run(&["snapshot", "list", "--format", "json"]).done().json();
    assert_eq!(json, member.http.get("/v1/snapshots").expect(200).json());

    let shown = run(&["snapshot", "show", &first]).done().out;
    assert!(shown.starts_with(&format!("Snapshot {first}\nUploaded 20")), "{shown}");
    assert!(shown.contains("microsoft.windows") && shown.contains("complete"), "{shown}");
    let json = run(&["snapshot", "show", &first, "--format", "json"]).done().json();
    assert_eq!(json, member.http.get(&format!("/v1/snapshots/{first}")).expect(200).json());

    let table = run(&["snapshot", "list", "--format", "csv"]).done().out;
    assert_eq!(table, member.http.get("/v1/snapshots?format=csv").expect(200).text());
    assert!(table.lines().skip(1).all(|row| row.contains(",splunk,1,")), "{table}");

    let diff = run(&["snapshot", "diff", &first, &second]).done().out;
    assert!(diff.contains("0 added, 0 removed, 1 changed, 2 unchanged"), "{diff}");
    let line = diff.lines().find(|line| line.trim_start().starts_with('~')).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words, ["~", "T1059.001", "microsoft.windows", "5", "9"]);

    let of = format!("/v1/snapshots/{first}/diff/{second}");
    let json = run(&["snapshot", "diff", &first, &second, "--format", "json"]).done().json();
    assert_eq!(json, member.http.get(&of).expect(200).json());
    let table = run(&["snapshot", "diff", &first, &second, "--format", "csv"]).done().out;
    assert_eq!(table, member.http.get(&format!("{of}?format=csv")).expect(200).text());
    let cell = format!("changed,T1059.001,microsoft.windows,5,9,{first},rule-count/1,");
    assert!(table.lines().nth(1).unwrap().starts_with(&cell), "{table}");
    assert_eq!(table.lines().count(), 2, "{table}");

    assert!(!diff.contains("different feeds"), "{diff}");
    let mut other = snapshot();
    other["producer"]["feed"] = 2.into();
    let third = upload(other);
    let diff = run(&["snapshot", "diff", &first, &third]).done().out;
    assert!(diff.contains("These are different feeds, which count beside each other"), "{diff}");

    let cohorts = run(&["cohorts"]).done().out;
    assert!(cohorts.contains("sector:finance") && cohorts.contains("50-99"), "{cohorts}");
    let json = run(&["cohorts", "--format", "json"]).done().json();
    assert_eq!(json, member.http.get("/v1/cohorts").expect(200).json());
    let groups = run(&["groups", "Cozy Bear", "G0102"]).done().out;
    assert!(groups.contains("APT29") && groups.contains("Wizard Spider"), "{groups}");
    assert_eq!(groups.lines().filter(|line| line.trim_start().starts_with('G')).count(), 2, "{groups}");
    run(&["groups", "nobody"]).failed(1, &["group: unknown threat group"]);

    let gone = run(&["snapshot", "withdraw", &second]).done().out;
    assert!(gone.starts_with(&format!("Erased {second}.")), "{gone}");
    assert!(!run(&["snapshot", "list"]).done().out.contains(&second));
    run(&["snapshot", "withdraw", &second]).failed(1, &["(404)"]);
    run(&["snapshot", "show", "../organisation"]).failed(2, &["expected an ID"]);
    let other = service.member(&Profile::named("Other"));
    let mut command = service.command(&["snapshot", "show", &first]);
    command.env("PEERBENCH_CLIENT_ID", &other.credentials.id);
    command.env("PEERBENCH_CLIENT_SECRET", &other.credentials.secret);
    Ran::of(&mut command).failed(1, &["(404)"]);
}
