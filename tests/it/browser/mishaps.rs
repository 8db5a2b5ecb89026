//! What comes between two clicks: the service stops answering, a release is published, and another window of the same person
//! does something.

use std::time::Duration;

use peerbench::{
    app::{App, publish_release::publish_release_anyway},
    domain::access::ClientId,
};

use super::{
    driver::{Chromium, DESK, Theme},
    safety::enter,
    walks::sign_in,
};
use crate::{
    api::sample::snapshot,
    support::{
        Store,
        community::settle,
        people::{Member, Profile},
        postgres,
        proxy::Proxy,
        server::Service,
    },
};

fn browser() -> Chromium {
    let browser = Chromium::start();
    browser.shape(DESK, Theme::Light);
    browser
}

/// A member of a community whose first release is published.
fn member_of(service: &Service) -> Member {
    settle(service, 80);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named("Acme"));
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    member
}

#[test]
fn a_service_that_cannot_answer_says_so_and_keeps_nothing() {
    let database = postgres::Database::create();
    let url = database.url();
    let (before, host_and_rest) = url.rsplit_once('@').unwrap();
    let (host, rest) = host_and_rest.split_once('/').unwrap();
    let proxy = Proxy::before(host);
    let proxied = format!("{before}@127.0.0.1:{}/{rest}", proxy.port());
    let settings = [
        ("PEERBENCH_DATABASE_URL", proxied.as_str()),
        ("PEERBENCH_DATABASE_WAIT_SECONDS", "1"),
        ("PEERBENCH_HTTP_REQUEST_SECONDS", "3"),
    ];
    let service = Service::start_with(Store::Sqlite, &settings);
    let member = service.member(&Profile::named("Acme"));
    let stored = member.http.post("/v1/snapshots", &snapshot()).expect(201).json();
    let id = stored["snapshot"]["id"].as_str().unwrap().to_owned();
    let browser = browser();
    browser.go(&format!("{}/app/sign-in?back=/app/data", service.base()));
    sign_in(&browser, &(member.credentials.id.clone(), member.credentials.secret.clone()));
    assert_eq!(browser.place(), "/app/data", "{}", browser.text());
    browser.follow("tbody th a");
    browser.find("input[name=sure]").click();
    proxy.go_away();
    browser.follow("form[action$='/withdraw'] button");
    let text = browser.text();
    assert!(text.contains("The service can’t answer now") && text.contains("Nothing was changed"), "{text}");
    browser.link("Back to the form").click();
    browser.settle();
    assert!(browser.text().contains("Nothing was changed"), "{}", browser.text());
    let status = browser.run("performance.getEntriesByType('navigation')[0].responseStatus");
    assert_eq!(status, 503);
    proxy.come_back();
    assert!((0..60).any(|_| {
        std::thread::sleep(Duration::from_millis(500));
        service.anonymous().get("/health/ready").status == 200
            && member.http.get("/v1/organisation").status == 200
    }));
    browser.link("Try again").click();
    browser.settle();
    assert!(browser.text().contains("Your snapshots"), "{}", browser.text());
    member.http.get(&format!("/v1/snapshots/{id}")).expect(200);
}

#[test]
fn a_release_between_two_clicks_leads_on() {
    let service = Service::start(Store::Sqlite);
    let member = member_of(&service);
    let browser = browser();
    enter(&browser, &service, &member);
    let base = service.base();
    // The first page of a list, a technique with a form, and picked changes, all of release 1.
    browser.go(&format!("{base}/app/what-if?cohort=all"));
    browser.find("input[name=pick]").click();
    browser.follow(".pages button");
    browser.go(&format!("{base}/app/gaps?cohort=all"));
    let (list, form) = browser.second_window();
    browser.look_at(&form);
    browser.go(&format!("{base}/app/gaps?cohort=all"));
    browser.follow("tbody tr th a");
    let technique = browser.place();
    browser.find("input[value=planned]").click();
    browser.find("input[name=month]").write("2099-04");

    publish_release_anyway(&App::new(service.parts()).unwrap(), &ClientId::new("test")).unwrap();

    // The form is saved, and its page has the new release.
    browser.follow("#decision ~ form button.primary");
    assert_eq!(browser.place(), format!("{technique}#decision"));
    let text = browser.text();
    assert!(text.contains("Planned 2099-04") && text.contains("Release 2 ·"), "{text}");
    browser.go(&format!("{base}/app/what-if?cohort=all"));
    assert!(browser.text().contains("You would"), "the picks are still there: {}", browser.text());
    // The list's next page belongs to a list that is no more.
    browser.look_at(&list);
    browser.follow(".pages a.button");
    let text = browser.text();
    assert!(text.contains("the list has changed since you opened it"), "{text}");
    browser.link("Back to the first page").click();
    browser.settle();
    assert_eq!(browser.place(), "/app/gaps?cohort=all");
    assert!(browser.text().contains("Release 2 ·"), "{}", browser.text());
}

#[test]
fn two_windows_do_not_undo_each_other() {
    let service = Service::start(Store::Sqlite);
    let member = member_of(&service);
    let browser = browser();
    enter(&browser, &service, &member);
    let base = service.base();
    browser.go(&format!("{base}/app/gaps"));
    browser.follow("tbody tr th a");
    let technique = browser.place();
    let (one, other) = browser.second_window();
    browser.look_at(&other);
    browser.go(&format!("{base}{technique}"));
    browser.find("input[value=planned]").click();
    browser.find("input[name=month]").write("2099-05");
    // Changes that one window picks come on top of those of the other.
    browser.look_at(&one);
    browser.follow("form.inline button");
    assert_eq!(browser.count("input[name=pick]:checked"), 1);
    // One window signs out. What the other sends then isn't lost, and isn't saved by itself.
    browser.find(".menu.account summary").click();
    browser.follow(".menu.account form button");
    assert!(browser.place().starts_with("/app/sign-in"), "{}", browser.place());
    browser.look_at(&other);
    browser.follow("#decision ~ form button.primary");
    assert!(browser.text().contains("your form comes back"), "{}", browser.text());
    assert_eq!(member.http.get("/v1/gaps").expect(200).json()["items"].as_array().unwrap().len(), 0);
    sign_in(&browser, &(member.credentials.id.clone(), member.credentials.secret.clone()));
    assert_eq!(browser.find("input[name=month]").value(), "2099-05");
    browser.follow("#decision ~ form button.primary");
    assert!(browser.text().contains("Planned 2099-05"), "{}", browser.text());
    // The first window's page of the old session is no way around: its form is refused, and says how to go on.
    browser.look_at(&one);
    browser.go(&format!("{base}{technique}"));
    assert!(browser.text().contains("Planned 2099-05"), "{}", browser.text());
}
