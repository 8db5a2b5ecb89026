//! Representations: negotiated compression, one strong ETag per coding, HEAD, headers, and documentation that loads
//! nothing from elsewhere.

use crate::support::{Store, people::Profile, server::Service};

#[test]
fn a_body_is_sent_once_per_coding() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous();
    let path = "/v1/technologies?limit=1000";
    let plain = http.get(path).expect(200);
    assert_eq!(plain.header("content-encoding"), None);
    let mut tags = vec![plain.header("etag").unwrap().to_owned()];
    for coding in ["gzip", "zstd"] {
        let packed = http.request("GET", path).header("accept-encoding", coding).send().expect(200);
        assert!(packed.header("etag").unwrap().ends_with(&format!("-{coding}\"")));
        assert!(packed.header("vary").unwrap().to_ascii_lowercase().contains("accept-encoding"));
        tags.push(packed.header("etag").unwrap().to_owned());
        if coding == "zstd" {
            assert_eq!(packed.header("content-encoding"), Some(coding));
            assert!(packed.body.len() < plain.body.len() / 2);
            assert_eq!(zstd::decode_all(packed.body.as_slice()).unwrap(), plain.body);
        } else {
            assert_eq!(packed.body, plain.body, "the test's client unpacked it and took the header away");
        }
    }
    assert!(tags.iter().all(|tag| tag.starts_with('"') && tag.ends_with('"')), "strong: {tags:?}");
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
    for tag in &tags {
        let known = http.request("GET", path).header("accept-encoding", "gzip").header("if-none-match", tag);
        let known = known.send().expect(304);
        assert_eq!(known.header("etag"), Some(tag.as_str()));
        assert!(known.body.is_empty());
    }
    http.request("GET", path).header("if-none-match", "\"other\"").send().expect(200);
    http.request("GET", path).header("accept-encoding", "identity;q=0").send().problem(406, "not-acceptable");
}

/// Answers for everyone are made and coded once, and no other coding is put on what can't have it.
#[test]
fn an_answer_for_everyone_is_kept() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous();
    for path in [
        "/docs/",
        "/docs/swagger-ui-bundle.js",
        "/openapi.json",
        "/v1/attack/versions",
        "/v1/attack/19.2/catalogue",
        "/v1/attack/18.1/catalogue",
    ] {
        let read = |accepted: &str| http.request("GET", path).header("accept-encoding", accepted).send();
        let plain = http.get(path).expect(200);
        let tag = plain.header("etag").unwrap().to_owned();
        assert!(plain.header("content-encoding").is_none(), "{path}");
        let packed = read("gzip, zstd").expect(200);
        assert_eq!(packed.body, plain.body, "{path}");
        assert_eq!(packed.header("etag").unwrap(), format!("{}-gzip\"", tag.trim_end_matches('"')), "{path}");
        let other = read("zstd").expect(200);
        assert_eq!(other.body, plain.body, "{path}");
        assert!(other.header("content-encoding").is_none() && other.header("etag") == Some(&tag), "{path}");
        for answer in [&plain, &packed, &other] {
            assert_eq!(answer.header("cache-control"), Some("public, max-age=300"), "{path}");
        }
        let known = http.request("GET", path).header("if-none-match", &tag).send().expect(304);
        assert!(known.body.is_empty(), "{path}");
    }
    http.get("/v1/attack/1.0/catalogue").problem(404, "not-found");
    http.get("/v1/attack/catalogue%2019.2/catalogue").problem(404, "not-found");
}

/// A shared cache must not give one caller's coding to another, whatever is answered.
#[test]
fn every_answer_says_that_it_varies() {
    let service = Service::start(Store::Sqlite);
    let (http, member) = (service.anonymous(), service.member(&Profile::named("Acme")));
    let answers = [
        http.get("/"),
        http.get("/docs/"),
        http.get("/docs"),
        http.get("/openapi.json"),
        http.get("/v1/scales"),
        http.request("GET", "/v1/scales").header("if-none-match", "*").send(),
        http.request("HEAD", "/v1/scales").send(),
        http.get("/nowhere"),
        http.delete("/v1/scales"),
        http.get("/v1/snapshots"),
        http.post_form("/oauth/token", &[("nonsense", "1")]),
        member.http.get("/v1/snapshots"),
        member.http.get("/v1/comparisons/summary"),
        member.http.patch("/v1/organisation", &serde_json::json!({"name": "A"})),
        member.http.post("/v1/snapshots", &super::sample::snapshot()),
    ];
    for answer in answers {
        let vary = answer.headers.get_all("vary").iter();
        let named = vary.filter(|value| value.to_str().unwrap().eq_ignore_ascii_case("accept-encoding"));
        assert_eq!(named.count(), 1, "{}: {:?}", answer.text(), answer.headers);
    }
}

#[test]
fn head_is_get_without_the_body() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous();
    let (get, head) = (http.get("/v1/scales"), http.request("HEAD", "/v1/scales").send().expect(200));
    assert!(head.body.is_empty());
    for header in ["etag", "content-type", "content-length"] {
        assert_eq!(head.header(header), get.header(header), "{header}");
    }
    assert_eq!(http.request("HEAD", "/nowhere").send().status, 404);
}

#[test]
fn nothing_can_be_made_of_an_answer_but_what_it_is() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous();
    for path in ["/v1/scales", "/nowhere", "/docs/", "/openapi.json"] {
        let answer = http.get(path);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'") || policy.starts_with("default-src 'self'"),
            "{policy}"
        );
    }
}

#[test]
fn the_documentation_loads_nothing_from_elsewhere() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous();
    let api = http.get("/openapi.json").expect(200).json();
    assert_eq!(api["openapi"], "3.1.0");
    assert_eq!(http.get("/docs").expect(307).header("location"), Some("/docs/"));
    let page = http.get("/docs/").expect(200).text();
    let loads = page.split(['"', '\'']).filter(|part| part.contains("://") || part.starts_with("//"));
    assert_eq!(loads.collect::<Vec<_>>(), [""; 0], "{page}");
    let start = http.get("/docs/swagger-initializer.js").expect(200).text();
    assert!(start.contains("\"/openapi.json\"") && start.contains("\"validatorUrl\": \"none\""), "{start}");
}

#[test]
fn a_read_that_no_acceptable_form_answers_is_refused() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous();
    let api = http.get("/openapi.json").expect(200).json();
    let mut reads = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        if item.get("get").is_none() {
            continue;
        }
        let path = path.replace(['{', '}'], "");
        for method in ["GET", "HEAD"] {
            let answer = http.request(method, &path).header("accept", "image/png").send().expect(406);
            assert!(answer.header("x-request-id").is_some(), "{path}");
        }
        let refused = http.request("GET", &path).header("accept", "image/png, text/plain;q=0.5").send();
        assert!(refused.problem(406, "not-acceptable")["detail"].as_str().unwrap().contains('/'), "{path}");
        for accept in ["*/*", "application/*;q=0.1", "application/json", "text/plain, */*;q=0.1"] {
            let answer = http.request("GET", &path).header("accept", accept).send();
            assert_ne!(answer.status, 406, "{path} {accept}");
        }
        reads += 1;
    }
    assert!(reads > 30, "{reads}");
    // A write is done and answered, whatever its caller would rather read.
    http.request("POST", "/oauth/token").header("accept", "image/png").send().expect(400);
    // The query wins over the header.
    for (path, status) in [("/v1/comparisons/cells?format=csv", 401), ("/v1/scales?format=csv", 406)] {
        http.request("GET", path).header("accept", "image/png").send().expect(status);
    }
}

#[test]
fn the_root_says_where_to_start() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous();
    let index = http.get("/").expect(200);
    assert_eq!(index.header("content-type"), Some("application/json"));
    let links = index.json()["links"].as_object().unwrap().clone();
    let page = http.request("GET", "/").header("accept", "text/html,*/*;q=0.8").send().expect(200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    for answer in [&index, &page] {
        let vary = answer.headers.get_all("vary").iter().any(|value| value == "accept");
        assert!(vary && answer.header("etag").is_some());
    }
    assert_ne!(index.header("etag"), page.header("etag"));
    let listed: Vec<&str> = links.values().map(|link| link.as_str().unwrap()).collect();
    assert_eq!(listed, ["/docs/", "/health/ready", "/openapi.json", "/app", "/v1/privacy"]);
    for link in listed {
        http.clone().undocumented().get(link).expect(if link == "/app" { 303 } else { 200 });
        assert!(page.text().contains(&format!("href=\"{link}\"")), "{}", page.text());
    }
}
