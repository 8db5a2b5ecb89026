//! What a browser must refuse: script in names, another tenant's pages, posts and frames of another site, sessions that were
//! stolen or have ended.

use std::{io::Read as _, io::Write as _, net::TcpListener, thread};

use super::driver::{Chromium, DESK, Theme};
use crate::{
    api::sample::snapshot,
    browser::walks::sign_in,
    support::{
        Store,
        community::settle,
        people::{Member, Profile},
        server::Service,
    },
};

const SCRIPT: &str = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&";

/// Another site, which serves one page to whoever comes.
fn other_site(html: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{html}",
                html.len()
            );
        }
    });
    // Another host name is another site; both are this computer.
    format!("http://localhost:{}", address.port())
}

pub fn enter(browser: &Chromium, service: &Service, member: &Member) {
    browser.go(&format!("{}/app/sign-in", service.base()));
    sign_in(browser, &(member.credentials.id.clone(), member.credentials.secret.clone()));
    assert_eq!(browser.place(), "/app", "{}", browser.text());
}

#[test]
fn a_browser_refuses_what_it_must() {
    let service = Service::start(Store::Sqlite);
    settle(&service, 80);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named(SCRIPT));
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    let other = service.member(&Profile::named("Other"));
    let theirs = other.http.post("/v1/snapshots", &snapshot()).expect(201).json();
    let theirs = theirs["snapshot"]["id"].as_str().unwrap().to_owned();
    let browser = Chromium::start();
    browser.shape(DESK, Theme::Light);
    enter(&browser, &service, &member);
    let base = service.base();

    // A name is text, and nothing of it runs or loads.
    for path in ["/app", "/app/access", "/app/data", "/app/what-if", "/app/paths"] {
        browser.go(&format!("{base}{path}"));
        assert!(
            browser
                .run("document.querySelector('.account summary').innerText")
                .as_str()
                .unwrap()
                .contains(SCRIPT)
        );
        assert_eq!(browser.count("img"), 0, "{path}");
    }
    // Nor of what a file says.
    let flow = serde_json::json!({
        "type": "bundle", "objects": [{ "type": "attack-action", "id": "attack-action--1", "name": SCRIPT, "technique_id": "T1059" }],
    });
    let file = service.folder().join("flow.json");
    std::fs::write(&file, flow.to_string()).unwrap();
    browser.go(&format!("{base}/app/paths"));
    browser.find("#file").write(file.to_str().unwrap());
    browser.follow("form.drop button");
    assert_eq!(browser.count("img"), 0);

    // Another tenant's ids lead nowhere.
    for path in [format!("/app/data/{theirs}"), format!("/app/data/{theirs}/diff/{theirs}")] {
        browser.go(&format!("{base}{path}"));
        assert!(
            browser.text().contains("doesn’t exist") || browser.text().contains("doesn't exist"),
            "{}",
            browser.text()
        );
    }
    browser.go(&format!("{base}/app/community"));
    assert!(browser.text().contains("doesn't have the right"), "{}", browser.text());

    // Another site can neither frame a page nor post with the member's session.
    let site =
        other_site(format!("<!doctype html><title>elsewhere</title><iframe src=\"{base}/app\"></iframe>"));
    browser.go(&site);
    let framed = browser.run("(() => { try { return document.querySelector('iframe').contentDocument?.body?.innerText ?? 'refused'; } catch { return 'refused'; } })()");
    assert_eq!(framed, "refused");
    let before = member.http.get("/v1/organisation/clients").expect(200).json();
    let form = "<!doctype html><title>elsewhere</title><form method=post action=\"BASE/app/access/clients\"><input name=name value=evil><input name=scope value=comparisons:read><button>win</button></form>";
    browser.go(&other_site(form.replace("BASE", &base)));
    browser.follow("button");
    assert!(browser.text().contains("wasn't sent from a page of your session"), "{}", browser.text());
    assert_eq!(member.http.get("/v1/organisation/clients").expect(200).json(), before);
    // A link from another site doesn't carry the session: its reader signs in.
    browser.go(&other_site(format!("<!doctype html><title>elsewhere</title><a href=\"{base}/app\">go</a>")));
    browser.follow("a");
    assert!(browser.place().starts_with("/app/sign-in"), "{}", browser.place());

    // No script reads the cookie, so none can steal it.
    browser.go(&format!("{base}/app"));
    assert_eq!(browser.run("document.cookie"), "");
    let cookie = &browser.cookies()[0];
    assert!(cookie["httpOnly"] == true && cookie["sameSite"] == "Strict", "{cookie}");

    // A session that ends in the middle of a form: it comes back filled in, and nothing is saved until it is sent again.
    browser.go(&format!("{base}/app/gaps"));
    browser.follow("tbody tr th a");
    let technique = browser.place();
    browser.find("input[value=planned]").click();
    browser.find("input[name=month]").write("2099-02");
    browser.forget_cookies();
    browser.follow("#decision ~ form button.primary");
    assert!(browser.text().contains("your form comes back"), "{}", browser.text());
    assert!(member.http.get("/v1/gaps").expect(200).json()["items"].as_array().unwrap().is_empty());
    sign_in(&browser, &(member.credentials.id.clone(), member.credentials.secret.clone()));
    assert_eq!(browser.place(), technique);
    assert_eq!(browser.find("input[name=month]").value(), "2099-02");
    browser.follow("#decision ~ form button.primary");
    assert_eq!(member.http.get("/v1/gaps").expect(200).json()["items"][0]["month"], "2099-02");

    // A revoked client's session ends at once, in every window.
    let revoked = service.run(&["client", "revoke", &member.credentials.id]);
    assert!(revoked.status.success());
    browser.go(&format!("{base}/app"));
    assert!(browser.place().starts_with("/app/sign-in"), "{}", browser.place());
    assert!(browser.text().contains("Your session has ended"), "{}", browser.text());
}
