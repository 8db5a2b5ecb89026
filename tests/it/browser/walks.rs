//! The walks: a security lead who opens the page once a month, a detection engineer who works down a list, an administrator
//! and an operator; once with script and once without.

use serde_json::Value;

use super::{
    demo::Demo,
    driver::{Chromium, DESK, PHONE, Theme},
    numbers, speed, views,
};

/// WebDriver's codes of keys.
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";

#[test]
fn people_walk_through_the_page() {
    let demo = Demo::start();
    let browser = Chromium::start();
    browser.shape(DESK, Theme::Light);
    browser.go(&demo.link);
    assert_eq!(browser.place(), "/app", "the link signs in");
    the_lead(&demo, &browser);
    numbers::three_agree(&demo, &browser);
    the_engineer(&demo, &browser);
    the_matrix(&demo, &browser);
    data(&demo, &browser, true);
    the_administrator(&browser);
    quiet(&demo, &browser);

    views::every_view(&demo, &browser);
    quiet(&demo, &browser);
    speed::of_views(&demo, &browser);

    // Once more as somebody whose browser runs no script.
    browser.forget_cookies();
    browser.shape(DESK, Theme::Light);
    browser.scripts(false);
    browser.go(&demo.url("/app/gaps"));
    sign_in(&browser, &demo.member);
    assert_eq!(browser.place(), "/app/gaps", "it leads back to what was asked for");
    without_script(&demo, &browser);
    data(&demo, &browser, false);
    browser.scripts(true);
    quiet(&demo, &browser);

    browser.forget_cookies();
    browser.go(&demo.url("/app/sign-in"));
    sign_in(&browser, &demo.operator);
    the_operator(&browser);
    quiet(&demo, &browser);
}

/// Nothing is asked of another origin, and nothing is said to the console.
#[track_caller]
fn quiet(demo: &Demo, browser: &Chromium) {
    let asked = browser.requests();
    assert!(!asked.is_empty());
    // The browser's own parts, such as its first empty page, come from no network.
    let is_own =
        |url: &str| ["chrome:", "chrome-", "data:", "about:", "blob:"].iter().any(|own| url.starts_with(own));
    let strange = |url: &&String| !url.starts_with(&demo.base) && !is_own(url);
    let strange: Vec<&String> = asked.iter().filter(strange).collect();
    assert!(strange.is_empty(), "{strange:?}");
    // The browser itself notes the status of a refusal.
    let said = browser.console();
    let strange = |line: &&String| !line.contains("the server responded with a status of 4");
    let strange: Vec<&String> = said.iter().filter(strange).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

pub fn sign_in(browser: &Chromium, (id, secret): &(String, String)) {
    browser.find("#client_id").write(id);
    browser.find("#client_secret").write(secret);
    browser.follow("button.primary");
}

/// One sentence, one picture, three things to do, what has changed, and who can see it.
fn the_lead(demo: &Demo, browser: &Chromium) {
    let api = demo.api();
    let gaps = api.get("/v1/comparisons/gaps?cohort=sector:finance").expect(200).json();
    let trend = api.get("/v1/comparisons/trend?cohort=sector:finance").expect(200).json();
    let helped = verdict(trend["items"].as_array().unwrap());
    for (size, what) in [(DESK, "1440"), (PHONE, "390")] {
        browser.shape(size, Theme::Light);
        browser.go(&demo.url("/app"));
        let screen = browser.first_screen();
        // Above or below our sector.
        assert!(screen.contains("overall, and below the median in"), "{what}: {screen}");
        // Three techniques first, and why.
        for gap in gaps["items"].as_array().unwrap().iter().take(3) {
            let technique = gap["technique"].as_str().unwrap();
            assert!(screen.contains(technique), "{what} {technique}: {screen}");
            assert!(
                screen.contains(&format!("used by more threat groups than {}%", gap["threat"])),
                "{what}: {screen}"
            );
        }
        // Did the last quarter help; the grey row; who can see our data.
        for answer in [
            &format!("{helped} since release 1"),
            "grey rows aren’t released: too few peers",
            "only your organisation sees your values",
        ] {
            assert!(screen.contains(answer), "{what} {answer}: {screen}");
        }
        assert!(!screen.contains("Peer values are rounded"), "{what}: the foot of the page is further down");
    }
    browser.shape(DESK, Theme::Light);
    browser.go(&demo.url("/app"));
    browser.link("Trend").click();
    browser.settle();
    assert!(browser.place().starts_with("/app/trend"), "{}", browser.place());
    assert!(browser.text().contains("over 2 releases"), "{}", browser.text());
    browser.link("What others can learn about you").click();
    browser.settle();
    assert!(browser.text().contains("Nobody learns another member’s gaps."));
    browser.link("Back to the overview").click();
    browser.settle();
    assert_eq!(browser.place(), "/app");
}

/// The page's verdict on the way from the first of some releases to the last.
fn verdict(points: &[Value]) -> &'static str {
    let (first, last) = (&points[0], &points[points.len() - 1]);
    let moved = |side: &str, value: &str| {
        let value = |point: &Value| point[side][value].as_i64().unwrap();
        value(last) - value(first)
    };
    let (own, peers) = (moved("own", "share"), moved("peers", "p50"));
    // The demo's member has more rules in the second release.
    assert!(own > 0, "{points:?}");
    if own > peers { "It helped: you gained on your peers" } else { "You improved, and so did your peers" }
}

/// The list of gaps, a filter, a technique, a decision, and what if.
fn the_engineer(demo: &Demo, browser: &Chromium) {
    browser.go(&demo.url("/app"));
    browser.link("Gaps").click();
    browser.settle();
    // A filter applies as it is chosen.
    browser.find("select[name=status] option[value=open]").click();
    browser.find("select[name=status] option[value=open]:checked");
    browser.settle();
    assert!(browser.place().contains("status=open"), "{}", browser.place());
    browser.follow("tbody tr th a");
    let technique = browser.place();
    assert!(technique.starts_with("/app/techniques/"), "{technique}");
    browser.find("input[value=planned]").click();
    browser.find("input[name=month]").write("2099-01");
    browser.follow("#decision ~ form button.primary");
    assert!(browser.text().contains("Planned 2099-01"), "{}", browser.text());
    browser.follow("form.inline button");
    assert_eq!(browser.place(), "/app/what-if#effect");
    let text = browser.text();
    assert!(text.contains("You would"), "{text}");
    assert!(browser.find("input[name=pick]:checked").is_shown());
    // The fewest changes to the median, then all of them picked.
    browser.follow("form[method=get] button");
    let reaching: Vec<String> = browser
        .run("[...document.querySelectorAll('tbody tr')].filter(row => row.innerText.includes('reaches')).map(row => row.querySelector('input')?.id).filter(Boolean)")
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect();
    assert!(!reaching.is_empty(), "{}", browser.text());
    for id in &reaching {
        if browser.count(&format!("#{}:not(:checked)", id.replace('.', "\\."))) > 0 {
            browser.find(&format!("#{}", id.replace('.', "\\."))).click();
        }
    }
    browser.follow(".pages button");
    let text = browser.text();
    assert!(text.contains("You would cover"), "{text}");
    assert!(!browser.place().contains("pick"), "picks are in no address: {}", browser.place());
}

/// Search, colours, gaps, numbers, and the keyboard.
fn the_matrix(demo: &Demo, browser: &Chromium) {
    browser.go(&demo.url("/app/matrix"));
    let cells = browser.count(".cell:not(.sample)");
    assert!(cells > 700, "{cells} cells");
    let slowest = speed::of_the_filter(browser);
    speed::say(&format!("the matrix of {cells} cells filters in {slowest:.1} ms"));
    browser.find("#search").write("T1059");
    assert!(browser.find("#found").is_shown());
    let shown = browser.run("[...document.querySelectorAll('.matrix a.cell')].filter(cell => cell.checkVisibility()).map(cell => cell.innerText).join('|')");
    let shown = shown.as_str().unwrap();
    assert!(!shown.is_empty() && shown.split('|').all(|cell| cell.contains("T1059")), "{shown}");
    assert!(!browser.place().contains("1059"), "search words are in no address");
    browser.find("input[name=numbers]").click();
    assert!(browser.text().contains("median"), "{}", browser.text());
    browser.find("select[name=colour] option[value=difference]").click();
    browser.find("[data-colour=difference]");
    assert!(browser.place().contains("colour=difference") && browser.place().contains("numbers=yes"));
    // The address alone shows the same.
    browser.go(&demo.url(&browser.place()));
    browser.find(".with-numbers[data-colour=difference]");
    browser.run("document.querySelector('.matrix a.cell').focus()");
    let first = browser.run("document.activeElement.textContent");
    browser.press(DOWN);
    assert_ne!(browser.run("document.activeElement.textContent"), first);
    browser.press(TAB);
    assert_eq!(
        browser.run("document.activeElement.closest('.tactic') === document.querySelectorAll('.tactic')[1]"),
        true
    );
    browser.run(
        "[...document.querySelectorAll('.matrix a.cell')].filter(cell => cell.checkVisibility())[20].focus()",
    );
    browser.press(ENTER);
    browser.find("#stand");
    assert!(browser.place().starts_with("/app/techniques/"), "{}", browser.place());
}

/// The way of a snapshot: files that are none, the check, the upload, the difference and the withdrawal.
fn data(demo: &Demo, browser: &Chromium, script: bool) {
    let choose = |file: &std::path::Path| {
        browser.go(&demo.url("/app/data"));
        browser.find("#file").write(file.to_str().unwrap());
        browser.follow("form.drop button");
    };
    let before = demo.api().get("/v1/snapshots").expect(200).json()["items"].as_array().unwrap().len();
    choose(&demo.file("broken.json", b"{\"schema\": \"coverage"));
    assert!(browser.text().contains("a valid snapshot"), "{}", browser.text());
    choose(&demo.file("other.json", b"{\"name\": \"<script>alert(1)</script>\"}"));
    assert!(browser.text().contains("a valid snapshot"), "{}", browser.text());
    choose(&demo.file("large.json", &vec![b' '; 50_000_000]));
    assert!(browser.text().contains("larger than the limit"), "{}", browser.text());
    browser.link("Back to the form").click();
    browser.settle();
    assert_eq!(browser.place(), "/app/data");
    if script {
        drops(browser);
    }
    let file = demo.snapshot();
    choose(&file);
    let text = browser.text();
    assert!(text.contains("Nothing is stored yet"), "{text}");
    let shown = browser.run("document.querySelector('pre.bytes').textContent");
    assert_eq!(shown.as_str().unwrap(), std::fs::read_to_string(&file).unwrap(), "every byte of it");
    let stored = demo.api().get("/v1/snapshots").expect(200).json()["items"].as_array().unwrap().len();
    assert_eq!(stored, before, "nothing is kept until somebody says so");
    if browser.count("input[name=replace]") > 0 {
        browser.find("input[name=replace]").click();
    }
    browser.follow("form[action='/app/data'] button.primary");
    assert!(browser.text().contains("It’s stored."), "{}", browser.text());
    browser.go(&demo.url("/app/data"));
    browser.follow("tbody td:last-child a");
    assert!(browser.text().contains("unchanged:"), "{}", browser.text());
    browser.go(&demo.url("/app/data"));
    browser.follow("tbody th a");
    browser.find("input[name=sure]").click();
    browser.follow("form[action$='/withdraw'] button");
    assert_eq!(browser.place(), "/app/data");
    let stored = demo.api().get("/v1/snapshots").expect(200).json()["items"].as_array().unwrap().len();
    assert_eq!(stored, before);
    // A path of one's own, of which nothing is kept.
    browser.go(&demo.url("/app/paths"));
    let layer = br#"{"name": "<b>Layer</b>", "versions": {"attack": "19", "layer": "4.5"}, "domain": "enterprise-attack", "techniques": [{"techniqueID": "T1059", "score": 1}]}"#;
    browser.find("#file").write(demo.file("layer.json", layer).to_str().unwrap());
    browser.follow("form.drop button");
    assert!(browser.text().contains("1 of 1 step."), "{}", browser.text());
}

/// Two files are dropped, then one.
fn drops(browser: &Chromium) {
    let drop = |names: &[&str]| {
        let files: Vec<String> = names.iter().map(|name| format!("new File(['{{}}'], '{name}')")).collect();
        browser.run(&format!(
            "(() => {{ const data = new DataTransfer(); for (const file of [{}]) data.items.add(file); \
             document.querySelector('form.drop').dispatchEvent(new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }})); }})()",
            files.join(", ")
        ));
    };
    drop(&["a.json", "b.json"]);
    assert!(browser.text().contains("2 files were dropped, and none was taken"), "{}", browser.text());
    drop(&["a.json"]);
    assert!(browser.text().contains("a.json, 2 bytes"), "{}", browser.text());
}

/// A client is made, its secret is shown once, and it is revoked.
fn the_administrator(browser: &Chromium) {
    browser.find(".menu.account summary").click();
    browser.link("Clients and audit").click();
    browser.settle();
    browser.find("#name").write("<script>alert('client')</script>");
    browser.find("input[value='comparisons:read']").click();
    browser.follow("form[action='/app/access/clients'] button.primary");
    let text = browser.text();
    assert!(text.contains("pbs_") && text.contains("<script>alert('client')</script>"), "{text}");
    browser.follow("tbody form button");
    let text = browser.text();
    assert!(!text.contains("pbs_") && text.contains("revoked 20"), "{text}");
    assert!(text.contains("client revoked"), "the log says it: {text}");
}

/// Every form and link works by itself.
fn without_script(demo: &Demo, browser: &Chromium) {
    browser.find("select[name=sort] option[value=threat]").click();
    browser.follow("form.filters button");
    assert!(browser.place().contains("sort=threat"), "{}", browser.place());
    browser.follow("tbody tr th a");
    let technique = browser.place();
    browser.find("input[value=accepted]").click();
    browser.find("input[name=until]").write("2099-06");
    browser.find("select[name=reason] option[value=cost]").click();
    browser.follow("#decision ~ form button.primary");
    assert!(browser.place().starts_with(technique.split('?').next().unwrap()), "{}", browser.place());
    assert!(browser.text().contains("Accepted until 2099-06"), "{}", browser.text());
    browser.go(&demo.url("/app/matrix"));
    browser.find("input[name=gaps]").click();
    browser.follow("form.filters button");
    browser.find(".matrix.only-gaps");
    assert!(
        browser.count("#search") == 1 && !browser.find("#search").is_shown(),
        "what needs script isn't shown"
    );
    browser.go(&demo.url("/app/what-if"));
    browser.find("input[name=pick]").click();
    browser.follow(".pages button");
    assert!(browser.text().contains("You would"), "{}", browser.text());
    browser.go(&demo.url("/app/paths?group=APT29"));
    assert!(browser.text().contains("Weakest"), "{}", browser.text());
    // An earlier release beside today's own numbers says so.
    browser.go(&demo.url("/app?release=1"));
    assert!(browser.text().contains("Your own are today’s"), "{}", browser.text());
    browser.link("Show the latest release").click();
    browser.settle();
    assert_eq!(browser.place(), "/app");
}

fn the_operator(browser: &Chromium) {
    assert_eq!(browser.place(), "/app/community");
    let text = browser.text();
    assert!(text.contains("cohorts have enough members for release 3"), "{text}");
    assert!(text.contains("Members in the order of joining") && text.contains("Releases, the latest first"));
    for (size, what) in [(DESK, "1440"), (PHONE, "390")] {
        for theme in [Theme::Light, Theme::Dark] {
            browser.shape(size, theme);
            browser.go(&browser.url());
            assert_eq!(browser.barriers(), Vec::<String>::new());
            browser.picture(&format!("community-{}-{what}", theme.name()), true);
        }
    }
}
