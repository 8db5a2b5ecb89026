//! A member reads where it stands, from the command line.

use peerbench::domain::dimension::Dimension;

use crate::support::{
    Store,
    community::settle,
    console::Ran,
    on_both,
    people::{Credentials, Member, Profile},
    server::Service,
};

on_both!(a_member_reads_where_it_stands, what_cannot_be_read_is_refused_in_words);

fn compare(service: &Service, credentials: &Credentials, arguments: &[&str]) -> Ran {
    let mut command = service.command(&[&["compare"], arguments].concat());
    command.env("PEERBENCH_CLIENT_ID", &credentials.id).env("PEERBENCH_CLIENT_SECRET", &credentials.secret);
    Ran::of(&mut command)
}

/// A new client of an organisation that is there already.
fn signed_in(service: &Service, organisation: &str) -> Member {
    let created = service.run_json(&["client", "create", "--organisation", organisation, "--format", "json"]);
    let text = |name: &str| created[name].as_str().unwrap().to_owned();
    let credentials = Credentials { id: text("client_id"), secret: text("client_secret") };
    Member { http: service.signed_in(&credentials), organisation: organisation.to_owned(), credentials }
}

fn a_member_reads_where_it_stands(store: Store) {
    let service = Service::start(store);
    let members = settle(&service, 40);
    service.run_json(&["release", "publish", "--format", "json"]);
    // Some of the community are out of date, so they may not read.
    let (profile, member) = members
        .iter()
        .map(|member| (&member.profile, signed_in(&service, member.id.as_str())))
        .find(|(_, member)| member.http.get("/v1/comparisons/summary").status == 200)
        .expect("a member that may read");
    let run = |arguments: &[&str]| compare(&service, &member.credentials, arguments).done();

    let page = run(&[]).out;
    for part in [
        "Your organisation compared with all members (30-49)\nRelease 1, cut-off 20",
        "ATT&CK 19.2",
        "Overall\n  You cover ",
        "By tactic",
    ] {
        assert!(page.contains(part), "`{part}` is not in:\n{page}");
    }
    let answer = member.http.get("/v1/comparisons/summary").expect(200);
    assert_eq!(run(&["--format", "json"]).json(), answer.json());

    let list = run(&["--tactic", "execution"]).out;
    assert!(
        list.starts_with("Your techniques compared with all members (30-49)\nRelease 1, cut-off 20"),
        "{list}"
    );
    let answer = run(&["--tactic", "execution", "--format", "json"]).json();
    let first = |member: &str| answer["items"][0][member].as_str().unwrap().to_owned();
    assert!(list.contains(&format!("{}  ", first("technique"))) && list.contains(&first("name")), "{list}");
    let hidden = answer["hidden"]["few"].as_u64().unwrap();
    let said =
        format!("Not listed: {hidden} techniques that few of your peers cover (`--coverage few` lists them)");
    assert!(list.contains(&said), "{said} is not in {list}");
    let few = run(&["--tactic", "execution", "--coverage", "few"]).out;
    assert_eq!(few.matches("few cover it").count() as u64, hidden, "{few}");
    let items =
        run(&["--tactic", "execution", "--format", "json"]).json()["items"].as_array().unwrap().clone();
    assert!(!items.is_empty());
    for item in &items {
        assert!(item["tactics"].as_array().unwrap().iter().any(|tactic| tactic == "execution"), "{item}");
    }
    let table = run(&["--tactic", "execution", "--format", "csv"]);
    assert!(table.err.contains(&said), "a table has no place for it: {}", table.err);
    let table = table.out;
    assert_eq!(table.lines().count(), items.len() + 1, "{table}");
    let answer =
        member.http.get("/v1/comparisons/techniques?limit=1000&tactic=execution&format=csv").expect(200);
    assert_eq!(table, answer.text());

    compare(&service, &member.credentials, &["--tactic", "nonsense"]).failed(1, &["tactic: "]);
    let own = profile.dimensions.get(Dimension::SECTOR).unwrap();
    let foreign = ["finance", "health"].into_iter().find(|sector| sector != own).unwrap();
    compare(&service, &member.credentials, &["--cohort", &format!("sector:{foreign}")]).failed(1, &["(404)"]);
}

fn what_cannot_be_read_is_refused_in_words(store: Store) {
    let service = Service::start(store);
    let newcomer = service.newcomer(&Profile::named("Not yet verified"));
    compare(&service, &newcomer.credentials, &[]).failed(3, &["verified"]);
    let member = service.member(&Profile::named("Without a snapshot"));
    let refused = compare(&service, &member.credentials, &["--format", "csv"]);
    let refused = refused.failed(3, &["for those who contribute: upload a"]);
    assert_eq!(refused.out, "");
}
