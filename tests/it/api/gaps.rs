//! Gaps with their reasons over HTTP, the book that is one's own, and the sets that lists are restricted to.

use peerbench::domain::{attack::TechniqueId, library::bundled};
use serde_json::{Value, json};

use super::sample::snapshot;
use crate::support::{
    Store,
    client::Client,
    community::settle,
    on_both,
    people::{Member, Profile},
    server::Service,
};

on_both!(
    every_gap_has_its_reasons_as_numbers,
    a_book_is_ones_own,
    a_gap_closes_and_reopens_by_itself_and_a_withdrawal_leaves_no_trace,
);

const GAPS: &str = "/v1/comparisons/gaps?limit=1000";

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap_or_else(|| panic!("no items: {answer}"))
}

/// A service with a release, and a member with a snapshot.
fn world(store: Store) -> (Service, Member) {
    let service = Service::start(store);
    settle(&service, 80);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named("Acme"));
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    (service, member)
}

/// [`snapshot`] with so many rules for a technique on Windows.
fn covering(technique: &str, rules: u8) -> Value {
    let mut snapshot = snapshot();
    let cell = json!({"technique": technique, "technology": "microsoft.windows", "value": rules});
    snapshot["cells"].as_array_mut().unwrap().push(cell);
    snapshot
}

/// A gap of 19.2 that a rule on Windows closes, that 18.1 has too, and that the sample says nothing of.
fn closable(http: &Client) -> Value {
    let gaps = http.get(&format!("{GAPS}&technology=microsoft.windows&feasibility=ready")).expect(200).json();
    let gap = items(&gaps).iter().find(|gap| {
        let technique = gap["technique"].as_str().unwrap();
        gap["own"]["score"] == 0
            && ["T1068", "T1018", "T1072", "T1190", "T1566", "T1570"].contains(&technique)
    });
    gap.unwrap_or_else(|| panic!("no gap to close: {gaps}")).clone()
}

fn every_gap_has_its_reasons_as_numbers(store: Store) {
    let (service, member) = world(store);
    let http = &member.http;
    let all = http.get(GAPS).expect(200).json();
    assert!(items(&all).len() > 20, "{}", items(&all).len());
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("no number: {value}"));
    let (mut before, mut unknown) = (None, 0);
    for gap in items(&all) {
        assert_ne!(gap["own"]["level"], "full", "{gap}");
        let (own, peers) = (&gap["own"], &gap["peers"]);
        let key = match own["status"].as_str().unwrap() {
            "assessed" => {
                let score = number(&own["score"]);
                let aim = |quantile: &str| number(&peers[quantile]).saturating_sub(score);
                let distance = match peers["coverage"].as_str().unwrap() {
                    "most" | "half" => aim("p50"),
                    "quarter" => aim("p75").div_ceil(2),
                    other => panic!("{other} is no gap: {gap}"),
                };
                assert_eq!(gap["distance"], distance, "{gap}");
                let weight = match gap["feasibility"].as_str().unwrap() {
                    "ready" => 100,
                    "possible" => 70,
                    _ => 30,
                };
                let exact = distance * (100 + number(&gap["threat"])) * weight;
                let priority = (exact + 10_000) / 20_000;
                assert_eq!(gap["priority"], priority, "{gap}");
                (0, u64::MAX - priority, gap["technique"].clone())
            }
            _ => {
                unknown += 1;
                assert!(gap.get("distance").is_none() && gap.get("priority").is_none(), "{gap}");
                (1, 0, gap["technique"].clone())
            }
        };
        let key = (key.0, key.1, key.2.as_str().unwrap().to_owned());
        assert!(before.as_ref().is_none_or(|before| *before < key), "{before:?} {key:?}");
        before = Some(key);
        let through = gap["through"].as_array().map_or(0, Vec::len);
        let could_see = gap["could_see"].as_array().map_or(0, Vec::len);
        match gap["feasibility"].as_str().unwrap() {
            "ready" => assert!(through > 0 && could_see == 0, "{gap}"),
            "possible" => assert!(through == 0 && could_see == 0, "{gap}"),
            _ => assert!(through == 0, "{gap}"),
        }
        for through in gap["through"].as_array().into_iter().flatten() {
            let technology = through["technology"].as_str().unwrap();
            let technique = gap["technique"].as_str().unwrap();
            let column = format!("/v1/comparisons/techniques?column={technology}&limit=1000");
            let column = http.get(&column).expect(200).json();
            let row = items(&column).iter().find(|row| row["technique"] == technique).unwrap();
            assert_eq!(row["peers"]["p50"], through["p50"], "peers with your stack: {row}");
            assert_eq!(row["peers"]["coverage"], through["coverage"]);
        }
        assert_eq!(gap["status"], "open");
        rules_of_libraries(gap);
    }
    assert_eq!((&all["unknown"], unknown > 0), (&json!(unknown), true));

    // A rule of one technology is fragile.
    let fragile = items(&all).iter().filter(|gap| gap["fragile"] == true);
    assert!(fragile.clone().all(|gap| gap["own"]["score"].as_u64() > Some(0)));

    let csv = http.get(&format!("{GAPS}&format=csv")).expect(200).text();
    assert_eq!(csv.lines().count(), items(&all).len() + 1);
    let heading: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    for column in ["release", "cut_off", "attack", "cohort_asked", "cohort", "priority", "through"] {
        assert!(heading.contains(&column), "{column}");
    }
    filters(http, &all);
    sets(http, &all);
    refusals(&service, http);
}

/// The rules of public libraries are those of the bundled tables, through the technologies of the sample.
fn rules_of_libraries(gap: &Value) {
    let id: TechniqueId = gap["technique"].as_str().unwrap().parse().unwrap();
    let own: Vec<String> =
        items_of(&snapshot()["technologies"]).iter().map(|one| one.as_str().unwrap().to_owned()).collect();
    let available = items_of(&gap["rules_available"]);
    assert_eq!(available.len(), bundled().len(), "{gap}");
    for (one, library) in available.iter().zip(bundled()) {
        let through = library.rules_through(id, |read| own.iter().any(|own| own == read));
        assert_eq!(one["library"], library.about.id);
        assert_eq!((&one["rules"], &one["of"]), (&json!(through), &json!(library.rules(id))), "{gap}");
    }
}

fn items_of(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn filters(http: &Client, all: &Value) {
    let of = |filter: &str| http.get(&format!("{GAPS}&{filter}")).expect(200).json();
    let expect = |filter: &str, test: &dyn Fn(&Value) -> bool| {
        let expected: Vec<&Value> = items(all).iter().filter(|gap| test(gap)).collect();
        let found = of(filter);
        assert_eq!(items(&found).iter().collect::<Vec<_>>(), expected, "{filter}");
        assert!(!expected.is_empty(), "{filter}");
    };
    expect("min_distance=20", &|gap| gap["distance"].as_u64() >= Some(20));
    expect("feasibility=source_missing", &|gap| gap["feasibility"] == "source_missing");
    expect("tactic=initial-access", &|gap| {
        gap["tactics"].as_array().unwrap().contains(&json!("initial-access"))
    });
    expect("coverage=quarter", &|gap| gap["peers"]["coverage"] == "quarter");
    expect("status=open", &|gap| gap["status"] == "open");
    let by_id = of("sort=technique");
    assert_eq!(items(&by_id).len(), items(all).len());
    let subs = of("granularity=sub");
    assert!(items(&subs).iter().all(|gap| gap["technique"].as_str().unwrap().contains('.')));
    // One group makes another threat, and nothing else.
    let one = of("groups=APT29&sort=threat");
    let threats: std::collections::BTreeSet<u64> =
        items(&one).iter().map(|gap| gap["threat"].as_u64().unwrap()).collect();
    assert!(threats.len() == 2 && threats.contains(&0), "used by the group or not: {threats:?}");
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = http.get(&format!("/v1/comparisons/gaps?limit=15{cursor}")).expect(200).json();
        paged.extend(items(&page).clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(&paged, items(all));
}

/// A set counts its rows by the word of their peers' coverage, in every list alike.
fn sets(http: &Client, all: &Value) {
    let techniques = http.get("/v1/comparisons/techniques?set=top:50&limit=1000").expect(200).json();
    let gaps = http.get(&format!("{GAPS}&set=top:50")).expect(200).json();
    let summary = http.get("/v1/comparisons/summary?set=top:50").expect(200).json();
    let counts = &techniques["set"];
    assert_eq!((counts, counts), (&gaps["set"], &summary["set"]));
    assert_eq!((&counts["set"], &counts["techniques"]), (&json!("top:50"), &json!(50)));
    let hidden: u64 = techniques["hidden"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, count)| count.as_u64().unwrap())
        .sum();
    assert_eq!(items(&techniques).len() as u64 + hidden, 50);
    let common = items(&techniques)
        .iter()
        .filter(|row| ["most", "half"].iter().any(|word| row["peers"]["coverage"] == *word));
    assert_eq!(counts["half_or_more"], common.clone().count());
    let covered = common.filter(|row| row["own"]["score"].as_u64() > Some(0)).count();
    assert_eq!(counts["covered_of_half_or_more"], covered);
    assert!(counts.get("share").is_none(), "no share is published of it: {counts}");
    assert!(items(&gaps).iter().all(|gap| items(all).contains(gap)));
    assert!(items(&gaps).len() < items(all).len());

    let group = http.get("/v1/comparisons/summary?set=group:APT29").expect(200).json();
    let row = http.get("/v1/comparisons/groups?group=G0016").expect(200).json();
    assert_eq!(group["set"]["share"]["peers"], items(&row)[0]["peers"]);
    assert_eq!(group["set"]["share"]["own"], items(&row)[0]["own"]);

    let ids = json!({"techniques": ["T1059", "T1190", "T1566"]});
    let named = http.post("/v1/comparisons/techniques?coverage=most", &ids).expect(200).json();
    assert_eq!(named["set"]["techniques"], 3);
    let named = http.post("/v1/comparisons/gaps", &ids).expect(200);
    assert_eq!(named.header("cache-control"), Some("no-store"));
    assert!(items(&named.json()).iter().all(|gap| items(all).contains(gap)));
    let csv = http.request("POST", "/v1/comparisons/gaps?format=csv").json(&ids).send().expect(200);
    assert_eq!(csv.text().lines().count(), items(&named.json()).len() + 1);
    assert_eq!(http.post("/v1/comparisons/summary", &ids).expect(200).json()["set"], named.json()["set"]);
}

fn refusals(service: &Service, http: &Client) {
    for (query, parameter) in [
        ("set=some", "set"),
        ("set=group:nobody", "set"),
        ("groups=nobody", "groups"),
        ("feasibility=easy", "feasibility"),
        ("status=done", "status"),
        ("min_distance=101", "min_distance"),
        ("sort=best", "sort"),
        ("group=G9999", "group"),
        ("cursor=eA", "cursor"),
    ] {
        let problem = http.get(&format!("/v1/comparisons/gaps?{query}")).problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}: {problem}");
    }
    let problem = http.get("/v1/comparisons/tactics?set=top:50").problem(400, "invalid-request");
    assert_eq!(problem["errors"][0]["parameter"], "set");
    for path in ["techniques", "gaps", "summary"] {
        let path = format!("/v1/comparisons/{path}");
        let unknown = json!({"techniques": ["T1059", "nonsense", "T9999"]});
        let problem = http.post(&path, &unknown).problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/techniques/1", "{problem}");
        let problem = http.post(&path, &json!({"techniques": ["T1059", "T9999"]})).problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/techniques/1", "{problem}");
        http.post(&path, &json!({"techniques": []})).problem(422, "invalid");
        let both = format!("{path}?set=all");
        http.post(&both, &json!({"techniques": ["T1059"]})).problem(400, "invalid-request");
    }
    http.get("/v1/comparisons/gaps?cohort=sector:health").problem(404, "not-found");
    let newcomer = service.newcomer(&Profile::named("New")).http;
    newcomer.post("/v1/snapshots", &snapshot()).expect(201);
    newcomer.get("/v1/comparisons/gaps").problem(403, "not-verified");
    newcomer.get("/v1/gaps").problem(403, "not-verified");
}

fn a_book_is_ones_own(store: Store) {
    let (service, a) = world(store);
    let b = service.member(&Profile::named("B"));
    b.http.post("/v1/snapshots", &snapshot()).expect(201);
    let technique = closable(&a.http)["technique"].as_str().unwrap().to_owned();
    let path = format!("/v1/gaps/{technique}");
    let put = |http: &Client, path: &str, body: &Value| http.request("PUT", path).json(body).send();
    let status = |http: &Client| {
        let gaps = http.get(GAPS).expect(200).json();
        let gap = items(&gaps).iter().find(|gap| gap["technique"] == technique.as_str()).cloned();
        gap.map(|gap| gap["status"].as_str().unwrap().to_owned())
    };
    let before = b.http.get(GAPS).expect(200).body;
    assert_eq!(status(&a.http).as_deref(), Some("open"));
    let planned = put(&a.http, &path, &json!({"status": "planned", "month": "2099-01"})).expect(200).json();
    assert_eq!((&planned["status"], &planned["month"]), (&json!("planned"), &json!("2099-01")));
    // The answer that was kept is out of date at once.
    assert_eq!(status(&a.http).as_deref(), Some("planned"));
    let accepted = json!({"status": "accepted", "reason": "cost", "until": "2099-06"});
    put(&a.http, &path, &accepted).expect(200);
    assert_eq!(status(&a.http).as_deref(), Some("accepted"));
    let book = a.http.get("/v1/gaps").expect(200).json();
    assert_eq!(items(&book).len(), 1);
    let entry = &items(&book)[0];
    assert_eq!((&entry["technique"], &entry["reason"]), (&json!(technique), &json!("cost")));
    assert_eq!((&entry["until"], entry.get("month")), (&json!("2099-06"), None));
    assert_eq!(
        items(&a.http.get(&format!("{GAPS}&status=accepted")).expect(200).json()).len(),
        1,
        "and can be asked for"
    );

    // Nobody else sees anything of it.
    assert_eq!(items(&b.http.get("/v1/gaps").expect(200).json()), &Vec::<Value>::new());
    assert_eq!(b.http.get(GAPS).expect(200).body, before);
    put(&b.http, &path, &json!({"status": "open"})).expect(200);
    assert_eq!(items(&a.http.get("/v1/gaps").expect(200).json())[0]["status"], "accepted");
    let log = |member: &Member| member.http.get("/v1/organisation/audit?limit=1000").expect(200).json();
    let decided =
        |member: &Member| items(&log(member)).iter().filter(|entry| entry["action"] == "gap.decided").count();
    assert_eq!((decided(&a), decided(&b)), (2, 1));
    assert!(!log(&a).to_string().contains("cost"), "the log doesn't say what was decided");

    for (path, body, pointer) in [
        (path.as_str(), json!({"status": "closed"}), "/status"),
        (&path, json!({"status": "planned"}), "/month"),
        (&path, json!({"status": "planned", "month": "soon"}), "/month"),
        (&path, json!({"status": "accepted", "reason": "we like risks", "until": "2099-01"}), "/reason"),
        (&path, json!({"status": "open", "comment": "free text"}), "/comment"),
    ] {
        let problem = put(&a.http, path, &body).problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    // T1562.001 is of 18.1; in 19.2 it has another id.
    for (technique, said) in [("T9999", "T9999"), ("nonsense", "19.2"), ("T1562.001", "became")] {
        let refused = put(&a.http, &format!("/v1/gaps/{technique}"), &json!({"status": "open"}));
        let problem = refused.problem(404, "not-found");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
    assert_eq!(items(&a.http.get("/v1/gaps").expect(200).json()).len(), 1, "nothing of it is kept");
    let table = a.http.get("/v1/gaps?format=csv").expect(200).text();
    let row = format!("{technique},");
    assert!(
        table.starts_with("technique,name,") && table.lines().nth(1).unwrap().starts_with(&row),
        "{table}"
    );
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", a.credentials.id.as_str()),
        ("client_secret", a.credentials.secret.as_str()),
        ("scope", "comparisons:read"),
    ];
    let token = service.anonymous().post_form("/oauth/token", &fields).expect(200).json();
    let narrowed = service.anonymous().with_token(token["access_token"].as_str().unwrap());
    put(&narrowed, &path, &json!({"status": "open"})).problem(403, "insufficient-scope");

    // What is taken out is out of one's own book alone, and the gap is as if nothing had ever been decided.
    narrowed.delete(&path).problem(403, "insufficient-scope");
    a.http.delete(&path).expect(204);
    assert_eq!(items(&a.http.get("/v1/gaps").expect(200).json()), &Vec::<Value>::new());
    assert_eq!(status(&a.http).as_deref(), Some("open"));
    assert_eq!(items(&b.http.get("/v1/gaps").expect(200).json()).len(), 1);
    let forgotten = items(&log(&a)).iter().filter(|entry| entry["action"] == "gap.forgotten").count();
    assert_eq!(forgotten, 1);
    for path in [path.as_str(), "/v1/gaps/nonsense", "/v1/gaps/T9999"] {
        a.http.delete(path).problem(404, "not-found");
    }
}

fn a_gap_closes_and_reopens_by_itself_and_a_withdrawal_leaves_no_trace(store: Store) {
    let (_service, member) = world(store);
    let http = &member.http;
    let technique = closable(http)["technique"].as_str().unwrap().to_owned();
    let plan = json!({"status": "planned", "month": "2099-01"});
    http.request("PUT", &format!("/v1/gaps/{technique}")).json(&plan).send().expect(200);
    let entry = || items(&http.get("/v1/gaps").expect(200).json())[0].clone();
    let upload = |snapshot: &Value| {
        let uploaded = http.post("/v1/snapshots?replace=true", snapshot).expect(201);
        uploaded.header("location").unwrap().to_owned()
    };
    let planned = entry();
    assert_eq!(planned["status"], "planned");

    let closing = upload(&covering(&technique, 20));
    let closed = entry();
    assert_eq!((&closed["status"], closed["closed_on"].is_string()), (&json!("closed"), true), "{closed}");
    assert_eq!(closed["own"], 100);
    let falling = upload(&snapshot());
    let reopened = entry();
    assert_eq!(
        (&reopened["status"], reopened["reopened_on"].is_string()),
        (&json!("open"), true),
        "{reopened}"
    );

    // Without the snapshot that closed it, nothing says that it was ever closed.
    http.delete(&closing).expect(204);
    assert_eq!(entry(), planned);
    let again = upload(&covering(&technique, 20));
    assert_eq!(entry()["status"], "closed");
    http.delete(&again).expect(204);
    assert_eq!(entry(), planned);
    http.delete(&falling).expect(204);
    assert_eq!(entry(), planned);
}
