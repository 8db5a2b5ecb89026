//! The page through HTTP, without script: signing in and out, the views of a member, what another member and another site
//! can't do, and pages for what goes wrong.

mod colours;
mod forms;

use std::{cell::RefCell, collections::BTreeMap};

use serde_json::Value;

use crate::{
    api::sample::snapshot,
    support::{
        Store,
        client::{Answer, Client, Draft},
        community::settle,
        on_both,
        people::{Member, Profile},
        server::Service,
    },
};

on_both!(
    a_member_signs_in_reads_and_signs_out,
    a_session_is_one_clients_and_ends_with_it,
    what_goes_wrong_is_a_page_with_a_way_on,
);

const SCRIPT: &str = "<script>alert(1)</script>\"'&";

/// A browser without script: it keeps cookies and follows nothing by itself.
struct Browser {
    http: Client,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    fn of(service: &Service) -> Self {
        Self { http: service.anonymous().undocumented(), cookies: RefCell::default() }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        form: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut draft = self.draft(method, path);
        if let Some(fields) = form {
            let body = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
            draft = draft
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.collect::<Vec<_>>().join("&"));
        }
        for (name, value) in headers {
            draft = draft.header(name, value);
        }
        let answer = draft.send();
        if let Some(cookie) = answer.header("set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    fn draft(&self, method: &str, path: &str) -> Draft<'_> {
        let cookies: Vec<String> = self.cookies.borrow().iter().map(|(k, v)| format!("{k}={v}")).collect();
        let draft = self.http.request(method, path).header("accept", "text/html");
        if cookies.is_empty() { draft } else { draft.header("cookie", &cookies.join("; ")) }
    }

    /// Sends a body of another type than a form's usual one.
    fn send_body(&self, method: &str, path: &str, content_type: &str, body: &str) -> Answer {
        self.draft(method, path).header("content-type", content_type).body(body).send()
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[])
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send("POST", path, Some(form), &[])
    }

    /// A view that has to be there, with the headers of every view.
    #[track_caller]
    fn view(&self, path: &str) -> String {
        let answer = self.get(path).expect(200);
        guarded(&answer);
        answer.text()
    }

    #[track_caller]
    fn sign_in(&self, member: &Member, back: &str) -> Answer {
        let credentials = &member.credentials;
        let form = [("client_id", &*credentials.id), ("client_secret", &*credentials.secret), ("back", back)];
        self.post("/app/sign-in", &form).expect(303)
    }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Nothing from elsewhere, no script but our own, in no frame, in no cache.
#[track_caller]
fn guarded(answer: &Answer) {
    let policy = answer.header("content-security-policy").unwrap();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(directive), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(answer.header("permissions-policy").is_some());
    let text = answer.text();
    assert!(!text.contains("style=\"") && !text.contains(" onclick") && !text.contains("<script>"), "{text}");
    for address in text.split(['"', '\'']).filter(|part| part.starts_with("http")) {
        assert!(
            address.starts_with("https://attack.mitre.org/") || address.starts_with("http://www.w3.org/"),
            "{address}"
        );
    }
}

/// The text that a person reads: without tags, entities resolved, spaces joined.
fn words(html: &str) -> String {
    let main = html.split("<main").nth(1).unwrap_or(html);
    let mut text = String::new();
    let mut inside = true;
    for letter in main.chars() {
        match letter {
            '<' => {
                inside = true;
                text.push(' ');
            }
            '>' => inside = false,
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    let text = text.replace("&#39;", "'").replace("&#38;", "&").replace("&#34;", "\"").replace("&#60;", "<");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A service with a release, and a member whose name is a script, with a snapshot.
fn world(store: Store) -> (Service, Member) {
    let service = Service::start(store);
    settle(&service, 80);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named(SCRIPT));
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    (service, member)
}

fn a_member_signs_in_reads_and_signs_out(store: Store) {
    let (service, member) = world(store);
    let browser = Browser::of(&service);

    // A browser is led to the page, a program is answered as before.
    assert!(browser.get("/").expect(200).text().contains("content=\"0; url=/app\""));
    assert!(service.anonymous().get("/").expect(200).json()["links"]["page"] == "/app");

    // A view without a session leads to the form and back.
    let path = "/app?cohort=all";
    let away = browser.get(path).expect(303);
    let form = away.header("location").unwrap();
    assert_eq!(form, "/app/sign-in?back=%2Fapp%3Fcohort%3Dall");
    let text = browser.view(form);
    assert!(text.contains("value=\"/app?cohort=all\""), "{text}");
    let answer = browser.sign_in(&member, path);
    assert_eq!(answer.header("location"), Some(path));
    let cookie = answer.header("set-cookie").unwrap();
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && cookie.starts_with("peerbench="), "on loopback: {cookie}");

    // The numbers are those of the API.
    let html = browser.view(path);
    assert!(!html.contains("<script>alert"), "a name is text");
    assert!(html.contains("&#60;script&#62;alert(1)"), "{html}");
    let text = words(&html);
    let summary = member.http.get("/v1/comparisons/summary?cohort=all").expect(200).json();
    let share = &summary["overall"]["own"]["share"];
    let p50 = &summary["overall"]["peers"]["p50"];
    assert!(text.contains(&format!("You cover {share}% of applicable techniques.")), "{text}");
    assert!(text.contains(&format!("Half of all members cover {p50}% or")), "{text}");
    for tactic in summary["tactics"].as_array().unwrap() {
        let line = format!("{} {}%", tactic["name"].as_str().unwrap(), tactic["own"]["share"]);
        assert!(text.contains(&line), "{line}: {text}");
    }
    answers_five_questions(&text, &member);
    gaps_are_decided(&browser, &member);
    the_matrix_has_every_technique(&browser, &member);
    lists_have_the_lines_of_the_api(&browser, &member);

    // The script and the stylesheet are the program's own, kept for ever and compressed.
    let style = html.split("stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let asset = browser.send("GET", style, None, &[("accept-encoding", "zstd")]).expect(200);
    assert_eq!(asset.header("content-encoding"), Some("zstd"));
    assert!(asset.header("cache-control").unwrap().contains("immutable"));
    browser.get("/app/static/page-000000000000.css").expect(404);

    // Signing out takes the token of the page's own form.
    let token = |html: &str| {
        html.split("form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    browser.post("/app/sign-out", &[]).expect(403);
    browser.post("/app/sign-out", &[("form_token", "guessed")]).expect(403);
    browser.get(path).expect(200);
    browser.post("/app/sign-out", &[("form_token", &token(&html))]).expect(303);
    browser.get(path).expect(303);
}

/// The list of gaps is the API's, and a decision about one stands in the book.
fn gaps_are_decided(browser: &Browser, member: &Member) {
    let gaps = member.http.get("/v1/comparisons/gaps?cohort=all&limit=50").expect(200).json();
    let items = gaps["items"].as_array().unwrap();
    let html = browser.view("/app/gaps?cohort=all");
    let text = words(&html);
    assert!(text.contains(&format!("You are behind your peers in {} technique", gaps["behind"])), "{text}");
    let at: Vec<usize> = items
        .iter()
        .map(|gap| {
            let href = format!("/app/techniques/{}?cohort=all", gap["technique"].as_str().unwrap());
            html.find(&href).unwrap_or_else(|| panic!("{href} isn't in {html}"))
        })
        .collect();
    assert!(at.is_sorted(), "in the order of the API");
    let some = words(&browser.view("/app/gaps?cohort=all&tactic=execution&status=open&sort=threat&group="));
    assert!(some.contains("in this selection"), "{some}");
    browser.get("/app/gaps?cohort=all&tactic=nothing").expect(400);
    browser.get("/app/gaps?cohort=all&group=%3Cscript%3E").expect(400);
    browser.get("/app/gaps?status=done").expect(400);

    let technique = items[0]["technique"].as_str().unwrap();
    let path = format!("/app/techniques/{technique}?cohort=all");
    let view = browser.view(&path);
    assert!(words(&view).contains(items[0]["name"].as_str().unwrap()), "{view}");
    assert!(view.contains("https://attack.mitre.org/techniques/"));
    let token = view.split("form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let post = format!("/app/techniques/{technique}/decision");
    let plan = |month: &'static str, token: &str| {
        let fields =
            [("status", "planned"), ("month", month), ("reason", ""), ("until", ""), ("cohort", "all")];
        let mut fields: Vec<(&str, String)> = fields.map(|(name, value)| (name, value.to_owned())).into();
        fields.push(("form_token", token.to_owned()));
        let borrowed: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(&post, &borrowed)
    };
    plan("2027-01", "guessed").expect(403);
    let again = plan("January", token).expect(422);
    guarded(&again);
    assert!(
        again.text().contains("value=\"January\"") && again.text().contains("not a month"),
        "it comes back"
    );
    let book = || member.http.get("/v1/gaps").expect(200).json();
    assert!(book()["items"].as_array().unwrap().is_empty());
    let done = plan("2027-01", token).expect(303);
    assert_eq!(done.header("location"), Some(&*format!("{path}#decision")));
    assert_eq!(book()["items"][0]["month"], "2027-01");
    assert!(words(&browser.view(&path)).contains("Planned 2027-01"));
    for unknown in ["T9999", "%3Cscript%3E", "T1059.999"] {
        guarded(&browser.get(&format!("/app/techniques/{unknown}?cohort=all")).expect(404));
    }
}

/// Technologies and threat groups with the API's numbers.
fn lists_have_the_lines_of_the_api(browser: &Browser, member: &Member) {
    let text = words(&browser.view("/app/technologies?cohort=all"));
    let technologies = member.http.get("/v1/comparisons/technologies?cohort=all").expect(200).json();
    let assessed =
        technologies["items"].as_array().unwrap().iter().filter(|item| item["own"]["count"].is_u64());
    for item in assessed {
        let line = format!("{} {}", item["name"].as_str().unwrap(), item["own"]["count"]);
        assert!(text.contains(&line), "{line}: {text}");
    }
    let text = words(&browser.view("/app/groups?cohort=all"));
    let groups = member.http.get("/v1/comparisons/groups?cohort=all&limit=1000").expect(200).json();
    for item in groups["items"].as_array().unwrap().iter().take(20) {
        let line = format!("{} {}%", item["name"].as_str().unwrap(), item["own"]["share"]);
        assert!(text.contains(&line), "{line}: {text}");
    }
}

/// Every technique of the API's list stands in the matrix.
fn the_matrix_has_every_technique(browser: &Browser, member: &Member) {
    let html = browser.view("/app/matrix?cohort=all");
    for coverage in ["", "&coverage=few"] {
        let path = format!("/v1/comparisons/techniques?cohort=all&limit=1000{coverage}");
        let techniques = member.http.get(&path).expect(200).json();
        for item in techniques["items"].as_array().unwrap() {
            let id = item["technique"].as_str().unwrap();
            assert!(html.contains(&format!("/app/techniques/{id}?cohort=all\"")), "{id}");
        }
    }
    let windows = browser.view("/app/matrix?cohort=all&platform=Windows&technology=microsoft.windows&group=");
    assert!(windows.len() < html.len());
    browser.get("/app/matrix?platform=Amiga").expect(400);
    browser.get("/app/matrix?technology=none.such").expect(400);
}

/// Above or below, what first and why, did it help, what is grey, and who sees it.
fn answers_five_questions(text: &str, member: &Member) {
    assert!(text.contains("overall, and below the median in"), "{text}");
    let gaps = member.http.get("/v1/comparisons/gaps?cohort=all").expect(200).json();
    let first: Vec<&Value> = gaps["items"].as_array().unwrap().iter().take(3).collect();
    for gap in first {
        let line = format!("{} {}", gap["technique"].as_str().unwrap(), gap["name"].as_str().unwrap());
        assert!(text.contains(&line), "{line}: {text}");
        assert!(text.contains(&format!("used by more threat groups than {}%", gap["threat"])), "{text}");
    }
    for answer in ["a grey row isn’t released", "Only your organisation sees your values", "the operator"] {
        assert!(text.contains(answer), "{answer}: {text}");
    }
}

fn a_session_is_one_clients_and_ends_with_it(store: Store) {
    let (service, member) = world(store);
    let other = service.member(&Profile::named("Other"));
    other.http.post("/v1/snapshots", &snapshot()).expect(201);
    let (browser, theirs) = (Browser::of(&service), Browser::of(&service));

    // Another site can't post, with or without a session.
    let credentials =
        [("client_id", &*member.credentials.id), ("client_secret", &*member.credentials.secret)];
    for headers in [
        [("origin", "https://evil.example")].as_slice(),
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://evil.example")],
    ] {
        let refused = browser.send("POST", "/app/sign-in", Some(&credentials), headers).expect(403);
        guarded(&refused);
        assert_eq!(refused.header("set-cookie"), None);
    }
    // Over TLS the cookie is for TLS alone.
    let host = service.base().replace("http://", "");
    let origin = format!("https://{host}");
    let tls = Browser::of(&service);
    let headers = [("origin", &*origin), ("sec-fetch-site", "same-origin")];
    let answer = tls.send("POST", "/app/sign-in", Some(&credentials), &headers).expect(303);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-peerbench=") && cookie.ends_with("; Secure"), "{cookie}");
    // A link leads nowhere else.
    for back in ["https://evil.example/app", "//evil.example", "/app\\@evil.example", "/v1/privacy"] {
        assert_eq!(Browser::of(&service).sign_in(&member, back).header("location"), Some("/app"));
    }
    // A wrong secret is told without a word about the client.
    let wrong = [("client_id", SCRIPT), ("client_secret", "pbs_wrong")];
    let answer = browser.post("/app/sign-in", &wrong).expect(401);
    assert!(!answer.text().contains("<script>alert") && answer.header("set-cookie").is_none());

    browser.sign_in(&member, "");
    theirs.sign_in(&other, "");
    let (own, foreign) = (browser.view("/app"), theirs.view("/app"));
    assert!(own.contains("alert(1)") && !foreign.contains("alert(1)") && !own.contains(">Other<"));
    for id in [&member.organisation, &member.credentials.id] {
        assert!(!foreign.contains(id), "{id}");
    }
    // One session's form token is no good in another.
    let token = foreign.split("form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    browser.post("/app/sign-out", &[("form_token", token)]).expect(403);

    // A revoked client's session ends at once.
    let revoked = service.run(&["client", "revoke", &member.credentials.id]);
    assert!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
    let away = browser.get("/app").expect(303);
    assert!(away.header("location").unwrap().starts_with("/app/sign-in"));
    theirs.get("/app").expect(200);
}

fn what_goes_wrong_is_a_page_with_a_way_on(store: Store) {
    let service = Service::start(store);
    let member = service.newcomer(&Profile::named("Acme"));
    let browser = Browser::of(&service);
    let refused = |path: &str, status: u16, sentence: &str| {
        let answer = browser.get(path).expect(status);
        guarded(&answer);
        let text = words(&answer.text());
        assert!(text.contains(sentence), "{path}: {text}");
        assert!(answer.text().contains("class=\"button\" href=\"/"), "a way on: {}", answer.text());
    };
    browser.sign_in(&member, "");
    refused("/app", 403, "verified");
    let verified = service.run(&["organisation", "verify", &member.organisation]);
    assert!(verified.status.success());
    refused("/app", 403, "snapshot");
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    refused("/app", 404, "published");
    settle(&service, 80);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    browser.view("/app");
    refused("/app?cohort=sector:health", 404, "own profile: the menu Peers lists them");
    refused("/app?cohort=%3Cscript%3E", 400, "not a cohort");
    refused("/app?release=99", 404, "release");
    refused("/app?release=none", 400, "Release: must be the number of a release");
    refused("/app?colour=red", 400, "Colour: isn't known here");
    refused("/app/nowhere", 404, "");
    guarded(&browser.send("DELETE", "/app", None, &[]).expect(405));
    // Everybody may read the promise.
    assert!(words(&Browser::of(&service).view("/app/promise")).contains("What others can learn"));
    // An operator's client belongs to no organisation.
    let operator = service.run_json(&["client", "create", "--operator", "--format", "json"]);
    let text = |name: &str| operator[name].as_str().unwrap().to_owned();
    let (id, secret) = (text("client_id"), text("client_secret"));
    browser.post("/app/sign-in", &[("client_id", &id), ("client_secret", &secret)]).expect(303);
    refused("/app", 403, "comparisons:read");
}
