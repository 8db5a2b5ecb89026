//! Gaps, the book, what-if and the fewest changes from the command line: the numbers of the API, in words that say what to do.

use serde_json::Value;

use crate::support::{
    Store,
    community::settle,
    console::Ran,
    people::{Member, Profile},
    server::Service,
};

fn run(service: &Service, member: &Member, arguments: &[&str]) -> Ran {
    let mut command = service.command(arguments);
    command
        .env("PEERBENCH_CLIENT_ID", &member.credentials.id)
        .env("PEERBENCH_CLIENT_SECRET", &member.credentials.secret);
    Ran::of(&mut command)
}

#[test]
fn commands_and_the_api_say_the_same_numbers() {
    let service = Service::start(Store::Sqlite);
    settle(&service, 80);
    service.run_json(&["release", "publish", "--format", "json"]);
    let member = service.member(&Profile::named("Acme"));
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/rules/sigma");
    let snapshot = service.folder().join("snapshot.json").display().to_string();
    run(&service, &member, &["snapshot", "build", rules, "-o", &snapshot]).done();
    run(&service, &member, &["snapshot", "upload", &snapshot]).done();
    let api = |path: &str| member.http.get(path).expect(200).json();
    let cli = |arguments: &[&str]| run(&service, &member, arguments).done();

    let gaps = api("/v1/comparisons/gaps?limit=1000&min_distance=10");
    assert_eq!(cli(&["gaps", "--min-distance", "10", "--format", "json"]).json(), gaps);
    let text = cli(&["gaps", "--min-distance", "10"]).out;
    let first = &gaps["items"][0];
    for part in ["technique", "name"] {
        assert!(text.contains(first[part].as_str().unwrap()), "{part} of {first} is not in\n{text}");
    }
    assert!(text.starts_with("Your gaps compared with all members"), "{text}");
    let csv = cli(&["gaps", "--min-distance", "10", "--format", "csv"]).out;
    assert_eq!(csv.lines().count(), gaps["items"].as_array().unwrap().len() + 1);

    let technique = first["technique"].as_str().unwrap();
    let set = cli(&["gaps", "set", technique, "planned", "--month", "2099-01"]).out;
    assert_eq!(set, format!("{technique}: planned 2099-01. Only your organisation sees this.\n"));
    assert_eq!(cli(&["gaps", "book", "--format", "json"]).json(), api("/v1/gaps"));
    let book = cli(&["gaps", "book"]).out;
    assert!(book.starts_with("Your book of gaps; the median of all members closes one\n"), "{book}");
    assert!(book.contains("planned 2099-01"), "{book}");
    let table = cli(&["gaps", "book", "--format", "csv"]).out;
    assert!(table.lines().count() == 2 && table.contains(",own,p50,coded,"), "{table}");
    assert!(cli(&["gaps", "--status", "planned"]).out.contains("planned 2099-01"));
    run(&service, &member, &["gaps", "set", technique, "accepted"]).failed(1, &["--reason: ", "--until: "]);
    run(&service, &member, &["gaps", "set", "T9999", "open"]).failed(1, &["T9999"]);

    assert_eq!(cli(&["gaps", "remove", technique]).out, format!("{technique}: out of your book.\n"));
    assert!(cli(&["gaps", "book"]).out.contains("Nothing is in your book."));
    run(&service, &member, &["gaps", "remove", technique]).failed(1, &["no decision about this technique"]);
    let few = cli(&["gaps", "--limit", "2"]).out;
    let behind = api("/v1/comparisons/gaps")["behind"].as_u64().unwrap();
    assert!(few.contains(&format!("2 of {behind} gaps\n")), "{few}");
    assert!(few.lines().any(|line| line.contains("peers  behind  threat")), "{few}");

    let fewest = api("/v1/comparisons/fewest-changes?measure=tactic:execution&target=p75");
    let asked = ["fewest-changes", "--measure", "tactic:execution", "--target", "p75"];
    assert_eq!(cli(&[&asked[..], &["--format", "json"]].concat()).json(), fewest);
    let text = cli(&asked).out;
    for change in fewest["changes"].as_array().unwrap() {
        assert!(text.contains(change["technique"].as_str().unwrap()), "{change} is not in\n{text}");
    }

    let add: Vec<String> = fewest["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let part = |name: &str| change[name].as_str().unwrap().to_owned();
            format!("{}:{}:{}", part("technique"), part("technology"), change["count"])
        })
        .collect();
    let mut arguments = vec!["what-if"];
    add.iter().for_each(|add| arguments.extend(["--add", add]));
    let found = cli(&[&arguments[..], &["--format", "json"]].concat()).json();
    let listed = cli(&["what-if", "--add", &add.join(","), "--format", "json"]).json();
    assert_eq!(listed, found, "a list is as good as several options");
    let execution: Vec<&Value> =
        found["tactics"].as_array().unwrap().iter().filter(|line| line["tactic"] == "execution").collect();
    let last = fewest["changes"].as_array().unwrap().last().unwrap();
    assert_eq!(execution[0]["after"]["own"]["share"], last["reaches"]);
    assert!(cli(&arguments).out.contains("Execution"), "{}", cli(&arguments).out);
    let pack = cli(&["what-if", "--snapshot", &snapshot, "--format", "json"]).json();
    assert_eq!(pack["overall"]["before"], pack["overall"]["after"], "what is there already changes nothing");
    run(&service, &member, &["what-if"]).failed(1, &["names no change"]);
    let covered = cli(&["what-if", "--add", "T1059.001:microsoft.windows"]).out;
    assert!(covered.contains("because you cover these techniques already"), "{covered}");
    assert!(
        covered.lines().any(|line| line.contains("T1059.001") && line.ends_with("still partial")),
        "{covered}"
    );
    let wrong = ["what-if", "--add", "T1190:nothing:50"];
    let told =
        ["--add, number 1, technology: ", "`peerbench technologies`", "--add, number 1, number of rules: "];
    let refused = run(&service, &member, &wrong).failed(1, &told);
    assert!(!refused.err.contains("/add") && !refused.err.contains("GET /v1"), "{}", refused.err);

    let contradiction =
        ["what-if", "--add-technology", "okta.identity", "--remove-technology", "okta.identity"];
    run(&service, &member, &contradiction)
        .failed(1, &["contradicts --remove-technology, which names it too"]);
    let steps = ["T1059.001"; 8_000].join(";");
    run(&service, &member, &["paths", "--steps", &steps]).failed(1, &["too long for one request"]);
    run(&service, &member, &["technique", "T9999"]).failed(1, &["This technique doesn't exist.\n"]);

    let set = cli(&["compare", "--set", "top:50"]).out;
    assert!(set.contains("Set top:50: of 50 techniques, half or more of your peers cover "), "{set}");
    assert!(
        cli(&["compare", "--techniques", "--limit", "2"]).out.ends_with("There are more: see --limit.\n")
    );
    assert!(!set.contains("There are more"), "{set}");
    let column = cli(&["compare", "--column", "okta.identity"]).out;
    assert!(column.contains("Your techniques through okta.identity compared with"), "{column}");
    assert!(column.contains("among members who have it"), "{column}");

    for (arguments, told) in [
        (&["compare", "--limit", "5"][..], "--limit belongs to a list: add --techniques or --list."),
        (
            &["compare", "--list", "groups", "--tactic", "execution"],
            "--tactic doesn't belong to the list of groups, only to techniques, tactics and cells.",
        ),
        (
            &["compare", "--list", "technologies", "--column", "identity"],
            "--column doesn't belong to the list of technologies, only to techniques.",
        ),
        (
            &["compare", "--list", "tactics", "--sub-techniques"],
            "--sub-techniques doesn't belong to the list of tactics, only to techniques and cells.",
        ),
        (&["compare", "--layer", "own"], "--layer belongs to a Navigator layer: add --format navigator."),
    ] {
        run(&service, &member, arguments).failed(2, &[told]);
    }
    run(&service, &member, &["trend", "overall", "--column", "identity"])
        .failed(1, &["--column: belongs to techniques"]);
    run(&service, &member, &["changes"]).failed(1, &["Release 1 is the only one"]);
    run(&service, &member, &["changes", "--since", "1"]).failed(1, &["--since: release 1 is the latest"]);

    let technique = cli(&["technique", "T1059.001"]).out;
    assert!(technique.starts_with("T1059.001  PowerShell  (ATT&CK 19.2, active)\n"), "{technique}");
    assert!(technique.contains("Part of: T1059 ") && technique.contains("microsoft.windows"), "{technique}");
    let found = cli(&["technique", "scheduled", "task"]).out;
    assert!(found.contains("T1053.005"), "{found}");
    let answer = api("/v1/attack/19.2/techniques/T1059.001");
    assert_eq!(cli(&["technique", "T1059.001", "--format", "json"]).json(), answer);
    assert!(cli(&["technologies"]).out.contains("okta.identity"));
}
