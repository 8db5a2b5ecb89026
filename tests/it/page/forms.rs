//! Forms and views beyond comparisons, on both databases: their numbers are the API's, they do nothing twice, and what goes
//! wrong leaves nothing behind.

use serde_json::{Value, json};

use super::{Browser, guarded, words, world};
use crate::{
    api::sample::snapshot,
    support::{
        Store,
        client::Answer,
        on_both,
        people::{Member, Profile},
    },
};

on_both!(
    views_have_the_numbers_of_the_api,
    a_file_is_checked_before_it_is_stored,
    picks_stay_in_the_session,
    a_form_without_a_session_comes_back,
    clients_are_made_once_and_by_administrators,
);

/// The form token of the page at a path.
fn token(browser: &Browser, path: &str) -> String {
    field(&browser.view(path), "form_token")
}

/// The value of a hidden field.
fn field(html: &str, name: &str) -> String {
    let found = html.split(&format!("name=\"{name}\" value=\"")).nth(1);
    found.unwrap_or_else(|| panic!("no {name}: {html}")).split('"').next().unwrap().to_owned()
}

/// Posts a form with files.
fn post_files(browser: &Browser, path: &str, fields: &[(&str, &str)], files: &[(&str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    for (file, content) in files {
        body += &format!(
            "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file}\"\r\ncontent-type: application/json\r\n\r\n{content}\r\n"
        );
    }
    body += "--edge--\r\n";
    browser.send_body("POST", path, "multipart/form-data; boundary=edge", &body)
}

fn count(member: &Member, path: &str) -> usize {
    member.http.get(path).expect(200).json()["items"].as_array().unwrap().len()
}

fn views_have_the_numbers_of_the_api(store: Store) {
    let (service, member) = world(store);
    let browser = Browser::of(&service);
    browser.sign_in(&member, "");
    let trend = member.http.get("/v1/comparisons/trend?cohort=all").expect(200).json();
    let text = words(&browser.view("/app/trend?cohort=all"));
    let point = &trend["items"][0];
    for quantile in ["p25", "p50", "p75"] {
        assert!(text.contains(&point["peers"][quantile].to_string()), "{quantile}: {text}");
    }
    let tactic = words(&browser.view("/app/trend?cohort=all&measure=tactic:execution"));
    assert!(tactic.contains("Execution:"), "{tactic}");
    let paths = member.http.get("/v1/comparisons/paths?cohort=all").expect(200).json();
    let text = words(&browser.view("/app/paths?cohort=all"));
    for path in paths["items"].as_array().unwrap() {
        let (name, whole) = (path["name"].as_str().unwrap(), &path["whole"]);
        let covered = whole["with_rule"].as_array().unwrap().len();
        assert!(text.contains(&format!("{name} {covered} of {} steps", whole["steps"])), "{name}: {text}");
    }
    let one = words(&browser.view("/app/paths?cohort=all&path=edge-to-ransomware"));
    assert!(one.contains("Weakest:") && one.contains("Edge device to ransomware"), "{one}");
    for bad in [
        "/app/paths?path=none",
        "/app/paths?group=none",
        "/app/trend?measure=none",
        "/app/what-if?target=high",
    ] {
        guarded(&browser.get(bad).expect(400));
    }
    for foreign in [
        "/app/paths?cohort=sector:health",
        "/app/trend?cohort=sector:health",
        "/app/what-if?cohort=sector:health",
    ] {
        guarded(&browser.get(foreign).expect(404));
    }
    // A path of one's own.
    let layer = json!({ "name": "x", "versions": { "layer": "4.5" }, "domain": "enterprise-attack", "techniques": [{ "techniqueID": "T1059", "score": 1 }] });
    let token = token(&browser, "/app/paths");
    let fields = [("form_token", token.as_str()), ("cohort", "all")];
    let shown =
        post_files(&browser, "/app/paths", &fields, &[("layer.json", &layer.to_string())]).expect(200);
    guarded(&shown);
    assert!(words(&shown.text()).contains("of 1 step."), "{}", shown.text());
    post_files(&browser, "/app/paths", &fields, &[("layer.json", "{")]).expect(400);
    post_files(&browser, "/app/paths", &fields, &[]).expect(422);
}

fn a_file_is_checked_before_it_is_stored(store: Store) {
    let (service, member) = world(store);
    let other = service.member(&Profile::named("Other"));
    let browser = Browser::of(&service);
    browser.sign_in(&member, "");
    let token = token(&browser, "/app/data");
    let stored = || count(&member, "/v1/snapshots");
    let before = stored();
    let text = snapshot().to_string();
    let check = |fields: &[(&str, &str)], files: &[(&str, &str)]| {
        post_files(&browser, "/app/data/check", fields, files)
    };
    let own = [("form_token", token.as_str())];
    guarded(&check(&[("form_token", "guessed")], &[("a.json", &text)]).expect(403));
    for (status, files) in [
        (400, vec![("broken.json", "{\"schema\":")]),
        (422, vec![("other.json", "{\"name\": 1}")]),
        (422, vec![]),
        (422, vec![("a.json", text.as_str()), ("b.json", text.as_str())]),
    ] {
        let refused = check(&own, &files).expect(status);
        guarded(&refused);
        assert!(refused.text().contains("href=\"/app/data\""), "a way back: {}", refused.text());
    }
    let large = " ".repeat(5_000_000);
    guarded(&check(&own, &[("large.json", &large)]).expect(413));
    browser.send_body("POST", "/app/data/check", "text/plain", "x").expect(415);
    browser
        .send_body("POST", "/app/data/check", "multipart/form-data; boundary=edge", "--edge\r\nbroken")
        .expect(400);
    let shown = check(&own, &[("<b>.json", &text)]).expect(200).text();
    assert!(shown.contains("Nothing is stored yet") && !shown.contains("<b>.json"), "{shown}");
    assert_eq!(stored(), before, "nothing is kept until somebody says so");
    // A double click stores it once.
    let (key, sent) = (field(&shown, "key"), field(&shown, "snapshot"));
    let fields = [("form_token", token.as_str()), ("key", &key), ("snapshot", &sent), ("replace", "yes")];
    let first = post_files(&browser, "/app/data", &fields, &[]).expect(303);
    let second = post_files(&browser, "/app/data", &fields, &[]).expect(303);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(stored(), before + 1);
    let page = first.header("location").unwrap().to_owned();
    assert!(words(&browser.view(&page)).contains("It’s stored."));
    // It is the member's alone.
    let id = page.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let theirs = Browser::of(&service);
    theirs.sign_in(&other, "");
    guarded(&theirs.get(&format!("/app/data/{id}")).expect(404));
    let theirs_token = super::forms::token(&theirs, "/app/data");
    let withdraw = format!("/app/data/{id}/withdraw");
    theirs.post(&withdraw, &[("form_token", &theirs_token), ("sure", "yes")]).expect(404);
    // A withdrawal wants to be sure.
    browser.post(&withdraw, &[("form_token", &token)]).expect(422);
    browser.post(&withdraw, &[("form_token", &token), ("sure", "yes")]).expect(303);
    browser.post(&withdraw, &[("form_token", &token), ("sure", "yes")]).expect(404);
    assert_eq!(stored(), before);
}

fn picks_stay_in_the_session(store: Store) {
    let (service, member) = world(store);
    let browser = Browser::of(&service);
    browser.sign_in(&member, "");
    let html = browser.view("/app/what-if?cohort=all");
    let token = field(&html, "form_token");
    let pick = html.split("name=\"pick\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut parts = pick.split('~');
    let (technique, technology) = (parts.next().unwrap(), parts.next().unwrap());
    let count: u64 = parts.next().unwrap().parse().unwrap();
    let fields =
        [("form_token", token.as_str()), ("cohort", "all"), ("pick", &pick), ("add", ""), ("remove", "")];
    let chosen = browser.post("/app/what-if", &fields).expect(303);
    assert_eq!(chosen.header("location"), Some("/app/what-if?cohort=all#effect"));
    let asked = json!({ "add": [{ "technique": technique, "technology": technology, "count": count }] });
    let effect = member.http.post("/v1/comparisons/what-if?cohort=all", &asked).expect(200).json();
    let text = words(&browser.view("/app/what-if?cohort=all"));
    let share = |side: &str| effect["overall"][side]["own"]["share"].to_string();
    let line =
        format!("{} {}% {}%", effect["overall"]["name"].as_str().unwrap(), share("before"), share("after"));
    assert!(text.contains(&line), "{line}: {text}");
    // Another session has none of it.
    let again = Browser::of(&service);
    again.sign_in(&member, "");
    assert!(words(&again.view("/app/what-if?cohort=all")).contains("Pick changes"));
    // A pick that isn't one is refused with a page.
    let fields = [("form_token", token.as_str()), ("cohort", "all"), ("pick", "<script>~x")];
    browser.post("/app/what-if", &fields).expect(303);
    let refused = browser.get("/app/what-if?cohort=all").expect(422);
    guarded(&refused);
    browser.post("/app/what-if", &[("form_token", token.as_str())]).expect(303);
    browser.view("/app/what-if");
    // A whole snapshot, of which nothing is kept.
    let pack = snapshot().to_string();
    let shown =
        post_files(&browser, "/app/what-if/pack", &[("form_token", token.as_str())], &[("pack.json", &pack)]);
    assert!(words(&shown.expect(200).text()).contains("You would"), "its effect");
    assert!(words(&browser.view("/app/what-if")).contains("Pick changes"));
}

fn a_form_without_a_session_comes_back(store: Store) {
    let (service, member) = world(store);
    let browser = Browser::of(&service);
    let gaps = member.http.get("/v1/comparisons/gaps?cohort=all").expect(200).json();
    let technique = gaps["items"][0]["technique"].as_str().unwrap().to_owned();
    let post = format!("/app/techniques/{technique}/decision");
    let plan = [
        ("status", "planned"),
        ("month", "2099-03"),
        ("reason", ""),
        ("until", ""),
        ("cohort", "all"),
        ("form_token", "old"),
    ];
    let away = browser.post(&post, &plan).expect(401);
    guarded(&away);
    let html = away.text();
    assert!(words(&html).contains("your form comes back"), "{html}");
    let credentials = &member.credentials;
    let (path, fields, back) =
        (field(&html, "unsent_path"), field(&html, "unsent_fields"), field(&html, "back"));
    let (fields, back) = (fields.replace("&#38;", "&"), back.replace("&#38;", "&"));
    let form = [
        ("client_id", credentials.id.as_str()),
        ("client_secret", &credentials.secret),
        ("back", &back),
        ("unsent_path", &path),
        ("unsent_fields", &fields),
    ];
    let inside = browser.post("/app/sign-in", &form).expect(303);
    assert_eq!(inside.header("location"), Some(&*format!("/app/techniques/{technique}?cohort=all")));
    let page = browser.view(inside.header("location").unwrap());
    assert!(page.contains("value=\"2099-03\"") && page.contains("this wasn&#39;t saved"), "{page}");
    assert_eq!(count(&member, "/v1/gaps"), 0, "nothing is saved until it is sent again");
    assert!(!browser.view(inside.header("location").unwrap()).contains("2099-03"), "once");
    // Another site can't leave a form behind.
    let foreign = [("origin", "https://evil.example")];
    let refused = Browser::of(&service).send("POST", &post, Some(&plan), &foreign).expect(403);
    assert!(!refused.text().contains("unsent_fields"));
}

fn clients_are_made_once_and_by_administrators(store: Store) {
    let (service, member) = world(store);
    let browser = Browser::of(&service);
    browser.sign_in(&member, "");
    let html = browser.view("/app/access");
    let (token, key) = (field(&html, "form_token"), field(&html, "key"));
    let clients = || count(&member, "/v1/organisation/clients");
    let before = clients();
    let create = |name: &str, scopes: &[&str], until: &str, key: &str| {
        let mut fields = vec![("form_token", token.as_str()), ("name", name), ("until", until), ("key", key)];
        fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
        browser.post("/app/access/clients", &fields)
    };
    let again = create("x", &[], "2000-01-01", "k1").expect(422);
    guarded(&again);
    assert!(again.text().contains("value=\"2000-01-01\""), "it comes back: {}", again.text());
    create("x", &["platform:admin"], "", "k2").expect(422);
    assert_eq!(clients(), before);
    let made = create("<i>reader</i>", &["comparisons:read"], "2027-06-01", &key).expect(200).text();
    assert!(made.contains("pbs_") && !made.contains("<i>reader</i>"), "{made}");
    let twice = create("<i>reader</i>", &["comparisons:read"], "2027-06-01", &key).expect(200).text();
    assert!(!twice.contains("pbs_"), "the secret is shown once");
    assert_eq!(clients(), before + 1);
    let id = made.split("<dt>Client ID</dt><dd><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(words(&browser.view("/app/access")).contains("client created"), "the log says it");
    // A client that only reads sees no such page, and can't post to it.
    let secret =
        made.split("<dt>Secret</dt><dd><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let reader = Browser::of(&service);
    reader.post("/app/sign-in", &[("client_id", &id), ("client_secret", &secret)]).expect(303);
    let view = reader.view("/app/technologies");
    assert!(!view.contains("/app/access"), "no link to it");
    guarded(&reader.get("/app/access").expect(403));
    guarded(&reader.get("/app/data").expect(403));
    guarded(&reader.get("/app/community").expect(403));
    let theirs = field(&view, "form_token");
    reader.post("/app/access/clients", &[("form_token", &theirs), ("name", "y")]).expect(403);
    // Revoked, its session ends.
    let revoke = format!("/app/access/clients/{id}/revoke");
    browser.post(&revoke, &[("form_token", "guessed")]).expect(403);
    browser.post(&revoke, &[("form_token", &token)]).expect(303);
    reader.get("/app/technologies").expect(303);
    let foreign = service.member(&Profile::named("Other")).credentials.id;
    let revoke = format!("/app/access/clients/{foreign}/revoke");
    browser.post(&revoke, &[("form_token", &token)]).expect(404);
    // The operator has its own view, and nobody's else.
    let operator = service.run_json(&["client", "create", "--operator", "--format", "json"]);
    let said = |name: &str| operator[name].as_str().unwrap().to_owned();
    let (id, secret) = (said("client_id"), said("client_secret"));
    let browser = Browser::of(&service);
    let inside = browser.post("/app/sign-in", &[("client_id", &id), ("client_secret", &secret)]).expect(303);
    assert_eq!(inside.header("location"), Some("/app/community"));
    let text = words(&browser.view("/app/community"));
    let ready: Value = {
        let operator = service.operator();
        operator.get("/v1/admin/readiness").expect(200).json()
    };
    let enough = ready["cohorts"].as_array().unwrap().iter().filter(|one| one["missing"] == 0).count();
    assert!(
        text.contains(&format!("{enough} of {} cohorts", ready["cohorts"].as_array().unwrap().len())),
        "{text}"
    );
    assert!(text.contains("Members in the order of joining"), "{text}");
}
