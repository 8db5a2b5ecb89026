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
    assert!(cli(&["gaps", "book"]).out.contains("planned 2099-01"));
    assert!(cli(&["gaps", "--status", "planned"]).out.contains("planned 2099-01"));
    run(&service, &member, &["gaps", "set", technique, "accepted"]).failed(1, &["/reason", "/until"]);
    run(&service, &member, &["gaps", "set", "T9999", "open"]).failed(1, &["T9999"]);

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

    let set = cli(&["compare", "--set", "top:50"]).out;
    assert!(set.contains("Set top:50: of 50 techniques, half or more of your peers cover "), "{set}");
    let column = cli(&["compare", "--column", "okta.identity"]).out;
    assert!(column.contains("Your techniques through okta.identity compared with"), "{column}");
    assert!(column.contains("among members who have it"), "{column}");
}
