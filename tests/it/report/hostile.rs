//! Names that would break out of a format, and reports with nothing to compare.

use serde_json::{Value, json};

use super::{File, convert, file, items, layer, pdf_text, read, readers::program};
use crate::{
    api::sample::snapshot,
    support::{Store, client::Client, community::settle, people::Profile, server::Service},
};

const FORMS: [&str; 7] = ["json", "html", "pdf", "xlsx", "markdown", "svg", "navigator"];

/// Renames the organisation to what would break out of a format.
pub fn no_name_breaks_a_format(http: &Client) {
    let long = format!("Bank {}", "of Everything and More ".repeat(8)).trim().to_owned();
    for name in [
        "=HYPERLINK(\"https://evil.example\",\"a\") <script>alert(1)</script> & \"Söhne\"",
        "בנק הנמל Mutual",
        "+49|Pipe*Star_[x](y)`",
        &long[..long.len().min(200)],
    ] {
        http.patch("/v1/organisation", &json!({ "name": name })).expect(200);
        let page = read("html", &file(http, "format=html"));
        assert_eq!((&page["loads"], page["names"].get("script")), (&json!([]), None), "{name}");
        assert!(items(&page["text"]).contains(&json!(name)), "{name}: {}", page["text"]);
        let drawing = file(http, "format=svg");
        assert!(convert::is_drawn(&drawing));
        assert!(read("xml", &drawing)["names"].get("script").is_none());
        let book = read("openpyxl", &file(http, "format=xlsx"));
        let summary = &book["Summary"];
        assert_eq!((&summary["rows"][0][0], &summary["formulas"]), (&json!(name), &json!([])));
        let pdf = file(http, "format=pdf");
        let text = pdf_text(&pdf);
        let plain: String = text.split_whitespace().collect();
        let word = name.split(' ').rfind(|word| word.is_ascii() && word.len() > 3).unwrap();
        assert!(plain.contains(word), "{word}: {text}");
        assert!(convert::pages(&pdf).len() <= 5);
        let markdown = file(http, "format=markdown").text();
        assert!(!markdown.contains("<script") && !markdown.contains("[x](y)"), "{markdown}");
        let found: Value = serde_json::from_str(&file(http, "format=navigator").text()).unwrap();
        assert_eq!(layer::complaints(&found), [""; 0]);
    }
}

#[test]
fn a_report_with_nothing_to_compare_says_so() {
    let service = Service::start(Store::Sqlite);
    settle(&service, 160);
    let member = service.member(&Profile::named("Newcomer"));
    let check = |expected: &str, status: &str| {
        let report = member.http.get("/v1/report?format=json").expect(200).json();
        assert_eq!((&report["status"], report.get("content")), (&json!(status), None));
        let libraries = items(&report["libraries"]["libraries"]);
        assert!(libraries.len() >= 3 && libraries.iter().all(|library| library["commit"].is_string()));
        // Only a contribution can be set beside them.
        let has_own = status == "not_published";
        for library in libraries {
            let (within, covered) = (library["within_reach"].as_u64(), library["covered"].as_u64());
            assert!(within.is_some() == has_own && covered <= within, "{library}");
        }
        assert_eq!(items(&report["libraries"]["uncovered"]).is_empty(), !has_own);
        for form in FORMS {
            let bytes = member.http.get(&format!("/v1/report?format={form}")).expect(200).body;
            let found = File::of(bytes);
            let text = match form {
                "json" => continue,
                "pdf" => pdf_text(&found),
                "xlsx" => read("openpyxl", &found).to_string(),
                "svg" => items(&read("xml", &found)["texts"])
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join(" "),
                "html" => read("html", &found)["text"].to_string(),
                _ => found.text(),
            };
            let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flowing.contains(expected), "{form}: {text}");
            if matches!(form, "pdf" | "xlsx" | "html" | "markdown") {
                assert!(flowing.contains("Libraries, not peers"), "{form}: {text}");
                for library in libraries {
                    let name = library["name"].as_str().unwrap();
                    let said = format!("{name} of {}: ", library["date"].as_str().unwrap());
                    assert!(flowing.contains(&said), "{form}: {said} is not in {text}");
                }
            }
        }
    };
    check("you haven't contributed a recent snapshot", "nothing_contributed");
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    check("no release has been published", "not_published");
    let newcomer = service.newcomer(&Profile::named("Unknown"));
    newcomer.http.get("/v1/report").problem(403, "not-verified");
}

#[test]
fn few_peers_are_named_for_what_they_are() {
    let service = Service::start(Store::Sqlite);
    settle(&service, 40);
    let member = service.member(&Profile::named("Harbour Mutual"));
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let http = &member.http;
    let report = http.get("/v1/report?cohort=sector:finance").expect(200).json();
    let overall = &report["content"]["summary"]["overall"];
    assert_eq!(overall["peers"]["status"], "not_released", "{overall}");
    let pdf = file(http, "format=pdf&cohort=sector:finance");
    let text = pdf_text(&pdf).split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "Too few members of the finance sector contribute for its numbers to be published.";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("This is the first release."), "{text}");
    assert!(convert::pages(&pdf).len() <= 5);
    for form in FORMS {
        assert!(
            !http.get(&format!("/v1/report?cohort=sector:finance&format={form}")).expect(200).body.is_empty()
        );
    }
    let pictures = file(http, "format=svg&drawing=trend&cohort=sector:finance");
    assert!(read("xml", &pictures)["texts"].to_string().contains("no trend yet"));
    assert!(!program("pdfinfo", &[pdf.path()]).contains("Encrypted:       yes"));
}
